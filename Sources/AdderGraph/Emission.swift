extension Evaluator {
  /// A graph of sums in rows.
  mutating func graph(_ sums: Sums, _ pool: Pool) -> AdderGraph {
    _ = cost(sums, pool)
    tree.keepsRows = true
    defer { tree.keepsRows = false }
    var emission = Emission(problem, pool)
    var sources = [AdderGraph.Source](repeating: .constant(0), count: pool.count)
    for word in order {
      guard !sums.terms[word].isEmpty else {
        sources[word] = word < pool.width ? .input(word) : .constant(Int128(pool.low[word]))
        continue
      }
      _ = rows(of: word, sums)
      let first = emission.graph.nodes.count
      for row in tree.rows {
        let terms = row.operands.map { operand in
          AdderGraph.Term(
            operand.source >= 0 ? sources[operand.source] : .node(first - 1 - operand.source),
            shift: operand.shift, isNegated: row.isNegation || operand.isNegated)
        }
        emission.append(terms, isWires: row.isWires, bits: bits[word])
      }
      sources[word] = .node(emission.graph.nodes.count - 1)
    }
    var negatives: [Int: AdderGraph.Source] = [:]
    for column in problem.columns {
      guard let target = column.target else {
        emission.graph.outputs.append(
          AdderGraph.Output(source: .constant(Int128(column.constant)), shift: 0))
        continue
      }
      let root = sums.roots[target]
      var source = sources[root.word]
      // Rows of a root have its sign; a leaf may be its negative.
      if column.isNegated != (root.isNegated && sums.terms[root.word].isEmpty) {
        if negatives[target] == nil {
          emission.append([AdderGraph.Term(source, isNegated: true)], isWires: false, bits: 64)
          negatives[target] = .node(emission.graph.nodes.count - 1)
        }
        source = negatives[target] ?? source
      }
      emission.graph.outputs.append(AdderGraph.Output(source: source, shift: column.shift))
    }
    return emission.graph
  }
}

/// Makes nodes, each with its exact interval.
private struct Emission {
  var graph: AdderGraph
  /// What each node computes, as a word of this pool.
  private var pool: Pool
  private var words: [Int] = []

  init(_ problem: Problem, _ pool: Pool) {
    graph = AdderGraph(inputs: problem.inputs, nodes: [], outputs: [])
    self.pool = pool
  }

  mutating func append(_ terms: [AdderGraph.Term], isWires: Bool, bits: Int) {
    var addends: [Addend] = []
    var kept: [AdderGraph.Term] = []
    var level = 0
    for var term in terms {
      switch term.source {
      case .input(let index): addends.append(Addend(index, shift: term.shift, isNegated: term.isNegated))
      case .node(let index):
        addends.append(Addend(words[index], shift: term.shift, isNegated: term.isNegated))
        level = max(level, graph.nodes[index].level)
      case .constant(let value):
        let value = (term.isNegated ? -value : value) << Int128(term.shift)
        addends.append(Addend(pool.add(constant: Int(value))))
        term = AdderGraph.Term(.constant(value))
      }
      kept.append(term)
    }
    let word = pool.add(addends)
    words.append(word)
    let lows = addends.map { (start: pool.zeros[$0.index] + $0.shiftCount, isNegated: $0.isNegated) }
    let start = lows.map(\.start).min() ?? 0
    let lowest = lows.firstIndex { $0.start == start && !$0.isNegated }
    let wires =
      lowest.map { place in lows.indices.filter { $0 != place }.map { lows[$0].start }.min() ?? start }
      ?? start
    let width = min(bits, bitWidth(pool.low[word], pool.high[word]))
    graph.nodes.append(
      AdderGraph.Node(
        form: isWires ? .wires : .row, terms: kept, low: Int128(pool.low[word]),
        high: Int128(pool.high[word]),
        trailingZeros: pool.zeros[word], level: isWires ? level : level + 1,
        cost: isWires ? 0 : max(0, width - wires)))
  }
}
