import Diagnostics
import Model

/// Weights as a quantizer leaves them: `values` = `units` · scale, up to one float32 rounding.
public struct Quantization: Hashable, Sendable {
  /// What the framework multiplies with: exact float32 numbers, shaped like the weights.
  public var values: Weights
  /// The values before the scale: multiples of the quantizer's step (quantized_bits: k · 2^(integer − bits
  /// + keep_negative); binary: ±1 or 0/1; ternary: −1, 0, 1; a uniform quantizer: integers). Shaped like the weights.
  public var units: Weights
  /// The factor alpha: one number, or one per last axis (for 1-D weights with automatic scales, one per
  /// element). Element i uses `scale[i % scale.count]`.
  public var scale: [Double]

  /// Whether the scale is 1 everywhere.
  public var isUnscaled: Bool { scale.allSatisfy { $0 == 1 } }
}

extension QKerasQuantizer {
  /// The weights as the quantizer's forward pass at inference returns them, float32 bit for bit.
  ///
  /// - Throws: where a constant alpha does not match the weights' last axis.
  public func quantized(_ weights: Weights) throws(Failure) -> Weights {
    try quantization(of: weights).values
  }

  /// As `quantized`, with the scale and the values before it.
  ///
  /// Follows qkeras/quantizers.py 0.9.0, operation for operation in float32. What is random there at
  /// inference (bernoulli) or in training (the stochastic forms) is taken at its most likely value.
  public func quantization(of weights: Weights) throws(Failure) -> Quantization {
    let x = weights.values.map { Float($0) }
    let channels = weights.shape.count > 1 ? weights.shape[weights.shape.count - 1] : 1
    var scale = try constantScale(lastAxis: weights.shape.last ?? 1)
    var units: [Float]
    if scale.isEmpty {
      let automatic = AutomaticScale(
        values: x, channels: channels, isPerElement: weights.shape.count < 2,
        powerOfTwo: self.scale == .autoPowerOfTwo
      )
      (scale, units) = automatic.quantize(kind)
    } else {
      units = x.map(unit)
    }
    if x.isEmpty { scale = [1] }
    let straight = passesTanh
    let values = zip(x.indices, zip(x, units)).map { index, pair -> Double in
      let through = straight ? FrameworkFloat.tanh(pair.0) : passThrough(pair.0)
      return Double(Self.straightThrough(through, scale[index % scale.count] * pair.1))
    }
    return Quantization(
      values: Weights(shape: weights.shape, values: isStraightThrough ? values : units.map(Double.init)),
      units: Weights(shape: weights.shape, values: units.map(Double.init)), scale: scale.map(Double.init))
  }

  /// The quantizer as an activation: f(x) in float32, bit for bit.
  ///
  /// - Precondition: the scale is not automatic (`constantScale` says so).
  func value(_ x: Float, scale: Float = 1) -> Float {
    let unit = unit(x)
    guard isStraightThrough else { return unit }
    return Self.straightThrough(passesTanh ? FrameworkFloat.tanh(x) : passThrough(x), scale * unit)
  }

  /// The constant factor as float32 numbers: one, or one per last axis; empty when it is automatic.
  func constantScale(lastAxis: Int) throws(Failure) -> [Float] {
    switch scale {
    case .one: return [1]
    case .constant(let alpha):
      guard alpha.count == 1 || alpha.count == lastAxis else {
        throw Failure(
          .badInput, "\(className) has \(alpha.count) values of alpha where 1 or \(lastAxis) are needed")
      }
      return alpha.map { Float($0) }
    case .auto, .autoPowerOfTwo: return []
    }
  }

  /// x + (−x + q): what QKeras's straight-through estimator evaluates to. It is q wherever float32 can hold
  /// the difference, and not quite q where |x| is far larger than q's step.
  static func straightThrough(_ x: Float, _ q: Float) -> Float { x + (-x + q) }

  /// Whether the result is written as `straightThrough`.
  private var isStraightThrough: Bool {
    switch kind {
    case .tanh, .sigmoid, .binaryTanh, .ternaryTanh: false
    default: true
    }
  }

  /// binary and ternary without alpha let the gradient of tanh through.
  private var passesTanh: Bool {
    switch kind {
    case .binary, .ternary: scale == .one
    default: false
    }
  }
}
