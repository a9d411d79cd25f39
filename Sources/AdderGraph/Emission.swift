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
      if isTable[word] {
        emission.append(table: word, isNegated: words[word].isNegated, bits: bits[word])
        sources[word] = .node(emission.graph.nodes.count - 1)
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
    return emission.graph.withoutUnused()
  }
}

extension AdderGraph {
  /// Without the nodes that no output needs: a table reads inputs, whatever its sum was made of.
  fileprivate func withoutUnused() -> AdderGraph {
    var isUsed = [Bool](repeating: false, count: nodes.count)
    for output in outputs { if case .node(let index) = output.source { isUsed[index] = true } }
    for index in nodes.indices.reversed() where isUsed[index] {
      for term in nodes[index].terms { if case .node(let other) = term.source { isUsed[other] = true } }
    }
    guard isUsed.contains(false) else { return self }
    var places = [Int](repeating: 0, count: nodes.count)
    var result = self
    result.nodes.removeAll()
    func moved(_ source: Source) -> Source {
      if case .node(let index) = source { .node(places[index]) } else { source }
    }
    for (index, var node) in nodes.enumerated() where isUsed[index] {
      for place in node.terms.indices { node.terms[place].source = moved(node.terms[place].source) }
      places[index] = result.nodes.count
      result.nodes.append(node)
    }
    for index in outputs.indices { result.outputs[index].source = moved(outputs[index].source) }
    return result
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

  /// The word of a table over its inputs.
  mutating func append(table word: Int, isNegated: Bool, bits: Int) {
    var terms: [AdderGraph.Term] = []
    var addends: [Addend] = []
    for (input, weight) in pool.nonzero[pool.support(of: word)] {
      for digit in canonicalDigits(Int(weight)) {
        let addend = Addend(Int(input), shift: digit.shift, isNegated: digit.isNegated != isNegated)
        addends.append(addend)
        terms.append(
          AdderGraph.Term(.input(Int(input)), shift: addend.shiftCount, isNegated: addend.isNegated))
      }
    }
    if pool.constant[word] != 0 {
      let constant = isNegated ? -pool.constant[word] : pool.constant[word]
      addends.append(Addend(pool.add(constant: constant)))
      terms.append(AdderGraph.Term(.constant(Int128(constant))))
    }
    let own = pool.add(addends)
    words.append(own)
    graph.nodes.append(
      AdderGraph.Node(
        form: .table, terms: terms, low: Int128(pool.low[own]), high: Int128(pool.high[own]),
        trailingZeros: pool.zeros[own], level: 1,
        cost: max(0, min(bits, bitWidth(pool.low[own], pool.high[own])) - pool.zeros[own])))
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
