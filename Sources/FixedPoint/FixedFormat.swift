/// The raw integer of a fixed-point word: value = raw · 2^−fractionBits.
public typealias Raw = Int128

/// How a conversion that drops low bits picks the word (ap_fixed's Q modes).
public enum Rounding: String, CaseIterable, Hashable, Sendable {
  /// Toward minus infinity.
  case trn = "TRN"
  /// Toward zero.
  case trnZero = "TRN_ZERO"
  /// To nearest, ties toward plus infinity.
  case rnd = "RND"
  /// To nearest, ties toward zero.
  case rndZero = "RND_ZERO"
  /// To nearest, ties away from zero.
  case rndInf = "RND_INF"
  /// To nearest, ties toward minus infinity.
  case rndMinInf = "RND_MIN_INF"
  /// To nearest, ties to even.
  case rndConv = "RND_CONV"
}

/// What a conversion does with a value outside the format (ap_fixed's O modes).
public enum Overflow: String, CaseIterable, Hashable, Sendable {
  /// Keeps the low bits.
  case wrap = "WRAP"
  /// Clamps to the nearest end of the range.
  case sat = "SAT"
  /// Becomes zero.
  case satZero = "SAT_ZERO"
  /// Clamps to ± the largest word; the most negative word is never produced.
  case satSym = "SAT_SYM"
  /// Wraps the magnitude and keeps the sign (sign-magnitude wrap). The vendor allows it in signed formats only.
  case wrapSM = "WRAP_SM"
}

/// The format of a fixed-point word: ap_fixed<W, I, Q, O, N> (signed) or ap_ufixed (unsigned).
///
/// `integerBits` may be negative (all bits far below the point) or above `width` (low bits of the integer
/// part missing). ap_int<W> and ap_uint<W> are `integer(W)`: the words of ap_fixed<W, W>, but conversion to them
/// truncates toward zero.
public struct FixedFormat: Hashable, Sendable {
  /// Bits in the word, sign included.
  public var width: Int
  /// Bits left of the binary point, sign included.
  public var integerBits: Int
  /// Whether the top bit is a sign.
  public var isSigned: Bool
  /// How dropped low bits round.
  public var rounding: Rounding
  /// What happens outside the range.
  public var overflow: Overflow
  /// ap_fixed's N, 0...`width`: how many top bits stay saturated in the wrap modes. 0 nearly always.
  public var saturatedBits: Int

  /// The widest word: raw integers are signed 128-bit ones.
  public static func maximumWidth(signed: Bool) -> Int { signed ? 128 : 127 }

  /// Makes a format. Nothing is checked here: `Program`'s verifier and the parser refuse formats that are not
  /// `isRepresentable`, so that a result format that came out too wide is an error with a place.
  public init(
    _ width: Int, _ integerBits: Int, signed: Bool = true, _ rounding: Rounding = .trn,
    _ overflow: Overflow = .wrap, saturatedBits: Int = 0
  ) {
    self.width = width
    self.integerBits = integerBits
    self.isSigned = signed
    self.rounding = rounding
    self.overflow = overflow
    self.saturatedBits = saturatedBits
  }

  /// ap_int<width> or ap_uint<width>: conversion truncates toward zero and wraps.
  ///
  /// Source: ap_fixed_base.h, `to_ap_int_base`. (ap_fixed<width, width>, by contrast, floors.)
  public static func integer(_ width: Int, signed: Bool = true) -> FixedFormat {
    FixedFormat(width, width, signed: signed, .trnZero)
  }

  /// Bits right of the binary point; negative when low integer bits are missing.
  public var fractionBits: Int { width - integerBits }
  /// Whether the words fit `Raw`: 1...128 bits signed, 1...127 unsigned.
  public var isRepresentable: Bool { width >= 1 && width <= Self.maximumWidth(signed: isSigned) }
  /// The largest raw word.
  public var maxRaw: Raw { highest() }
  /// The smallest raw word. (Conversion under AP_SAT_SYM never makes it.)
  public var minRaw: Raw { isSigned ? Raw.min >> (Raw.bitWidth - width) : 0 }

  /// Whether both formats have the same words with the same values, whatever their conversion modes.
  public func hasSameWords(as other: FixedFormat) -> Bool {
    width == other.width && integerBits == other.integerBits && isSigned == other.isSigned
  }

  /// The same words with other conversion modes.
  public func with(_ rounding: Rounding, _ overflow: Overflow) -> FixedFormat {
    FixedFormat(width, integerBits, signed: isSigned, rounding, overflow)
  }

  /// Whether conversion from `other` to this format changes no value.
  ///
  /// False where AP_SAT_SYM would change the most negative word of `other`, if it has that word.
  public func contains(_ other: FixedFormat) -> Bool {
    if self == other { return true }
    guard fractionBits >= other.fractionBits else { return false }
    if other.isSigned && !isSigned { return false }
    let magnitude = integerBits - (isSigned ? 1 : 0)
    let otherMagnitude = other.integerBits - (other.isSigned ? 1 : 0)
    let excludesMinimum = other.isSigned && lowest() != minRaw
    return excludesMinimum ? magnitude > otherMagnitude : magnitude >= otherMagnitude
  }
}
