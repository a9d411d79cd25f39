import ArgumentParser
import DataFiles
import Diagnostics
import Reports
import Triggerfish

/// `triggerfish check DIR --budget 100ns --max-dsp 2000`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Holds a compiled project against its limits: exit code 0 or 1, for CI.",
    discussion: """
      Checks what is asked: latency, interval and resources against limits; with --bit-exact the emitted C++ \
      against the emulator, as 'verify' does; with --baseline every figure against an earlier report, where --allow \
      says how much one may grow. docs/ci.md has ready snippets for GitHub Actions and GitLab CI.

      Examples:
        triggerfish check hls-output/jet_tagger --budget 100ns --max-dsp 2000
        triggerfish check hls-output/jet_tagger --budget 4BX --max-lut 15% --ii 1 --junit check.xml
        triggerfish check hls-output/jet_tagger --baseline report.json --allow lut:+2% --allow latency:+1
        triggerfish check hls-output/jet_tagger --bit-exact --input events.npy
      """)

  @Argument(help: "A folder written by 'triggerfish compile'.", completion: .directory)
  var project: String

  @OptionGroup(title: "Limits") var budget: BudgetOptions

  @Flag(help: "Compile the emitted C++ and compare every word with the emulator's.")
  var bitExact = false

  @Option(
    name: .shortAndLong,
    help: "Events for --bit-exact, once per model input; random words if none are given.",
    completion: .file(extensions: ["npy", "npz", "csv", "h5"]))
  var input: [String] = []

  @Option(help: "The folder of the vendor's ap_fixed.h, for --bit-exact.", completion: .directory)
  var apTypes: String?

  @Option(
    help: "An earlier report.json (or its project's folder) whose figures must not grow.",
    completion: .file(extensions: ["json"]))
  var baseline: String?

  @Option(help: "What may grow since the baseline: lut:+2%, latency:+1, ii, dsp, ff, bram, uram; repeatable.")
  var allow: [Allowance] = []

  @Option(help: "Write the results as JUnit XML to this file.", completion: .file(extensions: ["xml"]))
  var junit: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if budget.limits.isEmpty && baseline == nil && !bitExact {
      throw ValidationError(
        "Nothing to check: give --budget, --ii, a --max-… option, --baseline or --bit-exact.")
    }
    if !allow.isEmpty && baseline == nil { throw ValidationError("--allow needs --baseline.") }
    if !input.isEmpty && !bitExact { throw ValidationError("--input needs --bit-exact.") }
    if apTypes != nil && !bitExact { throw ValidationError("--ap-types needs --bit-exact.") }
  }

  func run() throws {
    let report = try loadReport(project)
    var verdicts = budget.limits.verdicts(report)
    if let baseline {
      verdicts += report.regressions(since: try loadReport(baseline), allowing: allow)
    }
    if bitExact { verdicts.append(try exactness()) }
    if let junit {
      try writeAtomically(Budget.Verdict.junit(verdicts, suite: project), to: junit)
    }
    if json {
      Console.document(jsonText(verdicts))
    } else {
      for line in Budget.Verdict.lines(verdicts, style: terminalStyle) { Console.document(line + "\n") }
    }
    let failed = verdicts.filter { !$0.passed }
    if !failed.isEmpty {
      throw Failure(
        .checkFailed,
        failed.map { Diagnostic(file: project, "\($0.name) is \($0.actual), allowed \($0.allowed)") })
    }
  }

  private func exactness() throws -> Budget.Verdict {
    Console.progress("compiling the emitted C++")
    let outcome = try Project(folder: project).verify(inputs: input, trace: false, apTypes: apTypes)
    let found = outcome.verification
    let first = found.first.map { " (\($0))" } ?? ""
    return Budget.Verdict(
      name: "words that differ from the emulator's",
      actual: "\(found.different) of \(found.compared) in \(outcome.events) events\(first)", allowed: "0",
      passed: found.passes)
  }
}

extension Allowance: ExpressibleByArgument {
  /// Reads the option's text.
  public init?(argument: String) { self.init(argument) }
}
