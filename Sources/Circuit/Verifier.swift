import Diagnostics
import FixedPoint
import Program

/// Why a circuit, or one node, is not well formed.
public struct CircuitError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The node to blame, if it is one.
  public var node: NodeID?
  /// What is wrong.
  public var message: String

  /// Makes an error.
  public init(_ message: String, node: NodeID? = nil) {
    self.node = node
    self.message = message
  }

  /// `%node: message`.
  public var description: String { node.map { "\($0): \(message)" } ?? message }
}

extension Circuit {
  /// Checks every invariant of a well-formed circuit; all violations are reported.
  ///
  /// 1. Every operand is a node made before: words are defined once. Only a state's `next` may be made later, so that every way
  ///    round passes a state.
  /// 2. Interval: all that the operation can give lies in it, or it is all words of its type. A constant's is its word, an
  ///    input's lies in its port's format.
  /// 3. Cycles: an input's is 0; operands of a node stand in the node's cycle, a register's in the one before; constants stand
  ///    in every cycle.
  /// 4. Conditions and masks are words 0…1; factors are not zero; slices start at a bit of the word; words put side by side
  ///    have 128 bits at most; a table has an entry, or a don't-care, for every index word, and every entry is in reach.
  /// 5. Inputs list each `input` node once; outputs stand in cycle `latency`; ports and layers' results fill their shapes with
  ///    words of their formats.
  /// 6. Layer indices are in range.
  /// 7. Loops have a step and a stage at least, and end by the latency; two begin together or one behind the other. A state with a
  ///    first word stands in every cycle of its loop's step; that word stands in cycle `start`. One without has results: it stands in
  ///    cycle `end`. What comes next stands in the step's last cycle, or is a state of the loop. A word that a loop's states or its
  ///    other words are read for belongs to the loop: it stands in a cycle of the first step, reads nothing but words of that loop
  ///    and constants, and nothing else reads it.
  ///
  /// - Parameter inGates: also, every sum is one adder (`Sum.isGate`), and registers alone read tables in block RAM: what passes
  ///   make before anything is printed.
  public func verify(inGates: Bool = false) -> [CircuitError] {
    var errors: [CircuitError] = []
    let bounds = Bounds(nodes: nodes, tables: tables)
    for (index, node) in nodes.enumerated() {
      func report(_ message: String) { errors.append(CircuitError(message, node: NodeID(index))) }
      let operands = node.operation.operands
      guard
        operands.allSatisfy({
          (0..<index).contains($0.index) || node.isNext($0) && nodes.indices.contains($0.index)
        })
      else {
        report("reads a word that is not made before it")
        continue
      }
      if let layer = node.layer, !layers.indices.contains(layer) { report("no layer \(layer)") }
      guard node.interval.low <= node.interval.high else {
        report("an empty interval")
        continue
      }
      if let message = shapeProblem(node) {
        report(message)
        continue
      }
      if inGates, case .sum(let sum) = node.operation, !sum.isGate { report("a sum that is not one adder") }
      if node.operation != .input, !holds(node, bounds.of(node.operation)) {
        report("gives more than \(node.interval.low)…\(node.interval.high)")
      }
      for message in cycleProblems(node) { report(message) }
      if inGates { blockReads(node).forEach(report) }
    }
    // Operands that do not exist were reported; what follows may name them too.
    if errors.isEmpty { errors += loopErrors() }
    return errors + portErrors() + (inGates ? blockOutputErrors() : [])
  }

  private func blockOutputErrors() -> [CircuitError] {
    outputs.flatMap(\.words).filter { id in
      guard nodes.indices.contains(id.index), case .table(let table, _) = self[id].operation else {
        return false
      }
      return tables.indices.contains(table) && tables[table].isBlock
    }.map { CircuitError("an output without the register of its block RAM", node: $0) }
  }

  private func blockReads(_ node: Node) -> [String] {
    if case .register = node.operation { return [] }
    return node.operation.operands.filter { id in
      if case .table(let table, _) = self[id].operation { return tables[table].isBlock }
      return false
    }.map { "reads \($0), a table in block RAM, without a register" }
  }

  private func holds(_ node: Node, _ results: Interval) -> Bool {
    if case .constant = node.operation { return node.interval == results }
    // A state takes words as they are.
    if case .state = node.operation { return node.interval.contains(results) }
    // Bounds at the ends of 128 bits may stand for more.
    if node.interval == node.type.interval { return true }
    return node.interval.contains(results) && results.low != Raw.min && results.high != Raw.max
  }

  private func shapeProblem(_ node: Node) -> String? {
    func isBit(_ id: NodeID) -> Bool { self[id].interval.low >= 0 && self[id].interval.high <= 1 }
    switch node.operation {
    case .input, .constant, .register, .compare, .multiply: return nil
    case .state(let loop, _, _): return loops.indices.contains(loop) ? nil : "no loop \(loop)"
    case .sum(let sum):
      if sum.terms.contains(where: { $0.factor == 0 }) { return "a factor of zero" }
      return sum.terms.allSatisfy { $0.mask.map(isBit) ?? true } ? nil : "a mask that is not one bit"
    case .mux(let condition, _, _): return isBit(condition) ? nil : "a condition that is not one bit"
    case .slice(let word, let from):
      return (0..<self[word].width).contains(from) ? nil : "no bit \(from) in \(self[word].width)"
    case .concatenate(let words):
      return !words.isEmpty && words.reduce(0) { $0 + self[$1].width } <= 128 ? nil : "not 1…128 bits"
    case .table(let table, let index):
      guard tables.indices.contains(table), !tables[table].entries.isEmpty else { return "no table \(table)" }
      return tables[table].indices.contains(self[index].interval)
        ? nil : "an index outside the table's \(tables[table].entries.count) entries"
    }
  }

  private func cycleProblems(_ node: Node) -> [String] {
    if node.cycle < 0 { return ["a cycle before the event's entry"] }
    switch node.operation {
    case .input, .constant: return node.cycle == 0 ? [] : ["stands in cycle \(node.cycle), not in 0"]
    case .register(let operand):
      if self[operand].constant != nil { return ["a register for a constant"] }
      return stands(operand, in: node.cycle - 1) ? [] : ["not one cycle after its operand"]
    case .state: return []
    case .sum, .compare, .mux, .table, .multiply, .slice, .concatenate:
      return node.operation.operands.filter { !stands($0, in: node.cycle) }
        .map { "stands in cycle \(node.cycle), its operand \($0) in \(self[$0].cycle)" }
    }
  }

  /// Whether a word stands in a cycle, of an event's first step where it belongs to a loop.
  func stands(_ id: NodeID, in cycle: Int) -> Bool {
    if case .state(let loop, _?, _) = self[id].operation, loops.indices.contains(loop) {
      return loops[loop].step.contains(cycle)
    }
    return self[id].constant != nil || self[id].cycle == cycle
  }

  private func portErrors() -> [CircuitError] {
    var errors: [CircuitError] = []
    func check(_ tensor: WordTensor) -> Bool {
      let count = Saturating.product(tensor.shape)
      if tensor.words.count != count {
        errors.append(CircuitError("\(tensor.name): \(tensor.words.count) words for shape \(tensor.shape)"))
      }
      guard tensor.words.allSatisfy({ nodes.indices.contains($0.index) }) else {
        errors.append(CircuitError("\(tensor.name): a word that no node makes"))
        return false
      }
      for id in tensor.words where !Interval(tensor.format).contains(self[id].interval) {
        errors.append(CircuitError("a word of \(tensor.name) that leaves \(tensor.format)", node: id))
      }
      return true
    }
    for port in inputs { _ = check(port) }
    for layer in layers { if let result = layer.result { _ = check(result) } }
    for port in outputs where check(port) {
      for id in port.words where self[id].constant == nil && self[id].cycle != latency {
        errors.append(
          CircuitError("\(port.name) stands in cycle \(self[id].cycle), not in \(latency)", node: id))
      }
    }
    let listed = inputs.flatMap(\.words)
    let declared = nodes.indices.filter { nodes[$0].operation == .input }.map { NodeID($0) }
    if Set(listed) != Set(declared) || listed.count != declared.count {
      errors.append(CircuitError("the inputs' words are not the input nodes"))
    }
    if outputs.isEmpty { errors.append(CircuitError("no outputs")) }
    if latency < 0 { errors.append(CircuitError("a latency below 0")) }
    return errors
  }
}
