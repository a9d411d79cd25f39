/// The search for a small graph (docs/distributed-arithmetic.md).
struct Search {
  let problem: Problem
  var pool: Pool
  var evaluator: Evaluator

  init(_ problem: Problem) {
    self.problem = problem
    pool = Pool(problem.inputs)
    evaluator = Evaluator(problem)
  }

  /// The best graph found.
  mutating func best() -> AdderGraph {
    let sums = digits()
    return evaluator.graph(sums, pool)
  }

  /// Every target as the sum of its canonical digits.
  mutating func digits() -> Sums {
    var sums = Sums(terms: [[Addend]](repeating: [], count: pool.count), roots: [])
    for target in problem.targets {
      var terms: [Addend] = []
      for (input, weight) in target.weights.enumerated() {
        for digit in canonicalDigits(Int(weight)) {
          terms.append(Addend(input, shift: digit.shift, isNegated: digit.isNegated))
        }
      }
      if target.constant != 0 {
        terms.append(Addend(pool.add(constant: target.constant)))
        sums.terms.append([])
      }
      if terms.count == 1, terms[0].shift == 0 {
        sums.roots.append((terms[0].index, terms[0].isNegated))
      } else {
        sums.roots.append((pool.add(terms), false))
        sums.terms.append(terms)
      }
    }
    return sums
  }
}
