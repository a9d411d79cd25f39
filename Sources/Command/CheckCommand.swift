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

  @Option(help: "The longest latency: 100ns, 0.1us, 20cycles or 4BX (bunch crossings of 25 ns).")
  var budget: Budget.Latency?

  @Option(name: .customLong("ii"), help: "The longest initiation interval, in cycles.")
  var interval: Int?

  @Option(help: "The most DSPs: a number, or a share of the part as in 15%.")
  var maxDsp: Budget.Limit?

  @Option(help: "The most LUTs.")
  var maxLut: Budget.Limit?

  @Option(help: "The most flip-flops.")
  var maxFf: Budget.Limit?

  @Option(help: "The most 18 kbit block RAMs.")
  var maxBram: Budget.Limit?

  @Option(help: "The most UltraRAMs.")
  var maxUram: Budget.Limit?

  @Flag(help: "Print JSON.")
  var json = false

  private var limits: Budget {
    var budget = Budget(latency: budget, interval: interval)
    let asked = [maxDsp, maxLut, maxFf, maxBram, maxUram]
    for ((_, path), limit) in zip(Budget.resources, asked) { budget.limits[path] = limit }
    return budget
  }

  func validate() throws {
    if limits.isEmpty { throw ValidationError("Nothing to check: give --budget, --ii or a --max-… option.") }
  }

  func run() throws {
    let verdicts = limits.verdicts(try loadReport(project))
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

extension Budget.Latency: ExpressibleByArgument {
  /// Reads the option's text.
  public init?(argument: String) { self.init(argument) }
}

extension Budget.Limit: ExpressibleByArgument {
  /// Reads the option's text.
  public init?(argument: String) { self.init(argument) }
}
