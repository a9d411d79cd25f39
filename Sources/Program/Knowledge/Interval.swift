import FixedPoint

/// A range of raw words, both ends included: what a value can be.
public struct Interval: Hashable, Sendable {
  /// The least word.
  public var low: Raw
  /// The greatest word.
  public var high: Raw

  /// The words from `low` to `high`.
  public init(_ low: Raw, _ high: Raw) {
    self.low = low
    self.high = high
  }

  /// Every word of a format.
  public init(_ format: FixedFormat) { self.init(format.minRaw, format.maxRaw) }

  /// The smallest interval with all of `words` in it.
  public init(_ words: some Sequence<Raw>) {
    var (low, high) = (Raw.max, Raw.min)
    for word in words {
      low = min(low, word)
      high = max(high, word)
    }
    self.init(low, high)
  }

  /// The smallest interval around both.
  public func union(_ other: Interval) -> Interval { Interval(min(low, other.low), max(high, other.high)) }

  /// The common part, or `self` where there is none.
  public func intersection(_ other: Interval) -> Interval {
    let (a, b) = (max(low, other.low), min(high, other.high))
    return a <= b ? Interval(a, b) : self
  }

  /// Whether all of `other` lies in it.
  public func contains(_ other: Interval) -> Bool { low <= other.low && high >= other.high }

  // Bounds that leave 128 bits stop at its ends: such values do not occur (`Program.verify`), their bounds do.

  /// Every word times 2^count.
  public func shifted(left count: Int) -> Interval {
    func shift(_ word: Raw) -> Raw {
      if word == 0 || count == 0 { return word }
      let moved = count < 128 ? word << Raw(count) : 0
      return count < 128 && moved >> Raw(count) == word ? moved : (word < 0 ? Raw.min : Raw.max)
    }
    return Interval(shift(low), shift(high))
  }

  /// Sums of a word of each.
  public static func + (a: Interval, b: Interval) -> Interval {
    Interval(saturatingSum(a.low, b.low), saturatingSum(a.high, b.high))
  }

  /// Differences of a word of each.
  public static func - (a: Interval, b: Interval) -> Interval {
    func negated(_ word: Raw) -> Raw { word == Raw.min ? Raw.max : -word }
    return a + Interval(negated(b.high), negated(b.low))
  }

  /// Products of a word of each.
  public static func * (a: Interval, b: Interval) -> Interval {
    func product(_ x: Raw, _ y: Raw) -> Raw {
      let (value, overflow) = x.multipliedReportingOverflow(by: y)
      return overflow ? ((x < 0) == (y < 0) ? Raw.max : Raw.min) : value
    }
    return Interval([
      product(a.low, b.low), product(a.low, b.high), product(a.high, b.low), product(a.high, b.high),
    ])
  }

  private static func saturatingSum(_ x: Raw, _ y: Raw) -> Raw {
    let (value, overflow) = x.addingReportingOverflow(y)
    return overflow ? (x < 0 ? Raw.min : Raw.max) : value
  }
}

extension FixedFormat {
  /// Whether overflow keeps the low bits and nothing else: conversion is arithmetic modulo 2^width.
  public var isModular: Bool { overflow == .wrap && saturatedBits == 0 }

  /// The words conversion leaves as they are (`SAT_SYM` leaves out the lowest of a signed format; of one bit
  /// wide words it leaves it in).
  public var conversionRange: Interval {
    Interval(overflow == .satSym && isSigned ? minRaw | 1 : minRaw, maxRaw)
  }
}

extension Comparison {
  /// What a and b can be where `a ⋄ b` holds (or does not), their words of one scale; nil if that cannot be.
  public func restricted(_ a: Interval, _ b: Interval, holds: Bool) -> (Interval, Interval)? {
    /// a + gap ≤ b.
    func below(_ a: Interval, _ b: Interval, gap: Raw) -> (Interval, Interval)? {
      let (gapped, reduced) = (a + Interval(gap, gap), b - Interval(gap, gap))
      guard gapped.low <= b.high else { return nil }
      return (Interval(a.low, min(a.high, reduced.high)), Interval(max(b.low, gapped.low), b.high))
    }
    func above(gap: Raw) -> (Interval, Interval)? { below(b, a, gap: gap).map { ($1, $0) } }
    switch (self, holds) {
    case (.less, true), (.greaterOrEqual, false): return below(a, b, gap: 1)
    case (.lessOrEqual, true), (.greater, false): return below(a, b, gap: 0)
    case (.greater, true), (.lessOrEqual, false): return above(gap: 1)
    case (.greaterOrEqual, true), (.less, false): return above(gap: 0)
    case (.equal, true):
      let common = (max(a.low, b.low), min(a.high, b.high))
      guard common.0 <= common.1 else { return nil }
      return (Interval(common.0, common.1), Interval(common.0, common.1))
    case (.equal, false): return a == b && a.low == a.high ? nil : (a, b)
    }
  }
}
