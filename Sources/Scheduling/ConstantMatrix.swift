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
    for row in 0..<inputs {
      let start = first + row * outputs
      for word in Set(words[start..<(start + outputs)]) { add(product: word) }
    }
    // A node is an input and a word (a leaf) or two nodes; `widths` has the bits of each.
    var leaves: [Leaf: Int] = [:]
    var nodes: [SIMD2<Int>: Int] = [:]
    var widths: [Int] = []
    func number<Key: Hashable>(_ key: Key, _ known: inout [Key: Int], _ width: Int) -> Int {
      if let index = known[key] { return index }
      known[key] = widths.count
      widths.append(min(width, sumWidth))
      return widths.count - 1
    }
    for column in 0..<outputs {
      var terms: [Int] = []
      for row in 0..<inputs {
        let word = words[first + row * outputs + column]
        if word != 0 { terms.append(number(Leaf(row: row, word: word), &leaves, productWidth(word))) }
      }
      let hasBias = !terms.isEmpty && biases[biases.startIndex + column] != 0
      depth = max(depth, CostModel.log2Ceiling(terms.count + (hasBias ? 1 : 0)))
      while terms.count > 1 {
        var sums = stride(from: 0, to: terms.count - 1, by: 2).map {
          let (a, b) = (terms[$0], terms[$0 + 1])
          return number(SIMD2(a, b), &nodes, max(widths[a], widths[b]) + 1)
        }
        if terms.count % 2 == 1 { sums.append(terms[terms.count - 1]) }
        terms = sums
      }
    }
    adders += nodes.count
    adderBits += nodes.values.reduce(0) { $0 + widths[$1] }
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

  private struct Leaf: Hashable {
    var row: Int
    var word: Raw
  }
}
