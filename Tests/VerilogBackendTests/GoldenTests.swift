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
    try compare(program, golden.sets, name)
  }

  /// A graph network of HGQ2 (JEDI-linear on 8 particles); of all also attention of 8 particles.
  static let trained = (["hgq2_jedi_linear"] + (all ? ["hgq2_mha_self"] : [])).filter(
    ReferenceCase.names.contains)

  @Test(
    "Simulated Verilog gives Keras's numbers",
    .enabled(if: ReferenceCase.hasShared, "no ../shared/golden2"), arguments: trained)
  func trainers(name: String) throws {
    let golden = try ReferenceCase(name)
    try compare(
      try golden.lowerExactly(golden.model()).program, golden.exact, name, limit: Self.all ? .max : 30)
  }

  /// Recurrent layers, one hardware for all steps: all steps' results and the last one's, two layers one behind the other,
  /// both directions side by side.
  static let recurrent = [
    "rnn_lstm_stacked", "rnn_bidirectional_lstm", "rnn_gru_resetbefore", "rnn_simplernn_seq",
  ].filter(ReferenceCase.names.contains)

  @Test(
    "Simulated Verilog gives csim's numbers of recurrent layers",
    .enabled(if: ReferenceCase.hasShared, "no ../shared/golden2"), arguments: recurrent)
  func recurrentLayers(name: String) throws {
    let golden = try ReferenceCase(name)
    for (_, file, sets) in golden.hls4ml {
      let program = try golden.lowerAsHLS4ML(configuration: file).program
      try compare(program.withFeaturesInSteps(), sets, name, limit: Self.all ? .max : 20)
    }
  }

  private func compare(_ program: Program, _ sets: [GoldenCase.EventFiles], _ name: String, limit: Int = .max)
    throws
  {
    var options = CircuitOptions()
    options.limit = 20000
    options.effort = 10
    for set in sets {
      let inputs = try set.inputs.map { try GoldenCase.read($0) }
      let count = min(limit, inputs[0].events)
      let outputs = try set.outputs.map { file in
        let array = try GoldenCase.read(file)
        return Array(array.values.prefix(array.values.count / array.events * count))
      }
      let events = (0..<count).map { program.words(of: $0, in: inputs) }
      let emitted: EmittedCircuit
      do {
        emitted = try EmittedCircuit(program, options: options, events: events)
      } catch let failure as Failure where failure.kind == .badInput {
        print("\(name): not unrolled: \(failure.diagnostics[0].message)")
        return
      }
      let found = try Simulator.verilator.run(
        emitted.events, projectIn: emitted.folder.path, objects: EmittedCircuit.objects)
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
