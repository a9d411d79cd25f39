import FixedPoint

/// What is known of a word: the interval it lies in, and how many of its low bits are zeros.
///
/// Both are of the raw integer and exact: no floating point, nothing rounded.
public struct WordFacts: Hashable, Sendable {
  /// What the word can be.
  public let interval: Interval
  /// How many low bits are zero at least; 128 where the word is 0.
  public let trailingZeros: Int

  /// The facts; of a single word all its zeros are known.
  public init(_ interval: Interval, trailingZeros: Int = 0) {
    self.interval = interval
    self.trailingZeros =
      interval.low == interval.high
      ? interval.low.trailingZeroBitCount : max(0, min(trailingZeros, Raw.bitWidth))
  }

  /// All facts of one word.
  public init(_ word: Raw) { self.init(Interval(word, word)) }

  /// What holds for each of some words, of which there is at least one.
  init(_ words: ArraySlice<Raw>) {
    var (low, high, bits) = (words.first ?? 0, words.first ?? 0, Raw(0))
    for word in words {
      (low, high, bits) = (min(low, word), max(high, word), bits | word)
    }
    self.init(Interval(low, high), trailingZeros: bits.trailingZeroBitCount)
  }

  /// Nothing but the format.
  public init(_ format: FixedFormat) { self.init(Interval(format)) }

  /// The word, if it can be only one.
  public var constant: Raw? { interval.low == interval.high ? interval.low : nil }

  /// The ends moved to words that have the zeros: 3…14 with two zeros is 4…12.
  var tightened: WordFacts {
    if trailingZeros == 0 || constant != nil { return self }
    let count = Raw(min(trailingZeros, Raw.bitWidth - 1))
    let (raised, overflow) = interval.low.addingReportingOverflow((1 << count) &- 1)
    if overflow { return self }
    let ends = Interval((raised >> count) << count, (interval.high >> count) << count)
    return ends.low <= ends.high ? WordFacts(ends, trailingZeros: trailingZeros) : self
  }

  // MARK: Arithmetic

  /// What holds for a word of either.
  public func hull(_ other: WordFacts) -> WordFacts {
    WordFacts(
      interval.union(other.interval), trailingZeros: min(trailingZeros, other.trailingZeros))
  }

  /// Every word times 2^count.
  func shifted(left count: Int) -> WordFacts {
    count == 0 ? self : WordFacts(interval.shifted(left: count), trailingZeros: trailingZeros + count)
  }

  static func + (a: WordFacts, b: WordFacts) -> WordFacts {
    WordFacts(a.interval + b.interval, trailingZeros: min(a.trailingZeros, b.trailingZeros))
  }

  static func - (a: WordFacts, b: WordFacts) -> WordFacts {
    WordFacts(a.interval - b.interval, trailingZeros: min(a.trailingZeros, b.trailingZeros))
  }

  static func * (a: WordFacts, b: WordFacts) -> WordFacts {
    WordFacts(a.interval * b.interval, trailingZeros: a.trailingZeros + b.trailingZeros)
  }

  /// The larger of a word of each.
  func maximum(_ other: WordFacts) -> WordFacts {
    let (a, b) = (interval, other.interval)
    if a.low >= b.high { return self }
    if b.low >= a.high { return other }
    return WordFacts(
      Interval(max(a.low, b.low), max(a.high, b.high)), trailingZeros: min(trailingZeros, other.trailingZeros)
    )
  }

  /// The smaller of a word of each.
  func minimum(_ other: WordFacts) -> WordFacts {
    let (a, b) = (interval, other.interval)
    if a.high <= b.low { return self }
    if b.high <= a.low { return other }
    return WordFacts(
      Interval(min(a.low, b.low), min(a.high, b.high)), trailingZeros: min(trailingZeros, other.trailingZeros)
    )
  }

  /// The quotient by a positive word, truncated toward zero. Where all bits that a power of two drops are zeros, the
  /// others stay.
  func divided(by divisor: WordFacts) -> WordFacts {
    let ends = [interval.low, interval.high].flatMap { x in
      [x / divisor.interval.low, x / divisor.interval.high]
    }
    let dropped = divisor.trailingZeros
    let isPowerOfTwo = divisor.constant.map { $0 == 1 << Raw(dropped) } ?? false
    return WordFacts(
      Interval(ends), trailingZeros: isPowerOfTwo ? trailingZeros - dropped : 0)
  }
}

extension FixedFormat {
  /// What holds for conversions of words of `fractionBits`.
  ///
  /// Rounding keeps the order of numbers, so that the ends of an interval give the ends of the rounded one. Zeros of
  /// the word are left where as many bits are dropped or added as there are; clamping puts ones there.
  public func quantize(_ facts: WordFacts, fractionBits source: Int) -> WordFacts {
    if let word = facts.constant { return WordFacts(quantize(word, fractionBits: source)) }
    let dropped = source - fractionBits
    let zeros = facts.trailingZeros - dropped
    let wide = FixedFormat(128, 128 - fractionBits, signed: true, rounding, .sat)
    let rounded = Interval(
      wide.quantize(facts.interval.low, fractionBits: source),
      wide.quantize(facts.interval.high, fractionBits: source))
    let range = conversionRange
    // What left 128 bits stands at their ends.
    if range.contains(rounded), width < 120 || overflow == .sat || overflow == .satSym {
      return WordFacts(rounded, trailingZeros: zeros)
    }
    switch overflow {
    case .sat, .satSym:
      let clamped = Interval(
        min(max(rounded.low, range.low), range.high), max(min(rounded.high, range.high), range.low))
      let low = rounded.low < range.low ? range.low.trailingZeroBitCount : zeros
      let high = rounded.high > range.high ? 0 : zeros
      return WordFacts(clamped, trailingZeros: min(zeros, low, high))
    case .satZero: return WordFacts(Interval(self), trailingZeros: zeros)
    case .wrap:
      return WordFacts(
        Interval(self), trailingZeros: min(zeros, saturatedBits == 0 ? zeros : width - saturatedBits))
    // The magnitude's wrap inverts words.
    case .wrapSM: return WordFacts(Interval(self))
    }
  }

  /// What holds for the words the conversions of words in an interval give.
  func quantize(_ words: Interval, fractionBits source: Int) -> Interval {
    quantize(WordFacts(words), fractionBits: source).interval
  }
}
