import Configuration
import Diagnostics
import FixedPoint
import Model
import Program

/// A layer of hls4ml's graph, its types resolved or `auto`.
struct HLSLayer: Sendable {
  /// hls4ml's name of it.
  var name: String
  var kind: HLSKind
  /// The layers it reads, by name.
  var inputs: [String]
  /// The shape of its result.
  var shape: [Int]
  var types: [HLSRole: HLSPrecision] = [:]
  var weights: [HLSRole: HLSWeight] = [:]
  /// The reuse factor as configured, and as hls4ml moves it to one its kernels can do.
  var reuseFactor = 1
  var resolvedReuseFactor = 1
  var isReuseResolved = false
  var strategy: Strategy = .latency
  var tableSize = 1024
  /// Of a linear activation that stands for a Quant of QONNX: its type, whatever the configuration says.
  var quantizedResult: FixedFormat?
  /// In a project that hls4ml wrote: what the project's code decides.
  var written: WrittenKernel?
  /// Leading axes of the shape that the layer is repeated over, one time step after the other: 1 for a layer
  /// inside TimeDistributed, else 0.
  var timeAxes = 0
  /// Whether hls4ml's trace has this layer. Inputs and layers that only move wires are not in it.
  var isTraced = true
  /// The tensor of the model that its result stands for; nil for one the model does not have.
  var value: ModelValue?
  /// The layer of the model it comes from.
  var origin: Origin

  /// hls4ml's class name: what a configuration's `LayerType` and the trace call it.
  var className: String { kind.className(timeAxes: timeAxes) }

  var result: HLSPrecision {
    get { types[.result] ?? .auto }
    set { types[.result] = newValue }
  }

  init(_ name: String, _ kind: HLSKind, inputs: [String], shape: [Int], origin: Origin) {
    self.name = name
    self.kind = kind
    self.inputs = inputs
    self.shape = shape
    self.origin = origin
  }
}

extension HLSLayer {
  /// A problem with the layer: hls4ml cannot do it rightly.
  func failure(_ message: String) -> Failure {
    Failure(
      .badInput, file: origin.file, place: origin.path, "layer '\(name)': \(message)",
      hint: "--numerics exact computes it")
  }
}

/// What a layer of hls4ml's graph computes.
enum HLSKind: Sendable {
  case input
  case dense
  case convolution(HLSConvolution)
  /// x · scale + bias per channel along `axis`; nil is the last. `isAlpha`: the factor of a QKeras layer,
  /// inserted (ApplyAlpha).
  case batchNormalization(isAlpha: Bool, axis: Int? = nil)
  /// A batch normalization and a quantized tanh merged: 1 at or above a threshold, else 0 (`levels` 2), or
  /// ±1 and 0 between two thresholds (`levels` 3).
  case thresholds(levels: Int)
  /// A function without parameters.
  case activation(HLSFunction)
  /// A function with one parameter.
  case parametrized(HLSParametrized, parameter: Double)
  /// clip(slope · x + shift, 0, 1), or for tanh 2 · that − 1.
  case hard(isTanh: Bool, slope: Double, shift: Double)
  case prelu
  /// Words converted to formats of their own (hls4ml's FixedPointQuantizer).
  case fixedQuantizer(HLSFixedQuantizer)
  case softmax(HLSSoftmax)
  /// −1, 0 or +1 by ±threshold.
  case ternaryTanh(threshold: Double)
  case merge(Merge)
  case concatenate(axis: Int)
  case dot
  case reshape
  /// A reshape in io_stream, which converts to its own result type.
  case repack
  case transpose(order: [Int])
  case pooling(Pooling)
  case globalPooling(PoolingKind, dimensions: Int)
  case zeroPadding([Span])
  case cropping([Span])
  /// Each position repeated: the input position of each output position, per spatial axis.
  case resize(positions: [[Int]])
  case repeatVector
  /// Elements picked along each axis, a layer hls4ml does not have.
  case gather(indices: [[Int]?])
  /// A kernel that a file of its own describes.
  case kernel(any HLSKernel)
  /// A stream copied for several readers.
  case clone
  /// The start or the end of the loop over the time steps of a TimeDistributed layer.
  case timeStep(isEnd: Bool)

  /// hls4ml's class. `timeAxes` of the window's axes are not the layer's own.
  func className(timeAxes: Int) -> String {
    func dimensions(_ count: Int) -> String { "\(count - timeAxes)D" }
    switch self {
    case .input: return "Input"
    case .dense: return "Dense"
    case .convolution(let convolution): return convolution.className(dimensions(convolution.kernel.count))
    case .batchNormalization(let isAlpha, _): return isAlpha ? "ApplyAlpha" : "BatchNormalization"
    case .thresholds: return "BatchNormalizationQuantizedTanh"
    case .activation: return "Activation"
    case .parametrized: return "ParametrizedActivation"
    case .hard: return "HardActivation"
    case .prelu: return "PReLU"
    case .fixedQuantizer: return "FixedPointQuantizer"
    case .softmax: return "Softmax"
    case .ternaryTanh: return "TernaryTanh"
    case .merge: return "Merge"
    case .concatenate: return "Concatenate"
    case .dot: return "Dot"
    case .reshape: return "Reshape"
    case .repack: return "Repack"
    case .transpose: return "Transpose"
    case .pooling(let pooling): return "Pooling\(dimensions(pooling.size.count))"
    case .globalPooling(_, let dimensions): return "GlobalPooling\(dimensions)D"
    case .zeroPadding(let spans): return "ZeroPadding\(dimensions(spans.count))"
    case .cropping(let spans): return "Cropping\(dimensions(spans.count))"
    case .resize: return "Resize"
    case .repeatVector: return "RepeatVector"
    case .gather: return "Slice"
    case .kernel(let kernel): return kernel.className
    case .clone: return "Clone"
    case .timeStep: return "TimeDistributed"
    }
  }

  /// Whether it is one of hls4ml's Activation classes.
  var isActivation: Bool {
    switch self {
    case .activation, .parametrized, .hard, .prelu, .softmax, .ternaryTanh: true
    default: false
    }
  }

  /// Whether it multiplies with a weight matrix.
  var isAffine: Bool {
    switch self {
    case .dense, .convolution: true
    default: false
    }
  }
}

/// The functions of hls4ml's Activation class.
enum HLSFunction: Hashable, Sendable {
  case linear, relu, sigmoid, tanh, softplus, softsign, selu, binaryTanh, ternaryTanh
  /// min(max(x, 0), limit) as Keras's ReLU and hls4ml's relu1 and relu6 compute it.
  case clippedReLU(limit: Double)
  /// clip(x, −1, 1): Keras's hard_tanh, which hls4ml 1.3.0 cannot compile.
  case hardTanh
}

/// The functions of hls4ml's ParametrizedActivation class.
enum HLSParametrized: String, Hashable, Sendable {
  case leakyReLU, thresholdedReLU, elu
}

/// A convolution in hls4ml's graph.
struct HLSConvolution: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// Kernel [spatial…, channels in / groups, channels out].
    case standard(groups: Int)
    /// Kernel [spatial…, channels in, multiplier].
    case depthwise
    /// Kernel [spatial…, channels in, channels out] at stride 1.
    case pointwise
    /// Kernel [spatial…, channels out, channels in].
    case transposed
  }
  var kind: Kind
  /// Kernel length per spatial axis.
  var kernel: [Int]
  var strides: [Int]
  var dilation: [Int]
  /// Zeros before and after each spatial axis.
  var padding: [Span]
  /// A QKeras layer with a batch normalization folded into its weights.
  var isFolded = false

  func className(_ dimensions: String) -> String {
    switch kind {
    case .standard: return isFolded ? "Conv\(dimensions)Batchnorm" : "Conv\(dimensions)"
    case .depthwise: return "DepthwiseConv\(dimensions)"
    case .pointwise: return "PointwiseConv\(dimensions)"
    case .transposed: return "Conv\(dimensions)Transpose"
    }
  }
}

/// A softmax in hls4ml's graph.
struct HLSSoftmax: Hashable, Sendable {
  var implementation: Configuration.SoftmaxImplementation = .stable
  /// Whether `SkipSoftmax` removes it.
  var isSkipped = false
  /// The sizes of the tables, where the configuration sets them apart from `tableSize`.
  var expTableSize: Int?
  var invTableSize: Int?
  /// The axis normalized over; nil: all elements, which is what hls4ml does in io_parallel.
  var axis: Int?
}
