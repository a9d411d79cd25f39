import Diagnostics
import Foundation

/// Results side by side: several models or configurations on the same events.
public struct RateComparison: Sendable {
  /// The first is what was asked for, the others stand beside it.
  public let results: [RateResult]

  /// - Parameter results: with the names of their files, for messages.
  /// - Throws: `badInput` with everything that keeps them from being compared.
  public init(_ results: [(file: String, result: RateResult)]) throws(Failure) {
    var problems: [Diagnostic] = []
    if let first = results.first?.result {
      for (file, other) in results.dropFirst() {
        let same: [(String, Bool)] = [
          ("other events", first.provenance.sources.isSameEvents(as: other.provenance.sources)),
          (
            "other labels of signal and background",
            first.signal == other.signal && first.background == other.background
          ),
          ("another crossing rate", first.crossingRate == other.crossingRate),
          ("other weights' steps", first.weightBits == other.weightBits),
        ]
        for (what, isSame) in same where !isSame {
          problems.append(
            Diagnostic(file: file, "counted on \(what): curves side by side are of the same events"))
        }
      }
    }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    self.results = results.map(\.result)
  }

  /// Every curve with a name of its own.
  var curves: [(name: String, result: RateResult, kind: String, curve: RateCurve)] {
    results.flatMap { result in
      let twins = results.filter { $0.provenance.name == result.provenance.name }.count
      let name = result.provenance.name + (twins > 1 ? " \(result.provenance.modelDigest.prefix(8))" : "")
      return result.curves.map {
        (results.count > 1 ? "\(name) \($0.name)" : $0.name, result, $0.name, $0.curve)
      }
    }
  }

  /// Everything for people: what was counted, the thresholds wanted, and the curves in short.
  public func text(_ style: TextStyle = .plain, most: Int = 12) -> String {
    var lines = results.flatMap(\.head)
    let points = curves.flatMap { curve in
      (curve.result.workingPoints ?? []).filter { $0.curve == curve.kind }.map { (curve.name, $0) }
    }
    if !points.isEmpty {
      let rows = points.sorted { ($0.1.wanted == "rate" ? 0 : 1) < ($1.1.wanted == "rate" ? 0 : 1) }.map {
        name, point in
        [point.wish, name] + (point.threshold == nil ? ["no word of the format does"] : point.cells)
      }
      let head = [
        "wanted", "curve", "threshold", "value", "rate", "interval", "efficiency", "interval", "background",
        "interval",
      ]
      let width = head.count
      let full = rows.map { $0 + [String](repeating: "", count: width - $0.count) }
      let table = Report.aligned([head] + full, numbersFrom: 2)
      lines += [""] + table.enumerated().map { $0 == 0 ? style.paint($1, .bold) : $1 }
    }
    for (name, _, _, curve) in curves {
      let rows = curve.thinned(most).map { WorkingPoint(curve: name, wanted: "", target: 0, $0).cells }
      let head = [
        "threshold", "value", "rate", "interval", "efficiency", "interval", "background", "interval",
      ]
      let table = Report.aligned([head] + rows, numbersFrom: 0)
      lines += ["", "\(name.visible), \(rows.count) of \(curve.points.count) thresholds:"]
      lines += table.enumerated().map { $0 == 0 ? style.paint($1, .bold) : $1 }
    }
    lines.append("intervals: \(results.first?.intervalName ?? "")")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Every threshold of every curve as a line of CSV, the highest first.
  public var csv: String {
    var lines = [
      "curve,threshold,value,background,signal,rate,rate_low,rate_high,efficiency,efficiency_low,efficiency_high,"
        + "background_efficiency,background_efficiency_low,background_efficiency_high"
    ]
    for (name, _, _, curve) in curves {
      let quoted = "\"\(name.visible.replacing("\"", with: "\"\""))\""
      for point in curve.points {
        let numbers = [point.rate, point.efficiency, point.backgroundEfficiency].flatMap { measured in
          measured.map { ["\($0.value)", "\($0.low)", "\($0.high)"] } ?? ["", "", ""]
        }
        lines.append(
          ([quoted, "\(point.threshold)", "\(point.value)", "\(point.background)", "\(point.signal)"]
            + numbers)
            .joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension [EventSource] {
  /// Whether these are the same events: equally many with the same labels and weights, and the same inputs, or, where models take
  /// other inputs, the same files.
  func isSameEvents(as other: [EventSource]) -> Bool {
    count == other.count
      && zip(self, other).allSatisfy { mine, theirs in
        mine.of == theirs.of && mine.ranges == theirs.ranges
          && ["labels", "weights"].allSatisfy { mine.digests[$0] == theirs.digests[$0] }
          && (mine.inputs == theirs.inputs || mine.files == theirs.files)
      }
  }
}

extension EventSource {
  /// The digests of the inputs, whatever they are called.
  fileprivate var inputs: [String] {
    digests.filter { $0.key.hasPrefix("input ") }.map(\.value).sorted()
  }
}

extension Provenance {
  /// The model and its numerics, for people.
  var name: String { "\(model), \(numerics)" }
}

extension RateResult {
  /// Which interval is printed.
  var intervalName: String {
    weightBits == nil
      ? "Wilson's score interval, 68.3%"
      : "68.3%, from the sums of squared weights"
  }

  fileprivate var head: [String] {
    let tallies = words.tallies(weighted: weightBits != nil)
    func count(_ path: KeyPath<Histogram.Tallies, [RateTally]>) -> Int {
      tallies?[keyPath: path].reduce(0) { $0 + $1.count } ?? 0
    }
    var line = "\(provenance.name.visible): \(provenance.events) events"
    if signal != nil {
      line += ", \(count(\.signal)) signal, \(count(\.background)) background"
      if ignored > 0 { line += ", \(ignored) neither" }
    }
    if let crossingRate { line += "; crossings at \(frequency(crossingRate))" }
    return [
      line,
      "trigger: \(score.output.visible)[\(score.element)] at or above the threshold, \(score.format)"
        + (score.stepBits > 0 ? ", thresholds every \(Int64(1) << Int64(score.stepBits)) words" : ""),
    ]
  }
}

extension WorkingPoint {
  /// What was wanted, for people.
  var wish: String {
    wanted == "rate" ? "rate at most \(frequency(target))" : "efficiency at least \(percent(target))"
  }

  /// Threshold, value, rate, efficiency and background with their intervals.
  var cells: [String] {
    func share(_ value: Double?, _ low: Double?, _ high: Double?) -> [String] {
      guard let value, let low, let high else { return ["-", ""] }
      return [shareText(value), "\(shareText(low)) … \(shareText(high))"]
    }
    var cells = [threshold.map { "\($0)" } ?? "-", value.map { String(format: "%.6g", $0) } ?? "-"]
    if let rate, let rateLow, let rateHigh {
      cells += [frequency(rate), "\(frequency(rateLow)) … \(frequency(rateHigh))"]
    } else {
      cells += ["-", ""]
    }
    return cells + share(efficiency, efficiencyLow, efficiencyHigh)
      + share(backgroundEfficiency, backgroundEfficiencyLow, backgroundEfficiencyHigh)
  }
}

/// A share with four digits: 93.28%.
private func shareText(_ share: Double) -> String { String(format: "%.4g%%", 100 * share) }

/// A rate with four digits and its unit.
func frequency(_ hertz: Double) -> String {
  for (factor, unit) in [(1e9, "GHz"), (1e6, "MHz"), (1e3, "kHz")] where abs(hertz) >= factor {
    return String(format: "%.4g ", hertz / factor) + unit
  }
  return String(format: "%.4g Hz", hertz)
}
