extension FixedFormat {
  /// Converts `raw · 2^−fractionBits` to this format: rounds, then handles overflow.
  ///
  /// Source: ap_fixed_base.h's converting constructor (`quantization_adjust`, then `overflow_adjust`).
  public func quantize(_ raw: Raw, fractionBits source: Int) -> Raw {
    let dropped = source - fractionBits
    if dropped > 0 { return fit(rounded(raw, dropping: dropped)) }
    return fitShifted(raw, left: -dropped)
  }

  /// Converts a word of another format to this one.
  public func quantize(_ raw: Raw, from format: FixedFormat) -> Raw {
    quantize(raw, fractionBits: format.fractionBits)
  }

  /// `raw / 2^count` rounded to an integer by this format's rounding mode. `count` > 0.
  func rounded(_ raw: Raw, dropping count: Int) -> Raw {
    let isNegative = raw < 0
    let floor: Raw = count >= 127 ? (isNegative ? -1 : 0) : raw >> Raw(count)
    // The first dropped bit, and whether anything lies below it.
    let half = count > 128 ? isNegative : (raw >> Raw(min(count - 1, 127))) & 1 == 1
    let below: Bool =
      count - 1 >= 128 ? raw != 0 : raw & ((Raw(1) << Raw(count - 1)) &- 1) != 0
    let up: Bool
    switch rounding {
    case .trn: up = false
    case .trnZero: up = isNegative && (half || below)
    case .rnd: up = half
    case .rndZero: up = half && (below || isNegative)
    case .rndInf: up = half && (below || !isNegative)
    case .rndMinInf: up = half && below
    case .rndConv: up = half && (below || floor & 1 == 1)
    }
    return floor + (up ? 1 : 0)
  }

  /// Brings an integer multiple of this format's step into its range by the overflow mode.
  func fit(_ value: Raw) -> Raw {
    let low = minRaw
    let high = maxRaw
    if value >= low && value <= high && !(overflow == .satSym && isSigned && value == low) { return value }
    switch overflow {
    case .wrap: return wrapped(value)
    case .sat: return value < low ? low : high
    case .satZero: return value < low || value > high ? 0 : value
    case .satSym: return value > high ? high : (isSigned ? -high : 0)
    case .wrapSM: return wrapped(value)  // sign-magnitude: see SignMagnitude.swift
    }
  }

  /// `fit(raw · 2^count)` without overflowing 128 bits on the way.
  func fitShifted(_ raw: Raw, left count: Int) -> Raw {
    if raw == 0 { return 0 }
    if count < 127 {
      let shifted = raw << Raw(count)
      if shifted >> Raw(count) == raw { return fit(shifted) }
    }
    switch overflow {
    case .wrap, .wrapSM: return wrapped(count < 128 ? raw &<< Raw(count) : 0)
    case .sat, .satZero, .satSym: return fit(raw < 0 ? Raw.min : Raw.max)
    }
  }

  /// The low `width` bits of `value`, read as a word of this format.
  func wrapped(_ value: Raw) -> Raw {
    let spare = Raw(128 - width)
    let top = value << spare
    return isSigned
      ? top >> spare : Raw(truncatingIfNeeded: UInt128(truncatingIfNeeded: top) >> UInt128(spare))
  }
}
