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

  /// None: what cannot be unrolled is refused when the circuit is made.
  public static func objections(to design: Design) -> [Diagnostic] { [] }

  /// The project's files (docs/verilog.md).
  public static func files(
    of design: Design, name: String, events: TestEvents
  ) throws(Failure) -> [String: String] {
    try files(circuit: try Expand()(design.program), name: name, target: design.target, events: events)
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
