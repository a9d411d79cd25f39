// The result formats of C++ arithmetic on ap_fixed and ap_int, and the operations that are not plain integer
// arithmetic on words. Source: ap_fixed_base.h, struct RType and the operators. ap_int<W> counts as
// ap_fixed<W, W>; a C++ int as ap_fixed<32, 32>, bool as ap_ufixed<1, 1>. Results carry no modes (AP_TRN,
// AP_WRAP): an exact result needs none.

extension FixedFormat {
  /// The exact format of a product: widths and integer bits add.
  public static func product(_ a: FixedFormat, _ b: FixedFormat) -> FixedFormat {
    FixedFormat(a.width + b.width, a.integerBits + b.integerBits, signed: a.isSigned || b.isSigned)
  }

  /// The exact format of a sum: one integer bit more than the wider operand, an unsigned operand counted
  /// one bit wider where the other is signed.
  public static func sum(_ a: FixedFormat, _ b: FixedFormat) -> FixedFormat {
    let common = union(a, b)
    return FixedFormat(common.width + 1, common.integerBits + 1, signed: common.isSigned)
  }

  /// The exact format of a difference: as a sum, always signed.
  public static func difference(_ a: FixedFormat, _ b: FixedFormat) -> FixedFormat {
    let total = sum(a, b)
    return FixedFormat(total.width, total.integerBits, signed: true)
  }

  /// The smallest format that holds every word of both; also the result of the bitwise operators.
  public static func union(_ a: FixedFormat, _ b: FixedFormat) -> FixedFormat {
    let signed = a.isSigned || b.isSigned
    let integer = max(
      a.integerBits + (signed && !a.isSigned ? 1 : 0), b.integerBits + (signed && !b.isSigned ? 1 : 0))
    let fraction = max(a.fractionBits, b.fractionBits)
    return FixedFormat(integer + fraction, integer, signed: signed)
  }

  /// The format of a quotient: the dividend's fraction bits, plus those the divisor lacks when its step is
  /// above one.
  public static func quotient(_ a: FixedFormat, _ b: FixedFormat) -> FixedFormat {
    let extra = b.isSigned ? 1 : 0
    return FixedFormat(
      a.width + max(b.fractionBits, 0) + extra, a.integerBits + b.fractionBits + extra,
      signed: a.isSigned || b.isSigned)
  }

  /// The format of `−x`: one integer bit more, signed.
  public var negated: FixedFormat { FixedFormat(width + 1, integerBits + 1, signed: true) }

  /// The quotient `a / b` as a word of `quotient(formatA, formatB)`, or nil when `b` is zero, where the
  /// header's simulation stops with a floating-point exception.
  ///
  /// (a · 2^max(F_b, 0)) / b truncated toward zero. The one quotient that needs another bit, the most negative
  /// dividend by minus one step, wraps to itself when the division is no wider than the shifted dividend.
  /// The shifted dividend, `formatA.width + max(F_b, 0)` bits, must fit 128.
  public static func quotient(
    _ a: Raw, _ formatA: FixedFormat, _ b: Raw, _ formatB: FixedFormat
  ) -> Raw? {
    if b == 0 { return nil }
    let signed = formatA.isSigned || formatB.isSigned
    let dividend = formatA.width + max(formatB.fractionBits, 0) + (signed && !formatA.isSigned ? 1 : 0)
    let divisor = formatB.width + (signed && !formatB.isSigned ? 1 : 0)
    let division = FixedFormat.integer(max(dividend, divisor), signed: signed)
    let shifted = a << max(formatB.fractionBits, 0)
    let exact = shifted.dividedReportingOverflow(by: b)
    return division.wrapped(exact.overflow ? shifted : exact.partialValue)
  }

  /// The word after `x << count` (`x >> −count` when negative): bits move inside the word, high bits fall
  /// off, low ones are floored, whatever the format's modes. The format does not change.
  public func shifted(_ raw: Raw, left count: Int) -> Raw {
    wrapped(raw << count)
  }

  /// The format of `x.lshift<count>()`: the same word with the point moved, so that nothing is lost.
  public func withPointMoved(right count: Int) -> FixedFormat {
    var format = self
    format.integerBits += count
    return format
  }

  /// Compares two words by value: whether `a` is below `b`.
  public static func isLess(_ a: Raw, _ formatA: FixedFormat, _ b: Raw, _ formatB: FixedFormat) -> Bool {
    let common = max(formatA.fractionBits, formatB.fractionBits)
    return a << (common - formatA.fractionBits) < b << (common - formatB.fractionBits)
  }

  /// Whether C++'s `a < b`, `a > b` and `a == b` compare words of these formats by value.
  ///
  /// They follow C's rule for mixed signs: when, points aligned, a word has 32 bits or more and the unsigned
  /// one is at least as wide as the signed one, both are compared as unsigned and a negative word counts as the
  /// large word with its bit pattern. Source: ap_fixed_base.h, `OP_CMP_AF`; ap_private.h, `operator<`, `operator==`.
  public static func comparesByValue(_ a: FixedFormat, _ b: FixedFormat) -> Bool {
    if a.isSigned == b.isSigned { return true }
    let distance = a.fractionBits - b.fractionBits
    let widthA = distance < 0 ? a.width - distance + 1 : a.width
    let widthB = distance > 0 ? b.width + distance : b.width
    if widthA < 32 && widthB < 32 { return true }
    return a.isSigned ? widthA > widthB : widthB > widthA
  }
}
