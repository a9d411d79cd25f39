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
  /// Wraps the magnitude and keeps the sign (sign-magnitude wrap).
  case wrapSM = "WRAP_SM"
}

/// The format of a fixed-point word: ap_fixed<W, I, Q, O, N> (signed) or ap_ufixed (unsigned).
///
/// `integerBits` may be negative (all bits far below the point) or above `width` (low bits of the integer
/// part missing). ap_int<W> and ap_uint<W> are the formats with `integerBits == width`.
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
  /// ap_fixed's N: how many top bits stay saturated in the wrap modes. 0 nearly always.
  public var saturatedBits: Int

  /// The widest word: raw integers are 128-bit, sign included.
  public static let maximumWidth = 127

  /// Makes a format. Nothing is checked here: `Program`'s verifier and the parser refuse widths outside
  /// 1...`maximumWidth`, so that a result format that came out too wide is an error with a place.
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

  /// ap_int<width> or ap_uint<width>.
  public static func integer(_ width: Int, signed: Bool = true) -> FixedFormat {
    FixedFormat(width, width, signed: signed)
  }

  /// Bits right of the binary point; negative when low integer bits are missing.
  public var fractionBits: Int { width - integerBits }
  /// Whether `width` is one this compiler computes with.
  public var isRepresentable: Bool { (1...Self.maximumWidth).contains(width) }
  /// The largest raw word.
  public var maxRaw: Raw { (1 << Raw(isSigned ? width - 1 : width)) - 1 }
  /// The smallest raw word.
  public var minRaw: Raw { isSigned ? -(1 << Raw(width - 1)) : 0 }

  /// The same words with other conversion modes.
  public func with(_ rounding: Rounding, _ overflow: Overflow) -> FixedFormat {
    FixedFormat(width, integerBits, signed: isSigned, rounding, overflow)
  }

  /// Whether every word of `other` is a word of this format, so that conversion changes no value.
  public func contains(_ other: FixedFormat) -> Bool {
    guard fractionBits >= other.fractionBits else { return false }
    if other.isSigned && !isSigned { return false }
    let magnitude = integerBits - (isSigned ? 1 : 0)
    return magnitude >= other.integerBits - (other.isSigned ? 1 : 0)
  }
}

// MARK: Result formats (ap_fixed_base.h, struct RType)

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

  /// The smallest format that holds every word of both.
  public static func union(_ a: FixedFormat, _ b: FixedFormat) -> FixedFormat {
    let signed = a.isSigned || b.isSigned
    let integer = max(
      a.integerBits + (signed && !a.isSigned ? 1 : 0), b.integerBits + (signed && !b.isSigned ? 1 : 0))
    let fraction = max(a.fractionBits, b.fractionBits)
    return FixedFormat(integer + fraction, integer, signed: signed)
  }
}
