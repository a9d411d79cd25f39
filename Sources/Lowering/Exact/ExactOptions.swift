import Diagnostics
import FixedPoint

/// What the `exact` policy is told beyond the model.
public struct ExactOptions: Sendable {
  /// Bits of weights and of results between layers, where the model has no quantizer.
  public var wordLength: Int
  /// Sample events, one array per model input, each row major with the event first. They sharpen the ranges
  /// that formats are chosen from; nil leaves that to synthetic events.
  public var calibration: [[Double]]?
  /// The format of each model input, in the model's order; nil (or a missing entry) lets the policy choose.
  public var inputFormats: [FixedFormat?]
  /// Whether the lowest word of an input that trees read stands for a missing number (NaN), which then goes where the trees send
  /// missing numbers. Numbers never become that word: formats that are chosen saturate one word above it.
  public var isMissingLowest = false
  /// How many trees, one after the other, the same hardware computes for an event. It shows in no word.
  public var treeReuse = 1
  /// How much the program may need.
  public var limits = WorkLimits()

  /// Makes options.
  public init(wordLength: Int = 16, calibration: [[Double]]? = nil, inputFormats: [FixedFormat?] = []) {
    self.wordLength = wordLength
    self.calibration = calibration
    self.inputFormats = inputFormats
  }

  /// Word lengths that make sense: below, not even a sigmoid has a shape; above, nothing is gained.
  public static let wordLengths = 4...32
}
