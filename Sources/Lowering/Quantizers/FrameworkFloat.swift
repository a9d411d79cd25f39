import Foundation

/// The training framework's float32 functions, bit for bit as its CPU build computes them.
///
/// A quantizer rounds what these return, so an error of one unit in the last place moves a weight to the next
/// grid point. TensorFlow's CPU kernels are Eigen's packet functions built for AVX without fused
/// multiply-add; the coefficients below are Eigen's (Core/arch/Default/GenericPacketMathFunctions.h and
/// Core/functors/UnaryFunctors.h). Tests compare every function with vectors made by TensorFlow 2.15.
enum FrameworkFloat {
  /// Keras's fuzz factor, `K.epsilon()`.
  static let epsilon: Float = 1e-7
  /// The natural logarithm of 2 as QKeras divides by it.
  static let ln2 = Float(0.693147180559945309)

  /// log(x) for x > 0.
  static func log(_ x: Float) -> Float {
    let binade = x.exponent + 1
    var m = x.significand / 2
    var e = Float(binade)
    if m < 0.707106781186547524 {
      e -= 1
      m = (m - 1) + m
    } else {
      m -= 1
    }
    let p = m * polynomial(m, [0.18256296349849254, 1.0000000190281063, 1.0000000190281136])
    let q = polynomial(m, [0.049616247954120038, 0.59923249590823520, 1.4999999999999927, 1])
    return e * ln2 + p / q
  }

  /// round(log₂ x), ties to even, by way of the natural logarithm as QKeras does it.
  static func roundedLog2(_ x: Float) -> Float { (log(x) / ln2).rounded(.toNearestOrEven) }

  /// 2ⁿ for an integer n; subnormal results are flushed to zero, as the framework's threads do.
  static func exp2(_ n: Float) -> Float {
    if n > 127 { return .infinity }
    return n < -126 ? 0 : Float(sign: .plus, exponent: Int(n), significand: 1)
  }

  /// tanh(x).
  static func tanh(_ argument: Float) -> Float {
    let clamp: Float = 7.90738964080810547
    let x = max(min(argument, clamp), -clamp)
    let x2 = x * x
    let p = polynomial(x2, [1.394553628e-8, 2.102733560e-5, 3.520756727e-3, 1.340216100e-1])
    let q = polynomial(x2, [8.015776984e-7, 3.326951409e-4, 2.597254514e-2, 4.673548340e-1, 1])
    return ((x2 * x) * p + x) / q
  }

  /// 1 / (1 + e⁻ˣ).
  static func sigmoid(_ argument: Float) -> Float {
    if argument < -104 { return 0 }
    let x = min(argument, 16.6355324) * 0.5
    let m = (x * 1.44269504088896341 + 0.5).rounded(.down)
    var r = m * -0.693359375 + x
    r = m * 2.12194440e-4 + r
    let r2 = r * r
    let even = r2 * 4.1898667812347412109375e-2 + 0.49999141693115234375
    let odd = r2 * 8.33471305668354034423828125e-3 + 0.16666877269744873046875
    let p = r2 * (r * odd + even) + (r + 1)
    let root = Float(sign: .plus, exponent: Int(m), significand: p)
    let e = root * root
    return e / (1 + e)
  }

  /// Horner's rule, highest power first.
  private static func polynomial(_ x: Float, _ coefficients: [Float]) -> Float {
    coefficients.dropFirst().reduce(coefficients[0]) { $0 * x + $1 }
  }

  /// The mean of `values` [rows, columns] down every column, summed in the order of Eigen's reductions with
  /// packets of eight (a column outside the last full packet is summed one by one).
  static func columnMeans(_ values: [Float], columns: Int) -> [Float] {
    let rows = values.count / columns
    if columns == 1 { return [packedSum(values) / Float(rows)] }
    let packed = columns / 8 * 8
    return (0..<columns).map { column in
      func sum(_ range: StrideTo<Int>, from start: Float = 0) -> Float {
        range.reduce(start) { $0 + values[$1 * columns + column] }
      }
      guard column < packed, rows >= 16 else { return sum(stride(from: 0, to: rows, by: 1)) / Float(rows) }
      let full = rows / 4 * 4
      let parts = (0..<4).map { sum(stride(from: $0, to: full, by: 4)) }
      let total = ((parts[0] + parts[1]) + parts[2]) + parts[3]
      return sum(stride(from: full, to: rows, by: 1), from: total) / Float(rows)
    }
  }

  /// The sum of a row of floats: four packets of eight side by side, then one, then the rest.
  private static func packedSum(_ values: [Float]) -> Float {
    var packet = [Float](repeating: 0, count: 8)
    var start = 0
    if values.count >= 32 {
      let end = values.count / 32 * 32
      let parts = (0..<4).map { part in
        (0..<8).map { lane in
          stride(from: part * 8 + lane, to: end, by: 32).reduce(Float(0)) { $0 + values[$1] }
        }
      }
      packet = (0..<8).map { ((parts[0][$0] + parts[1][$0]) + parts[2][$0]) + parts[3][$0] }
      start = end
    }
    while start + 8 <= values.count {
      for lane in 0..<8 { packet[lane] += values[start + lane] }
      start += 8
    }
    let rest = values[start...].reduce(Float(0), +)
    while packet.count > 1 {
      let half = packet.count / 2
      packet = (0..<half).map { packet[$0] + packet[$0 + half] }
    }
    return rest + packet[0]
  }
}
