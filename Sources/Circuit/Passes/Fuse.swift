import AdderGraph
import FixedPoint
import Program

extension CircuitPass {
  /// Adders take in what costs them nothing.
  static let fuse = CircuitPass(
    name: "fuse",
    summary: "takes ReLUs into the adders that read them, and adders into those of three operands"
  ) { circuit, options in
    var masks = Fuse(circuit, options)
    let masked = masks.run()
    var adders = Fuse(masked, options)
    adders.fusesAdders = true
    return adders.run()
  }
}

/// A ReLU, x or 0, that only adders read is a mask of their operand: one more input of the same lookup tables. An adder that
/// only one other adder reads joins it, where they have three operands together.
private struct Fuse {
  let options: CircuitOptions
  var fusesAdders = false
  private var rewriter: CircuitRewriter
  /// By node: the nodes that read it; −1 for outputs and results.
  private var users: [[Int]]

  init(_ circuit: Circuit, _ options: CircuitOptions) {
    self.options = options
    rewriter = CircuitRewriter(circuit)
    users = Array(repeating: [], count: circuit.nodes.count)
    for (index, node) in circuit.nodes.enumerated() {
      for operand in Set(node.operation.operands) { users[operand.index].append(index) }
    }
    for tensor in circuit.outputs + circuit.layers.compactMap(\.result) {
      for id in tensor.words { users[id.index].append(-1) }
    }
  }

  mutating func run() -> Circuit {
    let old = rewriter.old
    for (index, node) in old.nodes.enumerated() {
      guard case .sum(let sum) = node.operation else {
        rewriter.copy(index)
        continue
      }
      let fused = fusesAdders ? withAdders(sum, index) : withMasks(sum)
      guard fused != sum else {
        rewriter.copy(index)
        continue
      }
      rewriter.builder.layer = node.layer
      let terms = fused.terms.map {
        Term(rewriter.word($0.word), factor: $0.factor, mask: $0.mask.map { rewriter.word($0) })
      }
      let wire = rewriter.builder.sum(
        Sum(terms, constant: fused.constant, group: fused.group), wrapped: node.type)
      rewriter.wires[index] = rewriter.builder.fitted(wire, node.interval)
    }
    return rewriter.finish()
  }

  // MARK: Masks

  /// How many operands of an adder may be masked: two of two (four inputs of a table), one of three (five, with the carry of the
  /// adder's first half).
  private static func maximumMasks(_ sum: Sum) -> Int { operands(sum) > 2 ? 1 : 2 }

  /// The operands of the adder: a constant beyond the carry's input is one.
  private static func operands(_ sum: Sum) -> Int {
    sum.terms.count + (sum.constant == 0 || sum.constant == 1 ? 0 : 1)
  }

  private func withMasks(_ sum: Sum) -> Sum {
    guard sum.isGate, !sum.isWiring, sum.digit == nil else { return sum }
    var fused = sum
    for place in fused.terms.indices where fused.terms[place].mask == nil {
      guard let (condition, word) = mask(fused.terms[place].word) else { continue }
      fused.terms[place].word = word
      fused.terms[place].mask = condition
    }
    return fused
  }

  /// The condition and the word of a multiplexer between a word and 0, where all its readers can mask it.
  private func mask(_ id: NodeID) -> (NodeID, NodeID)? {
    users[id.index].allSatisfy { $0 >= 0 && canMask($0) } ? choice(id) : nil
  }

  /// The condition and the word of a multiplexer between a word, no constant, and 0.
  private func choice(_ id: NodeID) -> (NodeID, NodeID)? {
    guard case .mux(let condition, let word, let zero) = rewriter.old[id].operation,
      rewriter.old[zero].constant == 0, rewriter.old[word].constant == nil
    else { return nil }
    return (condition, word)
  }

  /// Whether an adder can mask all its operands that are such multiplexers.
  private func canMask(_ user: Int) -> Bool {
    guard case .sum(let sum) = rewriter.old.nodes[user].operation, sum.isGate, !sum.isWiring, sum.digit == nil
    else { return false }
    return sum.terms.filter { $0.mask != nil || choice($0.word) != nil }.count <= Self.maximumMasks(sum)
  }

  // MARK: Adders

  private func withAdders(_ sum: Sum, _ index: Int) -> Sum {
    guard options.adder == .ternary, sum.isGate, !sum.isWiring else { return sum }
    var fused = sum
    for term in sum.terms where term.mask == nil && users[term.word.index] == [index] {
      // x + x + x reads its word three times.
      guard sum.terms.count(where: { $0.word == term.word }) == 1,
        case .sum(let inner) = rewriter.old[term.word].operation, inner.isGate, !inner.isWiring,
        rewriter.wrapped(term.word.index) == nil
      else { continue }
      var joined = fused
      joined.terms.removeAll { $0 == term }
      joined.terms += inner.terms.map { Term($0.word, factor: $0.factor * term.factor, mask: $0.mask) }
      let (scaled, overflow) = inner.constant.multipliedReportingOverflow(by: term.factor)
      let (constant, carry) = joined.constant.addingReportingOverflow(scaled)
      joined.constant = constant
      let masks = joined.terms.filter { $0.mask != nil }.count
      let negated = joined.terms.filter(\.isNegated).count
      // Three negated operands need one more +1 than an adder has.
      let isAdder = Self.operands(joined) <= 3 && masks <= Self.maximumMasks(joined) && negated < 3
      // A digit's product and another word are a row, too.
      let fits = !overflow && !carry && joined.isGate && (isAdder || options.digits && joined.digit != nil)
      if fits { fused = joined }
    }
    return fused
  }
}
