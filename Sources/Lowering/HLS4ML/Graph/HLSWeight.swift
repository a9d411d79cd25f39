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
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400 + decimals) { text in
      guard let base = text.baseAddress else { return value }
      let length = withVaList([Int32(truncatingIfNeeded: decimals), value]) {
        vsnprintf(base, text.count, "%.*f", $0)
      }
      return length > 0 ? strtod(base, nil) : value
    }
  }
}
