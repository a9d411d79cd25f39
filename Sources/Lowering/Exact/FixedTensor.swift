import FixedPoint
import Program

/// Numbers as words of one format.
struct FixedTensor {
  var shape: [Int]
  var format: FixedFormat
  var words: [Raw]

  var type: ValueType { ValueType(shape, format) }

  /// The finest step: numbers below are zero to every network that has others.
  private static let finest = 64

  /// The numbers exactly, in the narrowest format that holds them all; nil if that has more than `limit` bits
  /// or steps finer than 2^−64.
  ///
  /// - Precondition: the values are finite.
  static func exact(_ values: [Double], shape: [Int], limit: Int) -> FixedTensor? {
    var (low, high) = (Int.max, Int.min)
    for value in values where value != 0 {
      low = min(low, Int(value.exponent) - value.significandWidth)
      high = max(high, Int(value.exponent) + 1)
    }
    if low > high { (low, high) = (0, 1) }
    let isSigned = values.contains { $0 < 0 }
    // A lone −2^k needs no bit above the sign; the extra bit it gets here is taken off again below.
    let width = high - low + (isSigned ? 1 : 0)
    guard -low <= finest, width <= limit + 1, width <= FixedFormat.maximumWidth(signed: isSigned) else {
      return nil
    }
    var format = FixedFormat(width, high + (isSigned ? 1 : 0), signed: isSigned)
    let words = values.map { format.quantize($0) }
    let range = (words.min() ?? 0)...(words.max() ?? 0)
    format = FixedFormat.tight(range, fractionBits: -low)
    return format.width <= limit ? FixedTensor(shape: shape, format: format, words: words) : nil
  }

  /// The numbers rounded to nearest in words of `width` bits, or exactly where those suffice.
  static func rounded(_ values: [Double], shape: [Int], width: Int) -> FixedTensor {
    if let exact = exact(values, shape: shape, limit: width) { return exact }
    var format = FixedFormat.covering((values.min() ?? 0)...(values.max() ?? 0), width: width)
    let excess = format.fractionBits - finest
    if excess > 0 {
      format.width = max(1, width - excess)
      format.integerBits = format.width - finest
    }
    return FixedTensor(shape: shape, format: format, words: values.map { format.quantize($0) })
  }

  /// The numbers rounded to nearest multiples of 2^−fractionBits, none clipped; exactly where that suffices.
  static func rounded(_ values: [Double], shape: [Int], fractionBits: Int) -> FixedTensor {
    let wide = FixedFormat(127, 127 - fractionBits, .rndConv, .sat)
    let words = values.map { wide.quantize($0) }
    let range = (words.min() ?? 0)...(words.max() ?? 0)
    return FixedTensor(shape: shape, format: .tight(range, fractionBits: fractionBits), words: words)
  }

  /// The words' values.
  var values: [Double] { words.map { format.value(of: $0) } }
}

extension FixedFormat {
  /// The narrowest format with these words and this binary point.
  static func tight(_ words: ClosedRange<Raw>, fractionBits: Int) -> FixedFormat {
    let isSigned = words.lowerBound < 0
    let magnitude = max(words.upperBound, isSigned ? -(words.lowerBound + 1) : 0)
    let bits = Raw.bitWidth - magnitude.leadingZeroBitCount
    let width = max(1, bits + (isSigned ? 1 : 0))
    return FixedFormat(width, width - fractionBits, signed: isSigned)
  }

  /// The finest format of `width` bits that covers a range of numbers; it rounds to nearest and saturates.
  /// The upper end may be a power of two that is just outside: it costs one last bit, not one bit everywhere.
  static func covering(_ range: ClosedRange<Double>, width: Int, signed: Bool? = nil) -> FixedFormat {
    let isSigned = signed ?? (range.lowerBound < 0)
    let magnitude = max(range.upperBound, -range.lowerBound)
    let bits = magnitude > 0 ? Int(magnitude.exponent) + (magnitude.significand == 1 ? 0 : 1) : 0
    return FixedFormat(width, bits + (isSigned ? 1 : 0), signed: isSigned, .rnd, .sat)
  }

  /// 2^−fractionBits, the difference of two neighbouring words.
  var step: Double { Double(sign: .plus, exponent: -fractionBits, significand: 1) }
}
