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
      Examples:
        triggerfish compile jet_tagger.json -o hls-output/jet_tagger
        triggerfish compile jet_tagger.json --config hls.yml --part xcvu9p-flga2104-2L-e --clock 2.5ns
        triggerfish compile jet_tagger_float.json --calibrate events.npy --word-length 12 --budget 100ns
      """)

  @OptionGroup var model: ModelOptions

  @Option(
    name: .shortAndLong, help: "The folder to write (default: hls-output/<project name>).",
    completion: .directory)
  var output: String?

  @Option(help: "The part number (default: the configuration's, else xcvu13p-flga2577-2-e).")
  var part: String?

  @Option(help: "The clock period, as 5ns or 200MHz (default: the configuration's, else 5ns).")
  var clock: ClockPeriod?

  @Option(
    name: .customLong("io"),
    help: "io_parallel or io_stream (default: the configuration's, else io_parallel).")
  var ioType: IOType?

  @Option(help: "latency or resource, for layers the configuration does not name.")
  var strategy: Strategy?

  @Option(help: "The reuse factor, for layers the configuration does not name.")
  var reuseFactor: Int?

  @Option(help: "Fail (exit code 1, nothing written) if the latency is longer: 100ns, 20cycles or 4BX.")
  var budget: Budget.Latency?

  @Flag(help: "Replace the folder even if Triggerfish did not write it.")
  var force = false

  func run() throws {
    progress("reading \(model.model)")
    let compilation = try Compilation(model.source)
    var request = compilation.scheduleRequest
    if let part { request.target.part = part }
    if let clock { request.target.clockPeriod = clock.nanoseconds }
    if let ioType { request.ioType = ioType }
    if let strategy { request.defaults.strategy = strategy }
    if let reuseFactor { request.defaults.reuseFactor = reuseFactor }
    progress("scheduling \(compilation.program.layers.count) layers")
    let design = try schedule(compilation.program, request)
    let report = Report(
      design, numerics: compilation.numerics.rawValue, notes: compilation.notes,
      agreement: compilation.agreement)
    if let budget {
      let failed = Budget(latency: budget).verdicts(report).filter { !$0.passed }
      if let verdict = failed.first {
        throw Failure(
          .checkFailed, file: model.model, "latency is \(verdict.actual), the budget \(verdict.allowed)",
          hint: "nothing was written; a lower reuse factor or a faster clock shortens it")
      }
    }
    let folder = output ?? "hls-output/\(compilation.projectName)"
    progress("writing \(folder)")
    try Project.write(design, report, name: compilation.projectName, to: folder, force: force)
    print(
      "\(folder): \(report.latencyCycles) cycles, interval \(report.interval), about \(report.resources.dsp) DSP, "
        + "\(report.resources.lut) LUT, \(report.resources.ff) FF, \(report.resources.bram) BRAM18")
    for note in compilation.notes { print(error: note) }
  }
}

/// A clock period, written as a period or as a frequency.
struct ClockPeriod: ExpressibleByArgument {
  let nanoseconds: Double

  init?(argument: String) {
    let text = argument.lowercased()
    if text.hasSuffix("mhz"), let frequency = Double(text.dropLast(3)), frequency > 0 {
      nanoseconds = 1000 / frequency
    } else if let period = Double(text.hasSuffix("ns") ? String(text.dropLast(2)) : text), period > 0 {
      nanoseconds = period
    } else {
      return nil
    }
  }
}

extension IOType: ExpressibleByArgument {}
extension Strategy: ExpressibleByArgument {}
