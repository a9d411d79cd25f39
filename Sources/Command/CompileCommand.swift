import ArgumentParser
import Diagnostics
import Triggerfish

/// `triggerfish compile MODEL --output DIR`.
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile", abstract: "Writes a Vitis HLS project, its program, and its report.",
    discussion: """
      With --budget, --ii or a --max-… option, strategy and reuse factor of every layer are chosen: of all \
      designs within the limits the one whose largest share of any resource of the part is least, then the one of \
      fewest LUTs. What the configuration says of them counts only for layers named by --keep. If no design \
      keeps the limits, nothing is written and the exit code is 1.

      Examples:
        triggerfish compile jet_tagger.json -o hls-output/jet_tagger
        triggerfish compile jet_tagger.json --config hls.yml --part xcvu9p-flga2104-2L-e --clock 2.5ns
        triggerfish compile jet_tagger.json --config hls.yml --budget 100ns --ii 1 --max-dsp 5% --max-lut 20%
        triggerfish compile jet_tagger_float.json --calibrate events.npy --word-length 12 --budget 4BX
      """)

  @OptionGroup var model: ModelOptions

  @Option(
    name: .shortAndLong,
    help:
      "The folder to write (default: hls-output/<project name>, in which characters other than letters, digits, _, - and . become _).",
    completion: .directory)
  var output: String?

  @Option(
    help: """
      Events for the C++ test bench, the first 100 of them; repeat once per model input (default: those of --calibrate, \
      else random words).
      """,
    completion: .file(extensions: ["npy", "npz", "csv", "h5"]))
  var testEvents: [String] = []

  @OptionGroup(title: "Design") var design: DesignOptions
  @OptionGroup(title: "Limits") var budget: BudgetOptions

  @Flag(help: "Replace the folder even if files that Triggerfish wrote into it were changed since.")
  var force = false

  func validate() throws {
    if budget.limits.isEmpty && !design.keep.isEmpty {
      throw ValidationError("--keep needs a search: --budget, --ii or a --max-… option.")
    }
  }

  func run() throws {
    let compilation = try model.compilation()
    let deviations = try model.deviations(compilation)
    Console.progress("scheduling \(compilation.program.layers.count) layers")
    let choices = design.choices(budget.limits)
    let chosen = try compilation.design(choices, file: model.model)
    let report = compilation.report(chosen, choices, deviations: deviations)
    let folder = output ?? compilation.projectFolder
    restore(folder)
    Console.progress("writing \(folder)")
    let notes = try Project.write(
      chosen.design, report, name: compilation.projectName,
      events: testEvents.isEmpty ? model.calibrate : testEvents, to: folder,
      source: compilation.source, inputs: model.source.files + testEvents, force: force)
    Console.print(
      "\(folder): \(report.latencyCycles) cycles, interval \(report.interval), about \(report.resources.dsp) DSP, "
        + "\(report.resources.lut) LUT, \(report.resources.ff) FF, \(report.resources.bram) BRAM18")
    for line in chosen.explanation { Console.print(line) }
    for warning in chosen.design.warnings { Console.error(warning.visible) }
    for note in notes { Console.error(note.described(as: "note")) }
  }
}
