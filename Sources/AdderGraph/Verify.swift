import Diagnostics

extension AdderGraph {
  /// Multiplies the graph out and compares it with the matrix, exactly; checks every node's form, interval and level too.
  ///
  /// - Throws: `.bug`: the graph is wrong, which is a fault of the search.
  public func verify(
    _ matrix: [[Int128]], constants: [Int128]? = nil, adder: Options.Adder = .ternary
  ) throws(Failure) {
    var made: [Linear] = []
    for (index, node) in nodes.enumerated() {
      var sum = Linear(inputs: inputs.count)
      for term in node.terms {
        guard term.shift >= 0, let value = linear(term.source, of: made) else {
          throw Failure(.bug, "adder graph: node \(index) reads what is not before it")
        }
        sum.add(value, shift: term.shift, isNegated: term.isNegated)
      }
      let negated = node.terms.count { $0.isNegated }
      let isLegal =
        switch node.form {
        case .row:
          !node.terms.isEmpty && node.terms.count <= adder.rawValue
            && (negated < node.terms.count || node.terms.count == 1)
        case .wires: node.terms.count == 2 && negated == 0 && areApart(node.terms)
        case .table: inputBits(of: node).map { $0 <= 6 } ?? false
        }
      guard isLegal else { throw Failure(.bug, "adder graph: node \(index) has no such row") }
      let (low, high) = sum.interval(of: inputs)
      guard low == node.low, high == node.high, node.level == level(of: node) else {
        throw Failure(.bug, "adder graph: node \(index) has another interval or level than it says")
      }
      made.append(sum)
    }
    guard outputs.count == (matrix.first?.count ?? outputs.count), matrix.count == inputs.count else {
      throw Failure(.bug, "adder graph: not of the matrix's shape")
    }
    for (column, output) in outputs.enumerated() {
      var sum = Linear(inputs: inputs.count)
      if let value = linear(output.source, of: made) {
        sum.add(value, shift: output.shift, isNegated: false)
      }
      guard zip(sum.coefficients, matrix).allSatisfy({ $0 == $1[column] }),
        sum.constant == (constants?[column] ?? 0)
      else { throw Failure(.bug, "adder graph: output \(column) is not its column of the matrix") }
    }
  }

  private func linear(_ source: Source, of nodes: [Linear]) -> Linear? {
    switch source {
    case .input(let input):
      guard inputs.indices.contains(input) else { return nil }
      var value = Linear(inputs: inputs.count)
      value.coefficients[input] = 1
      return value
    case .node(let node): return nodes.indices.contains(node) ? nodes[node] : nil
    case .constant(let constant):
      var value = Linear(inputs: inputs.count)
      value.constant = constant
      return value
    }
  }

  /// Bits of all inputs of a node; nil: it reads nodes.
  private func inputBits(of node: Node) -> Int? {
    var read: Set<Int> = []
    for term in node.terms {
      switch term.source {
      case .input(let input): read.insert(input)
      case .node: return nil
      case .constant: continue
      }
    }
    return read.reduce(0) { $0 + inputs[$1].bits }
  }

  private func level(of node: Node) -> Int {
    let below = node.terms.reduce(0) {
      if case .node(let index) = $1.source { max($0, nodes[index].level) } else { $0 }
    }
    return node.form == .wires ? below : below + 1
  }

  /// Two words that share no bit, the lower one never negative.
  private func areApart(_ terms: [Term]) -> Bool {
    let ends = terms.map { term -> (start: Int, end: Int?) in
      let word = self.word(term.source)
      let end = word.low < 0 ? nil : term.shift + Int128.bitWidth - word.high.leadingZeroBitCount
      return (term.shift + word.trailingZeros, end)
    }
    return ends[0].end.map { $0 <= ends[1].start } ?? false
      || ends[1].end.map { $0 <= ends[0].start } ?? false
  }

  /// What is known of a source.
  public func word(_ source: Source) -> Word {
    switch source {
    case .input(let index): inputs[index]
    case .node(let index):
      Word(low: nodes[index].low, high: nodes[index].high, trailingZeros: nodes[index].trailingZeros)
    case .constant(let value):
      Word(low: value, high: value, trailingZeros: value == 0 ? 0 : value.trailingZeroBitCount)
    }
  }
}

/// What a node computes: a weight per input and a constant.
private struct Linear {
  var coefficients: [Int128]
  var constant: Int128 = 0

  init(inputs: Int) { coefficients = [Int128](repeating: 0, count: inputs) }

  mutating func add(_ other: Linear, shift: Int, isNegated: Bool) {
    let factor: Int128 = (isNegated ? -1 : 1) << Int128(shift)
    for index in coefficients.indices { coefficients[index] += other.coefficients[index] * factor }
    constant += other.constant * factor
  }

  func interval(of inputs: [AdderGraph.Word]) -> (low: Int128, high: Int128) {
    var low = constant
    var high = constant
    for (weight, word) in zip(coefficients, inputs) where weight != 0 {
      low += weight * (weight > 0 ? word.low : word.high)
      high += weight * (weight > 0 ? word.high : word.low)
    }
    return (low, high)
  }
}
