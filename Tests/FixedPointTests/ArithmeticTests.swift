import FixedPoint
import Testing

/// An operand as C++ has it: ap_fixed, ap_int, or the language's own int.
private struct Operand {
  var format: FixedFormat
  var vendorType: String

  init(_ format: FixedFormat) {
    self.format = format
    vendorType = format.vendorType
  }

  init(integer width: Int, signed: Bool) {
    format = .integer(width, signed: signed)
    vendorType = "ap_\(signed ? "" : "u")int<\(width)>"
  }

  static let int = {
    var operand = Operand(integer: 32, signed: true)
    operand.vendorType = "int"
    return operand
  }()
}

@Suite("Arithmetic and its result formats, against the vendor's headers")
struct ArithmeticTests {
  @Test(.enabled(if: VendorReferee.isAvailable, VendorReferee.notice))
  func sumsProductsAndComparisons() throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 10 &+ 6)
    var pairs = (0..<36).map { index in
      (
        random.operand(index % 3 == 2 ? 60 : 5),
        index % 9 == 0 ? .int : random.operand(index % 3 == 2 ? 60 : 5)
      )
    }
    pairs += [
      (Operand(integer: 4, signed: true), Operand(integer: 3, signed: false)),
      (Operand(FixedFormat(38, 4)), Operand(FixedFormat(5, 7, signed: false))),
      (Operand(FixedFormat(20, 22, signed: false)), Operand(FixedFormat(8, 2))),
      (Operand(FixedFormat(8, 6)), Operand(FixedFormat(33, 20, signed: false))),
      (Operand(FixedFormat(32, 16)), Operand(FixedFormat(32, 16, signed: false))),
      (Operand(FixedFormat(31, 16, signed: false)), Operand(FixedFormat(31, 16))),
    ]
    let rows = pairs.map { random.rows($0.format, $1.format) }
    let results = try VendorReferee.evaluate(
      "arithmetic",
      zip(pairs, rows).map { pair, rows in
        VendorReferee.Case(
          function: "arithmetic<\(pair.0.vendorType), \(pair.1.vendorType)>", inputs: 2, outputs: 9,
          rows: rows)
      })
    var differences: [String] = []
    var huge = 0
    for ((pair, rows), vendor) in zip(zip(pairs, rows), results) {
      let (a, b) = (pair.0.format, pair.1.format)
      for (row, theirs) in zip(rows, vendor) {
        let sum = FixedFormat.sum(a, b)
        let difference = FixedFormat.difference(a, b)
        let product = FixedFormat.product(a, b)
        let x = row[0] << (sum.fractionBits - a.fractionBits)
        let y = row[1] << (sum.fractionBits - b.fractionBits)
        // A negative word that counts as huge is never below, and may equal the word with its bit pattern.
        let countsAsHuge = !FixedFormat.comparesByValue(a, b) && min(x, y) < 0
        if countsAsHuge { huge += 1 }
        let isLess = FixedFormat.isLess(row[0], a, row[1], b)
        let isMore = FixedFormat.isLess(row[1], b, row[0], a)
        let ours: [Raw] = [
          x + y, sum.packed, x - y, difference.packed, row[0] * row[1], product.packed, -row[0],
          isLess && !countsAsHuge || isMore && countsAsHuge ? 1 : 0,
          countsAsHuge ? theirs[8] : isLess || isMore ? 0 : 1,
        ]
        if ours != theirs { differences.append("\(row) of \(pair): \(ours), vendor \(theirs)") }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differ, first: \(differences.prefix(5))")
    #expect(huge > 0, "no pair reached the comparisons that are not by value")
  }

  @Test(.enabled(if: VendorReferee.isAvailable, VendorReferee.notice))
  func quotients() throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 10 &+ 7)
    let pairs = (0..<40).map { index in
      let wide = index % 4 == 3
      return (
        Operand(random.plain(wide ? 60 : 6)), index % 8 == 0 ? .int : Operand(random.plain(wide ? 60 : 6))
      )
    }
    let rows = pairs.map { pair in random.rows(pair.0.format, pair.1.format).filter { $0[1] != 0 } }
    let results = try VendorReferee.evaluate(
      "quotient",
      zip(pairs, rows).map { pair, rows in
        VendorReferee.Case(
          function: "divide<\(pair.0.vendorType), \(pair.1.vendorType)>", inputs: 2, outputs: 2, rows: rows)
      })
    var differences: [String] = []
    for ((pair, rows), vendor) in zip(zip(pairs, rows), results) {
      let format = FixedFormat.quotient(pair.0.format, pair.1.format)
      for (row, theirs) in zip(rows, vendor) {
        let ours = FixedFormat.quotient(row[0], pair.0.format, row[1], pair.1.format)
        if ours != theirs[0] || format.packed != theirs[1] {
          differences.append("\(row) of \(pair): \(ours ?? 0) \(format.packed), vendor \(theirs)")
        }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differ, first: \(differences.prefix(5))")
    #expect(FixedFormat.quotient(1, .integer(8), 0, .integer(8)) == nil)
  }

  @Test(.enabled(if: VendorReferee.isAvailable, VendorReferee.notice))
  func shifts() throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 10 &+ 8)
    let formats = (0..<21).map { index in
      let width =
        index % 3 == 0 ? Int.random(in: 60...128, using: &random) : .random(in: 1...12, using: &random)
      return random.format(
        width: width, integerBits: .random(in: -4...20, using: &random), Modes.all[index * 2])
    }
    let samples = formats.map { format in
      random.words(of: format, count: 40).flatMap { (word: Raw) -> [[Raw]] in
        [0, 1, 2, 5, 11, 63, 64, 130, -1, -3, -64, -200].map { [word, $0] }
      }
    }
    let results = try VendorReferee.evaluate(
      "shift",
      zip(formats, samples).map { format, rows in
        VendorReferee.Case(function: "shift<\(format.vendorType)>", inputs: 2, outputs: 2, rows: rows)
      })
    var differences: [String] = []
    for ((format, rows), vendor) in zip(zip(formats, samples), results) {
      for (row, theirs) in zip(rows, vendor) {
        let count = Int(row[1])
        let ours = [format.shifted(row[0], left: count), format.shifted(row[0], left: -count)]
        if ours != theirs { differences.append("\(row) of \(format): \(ours), vendor \(theirs)") }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differ, first: \(differences.prefix(5))")
  }

  /// `accumulator += term`: the exact sum, then the accumulator's own rounding and overflow.
  @Test(.enabled(if: VendorReferee.isAvailable, VendorReferee.notice))
  func accumulation() throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 10 &+ 9)
    let pairs = (0..<21).map { index in
      let width = Int.random(in: 4...24, using: &random)
      let accumulator = random.format(
        width: width, integerBits: .random(in: 0...10, using: &random), Modes.all[index * 7 % Modes.all.count]
      )
      return (accumulator, random.plain(20))
    }
    let rows = pairs.map { random.rows($0, $1) }
    let results = try VendorReferee.evaluate(
      "accumulate",
      zip(pairs, rows).map { pair, rows in
        VendorReferee.Case(
          function: "accumulate<\(pair.0.vendorType), \(pair.1.vendorType)>", inputs: 2, outputs: 1,
          rows: rows)
      })
    var differences: [String] = []
    for ((pair, rows), vendor) in zip(zip(pairs, rows), results) {
      let fraction = max(pair.0.fractionBits, pair.1.fractionBits)
      for (row, theirs) in zip(rows, vendor) {
        let sum = row[0] << (fraction - pair.0.fractionBits) + row[1] << (fraction - pair.1.fractionBits)
        let ours = pair.0.quantize(sum, fractionBits: fraction)
        if ours != theirs[0] { differences.append("\(row) of \(pair): \(ours), vendor \(theirs)") }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differ, first: \(differences.prefix(5))")
  }
}

extension SeededGenerator {
  /// A format with default modes, its point near the word.
  mutating func plain(_ widest: Int) -> FixedFormat {
    let width = Int.random(in: 1...widest, using: &self)
    return format(
      width: width, integerBits: .random(in: -2...(width + 2), using: &self),
      Modes(rounding: .trn, overflow: .wrap))
  }

  fileprivate mutating func operand(_ widest: Int) -> Operand {
    if Int.random(in: 0..<4, using: &self) > 0 { return Operand(plain(widest)) }
    return Operand(integer: .random(in: 1...widest, using: &self), signed: .random(using: &self))
  }

  /// Pairs of words: every pair where there are few, else samples.
  mutating func rows(_ a: FixedFormat, _ b: FixedFormat) -> [[Raw]] {
    if a.width + b.width <= 10 {
      return a.allWords.flatMap { x in b.allWords.map { [x, $0] } }
    }
    let edges = words(of: a, count: 12).flatMap { x in words(of: b, count: 12).map { [x, $0] } }
    return edges + zip(words(of: a, count: 300), words(of: b, count: 300)).map { [$0, $1] }
  }
}
