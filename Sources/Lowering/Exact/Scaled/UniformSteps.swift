import FixedPoint
import Model

/// A uniform quantizer of word · factor + offset for one channel, as the places where its integer changes: exact, whatever the
/// scales are.
struct UniformSteps {
  /// Whether the integer falls as the word grows: then everything is in terms of the negated word.
  let isFalling: Bool
  /// The words there are (negated where falling).
  let words: ClosedRange<Raw>
  /// The integer at the first word.
  let base: Int
  /// `thresholds[i]` is the first word with the integer base + 1 + i or more.
  private(set) var thresholds: [Raw] = []
  /// How many of the thresholds lie so close to a word that arithmetic in float32 may put it on the other side.
  private(set) var closeCount = 0

  /// The integer at the last word.
  var top: Int { base + thresholds.count }

  /// - Parameters:
  ///   - levels: the integers there are.
  ///   - scale, zero: the quantizer's, of this channel.
  ///   - factor: what one step of the word stands for.
  ///   - offset: what the word 0 stands for.
  ///   - clamp: the range the number is cut to before it is quantized.
  ///   - words: the words there are.
  ///   - shift: what is taken off the integers in the end.
  ///   - roundsFirst: whether the zero point is added behind rounding.
  init(
    levels: ClosedRange<Int>, rounding: UniformQuantizer.Rounding, scale: Double, zero: Double,
    factor: ExactReal,
    offset: ExactReal, clamp: ClosedRange<Double>, words: ClosedRange<Raw>, shift: Int = 0,
    roundsFirst: Bool = false
  ) {
    func boundary(of integer: Int) -> (bound: Double, isInclusive: Bool) {
      guard roundsFirst else { return rounding.boundary(of: integer) }
      let (bound, isInclusive) = rounding.boundary(of: integer - Int(zero))
      return (bound + zero, isInclusive)
    }
    isFalling = factor.sign < 0
    let slope = isFalling ? -factor : factor
    self.words = isFalling ? -words.upperBound...(-words.lowerBound) : words
    let (low, high) = (self.words.lowerBound, self.words.upperBound)

    /// Whether the number `v` reaches an integer: v against (bound − zero) · scale.
    func isReached(_ edge: ExactReal, _ isInclusive: Bool, _ v: ExactReal) -> Bool {
      let sign = (v - edge).sign
      return sign > 0 || (sign == 0 && isInclusive)
    }
    func number(_ word: Raw) -> ExactReal { slope * ExactReal(word: word) + offset }
    let (slopeNear, offsetNear) = (slope.approximation, offset.approximation)
    /// The first word that reaches an integer; one past the last for none.
    func first(_ integer: Int, from start: Raw) -> Raw {
      let (bound, isInclusive) = boundary(of: integer)
      let edge = (ExactReal(bound) - ExactReal(zero)) * scale
      if clamp.lowerBound > -.infinity, isReached(edge, isInclusive, ExactReal(clamp.lowerBound)) {
        return low
      }
      if clamp.upperBound < .infinity, !isReached(edge, isInclusive, ExactReal(clamp.upperBound)) {
        return high + 1
      }
      if slope.sign == 0 { return isReached(edge, isInclusive, offset) ? low : high + 1 }
      let guess = (edge.approximation - offsetNear) / slopeNear
      var word =
        guess <= Double(start) ? start : guess >= Double(high) + 1 ? high + 1 : Raw(guess.rounded(.up))
      while word > start, isReached(edge, isInclusive, number(word - 1)) { word -= 1 }
      while word <= high, !isReached(edge, isInclusive, number(word)) { word += 1 }
      return word
    }
    // Bisect for the integer at the first word, then go up until the words end.
    var (known, above) = (levels.lowerBound, levels.upperBound + 1)
    while above - known > 1 {
      let middle = known + (above - known) / 2
      if first(middle, from: low) <= low { known = middle } else { above = middle }
    }
    base = known - shift
    var start = low
    var next = known + 1
    while next <= levels.upperBound {
      start = first(next, from: start)
      if start > high { break }
      thresholds.append(start)
      let edge = ((ExactReal(boundary(of: next).bound) - ExactReal(zero)) * scale).approximation
      let reach = 0x1p-22 * (abs(edge) + scale)
      let near = [start - 1, start].contains { abs(number($0).approximation - edge) <= reach }
      if near { closeCount += 1 }
      next += 1
    }
  }
}

extension UniformQuantizer.Rounding {
  /// What a number has to reach for its rounding to be at least an integer, and whether exactly there it is.
  func boundary(of integer: Int) -> (bound: Double, isInclusive: Bool) {
    let whole = Double(integer)
    switch self {
    case .halfEven: return (whole - 0.5, integer % 2 == 0)
    case .halfUp: return (whole - 0.5, integer > 0)
    case .halfDown: return (whole - 0.5, integer <= 0)
    case .ceiling: return (whole - 1, false)
    case .floor: return (whole, true)
    case .up: return integer > 0 ? (whole - 1, false) : (whole, true)
    case .down: return integer > 0 ? (whole, true) : (whole - 1, false)
    }
  }
}

/// Multiplications that step where `UniformSteps` do, for all channels: integer = ⌊(word · multiplier + addend) / 2^shift⌋ within the
/// levels. Proven for every word: between two thresholds nothing changes, and at each of them both sides are checked.
struct UniformMultiplier {
  /// Bits behind the binary point of the multipliers and addends.
  let shift: Int
  /// One per channel; negative where the channel falls.
  private(set) var multipliers: [Raw] = []
  /// One per channel.
  private(set) var addends: [Raw] = []

  /// The largest shift tried.
  private static let most = 62

  /// The coarsest multiplication there is; nil if none is fine enough. Ties that go to either side in turn have none.
  ///
  /// - Parameter ratios: per channel, about how many integers a word is.
  static func coarsest(_ channels: [UniformSteps], ratios: [Double], levels: ClosedRange<Int>)
    -> UniformMultiplier?
  {
    (0...most).lazy.compactMap { UniformMultiplier(channels, ratios, levels, shift: $0) }.first
  }

  private init?(_ channels: [UniformSteps], _ ratios: [Double], _ levels: ClosedRange<Int>, shift: Int) {
    self.shift = shift
    for (steps, ratio) in zip(channels, ratios) {
      let scaled = (abs(ratio) * Double(sign: .plus, exponent: shift, significand: 1)).rounded()
      guard scaled < 0x1p62 else { return nil }
      let multiplier = Raw(scaled)
      guard let addend = Self.addend(steps, multiplier, levels, shift) else { return nil }
      multipliers.append(steps.isFalling ? -multiplier : multiplier)
      addends.append(addend)
    }
  }

  /// An addend with which all thresholds are met: the one with the fewest bits.
  private static func addend(
    _ steps: UniformSteps, _ multiplier: Raw, _ levels: ClosedRange<Int>, _ shift: Int
  ) -> Raw? {
    func needed(_ integer: Int) -> Raw { Raw(integer) << Raw(shift) }
    // Not below the base at the first word, not above the top at the last one; outside the levels it is clipped.
    var low: Raw? =
      steps.base > levels.lowerBound ? needed(steps.base) - multiplier * steps.words.lowerBound : nil
    var high: Raw? =
      steps.top < levels.upperBound ? needed(steps.top + 1) - multiplier * steps.words.upperBound - 1 : nil
    for (index, threshold) in steps.thresholds.enumerated() {
      let reached = needed(steps.base + 1 + index)
      let least = reached - multiplier * threshold
      let most = reached - multiplier * (threshold - 1) - 1
      low = low.map { max($0, least) } ?? least
      high = high.map { min($0, most) } ?? most
      if let low, let high, low > high { return nil }
    }
    switch (low, high) {
    case (let low?, let high?): return low <= high ? roundest(low...high) : nil
    case (let low?, nil): return low
    case (nil, let high?): return high
    case (nil, nil): return 0
    }
  }

  /// The number with the most zeros at its end.
  private static func roundest(_ range: ClosedRange<Raw>) -> Raw {
    if range.contains(0) { return 0 }
    for zeros in (0..<100).reversed() {
      let rounded = ((range.upperBound >> Raw(zeros)) << Raw(zeros))
      if range.contains(rounded) { return rounded }
    }
    return range.lowerBound
  }
}
