import ArgumentParser
import Foundation
import Reports
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

  @Option(
    help:
      "What 'triggerfish rates --output FILE' wrote, this model's first: the page shows the curves. Repeatable.",
    completion: .file(extensions: ["json"]))
  var rates: [String] = []

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if !input.isEmpty && html == nil { throw ValidationError("--input needs --html.") }
    if !rates.isEmpty && html == nil { throw ValidationError("--rates needs --html.") }
    if compare != nil && html == nil { throw ValidationError("--compare needs --html.") }
  }

  func run() throws {
    var report = ShowReport(project)
    (report.limits, report.synthesis, report.html) = (budget.limits, synthesis, html)
    (report.events, report.comparison, report.rates) = (input, compare, rates)
    let found = try report.run(Console.listener)
    if json { return Console.document(found.json) }
    Console.document(found.report.text(terminalStyle))
    if let synthesis = found.synthesis {
      for line in [""] + synthesis.lines { Console.print(line) }
    }
  }
}

/// Colours on a terminal, unless the user declines them (https://no-color.org).
var terminalStyle: TextStyle {
  let declined = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
  return isatty(STDOUT_FILENO) != 0 && !declined ? .coloured : .plain
}
