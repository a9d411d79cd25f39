import Backends
import DataFiles
import Diagnostics
import Emulator
import FixedPoint
import Program
import Reports
import Scheduling
import Storage

/// A folder that `compile` wrote: a backend's files, the program they were made from, and the report.
public struct Project: Sendable {
  /// The folder.
  public let folder: String
  /// The arithmetic, as `program.tf` has it.
  public let program: Program

  /// The arithmetic's file in a project's folder: written and read here only.
  private static let programFile = "program.tf"

  /// Whether a folder has what makes it a project: the program it was compiled from.
  public static func isProject(_ folder: String) -> Bool { fileExists("\(folder)/\(programFile)") }

  /// Reads a project's program.
  ///
  /// - Throws: where the folder is not a project, or its program is damaged.
  public init(folder: String) throws(Failure) {
    let path = "\(folder)/\(Self.programFile)"
    guard fileExists(path) else {
      throw Failure(
        .missingInput, file: folder,
        "is not a folder that 'triggerfish compile' wrote: it has no \(Self.programFile)",
        hint: "triggerfish compile MODEL --output \(folder)")
    }
    self.folder = folder
    program = try Program(
      parsing: String(decoding: try readFile(path), as: UTF8.self), file: path, limits: try .environment())
  }

  /// The files of a project's folder that are read.
  public static func files(_ folder: String) -> [String] {
    ["report.json", programFile, "project.json", ProjectSource.file].map { "\(folder)/\($0)" }
  }

  /// The most words of a model (windows among them: the emulator lays them out) that is emulated without being asked for.
  private static let emulatedWords = 1 << 22

  /// The most events a test bench is given: co-simulation takes seconds for each.
  public static let testEvents = 100

  /// The backend that wrote it, by its project.json; before there were several, none was named.
  ///
  /// - Throws: `badInput` where it is none of ours.
  func backend() throws(Failure) -> any Backend.Type {
    let file = "\(folder)/project.json"
    guard fileExists(file), let name = try JSONNode(contentsOf: file)["backend"]?.string else {
      return Registry.standard
    }
    guard let backend = Registry.backends.first(where: { $0.name == name }) else {
      throw Failure(
        .badInput, file: file, place: "backend", "there is no backend '\(name)'", hint: Registry.hint)
    }
    return backend
  }

  /// Writes a project whole: until everything is written, `folder` stays as it was.
  ///
  /// - Parameters:
  ///   - backend: what makes its files.
  ///   - limits: what it counts, if it does, is held against.
  ///   - events: event files for the test bench, one per input in the model's order, of which the first
  ///     `testEvents` are taken; none: random words. What the test bench expects are the emulator's words.
  ///   - source: what the design's program was compiled from; nil: the project does not say.
  ///   - inputs: the files it was made from, which the folder must not hold.
  ///   - force: whether files of an earlier project are replaced that somebody changed since.
  /// - Returns: the report, with what the backend counted, and what the user should know: whether the test bench is left
  ///   without words to compare.
  /// - Throws: where the backend cannot write the design, or the files do not hold events of the model; `checkFailed` where
  ///   what it counted misses the report's limits.
  @discardableResult public static func write(
    _ design: Design, _ report: Report, name: String, backend: any Backend.Type = Registry.standard,
    limits: Budget = Budget(), events: [String] = [], to folder: String, source: Source? = nil,
    inputs: [String] = [], force: Bool
  ) throws(Failure) -> (report: Report, notes: [Diagnostic]) {
    let faults = design.verify()
    guard faults.isEmpty else { throw Failure(.bug, faults) }
    let objections = backend.objections(to: design)
    guard objections.isEmpty else { throw Failure(.badInput, objections) }
    let bench = try testEvents(design.program, events)
    let written = try backend.files(of: design, name: name, events: bench)
    var files = written.files
    var report = report
    if let figures = written.figures {
      report.count(figures, of: design, budget: limits)
      let missed = (report.budget ?? []).filter { !$0.passed }
      guard missed.isEmpty else {
        throw Failure(.checkFailed, missed.map { Diagnostic("\($0.complaint); nothing was written") })
      }
    }
    files[programFile] = design.program.description
    files["report.json"] = report.json
    // A model that was written out for the moment cannot be found again.
    if let source, let numerics = source.numerics, source.hiddenFolder == nil {
      files[ProjectSource.file] = ProjectSource(source, numerics, folder: folder).json
    }
    let list = files.sorted { $0.key < $1.key }.map { (path: $0.key, contents: Array($0.value.utf8)) }
    try OutputFolder.write(list, to: folder, inputs: inputs, force: force)
    let notes =
      bench.outputs != nil
      ? []
      : [
        Diagnostic(
          file: folder,
          "the test bench has no words to compare with: the model takes more than \(emulatedWords) words for an event",
          hint: "--test-events has them computed")
      ]
    return (report, notes)
  }

  /// Events of files, or random ones, with the words the emulator gives for them.
  private static func testEvents(
    _ program: Program, _ files: [String]
  ) throws(Failure) -> TestEvents {
    /// Tensors over all events, event by event.
    func perEvent(_ tensors: [[Raw]], _ ids: [ValueID], _ count: Int) -> [[[Raw]]] {
      (0..<count).map { event in
        zip(tensors, ids).map { words, id in
          let size = program[id].type.count
          return Array(words[event * size..<(event + 1) * size])
        }
      }
    }
    var events: TestEvents
    if files.isEmpty {
      events = .random(program)
    } else {
      let emulation = try Emulation(program, inputs: files)
      let count = min(testEvents, emulation.events)
      events = .init(inputs: perEvent(try emulation.inputWords(first: count), program.inputs, count))
    }
    if files.isEmpty, program.words > emulatedWords { return events }
    let inputs = program.inputs.indices.map { input in EventData.wide(events.inputs.flatMap { $0[input] }) }
    let words = try Emulator(program, results: program.outputs).wideWords(inputs)
    events.outputs = perEvent(words, program.outputs, events.inputs.count)
    return events
  }

  /// What the result of every layer was on the events of files, one file per input.
  public func observedRanges(inputs: [String]) throws(Failure) -> [ValueID: TensorSpan] {
    try Emulation(program, inputs: inputs).observedRanges()
  }

  /// What `verify` found.
  public struct Outcome: Sendable {
    /// The comparison.
    public var verification: Verification
    /// How many events were run.
    public var events: Int
  }

  /// Builds what the backend wrote, runs it, and compares its words with the emulator's.
  ///
  /// - Parameters:
  ///   - inputs: event files, one per input in the model's order; none: random words.
  ///   - trace: whether every layer is compared.
  ///   - tools: where the backend's tools are.
  ///   - progress: called with what is being done, where that takes a while.
  /// - Throws: `unavailable` where a tool is missing, `badInput` where the project or the events are damaged.
  public func verify(
    inputs: [String], trace: Bool, tools: ToolPaths = ToolPaths(), progress: (String) -> Void = { _ in }
  ) throws(Failure) -> Outcome {
    let words: [[Raw]]
    let events: Int
    if inputs.isEmpty {
      let random = TestEvents.random(program, count: 1000, words: .max).inputs
      events = random.count
      words = program.inputs.indices.map { input in random.flatMap { $0[input] } }
    } else {
      let emulation = try Emulation(program, inputs: inputs)
      events = emulation.events
      words = try emulation.inputWords()
    }
    let backend = try backend()
    progress(backend.building)
    let perEvent = (0..<events).map { event in
      zip(program.inputs, words).flatMap { id, tensor in
        tensor[event * program[id].type.count..<(event + 1) * program[id].type.count]
      }
    }
    let found = try backend.run(perEvent, projectIn: folder, tools: tools, traces: trace)
    let verification = try compare(
      found, words, events: events, trace: trace, executable: backend.executable)
    return Outcome(verification: verification, events: events)
  }

  private func compare(
    _ found: EmittedWords, _ inputs: [[Raw]], events: Int, trace: Bool, executable: String
  ) throws(Failure) -> Verification {
    let layers = trace ? program.layers.indices.filter { program.layers[$0].result != nil } : []
    let traced = layers.compactMap { program.layers[$0].result }
    let emulator = try Emulator(program, results: traced + program.outputs)
    let expected = try emulator.wideWords(inputs.map { .wide($0) })
    var verification = Verification(executable)
    for event in 0..<events {
      func slice(_ index: Int) -> [Raw] {
        let count = program[emulator.results[index]].type.count
        return Array(expected[index][event * count..<(event + 1) * count])
      }
      for (index, layer) in layers.enumerated() {
        let words = found.layers[layer] ?? []
        verification.compare(
          event: event, name: program.layers[layer].name, expected: slice(index),
          found: event < words.count ? words[event] : [])
      }
      var start = 0
      for (index, id) in program.outputs.enumerated() {
        let end = start + program[id].type.count
        let all = event < found.outputs.count ? found.outputs[event] : []
        verification.compare(
          event: event, name: program[id].name, expected: slice(layers.count + index),
          found: Array(all[min(start, all.count)..<min(end, all.count)]))
        start = end
      }
    }
    return verification
  }
}
