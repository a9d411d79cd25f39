import Foundation

extension Budget {
  /// One limit held against a report, or one other thing that was checked.
  public struct Verdict: Codable, Hashable, Sendable {
    /// What was checked ("latency", "DSP").
    public var name: String
    /// What the design has, for people.
    public var actual: String
    /// What was allowed, for people: see `relation`.
    public var allowed: String
    /// Whether the limit is kept.
    public var passed: Bool
    /// What else there is to know: that the limit is kept, or missed, within the estimate's error.
    public var note: String?
    /// What `allowed` is; nil for the most that is allowed.
    public var relation: Relation?

    /// What is allowed, other than the most.
    public enum Relation: String, Codable, Hashable, Sendable {
      /// The least that is allowed.
      case least = "at least"
      /// What there was before, which may change.
      case before = "was"
    }

    /// Makes a verdict.
    public init(
      name: String, actual: String, allowed: String, passed: Bool, note: String? = nil,
      relation: Relation? = nil
    ) {
      (self.name, self.actual, self.allowed, self.passed) = (name, actual, allowed, passed)
      (self.note, self.relation) = (note, relation)
    }

    /// "of at most 100 ns".
    public var requirement: String {
      switch relation {
      case nil: "of at most \(allowed)"
      case .least: "of at least \(allowed)"
      case .before: "was \(allowed)"
      }
    }

    /// What a message says of a verdict that failed.
    public var complaint: String {
      let least = relation == .least ? "at least " : ""
      return "\(name) is \(actual), allowed \(least)\(allowed)" + (note.map { " (\($0))" } ?? "")
    }
  }

  /// An estimate held against the most it may be.
  ///
  /// - Parameters:
  ///   - value: the estimate, and `factor` what two designs in three are within, up or down.
  ///   - sigma: the power of the factor that the estimate's product with must be allowed too.
  static func estimate(
    _ name: String, _ value: Double, factor: Double, actual: String, allowed: String, most: Double,
    sigma: Double
  ) -> Verdict {
    var verdict = Verdict(
      name: name, actual: actual, allowed: allowed, passed: value * pow(factor, sigma) <= most)
    let bar = Report.factor(factor)
    if bar.isEmpty { return verdict }
    if sigma > 0 {
      verdict.actual += " × " + String(format: "%.2f", factor) + (sigma == 1 ? "" : "^\(sigma.formatted)")
    }
    if verdict.passed {
      if value * factor > most { verdict.note = "within its error, \(bar)" }
    } else if value / factor <= most {
      verdict.note =
        value <= most
        ? "kept by the estimate, but not with its error of \(bar)"
          + (sigma == 1 ? "" : ", \(sigma.formatted) times")
        : "missed by less than its error, \(bar)"
    }
    return verdict
  }
}
