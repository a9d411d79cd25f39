import Foundation
import Scheduling

/// Limits a design must keep: what `check` enforces.
public struct Budget: Hashable, Sendable {
  /// A latency, in the unit the user thinks in.
  public enum Latency: Hashable, Sendable {
    /// In ns.
    case nanoseconds(Double)
    /// In clock cycles.
    case cycles(Int)
    /// In LHC bunch crossings of 25 ns.
    case crossings(Double)

    /// The whole clock cycles it leaves; the period in ns.
    public func cycles(clockPeriod: Double) -> Int {
      switch self {
      case .nanoseconds(let value): SearchLimits.cycles(in: value, clockPeriod: clockPeriod)
      case .cycles(let count): count
      case .crossings(let count): SearchLimits.cycles(in: 25 * count, clockPeriod: clockPeriod)
      }
    }

    /// Reads `100ns`, `0.1us`, `36cycles`, `4BX`; nil for anything else, a number without its unit included.
    public init?(_ text: String) {
      let unit = String(text.drop { $0.isNumber || $0 == "." }).trimmingCharacters(in: .whitespaces)
      guard let value = Double(text.prefix { $0.isNumber || $0 == "." }), value > 0, value.isFinite else {
        return nil
      }
      switch unit.lowercased() {
      case "ns": self = .nanoseconds(value)
      case "us", "µs": self = .nanoseconds(value * 1000)
      case "bx", "crossings": self = .crossings(value)
      case "cycle", "cycles":
        guard let cycles = Int(exactly: value) else { return nil }
        self = .cycles(cycles)
      default: return nil
      }
    }
  }

  /// The most resources, absolute or as a share of the part.
  public enum Limit: Hashable, Sendable {
    /// So many.
    case amount(Int)
    /// So many percent of what the part has.
    case percent(Double)

    /// Reads a limit of what there is: as any other, but no share is above the whole.
    public init?(ofPart text: String) {
      self.init(text)
      if case .percent(let share) = self, share > 100 { return nil }
    }

    /// What to say of a text that is no limit of a part's resources.
    public static let form = "a number, or a share of the part from 0% to 100%"

    /// Reads `2000` or `15%`; nil for anything else.
    public init?(_ text: String) {
      if text.hasSuffix("%"), let share = Double(text.dropLast()), share >= 0, share.isFinite {
        self = .percent(share)
      } else if let amount = Int(text), amount >= 0 {
        self = .amount(amount)
      } else {
        return nil
      }
    }
  }

  /// The longest latency.
  public var latency: Latency?
  /// The longest initiation interval, in cycles.
  public var interval: Int?
  /// The most of each resource, by its name in `Report.Amounts`.
  public var limits: [KeyPath<Report.Amounts, Int> & Sendable: Limit]

  /// Makes a budget.
  public init(
    latency: Latency? = nil, interval: Int? = nil,
    limits: [KeyPath<Report.Amounts, Int> & Sendable: Limit] = [:]
  ) {
    self.latency = latency
    self.interval = interval
    self.limits = limits
  }

  /// Whether nothing is limited.
  public var isEmpty: Bool { latency == nil && interval == nil && limits.isEmpty }

  /// Whether anything is limited that has an error bar.
  public var limitsEstimates: Bool { latency != nil || !limits.isEmpty }

  /// Holds every limit against a report.
  ///
  /// - Parameter sigma: how many times an estimate's error factor must fit below its limit too: 2 for its square.
  public func verdicts(_ report: Report, sigma: Double = 0) -> [Verdict] {
    var verdicts: [Verdict] = []
    if let latency {
      let period = report.clockPeriod
      let allowed =
        switch latency {
        case .nanoseconds(let value): "\(value.formatted) ns"
        case .cycles(let count): "\(count) cycles"
        case .crossings(let count): "\(count.formatted) BX (\((count * 25).formatted) ns)"
        }
      let cycles = Double(report.latencyCycles)
      verdicts.append(
        Self.estimate(
          "latency", cycles, factor: report.errorFactors?.latency ?? 1,
          actual: "\(report.latencyCycles) cycles (\(report.latency.formatted) ns)", allowed: allowed,
          most: Double(latency.cycles(clockPeriod: period)), sigma: sigma))
    }
    if let interval {
      verdicts.append(
        Verdict(
          name: "initiation interval", actual: "\(report.interval)", allowed: "\(interval)",
          passed: report.interval <= interval))
    }
    for (name, path) in Self.resources {
      guard let limit = limits[path] else { continue }
      let actual = report.resources[keyPath: path]
      let most: Double
      let allowed: String
      switch limit {
      case .amount(let amount): (most, allowed) = (Double(amount), "\(amount)")
      case .percent(let share) where !report.knowsPart:
        verdicts.append(
          Verdict(
            name: name, actual: "\(actual)", allowed: "\(share.formatted)% of a part whose size is not known",
            passed: false))
        continue
      case .percent(let share):
        most = share / 100 * Double(report.available[keyPath: path])
        allowed = "\(most.formatted) (\(share.formatted)%)"
      }
      verdicts.append(
        Self.estimate(
          name, Double(actual), factor: report.errorFactors?[of: path] ?? 1,
          actual: "\(actual)",
          allowed: allowed, most: most, sigma: sigma))
    }
    return verdicts
  }

  /// The resources by the names people use.
  public static let resources: [(name: String, path: KeyPath<Report.Amounts, Int> & Sendable)] = [
    ("DSP", \.dsp), ("LUT", \.lut), ("FF", \.ff), ("BRAM18", \.bram), ("URAM", \.uram),
  ]
}

extension Report.ErrorFactors {
  /// The error factor of an amount; 1 where the model gives none.
  fileprivate subscript(of path: KeyPath<Report.Amounts, Int>) -> Double {
    switch path {
    case \.dsp: dsp
    case \.lut: lut
    case \.ff: ff
    case \.bram: bram
    default: 1
    }
  }
}

extension Double {
  /// Whole numbers in full, others with at most six significant digits.
  package var formatted: String {
    self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : String(format: "%.6g", self)
  }
}
