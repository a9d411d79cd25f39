/// A small network of one input and one output for every element of a tensor, as HGQ's table layers train them: what a
/// table in hardware is filled with.
///
/// Arrays are laid over the elements as numpy broadcasts, with axes of their own behind.
public struct ElementNetworks: Hashable, Sendable {
  /// One layer of the networks: activation(x · kernel + bias).
  public struct Layer: Hashable, Sendable {
    /// [elements…, inputs, outputs].
    public var kernel: Weights
    /// [elements…, outputs]; nil without a bias.
    public var bias: Weights?
    /// Applied to every output.
    public var activation: Activation

    /// Makes a layer.
    public init(kernel: Weights, bias: Weights?, activation: Activation) {
      self.kernel = kernel
      self.bias = bias
      self.activation = activation
    }
  }

  /// The layers: the first one has one input, the last one has one output.
  public var layers: [Layer]
  /// [elements…]: what the result is multiplied by; nil: 1.
  public var scale: Weights?
  /// [elements…]: what is added after that; nil: 0.
  public var offset: Weights?

  /// Makes networks.
  public init(layers: [Layer], scale: Weights? = nil, offset: Weights? = nil) {
    self.layers = layers
    self.scale = scale
    self.offset = offset
  }
}
