import ArgumentParser
import DataFiles
import Diagnostics
import Foundation
import Reports
import Storage
import Triggerfish

/// `triggerfish report DIR`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Shows latency, initiation interval and resources of a compiled project, with error bars.",
    discussion: """
      The JSON is described by docs/report.schema.json. The HTML page is one file without scripts: the model's \
      graph, a timeline, resources, ranges of weights and activations against their formats.

      Examples:
        triggerfish report hls-output/jet_tagger
        triggerfish report hls-output/jet_tagger --budget 100ns --max-lut 10% --json
        triggerfish report hls-output/jet_tagger --html report.html --input events.npy
        triggerfish report hls-output/jet_tagger --import solution1/syn/report/csynth.xml
      """)

  @Argument(help: "A folder written by 'triggerfish compile'.", completion: .directory)
  var project: String

  @OptionGroup(title: "Limits to hold the design against (instead of those it was compiled with)")
  var budget: BudgetOptions

  @Option(
    name: .customLong("import"),
    help: "A csynth.xml, or the XML report of an export, of Vitis or Vivado HLS: shown beside the estimates.",
    completion: .file(extensions: ["xml"]))
  var synthesis: String?

  @Option(help: "Write a page to this file.", completion: .file(extensions: ["html"]))
  var html: String?

  @Option(
    name: .shortAndLong,
    help: """
      Events, once per model input: the page shows the range of every layer on them, and how the answers compare with those of \
      the float model the project was compiled from, under both numerics.
      """,
    completion: .file(extensions: ["npy", "npz", "csv", "h5"]))
  var input: [String] = []

  @Option(
    help: "What 'triggerfish compare --output FILE' wrote: the page shows it instead of comparing itself.",
    completion: .file(extensions: ["json"]))
  var compare: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if !input.isEmpty && html == nil { throw ValidationError("--input needs --html.") }
    if compare != nil && html == nil { throw ValidationError("--compare needs --html.") }
  }

  func run() throws {
    if let html {
      try checkDistinct(
        outputs: [html],
        inputs: Project.files(project) + Project.sourceFiles(project) + [project] + input
          + [synthesis, compare].compactMap { $0 })
    }
    restore(project)
    var report = try loadReport(project)
    if !budget.limits.isEmpty { report.budget = budget.limits.verdicts(report) }
    let synthesized = try synthesis.map { SynthesisComparison(report, try load(synthesis: $0)) }
    if let html {
      Console.progress("writing \(html)")
      let project = try Project(folder: project)
      let observed = input.isEmpty ? [:] : try project.observedRanges(inputs: input)
      let comparison =
        try compare.map { try load(comparison: $0, of: report) } ?? (input.isEmpty ? nil : compared(project))
      let page = ReportPage(
        report, project.program, observed: observed, synthesis: synthesized, comparison: comparison)
      try writeAtomically(page.html(), to: html)
    }
    if json {
      Console.document(synthesized.map { report.json(with: $0) } ?? report.json)
    } else {
      Console.document(report.text(terminalStyle))
      if let synthesized {
        for line in [""] + synthesized.lines { Console.print(line) }
      }
    }
  }

  /// The comparison with the project's float model. Where that cannot be had, a note says why, and the page goes without.
  private func compared(_ project: Project) -> ModelComparison? {
    Console.progress("comparing with the float model")
    do throws(Failure) {
      return try project.comparison(inputs: input)
    } catch {
      Console.error("\(self.project): note: the page does not compare the answers with the float model's:")
      for diagnostic in error.diagnostics { Console.error(diagnostic.described(as: "note")) }
      return nil
    }
  }

  private func load(comparison path: String, of report: Report) throws(Failure) -> ModelComparison {
    guard fileExists(path) else { throw Failure(.missingInput, file: path, "no such file") }
    guard let found = ModelComparison(json: String(decoding: try readFile(path), as: UTF8.self)) else {
      throw Failure(
        .badInput, file: path, "is not a comparison of this version of Triggerfish",
        hint: "triggerfish compare MODEL --output \(path)")
    }
    guard found.model == report.model, found.numerics == report.numerics else {
      throw Failure(
        .badInput, file: path,
        "compares \(found.model) under \(found.numerics) numerics, the project is \(report.model) under "
          + "\(report.numerics)")
    }
    return found
  }

  private func load(synthesis path: String) throws(Failure) -> SynthesisReport {
    guard fileExists(path) else { throw Failure(.missingInput, file: path, "no such file") }
    guard let found = SynthesisReport(xml: Data(try readFile(path))) else {
      throw Failure(
        .badInput, file: path, "is not a synthesis report of Vitis or Vivado HLS",
        hint: "csynth.xml is in solution1/syn/report, reports of exports in solution1/impl/report")
    }
    return found
  }
}

/// Puts a project's folder back where a killed process left it under another name, and says so.
func restore(_ project: String) {
  if OutputFolder.putBack(project) {
    Console.error("\(project): note: put back; a run of triggerfish that was killed had moved it away")
  }
}

/// Colours on a terminal, unless the user declines them (https://no-color.org).
var terminalStyle: TextStyle {
  let declined = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
  return isatty(STDOUT_FILENO) != 0 && !declined ? .coloured : .plain
}
