import Diagnostics
import Model
import Storage

/// Builds a `Model` from a Keras configuration: walks the graph, opens nested models, gives every call of a
/// layer a `Layer` of its own, and collects the problems.
final class KerasBuilder {
  /// The most calls of layers accepted: nested models that are called many times can ask for any number.
  static let callLimit = 20_000

  let weights: KerasWeights
  let generation: Int
  var problems = Problems()
  private var layers: [Layer] = []
  private var names: Set<String> = []
  /// The next number to try behind a name that is taken.
  private var numbered: [String: Int] = [:]
  /// Permutations already made, by layer: see `Tensor`.
  private var permuted: [Int: Int] = [:]
  /// Nested models already read, by place.
  private var graphs: [String: KerasGraph] = [:]
  /// Whether a layer or an activation of the model is one of QKeras's.
  private var isQuantized = false
  /// Of the call whose parser adds its layers itself: its first layer, and the one that has the owner's name.
  private var firstOwn = 0
  private var own: Int?
  /// How many calls of layers and models were made.
  private var calls = 0

  private init(_ weights: KerasWeights, generation: Int) {
    self.weights = weights
    self.generation = generation
  }

  /// Builds the model, or reports everything that is wrong with it.
  static func build(_ files: borrowing KerasFiles) throws(Failure) -> Model {
    let builder = KerasBuilder(files.weights, generation: files.generation)
    return try builder.build(files.architecture)
  }

  private func build(_ architecture: JSONNode) throws(Failure) -> Model {
    guard KerasGraph.isModel(architecture) else {
      let name = architecture["class_name"]?.string ?? ""
      throw Failure(
        (architecture["class_name"] ?? architecture).diagnostic(
          "a model of class \(name) is not supported",
          hint: "supported are Sequential and functional models, not subclasses with code of their own"))
    }
    guard let graph = KerasGraph(architecture, &problems) else { throw Failure(.badInput, problems.found) }
    checkSupport(graph)
    let inputs = try makeInputs(graph)
    let outputs = try run(graph, scope: weights.top, inputs: inputs, path: [])
    let results = outputs.map { $0.map { plain($0) } }
    try problems.check()
    guard !results.isEmpty, !results.contains(where: { $0 == nil }) else {
      throw Failure(architecture.diagnostic("the model's outputs cannot be computed"))
    }
    return pruned(
      graph.name, inputs: inputs.compactMap { $0?.layer }, outputs: results.compactMap { $0?.layer })
  }

  // MARK: Inputs

  /// The input layers of the outermost model, in the model's order; nil for one with a problem.
  private func makeInputs(_ graph: KerasGraph) throws(Failure) -> [Tensor?] {
    if graph.isSequential {
      guard let first = graph.layers.first else { return [nil] }
      if first.className == "InputLayer" { return [addInput(first)] }
      // Before 2.4 Keras wrote no InputLayer; it names the missing one after the first layer.
      let shape =
        first.config["batch_input_shape"] ?? first.config["batch_shape"]
        ?? first.node["build_config"]?["input_shape"] ?? first.node["config"]?["build_input_shape"]
      guard let shape else {
        problems.add(first.node.diagnostic("the first layer of a Sequential model needs an input shape"))
        return [nil]
      }
      return [
        addInput(
          name: "\(first.name)_input", shape: shape, type: first.config["dtype"], node: first.node)
      ]
    }
    var seen: Set<String> = []
    return graph.inputs.map { reference in
      guard seen.insert(reference.layer).inserted else {
        problems.add(reference.place.diagnostic("\"\(reference.layer)\" is an input of the model already"))
        return nil
      }
      guard let layer = graph.layers.first(where: { $0.name == reference.layer }),
        layer.className == "InputLayer"
      else {
        problems.add(reference.place.diagnostic("\"\(reference.layer)\" is not an InputLayer of this model"))
        return nil
      }
      return addInput(layer)
    }
  }

  private func addInput(_ layer: KerasLayerNode) -> Tensor? {
    let keys = ["batch_input_shape", "batch_shape"]
    guard let shape = keys.lazy.compactMap({ layer.config[$0] }).first else {
      problems.add(layer.config.node.diagnostic("the input has no batch_input_shape or batch_shape"))
      return nil
    }
    return addInput(name: layer.name, shape: shape, type: layer.config["dtype"], node: layer.node)
  }

  private func addInput(name: String, shape: JSONNode, type: JSONNode?, node: JSONNode) -> Tensor? {
    do throws(Failure) {
      let axes = (shape.elements ?? []).dropFirst()
      guard !axes.isEmpty else {
        throw Failure(
          shape.diagnostic("an input shape is a list: the batch (null), then one or more lengths"))
      }
      let lengths = try axes.map { axis throws(Failure) in
        if axis.isNull {
          throw Failure(
            axis.diagnostic(
              "input \"\(name)\" has no fixed length along this axis: hardware has a fixed size",
              hint: "save the model again with a fixed input shape"))
        }
        return try axis.whole(atLeast: 1)
      }
      try checkSize(lengths, shape)
      let kind = LayerKind.input(integerType: try integerType(type))
      return add(
        Layer(
          name: name, kind: kind, source: SourceNames("InputLayer"), inputs: [], outputShape: lengths,
          origin: origin(node)))
    } catch {
      problems.add(error)
      return nil
    }
  }

  /// The integer type an input's dtype names; nil for floating-point types.
  private func integerType(_ node: JSONNode?) throws(Failure) -> IntegerType? {
    guard let node else { return nil }
    let name = node["config"]?["name"]?.string ?? node.string ?? ""
    if name == "bool" { return IntegerType(width: 1, isSigned: false) }
    let isSigned = name.hasPrefix("int")
    let digits = name.drop { $0.isLetter }
    if isSigned || name.hasPrefix("uint"), let width = Int(digits), [4, 8, 16, 32, 64].contains(width) {
      return IntegerType(width: width, isSigned: isSigned)
    }
    guard name.contains("float") else {
      throw Failure(node.diagnostic("inputs of type \(node.short) are not supported"))
    }
    return nil
  }

  // MARK: Layers

  /// Runs one call of a layer on tensors that are all known. Gives the results, nil for ones with problems.
  func call(
    _ layer: KerasLayerNode, scope: WeightScope, inputs: [Tensor], path: [String], number: Int = 0
  ) throws(Failure) -> [Tensor?] {
    calls += 1
    guard calls <= KerasBuilder.callLimit else {
      throw Failure(
        layer.node.diagnostic("the model calls its layers more than \(KerasBuilder.callLimit) times"))
    }
    if layer.isModel {
      let graph: KerasGraph
      if let known = graphs[layer.node.path] {
        graph = known
      } else {
        guard let read = KerasGraph(layer.node, &problems) else { return [nil] }
        graph = read
        graphs[layer.node.path] = read
      }
      return try run(graph, scope: scope, inputs: inputs, path: path + [layer.name])
    }
    var call = LayerCall(layer: layer, scope: scope, inputs: inputs, builder: self)
    guard let parser = layerParser(layer.kerasClass) else { return [nil] }
    if layer.arguments.indices.contains(number) { call.arguments = layer.arguments[number] }
    do throws(Failure) {
      switch parser {
      case .nothing:
        _ = try call.single()
        return inputs
      case .layer(let parse):
        let kind = try parse(&call)
        return [try finish(call, kind, path)]
      case .layers(let parse):
        call.path = path
        own = nil
        firstOwn = layers.count
        if layer.kerasClass.package == .hgq { isQuantized = true }
        let result = try parse(&call)
        nameAfter(call, result)
        return [result]
      case .wrapper(let unwrap):
        let inner = try unwrap(call)
        return try self.call(inner.layer, scope: inner.scope, inputs: inputs, path: path)
      }
    } catch {
      problems.add(error)
      // The layers behind can still be checked if the shape is known.
      return [call.output.map { Tensor(layer: 0, storedShape: $0.shape, isMoved: $0.isMoved) }]
    }
  }

  /// Adds a layer that a call needs before its own: one operation of the source may be several layers of ours.
  func insert(
    _ kind: LayerKind, _ suffix: String, before call: LayerCall, reading input: Tensor, shape: [Int]
  ) -> Tensor {
    add(
      Layer(
        name: uniqueName("\(call.layer.name)_\(suffix)", []), kind: kind,
        source: SourceNames(call.layer.className), inputs: [LayerResult(input.layer)], outputShape: shape,
        origin: origin(call.layer.node)))
  }

  /// Adds a layer that is part of a call whose layers its parser adds itself; with an empty suffix it is the layer that the
  /// owner named.
  func insert(
    _ kind: LayerKind, _ suffix: String, of call: LayerCall, reading inputs: [Tensor], shape: [Int], isMoved: Bool,
    className: String?
  ) -> Tensor {
    let name =
      suffix.isEmpty ? uniqueName(call.layer.name, call.path) : uniqueName("\(call.layer.name)_\(suffix)", call.path)
    let tensor = add(
      Layer(
        name: name, kind: kind, source: SourceNames(className ?? call.layer.className),
        inputs: inputs.map { LayerResult($0.layer) }, outputShape: shape, origin: origin(call.layer.node)))
    if suffix.isEmpty { own = tensor.layer }
    return Tensor(layer: tensor.layer, storedShape: shape, isMoved: isMoved)
  }

  /// Gives the layer of a result the owner's name, if it is of this call and none of the call's has the name yet.
  func nameAfter(_ call: LayerCall, _ result: Tensor) {
    guard own == nil, result.layer >= firstOwn else { return }
    names.remove(layers[result.layer].name)
    layers[result.layer].name = uniqueName(call.layer.name, call.path)
    names.insert(layers[result.layer].name)
    own = result.layer
  }

  /// Adds the layer that a call described.
  private func finish(_ call: LayerCall, _ kind: LayerKind, _ path: [String]) throws(Failure) -> Tensor {
    guard let output = call.output else {
      throw Failure(.bug, file: call.layer.node.file, place: call.layer.node.path, "the layer has no shape")
    }
    if call.isQuantized || kind.hasQuantizedActivation { isQuantized = true }
    let name = uniqueName(call.layer.name, path)
    var tensor = add(
      Layer(
        name: name, kind: kind,
        source: SourceNames(
          call.innerClassName ?? call.layer.className, activationName: call.activationName,
          isFunctionClass: call.isFunctionClass, innerName: call.innerName),
        inputs: call.inputs.map { LayerResult($0.layer) },
        outputShape: output.shape, origin: origin(call.layer.node)))
    if let after = call.activationAfter {
      tensor = add(
        Layer(
          name: uniqueName("\(name)_\(after.name)", path), kind: .activation(after.function),
          source: SourceNames("QActivation"), inputs: [LayerResult(tensor.layer)], outputShape: output.shape,
          origin: origin(call.layer.node)))
    }
    return Tensor(layer: tensor.layer, storedShape: output.shape, isMoved: output.isMoved)
  }

  private func add(_ layer: Layer) -> Tensor {
    names.insert(layer.name)
    layers.append(layer)
    return Tensor(layer: layers.count - 1, storedShape: layer.outputShape, isMoved: false)
  }

  /// The owner's name; where that is taken (a nested model, another call), with the nested model's name
  /// before it or a number behind it.
  private func uniqueName(_ name: String, _ path: [String]) -> String {
    if !names.contains(name) { return name }
    let stem = path.last.map { "\($0)_\(name)" } ?? name
    if !names.contains(stem) { return stem }
    var number = numbered[stem, default: 1]
    while names.contains("\(stem)_\(number)") { number += 1 }
    numbered[stem] = number + 1
    return "\(stem)_\(number)"
  }

  private func origin(_ node: JSONNode) -> Origin { Origin(file: node.file, path: node.path) }

  // MARK: Layout

  /// The tensor with its axes as the source has them.
  func plain(_ tensor: Tensor) -> Tensor { tensor.isMoved ? permute(tensor, toMoved: false) : tensor }

  /// The tensor with its first axis moved to the end.
  func moved(_ tensor: Tensor) -> Tensor { tensor.isMoved ? tensor : permute(tensor, toMoved: true) }

  private func permute(_ tensor: Tensor, toMoved: Bool) -> Tensor {
    let rank = tensor.shape.count
    var result = tensor
    result.isMoved = toMoved
    if let known = permuted[tensor.layer] {
      result.layer = known
      return result
    }
    // A tensor behind a layer with a problem: no model will come of it.
    guard layers.indices.contains(tensor.layer), layers[tensor.layer].outputShape == tensor.storedShape else {
      return result
    }
    let source = layers[tensor.layer]
    let order = toMoved ? Array(1..<rank) + [0] : [rank - 1] + Array(0..<(rank - 1))
    let name = uniqueName("\(source.name)_\(toMoved ? "channels_last" : "channels_first")", [])
    let layer = Layer(
      name: name, kind: .permute(order: order), source: SourceNames("Permute"),
      inputs: [LayerResult(tensor.layer)],
      outputShape: result.storedShape, origin: source.origin)
    result.layer = add(layer).layer
    permuted[tensor.layer] = result.layer
    permuted[result.layer] = tensor.layer
    return result
  }

  // MARK: The end

  /// The model without the layers no output depends on (inputs stay).
  private func pruned(_ name: String, inputs: [Int], outputs: [Int]) -> Model {
    var isUsed = [Bool](repeating: false, count: layers.count)
    for index in inputs + outputs { isUsed[index] = true }
    for index in layers.indices.reversed() where isUsed[index] {
      for input in layers[index].inputs { isUsed[input.layer] = true }
    }
    var position: [Int: Int] = [:]
    var kept: [Layer] = []
    for index in layers.indices where isUsed[index] {
      position[index] = kept.count
      var layer = layers[index]
      layer.inputs = layer.inputs.compactMap { input in
        position[input.layer].map { LayerResult($0, input.result) }
      }
      kept.append(layer)
    }
    return Model(
      name: name, layers: kept, inputs: inputs.compactMap { position[$0] },
      outputs: outputs.compactMap { position[$0].map { LayerResult($0) } }, isQuantized: isQuantized)
  }
}

/// Refuses shapes that are empty or absurdly large.
func checkSize(_ shape: [Int], _ node: JSONNode) throws(Failure) {
  guard shape.allSatisfy({ $0 > 0 }) else {
    throw Failure(node.diagnostic("the output shape \(shape) is empty"))
  }
  var count = 1
  for length in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: length)
    count = overflow ? .max : product
  }
  guard count <= KerasWeights.elementLimit else {
    throw Failure(
      node.diagnostic("the shape \(shape) has more than \(KerasWeights.elementLimit) elements"))
  }
}

extension LayerKind {
  /// Whether it is an activation by a quantizer, or has one of QKeras's inside. (Binary and ternary weights or tanh inside
  /// a layer leave the numbers between layers unquantized.)
  fileprivate var hasQuantizedActivation: Bool {
    func isQKeras(_ activation: Activation) -> Bool {
      guard case .quantizer(.qkeras(let quantizer)) = activation else { return false }
      return quantizer.className.isQKeras
    }
    switch self {
    case .activation(.quantizer): return true
    case .dense(let dense): return isQKeras(dense.activation)
    case .convolution(let convolution): return isQKeras(convolution.activation)
    case .separableConvolution(_, let pointwise): return isQKeras(pointwise.activation)
    case .input, .constant, .activation, .batchNormalization, .merge, .concatenate, .dot, .matrixProduct, .reshape, .permute,
      .pooling, .globalPooling, .zeroPadding, .cropping, .gather, .upsampling, .resizing, .repeatVector,
      .split:
      return false
    }
  }
}
