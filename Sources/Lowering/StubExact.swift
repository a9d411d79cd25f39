import Diagnostics
import Model
import Program

/// How the `exact` policy chooses formats.
public struct ExactOptions: Sendable {
  /// Bits per word.
  public var wordLength = 16
  /// Events per input.
  public var calibration: [[Double]]?
  /// The usual options.
  public init() {}
}

/// Not landed yet.
public func lowerExactly(_ model: Model, _ options: ExactOptions) throws(Failure) -> Lowered {
  throw Failure(.badInput, "the exact policy is not merged yet")
}
