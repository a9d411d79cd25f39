import Diagnostics
import FixedPoint
import Model
import Program

/// Arithmetic that never rounds: sums and products in formats wide enough for every input.
extension ExactBuilder {
  /// x · weights + bias, accumulated without rounding and without overflow in any order.
  ///
  /// - Parameters:
  ///   - weights: [K, N], or [G, K, N] for groups.
  ///   - bias: [N] or [G, N]; nil is zeros.
  mutating func affine(
    _ x: ValueID, _ weights: FixedTensor, _ bias: FixedTensor?, _ suffix: String
  ) throws(Failure) -> ValueID {
    let biasShape = Array(weights.shape.dropLast(2)) + [weights.shape[weights.shape.count - 1]]
    let none = FixedTensor(
      shape: biasShape, format: FixedFormat(1, 1, signed: false),
      words: Array(repeating: 0, count: biasShape.reduce(1, *)))
    let bias = bias ?? none
    let accumulator = try accumulator(x, weights, bias)
    let weight = constant(weights, "weight")
    let offset = constant(bias, "bias")
    return try add(.affine(Affine(product: nil, accumulator: accumulator)), x, weight, offset, named: suffix)
  }

  /// The narrowest format that holds every partial sum, whatever the order of addition.
  private func accumulator(
    _ x: ValueID, _ weights: FixedTensor, _ bias: FixedTensor
  ) throws(Failure) -> FixedFormat {
    let term = format(x).fractionBits + weights.format.fractionBits
    let fraction = max(term, bias.format.fractionBits)
    let (inputs, outputs) = (weights.shape[weights.shape.count - 2], weights.shape[weights.shape.count - 1])
    let x = known[x.index]
    var all = Interval(0, 0)
    for column in bias.words.indices {
      let (group, output) = (column / outputs, column % outputs)
      let start = Interval(bias.words[column], bias.words[column])
      var bounds = SumBounds(start: start.shifted(left: fraction - bias.format.fractionBits))
      for k in 0..<inputs {
        let weight = weights.words[(group * inputs + k) * outputs + output]
        if weight == 0 { continue }
        bounds.add((x[k].interval * Interval(weight, weight)).shifted(left: fraction - term))
      }
      all = all.union(bounds.anyOrder)
    }
    let limit = Raw(1) << 120
    guard Interval(-limit, limit - 1).contains(all) else {
      throw failure("an exact sum needs more than 120 bits", hint: "quantize the layers before it")
    }
    return .tight(all.low...all.high, fractionBits: fraction)
  }

  /// x · y, word by word.
  mutating func multiply(_ x: ValueID, _ y: ValueID, _ suffix: String) throws(Failure) -> ValueID {
    try tight(add(.elementwise(.multiply), x, y, named: suffix), suffix)
  }

  /// x + y, word by word.
  mutating func sum(_ x: ValueID, _ y: ValueID, _ suffix: String) throws(Failure) -> ValueID {
    try tight(add(.elementwise(.add), x, y, named: suffix), suffix)
  }

  /// x − y, word by word.
  mutating func sum(_ x: ValueID, negated y: ValueID, _ suffix: String) throws(Failure) -> ValueID {
    try tight(add(.elementwise(.subtract), x, y, named: suffix), suffix)
  }

  /// The words of a value as multiples of the step of another one's format, which is no coarser.
  func interval(_ x: ValueID, like other: ValueID) -> Interval {
    known[x.index].interval.shifted(left: format(other).fractionBits - format(x).fractionBits)
  }

  /// x · 2^exponent: the same bits, the point elsewhere.
  mutating func scale(_ x: ValueID, byPowerOfTwo exponent: Int, _ suffix: String) throws(Failure) -> ValueID {
    if exponent == 0 { return x }
    let factor = FixedTensor(shape: [1], format: FixedFormat(1, exponent + 1, signed: false), words: [1])
    return try multiply(x, constant(factor, "power"), suffix)
  }

  /// max(x, value), exactly.
  mutating func atLeast(_ x: ValueID, _ value: Double, _ suffix: String) throws(Failure) -> ValueID {
    if range(x).lowerBound >= value { return x }
    let bound = try constant(value, "minimum")
    return try tight(add(.elementwise(.maximum), x, bound, named: suffix), suffix)
  }

  /// min(x, value), exactly.
  mutating func atMost(_ x: ValueID, _ value: Double, _ suffix: String) throws(Failure) -> ValueID {
    if range(x).upperBound <= value { return x }
    let bound = try constant(value, "maximum")
    return try tight(add(.elementwise(.minimum), x, bound, named: suffix), suffix)
  }
}
