import AdderGraph
import Diagnostics
import FixedPoint
import Testing

/// What the graphs compute, run on words and compared with plain products of the matrix.
@Suite struct ExactnessTests {
  @Test(arguments: [AdderGraph.Options.Adder.binary, .ternary])
  func randomMatrices(adder: AdderGraph.Options.Adder) throws {
    for seed in 0..<800 as Range<UInt64> {
      let random = RandomMatrix(seed: seed)
      let depths: [AdderGraph.Options.Depth] = [.least(plus: 0), .least(plus: 1), .unbounded]
      do {
        let graph = try AdderGraph.solve(
          random.weights, inputs: random.inputs, constants: random.constants,
          options: .init(adder: adder, depth: depths[Int(seed % 3)], effort: 2))
        expectExact(graph, random, seed: seed)
      } catch {
        Issue.record("seed \(seed): \(error)")
      }
    }
  }
}

/// Runs a graph on random words of its inputs, each node by plain sums, and checks results and intervals.
func expectExact(_ graph: AdderGraph, _ matrix: RandomMatrix, seed: UInt64) {
  var generator = SplitMix64(seed: seed ^ 0x5eed)
  for event in 0..<4 {
    let words = matrix.inputs.map { word -> Int128 in
      let steps = UInt64((word.high - word.low) >> Int128(word.trailingZeros))
      switch event {
      case 0: return word.low
      case 1: return word.high
      default: return word.low + Int128(generator.next() % (steps + 1)) << Int128(word.trailingZeros)
      }
    }
    var made: [Int128] = []
    func value(_ source: AdderGraph.Source) -> Int128 {
      switch source {
      case .input(let index): words[index]
      case .node(let index): made[index]
      case .constant(let constant): constant
      }
    }
    for (index, node) in graph.nodes.enumerated() {
      let sum = node.terms.reduce(0 as Int128) {
        $0 + (value($1.source) << Int128($1.shift)) * ($1.isNegated ? -1 : 1)
      }
      #expect(node.low <= sum && sum <= node.high, "seed \(seed), node \(index): outside its interval")
      made.append(sum)
    }
    for (column, output) in graph.outputs.enumerated() {
      let expected = zip(words, matrix.weights).reduce(matrix.constants?[column] ?? 0) {
        $0 + $1.0 * $1.1[column]
      }
      #expect(value(output.source) << Int128(output.shift) == expected, "seed \(seed), output \(column)")
    }
  }
}
