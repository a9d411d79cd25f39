import Backends
import Circuit
import FixedPoint
import Foundation
import Program
import TestSupport
import Testing
import VerilogBackend

/// Loops over steps in Verilog: words, latency, interval, pauses and a reset in the middle of a loop, in Icarus and Verilator.
@Suite(.enabled(if: RTLTool.iverilog.isInstalled && RTLTool.verilator.isInstalled, RTLTool.verilator.notice))
struct LoopTests {
  private static func emitted(_ program: Program, period: Int = 4000, events count: Int = 12) throws
    -> EmittedCircuit
  {
    var options = CircuitOptions()
    options.staging = .period(period)
    return try EmittedCircuit(program, options: options, events: events(count, for: program))
  }

  @Test(arguments: UInt64(0)..<8) func randomLayersInIcarus(seed: UInt64) throws {
    let emitted = try Self.emitted(
      try RandomProgram.recurrent(seed: seed).withFeaturesInSteps(),
      period: [2500, 4000, 9000][Int(seed % 3)])
    #expect(emitted.circuit.loops.count == 1)
    #expect(try emitted.lint() == "")
    #expect(try emitted.difference(.icarus) == nil)
  }

  /// Loops that begin together and take as long as each other, or not.
  @Test func sideBySide() throws {
    let programs = try (UInt64(0)..<6).map {
      try RandomProgram.recurrent(seed: $0 + 20, steps: Int($0 / 2) + 3)
    }
    let emitted = try Self.emitted(Program(sideBySide: programs))
    #expect(emitted.circuit.loops.count > 2)
    #expect(try emitted.lint() == "")
    #expect(try emitted.difference(.icarus) == nil)
    #expect(try emitted.difference(.verilator) == nil)
    #expect(try emitted.make("icarus").contains("PASS"))
  }

  /// What is promised is held: a step fewer, a latency or an interval that is not kept.
  @Test func whatIsNotKeptIsSeen() throws {
    let program = try RandomProgram.recurrent(seed: 3, steps: 5).withFeaturesInSteps()
    let emitted = try Self.emitted(program, events: 9)
    let circuit = emitted.circuit
    #expect(circuit.interval == circuit.loops[0].length && circuit.interval > 5)
    #expect(try emitted.difference(.icarus) == nil)
    let top = String(decoding: try emitted.folder.read("rtl/emitted.v"), as: UTF8.self)
    #expect(top.contains("an event may enter every \(circuit.interval) cycles"))
    let file = String(decoding: try emitted.folder.read("project.json"), as: UTF8.self)
    #expect(file.contains("\"interval\" : \(circuit.interval)"))
    for (path, text, before, after) in [
      ("rtl/emitted.v", top, "(count_0 == 3'd4)", "(count_0 == 3'd3)"),
      ("project.json", file, "\"latency\" : \(circuit.latency)", "\"latency\" : \(circuit.latency + 1)"),
      ("project.json", file, "\"interval\" : \(circuit.interval)", "\"interval\" : \(circuit.interval - 1)"),
    ] {
      let broken = text.replacing(before, with: after)
      #expect(broken != text)
      try emitted.folder.write(broken, to: path)
      #expect(throws: (any Error).self) { try emitted.difference(.icarus) }
      try emitted.folder.write(text, to: path)
    }
    #expect(try emitted.difference(.icarus) == nil)
  }

  /// An event that comes too early takes the place of the one before, in Verilog as in the simulation of circuits.
  @Test func anEarlyEventTakesThePlaceOfTheOneBefore() throws {
    let program = try RandomProgram.recurrent(seed: 5, steps: 3).withFeaturesInSteps()
    let emitted = try Self.emitted(program, events: 2)
    let interval = emitted.circuit.interval
    // A driver beside the test bench: the second event comes `early` cycles after the first.
    let inputs = emitted.circuit.inputs.map { $0.words.count * $0.format.width }.reduce(0, +)
    for early in [1, interval / 2, interval - 1] {
      let bench = """
        module bench;
          reg clk = 0; reg valid = 0; wire out; integer i;
          emitted dut (.clk(clk), .rst(1'b0), .valid_in(valid), .x(\(inputs)'d0), .valid_out(out));
          initial for (i = 0; i < \(2 * interval + emitted.circuit.latency); i = i + 1) begin
            valid = i == 0 || i == \(early);
            #1 if (out) $display("valid %0d", i);
            clk = 1; #1 clk = 0;
          end
        endmodule
        """
      try emitted.folder.write(bench, to: "early.v")
      let (status, text) = try runTool(
        "sh", ["-c", "iverilog -g2005 -o early.vvp early.v rtl/*.v && vvp -n early.vvp"],
        in: emitted.folder.path)
      #expect(status == 0, "\(text)")
      let lines = text.split(separator: "\n").filter { $0.hasPrefix("valid") }
      #expect(lines == ["valid \(early + emitted.circuit.latency)"], "\(text)")
    }
  }
}
