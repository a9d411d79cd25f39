// Conversion between formats: round to the step, then handle overflow.
//
// Source: ap_fixed_base.h, `operator=` between two ap_fixed_base (`quantization_adjust`, then
// `overflow_adjust`); docs/numerics.md, "Fixed point". The functions are generic over the integer that holds
// the word, so that the definition on `Raw` and a fast 64-bit evaluation are the same code.

extension FixedFormat {
  /// Converts the value `raw · 2^−source` to this format: rounds, then handles overflow.
  ///
  /// Exact for every shift distance: nothing is lost on the way, however far apart the two binary points are.
  /// `Word` must hold this format's words (`width` ≤ its bits, one less for an unsigned format); the source
  /// word may be any value of it.
  @inlinable
  public func quantize<Word: FixedWidthInteger & SignedInteger>(
    _ raw: Word, fractionBits source: Int
  ) -> Word {
    let dropped = source - fractionBits
    // The value in steps of this format; after a left shift perhaps only its low bits.
    let aligned: Word
    let isWhole: Bool
    if dropped > 0 {
      aligned = rounded(raw, dropping: dropped)
      isWhole = true
    } else {
      aligned = raw << -dropped
      isWhole = aligned >> -dropped == raw
    }
    if case .wrap = overflow, saturatedBits == 0 { return wrapped(aligned) }
    if isWhole && aligned >= lowest() && aligned <= highest() { return aligned }
    return overflowed(raw, dropping: dropped, aligned: aligned)
  }

  /// Converts a word of another format to this one.
  @inlinable
  public func quantize<Word: FixedWidthInteger & SignedInteger>(_ raw: Word, from format: FixedFormat) -> Word
  {
    quantize(raw, fractionBits: format.fractionBits)
  }

  /// `raw / 2^count` rounded to an integer by this format's rounding mode. `count` > 0.
  @inlinable
  func rounded<Word: FixedWidthInteger & SignedInteger>(_ raw: Word, dropping count: Int) -> Word {
    let floor = raw >> count
    if case .trn = rounding { return floor }
    // The first dropped bit, and whether any bit below it is set. Swift's shifts take any distance.
    let half = (raw >> (count - 1)) & 1 != 0
    let below = raw & ((1 << (count - 1)) &- 1) != 0
    let up: Bool
    switch rounding {
    case .trn: up = false
    case .trnZero: up = raw < 0 && (half || below)
    case .rnd: up = half
    case .rndZero: up = half && (below || raw < 0)
    case .rndInf: up = half && (below || raw >= 0)
    case .rndMinInf: up = half && below
    case .rndConv: up = half && (below || floor & 1 != 0)
    }
    return up ? floor + 1 : floor
  }

  /// The word for a value outside the range. `aligned` holds at least its low `width` bits.
  @inlinable
  func overflowed<Word: FixedWidthInteger & SignedInteger>(
    _ raw: Word, dropping dropped: Int, aligned: Word
  ) -> Word {
    // Not the sign of `aligned`: a left shift keeps only its low bits. (Rounding to zero never comes here.)
    let isNegative = raw < 0
    switch overflow {
    case .wrap: return withTopSaturated(wrapped(aligned), isNegative: isNegative)
    case .sat, .satSym: return isNegative ? lowest() : highest()
    case .satZero: return 0
    case .wrapSM:
      if !isSigned { return isNegative ? lowest() : highest() }
      // The bit just above the word, before rounding: the header keeps it as the sign.
      let position = width + dropped
      let lastDeleted = position >= 0 && (raw >> position) & 1 != 0
      let word = wrapped(aligned)
      switch saturatedBits {
      case ...0: return lastDeleted != (word < 0) ? ~word : word
      case 1: return isNegative != (word < 0) ? ~word : word
      default:
        let lowestSaturated = (word >> (width - saturatedBits)) & 1 != 0
        return withTopSaturated(lowestSaturated == isNegative ? ~word : word, isNegative: isNegative)
      }
    }
  }

  /// The word with its top `saturatedBits` as they are in the extreme word of that sign. An unsigned format
  /// sets them all on overflow and on underflow alike, as the header does.
  @inlinable
  func withTopSaturated<Word: FixedWidthInteger & SignedInteger>(_ word: Word, isNegative: Bool) -> Word {
    let kept: Word = (1 << (width - saturatedBits)) &- 1
    let extreme: Word = isSigned && isNegative ? Word.min >> (Word.bitWidth - width) : highest()
    return (word & kept) | (extreme & ~kept)
  }

  /// The low `width` bits of `value`, read as a word of this format.
  @inlinable
  func wrapped<Word: FixedWidthInteger & SignedInteger>(_ value: Word) -> Word {
    if !isSigned { return value & highest() }
    let spare = Word.bitWidth - width
    return (value << spare) >> spare
  }

  /// The largest word. Saturation ends here.
  @inlinable
  func highest<Word: FixedWidthInteger & SignedInteger>() -> Word {
    Word.max >> (Word.bitWidth - width - (isSigned ? 0 : 1))
  }

  /// The smallest word that conversion makes: one more than the smallest word under AP_SAT_SYM, except that
  /// the header sets the low bit, so that a one-bit signed word stays −1.
  @inlinable
  func lowest<Word: FixedWidthInteger & SignedInteger>() -> Word {
    if !isSigned { return 0 }
    let low = Word.min >> (Word.bitWidth - width)
    if case .satSym = overflow { return low | 1 }
    return low
  }
}
