import CKernels
import FixedPoint
import Program

/// A conversion to a format, for words known to be in an interval.
struct ConversionPlan {
  /// For the kernels.
  var kernel: tf_conversion
  /// What its results can be.
  var result: Interval
  /// The narrowest words it can be computed in.
  var word: WordSize
  /// Whether it changes no word.
  var isIdentity: Bool

  /// Plans a conversion to 0.
  init(zero: Void) {
    kernel = tf_conversion()
    kernel.is_zero = 1
    result = Interval(0, 0)
    word = .bits32
    isIdentity = false
  }

  /// Plans `format.quantize(word, fractionBits: fractionBits) << up` for the words of `source`.
  ///
  /// - Returns: nil for conversions the kernels do not do: shifts by about a word.
  init?(
    _ source: Interval, fractionBits: Int, to format: FixedFormat, up: Int = 0, counter: Int = 0
  ) {
    let dropped = fractionBits - format.fractionBits
    guard abs(dropped) < 126, up < 126 else { return nil }
    // Rounding is monotone, so the ends of the interval give the ends of the rounded one. A format wide
    // enough never overflows; left shifts that would leave 128 bits saturate.
    let wide = FixedFormat(128, 128 - format.fractionBits, signed: true, format.rounding, .sat)
    let rounded = Interval(
      wide.quantize(source.low, fractionBits: fractionBits),
      wide.quantize(source.high, fractionBits: fractionBits))
    let range = format.conversionRange
    let overflows = !range.contains(rounded)
    switch format.overflow {
    case _ where !overflows: result = rounded
    case .wrap, .wrapSM: result = Interval(format)
    case .sat, .satSym:
      result = Interval(
        min(max(rounded.low, range.low), range.high), max(min(rounded.high, range.high), range.low))
    case .satZero: result = range.intersection(rounded).union(Interval(0, 0)).intersection(range)
    }
    let left = max(0, -dropped)
    kernel = tf_conversion()
    kernel.low = tf_wide(range.low)
    kernel.high = tf_wide(range.high)
    // v · 2^left ≤ high exactly where v ≤ ⌊high / 2^left⌋, and likewise below.
    kernel.shift_low = tf_wide(-(-range.low >> Raw(left)))
    kernel.shift_high = tf_wide(range.high >> Raw(left))
    kernel.right = UInt8(max(0, dropped))
    kernel.left = UInt8(left)
    kernel.rounding = format.rounding.kernelCode
    kernel.overflow = format.overflow.kernelCode
    if format.overflow == .wrap, format.saturatedBits > 0 { kernel.overflow = UInt8(TF_WRAP_PARTLY) }
    kernel.saturated = UInt8(clamping: format.saturatedBits)
    kernel.check = overflows ? 1 : 0
    kernel.width = UInt8(format.width)
    kernel.is_signed = format.isSigned ? 1 : 0
    kernel.counter = Int32(counter)
    word = max(WordSize(source), WordSize(result))
    if dropped > 0 { word = max(word, WordSize(rightShift: dropped)) }
    if left > 0 { word = max(word, WordSize(rightShift: left)) }
    isIdentity = dropped == 0 && !overflows && up == 0
    if up > 0 {
      kernel.up = UInt8(up)
      result = result.shifted(left: up)
      word = max(word, WordSize(result), WordSize(rightShift: up))
    }
  }
}

extension LaidFormats {
  /// The conversions of the words of `source`, one for each word of a tensor of `shape`; nil as in `ConversionPlan`.
  func plans(_ source: Interval, fractionBits: Int, shape: [Int], counter: Int = 0) -> [ConversionPlan]? {
    let fraction = result.fractionBits
    let plans = formats.map { format -> ConversionPlan? in
      guard let format else { return ConversionPlan(zero: ()) }
      return ConversionPlan(
        source, fractionBits: fractionBits, to: format, up: fraction - format.fractionBits, counter: counter)
    }
    let known = plans.compactMap { $0 }
    return known.count == plans.count ? places(in: shape).map { known[$0] } : nil
  }
}

extension Rounding {
  var kernelCode: UInt8 {
    switch self {
    case .trn: UInt8(TF_TRN)
    case .trnZero: UInt8(TF_TRN_ZERO)
    case .rnd: UInt8(TF_RND)
    case .rndZero: UInt8(TF_RND_ZERO)
    case .rndInf: UInt8(TF_RND_INF)
    case .rndMinInf: UInt8(TF_RND_MIN_INF)
    case .rndConv: UInt8(TF_RND_CONV)
    }
  }
}

extension Overflow {
  var kernelCode: UInt8 {
    switch self {
    case .wrap: UInt8(TF_WRAP)
    case .wrapSM: UInt8(TF_WRAP_MAGNITUDE)
    case .sat, .satSym: UInt8(TF_SAT)
    case .satZero: UInt8(TF_SAT_ZERO)
    }
  }
}
