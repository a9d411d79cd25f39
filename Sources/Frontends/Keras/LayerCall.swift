import Diagnostics
import Model
import Storage

/// One call of a layer while it is read: its settings and inputs, and what its parser found out.
struct LayerCall {
  /// The layer's configuration.
  let layer: KerasLayerNode
  /// Where its weights are.
  let scope: WeightScope
  /// What it reads. A parser that minds the layout replaces these by permuted ones.
  var inputs: [Tensor]
  let builder: KerasBuilder

  /// The result's shape as our layer holds it, and whether its channels were moved: see `Tensor`.
  private(set) var output: (shape: [Int], isMoved: Bool)?
  /// The shapes of the results behind the first.
  private(set) var furtherOutputs: [[Int]] = []
  /// See `SourceNames.activationName`.
  var activationName: String?
  /// See `SourceNames.innerName`.
  var innerName: String?
  /// The class inside a wrapper.
  var innerClassName: String?
  /// See `SourceNames.isFunctionClass`.
  var isFunctionClass = false
  /// The names of the models it is nested in.
  var path: [String] = []
  /// The arguments of an operation, constants among them.
  var arguments: [JSONNode] = []
  /// The named arguments of the call, where the file has such.
  var keywords: JSONNode?
  /// The masks of the inputs, and those of the results: see SequenceMasks.swift.
  var masks: [SequenceMask?] = []
  var resultMasks: [SequenceMask?] = []
  /// What the first so many results are multiplied by, [steps, 1].
  var zeroedResults: (mask: Tensor, count: Int)?
  /// An activation that becomes a layer of its own behind this one.
  var activationAfter: (name: String, function: Activation)?

  init(layer: KerasLayerNode, scope: WeightScope, inputs: [Tensor], builder: KerasBuilder) {
    self.layer = layer
    self.scope = scope
    self.inputs = inputs
    self.builder = builder
  }

  var config: KerasConfig { layer.config }

  /// Whether the class is a QKeras one.
  var isQuantized: Bool { layer.kerasClass.package == .qkeras }

  func problem(_ message: String, hint: String? = nil) -> Failure {
    Failure(layer.node.diagnostic(message, hint: hint))
  }

  // MARK: Inputs

  /// The only input.
  func single() throws(Failure) -> Tensor {
    guard inputs.count == 1 else {
      throw problem("\(layer.className) takes one input, but \"\(layer.name)\" is given \(inputs.count)")
    }
    return inputs[0]
  }

  /// The shape of the only input, with its axes as the source has them.
  mutating func plainInput(rank: Int? = nil) throws(Failure) -> [Int] {
    inputs = [builder.model.plain(try single())]
    if let rank { try checkRank(inputs[0].shape, rank) }
    return inputs[0].shape
  }

  /// The shape of the only input of a layer that works on `rank` spatial axes and channels, channels last;
  /// and whether the source has the channels first.
  mutating func spatialInput(rank: Int) throws(Failure) -> (shape: [Int], isMoved: Bool) {
    let input = try single()
    try checkRank(input.shape, rank + 1)
    let isMoved = try channelsFirst()
    inputs = [isMoved ? builder.model.moved(input) : builder.model.plain(input)]
    return (inputs[0].storedShape, isMoved)
  }

  func channelsFirst() throws(Failure) -> Bool {
    try config.choice("data_format", ["channels_last", "channels_first"], default: "channels_last")
      == "channels_first"
  }

  private func checkRank(_ shape: [Int], _ rank: Int) throws(Failure) {
    guard shape.count == rank else {
      throw problem(
        "\(layer.className) needs an input of \(rank) axes besides the batch, but \"\(layer.name)\" reads shape \(shape)"
      )
    }
  }

  /// An axis setting (counted with the batch, or from the end) as an axis of a shape without the batch.
  func axis(_ node: JSONNode, rank: Int) throws(Failure) -> Int {
    guard let value = node.integer ?? (node.elements?.count == 1 ? node[0]?.integer : nil) else {
      throw Failure(node.diagnostic("the axis is \(node.short); one number is supported"))
    }
    let axis = value < 0 ? value &+ rank : value &- 1
    guard value != .min, (0..<rank).contains(axis) else {
      throw Failure(
        node.diagnostic("there is no axis \(value): besides the batch, which is axis 0, there are \(rank)"))
    }
    return axis
  }

  // MARK: Output

  /// States the result's shape as our layer holds it. To be called before weights are read, so that the
  /// layers behind can be checked even if the weights are wrong.
  mutating func setOutput(_ shape: [Int], isMoved: Bool = false) throws(Failure) {
    try checkSize(shape, layer.node)
    output = (shape, isMoved)
  }

  /// States the shapes of results behind the first.
  mutating func setFurtherOutputs(_ shapes: [[Int]]) throws(Failure) {
    for shape in shapes { try checkSize(shape, layer.node) }
    furtherOutputs = shapes
  }

  // MARK: Weights

  /// Reads variables of the layer, all that are wrong reported at once.
  ///
  /// - Parameters:
  ///   - variables: their names (with other names in use) and shapes, in Keras's order.
  ///   - part: the attribute they belong to, if they are of a layer inside this one.
  func weights(_ variables: [(names: [String], shape: [Int])], of part: String? = nil) throws(Failure)
    -> [Weights]
  {
    let place = part.map { builder.weights.inner($0, of: scope) } ?? scope
    var found: [Weights] = []
    var problems: [Diagnostic] = []
    for (position, variable) in variables.enumerated() {
      do {
        try checkSize(variable.shape, layer.node)
        found.append(
          try builder.weights.read(
            variable.names, position: position, shape: variable.shape, scope: place, layer: layer.name))
      } catch {
        problems += error.diagnostics
      }
    }
    guard problems.isEmpty else { throw Failure(.badInput, problems) }
    return found
  }

  /// Reads a kernel and, if the layer uses one, a bias.
  func kernelAndBias(_ names: [String], _ shape: [Int], biasCount: Int) throws(Failure) -> (Weights, Weights?)
  {
    let usesBias = try config.boolean("use_bias", default: true)
    let found = try weights([(names, shape)] + (usesBias ? [(["bias"], [biasCount])] : []))
    return (found[0], usesBias ? found[1] : nil)
  }

  // MARK: Activations and quantizers

  /// The activation setting. `lastAxis`: the axis softmax works along, as our layer holds it.
  mutating func activation(lastAxis: Int) throws(Failure) -> Activation {
    guard let node = config["activation"] else {
      activationName = config.written("activation") == nil ? nil : "linear"
      return .linear
    }
    let parsed = try KerasActivation(
      node, inQKeras: isQuantized, generation: builder.generation, softmaxAxis: lastAxis)
    activationName = parsed.name
    return parsed.function
  }

  /// A quantizer setting. `isTrainable`: QKeras turns an unset alpha of a kernel's quantizer into auto_po2.
  func quantizer(_ key: String, isTrainable: Bool = false) throws(Failure) -> Quantizer? {
    guard isQuantized, let node = config[key] else { return nil }
    return .qkeras(try parseQuantizer(node, isTrainable: isTrainable))
  }
}
