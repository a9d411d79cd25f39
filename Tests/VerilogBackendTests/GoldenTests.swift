import Circuit
import Diagnostics
import FixedPoint
import Foundation
import GoldenSupport
import Lowering
import Program
import Testing
import VerilogBackend

/// hls4ml's own numbers, in simulated Verilog: all events of a few cases, or of all that can be unrolled with
/// `TRIGGERFISH_ALL_VERILOG=1`.
@Suite(.enabled(if: RTLTool.verilator.isInstalled, RTLTool.verilator.notice))
struct GoldenTests {
  static let all = ProcessInfo.processInfo.environment["TRIGGERFISH_ALL_VERILOG"] != nil

  /// A float model, a quantized one, and one of bits per weight.
  static let cases: [String] = {
    let some = ["KERAS_1layer", "qkeras_3layer", "hgq_jet_classifier"]
    return all ? GoldenCase.names : some.filter(GoldenCase.names.contains)
  }()

  @Test(
    "Simulated Verilog gives hls4ml's numbers",
    .enabled(if: GoldenCase.hasShared, "no ../shared/golden"), arguments: cases)
  func verilog(name: String) throws {
    let golden = try GoldenCase(name)
    guard let program = try? lowerAsHLS4ML(golden.model(), golden.configuration()).program else { return }
    var options = CircuitOptions()
    options.limit = 20000
    options.effort = 10
    for set in golden.sets {
      let inputs = try set.inputs.map { try GoldenCase.read($0) }
      let outputs = try set.outputs.map { try GoldenCase.read($0).values }
      let events = (0..<inputs[0].events).map { program.words(of: $0, in: inputs) }
      let emitted: EmittedCircuit
      do {
        emitted = try EmittedCircuit(program, options: options, events: events)
      } catch let failure as Failure where failure.kind == .badInput {
        print("\(name): not unrolled: \(failure.diagnostics[0].message)")
        return
      }
      let found = try Simulator.verilator.run(emitted.events, projectIn: emitted.folder.path)
      var start = 0
      for (index, id) in program.outputs.enumerated() {
        let (count, format) = (program[id].type.count, program[id].type.format)
        let values = found.flatMap { words in
          words[start..<start + count].map { Double($0) * pow(2, -Double(format.fractionBits)) }
        }
        #expect(values == outputs[index], "\(name), \(program[id].name)")
        start += count
      }
    }
  }
}
