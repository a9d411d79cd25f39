import Backends
import Circuit

// The text of one module.
extension CircuitModules {
  func text(of index: Int) -> String {
    let module = nodes.modules[index]
    let imports = imports(of: index)
    var names = Identifiers.verilog(besides: nodes.modules.map(\.name))
    let ports = imports.map { source, words in
      switch source {
      case .tensor(let tensor): (names.unique(circuit.inputs[tensor].name), words)
      case .module(let other): (names.unique(nodes.modules[other].name), words)
      }
    }
    func width(_ words: [Passage]) -> Int { words.reduce(0) { $0 + $1.width } }
    var code = CodeWriter()
    code.line("// \(Identifiers.comment(module.title)), of \(Identifiers.comment(circuit.name)).")
    code.line("//")
    code.line("// n7[3:1] are bits 3 to 1 of the word that node 7 of circuit.txt makes.")
    code.line("module \(module.name)\(module.hasRows ? " #(parameter FAMILY = 0)" : "") (")
    var list: [(text: String, comment: String?)] = []
    if module.isClocked { list.append(("input  wire clk", nil)) }
    for (name, loops) in module.control {
      list.append(("input  wire \(NodeWriter.range(loops.count))\(name)", nil))
    }
    for (name, words) in ports {
      list.append(
        (
          "input  wire \(NodeWriter.range(width(words)))\(name)",
          "\(words.count) word\(words.count == 1 ? "" : "s")"
        ))
    }
    list.append(("output wire \(NodeWriter.range(width(exports[index])))result", result(of: index)))
    code.list(list)
    code.line(");")
    var unused: [String] = []
    /// Notes the bits of a word that are declared and not read.
    func note(_ id: NodeID, _ read: BitSet, _ low: Int, _ end: Int) {
      for hole in read.holes(from: low, to: end) {
        unused.append(NodeWriter.slice(id, hole.lowerBound, hole.count, declaredFrom: low, width: end - low))
      }
    }
    var declared: [NodeID: (low: Int, width: Int)] = [:]
    for (name, words) in ports {
      for word in words {
        declared[word.id] = (word.low, word.width)
        let bits = NodeWriter.slice(name, word.offset, word.width, of: width(words))
        code.line(
          "wire \(NodeWriter.range(word.width, from: word.low))\(NodeWriter.name(word.id)) = \(bits);"
            + (element(word.id).map { "  // \($0)" } ?? ""))
        note(word.id, word.bits, word.low, word.low + word.width)
      }
    }
    for (id, lines) in module.nodes.reversed() {
      let (low, end) = (nodes.declared(id).lowerBound, nodes.declared(id).upperBound)
      declared[id] = (low, end - low)
      let kind = nodes.isVariable(circuit[id].operation) ? "reg " : "wire"
      code.line(
        "\(kind) \(NodeWriter.range(end - low, from: low))\(NodeWriter.name(id));"
          + (element(id).map { "  // \($0)" } ?? ""))
      for line in lines {
        code.line(Placeholder.resolve(line) { declared[$0] ?? (0, 0) })
      }
      note(id, nodes.used[id.index], low, end)
    }
    for (id, loop, first, next) in module.states.reversed() {
      let choices = [(0, first), (1, next)].compactMap { place, word in
        word.map { "if (\(module.signal(place, loop))) \(NodeWriter.name(id)) <= \($0);" }
      }
      let text = "always @(posedge clk) \(choices.joined(separator: " else "))"
      code.line(Placeholder.resolve(text) { declared[$0] ?? (0, 0) })
    }
    code.unused(unused)
    for word in exports[index] {
      let (low, width) = declared[word.id] ?? (0, 0)
      let bits = NodeWriter.slice(word.id, word.low, word.width, declaredFrom: low, width: width)
      let place = NodeWriter.slice("result", word.offset, word.width, of: self.width(exports[index]))
      code.line("assign \(place) = \(bits);")
    }
    code.line("endmodule")
    return code.text
  }

  private func width(_ words: [Passage]) -> Int { words.reduce(0) { $0 + $1.width } }

  private func result(of module: Int) -> String? {
    let count = exports[module].count
    return "\(count) word\(count == 1 ? "" : "s")"
  }
}

extension ModuleText {
  /// The ports that say what states do, and the loops each has a bit for.
  var control: [(name: String, loops: [Int])] {
    let loads = Set(states.filter { $0.first != nil }.map(\.loop)).sorted()
    let steps = Set(states.filter { $0.next != nil }.map(\.loop)).sorted()
    return [("load", loads), ("step", steps)].filter { !$0.1.isEmpty }
  }

  /// The bit of a loop in a port: 0 for `load`, 1 for `step`.
  func signal(_ port: Int, _ loop: Int) -> String {
    let name = ["load", "step"][port]
    let loops = control.first { $0.name == name }?.loops ?? []
    return loops.count == 1 ? name : "\(name)[\(loops.firstIndex(of: loop) ?? 0)]"
  }
}

extension NodeWriter {
  /// Whether it is assigned in an always block.
  func isVariable(_ operation: NodeOperation) -> Bool {
    switch operation {
    case .register, .state: true
    case .table(let table, _): !circuit.tables[table].isBlock
    case .input, .constant, .sum, .compare, .mux, .multiply, .slice, .concatenate: false
    }
  }

  /// Some bits of a word that is declared from a bit on.
  static func slice(_ id: NodeID, _ from: Int, _ count: Int, declaredFrom low: Int, width: Int) -> String {
    if from == low && count == width { return name(id) }
    return name(id) + (count == 1 ? "[\(from)]" : "[\(from + count - 1):\(from)]")
  }

  /// Some bits of a bus.
  static func slice(_ bus: String, _ from: Int, _ count: Int, of width: Int) -> String {
    if count == width { return bus }
    return bus + (count == 1 ? "[\(from)]" : "[\(from + count - 1):\(from)]")
  }
}
