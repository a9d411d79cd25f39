import FixedPoint

/// Expresses a column by words there are: matching pursuit (Mallat and Zhang 1993), where a word fits that removes most
/// signed digits of what is left.
struct Pursuit {
  /// A word that may be read, and the level it stands on.
  struct Candidate {
    var word: Int
    var level: Int
  }

  /// Room of Kraft's inequality, and what a level takes of it.
  let room: Int
  let powers: [Int]
  /// Operations done, for the search's budget.
  private(set) var work = 0
  private var rest: [Int] = []
  private var digits: [Int] = []
  /// Digits of small numbers, from -tableSize.
  private let table: [UInt8]
  private static let tableSize = 1 << 12

  init(_ problem: Problem) {
    powers = (0..<33).map { (0..<$0).reduce(1) { product, _ in product &* problem.arity } }
    room = powers[min(problem.levels, 32)]
    table = (-Self.tableSize..<Self.tableSize).map { UInt8(digitCount($0)) }
  }

  @inline(__always)
  private func count(_ value: Int) -> Int {
    let place = value &+ Self.tableSize
    return place >= 0 && place < 2 &* Self.tableSize ? Int(table[place]) : digitCount(value)
  }

  /// Terms that add up to a column of weights and a constant.
  ///
  /// - Parameters:
  ///   - noise: how much chance decides among words, in sixteenths of a digit.
  ///   - recodes: digits are not always canonical: 4 - 1 may become 2 + 1.
  mutating func terms(
    of target: Problem.Target, _ candidates: [Candidate], _ pool: inout Pool, noise: Int, recodes: Bool,
    random: inout SplitMix64
  ) -> [Addend] {
    rest = target.weights.map { Int($0) }
    digits = rest.map { count($0) }
    var constant = target.constant
    var kraft = 0
    var total = digits.reduce(0, &+)
    var terms: [Addend] = []
    while total > 1 {
      guard
        let fit = best(
          candidates, pool, constant: constant, total: total, kraft: kraft, noise: noise, random.next())
      else { break }
      terms.append(fit.term)
      kraft &+= powers[min(fit.level, 32)]
      let sign = fit.term.isNegated ? 1 : -1
      for place in pool.support(of: fit.term.index) {
        let (input, weight) = pool.nonzero[place]
        rest[Int(input)] &+= sign &* (Int(weight) << fit.term.shiftCount)
        total &-= digits[Int(input)]
        digits[Int(input)] = count(rest[Int(input)])
        total &+= digits[Int(input)]
      }
      constant &+= sign &* (pool.constant[fit.term.index] << fit.term.shiftCount)
    }
    for (input, weight) in rest.enumerated() where weight != 0 {
      for digit in recodes ? recoded(weight, &random) : canonicalDigits(weight) {
        terms.append(Addend(input, shift: digit.shift, isNegated: digit.isNegated))
      }
    }
    if constant != 0 { terms.append(Addend(pool.constantWord(constant))) }
    return terms
  }

  private mutating func best(
    _ candidates: [Candidate], _ pool: Pool, constant: Int, total: Int, kraft: Int, noise: Int, _ seed: UInt64
  ) -> (term: Addend, level: Int)? {
    var best = 16
    var result: (term: Addend, level: Int)?
    let largest = rest.reduce(0) { max($0, $1.magnitude) }
    var noises = seed | 1
    let constantTerm = constant == 0 ? 0 : 1
    var work = 0
    rest.withUnsafeBufferPointer { rest in
      digits.withUnsafeBufferPointer { digits in
        pool.nonzero.withUnsafeBufferPointer { nonzero in
          // The largest first: a word saves no more digits than it has, so that small ones need not be looked at.
          for candidate in candidates.reversed() {
            noises ^= noises << 13
            noises ^= noises >> 7
            noises ^= noises << 17
            work &+= 1
            let extra = noise == 0 ? 0 : Int(noises >> 33) % noise
            // A term of its own, and a constant that comes with it.
            let own = constantTerm == 0 && pool.constant[candidate.word] != 0 ? 2 : 1
            guard (pool.digits[candidate.word] &- own) &* 16 &+ extra > best else { continue }
            let support = pool.support(of: candidate.word)
            var bound = 0
            var most: UInt = 1
            for place in support {
              bound &+= digits[Int(nonzero[place].input)]
              most = max(most, nonzero[place].weight.magnitude.asUInt)
            }
            work &+= support.count
            guard (bound &- own) &* 16 &+ extra > best else { continue }
            var shift = 0
            while most << UInt(shift) <= 2 &* largest, shift < 24 {
              for sign in [1, -1] {
                var after = 0
                let allowed = bound &- own &- (best &- extra) / 16
                for place in support {
                  let input = Int(nonzero[place].input)
                  after &+= count(rest[input] &- sign &* (Int(nonzero[place].weight) << shift))
                  if after > allowed { break }
                }
                work &+= support.count
                let score = (bound &- after &- own) &* 16 &+ extra
                guard score > best else { continue }
                let needed =
                  kraft &+ powers[min(candidate.level, 32)] &+ (total &- bound &+ after) &+ constantTerm
                guard needed <= room else { continue }
                best = score
                result = (Addend(candidate.word, shift: shift, isNegated: sign < 0), candidate.level)
              }
              shift &+= 1
            }
          }
        }
      }
    }
    self.work += work
    return result
  }

  /// Digits of the least number, not always the canonical ones.
  private func recoded(_ value: Int, _ random: inout SplitMix64) -> [(shift: Int, isNegated: Bool)] {
    var digits = canonicalDigits(value)
    for place in digits.indices.dropFirst()
    where digits[place].shift == digits[place - 1].shift + 2
      && digits[place].isNegated != digits[place - 1].isNegated && random.next() & 3 == 0
    {
      // ±(4 - 1) = ±(2 + 1)
      digits[place].shift -= 1
      digits[place - 1].isNegated.toggle()
    }
    return digits
  }
}

extension UInt32 {
  fileprivate var asUInt: UInt { UInt(self) }
}
