import Testing

@testable import Emulator

/// Which groups of bytes are next to each other where the products of two are added in int16.
@Suite struct PairSumsTests {
  /// Groups of a weight each, in the first byte of one result.
  private func groups(_ weights: [Int8]) -> [DotStep.Group] {
    weights.enumerated().map { lane, weight in
      let bits = Int32(UInt8(bitPattern: weight))
      return DotStep.Group(buffer: 0, lane: Int32(lane), weights: [bits, 0, 0, 0])
    }
  }

  private func weights(_ groups: [DotStep.Group]) -> [Int8] {
    groups.map { Int8(truncatingIfNeeded: $0.weights[0]) }
  }

  /// Of bytes up to 255 weights of one sign fit together as long as they are no more than 128.
  @Test func largeAndSmallGroupsAreNeighbours() {
    let sums = PairSums(255)
    let mixed = groups([100, 100, 20, 20])
    #expect(sums.most(mixed) == 1)
    #expect(weights(sums.inPairs(mixed)) == [100, 20, 100, 20])
    #expect(sums.most(sums.inPairs(mixed)) == 2)
  }

  @Test func groupsThatFitStayAsTheyAre() {
    let sums = PairSums(255)
    #expect(sums.inPairs(groups([100, 20, 20, 100])) == groups([100, 20, 20, 100]))
    // Every one would be alone.
    #expect(sums.inPairs(groups([100, 100, 100])) == groups([100, 100, 100]))
  }

  /// One that fits with none is the last; of several the others have an empty group beside them, if few do.
  @Test func groupsThatFitWithNoneAreAlone() {
    let sums = PairSums(255)
    let one: [Int8] = [127, 127] + Array(repeating: 60, count: 15)
    let paired = sums.inPairs(groups(one))
    #expect(sums.most(paired) == 2)
    #expect(weights(paired).sorted() == (one + [0, 0]).sorted())
  }
}
