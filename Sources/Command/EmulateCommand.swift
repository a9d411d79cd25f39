import ArgumentParser
import Emulator
import Triggerfish
import Version

/// `triggerfish emulate MODEL --input A --output X`.
struct EmulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emulate", abstract: "Computes what the firmware will answer, bit for bit.",
    discussion: """
      Inputs and outputs repeat in the model's order; axis 0 is the events. Files: .npy, .npz, .csv, and \
      HDF5 as file.h5:dataset for input; .npy and .csv for output. MODEL may be a project that 'compile' wrote.

      Examples:
        triggerfish emulate jet_tagger.json --input events.npy --output scores.npy
        triggerfish emulate jet_tagger.json --config hls.yml --input events.npy --output words.npy --raw
        triggerfish emulate jet_tagger.json --input events.npy --output scores.npy --trace layers.npz
        triggerfish emulate hls-output/jet_tagger --input events.npy --output scores.npy
        triggerfish emulate jet_tagger.json --input events.npy --events 0:1000 --output part0.npy --record part0.json
      """)

  @OptionGroup var model: ModelOptions

  @Option(name: .shortAndLong, help: "Events of one input.", completion: .file())
  var input: [String] = []

  @Option(
    name: .shortAndLong, help: "Where one output goes: float64, or int64 with --raw.", completion: .file())
  var output: [String] = []

  @Flag(help: "Write raw integer words instead of values.")
  var raw = false

  @Option(help: "Write every layer's result to this .npz, one array per layer.", completion: .file())
  var trace: String?

  @Option(
    help:
      "A mapping (YAML): which columns of the one --input are the model's inputs, labels and weights (docs/rates.md).",
    completion: .file(extensions: ["yml", "yaml", "json"]))
  var mapping: String?

  @Option(help: "Which events, as 0:1000000 (the end is not included); all unless told.")
  var events: EventRange?

  @Option(
    help:
      "Write which events the outputs are of, and all digests, to this .json beside them: for 'triggerfish join'.",
    completion: .file(extensions: ["json"]))
  var record: String?

  @Flag(help: "Count the words that overflowed, per value, and print the counts.")
  var countOverflows = false

  @Option(help: "How many threads; all cores unless told.")
  var threads: Int?

  @Option(
    help:
      "Which vector instructions are used; the best of this machine unless told. The answers are the same.")
  var instructionSet: InstructionSet?

  func validate() throws {
    if input.isEmpty { throw ValidationError("Missing --input: one file per model input.") }
    if output.isEmpty && trace == nil && !countOverflows {
      throw ValidationError("Nothing to do: give --output, --trace or --count-overflows.")
    }
    if raw && output.isEmpty && trace == nil { throw ValidationError("--raw needs --output or --trace.") }
    if let trace, !trace.hasSuffix(".npz") {
      throw ValidationError("--trace \(trace): the layers are written as one .npz archive.")
    }
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
  }

  func run() throws {
    var emulate = Emulate(model.source, inputs: input)
    (emulate.outputs, emulate.trace, emulate.raw) = (output, trace, raw)
    emulate.mapping = mapping
    (emulate.part, emulate.record, emulate.version) = (events, record, Version.full)
    (emulate.threads, emulate.instructionSet) = (threads, instructionSet)
    emulate.countsOverflows = countOverflows
    guard let overflows = try emulate.run(Console.listener).overflows else { return }
    if overflows.isEmpty { Console.print("no conversion overflowed") }
    for line in overflows { Console.print(line) }
  }
}

extension InstructionSet: ExpressibleByArgument {}
