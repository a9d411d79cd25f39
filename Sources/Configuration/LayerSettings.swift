import FixedPoint
import Program

/// The type of a tensor: given, or left to inference.
public enum PrecisionChoice: Hashable, Sendable, CustomStringConvertible {
  /// Inferred from the layer's inputs and weights.
  case auto
  /// This one.
  case format(FixedFormat)

  /// The spelling in a configuration: `auto`, or as `FixedFormat.description`.
  public var description: String {
    switch self {
    case .auto: "auto"
    case .format(let format): format.description
    }
  }
}

/// The settings of a layer, of a class of layers, or of the whole model. What is nil was not set.
public struct LayerSettings: Hashable, Sendable {
  /// `Precision`, by tensor (`result`, `weight`, `bias`, `accum`, …); a single type is under `default`.
  public var precision: [String: PrecisionChoice]
  /// Types given directly (`table_t`, `exp_table_t`, `inv_table_t`, `inv_inp_t`, `inp_norm_t`, `accum_t`), without the
  /// `_t`. These take effect where `precision` does not: it is how hls4ml 1.3.0 is told the type of an activation table.
  public var types: [String: FixedFormat] = [:]
  /// `ReuseFactor`: how many times each multiplier is used; at least 1.
  public var reuseFactor: Int?
  /// `TargetCycles`: the cycles the layer may take, from which the resource strategy derives a reuse factor.
  public var targetCycles: Int?
  /// `Strategy`.
  public var strategy: Strategy?
  /// `Compression`: leave out zero weights.
  public var compression: Bool?
  /// `ConvImplementation`.
  public var convImplementation: Configuration.ConvImplementation?
  /// `ParallelizationFactor`: output pixels computed at once; at least 1.
  public var parallelizationFactor: Int?
  /// `Static`: the steps of a recurrent layer have one hardware.
  public var isStatic: Bool?
  /// `TableSize`: entries of the activation's table.
  public var tableSize: Int?
  /// `ExpTableSize`: entries of softmax's table of exponentials, where it differs from `tableSize`.
  public var expTableSize: Int?
  /// `InvTableSize`: entries of softmax's table of reciprocals, where it differs from `tableSize`.
  public var invTableSize: Int?
  /// `TableRangePower2`: layer normalization's table covers 0 to 2^-range.
  public var tableRangePower2: Int?
  /// `Implementation`: of softmax.
  public var softmax: Configuration.SoftmaxImplementation?
  /// `Skip`: leave the softmax out.
  public var skip: Bool?
  /// `Trace`: the layer's result is wanted.
  public var trace: Bool?
  /// In a project that hls4ml wrote: what its code decides.
  public var written: WrittenKernel?

  /// Makes settings that set a precision and a reuse factor at most.
  public init(precision: [String: PrecisionChoice] = [:], reuseFactor: Int? = nil) {
    self.precision = precision
    self.reuseFactor = reuseFactor
  }

  /// These settings, with those that `other` sets taken from there. Its precisions replace these as a whole.
  public func overridden(by other: LayerSettings) -> LayerSettings {
    var result = self
    if !other.precision.isEmpty { result.precision = other.precision }
    result.types.merge(other.types) { $1 }
    result.reuseFactor = other.reuseFactor ?? reuseFactor
    result.targetCycles = other.targetCycles ?? targetCycles
    result.strategy = other.strategy ?? strategy
    result.compression = other.compression ?? compression
    result.convImplementation = other.convImplementation ?? convImplementation
    result.parallelizationFactor = other.parallelizationFactor ?? parallelizationFactor
    result.isStatic = other.isStatic ?? isStatic
    result.tableSize = other.tableSize ?? tableSize
    result.expTableSize = other.expTableSize ?? expTableSize
    result.invTableSize = other.invTableSize ?? invTableSize
    result.tableRangePower2 = other.tableRangePower2 ?? tableRangePower2
    result.softmax = other.softmax ?? softmax
    result.skip = other.skip ?? skip
    result.trace = other.trace ?? trace
    result.written = other.written ?? written
    return result
  }
}
