import Diagnostics
import Model

/// LayerNormalization: of the last axes; with an attribute `axes`, which `ONNXPatterns` sets, of those.
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
  let channels = x.hasBatch ? 1 : 0
  if !(x.isMoved && axes == [channels]) { x = call.plain(x) }
  let stored = try axes.map { (axis) throws(Failure) -> Int in
    guard let place = x.storedAxis(axis) else { throw call.problem("normalizes over the batch (axis 0)") }
    return place
  }
  guard stored.sorted() == Array((x.storedShape.count - axes.count)..<x.storedShape.count) else {
    throw call.problem("normalizes over the axes \(axes.shortened), which are not the last ones")
  }
  let normalized = x.storedShape.suffix(axes.count)
  func parameter(_ index: Int, _ what: String) throws(Failure) -> Weights? {
    guard let tensor = try call.constant(ifAny: index, what) else { return nil }
    let values = try call.spread(tensor, Array(normalized), what)
    guard values.allSatisfy(\.isFinite) else { throw call.problem("\(what) has values that are no numbers") }
    return Weights(shape: Array(normalized), values: values)
  }
  let epsilon = try call.real("epsilon", default: 1e-5)
  guard epsilon > 0, epsilon.isFinite else { throw call.problem("has an epsilon of \(epsilon)") }
  let normalization = LayerNormalization(
    axes: axes.count, gamma: try parameter(1, "the scale"), beta: try parameter(2, "the bias"),
    epsilon: Double(Float(epsilon)))
  return [.data(try call.elementwise(.layerNormalization(normalization), x))]
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
