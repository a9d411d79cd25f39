import AdderGraph
import Diagnostics
import FixedPoint
import Testing

/// How good, how deep and how repeatable the answers are.
@Suite struct SearchTests {
  /// Signed weights, evenly distributed, as in the measurements of alkaid 0.8.2 (docs/distributed-arithmetic.md).
  static func matrix(_ rows: Int, _ columns: Int, bits: Int, seed: UInt64) -> [[Int128]] {
    var random = SplitMix64(seed: seed)
    return (0..<rows).map { _ in
      (0..<columns).map { _ in Int128(random.next() % (1 << UInt64(bits))) - (1 << Int128(bits - 1)) }
    }
  }

  static func bytes(_ count: Int) -> [AdderGraph.Word] {
    [AdderGraph.Word](repeating: .init(low: -128, high: 127), count: count)
  }

  /// Lookup tables that alkaid's graphs of such matrices take with its ternary adders as primitives, mapped by Yosys 0.23;
  /// the average of three matrices is held to 0.86 of it, at bounded depth: 0.82, and 5 % for other random numbers.
  @Test(arguments: [(8, 4, 373), (8, 6, 674), (8, 8, 961), (16, 4, 1622), (16, 8, 3253)])
  func isSmallerThanThePeer(size: Int, bits: Int, peer: Int) throws {
    var total = 0
    for seed in 1...3 as ClosedRange<UInt64> {
      let graph = try AdderGraph.solve(
        Self.matrix(size, size, bits: bits, seed: seed), inputs: Self.bytes(size), options: .init(effort: 67))
      total += graph.cost
    }
    #expect(
      Double(total) <= 3 * 0.86 * Double(peer), "\(Double(total) / 3 / Double(peer)) of alkaid's")
  }

  /// All-positive weights share a common part, which costs depth: one level above the least is to be 10 % at most above the
  /// unbounded answer, the least 30 %.
  @Test func depthOfPositiveWeights() throws {
    let weights = Self.matrix(16, 16, bits: 4, seed: 9).map { $0.map { $0 + 24 } }
    let costs = try [AdderGraph.Options.Depth.unbounded, .least(plus: 1), .least(plus: 0)].map {
      try AdderGraph.solve(weights, inputs: Self.bytes(16), options: .init(depth: $0, effort: 167)).cost
    }
    #expect(Double(costs[1]) <= 1.1 * Double(costs[0]), "\(costs)")
    #expect(Double(costs[2]) <= 1.3 * Double(costs[0]), "\(costs)")
  }

  /// The depth of the shallowest tree of canonical digits, plus what is allowed, is not exceeded.
  @Test(arguments: [AdderGraph.Options.Adder.binary, .ternary])
  func depthIsHeld(adder: AdderGraph.Options.Adder) throws {
    for seed in 0..<150 as Range<UInt64> {
      let random = RandomMatrix(seed: seed)
      let plus = Int(seed % 3)
      let graph = try AdderGraph.solve(
        random.weights, inputs: random.inputs, constants: random.constants,
        options: .init(adder: adder, depth: .least(plus: plus), effort: 10))
      var least = 0
      for column in random.weights[0].indices {
        let weights = random.weights.map { $0[column] }
        let terms =
          weights.reduce(0) { $0 + signedDigits($1) } + ((random.constants?[column] ?? 0) == 0 ? 0 : 1)
        var levels = 0
        var room = 1
        while room < terms {
          room *= adder.rawValue
          levels += 1
        }
        // What has negative terms only, or is read with both signs, is negated at the end; a binary row of two negated
        // operands is too.
        if adder == .binary || weights.contains(where: { $0 < 0 }) { levels += 1 }
        least = max(least, levels)
      }
      #expect(graph.levels <= least + plus, "seed \(seed)")
    }
  }

  /// Columns that differ by a constant, all of whose terms any two have in common: where depth is free, one long chain.
  @Test(arguments: [AdderGraph.Options.Adder.binary, .ternary])
  func columnsThatDifferByConstants(adder: AdderGraph.Options.Adder) throws {
    let column = Self.matrix(60, 1, bits: 12, seed: 3)
    let weights = column.map { [$0[0], $0[0], $0[0], -$0[0]] }
    let constants: [Int128] = [0, 1, 1000, 77]
    for effort in [0, 2] {
      let graph = try AdderGraph.solve(
        weights, inputs: Self.bytes(60), constants: constants,
        options: .init(adder: adder, depth: .unbounded, effort: effort))
      // One column, and a row for each other.
      #expect(graph.cost < 60 * 12 * 20)
    }
  }

  /// Sums of single bits: six of them are a table, which takes as many lookup tables as the sum has bits.
  @Test func bitsBecomeTables() throws {
    let weights = Self.matrix(12, 4, bits: 6, seed: 2)
    let bits = [AdderGraph.Word](repeating: .init(low: 0, high: 1), count: 12)
    let graph = try AdderGraph.solve(weights, inputs: bits, options: .init(effort: 10))
    #expect(graph.nodes.contains { $0.form == .table })
    // Two tables of at most nine bits and a row of at most ten for each output.
    #expect(graph.cost <= 4 * (9 + 9 + 10), "\(graph.cost)")
  }

  @Test func sameAnswerAgain() throws {
    let weights = Self.matrix(12, 10, bits: 7, seed: 4)
    let graphs = try (0..<2).map { _ in try AdderGraph.solve(weights, inputs: Self.bytes(12)) }
    #expect(graphs[0] == graphs[1])
  }

  /// Effort pays. Between two efforts chance decides: annealing cools by the effort, so that a longer search is another one.
  @Test func effort() throws {
    let weights = Self.matrix(12, 10, bits: 7, seed: 4)
    let costs = try [0, 30, 100].map {
      try AdderGraph.solve(weights, inputs: Self.bytes(12), options: .init(effort: $0)).cost
    }
    #expect(costs[1] < costs[0] && costs[2] < costs[0], "\(costs)")
  }

  /// Single constants below 256 by binary adders, held against all graphs of at most three adders.
  @Test func singleConstants() throws {
    let least = fewestAdders(below: 256)
    var more = 0
    for constant in stride(from: 3, to: 256, by: 2) {
      let graph = try AdderGraph.solve(
        [[Int128(constant)]], inputs: Self.bytes(1), options: .init(adder: .binary, depth: .unbounded))
      let adders = graph.nodes.count
      let fewest = try #require(least[constant])
      #expect(adders >= fewest && adders <= fewest + 1, "\(constant): \(adders), not \(fewest)")
      more += adders - fewest
    }
    #expect(more <= 6, "\(more) adders more than needed")
  }

  @Test func refusals() {
    func message(_ weights: [[Int128]], _ inputs: [AdderGraph.Word]) -> String? {
      do throws(Failure) {
        _ = try AdderGraph.solve(weights, inputs: inputs)
        return nil
      } catch {
        return error.kind == .badInput ? error.description : "not bad input"
      }
    }
    #expect(message([[1, 2], [3]], Self.bytes(2))?.contains("shape") == true)
    #expect(message([[1]], Self.bytes(2))?.contains("shape") == true)
    #expect(message([[1]], [.init(low: 1, high: 0)])?.contains("no value") == true)
    #expect(message([[1 << 40]], Self.bytes(1))?.contains("29 bits") == true)
    #expect(message([[1]], [.init(low: 0, high: 1 << 70)])?.contains("58 bits") == true)
    #expect(message([[1 << 28]], [.init(low: 0, high: 1 << 50)])?.contains("58 bits") == true)
  }
}

/// Nonzero digits of the non-adjacent form, by its definition.
func signedDigits(_ value: Int128) -> Int {
  var rest = value.magnitude
  var count = 0
  while rest > 0 {
    if rest & 1 == 1 {
      count += 1
      rest = rest & 3 == 3 ? rest + 1 : rest - 1
    }
    rest >>= 1
  }
  return count
}

/// The fewest adders for every odd constant below a bound: all sets of one and two fundamentals, and what one more adder makes
/// of them (Gustafsson, Dempster and Wanhammar 2002 list the same numbers).
func fewestAdders(below bound: Int) -> [Int: Int] {
  let shifts = 0...9
  func odd(_ value: Int) -> Int {
    value == 0
      ? 0 : value.magnitude.trailingZeroBitCount == 0 ? abs(value) : abs(value) >> value.trailingZeroBitCount
  }
  func sums(_ a: Int, _ b: Int) -> Set<Int> {
    var result: Set<Int> = []
    for shift in shifts {
      for value in [(a << shift) + b, (a << shift) - b, a + (b << shift), a - (b << shift)] {
        let fundamental = odd(value)
        if fundamental > 0, fundamental < 4 * bound { result.insert(fundamental) }
      }
    }
    return result
  }
  var least = [1: 0]
  func note(_ values: Set<Int>, _ adders: Int) {
    for value in values where least[value].map({ adders < $0 }) ?? true { least[value] = adders }
  }
  let first = sums(1, 1)
  note(first, 1)
  for a in first.sorted() {
    let second = sums(1, a).union(sums(a, a)).union(sums(1, 1))
    note(second, 2)
    for b in second.sorted() {
      for (p, q) in [(1, b), (a, b), (b, b)] { note(sums(p, q), 3) }
    }
  }
  return least.filter { $0.key < bound }
}
