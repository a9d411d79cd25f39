import Diagnostics
import Model

// MARK: Products

/// x · weightᵀ + bias over the last axis.
@Sendable func convertLinear(_ call: TorchCall) throws(Failure) -> [String?] {
  let weight = call.emit(
    "Transpose", [try call.tensor("weight")], ["perm": .integers([1, 0])], suffix: "weight")
  let product = call.emit("MatMul", [try call.tensor("input"), weight])
  guard let bias = try call.tensor(ifAny: "bias") else { return [product] }
  return [call.emit("Add", [product, bias])]
}

/// beta · self + alpha · (a · b).
@Sendable func convertAddMM(_ call: TorchCall) throws(Failure) -> [String?] {
  let names = call.function == "baddbmm" ? ("batch1", "batch2") : ("mat1", "mat2")
  let product = call.emit("MatMul", [try call.tensor(names.0), try call.tensor(names.1)])
  return [
    call.emit("Add", [try call.scaled(product, "alpha"), try call.scaled(call.tensor("self"), "beta")])
  ]
}

@Sendable func convertProduct(_ call: TorchCall) throws(Failure) -> [String?] {
  let second = call.function == "matmul" ? "other" : "mat2"
  return [call.emit("MatMul", [try call.tensor("self"), try call.tensor(second)])]
}

extension TorchCall {
  /// A tensor times a factor, where that is not 1.
  func scaled(_ x: String, _ key: String) throws(Failure) -> String {
    let factor = try real(key, default: 1)
    return factor == 1 ? x : emit("Mul", [x, number(factor)], suffix: key)
  }
}

// MARK: Convolutions

@Sendable func convertConvolution(_ call: TorchCall) throws(Failure) -> [String?] {
  let weight = try call.shape("weight")
  let rank = weight.count - 2
  guard (1...2).contains(rank) else {
    throw call.problem("has weights of \(weight.count) axes; one and two spatial axes are supported")
  }
  guard try call.rank("input") == rank + 2 else {
    throw call.problem("reads data without a batch", hint: "export with an example that has a batch axis")
  }
  let strides = try call.perAxis("stride", rank, default: 1)
  let dilation = try call.perAxis("dilation", rank, default: 1)
  var attributes: [String: ONNXAttribute] = [
    "strides": .integers(strides), "dilations": .integers(dilation),
    "group": .integer(try call.integer("groups", default: 1)),
  ]
  if case .text(let padding) = call.argument("padding") {
    guard padding == "valid" || padding == "same" else {
      throw call.problem("the padding '\(padding)' is not supported")
    }
    var pads = Array(repeating: 0, count: 2 * rank)
    for axis in 0..<rank where padding == "same" {
      let length = try call.length("weight", axis + 2)
      let total = Saturating.product([dilation[axis], max(0, length - 1)])
      (pads[axis], pads[axis + rank]) = (total / 2, total - total / 2)
    }
    attributes["pads"] = .integers(pads)
  } else {
    let pads = try call.perAxis("padding", rank, default: 0)
    attributes["pads"] = .integers(pads + pads)
  }
  let isTransposed = try call.flag("transposed", default: call.function.hasPrefix("conv_transpose"))
  if isTransposed {
    attributes["output_padding"] = .integers(try call.perAxis("output_padding", rank, default: 0))
  }
  var inputs = [try call.tensor("input"), try call.tensor("weight")]
  if let bias = try call.tensor(ifAny: "bias") { inputs.append(bias) }
  return [call.emit(isTransposed ? "ConvTranspose" : "Conv", inputs, attributes)]
}

// MARK: Normalizations

@Sendable func convertNormalization(_ call: TorchCall) throws(Failure) -> [String?] {
  if try call.flag("training") {
    throw call.problem("is in training mode", hint: "export the model in eval mode: model.eval()")
  }
  guard let mean = try call.tensor(ifAny: "running_mean"),
    let variance = try call.tensor(ifAny: "running_var")
  else {
    throw call.problem("normalizes by the events' own mean and variance (track_running_stats=False)")
  }
  let channels = try call.length("running_mean", 0)
  func parameter(_ key: String, _ value: Double) throws(Failure) -> String {
    if let given = try call.tensor(ifAny: key) { return given }
    return call.translator.constant(
      ONNXTensor(.float32, [channels], Array(repeating: value, count: channels)))
  }
  guard channels <= ONNXImporter.lengthLimit else { throw call.problem("has \(channels) channels") }
  let inputs = [
    try call.tensor("input"), try parameter("weight", 1), try parameter("bias", 0), mean, variance,
  ]
  return [call.emit("BatchNormalization", inputs, ["epsilon": .real(try call.real("eps"))]), nil, nil]
}

@Sendable func convertLayerNormalization(_ call: TorchCall) throws(Failure) -> [String?] {
  let axes = try call.integers("normalized_shape")
  var inputs = [
    try call.tensor("input"), try call.tensor(ifAny: "weight") ?? "", try call.tensor(ifAny: "bias") ?? "",
  ]
  if inputs[1].isEmpty {
    guard Saturating.product(axes) <= ONNXCall.foldLimit, axes.allSatisfy({ $0 > 0 }) else {
      throw call.problem("normalizes over axes \(axes.shortened)")
    }
    inputs[1] = call.translator.constant(
      ONNXTensor(.float32, axes, Array(repeating: 1, count: axes.reduce(1, *))))
  }
  return [
    call.emit(
      "LayerNormalization", inputs,
      ["axis": .integer(-axes.count), "epsilon": .real(try call.real("eps", default: 1e-5))]),
    nil, nil,
  ]
}

// MARK: Tables and attention

@Sendable func convertEmbedding(_ call: TorchCall) throws(Failure) -> [String?] {
  [call.emit("Gather", [try call.tensor("weight"), try call.tensor("indices")], ["axis": .integer(0)])]
}

/// softmax(query · keyᵀ · scale + mask) · value.
@Sendable func convertAttention(_ call: TorchCall) throws(Failure) -> [String?] {
  guard try call.real("dropout_p", default: 0) == 0, try !call.flag("enable_gqa") else {
    throw call.problem("dropout and grouped queries are not supported")
  }
  let rank = try call.rank("key")
  guard rank >= 2 else { throw call.problem("has keys of \(rank) axes") }
  let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
  let keys = call.emit("Transpose", [try call.tensor("key")], ["perm": .integers(order)], suffix: "keys")
  let products = call.emit("MatMul", [try call.tensor("query"), keys], suffix: "scores")
  let width = try call.length("query", -1)
  let scale = call.number(try call.real("scale", default: 1 / Double(width).squareRoot()))
  var scores = call.emit("Mul", [products, scale], suffix: "scaled")
  if try call.flag("is_causal") {
    let (targets, sources) = (try call.length("query", -2), try call.length("key", -2))
    guard Saturating.product([targets, sources]) <= ONNXCall.foldLimit else {
      throw call.problem("has a mask of \(targets) by \(sources)")
    }
    let mask = (0..<targets * sources).map { $0 % sources <= $0 / sources ? 0 : -Double.infinity }
    scores = call.emit(
      "Add", [scores, call.translator.constant(ONNXTensor(.float32, [targets, sources], mask))],
      suffix: "causal")
  } else if call.has("attn_mask") {
    let mask = try call.tensor("attn_mask")
    // A mask of truths is no addition.
    let isAdded = call.translator.type(try call.tensorName("attn_mask"))?.isFloat == true
    scores =
      isAdded
      ? call.emit("Add", [scores, mask], suffix: "masked")
      : call.emit("Where", [mask, scores, call.number(-.infinity)], suffix: "masked")
  }
  let weights = call.emit("Softmax", [scores], ["axis": .integer(-1)], suffix: "weights")
  return [call.emit("MatMul", [weights, try call.tensor("value")])]
}
