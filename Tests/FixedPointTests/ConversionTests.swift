import FixedPoint
import Testing

@Suite("Conversion between formats, against the vendor's headers")
struct ConversionTests {
  /// Every raw word of small source formats into small formats near them, all modes equally often.
  @Test(.enabled(if: VendorReferee.isAvailable, VendorReferee.notice), arguments: 0..<2)
  func smallFormatsExhaustively(shard: Int) throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 10 &+ UInt64(shard))
    var pairs: [(FixedFormat, FixedFormat)] = []
    for index in 0..<245 {
      let source = random.format(
        width: .random(in: 1...8, using: &random), integerBits: .random(in: -4...12, using: &random),
        Modes(rounding: .trn, overflow: .wrap))
      let width = Int.random(in: 1...10, using: &random)
      let fraction = source.fractionBits - Int.random(in: -6...10, using: &random)
      pairs.append(
        (
          source,
          random.format(width: width, integerBits: width - fraction, Modes.all[index % Modes.all.count])
        ))
    }
    try compare("small-\(shard)", pairs.map { ($0, $1, $0.allWords) })
  }

  /// Random and edge words of formats up to the widest, points far apart.
  @Test(.enabled(if: VendorReferee.isAvailable, VendorReferee.notice))
  func wideFormats() throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 10 &+ 2)
    var samples: [(FixedFormat, FixedFormat, [Raw])] = []
    for index in 0..<98 {
      let source = random.format(
        width: .random(in: 9...128, using: &random), integerBits: .random(in: -40...160, using: &random),
        Modes(rounding: .trn, overflow: .wrap))
      let width = [1, 16, 32, 63, 64, 65, 127, 128].randomElement(using: &random).flatMap {
        Bool.random(using: &random) ? $0 : nil
      }
      let spread = index % 4 == 0 ? -150...150 : -20...40
      let fraction = source.fractionBits - Int.random(in: spread, using: &random)
      let targetWidth = width ?? Int.random(in: 1...128, using: &random)
      let target = random.format(
        width: targetWidth, integerBits: targetWidth - fraction, Modes.all[index * 5 % Modes.all.count])
      samples.append((source, target, random.words(of: source, count: 300)))
    }
    try compare("wide", samples)
  }

  private func compare(_ name: String, _ samples: [(FixedFormat, FixedFormat, [Raw])]) throws {
    let results = try VendorReferee.evaluate(
      name,
      samples.map { source, target, words in
        VendorReferee.Case(
          function: "convert<\(source.vendorType), \(target.vendorType)>", inputs: 1, outputs: 1,
          rows: words.map { [$0] })
      })
    var differences: [String] = []
    for ((source, target, words), rows) in zip(samples, results) {
      for (word, row) in zip(words, rows) {
        let ours = target.quantize(word, from: source)
        if ours != row[0] {
          differences.append(
            "\(word) of \(source.vendorType) to \(target.vendorType): \(ours), vendor \(row[0])")
        }
        // The 64-bit evaluation is the same code; where it applies it must give the same word.
        if target.width < 64, let narrow = Int64(exactly: word) {
          let fast = target.quantize(narrow, from: source)
          if Raw(fast) != ours {
            differences.append("\(word) to \(target.vendorType): 64-bit \(fast), not \(ours)")
          }
        }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differ, first: \(differences.prefix(5))")
  }
}
