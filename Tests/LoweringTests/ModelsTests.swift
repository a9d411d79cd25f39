import Configuration
import DataFiles
import Emulator
import Foundation
import Frontends
import Lowering
import Program
import Testing

/// The jet taggers of models/ that other trainers made: their trainers' numbers on all sample jets.
@Suite struct ModelsTests {
  static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("models").path

  private func differences(_ program: Program, _ outputs: String) throws -> Int {
    let events = try EventReader("\(Self.models)/jet_tagger/events.npy").readAll().reals
    let expected = try EventReader("\(Self.models)/\(outputs)").readAll().reals
    let got = try Emulator(program).values([.float64(events)])[0]
    try #require(got.count == 10_000 && got.count == expected.count)
    return zip(got, expected).count { $0 != $1 }
  }

  /// HGQ2, under both policies.
  @Test(arguments: ["small", "medium", "large"]) func hgq(_ name: String) throws {
    let model = try loadModel(path: "\(Self.models)/jet_tagger_hgq/\(name).keras").model
    let outputs = "jet_tagger_hgq/outputs_\(name).npy"
    #expect(try differences(lowerExactly(model).program, outputs) == 0)
    #expect(try differences(lowerAsHLS4ML(model, Configuration()).program, outputs) == 0)
  }

  /// Brevitas, through QONNX.
  @Test func brevitas() throws {
    let model = try loadModel(path: "\(Self.models)/jet_tagger_brevitas/jet_tagger_brevitas.onnx").model
    #expect(try differences(lowerExactly(model).program, "jet_tagger_brevitas/outputs.npy") == 0)
  }
}
