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
  /// The layer that holds it.
  var layer: Int
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
  static let lengthLimit = 1 << 24

  let graph: ONNXGraph
  let limits: WorkLimits
  var problems = Problems()
  private(set) var layers: [Layer] = []
  private var names: Set<String> = []
  private var values: [String: ONNXOperand] = [:]
  /// Permutations already made: see `ONNXData`.
  private var permuted: [Int: Int] = [:]
  /// How many nodes and outputs read a name.
  private(set) var readers: [String: Int] = [:]
  /// Whether a quantizer works on data.
  var isQuantized = false
  /// Elements of constants made by folding so far.
  private var folded = 0

  /// Builds the model, or reports everything that is wrong with it.
  static func build(_ graph: ONNXGraph, _ limits: WorkLimits) throws(Failure) -> Model {
    try ONNXImporter(graph, limits).build()
  }

  private init(_ graph: ONNXGraph, _ limits: WorkLimits) {
    self.graph = graph
    self.limits = limits
    for name in graph.nodes.flatMap(\.inputs) + graph.outputs.map(\.name) where !name.isEmpty {
      readers[name, default: 0] += 1
    }
  }

  private func build() throws(Failure) -> Model {
    let needed = graph.neededNodes()
    checkSupport(needed)
    for (name, tensor) in graph.initializers { values[name] = .constant(tensor) }
    let inputs = graph.inputs.map { addInput($0) }
    for index in try graph.ordered(needed) { visit(graph.nodes[index]) }
    var outputs: [Int] = []
    for (name, place) in graph.outputs {
      switch values[name] {
      case .data(let data):
        if data.integers != nil {
          problems.add(place.diagnostic("the output \"\(name)\" is quantized integers: it needs a DequantizeLinear"))
        }
        if let result = try? plain(data) { outputs.append(result.layer) }
      case .constant: problems.add(place.diagnostic("the output \"\(name)\" does not depend on the input"))
      case .unknown: break
      case nil: problems.add(place.diagnostic("nothing computes the output \"\(name)\""))
      }
    }
    if graph.outputs.isEmpty { problems.add(Diagnostic(file: graph.file, place: "graph", "the model has no outputs")) }
    try problems.check()
    guard !inputs.isEmpty else { throw Failure(.badInput, file: graph.file, place: "graph", "the model has no inputs") }
    return pruned(inputs: inputs.compactMap { $0 }, outputs: outputs)
  }

  /// Every operation that is not read, at once, with its nodes.
  private func checkSupport(_ needed: Set<Int>) {
    for index in needed.sorted() {
      let node = graph.nodes[index]
      guard onnxOperators[node.operation] == nil else { continue }
      let name = node.domain.isEmpty ? node.operation : "\(node.domain)::\(node.operation)"
      problems.add(
        node.place.diagnostic(
          "node '\(node.label)': the operation \(name) is not supported",
          hint: onnxAdvice[node.operation]
            ?? nearest(to: node.operation, in: onnxOperators.keys).map { "did you mean \($0)?" }))
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
        } else if let constants = operands.constants, let fold = onnxFolds[node.operation] {
          results = try fold(call, constants).map { .constant($0) }
        } else {
          results = try convert(call)
        }
      }
      for case .constant(let tensor) in results { try count(tensor, call) }
    } catch {
      problems.add(error)
      results = []
    }
    for (place, name) in node.outputs.enumerated() where !name.isEmpty {
      guard values[name] == nil else {
        problems.add(node.place.diagnostic("node '\(node.label)': \"\(name)\" is computed already"))
        continue
      }
      values[name] = results.indices.contains(place) ? results[place] : .unknown
    }
  }

  private func count(_ tensor: ONNXTensor, _ call: ONNXCall) throws(Failure) {
    folded = Saturating.sum([folded, tensor.values.count])
    if let excess = limits.excess(.constants, folded / 8) { throw call.problem("folding needs \(excess)") }
  }

  // MARK: Inputs

  private func addInput(_ value: ONNXValue) -> Int? {
    // One axis alone is no batch.
    let hasBatch = value.shape.count > 1
    var shape: [Int] = []
    for (axis, length) in value.shape.enumerated() {
      if let length, length <= Self.lengthLimit {
        shape.append(length)
      } else if axis == 0, hasBatch {
        shape.append(1)
      } else {
        problems.add(
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
      problems.add(value.place.diagnostic("input \"\(value.name)\" is one number: it needs at least one axis"))
      values[value.name] = .unknown
      return nil
    }
    let integerType = value.type.integer.map { IntegerType(width: $0.width, isSigned: $0.isSigned) }
    let data = ONNXData(layer: layers.count, shape: shape, hasBatch: hasBatch)
    append(
      Layer(
        name: uniqueName(value.name), className: "Input", kind: .input(integerType: integerType), inputs: [],
        outputShape: data.storedShape, origin: Origin(file: value.place.file, path: value.place.path)))
    values[value.name] = .data(data)
    return data.layer
  }

  // MARK: Layers

  private func append(_ layer: Layer) {
    names.insert(layer.name)
    layers.append(layer)
  }

  private func uniqueName(_ wanted: String) -> String {
    let stem = wanted.isEmpty ? "node" : wanted
    if !names.contains(stem) { return stem }
    var number = 1
    while names.contains("\(stem)_\(number)") { number += 1 }
    return "\(stem)_\(number)"
  }

  /// See `ONNXCall.add`.
  func add(
    _ kind: LayerKind, _ inputs: [ONNXData], _ shape: [Int], isMoved: Bool, hasBatch: Bool?, suffix: String,
    for call: ONNXCall
  ) throws(Failure) -> ONNXData {
    var data = ONNXData(layer: layers.count, shape: shape, hasBatch: hasBatch ?? inputs.first?.hasBatch ?? true)
    data.isMoved = isMoved
    guard !data.eventShape.isEmpty, data.eventShape.allSatisfy({ $0 > 0 }) else {
      throw call.problem("its result of shape \(shape.shortened) is empty")
    }
    if let excess = limits.excess(.words, Saturating.product(data.eventShape)) {
      throw call.problem("its result needs \(excess)", hint: WorkLimits.hint(.words))
    }
    let node = call.node
    let name = node.label.isEmpty ? node.operation : node.label
    append(
      Layer(
        name: uniqueName(suffix.isEmpty ? name : "\(name)_\(suffix)"), className: node.operation, kind: kind,
        inputs: inputs.map(\.layer), outputShape: data.storedShape,
        origin: Origin(file: node.place.file, path: node.place.path)))
    return data
  }

  /// Changes a layer that only the node at hand reads: a bias joins its matrix.
  func replace(_ layer: Int, _ kind: LayerKind) { layers[layer].kind = kind }

  /// An operand that is a constant where data is needed, as a layer.
  func constantLayer(for call: ONNXCall, operand index: Int) throws(Failure) -> ONNXData {
    let tensor = try call.constant(index, "the input")
    let values = try call.weights(tensor, "the input")
    let hasBatch = tensor.shape.count > 1 && tensor.shape[0] == 1
    let shape = tensor.shape.isEmpty ? [1] : tensor.shape
    let held = Weights(shape: hasBatch ? Array(shape.dropFirst()) : shape, values: values.values.values)
    return try add(
      .constant(Constant(held, quantizer: nil)), [], shape, isMoved: false, hasBatch: hasBatch, suffix: "constant",
      for: call)
  }

  /// Whether a tensor has no other reader than the node at hand, which reads it by a name, and its layer no other either.
  func isReadOnce(_ x: ONNXData, named name: String) -> Bool {
    guard readers[name] == 1, permuted[x.layer] == nil, !layers.contains(where: { $0.inputs.contains(LayerResult(x.layer)) })
    else { return false }
    // Nodes that only rename (Identity, reshapes to the same shape) share a layer.
    return values.values.count { if case .data(let other) = $0 { other.layer == x.layer } else { false } } == 1
  }

  /// A layer that reads what another one reads, with another kind.
  func repeated(_ x: ONNXData, _ kind: LayerKind, for call: ONNXCall) throws(Failure) -> ONNXData {
    var source = x
    source.layer = layers[x.layer].inputs[0].layer
    return try add(kind, [source], x.shape, isMoved: x.isMoved, hasBatch: x.hasBatch, suffix: "", for: call)
  }

  // MARK: Layout

  func plain(_ data: ONNXData) throws(Failure) -> ONNXData { data.isMoved ? permute(data, toMoved: false) : data }

  func moved(_ data: ONNXData) throws(Failure) -> ONNXData { data.isMoved ? data : permute(data, toMoved: true) }

  private func permute(_ data: ONNXData, toMoved: Bool) -> ONNXData {
    let rank = data.eventShape.count
    var result = data
    result.isMoved = toMoved
    if rank < 2 { return result }
    if let known = permuted[data.layer] {
      result.layer = known
      return result
    }
    let source = layers[data.layer]
    let order = toMoved ? Array(1..<rank) + [0] : [rank - 1] + Array(0..<(rank - 1))
    result.layer = layers.count
    append(
      Layer(
        name: uniqueName("\(source.name)_\(toMoved ? "channels_last" : "channels_first")"), className: "Transpose",
        kind: .permute(order: order), inputs: [data.layer], outputShape: result.storedShape, origin: source.origin))
    permuted[data.layer] = result.layer
    permuted[result.layer] = data.layer
    return result
  }

  // MARK: The end

  /// The model without the layers no output depends on (inputs stay).
  private func pruned(inputs: [Int], outputs: [Int]) -> Model {
    var isUsed = [Bool](repeating: false, count: layers.count)
    for index in inputs + outputs { isUsed[index] = true }
    for index in layers.indices.reversed() where isUsed[index] {
      for input in layers[index].inputs { isUsed[input] = true }
    }
    var position: [Int: Int] = [:]
    var kept: [Layer] = []
    for index in layers.indices where isUsed[index] {
      position[index] = kept.count
      var layer = layers[index]
      layer.inputs = layer.inputs.compactMap { position[$0] }
      kept.append(layer)
    }
    return Model(
      name: graph.name, layers: kept, inputs: inputs.compactMap { position[$0] },
      outputs: outputs.compactMap { position[$0] }, isQuantized: isQuantized)
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

extension ONNXGraph {
  /// The nodes that the outputs depend on.
  func neededNodes() -> Set<Int> {
    let producers = producers
    var needed: Set<Int> = []
    var waiting = outputs.compactMap { producers[$0.name] }
    while let index = waiting.popLast() {
      guard needed.insert(index).inserted else { continue }
      waiting += nodes[index].inputs.compactMap { producers[$0] }
    }
    return needed
  }

  private var producers: [String: Int] {
    var producers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty && producers[output] == nil { producers[output] = index }
    }
    return producers
  }

  /// Nodes in the order of the data: the file's own wherever it is one.
  ///
  /// - Throws: `badInput` naming a node of every cycle.
  func ordered(_ needed: Set<Int>) throws(Failure) -> [Int] {
    let producers = producers
    let isInOrder = needed.allSatisfy { index in
      nodes[index].inputs.allSatisfy { (producers[$0] ?? -1) < index }
    }
    if isInOrder { return needed.sorted() }
    var missing: [Int: Int] = [:]
    var readers: [Int: [Int]] = [:]
    for index in needed {
      let sources = Set(nodes[index].inputs.compactMap { producers[$0] })
      missing[index] = sources.count
      for source in sources { readers[source, default: []].append(index) }
    }
    var order: [Int] = []
    var ready = needed.filter { missing[$0] == 0 }.sorted()
    var place = 0
    while place < ready.count {
      let index = ready[place]
      place += 1
      order.append(index)
      for reader in (readers[index] ?? []).sorted() {
        missing[reader, default: 0] -= 1
        if missing[reader] == 0 { ready.append(reader) }
      }
    }
    guard order.count == needed.count else {
      let left = needed.subtracting(order).sorted()
      throw Failure(
        nodes[left[0]].place.diagnostic(
          "node '\(nodes[left[0]].label)' and \(left.count - 1) others depend on themselves: the graph has a cycle"))
    }
    return order
  }
}
