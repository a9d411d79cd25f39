import Foundation

/// A rate or efficiency with the ends of its 68.3% interval.
public struct Measured: Hashable, Sendable {
  /// The share or rate seen, and the interval's ends.
  public var value, low, high: Double

  /// A share of events, with Wilson's score interval at one standard deviation.
  ///
  /// Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209; recommended by L. D. Brown, T. T. Cai, A. DasGupta, Statistical Science
  /// 16 (2001) 101. It is within 0…1 and of a width above 0 for no event and for all, where √(p(1-p)/n) is not.
  init(_ passed: Int, of all: Int) {
    let (k, n) = (Double(passed), Double(all))
    let centre = (k + 0.5) / (n + 1)
    let half = (k * (n - k) / n + 0.25).squareRoot() / (n + 1)
    self.init(value: k / n, low: passed == 0 ? 0 : centre - half, high: passed == all ? 1 : centre + half)
  }

  /// A share of weights: the variance of a ratio of sums of independent weights, (Σ_pass w²·(1-p)² + Σ_fail w²·p²) / (Σ w)².
  ///
  /// Source: the normal approximation for weighted events of ROOT's TEfficiency (its class documentation).
  init(_ passed: RateTally, of all: RateTally) {
    let share = Double(passed.weight) / Double(all.weight)
    let failed = Double(all.square - passed.square)
    let variance = Double(passed.square) * (1 - share) * (1 - share) + failed * share * share
    let error = variance.squareRoot() / abs(Double(all.weight))
    self.init(value: share, low: share - error, high: share + error)
  }

  init(value: Double, low: Double, high: Double) {
    (self.value, self.low, self.high) = (value, low, high)
  }

  func times(_ factor: Double) -> Measured {
    Measured(value: value * factor, low: low * factor, high: high * factor)
  }
}

/// What a threshold does to the events of a histogram.
public struct RatePoint: Hashable, Sendable {
  /// The raw word for the firmware, and its value.
  public var threshold: Int64
  /// The threshold's value.
  public var value: Double
  /// Background and signal events at or above it.
  public var background, signal: Int
  /// In Hz; nil where neither weights nor a crossing rate say what an event stands for.
  public var rate: Measured?
  /// The shares of background and signal events; nil where there are none.
  public var backgroundEfficiency, efficiency: Measured?
}

/// Rates and efficiencies at every threshold that tells events apart, descending; and where nothing fires, the threshold above all words.
public struct RateCurve: Sendable {
  /// By threshold, the highest first.
  public let points: [RatePoint]

  /// Sums a histogram up from above.
  init(_ histogram: RateResult.Histogram, of result: RateResult) {
    let weighted = result.weightBits != nil
    guard let tallies = histogram.tallies(weighted: weighted) else {
      points = []
      return
    }
    func sum(_ tallies: [RateTally]) -> RateTally { tallies.reduce(into: RateTally()) { $0 += $1 } }
    let (allBackground, allSignal) = (sum(tallies.background), sum(tallies.signal))
    let unit = Double(sign: .plus, exponent: -(result.weightBits ?? 0), significand: 1)
    func share(_ passed: RateTally, _ all: RateTally) -> Measured? {
      if weighted { return all.weight > 0 ? Measured(passed, of: all) : nil }
      return all.count > 0 ? Measured(passed.count, of: all.count) : nil
    }
    func point(_ threshold: Int64, _ background: RateTally, _ signal: RateTally) -> RatePoint {
      let backgroundShare = share(background, allBackground)
      var rate: Measured?
      if let crossing = result.crossingRate {
        rate = backgroundShare?.times(crossing)
      } else if weighted {
        let error = Double(background.square).squareRoot()
        let sum = Double(background.weight)
        rate = Measured(value: sum, low: sum - error, high: sum + error).times(unit)
      }
      return RatePoint(
        threshold: threshold, value: result.score.value(threshold), background: background.count,
        signal: signal.count, rate: rate, backgroundEfficiency: backgroundShare,
        efficiency: share(signal, allSignal))
    }
    var points: [RatePoint] = []
    if let top = histogram.thresholds.last, top <= result.score.high - (1 << Int64(result.score.stepBits)) {
      points.append(point(top + 1 << Int64(result.score.stepBits), RateTally(), RateTally()))
    }
    var (background, signal) = (RateTally(), RateTally())
    for index in histogram.thresholds.indices.reversed() {
      background += tallies.background[index]
      signal += tallies.signal[index]
      points.append(point(histogram.thresholds[index], background, signal))
    }
    self.points = points
  }

  /// The lowest threshold of those that keep a rate; of the thresholds that the events do not tell apart, the highest.
  ///
  /// - Returns: nil where no word of the format keeps it.
  public func point(rate: Double) -> RatePoint? {
    // Weights below zero make rates that fall and rise again: only what is kept by every threshold above counts.
    points.prefix { ($0.rate?.value ?? .infinity) <= rate }.last
  }

  /// The highest threshold that reaches an efficiency for signal; nil where none does.
  public func point(efficiency: Double) -> RatePoint? {
    points.first { ($0.efficiency?.value ?? -1) >= efficiency }
  }

  /// At most so many points, evenly spread in the number of background and signal events that fire.
  func thinned(_ most: Int) -> [RatePoint] {
    guard points.count > most else { return points }
    let total = Double(points.count - 1)
    return (0..<most).map { points[Int((Double($0) / Double(most - 1) * total).rounded())] }
  }
}

extension RateResult {
  /// The curve of the firmware's words.
  public var curve: RateCurve { RateCurve(words, of: self) }

  /// The curve of the float model.
  public var floatCurve: RateCurve? { float.map { RateCurve($0, of: self) } }
}
