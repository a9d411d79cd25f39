import DataFiles
import Diagnostics
import Reports

/// Where and why fixed-point numbers part from the float model's: `triggerfish compare`.
public struct Compare: Sendable {
  /// The model, and how it is lowered.
  public var source: Source
  /// Event files, one per model input; none: the calibration's, or else events made up from the inputs' formats.
  public var inputs: [String] = []

  /// Names the model.
  public init(_ source: Source) { self.source = source }

  /// Compares.
  ///
  /// - Throws: every problem of the files; `usage` for options without effect.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> ModelComparison {
    try checkPresent(inputs)
    let compilation = try Compilation(source, listener)
    let files = inputs.isEmpty ? source.calibration : inputs
    let events = files.isEmpty ? nil : try compilation.readEvents(files)
    listener.progress("comparing with the float model")
    if let events { compilation.inputNotes(events: events).forEach(listener.note) }
    return try ModelComparison(compilation, events: events)
  }
}
