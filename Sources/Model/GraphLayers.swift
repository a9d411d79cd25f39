/// GarNet, a graph network without a fixed graph: vertices give their features to a few aggregators and read them back, both
/// weighted by a learned distance (Qasim et al., arXiv:1902.07987; as hls4ml's contrib/garnet.py has it, `simplified`).
///
/// Inputs are the vertices [V, F] and the number n of them that exist, [1]. With w(v, s) = exp(−(x·S + b)²) for v < n, else 0:
/// aggregator s holds the mean over V (or over n) of w(v, s) · (x·FLR + b), a vertex gets (w(v, s) · that of s)·Fout + b over
/// all s, and those beyond n get zeros. A stack is that several times.
public struct GarNet: Sendable {
  /// One pass from the vertices to the aggregators and back.
  public struct Pass: Sendable {
    /// FLR: [features, propagated].
    public var features: Dense
    /// S: [features, aggregators].
    public var distances: Dense
    /// Fout: [aggregators · propagated, filters].
    public var outputs: Dense

    /// Makes a pass.
    public init(features: Dense, distances: Dense, outputs: Dense) {
      self.features = features
      self.distances = distances
      self.outputs = outputs
    }
  }

  /// What becomes of the vertices of the last pass.
  public enum Collapse: String, Hashable, Sendable { case mean, sum, max }

  /// In order.
  public var passes: [Pass]
  /// Nil keeps the vertices: the result is [V, filters], else [filters].
  public var collapse: Collapse?
  /// Whether means are over the vertices that exist, and not over all places.
  public var meansByCount: Bool
  /// Whether the source has it as one layer of several passes.
  public var isStack: Bool

  /// Makes a GarNet.
  public init(passes: [Pass], collapse: Collapse?, meansByCount: Bool, isStack: Bool) {
    self.passes = passes
    self.collapse = collapse
    self.meansByCount = meansByCount
    self.isStack = isStack
  }
}

/// The places of the largest or smallest words of the last axis, in order: of equal words the first comes first.
public struct TopPlaces: Hashable, Sendable {
  /// How many: the length of the result's last axis.
  public var count: Int
  /// Whether the largest are wanted.
  public var isLargest: Bool

  /// Makes a search.
  public init(count: Int, isLargest: Bool) {
    self.count = count
    self.isLargest = isLargest
  }
}
