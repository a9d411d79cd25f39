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
  /// Multipliers whose operands have up to this many bits together are built of LUTs: in the data, inputs of 16 bits
  /// times words of 4; in a trained network's report (docs/cost-model.md) all of 6 × 6 bits.
  static let lutMultiplierBits = 20

  /// Whether a product of operands of these widths is built of LUTs.
  static func isSmall(_ a: Int, _ b: Int) -> Bool { a + b <= lutMultiplierBits }

  /// Bits of an input, and the most bits of a sum.
  let inputWidth, sumWidth: Int
  /// Adders of the columns' trees. A bias, being a constant, takes a level but no adder of its own: reports of trained
  /// layers leave no room for one.
  private(set) var adders = 0
  /// The bits of these adders: sums of narrow products are narrow where the accumulator need not be.
  private(set) var adderBits = 0
  /// Adders and negations within products.
  private(set) var shiftAdds = 0
  /// The negations among `shiftAdds`: a tree subtracts instead, without delay.
  private(set) var negations = 0
  /// Multipliers of narrow operands, in LUTs.
  private(set) var smallMultipliers = 0
  /// Multipliers by wider words.
  private(set) var multipliers = 0
  /// Levels of the deepest tree.
  private(set) var depth = 0

  /// Products that are more than wires.
  var logicProducts: Int { shiftAdds + smallMultipliers - negations }

  /// Makes an empty collection of matrices.
  init(inputWidth: Int, sumWidth: Int) {
    self.inputWidth = inputWidth
    self.sumWidth = sumWidth
  }

  /// Adds a matrix of `inputs` × `outputs` words (row by row) and its `outputs` biases.
  mutating func add(words: ArraySlice<Raw>, biases: ArraySlice<Raw>, inputs: Int, outputs: Int) {
    let first = words.startIndex
    // A node is an input and a word (a leaf) or two nodes; `widths` has the bits of each.
    var leaves = PairTable()
    var nodes = PairTable()
    var widths: [Int] = []
    func leaf(_ row: Int, _ word: Raw) -> Int {
      // Words of over 64 bits are told apart by their low half.
      let (node, isNew) = leaves.number(UInt64(row), UInt64(truncatingIfNeeded: word), or: widths.count)
      if isNew {
        add(product: word)
        widths.append(min(productWidth(word), sumWidth))
      }
      return node
    }
    func sum(_ a: Int, _ b: Int) -> Int {
      let (node, isNew) = nodes.number(UInt64(a), UInt64(b), or: widths.count)
      if isNew {
        widths.append(min(max(widths[a], widths[b]) + 1, sumWidth))
        adderBits += widths[node]
        adders += 1
      }
      return node
    }
    for column in 0..<outputs {
      var terms: [Int] = []
      for row in 0..<inputs {
        let word = words[first + row * outputs + column]
        if word != 0 { terms.append(leaf(row, word)) }
      }
      let hasBias = !terms.isEmpty && biases[biases.startIndex + column] != 0
      depth = max(depth, CostModel.log2Ceiling(terms.count + (hasBias ? 1 : 0)))
      while terms.count > 1 {
        var sums = stride(from: 0, to: terms.count - 1, by: 2).map { sum(terms[$0], terms[$0 + 1]) }
        if terms.count % 2 == 1 { sums.append(terms[terms.count - 1]) }
        terms = sums
      }
    }
  }

  private mutating func add(product word: Raw) {
    let digits = CostModel.signedDigits(word)
    if digits == 0 { return }
    if digits < Self.multiplierDigits {
      let negation = digits == 1 && word < 0 ? 1 : 0
      negations += negation
      shiftAdds += digits - 1 + negation
    } else if Self.isSmall(inputWidth, Self.bits(word)) {
      smallMultipliers += 1
    } else {
      multipliers += 1
    }
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
