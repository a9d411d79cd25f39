/// What a layer of a project that hls4ml wrote does that no setting says: the project's own code decides it.
public struct WrittenKernel: Hashable, Sendable {
  /// Whether the result's one-bit words 0 and 1 stand for −1 and +1.
  public var isSign = false
  /// Whether the weights are one-bit words that stand for −1 and +1.
  public var hasSignWeights = false
  /// The bits of an exponent, where the weights are powers of two.
  public var exponentBits: Int?
  /// Whether the kernel is that of hls4ml before 1.2, where it differs: a stable softmax takes differences from the largest
  /// in the input's type and looks them up with their sign; selu multiplies by a constant in the result's type; an average is
  /// divided, toward zero.
  public var isBefore12 = false
  /// Whether a batch normalization puts products in the result's type before it adds the bias (hls4ml before 0.7).
  public var isProductConverted = false
  /// A batch normalization whose comparison the next layer is: it has no hardware of its own.
  public var isMerged = false
  /// How many times a multiplier of a recurrent layer's state is used, where that stands apart from the features'.
  public var recurrentReuseFactor: Int?
  /// The thresholds of a sign: one per channel, or an upper and a lower one.
  public var thresholds: [[Double]] = []
  /// The table of a function: the entry of every word of the input, by the word's bits.
  public var table: [Double] = []

  /// A kernel that differs in nothing, or in its release.
  public init(isBefore12: Bool = false) { self.isBefore12 = isBefore12 }
}
