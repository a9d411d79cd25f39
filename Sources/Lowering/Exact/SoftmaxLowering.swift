import Diagnostics
import Foundation
import FixedPoint
import Program

/// Softmax along an axis where a mask is not 0, in double precision.
///
/// - Parameter map: for every element of x, that of the mask.
func maskedSoftmax(_ x: [Double], _ mask: [Double], map: [Int], shape: [Int], axis: Int) -> [Double] {
  let (length, inner) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
  var result = x
  for start in x.indices where start / inner % length == 0 {
    let places = (0..<length).map { start + $0 * inner }
    let kept = places.filter { mask[map[$0]] != 0 }
    let top = kept.map { x[$0] }.max() ?? 0
    for place in places { result[place] = kept.isEmpty ? 1 : mask[map[place]] != 0 ? exp(x[place] - top) : 0 }
    let total = places.reduce(0) { $0 + result[$1] }
    for place in places { result[place] /= total }
  }
  return result
}

extension ExactBuilder {
  /// softmax along an axis where a mask, broadcast to x, is not 0. Elsewhere the logits are put so far below all others that
  /// they have no share, and all alike where there are no others.
  mutating func maskedSoftmax(_ x: ValueID, _ mask: ValueID, axis: Int, output: [Int]) throws(Failure)
    -> ValueID
  {
    if shape(x) != output { throw failure("a mask of shape \(shape(mask)) for logits of shape \(shape(x))") }
    let logits = try logits(x)
    let range = range(logits)
    let low = range.lowerBound - exp2(Double(Int(softmaxReach.exponent) + 1))
    let fraction = format(logits).fractionBits
    let lowest = Raw((low * Double(sign: .plus, exponent: fraction, significand: 1)).rounded(.down))
    let below = constant(
      FixedTensor(
        shape: [1], format: .tight(min(lowest, 0)...max(lowest, 0), fractionBits: fraction), words: [lowest]),
      "below")
    let masked = try add(
      .select(.equal), mask, try constant(0, "masked"), below, logits, named: "logits.masked")
    return try softmax(masked, axis: axis)
  }

  /// Beyond this e^−d is less than a quarter step of a result.
  private var softmaxReach: Double { Double(wordLength + 2) * log(2) }

  /// Logits of no more fraction bits than a word has bits.
  private mutating func logits(_ x: ValueID) throws(Failure) -> ValueID {
    guard format(x).fractionBits > wordLength else { return x }
    let format = FixedFormat.covering(range(x), width: 64)
    return try requantize(
      x,
      FixedFormat(format.integerBits + wordLength, format.integerBits, signed: format.isSigned, .rnd, .sat),
      "logits")
  }

  /// softmax along an axis, in the stable form: exp(x − max) / Σ exp(x − max).
  ///
  /// All steps keep bits to spare over the result's, so that the result is within about a step of the true one
  /// and the largest input has the largest result.
  mutating func softmax(_ x: ValueID, axis: Int) throws(Failure) -> ValueID {
    let last = shape(x).count - 1
    if axis == last { return try softmaxOfRows(x) }
    var order = Array(0...last)
    order.swapAt(axis, last)
    let moved = try add(.rearrange(.transpose(order)), x, named: "moved")
    return try add(.rearrange(.transpose(order)), try softmaxOfRows(moved), named: "back")
  }

  private mutating func softmaxOfRows(_ x: ValueID) throws(Failure) -> ValueID {
    let spare = 2
    let reachBits = Int(softmaxReach.exponent) + 1
    let logits = try logits(x)
    let top = try add(.reduce(.maximum), logits, named: "top")
    let below = try add(.elementwise(.subtract), top, logits, named: "below")
    let fraction = format(logits).fractionBits
    let distance = try requantize(
      below, FixedFormat(max(1, reachBits + fraction), reachBits, signed: false, .trn, .sat), "distance")
    let powers = try tight(exponential(distance, fractionBits: wordLength + spare), "powers")

    let count = shape(x)[shape(x).count - 1]
    let highest = words(powers).upperBound * Raw(count)
    let total = try add(
      .reduce(
        .sum(accumulator: .tight(0...highest, fractionBits: format(powers).fractionBits), order: .tree)),
      powers, named: "total")
    // The largest power is 1, so the total is between 1 and the count.
    let reciprocal = SmoothFunction(value: { 1 / max($0, 1) }, domain: { _ in 1...Double(max(count, 1)) })
    let inverse = try smooth(
      total, reciprocal, FixedFormat(wordLength + spare + 1, 1, signed: false, .rnd, .sat))
    let share = try add(.elementwise(.multiply), powers, inverse, named: "share")
    return try requantize(share, FixedFormat(wordLength, 0, signed: false, .rnd, .sat))
  }

  /// e^−d for d ≥ 0: one table where d has few words; otherwise e^−(high part) · e^−(low part), two tables.
  private mutating func exponential(_ d: ValueID, fractionBits: Int) throws(Failure) -> ValueID {
    func table(_ words: ClosedRange<Raw>, _ step: Double) -> FixedTensor {
      .rounded(
        (words.lowerBound...words.upperBound).map { exp(-Double($0) * step) },
        shape: [Int(words.upperBound - words.lowerBound) + 1], fractionBits: fractionBits)
    }
    let whole = format(d)
    if words(d).upperBound < Raw(Self.longestTable) {
      return try lookup(d) { table($0, whole.step) }
    }
    let lowBits = whole.width / 2
    let high = try requantize(
      d, FixedFormat(whole.width - lowBits, whole.integerBits, signed: false, .trn, .sat), "high")
    let rest = try add(.elementwise(.subtract), d, high, named: "low")
    let low = try requantize(
      rest, FixedFormat(lowBits, lowBits - whole.fractionBits, signed: false, .trn, .sat), "low")
    let highStep = format(high).step
    let coarse = try lookup(high) { table($0, highStep) }
    let fine = try lookup(low) { table($0, whole.step) }
    return try requantize(
      try add(.elementwise(.multiply), coarse, fine, named: "product"),
      FixedFormat(fractionBits + 1, 1, signed: false, .rnd, .sat), "power")
  }
}
