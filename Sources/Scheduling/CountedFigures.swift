/// What was counted in the hardware that a backend wrote, where a design has estimates of a cost model.
public struct CountedFigures: Hashable, Sendable {
  /// One layer's.
  public struct Layer: Hashable, Sendable {
    /// The cycle its first words stand in, and the cycles from there to its last.
    public var start, latency: Int
    /// What is its own.
    public var resources: Resources

    /// Makes a layer's figures.
    public init(start: Int, latency: Int, resources: Resources) {
      (self.start, self.latency, self.resources) = (start, latency, resources)
    }
  }

  /// Cycles from an event's words to its results.
  public var latency: Int
  /// Cycles between two events.
  public var interval: Int
  /// Resources of the whole.
  public var resources: Resources
  /// By index of the program's layers; a layer that is wires alone is missing.
  public var layers: [Int: Layer]
  /// How far what tools build may be from them: 1 for what is exact.
  public var uncertainty: Uncertainty

  /// Makes figures.
  public init(
    latency: Int, interval: Int, resources: Resources, layers: [Int: Layer], uncertainty: Uncertainty
  ) {
    (self.latency, self.interval, self.resources) = (latency, interval, resources)
    (self.layers, self.uncertainty) = (layers, uncertainty)
  }
}
