import Diagnostics
import FixedPoint

/// How many events gave which output word: what trigger rates and efficiencies are made of. All counts are integers, so that
/// the results of parts add up to exactly the result of the whole.
///
/// Field names are the JSON keys.
public struct RateResult: Codable, Hashable, Sendable {
  /// What the file is, and the version of its form.
  public var kind = Self.kindName
  /// The version of the file's form.
  public var version = 1
  /// What it was computed from.
  public var provenance: Provenance
  /// The output that the trigger looks at.
  public var score: Score
  /// The labels of signal, and of background (nil: all others); nil without labels, where every event is background.
  public var signal, background: [Int]?
  /// How many times a second an event is looked at, in Hz, where it is known; then the rate of a share of background events is that share
  /// of it.
  public var crossingRate: Double?
  /// Events whose label is neither signal nor background.
  public var ignored: Int
  /// Weights are multiples of 2^-weightBits; nil without weights.
  public var weightBits: Int?
  /// The events by output word.
  public var words: Histogram
  /// The events by the float model's output, the word of which is rounded down, so that "at or above a threshold" is the same
  /// for both; nil where it was not asked for.
  public var float: Histogram?
  /// Where the float model's outputs are from: "model", or "reference".
  public var floatSource: String?
  /// The thresholds for wanted rates and efficiencies, where some were asked for.
  public var workingPoints: [WorkingPoint]?

  /// The value of `kind`.
  public static let kindName = "rates"

  /// The output that the trigger looks at: an event fires where its word is at or above the threshold.
  public struct Score: Codable, Hashable, Sendable {
    /// The output's name, and which of its numbers.
    public var output: String
    /// Which of its numbers.
    public var element: Int
    /// Its format, and the word's step as 2^-fractionBits.
    public var format: String
    /// The word's step is 2^-fractionBits.
    public var fractionBits: Int
    /// The format's least and largest word.
    public var low, high: Int64
    /// Thresholds are `low` and every 2^stepBits words above it.
    public var stepBits: Int

    /// Names an output's number.
    public init(
      output: String, element: Int, format: String, fractionBits: Int, low: Int64, high: Int64, stepBits: Int
    ) {
      (self.output, self.element, self.format) = (output, element, format)
      (self.fractionBits, self.low, self.high, self.stepBits) = (fractionBits, low, high, stepBits)
    }

    /// The value of a word.
    public func value(_ word: Int64) -> Double {
      // A power of two: exact for words within 53 bits.
      Double(word) * Double(sign: .plus, exponent: -fractionBits, significand: 1)
    }
  }

  /// Events by threshold: that at which they just fire. Only thresholds with events are listed, ascending.
  public struct Histogram: Codable, Hashable, Sendable {
    /// The thresholds.
    public var thresholds: [Int64] = []
    /// Background and signal events at each.
    public var background: [Int] = []
    /// Signal events.
    public var signal: [Int] = []
    /// Events below every threshold, of the float model alone.
    public var backgroundBelow = 0
    /// Signal events below every threshold.
    public var signalBelow = 0
    /// The sums of weights (in units of 2^-weightBits) and of their squares (of 2^-2·weightBits) as decimal texts, as they exceed the
    /// integers of most JSON readers. At the end those below every threshold.
    public var weights: Weights?

    /// Makes an empty histogram.
    public init() {}
  }

  /// Sums of weights and their squares, of every threshold and at the end of what is below all.
  public struct Weights: Codable, Hashable, Sendable {
    /// Σ weight of background.
    public var background: [String] = []
    /// Σ weight² of background.
    public var backgroundSquares: [String] = []
    /// Signal events.
    public var signal: [String] = []
    /// Σ weight² of signal.
    public var signalSquares: [String] = []

    /// Makes empty sums.
    public init() {}
  }

  /// Makes a result without events.
  public init(provenance: Provenance, score: Score) {
    (self.provenance, self.score) = (provenance, score)
    ignored = 0
    words = Histogram()
  }

  /// The result as JSON: keys sorted, two spaces, a final newline.
  public var json: String { jsonText(self) }

  /// Reads `json` back; nil where it is not a result, or not sound.
  public init?(json: String) {
    guard let result = value(RateResult.self, fromJSON: json), result.isSound else { return nil }
    self = result
  }

  /// Files are not trusted: sums of what is read must not trap.
  private var isSound: Bool {
    let histograms = [words] + (float.map { [$0] } ?? [])
    guard kind == Self.kindName, version == 1, provenance.isSound, ignored >= 0,
      (0..<63).contains(score.stepBits), (-4096...4096).contains(score.fractionBits), score.low <= 0,
      score.high >= 0,
      words.backgroundBelow == 0, words.signalBelow == 0, crossingRate.map({ $0 > 0 && $0.isFinite }) ?? true,
      weightBits.map({ (0...62).contains($0) }) ?? true
    else { return false }
    let events = provenance.events
    return histograms.allSatisfy { histogram in
      let tallies = histogram.tallies(weighted: weightBits != nil)
      guard let tallies, histogram.background.count == histogram.thresholds.count,
        histogram.signal.count == histogram.thresholds.count,
        zip(histogram.thresholds, histogram.thresholds.dropFirst()).allSatisfy(<),
        histogram.thresholds.allSatisfy({ (score.low...score.high).contains($0) })
      else { return false }
      var left = events - min(events, ignored)
      for tally in tallies.background + tallies.signal {
        guard tally.count >= 0, tally.count <= left else { return false }
        left -= tally.count
      }
      return left == 0 && ignored <= events
    }
  }

  /// Adds the events of another part.
  ///
  /// - Parameter file: that part, as messages name it.
  /// - Returns: everything that does not fit together; then nothing was added.
  public mutating func add(_ other: RateResult, file: String) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    let same: [(String, Bool)] = [
      ("another output, format or threshold step", score == other.score),
      ("other labels of signal and background", signal == other.signal && background == other.background),
      ("another crossing rate", crossingRate == other.crossingRate),
      ("other weights' steps", weightBits == other.weightBits),
      ("other float outputs", floatSource == other.floatSource && (float == nil) == (other.float == nil)),
    ]
    for (what, isSame) in same where !isSame {
      problems.append(Diagnostic(file: file, "counted with \(what) than the parts before"))
    }
    var provenance = provenance
    problems += provenance.add(other.provenance, file: file)
    guard problems.isEmpty else { return problems }
    self.provenance = provenance
    ignored += other.ignored
    words.add(other.words, weighted: weightBits != nil)
    if let theirs = other.float { float?.add(theirs, weighted: weightBits != nil) }
    return []
  }
}

/// Events counted, and the exact sums of their weights and squares.
public struct RateTally: Hashable, Sendable {
  /// How many events.
  public var count = 0
  /// Σ weight, Σ weight², in units of the weights' step and its square.
  public var weight, square: Int128

  /// No events.
  public init() { (weight, square) = (0, 0) }

  /// Makes a tally of sums.
  public init(count: Int, weight: Int128, square: Int128) {
    (self.count, self.weight, self.square) = (count, weight, square)
  }

  /// Adds other events.
  public static func += (sum: inout RateTally, more: RateTally) {
    sum.count += more.count
    sum.weight &+= more.weight
    sum.square &+= more.square
  }
}

extension RateResult.Histogram {
  /// Per threshold, and at the end below all.
  public struct Tallies: Hashable, Sendable {
    public var background, signal: [RateTally]
  }

  /// Makes a histogram of tallies.
  ///
  /// - Parameter below: those below every threshold.
  public init(
    _ bins: [(threshold: Int64, background: RateTally, signal: RateTally)],
    below: (background: RateTally, signal: RateTally), weighted: Bool
  ) {
    thresholds = bins.map(\.threshold)
    background = bins.map(\.background.count)
    signal = bins.map(\.signal.count)
    (backgroundBelow, signalBelow) = (below.background.count, below.signal.count)
    guard weighted else { return }
    let (backgrounds, signals) = (
      bins.map(\.background) + [below.background], bins.map(\.signal) + [below.signal]
    )
    var sums = RateResult.Weights()
    sums.background = backgrounds.map { "\($0.weight)" }
    sums.backgroundSquares = backgrounds.map { "\($0.square)" }
    sums.signal = signals.map { "\($0.weight)" }
    sums.signalSquares = signals.map { "\($0.square)" }
    weights = sums
  }

  /// The tallies; nil where the sums are not as many as the thresholds, or no integers below 2^120.
  public func tallies(weighted: Bool) -> Tallies? {
    let counts = (background + [backgroundBelow], signal + [signalBelow])
    guard weighted else {
      guard weights == nil else { return nil }
      func plain(_ counts: [Int]) -> [RateTally] {
        counts.map { RateTally(count: $0, weight: Int128($0), square: Int128($0)) }
      }
      return Tallies(background: plain(counts.0), signal: plain(counts.1))
    }
    guard let weights, let background = Self.tallies(counts.0, weights.background, weights.backgroundSquares),
      let signal = Self.tallies(counts.1, weights.signal, weights.signalSquares)
    else { return nil }
    return Tallies(background: background, signal: signal)
  }

  private static func tallies(_ counts: [Int], _ weights: [String], _ squares: [String]) -> [RateTally]? {
    guard weights.count == counts.count, squares.count == counts.count else { return nil }
    var tallies: [RateTally] = []
    for (count, texts) in zip(counts, zip(weights, squares)) {
      guard let weight = Int128(texts.0), let square = Int128(texts.1), weight.magnitude < 1 << 120,
        square >= 0, square < 1 << 120
      else { return nil }
      tallies.append(RateTally(count: count, weight: weight, square: square))
    }
    return tallies
  }

  mutating func add(_ other: Self, weighted: Bool) {
    guard let mine = tallies(weighted: weighted), let theirs = other.tallies(weighted: weighted),
      var below = mine.background.last, var belowSignal = mine.signal.last,
      let theirBelow = theirs.background.last, let theirBelowSignal = theirs.signal.last
    else { return }
    below += theirBelow
    belowSignal += theirBelowSignal
    var bins: [(threshold: Int64, background: RateTally, signal: RateTally)] = []
    var (i, j) = (0, 0)
    while i < thresholds.count || j < other.thresholds.count {
      let (a, b) = (
        i < thresholds.count ? thresholds[i] : .max, j < other.thresholds.count ? other.thresholds[j] : .max
      )
      var bin = (threshold: min(a, b), background: RateTally(), signal: RateTally())
      if i < thresholds.count, a <= b {
        bin.background += mine.background[i]
        bin.signal += mine.signal[i]
        i += 1
      }
      if j < other.thresholds.count, b <= a {
        bin.background += theirs.background[j]
        bin.signal += theirs.signal[j]
        j += 1
      }
      bins.append(bin)
    }
    self = Self(bins, below: (below, belowSignal), weighted: weighted)
  }
}
