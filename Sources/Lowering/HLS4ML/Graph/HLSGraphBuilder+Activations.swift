import Diagnostics
import Model

extension HLSGraphBuilder {
  /// The layer hls4ml makes of an activation (converters/keras/core.py, qkeras.py); nil, with a problem
  /// reported, where hls4ml has none.
  mutating func activationLayer(
    _ activation: Activation, _ layer: Layer, name: String, input: String
  ) throws(Failure) -> HLSLayer? {
    var made = HLSLayer(
      name, .activation(.linear), inputs: [input], shape: layer.outputShape, origin: layer.origin)
    switch activation {
    case .linear: made.kind = .activation(.linear)
    case .relu(let maximum, let slope, let threshold):
      made.kind = reluKind(layer, maximum, slope, threshold)
    case .leakyReLU(let slope): made.kind = .parametrized(.leakyReLU, parameter: slope)
    case .prelu(let slopes):
      made.kind = .prelu
      let isShared = slopes.values.count != layer.outputShape.reduce(1, *)
      if isShared { warn(layer, "slopes shared along axes, which hls4ml refuses, are repeated") }
      let words = isShared ? slopes.broadcast(to: layer.outputShape) : slopes
      made.weights[.param] = try HLSWeight(HLSArray(words ?? slopes))
    case .thresholdedReLU(let theta): made.kind = .parametrized(.thresholdedReLU, parameter: theta)
    case .elu(let alpha): made.kind = .parametrized(.elu, parameter: alpha)
    case .selu: made.kind = .activation(.selu)
    case .softmax(let axis):
      made.kind = .softmax(softmax(layer, axis: axis))
    case .sigmoid: made.kind = .activation(.sigmoid)
    case .tanh: made.kind = .activation(.tanh)
    case .hardSigmoid(let slope, let shift):
      setHard(&made, isTanh: false, slope: slope, shift: shift, .fixed(16, 0, signed: false))
    case .hardTanh: made.kind = .activation(.hardTanh)
    case .softplus: made.kind = .activation(.softplus)
    case .softsign: made.kind = .activation(.softsign)
    case .swish, .mish, .gelu, .exponential, .logarithm:
      refuse(layer, "hls4ml has no activation '\(layer.source?.activationName ?? layer.className)'")
      return nil
    case .quantizer(.fixed(let quantizer)):
      guard let quantizer = HLSFixedQuantizer(quantizer, over: layer.outputShape) else {
        refuse(layer, "hls4ml has no fixed-point quantizer with a scaler, an affine or the overflow WRAP_SM")
        return nil
      }
      made.kind = .fixedQuantizer(quantizer)
    case .sequence(let functions):
      guard let kernel = try table(functions, layer) else { return nil }
      made.kind = .kernel(kernel)
    case .scaled, .reciprocal, .differs, .squareRoot, .inverseSquareRoot, .networks:
      refuse(layer, "hls4ml has no such function outside a table")
      return nil
    case .quantizer(let quantizer):
      guard case .qkeras(let quantizer) = quantizer else {
        refuse(layer, "\(quantizer.title) is not supported by the hls4ml policy")
        return nil
      }
      guard setQuantizer(&made, quantizer, layer) else { return nil }
    }
    return made
  }

  /// The table of a function and a quantizer behind it (hgq2/unary_lut.py, hgq2/softmax.py); nil, with a problem reported, where
  /// hls4ml has none.
  private mutating func table(_ functions: [Activation], _ layer: Layer) throws(Failure) -> UnaryTableKernel?
  {
    let chain = try FunctionChain(functions.filter { $0 != .linear }, shape: layer.outputShape)
    guard Set(chain.keys()).count == 1, case .quantizer? = functions.last else {
      refuse(layer, "hls4ml takes tables with one quantizer of one format for all elements only")
      return nil
    }
    // The tables of a softmax have an entry for every word there is.
    if layer.source?.className == "QSoftmax" {
      return UnaryTableKernel(entries: .computed(chain, domain: nil))
    }
    guard let source = layer.sources.first,
      case .activation(.quantizer(.fixed(let quantizer))) = model.layers[source].kind,
      let bits = HLSFixedQuantizer(quantizer, over: layer.outputShape)?.bits
    else {
      refuse(layer, "hls4ml makes a table of the words of an input quantizer, which it does not have")
      return nil
    }
    // Elements without bits do not count.
    let living = bits.filter { $0.width > 0 }
    let domain = HLSBits(
      bits.map(\.sign).max() ?? 0, living.map(\.integer).max() ?? 0, living.map(\.fraction).max() ?? 1)
    return UnaryTableKernel(entries: .computed(chain, domain: domain.precision.format))
  }

  /// The kind of a ReLU: hls4ml knows relu, relu1 and relu6 by name, and ignores the options of a ReLU layer.
  private mutating func reluKind(
    _ layer: Layer, _ maximum: Double?, _ slope: Double, _ threshold: Double
  ) -> HLSKind {
    if layer.source?.isFunctionClass == true {
      if maximum != nil || slope != 0 || threshold != 0 {
        warn(
          layer, "hls4ml ignores max_value, negative_slope and threshold of a ReLU layer; so does this policy"
        )
      }
      return .activation(.relu)
    }
    return .activation(maximum.map { .clippedReLU(limit: $0) } ?? .relu)
  }

  /// In io_parallel hls4ml normalizes over all elements, whatever the axis; a Softmax layer, which it cannot
  /// compile, is computed along its axis.
  private mutating func softmax(_ layer: Layer, axis: Int) -> HLSSoftmax {
    var softmax = HLSSoftmax()
    let isLast = axis == layer.outputShape.count - 1
    if layer.outputShape.count == 1 { return softmax }
    if layer.source?.isFunctionClass == true || graph.isStream {
      if graph.isStream && !isLast {
        refuse(layer, "a softmax in io_stream normalizes along the last axis only")
      }
      softmax.axis = axis
    } else {
      warn(layer, "hls4ml normalizes a softmax over all elements, not along the axis, in io_parallel")
    }
    return softmax
  }

  private func setHard(
    _ made: inout HLSLayer, isTanh: Bool, slope: Double, shift: Double, _ slopeType: HLSPrecision
  ) {
    made.kind = .hard(isTanh: isTanh, slope: slope, shift: shift)
    made.types[.slope] = slopeType
    made.types[.shift] = .fixed(2, 0, signed: false)
  }

  /// What hls4ml makes of a QKeras quantizer used as an activation; false, with a problem reported, where it
  /// makes nothing. The quantizer's format is not in the layer: the configuration has it as the result's type.
  private mutating func setQuantizer(_ made: inout HLSLayer, _ quantizer: QKerasQuantizer, _ layer: Layer)
    -> Bool
  {
    switch quantizer.kind {
    case .bits: made.kind = .activation(.linear)
    case .relu(_, _, _, let slope, _, _):
      made.kind = slope == 0 ? .activation(.relu) : .parametrized(.leakyReLU, parameter: slope)
    case .tanh(_, _, let isReal):
      if isReal {
        made.kind = .activation(.tanh)
      } else {
        setHard(&made, isTanh: true, slope: 0.5, shift: 0.5, .fixed(2, 0, signed: false))
      }
    case .sigmoid(_, _, let isReal):
      if isReal {
        made.kind = .activation(.sigmoid)
      } else {
        setHard(&made, isTanh: false, slope: 0.5, shift: 0.5, .fixed(2, 0, signed: false))
      }
    case .binary, .binaryTanh: made.kind = .activation(.binaryTanh)
    case .ternaryTanh: made.kind = .activation(.ternaryTanh)
    case .ternary(let threshold, _): made.kind = .ternaryTanh(threshold: threshold ?? 0.33)
    case .bernoulli, .powerOfTwo, .reluPowerOfTwo, .hardSwish:
      refuse(layer, "hls4ml has no activation '\(quantizer.className)'")
      return false
    }
    return true
  }
}
