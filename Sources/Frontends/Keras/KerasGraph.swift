import Diagnostics
import Storage

/// A result of a layer: layer, which of its calls, which of the call's results.
struct TensorReference {
  var layer: String
  var call: Int
  var result: Int
  /// Where the reference stands in the file.
  var place: JSONNode
}

/// One layer of a model's configuration.
struct KerasLayerNode {
  /// Its name, unique in its model.
  var name: String
  /// Its class.
  var kerasClass: KerasClass
  /// The name of its class.
  var className: String { kerasClass.name }
  /// Whether it is a model, not a layer.
  var isModel: Bool
  /// The whole entry.
  var node: JSONNode
  /// Its settings.
  var config: KerasConfig
  /// What each call of the layer reads.
  var calls: [[TensorReference]]
  /// The arguments of each call, constants among them: Keras 3's operations have such.
  var arguments: [[JSONNode]]
  /// The named arguments of each call.
  var keywords: [JSONNode?]
}

/// A model's configuration: layers and how they are connected. A Sequential model is a chain.
struct KerasGraph {
  var name: String
  var layers: [KerasLayerNode]
  var inputs: [TensorReference]
  var outputs: [TensorReference]
  var isSequential: Bool
  /// Whether the entry of a layer could not be read: others may mean it.
  var isIncomplete = false

  private static let classes: Set = ["Functional", "Model", "Sequential"]

  /// Whether a class is a model.
  static func isModel(_ layer: KerasClass) -> Bool { layer.package == .keras && classes.contains(layer.name) }

  /// Whether a node is a model, not a layer.
  static func isModel(_ node: JSONNode) -> Bool {
    isModel(KerasClass(node))
  }

  /// Reads a model's entry (class_name and config). Problems are added; nil if nothing can be made of it.
  init?(_ node: JSONNode, _ problems: inout Problems) {
    isSequential = KerasClass(node).name == "Sequential"
    // Before 2.2.3 Keras wrote a Sequential's config as the list itself.
    guard let config = node["config"], let list = config["layers"] ?? (config.elements == nil ? nil : config),
      let entries = list.elements
    else {
      problems.add(node.diagnostic("the model has no list of layers"))
      return nil
    }
    name = config["name"]?.string ?? node["name"]?.string ?? "model"
    layers = []
    inputs = []
    outputs = []
    var known: [String: JSONNode] = [:]
    for entry in entries {
      guard let layer = KerasLayerNode(entry, &problems) else {
        isIncomplete = true
        continue
      }
      if let first = known[layer.name] {
        problems.add(
          entry.diagnostic("a second layer is named \"\(layer.name)\"; the first is \(first.path)"))
        isIncomplete = true
        continue
      }
      known[layer.name] = entry
      layers.append(layer)
    }
    if layers.isEmpty, entries.isEmpty { problems.add(list.diagnostic("the model has no layers")) }
    guard !isSequential else { return }
    inputs = KerasGraph.references(config, "input_layers", &problems)
    outputs = KerasGraph.references(config, "output_layers", &problems)
  }

  private static func references(_ config: JSONNode, _ key: String, _ problems: inout Problems)
    -> [TensorReference]
  {
    guard let node = config[key] else {
      problems.add(config.diagnostic("the setting \(key) is missing"))
      return []
    }
    let found = tensorReferences(in: node)
    if found.isEmpty { problems.add(node.diagnostic("\(key) names no layers")) }
    return found
  }
}

extension KerasLayerNode {
  /// Reads a layer's entry. Problems are added; nil if it has no class or name.
  init?(_ entry: JSONNode, _ problems: inout Problems) {
    guard entry["class_name"]?.string != nil else {
      problems.add(entry.diagnostic("the layer has no class_name"))
      return nil
    }
    let config = entry["config"] ?? entry
    guard let name = config["name"]?.string ?? entry["name"]?.string, !name.isEmpty else {
      problems.add(entry.diagnostic("the layer has no name"))
      return nil
    }
    guard name.utf8.count <= 1000 else {
      problems.add(entry.diagnostic("the layer's name is \(name.utf8.count) bytes long"))
      return nil
    }
    self.name = name
    kerasClass = KerasClass(entry)
    isModel = KerasGraph.isModel(kerasClass)
    node = entry
    self.config = KerasConfig(node: config)
    calls = []
    arguments = []
    keywords = []
    for call in entry["inbound_nodes"]?.elements ?? [] {
      // Keras 2 writes them behind the first input.
      let named = call["kwargs"] ?? (isNamedCall || isDotAttention ? call[0]?[3] : nil)
      calls.append(
        call["args"] == nil && isNamedCall
          ? (call.elements ?? []).compactMap { tensorReference($0) }
          : tensorReferences(in: call["args"] ?? call))
      arguments.append(call["args"]?.elements ?? [])
      keywords.append(named)
      if kerasClass.package == .operations,
        let extra = call["kwargs"]?.members?.first(where: { !$0.node.isNull && !isRead($0.key) })
      {
        problems.add(
          extra.node.diagnostic(
            "node \"\(name)\" takes a named argument \(extra.key), which is not supported"))
        continue
      }
      if let named { addNamed(named, &problems) }
    }
  }
}

extension KerasLayerNode {
  /// Whether the arguments of a call are told by their names: attention's.
  fileprivate var isNamedCall: Bool {
    kerasClass.package == .hgq && className.hasSuffix("Attention") || isKerasAttention
  }

  private var isKerasAttention: Bool {
    ["MultiHeadAttention", "GroupQueryAttention"].contains { kerasClass == KerasClass(.keras, $0) }
  }

  /// Whether it is an attention whose tensors are listed.
  var isDotAttention: Bool {
    ["Attention", "AdditiveAttention"].contains { kerasClass == KerasClass(.keras, $0) }
  }

  /// Named arguments of operations that their readers ask for.
  fileprivate func isRead(_ key: String) -> Bool { className == "RMSNorm" && key == "scale" }

  /// Keras 3's second part of a call: its named arguments. Attention's `value` and `key` are inputs behind the query, and a mask
  /// behind these; a recurrent layer's `initial_state` is behind the sequence. A tensor elsewhere, and an argument that no
  /// supported layer has, is refused.
  fileprivate mutating func addNamed(_ arguments: JSONNode, _ problems: inout Problems) {
    let place = calls.count - 1
    let isSoftmax = kerasClass == KerasClass(.keras, "Softmax")
    let isRecurrent = recurrentLayers[className] != nil || quantizedRecurrentLayers[className] != nil
    let maskName = isKerasAttention ? "attention_mask" : isSoftmax ? "mask" : nil
    for (key, node) in arguments.members ?? [] where !(isNamedCall && Self.attentionInputs.contains(key)) {
      if let maskName, key == maskName { continue }
      if takesMask, key == "mask" { continue }
      if isRecurrent, key == "initial_state" {
        calls[place] += tensorReferences(in: node)
      } else if let extra = tensorReferences(in: node).first {
        problems.add(
          extra.place.diagnostic(
            "layer \"\(name)\" takes a tensor as a named argument, which is not supported"))
      } else if isNamedCall, node.bool == true,
        key == "use_causal_mask" && !isKerasAttention
      {
        problems.add(node.diagnostic("layer \"\(name)\" is called with \(key), which is not supported"))
      } else if key.hasSuffix("mask"), key != "use_causal_mask",
        !(node.elements ?? [node]).allSatisfy(\.isNull)
      {
        problems.add(node.diagnostic("layer \"\(name)\" is called with \(key), which is not supported"))
      }
    }
    if isNamedCall {
      for (position, key) in Self.attentionInputs.enumerated() {
        guard let reference = arguments[key].flatMap({ tensorReferences(in: $0).first }) else { continue }
        fill(place, upTo: position)
        calls[place].append(reference)
      }
    }
    // Behind all other inputs: `LayerCall.takeMasks`.
    if takesMask, let mask = arguments["mask"] { calls[place] += tensorReferences(in: mask) }
    guard let maskName, let mask = arguments[maskName].flatMap({ tensorReferences(in: $0).first }) else {
      return
    }
    if isKerasAttention { fill(place, upTo: 3) }
    calls[place].append(mask)
  }

  /// Adds inputs that are not given: the value is the query, the key is the value.
  private mutating func fill(_ place: Int, upTo count: Int) {
    while calls[place].count < count, let last = calls[place].last { calls[place].append(last) }
  }

  private static let attentionInputs = ["query", "value", "key"]
}

/// All references to tensors in a value, in order. Keras 2 writes [name, call, result] or, in calls,
/// [name, call, result, named arguments]; Keras 3 writes an object with a keras_history.
func tensorReferences(in node: JSONNode) -> [TensorReference] {
  if let history = node["config"]?["keras_history"] {
    return tensorReference(history).map { [$0] } ?? []
  }
  if let reference = tensorReference(node) {
    return [reference] + (node[3].map(tensorReferences) ?? [])
  }
  if let elements = node.elements { return elements.flatMap(tensorReferences) }
  // Keras takes the members of a dictionary in the order of their keys.
  return (node.members ?? []).sorted { $0.key < $1.key }.flatMap { tensorReferences(in: $0.node) }
}

private func tensorReference(_ node: JSONNode) -> TensorReference? {
  guard let layer = node[0]?.string, let call = node[1]?.integer, let result = node[2]?.integer else {
    return nil
  }
  return TensorReference(layer: layer, call: call, result: result, place: node)
}
