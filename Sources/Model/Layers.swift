// What kinds of layers hold (`LayerKind`).

/// Numbers that are the same for every event.
public struct Constant: Hashable, Sendable {
  /// The numbers, of the shape of the layer's result.
  public var values: Weights
  /// How training quantized them.
  public var quantizer: Quantizer?

  /// Makes a constant.
  public init(_ values: Weights, quantizer: Quantizer? = nil) {
    self.values = values
    self.quantizer = quantizer
  }
}

/// An integer input dtype.
public struct IntegerType: Hashable, Sendable {
  /// Bits.
  public var width: Int
  /// Whether it has a sign.
  public var isSigned: Bool

  /// Makes an integer type.
  public init(width: Int, isSigned: Bool) {
    self.width = width
    self.isSigned = isSigned
  }
}

/// Two counts, before and after an axis.
public struct Span: Hashable, Sendable {
  /// Elements before.
  public var before: Int
  /// Elements after.
  public var after: Int

  /// Makes a span.
  public init(before: Int, after: Int) {
    self.before = before
    self.after = after
  }
}

/// A fully connected layer.
public struct Dense: Sendable {
  /// [inputs, outputs].
  public var kernel: Weights
  /// [outputs]; nil without a bias.
  public var bias: Weights?
  /// Applied to the result.
  public var activation: Activation
  /// How training quantized the kernel.
  public var kernelQuantizer: Quantizer?
  /// How training quantized the bias.
  public var biasQuantizer: Quantizer?
  /// QDenseBatchnorm: a batch normalization folded into kernel and bias before they are quantized.
  public var foldedNormalization: BatchNormalization?

  /// Makes a dense layer.
  public init(
    kernel: Weights, bias: Weights?, activation: Activation, kernelQuantizer: Quantizer? = nil,
    biasQuantizer: Quantizer? = nil, foldedNormalization: BatchNormalization? = nil
  ) {
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
    self.kernelQuantizer = kernelQuantizer
    self.biasQuantizer = biasQuantizer
    self.foldedNormalization = foldedNormalization
  }
}

/// A convolution over one or two spatial axes.
public struct Convolution: Sendable {
  /// How kernel and channels combine.
  public enum Kind: Hashable, Sendable {
    /// Kernel [spatial…, channels in / groups, channels out].
    case standard(groups: Int)
    /// Kernel [spatial…, channels in, multiplier]; output channel = input channel · multiplier + m.
    case depthwise
    /// Transposed (fractionally strided); kernel [spatial…, channels out, channels in].
    case transposed
  }
  /// How the borders are treated.
  public enum Padding: String, Hashable, Sendable { case valid, same, causal }

  /// How kernel and channels combine.
  public var kind: Kind
  /// See `Kind`.
  public var kernel: Weights
  /// [channels out]; nil without a bias.
  public var bias: Weights?
  /// Per spatial axis.
  public var strides: [Int]
  /// Per spatial axis.
  public var dilation: [Int]
  /// How the borders are treated.
  public var padding: Padding
  /// Applied to the result.
  public var activation: Activation
  /// How training quantized the kernel.
  public var kernelQuantizer: Quantizer?
  /// How training quantized the bias.
  public var biasQuantizer: Quantizer?
  /// QConv2DBatchnorm: a batch normalization folded into kernel and bias before they are quantized.
  public var foldedNormalization: BatchNormalization?

  /// Makes a convolution.
  public init(
    kind: Kind, kernel: Weights, bias: Weights?, strides: [Int], dilation: [Int], padding: Padding,
    activation: Activation, kernelQuantizer: Quantizer? = nil, biasQuantizer: Quantizer? = nil,
    foldedNormalization: BatchNormalization? = nil
  ) {
    self.kind = kind
    self.kernel = kernel
    self.bias = bias
    self.strides = strides
    self.dilation = dilation
    self.padding = padding
    self.activation = activation
    self.kernelQuantizer = kernelQuantizer
    self.biasQuantizer = biasQuantizer
    self.foldedNormalization = foldedNormalization
  }
}

/// A batch normalization at inference.
public struct BatchNormalization: Sendable {
  /// What a normalization may quantize: its own parameters, as QKeras does, or the two numbers per channel that they come to.
  public enum Parameter: Hashable, Sendable, CaseIterable {
    case gamma, beta, mean, variance
    /// gamma / √(variance + epsilon), in QKeras's folded layers.
    case inverse
    /// gamma / √(variance + epsilon), which multiplies the data.
    case scale
    /// beta − mean · scale, which is added.
    case offset
  }

  /// [channels]; nil means ones.
  public var gamma: Weights?
  /// [channels]; nil means zeros.
  public var beta: Weights?
  /// [channels].
  public var mean: Weights
  /// [channels].
  public var variance: Weights
  /// Added to the variance.
  public var epsilon: Double
  /// Whether 1 / √x is the reciprocal of a float32 root, as ONNX Runtime has it; TensorFlow rounds it once.
  public var roundsRoot = false
  /// The axis of the channels (0 is the first axis after the batch).
  public var axis: Int
  /// How training quantized the parameters.
  public var quantizers: [Parameter: Quantizer]

  /// Makes a batch normalization.
  public init(
    gamma: Weights?, beta: Weights?, mean: Weights, variance: Weights, epsilon: Double, axis: Int,
    quantizers: [Parameter: Quantizer] = [:]
  ) {
    self.gamma = gamma
    self.beta = beta
    self.mean = mean
    self.variance = variance
    self.epsilon = epsilon
    self.axis = axis
    self.quantizers = quantizers
  }
}

/// An element-by-element combination of inputs.
public enum Merge: String, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, average, maximum, minimum
}

/// What a pooling keeps of its window.
public enum PoolingKind: String, Hashable, Sendable { case maximum, average }

/// A pooling over windows.
public struct Pooling: Hashable, Sendable {
  /// Maximum or average.
  public var kind: PoolingKind
  /// Window length per spatial axis.
  public var size: [Int]
  /// Per spatial axis.
  public var strides: [Int]
  /// valid or same.
  public var padding: Convolution.Padding
  /// QAveragePooling2D's quantizer of the reciprocal of the window's size, if any.
  public var averageQuantizer: Quantizer?

  /// Makes a pooling.
  public init(
    kind: PoolingKind, size: [Int], strides: [Int], padding: Convolution.Padding,
    averageQuantizer: Quantizer? = nil
  ) {
    self.kind = kind
    self.size = size
    self.strides = strides
    self.padding = padding
    self.averageQuantizer = averageQuantizer
  }
}

/// Rows of a table: the input's numbers, toward zero, say which. The result has the rows' axis behind the input's.
public struct Embedding: Sendable {
  /// [rows, columns].
  public var rows: Weights

  /// Makes an embedding.
  public init(rows: Weights) { self.rows = rows }
}

/// y = gamma · (x − mean) / √(variance + epsilon) + beta, with the mean and the variance of the last axes of every event; or, not
/// centered, y = gamma · x / √(mean of x² + epsilon) + beta (root-mean-square and unit normalization).
public struct LayerNormalization: Sendable {
  /// How many of the last axes are normalized over, together.
  public var axes: Int
  /// Of the shape of those axes; nil means ones.
  public var gamma: Weights?
  /// Of the shape of those axes; nil means zeros.
  public var beta: Weights?
  /// Added to the variance, or the mean of squares.
  public var epsilon: Double
  /// Whether the mean is subtracted first.
  public var isCentered = true
  /// Whether epsilon is the least mean of squares instead of being added.
  public var isLeast = false

  /// Makes a layer normalization.
  public init(axes: Int, gamma: Weights?, beta: Weights?, epsilon: Double) {
    self.axes = axes
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
  }
}
