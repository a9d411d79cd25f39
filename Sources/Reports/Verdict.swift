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
  ///   - value: the estimate, and `error` its standard deviation in the same unit.
  ///   - sigma: how many standard deviations above the estimate must be allowed too.
  static func estimate(
    _ name: String, _ value: Double, error: Double, actual: String, allowed: String, most: Double,
    sigma: Double
  ) -> Verdict {
    var verdict = Verdict(
      name: name, actual: actual, allowed: allowed, passed: value + sigma * error <= most)
    let digits = String(format: error < 10 ? "%.1f" : "%.0f", error)
    let bar = "±\(digits)"
    if sigma > 0, error > 0 { verdict.actual += " + \(sigma.formatted)·\(digits)" }
    // Half a unit is no error: figures are whole.
    guard error >= 0.5 else { return verdict }
    if verdict.passed {
      if value + error > most { verdict.note = "within its error, \(bar)" }
    } else if value - error <= most {
      verdict.note =
        value <= most
        ? "kept by the estimate, but not with \(sigma.formatted) times its error of \(bar)"
        : "missed by less than its error, \(bar)"
    }
    return verdict
  }
}
