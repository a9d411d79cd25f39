import Model

/// A tensor of a trained model: what a layer of a lowered program is compared with.
public struct ModelValue: Hashable, Sendable {
  /// Which of a layer's tensors.
  public enum Part: Hashable, Sendable {
    /// What the layer gives to others.
    case result
    /// Its sums, before the activation that is part of it.
    case sums
    /// The depthwise half of a separable convolution.
    case depthwise
    /// A part of a layer that is computed as several.
    case inside(Int)
  }

  /// The layer, as an index into `Model.layers`.
  public var layer: Int
  /// The tensor.
  public var part: Part

  /// Names a tensor.
  public init(_ layer: Int, _ part: Part = .result) {
    self.layer = layer
    self.part = part
  }
}
