import Diagnostics
import Model
import Storage

// The operations of `operationParsers` that move elements and compute nothing.

func parseReshapeOperation(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let count = try call.plainInput().reduce(1, *)
  let node = try call.config.required("newshape")
  guard let elements = node.elements, let batch = elements.first, batch.isNull || batch.integer == -1 else {
    throw call.refusal("that fixes the length of the batch", hint: "newshape begins with -1 for the batch")
  }
  let shape = try elements.dropFirst().map { element throws(Failure) in try element.whole(atLeast: 1) }
  guard !shape.isEmpty, shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == count
  else {
    throw call.refusal("of \(call.inputs[0].shape) to \(shape), which moves words from one event to another,")
  }
  try call.setOutput(shape)
  return .reshape
}

func parseExpandDims(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  var shape = try call.plainInput()
  let node = try call.config.required("axis")
  for axis in try call.axes(node, rank: shape.count + (node.elements?.count ?? 1)).sorted() {
    guard axis <= shape.count else { throw Failure(node.diagnostic("there is no such axis")) }
    shape.insert(1, at: axis)
  }
  try call.setOutput(shape)
  return .reshape
}

func parseSqueeze(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  let removed =
    call.config["axis"] == nil
    ? shape.indices.filter { shape[$0] == 1 } : try call.axes(call.config["axis"], rank: shape.count)
  guard removed.allSatisfy({ shape[$0] == 1 }), removed.count < shape.count else {
    throw call.refusal("of shape \(shape) along \(removed.map { $0 + 1 })")
  }
  try call.setOutput(shape.indices.filter { !removed.contains($0) }.map { shape[$0] })
  return .reshape
}

func parseTranspose(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  let all =
    call.config["axes"]?.elements?.compactMap(\.integer).map { $0 < 0 ? $0 &+ shape.count + 1 : $0 } ?? []
  guard all.sorted() == Array(0...shape.count), all.first == 0 else {
    throw call.refusal("that moves the batch", hint: "its axes begin with 0")
  }
  return try permuted(&call, all.dropFirst().map { $0 - 1 })
}

private func permuted(_ call: inout LayerCall, _ order: [Int]) throws(Failure) -> LayerKind {
  let shape = call.inputs[0].shape
  try call.setOutput(order.map { shape[$0] })
  return .permute(order: order)
}

func parseSwapaxes(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let rank = try call.plainInput().count
  var order = Array(0..<rank)
  order.swapAt(
    try call.axis(try call.config.required("axis1"), rank: rank),
    try call.axis(try call.config.required("axis2"), rank: rank))
  return try permuted(&call, order)
}

func parseMoveaxis(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let rank = try call.plainInput().count
  let sources = try call.axes(try call.config.required("source"), rank: rank)
  let targets = try call.axes(try call.config.required("destination"), rank: rank)
  guard sources.count == targets.count else {
    throw call.refusal("of \(sources.count) axes to \(targets.count)")
  }
  var order = (0..<rank).filter { !sources.contains($0) }
  for (target, source) in zip(targets, sources).sorted(by: { $0.0 < $1.0 }) {
    order.insert(source, at: target)
  }
  return try permuted(&call, order)
}

func parseStack(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let builder = call.builder
  call.inputs = call.inputs.map { builder.model.plain($0) }
  guard let shape = call.inputs.first?.shape, call.inputs.allSatisfy({ $0.shape == shape }),
    call.inputs.count > 1
  else {
    throw call.refusal("of tensors of several shapes")
  }
  let axis = try call.axis(try call.config.required("axis"), rank: shape.count + 1)
  var longer = shape
  longer.insert(1, at: axis)
  for index in call.inputs.indices {
    try call.prepend(.reshape, "part\(index + 1)", shape: longer, input: index)
  }
  longer[axis] = call.inputs.count
  try call.setOutput(longer)
  return .concatenate(axis: axis)
}

/// x[:, 1:3, ::2, -1]: a key for every axis, the batch's first.
func parseGetItem(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  guard call.arguments.count == 2 else { throw call.refusal("without a key") }
  var keys = call.arguments[1].elements ?? [call.arguments[1]]
  if let place = keys.firstIndex(where: { $0["class_name"]?.string == "__ellipsis__" }) {
    let missing = shape.count + 1 - keys.filter({ !$0.isNull }).count + 1
    let everything = JSONNode(.object(JSONObject()), file: keys[place].file, path: keys[place].path)
    keys.replaceSubrange(place...place, with: Array(repeating: everything, count: max(0, missing)))
  }
  var indices: [[Int]?] = [nil]
  var result: [Int] = []
  var axis = -1
  for key in keys {
    if key.isNull, axis >= 0 {
      result.append(1)
      continue
    }
    guard axis < shape.count else { throw Failure(key.diagnostic("there are more keys than axes")) }
    if let index = key.integer, axis >= 0 {
      let place = index < 0 ? index &+ shape[axis] : index
      guard (0..<shape[axis]).contains(place) else {
        throw Failure(key.diagnostic("there is no element \(index)"))
      }
      indices.append([place])
    } else if let slice = Slice(key) {
      guard axis >= 0 else {
        guard slice.isEverything else { throw call.refusal("that picks events of a batch") }
        axis += 1
        continue
      }
      let places = slice.places(of: shape[axis])
      result.append(places.count)
      indices.append(places == Array(0..<shape[axis]) ? nil : places)
    } else {
      throw call.refusal("with the key \(key.short)")
    }
    axis += 1
  }
  indices.removeFirst()
  result += shape[max(axis, 0)...]
  indices += Array(repeating: nil, count: shape.count - indices.count)
  try call.setOutput(result.isEmpty ? [1] : result)
  return try picked(&call, indices)
}

/// Picks elements, and puts them in the shape of the result.
private func picked(_ call: inout LayerCall, _ indices: [[Int]?]) throws(Failure) -> LayerKind {
  let shape = zip(call.inputs[0].shape, indices).map { $1?.count ?? $0 }
  guard indices.contains(where: { $0 != nil }) else { return .reshape }
  if call.output?.shape == shape { return .gather(indices: indices) }
  try call.prepend(.gather(indices: indices), "picked", shape: shape)
  return .reshape
}

/// Python's slice.
private struct Slice {
  var start, stop, step: Int?

  init?(_ node: JSONNode) {
    guard node.members != nil, node["class_name"] == nil || node["class_name"]?.string == "__slice__" else {
      return nil
    }
    let config = node["config"]
    (start, stop, step) = (config?["start"]?.integer, config?["stop"]?.integer, config?["step"]?.integer)
    if step == 0 { return nil }
  }

  var isEverything: Bool { start == nil && stop == nil && (step ?? 1) == 1 }

  func places(of length: Int) -> [Int] {
    let step = step ?? 1
    func bound(_ value: Int?, _ otherwise: Int) -> Int {
      guard let value else { return otherwise }
      let place = value < 0 ? value &+ length : value
      return step > 0 ? min(max(place, 0), length) : min(max(place, -1), length - 1)
    }
    let first = bound(start, step > 0 ? 0 : length - 1)
    return Array(stride(from: first, to: bound(stop, step > 0 ? length : -1), by: step))
  }
}

func parseFlip(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  let axes = try call.axes(call.config.written("axis"), rank: shape.count)
  try call.setOutput(shape)
  return try picked(&call, shape.indices.map { axes.contains($0) ? Array((0..<shape[$0]).reversed()) : nil })
}

func parseRepeat(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  var shape = try call.plainInput()
  let axis = try call.axes(call.config.written("axis"), rank: shape.count)[0]
  let count = try call.config.positive("repeats")
  let places = (0..<shape[axis]).flatMap { Array(repeating: $0, count: min(count, 1 << 20)) }
  let rank = shape.count
  shape[axis] *= count
  try call.setOutput(shape)
  return try picked(&call, (0..<rank).map { $0 == axis ? places : nil })
}
