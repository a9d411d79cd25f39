import DataFiles
import Emulator
import Foundation
import Frontends
import Program
import Testing

@testable import Lowering

/// models/jet_particles: taggers that read a jet's particles, against their trainers' answers to the sample events.
@Suite struct JetParticlesTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("models/jet_particles")
    .path

  private static func numbers(_ file: String) throws -> [Double] {
    try EventReader("\(folder)/\(file).npy").readAll().reals
  }

  /// Every instruction set, the general path, and the interpreter on the first events: one answer.
  private func answers(_ program: Program) throws -> [Double] {
    let events = try Self.numbers("events")
    var options = InstructionSet.available.map { EmulatorOptions(path: .fast, instructionSet: $0) }
    options.append(EmulatorOptions(path: .general))
    let answers = try options.map { try Emulator(program, options: $0).values([.float64(events)])[0] }
    for other in answers.dropFirst() { #expect(other == answers[0]) }
    let (type, result) = (program[program.inputs[0]].type, program[program.outputs[0]].type)
    for event in 0..<3 {
      let words = (0..<type.count).map { type.format.quantize(events[event * type.count + $0]) }
      let values = program.evaluate([words])[program.outputs[0].index].map { result.format.value(of: $0) }
      #expect(values == Array(answers[0][event * result.count..<(event + 1) * result.count]))
    }
    return answers[0]
  }

  /// HGQ2's and QKeras's models: every number of every event.
  @Test(arguments: ["jedi_linear.keras", "transformer.keras", "gru.json", "lstm.json"])
  func quantized(_ file: String) throws {
    let model = try loadModel(path: "\(Self.folder)/\(file)").model
    let expected = try Self.numbers("outputs_" + file.prefix { $0 != "." })
    let got = try answers(lowerExactly(model).program)
    try #require(got.count == expected.count && got.count == 2500)
    #expect(zip(got, expected).count { $0 != $1 } == 0)
  }

  /// Words of 16 bits choose what float32 chooses.
  @Test(arguments: ["gru_float", "lstm_float"]) func float(_ name: String) throws {
    let model = try loadModel(path: "\(Self.folder)/\(name).json").model
    let expected = try Self.numbers("outputs_\(name)")
    let events = try Self.numbers("events")
    let options = ExactOptions(wordLength: 16, calibration: [events])
    let got = try answers(lowerExactly(model, options).program)
    try #require(got.count == expected.count && got.count == 2500)
    func choices(_ values: [Double]) -> [Int] {
      stride(from: 0, to: values.count, by: 5).map { start in
        (0..<5).max { values[start + $0] < values[start + $1] } ?? 0
      }
    }
    let same = zip(choices(got), choices(expected)).count { $0 == $1 }
    #expect(same >= 498, "\(same) of 500")
  }
}
