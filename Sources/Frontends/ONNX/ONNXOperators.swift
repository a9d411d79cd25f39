import Diagnostics
import Model

/// Makes layers of a node.
typealias ONNXConverter = @Sendable (ONNXCall) throws(Failure) -> [ONNXOperand]

/// The operations that are read, whatever domain they are in: exporters of QONNX write several domains for the same ones.
let onnxOperators: [String: ONNXConverter] = [
  // Sources and moves. What has no data in it is folded (ONNXFolding.swift).
  "Constant": onlyConstant, "ConstantOfShape": onlyConstant, "Range": onlyConstant, "Size": onlyConstant,
  "Where": convertWhere, "Mod": onlyConstant, "Log": convertLogarithm, "Cos": onlyConstant,
  "Sin": onlyConstant,
  "Floor": onlyConstant,
  "Ceil": onlyConstant, "Round": onlyConstant, "Trilu": onlyConstant,
  "ReduceProd": onlyConstant, "FloatQuant": onlyConstant,
  "Shape": convertShape, "Identity": convertIdentity, "Dropout": convertIdentity, "Cast": convertCast,
  "Reshape": convertMove, "Flatten": convertMove, "Squeeze": convertMove, "Unsqueeze": convertMove,
  "Transpose": convertMove, "Slice": convertMove, "Gather": convertGather, "Expand": convertMove,
  "Tile": convertMove,
  "Split": convertMove, "Pad": convertMove, "Concat": convertConcat, "Resize": convertResize,
  "Upsample": convertResize, "DepthToSpace": convertDepthToSpace, "SpaceToDepth": convertSpaceToDepth,
  // Matrices.
  "MatMul": convertMatMul, "Gemm": convertGemm, "Conv": convertConv, "ConvTranspose": convertConvTranspose,
  "BatchNormalization": convertBatchNormalization, "LayerNormalization": convertLayerNormalization,
  "RMSNormalization": convertLayerNormalization, "SimplifiedLayerNormalization": convertLayerNormalization,
  "LpNormalization": convertUnit,
  "RNN": convertRecurrent, "LSTM": convertRecurrent, "GRU": convertRecurrent,
  "GroupNormalization": convertGroupNormalization, "InstanceNormalization": convertInstanceNormalization,
  "Einsum": convertEinsum,
  // Graphs.
  "TopK": convertTopK, "ArgMax": convertExtreme, "ArgMin": convertExtreme,
  "GatherElements": convertGatherElements, "GatherND": convertGatherND,
  // Windows and reductions.
  "MaxPool": convertPool, "AveragePool": convertPool, "GlobalMaxPool": convertGlobalPool,
  "GlobalAveragePool": convertGlobalPool, "ReduceMean": convertReduction, "ReduceSum": convertReduction,
  "ReduceMax": convertReduction, "ReduceMin": convertReduction, "ReduceL1": convertReduction,
  "ReduceL2": convertReduction, "ReduceSumSquare": convertReduction,
  // Functions.
  "Relu": convertActivation, "LeakyRelu": convertActivation, "ThresholdedRelu": convertActivation,
  "Elu": convertActivation, "Celu": convertActivation, "Selu": convertActivation,
  "Sigmoid": convertActivation,
  "Tanh": convertActivation, "HardSigmoid": convertActivation, "Softplus": convertActivation,
  "Softsign": convertActivation, "Exp": convertActivation, "Gelu": convertActivation,
  "Mish": convertActivation,
  "Swish": convertActivation, "PRelu": convertPRelu,
  "HardSwish": convertHardSwish, "Softmax": convertSoftmax, "LogSoftmax": convertLogSoftmax,
  "Clip": convertClip,
  // Element by element.
  "Add": convertMerge, "Sub": convertMerge, "Mul": convertMerge, "Div": convertDivide, "Max": convertMerge,
  "Min": convertMerge, "Mean": convertMerge, "Sum": convertMerge, "Neg": convertNegative,
  "Abs": convertAbsolute,
  "Pow": convertPower, "Sqrt": convertSquareRoot, "Reciprocal": convertReciprocal,
  "CumSum": convertCumulativeSum,
  // Masks.
  "Equal": convertComparison, "Less": convertComparison, "Greater": convertComparison,
  "LessOrEqual": convertComparison, "GreaterOrEqual": convertComparison, "Sign": convertSign,
  "Not": convertNot, "And": convertLogical, "Or": convertLogical,
  // Quantization.
  "Quant": convertQuant, "IntQuant": convertQuant, "BipolarQuant": convertBipolarQuant, "Trunc": convertTrunc,
  "MultiThreshold": convertMultiThreshold, "QuantizeLinear": convertQuantizeLinear,
  "DequantizeLinear": convertDequantizeLinear,
  // Trees.
  "TreeEnsembleClassifier": convertTrees, "TreeEnsembleRegressor": convertTrees,
  "TreeEnsemble": convertTreeEnsemble, "ZipMap": convertZipMap,
]

/// What to do about operations that are not read.
let onnxAdvice: [String: String] = {
  let operators = "export with QuantizeLinear and DequantizeLinear around plain operations (QuantFormat.QDQ)"
  let finn = "give the model as it was before FINN's transformations"
  return [
    "QLinearConv": operators, "QLinearMatMul": operators, "ConvInteger": operators,
    "MatMulInteger": operators,
    "QLinearAdd": operators, "DynamicQuantizeLinear": "scales have to be constants: quantize statically",
    "XnorPopcountMatMul": finn, "Im2Col": finn, "QuantAvgPool2d": finn,
    "Erf": "it is read as a part of Gelu: x · (1 + erf(x / √2)) / 2",
    "ScatterElements": "sums over edges are products with a matrix of receivers",
    "ScatterND": "sums over edges are products with a matrix of receivers",
  ]
}()

private func onlyConstant(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  throw call.problem("is supported on constants only, and its input depends on the events")
}

private func convertShape(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  [.constant(try shapeTensor(call, call.dataOrIntegers(0).shape))]
}

private func convertIdentity(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  [.data(try call.dataOrIntegers(0))]
}

/// A cast between floating-point types, which the exact policy does not see.
private func convertCast(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let type = ONNXType(rawValue: try call.integer("to", default: 1))
  if call.importer.isWhole(x), type?.integer.map({ $0.width >= 16 }) ?? false { return [.data(x)] }
  if type == .bool { return [.data(call.importer.wholes.contains(x.value) ? x : try call.isNotZero(x))] }
  guard let type, type.isFloat else {
    throw call.problem(
      "casts data to integers, which would round it silently", hint: "quantize it with QuantizeLinear")
  }
  return [.data(x)]
}

// MARK: Matrices

private func convertMatMul(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  // A stack of constant matrices (the queries of every head, where they are learned) is multiplied as data is.
  let isStack = call.operands.contains {
    if case .constant(let matrix)? = $0 { matrix.shape.count > 2 } else { false }
  }
  if isStack { return [.data(try call.product(call.data(0), call.data(1)))] }
  if call.isConstant(0) {
    // W · x is (xᵀ · Wᵀ)ᵀ.
    let x = call.plain(try call.data(1))
    let matrix = try call.constant(0, "the matrix")
    guard matrix.shape.count == 2, x.eventShape.count >= 2, x.shape[x.shape.count - 2] == matrix.shape[1]
    else {
      throw call.problem(
        "multiplies a matrix of shape \(matrix.shape.shortened) by data of shape \(x.shape.shortened)")
    }
    let rank = x.shape.count
    let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
    let sideways = try call.transpose(x, order, suffix: "transposed")
    let product = try call.dense(sideways, matrix.moved(.transpose([1, 0])), bias: nil, suffix: "product")
    return [.data(try call.transpose(product, order))]
  }
  guard call.isConstant(1) else { return [.data(try call.product(call.data(0), call.data(1)))] }
  let x = try call.data(0)
  var matrix = try call.constant(1, "the matrix")
  if matrix.shape.count == 1 { matrix = matrix.moved(.reshape([matrix.shape[0], 1])) }
  guard matrix.shape.count == 2, x.shape.last == matrix.shape[0], !(x.hasBatch && x.shape.count < 2) else {
    throw call.problem(
      "multiplies data of shape \(x.shape.shortened) by a matrix of shape \(matrix.shape.shortened)")
  }
  return [.data(try call.dense(x, matrix, bias: nil))]
}

private func convertGemm(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  var matrix = try call.constant(1, "the matrix B")
  guard try !call.flag("transA") else {
    throw call.problem("transA is not supported: A's first axis is the batch")
  }
  guard matrix.shape.count == 2 else { throw call.problem("B has the shape \(matrix.shape.shortened)") }
  if try call.flag("transB") { matrix = matrix.moved(.transpose([1, 0])) }
  guard x.shape.count == 2, x.shape[1] == matrix.shape[0] else {
    throw call.problem(
      "multiplies data of shape \(x.shape.shortened) by a matrix of shape \(matrix.shape.shortened)")
  }
  let alpha = try call.real("alpha", default: 1)
  if alpha != 1 { matrix = matrix.scaled(alpha) }
  var bias: ONNXTensor?
  let beta = try call.has(2) ? call.real("beta", default: 1) : 1
  if call.has(2) {
    bias = try call.constant(2, "the bias C")
    if beta != 1 { bias = bias?.scaled(beta) }
  }
  let result = try call.dense(x, matrix, bias: bias)
  call.note(result) { $0.hasFactors = alpha != 1 || beta != 1 }
  return [.data(result)]
}

extension ONNXCall {
  /// The products of matrices of data, [batch…, M, K] and [batch…, K, N], batches broadcast.
  fileprivate func product(_ a: ONNXData, _ b: ONNXData) throws(Failure) -> ONNXData {
    let (rank, batch) = (a.shape.count, broadcast([Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2))]))
    guard let batch, rank == b.shape.count, a.eventShape.count >= 2, b.eventShape.count >= 2,
      a.hasBatch == b.hasBatch, a.shape[rank - 1] == b.shape[rank - 2],
      !a.hasBatch || a.shape[0] == b.shape[0]
    else {
      throw problem(
        "multiplies data of shape \(a.shape.shortened) by data of shape \(b.shape.shortened)",
        hint: "both need a batch, as many axes, and matrices that go together")
    }
    func spread(_ x: ONNXData) throws(Failure) -> ONNXData {
      let places = zip(x.shape, batch).map { $0 == $1 ? nil : Array(repeating: 0, count: $1) } + [nil, nil]
      return try apply(.gather(places), to: plain(x))
    }
    let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
    let columns = plain(try transpose(try spread(b), order, suffix: "columns"))
    return try add(.matrixProduct, [try spread(a), columns], batch + [a.shape[rank - 2], b.shape[rank - 1]])
  }

  /// x · matrix + bias over the last axis.
  fileprivate func dense(
    _ x: ONNXData, _ matrix: ONNXTensor, bias: ONNXTensor?, suffix: String = ""
  ) throws(Failure) -> ONNXData {
    let x = plain(x)
    let outputs = matrix.shape[1]
    let kernel = try weights(matrix, "the matrix")
    let offset = try bias.map { (bias) throws(Failure) in try perChannel(bias, outputs, "the bias") }
    let result = try add(
      .dense(
        Dense(
          kernel: kernel.values, bias: offset?.values, activation: .linear, kernelQuantizer: kernel.quantizer,
          biasQuantizer: offset?.quantizer)), [x], x.shape.dropLast() + [outputs], suffix: suffix)
    note(result) {
      ($0.kernelQuantizer, $0.biasQuantizer) = (matrix.grid?.place, bias?.grid?.place)
    }
    return result
  }

  /// A constant as weights, with the quantizer that made it.
  func weights(_ tensor: ONNXTensor, _ what: String) throws(Failure) -> (
    values: Weights, quantizer: Quantizer?
  ) {
    guard tensor.values.allSatisfy({ $0.isFinite }) else {
      throw problem("\(what) has values that are no numbers")
    }
    guard !tensor.values.isEmpty, tensor.shape.allSatisfy({ $0 > 0 }) else {
      throw problem("\(what) is empty")
    }
    return (
      Weights(shape: tensor.shape, values: tensor.values),
      tensor.grid.map { $0.quantizer(shape: tensor.shape) }
    )
  }

  /// A constant as one number per channel: of shape [channels], of one with ones around, or one number for all.
  func perChannel(_ tensor: ONNXTensor, _ channels: Int, _ what: String) throws(Failure) -> (
    values: Weights, quantizer: Quantizer?
  ) {
    let longer = tensor.shape.filter { $0 != 1 }
    if tensor.values.count == 1, channels != 1 {
      return try weights(
        tensor.moved(.reshape([1])).moved(.gather([Array(repeating: 0, count: channels)])), what)
    }
    guard tensor.values.count == channels, longer.count <= 1 else {
      throw problem("\(what) has the shape \(tensor.shape.shortened) for \(channels) channels")
    }
    return try weights(tensor.moved(.reshape([channels])), what)
  }
}

extension ONNXTensor {
  fileprivate func scaled(_ factor: Double) -> ONNXTensor {
    var result = self
    result.values = values.map { type.rounded(factor * $0) }
    result.grid?.scales = grid.map { $0.scales.map { type.rounded($0 * factor) } } ?? []
    if factor <= 0 { result.grid = nil }
    return result
  }
}

extension ONNXGrid {
  /// The quantizer that leaves these numbers as they are.
  func quantizer(shape: [Int]) -> Quantizer {
    .uniform(UniformQuantizer(scale: Elements(compacting: scales, shape: shape), levels: levels))
  }
}

extension Elements where Value == Double {
  /// Elements of a whole tensor in the smallest shape that broadcasts to it.
  init(compacting values: [Double], shape: [Int]) {
    if let first = values.first, values.allSatisfy({ $0 == first }) {
      self.init(first)
      return
    }
    let steps = rowMajorSteps(shape)
    var small = shape
    for axis in shape.indices {
      let varies = values.indices.contains {
        values[$0] != values[$0 - $0 / steps[axis] % shape[axis] * steps[axis]]
      }
      if !varies { small[axis] = 1 }
    }
    let places = strided(small, zip(small, steps).map { $0 == 1 ? 0 : $1 }, from: 0)
    self.init(shape: Array(small.drop { $0 == 1 }), values: places.map { values[$0] })
  }
}

// MARK: Batch normalization

/// y = scale · x + offset per channel; the two numbers are computed in float32 as ONNX Runtime does, of float64 parameters in float64.
private func convertBatchNormalization(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  guard x.hasBatch, !x.eventShape.isEmpty else { throw call.problem("needs a batch axis and channels") }
  if try call.flag("training_mode") {
    throw call.problem("is in training mode", hint: "export the model in eval mode")
  }
  let isLast = call.isChannelsLast
  let held = isLast ? call.plain(x) : x
  let axis = isLast ? x.eventShape.count - 1 : held.isMoved ? x.eventShape.count - 1 : 0
  let channels = held.storedShape[axis]
  var parameters: [[Double]] = []
  var isDouble = false
  for (index, what) in ["the scale", "the bias", "the mean", "the variance"].enumerated() {
    let tensor = try call.constant(index + 1, what)
    guard tensor.values.count == channels else {
      throw call.problem("\(what) has \(tensor.values.count) values for \(channels) channels")
    }
    if tensor.type == .float64 { isDouble = true }
    parameters.append(tensor.values)
  }
  var epsilon = try call.real("epsilon", default: 1e-5)
  if !isDouble {
    epsilon = Double(Float(epsilon))
    parameters = parameters.map { $0.map { Double(Float($0)) } }
  }
  let factors = (0..<channels).map { parameters[0][$0] / (parameters[3][$0] + epsilon).squareRoot() }
  guard (factors + parameters[1] + parameters[2]).allSatisfy({ $0.isFinite }) else {
    throw call.problem("its variance is negative or its parameters are no numbers")
  }
  func tensor(_ values: [Double]) -> Weights { Weights(shape: [channels], values: values) }
  var normalization = BatchNormalization(
    gamma: tensor(parameters[0]), beta: tensor(parameters[1]), mean: tensor(parameters[2]),
    variance: tensor(parameters[3]), epsilon: epsilon, axis: axis)
  normalization.roundsRoot = !isDouble
  return [.data(try call.elementwise(.batchNormalization(normalization), held))]
}

extension ONNXCall {
  /// Whether the node is QONNX's channels-last form.
  var isChannelsLast: Bool { node.domain.hasSuffix("channels_last") }
}
