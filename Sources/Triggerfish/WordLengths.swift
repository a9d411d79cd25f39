import Diagnostics
import Program
import Reports

/// A float model compiled at several word lengths under the `exact` policy, and how each agrees with the model.
public struct WordLengths: Sendable {
  /// The model at one word length.
  public struct Entry: Sendable {
    /// Bits per word.
    public var wordLength: Int
    /// The model lowered to words of this length.
    public var compilation: Compilation
    /// How the emulator's answers compare with the float model's.
    public var agreement: Report.Agreement

    /// The share of events with the same largest output; for single outputs, of which there is no largest, nil.
    public var share: Double? { agreement.argmax }
  }

  /// By word length.
  public let entries: [Entry]

  /// Compiles a model at every word length and runs it on the events.
  ///
  /// - Parameters:
  ///   - source: its calibration chooses the formats.
  ///   - events: event files, one per model input; none: those of the calibration.
  /// - Throws: every problem of the model and of the event files; `usage` under another policy, or where the model's
  ///   own quantizers leave nothing to choose.
  public init(_ source: Source, _ lengths: [Int], events: [String] = []) throws(Failure) {
    let files = events.isEmpty ? source.calibration : events
    guard !files.isEmpty else {
      throw Failure(.usage, "word lengths need events", hint: "--calibrate events.npy, or --input events.npy")
    }
    var entries: [Entry] = []
    var reference: FloatReference?
    for length in lengths {
      var source = source
      source.wordLength = length
      let compilation = try Compilation(source)
      guard compilation.numerics == .exact else {
        throw Failure(
          .usage, "word lengths are chosen under the exact policy only",
          hint: "leave out --config, which names every word's format, or add --numerics exact")
      }
      let float: FloatReference
      if let reference {
        float = reference
      } else {
        float = try FloatReference(compilation.model, files: files)
      }
      reference = float
      entries.append(
        Entry(
          wordLength: length, compilation: compilation,
          agreement: try float.agreement(compilation.program)))
    }
    self.entries = entries
  }

  /// The word lengths that agree on a share of the events, as all longer ones here do; the shortest first.
  public func lengths(reaching share: Double) -> [Int] {
    entries.reversed().prefix { ($0.share ?? 0) >= share }.map(\.wordLength).reversed()
  }

  /// What the user should know of any of the compilations, each once.
  public var notes: [String] {
    var seen: Set<String> = []
    return entries.flatMap(\.compilation.notes).filter { seen.insert($0).inserted }
  }
}
