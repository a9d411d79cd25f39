import FixedPoint
import Foundation
import Testing

@Suite("Conversion from and to Double, against the vendor's headers")
struct FloatingPointTests {
  @Test(.enabled(if: VendorReferee.isAvailable, VendorReferee.notice))
  func fromDouble() throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 10 &+ 3)
    var samples: [(FixedFormat, [Double])] = []
    for index in 0..<147 {
      let width =
        index % 3 == 0 ? Int.random(in: 1...128, using: &random) : Int.random(in: 1...18, using: &random)
      let integer =
        index % 7 == 0 ? Int.random(in: -1100...1100, using: &random) : .random(in: -6...24, using: &random)
      let format = random.format(width: width, integerBits: integer, Modes.all[index % Modes.all.count])
      samples.append((format, random.doubles(near: format, count: 400)))
    }
    let results = try VendorReferee.evaluate(
      "from-double",
      samples.map { format, values in
        VendorReferee.Case(
          function: "fromDouble<\(format.vendorType)>", inputs: 1, outputs: 1,
          rows: values.map { [Raw($0.bitPattern)] })
      })
    var differences: [String] = []
    for ((format, values), rows) in zip(samples, results) {
      for (value, row) in zip(values, rows) {
        let ours = format.quantize(value)
        if ours != row[0] {
          differences.append("\(value) to \(format.vendorType): \(ours), vendor \(row[0])")
        }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differ, first: \(differences.prefix(5))")
  }

  @Test(.enabled(if: VendorReferee.isAvailable, VendorReferee.notice))
  func toDouble() throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 10 &+ 4)
    let samples = (0..<40).map { index in
      let width =
        index % 2 == 0 ? Int.random(in: 1...128, using: &random) : .random(in: 1...30, using: &random)
      let integer =
        index % 5 == 0 ? Int.random(in: -800...900, using: &random) : .random(in: -9...40, using: &random)
      let format = random.format(width: width, integerBits: integer, Modes(rounding: .trn, overflow: .wrap))
      return (format, random.words(of: format, count: 400))
    }
    let results = try VendorReferee.evaluate(
      "to-double",
      samples.map { format, words in
        VendorReferee.Case(
          function: "toDouble<\(format.vendorType)>", inputs: 1, outputs: 1, rows: words.map { [$0] })
      })
    var differences: [String] = []
    for ((format, words), rows) in zip(samples, results) {
      for (word, row) in zip(words, rows) {
        let ours = format.value(of: word)
        if Raw(ours.bitPattern) != row[0] {
          differences.append("\(word) of \(format.vendorType): \(ours), vendor bits \(row[0])")
        }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differ, first: \(differences.prefix(5))")
  }

  /// A value is representable exactly when conversion to the format and back gives it again. The way back is
  /// exact here: words of at most 53 bits.
  @Test func representable() {
    var random = SeededGenerator(seed: 5)
    var counts = (yes: 0, no: 0)
    for index in 0..<400 {
      let format = random.format(
        width: .random(in: 1...53, using: &random), integerBits: .random(in: -1060...60, using: &random),
        Modes.all[index % Modes.all.count])
      for value in random.doubles(near: format, count: 200) where !value.isSubnormal {
        let survives = format.value(of: format.quantize(value)) == value
        #expect(format.isExactlyRepresentable(value) == survives, "\(value) in \(format)")
        counts.yes += survives ? 1 : 0
        counts.no += survives ? 0 : 1
      }
    }
    #expect(counts.yes > 10_000 && counts.no > 10_000, "\(counts)")
  }

  @Test func representableAtTheEdges() {
    let wide = FixedFormat(100, 60)
    #expect(wide.isExactlyRepresentable(-0x1p59))
    #expect(!wide.isExactlyRepresentable(0x1p59))  // rounds to the same Double as the largest word
    #expect(wide.isExactlyRepresentable(0x1p-40) && !wide.isExactlyRepresentable(0x1p-41))
    #expect(!FixedFormat(8, 4, signed: false).isExactlyRepresentable(-0.0625))
    #expect(FixedFormat(8, 8).isExactlyRepresentable(-128))
    #expect(!FixedFormat(8, 8, .trn, .satSym).isExactlyRepresentable(-128))
    #expect(FixedFormat(8, -1066).isExactlyRepresentable(-3 * Double.leastNonzeroMagnitude))
    #expect(!FixedFormat(8, -1066).isExactlyRepresentable(200 * Double.leastNonzeroMagnitude))
    #expect(!FixedFormat(8, -1065).isExactlyRepresentable(3 * Double.leastNonzeroMagnitude))
    for value in [Double.nan, .infinity, -.infinity] { #expect(!wide.isExactlyRepresentable(value)) }
  }
}

extension SeededGenerator {
  /// Values on and beside the format's steps, ties and ends, special values, and any bit pattern.
  mutating func doubles(near format: FixedFormat, count: Int) -> [Double] {
    let step = Double(sign: .plus, exponent: -format.fractionBits, significand: 1)
    let end = Double(sign: .plus, exponent: format.integerBits, significand: 1)
    var values: [Double] = [
      0, -0.0, .infinity, -.infinity, .nan, -.nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e30, -1e30, 0.5, -0.5, 1,
      -1,
    ]
    for anchor in [step, end, end / 2, step / 2, step / 4] {
      for value in [anchor, anchor - step, anchor - step / 2, anchor + step / 2] {
        values += [value, -value, value.nextUp, -value.nextUp, value.nextDown, -value.nextDown]
      }
    }
    while values.count < count {
      let steps = Double(Int.random(in: -600...600, using: &self)) / 4
      let word = Double(Int64.random(in: .min ... .max, using: &self)) * 0x1p-64
      values += [
        steps * step, word * end * 2, word * step * 64, Double(bitPattern: next()),
        format.value(of: Raw.random(in: format.minRaw...format.maxRaw, using: &self)),
      ]
    }
    return values
  }
}
