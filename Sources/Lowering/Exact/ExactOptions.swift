import FixedPoint
import Program

/// What the `exact` policy is told beyond the model.
public struct ExactOptions: Sendable {
  /// Bits of weights and of results between layers, where the model has no quantizer.
  public var wordLength: Int
  /// Sample events, one array per model input, each row major with the event first. They sharpen the ranges
  /// that formats are chosen from; nil leaves that to synthetic events.
  public var calibration: [[Double]]?
  /// The format of each model input, in the model's order; nil (or a missing entry) lets the policy choose.
  public var inputFormats: [FixedFormat?]

  /// Makes options.
  public init(wordLength: Int = 16, calibration: [[Double]]? = nil, inputFormats: [FixedFormat?] = []) {
    self.wordLength = wordLength
    self.calibration = calibration
    self.inputFormats = inputFormats
  }

  /// Word lengths that make sense: below, not even a sigmoid has a shape; above, nothing is gained.
  public static let wordLengths = 4...32
}

/// A program that follows the `exact` policy, and what a reader of a report must know of it.
public struct ExactLowering: Sendable {
  /// The program. `Program.layers` carries every layer's resolved format (of its result).
  public var program: Program
  /// Where something was rounded, estimated or assumed, in the order of the layers.
  public var notes: [ExactNote]
}

/// One decision of the `exact` policy that is not exact, or that rests on an assumption.
public struct ExactNote: Hashable, Sendable, CustomStringConvertible {
  /// The layer it is about.
  public var layer: String
  /// What was done, in one sentence without a final full stop.
  public var message: String

  /// Makes a note.
  public init(layer: String, message: String) {
    self.layer = layer
    self.message = message
  }

  /// `layer: message`.
  public var description: String { "\(layer): \(message)" }
}
