extension Search {
  /// The graph of the transposed matrix, every edge reversed: it computes the matrix itself, and has as many adders but for
  /// the difference of inputs and outputs (Bordewijk 1957).
  ///
  /// With a common column the targets are what they are above it, and it is one more.
  /// A word of the transposed graph becomes the sum of what its users become: sums of many terms come of themselves.
  mutating func transposed(_ common: [Int32]?, noise: Int, seed: UInt64) -> Sums {
    // The transposed problem: a leaf per target, a sum per input.
    let columns =
      problem.targets.indices.map { problem.weights($0, above: common) } + (common.map { [$0] } ?? [])
    let wide = columns.count
    var pool = Pool(leaves: wide)
    var sums = Sums(terms: [[Addend]](repeating: [], count: wide), roots: [])
    var rows: [Int] = []
    for input in problem.inputs.indices {
      var terms: [Addend] = []
      for (target, column) in columns.enumerated() {
        for digit in canonicalDigits(Int(column[input])) {
          terms.append(Addend(target, shift: digit.shift, isNegated: digit.isNegated))
        }
      }
      rows.append(pool.add(terms))
      sums.terms.append(terms)
    }
    var extraction = PairExtraction(
      arity: problem.arity, score: .adders, limit: problem.levels, noise: noise, seed: seed)
    extraction.run(&sums, &pool, rows: rows)

    // Users of each word, reversed: pairs come after what they read.
    var edges = [[Addend]](repeating: [], count: pool.count)
    for (input, row) in rows.enumerated() {
      for term in sums.terms[row] {
        edges[term.index].append(Addend(input, shift: term.shiftCount, isNegated: term.isNegated))
      }
    }
    var builder = SumsBuilder(self)
    var made = [Addend?](repeating: nil, count: pool.count)
    for word in (wide + rows.count..<pool.count).reversed() {
      made[word] = builder.sum(edges[word])
      guard let made = made[word] else { continue }
      for term in sums.terms[word] {
        edges[term.index].append(made.within(Addend(0, shift: term.shiftCount, isNegated: term.isNegated)))
      }
    }
    let sum = common.flatMap { _ in builder.sum(edges[wide - 1]) }
    for target in problem.targets.indices {
      builder.root(edges[target] + (sum.map { [$0] } ?? []), target: target)
    }
    self.pool = builder.pool
    return builder.sums
  }
}

/// Makes sums out of terms: one of a single term is that term, and none has a common shift.
struct SumsBuilder {
  private(set) var pool: Pool
  private(set) var sums: Sums
  private let problem: Problem

  init(_ search: Search) {
    pool = search.pool
    problem = search.problem
    sums = Sums(terms: [[Addend]](repeating: [], count: pool.count), roots: [])
  }

  /// A sum as a term; nil: it is zero.
  mutating func sum(_ terms: [Addend]) -> Addend? {
    var terms = merged(terms)
    guard let shift = terms.map(\.shift).min() else { return nil }
    if terms.count == 1 { return terms[0] }
    for index in terms.indices { terms[index].shift -= shift }
    sums.terms.append(terms)
    return Addend(pool.add(terms), shift: Int(shift))
  }

  /// The sum of a target, to which its constant is added here.
  mutating func root(_ terms: [Addend], target: Int) {
    var terms = merged(terms)
    if let constant = problem.constantWords[target] { terms.append(Addend(constant)) }
    if terms.count == 1, terms[0].shift == 0, !sums.roots.contains(where: { $0.word == terms[0].index }) {
      sums.roots.append((terms[0].index, terms[0].isNegated))
    } else {
      sums.terms.append(terms)
      sums.roots.append((pool.add(terms), false))
    }
  }
}
