import Diagnostics
import FixedPoint
import Foundation
import Reports

/// Counts events by output word, exactly: integers, whatever the order.
struct RateCounter {
  private let options: RateOptions
  private let score: RateResult.Score
  private let hasLabels: Bool
  private let isWeighted: Bool
  private var words: WordTally
  private var float: WordTally?
  private var ignored = 0

  /// - Parameters:
  ///   - hasFloat: whether the float model's outputs are counted too.
  init(
    _ score: RateResult.Score, _ options: RateOptions, hasLabels: Bool, isWeighted: Bool, hasFloat: Bool
  ) {
    (self.score, self.options, self.hasLabels, self.isWeighted) = (score, options, hasLabels, isWeighted)
    words = WordTally(score, isWeighted: isWeighted)
    float = hasFloat ? WordTally(score, isWeighted: isWeighted) : nil
  }

  /// What an event is counted as.
  private enum Kind { case background, signal, neither }

  private func kind(_ label: Int64?) -> Kind {
    guard let label else { return .background }
    if options.signal.isEmpty { return label == 0 ? .background : .signal }
    if options.signal.contains(Int(label)) { return .signal }
    return options.background.isEmpty || options.background.contains(Int(label)) ? .background : .neither
  }

  /// Counts events.
  ///
  /// - Parameters:
  ///   - found: the output's words of these events, `width` to an event.
  ///   - first: the first event's number, for messages.
  /// - Throws: `badInput` with the first weights that cannot be represented; for too many different words.
  mutating func add(
    _ found: UnsafeBufferPointer<Int64>, width: Int, labels: UnsafeBufferPointer<Int64>?,
    weights: UnsafeBufferPointer<Double>?, float floats: UnsafeBufferPointer<Double>?, first: Int
  ) throws(Failure) {
    let scale = Double(sign: .plus, exponent: options.weightBits, significand: 1)
    let step = Double(sign: .plus, exponent: score.fractionBits, significand: 1)
    var problems: [Diagnostic] = []
    // One lookup for the labels of small numbers: a set of signals is asked for every event.
    let kinds = (0..<64).map { kind(Int64($0)) }
    for event in 0..<(found.count / width) {
      let label = labels?[event]
      let kind = label.map { $0 >= 0 && $0 < 64 ? kinds[Int($0)] : self.kind($0) } ?? .background
      if kind == .neither {
        ignored += 1
        continue
      }
      var weight = Int64(1)
      if let given = weights?[event] {
        let rounded = (given * scale).rounded(.toNearestOrEven)
        // Below 2^9 steps a weight would change by more than a thousandth; above 2^52 its square could not be summed.
        guard given == 0 || (abs(rounded) >= 512 && abs(rounded) < 0x1p52) else {
          if problems.count < 5 {
            problems.append(
              Diagnostic(
                place: "event \(first + event)",
                "the weight \(given) is no number of 10 to 52 bits in steps of 2^-\(options.weightBits)",
                hint: "choose the step with --weight-bits"))
          }
          continue
        }
        weight = Int64(rounded)
      }
      words.add(found[event * width + score.element], isSignal: kind == .signal, weight)
      if let value = floats?[event] {
        let raw = (value * step).rounded(.down)
        guard !raw.isNaN else {
          if problems.count < 5 {
            problems.append(
              Diagnostic(place: "event \(first + event)", "the float model's output is no number"))
          }
          continue
        }
        // Nothing of the format is above its highest word, so that is what a larger value is at or above.
        if raw < Double(score.low) {
          float?.addBelow(isSignal: kind == .signal, weight)
        } else {
          float?.add(raw >= Double(score.high) ? score.high : Int64(raw), isSignal: kind == .signal, weight)
        }
      }
    }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    for tally in [words, float].compactMap({ $0 }) where tally.isFull {
      throw Failure(
        .badInput, place: score.output, "the events have over \(WordTally.most) different words",
        hint: "count thresholds in larger steps: --threshold-step 256")
    }
  }

  /// What was counted.
  func result(_ provenance: Provenance, floatSource: String?) -> RateResult {
    var result = RateResult(provenance: provenance, score: score)
    if hasLabels {
      result.signal = options.signal
      result.background = options.background.isEmpty ? nil : options.background
    }
    result.crossingRate = options.crossingRate
    result.weightBits = isWeighted ? options.weightBits : nil
    result.ignored = ignored
    result.words = words.histogram
    result.float = float?.histogram
    result.floatSource = floatSource
    return result
  }
}

/// Events by word.
struct WordTally {
  /// The most different thresholds that are counted: a result of them is some 50 MB of JSON.
  static let most = 1 << 20

  private let low: Int64
  private let stepBits: Int64
  private let isWeighted: Bool
  /// Of formats of up to 20 bits two places for every threshold, background and signal; else only those that were seen. Counts apart
  /// from sums: without weights they are all there is, and stay in a core's cache.
  private var counts: [Int]
  private var sums: [(weight: Int128, square: Int128)]
  private var sparse: [Int64: (background: RateTally, signal: RateTally)] = [:]
  private var below = (background: RateTally(), signal: RateTally())

  init(_ score: RateResult.Score, isWeighted: Bool) {
    low = score.low
    stepBits = Int64(score.stepBits)
    self.isWeighted = isWeighted
    let places = (score.high >> stepBits) - (low >> stepBits) + 1
    counts = places <= 1 << 20 ? [Int](repeating: 0, count: 2 * Int(places)) : []
    sums = isWeighted ? counts.map { _ in (0, 0) } : []
  }

  var isFull: Bool { sparse.count > Self.most }

  private func added(_ tally: inout RateTally, _ weight: Int64) {
    tally += RateTally(
      count: 1, weight: isWeighted ? Int128(weight) : 0,
      square: isWeighted ? Int128(weight) &* Int128(weight) : 0)
  }

  mutating func add(_ word: Int64, isSignal: Bool, _ weight: Int64) {
    let place = (word >> stepBits) - (low >> stepBits)
    if counts.isEmpty {
      if isSignal {
        added(&sparse[place, default: (RateTally(), RateTally())].signal, weight)
      } else {
        added(&sparse[place, default: (RateTally(), RateTally())].background, weight)
      }
      return
    }
    let index = 2 * Int(place) + (isSignal ? 1 : 0)
    counts[index] &+= 1
    if isWeighted {
      sums[index].weight &+= Int128(weight)
      sums[index].square &+= Int128(weight) &* Int128(weight)
    }
  }

  mutating func addBelow(isSignal: Bool, _ weight: Int64) {
    if isSignal { added(&below.signal, weight) } else { added(&below.background, weight) }
  }

  var histogram: RateResult.Histogram {
    var bins: [(threshold: Int64, background: RateTally, signal: RateTally)] = []
    // Thresholds are multiples of the step, as `low` is.
    func threshold(_ place: Int64) -> Int64 { (place + low >> stepBits) << stepBits }
    func tally(_ index: Int) -> RateTally {
      isWeighted
        ? RateTally(count: counts[index], weight: sums[index].weight, square: sums[index].square)
        : RateTally(count: counts[index], weight: 0, square: 0)
    }
    for place in 0..<(counts.count / 2) where counts[2 * place] + counts[2 * place + 1] > 0 {
      bins.append((threshold(Int64(place)), tally(2 * place), tally(2 * place + 1)))
    }
    for (place, tally) in sparse.sorted(by: { $0.key < $1.key }) {
      bins.append((threshold(place), tally.background, tally.signal))
    }
    return RateResult.Histogram(bins, below: below, weighted: isWeighted)
  }
}
