import Diagnostics
import Model
import Storage

/// HGQ2's layers, by the names of their classes.
let hgqLayers: [String: LayerParser] = [
  "Quantizer": .layers { (call) throws(Failure) in
    try call.quantized(
      try call.single(), "", try call.config.required("config"), call.variables.ownQuantizer())
  },
  "QDense": .layers { (call) throws(Failure) in try parseHGQDense(&call) },
  "QBatchNormDense": .layers { (call) throws(Failure) in try parseHGQNormalizedDense(&call) },
  "QEinsumDense": .layers { (call) throws(Failure) in try parseHGQEinsumDense(&call, isNormalized: false) },
  "QEinsumDenseBatchnorm": .layers { (call) throws(Failure) in
    try parseHGQEinsumDense(&call, isNormalized: true)
  },
  "QBatchNormalization": .layers { (call) throws(Failure) in try parseHGQNormalization(&call) },
  "QConv1D": .layers { (call) throws(Failure) in try parseHGQConvolution(&call, rank: 1) },
  "QConv2D": .layers { (call) throws(Failure) in try parseHGQConvolution(&call, rank: 2) },

  "QAdd": .layers { (call) throws(Failure) in try parseHGQMerge(&call, .add) },
  "QSubtract": .layers { (call) throws(Failure) in try parseHGQMerge(&call, .subtract) },
  "QMultiply": .layers { (call) throws(Failure) in try parseHGQMerge(&call, .multiply) },
  "QMaximum": .layers { (call) throws(Failure) in try parseHGQMerge(&call, .maximum) },
  "QMinimum": .layers { (call) throws(Failure) in try parseHGQMerge(&call, .minimum) },
  "QAveragePow2": .layers { (call) throws(Failure) in try parseHGQAverage(&call) },
  "QDot": .layers { (call) throws(Failure) in
    call.inputs = try call.quantizedInputs()
    let kind = try parseDot(&call)
    return try call.finished(kind)
  },
  "QEinsum": .layers { (call) throws(Failure) in try parseHGQEinsum(&call) },
  "QSum": .layers { (call) throws(Failure) in try parseHGQSum(&call, isMean: false) },
  "QMeanPow2": .layers { (call) throws(Failure) in try parseHGQSum(&call, isMean: true) },

  "QMaxPooling1D": .layers { (call) throws(Failure) in try parseHGQPooling(&call, 1, .maximum, parsePooling)
  },
  "QMaxPooling2D": .layers { (call) throws(Failure) in try parseHGQPooling(&call, 2, .maximum, parsePooling)
  },
  "QAveragePooling1D": .layers { (call) throws(Failure) in
    try parseHGQPooling(&call, 1, .average, parsePooling)
  },
  "QAveragePooling2D": .layers { (call) throws(Failure) in
    try parseHGQPooling(&call, 2, .average, parsePooling)
  },
  "QGlobalMaxPooling1D": .layers { (call) throws(Failure) in
    try parseHGQPooling(&call, 1, .maximum, parseGlobalPooling)
  },
  "QGlobalMaxPooling2D": .layers { (call) throws(Failure) in
    try parseHGQPooling(&call, 2, .maximum, parseGlobalPooling)
  },
  "QGlobalAveragePooling1D": .layers { (call) throws(Failure) in
    try parseHGQPooling(&call, 1, .average, parseGlobalPooling)
  },
  "QGlobalAveragePooling2D": .layers { (call) throws(Failure) in
    try parseHGQPooling(&call, 2, .average, parseGlobalPooling)
  },

  "QSimpleRNN": .results { (call) throws(Failure) in try parseHGQRecurrent(&call) },
  "QGRU": .results { (call) throws(Failure) in try parseHGQRecurrent(&call) },
  "QUnaryFunctionLUT": .layers { (call) throws(Failure) in try parseHGQTable(&call, isAffine: false) },
  "QAffinedUnaryFunctionLUT": .layers { (call) throws(Failure) in try parseHGQTable(&call, isAffine: true) },
  "QSoftmax": .layers { (call) throws(Failure) in try parseHGQSoftmax(&call) },
  "QMultiHeadAttention": .layers { (call) throws(Failure) in try parseHGQAttention(&call, isLinformer: false)
  },
  "QLinformerAttention": .layers { (call) throws(Failure) in try parseHGQAttention(&call, isLinformer: true)
  },
  "QDenseT": .layers { (call) throws(Failure) in try parseHGQTableDense(&call) },
  "QEinsumDenseT": .layers { (call) throws(Failure) in try parseHGQTableEinsum(&call) },
  "QConvT1D": .layers { (call) throws(Failure) in try parseHGQTableConvolution(&call, rank: 1) },
  "QConvT2D": .layers { (call) throws(Failure) in try parseHGQTableConvolution(&call, rank: 2) },
]

/// HGQ2's layers that are not read, so that no misspelling of another one is suspected.
let unsupportedHGQLayers: Set = [
  "QConv3D", "QMaxPooling3D", "QAveragePooling3D", "QGlobalMaxPooling3D", "QGlobalAveragePooling3D",
  "QMultiHeadAttentionT", "QLinformerAttentionT", "QLIF", "QSimpleSNN",
]

// MARK: Dense layers and convolutions

private func parseHGQDense(_ call: inout LayerCall) throws(Failure) -> Tensor {
  call.inputs = [try call.quantizedInput()]
  guard case .dense(var dense) = try parseDense(&call) else { throw call.problem("this is no dense layer") }
  dense.kernelQuantizer = try call.quantizer("kq", over: dense.kernel.shape)
  if let bias = dense.bias { dense.biasQuantizer = try call.quantizer("bq", over: bias.shape) }
  return try call.finished(.dense(dense))
}

/// The normalization stands before the matrix; what it subtracts goes through the kernel as it was before it was scaled.
private func parseHGQNormalizedDense(_ call: inout LayerCall) throws(Failure) -> Tensor {
  call.inputs = [try call.quantizedInput()]
  guard case .dense(var dense) = try parseDense(&call), let bias = dense.bias else {
    throw call.problem("QBatchNormDense needs a bias")
  }
  let (inputs, outputs) = (dense.kernel.shape[0], dense.kernel.shape[1])
  let usesGamma = try call.config.boolean("scale", default: true)
  let gamma = usesGamma ? try call.variables.read("bn_gamma", 2, shape: [inputs]) : nil
  let statistics = try call.statistics(after: usesGamma ? 3 : 2, shape: [inputs])
  let epsilon = Float(try call.config.number("epsilon", default: 0.001))
  let scale = try call.scale(gamma, statistics.variance, epsilon)
  let kernel = dense.kernel.values.map { Float($0) }
  dense.kernel = Weights(
    shape: dense.kernel.shape, values: kernel.indices.map { Double(scale[$0 / outputs] * kernel[$0]) })
  dense.bias = Weights(
    shape: [outputs],
    values: (0..<outputs).map { output in
      // The order in which the trainer's matrix product adds is its library's own; rounded once here.
      let sum = (0..<inputs).reduce(0.0) {
        $0 + statistics.mean.values[$1] * Double(kernel[$1 * outputs + output])
      }
      return Double(Float(bias.values[output]) + -Float(sum))
    })
  dense.kernelQuantizer = try call.quantizer("kq", over: dense.kernel.shape)
  dense.biasQuantizer = try call.quantizer("bq", over: bias.shape)
  return try call.finished(.dense(dense))
}

private func parseHGQEinsumDense(_ call: inout LayerCall, isNormalized: Bool) throws(Failure) -> Tensor {
  let x = try call.quantizedInput()
  var product = try call.einsumProduct(x.shape)
  if isNormalized { product = try call.normalized(product) }
  product.kernelQuantizer = try call.quantizer("kq", over: product.kernel.shape)
  if let bias = product.bias { product.biasQuantizer = try call.quantizer("bq", over: bias.shape) }
  return try call.quantizedOutput(try call.activated(try call.product(x, product, "")))
}

extension LayerCall {
  /// A quantized EinsumDense that is part of a layer.
  func einsumDense(
    _ x: Tensor, _ equation: Einsum, _ name: String, _ variables: HGQVariables, hasBias: Bool,
    quantizers: (kernel: JSONNode, bias: JSONNode)
  ) throws(Failure) -> Tensor {
    let kernel = try variables.read("kernel", 0, shape: nil)
    guard kernel.shape.count == equation.y.count, let lengths = equation.lengths(x.shape, kernel.shape) else {
      throw problem(
        "the \(name) kernel of \"\(layer.name)\" of shape \(kernel.shape) does not fit data of shape \(x.shape)"
      )
    }
    var product = EinsumProduct(equation: equation, kernel: kernel)
    product.kernelQuantizer = try HGQQuantizerConfig(quantizers.kernel).quantizer(
      variables.quantizer("kq"), over: kernel.shape, hasBatch: false)
    if hasBias {
      let bias = try variables.read("bias", 1, shape: nil)
      let result = equation.result.compactMap { lengths[$0] }
      guard broadcastPlaces(bias.shape, to: result) != nil else {
        throw problem(
          "the \(name) bias of \"\(layer.name)\" of shape \(bias.shape) does not fit its result \(result)")
      }
      product.bias = bias
      product.biasQuantizer = try HGQQuantizerConfig(quantizers.bias).quantizer(
        variables.quantizer("bq"), over: bias.shape, hasBatch: false)
    }
    return try self.product(x, product, name)
  }

  /// QEinsumDenseBatchnorm: kernel · s and bias − mean · s with s = gamma / √(variance + 10⁻⁷), in float32. The constant is
  /// Keras's, whatever the layer's epsilon. Which axes are normalized is not saved: Keras takes those of the bias.
  fileprivate func normalized(_ product: EinsumProduct) throws(Failure) -> EinsumProduct {
    guard let bias = product.bias, let axes = config["bias_axes"]?.string else {
      throw problem("QEinsumDenseBatchnorm needs a bias")
    }
    let labels = product.equation.y.filter { axes.contains($0) }
    let lengths = Dictionary(uniqueKeysWithValues: zip(product.equation.y, product.kernel.shape))
    let shape = product.equation.result.filter { labels.contains($0) }.compactMap { lengths[$0] }
    guard labels.count == axes.count, shape.reduce(1, *) == bias.values.count else {
      throw problem("the axes \(axes) of \"\(layer.name)\" are not axes of its kernel and its result")
    }
    let gamma = try variables.read("gamma", 2, shape: shape)
    let statistics = try statistics(after: 3, shape: shape)
    let scale = try scale(gamma, statistics.variance, FloatConstant.epsilon)
    var result = product
    // The trainer labels these numbers in the kernel's order of axes.
    let places = strided(
      product.equation.y, product.kernel.shape, in: labels, labels.compactMap { lengths[$0] })
    result.kernel = Weights(
      shape: product.kernel.shape,
      values: zip(product.kernel.values, places).map { Double(Float($0) * scale[$1]) })
    result.bias = Weights(
      shape: bias.shape,
      values: bias.values.indices.map {
        Double(Float(bias.values[$0]) + -Float(statistics.mean.values[$0]) * scale[$0])
      })
    return result
  }

  /// Mean and variance of a normalization, behind HGQ's own variables.
  fileprivate func statistics(after count: Int, shape: [Int]) throws(Failure) -> (
    mean: Weights, variance: Weights
  ) {
    let place = count + (try trainingVariables())
    return (
      try variables.read("moving_mean", place, shape: shape),
      try variables.read("moving_variance", place + 1, shape: shape)
    )
  }

  /// gamma / √(variance + epsilon) in float32.
  fileprivate func scale(_ gamma: Weights?, _ variance: Weights, _ epsilon: Float) throws(Failure) -> [Float]
  {
    guard variance.values.allSatisfy({ Float($0) + epsilon > 0 }) else {
      throw problem("a variance of \"\(layer.name)\" plus epsilon is not positive")
    }
    return variance.values.indices.map {
      Float(gamma?.values[$0] ?? 1) / (Float(variance.values[$0]) + epsilon).squareRoot()
    }
  }
}

/// Numbers of Keras in float32.
enum FloatConstant {
  /// `keras.backend.epsilon()`.
  static let epsilon: Float = 1e-7
}

/// scale = Q(gamma / √(variance + epsilon)), offset = Q(beta − mean · scale), with the scale before its quantizer. Without
/// `center` the trainer has a beta of 1.
private func parseHGQNormalization(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = try call.quantizedInput()
  let axis =
    try call.config["axis"].map { node throws(Failure) in try call.axis(node, rank: x.shape.count) } ?? x
    .shape.count - 1
  let channels = [x.shape[axis]]
  let usesGamma = try call.config.boolean("scale", default: true)
  let usesBeta = try call.config.boolean("center", default: true)
  let gamma = usesGamma ? try call.variables.read("bn_gamma", 0, shape: channels) : nil
  let beta = usesBeta ? try call.variables.read("bn_beta", usesGamma ? 1 : 0, shape: channels) : nil
  let first = (usesGamma ? 1 : 0) + (usesBeta ? 1 : 0)
  let mean = try call.variables.read("moving_mean", first, shape: channels)
  let variance = try call.variables.read("moving_variance", first + 1, shape: channels)
  let scale = try call.scale(gamma, variance, Float(try call.config.number("epsilon", default: 0.001)))
  let offset = scale.indices.map { Float(beta?.values[$0] ?? 1) - Float(mean.values[$0]) * scale[$0] }
  func weights(_ values: [Float]) -> Weights { Weights(shape: channels, values: values.map(Double.init)) }
  var quantizers: [BatchNormalization.Parameter: Quantizer] = [:]
  quantizers[.scale] = try call.quantizer("kq", over: channels)
  quantizers[.offset] = try call.quantizer("bq", over: channels)
  call.inputs = [x]
  try call.setOutput(x.shape)
  return try call.finished(
    .batchNormalization(
      BatchNormalization(
        gamma: weights(scale), beta: weights(offset), mean: weights(scale.map { _ in 0 }),
        variance: weights(scale.map { _ in 1 }), epsilon: 0, axis: axis, quantizers: quantizers)))
}

private func parseHGQConvolution(_ call: inout LayerCall, rank: Int) throws(Failure) -> Tensor {
  call.inputs = [try call.quantizedInput()]
  guard case .convolution(var convolution) = try parseConvolution(&call, rank) else {
    throw call.problem("this is no convolution")
  }
  // The zeros of a causal convolution are put before the input quantizer; behind most of them they are zeros, too.
  if convolution.padding == .causal, let conf = call.config["iq_conf"],
    try call.config.boolean("enable_iq", default: true), try HGQQuantizerConfig(conf).movesZero()
  {
    throw Failure(
      conf.diagnostic(
        "causal padding before an input quantizer that makes another number of 0 is not supported",
        hint: "padding same or valid, or an affine without an offset"))
  }
  convolution.kernelQuantizer = try call.quantizer("kq", over: convolution.kernel.shape)
  if let bias = convolution.bias { convolution.biasQuantizer = try call.quantizer("bq", over: bias.shape) }
  return try call.finished(.convolution(convolution))
}

private func parseHGQPooling(
  _ call: inout LayerCall, _ rank: Int, _ kind: PoolingKind,
  _ parse: (inout LayerCall, Int, PoolingKind) throws(Failure) -> LayerKind
) throws(Failure) -> Tensor {
  call.inputs = [try call.quantizedInput()]
  let pooling = try parse(&call, rank, kind)
  return try call.finished(pooling)
}

// MARK: Several inputs

private func parseHGQMerge(_ call: inout LayerCall, _ merge: Merge) throws(Failure) -> Tensor {
  call.inputs = try call.quantizedInputs()
  let kind = try parseMerge(&call, merge)
  return try call.finished(kind)
}

/// The sum times the power of two nearest to 1 / n.
private func parseHGQAverage(_ call: inout LayerCall) throws(Failure) -> Tensor {
  call.inputs = try call.quantizedInputs()
  let kind = try parseMerge(&call, .add)
  let sum = try call.make(kind, "sum", call.inputs, call.output?.shape ?? [])
  return try call.quantizedOutput(try call.scaled(sum, by: powerOfTwo(nearOneOver: call.inputs.count), ""))
}

private func parseHGQEinsum(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let inputs = try call.quantizedInputs()
  let node = try call.config.required("equation")
  guard inputs.count == 2 else {
    throw Failure(node.diagnostic("QEinsum of \(inputs.count) tensors is not supported; two are"))
  }
  let equation = try call.equation(node, (inputs[0].shape, inputs[1].shape), bothHaveBatch: true)
  return try call.quantizedOutput(try call.product(inputs[0], inputs[1], equation, ""))
}

/// QSum and QMeanPow2, whose scale is not saved.
private func parseHGQSum(_ call: inout LayerCall, isMean: Bool) throws(Failure) -> Tensor {
  let x = try call.quantizedInput()
  let axes = try call.axes(call.config["axes"], rank: x.shape.count)
  let count = axes.map { x.shape[$0] }.reduce(1, *)
  let scale =
    isMean
    ? powerOfTwo(nearOneOver: count) : try call.config.number("scale", default: 1)
  guard scale > 0, scale.significand == 1 else {
    throw call.problem("the scale of \"\(call.layer.name)\" is no power of two")
  }
  let keeps = try call.config.boolean("keepdims", default: false)
  let kept = x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] }
  let sum = try call.reduced(x, over: axes, .sum, "sum")
  let shaped = try call.arranged(sum, shape: keeps ? sum.shape : kept.isEmpty ? [1] : kept, "result")
  return try call.quantizedOutput(try call.scaled(shaped, by: scale, "scaled"))
}

/// The power of two nearest to 1 / count by its logarithm. (A tie would need a count whose square is 2^(2k + 1).)
private func powerOfTwo(nearOneOver count: Int) -> Double {
  let floor = Int.bitWidth - 1 - count.leadingZeroBitCount
  let isUp = Double(count) / Double(1 << floor) > 2.0.squareRoot()
  return Double(sign: .plus, exponent: -(isUp ? floor + 1 : floor), significand: 1)
}
