import Backends
import DataFiles
import Diagnostics

/// What a backend wrote held against the emulator, word for word: `triggerfish verify`.
public struct Verify: Sendable {
  /// The project's folder.
  public var project: String
  /// Event files, one per model input; none: random words.
  public var inputs: [String] = []
  /// Whether every layer is compared, not only the outputs.
  public var trace = false
  /// Where the backend's tools are.
  public var tools = ToolPaths()

  /// Names the project.
  public init(_ project: String) { self.project = project }

  /// Builds what was written, runs it, and compares.
  ///
  /// - Throws: `checkFailed` with the first word that differs; `unavailable` where a tool is missing; where the project or
  ///   the events are damaged.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> Outcome {
    try checkPresent(inputs)
    Project.restore(project, listener)
    let found = try Project(folder: project)
    if !inputs.isEmpty {
      try Emulation(found.program, inputs: inputs).inputNotes(nil, project: project).forEach(listener.note)
    }
    let result = try found.verify(inputs: inputs, trace: trace, tools: tools, progress: listener.progress)
    let (compared, different) = (result.verification.compared, result.verification.different)
    guard result.verification.passes else {
      let first = result.verification.first.map { ": \($0)" } ?? ""
      throw Failure(.checkFailed, file: project, "\(different) of \(compared) words differ\(first)")
    }
    return Outcome(words: compared, events: result.events, layers: trace)
  }

  /// What was compared, all of it equal.
  public struct Outcome: Codable, Hashable, Sendable {
    /// How many words, of how many events.
    public var words, events: Int
    /// Whether every layer's are among them.
    public var layers: Bool

    /// In a sentence.
    public var summary: String {
      "all \(words) words of \(events) events are equal" + (layers ? ", every layer's among them" : "")
    }
  }
}
