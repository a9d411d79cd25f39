import Diagnostics
import FixedPoint
import Program

/// A function of one number that has no closed form in sums and products.
struct SmoothFunction {
  /// Its value.
  var value: (Double) -> Double
  /// Outside this interval it does not change by a step of 2^−fractionBits any more.
  var domain: (_ fractionBits: Int) -> ClosedRange<Double>
}

extension ExactBuilder {
  /// The longest table. 4,096 words of 18 bits are four block memories.
  static let longestTable = 4096

  /// The position of x's words counted from its smallest possible one: an index into a table.
  mutating func position(_ x: ValueID, from low: Raw) throws(Failure) -> ValueID {
    let whole = try scale(x, byPowerOfTwo: format(x).fractionBits, "index")
    if low == 0 { return whole }
    let offset = FixedTensor(
      shape: [1], format: .tight(min(-low, 0)...max(-low, 0), fractionBits: 0), words: [-low])
    return try sum(whole, constant(offset, "offset"), "index")
  }

  /// A table with an entry for every word x can have: f exactly, as `entries` has it.
  mutating func lookup(_ x: ValueID, _ entries: (ClosedRange<Raw>) -> FixedTensor) throws(Failure) -> ValueID
  {
    let words = words(x)
    let table = constant(entries(words), "table")
    return try add(.lookup, try position(x, from: words.lowerBound), table, named: "value")
  }

  /// f(x) in `format`: correctly rounded from a table where x has few enough words, otherwise interpolated
  /// between table entries, less than one step of `format` off (a note says where that takes too long a table).
  mutating func smooth(_ x: ValueID, _ f: SmoothFunction, _ format: FixedFormat) throws(Failure) -> ValueID {
    let argument = try argument(x, f, format)
    let (words, step) = (self.words(argument), self.format(argument).step)
    let count = words.upperBound - words.lowerBound + 1
    if count <= Raw(Self.longestTable) {
      return try lookup(argument) { words in
        let values = (words.lowerBound...words.upperBound).map { format.quantize(f.value(Double($0) * step)) }
        return FixedTensor(shape: [values.count], format: format, words: values)
      }
    }
    let plan = InterpolationPlan(f, words: words, step: step, format: format, longest: Self.longestTable)
    if plan.error > format.step / 4 {
      note(
        "interpolated between \(plan.segments) points, up to \((plan.error / format.step).short) steps of \(format) off"
      )
    }
    let fraction = self.format(argument).fractionBits
    var coarse = self.format(argument)
    coarse.width -= plan.restBits
    coarse.rounding = .trn
    let start = try requantize(argument, coarse, "segment")
    let rest = try add(.elementwise(.subtract), argument, start, named: "rest")
    let within = try requantize(
      rest, FixedFormat(plan.restBits, plan.restBits - fraction, signed: false), "rest")
    let index = try position(start, from: words.lowerBound >> Raw(plan.restBits))
    let value = try add(.lookup, index, constant(plan.values, "values"), named: "value")
    let slope = try add(.lookup, index, constant(plan.slopes, "slopes"), named: "slope")
    let line = try sum(value, try multiply(slope, within, "rise"), "line")
    return try requantize(line, format, "result")
  }

  /// x as f needs it: clamped to where f changes, and rounded so that f moves an eighth of a step at most.
  private mutating func argument(_ x: ValueID, _ f: SmoothFunction, _ format: FixedFormat) throws(Failure)
    -> ValueID
  {
    let limits = f.domain(format.fractionBits)
    let range = range(x)
    let low = max(range.lowerBound, limits.lowerBound)
    let high = max(low, min(range.upperBound, limits.upperBound))
    let slope = f.steepest(low...high)
    let steepness = slope > 0 ? Int(slope.exponent) + 1 : -format.fractionBits
    let fraction = min(self.format(x).fractionBits, max(format.fractionBits + 2 + steepness, 2))
    let span = FixedFormat.covering(low...high, width: 64)
    let width = max(1, span.integerBits + fraction)
    return try requantize(
      x, FixedFormat(width, width - fraction, signed: span.isSigned, .rnd, .sat), "argument")
  }
}

extension SmoothFunction {
  /// The largest slope in an interval: at a thousand places evenly, and at powers of two, since what bends
  /// does so near zero.
  fileprivate func steepest(_ range: ClosedRange<Double>) -> Double {
    let length = range.upperBound - range.lowerBound
    let even = (0..<1024).map { range.lowerBound + Double($0) / 1024 * length }
    let powers = (-12...20).flatMap { power -> [Double] in
      let place = Double(sign: .plus, exponent: power, significand: 1)
      return [-place, place]
    }
    let slopes = (even + [0] + powers).filter { range.contains($0) }.map { place -> Double in
      let gap = 1e-6 * (1 + abs(place))
      return abs(value(place + gap) - value(place)) / gap
    }
    return slopes.max() ?? 0
  }
}

/// How to interpolate a function of words: a value and a slope per segment of 2^restBits words.
struct InterpolationPlan {
  var restBits: Int
  var segments: Int
  /// The largest distance from the function, before anything is rounded.
  var error: Double
  var values: FixedTensor
  var slopes: FixedTensor

  /// The fewest segments whose lines stay within an eighth of a step of `format`, or `longest` of them.
  init(_ f: SmoothFunction, words: ClosedRange<Raw>, step: Double, format: FixedFormat, longest: Int) {
    func lines(_ restBits: Int) -> [(value: Double, slope: Double, error: Double)] {
      let first = words.lowerBound >> Raw(restBits)
      let last = words.upperBound >> Raw(restBits)
      let length = step * Double(sign: .plus, exponent: restBits, significand: 1)
      return (first...last).map { segment in
        let start = Double(segment) * length
        let ends = (f.value(start), f.value(start + length))
        let slope = (ends.1 - ends.0) / length
        // A chord lies on one side of a curve without a turn: half the largest distance on either side.
        let gaps = (1..<8).map { eighth -> Double in
          let at = Double(eighth) / 8 * length
          return f.value(start + at) - (ends.0 + slope * at)
        }
        let (low, high) = (min(0, gaps.min() ?? 0), max(0, gaps.max() ?? 0))
        return (ends.0 + (low + high) / 2, slope, (high - low) / 2)
      }
    }
    let count = Int(words.upperBound - words.lowerBound) + 1
    var restBits = 1
    while count >> restBits >= longest { restBits += 1 }
    var chosen = lines(restBits)
    // Coarser as long as the lines are good enough.
    while chosen.count > 16 {
      let coarser = lines(restBits + 1)
      if (coarser.map(\.error).max() ?? 0) > format.step / 8 { break }
      chosen = coarser
      restBits += 1
    }
    self.restBits = restBits
    segments = chosen.count
    error = chosen.map(\.error).max() ?? 0
    let fraction = format.fractionBits + 3
    let length = step * Double(sign: .plus, exponent: restBits, significand: 1)
    values = .rounded(chosen.map(\.value), shape: [segments], fractionBits: fraction)
    slopes = .rounded(
      chosen.map(\.slope), shape: [segments], fractionBits: fraction + 1 + Int(length.exponent))
  }
}
