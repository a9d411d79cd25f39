import FixedPoint
import Program

extension CircuitPass {
  /// High bits that nothing reads are not made.
  static let narrow = CircuitPass(
    name: "narrow", summary: "drops high bits that nothing reads, and low bits that comparisons do not need"
  ) { circuit, _ in
    var pass = Narrow(circuit)
    return pass.run()
  }
}

/// Demanded bits, from the outputs back to the inputs: conversions that wrap read low bits only, and the low bits of a sum or a
/// product need no more than the low bits of its operands.
private struct Narrow {
  var rewriter: CircuitRewriter
  /// By node: how many of its low bits are read.
  private var demanded: [Int]

  init(_ circuit: Circuit) {
    rewriter = CircuitRewriter(circuit)
    demanded = Array(repeating: 0, count: circuit.nodes.count)
    for tensor in circuit.outputs + circuit.layers.compactMap(\.result) {
      for id in tensor.words { demanded[id.index] = circuit[id].width }
    }
    for index in circuit.nodes.indices.reversed() { demand(circuit.nodes[index], bits: demanded[index]) }
  }

  /// What a node, of which so many bits are read, reads of its operands.
  private mutating func demand(_ node: Node, bits: Int) {
    func read(_ id: NodeID, _ bits: Int) {
      demanded[id.index] = max(demanded[id.index], min(bits, rewriter.old[id].width))
    }
    func all(_ id: NodeID) { read(id, 128) }
    if bits == 0 { return }
    switch node.operation {
    case .input, .constant: return
    case .sum(let sum):
      for term in sum.terms {
        read(term.word, bits - term.factor.trailingZeroBitCount)
        if let mask = term.mask { all(mask) }
      }
    case .compare(_, let a, let b):
      all(a)
      all(b)
    case .mux(let condition, let then, let otherwise):
      all(condition)
      read(then, bits)
      read(otherwise, bits)
    case .table(_, let word): all(word)
    case .multiply(let a, let b):
      read(a, bits)
      read(b, bits)
    case .slice(let word, let from): read(word, from + bits)
    case .concatenate(let words):
      var offset = 0
      for word in words {
        if offset < bits { read(word, bits - offset) }
        offset += rewriter.old[word].width
      }
    case .register(let word): read(word, bits)
    case .state: preconditionFailure("passes see circuits without loops")
    }
  }

  mutating func run() -> Circuit {
    for (index, node) in rewriter.old.nodes.enumerated() {
      if demanded[index] == 0, node.operation != .input {
        // Nothing reads it: what stands in its place does not matter.
        rewriter.wires[index] = rewriter.builder.constantWire(0)
      } else if case .compare(let comparison, let a, let b) = node.operation {
        compare(index, comparison, a, b)
      } else if case .concatenate(let words) = node.operation, words.contains(where: { isNarrowed($0) }) {
        concatenate(index, words)
      } else {
        rewriter.copy(index, type: type(index))
      }
    }
    return rewriter.finish()
  }

  private func isNarrowed(_ id: NodeID) -> Bool { demanded[id.index] < rewriter.old[id].width }

  /// The type of what is left of a word; nil: all of it.
  private func type(_ index: Int) -> WordType? {
    let node = rewriter.old.nodes[index]
    if demanded[index] >= node.width { return nil }
    switch node.operation {
    case .input, .constant: return nil
    case .sum, .compare, .mux, .table, .multiply, .slice, .concatenate, .register, .state:
      return WordType(demanded[index], signed: node.isSigned)
    }
  }

  /// Words side by side keep their places: the words on top of a narrowed one are not read.
  private mutating func concatenate(_ index: Int, _ words: [NodeID]) {
    rewriter.builder.layer = rewriter.old.nodes[index].layer
    var parts: [NodeID] = []
    for word in words {
      parts.append(rewriter.word(word))
      if isNarrowed(word) { break }
    }
    let type = WordType(demanded[index], signed: rewriter.old.nodes[index].isSigned)
    let joined = parts.count == 1 ? parts[0] : rewriter.builder.add(.concatenate(parts))
    rewriter.wires[index] = Wire(word: rewriter.builder.slice(joined, from: 0, type))
  }

  /// Where a constant ends with zeros, bits below them decide nothing: x ≥ c where ⌊x / 2^n⌋ ≥ c / 2^n.
  private mutating func compare(_ index: Int, _ comparison: Comparison, _ a: NodeID, _ b: NodeID) {
    guard let value = rewriter.old[b].constant, value != 0, value & 1 == 0,
      comparison == .less || comparison == .greaterOrEqual
    else { return rewriter.copy(index) }
    rewriter.builder.layer = rewriter.old.nodes[index].layer
    let zeros = value.trailingZeroBitCount
    let high = rewriter.builder.slice(rewriter.word(a), from: zeros)
    rewriter.wires[index] = Wire(
      word: rewriter.builder.compare(comparison, high, rewriter.builder.constant(value >> Raw(zeros))))
  }
}
