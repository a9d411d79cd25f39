import Diagnostics
import FixedPoint
import Program

extension ExactBuilder {
  /// The most comparisons a step function is built of before it becomes a table.
  private static let comparisons = 32
  /// The most segments of a step function's table.
  private static let segments = 1 << 14

  /// A function that is constant between steps, exactly.
  ///
  /// - Parameters:
  ///   - turns: between two of these the function does not both rise and fall.
  ///   - f: the value at a number; called for numbers x can have, which is how the steps are found.
  mutating func stepFunction(
    _ x: ValueID, turns: [Double], _ f: (Double) -> Double
  ) throws(Failure) -> ValueID {
    let (words, format) = (self.words(x), self.format(x))
    if words.upperBound - words.lowerBound < Raw(Self.longestTable) {
      let values = (words.lowerBound...words.upperBound).map { f(format.value(of: $0)) }
      let table = try exact(values)
      return try lookup(x) { _ in table }
    }
    let function = StepFunction(words: words, turns: turns.map { Raw(($0 / format.step).rounded(.down)) }) {
      f(format.value(of: $0))
    }
    if function.steps.isEmpty {
      let flat = try exact([function.first])
      let same = FixedTensor(
        shape: shape(x), format: flat.format, words: Array(repeating: flat.words[0], count: type(x).count))
      return constant(same, "value")
    }
    if function.steps.count <= Self.comparisons { return try comparisons(x, function) }
    guard let plan = StepTable(function, words: words, longest: Self.segments) else {
      throw failure(
        "a quantizer with \(function.steps.count) steps on a word of \(format.width) bits needs too long a table",
        hint: "quantize the values before it")
    }
    return try table(x, plan)
  }

  /// One comparison after the other: where x has reached a step, its value.
  private mutating func comparisons(_ x: ValueID, _ function: StepFunction) throws(Failure) -> ValueID {
    var result = try constant(function.first, "first")
    for step in function.steps {
      let from = FixedTensor(
        shape: [1], format: .tight(step.word...step.word, fractionBits: format(x).fractionBits),
        words: [step.word])
      let value = try constant(step.value, "step")
      result = try add(.select(.greaterOrEqual), x, constant(from, "from"), value, result, named: "stair")
    }
    return try tight(result)
  }

  /// Segments with at most one step each: its place, and the values before and after it.
  private mutating func table(_ x: ValueID, _ plan: StepTable) throws(Failure) -> ValueID {
    let format = format(x)
    var coarse = format
    coarse.width -= plan.bits
    coarse.rounding = .trn
    let segment = try requantize(x, coarse, "segment")
    let index = try position(segment, from: plan.first)
    func column(_ words: [Raw]) -> FixedTensor {
      FixedTensor(
        shape: [words.count],
        format: .tight((words.min() ?? 0)...(words.max() ?? 0), fractionBits: format.fractionBits),
        words: words)
    }
    let values = try exact(plan.before + plan.after)
    func half(_ range: Range<Int>) -> FixedTensor {
      FixedTensor(shape: [range.count], format: values.format, words: Array(values.words[range]))
    }
    let count = plan.places.count
    let place = try add(.lookup, index, constant(column(plan.places), "places"), named: "place")
    let before = try add(.lookup, index, constant(half(0..<count), "before"), named: "lower")
    let after = try add(.lookup, index, constant(half(count..<2 * count), "after"), named: "upper")
    return try add(.select(.greaterOrEqual), x, place, after, before, named: "")
  }

  private func exact(_ values: [Double]) throws(Failure) -> FixedTensor {
    guard let tensor = FixedTensor.exact(values, shape: [values.count], limit: 64) else {
      throw failure(
        "a quantizer's values span more than 64 bits", hint: "give its power of two fewer bits or a max_value"
      )
    }
    return tensor
  }
}

/// Where a function of words changes, and to what.
struct StepFunction {
  /// The value at the smallest word.
  let first: Double
  /// The words from which on the function has another value, in order.
  let steps: [(word: Raw, value: Double)]

  /// Bisects between the turns; between two turns the function must be monotone.
  init(words: ClosedRange<Raw>, turns: [Raw], _ f: (Raw) -> Double) {
    var steps: [(word: Raw, value: Double)] = []
    func bisect(_ low: Raw, _ atLow: Double, _ high: Raw, _ atHigh: Double) {
      if atLow == atHigh { return }
      if high - low == 1 {
        steps.append((high, atHigh))
        return
      }
      let middle = low + (high - low) / 2
      let atMiddle = f(middle)
      bisect(low, atLow, middle, atMiddle)
      bisect(middle, atMiddle, high, atHigh)
    }
    let ends =
      [words.lowerBound] + turns.filter { $0 > words.lowerBound && $0 < words.upperBound }.sorted() + [
        words.upperBound
      ]
    for (low, high) in zip(ends, ends.dropFirst()) where low < high { bisect(low, f(low), high, f(high)) }
    first = f(words.lowerBound)
    self.steps = steps
  }
}

/// StepFunction as a table of segments of 2^bits words with at most one step in each.
private struct StepTable {
  var bits: Int
  /// The number of the first segment, its words' common high bits.
  var first: Raw
  /// The word of each segment's step (or its first word).
  var places: [Raw] = []
  var before: [Double] = []
  var after: [Double] = []

  /// Nil if no segments short enough give a table of at most `longest`.
  init?(_ function: StepFunction, words: ClosedRange<Raw>, longest: Int) {
    let (low, high) = (function.steps[0].word, function.steps[function.steps.count - 1].word)
    let gaps = zip(function.steps, function.steps.dropFirst()).map { $1.word - $0.word }
    let gap = gaps.min() ?? 1
    // 2^bits ≤ the smallest gap: two steps never share a segment.
    bits = Raw.bitWidth - 1 - gap.leadingZeroBitCount
    first = (low >> Raw(bits)) - 1
    let last = (high >> Raw(bits)) + 1
    guard last - first < Raw(longest) else { return nil }
    var value = function.first
    var next = 0
    for segment in first...last {
      let start = segment << Raw(bits)
      if next < function.steps.count, function.steps[next].word < start + (1 << Raw(bits)) {
        places.append(function.steps[next].word)
        before.append(value)
        value = function.steps[next].value
        next += 1
      } else {
        places.append(start)
        before.append(value)
      }
      after.append(value)
    }
  }
}
