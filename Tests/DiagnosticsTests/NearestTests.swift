@testable import Diagnostics
import Testing

@Suite struct NearestTests {
  @Test(arguments: [
    ("Precison", "Precision"), ("reuse_factor", "ReuseFactor"), ("Stratgey", "Strategy"),
    ("precision", "Precision"),
    ("Zebra", nil), ("", nil), ("Precision", nil),
  ])
  func finds(_ name: String, _ expected: String?) {
    #expect(nearest(to: name, in: ["Precision", "ReuseFactor", "Strategy"]) == expected)
  }

  @Test func prefersTheFirstOfEquals() {
    #expect(nearest(to: "conv", in: ["conv2", "conv1"]) == "conv1")
  }

  /// Against values worked out by hand.
  @Test(arguments: [
    ("kitten", "sitting", 3), ("", "abc", 3), ("ab", "ba", 1), ("abc", "abc", 0), ("ca", "abc", 3),
  ])
  func measures(_ a: String, _ b: String, _ distance: Int) {
    #expect(editDistance(Array(a), Array(b)) == distance)
    #expect(editDistance(Array(b), Array(a)) == distance)
  }
}
