import Backends
import Circuit

// The text of the top module: the layers' modules, and what says which cycles hold an event's results.
extension CircuitModules {
  func topText() -> String {
    var code = CodeWriter()
    code.line(
      "// \(Identifiers.comment(circuit.name)): \(Self.entering(circuit.interval)), its results stand \(cycles) later."
    )
    code.line("//")
    code.line(
      "// Words lie side by side on the ports, the first one lowest. valid_in marks a cycle with an event, valid_out one with"
    )
    code.line("// its results. rst forgets the events on their way; where it is not needed, tie it to 0.")
    if circuit.interval > 1 {
      code.line(
        "// An event that enters earlier than that takes the place of the one before, whose results never come."
      )
    }
    if hasRows {
      let files = rows.map(\.file).joined(separator: " and ")
      code.line("// FAMILY picks how rows of adders are built: see \(files).")
    }
    // A parameter without use would be one that a linter asks about.
    code.line("module \(top)\(hasRows ? " #(parameter FAMILY = 0)" : "") (")
    var list: [(text: String, comment: String?)] = [
      ("input  wire clk", nil), ("input  wire rst", nil), ("input  wire valid_in", nil),
    ]
    list += zip(inputs, circuit.inputs).map { ("input  wire \(range($1))\($0)", describe($1)) }
    list.append(("output wire valid_out", nil))
    list += zip(outputs, circuit.outputs).map { ("output wire \(range($1))\($0)", describe($1)) }
    code.list(list)
    code.line(");")
    if circuit.loops.isEmpty { valid(&code) } else { control(&code) }
    for module in nodes.modules.indices where !exports[module].isEmpty { instance(module, &code) }
    for (index, words) in nodes.outputs.enumerated() {
      let tensor = circuit.outputs[index]
      let width = tensor.format.width
      for (element, word) in words.enumerated() {
        let place = NodeWriter.slice(outputs[index], element * width, width, of: width * words.count)
        code.line("assign \(place) = \(resolve(word.text));")
      }
    }
    code.unused(unusedSlices())
    code.line("endmodule")
    return code.text
  }

  /// How often an event may enter, in words.
  static func entering(_ interval: Int) -> String {
    interval == 1 ? "an event may enter with every clock" : "an event may enter every \(interval) cycles"
  }

  private var cycles: String { circuit.latency == 1 ? "1 cycle" : "\(circuit.latency) cycles" }

  private func range(_ tensor: WordTensor) -> String {
    NodeWriter.range(tensor.format.width * tensor.words.count)
  }

  private func describe(_ tensor: WordTensor) -> String {
    let shape = tensor.shape.isEmpty ? "1" : tensor.shape.map(String.init).joined(separator: " x ")
    return "\(Identifiers.comment(tensor.name)): \(shape) words of \(tensor.format)"
  }

  private func valid(_ code: inout CodeWriter) {
    if circuit.latency == 0 {
      code.line("assign valid_out = valid_in;")
      return
    }
    let range = NodeWriter.range(circuit.latency)
    let next = circuit.latency == 1 ? "valid_in" : "{valid[\(circuit.latency - 2):0], valid_in}"
    code.line("reg \(range)valid = \(circuit.latency)'d0;")
    code.line("always @(posedge clk) valid <= rst ? \(circuit.latency)'d0 : \(next);")
    code.line("assign valid_out = \(circuit.latency == 1 ? "valid" : "valid[\(circuit.latency - 1)]");")
  }

  private func instance(_ index: Int, _ code: inout CodeWriter) {
    let module = nodes.modules[index]
    let width = exports[index].reduce(0) { $0 + $1.width }
    var names = Identifiers.verilog(besides: nodes.modules.map(\.name))
    var connections = module.isClocked ? [".clk(clk)"] : []
    for (name, loops) in module.control {
      let bits = loops.reversed().map { circuit.loops.count == 1 ? name : "\(name)[\($0)]" }
      connections.append(".\(name)(\(bits.count == 1 ? bits[0] : "{\(bits.joined(separator: ", "))}"))")
    }
    for (source, words) in imports(of: index) {
      switch source {
      case .tensor(let tensor):
        connections.append(".\(names.unique(circuit.inputs[tensor].name))(\(bus(words)))")
      case .module(let other):
        connections.append(".\(names.unique(nodes.modules[other].name))(\(bus(words)))")
      }
    }
    connections.append(".result(\(resultBus(index)))")
    code.line("wire \(NodeWriter.range(width))\(resultBus(index));")
    code.line("\(module.name)\(module.hasRows ? " #(.FAMILY(FAMILY))" : "") u_\(module.name) (")
    code.list(connections.map { ($0, nil) })
    code.line(");")
  }

  /// Words as one expression: runs of bits that lie side by side on their bus are one slice.
  private func bus(_ words: [Passage]) -> String {
    var runs: [(bus: String, low: Int, count: Int)] = []
    for word in words {
      let (bus, low) = busBits(word.id, from: word.low, count: word.width)
      if let last = runs.last, last.bus == bus, last.low + last.count == low {
        runs[runs.count - 1].count += word.width
      } else {
        runs.append((bus, low, word.width))
      }
    }
    let slices = runs.reversed().map { NodeWriter.slice($0.bus, $0.low, $0.count, of: busWidth($0.bus)) }
    return slices.count == 1 ? slices[0] : "{\(slices.joined(separator: ", "))}"
  }

  private func busWidth(_ bus: String) -> Int { busWidths[bus] ?? 0 }

  private func resolve(_ text: String) -> String {
    Placeholder.resolve(text) { id, from, count in
      let (bus, low) = busBits(id, from: from, count: count)
      return NodeWriter.slice(bus, low, count, of: busWidth(bus))
    }
  }

  /// Bits of inputs and results that nothing reads.
  private func unusedSlices() -> [String] {
    var slices: [String] = circuit.latency == 0 ? ["clk", "rst"] : []
    for (index, tensor) in circuit.inputs.enumerated() {
      let width = tensor.format.width
      for (element, id) in tensor.words.enumerated() {
        let read = tensor.words.firstIndex(of: id) == element ? nodes.used[id.index] : BitSet()
        for hole in read.holes(from: 0, to: width) {
          slices.append(
            NodeWriter.slice(
              inputs[index], element * width + hole.lowerBound, hole.count, of: width * tensor.words.count))
        }
      }
    }
    for index in nodes.modules.indices {
      for word in exports[index] {
        for hole in word.bits.holes(from: word.low, to: word.bits.end) {
          slices.append(
            NodeWriter.slice(
              resultBus(index), word.offset + hole.lowerBound - word.low, hole.count,
              of: busWidth(resultBus(index))))
        }
      }
    }
    return slices
  }
}
