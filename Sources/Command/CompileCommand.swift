import ArgumentParser
import Diagnostics
import HLSBackend
import Reports
import Scheduling
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
    Console.progress("scheduling \(compilation.program.layers.count) layers")
    let (design, choice) = try chosen(compilation)
    let report = Report(
      design, numerics: compilation.numerics.rawValue, notes: compilation.notes + choice,
      agreement: compilation.agreement, budget: budget.limits)
    let folder = output ?? compilation.projectFolder
    restore(folder)
    Console.progress("writing \(folder)")
    try Project.write(
      design, report, name: compilation.projectName,
      events: testEvents.isEmpty ? model.calibrate : testEvents, to: folder,
      inputs: model.source.files + testEvents, force: force)
    Console.print(
      "\(folder): \(report.latencyCycles) cycles, interval \(report.interval), about \(report.resources.dsp) DSP, "
        + "\(report.resources.lut) LUT, \(report.resources.ff) FF, \(report.resources.bram) BRAM18")
    for line in choice { Console.print(line) }
    for warning in design.warnings { Console.error(warning.visible) }
  }

  /// The design, and what was chosen and why, for people.
  private func chosen(_ compilation: Compilation) throws -> (Design, [String]) {
    let limits = budget.limits
    if limits.isEmpty { return (try compilation.design(design.request(compilation)), []) }
    let request = try design.searchRequest(compilation)
    let result = try search(compilation.program, request, limits: try limits.searchLimits(request.target))
    switch result {
    case .found(let found):
      try compilation.check(found.design)
      return (found.design, found.explanation)
    case .nothingFits(let nearest, let isProven):
      throw Failure(
        .checkFailed,
        [
          Diagnostic(
            file: model.model,
            "no design keeps the limits (\(isProven ? "proven" : "as far as was searched")); nothing was written",
            hint: nearest.isEmpty ? nil : "the nearest designs and what they would need:")
        ] + nearest.map { Diagnostic(place: "nearest", $0.explanation) })
    }
  }
}
