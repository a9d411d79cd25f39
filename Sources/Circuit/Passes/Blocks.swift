import FixedPoint
import Program

/// What products of two words and tables are built of.
public struct BlockOptions: Hashable, Sendable {
  /// What a thing is built of that a device has hard blocks for.
  public enum Choice: Hashable, Sendable {
    /// By size.
    case bySize
    /// Lookup tables and carry chains.
    case logic
    /// Hard blocks.
    case block
  }

  /// What products of two words are built of.
  public var products = Choice.bySize
  /// What tables are built of.
  public var tables = Choice.bySize
  /// The widest signed factors of a DSP block, the wider one first.
  public var factors = [27, 18]

  /// The defaults.
  public init() {}

  /// Whether a product of words of so many bits is built of logic: by size where one has up to four bits or both up to seven, as
  /// Vitis HLS does (docs/cost-model.md).
  func isLogic(_ a: Int, _ b: Int) -> Bool {
    switch products {
    case .bySize: min(a, b) <= 4 || max(a, b) <= 7
    case .logic: true
    case .block: min(a, b) <= 1
    }
  }

  /// Index bits from which a table is kept in block RAM: 1,024 entries fill one at 18 bits.
  static let largeTable = 10

  /// Whether a table with an index of so many bits is built of logic.
  func isLogic(index: Int) -> Bool {
    switch tables {
    case .bySize: index < Self.largeTable
    case .logic: true
    // What fits one lookup table per bit is no memory.
    case .block: index <= 6
    }
  }

  /// Block RAMs of 18 kbit that a table of 2^index words takes, of the shapes that they have.
  static func blockRAMs(index: Int, width: Int) -> Int {
    let shapes = [(9, 36), (10, 18), (11, 9), (12, 4), (13, 2), (14, 1)]
    return shapes.map { depth, bits in
      ((width + bits - 1) / bits) << max(0, index - depth)
    }.min() ?? 0
  }
}

extension CircuitPass {
  /// Products of two words and large tables get what they are built of.
  static let blocks = CircuitPass(
    name: "blocks",
    summary: "builds products of two words of adders or DSP blocks, tables of logic or block RAM"
  ) { circuit, options in
    var rewriter = CircuitRewriter(circuit)
    for (index, node) in circuit.nodes.enumerated() {
      switch node.operation {
      case .multiply(let a, let b):
        rewriter.builder.layer = node.layer
        var product = Product(builder: rewriter.builder, options: options)
        let (x, y) = (rewriter.wire(a), rewriter.wire(b))
        let wire = product.multiply(
          Wire(word: x.word), Wire(word: y.word),
          bits: rewriter.wrapped(index).map { max(1, $0.width - x.shift - y.shift) })
        rewriter.builder = product.builder
        rewriter.wires[index] = rewriter.builder.fitted(wire.shifted(left: x.shift + y.shift), node.interval)
      case .table(let table, let id):
        if options.staging == .none || options.blocks.isLogic(index: circuit[id].width) {
          rewriter.copy(index)
          continue
        }
        rewriter.builder.layer = node.layer
        let address = rewriter.word(id)
        var contents = circuit.tables[table].covering(rewriter.builder.interval(address))
        contents.isBlock = true
        let word = rewriter.builder.add(
          .table(rewriter.builder.place(contents), address), wrapped: rewriter.wrapped(index))
        rewriter.wires[index] = rewriter.builder.fitted(Wire(word: word), node.interval)
      case .input, .constant, .sum, .compare, .mux, .slice, .concatenate, .register, .state:
        rewriter.copy(index)
      }
    }
    return rewriter.finish()
  }
}

/// A product of two words, taken apart.
private struct Product {
  var builder: CircuitBuilder
  let options: CircuitOptions

  /// The product.
  ///
  /// - Parameter bits: how many of its low bits are read; nil: all.
  mutating func multiply(_ a: Wire, _ b: Wire, bits: Int?) -> Wire {
    let widths = (builder.node(a.word).width, builder.node(b.word).width)
    if builder.node(a.word).constant != nil || builder.node(b.word).constant != nil {
      return builder.multiply(a, b)
    }
    if options.blocks.isLogic(widths.0, widths.1) {
      return logic(a, b, bits)
    }
    // Which of them is the wider factor: as few blocks as there can be.
    let limits = options.blocks.factors
    let straight = parts(a, limits[0]) * parts(b, limits[1])
    let crossed = parts(a, limits[1]) * parts(b, limits[0])
    let (left, right) = straight <= crossed ? (limits[0], limits[1]) : (limits[1], limits[0])
    if min(straight, crossed) == 1 { return block(a, b, bits) }
    var sums: [Wire] = []
    for x in split(a, left) {
      for y in split(b, right) {
        let shift = x.shift + y.shift
        if let bits, bits <= shift { continue }
        let product = multiply(Wire(word: x.word), Wire(word: y.word), bits: bits.map { $0 - shift })
        sums.append(product.shifted(left: shift))
      }
    }
    return total(sums, bits)
  }

  private mutating func block(_ a: Wire, _ b: Wire, _ bits: Int?) -> Wire {
    builder.multiply(a, b, wrapped: bits.map { WordType(min(128, $0), signed: isSigned(a, b)) })
  }

  private func isSigned(_ wires: Wire...) -> Bool { wires.contains { builder.node($0.word).isSigned } }

  // MARK: Parts

  /// How many factors of so many bits, a sign among them, a word is.
  private func parts(_ wire: Wire, _ limit: Int) -> Int {
    let node = builder.node(wire.word)
    return (node.width - (node.isSigned ? 1 : 0) + limit - 2) / (limit - 1)
  }

  /// The word as parts: the highest has the sign.
  private mutating func split(_ wire: Wire, _ limit: Int) -> [Wire] {
    let count = parts(wire, limit)
    return (0..<count).map { part in
      let from = part * (limit - 1)
      let type = part == count - 1 ? nil : WordType(limit - 1, signed: false)
      return Wire(word: builder.slice(wire.word, from: from, type), shift: from)
    }
  }

  // MARK: Logic

  /// The ways to build a product of rows.
  private enum Form: CaseIterable {
    /// Words that are masked, two a row, whose sums are added.
    case masked
    /// A digit of two bits a row, added to the ones before.
    case digits
  }

  /// The product of adders: of the ways that there are the one that takes the fewest tables, else the least deep.
  private mutating func logic(_ a: Wire, _ b: Wire, _ bits: Int?) -> Wire {
    var best = (form: Form.masked, word: a, other: b)
    var least = Int.max
    for (word, other) in [(a, b), (b, a)] {
      for form in Form.allCases where form == .masked || options.digits {
        let cost = cost(form, builder.node(word.word), builder.node(other.word))
        if cost < least { (best, least) = ((form, word, other), cost) }
      }
    }
    return best.form == .masked ? rows(best.word, best.other, bits) : digits(best.word, best.other, bits)
  }

  /// Tables, roughly: rows times their width.
  private func cost(_ form: Form, _ word: Node, _ other: Node) -> Int {
    let width = word.width + 2
    switch form {
    case .masked:
      let sums = (other.width + 1) / 2
      let most = options.adder.rawValue
      return width * (other.width / 2 + (sums + most - 3) / (most - 1))
    case .digits: return width * digitCount(other)
    }
  }

  /// Digits of two bits that a word has; of an unsigned one the highest may be the carry of the one below.
  private func digitCount(_ node: Node) -> Int { node.isSigned ? (node.width + 1) / 2 : node.width / 2 + 1 }

  /// Σ 4^i · digit · word: bits 2i − 1, 2i and 2i + 1 of the other word, of weights 1, 1 and −2, are digit i.
  private mutating func digits(_ word: Wire, _ other: Wire, _ bits: Int?) -> Wire {
    let factor = builder.node(other.word)
    let product = builder.interval(word.word) * factor.interval
    let count = digitCount(factor)
    // Long chains of rows side by side.
    let length = (count - 1) / ((count + Self.longestChain - 1) / Self.longestChain) + 1
    var sums: [Wire] = []
    for first in stride(from: 0, to: count, by: length) {
      let digits = (first..<min(count, first + length)).filter { digit in bits.map { 2 * digit < $0 } ?? true
      }
      if digits.isEmpty { break }
      sums.append(chain(word, other, digits, bits, within: length < count ? nil : product))
    }
    return total(sums, bits, within: product)
  }

  /// Rows that are added one behind the other before there are two chains of them, side by side.
  private static let longestChain = 4

  /// Digits of the product, each added to the ones before.
  private mutating func chain(
    _ word: Wire, _ other: Wire, _ digits: [Int], _ bits: Int?, within product: Interval?
  ) -> Wire {
    var total: Wire?
    for digit in digits {
      var terms: [Term] = []
      for (position, factor) in [(2 * digit - 1, 1), (2 * digit, 1), (2 * digit + 1, -2)] as [(Int, Raw)]
      where position >= 0 {
        let mask = builder.bit(other.word, position)
        let power = factor << Raw(2 * digit)
        // A bit that is always 1 (the sign of a negative word) is a mask, too: else the sum were no digit's.
        if builder.node(mask).constant != 0 { terms.append(Term(word.word, factor: power, mask: mask)) }
      }
      if let total { terms.append(Term(total.word, factor: 1 << Raw(total.shift))) }
      total = sum(terms, bits, within: digit == digits.last ? product : nil)
    }
    return total ?? builder.constantWire(0)
  }

  /// Σ 2^i · word, masked by bit i of the other word, two at a time, then as many at a time as an adder takes.
  private mutating func rows(_ word: Wire, _ other: Wire, _ bits: Int?) -> Wire {
    let factor = builder.node(other.word)
    var terms: [Term] = []
    for position in 0..<factor.width {
      if let bits, bits <= position { break }
      let isSign = factor.isSigned && position == factor.width - 1
      let mask = builder.bit(other.word, position)
      let known = builder.node(mask).constant
      if known == 0 { continue }
      let power: Raw = (isSign ? -1 : 1) << Raw(position)
      terms.append(Term(word.word, factor: power, mask: known == nil ? mask : nil))
    }
    var sums: [Wire] = []
    for start in stride(from: 0, to: terms.count, by: 2) {
      sums.append(sum(Array(terms[start..<min(start + 2, terms.count)]), bits))
    }
    return total(sums, bits)
  }

  private mutating func sum(_ terms: [Term], _ bits: Int?, within: Interval? = nil) -> Wire {
    builder.sum(Sum(terms), within: within, wrapped: bits.map { WordType(min(128, $0), signed: true) })
  }

  /// The sum of wires, the lowest first, which lies in an interval.
  private mutating func total(_ wires: [Wire], _ bits: Int?, within: Interval? = nil) -> Wire {
    var level = wires
    let most = options.adder.rawValue
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: most).map { start in
        let taken = level[start..<min(start + most, level.count)]
        return taken.count == 1
          ? taken[start]
          : sum(
            taken.map { Term($0.word, factor: 1 << Raw($0.shift)) }, bits,
            within: level.count <= most ? within : nil)
      }
    }
    return level.first ?? builder.constantWire(0)
  }
}
