/// A term of a sum: ±(word · 2^shift).
struct Addend: Hashable {
  var word: Int32
  var shift: Int16
  var isNegated: Bool

  init(_ word: Int, shift: Int = 0, isNegated: Bool = false) {
    self.word = Int32(word)
    self.shift = Int16(shift)
    self.isNegated = isNegated
  }

  var index: Int { Int(word) }
  var shiftCount: Int { Int(shift) }

  /// The same as a term of what reads it shifted and signed like `outer`.
  func within(_ outer: Addend) -> Addend {
    Addend(
      index, shift: shiftCount + outer.shiftCount, isNegated: isNegated != outer.isNegated)
  }
}

/// Every word the search has made: the inputs first, then constants and sums. What a word is never changes; how it is
/// computed is the business of `Sums`.
struct Pool {
  /// Inputs of the problem.
  let width: Int
  /// Weights of all words, `width` each.
  private(set) var weights: [Int32] = []
  private(set) var constant: [Int] = []
  /// The weights that are not zero, of one word after the other.
  private(set) var nonzero: [(input: Int32, weight: Int32)] = []
  private var ends: [Int] = []
  /// Bits of all inputs a word depends on: six or fewer make it a table.
  private(set) var bits: [Int] = []
  /// Signed digits of all weights of a word together.
  private(set) var digits: [Int] = []
  private var inputBits: [Int] = []
  /// The exact interval of each word and its low bits that are always zero.
  private(set) var low: [Int] = []
  private(set) var high: [Int] = []
  private(set) var zeros: [Int] = []

  init(_ problem: Problem) {
    width = problem.inputs.count
    inputBits = problem.inputBits
    for (index, input) in problem.inputs.enumerated() {
      weights += (0..<width).map { $0 == index ? 1 : 0 }
      addSupport()
      constant.append(0)
      low.append(Int(input.low))
      high.append(Int(input.high))
      zeros.append(max(0, min(input.trailingZeros, 58)))
    }
    for target in problem.targets where target.constant != 0 { _ = add(constant: target.constant) }
  }

  /// A pool of eight-bit words, where only the number of adders counts.
  init(leaves: Int) {
    width = leaves
    inputBits = [Int](repeating: 8, count: leaves)
    for index in 0..<width {
      weights += (0..<width).map { $0 == index ? 1 : 0 }
      addSupport()
      constant.append(0)
      low.append(-128)
      high.append(127)
      zeros.append(0)
    }
  }

  var count: Int { constant.count }

  /// Forgets the newest words.
  mutating func truncate(to count: Int) {
    weights.removeLast((self.count - count) * width)
    low.removeLast(low.count - count)
    high.removeLast(high.count - count)
    zeros.removeLast(zeros.count - count)
    constant.removeLast(self.count - count)
    ends.removeLast(ends.count - count)
    bits.removeLast(bits.count - count)
    digits.removeLast(digits.count - count)
    nonzero.removeLast(nonzero.count - (ends.last ?? 0))
  }

  /// Where the weights of a word stand in `nonzero`.
  @inline(__always)
  func support(of word: Int) -> Range<Int> { (word == 0 ? 0 : ends[word - 1])..<ends[word] }

  private mutating func addSupport() {
    var sum = 0
    var count = 0
    for input in 0..<width {
      let weight = weights[weights.count - width + input]
      guard weight != 0 else { continue }
      nonzero.append((Int32(input), weight))
      sum += inputBits[input]
      count += digitCount(Int(weight))
    }
    bits.append(sum)
    digits.append(count)
    ends.append(nonzero.count)
  }

  /// The word of a constant: one there is, or a new one.
  mutating func constantWord(_ value: Int) -> Int {
    var word = width
    // Constants of targets come first; others are made as they are needed.
    while word < count, support(of: word).isEmpty {
      if low[word] == value { return word }
      word += 1
    }
    return add(constant: value)
  }

  /// A constant, as a word.
  mutating func add(constant value: Int) -> Int {
    weights += repeatElement(0, count: width)
    ends.append(nonzero.count)
    bits.append(0)
    digits.append(0)
    constant.append(value)
    low.append(value)
    high.append(value)
    zeros.append(value == 0 ? 0 : value.trailingZeroBitCount)
    return count - 1
  }

  /// The sum of terms, as a word.
  mutating func add(_ terms: [Addend]) -> Int {
    let base = weights.count
    weights += repeatElement(0, count: width)
    var offset = 0
    for term in terms {
      let start = term.index * width
      let factor: Int32 = (term.isNegated ? -1 : 1) << Int32(term.shift)
      for input in 0..<width {
        weights[base + input] &+= weights[start + input] &* factor
      }
      offset += constant[term.index] &* Int(factor)
    }
    addSupport()
    constant.append(offset)
    var lowest = offset
    var highest = offset
    var zero = offset == 0 ? 58 : offset.trailingZeroBitCount
    for input in 0..<width {
      let weight = Int(weights[base + input])
      guard weight != 0 else { continue }
      lowest += weight * (weight > 0 ? low[input] : high[input])
      highest += weight * (weight > 0 ? high[input] : low[input])
      if low[input] != 0 || high[input] != 0 { zero = min(zero, zeros[input] + weight.trailingZeroBitCount) }
    }
    low.append(lowest)
    high.append(highest)
    zeros.append(zero == 58 ? 0 : zero)
    return count - 1
  }
}

/// Terms with equal words put together: equal ones become one of twice the weight, opposite ones vanish.
func merged(_ terms: [Addend]) -> [Addend] {
  var result: [Addend] = []
  result.reserveCapacity(terms.count)
  for term in terms {
    var term: Addend? = term
    while let next = term,
      let place = result.firstIndex(where: { $0.word == next.word && $0.shift == next.shift })
    {
      let other = result.remove(at: place)
      term =
        other.isNegated == next.isNegated
        ? Addend(next.index, shift: next.shiftCount + 1, isNegated: next.isNegated) : nil
    }
    if let term { result.append(term) }
  }
  return result
}

/// The canonical signed digits of a number, of which no two neighbours are both other than 0 (G. W. Reitwiesner, Adv. Comput. 1
/// (1960) 231): those that are ±1, from the lowest, each its power of two and whether it is −1.
public func canonicalDigits<Word: FixedWidthInteger & SignedInteger>(_ value: Word)
  -> [(shift: Int, isNegated: Bool)]
{
  var digits: [(shift: Int, isNegated: Bool)] = []
  var rest = value
  var shift = 0
  while rest != 0 {
    let skip = rest.trailingZeroBitCount
    rest >>= skip
    shift += skip
    let isNegated = rest & 3 == 3
    digits.append((shift, isNegated))
    rest += isNegated ? 1 : -1
  }
  return digits
}
