import CKernels
import FixedPoint

/// A range of raw words, both ends included: what a value can be.
struct Interval: Hashable, Sendable {
  var low: Raw
  var high: Raw

  init(_ low: Raw, _ high: Raw) {
    self.low = low
    self.high = high
  }

  /// Every word of a format.
  init(_ format: FixedFormat) { self.init(format.minRaw, format.maxRaw) }

  /// The smallest interval with all of `words` in it.
  init(_ words: some Sequence<Raw>) {
    var (low, high) = (Raw.max, Raw.min)
    for word in words {
      low = min(low, word)
      high = max(high, word)
    }
    self.init(low, high)
  }

  func union(_ other: Interval) -> Interval { Interval(min(low, other.low), max(high, other.high)) }

  /// The common part, or `self` where there is none.
  func intersection(_ other: Interval) -> Interval {
    let (a, b) = (max(low, other.low), min(high, other.high))
    return a <= b ? Interval(a, b) : self
  }

  func contains(_ other: Interval) -> Bool { low <= other.low && high >= other.high }

  // Bounds that leave 128 bits stop at its ends: such values do not occur (`Program.verify`), their bounds do.

  func shifted(left count: Int) -> Interval {
    func shift(_ word: Raw) -> Raw {
      if word == 0 || count == 0 { return word }
      let moved = count < 128 ? word << Raw(count) : 0
      return count < 128 && moved >> Raw(count) == word ? moved : (word < 0 ? Raw.min : Raw.max)
    }
    return Interval(shift(low), shift(high))
  }

  static func + (a: Interval, b: Interval) -> Interval {
    Interval(saturatingSum(a.low, b.low), saturatingSum(a.high, b.high))
  }

  static func - (a: Interval, b: Interval) -> Interval {
    func negated(_ word: Raw) -> Raw { word == Raw.min ? Raw.max : -word }
    return a + Interval(negated(b.high), negated(b.low))
  }

  static func * (a: Interval, b: Interval) -> Interval {
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

/// The integers a kernel computes with.
enum WordSize: Int, Comparable, Sendable {
  case bits32 = 32
  case bits64 = 64
  case bits128 = 128

  /// The narrowest that holds every word of `interval`.
  init(_ interval: Interval) {
    if interval.low >= Raw(Int32.min) && interval.high <= Raw(Int32.max) {
      self = .bits32
    } else if interval.low >= Raw(Int64.min) && interval.high <= Raw(Int64.max) {
      self = .bits64
    } else {
      self = .bits128
    }
  }

  /// The narrowest whose words can be shifted right by `shift` and rounded.
  init(rightShift shift: Int) {
    self = shift < 31 ? .bits32 : shift < 63 ? .bits64 : .bits128
  }

  var bytes: Int { rawValue / 8 }

  static func < (a: WordSize, b: WordSize) -> Bool { a.rawValue < b.rawValue }
}

extension tf_wide {
  init(_ raw: Raw) {
    self.init(low: UInt64(truncatingIfNeeded: raw), high: Int64(truncatingIfNeeded: raw >> 64))
  }
}
