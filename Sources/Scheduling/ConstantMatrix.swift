import FixedPoint
import Program

/// What products with a matrix of constants, and their sums, are built from.
///
/// A product is a sum of shifted copies of its input, one for each non-zero canonical signed digit of the word.
/// Up to two digits the tool builds shifts and adds, from three on a multiplier: a DSP, or LUTs where the
/// operands are narrow. Equal products of one input are one expression and built once; so are equal partial sums of the
/// balanced trees over each column's non-zero terms. docs/cost-model.md shows what speaks for each rule.
struct ConstantMatrix {
  /// Digits from which on a product takes a multiplier.
  static let multiplierDigits = 3
  /// Whether the tool builds a product of operands of these widths of LUTs when it is not told: inputs of 16 bits times
  /// words of 4 in the data, all of 6 × 6 and most of 7 × 7 bits in networks (docs/cost-model.md), none of 8 × 8 bits.
  static func isSmall(_ a: Int, _ b: Int) -> Bool { min(a, b) <= 4 || max(a, b) <= 7 }

  /// Bits of an input, and the most bits of a sum.
  let inputWidth, sumWidth: Int
  /// Adders of the columns' trees. A bias, being a constant, takes a level but no adder of its own: reports of trained
  /// layers leave no room for one.
  private(set) var adders = 0
  /// The bits of these adders: sums of narrow products are narrow where the accumulator need not be.
  private(set) var adderBits = 0
  /// Those the sum's format has room for: adders have no others, though registers of products do.
  private(set) var keptBits = 0
  /// Adders and negations within products.
  private(set) var shiftAdds = 0
  /// The negations among `shiftAdds`: a tree subtracts instead, without delay.
  private(set) var negations = 0
  /// Multipliers of narrow operands, in LUTs.
  private(set) var smallMultipliers = 0
  /// Multipliers by wider words.
  private(set) var multipliers = 0
  /// When the last sum is there.
  private(set) var finish = LogicTime()
  /// Bits of products and partial sums where the logic is cut into cycles: each as often as it waits for the next.
  private(set) var cutBits = 0
  /// Columns with a product: the outputs that are more than a constant.
  private(set) var columns = 0

  /// Products that are more than wires.
  var logicProducts: Int { shiftAdds + smallMultipliers - negations }

  /// Low bits of a product that the sum's format cuts off.
  private let droppedBits: Int
  private let clock: LogicClock
  private let binding: MultiplierBinding

  /// Makes an empty collection of matrices.
  init(inputWidth: Int, sumWidth: Int, droppedBits: Int, clock: LogicClock, binding: MultiplierBinding) {
    (self.inputWidth, self.sumWidth, self.droppedBits) = (inputWidth, sumWidth, droppedBits)
    (self.clock, self.binding) = (clock, binding)
  }

  /// Adds a matrix of `inputs` × `outputs` words (row by row) and its `outputs` biases.
  mutating func add(words: ArraySlice<Raw>, biases: ArraySlice<Raw>, inputs: Int, outputs: Int) {
    let first = words.startIndex
    // A node is an input and a word (a leaf) or two nodes; `widths` and `kept` have the bits of each, `ready` when it is there
    // and `needed` the cycle it is last used in.
    var leaves = PairTable()
    var nodes = PairTable()
    var widths: [Int] = []
    var kept: [Int] = []
    var ready: [LogicTime] = []
    var needed: [Int] = []
    func leaf(_ row: Int, _ word: Raw) -> Int {
      // Words of over 64 bits are told apart by their low half.
      let (node, isNew) = leaves.number(UInt64(row), UInt64(truncatingIfNeeded: word), or: widths.count)
      if isNew {
        let delay = add(product: word)
        widths.append(min(productWidth(word), sumWidth))
        kept.append(max(1, min(productWidth(word) - droppedBits, sumWidth)))
        ready.append(clock.product(delay))
        needed.append(0)
      }
      return node
    }
    func sum(_ a: Int, _ b: Int) -> Int {
      let (node, isNew) = nodes.number(UInt64(a), UInt64(b), or: widths.count)
      if isNew {
        widths.append(min(max(widths[a], widths[b]) + 1, sumWidth))
        kept.append(min(max(kept[a], kept[b]) + 1, sumWidth))
        adderBits += widths[node]
        keptBits += kept[node]
        adders += 1
        let (begin, end) = clock.end(from: max(ready[a], ready[b]), CostModel.adderDelay(widths[node]))
        ready.append(end)
        needed.append(end.cycle)
        needed[a] = max(needed[a], begin)
        needed[b] = max(needed[b], begin)
      }
      return node
    }
    for column in 0..<outputs {
      var terms: [Int] = []
      for row in 0..<inputs {
        let word = words[first + row * outputs + column]
        if word != 0 { terms.append(leaf(row, word)) }
      }
      if terms.isEmpty { continue }
      let hasBias = biases[biases.startIndex + column] != 0
      let isDeeper = hasBias && terms.count.nonzeroBitCount == 1
      while terms.count > 1 {
        var sums = stride(from: 0, to: terms.count - 1, by: 2).map { sum(terms[$0], terms[$0 + 1]) }
        if terms.count % 2 == 1 { sums.append(terms[terms.count - 1]) }
        terms = sums
      }
      columns += 1
      let sum = ready[terms[0]]
      finish = max(finish, isDeeper ? clock.end(from: sum, CostModel.adderDelay(sumWidth)).end : sum)
    }
    for node in widths.indices { cutBits += widths[node] * max(0, needed[node] - ready[node].cycle) }
  }

  /// Counts the hardware of a product; returns its delay, in ns.
  private mutating func add(product word: Raw) -> Double {
    let digits = CostModel.signedDigits(word)
    if digits < Self.multiplierDigits {
      let negation = digits == 1 && word < 0 ? 1 : 0
      negations += negation
      shiftAdds += digits - 1 + negation
      // A tree subtracts instead of negating, without delay.
      return digits == 2 ? CostModel.adderDelay(inputWidth) : 0
    }
    if binding == .automatic, Self.isSmall(inputWidth, Self.bits(word)) {
      smallMultipliers += 1
      return CostModel.adderDelay(inputWidth)
    }
    multipliers += 1
    return clock.multiplierDelay(binding)
  }

  /// Bits of a word by itself: a positive one needs no sign.
  private static func bits(_ word: Raw) -> Int {
    word > 0
      ? Raw.bitWidth - word.leadingZeroBitCount : Raw.bitWidth - (~word).leadingZeroBitCount + 1
  }

  /// Bits of an input times a word.
  private func productWidth(_ word: Raw) -> Int {
    inputWidth + Raw.Magnitude.bitWidth - (word.magnitude - 1).leadingZeroBitCount
  }
}

/// Numbers given to pairs: a hash table with open addressing. Matrices have a million pairs, for which
/// `Dictionary` takes several times as long.
private struct PairTable {
  private var keys: [SIMD2<UInt64>] = Array(repeating: .zero, count: 64)
  private var numbers: [Int] = Array(repeating: -1, count: 64)
  private var count = 0

  /// The number of a pair; `fresh` becomes that of one not seen before.
  mutating func number(_ a: UInt64, _ b: UInt64, or fresh: Int) -> (number: Int, isNew: Bool) {
    if count * 2 >= keys.count { grow() }
    let place = place(SIMD2(a, b))
    if numbers[place] >= 0 { return (numbers[place], false) }
    keys[place] = SIMD2(a, b)
    numbers[place] = fresh
    count += 1
    return (fresh, true)
  }

  /// Where a pair is, or where it belongs.
  private func place(_ key: SIMD2<UInt64>) -> Int {
    let mixed = (key.x &* 0x9e37_79b9_7f4a_7c15) ^ (key.y &* 0xc2b2_ae3d_27d4_eb4f)
    let mask = UInt64(keys.count - 1)
    var place = (mixed ^ (mixed >> 29)) & mask
    while numbers[Int(place)] >= 0, keys[Int(place)] != key { place = (place + 1) & mask }
    return Int(place)
  }

  private mutating func grow() {
    let old = zip(keys, numbers).filter { $0.1 >= 0 }
    keys = Array(repeating: .zero, count: keys.count * 2)
    numbers = Array(repeating: -1, count: keys.count)
    for (key, number) in old {
      let place = place(key)
      keys[place] = key
      numbers[place] = number
    }
  }
}
