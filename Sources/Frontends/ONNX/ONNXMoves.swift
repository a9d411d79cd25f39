import Diagnostics
import Model

/// What an operation that only moves elements makes of one tensor: the same for constants, where elements are picked at once,
/// and for data, where it becomes a layer.
enum ONNXMove {
  /// The same elements in order.
  case reshape([Int])
  /// Result axis i is axis `order[i]`.
  case transpose([Int])
  /// Elements picked along each axis; nil takes all.
  case gather([[Int]?])
  /// Zeros, or another number, around each axis.
  case pad([Span], value: Double)

  /// The result's shape.
  func shape(of shape: [Int]) -> [Int] {
    switch self {
    case .reshape(let result): result
    case .transpose(let order): order.map { shape[$0] }
    case .gather(let indices): zip(shape, indices).map { $1?.count ?? $0 }
    case .pad(let spans, _): zip(shape, spans).map { $0 + $1.before + $1.after }
    }
  }

  /// For every element of the result the place it is from; −1 for padding.
  func map(of shape: [Int]) -> [Int] {
    let steps = rowMajorSteps(shape)
    switch self {
    case .reshape: return Array(0..<shape.reduce(1, *))
    case .transpose(let order): return strided(order.map { shape[$0] }, order.map { steps[$0] }, from: 0)
    case .gather(let indices):
      return Self.places(zip(shape, indices).map { $1 ?? Array(0..<$0) }, steps)
    case .pad(let spans, _):
      return Self.places(
        zip(shape, spans).map { length, span in
          Array(repeating: -1, count: span.before) + Array(0..<length)
            + Array(repeating: -1, count: span.after)
        }, steps)
    }
  }

  private static func places(_ indices: [[Int]], _ steps: [Int]) -> [Int] {
    indices.enumerated().reduce([0]) { places, axis in
      places.flatMap { place in
        axis.element.map { $0 < 0 || place < 0 ? -1 : place + $0 * steps[axis.offset] }
      }
    }
  }
}

extension ONNXTensor {
  /// The tensor with its elements moved, its integers and scales with them.
  func moved(_ move: ONNXMove) -> ONNXTensor {
    let map = move.map(of: shape)
    var fill = 0.0
    if case .pad(_, let value) = move { fill = value }
    var result = ONNXTensor(type, move.shape(of: shape), map.map { $0 < 0 ? fill : values[$0] })
    if let grid, !map.contains(-1) {
      result.grid = grid
      result.grid?.integers = map.map { grid.integers[$0] }
      result.grid?.scales = map.map { grid.scales[$0] }
    }
    return result
  }
}

/// Folds an operation of `moves`.
func foldMove(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let x = try call.operand(constants, 0)
  return try moves(call, x.shape).map { chain throws(Failure) in
    var result = x
    for move in chain {
      _ = try call.checkedCount(move.shape(of: result.shape))
      result = result.moved(move)
    }
    return result
  }
}

func foldConcat(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let parts = try constants.indices.map { (index) throws(Failure) in try call.operand(constants, index) }
  guard let first = parts.first else { throw call.problem("joins nothing") }
  let axis = try call.axis(call.integer("axis", default: 1), rank: first.shape.count)
  let shape = try concatenatedShape(call, parts.map(\.shape), axis)
  _ = try call.checkedCount(shape)
  let outer = first.shape[..<axis].reduce(1, *)
  func joined(_ pick: (ONNXTensor) -> [Double]) -> [Double] {
    let rows = parts.map { (pick($0), $0.shape[axis...].reduce(1, *)) }
    return (0..<outer).flatMap { row in rows.flatMap { $0.0[row * $0.1..<(row + 1) * $0.1] } }
  }
  return [ONNXTensor(first.type, shape, joined(\.values))]
}

func concatenatedShape(_ call: ONNXCall, _ shapes: [[Int]], _ axis: Int) throws(Failure) -> [Int] {
  var result = shapes[0]
  for shape in shapes.dropFirst() {
    guard shape.count == result.count, shape.indices.allSatisfy({ $0 == axis || shape[$0] == result[$0] })
    else {
      throw call.problem(
        "shapes \(result.shortened) and \(shape.shortened) cannot be joined along axis \(axis)")
    }
    result[axis] += shape[axis]
  }
  return result
}

/// What the operation does to a tensor of a shape: for each result the moves that make it.
func moves(_ call: ONNXCall, _ shape: [Int]) throws(Failure) -> [[ONNXMove]] {
  switch call.node.operation {
  case "Reshape": return [[.reshape(try reshaped(call, shape))]]
  case "Flatten":
    let axis = try call.integer("axis", default: 1)
    let place = axis == shape.count ? axis : try call.axis(axis, rank: shape.count)
    return [[.reshape([shape[..<place].reduce(1, *), shape[place...].reduce(1, *)])]]
  case "Squeeze":
    let given = try call.integers(1, orAttribute: "axes", "axes")
    let axes =
      try given.map { (given) throws(Failure) in try call.axes(given, rank: shape.count) }
      ?? shape.indices.filter { shape[$0] == 1 }
    guard axes.allSatisfy({ shape[$0] == 1 }) else {
      throw call.problem("squeezes an axis of shape \(shape.shortened) that is longer than 1")
    }
    return [[.reshape(shape.indices.filter { !axes.contains($0) }.map { shape[$0] })]]
  case "Unsqueeze":
    let given = try call.integers(1, orAttribute: "axes", "axes") ?? []
    guard shape.count + given.count <= ONNXImporter.rankLimit else {
      throw call.problem("adds \(given.count) axes")
    }
    let axes = try call.axes(given, rank: shape.count + given.count)
    var result = shape
    for axis in axes { result.insert(1, at: axis) }
    return [[.reshape(result)]]
  case "Transpose":
    let order = try call.integers("perm") ?? shape.indices.reversed()
    guard order.sorted() == Array(shape.indices) else {
      throw call.problem("perm is \(order.shortened) for a tensor of \(shape.count) axes")
    }
    return [[.transpose(order)]]
  case "Slice": return [[.gather(try sliced(call, shape))]]
  case "Gather": return [try gathered(call, shape)]
  case "Expand":
    let target = try call.constant(1, "the shape").integers
    guard target.allSatisfy({ $0 >= 1 && $0 <= ONNXImporter.lengthLimit }),
      let result = broadcast([shape, target])
    else { throw call.problem("shape \(shape.shortened) cannot be expanded to \(target.shortened)") }
    let front = Array(repeating: 1, count: result.count - shape.count) + shape
    return [
      [.reshape(front), .gather(zip(front, result).map { $0 == $1 ? nil : Array(repeating: 0, count: $1) })]
    ]
  case "Tile":
    let repeats = try call.constant(1, "the repeats").integers
    guard repeats.count == shape.count, repeats.allSatisfy({ $0 >= 1 && $0 <= ONNXImporter.lengthLimit })
    else {
      throw call.problem("repeats \(repeats.shortened) for a tensor of \(shape.count) axes")
    }
    _ = try call.checkedCount(zip(shape, repeats).map { Saturating.product([$0, $1]) })
    return [
      [
        .gather(
          zip(shape, repeats).map { length, count in
            count == 1 ? nil : (0..<length * count).map { $0 % length }
          })
      ]
    ]
  case "Split":
    let axis = try call.axis(call.integer("axis", default: 0), rank: shape.count)
    var start = 0
    return try split(call, shape[axis]).map { length in
      defer { start += length }
      return [.gather(shape.indices.map { $0 == axis ? Array(start..<start + length) : nil })]
    }
  case "Pad": return [[try padded(call, shape)]]
  default: throw call.problem("moves elements in a way that is not supported")
  }
}

private func reshaped(_ call: ONNXCall, _ shape: [Int]) throws(Failure) -> [Int] {
  guard let target = try call.integers(1, orAttribute: "shape", "the shape") else {
    throw call.problem("has no shape to give")
  }
  let allowsZero = try call.flag("allowzero")
  guard target.count <= ONNXImporter.rankLimit else { throw call.problem("makes \(target.count) axes") }
  var result: [Int] = []
  for (place, length) in target.enumerated() {
    if length == 0, !allowsZero {
      guard place < shape.count else {
        throw call.problem("copies the length of axis \(place), which there is not")
      }
      result.append(shape[place])
    } else {
      result.append(length)
    }
  }
  let count = Saturating.product(shape)
  let unknown = result.indices.filter { result[$0] == -1 }
  guard unknown.count <= 1, result.allSatisfy({ $0 >= -1 }) else {
    throw call.problem("the shape \(target.shortened) cannot be worked out")
  }
  if let place = unknown.first {
    let rest = Saturating.product(result.filter { $0 != -1 })
    guard rest > 0, count % rest == 0 else {
      throw call.problem("\(count) elements do not go into the shape \(target.shortened)")
    }
    result[place] = count / rest
  }
  guard Saturating.product(result) == count else {
    throw call.problem(
      "\(count) elements of shape \(shape.shortened) do not go into the shape \(target.shortened)")
  }
  return result
}

private func sliced(_ call: ONNXCall, _ shape: [Int]) throws(Failure) -> [[Int]?] {
  guard let starts = try call.integers(1, orAttribute: "starts", "starts"),
    let ends = try call.integers(2, orAttribute: "ends", "ends")
  else { throw call.problem("has no starts and ends") }
  let axes = try call.integers(3, orAttribute: "axes", "axes") ?? Array(starts.indices)
  let steps = try call.constant(ifAny: 4, "steps")?.integers ?? starts.map { _ in 1 }
  guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count else {
    throw call.problem("starts, ends, axes and steps have different lengths")
  }
  var result: [[Int]?] = shape.map { _ in nil }
  for (place, axis) in axes.enumerated() {
    let axis = try call.axis(axis, rank: shape.count)
    let (length, step) = (shape[axis], steps[place])
    guard step != 0, step != .min else { throw call.problem("slices with step \(step)") }
    func bound(_ value: Int, _ range: ClosedRange<Int>) -> Int {
      let from = value < 0 ? value.addingReportingOverflow(length).partialValue : value
      return Swift.min(Swift.max(from, range.lowerBound), range.upperBound)
    }
    let range = step > 0 ? 0...length : -1...(length - 1)
    let (start, end) = (bound(starts[place], range), bound(ends[place], range))
    result[axis] = Array(stride(from: start, to: end, by: step)).filter { (0..<length).contains($0) }
  }
  return result
}

/// One gather, then the index tensor's shape in place of the axis (a scalar index takes it away).
private func gathered(_ call: ONNXCall, _ shape: [Int]) throws(Failure) -> [ONNXMove] {
  let axis = try call.axis(call.integer("axis", default: 0), rank: shape.count)
  let indices = try call.constant(1, "the indices")
  let places = indices.integers.map { $0 < 0 ? $0 &+ shape[axis] : $0 }
  guard places.allSatisfy({ (0..<shape[axis]).contains($0) }) else {
    throw call.problem("an index is outside of axis \(axis), which has \(shape[axis]) places")
  }
  return [
    .gather(shape.indices.map { $0 == axis ? places : nil }),
    .reshape(shape[..<axis] + indices.shape + shape[(axis + 1)...]),
  ]
}

private func split(_ call: ONNXCall, _ length: Int) throws(Failure) -> [Int] {
  let parts: [Int]
  if let given = try call.integers(1, orAttribute: "split", "the lengths") {
    parts = given
  } else {
    let count = try call.integer("num_outputs", default: call.node.outputs.count)
    guard (1...Swift.max(1, length)).contains(count) else {
      throw call.problem("splits \(length) places in \(count) parts")
    }
    let size = (length + count - 1) / count
    parts = (0..<count).map { Swift.min(size, length - $0 * size) }
  }
  guard parts.allSatisfy({ $0 >= 0 }), Saturating.sum(parts) == length else {
    throw call.problem("splits \(length) places in parts \(parts.shortened)")
  }
  return parts
}

private func padded(_ call: ONNXCall, _ shape: [Int]) throws(Failure) -> ONNXMove {
  guard let pads = try call.integers(1, orAttribute: "pads", "the pads") else {
    throw call.problem("has no pads")
  }
  let given = try call.constant(ifAny: 3, "axes")?.integers ?? Array(shape.indices)
  guard pads.count == 2 * given.count, pads.allSatisfy({ abs($0) <= ONNXImporter.lengthLimit }) else {
    throw call.problem("pads \(pads.shortened) for \(given.count) axes")
  }
  var spans = shape.map { _ in Span(before: 0, after: 0) }
  for (place, axis) in given.enumerated() {
    spans[try call.axis(axis, rank: shape.count)] = Span(
      before: pads[place], after: pads[place + given.count])
  }
  guard zip(shape, spans).allSatisfy({ $0 + Swift.min(0, $1.before) + Swift.min(0, $1.after) > 0 }) else {
    throw call.problem("pads away everything")
  }
  let mode = try call.text("mode", default: "constant")
  if mode == "constant" {
    guard spans.allSatisfy({ $0.before >= 0 && $0.after >= 0 }) else {
      // Negative pads cut.
      return .gather(
        try zip(shape, spans).map { length, span throws(Failure) in
          guard span.before <= 0, span.after <= 0 else { throw call.problem("pads and cuts at once") }
          return span.before == 0 && span.after == 0 ? nil : Array(-span.before..<(length + span.after))
        })
    }
    let value = try call.has(2) ? call.scalar(2, "the value") : call.real("value", default: 0)
    return .pad(spans, value: value)
  }
  // The other modes repeat elements that are there.
  return .gather(
    try zip(shape, spans).map { length, span throws(Failure) in
      if span.before == 0, span.after == 0 { return nil }
      return try (-span.before..<(length + span.after)).map { place throws(Failure) in
        switch mode {
        case "edge": return Swift.min(Swift.max(place, 0), length - 1)
        case "wrap": return ((place % length) + length) % length
        case "reflect":
          guard length > 1 || place == 0 else { throw call.problem("reflects an axis of one place") }
          let period = 2 * (length - 1)
          let folded = ((place % Swift.max(1, period)) + period) % Swift.max(1, period)
          return folded < length ? folded : period - folded
        default: throw call.problem("the mode \(mode) is not supported")
        }
      }
    })
}
