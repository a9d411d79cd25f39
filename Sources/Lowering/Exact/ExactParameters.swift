import Diagnostics
import FixedPoint
import Model
import Program

/// A layer's weights as constants: what the accumulator multiplies, and a factor per output where the
/// quantizer has one that is better applied to the sum.
struct LayerParameters {
  /// As the layer's kernel.
  var kernel: FixedTensor
  /// [outputs], or one for all: multiplies the sum before the bias is added.
  var scale: FixedTensor?
}

extension ExactBuilder {
  /// Bits that a factor per channel may add to the weights before it is applied to the sums instead.
  private static let spread = 6

  /// The kernel of a layer.
  ///
  /// Quantized: the framework's own float32 numbers, exactly. Otherwise rounded to nearest in words of
  /// `wordLength` bits, one format for the tensor.
  ///
  /// - Parameter isOutputLast: the kernel's last axis numbers the outputs, so that a scale can follow the sum.
  mutating func kernel(
    _ weights: Weights, _ quantizer: Quantizer?, isOutputLast: Bool = true
  ) throws(Failure) -> LayerParameters {
    guard let quantizer else { return LayerParameters(kernel: try parameter(weights, "weights"), scale: nil) }
    let quantization = try quantizer.quantization(of: weights)
    try check(quantization.values, "quantized weights")
    let units = FixedTensor.exact(quantization.units.values, shape: weights.shape, limit: Self.exactLimit)
    let values = FixedTensor.exact(
      quantization.values.values, shape: weights.shape,
      limit: isOutputLast ? (units?.format.width ?? Self.exactLimit) + Self.spread : Self.exactLimit)
    if let values { return LayerParameters(kernel: values, scale: nil) }
    // A scale that is no power of two: integers in the accumulator, the scale on the sum.
    guard isOutputLast, let units,
      let scale = FixedTensor.exact(
        quantization.scale, shape: [quantization.scale.count], limit: Self.exactLimit)
    else {
      note("weights rounded to \(Self.exactLimit) bits")
      return LayerParameters(
        kernel: .rounded(quantization.values.values, shape: weights.shape, width: Self.exactLimit), scale: nil
      )
    }
    return LayerParameters(kernel: units, scale: scale)
  }

  /// A parameter without a quantizer: exact in a quantized model, otherwise rounded to `wordLength` bits.
  mutating func parameter(_ weights: Weights, _ what: String) throws(Failure) -> FixedTensor {
    try check(weights, what)
    if isQuantized {
      if let exact = FixedTensor.exact(weights.values, shape: weights.shape, limit: Self.exactLimit) {
        return exact
      }
      note("\(what) rounded to \(Self.exactLimit) bits")
      return .rounded(weights.values, shape: weights.shape, width: Self.exactLimit)
    }
    return .rounded(weights.values, shape: weights.shape, width: wordLength)
  }

  /// A bias: the exact numbers in a quantized model; otherwise rounded to the last bit of the sum it starts.
  mutating func bias(_ weights: Weights?, _ quantizer: Quantizer?, fractionBits: Int) throws(Failure)
    -> FixedTensor?
  {
    guard let weights else { return nil }
    let values = try quantizer?.quantized(weights) ?? weights
    try check(values, "bias")
    if let exact = FixedTensor.exact(values.values, shape: values.shape, limit: Self.exactLimit),
      isQuantized || exact.format.fractionBits <= fractionBits
    {
      return exact
    }
    let fraction = isQuantized ? max(fractionBits, Self.exactLimit) : fractionBits
    return .rounded(values.values, shape: values.shape, fractionBits: fraction)
  }

  /// Numbers a word can hold.
  func check(_ weights: Weights, _ what: String) throws(Failure) {
    guard weights.values.allSatisfy({ abs($0) < 1e9 }) else {
      throw failure("\(what) beyond 10⁹ or not a number")
    }
  }
}
