/// How long shared adders of distributed arithmetic are searched for. Each gives the same adders every time.
public enum AdderEffort: String, Hashable, Sendable, CaseIterable {
  /// A tenth of the time: a few percent more adders.
  case less
  /// About a second for 16 × 16 weights of eight bits.
  case standard = "default"
  /// Five times the time.
  case more

  /// As a share of the usual time, in percent (`AdderGraph.Options.effort`).
  public var percent: Int {
    switch self {
    case .less: 10
    case .standard: 100
    case .more: 500
    }
  }
}
