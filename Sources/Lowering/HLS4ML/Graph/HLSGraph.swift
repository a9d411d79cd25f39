import Configuration
import Diagnostics
import Model

/// hls4ml's view of a model: the layers it makes of it, in order, and what its passes did to them.
struct HLSGraph: Sendable, CustomStringConvertible {
  /// The model's name.
  var name: String
  /// In topological order.
  var layers: [HLSLayer] = []
  /// The layers whose results are the model's outputs, in the model's order.
  var outputs: [String] = []
  /// The configuration; passes add settings for the layers they make.
  var configuration: Configuration
  /// What was not done as asked, and what hls4ml does differently.
  var warnings: [Diagnostic] = []
  /// Whether types follow from what every element can be (`HLSPass.bitExact`), and not from the configuration.
  var isBitExact = false
  /// Whether the model is ONNX's, whose constants hls4ml takes apart in another way.
  var isONNX = false
  /// Every name a layer ever had, those of removed layers among them.
  var names: Set<String> = []
  /// Layers that got the name of another one: readers go by names, so no program can be made.
  private(set) var problems: [Diagnostic] = []

  init(name: String, configuration: Configuration) {
    self.name = name
    self.configuration = configuration
  }

  var isStream: Bool { configuration.ioType == .stream }

  /// The place of a layer in `layers`.
  func index(of name: String) -> Int? { layers.firstIndex { $0.name == name } }

  /// The layer whose result is the `position`-th operand of `layer`.
  func operand(_ layer: HLSLayer, _ position: Int = 0) -> HLSLayer? {
    guard layer.inputs.indices.contains(position) else { return nil }
    return index(of: layer.inputs[position]).map { layers[$0] }
  }

  /// The places of the layers that read `name`.
  func consumers(of name: String) -> [Int] { layers.indices.filter { layers[$0].inputs.contains(name) } }

  mutating func append(_ layer: HLSLayer) {
    add(name: layer)
    layers.append(layer)
  }

  /// Notes a layer's name before the layer is there.
  private mutating func add(name layer: HLSLayer) {
    names.insert(layer.name)
    guard layers.contains(where: { $0.name == layer.name }) else { return }
    problems.append(
      Diagnostic(
        file: layer.origin.file, place: layer.origin.path,
        "hls4ml would make two layers of the name '\(layer.name)': its names for layers it makes are those of others with a "
          + "word behind them (its activation, alpha, depthwise)",
        hint: "rename one of them, or --numerics exact"))
  }

  /// Puts a layer behind its (only) operand; all readers of the operand read it instead.
  mutating func insert(_ layer: HLSLayer) {
    add(name: layer)
    guard let source = layer.inputs.first, let place = index(of: source) else { return }
    for consumer in consumers(of: source) {
      layers[consumer].inputs = layers[consumer].inputs.map { $0 == source ? layer.name : $0 }
    }
    outputs = outputs.map { $0 == source ? layer.name : $0 }
    layers.insert(layer, at: place + 1)
  }

  /// Puts a layer before one reader of its (only) operand; other readers keep reading the operand.
  mutating func insert(_ layer: HLSLayer, before reader: String) {
    add(name: layer)
    guard let place = index(of: reader) else { return }
    layers[place].inputs = layers[place].inputs.map { layer.inputs.contains($0) ? layer.name : $0 }
    layers.insert(layer, at: place)
  }

  /// Takes a layer with one operand out; its readers read the operand.
  mutating func remove(at place: Int) {
    let layer = layers.remove(at: place)
    guard let source = layer.inputs.first else { return }
    for consumer in layers.indices {
      layers[consumer].inputs = layers[consumer].inputs.map { $0 == layer.name ? source : $0 }
    }
    outputs = outputs.map { $0 == layer.name ? source : $0 }
  }

  /// Takes a layer out whose work its operand does from now on, and which is the only one to read it: the operand's
  /// result then stands for the layer's.
  mutating func removeIntoOperand(at place: Int) {
    let layer = layers[place]
    if let source = layer.inputs.first, consumers(of: source).count == 1, !outputs.contains(source),
      let operand = index(of: source), let value = layer.value
    {
      layers[operand].value = value
    }
    remove(at: place)
  }

  /// Puts a layer in the place of another; the readers of the old read the new.
  mutating func replace(at place: Int, with layer: HLSLayer) {
    let old = layers[place].name
    names.insert(layer.name)
    layers[place] = layer
    guard old != layer.name else { return }
    for consumer in layers.indices {
      layers[consumer].inputs = layers[consumer].inputs.map { $0 == old ? layer.name : $0 }
    }
    outputs = outputs.map { $0 == old ? layer.name : $0 }
  }

  /// One line per layer: what is printed when passes are looked into, and what their tests compare.
  var description: String {
    layers.map { layer in
      let types = HLSRole.allCases.compactMap { role in layer.types[role].map { " \(role.rawValue)=\($0)" } }
      let mark = outputs.contains(layer.name) ? " out" : ""
      let inputs = layer.inputs.map(\.visible).joined(separator: ", ")
      return "\(layer.name.visible): \(layer.className.visible)(\(inputs)) \(layer.shape)"
        + types.joined() + mark
    }.joined(separator: "\n")
  }
}
