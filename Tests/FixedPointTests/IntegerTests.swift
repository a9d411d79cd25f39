import FixedPoint
import Testing

@Suite("ap_int and ap_uint, against the vendor's headers")
struct IntegerTests {
  @Test(.enabled(if: VendorReferee.isAvailable, VendorReferee.notice))
  func fixedToInteger() throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 100 &+ 1)
    let pairs = (0..<40).map { index in
      let width =
        index % 4 == 0 ? Int.random(in: 9...128, using: &random) : .random(in: 1...8, using: &random)
      // The header leaves words without integer bits to chance (docs/numerics.md).
      let source = random.format(
        width: width, integerBits: .random(in: 1...(width + 4), using: &random),
        Modes(rounding: .trn, overflow: .wrap))
      let signed = Bool.random(using: &random)
      return (
        source,
        FixedFormat.integer(.random(in: 1...(index % 3 == 0 ? 90 : 10), using: &random), signed: signed)
      )
    }
    let samples = pairs.map { source, _ in
      source.width <= 8 ? source.allWords : random.words(of: source, count: 300)
    }
    let results = try VendorReferee.evaluate(
      "fixed-to-integer",
      zip(pairs, samples).map { pair, words in
        VendorReferee.Case(
          function: "convert<\(pair.0.vendorType), \(pair.1.vendorInteger)>", inputs: 1, outputs: 1,
          rows: words.map { [$0] })
      })
    var differences: [String] = []
    for ((pair, words), rows) in zip(zip(pairs, samples), results) {
      for (word, row) in zip(words, rows) {
        let ours = pair.1.quantize(word, from: pair.0)
        if ours != row[0] { differences.append("\(word) of \(pair): \(ours), vendor \(row[0])") }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differ, first: \(differences.prefix(5))")
  }

  @Test(
    .enabled(if: VendorReferee.isAvailable, VendorReferee.notice), arguments: ["fromDouble", "fromFloat"])
  func floatingPointToInteger(function: String) throws {
    var random = SeededGenerator(seed: VendorReferee.seed &* 100 &+ 2)
    let formats = [1, 2, 3, 8, 16, 31, 54, 64, 90].flatMap {
      [FixedFormat.integer($0), .integer($0, signed: false)]
    }
    let samples = formats.map { format in
      random.doubles(near: format, count: 400).map { function == "fromFloat" ? Double(Float($0)) : $0 }
        .filter { !$0.isNaN }
    }
    let results = try VendorReferee.evaluate(
      "\(function)-to-integer",
      zip(formats, samples).map { format, values in
        VendorReferee.Case(
          function: "\(function)<\(format.vendorInteger)>", inputs: 1, outputs: 1,
          rows: values.map { [Raw($0.bitPattern)] })
      })
    var differences: [String] = []
    for ((format, values), rows) in zip(zip(formats, samples), results) {
      for (value, row) in zip(values, rows) {
        let ours = format.quantizeAsInteger(value)
        if ours != row[0] {
          differences.append("\(value) to \(format.vendorInteger): \(ours), vendor \(row[0])")
        }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differ, first: \(differences.prefix(5))")
  }
}

extension FixedFormat {
  var vendorInteger: String { "ap_\(isSigned ? "" : "u")int<\(width)>" }
}
