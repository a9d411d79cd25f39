import Configuration
import DataFiles
import Diagnostics
import Emulator
import Program
import Reports

/// Events run through the exact arithmetic of a model or a project: `triggerfish emulate`.
public struct Emulate: Sendable {
  /// The model and how it is lowered, or a project's folder.
  public var source: Source
  /// Event files, one per model input.
  public var inputs: [String]
  /// Where the outputs go, one file each in the model's order; none: nowhere.
  public var outputs: [String] = []
  /// Where every layer's result goes (.npz).
  public var trace: String?
  /// Whether words are written, not values.
  public var raw = false
  /// Which columns of the one input file are the inputs (docs/rates.md); nil: a file per input.
  public var mapping: String?
  /// Which events are run; nil: all.
  public var part: EventRange?
  /// Where it is recorded which events the outputs are of, and their digests (.json), for `Join`.
  public var record: String?
  /// The version that is recorded.
  public var version = ""
  /// Whether words that overflow are counted.
  public var countsOverflows = false
  /// How many threads; nil: all cores.
  public var threads: Int?
  /// Which vector instructions; nil: the best of this machine.
  public var instructionSet: InstructionSet?

  /// Names the model, or a project's folder, and the events.
  public init(_ source: Source, inputs: [String]) {
    self.source = source
    self.inputs = inputs
  }

  /// What was computed, besides the files.
  public struct Outcome: Sendable {
    /// How many events.
    public var events: Int
    /// A line per value whose conversion overflowed; nil where they were not counted.
    public var overflows: [String]?
  }

  /// Reads, computes and writes. The files appear at the end, whole, or not at all.
  ///
  /// - Throws: every problem of the files; `usage` for options without effect.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> Outcome {
    if record != nil, outputs.isEmpty {
      throw Failure(.usage, "--record needs --output: it says what the outputs are of")
    }
    try checkDistinct(
      outputs: outputs + [trace, record].compactMap { $0 },
      inputs: source.files + inputs + [mapping].compactMap { $0 })
    try source.checkOptions(listener)
    for output in outputs { try EventWriter.checkName(output) }
    try checkPlaces(outputs + [trace, record].compactMap { $0 })
    try checkPresent(inputs)
    let mapping = try mapping.map { path throws(Failure) in try EventMapping.load(path) }
    let (program, compilation) = try source.arithmetic(listener)
    let session = try Emulation(
      program, inputs: inputs, mapping: mapping,
      part: part, threads: threads, instructionSet: instructionSet)
    let request = record.map { path in
      RecordRequest(
        path: path,
        provenance: Provenance(
          program, numerics: compilation?.numerics.rawValue ?? "compiled", version: version, files: inputs,
          of: session.total, range: session.range))
    }
    listener.progress("emulating \(session.events) events")
    // First, as an interruption after the files are in their places would come too late.
    let overflows = countsOverflows ? try session.overflows() : nil
    if !outputs.isEmpty || trace != nil {
      var shown = 0
      try session.write(outputs: outputs, trace: trace, raw: raw, record: request) { done in
        // In steps of a tenth, and not where it is over at once.
        let tenths = done * 10 / session.events
        if tenths > shown, tenths < 10 { listener.progress("\(tenths)0% of \(session.events) events") }
        shown = tenths
      }
    }
    var notes = try session.inputNotes(compilation?.lowered.inputOrigins, project: source.model)
    if let compilation, session.events > 0 {
      notes += try compilation.deviations(events: session.firstEvents())
    }
    notes.forEach(listener.note)
    return Outcome(events: session.events, overflows: overflows)
  }
}

extension Source {
  /// The arithmetic of a model, or of a project that `compile` wrote; the compilation of a model.
  ///
  /// - Throws: as `checkOptions`; where the model or the project is damaged.
  func arithmetic(_ listener: Listener) throws(Failure) -> (program: Program, compilation: Compilation?) {
    try checkOptions(listener)
    if Project.isProject(model) { return (try Project(folder: model).program, nil) }
    let compilation = try Compilation(self, listener)
    return (compilation.program, compilation)
  }

  /// Refuses options that do not go with a project, before anything is read.
  ///
  /// - Throws: `usage` for what says how to lower a model, where it is lowered already.
  func checkOptions(_ listener: Listener) throws(Failure) {
    Project.restore(model, listener)
    guard Project.isProject(model) else { return }
    let given = [
      ("--weights", weights != nil), ("--config", configuration != nil), ("--numerics", numerics != nil),
      ("--word-length", wordLength != nil), ("--calibrate", !calibration.isEmpty),
      ("--transform", transform != nil), ("--missing", takesMissing),
    ]
    let idle = given.filter(\.1).map(\.0)
    guard idle.isEmpty else {
      throw Failure(
        .usage, file: model,
        "\(idle.joined(separator: ", ")): no effect on a project, which is compiled already",
        hint: "leave the option out, or name the model's file instead of the folder")
    }
  }
}
