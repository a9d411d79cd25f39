import ArgumentParser
import DataFiles
import Reports
import Triggerfish

/// `triggerfish compare MODEL --config C --input A`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Shows where and why fixed-point numbers part from the float model's.",
    discussion: """
      Layer by layer against the float model and against --numerics exact: errors, words that saturate, wrap or become zero, \
      weights that do not fit, tables too coarse; the first layer at fault, and the types that mend it, tried on the same \
      events. Without --input the events are made up from the formats of the inputs: they show what is broken, not what an \
      accuracy is.

      Examples:
        triggerfish compare jet_tagger.json --config hls.yml --input events.npy
        triggerfish compare jet_tagger.json --config hls.yml --input events.npy --json
      """)

  @OptionGroup var model: ModelOptions

  @Option(
    name: .shortAndLong, help: "Events, once per model input.",
    completion: .file(extensions: ["npy", "npz", "csv", "h5"]))
  var input: [String] = []

  @Flag(help: "Print JSON.")
  var json = false

  @Option(
    help: "Write the JSON to this file, which 'triggerfish report --compare' shows on its page.",
    completion: .file(extensions: ["json"]))
  var output: String?

  func run() throws {
    var compare = Compare(model.source)
    compare.inputs = input
    if let output { try checkPlaces([output]) }
    let comparison = try compare.run(Console.listener)
    if let output { try writeAtomically(comparison.json, to: output) }
    Console.document(json ? comparison.json : comparison.text(terminalStyle))
  }
}
