import ArgumentParser
import Triggerfish

/// `triggerfish compile MODEL --output DIR`.
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile", abstract: "Writes a project for a vendor's tool, its program, and its report.",
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
      Events for the test bench, the first 100 of them; repeat once per model input (default: those of --calibrate, \
      else random words).
      """,
    completion: .file(extensions: ["npy", "npz", "csv", "h5"]))
  var testEvents: [String] = []

  @Option(help: "What is written: \(Registry.list).")
  var backend: String?

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
    var project = ProjectRequest()
    project.choices = design.choices(budget.limits)
    if let backend { project.backend = try Registry.backend(named: backend) }
    (project.folder, project.testEvents, project.force) = (output, testEvents, force)
    let written = try Compile(model.source, project).run(Console.listener)
    for line in [written.summary] + written.explanation { Console.print(line) }
  }
}
