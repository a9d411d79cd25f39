import Model

/// QKeras quantizers on one number, before their scale (qkeras/quantizers.py, 0.9.0).
extension QKerasQuantizer {
  /// The quantized number before alpha multiplies it.
  func unit(_ x: Float) -> Float {
    switch kind {
    case .bits(let bits, let integer, let symmetric, let keepNegative):
      return Self.bits(x, bits: bits, integer: integer, symmetric: symmetric, keepNegative: keepNegative)
    case .hardSwish(let bits, let integer, let symmetric, _, _):
      return Self.bits(passThrough(x), bits: bits, integer: integer, symmetric: symmetric, keepNegative: true)
    case .relu(let bits, let integer, let useSigmoid, let slope, let bound, let isClipped):
      let value =
        useSigmoid
        ? Self.sigmoidRelu(x, bits: bits, integer: integer, slope: Float(slope))
        : Self.relu(x, bits: bits, integer: integer, slope: Float(slope))
      if let bound, bound != 0, !isClipped { return min(value, Float(bound)) }
      return value
    case .tanh(let bits, let symmetric, let useRealTanh):
      let m = Self.power(bits - 1)
      let p = useRealTanh ? FrameworkFloat.tanh(x) : 2 * Self.hardSigmoid(x) - 1
      return Self.clip(Self.round(p * m) / m, -1 + (symmetric ? 1 : 0) / m, 1 - 1 / m)
    case .sigmoid(let bits, let symmetric, let useRealSigmoid):
      let m = Self.power(bits)
      let p = useRealSigmoid ? FrameworkFloat.sigmoid(x) : Self.hardSigmoid(x)
      return Self.clip(Self.round(p * m) / m, (symmetric ? 1 : 0) / m, 1 - 1 / m)
    case .binary(let useZeroOne): return x >= 0 ? 1 : (useZeroOne ? 0 : -1)
    case .binaryTanh: return 2 * Self.round(Self.hardSigmoid(x)) - 1
    case .ternaryTanh: return x > 0.5 ? 1 : x <= -0.5 ? -1 : 0
    case .bernoulli: return x >= 0 ? 1 : 0
    case .ternary(let threshold, _): return abs(x) >= Float(threshold ?? 0.33) ? (x < 0 ? -1 : 1) : 0
    case .powerOfTwo(let bits, let maximum, let isQuadratic):
      let range = Self.exponents(bits: bits - 1, maximum: maximum, isQuadratic: isQuadratic)
      let magnitude = FrameworkFloat.exp2(
        Self.exponent(abs(x), range, maximum: maximum, isQuadratic: isQuadratic))
      return x < 0 ? -magnitude : magnitude
    case .reluPowerOfTwo(let bits, let maximum, let slope, let isQuadratic):
      let range = Self.exponents(bits: bits, maximum: maximum, isQuadratic: isQuadratic)
      let isPositive = x >= 0 || slope == 0
      let magnitude = isPositive ? max(x, 0) : max(-x, 0) * Float(slope)
      let power = FrameworkFloat.exp2(
        Self.exponent(magnitude, range, maximum: maximum, isQuadratic: isQuadratic))
      return isPositive ? power : -power
    }
  }

  /// The unquantized function, which the straight-through estimator adds and takes away again.
  func passThrough(_ x: Float) -> Float {
    func leaky(_ slope: Double) -> Float { x < 0 ? Float(slope) * x : x }
    switch kind {
    case .relu(let bits, let integer, _, let slope, let bound, let isClipped):
      let top = Self.power(integer) - Self.power(integer - bits + (slope == 0 ? 0 : 1))
      let limit = isClipped ? top : bound.map { Float($0) }
      if let limit, !(x <= limit) { return limit }
      return leaky(slope)
    case .reluPowerOfTwo(_, let maximum, let slope, _):
      if let maximum, !(x <= Float(maximum)) { return Float(maximum) }
      return leaky(slope)
    case .hardSwish(_, _, _, let shift, let bound):
      let shifted = x + Float(shift)
      let gate = shifted <= Float(bound) ? max(shifted, 0) : Float(bound)
      return x * gate / Float(bound)
    default: return x
    }
  }

  /// quantized_bits: `integer` does not count the sign; one bit without the sign is a sign function.
  private static func bits(
    _ x: Float, bits: Int, integer: Int, symmetric: Bool, keepNegative: Bool
  ) -> Float {
    let unsigned = bits - (keepNegative ? 1 : 0)
    guard unsigned > 0 else { return x >= 0 ? 1 : (keepNegative ? -1 : 0) }
    let (m, scale) = (power(unsigned), power(integer))
    let low = keepNegative ? -m + (symmetric ? 1 : 0) : 0
    return scale * clip(round(x * m / scale), low, m - 1) / m
  }

  private static func relu(_ x: Float, bits: Int, integer: Int, slope: Float) -> Float {
    let (m, scale) = (power(bits - (slope == 0 ? 0 : 1)), power(integer))
    let p = x * m / scale
    let positive = scale * clip(round(p) / m, 0, 1 - 1 / m)
    guard slope > 0 else { return positive }
    return positive + scale * slope * clip(round(p * slope) * (1 / (slope * m)), -1, 0)
  }

  private static func sigmoidRelu(_ x: Float, bits: Int, integer: Int, slope: Float) -> Float {
    let (m, scale) = (power(bits - (slope == 0 ? 0 : 1)), power(integer))
    let p = hardSigmoid(x / scale) * m
    let positive = scale * clip(2 * (round(p) / m) - 1, 0, 1 - 1 / m)
    guard slope > 0 else { return positive }
    return positive + scale * slope * clip(2 * (round(p * slope) * (1 / (slope * m))) - 1, -1, 0)
  }

  /// The smallest and largest exponents of a power-of-two quantizer.
  private static func exponents(bits: Int, maximum: Double?, isQuadratic: Bool) -> ClosedRange<Float> {
    let needsSign = maximum.map { $0 > 1 } ?? true
    let span = power(bits - (needsSign ? 1 : 0))
    let top = span - 1
    return -span...max(-span, isQuadratic ? 2 * (top / 2).rounded(.down) : top)
  }

  /// `_clip_power_of_two`: the exponent of the power of two nearest to a magnitude.
  private static func exponent(
    _ magnitude: Float, _ range: ClosedRange<Float>, maximum: Double?, isQuadratic: Bool
  ) -> Float {
    if magnitude < FrameworkFloat.epsilon { return range.lowerBound }
    let x = maximum.map { min(magnitude, Float($0)) } ?? magnitude
    let exponent = FrameworkFloat.roundedLog2(isQuadratic ? x.squareRoot() : x)
    return (isQuadratic ? 2 : 1) * clip(exponent, range.lowerBound, range.upperBound)
  }

  /// clip(x / 2 + 1 / 2, 0, 1): QKeras's internal sigmoid unless told otherwise.
  private static func hardSigmoid(_ x: Float) -> Float { clip(0.5 * x + 0.5, 0, 1) }

  static func clip(_ x: Float, _ low: Float, _ high: Float) -> Float { min(max(x, low), high) }

  /// Ties to even.
  static func round(_ x: Float) -> Float { x.rounded(.toNearestOrEven) }

  static func power(_ exponent: Int) -> Float {
    Float(sign: .plus, exponent: exponent, significand: 1)
  }
}
