import Backends
import Circuit
import FixedPoint

/// Where words come from, seen from a module: a tensor from outside, or another module.
enum WordSource: Hashable, Comparable {
  case tensor(Int)
  case module(Int)
}

/// Some bits of a word on their way between modules.
struct Passage {
  var id: NodeID
  var bits: BitSet
  /// Where they begin on the bus.
  var offset: Int

  var low: Int { bits.low }
  var width: Int { bits.end - bits.low }

  /// Passages side by side on a bus, in the order of their nodes.
  static func packed(_ words: [NodeID: BitSet]) -> [Passage] {
    var offset = 0
    return words.sorted { $0.key < $1.key }.map { id, bits in
      defer { offset += bits.end - bits.low }
      return Passage(id: id, bits: bits, offset: offset)
    }
  }
}

/// A circuit as Verilog modules: one per layer, and the top.
struct CircuitModules {
  let circuit: Circuit
  let nodes: NodeWriter
  let top: String
  /// The names of the circuit's ports.
  let inputs: [String]
  let outputs: [String]
  /// By module: the words it gives to others, on its port `result`.
  let exports: [[Passage]]
  /// The same by node.
  private let exported: [NodeID: Passage]
  /// The widths of ports and of modules' results, by their names in the top module.
  let busWidths: [String: Int]
  /// Of input words: the tensor and the place in it.
  private let inputPlaces: [NodeID: (tensor: Int, element: Int)]
  /// By node: the elements of layers and inputs that it is.
  private let elements: [NodeID: String]

  /// - Parameter name: the project's name, untrusted: the top module is called after it.
  init(_ circuit: Circuit, name: String) {
    self.circuit = circuit
    let loops = circuit.loops.count
    var modules = Identifiers.verilog(loops: loops)
    top = modules.unique(name)
    let nodes = NodeWriter(circuit, &modules)
    self.nodes = nodes
    var ports = Identifiers.verilog(besides: nodes.modules.map(\.name), loops: loops)
    inputs = circuit.inputs.map { ports.unique($0.name) }
    outputs = circuit.outputs.map { ports.unique($0.name) }
    var places: [NodeID: (tensor: Int, element: Int)] = [:]
    for (tensor, port) in circuit.inputs.enumerated() {
      for (element, id) in port.words.enumerated() { places[id] = (tensor, element) }
    }
    inputPlaces = places
    var read: [[NodeID: BitSet]] = Array(repeating: [:], count: nodes.modules.count)
    for (reader, reads) in (nodes.modules.map(\.reads) + [nodes.topReads]).enumerated() {
      for (id, bits) in reads {
        guard let home = nodes.home[id.index], home != reader else { continue }
        read[home][id, default: BitSet()].formUnion(bits)
      }
    }
    exports = read.map(Passage.packed)
    exported = Dictionary(exports.joined().map { ($0.id, $0) }) { first, _ in first }
    var widths: [String: Int] = [:]
    for (name, tensor) in zip(inputs, circuit.inputs) {
      widths[name] = tensor.format.width * tensor.words.count
    }
    for (module, words) in zip(nodes.modules, exports) {
      widths[Self.resultBus(module)] = words.reduce(0) { $0 + $1.width }
    }
    busWidths = widths
    var elements: [NodeID: String] = [:]
    for tensor in circuit.inputs + circuit.layers.compactMap(\.result) + circuit.outputs {
      for (place, id) in tensor.words.enumerated() where elements[id] == nil {
        elements[id] = "\(Identifiers.comment(tensor.name))[\(place)], \(tensor.format)"
      }
    }
    self.elements = elements
  }

  /// The words a module takes from elsewhere, by where they come from.
  func imports(of module: Int) -> [(source: WordSource, words: [Passage])] {
    var sources: [WordSource: [NodeID: BitSet]] = [:]
    for (id, bits) in nodes.modules[module].reads {
      if let home = nodes.home[id.index] {
        if home != module { sources[.module(home), default: [:]][id] = bits }
      } else if let place = inputPlaces[id] {
        sources[.tensor(place.tensor), default: [:]][id] = bits
      }
    }
    return sources.sorted { $0.key < $1.key }.map { ($0.key, Passage.packed($0.value)) }
  }

  /// Some bits of a word on the buses of the top module.
  func busBits(_ id: NodeID, from low: Int, count: Int) -> (bus: String, low: Int) {
    if let home = nodes.home[id.index] {
      let passage = exported[id]
      return (resultBus(home), (passage?.offset ?? 0) + low - (passage?.low ?? 0))
    }
    guard let place = inputPlaces[id] else { return ("words", 0) }
    return (inputs[place.tensor], place.element * circuit.inputs[place.tensor].format.width + low)
  }

  /// The wire of a module's results in the top module.
  func resultBus(_ module: Int) -> String { Self.resultBus(nodes.modules[module]) }

  private static func resultBus(_ module: ModuleText) -> String { module.name + "_result" }

  /// What a word is, for a comment; nil where it is nobody's.
  func element(_ id: NodeID) -> String? { elements[id] }

  /// The files, by name.
  func files() -> [String: String] {
    var files: [String: String] = ["\(top).v": topText()]
    for module in nodes.modules.indices where !exports[module].isEmpty {
      files["\(nodes.modules[module].name).v"] = text(of: module)
    }
    return files
  }

  /// Whether some module has rows of cells.
  var hasRows: Bool { !rows.isEmpty }
  /// The rows of cells that its modules have.
  var rows: [RowModule] {
    RowModule.allCases.filter { row in nodes.modules.contains { $0.rows.contains(row) } }
  }
}

/// A module's header and wires that nobody reads.
extension CodeWriter {
  /// Writes ports or parameters one a line with commas between them.
  mutating func list(_ items: [(text: String, comment: String?)]) {
    for (index, item) in items.enumerated() {
      let comma = index + 1 < items.count ? "," : ""
      line("  " + item.text + comma + (item.comment.map { "  // \($0)" } ?? ""))
    }
  }

  /// A wire that reads what nothing else reads, so that no tool takes it for forgotten; its name says that to linters.
  mutating func unused(_ slices: [String]) {
    if slices.isEmpty { return }
    line("// Bits that the sums above give besides those that are read.")
    line("wire unused = &{1'b0, \(slices.joined(separator: ", "))};")
  }
}
