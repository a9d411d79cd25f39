import ArgumentParser
import Diagnostics
import Reports
import Scheduling
import Storage

/// `triggerfish evaluate dense_csynth.csv`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Holds the cost model against synthesis results of dense layers.",
    discussion: """
      The table has the columns of wa-hls4ml-search: model_name, d_in, d_out, prec, rf, strategy, \
      hls_synth_success, TargetClockPeriod, BestLatency, IntervalMax, LUT, FF, DSP, BRAM_18K. Printed are median absolute \
      percentage error / sMAPE in percent, per strategy and precision. Of the models the parameters were fitted on, one in \
      four was held out, which is the default here; --all takes every row, for results that are new altogether.

      Examples:
        triggerfish evaluate ../shared/data/synthesis/dense_csynth.csv
        triggerfish evaluate new_results.csv --all --json
      """)

  @Argument(help: "The table.", completion: .file(extensions: ["csv"]))
  var table: String

  @Flag(help: "Every row, not only the models held out from the fit.")
  var all = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    guard fileExists(table) else { throw Failure(.missingInput, file: table, "no such file") }
    let text = String(decoding: try readFile(table), as: UTF8.self)
    let layers = try SynthesizedLayer.read(csv: text, file: table).filter { all || $0.isHeldOut }
    if layers.isEmpty {
      throw Failure(
        .badInput, file: table, "has no successful result" + (all ? "" : " of a held-out model"),
        hint: all ? nil : "--all takes every row")
    }
    Console.progress("estimating \(layers.count) designs")
    let evaluation = try CostEvaluation(layers)
    Console.document(json ? evaluation.json : evaluation.text)
  }
}
