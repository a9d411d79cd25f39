/// y = gamma · (x − mean) / √(variance + epsilon) + beta, with the mean and the variance of the last axes of every event.
public struct LayerNormalization: Sendable {
  /// How many of the last axes are normalized over, together.
  public var axes: Int
  /// Of the shape of those axes; nil means ones.
  public var gamma: Weights?
  /// Of the shape of those axes; nil means zeros.
  public var beta: Weights?
  /// Added to the variance.
  public var epsilon: Double

  /// Makes a layer normalization.
  public init(axes: Int, gamma: Weights?, beta: Weights?, epsilon: Double) {
    self.axes = axes
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
  }
}
