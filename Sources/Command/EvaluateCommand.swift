import ArgumentParser
import Triggerfish

/// `triggerfish evaluate dense_csynth.csv`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Holds the cost model against synthesis results: of dense layers, or of whole networks.",
    discussion: """
      A folder has C-synthesis reports of whole networks, NAME_csynth.xml, each beside the model and the hls4ml \
      configuration it was made from (NAME_….h5, NAME_….yml). Part, clock and the inputs' formats are the report's; a NAME \
      may say _reuse16, and _DSP or _LUT for what multipliers were bound to. Errors are printed by reuse factor and by \
      network, the words before these.

      A table has the columns of wa-hls4ml-search: model_name, d_in, d_out, prec, rf, strategy, \
      hls_synth_success, TargetClockPeriod, BestLatency, IntervalMax, LUT, FF, DSP, BRAM_18K. Printed are median absolute \
      percentage error / sMAPE in percent, per strategy and precision. Of the models the parameters were fitted on, one in \
      four was held out, which is the default here; --all takes every row, for results that are new altogether.

      Examples:
        triggerfish evaluate ../shared/data/synthesis/dense_csynth.csv
        triggerfish evaluate new_results.csv --all --json
        triggerfish evaluate ../shared/data/csynth
      """)

  @Argument(help: "The table, or the folder of reports.", completion: .file(extensions: ["csv"]))
  var table: String

  @Flag(help: "Every row, not only the models held out from the fit.")
  var all = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    var evaluate = Evaluate(table)
    evaluate.all = all
    let evaluation = try evaluate.run(Console.listener)
    Console.document(json ? evaluation.json : evaluation.text)
  }
}
