import Configuration
import Diagnostics
import FixedPoint
import Program

/// What lowering makes of a model: its exact arithmetic, and how that came about.
public struct Lowered: Sendable {
  /// The exact arithmetic.
  public var program: Program
  /// The layers as the policy resolved them, in order: for `inspect` and for reports.
  public var layers: [LoweredLayer]
  /// What was not done as asked, or differs from what the model says. Sorted by where they were found.
  public var warnings: [Diagnostic]

  /// Where the format of each input is from, in the model's order.
  public var inputOrigins: [InputOrigin]

  /// Makes a result.
  public init(
    program: Program, layers: [LoweredLayer], warnings: [Diagnostic] = [], inputOrigins: [InputOrigin] = []
  ) {
    self.inputOrigins = inputOrigins
    self.program = program
    self.layers = layers
    self.warnings = warnings
  }
}

/// Where the format of an input is from: what mends it depends on that.
public enum InputOrigin: Hashable, Sendable {
  /// The caller, or an hls4ml configuration.
  case given
  /// An integer type in the model file.
  case integerType
  /// The model's own quantizer, which does to the numbers what the format does.
  case quantizer
  /// Sample events.
  case calibration
  /// Nothing was known.
  case assumed
  /// A project that was compiled before: which of the others it was is not known any more.
  case compiled(isExact: Bool)
}

/// A layer with its formats resolved.
public struct LoweredLayer: Hashable, Sendable {
  /// The layer's name: under the hls4ml policy, hls4ml's.
  public var name: String
  /// The layer's class: under the hls4ml policy, hls4ml's.
  public var className: String
  /// The shape of its result.
  public var shape: [Int]
  /// The layers it reads, by name.
  public var inputs: [String]
  /// The format of each of its tensors by name (`result`, `weight`, `accum`, …), in a fixed order.
  public var formats: [TensorFormat]
  /// How its multiplications are to be laid out; nil where it multiplies with no weights.
  public var strategy: Strategy?
  /// The reuse factor that was asked for; nil where it multiplies with no matrix.
  public var requestedReuseFactor: Int?
  /// The reuse factor its order of additions was made for.
  public var reuseFactor: Int?
  /// The tensor of the model that its result stands for; nil for results that the model does not have, as sums before
  /// their alpha.
  public var value: ModelValue?
  /// Whether the result's words 0 and 1 stand for −1 and +1.
  public var isSign = false
  /// Whether it is a softmax, whose tables are the finer the fewer integer bits it reads.
  public var isSoftmax = false
  /// What its weights lose in their types, where they lose anything.
  public var weights: [WeightFit] = []
  /// What there is to say of a layer of trees; nil for other layers.
  public var trees: LoweredTrees?
  /// Its tables that cannot tell their inputs apart: what is wrong with each.
  public var coarseTables: [String] = []

  /// Makes a layer.
  public init(name: String, className: String, shape: [Int], inputs: [String], formats: [TensorFormat]) {
    self.name = name
    self.className = className
    self.shape = shape
    self.inputs = inputs
    self.formats = formats
  }
}

/// A layer of trees, and what was made of it.
public struct LoweredTrees: Hashable, Sendable, Codable {
  /// How many trees, nodes that compare, and leaves there are, and how deep the deepest tree is.
  public var trees, nodes, leaves, depth: Int
  /// How many trees have each depth, from 0 on.
  public var depths: [Int]
  /// Different comparisons: as trained, and those that are built for the words of the input.
  public var comparisons, built: Int
  /// Features that are looked at, by name or number, with how many different thresholds each has.
  public var thresholds: [Feature]
  /// What training put behind the margins; nil where the file does not say.
  public var transform: String?

  /// A feature and its thresholds.
  public struct Feature: Hashable, Sendable, Codable {
    /// The feature's name, or its number.
    public var name: String
    /// How many different thresholds.
    public var count: Int
  }

  /// Its size in a line.
  public var summary: String {
    "\(trees) trees of depth \(depth), \(nodes) nodes, \(comparisons) comparisons, \(leaves) leaves"
  }
}

/// The format of one of a layer's tensors.
public struct TensorFormat: Hashable, Sendable {
  /// Which tensor: `result`, `weight`, `bias`, `accum`, …
  public var tensor: String
  /// Its format.
  public var format: FixedFormat

  /// Names a format.
  public init(_ tensor: String, _ format: FixedFormat) {
    self.tensor = tensor
    self.format = format
  }
}
