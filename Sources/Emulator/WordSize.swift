import CKernels
import FixedPoint
import Program

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
