import Backends
import Circuit
import FixedPoint
import Program

/// The body of one module while it is written: statements, the last first, and the words they read.
struct ModuleText {
  /// Its name, and the layer's for people.
  var name: String
  var title: String
  /// Text of each node it has, the last node first.
  var nodes: [(id: NodeID, lines: [String])] = []
  /// The bits of words its statements read, those of other modules among them.
  var reads: [NodeID: BitSet] = [:]
  /// Whether it has a register.
  var isClocked = false
  /// The rows of cells it has.
  var rows: Set<RowModule> = []
  /// Whether it has any, whose parameter FAMILY it hands on.
  var hasRows: Bool { !rows.isEmpty }
  /// What its states take, expressions of words that may be declared behind them.
  var states: [(id: NodeID, loop: Int, first: String?, next: String?)] = []
}

/// A row of cells: a module of the project beside the layers', as in templates/verilog.
enum RowModule: String, CaseIterable {
  /// Adds three operands, or two that are masked.
  case sum = "tf_sum3"
  /// Multiplies a word by a digit −2…2 and adds another word.
  case digit = "tf_digit"

  var file: String { "\(rawValue).v" }
}

/// Writes the nodes of a circuit as Verilog statements, module by module.
///
/// It goes through the nodes from the last to the first, so that it knows of each word which bits are read: bits nobody reads
/// are not declared.
struct NodeWriter {
  let circuit: Circuit
  /// One module per layer with nodes, in the order of their first nodes.
  var modules: [ModuleText] = []
  /// By node: the module it is in; nil for ports and constants.
  private(set) var home: [Int?]
  /// By node: the bits that are read anywhere.
  private(set) var used: [BitSet]
  /// By node: the lowest bit that is declared. All above are, up to the highest that is read.
  var lowest: [Int]
  /// The bits of words that the top module reads itself.
  private(set) var outputs: [[Bits]] = []
  private(set) var topReads: [NodeID: BitSet] = [:]

  /// Where a reference stands: a module, or the top.
  private(set) var here: Int?

  init(_ circuit: Circuit, _ identifiers: inout Identifiers) {
    self.circuit = circuit
    home = Array(repeating: nil, count: circuit.nodes.count)
    used = Array(repeating: BitSet(), count: circuit.nodes.count)
    lowest = Array(repeating: 0, count: circuit.nodes.count)
    divide(&identifiers)
    outputs = circuit.outputs.map { tensor in
      tensor.words.map { word($0, width: tensor.format.width) }
    }
    // States read words that are made behind them.
    for index in circuit.nodes.indices {
      guard case .state(_, _, let next) = circuit.nodes[index].operation, let module = home[index] else {
        continue
      }
      here = module
      _ = word(next, width: circuit.nodes[index].width)
    }
    for index in circuit.nodes.indices.reversed() {
      guard let module = home[index], !used[index].isEmpty else { continue }
      here = module
      write(NodeID(index), into: module)
    }
  }

  private mutating func divide(_ identifiers: inout Identifiers) {
    var modules: [Int?: Int] = [:]
    for (index, node) in circuit.nodes.enumerated() {
      switch node.operation {
      case .input, .constant: continue
      case .sum, .compare, .mux, .table, .multiply, .slice, .concatenate, .register, .state: break
      }
      if modules[node.layer] == nil {
        modules[node.layer] = self.modules.count
        let layer = node.layer.map { circuit.layers[$0] }
        self.modules.append(
          ModuleText(
            name: identifiers.unique(layer?.name ?? "glue"),
            title: layer.map { "\($0.name) (\($0.className))" } ?? "what belongs to no layer"))
      }
      home[index] = modules[node.layer]
    }
  }

  // MARK: References

  /// The name of a node's word, the same in every module.
  static func name(_ id: NodeID) -> String { "n\(id.index)" }

  /// `width` bits, from bit `from` on, of a word shifted to the left, as if it went on for ever: zeros to the right, zeros or
  /// signs to the left.
  mutating func word(_ id: NodeID, shiftedBy shift: Int = 0, from: Int = 0, width: Int) -> Bits {
    let node = circuit[id]
    if let constant = node.constant {
      return .literal(
        from >= shift ? constant >> Raw(min(127, from - shift)) : constant << Raw(shift - from), width)
    }
    let low = max(0, from - shift)
    let zeros = min(width, max(0, shift - from))
    let own = max(0, min(width - zeros, node.width - low))
    let above = width - zeros - own
    var parts: [Bits] = []
    if zeros > 0 { parts.append(.literal(0, zeros)) }
    if own > 0 { parts.append(bits(id, from: low, count: own)) }
    if above > 0 {
      parts.append(
        node.isSigned ? bits(id, from: node.width - 1, count: 1).repeated(above) : .literal(0, above))
    }
    return .side(bySide: parts)
  }

  private mutating func bits(_ id: NodeID, from: Int, count: Int) -> Bits {
    used[id.index].insert(from: from, count: count)
    if let here {
      modules[here].reads[id, default: BitSet()].insert(from: from, count: count)
    } else {
      topReads[id, default: BitSet()].insert(from: from, count: count)
    }
    return Bits(text: Placeholder(id, from, count).text, width: count)
  }

  // MARK: Nodes

  /// The bits of a word that are declared: those that are read and all between, of a state all.
  func declared(_ id: NodeID) -> Range<Int> {
    if case .state = circuit[id].operation { return 0..<circuit[id].width }
    return lowest[id.index]..<used[id.index].end
  }

  private mutating func write(_ id: NodeID, into module: Int) {
    let node = circuit[id]
    let (low, end) = (used[id.index].low, used[id.index].end)
    let width = end - low
    lowest[id.index] = low
    var lines: [String] = []
    switch node.operation {
    case .input, .constant: return
    case .register(let operand):
      let value = word(operand, from: low, width: width).text
      lines = ["always @(posedge clk) \(Self.name(id)) <= \(value);"]
      modules[module].isClocked = true
    case .state(let loop, let first, let next):
      lowest[id.index] = 0
      modules[module].isClocked = true
      modules[module].states.append(
        (
          id, loop, first.map { word($0, width: node.width).text },
          next == id ? nil : word(next, width: node.width).text
        ))
    case .slice(let operand, let from):
      lines = [assign(id, word(operand, from: from + low, width: width))]
    case .concatenate(let words):
      lines = [assign(id, concatenated(words, low, width))]
    case .mux(let condition, let then, let otherwise):
      let (yes, no) = (word(then, from: low, width: width), word(otherwise, from: low, width: width))
      let choice = "\(word(condition, width: 1).text) ? \(yes.text) : \(no.text)"
      lines = [assign(id, Bits(text: choice, width: width))]
    case .compare(let comparison, let a, let b):
      lines = [assign(id, compared(comparison, a, b))]
    case .multiply(let a, let b):
      lowest[id.index] = 0
      // The low bits of a product do not depend on what is above those of its factors.
      let factors = [a, b].map { word($0, width: end).text }
      let isSigned = circuit[a].isSigned || circuit[b].isSigned
      let product = factors.map { isSigned ? "$signed(\($0))" : $0 }.joined(separator: " * ")
      lines = [assign(id, Bits(text: product, width: end))]
    case .table(let table, let index):
      lines = lookup(id, circuit.tables[table], index, low, end)
    case .sum(let sum):
      lines = self.sum(id, sum, low, end)
    }
    modules[module].nodes.append((id, lines))
  }

  func assign(_ id: NodeID, _ value: Bits) -> String {
    "assign \(Self.name(id)) = \(value.text);"
  }

  private mutating func concatenated(_ words: [NodeID], _ low: Int, _ width: Int) -> Bits {
    var parts: [Bits] = []
    var position = 0
    for part in words {
      let size = circuit[part].width
      let (from, to) = (max(low, position), min(low + width, position + size))
      if from < to { parts.append(word(part, from: from - position, width: to - from)) }
      position += size
    }
    let above = low + width - max(low, position)
    if above > 0 { parts.append(.literal(0, above)) }
    return .side(bySide: parts)
  }

  private mutating func compared(_ comparison: Comparison, _ a: NodeID, _ b: NodeID) -> Bits {
    if let known = comparison.outcome(circuit[a].interval, circuit[b].interval) {
      return .literal(known ? 1 : 0, 1)
    }
    if circuit[b].constant == 0, comparison == .less || comparison == .greaterOrEqual {
      // A sign, which not every tool sees in a comparison.
      let sign = word(a, from: circuit[a].width - 1, width: 1)
      return Bits(text: (comparison == .less ? "" : "~") + sign.text, width: 1)
    }
    if comparison == .equal, let bit = [a, b].first(where: { circuit[$0].constant == nil }),
      circuit[bit].width == 1, circuit[a].constant == 0 || circuit[b].constant == 0
    {
      return Bits(text: "~" + word(bit, width: 1).text, width: 1)
    }
    let isSigned = circuit[a].isSigned || circuit[b].isSigned
    let width = [a, b].map { circuit[$0].width + (isSigned && !circuit[$0].isSigned ? 1 : 0) }.max() ?? 1
    let sides = [a, b].map { word($0, width: width).text }.map { isSigned ? "$signed(\($0))" : $0 }
    return Bits(text: "\(sides[0]) \(comparison.verilog) \(sides[1])", width: 1)
  }

  private mutating func lookup(
    _ id: NodeID, _ table: Table, _ index: NodeID, _ low: Int, _ end: Int
  ) -> [String] {
    func entry(_ word: Raw) -> String { Bits.literal(word >> Raw(low), end - low).text }
    if let constant = circuit[index].constant {
      return ["always @* \(Self.name(id)) = \(entry(table[constant] ?? 0));"]
    }
    let type = circuit[index].type
    if table.isBlock { return memory(id, table, index, low, end) }
    // What can be looked up; the most frequent entry stands for all that is not written out.
    let rows = table.entries.enumerated().compactMap { position, word -> (Raw, String)? in
      guard let word else { return nil }
      let key = table.first + Raw(position)
      return type.interval.low <= key && key <= type.interval.high ? (key, entry(word)) : nil
    }
    var counts: [String: Int] = [:]
    for row in rows { counts[row.1, default: 0] += 1 }
    let common = rows.map(\.1).max { (counts[$0] ?? 0, $1) < (counts[$1] ?? 0, $0) } ?? entry(0)
    var lines = ["always @* case (\(word(index, width: type.width).text))"]
    for (key, text) in rows where text != common {
      lines.append("  \(Bits.literal(key, type.width).text): \(Self.name(id)) = \(text);")
    }
    lines.append("  default: \(Self.name(id)) = \(common);")
    lines.append("endcase")
    return lines
  }
}

extension NodeWriter {
  /// A table in block RAM: a memory that is never written, whose word a register takes.
  private mutating func memory(
    _ id: NodeID, _ table: Table, _ index: NodeID, _ low: Int, _ end: Int
  ) -> [String] {
    let type = circuit[index].type
    let name = "\(Self.name(id))_rom"
    var lines = [
      "(* rom_style = \"block\" *) reg \(Self.range(end - low))\(name) [0:\((1 << type.width) - 1)];",
      "initial begin",
    ]
    for position in 0..<1 << type.width {
      // Words that no event has are zero.
      let entry = table[type.wrap(Raw(position))] ?? 0
      lines.append("  \(name)[\(position)] = \(Bits.literal(entry >> Raw(low), end - low).text);")
    }
    lines.append("end")
    let word = word(index, width: type.width).text
    return lines + [assign(id, Bits(text: "\(name)[\(word)]", width: end - low))]
  }
}

/// A slice of a word in a statement, before it is known how much of the word is declared: §index:from:count§.
struct Placeholder {
  let text: String

  init(_ id: NodeID, _ from: Int, _ count: Int) { text = "§\(id.index):\(from):\(count)§" }

  /// `line` with every placeholder as the slice of a word that is declared as `declared` says.
  static func resolve(_ line: String, _ declared: (NodeID) -> (low: Int, width: Int)) -> String {
    resolve(line) { id, from, count in
      let (low, width) = declared(id)
      return NodeWriter.slice(id, from, count, declaredFrom: low, width: width)
    }
  }

  /// `line` with every placeholder as `slice` says.
  static func resolve(_ line: String, _ slice: (NodeID, _ from: Int, _ count: Int) -> String) -> String {
    let parts = line.split(separator: "§", omittingEmptySubsequences: false)
    return parts.enumerated().map { position, part in
      if position.isMultiple(of: 2) { return String(part) }
      let numbers = part.split(separator: ":").compactMap { Int($0) }
      return slice(NodeID(numbers[0]), numbers[1], numbers[2])
    }.joined()
  }
}

extension Comparison {
  /// The operator.
  var verilog: String {
    switch self {
    case .less: "<"
    case .lessOrEqual: "<="
    case .equal: "=="
    case .greaterOrEqual: ">="
    case .greater: ">"
    }
  }

  /// What it gives for all words of two intervals; nil where that depends.
  func outcome(_ a: Interval, _ b: Interval) -> Bool? {
    switch self {
    case .less: a.high < b.low ? true : a.low >= b.high ? false : nil
    case .lessOrEqual: a.high <= b.low ? true : a.low > b.high ? false : nil
    case .greater: a.low > b.high ? true : a.high <= b.low ? false : nil
    case .greaterOrEqual: a.low >= b.high ? true : a.high < b.low ? false : nil
    case .equal:
      a.high < b.low || b.high < a.low ? false : a.low == a.high && a == b ? true : nil
    }
  }
}
