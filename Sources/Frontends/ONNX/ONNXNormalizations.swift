import Diagnostics
import Model

/// LayerNormalization, and RMSNormalization (SimplifiedLayerNormalization of com.microsoft), which subtracts no mean: of the last
/// axes. `ONNXPatterns` sets attributes of its own: `axes`, `sum` (of squares instead of their mean) and `least` (epsilon is the
/// least they may be).
func convertLayerNormalization(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  var x = try call.data(0)
  guard call.node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
    throw call.problem("gives the mean or the deviation, which is not supported")
  }
  let rank = x.shape.count
  let axes: [Int]
  if let given = try call.integers("axes") {
    axes = try call.axes(given, rank: rank)
  } else {
    axes = Array(try call.axis(call.integer("axis", default: -1), rank: rank)..<rank)
  }
  let isCentered = call.node.operation == "LayerNormalization"
  let epsilon = try call.real("epsilon", default: 1e-5)
  guard epsilon >= 0, epsilon > 0 || !isCentered, epsilon.isFinite else {
    throw call.problem("has an epsilon of \(epsilon)")
  }
  let channels = x.hasBatch ? 1 : 0
  if !(x.isMoved && axes == [channels]) { x = call.plain(x) }
  let stored = try axes.map { (axis) throws(Failure) -> Int in
    guard let place = x.storedAxis(axis) else { throw call.problem("normalizes over the batch (axis 0)") }
    return place
  }
  var normalization = LayerNormalization(
    axes: axes.count, gamma: nil, beta: nil, epsilon: Double(Float(epsilon)))
  (normalization.isCentered, normalization.isLeast) = (isCentered, try call.flag("least"))
  if try call.flag("sum") {
    x = call.plain(x)
    return [
      .data(
        call.data(
          try call.events.unit(
            x.tensor, over: stored.sorted(), floor: epsilon, isAdded: !normalization.isLeast, ""), like: x))
    ]
  }
  guard stored.sorted() == Array((x.storedShape.count - axes.count)..<x.storedShape.count) else {
    if !call.has(1), !call.has(2) {
      x = call.plain(x)
      let places = try axes.map { (axis) throws(Failure) in try call.eventAxis(axis, of: x) }
      return [
        .data(call.data(try call.events.normalized(x.tensor, over: places, normalization, ""), like: x))
      ]
    }
    throw call.problem("normalizes over the axes \(axes.shortened), which are not the last ones")
  }
  let normalized = x.storedShape.suffix(axes.count)
  func parameter(_ index: Int, _ what: String) throws(Failure) -> Weights? {
    guard let tensor = try call.constant(ifAny: index, what) else { return nil }
    let values = try call.spread(tensor, Array(normalized), what)
    guard values.allSatisfy(\.isFinite) else { throw call.problem("\(what) has values that are no numbers") }
    return Weights(shape: Array(normalized), values: values)
  }
  (normalization.gamma, normalization.beta) = (try parameter(1, "the scale"), try parameter(2, "the bias"))
  return [.data(try call.elementwise(.layerNormalization(normalization), x))]
}

/// LpNormalization: x over the sum of its sizes, or over its length.
func convertUnit(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let axis = try call.axis(call.integer("axis", default: -1), rank: x.shape.count)
  if try call.integer("p", default: 2) == 2 {
    return [
      .data(
        call.data(
          try call.events.unit(x.tensor, over: [call.eventAxis(axis, of: x)], floor: 0, ""), like: x))
    ]
  }
  let size = try call.absolute(x, suffix: "size")
  let total = try call.reduced(size, [axis], .sum, suffix: "total")
  let inverse = try call.elementwise(.activation(.reciprocal(offset: 0)), total, suffix: "inverse")
  return [.data(try call.merge(.multiply, [.data(x), .data(inverse)]))]
}

/// x − max − ln Σ exp(x − max): the differences are not positive, and the sum is at least 1.
func convertLogSoftmax(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let axis = try call.axis(call.integer("axis", default: call.opset >= 13 ? -1 : 1), rank: x.shape.count)
  if call.opset < 13, x.shape[(axis + 1)...].contains(where: { $0 != 1 }) {
    throw call.problem(
      "is of opset \(call.opset), where all axes from \(axis) on are one", hint: "export it with opset 13")
  }
  let top = try call.reduced(x, [axis], .maximum, suffix: "top")
  let below = try call.merge(.subtract, [.data(x), .data(top)], suffix: "below")
  let powers = try call.elementwise(.activation(.exponential), below, suffix: "powers")
  let sum = try call.reduced(powers, [axis], .sum, suffix: "total")
  let logarithm = try call.elementwise(.activation(.logarithm(least: 1)), sum, suffix: "logarithm")
  return [.data(try call.merge(.subtract, [.data(below), .data(logarithm)]))]
}

// MARK: Groups of channels

/// GroupNormalization: every group of channels normalized with all its positions, then a scale and a bias, one per channel, or one
/// per group before opset 21.
func convertGroupNormalization(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let groups = try call.integer("num_groups", default: 0)
  return [.data(try call.normalizedGroups(x, groups))]
}

/// InstanceNormalization: every channel is a group.
func convertInstanceNormalization(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  return [.data(try call.normalizedGroups(x, x.eventShape.first ?? 0))]
}

extension ONNXCall {
  /// x [batch, channels, …] normalized group by group.
  fileprivate func normalizedGroups(_ x: ONNXData, _ groups: Int) throws(Failure) -> ONNXData {
    guard x.hasBatch, let channels = x.eventShape.first, groups > 0, channels % groups == 0 else {
      throw problem("normalizes \(groups) groups of channels of data of shape \(x.shape.shortened)")
    }
    let epsilon = try real("epsilon", default: 1e-5)
    guard epsilon > 0, epsilon.isFinite else { throw problem("has an epsilon of \(epsilon)") }
    func parameter(_ index: Int, _ what: String) throws(Failure) -> Weights? {
      guard let tensor = try constant(ifAny: index, what) else { return nil }
      guard tensor.values.allSatisfy(\.isFinite) else {
        throw problem("\(what) has values that are no numbers")
      }
      guard tensor.values.count == channels || tensor.values.count == groups else {
        throw problem(
          "\(what) has \(tensor.values.count) values for \(channels) channels in \(groups) groups")
      }
      let each = channels / tensor.values.count
      return Weights(shape: [channels], values: (0..<channels).map { tensor.values[$0 / each] })
    }
    let (gamma, beta) = (try parameter(1, "the scale"), try parameter(2, "the bias"))
    let rows = [groups, x.eventShape.reduce(1, *) / groups]
    let maker = events
    let flat = try maker.arranged(x.tensor, shape: rows, "groups")
    let normalized = try maker.added(
      .layerNormalization(
        LayerNormalization(axes: 1, gamma: nil, beta: nil, epsilon: Double(Float(epsilon)))), "normalized",
      [flat], rows)
    let wide = try maker.arranged(normalized, shape: x.eventShape, "channels")
    var value = wide
    let isPlain =
      (gamma?.values.allSatisfy { $0 == 1 } ?? true) && (beta?.values.allSatisfy { $0 == 0 } ?? true)
    if !isPlain {
      func filled(_ value: Double) -> Weights {
        Weights(shape: [channels], values: Array(repeating: value, count: channels))
      }
      value = try maker.added(
        .batchNormalization(
          BatchNormalization(
            gamma: gamma, beta: beta, mean: filled(0), variance: filled(1), epsilon: 0, axis: 0)), "", [wide],
        wide.shape)
    }
    return ONNXData(value: value.value, shape: x.shape, hasBatch: true)
  }
}
