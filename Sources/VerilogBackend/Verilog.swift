import Backends
import Circuit
import Diagnostics
import FixedPoint
import Program
import Scheduling

/// The backend `verilog`: the program as a circuit, unrolled, with a new event in every cycle; verified by simulating it with
/// Verilator.
public enum Verilog: Backend {
  /// `verilog`.
  public static let name = "verilog"
  /// A Verilog project.
  public static let summary = "a Verilog project, every operation in gates of its own"
  /// What `verify` is doing.
  public static let building = "simulating the emitted Verilog"
  /// What gives the words.
  public static let executable = "the simulated Verilog"

  /// They do not: all is computed in gates of its own.
  public static let takesStrategies = false

  /// What it would not do: streams, and multipliers that are used several times.
  public static func objections(to design: Design) -> [Diagnostic] {
    if design.ioType == .stream {
      return [
        Diagnostic(
          "io_stream: the verilog backend takes a whole event with every clock",
          hint: "IOType: io_parallel (--io io_parallel), or --backend hls")
      ]
    }
    let layers = design.program.layers
    return layers.indices.compactMap { index in
      let choices = design.program.instructions.indices.filter {
        design.program.instructions[$0].layer == index && design.multipliers[$0] != nil
      }.map { design.steps[$0].choice }
      guard let choice = choices.first(where: { $0.reuseFactor > 1 || $0.strategy == .resource }) else { return nil }
      return Diagnostic(
        place: layers[index].name,
        "Strategy \(choice.strategy.rawValue), ReuseFactor \(choice.reuseFactor): the verilog backend computes every product in gates of its own",
        hint: "Strategy: Latency and ReuseFactor: 1, or --backend hls")
    }
  }

  /// The project's files (docs/verilog.md).
  public static func files(
    of design: Design, name: String, events: TestEvents
  ) throws(Failure) -> ProjectFiles {
    let circuit = try Circuit(design.program, CircuitOptions(design.target))
    let project = VerilogProject(circuit, name: name, target: design.target)
    return ProjectFiles(try project.files(events), figures: project.modules.figures)
  }

  /// The project's files for a circuit: what `files(of:name:events:)` gives for that of a design.
  public static func files(
    circuit: Circuit, name: String, target: Target, events: TestEvents
  ) throws(Failure) -> [String: String] {
    try VerilogProject(circuit, name: name, target: target).files(events)
  }

  /// Simulates the Verilog with Verilator.
  public static func run(
    _ events: [[Raw]], projectIn folder: String, tools: ToolPaths, traces: Bool
  ) throws(Failure) -> EmittedWords {
    EmittedWords(outputs: try Simulator.verilator.run(events, projectIn: folder), layers: [:])
  }
}

extension CircuitOptions {
  /// What a circuit for a target is made for.
  init(_ target: Target) {
    self.init()
  }
}
