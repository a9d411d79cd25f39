import DataFiles
import Emulator
import FixedPoint
import Foundation
import Frontends
import HLSBackend
import HLSTestSupport
import Lowering
import Program
import Scheduling
import Testing

/// Graphs and attention of Keras 3 (Tests/LoweringTests/Fixtures/graphs) in C++ under g++: every word of all events is the emulator's, whose
/// words `GraphTests` holds against Keras.
@Suite struct GraphCodeTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("LoweringTests/Fixtures/graphs").path

  /// Neighbours found at run time, sums over constant edges, sorting, attention: one compilation.
  private static let names = ["edge_conv", "interaction_network", "sorting", "mha_self"]

  @Test(.enabled(if: ExecutorVectorTests.apTypes != nil, "no ap_types headers: make ap-types"))
  func emittedCode() throws {
    let request = ScheduleRequest(
      target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125),
      ioType: .parallel)
    let cases = try Self.names.map { name in
      let model = try loadModel(path: "\(Self.folder)/\(name).keras").model
      let inputs = try model.inputs.indices.map {
        try EventReader("\(Self.folder)/\(name).npz:in\($0)").readAll().reals
      }
      return (program: try lowerExactly(model, ExactOptions(calibration: inputs)).program, inputs: inputs)
    }
    let batch = try Batch(
      try cases.map { try schedule($0.program, request) }, apTypes: try #require(ExecutorVectorTests.apTypes),
      traces: false)
    for number in cases.indices {
      let (program, inputs) = cases[number]
      let tensors = zip(program.inputs, inputs).map { id, values in
        values.map { program[id].type.format.quantize($0) }
      }
      let events = tensors[0].count / program[program.inputs[0]].type.count
      let words = (0..<events).map { event in
        zip(program.inputs, tensors).map { id, tensor in
          let count = program[id].type.count
          return Array(tensor[event * count..<(event + 1) * count])
        }
      }
      let found = try batch.run(number, words)
      let expected = try Emulator(program, results: program.outputs).wideWords(tensors.map { .wide($0) })
      try #require(events > 10 && found.count == events)
      for event in 0..<events {
        let row = zip(program.outputs, expected).flatMap { id, tensor in
          let count = program[id].type.count
          return Array(tensor[event * count..<(event + 1) * count])
        }
        #expect(found[event] == row, "\(Self.names[number]), event \(event)")
      }
    }
  }
}
