/// A graph in the making: every shared word is a sum of any number of terms.
struct Sums {
  /// How each word of the pool is computed: nothing for inputs, constants and words that are not used.
  var terms: [[Addend]]
  /// The word of each target, and whether it is its negative.
  var roots: [(word: Int, isNegated: Bool)]
}

/// What a graph of sums costs, with the working arrays kept between calls.
struct Evaluator {
  let problem: Problem
  var tree: RowTree
  /// Words in use, each after those it reads.
  private(set) var order: [Int] = []
  /// What is known of each word in use; `isNegated`: its rows compute its negative.
  private(set) var words: [Operand] = []
  /// Row bits of each word.
  private(set) var costs: [Int] = []
  /// Words that are tables over their inputs.
  private(set) var isTable: [Bool] = []
  private var state: [UInt8] = []
  private var stack: [Int] = []
  private var signs: [Int8] = []
  private(set) var bits: [Int] = []
  private var scratch: [Operand] = []

  init(_ problem: Problem) {
    self.problem = problem
    tree = RowTree(arity: problem.arity)
  }

  /// Words in use, those a word reads before it; nil: a word needs itself.
  mutating func sort(_ sums: Sums, count: Int) -> Bool {
    order.removeAll(keepingCapacity: true)
    state.removeAll(keepingCapacity: true)
    state += repeatElement(0, count: count)
    for root in sums.roots where state[root.word] == 0 {
      stack.append(root.word)
      while let word = stack.last {
        if state[word] == 0 {
          state[word] = 1
          for term in sums.terms[word] {
            if state[term.index] == 1 {
              stack.removeAll()
              return false
            }
            if state[term.index] == 0 { stack.append(term.index) }
          }
        } else {
          stack.removeLast()
          if state[word] == 1 {
            state[word] = 2
            order.append(word)
          }
        }
      }
    }
    return true
  }

  /// Row bits of a graph; `order`, `words` and `costs` are set.
  mutating func cost(_ sums: Sums, _ pool: Pool) -> Int {
    guard sort(sums, count: pool.count) else { return .max }
    let count = pool.count
    if signs.count < count {
      let more = count - signs.count
      signs += repeatElement(0, count: more)
      bits += repeatElement(0, count: more)
      costs += repeatElement(0, count: more)
      isTable += repeatElement(false, count: more)
      let none = Operand(low: 0, high: 0, start: 0, top: 0, level: 0, isNegated: false, source: 0)
      words += repeatElement(none, count: more)
    }
    for word in order {
      signs[word] = 0
      bits[word] = 0
    }
    for (target, root) in sums.roots.enumerated() {
      signs[root.word] = root.isNegated ? -1 : 1
      bits[root.word] = problem.targetBits[target]
    }
    for word in order.reversed() {
      for term in sums.terms[word] { bits[term.index] = max(bits[term.index], bits[word] - term.shiftCount) }
    }
    var total = 0
    for word in order {
      costs[word] = evaluate(word, sums, pool)
      total += costs[word]
    }
    return total
  }

  /// The level of the deepest root.
  func level(_ sums: Sums) -> Int { sums.roots.reduce(0) { max($0, words[$1.word].level) } }

  private mutating func evaluate(_ word: Int, _ sums: Sums, _ pool: Pool) -> Int {
    var result = Operand(
      low: pool.low[word], high: pool.high[word], start: pool.zeros[word], top: 0, level: 0, isNegated: false,
      source: word)
    var cost = 0
    isTable[word] = false
    if sums.terms[word].isEmpty {
      // A leaf, and an output too: with the other sign it takes a negation.
      if signs[word] < 0 {
        cost = bitWidth(-result.high, -result.low) - result.start
        result.level = 1
      }
    } else {
      let sum = rows(of: word, sums)
      cost = tree.cost
      result.level = sum.level
      result.isNegated = sum.isNegated
      if pool.bits[word] <= 6 {
        // With the sign of an output, or as it is.
        let (low, high) = signs[word] < 0 ? (-result.high, -result.low) : (result.low, result.high)
        let table = max(0, min(bits[word], bitWidth(low, high)) - result.start)
        if table < cost || table == cost && result.level > 1 {
          isTable[word] = true
          cost = table
          result.level = 1
          result.isNegated = signs[word] < 0
        }
      }
      if result.isNegated { (result.low, result.high) = (-result.high, -result.low) }
    }
    result.top = max(result.start + 1, bitWidth(result.low, result.high))
    words[word] = result
    return cost
  }

  /// The tree of rows of a word, in `tree`.
  mutating func rows(of word: Int, _ sums: Sums) -> Operand {
    scratch.removeAll(keepingCapacity: true)
    var kraft = 0
    for term in sums.terms[word] {
      var operand = words[term.index]
      operand.low <<= term.shiftCount
      operand.high <<= term.shiftCount
      operand.start += term.shiftCount
      operand.top += term.shiftCount
      operand.isNegated = operand.isNegated != term.isNegated
      operand.shift = term.shiftCount
      kraft &+= tree.kraft(operand.level)
      scratch.append(operand)
    }
    var limit =
      signs[word] != 0 || problem.options.depth == .unbounded
      ? problem.levels : levelsFor(kraft: kraft, arity: problem.arity)
    // A sum of nothing but negated operands is negated once more.
    if signs[word] != 0, scratch.allSatisfy({ $0.isNegated == (signs[word] > 0) }) { limit -= 1 }
    return tree.sum(&scratch, limit: limit, sign: Int(signs[word]), bits: bits[word])
  }
}
