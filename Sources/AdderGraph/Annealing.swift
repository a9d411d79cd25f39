import FixedPoint

/// Local search on a graph: a few outputs are taken out, expressed anew by words that are left, and the change is taken or
/// not by simulated annealing (Kirkpatrick et al. 1983).
struct Annealing {
  private let problem: Problem
  private var evaluator: Evaluator
  private var pool: Pool
  private var sums: Sums
  private var cost: Int
  private var pursuit: Pursuit
  private var random: SplitMix64
  /// The best so far, best first.
  private var best: [(sums: Sums, pool: Pool, cost: Int)]
  /// Terms looked at outside the pursuit and the index.
  private var work = 0
  private var places = TermIndex()
  private var readers: [Int] = []

  init(_ problem: Problem, _ start: (sums: Sums, pool: Pool, cost: Int), seed: UInt64) {
    self.problem = problem
    best = [start]
    (sums, pool, cost) = start
    evaluator = Evaluator(problem)
    pursuit = Pursuit(problem)
    random = SplitMix64(seed: seed)
    compact()
    // What is too deep is nothing to keep.
    if evaluator.level(sums) > problem.levels {
      cost = .max
      best[0].cost = .max
    }
  }

  /// How many of the best graphs are kept: what they take when they are mapped may be in another order.
  private static let kept = 4

  /// Searches until so many operations are done; gives the best graphs, best first, none of which is too deep unless all are.
  mutating func run(operations: Int) -> [(sums: Sums, pool: Pool, cost: Int)] {
    guard !problem.targets.isEmpty, operations > 0, !isLeast() else { return best }
    // Large graphs are too slow to heat: most of what helps there goes downhill.
    let size = Double(problem.targets.count * problem.inputs.count)
    let share = 256 / size
    let heat = 0.012 * min(1, share * share.squareRoot().squareRoot()) * Double(evaluator.cost(sums, pool))
    while true {
      let done = Double(pursuit.work + work + 4 * places.work) / Double(operations)
      guard done < 1 else { break }
      step(temperature: heat * Self.exponential(-3.9 * done))
      if cost < best[0].cost {
        if best.count == Self.kept || best[0].cost == .max { best.removeLast() }
        best.insert((sums, pool, cost), at: 0)
      }
    }
    return best
  }

  /// Whether every output is one row of its own, with which there are no fewer.
  private mutating func isLeast() -> Bool {
    guard evaluator.sort(sums, count: pool.count) else { return false }
    let sizes = evaluator.order.map { sums.terms[$0].count }.filter { $0 > 0 }
    return sizes.count <= problem.targets.count && sizes.allSatisfy { $0 <= problem.arity }
  }

  /// e to a number that is not positive, by operations that every machine rounds alike.
  private static func exponential(_ value: Double) -> Double {
    var power = max(0, 1 + value / 1024)
    for _ in 0..<10 { power *= power }
    return power
  }

  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(1, bound))) }

  private mutating func step(temperature: Double) {
    let before = (sums: sums, count: pool.count)
    let roots = sums.roots.indices.filter { !sums.terms[sums.roots[$0].word].isEmpty }
    guard !roots.isEmpty else {
      work += .max / 2
      return
    }
    var victims: [Int] = []
    for _ in 0..<(1 + below(3)) {
      let root = roots[below(roots.count)]
      if !victims.contains(root) { victims.append(root) }
    }
    let noise = [0, 6, 12, 24][below(4)]
    let recodes = below(3) == 0
    for victim in victims { sums.terms[sums.roots[victim].word] = [] }
    var empty = victims
    while let victim = empty.popLast() {
      express(victim, without: empty, noise: noise, recodes: recodes)
    }
    extract(victims.map { sums.roots[$0].word })
    settle()
    var after = evaluator.cost(sums, pool)
    work += 24 * evaluator.order.count
    if after != .max, evaluator.level(sums) > problem.levels {
      sums.repair(evaluator.order, pool, problem, tree: evaluator.tree)
      settle()
      after = evaluator.cost(sums, pool)
      if evaluator.level(sums) > problem.levels { after = .max }
    }
    let isTaken =
      after != .max
      && (after <= cost
        || random.unit() < Self.exponential((Double(cost) - Double(after)) / max(temperature, 1e-9)))
    if isTaken {
      cost = after
      if pool.count > 2 * evaluator.order.count + problem.leaves + 64 { compact() }
    } else {
      sums = before.sums
      pool.truncate(to: before.count)
    }
  }

  /// Expresses the word of a target by words that do not need it.
  private mutating func express(_ target: Int, without empty: [Int], noise: Int, recodes: Bool) {
    let word = sums.roots[target].word
    guard evaluator.sort(sums, count: pool.count) else { return }
    var depends = [Bool](repeating: false, count: pool.count)
    depends[word] = true
    for other in empty { depends[sums.roots[other].word] = true }
    var candidates: [Pursuit.Candidate] = []
    for other in evaluator.order where !sums.terms[other].isEmpty {
      for term in sums.terms[other] where depends[term.index] {
        depends[other] = true
        break
      }
      if !depends[other] {
        let level = other < evaluator.words.count ? evaluator.words[other].level : problem.levels
        candidates.append(Pursuit.Candidate(word: other, level: min(level, 32)))
      }
    }
    work += 16 * evaluator.order.count
    let column = problem.targets[target]
    let terms = pursuit.terms(
      of: sums.roots[target].isNegated
        ? Problem.Target(weights: column.weights.map { -$0 }, constant: -column.constant) : column,
      candidates, &pool, noise: noise, recodes: recodes, random: &random)
    grow()
    // The same word may have been chosen twice.
    sums.terms[word] = merged(terms)
  }

  /// As many lists of terms as there are words.
  private mutating func grow() {
    while sums.terms.count < pool.count { sums.terms.append([]) }
  }

  /// Takes pairs that the new sums have in common with any others out of them.
  private mutating func extract(_ rows: [Int]) {
    guard evaluator.sort(sums, count: pool.count) else { return }
    places.reset(words: pool.count, terms: evaluator.order.reduce(0) { $0 &+ sums.terms[$1].count })
    for word in evaluator.order { for term in sums.terms[word] { places.add(word, term) } }
    var candidates: [(score: Int, pair: Pair)] = []
    for row in rows {
      let terms = sums.terms[row]
      for place in terms.indices {
        for other in 0..<place { consider(Pair(terms[other], terms[place]), &candidates) }
      }
    }
    var found: [Int] = []
    for _ in 0..<16 {
      guard let place = candidates.indices.max(by: { candidates[$0].score < candidates[$1].score }) else {
        return
      }
      let (score, pair) = candidates.remove(at: place)
      places.readers(of: pair, into: &found)
      // Others took terms of it since it was counted.
      guard found.count > 1, score <= (found.count - 1) * overlap(of: pair) * 16 + 63 else {
        if found.count > 1 { consider(pair, &candidates) }
        continue
      }
      let word = pool.add(pair.terms)
      sums.terms.append(pair.terms)
      places.addWord()
      for row in found {
        for (a, b) in PairExtraction.places(of: pair, in: sums.terms[row]) {
          sums.terms[row].removeAll { $0 == a || $0 == b }
          places.remove(row, a)
          places.remove(row, b)
          let new = Addend(word, shift: min(a.shiftCount, b.shiftCount), isNegated: a.isNegated)
          sums.terms[row].append(new)
          places.add(row, new)
        }
      }
      for term in pair.terms { places.add(word, term) }
      // What the new word has in common with others, as the first of its readers sees it.
      for row in found.prefix(2) {
        for term in sums.terms[row].dropLast() {
          guard let own = sums.terms[row].last else { continue }
          consider(Pair(term, own), &candidates)
        }
      }
    }
  }

  private mutating func consider(_ pair: Pair, _ candidates: inout [(score: Int, pair: Pair)]) {
    guard places.count(pair.first) > 1, places.count(pair.second) > 1 else { return }
    places.readers(of: pair, into: &readers)
    if readers.count > 1 {
      candidates.append(((readers.count - 1) * overlap(of: pair) * 16 + below(64), pair))
    }
  }

  private func overlap(of pair: Pair) -> Int {
    let a = max(0, -pair.shift)
    let b = max(0, pair.shift)
    let top = max(
      a + bitWidth(pool.low[pair.first], pool.high[pair.first]),
      b + bitWidth(pool.low[pair.second], pool.high[pair.second]))
    return max(1, top + 1 - max(a + pool.zeros[pair.first], b + pool.zeros[pair.second]))
  }

  private mutating func settle() {
    guard evaluator.sort(sums, count: pool.count) else { return }
    sums.inlineAll(evaluator.order, pool, arity: problem.arity)
    guard evaluator.sort(sums, count: pool.count) else { return }
    sums.removeAliases(evaluator.order, pool, leaves: problem.leaves)
    work += 24 * evaluator.order.count
  }

  /// Forgets words that are not used.
  private mutating func compact() {
    guard evaluator.sort(sums, count: pool.count) else { return }
    var fresh = Pool(problem)
    var terms = [[Addend]](repeating: [], count: fresh.count)
    var places = Array(0..<pool.count)
    for word in evaluator.order where word >= problem.leaves {
      if sums.terms[word].isEmpty {
        places[word] = fresh.add(constant: pool.constant[word])
        terms.append([])
        continue
      }
      let renamed = sums.terms[word].map {
        Addend(places[$0.index], shift: $0.shiftCount, isNegated: $0.isNegated)
      }
      places[word] = fresh.add(renamed)
      terms.append(renamed)
    }
    sums = Sums(terms: terms, roots: sums.roots.map { (places[$0.word], $0.isNegated) })
    pool = fresh
    let now = evaluator.cost(sums, pool)
    if cost != .max { cost = now }
  }
}
