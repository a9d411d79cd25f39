import Diagnostics
import Model

extension Quantizer {
  /// The weights as the quantizer's forward pass at inference returns them, float32 bit for bit.
  ///
  /// - Throws: where the quantizer's own tensors do not fit the weights.
  public func quantized(_ weights: Weights) throws(Failure) -> Weights {
    try quantization(of: weights).values
  }

  /// As `quantized`, with the scale and the values before it.
  public func quantization(of weights: Weights) throws(Failure) -> Quantization {
    switch self {
    case .qkeras(let quantizer): return try quantizer.quantization(of: weights)
    case .fixed(let quantizer): return try quantizer.quantization(of: weights)
    case .uniform(let quantizer): return try quantizer.quantization(of: weights)
    }
  }

  /// The quantizer as an activation on a tensor. QKeras's compute in float32, the others have exact numbers here as they
  /// have in a program.
  func values(_ x: [Double], shape: [Int]) -> [Double] {
    switch self {
    case .qkeras(let quantizer):
      guard let scale = try? quantizer.constantScale(lastAxis: shape.last ?? 1), !scale.isEmpty else {
        return x
      }
      return x.indices.map { Double(quantizer.value(Float(x[$0]), scale: scale[$0 % scale.count])) }
    case .fixed(let quantizer): return (try? quantizer.values(x, shape: shape)) ?? x
    case .uniform(let quantizer):
      return (try? quantizer.integers(x, shape: shape)).map { zip($0.integers, $0.scale).map(*) } ?? x
    }
  }
}

/// Elements laid over a tensor.
///
/// - Throws: where they do not fit.
func laid<Value>(_ elements: Elements<Value>, over shape: [Int], _ what: String) throws(Failure) -> [Value] {
  guard let all = elements.broadcast(to: shape) else {
    throw Failure(.badInput, "\(what) of shape \(elements.shape) for a tensor of shape \(shape)")
  }
  return all.values
}
