// Conversion from and to Double.
//
// Source: ap_fixed_base.h, `ap_fixed_base(double)` and `to_double`; ap_int_base.h, `ap_int_base(double)`.

extension FixedFormat {
  /// Converts a floating-point value as `ap_fixed<…>(double)` does.
  ///
  /// Exact for finite values of any exponent: the significand is an integer and goes through the same rounding
  /// and overflow as any word. As in the header, exponents are read as they stand: ±infinity is ±2^1024, a
  /// NaN with fraction f is ±1.f · 2^1024 (AP_WRAP gives 0, AP_SAT the end of the range on the side of the
  /// sign bit), and a subnormal counts as ±1.f · 2^−1023. Callers that read a user's numbers refuse
  /// non-finite ones first.
  public func quantize(_ value: Double) -> Raw {
    if value == 0 { return 0 }
    let magnitude = Int64(value.significandBitPattern | 1 << 52)
    let significand = value.sign == .minus ? -magnitude : magnitude
    let fractionBits = 52 - (Int(value.exponentBitPattern) - 1023)
    if width < Int64.bitWidth { return Raw(quantize(significand, fractionBits: fractionBits)) }
    return quantize(Raw(significand), fractionBits: fractionBits)
  }

  /// The value `raw · 2^−fractionBits`: exact where a Double can hold it, else rounded to nearest, ties to even.
  ///
  /// Equal to the header's `to_double` for values in Double's normal range. Outside it, which takes some
  /// thousand integer or fraction bits, the header returns garbage and this the infinity or subnormal.
  public func value(of raw: Raw) -> Double {
    // Words of 64 bits, as nearly all are, take an instruction; those of 128 a loop of the standard library's.
    let word = Int64(truncatingIfNeeded: raw)
    let significand = Raw(word) == raw ? Double(word) : Double(raw)
    return Double(sign: .plus, exponent: -fractionBits, significand: significand)
  }

  /// Whether `value` is the value of a word of this format, so that `quantize` does not change it.
  public func isExactlyRepresentable(_ value: Double) -> Bool {
    if value == 0 { return true }
    guard value.isFinite, isSigned || value > 0 else { return false }
    // value = ±odd · 2^exponent, the odd number `bits` long.
    let bits = value.significandWidth + 1
    let exponent = Int(value.exponent) - value.significandWidth
    let top = bits + exponent + fractionBits
    guard exponent + fractionBits >= 0 else { return false }
    if top <= (isSigned ? width - 1 : width) { return true }
    // The most negative word: −2^(width−1).
    return value < 0 && bits == 1 && top == width && lowest() == minRaw
  }

  /// The range of values that conversion makes: narrower by one step below under AP_SAT_SYM.
  public var valueRange: ClosedRange<Double> { value(of: lowest())...value(of: highest()) }

  /// Whether a value, rounded to this format's step, lies outside the range of its words: conversion then wraps or
  /// saturates.
  public func overflows(_ value: Double) -> Bool {
    // Rounding never leaves the range from inside it (whose ends are doubles up to 53 bits).
    if width <= 53, valueRange.contains(value) { return false }
    let wide = FixedFormat(128, 128 - fractionBits, signed: true, rounding, .sat).quantize(value)
    return wide < lowest() || wide > highest()
  }

  /// Converts a floating-point value as `ap_int<W>(double)` does, for a format with no fraction bits.
  ///
  /// Truncates toward zero and wraps, with the header's slip: a negative value above −1/2 becomes +1.
  public func quantizeAsInteger(_ value: Double) -> Raw {
    if value < 0 && value > -0.5 { return wrapped(1) }
    return with(.trnZero, .wrap).quantize(value)
  }
}
