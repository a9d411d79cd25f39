import Configuration
import Diagnostics
import FixedPoint
import Model

/// What hls4ml makes of ONNX and QONNX models after qonnx's cleaning: its converters (converters/onnx) and the passes of its flow
/// `parse_qonnx`, which turn constants into weights, quantizers into types, and sums and products with constants into layers
/// (quant_opt.py, merge_const.py, matmul_const_to_dense.py, conv_to_convxd.py).
extension HLSGraphBuilder {
  /// The operations that hls4ml's converters know and its kernels compute; the last two are the importer's own.
  private static let operations: Set<String> = [
    "MatMul", "Gemm", "Conv", "BatchNormalization", "MaxPool", "Relu", "Tanh", "Sigmoid", "LeakyRelu",
    "ThresholdedRelu", "Elu", "Selu", "Softmax", "Softsign", "Softplus", "Add", "Sub", "Mul", "Div", "Max",
    "Min", "Sum", "Concat", "Transpose", "Reshape", "Flatten", "Pad", "Quant", "IntQuant", "QuantizeLinear",
    "Input", "Permute",
  ]
  /// What hls4ml computes wrongly, and how.
  private static let wrong: [String: String] = [
    "GlobalAveragePool": "hls4ml's result is wrong, as cleaning leaves it channels first",
    "GlobalMaxPool": "hls4ml's result is wrong, as cleaning leaves it channels first",
    "BipolarQuant": "hls4ml's result is wrong between binary layers, and 0 or 1 at the output",
  ]

  /// Adds what hls4ml makes of a layer of an ONNX model.
  ///
  /// - Returns: the name of the layer that has the result.
  mutating func addONNX(_ layer: Layer, _ inputs: [String], value: ModelValue) throws(Failure) -> String {
    let operation = layer.className
    let names = layer.source?.onnx
    let node = (isPyTorch ? names?.module : names?.node) ?? layer.name
    if case .constant = layer.kind { return "" }
    guard Self.operations.contains(operation) else {
      refuse(layer, Self.wrong[operation] ?? "hls4ml does not read the operation \(operation) from ONNX")
      return inputs.first ?? ""
    }
    var chain = ONNXChain(layer, inputs.first ?? "")
    switch layer.kind {
    case .input:
      var made = HLSLayer(node, .input, inputs: inputs, shape: layer.outputShape, origin: layer.origin)
      made.isTraced = false
      chain.add(made, inheriting: (node, "Input"))
    case .dense(let dense): try addDense(dense, layer, node, &chain)
    case .convolution(let convolution): try addConvolution(convolution, layer, node, &chain)
    case .activation(.quantizer(.uniform(let quantizer))):
      try addQuantizer(quantizer, layer, node, &chain)
    case .activation(let function):
      if case .softmax = function, layer.outputShape.count > 1 {
        refuse(layer, "hls4ml's softmax of more than one axis is not reproduced for ONNX")
      }
      warnOfAlpha(function, layer)
      if let made = try activationLayer(function, layer, name: node, input: chain.last) {
        chain.add(made, inheriting: (node, made.className))
      }
    case .batchNormalization(let normalization):
      var made = HLSLayer(
        node, .batchNormalization(isAlpha: false), inputs: [chain.last], shape: layer.outputShape,
        origin: layer.origin)
      try setNormalization(&made, normalization, layer)
      chain.add(made, inheriting: (node, "BatchNormOnnx"))
    case .merge(let merge): try addMerge(merge, layer, node, inputs, &chain)
    default:
      if case .pooling(let pooling) = layer.kind, pooling.size.count == 1 {
        refuse(layer, "hls4ml fails on a one-dimensional MaxPool from ONNX")
      }
      if inputs.count > 2 { refuse(layer, "hls4ml joins two tensors at a time from ONNX") }
      if inputs.contains("") { refuse(layer, "hls4ml has no constants as tensors") }
      switch layer.kind {
      case .permute where ["MatMul", "Gemm"].contains(operation), .matrixProduct:
        refuse(layer, "hls4ml multiplies by constant matrices alone, on the right")
      case .gather: refuse(layer, "hls4ml has no such windows or indices")
      default: break
      }
      guard let kind = structure(layer) else { return inputs.first ?? "" }
      // Wiring that the importer adds has the name of its own; Transpose, Reshape, … that of the node.
      let isOwn = operation == "Permute" || graph.index(of: node) != nil || operation == "Conv"
      chain.add(
        HLSLayer(
          isOwn ? layer.name : node, kind, inputs: inputs, shape: layer.outputShape, origin: layer.origin),
        inheriting: (node, kind.className(timeAxes: 0)))
    }
    for (place, (made, from)) in chain.layers.enumerated() {
      var made = made
      if made.name != from.name {
        graph.configuration.setLayer(
          made.name, graph.configuration.settings(layer: from.name, className: from.className))
      }
      if place == chain.layers.count - 1 { made.value = value }
      append(made)
    }
    return chain.last
  }

  // MARK: Matrices and convolutions

  private mutating func addDense(_ dense: Dense, _ layer: Layer, _ node: String, _ chain: inout ONNXChain)
    throws(Failure)
  {
    let names = layer.source?.onnx
    if isPyTorch {
      var made = HLSLayer(node, .dense, inputs: [chain.last], shape: layer.outputShape, origin: layer.origin)
      try setWeights(&made, dense, layer)
      return chain.add(made, inheriting: (node, "Dense"))
    }
    if layer.outputShape.count > 1 {
      refuse(layer, "hls4ml fails on a MatMul of more than one axis from ONNX")
    }
    if names?.hasFactors == true { refuse(layer, "alpha and beta of a Gemm are not supported") }
    let kernel = tensor(dense.kernel, dense.kernelQuantizer, names?.kernelQuantizer, layer)
    var made = HLSLayer(
      "Dense_\(node)", .dense, inputs: [chain.last], shape: layer.outputShape, origin: layer.origin)
    made.weights[.weight] = try HLSWeight(kernel.values, quantizer: kernel.quantizer)
    made.weights[.bias] = try HLSWeight(.filled([layer.outputShape.last ?? 1], 0))
    chain.add(made, inheriting: (node, "MatMul"))
    if let scale = kernel.scale {
      guard let scale = scale.common else {
        return refuse(layer, "hls4ml fails on a matrix with a scale per channel")
      }
      let factor = HLSArray.filled(layer.outputShape, scale, isDouble: false)
      let name = names?.kernelQuantizer ?? node
      try addAlpha("\(name)_rescale", factor, nil, layer, &chain, inheriting: (name, "Quant"))
    }
    guard let bias = dense.bias else { return }
    let offset = tensor(bias, dense.biasQuantizer, names?.biasQuantizer, layer)
    if offset.scale != nil { refuse(layer, "hls4ml fails on a bias with a scale that is no power of two") }
    let sum = names?.sum ?? "\(node)_bias"
    try addAlpha(
      "bn_\(sum)", .filled(layer.outputShape, 1), offset.values, layer, &chain, inheriting: (sum, "Merge"),
      biasQuantizer: offset.quantizer)
  }

  private mutating func addConvolution(
    _ convolution: Convolution, _ layer: Layer, _ node: String, _ chain: inout ONNXChain
  ) throws(Failure) {
    let names = layer.source?.onnx
    let source = model.inputShapes(of: layer).first ?? []
    let rank = convolution.strides.count
    let kernel = tensor(convolution.kernel, convolution.kernelQuantizer, names?.kernelQuantizer, layer)
    let isDepthwise: Bool
    switch convolution.kind {
    case .standard(groups: 1): isDepthwise = false
    case .depthwise: isDepthwise = true
    case .standard, .transposed:
      isDepthwise = false
      refuse(layer, "hls4ml takes convolutions of one group, or of one per channel, from ONNX")
    }
    if convolution.dilation.contains(where: { $0 > 1 }) {
      refuse(layer, "hls4ml ignores dilations in its convolutions")
    }
    var made = HLSLayer(
      isPyTorch ? node : "\(isDepthwise ? "DepthwiseConv" : "Conv")\(rank)D_\(node)",
      .convolution(geometry(convolution, input: source, output: layer.outputShape)), inputs: [chain.last],
      shape: layer.outputShape, origin: layer.origin)
    made.weights[.weight] = try HLSWeight(kernel.values, quantizer: kernel.quantizer)
    let channels = layer.outputShape.last ?? 1
    var bias: HLSArray?
    if let given = convolution.bias {
      let offset = tensor(given, convolution.biasQuantizer, names?.biasQuantizer, layer)
      if offset.scale != nil { refuse(layer, "hls4ml fails on a bias with a scale that is no power of two") }
      made.weights[.bias] = try HLSWeight(offset.values, quantizer: offset.quantizer)
      bias = offset.values.isZeros ? nil : offset.values
    } else {
      made.weights[.bias] = try HLSWeight(.filled([channels], 0))
    }
    chain.add(made, inheriting: (node, "Conv"))
    guard let scale = kernel.scale else { return }
    // What a bias inside, multiplied by the scale, lacks is added behind.
    let name = names?.kernelQuantizer ?? node
    let positions = layer.outputShape.dropLast().reduce(1, *)
    let factors: [Double]
    if let common = scale.common {
      factors = Array(repeating: common, count: channels)
    } else {
      factors = scale.values
      if bias != nil || factors.count != channels || isDepthwise {
        return refuse(layer, "hls4ml fails on scales per channel in a convolution with a bias")
      }
    }
    let repeated = (0..<positions).flatMap { _ in factors }
    let offset = bias.map { bias in
      HLSArray.filled(layer.outputShape, 0, isDouble: false) + bias
        * HLSArray(shape: [channels], factors.map { 1 - $0 }, isDouble: false)
    }
    try addAlpha(
      "\(name)_rescale", HLSArray(shape: layer.outputShape, repeated, isDouble: false), offset, layer, &chain,
      inheriting: (name, "Quant"))
  }

  /// Adds an ApplyAlpha: x · scale + bias.
  private func addAlpha(
    _ name: String, _ scale: HLSArray, _ bias: HLSArray?, _ layer: Layer, _ chain: inout ONNXChain,
    inheriting from: (name: String, className: String), scaleQuantizer: HLSQuantizer? = nil,
    biasQuantizer: HLSQuantizer? = nil, types: [HLSRole: HLSPrecision] = [:]
  ) throws(Failure) {
    var made = HLSLayer(
      name, .batchNormalization(isAlpha: true), inputs: [chain.last], shape: layer.outputShape,
      origin: layer.origin)
    made.weights[.scale] = try HLSWeight(scale, quantizer: scaleQuantizer)
    made.weights[.bias] = try HLSWeight(
      bias ?? .filled(layer.outputShape, 0), quantizer: biasQuantizer)
    made.types = types
    // merge_const.py: a factor of 1 has one bit.
    if name.hasPrefix("bn_"), scale.isOnes { made.types[.scale] = .integer(1, signed: false) }
    chain.add(made, inheriting: from)
  }

  // MARK: Quantizers

  private mutating func addQuantizer(
    _ quantizer: UniformQuantizer, _ layer: Layer, _ node: String, _ chain: inout ONNXChain
  ) throws(Failure) {
    if isPyTorch { refuse(layer, "hls4ml reads no quantizers from PyTorch") }
    guard let scale = quantizer.scale.common, quantizer.zeroPoint.values.allSatisfy({ $0 == 0 }),
      let levels = HLSQuantizer.Levels(quantizer)
    else {
      return refuse(
        layer,
        "hls4ml ignores zero points and takes one scale, whole bits, and the rounding modes ROUND and FLOOR")
    }
    func act(_ format: FixedFormat) {
      var made = HLSLayer(
        "\(node)_act", .activation(.linear), inputs: [chain.last], shape: layer.outputShape,
        origin: layer.origin)
      made.quantizedResult = format
      chain.add(made, inheriting: (node, "Quant"))
    }
    if scale.significand == 1 { return act(levels.format(scale: scale)) }
    let inverse = Double(1 / Float(scale))
    try addAlpha(
      "\(node)_scale", .filled(layer.outputShape, inverse, isDouble: false), nil, layer, &chain,
      inheriting: (node, "Quant"))
    act(levels.format(scale: 1))
    try addAlpha(
      "\(node)_rescale", .filled(layer.outputShape, scale, isDouble: false), nil, layer, &chain,
      inheriting: (node, "Quant"))
  }

  /// Weights as hls4ml has them: behind a Quant whose scale is a power of two with its type; behind another one as integers, with
  /// the scale apart; without one that cleaning leaves as they are.
  private mutating func tensor(_ values: Weights, _ quantizer: Quantizer?, _ name: String?, _ layer: Layer)
    -> (
      values: HLSArray, quantizer: HLSQuantizer?, scale: Elements<Double>?
    )
  {
    guard name != nil, case .uniform(let uniform)? = quantizer else { return (HLSArray(values), nil, nil) }
    guard let levels = HLSQuantizer.Levels(uniform) else {
      refuse(layer, "hls4ml takes weights of whole bits, and none of one bit, from ONNX")
      return (HLSArray(values), nil, nil)
    }
    if let scale = uniform.scale.common, scale.significand == 1 {
      return (HLSArray(values), HLSQuantizer(.fixed(levels.format(scale: scale))), nil)
    }
    let scales = uniform.scale.broadcast(to: values.shape)?.values ?? []
    let integers = zip(values.values, scales).map { ($0 / $1).rounded() }
    return (
      HLSArray(shape: values.shape, integers, isDouble: false),
      HLSQuantizer(.fixed(levels.format(scale: 1))), uniform.scale
    )
  }

  /// hls4ml takes 0.01 where a file leaves out the alpha of these functions, and ONNX 1.
  private mutating func warnOfAlpha(_ function: Activation, _ layer: Layer) {
    switch function {
    case .elu(alpha: 1), .thresholdedReLU(theta: 1):
      warn(layer, "hls4ml takes an alpha of 0.01 where the file leaves it out, and not 1 as ONNX does")
    case .prelu: refuse(layer, "hls4ml fails on PRelu from ONNX")
    default: break
    }
  }

  // MARK: Merges

  private mutating func addMerge(
    _ merge: Merge, _ layer: Layer, _ node: String, _ inputs: [String], _ chain: inout ONNXChain
  ) throws(Failure) {
    guard inputs.count == 2 else { return refuse(layer, "hls4ml merges two tensors at a time from ONNX") }
    let constants = layer.sources.map { source -> (Constant, ONNXNames?)? in
      guard case .constant(let constant) = model.layers[source].kind else { return nil }
      return (constant, model.layers[source].source?.onnx)
    }
    guard let place = constants.firstIndex(where: { $0 != nil }), let (constant, names) = constants[place]
    else {
      guard let kind = structure(layer) else { return }
      return chain.add(
        HLSLayer(node, kind, inputs: inputs, shape: layer.outputShape, origin: layer.origin),
        inheriting: (node, "Merge"))
    }
    chain.last = inputs[1 - place]
    let given = tensor(constant.values, constant.quantizer, names?.kernelQuantizer, layer)
    let isDivision = layer.className == "Div"
    guard given.scale == nil, !isDivision || given.quantizer == nil,
      model.inputShapes(of: layer)[1 - place] == layer.outputShape,
      let spread = constant.values.broadcast(to: layer.outputShape)
    else {
      return refuse(layer, "hls4ml fails on a constant that is quantized so, or larger than the data")
    }
    if isPyTorch {
      return refuse(layer, "a constant of its own is not supported under the names of a PyTorch model")
    }
    let values = HLSArray(shape: spread.shape, spread.values, isDouble: false)
    var quantizer = given.quantizer
    let name = "bn_\(node)"
    let from = (name: node, className: "Merge")
    switch merge {
    case .multiply:
      try addAlpha(
        name, values, nil, layer, &chain, inheriting: from, scaleQuantizer: quantizer,
        types: [.bias: .integer(1, signed: false)])
    case .add:
      try addAlpha(
        name, .filled(spread.shape, 1), values, layer, &chain, inheriting: from, biasQuantizer: quantizer)
    case .subtract where place == 1:
      if case .fixed(let format)? = quantizer?.kind, !format.isSigned {
        var signed = format
        (signed.width, signed.integerBits, signed.isSigned) = (format.width + 1, format.integerBits + 1, true)
        quantizer = HLSQuantizer(.fixed(signed))
      }
      try addAlpha(
        name, .filled(spread.shape, 1), values.map { -$0 }, layer, &chain, inheriting: from,
        biasQuantizer: quantizer)
    case .subtract:
      try addAlpha(
        name, .filled(spread.shape, -1), values, layer, &chain, inheriting: from, biasQuantizer: quantizer,
        types: [.scale: .integer(2)])
    case .average, .maximum, .minimum: refuse(layer, "hls4ml has no \(merge.rawValue) with a constant")
    }
  }
}

/// The layers that hls4ml makes of one node, one behind the other, each with the layer whose settings it takes over.
private struct ONNXChain {
  var layers: [(made: HLSLayer, from: (name: String, className: String))] = []
  /// The layer that has the result so far.
  var last: String

  init(_ layer: Layer, _ input: String) { last = input }

  mutating func add(_ layer: HLSLayer, inheriting from: (name: String, className: String)) {
    layers.append((layer, from))
    last = layer.name
  }
}

extension HLSQuantizer {
  /// The integers of a Quant as hls4ml's types say them.
  struct Levels {
    var bits: Int
    var isSigned, isNarrow: Bool
    var rounding: Rounding

    /// Nil for what hls4ml has no type for.
    init?(_ quantizer: UniformQuantizer) {
      guard case .integers(let range) = quantizer.levels, range.upperBound > 0 else { return nil }
      bits = Int.bitWidth - range.upperBound.leadingZeroBitCount
      guard range.upperBound == 1 << bits - 1 else { return nil }
      isSigned = range.lowerBound < 0
      isNarrow = isSigned && range.lowerBound == -range.upperBound
      guard !isSigned || isNarrow || range.lowerBound == -range.upperBound - 1 else { return nil }
      guard isSigned || range.lowerBound == 0 else { return nil }
      if isSigned { bits += 1 }
      switch quantizer.rounding {
      case .halfEven: rounding = .rndConv
      case .floor: rounding = .trn
      case .halfUp, .halfDown, .ceiling, .up, .down: return nil
      }
    }

    /// - Precondition: the scale is a power of two.
    func format(scale: Double) -> FixedFormat {
      FixedFormat(
        bits, bits + Int(scale.exponent), signed: isSigned, rounding, isNarrow ? .satSym : .sat)
    }
  }
}
