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
  /// Holds every figure against an earlier report: none may be larger than it was and what is allowed.
  public func regressions(since earlier: Report, allowing allowances: [Allowance]) -> [Budget.Verdict] {
    Allowance.Figure.allCases.map { figure in
      let (now, before) = (figure.value(self), figure.value(earlier))
      // The last of several allowances for one figure counts, as on any command line.
      let growth = allowances.last { $0.figure == figure }?.growth
      let most: Int
      var allowed = "\(before)"
      switch growth {
      case .amount(let more):
        most = before.addingReportingOverflow(more).overflow ? .max : before + more
        allowed += " + \(more)"
      case .percent(let share):
        most = Int(min(1e15, (Double(before) * (1 + share / 100)).rounded(.down)))
        allowed += String(format: " + %g%%", share)
      case nil: most = before
      }
      return Budget.Verdict(
        name: "\(figure.rawValue) since the baseline", actual: "\(now)", allowed: allowed, passed: now <= most
      )
    }
  }
}
