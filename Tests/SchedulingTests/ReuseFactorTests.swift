import Diagnostics
import FixedPoint
import Program
import Scheduling
import Testing

@Suite struct ReuseFactorTests {
  /// Lists printed by hls4ml 1.3.0: FPGABackend.get_valid_reuse_factors(n_in, n_out).
  @Test(arguments: [
    (16, 5, [1, 2, 4, 8, 16, 80]),
    (10, 32, [1, 2, 5, 10, 20, 40, 80, 160, 320]),
    (7, 3, [1, 7, 21]),
    (12, 8, [1, 2, 3, 4, 6, 12, 24, 48, 96]),
  ])
  func legalFactorsAreHls4mls(inputs: Int, outputs: Int, expected: [Int]) {
    let factors = ReuseFactors(inputs: inputs, outputs: outputs)
    #expect(factors.all == expected)
    for factor in 0...inputs * outputs + 1 {
      #expect((factors.objection(to: factor) == nil) == expected.contains(factor))
    }
  }

  @Test func ofTwoAsNearTheSmallerIsTaken() {
    #expect(ReuseFactors(inputs: 16, outputs: 5).nearest(to: 48) == 16)
    #expect(ReuseFactors(inputs: 16, outputs: 5).nearest(to: 49) == 80)
    #expect(ReuseFactors(inputs: 16, outputs: 5).nearest(to: 3) == 2)
  }
}
