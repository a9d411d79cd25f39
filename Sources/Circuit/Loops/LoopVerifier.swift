// The seventh invariant of `Circuit.verify()`: loops.
extension Node {
  /// Whether a word is what this node, a state, takes at the end of a step.
  func isNext(_ id: NodeID) -> Bool {
    if case .state(_, _, let next) = operation { return next == id }
    return false
  }
}

extension Circuit {
  /// By node: the loop that its word belongs to, which changes from step to step; nil for all others, results of loops among them.
  /// A word of several loops has the first.
  var membership: [Int?] {
    var result: [Int?] = []
    for node in nodes {
      switch node.operation {
      case .state(let loop, let first, _): result.append(first == nil ? nil : loop)
      case .input, .constant: result.append(nil)
      case .register, .sum, .compare, .mux, .table, .multiply, .slice, .concatenate:
        result.append(node.operation.operands.lazy.compactMap { result[$0.index] }.first)
      }
    }
    return result
  }

  /// What is wrong with the loops of a circuit whose nodes are well formed one by one.
  func loopErrors() -> [CircuitError] {
    var errors: [CircuitError] = []
    let most = 1 << 20
    for (index, loop) in loops.enumerated() {
      guard (0...most).contains(loop.start), (1...most).contains(loop.steps), (1...most).contains(loop.stages)
      else {
        return [CircuitError("loop \(index): not a start, and numbers of steps and stages")]
      }
      if loop.end > latency { errors.append(CircuitError("loop \(index) ends after the latency")) }
      for (other, before) in loops[..<index].enumerated() where before.start != loop.start {
        if before.start < loop.end && loop.start < before.end {
          errors.append(CircuitError("loops \(other) and \(index) overlap"))
        }
      }
    }
    let membership = membership
    for (index, node) in nodes.enumerated() {
      func report(_ message: String) { errors.append(CircuitError(message, node: NodeID(index))) }
      if case .state(let number, let first, let next) = node.operation {
        let loop = loops[number]
        if let first {
          if node.cycle != loop.start + 1 { report("a state that does not stand in cycle \(loop.start + 1)") }
          if membership[first.index] != nil || !stands(first, in: loop.start) {
            report("a first word that does not stand in cycle \(loop.start)")
          }
        } else if node.cycle != loop.end {
          report("a result that does not stand in cycle \(loop.end)")
        }
        var isState = false
        if case .state(number, let own, _) = self[next].operation { isState = own != nil || first == nil }
        let isWord = membership[next.index] == number && stands(next, in: loop.start + loop.stages)
        if !isState, !isWord, self[next].constant == nil {
          report("a next word that does not stand in cycle \(loop.start + loop.stages) of the loop")
        }
      } else if let number = membership[index] {
        if !loops[number].step.contains(node.cycle) { report("a word of loop \(number) outside its step") }
        for operand in node.operation.operands
        where membership[operand.index] != number && self[operand].constant == nil {
          report("a word of loop \(number) that reads \(operand), which is none")
        }
      }
    }
    for id in (inputs + outputs).flatMap(\.words) where nodes.indices.contains(id.index) {
      if membership[id.index] != nil { errors.append(CircuitError("a word of a loop at a port", node: id)) }
    }
    return errors
  }
}
