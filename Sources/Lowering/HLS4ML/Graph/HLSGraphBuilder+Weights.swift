import Configuration
import Diagnostics
import Model

extension HLSGraphBuilder {
  /// The weights of a fully connected layer.
  mutating func setWeights(_ made: inout HLSLayer, _ dense: Dense, _ layer: Layer) throws(Failure) {
    let (weights, kernelQuantizer) = try quantized(dense.kernel, dense.kernelQuantizer, isKernel: true, layer)
    var (bias, biasQuantizer) = try quantized(dense.bias, dense.biasQuantizer, isKernel: false, layer)
    // hls4ml applies its own quantizers of these classes to the bias too.
    switch kernelQuantizer?.kind {
    case .binary, .ternary: biasQuantizer = kernelQuantizer
    default: break
    }
    try setWeights(
      &made, kernel: weights ?? dense.kernel, bias: bias, kernelQuantizer, biasQuantizer,
      dense.foldedNormalization, channels: dense.kernel.shape.last ?? 1)
  }

  /// The weights of a convolution, and its geometry.
  mutating func setConvolution(_ made: inout HLSLayer, _ convolution: Convolution, _ layer: Layer)
    throws(Failure)
  {
    let source = model.inputShapes(of: layer).first ?? []
    made.kind = .convolution(geometry(convolution, input: source, output: layer.outputShape))
    let isStandard: Bool
    if case .standard = convolution.kind { isStandard = true } else { isStandard = false }
    let (kernel, kernelQuantizer) = try quantized(
      convolution.kernel, convolution.kernelQuantizer, isKernel: isStandard, layer)
    let (bias, biasQuantizer) = try quantized(
      convolution.bias, convolution.biasQuantizer, isKernel: false, layer)
    try setWeights(
      &made, kernel: kernel ?? convolution.kernel, bias: bias, kernelQuantizer, biasQuantizer,
      convolution.foldedNormalization, channels: layer.outputShape.last ?? 1)
  }

  /// Weights as hls4ml's converters hand them on, and the quantizer it applies itself: QKeras's. Those of HGQ2 are quantized
  /// before, and their types follow from their numbers.
  mutating func quantized(
    _ weights: Weights?, _ quantizer: Quantizer?, isKernel: Bool, _ layer: Layer
  ) throws(Failure) -> (Weights?, HLSQuantizer?) {
    switch quantizer {
    case nil: return (weights, nil)
    case .qkeras(let quantizer): return (weights, HLSQuantizer(quantizer, isKernel: isKernel))
    case .fixed(let fixed):
      return (try weights.map { (all) throws(Failure) in try fixed.quantization(of: all).values }, nil)
    case .uniform:
      refuse(layer, "weights with \(quantizer?.title ?? "") are not supported by the hls4ml policy")
      return (weights, nil)
    }
  }

  private func setWeights(
    _ made: inout HLSLayer, kernel: Weights, bias: Weights?, _ kernelQuantizer: HLSQuantizer?,
    _ biasQuantizer: HLSQuantizer?, _ folded: BatchNormalization?, channels: Int
  ) throws(Failure) {
    var kernel = HLSArray(kernel)
    var bias = bias.map { HLSArray($0) }
    if let folded {
      (kernel, bias) = fold(folded, into: kernel, bias)
    }
    made.weights[.weight] = try HLSWeight(kernel, quantizer: kernelQuantizer)
    if let bias {
      made.weights[.bias] = try HLSWeight(bias, quantizer: biasQuantizer)
    } else {
      // A layer without a bias has one of zeros, in one bit, which counts in the inference of types.
      var absent = try HLSWeight(.filled([channels], 0))
      absent.isAbsent = true
      made.weights[.bias] = absent
      made.types[.bias] = .integer(1, signed: false)
    }
  }

  /// Kernel and bias with a batch normalization folded in (layers.py, Conv2DBatchnorm).
  private func fold(
    _ normalization: BatchNormalization, into kernel: HLSArray, _ bias: HLSArray?
  ) -> (HLSArray, HLSArray) {
    var inverse = deviation(normalization).map { 1 / $0 }
    if let gamma = normalization.gamma { inverse = inverse * HLSArray(gamma) }
    let mean = HLSArray(normalization.mean)
    var folded = inverse * ((bias ?? .filled([1], 0, isDouble: false)) - mean)
    if let beta = normalization.beta { folded = folded + HLSArray(beta) }
    return (inverse * kernel, folded)
  }

  /// Scale and bias of a batch normalization: gamma / √(variance + epsilon), beta − scale · mean.
  mutating func setNormalization(
    _ made: inout HLSLayer, _ normalization: BatchNormalization, _ layer: Layer
  ) throws(Failure) {
    if normalization.axis != layer.outputShape.count - 1 {
      // Cleaning makes ONNX's channels the last axis.
      if model.framework == .keras {
        warn(layer, "hls4ml normalizes along the last axis only; axis \(normalization.axis + 1) is used here")
      }
      made.kind = .batchNormalization(isAlpha: false, axis: normalization.axis)
    }
    if normalization.quantizers[.scale] != nil || normalization.quantizers[.offset] != nil {
      // HGQ2's: the two numbers per channel are quantized before hls4ml has them.
      let factors = try normalization.frameworkFactors()
      let channels = [factors.scale.count]
      made.weights[.scale] = try HLSWeight(HLSArray(Weights(shape: channels, values: factors.scale)))
      made.weights[.bias] = try HLSWeight(HLSArray(Weights(shape: channels, values: factors.shift)))
      return
    }
    let deviation = deviation(normalization)
    let ones = HLSArray.filled(deviation.shape, 1, isDouble: false)
    let scale = (normalization.gamma.map { HLSArray($0) } ?? ones) / deviation
    let zeros = HLSArray.filled(deviation.shape, 0, isDouble: false)
    let bias = (normalization.beta.map { HLSArray($0) } ?? zeros) - scale * HLSArray(normalization.mean)
    made.weights[.scale] = try HLSWeight(scale)
    made.weights[.bias] = try HLSWeight(bias)
  }

  /// A batch normalization and a sign in one, as a project that hls4ml wrote has them.
  func setThresholds(_ made: inout HLSLayer, _ thresholds: [[Double]]) throws(Failure) {
    made.kind = .thresholds(levels: thresholds.count + 1)
    let roles = thresholds.count == 1 ? [HLSRole.threshold] : [.thresholdHigh, .thresholdLow]
    for (role, values) in zip(roles, thresholds) {
      made.weights[role] = try HLSWeight(HLSArray(shape: [values.count], values, isDouble: true))
      made.types[role] = HLSPrecision(
        graph.configuration.layerNames[made.name]?.precision[HLSRole.threshold.rawValue])
    }
  }

  /// √(variance + epsilon). A Python number beside a float32 array takes part as a float32.
  private func deviation(_ normalization: BatchNormalization) -> HLSArray {
    let variance = HLSArray(normalization.variance)
    let epsilon = variance.isDouble ? normalization.epsilon : Double(Float(normalization.epsilon))
    return variance.map { $0 + epsilon }.map { $0.squareRoot() }
  }

  /// hls4ml's geometry of a convolution (converters/utils.py), which leaves dilation and groups out: they are
  /// honoured here.
  func geometry(_ convolution: Convolution, input: [Int], output: [Int]) -> HLSConvolution {
    let rank = convolution.strides.count
    let kernel = Array(convolution.kernel.shape.prefix(rank))
    let kind: HLSConvolution.Kind =
      switch convolution.kind {
      case .standard(let groups): .standard(groups: groups)
      case .depthwise: .depthwise
      case .transposed: .transposed
      }
    let padding = (0..<rank).map { axis -> Span in
      let span = (kernel[axis] - 1) * convolution.dilation[axis] + 1
      let stride = convolution.strides[axis]
      let isTransposed = kind == .transposed
      let (small, large) = isTransposed ? (input[axis], output[axis]) : (output[axis], input[axis])
      switch convolution.padding {
      case .valid: return Span(before: 0, after: 0)
      case .causal: return Span(before: span - 1, after: 0)
      case .same:
        let total = max((small - 1) * stride + span - large, 0)
        return Span(before: total / 2, after: total - total / 2)
      }
    }
    return HLSConvolution(
      kind: kind, kernel: kernel, strides: convolution.strides, dilation: convolution.dilation,
      padding: padding, isFolded: convolution.foldedNormalization != nil)
  }

  /// A separable convolution is split into a depthwise and a pointwise one (seperable_to_dw_conv.py): the
  /// depthwise one is added, the pointwise one returned.
  mutating func separable(
    _ layer: Layer, _ depthwise: Convolution, _ pointwise: Convolution, _ inputs: [String]
  ) throws(Failure) -> HLSLayer {
    let rank = depthwise.strides.count
    let className = "SeparableConv\(rank)D"
    let settings = graph.configuration.settings(layer: layer.name, className: className)
    let (depthwiseName, pointwiseName) = ("\(layer.name)_depthwise", "\(layer.name)_pointwise")
    if settings != LayerSettings() {
      graph.configuration.setLayer(depthwiseName, settings.part("depthwise", without: "pointwise"))
      graph.configuration.setLayer(pointwiseName, settings.part("pointwise", without: "depthwise"))
    }
    graph.names.insert(layer.name)
    let channels = depthwise.kernel.shape.suffix(2).reduce(1, *)
    var part = layer
    part.outputShape = Array(layer.outputShape.dropLast()) + [channels]
    var first = HLSLayer(
      depthwiseName, .reshape, inputs: inputs, shape: part.outputShape, origin: layer.origin)
    try setConvolution(&first, depthwise, part)
    first.value = model.layers.firstIndex { $0.name == layer.name }.map { ModelValue($0, .depthwise) }
    append(first)
    var second = HLSLayer(
      pointwiseName, .reshape, inputs: [depthwiseName], shape: layer.outputShape, origin: layer.origin)
    second.kind = .convolution(geometry(pointwise, input: part.outputShape, output: layer.outputShape))
    let (kernel, kernelQuantizer) = try quantized(
      pointwise.kernel, pointwise.kernelQuantizer, isKernel: false, layer)
    let (bias, biasQuantizer) = try quantized(pointwise.bias, pointwise.biasQuantizer, isKernel: false, layer)
    try setWeights(
      &second, kernel: kernel ?? pointwise.kernel, bias: bias, kernelQuantizer, biasQuantizer, nil,
      channels: layer.outputShape.last ?? 1)
    return second
  }
}

extension LayerSettings {
  /// The settings of one half of a separable convolution: `<part>`, `<part>_accum` and `<part>_result` are its
  /// weight, accum and result.
  fileprivate func part(_ part: String, without other: String) -> LayerSettings {
    var result = self
    for (old, new) in [("", "weight"), ("_accum", "accum"), ("_result", "result")] {
      if let precision = result.precision.removeValue(forKey: part + old) {
        result.precision[new] = precision
      }
    }
    for suffix in ["", "_accum"] { result.precision[other + suffix] = nil }
    return result
  }
}
