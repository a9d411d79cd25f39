import Diagnostics
import Model
import Storage

/// Add, Subtract, Multiply, Average, Maximum, Minimum.
func parseMerge(_ call: inout LayerCall, _ merge: Merge) throws(Failure) -> LayerKind {
  try checkInputs(call, exactly: merge == .subtract ? 2 : nil)
  let isMoved = alignLayouts(&call)
  var shape = call.inputs[0].storedShape
  for input in call.inputs.dropFirst() {
    guard let both = broadcastShape(shape, input.storedShape) else {
      throw mismatch(call)
    }
    shape = both
  }
  try call.setOutput(shape, isMoved: isMoved)
  return .merge(merge)
}

func parseConcatenate(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  try checkInputs(call, exactly: nil)
  let isMoved = alignLayouts(&call)
  let first = call.inputs[0]
  let rank = first.shape.count
  let axis =
    try call.config["axis"].map { node throws(Failure) in try call.axis(node, rank: rank) } ?? rank - 1
  var shape = first.shape
  for input in call.inputs.dropFirst() {
    let fits =
      input.shape.count == rank && (0..<rank).allSatisfy { $0 == axis || input.shape[$0] == shape[$0] }
    guard fits else { throw mismatch(call) }
    shape[axis] += input.shape[axis]
  }
  try call.maskConcatenation(axis: axis, rank: rank)
  var output = first
  output.shape = shape
  try call.setOutput(output.storedShape, isMoved: isMoved)
  return .concatenate(axis: first.storedAxis(axis))
}

func parseDot(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  try checkInputs(call, exactly: 2)
  let builder = call.builder
  call.inputs = call.inputs.map { builder.model.plain($0) }
  let shapes = call.inputs.map(\.shape)
  let node = try call.config.required("axes")
  let nodes = node.elements ?? [node, node]
  guard nodes.count == 2 else { throw Failure(node.diagnostic("Dot needs one axis, or one of each input")) }
  let axes = [try call.axis(nodes[0], rank: shapes[0].count), try call.axis(nodes[1], rank: shapes[1].count)]
  guard shapes[0][axes[0]] == shapes[1][axes[1]] else { throw mismatch(call) }
  var shape = zip(shapes, axes).flatMap { shape, axis in shape[..<axis] + shape[(axis + 1)...] }
  if shape.isEmpty { shape = [1] }
  try call.setOutput(shape)
  return .dot(axes: axes, normalize: try call.config.boolean("normalize", default: false))
}

private func checkInputs(_ call: LayerCall, exactly count: Int?) throws(Failure) {
  let given = call.inputs.count
  guard given >= 2, count == nil || given == count else {
    throw call.problem(
      "\(call.layer.className) takes \(count.map(String.init) ?? "two or more") inputs, "
        + "but \"\(call.layer.name)\" is given \(given)")
  }
}

private func mismatch(_ call: LayerCall) -> Failure {
  let shapes = call.inputs.map { "\($0.shape)" }.joined(separator: " and ")
  return call.problem("the inputs of \"\(call.layer.name)\" do not fit together: their shapes are \(shapes)")
}

/// Brings the inputs to one layout; true if that is the moved one.
private func alignLayouts(_ call: inout LayerCall) -> Bool {
  let rank = call.inputs[0].shape.count
  if call.inputs.allSatisfy({ $0.isMoved && $0.shape.count == rank }) { return true }
  let builder = call.builder
  call.inputs = call.inputs.map { builder.model.plain($0) }
  return false
}
