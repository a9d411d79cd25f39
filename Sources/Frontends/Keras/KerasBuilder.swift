import Diagnostics
import Model
import Storage

/// Builds a `Model` from a Keras configuration: walks the graph, opens nested models, and gives every call of a
/// layer a `Layer` of its own.
final class KerasBuilder {
  /// The most calls of layers accepted: nested models that are called many times can ask for any number.
  static let callLimit = 20_000

  let weights: KerasWeights
  let generation: Int
  /// What has been built so far.
  let model = ModelBuilder()
  /// Nested models already read, by place.
  private var graphs: [String: KerasGraph] = [:]
  /// Of the call whose parser adds its layers itself: how many layers there were before it, and whether one of its own has
  /// the owner's name.
  private var firstOwn = 0
  private var isNamed = false
  /// Whether layers, names or connections of a graph are damaged: what is not found then may only follow from that.
  var isGraphDamaged = false
  /// Lengths of weights that were found wrong: needed and found.
  private var misfits: Set<[Int]> = []
  /// What the user should know of the file.
  var notes: [Diagnostic] = []
  /// The layers that were read, for their settings that nothing asked for.
  private var settings = SettingsWithoutEffect()
  /// Tensors whose masks layers have read, and whether the layer took them off.
  var maskReaders: [MaskedTensor: Bool] = [:]
  /// How many calls of layers and models were made.
  private var calls = 0

  /// What is wrong with the model so far.
  var problems: Problems {
    get { model.problems }
    set { model.problems = newValue }
  }

  private init(_ weights: KerasWeights, generation: Int) {
    self.weights = weights
    self.generation = generation
  }

  /// Builds the model, or reports everything that is wrong with it.
  static func build(_ files: borrowing KerasFiles) throws(Failure) -> ImportedModel {
    let builder = KerasBuilder(files.weights, generation: files.generation)
    let model = try builder.build(files.architecture)
    return ImportedModel(model, notes: builder.notes + builder.settings.notes())
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
    if isGraphDamaged { problems.remove(weights.absent) }
    try problems.check()
    guard !outputs.isEmpty, !outputs.contains(where: { $0 == nil }) else {
      throw Failure(architecture.diagnostic("the model's outputs cannot be computed"))
    }
    return try model.model(graph.name, inputs: inputs.compactMap { $0 }, outputs: outputs.compactMap { $0 })
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
    willRead(layer)
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
      return model.input(
        name, shape: lengths, integerType: try integerType(type), source: SourceNames("InputLayer"),
        origin: node.origin)
    } catch {
      problems.add(error)
      return nil
    }
  }

  private static let integerTypes: [String: IntegerType] = {
    var types = ["bool": IntegerType(width: 1, isSigned: false)]
    for width in [4, 8, 16, 32, 64] {
      types["int\(width)"] = IntegerType(width: width, isSigned: true)
      types["uint\(width)"] = IntegerType(width: width, isSigned: false)
    }
    return types
  }()

  /// Types of numbers, and policies that compute in one of them and keep variables in another.
  private static let floatTypes: Set = [
    "float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16", "mixed_float32",
    "mixed_float64",
  ]

  /// The integer type an input's dtype names; nil for floating-point types.
  private func integerType(_ node: JSONNode?) throws(Failure) -> IntegerType? {
    guard let node else { return nil }
    let name = node["config"]?["name"]?.string ?? node.string ?? ""
    if let type = Self.integerTypes[name] { return type }
    guard Self.floatTypes.contains(name) else {
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
    willRead(layer)
    // What is behind a problem stays so.
    let isBehindProblem = inputs.contains { $0.value.layer < 0 }
    func behind(_ results: [Tensor]) -> [Tensor?] {
      results.enumerated().map { place, result in
        var result =
          isBehindProblem
          ? .unknown(storedShape: result.storedShape, isMoved: result.isMoved) : result
        result.mask = call.resultMasks.indices.contains(place) ? call.resultMasks[place] : nil
        return result
      }
    }
    if layer.arguments.indices.contains(number) { call.arguments = layer.arguments[number] }
    if layer.keywords.indices.contains(number) { call.keywords = layer.keywords[number] }
    do throws(Failure) {
      if case .wrapper = parser {} else { try call.takeMasks() }
      switch parser {
      case .nothing: return behind([try call.single()])
      case .layer(let parse):
        let kind = try parse(&call)
        return behind(try finish(call, kind, path))
      case .layers(let parse):
        call.path = path
        isNamed = false
        firstOwn = model.layers.count
        if [.hgq, .pquant].contains(layer.kerasClass.package) { model.isQuantized = true }
        let result = try parse(&call)
        nameAfter(call, result)
        return behind([result])
      case .results(let parse):
        call.path = path
        isNamed = true
        firstOwn = model.layers.count
        return behind(try parse(&call))
      case .wrapper(let unwrap):
        let inner = try unwrap(call)
        return try self.call(inner.layer, scope: inner.scope, inputs: inputs, path: path)
      }
    } catch {
      for problem in error.diagnostics {
        if let lengths = weights.misfits[problem] {
          // Of a layer with too many units those behind it take the wrong length.
          if isBehindProblem, !lengths.isEmpty, lengths.isSubset(of: misfits) { continue }
          if !isBehindProblem { misfits.formUnion(lengths) }
        }
        problems.add(problem)
      }
      // The layers behind can still be checked if the shape is known.
      return [call.output.map { .unknown(storedShape: $0.shape, isMoved: $0.isMoved) }]
        + call.furtherOutputs.map { Optional(Tensor.unknown(storedShape: $0)) }
    }
  }

  /// Notes that a layer's settings are about to be read: those that nobody asks for are told of at the end.
  func willRead(_ layer: KerasLayerNode) { settings.add(layer) }

  /// Adds a layer that a call needs before its own: one operation of the source may be several layers of ours.
  func insert(
    _ kind: LayerKind, _ suffix: String, before call: LayerCall, reading input: Tensor, shape: [Int]
  ) -> Tensor {
    model.add(
      kind, "\(call.layer.name)_\(suffix)", source: SourceNames(call.layer.className), reading: [input],
      shape: shape, origin: call.layer.node.origin)
  }

  /// Adds a layer that is part of a call whose layers its parser adds itself; with an empty suffix it is the layer that the
  /// owner named.
  func insert(
    _ kind: LayerKind, _ suffix: String, of call: LayerCall, reading inputs: [Tensor], shape: [Int],
    isMoved: Bool,
    className: String?
  ) -> Tensor {
    if suffix.isEmpty { isNamed = true }
    return model.add(
      kind, suffix.isEmpty ? call.layer.name : "\(call.layer.name)_\(suffix)", within: call.path,
      source: SourceNames(className ?? call.layer.className), reading: inputs, shape: shape, isMoved: isMoved,
      origin: call.layer.node.origin)
  }

  /// Adds the layer of several results that a call is.
  func insert(_ kind: LayerKind, of call: LayerCall, reading inputs: [Tensor], shapes: [[Int]]) -> [Tensor] {
    model.add(
      kind, call.layer.name, within: call.path, source: SourceNames(call.layer.className), reading: inputs,
      shapes: shapes, origin: call.layer.node.origin)
  }

  /// Adds the layer that a call of a function's own class is, as if its parser had described it.
  func insertFunction(_ kind: LayerKind, of call: LayerCall, shape: [Int], isMoved: Bool) -> Tensor {
    isNamed = true
    if kind.hasQuantizedActivation { model.isQuantized = true }
    return model.add(
      kind, call.layer.name, within: call.path,
      source: SourceNames(
        call.innerClassName ?? call.layer.className, activationName: call.activationName,
        isFunctionClass: call.isFunctionClass, innerName: call.innerName),
      reading: call.inputs, shape: shape, isMoved: isMoved, origin: call.layer.node.origin)
  }

  /// Gives the layer of a result the owner's name, if it is of this call and none of the call's has the name yet.
  func nameAfter(_ call: LayerCall, _ result: Tensor) {
    guard !isNamed, result.value.layer >= firstOwn else { return }
    model.rename(result, call.layer.name, within: call.path)
    isNamed = true
  }

  /// Adds the layer that a call described; gives its results.
  private func finish(_ call: LayerCall, _ kind: LayerKind, _ path: [String]) throws(Failure) -> [Tensor] {
    guard let output = call.output else {
      throw Failure(.bug, file: call.layer.node.file, place: call.layer.node.path, "the layer has no shape")
    }
    if call.isQuantized || kind.hasQuantizedActivation { model.isQuantized = true }
    let source = SourceNames(
      call.innerClassName ?? call.layer.className, activationName: call.activationName,
      isFunctionClass: call.isFunctionClass, innerName: call.innerName)
    if !call.furtherOutputs.isEmpty || call.zeroedResults != nil {
      let results = model.add(
        kind, call.layer.name, within: path, source: source, reading: call.inputs,
        shapes: [output.shape] + call.furtherOutputs, origin: call.layer.node.origin)
      guard let (mask, count) = call.zeroedResults else { return results }
      return results.enumerated().map { place, result in
        place >= count
          ? result
          : model.add(
            .merge(.multiply), "\(call.layer.name)_zeroed", within: path, source: SourceNames("Masking"),
            reading: [result, mask], shape: result.storedShape, origin: call.layer.node.origin)
      }
    }
    let tensor = model.add(
      kind, call.layer.name, within: path, source: source,
      reading: call.inputs, shape: output.shape, isMoved: output.isMoved, origin: call.layer.node.origin)
    guard let after = call.activationAfter, let name = model.name(of: tensor) else { return [tensor] }
    return [
      model.add(
        .activation(after.function), "\(name)_\(after.name)", within: path,
        source: SourceNames("QActivation"),
        reading: [tensor], shape: output.shape, isMoved: output.isMoved, origin: call.layer.node.origin)
    ]
  }
}

extension JSONNode {
  /// Where something was read from.
  var origin: Origin { Origin(file: file, path: path) }
}

/// Refuses shapes that are empty or absurdly large.
func checkSize(_ shape: [Int], _ node: JSONNode) throws(Failure) {
  if let problem = ModelBuilder.problem(with: shape) { throw Failure(node.diagnostic(problem)) }
}

extension LayerKind {
  /// Whether it is an activation by a quantizer, or has one of QKeras's inside. (Binary and ternary weights or tanh inside
  /// a layer leave the numbers between layers unquantized.)
  fileprivate var hasQuantizedActivation: Bool {
    func isQKeras(_ activation: Activation) -> Bool {
      guard case .quantizer(.qkeras(let quantizer)) = activation else { return false }
      return quantizer.className.isQKeras
    }
    if case .activation(.quantizer) = self { return true }
    if case .recurrent(let recurrent) = self {
      return recurrent.passes.contains {
        !$0.quantizers.isEmpty || isQKeras($0.activation) || isQKeras($0.gateActivation)
      }
    }
    return activation.map(isQKeras) ?? false
  }
}
