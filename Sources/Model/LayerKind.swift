/// What a layer computes. Data is channels last; a frontend converts channels-first models.
public enum LayerKind: Sendable {
  /// A model input. `integerType` is set for integer and boolean dtypes (int8, bool).
  case input(integerType: IntegerType?)
  /// Numbers that are the same for every event: a layer without inputs.
  case constant(Constant)
  /// y = activation(x · kernel + bias) over the last axis.
  case dense(Dense)
  /// A function applied to every element (softmax: along one axis).
  case activation(Activation)
  /// y = gamma · (x − mean) / √(variance + epsilon) + beta along one axis.
  case batchNormalization(BatchNormalization)
  /// Element by element over two or more inputs of one shape (numpy broadcasting).
  case merge(Merge)
  /// The inputs joined along `axis` (0 is the first axis after the batch).
  case concatenate(axis: Int)
  /// The dot product along one axis of each input (0 is the first axis after the batch).
  case dot(axes: [Int], normalize: Bool)
  /// The products of matrices: x [batch…, M, K] and y [batch…, N, K] give the sums over K, [batch…, M, N].
  case matrixProduct
  /// The same elements, row major, in the layer's output shape (Flatten, Reshape).
  case reshape
  /// Axes reordered: output axis i is input axis `order[i]` (0 is the first axis after the batch).
  case permute(order: [Int])
  /// A convolution of any rank and kind.
  case convolution(Convolution)
  /// A depthwise convolution (linear, without bias) followed by a pointwise one.
  case separableConvolution(depthwise: Convolution, pointwise: Convolution)
  /// Maximum or average over windows.
  case pooling(Pooling)
  /// Maximum or average over all positions, per channel; of QGlobalAveragePooling2D, the quantizer of the
  /// reciprocal of the number of positions.
  case globalPooling(PoolingKind, keepDimensions: Bool, averageQuantizer: Quantizer?)
  /// Zeros added around the spatial axes: `[(before, after)]` per axis.
  case zeroPadding([Span])
  /// Elements removed around the spatial axes.
  case cropping([Span])
  /// Elements picked along each axis: their places, in order; nil takes all. (Slices, steps, reversals.)
  case gather(indices: [[Int]?])
  /// Each position repeated `factors[axis]` times (nearest neighbour).
  case upsampling(factors: [Int])
  /// Nearest-neighbour resize to the layer's output shape.
  case resizing
  /// The whole input repeated `count` times along a new first axis.
  case repeatVector(count: Int)
  /// Rows of a table that the input's numbers say.
  case embedding(Embedding)
  /// Every event normalized over its last axes.
  case layerNormalization(LayerNormalization)
  /// Decision trees over the input's numbers.
  case ensemble(Ensemble)
  /// Softmax along `axis` of the first input, where the second one, broadcast to it, is not 0: elsewhere the result is 0. Where it
  /// is 0 along the whole axis, all results are alike.
  case maskedSoftmax(axis: Int)
  /// Places of the largest or smallest words of the last axis.
  case topPlaces(TopPlaces)
  /// Rows that depend on the event: x [B, N, C] and places [B, J], toward zero, give [B, J, C]. Negative places count from the
  /// end; what is outside reads the first or the last row.
  case take
  /// GarNet, of vertices and their number.
  case garNet(GarNet)
  /// The input cut along `axis` (0 is the first axis after the batch) into parts of these lengths: a result each.
  case split(axis: Int, lengths: [Int])

  /// A word for the kind where the source has none.
  public var title: String {
    switch self {
    case .input: "Input"
    case .constant: "Constant"
    case .dense: "Dense"
    case .activation(.quantizer): "Quantizer"
    case .activation: "Activation"
    case .batchNormalization: "BatchNormalization"
    case .merge: "Merge"
    case .concatenate: "Concatenate"
    case .dot: "Dot"
    case .matrixProduct: "MatrixProduct"
    case .reshape: "Reshape"
    case .permute: "Permute"
    case .convolution: "Convolution"
    case .separableConvolution: "SeparableConvolution"
    case .pooling: "Pooling"
    case .globalPooling: "GlobalPooling"
    case .zeroPadding: "ZeroPadding"
    case .cropping: "Cropping"
    case .gather: "Gather"
    case .upsampling: "UpSampling"
    case .resizing: "Resizing"
    case .repeatVector: "RepeatVector"
    case .embedding: "Embedding"
    case .layerNormalization: "LayerNormalization"
    case .ensemble: "TreeEnsemble"
    case .split: "Split"
    case .maskedSoftmax: "Softmax"
    case .topPlaces: "TopPlaces"
    case .take: "Take"
    case .garNet: "GarNet"
    }
  }
}

extension LayerKind {
  /// All weights of the layer.
  public var weights: [Weights] {
    func of(_ normalization: BatchNormalization?) -> [Weights?] {
      [normalization?.gamma, normalization?.beta, normalization?.mean, normalization?.variance]
    }
    func of(_ convolution: Convolution) -> [Weights?] {
      [convolution.kernel, convolution.bias] + of(convolution.foldedNormalization)
    }
    let weights: [Weights?] =
      switch self {
      case .dense(let dense): [dense.kernel, dense.bias] + of(dense.foldedNormalization)
      case .convolution(let convolution): of(convolution)
      case .separableConvolution(let depthwise, let pointwise): of(depthwise) + of(pointwise)
      case .batchNormalization(let normalization): of(normalization)
      case .activation(let activation): activation.weights
      case .constant(let constant): [constant.values]
      case .embedding(let embedding): [embedding.rows]
      case .layerNormalization(let normalization): [normalization.gamma, normalization.beta]
      case .garNet(let net):
        net.passes.flatMap { [$0.features, $0.distances, $0.outputs].flatMap { [$0.kernel, $0.bias] } }
      case .ensemble(let ensemble):
        ensemble.trees.map { Weights(shape: [$0.leaves.count], values: $0.leaves) }
      case .input, .merge, .concatenate, .dot, .matrixProduct, .reshape, .permute, .pooling, .globalPooling,
        .zeroPadding, .cropping, .gather, .upsampling, .resizing, .repeatVector, .split, .maskedSoftmax,
        .topPlaces,
        .take:
        []
      }
    return weights.compactMap { $0 }
  }

  /// Whether it is an input of the model.
  public var isInput: Bool {
    if case .input = self { return true }
    return false
  }

  /// The trees of a layer of them; nil for others.
  public var ensemble: Ensemble? {
    if case .ensemble(let ensemble) = self { return ensemble }
    return nil
  }

  /// The activation inside a layer that computes something else first; nil for other kinds, which stay as they are when it
  /// is set.
  public var activation: Activation? {
    get {
      switch self {
      case .dense(let dense): dense.activation
      case .convolution(let convolution): convolution.activation
      case .separableConvolution(_, let pointwise): pointwise.activation
      default: nil
      }
    }
    set {
      switch self {
      case .dense(var dense):
        dense.activation = newValue ?? .linear
        self = .dense(dense)
      case .convolution(var convolution):
        convolution.activation = newValue ?? .linear
        self = .convolution(convolution)
      case .separableConvolution(let depthwise, var pointwise):
        pointwise.activation = newValue ?? .linear
        self = .separableConvolution(depthwise: depthwise, pointwise: pointwise)
      default: break
      }
    }
  }
}

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
