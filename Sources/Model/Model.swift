/// A trained network as its owner described it: layers in topological order with float weights.
///
/// Shapes never include the batch axis. A layer of the source that is called several times (a shared layer) appears once
/// per call, each call with its own name.
public struct Model: Sendable {
  /// The model's own name.
  public var name: String
  /// Layers, each after all of its inputs. Layers that do nothing at inference (Dropout, …) are left out.
  public var layers: [Layer]
  /// The input layers, in the model's order, as indices into `layers`.
  public var inputs: [Int]
  /// The results that are the model's outputs, in the model's order.
  public var outputs: [LayerResult]
  /// Whether training quantized it: its forward pass is then the thing to compute, exactly. The frontend says so.
  public var isQuantized: Bool
  /// What wrote it: hls4ml converts the models of each in a way of its own.
  public var framework = Framework.keras
  /// Names that a configuration may use although no layer has them: nodes of the file that became parts of layers.
  public var partNames: [String] = []

  /// What writes models.
  public enum Framework: Hashable, Sendable {
    /// Keras, QKeras and what builds on them.
    case keras
    /// An exporter of ONNX.
    case onnx
    /// PyTorch's torch.export.
    case torch
  }

  /// Makes a model.
  public init(
    name: String, layers: [Layer], inputs: [Int], outputs: [LayerResult], isQuantized: Bool = false
  ) {
    self.isQuantized = isQuantized
    self.name = name
    self.layers = layers
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The shape of a layer's result.
  public func shape(of result: LayerResult) -> [Int] { layers[result.layer].outputShapes[result.result] }

  /// The shapes of what a layer reads.
  public func inputShapes(of layer: Layer) -> [[Int]] { layer.inputs.map(shape) }
}

/// One of a layer's results. Nearly every layer has one; an integer literal is the first result of the layer of that number.
public struct LayerResult: Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// The layer, as an index into `Model.layers`.
  public var layer: Int
  /// Which of its results, counted from 0.
  public var result: Int

  /// Names a result.
  public init(_ layer: Int, _ result: Int = 0) {
    self.layer = layer
    self.result = result
  }

  /// The first result of the layer of that number.
  public init(integerLiteral value: Int) { self.init(value) }
}

/// One layer of a model.
public struct Layer: Sendable {
  /// The name its owner gave it, unique in the model. Untrusted: never a path or an identifier as it is.
  public var name: String
  /// What it computes. This alone decides; `source` is for names.
  public var kind: LayerKind
  /// What its source calls it; nil where that is nothing a user would know it by.
  public var source: SourceNames?
  /// What it reads: any number of results of layers before it.
  public var inputs: [LayerResult]
  /// The shapes of its results, at least one.
  public var outputShapes: [[Int]]
  /// Where it was read from.
  public var origin: Origin

  /// The shape of its first result, which most layers have alone.
  public var outputShape: [Int] {
    get { outputShapes[0] }
    set { outputShapes[0] = newValue }
  }

  /// What messages, reports and hls4ml's `LayerType` call its class: the source's name of it, or else the kind's.
  public var className: String { source?.className ?? kind.title }

  /// Makes a layer of several results.
  public init(
    name: String, kind: LayerKind, source: SourceNames? = nil, inputs: [LayerResult], outputShapes: [[Int]],
    origin: Origin
  ) {
    precondition(!outputShapes.isEmpty, "a layer without results")
    self.name = name
    self.kind = kind
    self.source = source
    self.inputs = inputs
    self.outputShapes = outputShapes
    self.origin = origin
  }

  /// Makes a layer of one result.
  public init(
    name: String, kind: LayerKind, source: SourceNames? = nil, inputs: [LayerResult], outputShape: [Int],
    origin: Origin
  ) {
    self.init(
      name: name, kind: kind, source: source, inputs: inputs, outputShapes: [outputShape], origin: origin)
  }
}

/// What a layer's source calls it. hls4ml's names are made of these, and its converters look some layers up by them; what
/// the layer computes is in its kind.
public struct SourceNames: Hashable, Sendable {
  /// The source framework's class ("QDense"), for messages and for `LayerType` configuration.
  public var className: String
  /// The activation inside the layer as its source spells it ("relu"), or its quantizer's class name
  /// ("quantized_relu"); nil where the source has no such setting. hls4ml names the activation it splits off
  /// `<name>_<activationName>`.
  public var activationName: String?
  /// Whether the source has a layer class of its own for this function (a ReLU or Softmax layer), and not an activation by
  /// name: hls4ml converts the two differently.
  public var isFunctionClass: Bool
  /// The owner's name of the layer inside a wrapper (TimeDistributed): the layer's name is then the wrapper's and
  /// `className` the inner layer's.
  public var innerName: String?
  /// What qonnx's cleaning names the nodes of an ONNX file that a layer is made of; nil for other files.
  public var onnx: ONNXNames?

  /// Names a source.
  public init(
    _ className: String, activationName: String? = nil, isFunctionClass: Bool = false,
    innerName: String? = nil
  ) {
    self.className = className
    self.activationName = activationName
    self.isFunctionClass = isFunctionClass
    self.innerName = innerName
  }
}

/// The names that nodes of an ONNX file have after qonnx's cleaning, which hls4ml asks for: its own names are made of them.
public struct ONNXNames: Hashable, Sendable {
  /// The node's.
  public var node: String
  /// That of the Add that is the bias; nil for a node that has its bias itself.
  public var sum: String?
  /// Those of the Quant nodes of the weights and of the bias; nil where there is none that cleaning leaves.
  public var kernelQuantizer, biasQuantizer: String?
  /// Whether it is a Gemm that multiplies by an alpha or beta.
  public var hasFactors = false
  /// What hls4ml's converter of PyTorch models calls the module, or the function, that torch.onnx made the node of; nil in files of
  /// other exporters.
  public var module: String?

  /// Names a node.
  public init(_ node: String) { self.node = node }
}

/// Where something was read: for error messages.
public struct Origin: Hashable, Sendable {
  /// The file, as the user named it.
  public var file: String
  /// The place in it, as a JSON path.
  public var path: String

  /// Makes an origin.
  public init(file: String, path: String) {
    self.file = file
    self.path = path
  }
}
