/// One of QKeras 0.9's quantizers, or of BinaryNet's and TernaryNet's, and its exact parameters.
public struct QKerasQuantizer: Hashable, Sendable {
  /// The per-tensor or per-channel factor a quantized value is multiplied by.
  public enum Scale: Hashable, Sendable {
    /// alpha = None or 1.
    case one
    /// A constant alpha.
    case constant([Double])
    /// Computed from the weights: the least-squares scale per output channel.
    case auto
    /// As auto, rounded to a power of two.
    case autoPowerOfTwo
  }
  /// The classes and functions quantizers have in their sources, by the names they have there.
  public enum ClassName: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case quantizedBits = "quantized_bits"
    case quantizedLinear = "quantized_linear"
    case quantizedReLU = "quantized_relu"
    case quantizedTanh = "quantized_tanh"
    case quantizedSigmoid = "quantized_sigmoid"
    case binary, ternary, bernoulli
    case stochasticBinary = "stochastic_binary"
    case stochasticTernary = "stochastic_ternary"
    case quantizedPowerOfTwo = "quantized_po2"
    case quantizedReLUPowerOfTwo = "quantized_relu_po2"
    case quantizedHardSwish = "quantized_hswish"
    case binaryTanh = "binary_tanh"
    case ternaryTanh = "ternary_tanh"
    /// The weights of BinaryNet's and TernaryNet's layers.
    case binaryDense = "BinaryDense"
    case ternaryDense = "TernaryDense"

    /// The name in the source.
    public var description: String { rawValue }

    /// Whether it is one of QKeras's quantizers.
    public var isQKeras: Bool {
      switch self {
      case .binaryTanh, .ternaryTanh, .binaryDense, .ternaryDense: false
      default: true
      }
    }
  }
  /// Which quantizer.
  public enum Kind: Hashable, Sendable {
    /// quantized_bits / quantized_linear: `integer` bits do not count the sign.
    case bits(bits: Int, integer: Int, symmetric: Bool, keepNegative: Bool)
    /// quantized_relu. `negativeSlope` is 0 or a power of two. `upperBound` is relu_upper_bound.
    case relu(
      bits: Int, integer: Int, useSigmoid: Bool, negativeSlope: Double, upperBound: Double?,
      isQuantizedClip: Bool)
    case tanh(bits: Int, symmetric: Bool, useRealTanh: Bool)
    case sigmoid(bits: Int, symmetric: Bool, useRealSigmoid: Bool)
    /// binary and stochastic_binary: −1/+1, or 0/1 with `useZeroOne`.
    case binary(useZeroOne: Bool)
    /// QKeras's function binary_tanh: −1 for x ≤ 0, +1 above. (The class `binary` has +1 at 0.)
    case binaryTanh
    /// TernaryNet's weights and its function ternary_tanh: −1 for x ≤ −0.5, +1 for x > 0.5, 0 between.
    case ternaryTanh
    /// ternary and stochastic_ternary: −1/0/+1. `threshold` nil: half the scale, which is computed from the
    /// weights in `iterations` rounds.
    case ternary(threshold: Double?, iterations: Int)
    /// bernoulli: random in QKeras even at inference; taken as its most likely value, binary with 0/1.
    case bernoulli
    case powerOfTwo(bits: Int, maximum: Double?, quadraticApproximation: Bool)
    case reluPowerOfTwo(bits: Int, maximum: Double?, negativeSlope: Double, quadraticApproximation: Bool)
    /// quantized_hswish: as relu with x · relu6(x + shift) / bound.
    case hardSwish(bits: Int, integer: Int, symmetric: Bool, relu6Shift: Double, reluUpperBound: Double)
  }

  /// Which quantizer.
  public var kind: Kind
  /// Its factor.
  public var scale: Scale
  /// Its class or function in the source.
  public var className: ClassName

  /// Makes a quantizer.
  public init(kind: Kind, scale: Scale, className: ClassName) {
    self.kind = kind
    self.scale = scale
    self.className = className
  }
}
