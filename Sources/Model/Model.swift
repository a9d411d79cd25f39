/// A trained network as its owner described it: layers in topological order with float weights.
///
/// Shapes never include the batch axis. Every layer has exactly one output tensor; a layer of the source
/// that is called several times (a shared layer) appears once per call, each call with its own name.
public struct Model: Sendable {
  /// The model's own name.
  public var name: String
  /// Layers, each after all of its inputs. Layers that do nothing at inference (Dropout, …) are left out.
  public var layers: [Layer]
  /// The input layers, in the model's order, as indices into `layers`.
  public var inputs: [Int]
  /// The layers whose results are the model's outputs, in the model's order, as indices into `layers`.
  public var outputs: [Int]
  /// Whether training quantized it: its forward pass is then the thing to compute, exactly. The frontend says so.
  public var isQuantized: Bool

  /// Makes a model.
  public init(name: String, layers: [Layer], inputs: [Int], outputs: [Int], isQuantized: Bool = false) {
    self.isQuantized = isQuantized
    self.name = name
    self.layers = layers
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// One layer of a model.
public struct Layer: Sendable {
  /// The name its owner gave it, unique in the model. Untrusted: never a path or an identifier as it is.
  public var name: String
  /// The source framework's class ("QDense"), for messages and for `LayerType` configuration.
  public var className: String
  /// What it computes.
  public var kind: LayerKind
  /// The activation inside the layer as its source spells it ("relu"), or its quantizer's class name
  /// ("quantized_relu"); nil where the source has no such setting. hls4ml names the activation it splits off
  /// `<name>_<activationName>`.
  public var activationName: String?
  /// Whether the source has a layer class of its own for this function (a ReLU or Softmax layer), and not an activation by
  /// name: hls4ml converts the two differently.
  public var isFunctionClass: Bool
  /// The owner's name of the layer inside a wrapper (TimeDistributed): `name` is then the wrapper's and
  /// `className` the inner layer's.
  public var innerName: String?
  /// The layers it reads, as indices into `Model.layers`.
  public var inputs: [Int]
  /// The shape of its result.
  public var outputShape: [Int]
  /// Where it was read from.
  public var origin: Origin

  /// Makes a layer.
  public init(
    name: String, className: String, kind: LayerKind, activationName: String? = nil,
    isFunctionClass: Bool = false, innerName: String? = nil, inputs: [Int], outputShape: [Int], origin: Origin
  ) {
    self.isFunctionClass = isFunctionClass
    self.name = name
    self.className = className
    self.kind = kind
    self.activationName = activationName
    self.innerName = innerName
    self.inputs = inputs
    self.outputShape = outputShape
    self.origin = origin
  }
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

/// A tensor of weights, row major. The numbers are exactly those of the file (float32 or float64).
public struct Weights: Hashable, Sendable {
  /// The length of each axis.
  public var shape: [Int]
  /// The numbers; `shape`'s product many.
  public var values: [Double]

  /// Makes a tensor of weights.
  public init(shape: [Int], values: [Double]) {
    precondition(values.count == shape.reduce(1, *), "weights do not fill their shape")
    self.shape = shape
    self.values = values
  }
}
