import Diagnostics
import Model

/// What a reduction keeps of its elements.
enum ONNXReduction { case mean, sum, maximum }

/// ReduceMean, ReduceSum, ReduceMax, ReduceMin and the sums of sizes and squares, over any axes but the batch.
func convertReduction(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let given = try call.integers(1, orAttribute: "axes", "axes") ?? []
  if given.isEmpty, try call.flag("noop_with_empty_axes") { return [.data(x)] }
  let axes = try call.axes(given.isEmpty ? Array(x.shape.indices) : given, rank: x.shape.count)
  let keeps = try call.flag("keepdims", default: true)
  switch call.node.operation {
  case "ReduceSum": return [.data(try call.reduced(x, axes, .sum, keeps: keeps))]
  case "ReduceL1":
    return [.data(try call.reduced(call.absolute(x, suffix: "size"), axes, .sum, keeps: keeps))]
  case "ReduceL2", "ReduceSumSquare":
    let square = try call.add(.merge(.multiply), [x, x], x.shape, isMoved: x.isMoved, suffix: "square")
    if call.node.operation == "ReduceSumSquare" {
      return [.data(try call.reduced(square, axes, .sum, keeps: keeps))]
    }
    let sum = try call.reduced(square, axes, .sum, keeps: keeps, suffix: "sum")
    return [.data(try call.elementwise(.activation(.squareRoot), sum))]
  case "ReduceMax": return [.data(try call.reduced(x, axes, .maximum, keeps: keeps))]
  case "ReduceMin":
    let minus = ONNXOperand.constant(ONNXTensor(.float32, [1], [-1]))
    let negative = try call.merge(.multiply, [.data(x), minus], suffix: "minus")
    let top = try call.reduced(negative, axes, .maximum, keeps: keeps, suffix: "top")
    return [.data(try call.merge(.multiply, [.data(top), minus]))]
  default: return [.data(try call.reduced(x, axes, .mean, keeps: keeps))]
  }
}

extension ONNXCall {
  /// x reduced over axes, which stay with length 1 or go.
  func reduced(
    _ x: ONNXData, _ axes: [Int], _ reduction: ONNXReduction, keeps: Bool = true, suffix: String = ""
  ) throws(Failure) -> ONNXData {
    let rank = x.shape.count
    guard !(x.hasBatch && axes.contains(0) && x.shape[0] != 1) else {
      throw problem("reduces the batch (axis 0)")
    }
    let reduced = axes.filter { x.storedAxis($0) != nil }
    let shape = x.shape.indices.compactMap { axes.contains($0) ? (keeps ? 1 : nil) : x.shape[$0] }
    let final = shape.isEmpty ? [1] : shape
    if reduced.isEmpty { return try reshape(x, final) }
    let isSum = reduction == .sum
    let kind: PoolingKind = reduction == .maximum ? .maximum : .average
    // All spatial axes of data held channels last: a global pooling as it stands.
    let stored = Set(reduced.compactMap { x.storedAxis($0) })
    if !isSum, stored == Set(0..<x.storedShape.count - 1), !stored.isEmpty {
      let ones = x.shape.indices.map { reduced.contains($0) ? 1 : x.shape[$0] }
      let pooled = try add(
        .globalPooling(kind, keepDimensions: true, averageQuantizer: nil), [x], ones, isMoved: x.isMoved,
        suffix: suffix)
      return try reshape(pooled, final, suffix: "shaped")
    }
    // The reduced axes first for a pooling, last for a sum (which is a product with ones).
    let flat = plain(x)
    let batch = x.hasBatch ? [0] : []
    let kept = (batch.count..<rank).filter { !reduced.contains($0) }
    let count = reduced.map { x.shape[$0] }.reduce(1, *)
    let others = kept.map { x.shape[$0] }.reduce(1, *)
    let lead = x.hasBatch ? [x.shape[0]] : []
    // A transposed tensor may be held with its first axis at the end, and a reshape to its own shape leaves it so.
    let sorted = plain(
      try transpose(flat, batch + (isSum ? kept + reduced : reduced + kept), suffix: "sorted"))
    let result: ONNXData
    if isSum {
      let rows = try reshape(sorted, lead + [others, count], suffix: "rows")
      let ones = Weights(shape: [count, 1], values: Array(repeating: 1, count: count))
      result = try add(
        .dense(Dense(kernel: ones, bias: nil, activation: .linear)), [rows], lead + [others, 1],
        hasBatch: x.hasBatch, suffix: suffix)
    } else {
      let rows = try reshape(sorted, lead + [count, others], suffix: "rows")
      result = try add(
        .globalPooling(kind, keepDimensions: false, averageQuantizer: nil), [rows], lead + [others],
        hasBatch: x.hasBatch, suffix: suffix)
    }
    return try reshape(result, final, suffix: "shaped")
  }
}
