import Diagnostics
import FixedPoint
import Model
import Program

/// QKeras quantizers as activations: exactly what they return (Quantizers/ScalarQuantizers.swift).
extension ExactBuilder {
  mutating func quantize(_ x: ValueID, _ quantizer: Quantizer) throws(Failure) -> ValueID {
    switch quantizer {
    case .qkeras(let qkeras): return try quantize(x, qkeras)
    case .fixed(let fixed): return try quantize(x, fixed)
    case .uniform(let uniform): return try quantize(x, uniform)
    }
  }

  private mutating func quantize(_ x: ValueID, _ quantizer: QKerasQuantizer) throws(Failure) -> ValueID {
    let units = try units(x, quantizer)
    switch quantizer.scale {
    case .one: return units
    case .constant(let alpha):
      let shape = alpha.count == 1 ? [1] : [shape(x)[shape(x).count - 1]]
      guard alpha.count == shape[0] else {
        throw failure("\(quantizer.className) has \(alpha.count) values of alpha for \(shape[0]) channels")
      }
      let factor = try parameter(Weights(shape: shape, values: alpha.map { Double(Float($0)) }), "alpha")
      return try multiply(units, constant(factor, "alpha"), "")
    case .auto, .autoPowerOfTwo:
      throw failure(
        "\(quantizer.className) computes its alpha from the data",
        hint: "an activation's quantizer needs a constant alpha")
    }
  }

  private mutating func units(_ x: ValueID, _ quantizer: QKerasQuantizer) throws(Failure) -> ValueID {
    switch quantizer.kind {
    case .bits(_, _, _, let keepNegative):
      if let format = FixedFormat(quantizer) { return try requantize(x, format) }
      return try sign(x, low: keepNegative ? -1 : 0)
    case .relu(let bits, let integer, let useSigmoid, let slope, let bound, let isClipped):
      let value =
        try useSigmoid
        ? sigmoidRelu(x, bits: bits, integer: integer, slope: slope)
        : self.relu(x, bits: bits, integer: integer, slope: slope)
      if let bound, bound != 0, !isClipped { return try atMost(value, Double(Float(bound)), "") }
      return value
    case .tanh(let bits, let symmetric, false):
      return try requantize(x, FixedFormat(bits, 1, signed: true, .rndConv, symmetric ? .satSym : .sat))
    case .sigmoid(let bits, let symmetric, false):
      let half = try sum(try scale(x, byPowerOfTwo: -1, "half"), try constant(0.5, "shift"), "shifted")
      let format = FixedFormat(bits, 0, signed: false, .rndConv, .sat)
      let value = try requantize(half, format, symmetric ? "rounded" : "")
      return symmetric ? try atLeast(value, format.step, "") : value
    case .binary(let useZeroOne): return try sign(x, low: useZeroOne ? 0 : -1)
    case .bernoulli: return try sign(x, low: 0)
    case .ternary(let threshold, _):
      let theta = Double(Float(threshold ?? 0.33))
      let (zero, one, minus) = (try constant(0, "zero"), try constant(1, "one"), try constant(-1, "minus"))
      let isLow = try add(
        .select(.lessOrEqual), x, try constant(-theta, "low"), minus, zero, named: "negative")
      return try add(.select(.greaterOrEqual), x, try constant(theta, "high"), one, isLow, named: "")
    case .ternaryTanh:
      let (zero, one, minus) = (try constant(0, "zero"), try constant(1, "one"), try constant(-1, "minus"))
      let isLow = try add(
        .select(.lessOrEqual), x, try constant(-0.5, "low"), minus, zero, named: "negative")
      return try add(.select(.greater), x, try constant(0.5, "high"), one, isLow, named: "")
    case .tanh, .sigmoid, .binaryTanh, .powerOfTwo, .reluPowerOfTwo, .hardSwish:
      return try stepFunction(x, turns: quantizer.turns) { Double(quantizer.unit(Float($0))) }
    }
  }

  /// 1 for x ≥ 0, `low` below.
  private mutating func sign(_ x: ValueID, low: Double) throws(Failure) -> ValueID {
    let (zero, one, other) = (try constant(0, "zero"), try constant(1, "one"), try constant(low, "low"))
    return try add(.select(.greaterOrEqual), x, zero, one, other, named: "")
  }

  /// quantized_relu: round to even, clip to [0, 2^integer); with a slope, −slope · 2^integer at least.
  private mutating func relu(_ x: ValueID, bits: Int, integer: Int, slope: Double) throws(Failure) -> ValueID
  {
    if slope == 0 { return try requantize(x, FixedFormat(bits, integer, signed: false, .rndConv, .sat)) }
    let scaled = try scale(x, byPowerOfTwo: Int(slope.exponent), "scaled")
    let zero = try constant(0, "zero")
    let leaky = try tight(try add(.select(.greaterOrEqual), x, zero, x, scaled, named: "leaky"), "leaky")
    let rounded = try requantize(
      leaky, FixedFormat(bits, integer + 1, signed: true, .rndConv, .sat), "rounded")
    return try atLeast(rounded, -slope * Double(sign: .plus, exponent: integer, significand: 1), "")
  }

  /// quantized_relu with use_sigmoid: 2 · round(m · (x / 2^(integer + 1) + 1/2)) / m − 1, clipped and scaled.
  private mutating func sigmoidRelu(
    _ x: ValueID, bits: Int, integer: Int, slope: Double
  ) throws(Failure) -> ValueID {
    let quantizer = QKerasQuantizer(
      kind: .relu(
        bits: bits, integer: integer, useSigmoid: true, negativeSlope: slope, upperBound: nil,
        isQuantizedClip: true), scale: .one, className: .quantizedReLU)
    return try stepFunction(x, turns: []) { Double(quantizer.unit(Float($0))) }
  }
}

extension FixedFormat {
  /// The format whose conversion is this quantizer without its scale, if there is one.
  init?(_ quantizer: Quantizer) {
    switch quantizer {
    case .qkeras(let qkeras): self.init(qkeras)
    case .fixed(let fixed): self.init(fixed)
    case .uniform(let uniform): self.init(uniform)
    }
  }

  fileprivate init?(_ quantizer: QKerasQuantizer) {
    switch quantizer.kind {
    case .bits(let bits, let integer, let symmetric, let keepNegative):
      guard bits > (keepNegative ? 1 : 0) else { return nil }
      self.init(
        bits, integer + (keepNegative ? 1 : 0), signed: keepNegative, .rndConv,
        symmetric && keepNegative ? .satSym : .sat)
    case .relu(let bits, let integer, false, 0, let bound, let isClipped):
      guard isClipped || (bound ?? 0) == 0 else { return nil }
      self.init(bits, integer, signed: false, .rndConv, .sat)
    default: return nil
    }
  }
}

extension QKerasQuantizer {
  /// Where the function stops falling and begins to rise; empty for those that never fall.
  fileprivate var turns: [Double] {
    if case .hardSwish(_, _, _, let shift, let bound) = kind { return [-shift, -shift / 2, bound - shift] }
    return []
  }
}
