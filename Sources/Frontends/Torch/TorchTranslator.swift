import Diagnostics
import Model

/// Translates a program into a graph of ONNX's operations, call by call.
///
/// Calls that change a tensor in place (`relu_`) are calls of the plain function whose result takes the tensor's name from there
/// on. Another tensor in the same memory (a view) would change with it: reading one afterwards is refused.
final class TorchTranslator {
  private let program: TorchProgram
  private let archive: TorchArchive
  private(set) var notes: [Diagnostic]
  private var problems = Problems()
  private(set) var nodes: [ONNXNode] = []
  private var initializers: [String: ONNXTensor] = [:]
  private var stated: [String: [Int?]] = [:]
  /// The result in the graph that a name of the program stands for by now.
  private var bound: [String: String] = [:]
  /// Which memory a tensor lies in: that of the tensor it is a view of.
  private var memory: [String: String] = [:]
  /// Tensors whose memory a call has changed: the call.
  private var changed: [String: String] = [:]
  private var producers: [String: Int] = [:]
  /// Names of the program whose tensors depend on the events.
  private var ofEvents: Set<String> = []
  /// What results are joined of along their first axis, as many places each: the last states of several layers.
  var joined: [String: (parts: [String], each: Int)] = [:]
  private var count = 0

  init(_ program: TorchProgram, _ archive: TorchArchive) {
    self.program = program
    self.archive = archive
    notes = program.notes
    for (index, node) in program.nodes.enumerated() {
      for case let name? in node.results where producers[name] == nil { producers[name] = index }
    }
  }

  // MARK: The graph

  /// The whole graph, or everything that is wrong with the program.
  func graph() throws(Failure) -> ONNXGraph {
    var inputs: [ONNXValue] = []
    for (name, source, place) in program.inputs {
      bound[name] = name
      do throws(Failure) {
        switch source {
        case .user:
          guard let shape = program.shapes[name], let type = program.types[name] else {
            throw Failure(
              place.diagnostic("the input \"\(name)\" has no shape, or elements that are not supported"))
          }
          inputs.append(ONNXValue(name: name, type: type, shape: shape, place: place))
          ofEvents.insert(name)
        case .weight(let key): initializers[name] = try tensor(key, ["weights", "constants"], place)
        case .constant(let key): initializers[name] = try tensor(key, ["constants", "weights"], place)
        }
      } catch { problems.add(error) }
    }
    checkSupport()
    try problems.check()
    for node in program.nodes { translate(node) }
    var outputs: [(name: String, place: ONNXPlace)] = []
    for (name, place) in program.outputs {
      if let call = changed[name] {
        problems.add(place.diagnostic(Self.staleMessage(name, call), hint: Self.staleHint))
      }
      outputs.append((bound[name] ?? name, place))
    }
    try problems.check()
    return ONNXGraph(
      name: program.name, producer: "torch.export", opset: 18, domains: [:], inputs: inputs, outputs: outputs,
      nodes: nodes,
      initializers: initializers, statedShapes: stated, file: archive.path)
  }

  private func tensor(_ key: String, _ folders: [String], _ place: ONNXPlace) throws(Failure) -> ONNXTensor {
    for folder in folders {
      if let node = try archive.tensors(folder)?[key] { return try archive.tensor(node, folder) }
    }
    throw Failure(place.diagnostic("the archive has no tensor \"\(key)\""))
  }

  /// Every call that is not read, at once.
  private func checkSupport() {
    var seen: Set<String> = []
    for node in program.nodes where torchConverter(node.target) == nil {
      let name = TorchCall.functionName(node.target)
      problems.add(
        node.place.diagnostic(
          "call '\(node.label)': \(node.target) is not supported",
          hint: seen.insert(name).inserted ? torchAdvice[name] : nil))
    }
  }

  private func translate(_ node: TorchNode) {
    guard let convert = torchConverter(node.target) else { return }
    let call = TorchCall(node: node, translator: self)
    if node.dependsOn(ofEvents) { ofEvents.formUnion(node.results.compactMap { $0 }) }
    var results: [String?] = []
    do throws(Failure) {
      results = try convert(call)
    } catch {
      problems.add(error)
      // What reads the results is refused no second time: they are bound to nothing.
    }
    for (name, result) in zip(node.results, results) {
      guard let name, let result else { continue }
      bound[name] = result
      if stated[result] == nil, nodes.last?.outputs.contains(result) == true {
        stated[result] = program.shapes[name]
      }
    }
    guard case .tensor(let source)? = node.arguments["self"] ?? node.arguments["input"] else { return }
    if torchViews.contains(call.function) {
      for case let name? in node.results { memory[name] = memory[source] ?? source }
    }
    if node.isInPlace, call.function != "detach" {
      let place = memory[source] ?? source
      for (name, other) in memory where other == place { changed[name] = node.label }
      changed[place] = node.label
      changed[source] = nil
      if let result = results.first ?? nil { bound[source] = result }
      for case let name? in node.results { memory[name] = place }
    }
  }

  // MARK: For calls

  /// The name in the graph of a tensor or number of the program.
  func name(of tensor: String, for node: TorchNode) throws(Failure) -> String {
    if let call = changed[tensor] {
      throw Failure(
        node.place.diagnostic(
          "call '\(node.label)': \(Self.staleMessage(tensor, call))", hint: Self.staleHint))
    }
    guard let name = bound[tensor] else {
      // Behind a call with a problem, which is reported.
      if producers[tensor] != nil, !problems.found.isEmpty {
        throw Failure(.badInput, [])
      }
      throw Failure(node.place.diagnostic("call '\(node.label)': nothing computes \"\(tensor)\" before it"))
    }
    return name
  }

  private static func staleMessage(_ tensor: String, _ call: String) -> String {
    "it reads \"\(tensor)\", whose memory '\(call)' has changed in place through another view"
  }
  private static let staleHint =
    "torch.export.export(…).run_decompositions() makes a program without changes in place"

  /// What the file says of a tensor's shape.
  func shape(_ tensor: String) -> [Int?]? { program.shapes[tensor] }

  /// The type of a tensor's elements.
  func type(_ tensor: String) -> ONNXType? { program.types[tensor] }

  /// Whether a call's result depends on the events.
  func isOfEvents(_ node: TorchNode) -> Bool { node.dependsOn(ofEvents) }

  /// The call that gives a tensor; nil for inputs.
  func producer(of tensor: String) -> TorchNode? { producers[tensor].map { program.nodes[$0] } }

  /// Adds a constant and gives its name.
  func constant(_ tensor: ONNXTensor) -> String {
    count += 1
    initializers["#\(count)"] = tensor
    return "#\(count)"
  }

  /// Adds a node of ONNX's and gives the names of its results.
  func emit(
    _ operation: String, _ inputs: [String], _ attributes: [String: ONNXAttribute], results: Int,
    suffix: String,
    for call: TorchNode
  ) -> [String] {
    let names = (0..<results).map { "#\(count + 1 + $0)" }
    count += results
    nodes.append(
      ONNXNode(
        name: suffix.isEmpty ? call.label : "\(call.label)_\(suffix)", operation: operation, domain: "",
        inputs: inputs,
        outputs: names, attributes: attributes, source: TorchCall.functionName(call.target), place: call.place
      ))
    return names
  }
}

extension TorchNode {
  /// Whether a tensor that the call reads is one of those.
  fileprivate func dependsOn(_ names: Set<String>) -> Bool {
    arguments.values.contains { argument in
      switch argument {
      case .tensor(let name): names.contains(name)
      case .tensors(let others): others.contains { $0.map(names.contains) ?? false }
      default: false
      }
    }
  }

  /// Whether the call changes its first argument: ATen's names of such functions end in an underscore.
  var isInPlace: Bool {
    let name = TorchCall.functionName(target)
    return name.hasSuffix("_") && !name.hasPrefix("_")
  }
}
