import Circuit
import FixedPoint

/// A Verilog expression and its width.
struct Bits {
  var text: String
  var width: Int

  /// A literal of so many bits, the low ones of an integer's two's complement.
  static func literal(_ value: Raw, _ width: Int) -> Bits {
    var digits = ""
    var (rest, left) = (value, width)
    // Nibble by nibble, as Raw shifts its sign in from the left.
    while left > 0 {
      digits = String(Int(rest & (left >= 4 ? 15 : (1 << Raw(left)) - 1)), radix: 16) + digits
      (rest, left) = (rest >> 4, left - 4)
    }
    return Bits(text: "\(width)'h\(digits)", width: width)
  }

  /// Expressions side by side, the first lowest; those without bits vanish.
  static func side(bySide parts: [Bits]) -> Bits {
    let present = parts.filter { $0.width > 0 }
    let width = present.reduce(0) { $0 + $1.width }
    if present.count == 1 { return present[0] }
    return Bits(text: "{\(present.reversed().map(\.text).joined(separator: ", "))}", width: width)
  }

  /// One bit as often as needed.
  func repeated(_ count: Int) -> Bits {
    count == 1 ? self : Bits(text: "{\(count){\(text)}}", width: count)
  }
}

/// The bits of words that something reads.
struct BitSet {
  private(set) var mask: UInt128 = 0

  /// Takes in the bits from `low` on.
  mutating func insert(from low: Int, count: Int) {
    if count > 0 { mask |= (UInt128.max >> UInt128(128 - count)) << UInt128(low) }
  }

  mutating func formUnion(_ other: BitSet) { mask |= other.mask }

  var isEmpty: Bool { mask == 0 }
  /// The lowest bit.
  var low: Int { mask.trailingZeroBitCount }
  /// The bit above the highest.
  var end: Int { 128 - mask.leadingZeroBitCount }

  /// The runs of bits within low..<end that are not in the set.
  func holes(from low: Int, to end: Int) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for bit in low..<max(low, end) where mask >> UInt128(bit) & 1 == 0 {
      if let last = runs.last, last.upperBound == bit {
        runs[runs.count - 1] = last.lowerBound..<bit + 1
      } else {
        runs.append(bit..<bit + 1)
      }
    }
    return runs
  }
}
