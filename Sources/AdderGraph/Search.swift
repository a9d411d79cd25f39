/// The search for a small graph (docs/distributed-arithmetic.md).
struct Search {
  let problem: Problem
  var pool: Pool
  var evaluator: Evaluator
  /// The best graph so far.
  private(set) var best: (sums: Sums, pool: Pool, cost: Int)?

  init(_ problem: Problem) {
    self.problem = problem
    pool = Pool(problem)
    evaluator = Evaluator(problem)
  }

  /// The best graph found.
  mutating func run() -> AdderGraph {
    let fresh = pool
    offer(digits())
    for noise in [0, 10] {
      for limit in [problem.levels, nil] as [Int?] {
        for score in [PairExtraction.Score.rowBits, .adders] {
          pool = fresh
          var sums = digits()
          var extraction = PairExtraction(
            arity: problem.arity, score: score, limit: limit, noise: noise, seed: 1)
          extraction.run(&sums, &pool, rows: sums.roots.map(\.word).filter { !sums.terms[$0].isEmpty })
          offer(sums)
        }
      }
      pool = fresh
      offer(transposed(noise: noise, seed: 1))
    }
    guard let best else { return AdderGraph(inputs: problem.inputs, nodes: [], outputs: []) }
    return evaluator.graph(best.sums, best.pool)
  }

  /// Takes a graph if it is the best so far, after what can be inlined is and what is too deep is repaired.
  mutating func offer(_ sums: Sums) {
    var sums = sums
    settle(&sums)
    _ = evaluator.sort(sums, count: pool.count)
    sums.repair(evaluator.order, pool, problem, tree: evaluator.tree)
    settle(&sums)
    let cost = evaluator.cost(sums, pool)
    if best.map({ cost < $0.cost }) ?? true { best = (sums, pool, cost) }
  }

  /// Puts sums where they cost least as they are.
  mutating func settle(_ sums: inout Sums) {
    _ = evaluator.sort(sums, count: pool.count)
    sums.inlineAll(evaluator.order, count: pool.count, arity: problem.arity)
    _ = evaluator.sort(sums, count: pool.count)
    sums.removeAliases(evaluator.order, count: pool.count, leaves: problem.leaves)
  }

  /// Every target as the sum of its canonical digits.
  mutating func digits() -> Sums {
    var builder = SumsBuilder(self)
    for target in problem.targets.indices {
      let terms = problem.digitTerms(target)
      builder.root(problem.constantWords[target] == nil ? terms : Array(terms.dropLast()), target: target)
    }
    pool = builder.pool
    return builder.sums
  }
}
