import Foundation

/// How much one figure of a report may grow since an earlier report.
public struct Allowance: Hashable, Sendable {
  /// A figure of a report.
  public enum Figure: String, CaseIterable, Sendable {
    /// Latency in cycles.
    case latency
    /// The initiation interval in cycles.
    case ii
    /// DSP slices.
    case dsp
    /// Look-up tables.
    case lut
    /// Flip-flops.
    case ff
    /// Block RAMs of 18 kbit.
    case bram
    /// UltraRAMs.
    case uram

    func value(_ report: Report) -> Int {
      switch self {
      case .latency: report.latencyCycles
      case .ii: report.interval
      case .dsp: report.resources.dsp
      case .lut: report.resources.lut
      case .ff: report.resources.ff
      case .bram: report.resources.bram
      case .uram: report.resources.uram
      }
    }
  }

  /// What may grow.
  public var figure: Figure
  /// By how much: a number, or a share of what it was.
  public var growth: Budget.Limit

  /// Reads `lut:+2%` or `latency:+1`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let figure = Figure(rawValue: parts[0].lowercased()), parts[1].hasPrefix("+"),
      let growth = Budget.Limit(String(parts[1].dropFirst()))
    else { return nil }
    (self.figure, self.growth) = (figure, growth)
  }
}

extension Report {
  /// Holds every figure against an earlier report: none may be larger than it was and what is allowed. The latency is held
  /// in cycles and in ns: at another clock one of them can grow while the other shrinks.
  ///
  /// Verdicts that always pass say what else changed, where figures of two reports are not of the same kind: the part, the
  /// clock, the numerics.
  public func regressions(since earlier: Report, allowing allowances: [Allowance]) -> [Budget.Verdict] {
    var verdicts = changes(since: earlier)
    for figure in Allowance.Figure.allCases {
      // The last of several allowances for one figure counts, as on any command line.
      let growth = allowances.last { $0.figure == figure }?.growth
      verdicts.append(
        Self.regression(
          figure.rawValue, Double(figure.value(self)), since: Double(figure.value(earlier)), growth, unit: 1))
      if figure == .latency {
        var time = Self.regression(
          "latency in ns", latency, since: earlier.latency, growth, unit: earlier.clockPeriod)
        time.actual += " ns"
        time.allowed += " ns"
        verdicts.append(time)
      }
    }
    return verdicts
  }

  /// - Parameter unit: what one of an allowance's amount is.
  private static func regression(
    _ name: String, _ now: Double, since before: Double, _ growth: Budget.Limit?, unit: Double
  ) -> Budget.Verdict {
    var most = before
    var allowed = before.formatted
    switch growth {
    case .amount(let more):
      most += Double(more) * unit
      allowed += " + \((Double(more) * unit).formatted)"
    case .percent(let share):
      most *= 1 + share / 100
      allowed += " + \(share.formatted)%"
    case nil: break
    }
    // Products of clock periods that are no binary fractions.
    return Budget.Verdict(
      name: "\(name) since the baseline", actual: now.formatted, allowed: allowed,
      passed: now <= most * (1 + 1e-12))
  }

  private func changes(since earlier: Report) -> [Budget.Verdict] {
    let facts: [(String, String, String)] = [
      ("model", earlier.model, model), ("part", earlier.part, part),
      ("clock", "\(earlier.clockPeriod.formatted) ns", "\(clockPeriod.formatted) ns"),
      ("numerics", earlier.numerics, numerics), ("interface", earlier.ioType, ioType),
    ]
    return facts.filter { $0.1 != $0.2 }.map { name, before, now in
      Budget.Verdict(
        name: "\(name) since the baseline", actual: now, allowed: before, passed: true,
        note: "changed: the baseline's figures are of another \(name)", relation: .before)
    }
  }
}
