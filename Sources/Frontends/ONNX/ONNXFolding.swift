import Diagnostics
import FixedPoint
import Foundation

/// Computes the results of a node whose operands are all constants; nil for an operand left out.
typealias ONNXFold = @Sendable (ONNXCall, [ONNXTensor?]) throws(Failure) -> [ONNXTensor]

/// How an operation is folded where nothing in it depends on the events; nil for one that is not. Those that only move elements are folded by the
/// same plans that wire data (ONNXMoves.swift).
func onnxFold(_ operation: String) -> ONNXFold? {
  if let f = unaryFolds[operation] { return unary(f) }
  if let f = binaryFolds[operation] { return binary(nil, f) }
  if let f = comparisonFolds[operation] { return binary(.bool, f) }
  if let f = reductionFolds[operation] { return reduction(f) }
  return otherFolds[operation]
}

private let otherFolds: [String: ONNXFold] = [
  "Constant": foldConstant, "ConstantOfShape": foldConstantOfShape, "Shape": foldShape, "Size": foldSize,
  "Range": foldRange, "Cast": foldCast, "Identity": foldIdentity, "Dropout": foldIdentity, "Where": foldWhere,
  "Reshape": foldMove, "Flatten": foldMove, "Squeeze": foldMove, "Unsqueeze": foldMove, "Transpose": foldMove,
  "Slice": foldMove, "Gather": foldMove, "Expand": foldMove, "Tile": foldMove, "Split": foldMove,
  "Pad": foldMove,
  "Concat": foldConcat, "MatMul": foldProduct, "Trilu": foldTriangle, "Div": foldDivide, "Clip": foldClip,
  "Quant": foldQuant,
  "IntQuant": foldQuant,
  "BipolarQuant": foldBipolarQuant, "FloatQuant": foldFloatQuant, "QuantizeLinear": foldQuantizeLinear,
  "DequantizeLinear": foldDequantizeLinear,
]

private let unaryFolds: [String: @Sendable (Double) -> Double] = [
  "Neg": { (x: Double) -> Double in -x }, "Abs": { (x: Double) -> Double in abs(x) },
  "Sqrt": { (x: Double) -> Double in x.squareRoot() }, "Exp": { (x: Double) -> Double in exp(x) },
  "Log": { (x: Double) -> Double in log(x) }, "Reciprocal": { (x: Double) -> Double in 1 / x },
  "Cos": { (x: Double) -> Double in cos(x) }, "Sin": { (x: Double) -> Double in sin(x) },
  "Floor": { (x: Double) -> Double in x.rounded(.down) }, "Ceil": { (x: Double) -> Double in x.rounded(.up) },
  "Round": { (x: Double) -> Double in x.rounded(.toNearestOrEven) },
  "Sign": { (x: Double) -> Double in x > 0 ? 1 : x < 0 ? -1 : 0 },
  "Not": { (x: Double) -> Double in x == 0 ? 1 : 0 }, "Relu": { (x: Double) -> Double in max(x, 0) },
  "Tanh": { (x: Double) -> Double in tanh(x) }, "Sigmoid": { (x: Double) -> Double in 1 / (1 + exp(-x)) },
]

private let binaryFolds: [String: @Sendable (Double, Double) -> Double] = [
  "Add": { (x: Double, y: Double) -> Double in x + y }, "Sub": { (x: Double, y: Double) -> Double in x - y },
  "Mul": { (x: Double, y: Double) -> Double in x * y },
  "Pow": { (x: Double, y: Double) -> Double in pow(x, y) },
  "Mod": { (x: Double, y: Double) -> Double in x - y * (x / y).rounded(.down) },
  "Min": { (x: Double, y: Double) -> Double in min(x, y) },
  "Max": { (x: Double, y: Double) -> Double in max(x, y) },
]

private let comparisonFolds: [String: @Sendable (Double, Double) -> Double] = [
  "Equal": { (x: Double, y: Double) -> Double in x == y ? 1 : 0 },
  "Less": { (x: Double, y: Double) -> Double in x < y ? 1 : 0 },
  "Greater": { (x: Double, y: Double) -> Double in x > y ? 1 : 0 },
  "LessOrEqual": { (x: Double, y: Double) -> Double in x <= y ? 1 : 0 },
  "GreaterOrEqual": { (x: Double, y: Double) -> Double in x >= y ? 1 : 0 },
  "And": { (x: Double, y: Double) -> Double in x != 0 && y != 0 ? 1 : 0 },
  "Or": { (x: Double, y: Double) -> Double in x != 0 || y != 0 ? 1 : 0 },
]

private let reductionFolds: [String: @Sendable ([Double]) -> Double] = [
  "ReduceProd": { (x: [Double]) -> Double in x.reduce(1, *) },
  "ReduceSum": { (x: [Double]) -> Double in x.reduce(0, +) },
  "ReduceL1": { (x: [Double]) -> Double in x.reduce(0) { $0 + abs($1) } },
  "ReduceL2": { (x: [Double]) -> Double in x.reduce(0) { $0 + $1 * $1 }.squareRoot() },
  "ReduceSumSquare": { (x: [Double]) -> Double in x.reduce(0) { $0 + $1 * $1 } },
  "ReduceMax": { (x: [Double]) -> Double in x.max() ?? 0 },
  "ReduceMin": { (x: [Double]) -> Double in x.min() ?? 0 },
  "ReduceMean": { (x: [Double]) -> Double in x.reduce(0, +) / Double(max(1, x.count)) },
]

extension ONNXCall {
  /// An operand of a fold that has to be there.
  func operand(_ constants: [ONNXTensor?], _ index: Int) throws(Failure) -> ONNXTensor {
    guard constants.indices.contains(index), let tensor = constants[index] else {
      throw problem("input \(index) is missing")
    }
    return tensor
  }

  /// The most elements that folding may make of one tensor.
  static let foldLimit = 1 << 25

  func checkedCount(_ shape: [Int]) throws(Failure) -> Int {
    let count = Saturating.product(shape)
    guard shape.allSatisfy({ $0 >= 0 }), count <= Self.foldLimit, shape.count <= ONNXImporter.rankLimit else {
      throw problem("a constant of shape \(shape.shortened) is too large")
    }
    return count
  }
}

extension ONNXType {
  /// A number as this type holds it.
  func rounded(_ value: Double) -> Double {
    switch self {
    case .float64: return value
    case .float32, .float16, .bfloat16: return Double(Float(value))
    case .bool: return value == 0 ? 0 : 1
    case .text: return value
    default: return value.isFinite ? value.rounded(.towardZero) : 0
    }
  }
}

// MARK: Sources

private func foldConstant(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  for (key, attribute) in call.node.attributes {
    call.asked.keys.insert(key)
    switch (key, attribute) {
    case ("value", .tensor(let tensor)): return [tensor]
    case ("value_float", .real(let value)): return [ONNXTensor(.float32, [], [value])]
    case ("value_int", .integer(let value)): return [ONNXTensor(.int64, [], [Double(value)])]
    case ("value_floats", .reals(let values)): return [ONNXTensor(.float32, [values.count], values)]
    case ("value_ints", .integers(let values)):
      return [ONNXTensor(.int64, [values.count], values.map { Double($0) })]
    default: continue
    }
  }
  throw call.problem("has no value that is supported")
}

private func foldConstantOfShape(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor]
{
  let shape = try call.operand(constants, 0).integers
  var value = ONNXTensor(.float32, [1], [0])
  if case .tensor(let given)? = call.attribute("value"), given.values.count == 1 { value = given }
  return [
    ONNXTensor(value.type, shape, Array(repeating: value.values[0], count: try call.checkedCount(shape)))
  ]
}

private func foldShape(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  [try shapeTensor(call, call.operand(constants, 0).shape)]
}

/// A shape as a tensor, with Shape's attributes start and end (opset 15).
func shapeTensor(_ call: ONNXCall, _ shape: [Int]) throws(Failure) -> ONNXTensor {
  func place(_ value: Int) -> Int { min(shape.count, max(0, value < 0 ? value &+ shape.count : value)) }
  let start = place(try call.integer("start", default: 0))
  let end = max(start, place(try call.integer("end", default: shape.count)))
  return ONNXTensor(.int64, [end - start], shape[start..<end].map { Double($0) })
}

private func foldSize(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  [ONNXTensor(.int64, [], [Double(try call.operand(constants, 0).values.count)])]
}

private func foldRange(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let start = try call.operand(constants, 0)
  let (limit, step) = (try call.scalar(1, "limit"), try call.scalar(2, "delta"))
  let first = try call.scalar(0, "start")
  let count = ((limit - first) / step).rounded(.up)
  guard count.isFinite, count <= Double(ONNXCall.foldLimit) else {
    throw call.problem("its range is too long")
  }
  return [
    ONNXTensor(
      start.type, [max(0, Int(count))],
      (0..<max(0, Int(count))).map { start.type.rounded(first + Double($0) * step) })
  ]
}

private func foldCast(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let x = try call.operand(constants, 0)
  guard let type = ONNXType(rawValue: try call.integer("to", default: 1)), type != .text else {
    throw call.problem("a cast to this type is not supported")
  }
  return [
    ONNXTensor(
      type, x.shape, x.values.map { type.rounded($0) }, grid: type.isFloat && x.type.isFloat ? x.grid : nil)
  ]
}

private func foldIdentity(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  [try call.operand(constants, 0)]
}

// MARK: Arithmetic

/// The shape that shapes broadcast to, as numpy does; nil if they do not.
func broadcast(_ shapes: [[Int]]) -> [Int]? {
  let rank = shapes.map(\.count).max() ?? 0
  var result = [Int](repeating: 1, count: rank)
  for shape in shapes {
    for (place, length) in zip((rank - shape.count)..., shape) where length != 1 {
      guard result[place] == 1 || result[place] == length else { return nil }
      result[place] = length
    }
  }
  return result
}

/// The places start + Σ index · step for every index of `shape`, in order.
func strided(_ shape: [Int], _ steps: [Int], from start: Int) -> [Int] {
  var places = [start]
  for (length, step) in zip(shape, steps) {
    var next: [Int] = []
    next.reserveCapacity(places.count * length)
    for place in places { for index in 0..<length { next.append(place + index * step) } }
    places = next
  }
  return places
}

private func binary(_ type: ONNXType?, _ f: @escaping @Sendable (Double, Double) -> Double) -> ONNXFold {
  { (call, constants) throws(Failure) in
    var result = try call.operand(constants, 0)
    result.grid = nil
    for index in constants.indices.dropFirst() {
      let other = try call.operand(constants, index)
      guard let shape = broadcast([result.shape, other.shape]) else {
        throw call.problem("shapes \(result.shape.shortened) and \(other.shape.shortened) do not go together")
      }
      _ = try call.checkedCount(shape)
      let (a, b) = (broadcastPlaces(of: result.shape, in: shape), broadcastPlaces(of: other.shape, in: shape))
      let resultType = type ?? result.type
      let values = zip(a, b).map { resultType.rounded(f(result.values[$0], other.values[$1])) }
      result = ONNXTensor(resultType, shape, values)
    }
    return [result]
  }
}

private func foldDivide(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let divisor = try call.operand(constants, 1)
  if !divisor.type.isFloat, divisor.values.contains(0) { throw call.problem("divides integers by zero") }
  return try binary(nil, { (x: Double, y: Double) -> Double in x / y })(call, constants)
}

private func unary(_ f: @escaping @Sendable (Double) -> Double) -> ONNXFold {
  { (call, constants) throws(Failure) in
    let x = try call.operand(constants, 0)
    return [ONNXTensor(x.type, x.shape, x.values.map { x.type.rounded(f($0)) })]
  }
}

/// Products of matrices, [batch…, M, K] and [batch…, K, N], batches broadcast.
private func foldProduct(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let (a, b) = (try call.operand(constants, 0), try call.operand(constants, 1))
  guard a.shape.count >= 2, b.shape.count >= 2, a.shape.last == b.shape[b.shape.count - 2],
    let batch = broadcast([a.shape.dropLast(2), b.shape.dropLast(2)].map { Array($0) })
  else { throw call.problem("multiplies constants of shapes \(a.shape.shortened) and \(b.shape.shortened)") }
  let (rows, inner, columns) = (
    a.shape[a.shape.count - 2], a.shape[a.shape.count - 1], b.shape[b.shape.count - 1]
  )
  // All products are summed here, one by one.
  _ = try call.checkedCount(batch + [rows, columns, inner])
  let starts = zip(
    broadcastPlaces(of: Array(a.shape.dropLast(2)), in: batch),
    broadcastPlaces(of: Array(b.shape.dropLast(2)), in: batch))
  var values: [Double] = []
  for (first, second) in starts {
    for place in 0..<rows * columns {
      let (row, column) = (
        (first * rows + place / columns) * inner, second * inner * columns + place % columns
      )
      let sum = (0..<inner).reduce(0) { $0 + a.values[row + $1] * b.values[column + $1 * columns] }
      values.append(a.type.rounded(sum))
    }
  }
  return [ONNXTensor(a.type, batch + [rows, columns], values)]
}

private func foldClip(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let x = try call.operand(constants, 0)
  let (low, high) = try call.clipBounds()
  return [ONNXTensor(x.type, x.shape, x.values.map { min(max($0, low), high) })]
}

private func foldWhere(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let (condition, x, y) = (
    try call.operand(constants, 0), try call.operand(constants, 1), try call.operand(constants, 2)
  )
  guard let shape = broadcast([condition.shape, x.shape, y.shape]) else {
    throw call.problem("its shapes do not go together")
  }
  _ = try call.checkedCount(shape)
  let maps = [condition, x, y].map { broadcastPlaces(of: $0.shape, in: shape) }
  let values = maps[0].indices.map {
    condition.values[maps[0][$0]] != 0 ? x.values[maps[1][$0]] : y.values[maps[2][$0]]
  }
  return [ONNXTensor(x.type, shape, values)]
}

/// The upper triangle from a diagonal on, or the lower one up to it; 0 elsewhere.
private func foldTriangle(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let x = try call.operand(constants, 0)
  let diagonal = try call.has(1) ? call.scalar(1, "the diagonal") : 0
  let isUpper = try call.flag("upper", default: true)
  guard x.shape.count >= 2 else { throw call.problem("is of a constant of shape \(x.shape.shortened)") }
  let (rows, columns) = (x.shape[x.shape.count - 2], x.shape[x.shape.count - 1])
  let values = x.values.enumerated().map { (place, value) in
    let offset = Double(place % columns - place / columns % rows)
    return (isUpper ? offset >= diagonal : offset <= diagonal) ? value : 0
  }
  return [ONNXTensor(x.type, x.shape, values)]
}

private func reduction(_ f: @escaping @Sendable ([Double]) -> Double) -> ONNXFold {
  { (call, constants) throws(Failure) in
    let x = try call.operand(constants, 0)
    let given = try call.integers(1, orAttribute: "axes", "axes") ?? []
    let axes = try call.axes(given.isEmpty ? Array(x.shape.indices) : given, rank: x.shape.count)
    let keeps = try call.flag("keepdims", default: true)
    let kept = x.shape.indices.filter { !axes.contains($0) }
    let steps = rowMajorSteps(x.shape)
    let inner = strided(axes.map { x.shape[$0] }, axes.map { steps[$0] }, from: 0)
    let values = strided(kept.map { x.shape[$0] }, kept.map { steps[$0] }, from: 0).map { start in
      x.type.rounded(f(inner.map { x.values[start + $0] }))
    }
    let shape = x.shape.indices.compactMap { axes.contains($0) ? (keeps ? 1 : nil) : x.shape[$0] }
    return [ONNXTensor(x.type, shape, values)]
  }
}

/// How far apart neighbours along each axis are.
func rowMajorSteps(_ shape: [Int]) -> [Int] {
  var steps = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { steps[axis] = steps[axis + 1] * shape[axis + 1] }
  return steps
}
