import DataFiles
import FixedPoint
import Foundation
import Reports
import Storage
import Testing
import Triggerfish

/// Counting by word, and what is made of the counts. python/tests/test_rates.py holds the same against numpy on hls4ml's words.
@Suite struct RateTests {
  /// A result of these thresholds and counts.
  private static func result(
    _ thresholds: [Int64], background: [Int], signal: [Int], crossings: Double? = 40e6,
    range: Range<Int>? = nil,
    of total: Int? = nil, model: String = "a", files: [String] = ["events.npy"]
  ) -> RateResult {
    let events = background.reduce(0, +) + signal.reduce(0, +)
    let range = range ?? 0..<events
    let provenance = Provenance(
      model: "m", modelDigest: model, numerics: "exact", versions: ["1"],
      sources: [
        EventSource(files: files, of: total ?? events, range: range, digests: ["input x": "00000000000000ff"])
      ])
    var result = RateResult(
      provenance: provenance,
      score: .init(
        output: "y", element: 0, format: "fixed<16,6>", fractionBits: 10, low: -32768, high: 32767,
        stepBits: 0)
    )
    (result.signal, result.crossingRate) = ([1], crossings)
    result.words.thresholds = thresholds
    (result.words.background, result.words.signal) = (background, signal)
    return result
  }

  /// By numpy: the roots of the quadratic that defines the interval, numpy.roots([1 + 1/n, -(2k/n + 1/n), (k/n)^2]).
  @Test(arguments: [
    (0, 10, 0.0, 0.090_909_090_909), (3, 10, 0.178820820757, 0.457542815607), (10, 10, 0.909090909091, 1.0),
    (1, 1_000_000, 0.000000381966, 0.000002618032),
  ])
  func intervals(_ k: Int, _ n: Int, _ low: Double, _ high: Double) throws {
    let found = Self.result([1, 2], background: [n - k, k], signal: [0, 0]).curve.points[1]
    #expect(found.background == k)
    let share = try #require(found.backgroundEfficiency)
    #expect(share.value == Double(k) / Double(n))
    #expect(abs(share.low - low) < 1e-11 && abs(share.high - high) < 1e-11, "\(share)")
  }

  @Test func thresholdsForWhatIsWanted() throws {
    let curve = Self.result([-5, 10, 20, 30], background: [900, 80, 15, 5], signal: [10, 20, 30, 40]).curve
    #expect(curve.points.map(\.threshold) == [31, 30, 20, 10, -5])
    #expect(curve.point(rate: 40e6 * 0.02)?.threshold == 20)
    #expect(curve.point(rate: 40e6 * 0.0199)?.threshold == 30)
    // Nothing fires: that keeps any rate.
    #expect(curve.point(rate: 1)?.threshold == 31)
    #expect(curve.point(efficiency: 0.7)?.threshold == 20)
    #expect(curve.point(efficiency: 0.71)?.threshold == 10)
    #expect(curve.point(efficiency: 1)?.threshold == -5)
    // At the format's highest word there is nothing above.
    let full = Self.result([32767], background: [5], signal: [1]).curve
    #expect(full.points.map(\.threshold) == [32767])
    #expect(full.point(rate: 1) == nil)
  }

  @Test func partsThatDoNotFitAreNamedAllAtOnce() {
    var sum = Self.result([1], background: [10], signal: [0], range: 0..<10, of: 30)
    let other = Self.result(
      [1], background: [10], signal: [0], crossings: 1e6, range: 5..<15, of: 30, model: "b")
    let problems = sum.add(other, file: "p.json").map(\.message)
    #expect(
      problems == [
        "counted with another crossing rate than the parts before",
        "a part of another model: b, where the parts before have a",
        "events 5:10 of events.npy are in another part already",
      ])
    #expect(sum.words.background == [10])
    #expect(
      sum.provenance.incompleteness(expected: 40).map(\.message) == [
        "events 10:30 of events.npy are in no part", "the parts have 10 events, not 40",
      ])
    #expect(
      sum.add(Self.result([1, 4], background: [5, 15], signal: [0, 0], range: 10..<30, of: 30), file: "")
        == [])
    #expect(sum.provenance.incompleteness() == [])
    #expect(sum.words.thresholds == [1, 4] && sum.words.background == [15, 15])
    let twin = Self.result([1], background: [30], signal: [0], of: 30, files: ["copy.npy"])
    #expect(sum.add(twin, file: "") == [])
    sum.provenance.sources[1].digests = sum.provenance.sources[0].digests
    #expect(
      sum.provenance.incompleteness().map(\.message) == [
        "holds the same events as events.npy: they would count twice"
      ])
  }

  /// Files are not trusted.
  @Test(arguments: [
    ("\"ignored\" : 0", "\"ignored\" : -1"), ("\"ignored\" : 0", "\"ignored\" : 9223372036854775807"),
    ("\"of\" : 30", "\"of\" : 29"), ("\"of\" : 30", "\"of\" : 9223372036854775807"),
    ("\"stepBits\" : 0", "\"stepBits\" : 64"), ("\"kind\" : \"rates\"", "\"kind\" : \"outputs\""),
    ("\"fractionBits\" : 10", "\"fractionBits\" : 100000"),
  ])
  func damagedResultsAreRefused(_ place: String, _ damage: String) throws {
    let text = Self.result([1, 2], background: [10, 20], signal: [0, 0]).json
    #expect(RateResult(json: text) != nil)
    let damaged = text.replacing(place, with: damage)
    #expect(damaged != text)
    #expect(RateResult(json: damaged) == nil)
  }

  @Test func ratesAreRead() {
    #expect(RateTargets.frequency("31.5 MHz") == 31.5e6)
    #expect(RateTargets.frequency("100kHz") == 1e5)
    #expect(RateTargets.frequency("100") == nil)
    #expect(RateTargets.frequency("-1Hz") == nil)
    #expect(RateTargets.share("80%") == 0.8)
    #expect(RateTargets.share("1.5") == nil)
  }

  @Test(arguments: [
    ("5:10", true), ("5:", true), (":10", true), (":", false), ("10:5", false), ("5:5", false),
    ("a:b", false),
  ])
  func rangesAreRead(_ text: String, _ isRange: Bool) { #expect((EventRange(text) != nil) == isRange) }
}

/// Digests, against numbers made by others.
@Suite struct DigestTests {
  /// FIPS 180-4's examples, and the padding's edges by sha256sum.
  @Test(arguments: [
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
    (String(repeating: "a", count: 56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
    (String(repeating: "a", count: 64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
  ])
  func sha(_ text: String, _ expected: String) { #expect(sha256(Array(text.utf8)) == expected) }

  /// SplitMix64's first output of seed 0 is mix(0x9e3779b97f4a7c15) = 0xe220a8397b1dcdaf (the value of its authors' program), which
  /// here is that of the number 0 at position 1.
  @Test func eventDigestIsSplitMix64s() {
    var digest = EventDigest()
    digest.add([0], from: 1)
    #expect(digest.text == "e220a8397b1dcdaf")
  }

  @Test func eventDigestsAddUp() {
    let numbers = (0..<1000).map { Float($0) * 0.3 - 7 }
    var (whole, parts) = (EventDigest(), EventDigest())
    numbers.withUnsafeBytes { whole.add(floats: $0, from: 0) }
    let doubles = numbers.map(Double.init)
    for range in [600..<1000, 0..<1, 1..<600] {
      Array(doubles[range]).withUnsafeBytes { parts.add(doubles: $0, from: range.lowerBound) }
    }
    #expect(whole == parts)
    #expect(EventDigest(whole.text) == whole)
  }
}
