import Program

/// The plan of one instruction: what is built, and what that is expected to take.
public struct Step: Hashable, Sendable {
  /// What is built.
  public var choice: Choice
  /// What it is expected to take.
  public var estimate: Estimate

  /// Makes a plan.
  public init(_ choice: Choice, _ estimate: Estimate = Estimate()) {
    self.choice = choice
    self.estimate = estimate
  }

  /// What is decided of an instruction's hardware: by the user, or by a search.
  public struct Choice: Hashable, Sendable {
    /// How its arithmetic is laid out.
    public var strategy: Strategy
    /// How many times each multiplier is used per event, or per position of a convolution.
    public var reuseFactor: Int
    /// How many positions of a window are computed at once; nil: all, or it has none.
    public var parallelizationFactor: Int?

    /// Makes a choice.
    public init(strategy: Strategy, reuseFactor: Int, parallelizationFactor: Int? = nil) {
      self.strategy = strategy
      self.reuseFactor = reuseFactor
      self.parallelizationFactor = parallelizationFactor
    }
  }

  /// What the cost model expects of a choice.
  public struct Estimate: Hashable, Sendable {
    /// The cycle it starts at, counted from the event's arrival.
    public var start: Int
    /// Cycles from its inputs to its result.
    public var latency: Int
    /// Cycles before it can take the next event.
    public var interval: Int
    /// Its resources.
    public var resources: Resources
    /// How far latency and resources may be off.
    public var uncertainty: Uncertainty

    /// Makes an estimate.
    public init(
      start: Int = 0, latency: Int = 0, interval: Int = 1, resources: Resources = Resources(),
      uncertainty: Uncertainty = Uncertainty()
    ) {
      self.start = start
      self.latency = latency
      self.interval = interval
      self.resources = resources
      self.uncertainty = uncertainty
    }
  }
}
