/// Takes pairs of terms that occur more than once out of sums, best first, until none is left: common subexpression
/// elimination as Hartley (1996) and Potkonjak et al. (1996) do it.
struct PairExtraction {
  /// What a pair is worth.
  enum Score {
    /// Adders saved.
    case adders
    /// Row bits saved: the true overlap of the shifted operands counts.
    case rowBits
  }

  /// The deepest a sum is made: powers of three up to it can be added up without overflow.
  private static let deepest = 31

  let arity: Int
  let score: Score
  /// The level no sum may exceed; nil: any.
  let limit: Int?
  /// Scores are changed by up to so many percent, to get another answer; by the seed.
  var noise = 0
  var seed: UInt64 = 0
  private var levels: [Int] = []
  private var powers: [Int]

  init(arity: Int, score: Score, limit: Int?, noise: Int = 0, seed: UInt64 = 0) {
    self.arity = arity
    self.score = score
    self.limit = limit.flatMap { $0 <= Self.deepest ? $0 : nil }
    self.noise = noise
    self.seed = seed
    powers = (0...Self.deepest + 1).map { (0..<$0).reduce(1) { product, _ in product * arity } }
  }

  private func power(_ level: Int) -> Int { powers[min(level, Self.deepest + 1)] }

  /// Extracts pairs from `rows`; new sums of two terms are added to the pool and to `sums`.
  mutating func run(_ sums: inout Sums, _ pool: inout Pool, rows: [Int]) {
    levels = [Int](repeating: 0, count: pool.count)
    for (word, terms) in sums.terms.enumerated() where !terms.isEmpty {
      levels[word] = levelsFor(kraft: terms.reduce(0) { $0 + power(levels[$1.index]) }, arity: arity)
    }
    var lists = rows.map { sums.terms[$0] }
    var kraft = lists.map { $0.reduce(0) { $0 + power(levels[$1.index]) } }
    // What other sums read stays as shallow as it is.
    let roots = Set(sums.roots.map(\.word))
    // Where depth is free it ends with the numbers that count it: columns that differ by a constant would be one long chain.
    let limits = rows.map { row in
      limit.map { roots.contains(row) ? $0 : min($0, levels[row]) } ?? Self.deepest
    }
    var table = PairTable(capacity: lists.reduce(0) { $0 + $1.count * $1.count / 2 })
    for list in lists {
      for place in list.indices {
        for other in list[..<place] { table.add(Pair(other, list[place]).key, 1) }
      }
    }
    var heap = PairHeap()
    for key in table.repeated() { heap.push(key, score: value(Pair(key: key), table.count(key), pool)) }
    var touched: [UInt64] = []
    while let (score, key) = heap.pop() {
      let pair = Pair(key: key)
      let count = table.count(key)
      guard count > 1 else { continue }
      let current = value(pair, count, pool)
      if current != score {
        if current < score { heap.push(key, score: current) }
        continue
      }
      let level = levelsFor(kraft: power(levels[pair.first]) + power(levels[pair.second]), arity: arity)
      let change = power(level) - power(levels[pair.first]) - power(levels[pair.second])
      let places = lists.indices.map { row in
        kraft[row] + change > power(limits[row]) ? [] : Self.places(of: pair, in: lists[row])
      }
      guard places.reduce(0, { $0 + $1.count }) > 1 else {
        // Occurrences overlap or are too deep: it is not looked at again unless more come.
        continue
      }
      let word = pool.add(pair.terms)
      sums.terms.append(pair.terms)
      levels.append(level)
      touched.removeAll(keepingCapacity: true)
      for row in lists.indices {
        for (a, b) in places[row] {
          replace(a, b, by: word, pair: pair, in: &lists[row], &table, &touched)
          kraft[row] += change
        }
      }
      touched.sort()
      var last: UInt64 = 0
      for key in touched where key != last {
        last = key
        let count = table.count(key)
        if count > 1 { heap.push(key, score: value(Pair(key: key), count, pool)) }
      }
    }
    for (row, list) in zip(rows, lists) { sums.terms[row] = list }
  }

  /// Terms of a sum that form a pair, each term once.
  static func places(of pair: Pair, in list: [Addend]) -> [(Addend, Addend)] {
    var result: [(Addend, Addend)] = []
    var isUsed: [Bool] = []
    for (place, a) in list.enumerated() where a.index == pair.first {
      if !isUsed.isEmpty, isUsed[place] { continue }
      for (other, b) in list.enumerated()
      where other != place && b.index == pair.second && b.shiftCount - a.shiftCount == pair.shift
        && (a.isNegated != b.isNegated) == pair.isDifference
      {
        if isUsed.isEmpty { isUsed = [Bool](repeating: false, count: list.count) }
        if isUsed[other] { continue }
        isUsed[place] = true
        isUsed[other] = true
        result.append((a, b))
        break
      }
    }
    return result
  }

  /// Whether a sum has a pair.
  static func contains(_ pair: Pair, in list: [Addend]) -> Bool {
    for a in list where a.index == pair.first {
      for b in list
      where b.index == pair.second && b.shiftCount - a.shiftCount == pair.shift
        && (a.isNegated != b.isNegated) == pair.isDifference && a != b
      {
        return true
      }
    }
    return false
  }

  private func replace(
    _ a: Addend, _ b: Addend, by word: Int, pair: Pair, in list: inout [Addend], _ table: inout PairTable,
    _ touched: inout [UInt64]
  ) {
    for old in [a, b] {
      guard let place = list.firstIndex(of: old) else { continue }
      list.remove(at: place)
      for other in list { table.add(Pair(old, other).key, -1) }
    }
    // a = ±first · 2^x, b = ±second · 2^y: the sum stands at the lower of both, with the sign of the first.
    let new = Addend(word, shift: min(a.shiftCount, b.shiftCount), isNegated: a.isNegated)
    for other in list {
      let key = Pair(new, other).key
      table.add(key, 1)
      touched.append(key)
    }
    list.append(new)
  }

  private func value(_ pair: Pair, _ count: Int, _ pool: Pool) -> Int {
    var worth: Int
    switch score {
    case .adders: worth = (count - 1) * 64
    case .rowBits:
      let a = max(0, -pair.shift)
      let b = max(0, pair.shift)
      let starts = (a + pool.zeros[pair.first], b + pool.zeros[pair.second])
      let top = max(
        a + bitWidth(pool.low[pair.first], pool.high[pair.first]),
        b + bitWidth(pool.low[pair.second], pool.high[pair.second]))
      worth = (count - 1) * max(1, top + 1 - max(starts.0, starts.1)) * 16
    }
    if noise > 0 {
      var random = (pair.key ^ seed) &* 0xbf58_476d_1ce4_e5b9
      random ^= random >> 29
      random = random &* 0x94d0_49bb_1331_11eb
      worth += worth * Int(random >> 40 & 0xff) * noise / 25600
    }
    return worth
  }
}
