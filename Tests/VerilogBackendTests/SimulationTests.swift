import Circuit
import FixedPoint
import Foundation
import Program
import TestSupport
import Testing
import VerilogBackend

/// Emitted circuits in Icarus and Verilator against the program's reference interpreter: every word of every event, back to back,
/// with pauses, and a reset with events on their way; `valid_out` in every cycle.
@Suite(.enabled(if: RTLTool.iverilog.isInstalled && RTLTool.verilator.isInstalled, RTLTool.verilator.notice))
struct SimulationTests {
  /// Seeds of random programs; all of `TRIGGERFISH_RANDOM_VERILOG`, a number, by hand.
  static let seeds: Range<UInt64> = {
    let asked = ProcessInfo.processInfo.environment["TRIGGERFISH_RANDOM_VERILOG"].flatMap { UInt64($0) }
    return 0..<(asked ?? 30)
  }()

  /// What is wrong with a program's Verilog; nil: nothing.
  static func fault(_ program: Program, seed: UInt64) -> String? {
    var options = CircuitOptions()
    options.effort = 10
    // Pipelines of all depths, and none.
    options.staging = seed % 4 == 0 ? .none : .cycles(Int(seed % 4) + 1)
    do {
      let emitted = try EmittedCircuit(
        program, options: options, events: RandomProgram.events(10, for: program, seed: seed))
      let lint = try emitted.lint()
      if !lint.isEmpty { return lint }
      return try emitted.difference(.icarus)
    } catch {
      // Quotients of words that are too wide are refused by name.
      return "\(error)".contains("divides words") ? nil : "\(error)"
    }
  }

  @Test func randomProgramsInIcarus() {
    for seed in Self.seeds {
      let options = seed % 2 == 0 ? RandomProgramOptions() : .everything
      let program = RandomProgram.program(seed: seed, options: options)
      guard Self.fault(program, seed: seed) != nil else { continue }
      let small = program.minimized { Self.fault($0, seed: seed) != nil }
      Issue.record("seed \(seed): \(Self.fault(small, seed: seed) ?? "")\n\(small)")
      return
    }
  }

  /// Many programs side by side in one: Verilator's C++ takes a second to compile, whatever the size.
  @Test(arguments: stride(from: seeds.lowerBound, to: seeds.upperBound, by: 15).map { $0 })
  func randomProgramsInVerilator(first: UInt64) throws {
    let programs = (first..<min(first + 15, Self.seeds.upperBound)).compactMap { seed -> Program? in
      let program = RandomProgram.program(seed: seed)
      return (try? Expand()(program)) == nil ? nil : program
    }
    let all = Program(sideBySide: programs)
    #expect(all.verify().isEmpty)
    var options = CircuitOptions()
    // What is compared is the text: the search for the fewest adders has tests of its own.
    options.effort = 10
    let emitted = try EmittedCircuit(
      all, options: options, events: RandomProgram.events(40, for: all, seed: first))
    #expect(try emitted.difference(.verilator) == nil)
  }

  /// The words that are compared can differ: one constant changed in the text.
  @Test func aWrongWordIsSeen() throws {
    let program = try denseLayer([[3, -5], [7, 1], [-2, 6]])
    let emitted = try EmittedCircuit(program, events: events(20, for: program))
    #expect(try emitted.difference(.icarus) == nil)
    let file = "rtl/fc.v"
    let text = String(decoding: try emitted.folder.read(file), as: UTF8.self)
    let broken = text.replacing(".INVERT(3'h1)", with: ".INVERT(3'h2)", maxReplacements: 1)
    #expect(broken != text)
    try emitted.folder.write(broken, to: file)
    #expect(try emitted.difference(.icarus) != nil)
    #expect(try emitted.difference(.verilator) != nil)
  }

  /// A latency other than promised is no latency kept.
  @Test func aLatencyThatIsNotKeptIsSeen() throws {
    let program = try denseLayer([[3, -5], [7, 1], [-2, 6]])
    var options = CircuitOptions()
    options.staging = .cycles(3)
    let emitted = try EmittedCircuit(program, options: options, events: events(9, for: program))
    #expect(emitted.circuit.latency == 3)
    let text = String(decoding: try emitted.folder.read("project.json"), as: UTF8.self)
    try emitted.folder.write(text.replacing("\"latency\" : 3", with: "\"latency\" : 2"), to: "project.json")
    #expect(throws: (any Error).self) { try emitted.difference(.icarus) }
  }

  /// The test bench that is written says so itself, in either simulator.
  @Test func theWrittenTestBenchCompares() throws {
    let program = try denseLayer([[3, -5], [7, 1], [-2, 6]])
    let emitted = try EmittedCircuit(program, events: events(20, for: program))
    #expect(try emitted.make("icarus").contains("PASS"))
    let text = String(decoding: try emitted.folder.read("tb_data/expected.dat"), as: UTF8.self)
    var lines = text.split(separator: "\n").map(String.init)
    let last = try #require(lines.lastIndex { $0.last.map { "13579bdf".contains($0) } ?? false })
    lines[last] = String(repeating: "f", count: lines[last].count)
    try emitted.folder.write(lines.joined(separator: "\n") + "\n", to: "tb_data/expected.dat")
    #expect(try emitted.make("icarus").contains("FAIL"))
  }

  static let names = [
    "module", "1", "input", "n3", "a b;endmodule//", "größe", "result", "clk", "u_fc", "", "tf_sum3",
  ]

  /// Layers, values and models may be called anything.
  @Test func anyName() throws {
    var builder = ProgramBuilder(name: "*/ endmodule `include \"x\"")
    let format = FixedFormat(5, 5)
    var value = builder.input("../reg", ValueType([2], format))
    for (index, name) in Self.names.enumerated() {
      builder.beginLayer(name, className: name)
      let c = builder.constant("\(index).c", ValueType([2], format), [Raw(index) + 1, 2])
      value = try builder.add("\(name)/\(index)", .elementwise(.add), value, c)
      value = try builder.add("\(name)/q\(index)", .requantize(format), value)
      builder.endLayer(value)
    }
    builder.output(value)
    let emitted = try EmittedCircuit(
      builder.program, name: "module", events: events(10, for: builder.program))
    #expect(try emitted.lint() == "")
    #expect(try emitted.difference(.icarus) == nil)
    #expect(try emitted.difference(.verilator) == nil)
  }
}
