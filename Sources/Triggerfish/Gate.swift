import Backends
import DataFiles
import Diagnostics
import Emulator
import Foundation
import Program
import Reports
import Storage

/// What a compiled project is held against: the options of `check`.
public struct Gate: Sendable {
  /// The most it may take.
  public var limits = Budget()
  /// How many times an estimate's error factor must fit below its limit too: 2 for its square.
  public var sigma = 0.0
  /// An earlier report.json, or its project's folder, whose figures must not grow.
  public var baseline: String?
  /// What may grow since the baseline all the same.
  public var allowances: [Allowance] = []
  /// Events, one file per model input.
  public var inputs: [String] = []
  /// Whether what the backend wrote is built and its words are compared with the emulator's.
  public var bitExact = false
  /// Where the backend's tools are, for `bitExact`.
  public var tools = ToolPaths()
  /// What must come out for the events, one file per model output: words where it holds integers, else values.
  public var expected: [String] = []
  /// The share of the events on which the largest output must be the one `references` say.
  public var leastAgreement: Double?
  /// One file per model output: class numbers, one-hot labels, or a float model's outputs.
  public var references: [String] = []

  /// Checks nothing.
  public init() {}

  /// What was found.
  public struct Outcome: Sendable {
    /// Everything that was checked.
    public var verdicts: [Budget.Verdict] = []
    /// What kept a check from running.
    public var failures: [Failure] = []

    /// Whether everything was checked, and passed.
    public var passes: Bool { failures.isEmpty && verdicts.allSatisfy(\.passed) }

    /// Why a project does not pass. What could not be checked counts more than what failed: the gate is not to be trusted.
    ///
    /// - Parameter project: what messages call it.
    public func failure(of project: String) -> Failure? {
      let failed = verdicts.filter { !$0.passed }.map { Diagnostic(file: project, $0.complaint) }
      if let first = failures.first {
        return Failure(first.kind, failures.flatMap(\.diagnostics) + failed)
      }
      return failed.isEmpty ? nil : Failure(.checkFailed, failed)
    }
  }

  /// Holds a project against everything asked. One check that cannot run keeps none of the others from it.
  ///
  public func check(_ folder: String, _ listener: Listener = Listener()) -> Outcome {
    Project.restore(folder, listener)
    var outcome = Outcome()
    func add(_ verdicts: () throws(Failure) -> [Budget.Verdict]) {
      do throws(Failure) { outcome.verdicts += try verdicts() } catch { outcome.failures.append(error) }
    }
    do throws(Failure) {
      let report = try loadReport(folder)
      outcome.verdicts += limits.verdicts(report, sigma: sigma)
      if let baseline {
        add { () throws(Failure) in
          report.regressions(since: try loadReport(baseline), allowing: allowances)
        }
      }
      guard bitExact || !expected.isEmpty || leastAgreement != nil else { return outcome }
      let project = try Project(folder: folder)
      if !expected.isEmpty { add { () throws(Failure) in try expectation(project) } }
      if let leastAgreement {
        add { () throws(Failure) in [try agreement(project, report, least: leastAgreement)] }
      }
      if bitExact {
        add { () throws(Failure) in [try exactness(project, listener.progress)] }
      }
    } catch {
      outcome.failures.append(error)
    }
    return outcome
  }

  // MARK: Bits

  private func exactness(
    _ project: Project, _ progress: (String) -> Void
  ) throws(Failure) -> Budget.Verdict {
    let outcome = try project.verify(inputs: inputs, trace: false, tools: tools, progress: progress)
    let found = outcome.verification
    let first = found.first.map { " (\($0))" } ?? ""
    return Budget.Verdict(
      name: "words that differ from the emulator's",
      actual: "\(found.different) of \(found.compared) in \(outcome.events) events\(first)", allowed: "0",
      passed: found.passes)
  }

  // MARK: Expected outputs

  /// One verdict per output: how many numbers differ from what the file says.
  private func expectation(_ project: Project) throws(Failure) -> [Budget.Verdict] {
    let program = project.program
    let emulation = try Emulation(program, inputs: inputs)
    let readers = try outputs(of: expected, program, "--expect", events: emulation.events)
    for (reader, id) in zip(readers, program.outputs) {
      let count = reader.shape.dropFirst().reduce(1, *)
      guard count == program[id].type.count else {
        throw Failure(
          .badInput, file: reader.file,
          "holds \(count) numbers per event; the output '\(program[id].name)' has \(program[id].type.count)")
      }
    }
    let arrays = try readers.map { reader throws(Failure) in try reader.readAll() }
    var different = Array(repeating: 0, count: arrays.count)
    var first: [String?] = Array(repeating: nil, count: arrays.count)
    for raw in [true, false] {
      let wanted = arrays.indices.filter { arrays[$0].holdsWords == raw }
      if wanted.isEmpty { continue }
      try emulation.outputs(raw: raw) { chunk, found in
        for index in wanted {
          let count = program[program.outputs[index]].type.count
          let start = chunk.lowerBound * count
          arrays[index].compare(with: found[index], from: start) { place, text in
            different[index] += 1
            if first[index] == nil {
              first[index] = "event \(place / count), element \(place % count): \(text)"
            }
          }
        }
      }
    }
    return arrays.indices.map { index in
      let name = program[program.outputs[index]].name
      return Budget.Verdict(
        name: "\(arrays[index].holdsWords ? "words" : "values") of '\(name)' that differ from those expected",
        actual: "\(different[index]) of \(arrays[index].count) in \(emulation.events) events"
          + (first[index].map { " (\($0))" } ?? ""), allowed: "0", passed: different[index] == 0)
    }
  }

  // MARK: Agreement

  /// On how many events the largest output is the class that labels, or a float model's outputs, say.
  private func agreement(
    _ project: Project, _ report: Report, least: Double
  ) throws(Failure) -> Budget.Verdict {
    let allowed = "\((100 * least).formatted)%"
    func verdict(_ share: Double, _ events: Int, _ with: String) -> Budget.Verdict {
      Budget.Verdict(
        name: "agreement with \(with)", actual: "\((100 * share).formatted)% of \(events) events",
        allowed: allowed,
        passed: share >= least, relation: .least)
    }
    let program = project.program
    if references.isEmpty {
      guard let known = report.agreement, let share = known.argmax else {
        throw Failure(
          .usage, "--min-agreement needs something to agree with",
          hint: "--reference labels.npy or a float model's outputs, with --input; or compile with --calibrate"
        )
      }
      return verdict(share, known.events, "the float model when it was compiled")
    }
    let emulation = try Emulation(program, inputs: inputs)
    let readers = try outputs(of: references, program, "--reference", events: emulation.events)
    var wanted: [[Int]] = []
    for (reader, id) in zip(readers, program.outputs) {
      wanted.append(try classes(reader, program[id].type.count, program[id].name))
    }
    var agreeing = Array(repeating: 0, count: wanted.count)
    try emulation.outputs(raw: false) { chunk, found in
      for (index, array) in found.enumerated() {
        let largest = Self.largest(array.reals, array.count / max(1, chunk.count))
        agreeing[index] += zip(largest, wanted[index][chunk]).count { $0 == $1 }
      }
    }
    let share = Double(agreeing.min() ?? 0) / Double(max(1, emulation.events))
    return verdict(share, emulation.events, readers.map(\.file).joined(separator: ", "))
  }

  /// The class of every event: the file's numbers themselves where it has one per event, else the largest's place.
  private func classes(_ reader: EventReader, _ count: Int, _ name: String) throws(Failure) -> [Int] {
    let own = reader.shape.dropFirst().reduce(1, *)
    guard count > 1 else {
      throw Failure(
        .usage, "--min-agreement: the output '\(name)' is a single number, so that no class is the largest",
        hint: "--expect compares the numbers themselves")
    }
    let values = try reader.readAll().reals
    if own == count { return Self.largest(values, count) }
    guard own == 1 else {
      throw Failure(
        .badInput, file: reader.file, "holds \(own) numbers per event; the output '\(name)' has \(count)",
        hint: "one class number per event, or one number per class")
    }
    var labels: [Int] = []
    for (event, value) in values.enumerated() {
      guard let label = Int(exactly: value), (0..<count).contains(label) else {
        throw Failure(
          .badInput, file: reader.file, place: "event \(event)",
          "\(value.formatted) is no class of the output '\(name)', which has classes 0 to \(count - 1)")
      }
      labels.append(label)
    }
    return labels
  }

  /// The place of the largest of every `count` numbers, the first of equals.
  private static func largest(_ values: [Double], _ count: Int) -> [Int] {
    stride(from: 0, to: values.count, by: max(1, count)).map { start in
      (0..<count).reduce(0) { values[start + $1] > values[start + $0] ? $1 : $0 }
    }
  }

  /// Opens one file per output, each with as many events as there are.
  private func outputs(
    of paths: [String], _ program: Program, _ option: String, events: Int
  ) throws(Failure) -> [EventReader] {
    guard paths.count == program.outputs.count else {
      throw Failure(
        .usage, "\(paths.count) files for \(program.outputs.count) model outputs",
        hint: "repeat \(option) once per output, in the model's order")
    }
    var readers: [EventReader] = []
    for (path, id) in zip(paths, program.outputs) {
      let reader = try EventReader(path, preferring: program[id].name)
      guard reader.events == events else {
        throw Failure(
          .badInput, file: reader.file, "holds \(reader.events) events; the inputs have \(events)")
      }
      readers.append(reader)
    }
    return readers
  }
}

extension EventArray {
  /// Whether it holds integers: raw words.
  fileprivate var holdsWords: Bool {
    if case .words = values { return true }
    return false
  }

  /// Compares numbers of its own kind with those from one place on.
  ///
  /// - Parameter different: called with the place of every number that differs, and what both are.
  fileprivate func compare(with found: EventArray, from start: Int, _ different: (Int, String) -> Void) {
    switch (values, found.values) {
    case (.words(let expected), .words(let words)):
      for (place, word) in words.enumerated() where word != expected[start + place] {
        different(start + place, "\(word), expected \(expected[start + place])")
      }
    case (.reals(let expected), .reals(let reals)):
      for (place, value) in reals.enumerated() where value != expected[start + place] {
        different(start + place, "\(value), expected \(expected[start + place])")
      }
    default: preconditionFailure("words are compared with words")
    }
  }
}

/// Reads a report: of a project's folder, or the file itself.
public func loadReport(_ project: String) throws(Failure) -> Report {
  let isFile = project.hasSuffix(".json")
  let path = isFile ? project : project + "/report.json"
  guard fileExists(path) else {
    if isFile { throw Failure(.missingInput, file: path, "no such file") }
    throw Failure(
      .missingInput, file: project, "is not a folder that 'triggerfish compile' wrote: it has no report.json",
      hint: "triggerfish compile MODEL --output \(project)")
  }
  let text = String(decoding: try readFile(path), as: UTF8.self)
  guard let report = Report(json: text) else {
    throw Failure(
      .badInput, file: path, "is not a report of this version of Triggerfish", hint: "compile again")
  }
  return report
}
