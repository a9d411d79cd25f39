import Backends
import DataFiles
import Diagnostics
import Reports

/// A model made into a project: `triggerfish compile`.
public struct Compile: Sendable {
  /// The model, and how it is lowered.
  public var source: Source
  /// The design, and where and by what it is written.
  public var project: ProjectRequest

  /// Names the model; everything else is as by default.
  public init(_ source: Source, _ project: ProjectRequest = ProjectRequest()) {
    self.source = source
    self.project = project
  }

  /// Reads, lowers, schedules and writes.
  ///
  /// - Throws: every problem of the files; `usage` for a choice that changes nothing; `checkFailed` where no design keeps the
  ///   limits, with the nearest.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> WrittenProject {
    try checkPresent(project.testEvents)
    try project.choices.checkPart()
    let compilation = try Compilation(source, listener)
    let deviations = try compilation.calibrationDeviations(listener)
    var project = project
    if project.testEvents.isEmpty { project.testEvents = source.calibration }
    return try compilation.write(project, deviations: deviations, listener)
  }
}

/// A project that is to be written.
public struct ProjectRequest: Sendable {
  /// What the design is built for, and its limits.
  public var choices = DesignChoices()
  /// What writes it.
  public var backend: any Backend.Type = Registry.standard
  /// The folder; nil: `Compilation.projectFolder`.
  public var folder: String?
  /// Event files for the test bench, one per model input; none: random words (`Compile`: the calibration's, if there are any).
  public var testEvents: [String] = []
  /// Whether files of an earlier project are replaced that somebody changed since.
  public var force = false

  /// Leaves everything to the configuration.
  public init() {}
}

/// A project that was written.
public struct WrittenProject: Sendable {
  /// Its folder.
  public var folder: String
  /// Its report.
  public var report: Report
  /// What was chosen and why; empty where nothing was searched for.
  public var explanation: [String]

  /// Its figures in a line.
  public var summary: String {
    let about = report.counted == true ? "" : "about "
    return
      "\(folder): \(report.latencyCycles) cycles, interval \(report.interval), \(about)\(report.resources.dsp) DSP, "
      + "\(report.resources.lut) LUT, \(report.resources.ff) FF, \(report.resources.bram) BRAM18"
  }
}

extension Compilation {
  /// Reads and lowers a model, and tells what there is to know of it.
  ///
  /// - Parameter observe: called after every pass with its name and what prints the state.
  public init(
    _ source: Source, _ listener: Listener, observe: (String, () -> String) -> Void = { _, _ in }
  ) throws(Failure) {
    listener.progress("reading \(source.model)")
    try self.init(source, observe: observe)
    notes.forEach(listener.note)
  }

  /// What the numerics do to the model's answers: to those of its calibration, or of events made up from the inputs'
  /// formats.
  public func calibrationDeviations(_ listener: Listener = Listener()) throws(Failure) -> [String] {
    let events = source.calibration.isEmpty ? nil : try readEvents(source.calibration)
    let notes = try ((events.map(inputNotes) ?? []) + deviations(events: events)).map(source.shown)
    notes.forEach(listener.note)
    return notes
  }

  /// Schedules the program, or searches for the best design, and writes its project.
  ///
  /// - Parameter deviations: what the numerics do to the model's answers, for the report.
  public func write(
    _ project: ProjectRequest, deviations: [String], _ listener: Listener = Listener()
  ) throws(Failure) -> WrittenProject {
    listener.progress("scheduling \(program.layers.count) layers")
    let chosen = try design(
      project.choices, file: source.model, searching: project.backend.takesStrategies)
    let planned = self.report(chosen, project.choices, deviations: deviations)
    let folder = project.folder ?? projectFolder
    Project.restore(folder, listener)
    listener.progress("writing \(folder)")
    let (report, notes) = try Project.write(
      chosen.design, planned, name: projectName, backend: project.backend, limits: project.choices.limits,
      events: project.testEvents, to: folder, source: source, inputs: source.files + project.testEvents,
      force: project.force)
    chosen.design.warnings.map(\.visible).forEach(listener.note)
    notes.map { $0.described(as: "note") }.forEach(listener.note)
    return WrittenProject(folder: folder, report: report, explanation: chosen.explanation)
  }
}

extension Project {
  /// Puts a project's folder back where a killed process left it under another name, and says so.
  public static func restore(_ folder: String, _ listener: Listener) {
    if OutputFolder.putBack(folder) {
      listener.note("\(folder): note: put back; a run of triggerfish that was killed had moved it away")
    }
  }
}
