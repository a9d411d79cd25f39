import Diagnostics
import Model

/// x / √(mean of x² + eps) · weight over the last axes.
@Sendable func convertRootMeanSquare(_ call: TorchCall) throws(Failure) -> [String?] {
  let axes = try call.integers("normalized_shape")
  // Where none is given it is the smallest step of 1 that the type of the data has.
  let type = call.translator.type(try call.tensorName("input"))
  let step = type == .float64 ? 0x1p-52 : type == .float16 ? 0x1p-10 : type == .bfloat16 ? 0x1p-7 : 0x1p-23
  var inputs = [try call.tensor("input")]
  if let weight = try call.tensor(ifAny: "weight") { inputs.append(weight) }
  return [
    call.emit(
      "RMSNormalization", inputs,
      ["axis": .integer(-axes.count), "epsilon": .real(try call.real("eps", default: step))]), nil,
  ]
}

/// 1 / √x.
@Sendable func convertInverseRoot(_ call: TorchCall) throws(Failure) -> [String?] {
  let root = call.emit("Sqrt", [try call.tensor("self")], suffix: "root")
  return [call.emit("Reciprocal", [root])]
}

/// The length of vectors along axes: order 2, 1 or ∞.
@Sendable func convertVectorNorm(_ call: TorchCall) throws(Failure) -> [String?] {
  guard !call.has("dtype") || call.isFloat("dtype") else { throw call.problem("converts to integers") }
  let order = try call.real("ord", default: call.real("p", default: 2))
  let axes = try call.integers("dim", default: Array(0..<(call.rank("self"))))
  let attributes: [String: ONNXAttribute] = [
    "axes": .integers(axes), "keepdims": .integer(try call.flag("keepdim") ? 1 : 0),
  ]
  let x = try call.tensor("self")
  switch order {
  case 2: return [call.emit("ReduceL2", [x], attributes)]
  case 1: return [call.emit("ReduceL1", [x], attributes)]
  case .infinity: return [call.emit("ReduceMax", [call.emit("Abs", [x], suffix: "size")], attributes)]
  default: throw call.problem("is of the order \(order); 1, 2 and ∞ are supported")
  }
}

/// var, std, and either with the mean: sums of squares over N − correction.
@Sendable func convertMoments(_ call: TorchCall) throws(Failure) -> [String?] {
  let x = try call.tensor("self")
  let rank = try call.rank("self")
  var axes = try call.integers("dim", default: [])
  if axes.isEmpty { axes = Array(0..<rank) }
  let correction = try call.real("correction", default: call.flag("unbiased", default: true) ? 1 : 0)
  var count = 1.0
  for axis in axes { count *= Double(try call.length("self", axis)) }
  guard count > correction else { throw call.problem("divides \(count) squares by \(count - correction)") }
  func kept(_ flag: Bool) -> [String: ONNXAttribute] {
    ["axes": .integers(axes), "keepdims": .integer(flag ? 1 : 0)]
  }
  let keeps = try call.flag("keepdim")
  let mean = call.emit("ReduceMean", [x], kept(true), suffix: "mean")
  let difference = call.emit("Sub", [x, mean], suffix: "centered")
  let square = call.emit("Mul", [difference, difference], suffix: "square")
  var result = call.emit("ReduceMean", [square], kept(keeps), suffix: "variance")
  if correction != 0 {
    result = call.emit("Mul", [result, call.number(count / (count - correction))], suffix: "unbiased")
  }
  if call.function.hasPrefix("std") { result = call.emit("Sqrt", [result], suffix: "deviation") }
  guard call.function.hasSuffix("_mean") else { return [result] }
  return [result, call.emit("ReduceMean", [x], kept(keeps), suffix: "means")]
}

/// Weight normalization: v · g / |v|, the length over all axes but one. Both are constants of a trained model.
@Sendable func convertWeightNorm(_ call: TorchCall) throws(Failure) -> [String?] {
  let (v, g) = (try call.tensor("v"), try call.tensor("g"))
  let rank = try call.rank("v")
  let kept = try call.integer("dim", default: 0)
  let place = kept == -1 ? -1 : try call.axis(kept, rank: rank)
  let axes = (0..<rank).filter { $0 != place }
  let length = call.emit(
    "ReduceL2", [v], ["axes": .integers(axes), "keepdims": .integer(1)], suffix: "length")
  return [call.emit("Mul", [v, call.emit("Div", [g, length], suffix: "factor")]), length]
}

/// Every channel of every event normalized by itself, which is how decomposed programs have InstanceNorm: a batch normalization
/// without statistics of a batch of one.
@Sendable func convertOwnNormalization(_ call: TorchCall) throws(Failure) -> [String?] {
  let shape = try call.shape("input")
  guard shape.count >= 3, shape[0] == 1, !call.has("running_mean"), let channels = shape[1],
    channels <= ONNXImporter.lengthLimit
  else { throw call.problem("normalizes by the batch", hint: "export the model in eval mode: model.eval()") }
  func parameter(_ key: String, _ value: Double) throws(Failure) -> String {
    if let given = try call.tensor(ifAny: key) { return given }
    return call.translator.constant(
      ONNXTensor(.float32, [channels], Array(repeating: value, count: channels)))
  }
  let inputs = [try call.tensor("input"), try parameter("weight", 1), try parameter("bias", 0)]
  return [call.emit("InstanceNormalization", inputs, ["epsilon": .real(try call.real("eps"))]), nil, nil]
}

/// The product of two tensors over both of their lengths along an axis.
@Sendable func convertCosine(_ call: TorchCall) throws(Failure) -> [String?] {
  let axis = try call.integer("dim", default: 1)
  let floor = call.number(try call.real("eps", default: 1e-8))
  func unit(_ key: String) throws(Failure) -> String {
    let x = try call.tensor(key)
    let length = call.emit(
      "ReduceL2", [x], ["axes": .integers([axis]), "keepdims": .integer(1)], suffix: "length")
    return call.emit("Div", [x, call.emit("Max", [length, floor], suffix: "floored")], suffix: "unit")
  }
  let product = call.emit("Mul", [try unit("x1"), try unit("x2")], suffix: "product")
  return [call.emit("ReduceSum", [product], ["axes": .integers([axis]), "keepdims": .integer(0)])]
}

/// ln(1 + x).
@Sendable func convertLogOfSum(_ call: TorchCall) throws(Failure) -> [String?] {
  [call.emit("Log", [call.emit("Add", [try call.tensor("self"), call.number(1)], suffix: "sum")])]
}

/// eˣ − 1.
@Sendable func convertExpLessOne(_ call: TorchCall) throws(Failure) -> [String?] {
  [call.emit("Sub", [call.emit("Exp", [try call.tensor("self")], suffix: "power"), call.number(1)])]
}
