import Model

/// alpha = "auto" and "auto_po2": the scale is computed from the weights, per last axis
/// (qkeras/quantizers.py 0.9.0: `_get_scale`, quantized_bits, binary, ternary, bernoulli).
struct AutomaticScale {
  /// The weights, row major; the channel is the last axis.
  let values: [Float]
  /// The length of the last axis; 1 for 1-D weights, whose maximum is taken over all of them.
  let channels: Int
  /// 1-D weights: the least-squares scale is one per element.
  let isPerElement: Bool
  /// Rounds every scale to a power of two.
  let powerOfTwo: Bool

  /// The scale and the values before it.
  func quantize(_ kind: QKerasQuantizer.Kind) -> (scale: [Float], units: [Float]) {
    switch kind {
    case .bits(let bits, let integer, _, let keepNegative):
      return fixed(values, bits: bits, integer: integer, unsignedBits: bits - (keepNegative ? 1 : 0))
    case .ternary(_, let iterations): return ternary(iterations)
    default:
      // Of the quantizer only its kind matters here.
      let quantizer = QKerasQuantizer(kind: kind, scale: .one, className: .binary)
      let units = values.map { quantizer.unit($0) }
      return (leastSquares(values, units), units)
    }
  }

  /// quantized_bits: as many levels on either side of zero, the largest magnitude the last one; a power of
  /// two is refined five times by least squares.
  private func fixed(
    _ weights: [Float], bits: Int, integer: Int, unsignedBits: Int
  ) -> (scale: [Float], units: [Float]) {
    let whole = QKerasQuantizer.power(integer)
    let x = weights.map { $0 / whole }
    let levels = Float(Double(sign: .plus, exponent: bits, significand: 1) - 2)
    var scale = maxima(x).map { $0 * 2 / levels }
    func steps() -> [Float] {
      x.indices.map { index in
        let v = (abs(x[index]) / scale[index % scale.count] + 0.5).rounded(.down)
        return sign(x[index]) * (v < levels / 2 ? v : levels / 2)
      }
    }
    var z: [Float]
    if powerOfTwo {
      scale = scale.map(nearestPowerOfTwo)
      z = steps()
      for round in 0..<5 {
        if round > 0 { z = steps() }
        scale = leastSquares(x, z)
      }
    } else {
      z = steps()
    }
    let m = QKerasQuantizer.power(unsignedBits)
    return (scale.map { $0 * m }, z.map { whole * $0 / m })
  }

  /// ternary: the threshold is half the scale, iterated.
  private func ternary(_ iterations: Int) -> (scale: [Float], units: [Float]) {
    var scale = maxima(values).map { 2 * $0 / 3 }
    if powerOfTwo { scale = scale.map(nearestPowerOfTwo) }
    var q = values
    for _ in 0..<iterations {
      q = values.indices.map { index in
        let step = scale[index % scale.count]
        let v = step * QKerasQuantizer.round(values[index] / step)
        return abs(v) >= step / 2 ? sign(values[index]) : 0
      }
      scale = leastSquares(values, q)
    }
    return (scale, q)
  }

  /// The largest magnitude of every channel.
  private func maxima(_ x: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: channels)
    for (index, value) in x.enumerated() {
      result[index % channels] = max(result[index % channels], abs(value))
    }
    return result
  }

  /// mean(x · q) / mean(q · q), and its nearest power of two if asked.
  private func leastSquares(_ x: [Float], _ q: [Float]) -> [Float] {
    let xq = zip(x, q).map { $0 * $1 }
    let qq = q.map { $0 * $0 }
    let above = isPerElement ? xq : FrameworkFloat.columnMeans(xq, columns: channels)
    let below = isPerElement ? qq : FrameworkFloat.columnMeans(qq, columns: channels)
    let scale = zip(above, below).map { $0 / ($1 + FrameworkFloat.epsilon) }
    return powerOfTwo ? scale.map(nearestPowerOfTwo) : scale
  }

  private func nearestPowerOfTwo(_ x: Float) -> Float {
    FrameworkFloat.exp2(FrameworkFloat.roundedLog2(x + FrameworkFloat.epsilon))
  }

  private func sign(_ x: Float) -> Float { x > 0 ? 1 : (x < 0 ? -1 : 0) }
}
