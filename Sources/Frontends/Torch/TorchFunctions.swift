import Diagnostics
import Model

/// A function of one tensor that ONNX has under another name.
func plain(_ operation: String) -> TorchConverter {
  { (call) throws(Failure) in [call.emit(operation, [try call.tensor("self")])] }
}

/// A function of two operands, tensors or numbers.
func merged(_ operation: String) -> TorchConverter {
  { (call) throws(Failure) in [call.emit(operation, [try call.operand("self"), try call.operand("other")])] }
}

// MARK: Activations

@Sendable func convertRelu6(_ call: TorchCall) throws(Failure) -> [String?] {
  [call.emit("Clip", [try call.tensor("self"), call.number(0), call.number(6)])]
}

/// clip(x / 6 + 1/2, 0, 1).
@Sendable func convertHardSigmoid(_ call: TorchCall) throws(Failure) -> [String?] {
  [call.emit("HardSigmoid", [try call.tensor("self")], ["alpha": .real(1 / 6), "beta": .real(0.5)])]
}

@Sendable func convertLeakyRelu(_ call: TorchCall) throws(Failure) -> [String?] {
  let slope = try call.real("negative_slope", default: 0.01)
  return [call.emit("LeakyRelu", [try call.tensor("self")], ["alpha": .real(slope)])]
}

/// One slope, or one for each channel, which is axis 1.
@Sendable func convertPRelu(_ call: TorchCall) throws(Failure) -> [String?] {
  let slopes = try call.tensor("weight")
  // The kernel's own call has the slopes laid already.
  if call.function == "_prelu_kernel" { return [call.emit("PRelu", [try call.tensor("self"), slopes])] }
  let rank = try call.rank("self")
  let shape = [-1] + Array(repeating: 1, count: max(0, rank - 2))
  let laid = call.emit("Reshape", [slopes, call.integers(shape)], suffix: "slopes")
  return [call.emit("PRelu", [try call.tensor("self"), laid])]
}

/// scale · x above 0 and scale · alpha · (exp(input_scale · x) − 1) below; of `celu`, alpha is 1 / input_scale.
@Sendable func convertElu(_ call: TorchCall) throws(Failure) -> [String?] {
  let x = try call.tensor("self")
  var alpha = try call.real("alpha", default: 1)
  var scale = try call.real("scale", default: 1)
  var inner = try call.real("input_scale", default: 1)
  if call.function == "celu" { inner = 1 / alpha }
  guard inner > 0, inner.isFinite else { throw call.problem("has the slope \(inner) inside its exponential") }
  if abs(alpha - 1.6732632423543772) < 1e-12, abs(scale - 1.0507009873554805) < 1e-12, inner == 1 {
    return [call.emit("Selu", [x])]
  }
  // With s inside, the plain function of s · x, over s.
  (alpha, scale) = (alpha * inner, scale / inner)
  let scaled = inner == 1 ? x : call.emit("Mul", [x, call.number(inner)], suffix: "inner")
  let result = call.emit("Elu", [scaled], ["alpha": .real(alpha)])
  return [scale == 1 ? result : call.emit("Mul", [result, call.number(scale)], suffix: "scaled")]
}

@Sendable func convertGelu(_ call: TorchCall) throws(Failure) -> [String?] {
  [
    call.emit(
      "Gelu", [try call.tensor("self")], ["approximate": .text(try call.text("approximate", default: "none"))]
    )
  ]
}

/// log(1 + exp(beta · x)) / beta.
@Sendable func convertSoftplus(_ call: TorchCall) throws(Failure) -> [String?] {
  let (beta, threshold) = (try call.real("beta", default: 1), try call.real("threshold", default: 20))
  return [try call.softplus(call.tensor("self"), beta: beta, threshold: threshold)]
}

extension TorchCall {
  /// Beyond the threshold PyTorch takes x itself, which at 17 and more is the same number in float32.
  func softplus(_ x: String, beta: Double, threshold: Double) throws(Failure) -> String {
    guard beta > 0, beta.isFinite, threshold >= 17 else {
      throw problem(
        "has beta \(beta) and threshold \(threshold); a positive beta and a threshold of at least 17 are supported"
      )
    }
    if beta == 1 { return emit("Softplus", [x]) }
    let scaled = emit("Mul", [x, number(beta)], suffix: "inner")
    return emit("Mul", [emit("Softplus", [scaled]), number(1 / beta)], suffix: "scaled")
  }
}

/// Numbers held between two bounds, numbers themselves or tensors.
@Sendable func convertClamp(_ call: TorchCall) throws(Failure) -> [String?] {
  let isTanh = call.function == "hardtanh"
  let keys = isTanh ? ("min_val", "max_val") : ("min", "max")
  var x = try call.tensor("self")
  if case .tensor = call.argument(keys.0) {
    x = call.emit("Max", [x, try call.tensor(keys.0)], suffix: call.has(keys.1) ? "from_below" : "")
    return [call.has(keys.1) ? call.emit("Min", [x, try call.operand(keys.1)]) : x]
  }
  if case .tensor = call.argument(keys.1) { return [call.emit("Min", [x, try call.tensor(keys.1)])] }
  func bound(_ key: String, _ fallback: Double?) throws(Failure) -> String {
    if !call.has(key) { return fallback.map { call.number($0) } ?? "" }
    return call.number(try call.real(key))
  }
  return [
    call.emit("Clip", [x, try bound(keys.0, isTanh ? -1 : nil), try bound(keys.1, isTanh ? 1 : nil)])
  ]
}

/// x above the threshold, and 0 below.
@Sendable func convertThreshold(_ call: TorchCall) throws(Failure) -> [String?] {
  guard try call.real("value") == 0 else {
    throw call.problem("gives another number than 0 below its threshold")
  }
  let threshold = try call.real("threshold")
  return [call.emit("ThresholdedRelu", [try call.tensor("self")], ["alpha": .real(threshold)])]
}

@Sendable func convertSoftmax(_ call: TorchCall) throws(Failure) -> [String?] {
  guard !call.has("dtype") || call.isFloat("dtype") else { throw call.problem("converts to integers") }
  let operation = call.function.contains("log") ? "LogSoftmax" : "Softmax"
  return [call.emit(operation, [try call.tensor("self")], ["axis": .integer(try call.integer("dim"))])]
}

// MARK: Element by element

/// self + alpha · other, self − alpha · other, or other − alpha · self.
@Sendable func convertSum(_ call: TorchCall) throws(Failure) -> [String?] {
  let isReversed = call.function == "rsub"
  let first = try call.operand(isReversed ? "other" : "self")
  let second = try call.scaled(call.operand(isReversed ? "self" : "other"), "alpha")
  return [call.emit(call.function == "add" ? "Add" : "Sub", [first, second])]
}

@Sendable func convertQuotient(_ call: TorchCall) throws(Failure) -> [String?] {
  guard !call.has("rounding_mode") else { throw call.problem("rounds its quotients") }
  if let x = call.softsignOperand() {
    return [call.emit("Softsign", [try call.translator.name(of: x, for: call.node)])]
  }
  return [call.emit("Div", [try call.operand("self"), try call.operand("other")])]
}

/// Scores that are −∞ are asked for by `where` alone, which knows the whole form (`softmaxOfRows`).
@Sendable func convertEqual(_ call: TorchCall) throws(Failure) -> [String?] {
  if case .real(let value) = call.argument("other"), value.isInfinite { return try partOfWhere(call) }
  return try merged("Equal")(call)
}

@Sendable func convertUnequal(_ call: TorchCall) throws(Failure) -> [String?] {
  let equal = call.emit("Equal", [try call.operand("self"), try call.operand("other")], suffix: "equal")
  return [call.emit("Not", [equal])]
}

/// Bit by bit, which of truth values is and, or, not.
@Sendable func convertBitwise(_ call: TorchCall) throws(Failure) -> [String?] {
  for key in ["self", "other"] where call.has(key) {
    guard call.translator.type(try call.tensorName(key)) == .bool else {
      throw call.problem("is read of truth values only")
    }
  }
  return try convertLogical(call)
}

/// And, or, not; numbers are true where they are not 0.
@Sendable func convertLogical(_ call: TorchCall) throws(Failure) -> [String?] {
  var operands: [String] = []
  for key in ["self", "other"] where call.has(key) {
    let tensor = try call.tensor(key)
    let isTruth = call.translator.type(try call.tensorName(key)) == .bool
    let truth: [String: ONNXAttribute] = ["to": .integer(ONNXType.bool.rawValue)]
    operands.append(isTruth ? tensor : call.emit("Cast", [tensor], truth, suffix: "truth"))
  }
  let name = call.function
  return [call.emit(name.contains("and") ? "And" : name.contains("not") ? "Not" : "Or", operands)]
}

@Sendable func convertCumulativeSum(_ call: TorchCall) throws(Failure) -> [String?] {
  guard !call.has("dtype") || call.isFloat("dtype") else { throw call.problem("converts to integers") }
  let axis = try call.integer("dim")
  return [call.emit("CumSum", [try call.tensor("self"), call.integers([axis], shape: [])])]
}

/// One half of the tensor times the sigmoid of the other.
@Sendable func convertGLU(_ call: TorchCall) throws(Failure) -> [String?] {
  let axis = try call.integer("dim", default: -1)
  let half = try call.length("self", axis) / 2
  let parts = call.emit(
    "Split", [try call.tensor("self"), call.integers([half, half])], ["axis": .integer(axis)], results: 2,
    suffix: "halves")
  return [call.emit("Mul", [parts[0], call.emit("Sigmoid", [parts[1]], suffix: "gate")])]
}

/// The square or the size of a difference; summed up over all events it is no number of an event.
@Sendable func convertLoss(_ call: TorchCall) throws(Failure) -> [String?] {
  guard try call.integer("reduction", default: 1) == 0 else {
    throw call.problem(
      "is one number for all events of a batch", hint: "reduction=\"none\", and a mean over the other axes")
  }
  let difference = call.emit(
    "Sub", [try call.tensor("self"), try call.tensor("target")], suffix: "difference")
  return [
    call.function == "l1_loss"
      ? call.emit("Abs", [difference]) : call.emit("Pow", [difference, call.number(2)])
  ]
}

@Sendable func convertSquare(_ call: TorchCall) throws(Failure) -> [String?] {
  [call.emit("Pow", [try call.tensor("self"), call.number(2)])]
}

@Sendable func convertPower(_ call: TorchCall) throws(Failure) -> [String?] {
  guard call.has("exponent"), case .tensor = call.argument("self") else {
    throw call.problem("raises a number to powers of data")
  }
  return [call.emit("Pow", [try call.tensor("self"), call.number(try call.real("exponent"))])]
}
