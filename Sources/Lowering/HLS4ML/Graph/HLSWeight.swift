import Diagnostics
import FixedPoint
import Glibc
import Model

/// A weight tensor of a layer (hls4ml's WeightVariable).
struct HLSWeight: Sendable {
  /// The numbers that are written out, quantizer applied.
  var data: HLSArray
  /// The numbers before the quantizer.
  var unquantized: HLSArray
  var quantizer: HLSQuantizer?
  /// The zeros that stand for a bias the layer does not have.
  var isAbsent = false

  /// A tensor whose quantized numbers are known.
  init(quantized data: HLSArray, by quantizer: HLSQuantizer?) {
    self.data = data
    unquantized = data
    self.quantizer = quantizer
  }

  init(_ data: HLSArray, quantizer: HLSQuantizer? = nil) throws(Failure) {
    unquantized = data
    self.data = try quantizer?.quantized(data) ?? data
    self.quantizer = quantizer
  }

  /// The words of this tensor as the C simulation reads them: each number is printed with as many decimals
  /// as the type has fraction bits, and the decimal number is converted (numerics.md, point 7).
  ///
  /// - Precondition: the precision is resolved and not an exponent.
  func words(_ format: FixedFormat) -> [Raw] {
    let decimals = max(0, format.fractionBits)
    return data.values.map { format.quantize(Self.printed($0, decimals: decimals)) }
  }

  /// `value` rounded to a number of decimals, ties to even, as a decimal reader reads it back.
  static func printed(_ value: Double, decimals: Int) -> Double {
    // k fraction bits take k decimals: a quantizer's numbers are printed as they are.
    let scaled = scalbn(value, Int32(clamping: decimals))
    if abs(scaled) < 0x1p53, scaled.rounded() == scaled { return value }
    if let rounded = rounded(value, decimals: decimals) { return rounded }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400 + decimals) { text in
      guard let base = text.baseAddress else { return value }
      let length = withVaList([Int32(truncatingIfNeeded: decimals), value]) {
        vsnprintf(base, text.count, "%.*f", $0)
      }
      return length > 0 ? strtod(base, nil) : value
    }
  }

  /// The same without text, for numbers whose decimals fit a double: an integer and a power of ten, both exact,
  /// so that their quotient is the double nearest to the decimal number, which is what a reader gives.
  private static func rounded(_ value: Double, decimals: Int) -> Double? {
    guard decimals <= 18, value.isNormal, value.exponent < 52, value.exponent > -60 else { return nil }
    let power = (0..<decimals).reduce(UInt64(1)) { ten, _ in ten * 10 }
    let significand = UInt128(value.significandBitPattern | 1 << 52)
    let shift = UInt128(52 - Int(value.exponent))
    let scaled = significand * UInt128(power)
    let half = UInt128(1) << (shift - 1)
    var count = scaled >> shift
    let rest = scaled & ((half << 1) - 1)
    if rest > half || (rest == half && count & 1 == 1) { count += 1 }
    guard count < 1 << 53 else { return nil }
    let magnitude = Double(UInt64(count)) / Double(power)
    return value < 0 ? -magnitude : magnitude
  }
}
