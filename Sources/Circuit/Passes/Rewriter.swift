import FixedPoint
import Program

/// Rebuilds a circuit node by node: every node of the old one becomes a wire of the new one.
struct CircuitRewriter {
  let old: Circuit
  var builder: CircuitBuilder
  /// By old node: its word in the new circuit.
  var wires: [Wire?]

  init(_ old: Circuit) {
    self.old = old
    builder = CircuitBuilder(
      name: old.name, layers: old.layers.map { CircuitLayer(name: $0.name, className: $0.className) },
      tables: old.tables)
    builder.isInGates = old.nodes.allSatisfy {
      if case .sum(let sum) = $0.operation { sum.isGate } else { true }
    }
    wires = Array(repeating: nil, count: old.nodes.count)
  }

  /// The new wire of an old word that was rewritten.
  func wire(_ id: NodeID) -> Wire {
    guard let wire = wires[id.index] else { preconditionFailure("\(id) is read before it is made") }
    return wire
  }

  /// The new word of an old one.
  mutating func word(_ id: NodeID) -> NodeID { builder.word(wire(id)) }

  /// The type an old node's result is wrapped to; nil where it is kept whole.
  func wrapped(_ index: Int) -> WordType? {
    let node = old.nodes[index]
    return node.interval.contains(Bounds(nodes: old.nodes, tables: old.tables).of(node.operation))
      ? nil : node.type
  }

  /// Takes an old node over as it is, on the new words of its operands. Where these are known less well, its result is
  /// wrapped to the type it had: it is the same word.
  ///
  /// - Parameter type: what the result is wrapped to, if that is narrower than what it was.
  mutating func copy(_ index: Int, type: WordType? = nil) {
    let node = old.nodes[index]
    builder.layer = node.layer
    let wire = copied(node, wrapped: type ?? node.type)
    wires[index] = builder.fitted(wire, type?.interval ?? node.interval)
  }

  private mutating func copied(_ node: Node, wrapped: WordType) -> Wire {
    switch node.operation {
    case .input: return Wire(word: builder.input(node.interval))
    case .constant(let word): return builder.constantWire(word)
    case .sum(let sum):
      let terms = sum.terms.map { Term(word($0.word), factor: $0.factor, mask: $0.mask.map { word($0) }) }
      return builder.sum(
        Sum(terms, constant: sum.constant, group: sum.group), wrapped: wrapped)
    case .compare(let comparison, let a, let b):
      return Wire(word: builder.compare(comparison, wire(a), wire(b)))
    case .mux(let condition, let then, let otherwise):
      return builder.mux(word(condition), wire(then), wire(otherwise))
    case .multiply(let a, let b): return builder.multiply(wire(a), wire(b), wrapped: wrapped)
    case .slice(let operand, let from):
      let wire = wire(operand)
      if from >= wire.shift { return Wire(word: builder.slice(wire.word, from: from - wire.shift, wrapped)) }
      return Wire(word: builder.slice(builder.word(wire), from: from, wrapped))
    case .table(let table, let index):
      // Indices that were known not to be, and are not known any more, read nothing.
      let (index, contents) = (word(index), old.tables[table].covering(builder.interval(word(index))))
      return Wire(word: builder.add(.table(builder.place(contents), index), wrapped: wrapped))
    case .concatenate, .register:
      var words: [NodeID: NodeID] = [:]
      for operand in node.operation.operands { words[operand] = word(operand) }
      return Wire(word: builder.add(node.operation.mapOperands { words[$0] ?? $0 }, wrapped: wrapped))
    case .state: preconditionFailure("passes see circuits without loops")
    }
  }

  /// Makes the new word of an old one its word of a later cycle.
  ///
  /// - Parameter complementing: whether of the complement of a sign the sign is kept in registers, with the complement behind
  ///   them, which what reads it takes in: before a register it is a table, and where a register is reset by it another.
  mutating func delay(_ id: NodeID, to cycle: Int, complementing: Bool = false) {
    guard var wire = wires[id.index], builder.node(wire.word).constant == nil,
      builder.node(wire.word).cycle < cycle
    else { return }
    builder.layer = builder.node(wire.word).layer
    var isComplement = false
    if complementing, case .compare(.greaterOrEqual, let word, let bound) = builder.node(wire.word).operation,
      builder.node(bound).constant == 0
    {
      wire.word = builder.compare(.less, word, bound)
      isComplement = true
    }
    while builder.node(wire.word).cycle < cycle { wire.word = builder.add(.register(wire.word)) }
    if isComplement { wire.word = builder.compare(.equal, wire.word, builder.constant(0)) }
    wires[id.index] = wire
  }

  /// The new circuit: ports and results in their new words, dead nodes left out.
  ///
  /// - Parameter latency: the cycle of the outputs, which get the registers they need.
  mutating func finish(latency: Int? = nil) -> Circuit {
    let inputs = old.inputs.map { tensor($0) }
    for (index, layer) in old.layers.enumerated() {
      let result = layer.result.map { tensor($0) }
      builder.setResult(result, of: index)
    }
    let latency = latency ?? old.latency
    for id in old.outputs.flatMap(\.words) { delay(id, to: latency) }
    let outputs = old.outputs.map { tensor($0) }
    builder.setPorts(inputs: inputs, outputs: outputs, latency: latency)
    return builder.circuit.withoutDeadNodes()
  }

  private mutating func tensor(_ tensor: WordTensor) -> WordTensor {
    var copy = tensor
    copy.words = tensor.words.map { id in
      builder.layer = old[id].layer
      return word(id)
    }
    return copy
  }
}

extension Table {
  /// The table with don't-cares for those of `indices` that have no entry.
  func covering(_ indices: Interval) -> Table {
    let (before, after) = (max(0, first - indices.low), max(0, indices.high - self.indices.high))
    if before == 0 && after == 0 { return self }
    return Table(
      first: first - before,
      entries: Array(repeating: nil, count: Int(before)) + entries + Array(repeating: nil, count: Int(after)),
      isBlock: isBlock)
  }
}
