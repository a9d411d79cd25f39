extension Sums {
  /// How often each word is read: by sums that are used, and as a root.
  func uses(_ order: [Int], count: Int) -> [Int] {
    var uses = [Int](repeating: 0, count: count)
    for root in roots { uses[root.word] += 1 }
    for word in order { for term in terms[word] { uses[term.index] += 1 } }
    return uses
  }

  /// Puts a word's sum in its place in another.
  mutating func inline(_ word: Int, into user: Int) {
    var result: [Addend] = []
    for term in terms[user] {
      if term.index == word {
        for inner in terms[word] { result.append(inner.within(term)) }
      } else {
        result.append(term)
      }
    }
    terms[user] = merged(result)
  }

  /// Replaces sums that came to a single term by that term, and drops those that came to nothing.
  mutating func removeAliases(_ order: [Int], _ pool: Pool, leaves: Int) {
    func isZero(_ word: Int) -> Bool { word >= leaves && terms[word].isEmpty && pool.constant[word] == 0 }
    guard order.contains(where: { terms[$0].count == 1 || isZero($0) }) else { return }
    var aliases = [Addend?](repeating: nil, count: pool.count)
    for word in order where !terms[word].isEmpty {
      if terms[word].contains(where: { aliases[$0.index] != nil || isZero($0.index) }) {
        let kept = terms[word].compactMap { isZero($0.index) ? nil : aliases[$0.index]?.within($0) ?? $0 }
        terms[word] = merged(kept)
      }
      if terms[word].count == 1 { aliases[word] = terms[word][0] }
    }
    for target in roots.indices {
      // A target is odd and no other's negative: the alias has no shift, and no other root has its word.
      guard let alias = aliases[roots[target].word] else { continue }
      roots[target] = (alias.index, alias.isNegated != roots[target].isNegated)
    }
  }

  /// Puts every sum that is read once in its place, unless it is a table that saves rows, and those whose users have no more rows for it than the sum has:
  /// k terms take ⌈(k - 1) / (arity - 1)⌉ rows, so that parity decides.
  ///
  /// - Parameter order: words in use, each after those it reads.
  mutating func inlineAll(_ order: [Int], _ pool: Pool, arity: Int) {
    let count = pool.count
    var users = [[Int]](repeating: [], count: count)
    for word in order {
      for term in terms[word] where !terms[term.index].isEmpty { users[term.index].append(word) }
    }
    var isRoot = [Bool](repeating: false, count: count)
    for root in roots { isRoot[root.word] = true }
    func rows(_ terms: Int) -> Int { (terms - 1 + arity - 2) / (arity - 1) }
    for word in order where !isRoot[word] && !terms[word].isEmpty && !users[word].isEmpty {
      let size = terms[word].count
      var change = -rows(size)
      for user in users[word] { change += rows(terms[user].count - 1 + size) - rows(terms[user].count) }
      guard users[word].count == 1 || change < 0 else { continue }
      if pool.bits[word] <= 6, size > arity, users[word].contains(where: { pool.bits[$0] > 6 }) { continue }
      for user in users[word] where terms[user].contains(where: { $0.index == word }) {
        inline(word, into: user)
      }
      for term in terms[word] where !terms[term.index].isEmpty {
        users[term.index].removeAll { $0 == word }
        users[term.index] += users[word]
      }
      users[word] = []
    }
  }

  /// Makes a graph as shallow as it has to be: the deepest terms of an output that is too deep are replaced by their sums,
  /// until Kraft's inequality holds; if nothing else helps it is the sum of its digits again.
  mutating func repair(_ order: [Int], _ pool: Pool, _ problem: Problem, tree: RowTree) {
    var levels = [Int](repeating: 0, count: pool.count)
    var targets = [Int?](repeating: nil, count: pool.count)
    for (target, root) in roots.enumerated() { targets[root.word] = target }
    let room = tree.kraft(problem.levels)
    let uses = uses(order, count: pool.count)
    for word in order where !terms[word].isEmpty {
      func kraft() -> Int { terms[word].reduce(0) { $0 &+ tree.kraft(levels[$1.index]) } }
      var sum = kraft()
      while sum > room, targets[word] != nil {
        var deepest: Addend?
        for term in terms[word] where levels[term.index] > 0 {
          if deepest.map({
            (levels[$0.index], -terms[$0.index].count) < (levels[term.index], -terms[term.index].count)
          }) ?? true {
            deepest = term
          }
        }
        guard let deepest else { break }
        // What many read is made shallower itself, once for all, if it can be.
        if uses[deepest.index] > 3, flatten(deepest.index, &levels, problem, tree) {
          sum = kraft()
          continue
        }
        let others = terms[word].filter { $0 != deepest }
        terms[word] = merged(others + terms[deepest.index].map { $0.within(deepest) })
        sum = kraft()
      }
      if sum > room, let target = targets[word] {
        terms[word] = problem.digitTerms(target, isNegated: roots[target].isNegated)
        sum = kraft()
      }
      levels[word] = pool.bits[word] <= 6 ? 1 : levelsFor(kraft: sum, arity: problem.arity)
    }
  }
}

extension Sums {
  /// Makes a sum a row less deep, by putting its deepest terms' sums in their places; false: it is as shallow as it gets.
  fileprivate mutating func flatten(
    _ word: Int, _ levels: inout [Int], _ problem: Problem, _ tree: RowTree
  ) -> Bool {
    var flat = terms[word]
    while let place = flat.indices.max(by: { levels[flat[$0].index] < levels[flat[$1].index] }),
      levels[flat[place].index] > 0
    {
      let deepest = flat.remove(at: place)
      flat = merged(flat + terms[deepest.index].map { $0.within(deepest) })
      let level = levelsFor(
        kraft: flat.reduce(0) { $0 &+ tree.kraft(levels[$1.index]) }, arity: problem.arity)
      if level < levels[word], flat.count > 1 {
        terms[word] = flat
        levels[word] = level
        return true
      }
    }
    return false
  }
}

extension Problem {
  /// The canonical digits of a target, and its constant.
  func digitTerms(_ target: Int, isNegated: Bool = false) -> [Addend] {
    var terms: [Addend] = []
    for (input, weight) in targets[target].weights.enumerated() {
      for digit in canonicalDigits(Int(weight)) {
        terms.append(Addend(input, shift: digit.shift, isNegated: digit.isNegated != isNegated))
      }
    }
    if let constant = constantWords[target] { terms.append(Addend(constant, isNegated: isNegated)) }
    return terms
  }
}
