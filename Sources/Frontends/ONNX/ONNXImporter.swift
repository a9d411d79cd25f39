import Diagnostics
import Model

/// What a name in the graph stands for.
enum ONNXOperand {
  case constant(ONNXTensor)
  case data(ONNXData)
  /// The result of a node with a problem.
  case unknown
}

/// A tensor that depends on the events.
///
/// Layers of ours work on channels last; ONNX has the channels behind the batch. A convolution's input is permuted, and its
/// result stays channels last for as long as only nodes read it that do not care (`isMoved`).
struct ONNXData {
  /// The result of a layer that holds it.
  var value: LayerResult
  /// Its shape as ONNX sees it.
  var shape: [Int]
  /// Whether its first axis is the batch, which layers do not have.
  var hasBatch: Bool
  /// Whether the layer holds it with its channels (the axis behind the batch) moved to the end.
  var isMoved = false
  /// Set where ONNX has integers here: the layer holds the numbers that they stand for, (integer − zero) · scale.
  var integers: ONNXScale?

  /// The shape of one event, in ONNX's order.
  var eventShape: [Int] { hasBatch ? Array(shape.dropFirst()) : shape }

  /// The shape as the layer holds it.
  var storedShape: [Int] { isMoved ? Array(eventShape.dropFirst()) + eventShape.prefix(1) : eventShape }

  /// The same for the builder.
  var tensor: Tensor { Tensor(value, storedShape: storedShape, isMoved: isMoved) }

  /// The axis, as the layer holds it, of an axis of ONNX's; nil for the batch.
  func storedAxis(_ axis: Int) -> Int? {
    guard !(hasBatch && axis == 0) else { return nil }
    let place = hasBatch ? axis - 1 : axis
    return isMoved ? (place == 0 ? eventShape.count - 1 : place - 1) : place
  }
}

/// The scale and zero point of quantized integers: one each, or one per channel.
struct ONNXScale: Hashable {
  var scale: [Double]
  var zero: [Double]
}

/// Builds a `Model` from an ONNX graph: visits the nodes in the order of the data, folds what does not depend on the events, and
/// collects the problems.
final class ONNXImporter {
  /// No axis of a network for triggers is longer.
  static let lengthLimit = 1 << 20
  /// No tensor has more axes.
  static let rankLimit = 16
  /// Operations on constants that qonnx's cleaning leaves.
  private static let unfolded: Set<String> = ["Quant", "BipolarQuant", "QuantizeLinear", "DequantizeLinear"]
  /// No graph has more nodes.
  static let nodeLimit = 20_000

  let graph: ONNXGraph
  let limits: WorkLimits
  let builder = ModelBuilder()
  private var values: [String: ONNXOperand] = [:]
  /// How many nodes and outputs read a name.
  private(set) var readers: [String: Int] = [:]
  private var notes: [Diagnostic] = []
  /// Operations and attributes of theirs that were told of.
  private var noted: Set<String> = []
  /// Elements of constants made by folding so far.
  private var folded = 0
  /// Nodes that qonnx's cleaning folds: quantizers are left.
  private var foldedNodes: Set<ONNXPlace> = []
  /// Logits with a mask that only softmax reads, by the layer that stands for them: the mask is 0 where nothing is left.
  var masks: [LayerResult: ONNXMask] = [:]
  /// Comparisons and what is made of them: layers of whole numbers.
  var wholes: Set<LayerResult> = []
  /// What layers are made of, by the layer's number in the builder.
  var parts: [Int: ONNXParts] = [:]

  /// Builds the model, or reports everything that is wrong with it.
  static func build(_ graph: ONNXGraph, _ limits: WorkLimits) throws(Failure) -> ImportedModel {
    let importer = ONNXImporter(graph, limits)
    let model = try importer.build()
    return ImportedModel(model, notes: importer.notes)
  }

  /// What the user should know of a node that was read.
  func note(_ call: ONNXCall, _ message: String) {
    notes.append(call.node.place.diagnostic("\(call.node.operation) '\(call.node.label)': \(message)"))
  }

  private init(_ graph: ONNXGraph, _ limits: WorkLimits) {
    self.graph = graph
    self.limits = limits
    for name in graph.nodes.flatMap(\.inputs) + graph.outputs.map(\.name) where !name.isEmpty {
      readers[name, default: 0] += 1
    }
  }

  /// Reports results that two nodes compute: ONNX is in single-assignment form.
  private func checkNames() {
    var computed: Set<String> = []
    for node in graph.nodes {
      for name in node.outputs where !name.isEmpty && !computed.insert(name).inserted {
        builder.problems.add(node.place.diagnostic("node '\(node.label)': \"\(name)\" is computed already"))
      }
    }
  }

  private func build() throws(Failure) -> Model {
    checkNames()
    let needed = graph.neededNodes()
    checkSupport(needed)
    for (name, tensor) in graph.initializers { values[name] = .constant(tensor) }
    let inputs = graph.inputs.map { addInput($0) }
    for index in try graph.ordered(needed) { visit(graph.nodes[index]) }
    var outputs: [Tensor] = []
    for (name, place) in graph.outputs {
      switch values[name] {
      case .data(let data):
        if data.integers != nil {
          builder.problems.add(
            place.diagnostic("the output \"\(name)\" is quantized integers: it needs a DequantizeLinear"))
        }
        outputs.append(data.tensor)
      case .constant:
        builder.problems.add(place.diagnostic("the output \"\(name)\" does not depend on the input"))
      case .unknown: break
      case nil: builder.problems.add(place.diagnostic("nothing computes the output \"\(name)\""))
      }
    }
    try builder.problems.check()
    if outputs.isEmpty {
      throw Failure(.badInput, file: graph.file, place: "graph", "the model has no outputs")
    }
    guard !inputs.isEmpty else {
      throw Failure(.badInput, file: graph.file, place: "graph", "the model has no inputs")
    }
    return named(
      try builder.model(graph.name, inputs: inputs.compactMap { $0 }, outputs: outputs), needed)
  }

  /// The model with what hls4ml's names are made of.
  private func named(_ model: Model, _ needed: Set<Int>) -> Model {
    let naming = ONNXNaming(graph, needed) { !foldedNodes.contains($0) }
    var partsByName: [String: ONNXParts] = [:]
    for (index, parts) in parts { partsByName[builder.layers[index].name] = parts }
    var model = model
    for index in model.layers.indices {
      let layer = model.layers[index]
      model.layers[index].source?.onnx = naming.names(of: layer.origin, partsByName[layer.name])
    }
    model.partNames = naming.all
    return model
  }

  /// Every operation that is not read, at once, with its nodes.
  private func checkSupport(_ needed: Set<Int>) {
    var seen: Set<String> = []
    for index in needed.sorted() {
      let node = graph.nodes[index]
      guard onnxOperators[node.operation] == nil else { continue }
      let name = node.domain.isEmpty ? node.title : "\(node.domain)::\(node.operation)"
      let isFirst = seen.insert(node.operation).inserted && seen.count <= 50
      builder.problems.add(
        node.place.diagnostic(
          "node '\(node.label)': the operation \(name) is not supported",
          hint: isFirst
            ? onnxAdvice[node.operation]
              ?? nearest(to: node.operation, in: onnxOperators.keys).map { "did you mean \($0)?" } : nil))
    }
  }

  private func visit(_ node: ONNXNode) {
    var results: [ONNXOperand] = []
    do throws(Failure) {
      var operands: [ONNXOperand?] = []
      for name in node.inputs {
        if name.isEmpty {
          operands.append(nil)
        } else if let value = values[name] {
          operands.append(value)
        } else {
          throw Failure(node.place.diagnostic("node '\(node.label)': nothing computes its input \"\(name)\""))
        }
      }
      while case .some(.none) = operands.last { operands.removeLast() }
      let call = ONNXCall(node: node, operands: operands, importer: self)
      if let convert = onnxOperators[node.operation] {
        if operands.contains(where: { if case .unknown? = $0 { true } else { false } }) {
          // The problem has been reported where it arose.
        } else if let constants = operands.constants, let fold = onnxFold(node.operation) {
          results = try fold(call, constants).map { .constant($0) }
          if !Self.unfolded.contains(node.operation) { foldedNodes.insert(node.place) }
        } else {
          results = try convert(call)
        }
        if !results.isEmpty { noteAttributes(call) }
      }
      for case .constant(let tensor) in results { try count(tensor, call) }
      try checkShapes(results, call)
    } catch {
      builder.problems.add(error)
      results = []
    }
    for (place, name) in node.outputs.enumerated() where !name.isEmpty {
      guard values[name] == nil else {
        builder.problems.add(node.place.diagnostic("node '\(node.label)': \"\(name)\" is computed already"))
        continue
      }
      values[name] = results.indices.contains(place) ? results[place] : .unknown
    }
  }

  /// Tells of attributes that nothing asked for, each once per operation.
  private func noteAttributes(_ call: ONNXCall) {
    for key in call.node.attributes.keys.sorted()
    where !call.asked.keys.contains(key) && !Self.trainingAttributes.contains(key) {
      guard noted.insert("\(call.node.operation) \(key)").inserted else { continue }
      let title = call.node.title
      notes.append(
        call.node.place.diagnostic(
          "\(title) '\(call.node.label)': \(key) is no attribute of \(title) that is read: it has no effect",
          hint: nearest(to: key, in: call.asked.keys).map { "did you mean \($0)?" }))
    }
  }

  /// Attributes that change nothing at inference, or as their operation is read.
  private static let trainingAttributes: Set = [
    "momentum", "seed", "ratio", "spatial", "consumed_inputs", "is_test", "broadcast", "saturate",
    "stash_type",
    "output_sequence",
    // Of averages without pads, of the places of maxima, and of the nearest element.
    "count_include_pad", "storage_order", "antialias", "cubic_coeff_a", "exclude_outside",
    "extrapolation_value",
    "keep_aspect_ratio_policy",
    // How often a node of a tree was passed, and what classes are called.
    "nodes_hitrates", "nodes_hitrates_as_tensor", "classlabels_int64s", "classlabels_strings",
  ]

  /// What the file states of shapes is what comes out: a reader has counted on it.
  private func checkShapes(_ results: [ONNXOperand], _ call: ONNXCall) throws(Failure) {
    for case (let name, .data(let data)) in zip(call.node.outputs, results) {
      guard let stated = graph.statedShapes[name], !stated.isEmpty else { continue }
      guard stated.count == data.shape.count, zip(stated, data.shape).allSatisfy({ $0 == nil || $0 == $1 })
      else {
        let shape = stated.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
        throw call.problem(
          "the file says that its result has the shape [\(shape)], but it has \(data.shape.shortened)")
      }
    }
  }

  private func count(_ tensor: ONNXTensor, _ call: ONNXCall) throws(Failure) {
    folded = Saturating.sum([folded, tensor.values.count])
    if let excess = limits.excess(.constants, folded) { throw call.problem("folding needs \(excess)") }
  }

  // MARK: Inputs

  private func addInput(_ value: ONNXValue) -> Tensor? {
    // One axis alone is no batch.
    let hasBatch = value.shape.count > 1
    var shape: [Int] = []
    for (axis, length) in value.shape.enumerated() {
      if let length, length <= Self.lengthLimit {
        shape.append(length)
      } else if axis == 0, hasBatch {
        shape.append(1)
      } else {
        builder.problems.add(
          value.place.diagnostic(
            length == nil
              ? "input \"\(value.name)\" has no fixed length along axis \(axis): hardware has a fixed size"
              : "input \"\(value.name)\" is too long along axis \(axis)",
            hint: length == nil ? "export the model again without a dynamic axis there" : nil))
        values[value.name] = .unknown
        return nil
      }
    }
    guard !shape.isEmpty else {
      builder.problems.add(
        value.place.diagnostic("input \"\(value.name)\" is one number: it needs at least one axis"))
      values[value.name] = .unknown
      return nil
    }
    let integerType = value.type.integer.map { IntegerType(width: $0.width, isSigned: $0.isSigned) }
    let tensor = builder.input(
      value.name, shape: hasBatch ? Array(shape.dropFirst()) : shape, integerType: integerType,
      source: SourceNames("Input"), origin: Origin(file: value.place.file, path: value.place.path))
    values[value.name] = .data(ONNXData(value: tensor.value, shape: shape, hasBatch: hasBatch))
    return tensor
  }

  // MARK: Layers

  /// See `ONNXCall.add`.
  func add(
    _ kind: LayerKind, _ inputs: [ONNXData], _ shape: [Int], isMoved: Bool, hasBatch: Bool?, suffix: String,
    for call: ONNXCall
  ) throws(Failure) -> ONNXData {
    var data = ONNXData(
      value: 0, shape: shape, hasBatch: hasBatch ?? inputs.first?.hasBatch ?? true, isMoved: isMoved)
    guard !data.eventShape.isEmpty, data.eventShape.allSatisfy({ $0 > 0 }) else {
      throw call.problem("its result of shape \(shape.shortened) is empty")
    }
    guard shape.count <= Self.rankLimit else { throw call.problem("its result has \(shape.count) axes") }
    if let excess = limits.excess(.words, Saturating.product(data.eventShape)) {
      throw call.problem("its result needs \(excess)", hint: WorkLimits.hint(.words))
    }
    let node = call.node
    let name = node.label.isEmpty ? node.title : node.label
    data.value =
      builder.add(
        kind, suffix.isEmpty ? name : "\(name)_\(suffix)", source: SourceNames(node.title),
        reading: inputs.map(\.tensor), shape: data.storedShape, isMoved: isMoved,
        origin: Origin(file: node.place.file, path: node.place.path)
      ).value
    return data
  }

  /// Whether the model was exported for batches of one: an axis that was the batch may then become any other.
  private(set) lazy var isOneEvent = graph.inputs.allSatisfy { $0.shape.first == .some(1) }

  /// Whether any node quantizes.
  private(set) lazy var hasQuantizers = graph.nodes.contains {
    ["Quant", "IntQuant", "BipolarQuant", "Trunc", "MultiThreshold", "QuantizeLinear"].contains($0.operation)
  }

  /// Whether anything reads one of a node's results.
  func isRead(_ node: ONNXNode, output place: Int) -> Bool {
    node.outputs.indices.contains(place) && readers[node.outputs[place]] != nil
  }

  /// What the layer that holds a tensor computes.
  func kind(of x: ONNXData) -> LayerKind { builder.layers[x.value.layer].kind }

  /// An operand that is a constant where data is needed, as a layer.
  func constantLayer(for call: ONNXCall, operand index: Int) throws(Failure) -> ONNXData {
    let tensor = try call.constant(index, "the input")
    let values = try call.weights(tensor, "the input")
    let hasBatch = tensor.shape.count > 1 && tensor.shape[0] == 1
    let shape = tensor.shape.isEmpty ? [1] : tensor.shape
    let held = Weights(shape: hasBatch ? Array(shape.dropFirst()) : shape, values: values.values.values)
    return try add(
      .constant(Constant(held, quantizer: nil)), [], shape, isMoved: false, hasBatch: hasBatch,
      suffix: "constant",
      for: call)
  }

  /// Whether a tensor has no other reader than the node at hand, which reads it by a name, and its layer no other either.
  func isReadOnce(_ x: ONNXData, named name: String) -> Bool {
    guard readers[name] == 1, !builder.layers.contains(where: { $0.inputs.contains(x.value) }) else {
      return false
    }
    // Nodes that only rename (Identity, reshapes to the same shape) share a layer.
    return values.values.count { if case .data(let other) = $0 { other.value == x.value } else { false } }
      == 1
  }

  /// A layer that reads what another one reads, with another kind.
  func repeated(_ x: ONNXData, _ kind: LayerKind, for call: ONNXCall) throws(Failure) -> ONNXData {
    var source = x
    source.value = builder.layers[x.value.layer].inputs[0]
    return try add(kind, [source], x.shape, isMoved: x.isMoved, hasBatch: x.hasBatch, suffix: "", for: call)
  }

  // MARK: Layout

  /// The tensor with its axes held in ONNX's order.
  func plain(_ data: ONNXData) -> ONNXData { laid(data, isMoved: false) }

  /// The tensor with its channels held last.
  func moved(_ data: ONNXData) -> ONNXData { laid(data, isMoved: true) }

  private func laid(_ data: ONNXData, isMoved: Bool) -> ONNXData {
    var result = data
    // One axis has one order.
    if data.eventShape.count > 1 {
      result.value = (isMoved ? builder.moved(data.tensor) : builder.plain(data.tensor)).value
    }
    result.isMoved = isMoved
    return result
  }
}

extension [ONNXOperand?] {
  /// The operands if all are constants.
  fileprivate var constants: [ONNXTensor?]? {
    var constants: [ONNXTensor?] = []
    for operand in self {
      switch operand {
      case .constant(let tensor): constants.append(tensor)
      case nil: constants.append(nil)
      case .data, .unknown: return nil
      }
    }
    return constants
  }
}
