import AdderGraph
import Diagnostics
import FixedPoint
import Program

extension CircuitPass {
  /// Sums of any factors become adders that they share.
  static let share = CircuitPass(
    name: "share", summary: "makes shared adders of sums with constant factors (distributed arithmetic)"
  ) { (circuit, options) throws(Failure) in
    var circuit = circuit
    // Again, where words turned out to be constants: what they are multiplied by became a sum.
    repeat {
      var pass = Share(circuit, options)
      circuit = try pass.run()
    } while circuit.nodes.contains {
      if case .sum(let sum) = $0.operation { !sum.isGate } else { false }
    }
    return circuit
  }
}

/// Constant matrices: the sums of one group, whose products are all of words that stand before the first of them, are one
/// matrix. AdderGraph finds its adders and proves that they are the matrix.
private struct Share {
  let options: CircuitOptions
  var rewriter: CircuitRewriter
  /// By the first of its sums: a matrix's sums.
  var matrices: [Int: [Int]] = [:]
  /// Matrices solved before, as many positions of a convolution are the same.
  var solved: [Matrix: AdderGraph] = [:]

  struct Matrix: Hashable {
    var factors: [[Raw]]
    var inputs: [AdderGraph.Word]
    var constants: [Raw]
    var bits: [Int?]
  }

  init(_ circuit: Circuit, _ options: CircuitOptions) {
    self.options = options
    rewriter = CircuitRewriter(circuit)
    findMatrices()
  }

  mutating func run() throws(Failure) -> Circuit {
    for index in rewriter.old.nodes.indices where rewriter.wires[index] == nil {
      if let sums = matrices[index] { try solve(sums) } else { rewriter.copy(index) }
    }
    return rewriter.finish()
  }

  private func sum(_ index: Int) -> Sum? {
    guard case .sum(let sum) = rewriter.old.nodes[index].operation, !sum.isGate else { return nil }
    return sum
  }

  private mutating func findMatrices() {
    enum Key: Hashable {
      case group(Int)
      /// A sum that belongs to no group: with others of the same single word.
      case word(NodeID)
      case alone(Int)
    }
    var open: [Key: Int] = [:]
    for index in rewriter.old.nodes.indices {
      guard let sum = sum(index) else { continue }
      let key: Key =
        sum.group.map { .group($0) } ?? (sum.terms.count == 1 ? .word(sum.terms[0].word) : .alone(index))
      if let first = open[key], sum.terms.allSatisfy({ $0.word.index < first }) {
        matrices[first]?.append(index)
      } else {
        open[key] = index
        matrices[index] = [index]
      }
    }
  }

  /// Makes all sums of a matrix.
  private mutating func solve(_ sums: [Int]) throws(Failure) {
    let old = rewriter.old
    rewriter.builder.layer = old.nodes[sums[0]].layer
    // The rows: the words; the columns: sums, those that differ by a constant once.
    var rows: [Wire] = []
    var place: [NodeID: Int] = [:]
    var matrix = Matrix(factors: [], inputs: [], constants: [], bits: [])
    var columns: [[Int: Raw]: Int] = [:]
    var results: [(sum: Int, column: Int, more: Raw)] = []
    for index in sums {
      guard case .sum(let sum) = old.nodes[index].operation else { continue }
      var factors: [Int: Raw] = [:]
      for term in sum.terms {
        let wire = rewriter.wire(term.word)
        if place[wire.word] == nil {
          place[wire.word] = rows.count
          rows.append(Wire(word: wire.word))
        }
        factors[place[wire.word] ?? 0, default: 0] += term.factor << Raw(wire.shift)
      }
      let bits = rewriter.wrapped(index)?.width
      if let column = columns[factors] {
        results.append((index, column, sum.constant - matrix.constants[column]))
        if let known = matrix.bits[column] { matrix.bits[column] = bits.map { max($0, known) } }
      } else {
        columns[factors] = matrix.constants.count
        results.append((index, matrix.constants.count, 0))
        matrix.constants.append(sum.constant)
        matrix.bits.append(bits)
      }
    }
    matrix.factors = Array(repeating: Array(repeating: 0, count: columns.count), count: rows.count)
    for (factors, column) in columns {
      for (row, factor) in factors { matrix.factors[row][column] = factor }
    }
    matrix.inputs = rows.map {
      let interval = rewriter.builder.interval($0.word)
      return AdderGraph.Word(low: interval.low, high: interval.high)
    }
    let graph: AdderGraph
    do throws(Failure) {
      if let known = solved[matrix] { graph = known } else { graph = try self.graph(matrix) }
    } catch {
      if error.kind != .badInput { throw error }
      // Numbers beyond those AdderGraph is exact for.
      for index in sums { addPlainly(index) }
      return
    }
    solved[matrix] = graph
    let outputs = Self.emit(graph, rows.map(\.word), &rewriter.builder)
    for (index, column, more) in results {
      let node = old.nodes[index]
      let wire = rewriter.builder.sum([(outputs[column], 1)], constant: more, wrapped: node.type)
      rewriter.wires[index] = rewriter.builder.fitted(wire, node.interval)
    }
  }

  /// Makes a sum of its own: the terms' digits added in a tree, everything modulo the result's width.
  private mutating func addPlainly(_ index: Int) {
    let node = rewriter.old.nodes[index]
    guard case .sum(let sum) = node.operation else { return }
    var parts: [(Wire, Raw)] = sum.terms.flatMap { term in
      term.factor.signedDigits.map { (rewriter.wire(term.word).shifted(left: $0.power), $0.sign) }
    }
    if sum.constant != 0 { parts.append((rewriter.builder.constantWire(sum.constant), 1)) }
    repeat {
      parts = stride(from: 0, to: parts.count, by: options.adder.rawValue).map { first in
        let operands = Array(parts[first..<min(first + options.adder.rawValue, parts.count)])
        return (rewriter.builder.sum(operands, wrapped: node.type), 1)
      }
    } while parts.count > 1
    rewriter.wires[index] = rewriter.builder.fitted(parts[0].0, node.interval)
  }

  /// Of the best graphs of a search the one that takes the fewest lookup tables when it is mapped.
  private func graph(_ matrix: Matrix) throws(Failure) -> AdderGraph {
    let graphs = try AdderGraph.candidates(
      matrix.factors, inputs: matrix.inputs, constants: matrix.constants,
      options: AdderGraph.Options(
        adder: options.adder, depth: options.depth, outputBits: matrix.bits, effort: options.effort))
    if graphs.count == 1 { return graphs[0] }
    var best: (graph: AdderGraph, tables: Int)?
    for graph in graphs {
      let tables = try tables(graph, matrix)
      if best.map({ tables < $0.tables }) ?? true { best = (graph, tables) }
    }
    return best?.graph ?? graphs[0]
  }

  /// The lookup tables a graph takes, as a circuit of its own.
  private func tables(_ graph: AdderGraph, _ matrix: Matrix) throws(Failure) -> Int {
    var builder = CircuitBuilder(name: "")
    let inputs = matrix.inputs.map { builder.input(Interval($0.low, $0.high)) }
    let wires = Self.emit(graph, inputs, &builder)
    let words = zip(wires, matrix.bits).map { wire, bits in
      let type = bits.map { WordType($0, signed: true) }
      return builder.word(type == nil ? wire : builder.sum([(wire, 1)], wrapped: type))
    }
    let format = FixedFormat(1, 1, signed: false)
    builder.setPorts(
      inputs: [WordTensor(name: "x", shape: [inputs.count], format: format, words: inputs)],
      outputs: [WordTensor(name: "y", shape: [words.count], format: format, words: words)])
    return try CircuitPass.narrow.run(builder.circuit, options).counts.lut
  }

  /// A graph's nodes; gives its outputs.
  private static func emit(
    _ graph: AdderGraph, _ inputs: [NodeID], _ builder: inout CircuitBuilder
  ) -> [Wire] {
    var nodes: [Wire] = []
    func wire(_ source: AdderGraph.Source, _ shift: Int) -> Wire {
      switch source {
      case .input(let input): return Wire(word: inputs[input], shift: shift)
      case .node(let node): return nodes[node].shifted(left: shift)
      case .constant(let value): return builder.constantWire(value << Raw(shift))
      }
    }
    for node in graph.nodes {
      let terms = node.terms.map { (wire($0.source, $0.shift), Raw($0.isNegated ? -1 : 1)) }
      switch node.form {
      case .row: nodes.append(builder.sum(terms, within: Interval(node.low, node.high)))
      case .table: nodes.append(builder.table(ofSum: terms))
      case .wires: nodes.append(builder.sideBySide(terms[0].0, terms[1].0))
      }
    }
    return graph.outputs.map { wire($0.source, $0.shift) }
  }
}

extension Raw {
  /// The number as the fewest powers of two, added and subtracted: canonical signed digits.
  fileprivate var signedDigits: [(power: Int, sign: Raw)] {
    var (rest, power) = (self, 0)
    var digits: [(power: Int, sign: Raw)] = []
    while rest != 0 {
      if rest & 1 != 0 {
        // The larger half of what is left: no overflow at the ends.
        let sign: Raw = rest & 3 == 3 ? -1 : 1
        digits.append((power, sign))
        rest = (rest >> 1) + (sign == -1 ? 1 : 0)
      } else {
        rest >>= 1
      }
      power += 1
    }
    return digits
  }
}
