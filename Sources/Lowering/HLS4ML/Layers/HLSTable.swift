import FixedPoint
import Glibc

/// The tables of hls4ml's activations, computed as its C++ computes them when the simulation starts: in float,
/// with the C library's functions, in double where an expression has a double in it (nnet_activation.h).
enum HLSTable {
  /// `count` entries, in `format`, of a function sampled from −range to range, at the left edge of each bin.
  static func symmetric(
    _ function: HLSFunction, count: Int, range: Double, _ format: FixedFormat
  ) -> [Raw] {
    (0..<count).map { format.quantize(value(function, at: edge($0, count, range))) }
  }

  /// `count` entries of eˣ − 1 or of selu, from 0 down to −8.
  static func negative(_ function: (Float) -> Float, count: Int, _ format: FixedFormat) -> [Raw] {
    (0..<count).map { format.quantize(Double(function(Float(-8.0 * Double($0) / Double(Float(count)))))) }
  }

  /// The left edge of a bin of a table from −range to range.
  private static func edge(_ index: Int, _ count: Int, _ range: Double) -> Float {
    Float(2 * range * (Double(index) - Double(Float(count)) / 2.0) / Double(Float(count)))
  }

  private static func value(_ function: HLSFunction, at x: Float) -> Double {
    switch function {
    case .sigmoid: Double(Float(1.0 / Double(1 + expf(-x))))
    case .tanh: Double(tanhf(x))
    case .softplus: Double(Float(log(Double(expf(x)) + 1.0)))
    case .softsign: Double(Float(Double(x) / (Double(abs(x)) + 1.0)))
    default: Double(x)
    }
  }

  static func elu(_ x: Float) -> Float { Float(Double(expf(x)) - 1.0) }

  static func selu(_ x: Float) -> Float {
    Float(1.0507009873554804934193349852946 * (1.6732632423543772848170429916717 * (Double(expf(x)) - 1.0)))
  }

  // MARK: Softmax

  /// e to the value whose top bits are the index; `isNegated`: e to minus that.
  static func exponential(_ index: FixedFormat, bits: Int, isNegated: Bool, _ format: FixedFormat) -> [Raw] {
    (0..<1 << bits).map { place in
      let x = topValue(place, index, bits)
      return format.quantize(Double(expf(isNegated ? -x : x)))
    }
  }

  /// One over the value whose top bits are the index. 1/0 is infinity, which saturates or wraps to 0.
  static func reciprocal(_ index: FixedFormat, bits: Int, _ format: FixedFormat) -> [Raw] {
    (0..<1 << bits).map { format.quantize(Double(1 / topValue($0, index, bits))) }
  }

  /// The number whose word has `place` in its top bits and zeros below.
  private static func topValue(_ place: Int, _ format: FixedFormat, _ bits: Int) -> Float {
    let isNegative = format.isSigned && place >= 1 << (bits - 1)
    let top = isNegative ? place - 1 << bits : place
    return Float(Double(sign: .plus, exponent: format.integerBits - bits, significand: 1) * Double(top))
  }

  /// The legacy softmax's exponentials, from −8 to 8.
  static func legacyExponential(count: Int, _ format: FixedFormat) -> [Raw] {
    (0..<count).map { format.quantize(Double(expf(edge($0, count, 8)))) }
  }

  /// The legacy softmax's reciprocals, from 0 to 64; 0 for 0.
  static func legacyReciprocal(count: Int, _ format: FixedFormat) -> [Raw] {
    (0..<count).map { place in
      let x = Float(64.0 * Double(place) / Double(Float(count)))
      return format.quantize(x > 0 ? 1.0 / Double(x) : 0)
    }
  }
}

extension FixedFormat {
  /// The words of `source` in this format.
  func quantize(_ words: [Raw], from source: FixedFormat) -> [Raw] {
    words.map { quantize($0, from: source) }
  }
}
