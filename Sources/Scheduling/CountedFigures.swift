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

  /// How fast the hardware is: what its wires and cells are expected to take, which is a model.
  public struct Timing: Hashable, Sendable {
    /// Blocks of eight bits of carry chain: counted.
    public var carry: Int
    /// The most lookup tables and carry chains between two registers.
    public var levels: Int
    /// The slowest path between registers, theirs included, in picoseconds.
    public var slowestPath: Int
    /// The family whose delays these are.
    public var delays: String

    /// Makes figures of timing.
    public init(carry: Int, levels: Int, slowestPath: Int, delays: String) {
      (self.carry, self.levels, self.slowestPath, self.delays) = (carry, levels, slowestPath, delays)
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
  /// How fast it is; nil where nothing is known of that.
  public var timing: Timing?

  /// Makes figures.
  public init(
    latency: Int, interval: Int, resources: Resources, layers: [Int: Layer], uncertainty: Uncertainty,
    timing: Timing? = nil
  ) {
    (self.latency, self.interval, self.resources) = (latency, interval, resources)
    (self.layers, self.uncertainty, self.timing) = (layers, uncertainty, timing)
  }
}
