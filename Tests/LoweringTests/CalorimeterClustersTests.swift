import Configuration
import DataFiles
import Emulator
import FixedPoint
import Foundation
import Frontends
import Program
import Testing

@testable import Lowering

/// models/calorimeter_clusters: a GarNet trained in float, against Keras's and hls4ml's answers to its sample events.
@Suite struct CalorimeterClustersTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("models/calorimeter_clusters").path

  private static func numbers(_ file: String) throws -> [Double] {
    try EventReader("\(folder)/\(file).npy").readAll().reals
  }

  /// Every instruction set, the general path, and the interpreter on the first events: one answer.
  private func answers(_ program: Program, _ inputs: [[Double]]) throws -> [Double] {
    var options = InstructionSet.available.map { EmulatorOptions(path: .fast, instructionSet: $0) }
    options.append(EmulatorOptions(path: .general))
    let data = inputs.map { EventData.float64($0) }
    let answers = try options.map { try Emulator(program, options: $0).values(data)[0] }
    for other in answers.dropFirst() { #expect(other == answers[0]) }
    let result = program[program.outputs[0]].type
    for event in 0..<5 {
      let words = zip(program.inputs, inputs).map { id, values in
        let type = program[id].type
        return (0..<type.count).map { type.format.quantize(values[event * type.count + $0]) }
      }
      let values = program.evaluate(words)[program.outputs[0].index].map { result.format.value(of: $0) }
      #expect(values == Array(answers[0][event * result.count..<(event + 1) * result.count]))
    }
    return answers[0]
  }

  /// Words of 16 bits choose what float32 chooses.
  @Test func exactAgreesWithKeras() throws {
    let model = try loadModel(path: "\(Self.folder)/calorimeter_clusters.json").model
    let inputs = [try Self.numbers("events"), try Self.numbers("numbers")]
    let expected = try Self.numbers("outputs_float")
    let program = try lowerExactly(model, ExactOptions(wordLength: 16, calibration: inputs)).program
    let got = try answers(program, inputs)
    try #require(got.count == expected.count && got.count == 1000)
    let same = stride(from: 0, to: got.count, by: 2).count {
      (got[$0] > got[$0 + 1]) == (expected[$0] > expected[$0 + 1])
    }
    #expect(same >= 498, "\(same) of 500")
  }

  /// hls4ml's C simulation, every word.
  @Test func hls4mlsBits() throws {
    let model = try loadModel(path: "\(Self.folder)/calorimeter_clusters.json").model
    let configuration = try Configuration.load("\(Self.folder)/hls.yml").configuration
    let program = try lowerAsHLS4ML(model, configuration).program
    let got = try answers(program, [try Self.numbers("events"), try Self.numbers("numbers")])
    #expect(got == (try Self.numbers("outputs_hls4ml")))
  }
}
