import ArgumentParser
import Diagnostics
import Foundation
import Reports

/// `triggerfish check DIR --budget 100ns --max-dsp 2000`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Holds a compiled project against a budget: exit code 0 or 1, for CI.",
    discussion: """
      Examples:
        triggerfish check hls-output/jet_tagger --budget 100ns --max-dsp 2000
        triggerfish check hls-output/jet_tagger --budget 4BX --max-lut 15% --ii 1
      """)

  @Argument(help: "A folder written by 'triggerfish compile'.", completion: .directory)
  var project: String

  @OptionGroup(title: "Limits") var budget: BudgetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if budget.limits.isEmpty {
      throw ValidationError("Nothing to check: give --budget, --ii or a --max-… option.")
    }
  }

  func run() throws {
    let verdicts = budget.limits.verdicts(try loadReport(project))
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(verdicts), as: UTF8.self))
    } else {
      let rows = verdicts.map {
        [$0.passed ? "pass" : "FAIL", $0.name, $0.actual, "of at most \($0.allowed)"]
      }
      for line in Report.aligned(rows, numbersFrom: 4) { print(line) }
    }
    let failed = verdicts.filter { !$0.passed }
    if !failed.isEmpty {
      throw Failure(
        .checkFailed,
        failed.map { Diagnostic(file: project, "\($0.name) is \($0.actual), allowed \($0.allowed)") })
    }
  }
}
