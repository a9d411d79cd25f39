/// The search for a small graph (docs/distributed-arithmetic.md).
struct Search {
  let problem: Problem
  var pool: Pool
  var evaluator: Evaluator
  /// The best graph so far.
  private(set) var best: (sums: Sums, pool: Pool, cost: Int)?
  /// Rows the best graph is too deep by.
  private var excess = Int.max

  init(_ problem: Problem) {
    self.problem = problem
    pool = Pool(problem)
    evaluator = Evaluator(problem)
  }

  /// The best graphs found, best first.
  mutating func run() -> [AdderGraph] {
    let fresh = pool
    let digits = problem.targets.indices.reduce(0) { $0 + problem.digitTerms($1).count }
    offer(canonical(nil))
    let column = problem.targets.count > 2 ? problem.commonColumn() : nil
    let effort = max(0, problem.options.effort)
    // Of large matrices starts differ by more than annealing makes up for, and take a fraction of its time.
    let restarts = effort == 0 ? 1 : max(1, min(6, 24_000 * effort / 100 / max(1, digits)))
    for restart in 0..<restarts {
      let noise = restart == 0 ? 0 : 12
      for column in column.map({ [nil, $0] }) ?? [nil] {
        pool = fresh
        offer(transposed(column, noise: noise, seed: UInt64(restart)))
        // Large matrices: the transposed problem is the better one, and takes long enough.
        guard digits < 4000 else { continue }
        for limit in [problem.levels, nil] as [Int?] {
          pool = fresh
          var sums = canonical(column)
          var extraction = PairExtraction(
            arity: problem.arity, score: .rowBits, limit: limit, noise: noise, seed: UInt64(restart))
          extraction.run(&sums, &pool, rows: sums.terms.indices.filter { !sums.terms[$0].isEmpty })
          offer(sums)
        }
      }
    }
    if let groups = tableGroups() {
      pool = fresh
      var sums = tabulated(groups)
      var extraction = PairExtraction(arity: problem.arity, score: .rowBits, limit: problem.levels)
      extraction.run(&sums, &pool, rows: sums.roots.map(\.word).filter { !sums.terms[$0].isEmpty })
      offer(sums)
    }
    guard let best else { return [AdderGraph(inputs: problem.inputs, nodes: [], outputs: [])] }
    // Operations grow slower than the matrix: 100 is a second or so for 700 digits, ten for 11,000.
    let size = Double(digits) / 700
    let root = size.squareRoot()
    let share =
      digits < 100 ? 5.5 * size * root : root * root.squareRoot().squareRoot() * min(1.8, max(1, root))
    // From 2,000 digits on there is more to find.
    let more = max(1, min(1 + (Double(digits) - 2000) / 500, 2, 15_000 / Double(digits)))
    let operations = Double(effort) * 2.4e6 * share * more
    var annealing = Annealing(problem, best, seed: 0x7261_7479)
    return annealing.run(operations: Int(min(operations, 1e15))).map { evaluator.graph($0.sums, $0.pool) }
  }

  /// Takes a graph if it is the best so far, after what can be inlined is and what is too deep is repaired.
  mutating func offer(_ sums: Sums) {
    var sums = sums
    settle(&sums)
    _ = evaluator.sort(sums, count: pool.count)
    sums.repair(evaluator.order, pool, problem, tree: evaluator.tree)
    settle(&sums)
    let cost = evaluator.cost(sums, pool)
    let excess = max(0, evaluator.level(sums) - problem.levels)
    if best.map({ (excess, cost) < (self.excess, $0.cost) }) ?? true {
      best = (sums, pool, cost)
      self.excess = excess
    }
  }

  /// Puts sums where they cost least as they are.
  mutating func settle(_ sums: inout Sums) {
    _ = evaluator.sort(sums, count: pool.count)
    sums.inlineAll(evaluator.order, pool, arity: problem.arity)
    _ = evaluator.sort(sums, count: pool.count)
    sums.removeAliases(evaluator.order, pool, leaves: problem.leaves)
  }

  /// Every target as the sum of its canonical digits, of those of what it is above a column, if there is one.
  mutating func canonical(_ column: [Int32]?) -> Sums {
    var builder = SumsBuilder(self)
    let common = column.flatMap { builder.sum(Self.digits(of: $0)) }
    for target in problem.targets.indices {
      builder.root(
        Self.digits(of: problem.weights(target, above: column)) + (common.map { [$0] } ?? []), target: target)
    }
    pool = builder.pool
    return builder.sums
  }

  private static func digits(of weights: [Int32]) -> [Addend] {
    weights.enumerated().flatMap { input, weight in
      canonicalDigits(Int(weight)).map { Addend(input, shift: $0.shift, isNegated: $0.isNegated) }
    }
  }
}

extension Problem {
  /// A target's weights, less those of a column.
  func weights(_ target: Int, above column: [Int32]?) -> [Int32] {
    guard let column else { return targets[target].weights }
    return zip(targets[target].weights, column).map { $0 - $1 }
  }

  /// The column above which the targets have the fewest digits, its own counted: what all-positive weights have in common.
  func commonColumn() -> [Int32]? {
    let column = inputs.indices.map { input -> Int32 in
      let weights = targets.map { Int($0.weights[input]) }
      func total(_ value: Int) -> Int { weights.reduce(digitCount(value)) { $0 + digitCount($1 - value) } }
      var best = (digits: total(0), value: 0)
      var tried: Set<Int> = []
      // A weight itself, or one with few digits: all that can pay for more than one weight at once.
      for weight in weights {
        for bits in 0..<4 {
          let value = (weight + (1 << bits) / 2) & (-1 << bits)
          guard tried.count < 256, tried.insert(value).inserted else { continue }
          let digits = total(value)
          if digits < best.digits { best = (digits, value) }
        }
      }
      return Int32(best.value)
    }
    return column.contains { $0 != 0 } ? column : nil
  }
}
