/// How a program's numbers compare with those of the float model, layer by layer, on the same events: why an accuracy
/// dropped, and what mends it.
///
/// Field names are the JSON keys. Shares and relative errors are fractions: 0.1 is 10%.
public struct ModelComparison: Codable, Hashable, Sendable {
  /// The format's version.
  public var version = 1
  /// The model's name.
  public var model: String
  /// The numerics policy compared: "hls4ml" or "exact".
  public var numerics: String
  /// How many events were compared.
  public var events: Int
  /// Whether the events were made up from the inputs' formats.
  public var isSynthetic: Bool
  /// The model's inputs, in its order.
  public var inputs: [Input]
  /// The layers that have a tensor of the model to compare with, in order of computation.
  public var layers: [Layer]
  /// The program's outputs against the float model's.
  public var output: Distance
  /// The `exact` policy's outputs against the float model's on the same events; nil where that is what is compared, or
  /// where it cannot compute the model.
  public var exact: Distance?
  /// Whether every event gave the same outputs although the float model's differ.
  public var isConstant: Bool
  /// Layers at fault, the first first: each is the first where numbers part from the model's once those before it are
  /// mended. Empty where outputs agree.
  public var faults: [Fault]

  /// How far outputs are from the float model's.
  public struct Distance: Codable, Hashable, Sendable {
    /// The share of events whose largest output is the same one; nil for single outputs, of which there is no largest.
    public var argmax: Double?
    /// The largest difference of any number.
    public var largestError: Double
    /// The root mean square difference, relative to how much the float model's outputs differ between events; of a single
    /// event, to their size.
    public var relativeError: Double

    /// Makes a distance.
    public init(argmax: Double?, largestError: Double, relativeError: Double) {
      (self.argmax, self.largestError, self.relativeError) = (argmax, largestError, relativeError)
    }

    /// Whether these are no longer the model's answers: 5% of the largest outputs are others, or the difference is a
    /// quarter of what tells events apart. Of events that were made up, many lie where a model was never asked to decide:
    /// there 10% are needed.
    public func isFar(synthetic: Bool) -> Bool {
      let others = 1 - (argmax ?? 1)
      return others > (synthetic ? 0.1 : 0.05) && relativeError > 0.05 || relativeError > 0.25
    }
  }

  /// What the format of an input does to the events.
  public struct Input: Codable, Hashable, Sendable {
    /// The input's name and the format of its words.
    public var name, format: String
    /// How many words the events have; how many of them saturate, wrap, and become zero without being it.
    public var words, saturated, wrapped, underflowed: Int
    /// The least and the largest number.
    public var low, high: Double

    /// Makes an input.
    public init(
      name: String, format: String, words: Int, saturated: Int, wrapped: Int, underflowed: Int, low: Double,
      high: Double
    ) {
      (self.name, self.format, self.words) = (name, format, words)
      (self.saturated, self.wrapped, self.underflowed) = (saturated, wrapped, underflowed)
      (self.low, self.high) = (low, high)
    }
  }

  /// One layer of the program.
  public struct Layer: Codable, Hashable, Sendable {
    /// The layer's name and class.
    public var name, className: String
    /// The format of its result.
    public var format: String
    /// How many words it gave on all events.
    public var words: Int
    /// The largest and the mean difference from the float model.
    public var largestError, meanError: Double
    /// √(Σ difference² / Σ float²).
    public var relativeError: Double
    /// The same for what the float model makes of the program's numbers before this layer: what the layer adds itself.
    public var ownError: Double
    /// The same against the `exact` policy's numbers; nil where there are none.
    public var exactError: Double?
    /// Conversions (of products, sums and results) that saturated, and that wrapped. A quantizer of the model saturates
    /// by design.
    public var saturated, wrapped: Int
    /// Words that are zero where the float model's are not.
    public var underflowed: Int
    /// What its weights lose.
    public var weights: [Weights]
    /// Its tables that cannot tell their inputs apart.
    public var tables: [String]
    /// The outputs when the program computes up to this layer and the float model the rest.
    public var output: Distance

    /// Makes a layer.
    public init(
      name: String, className: String, format: String, words: Int, errors: Errors, ownError: Double,
      exactError: Double?, saturated: Int, wrapped: Int, underflowed: Int, weights: [Weights],
      tables: [String],
      output: Distance
    ) {
      (self.name, self.className, self.format, self.words) = (name, className, format, words)
      (largestError, meanError, relativeError) = (errors.largest, errors.mean, errors.relative)
      (self.ownError, self.exactError) = (ownError, exactError)
      (self.saturated, self.wrapped, self.underflowed) = (saturated, wrapped, underflowed)
      (self.weights, self.tables, self.output) = (weights, tables, output)
    }
  }

  /// What a tensor of weights loses in its type.
  public struct Weights: Codable, Hashable, Sendable {
    /// Which tensor, and its type.
    public var tensor, format: String
    /// How many numbers it has; how many of them do not fit, and how many become zero without being it.
    public var count, misfits, lost: Int
    /// The number that changes most, and what it becomes.
    public var worst, becomes: Double
    /// √(Σ change² / Σ number²).
    public var relativeError: Double

    /// Makes an entry.
    public init(
      tensor: String, format: String, count: Int, misfits: Int, lost: Int, worst: Double, becomes: Double,
      relativeError: Double
    ) {
      (self.tensor, self.format) = (tensor, format)
      (self.count, self.misfits, self.lost) = (count, misfits, lost)
      (self.worst, self.becomes, self.relativeError) = (worst, becomes, relativeError)
    }
  }

  /// A layer at fault.
  public struct Fault: Codable, Hashable, Sendable {
    /// The layer's (or input's) name.
    public var layer: String
    /// What happens there.
    public var reasons: [String]
    /// The types that mend it: tried, on the same events. Empty where none of this layer does.
    public var settings: [Setting]
    /// The outputs when they are set, with those of the faults before this one; nil where nothing was tried.
    public var mended: Distance?

    /// Makes a fault.
    public init(layer: String, reasons: [String], settings: [Setting], mended: Distance?) {
      (self.layer, self.reasons, self.settings, self.mended) = (layer, reasons, settings, mended)
    }
  }

  /// The type of a tensor in an hls4ml configuration.
  public struct Setting: Codable, Hashable, Sendable {
    /// The layer's name, the tensor as `Precision` names it, and its type.
    public var layer, tensor, type: String

    /// Makes a setting.
    public init(layer: String, tensor: String, type: String) {
      (self.layer, self.tensor, self.type) = (layer, tensor, type)
    }
  }

  /// Differences of numbers from what they should be.
  public struct Errors: Hashable, Sendable {
    /// The largest, the mean, and the root of the sum of squares relative to that of what should be.
    public var largest, mean, relative: Double

    /// Compares numbers with what they should be.
    public init(_ found: [Double], _ expected: [Double]) {
      var (largest, sum, square, size) = (0.0, 0.0, 0.0, 0.0)
      // Where the float model itself leaves the finite numbers there is nothing to compare with.
      for (a, b) in zip(found, expected) where b.isFinite {
        let error = abs(a - b)
        largest = max(largest, error)
        sum += error
        square += error * error
        size += b * b
      }
      self.largest = largest
      mean = sum / Double(max(1, found.count))
      // Of nothing but zeros any difference is all there is.
      relative = square == 0 ? 0 : size == 0 ? 1 : (square / size).squareRoot()
    }
  }

  /// Gathers a comparison.
  public init(
    model: String, numerics: String, events: Int, isSynthetic: Bool, inputs: [Input], layers: [Layer],
    output: Distance, exact: Distance?, isConstant: Bool, faults: [Fault]
  ) {
    (self.model, self.numerics, self.events, self.isSynthetic) = (model, numerics, events, isSynthetic)
    (self.inputs, self.layers, self.output, self.exact) = (inputs, layers, output, exact)
    (self.isConstant, self.faults) = (isConstant, faults)
  }

  /// The comparison as JSON: keys sorted, two spaces, a final newline.
  public var json: String { jsonText(self) }

  /// Reads `json` back; nil where it is not a comparison.
  public init?(json: String) {
    guard let comparison = value(ModelComparison.self, fromJSON: json) else { return nil }
    self = comparison
  }
}
