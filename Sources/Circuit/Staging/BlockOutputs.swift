// Hard blocks have registers inside: a DSP block behind its array, a block RAM behind its words. So that registers can be
// placed there, what comes after is a node of its own: a slice of all bits, which is wiring.
extension Circuit {
  /// What comes out of DSP blocks and block RAMs, by node, and the node of the block; in between are only registers.
  var blockOutputs: [Int: Int] {
    var outputs: [Int: Int] = [:]
    for (index, node) in nodes.enumerated() {
      guard case .slice(let operand, 0) = node.operation, node.interval == self[operand].interval else {
        continue
      }
      var source = operand
      while case .register(let before) = self[source].operation { source = before }
      if isBlock(source.index) { outputs[index] = source.index }
    }
    return outputs
  }

  /// Whether a node is a DSP block or a block RAM.
  func isBlock(_ index: Int) -> Bool {
    switch nodes[index].operation {
    case .multiply: true
    case .table(let table, _): tables[table].isBlock
    case .input, .constant, .sum, .compare, .mux, .slice, .concatenate, .register, .state: false
    }
  }

  /// The circuit with an output for every block.
  func withBlockOutputs() -> Circuit {
    guard nodes.indices.contains(where: isBlock) else { return self }
    var rewriter = CircuitRewriter(self)
    for index in nodes.indices {
      rewriter.copy(index)
      if isBlock(index), let wire = rewriter.wires[index] {
        rewriter.wires[index] = Wire(
          word: rewriter.builder.add(.slice(wire.word, from: 0)), shift: wire.shift)
      }
    }
    return rewriter.finish()
  }

  /// By node: whether it is a register that a block has inside: the first behind a block RAM, one behind the array of a DSP block
  /// and one behind its adder, where nothing else reads what they hold back.
  var registersInBlocks: Set<Int> {
    var readers = [Int](repeating: 0, count: nodes.count)
    for node in nodes { for operand in Set(node.operation.operands) { readers[operand.index] += 1 } }
    for tensor in outputs { for id in tensor.words { readers[id.index] += 1 } }
    let outputs = blockOutputs
    return Set(
      nodes.indices.filter { index in
        guard case .register(let operand) = nodes[index].operation, readers[operand.index] == 1 else {
          return false
        }
        if isBlock(operand.index) { return true }
        guard let block = outputs[operand.index], case .multiply = nodes[block].operation else {
          return false
        }
        return true
      })
  }
}

extension CircuitRewriter {
  /// Takes a node over; what comes out of a block, which else is no node, stays one.
  mutating func copyBlockOutput(_ index: Int) {
    guard case .slice(let operand, 0) = old.nodes[index].operation,
      old.nodes[index].interval == old[operand].interval
    else { return copy(index) }
    builder.layer = old.nodes[index].layer
    let wire = wire(operand)
    wires[index] = Wire(word: builder.add(.slice(wire.word, from: 0)), shift: wire.shift)
  }
}
