import FixedPoint
import Testing

/// Words that the vendor's headers gave (g++ 12, hls4ml 1.3.0's ap_types), for machines without them.
@Suite("Conversions with known results")
struct KnownWordsTests {
  /// From ap_fixed<12, 8>.
  static let sources: [Raw] = [-150, -100, -65, -7, -3, 73, 100, 150]

  @Test(arguments: [
    (FixedFormat(4, 2, .rndConv, .wrapSM), [-6, 7, 0, -2, -1, -3, -7, 6]),
    (FixedFormat(4, 2, .trn, .wrapSM, saturatedBits: 1), [-6, -8, -1, -2, -1, 2, 6, 5]),
    (FixedFormat(4, 2, .trn, .wrapSM, saturatedBits: 3), [-7, -8, -8, -2, -1, 6, 6, 6]),
    (FixedFormat(4, 2, .trn, .wrap, saturatedBits: 2), [-6, -5, -5, -2, -1, 6, 5, 5]),
    (FixedFormat(4, 2, signed: false, .trn, .wrap, saturatedBits: 2), [14, 15, 15, 14, 15, 14, 13, 13]),
    (FixedFormat(1, 1, .trn, .satSym), [-1, -1, -1, -1, -1, 0, 0, 0]),
    (FixedFormat(4, 4, .rndInf, .satSym), [-7, -6, -4, 0, 0, 5, 6, 7]),
    (FixedFormat(4, 3, signed: false, .rndZero, .satZero), [0, 0, 0, 0, 0, 9, 12, 0]),
  ])
  func words(_ format: FixedFormat, _ expected: [Raw]) {
    #expect(Self.sources.map { format.quantize($0, fractionBits: 4) } == expected)
  }

  @Test func nonFiniteValuesFollowTheirSign() {
    let saturating = FixedFormat(8, 4, .rnd, .sat)
    #expect([Double.nan, -.nan, .infinity, -.infinity].map(saturating.quantize) == [127, -128, 127, -128])
    #expect([Double.nan, .infinity, 1e30].map(FixedFormat(16, 6).quantize) == [0, 0, 0])
  }

  @Test func smallNegativeValuesBecomeOneInIntegers() {
    #expect(
      [-0.1, -0.5, -0.9, -1.9, 0.3].map(FixedFormat.integer(8).quantizeAsInteger) == [1, 0, 0, -1, 0])
    #expect(FixedFormat.integer(8, signed: false).quantizeAsInteger(-0.3) == 1)
  }

  @Test func theMostNegativeWordByMinusOneWraps() {
    let format = FixedFormat(8, 8)
    #expect(FixedFormat.quotient(-128, format, -1, format) == -128)
    #expect(FixedFormat.quotient(-128, format, -1, FixedFormat(9, 9)) == 128)
  }

  @Test func symmetricSaturationContainsNoMinimum() {
    let symmetric = FixedFormat(8, 4, .trn, .satSym)
    #expect(!symmetric.contains(FixedFormat(8, 4)) && symmetric.contains(FixedFormat(7, 3)))
    #expect(symmetric.contains(FixedFormat(7, 3, signed: false)) && symmetric.contains(symmetric))
    #expect(FixedFormat(1, 1, .trn, .satSym).contains(FixedFormat(1, 1)))
  }
}
