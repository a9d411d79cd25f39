import Diagnostics
import Model

// MARK: Shapes

@Sendable func convertView(_ call: TorchCall) throws(Failure) -> [String?] {
  guard !call.has("dtype") else { throw call.problem("reads the bits as another type") }
  let key = call.has("size") ? "size" : "shape"
  return [call.emit("Reshape", [try call.tensor("self"), try call.lengths(key)])]
}

/// Axes from start_dim to end_dim as one.
@Sendable func convertFlatten(_ call: TorchCall) throws(Failure) -> [String?] {
  let rank = try call.rank("self")
  let first = try call.axis(call.integer("start_dim", default: 0), rank: rank)
  let last = try call.axis(call.integer("end_dim", default: -1), rank: rank)
  guard first <= last else { throw call.problem("flattens axes \(first) to \(last)") }
  // Zeros stand for lengths that stay.
  var shape = Array(repeating: 0, count: first) + [-1]
  for axis in last + 1..<max(rank, last + 1) { shape.append(try call.length("self", axis)) }
  return [call.emit("Reshape", [try call.tensor("self"), call.integers(shape)])]
}

/// One axis as several.
@Sendable func convertUnflatten(_ call: TorchCall) throws(Failure) -> [String?] {
  let rank = try call.rank("self")
  let axis = try call.axis(call.integer("dim"), rank: rank)
  var shape = Array(repeating: 0, count: axis) + (try call.integers("sizes"))
  for after in axis + 1..<max(rank, axis + 1) { shape.append(try call.length("self", after)) }
  return [call.emit("Reshape", [try call.tensor("self"), call.integers(shape)])]
}

@Sendable func convertSqueeze(_ call: TorchCall) throws(Failure) -> [String?] {
  let shape = try call.shape("self")
  // An axis that is longer than 1 stays.
  let given = try call.has("dim") ? call.integers("dim") : Array(shape.indices)
  let axes = try given.map { (axis) throws(Failure) in try call.axis(axis, rank: shape.count) }.filter {
    shape.indices.contains($0) && shape[$0] == 1
  }
  let x = try call.tensor("self")
  return [axes.isEmpty ? x : call.emit("Squeeze", [x, call.integers(axes)])]
}

@Sendable func convertUnsqueeze(_ call: TorchCall) throws(Failure) -> [String?] {
  [call.emit("Unsqueeze", [try call.tensor("self"), call.integers([try call.integer("dim")])])]
}

@Sendable func convertExpand(_ call: TorchCall) throws(Failure) -> [String?] {
  guard case .lengths(let lengths) = call.argument("size") else { throw call.problem("has no size") }
  // −1 stays what it is, and so does what is repeated once.
  let target = lengths.map { $0 == .known(-1) ? .known(1) : $0 }
  return [call.emit("Expand", [try call.tensor("self"), try call.lengths(target)])]
}

@Sendable func convertExpandAs(_ call: TorchCall) throws(Failure) -> [String?] {
  let shape = call.emit("Shape", [try call.tensor("other")], suffix: "shape")
  return [call.emit("Expand", [try call.tensor("self"), shape])]
}

/// Tensors in the shape that they have together. What reads them repeats them too, so that those of another shape are refused only.
@Sendable func convertBroadcast(_ call: TorchCall) throws(Failure) -> [String?] {
  guard case .tensors(let names) = call.argument("tensors") else { throw call.problem("has no tensors") }
  let shapes = Set(names.map { $0.flatMap { call.translator.shape($0) } })
  guard shapes.count == 1 else { throw call.problem("spreads tensors of several shapes") }
  return try call.tensors("tensors")
}

/// Places along axes moved on, the last ones to the front.
@Sendable func convertRoll(_ call: TorchCall) throws(Failure) -> [String?] {
  let (shifts, axes) = (try call.integers("shifts"), try call.integers("dims", default: []))
  guard shifts.count == axes.count else { throw call.problem("rolls all axes as one") }
  var x = try call.tensor("self")
  for (shift, axis) in zip(shifts, axes) {
    let length = try call.length("self", axis)
    guard length > 0 else { throw call.problem("rolls an axis without places") }
    let start = ((-shift % length) + length) % length
    let places = call.integers((0..<length).map { ($0 + start) % length })
    x = call.emit("Gather", [x, places], ["axis": .integer(axis)])
  }
  return [x]
}

// MARK: Orders

@Sendable func convertPermute(_ call: TorchCall) throws(Failure) -> [String?] {
  let axes = try call.integers("dims")
  let order = try axes.map { (axis) throws(Failure) in try call.axis(axis, rank: axes.count) }
  return [call.emit("Transpose", [try call.tensor("self")], ["perm": .integers(order)])]
}

/// Two axes for each other; of `t` the two there are.
@Sendable func convertTranspose(_ call: TorchCall) throws(Failure) -> [String?] {
  let rank = try call.rank("self")
  var order = Array(0..<rank)
  if call.function == "t" || call.function == "numpy_T" {
    order.reverse()
  } else {
    let keys = call.has("dim0") ? ("dim0", "dim1") : ("axis0", "axis1")
    let first = try call.axis(call.integer(keys.0), rank: rank)
    let second = try call.axis(call.integer(keys.1), rank: rank)
    guard first < rank, second < rank else { throw call.problem("has no axes to exchange") }
    order.swapAt(first, second)
  }
  return [call.emit("Transpose", [try call.tensor("self")], ["perm": .integers(order)])]
}

@Sendable func convertMoveAxes(_ call: TorchCall) throws(Failure) -> [String?] {
  let rank = try call.rank("self")
  func axes(_ key: String) throws(Failure) -> [Int] {
    try call.integers(key).map { (axis) throws(Failure) in try call.axis(axis, rank: rank) }
  }
  let (from, to) = (try axes("source"), try axes("destination"))
  guard from.count == to.count, Set(from).count == from.count, Set(to).count == to.count else {
    throw call.problem("moves axes \(from.shortened) to \(to.shortened)")
  }
  var order = [Int](repeating: -1, count: rank)
  for (source, place) in zip(from, to) where place < rank { order[place] = source }
  var rest = (0..<rank).filter { !from.contains($0) }[...]
  for place in order.indices where order[place] == -1 { order[place] = rest.popFirst() ?? 0 }
  return [call.emit("Transpose", [try call.tensor("self")], ["perm": .integers(order)])]
}

// MARK: Joining and parting

@Sendable func convertCat(_ call: TorchCall) throws(Failure) -> [String?] {
  var parts = try call.tensors("tensors")
  let axis = try call.integer("dim", default: 0)
  if call.function == "stack" {
    parts = parts.map { call.emit("Unsqueeze", [$0, call.integers([axis])], suffix: "part") }
  }
  return [call.emit("Concat", parts, ["axis": .integer(axis)])]
}

@Sendable func convertSplit(_ call: TorchCall) throws(Failure) -> [String?] {
  let axis = try call.integer("dim", default: 0)
  let lengths: [Int]
  let key = call.has("split_sizes") ? "split_sizes" : "split_size"
  if call.function == "split_with_sizes" || call.node.target == "aten.split.sizes" {
    lengths = try call.integers(key)
  } else {
    let length = try call.length("self", axis)
    let chunks = call.function == "chunk" ? try call.integer("chunks") : 1
    guard chunks > 0 else { throw call.problem("makes \(chunks) parts") }
    let size = call.function == "chunk" ? (length + chunks - 1) / chunks : try call.integer(key)
    guard size > 0, (length + size - 1) / size == call.node.results.count else {
      throw call.problem("gives \(call.node.results.count) parts of \(length) places, \(size) each")
    }
    lengths = (0..<call.node.results.count).map { min(size, length - $0 * size) }
  }
  guard lengths.count == call.node.results.count else {
    throw call.problem("gives \(call.node.results.count) parts, but has lengths \(lengths.shortened)")
  }
  return call.emit(
    "Split", [try call.tensor("self"), call.integers(lengths)], ["axis": .integer(axis)],
    results: lengths.count)
}

@Sendable func convertUnbind(_ call: TorchCall) throws(Failure) -> [String?] {
  let axis = try call.integer("dim", default: 0)
  guard try call.length("self", axis) == call.node.results.count else {
    throw call.problem("gives \(call.node.results.count) parts")
  }
  let x = try call.tensor("self")
  return call.node.results.indices.map {
    call.emit("Gather", [x, call.integers([$0], shape: [])], ["axis": .integer(axis)])
  }
}

// MARK: Picking

@Sendable func convertSlice(_ call: TorchCall) throws(Failure) -> [String?] {
  let axis = try call.integer("dim", default: 0)
  let start = try call.integer("start", default: 0)
  var end = Int.max
  if call.function == "narrow" {
    let place = start < 0 ? start &+ (try call.length("self", axis)) : start
    end = Saturating.sum([max(0, place), max(0, try call.integer("length"))])
  } else if case .length(.symbol) = call.argument("end") {
    // To the end of an axis whose length is not fixed: the batch's.
    guard start == 0, axis == 0 else { throw call.problem("the argument end is no known integer") }
  } else {
    end = try call.integer("end", default: .max)
  }
  let parts = [start, end, axis, try call.integer("step", default: 1)].map { call.integers([$0]) }
  return [call.emit("Slice", [try call.tensor("self")] + parts)]
}

@Sendable func convertSelect(_ call: TorchCall) throws(Failure) -> [String?] {
  // The states of one layer of several: events are an axis behind, which no join of layers could have.
  if call.function == "select", try call.integer("dim") == 0,
    let joined = call.translator.joined[try call.tensor("self")]
  {
    let place = try call.axis(call.integer("index"), rank: joined.parts.count * joined.each)
    let index = call.integers([place % joined.each], shape: [])
    return [call.emit("Gather", [joined.parts[place / joined.each], index], ["axis": .integer(0)])]
  }
  let index =
    call.function == "select"
    ? call.integers([try call.integer("index")], shape: []) : try call.tensor("index")
  return [call.emit("Gather", [try call.tensor("self"), index], ["axis": .integer(try call.integer("dim"))])]
}

/// x[:, indices]: one constant list of indices along one axis.
@Sendable func convertIndex(_ call: TorchCall) throws(Failure) -> [String?] {
  guard case .tensors(let all) = call.argument("indices") else { throw call.problem("has no indices") }
  let given = all.enumerated().compactMap { place, name in name.map { (place, $0) } }
  guard given.count == 1, let (axis, name) = given.first else {
    throw call.problem("is indexed along \(given.count) axes at once; one is supported")
  }
  guard call.translator.type(name).map({ !$0.isFloat && $0 != .bool }) == true else {
    throw call.problem("is indexed by truth values, which makes a result of no fixed length")
  }
  let indices = try call.translator.name(of: name, for: call.node)
  return [call.emit("Gather", [try call.tensor("self"), indices], ["axis": .integer(axis)])]
}

@Sendable func convertFlip(_ call: TorchCall) throws(Failure) -> [String?] {
  let axes = try call.integers("dims")
  let x = try call.tensor("self")
  if axes.isEmpty { return [x] }
  let parts = [axes.map { _ in -1 }, axes.map { _ in .min }, axes, axes.map { _ in -1 }].map {
    call.integers($0)
  }
  return [call.emit("Slice", [x] + parts)]
}

@Sendable func convertRepeat(_ call: TorchCall) throws(Failure) -> [String?] {
  var repeats = try call.integers(call.has("repeats") ? "repeats" : "dims")
  let rank = try call.rank("self")
  var x = try call.tensor("self")
  if repeats.count > rank {
    x = call.emit("Unsqueeze", [x, call.integers(Array(0..<repeats.count - rank))], suffix: "axes")
  } else {
    repeats = Array(repeating: 1, count: rank - repeats.count) + repeats
  }
  return [call.emit("Tile", [x, call.integers(repeats)])]
}

/// Padding of the last axes, the last one first.
@Sendable func convertPad(_ call: TorchCall) throws(Failure) -> [String?] {
  let pads = try call.integers(call.has("pad") ? "pad" : "padding")
  guard pads.count % 2 == 0 else { throw call.problem("has \(pads.count) pads") }
  let pairs = (0..<pads.count / 2).map { (before: pads[2 * $0], after: pads[2 * $0 + 1]) }
  let modes = ["constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"]
  let mode =
    call.function.hasPrefix("reflection")
    ? "reflect"
    : call.function.hasPrefix("replication") ? "replicate" : try call.text("mode", default: "constant")
  guard let known = modes[mode] else { throw call.problem("the mode '\(mode)' is not supported") }
  let value = call.has("value") ? call.number(try call.real("value")) : ""
  let axes = call.integers(pairs.indices.map { -1 - $0 })
  return [
    call.emit(
      "Pad", [try call.tensor("self"), call.integers(pairs.map(\.before) + pairs.map(\.after)), value, axes],
      ["mode": .text(known)])
  ]
}

/// Every element along an axis so many times, one behind the other.
@Sendable func convertInterleave(_ call: TorchCall) throws(Failure) -> [String?] {
  let count = try call.integer("repeats")
  let axis = try call.integer("dim")
  let length = try call.length("self", axis)
  guard count > 0, Saturating.product([count, length]) <= ONNXImporter.lengthLimit else {
    throw call.problem("repeats \(length) elements \(count) times")
  }
  let places = (0..<length * count).map { $0 / count }
  return [call.emit("Gather", [try call.tensor("self"), call.integers(places)], ["axis": .integer(axis)])]
}
