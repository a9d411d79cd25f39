import Diagnostics
import Model

/// Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Slice, Gather, Expand, Tile, Split, Pad of data.
func convertMove(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.dataOrIntegers(0)
  return try moves(call, x.shape).map { chain throws(Failure) in
    var result = x
    for move in chain { result = try call.apply(move, to: result) }
    return .data(result)
  }
}

/// Elements of data at constant indices, or rows of a constant table at indices that depend on the events.
func convertGather(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  if !call.isConstant(1), !call.isConstant(0) { return try gatherRows(call) }
  guard call.isConstant(0), !call.isConstant(1) else { return try convertMove(call) }
  let table = try call.constant(0, "the table")
  let x = call.plain(try call.data(1))
  guard try call.integer("axis", default: 0) == 0, table.shape.count == 2 else {
    throw call.problem(
      "looks up data in a table of shape \(table.shape.shortened); rows of a matrix are supported")
  }
  let rows = try call.weights(table, "the table").values
  return [.data(try call.add(.embedding(Embedding(rows: rows)), [x], x.shape + [table.shape[1]]))]
}

extension ONNXCall {
  /// A tensor of data with its elements moved.
  func apply(_ move: ONNXMove, to x: ONNXData) throws(Failure) -> ONNXData {
    let shape = move.shape(of: x.shape)
    if let scale = x.integers, scale.scale.count > 1 || scale.zero.count > 1 {
      throw problem("moves quantized integers with a scale per channel: put it behind the DequantizeLinear")
    }
    switch move {
    case .reshape: return try reshape(x, shape)
    case .transpose(let order): return try transpose(x, order)
    case .gather(let indices): return try gather(x, indices, shape)
    case .pad(let spans, let value): return try pad(x, spans, value, shape)
    }
  }

  /// The same elements in another shape.
  func reshape(_ x: ONNXData, _ shape: [Int], suffix: String = "") throws(Failure) -> ONNXData {
    if shape == x.shape { return x }
    // With one channel, or one position, either layout has the same order.
    let isOneRow = x.storedShape.dropLast().allSatisfy { $0 == 1 } || x.storedShape.last == 1
    var result = x
    if x.isMoved, !isOneRow { result = plain(x) }
    result.isMoved = false
    result.shape = shape
    let batch = x.hasBatch ? x.shape[0] : 1
    // A batch of one may come and go.
    result.hasBatch = shape.count > 1 && shape[0] == batch
    guard batch == 1 || result.hasBatch else {
      throw problem("its result of shape \(shape.shortened) mixes the \(batch) events of a batch")
    }
    if result.eventShape == (x.isMoved && isOneRow ? x.storedShape : x.eventShape) { return result }
    let layer = try add(
      .reshape, [result], shape, hasBatch: result.hasBatch, suffix: suffix)
    result.value = layer.value
    return result
  }

  /// Axes in another order.
  func transpose(_ x: ONNXData, _ order: [Int], suffix: String = "") throws(Failure) -> ONNXData {
    if x.hasBatch, order[0] != 0 {
      guard x.shape[0] == 1 else {
        throw problem("moves the batch, axis 0, to another place (perm \(order.shortened))")
      }
      // A batch of one is an axis like any other.
      return try transpose(try withoutBatch(plain(x)), order, suffix: suffix)
    }
    var result = x
    result.shape = order.map { x.shape[$0] }
    if !x.hasBatch, result.shape.count > 1, result.shape[0] == 1, order[0] != 0 {
      // The batch is back in its place.
      let inside = try add(.permute(order: order), [plain(x)], result.shape, hasBatch: false, suffix: suffix)
      return try reshape(try reshape(inside, Array(result.shape.dropFirst())), result.shape, suffix: "batch")
    }
    let stored = (x.hasBatch ? Array(order.dropFirst()) : order).compactMap { x.storedAxis($0) }
    let identity = Array(stored.indices)
    // A layer may hold the result already: channels first and channels last are the same numbers.
    result.isMoved = false
    if stored == identity { return result }
    if stored.count > 1, Array(stored.dropFirst()) + [stored[0]] == identity {
      result.isMoved = true
      return result
    }
    result.value = try add(.permute(order: stored), [x], result.shape, suffix: suffix).value
    return result
  }

  /// The same with its batch of one as an axis of the layer's.
  func withoutBatch(_ x: ONNXData) throws(Failure) -> ONNXData {
    try add(.reshape, [x], x.shape, hasBatch: false, suffix: "event")
  }

  private func gather(_ x: ONNXData, _ indices: [[Int]?], _ shape: [Int]) throws(Failure) -> ONNXData {
    var stored: [[Int]?] = x.storedShape.map { _ in nil }
    for (axis, places) in indices.enumerated() {
      guard let places, places != Array(0..<x.shape[axis]) else { continue }
      guard let place = x.storedAxis(axis) else { throw problem("picks events of the batch (axis 0)") }
      stored[place] = places
    }
    if stored.allSatisfy({ $0 == nil }) { return x }
    var result = x
    result.shape = shape
    result.value = try add(.gather(indices: stored), [x], shape, isMoved: x.isMoved).value
    return result
  }

  private func pad(_ x: ONNXData, _ spans: [Span], _ value: Double, _ shape: [Int]) throws(Failure)
    -> ONNXData
  {
    let none = Span(before: 0, after: 0)
    if spans.allSatisfy({ $0 == none }) { return x }
    guard value == 0 else {
      throw problem("pads with \(value); zeros and the modes edge, reflect and wrap are supported")
    }
    if x.integers != nil { throw problem("pads quantized integers: put it behind the DequantizeLinear") }
    var stored = x.storedShape.map { _ in none }
    for (axis, span) in spans.enumerated() where span != none {
      guard let place = x.storedAxis(axis) else { throw problem("pads the batch (axis 0)") }
      stored[place] = span
    }
    if stored.last == none {
      return try add(.zeroPadding(stored.dropLast()), [x], shape, isMoved: x.isMoved)
    }
    // Padding works on all axes but the last: one more axis stands in for it.
    let wide = try reshape(plain(x), x.shape + [1], suffix: "wide")
    let padded = try add(
      .zeroPadding(x.hasBatch ? Array(spans.dropFirst()) : spans), [wide], shape + [1], hasBatch: x.hasBatch,
      suffix: "padded")
    return try reshape(padded, shape)
  }

  /// Zeros around the spatial axes of data whose channels are last in its layer.
  func padSpatially(_ x: ONNXData, _ spans: [Span], channelsLast: Bool) throws(Failure) -> ONNXData {
    if spans.allSatisfy({ $0.before == 0 && $0.after == 0 }) { return x }
    return try add(
      .zeroPadding(spans), [x], resized(x, channelsLast) { $1 + spans[$0].before + spans[$0].after },
      isMoved: x.isMoved, suffix: "pad")
  }

  /// x's shape with other lengths of the spatial axes.
  func resized(_ x: ONNXData, _ channelsLast: Bool, _ length: (Int, Int) -> Int) -> [Int] {
    let first = (x.hasBatch ? 1 : 0) + (channelsLast ? 0 : 1)
    var shape = x.shape
    for axis in 0..<x.eventShape.count - 1 { shape[first + axis] = length(axis, shape[first + axis]) }
    return shape
  }
}
