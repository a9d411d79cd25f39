import Diagnostics
import Model
import Storage

/// Keras's normalizations of every event by itself.
let normalizationLayers: [String: LayerParser] = [
  "LayerNormalization": .layers(parseLayerNormalization),
  "RMSNormalization": .layers(parseRMSNormalization),
  "UnitNormalization": .layers(parseUnitNormalization),
  "GroupNormalization": .layers(parseGroupNormalization),
]

/// Those of keras.ops, and its moments.
let normalizationOperations: [String: LayerParser] = [
  "RMSNorm": .layers(parseRMSOperation),
  "LayerNorm": .layers(parseLayerOperation),
  "Normalize": .layers(parseNormalize),
  "Norm": .layers(parseNorm),
  "Var": .layers { (call) throws(Failure) in try parseMoment(&call, isRoot: false) },
  "Std": .layers { (call) throws(Failure) in try parseMoment(&call, isRoot: true) },
]

/// `keras.config.epsilon()`, which a file does not say: what it is unless a program changes it.
private let frameworkEpsilon = 1e-7

extension LayerCall {
  /// The axes of a normalization, as they are listed.
  fileprivate func normalizedAxes(rank: Int) throws(Failure) -> [Int] {
    var axes: [Int] = []
    if let node = config["axis"] {
      for element in node.elements ?? [node] { axes.append(try axis(element, rank: rank)) }
    } else {
      axes = [rank - 1]
    }
    guard !axes.isEmpty, Set(axes).count == axes.count else {
      throw problem("a \(layer.className) over axes \(axes.map { $0 + 1 })")
    }
    return axes
  }

  /// A number that is not negative.
  fileprivate func normalizationEpsilon(default fallback: Double) throws(Failure) -> Double {
    let epsilon = try config.number("epsilon", default: fallback)
    guard epsilon >= 0 else { throw problem("the epsilon of \"\(layer.name)\" is negative") }
    return epsilon
  }

  /// A scale or shift that keras.ops is given as an array; nil where it is given none.
  fileprivate func numbers(_ key: String, _ place: Int) throws(Failure) -> Weights? {
    guard let node = keywords?[key] ?? (arguments.indices.contains(place) ? arguments[place] : nil),
      !node.isNull
    else { return nil }
    guard let written = try Weights.written(in: node) else {
      throw refusal("with a \(key) that is no array")
    }
    return written
  }
}

/// LayerNormalization over any axes: they are brought to the end.
private func parseLayerNormalization(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let rank = x.shape.count
  if let rms = call.config["rms_scaling"], rms.bool == true {
    throw Failure(
      rms.diagnostic(
        "a LayerNormalization with rms_scaling, which subtracts no mean, is not supported",
        hint: "RMSNormalization is read"))
  }
  var axes = try call.normalizedAxes(rank: rank)
  // Keras lists the lengths of gamma's axes as the axes are listed, and lays them over the axes in order.
  let listed = axes.map { x.shape[$0] }
  axes.sort()
  let hasGamma = try call.config.boolean("scale", default: true)
  let hasBeta = try call.config.boolean("center", default: true)
  let epsilon = try call.normalizationEpsilon(default: 1e-3)
  try call.setOutput(x.shape)
  let names = (hasGamma ? ["gamma"] : []) + (hasBeta ? ["beta"] : [])
  let shape = axes.map { x.shape[$0] }
  let found = try call.weights(names.map { ([$0], listed) }).map { Weights(shape: shape, values: $0.values) }
  return try call.normalized(
    x, over: axes,
    LayerNormalization(
      axes: axes.count, gamma: hasGamma ? found[0] : nil, beta: hasBeta ? found[found.count - 1] : nil,
      epsilon: epsilon), "")
}

/// RMSNormalization: x / √(mean of x² + epsilon) · scale.
private func parseRMSNormalization(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let axes = try call.normalizedAxes(rank: x.shape.count).sorted()
  let epsilon = try call.normalizationEpsilon(default: 1e-6)
  try call.setOutput(x.shape)
  let scale = try call.weights([(["scale"], axes.map { x.shape[$0] })])[0]
  return try call.rootMeanSquare(x, axes, scale, epsilon)
}

private func parseRMSOperation(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let axes = try call.normalizedAxes(rank: x.shape.count).sorted()
  return try call.rootMeanSquare(
    x, axes, try call.numbers("scale", 1), try call.normalizationEpsilon(default: frameworkEpsilon))
}

extension LayerCall {
  /// Keras lays the scale over the last axes, whichever are normalized.
  fileprivate func rootMeanSquare(_ x: Tensor, _ axes: [Int], _ scale: Weights?, _ epsilon: Double)
    throws(Failure) -> Tensor
  {
    let lengths = axes.map { x.shape[$0] }
    let isLast = axes == Array((x.shape.count - axes.count)..<x.shape.count)
    guard scale == nil || isLast, let gamma = scale.map({ $0.broadcast(to: lengths) }) ?? .some(nil) else {
      throw problem(
        "a scale of shape \(scale?.shape ?? []) for the axes \(axes.map { $0 + 1 }) of \"\(layer.name)\"",
        hint: "Keras lays the scale over the last axes: normalize those")
    }
    var normalization = LayerNormalization(axes: axes.count, gamma: gamma, beta: nil, epsilon: epsilon)
    normalization.isCentered = false
    return try normalized(x, over: axes, normalization, "")
  }
}

private func parseLayerOperation(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let axes = try call.normalizedAxes(rank: x.shape.count).sorted()
  if try call.config.boolean("rms_scaling", default: false) { throw call.refusal("with rms_scaling") }
  let isLast = axes == Array((x.shape.count - axes.count)..<x.shape.count)
  let lengths = axes.map { x.shape[$0] }
  func parameter(_ key: String, _ place: Int) throws(Failure) -> Weights? {
    guard let given = try call.numbers(key, place) else { return nil }
    guard isLast, let spread = given.broadcast(to: lengths) else {
      throw call.refusal("with a \(key) of shape \(given.shape)")
    }
    return spread
  }
  return try call.normalized(
    x, over: axes,
    LayerNormalization(
      axes: axes.count, gamma: try parameter("gamma", 1), beta: try parameter("beta", 2),
      epsilon: try call.normalizationEpsilon(default: frameworkEpsilon)), "")
}

/// UnitNormalization: x over its length, which is at least a millionth.
private func parseUnitNormalization(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let axes = try call.normalizedAxes(rank: x.shape.count).sorted()
  try call.setOutput(x.shape)
  // Keras 2's floor is of the square, Keras 3's of the length.
  return try call.unit(x, over: axes, floor: call.builder.generation >= 3 ? 1e-24 : 1e-12, "")
}

/// keras.ops.normalize: x over its length.
private func parseNormalize(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  guard try call.config.whole("order", default: 2) == 2 else {
    throw call.refusal("of an order other than 2")
  }
  let axes = try call.normalizedAxes(rank: x.shape.count).sorted()
  let epsilon = try call.normalizationEpsilon(default: frameworkEpsilon)
  return try call.unit(x, over: axes, floor: epsilon * epsilon, "")
}

/// keras.ops.norm: √Σx² over one axis or several.
private func parseNorm(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  if let order = call.config["ord"], order.number != 2 { throw call.refusal("of the order \(order.short)") }
  let axes = try call.axes(call.config.written("axis"), rank: x.shape.count)
  guard axes.count == 1 || call.config["ord"] == nil else { throw call.refusal("of matrices") }
  let square = try call.make(.merge(.multiply), "square", [x, x], x.shape)
  let sum = try call.reduced(square, over: axes, .sum, "sum")
  let root = try call.make(.activation(.squareRoot), "", [sum], sum.shape)
  return try call.shaped(root, reduced: axes)
}

/// keras.ops.var and std.
private func parseMoment(_ call: inout LayerCall, isRoot: Bool) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let axes = try call.axes(call.config.written("axis"), rank: x.shape.count)
  let variance = try call.variance(x, over: axes, isRoot ? "variance" : "")
  let result =
    isRoot ? try call.make(.activation(.squareRoot), "", [variance], variance.shape) : variance
  return try call.shaped(result, reduced: axes)
}

extension LayerCall {
  /// The result of a reduction, whose axes have the length 1, without them unless keepdims says so.
  fileprivate func shaped(_ x: Tensor, reduced axes: [Int]) throws(Failure) -> Tensor {
    if try config.boolean("keepdims", default: false) { return x }
    let shape = x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] }
    return try arranged(x, shape: shape.isEmpty ? [1] : shape, "shaped")
  }
}

/// GroupNormalization: every group of channels normalized with all its positions, then a scale and a shift per channel.
private func parseGroupNormalization(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let rank = x.shape.count
  let axis =
    try call.config["axis"].map { node throws(Failure) in try call.axis(node, rank: rank) } ?? rank - 1
  let channels = x.shape[axis]
  let given = try call.config["groups"].map { node throws(Failure) in try node.whole(atLeast: -1) } ?? 32
  let groups = given == -1 ? channels : given
  guard groups > 0, channels % groups == 0 else {
    throw call.problem("\"\(call.layer.name)\" has \(groups) groups of \(channels) channels")
  }
  let epsilon = try call.normalizationEpsilon(default: 1e-3)
  try call.setOutput(x.shape)
  let hasGamma = try call.config.boolean("scale", default: true)
  let hasBeta = try call.config.boolean("center", default: true)
  let names = (hasGamma ? ["gamma"] : []) + (hasBeta ? ["beta"] : [])
  let found = try call.weights(names.map { ([$0], [channels]) })

  let order = [axis] + (0..<rank).filter { $0 != axis }
  let rows = [groups, x.shape.reduce(1, *) / groups]
  let flat = try call.arranged(x, order: order, shape: rows, "groups")
  let normalized = try call.make(
    .layerNormalization(LayerNormalization(axes: 1, gamma: nil, beta: nil, epsilon: epsilon)),
    names.isEmpty ? "" : "normalized", [flat], rows)
  let wide = try call.arranged(normalized, shape: order.map { x.shape[$0] }, "channels")
  let whole = try call.arranged(wide, order: (0..<rank).map { order.firstIndex(of: $0) ?? 0 }, "back")
  if names.isEmpty { return whole }
  func filled(_ value: Double) -> Weights {
    Weights(shape: [channels], values: Array(repeating: value, count: channels))
  }
  return try call.make(
    .batchNormalization(
      BatchNormalization(
        gamma: hasGamma ? found[0] : nil, beta: hasBeta ? found[found.count - 1] : nil, mean: filled(0),
        variance: filled(1), epsilon: 0, axis: axis)), "", [whole], whole.shape)
}
