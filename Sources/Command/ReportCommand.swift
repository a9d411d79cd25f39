import ArgumentParser
import Diagnostics
import Foundation
import Reports
import Storage

/// `triggerfish report DIR`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Prints latency, initiation interval and resources of a compiled project.",
    discussion: """
      Example:
        triggerfish report hls-output/jet_tagger --json
      """)

  @Argument(help: "A folder written by 'triggerfish compile'.", completion: .directory)
  var project: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let report = try loadReport(project)
    print(json ? report.json : report.text, terminator: "")
  }
}

/// Reads a project's report.
func loadReport(_ project: String) throws(Failure) -> Report {
  let path = project + "/report.json"
  guard fileExists(path) else {
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
