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
      Checks what is asked: latency, interval and resources against limits; with --expect the outputs against known \
      ones, with --min-agreement their classes against labels or a float model's; with --bit-exact the emitted C++ \
      against the emulator, as 'verify' does; with --baseline every figure against an earlier report, where --allow \
      says how much one may grow. Only --expect and --min-agreement can tell that a project computes something else \
      than it should: the other checks compare it with itself. docs/ci.md has ready snippets for GitHub Actions and \
      GitLab CI.

      Examples:
        triggerfish check hls-output/jet_tagger --budget 100ns --max-dsp 2000
        triggerfish check hls-output/jet_tagger --input events.npy --expect outputs.npy
        triggerfish check hls-output/jet_tagger --input events.npy --min-agreement 70% --reference labels.npy
        triggerfish check hls-output/jet_tagger --budget 5BX --max-lut 15% --sigma 1 --junit check.xml
        triggerfish check hls-output/jet_tagger --baseline report.json --allow lut:+2% --allow latency:+1
        triggerfish check hls-output/jet_tagger --bit-exact --input events.npy
      """)

  @Argument(help: "A folder written by 'triggerfish compile'.", completion: .directory)
  var project: String

  @OptionGroup(title: "Limits") var budget: BudgetOptions

  @Option(
    help: """
      The estimates must keep their limits so many times their error factor up: 2 for its square (default: 0, the estimates alone).
      """)
  var sigma: Double?

  @Option(
    help: """
      What must come out for the events, once per model output: words if the file holds integers (as 'emulate --raw' \
      writes them), else values.
      """,
    completion: .file(extensions: ["npy", "npz", "csv", "h5"]))
  var expect: [String] = []

  @Option(help: "The least share of the events whose largest output is that of --reference, as 99%.")
  var minAgreement: Percentage?

  @Option(
    help: """
      What --min-agreement compares with, once per model output: class numbers, one-hot labels, or a float model's \
      outputs. Without it: the agreement that 'compile --calibrate' found.
      """,
    completion: .file(extensions: ["npy", "npz", "csv", "h5"]))
  var reference: [String] = []

  @Flag(help: "Compile the emitted C++ and compare every word with the emulator's.")
  var bitExact = false

  @Option(
    name: .shortAndLong,
    help: """
      Events for --expect, --min-agreement and --bit-exact, once per model input; --bit-exact takes random words if \
      none are given.
      """,
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

  @Option(
    help: "Write the results as a Markdown table to this file: for $GITHUB_STEP_SUMMARY, or a comment.",
    completion: .file(extensions: ["md"]))
  var markdown: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if budget.limits.isEmpty && baseline == nil && !bitExact && expect.isEmpty && minAgreement == nil {
      throw ValidationError(
        "Nothing to check: give --budget, --ii, a --max-… option, --expect, --min-agreement, --baseline or --bit-exact."
      )
    }
    if !allow.isEmpty && baseline == nil { throw ValidationError("--allow needs --baseline.") }
    if !reference.isEmpty && minAgreement == nil {
      throw ValidationError("--reference needs --min-agreement.")
    }
    if input.isEmpty {
      if !expect.isEmpty { throw ValidationError("--expect needs --input: the events it is expected for.") }
      if !reference.isEmpty { throw ValidationError("--reference needs --input: the events it is of.") }
    } else if !bitExact && expect.isEmpty && reference.isEmpty {
      throw ValidationError("--input needs --expect, --reference or --bit-exact.")
    }
    if apTypes != nil && !bitExact { throw ValidationError("--ap-types needs --bit-exact.") }
    if let sigma {
      if !(sigma >= 0 && sigma.isFinite) { throw ValidationError("--sigma must be at least 0.") }
      if !budget.limits.limitsEstimates {
        throw ValidationError("--sigma needs --budget or a --max-… option.")
      }
    }
  }

  func run() throws {
    try checkDistinct(
      outputs: [junit, markdown].compactMap { $0 },
      inputs: [project, baseline].compactMap { $0 }.flatMap { Project.files($0) + [$0] } + input + expect
        + reference)
    var gate = Gate()
    gate.limits = budget.limits
    gate.sigma = sigma ?? 0
    (gate.baseline, gate.allowances) = (baseline, allow)
    (gate.inputs, gate.bitExact, gate.tools.apTypes) = (input, bitExact, apTypes)
    (gate.expected, gate.leastAgreement, gate.references) = (expect, minAgreement?.share, reference)
    let outcome = gate.check(project, Console.listener)
    // First of all: a server shows what it finds in these files, whatever comes after.
    if let junit {
      try writeAtomically(
        Budget.Verdict.junit(outcome.verdicts, suite: project, failures: outcome.failures), to: junit)
    }
    if let markdown {
      try writeAtomically(
        Budget.Verdict.markdown(outcome.verdicts, suite: project, failures: outcome.failures), to: markdown)
    }
    if json {
      Console.document(jsonText(outcome.verdicts))
    } else {
      for line in Budget.Verdict.lines(outcome.verdicts, style: terminalStyle) {
        Console.document(line + "\n")
      }
    }
    if let failure = outcome.failure(of: project) { throw failure }
  }
}

extension Allowance: ExpressibleByArgument {
  /// Reads the option's text.
  public init?(argument: String) { self.init(argument) }
}
