import DataFiles
import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Frontends
import Lowering
import Model
import Program
import Testing

/// HGQ2's models under the exact policy: every number of every output equals Keras's (Fixtures/hgq, made by
/// Fixtures/make_hgq.py).
@Suite struct HGQTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Fixtures/hgq")

  /// The files of all models: archives, and whole models in HDF5.
  static let files: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
      $0.hasSuffix(".keras") || $0.hasSuffix(".h5")
    }.sorted()

  @Test func filesAreThere() { #expect(HGQTests.files.count >= 20) }

  @Test(arguments: files) func equalsKeras(_ file: String) throws {
    let path = HGQTests.folder.appendingPathComponent(file).path
    let arrays = Self.arrays(file)
    let model = try loadModel(path: path).model
    #expect(model.isQuantized)
    let lowered = try lowerExactly(model)
    let inputs = try model.inputs.indices.map { try EventReader("\(arrays):in\($0)").readAll().reals }
    for set in InstructionSet.available {
      let emulator = try Emulator(lowered.program, options: EmulatorOptions(instructionSet: set))
      let got = try emulator.values(inputs.map { .float64($0) })
      try #require(got.count == model.outputs.count)
      for output in got.indices {
        let expected = try EventReader("\(arrays):out\(output)").readAll().reals
        try #require(got[output].count == expected.count)
        let wrong = zip(got[output], expected).count { $0 != $1 }
        let first = zip(got[output], expected).first { $0 != $1 }
        #expect(
          wrong == 0,
          "\(set), output \(output) (\(model.layers[model.outputs[output].layer].name)): \(wrong) of \(expected.count) differ, first \(first.map { "\($0.0) not \($0.1)" } ?? "")"
        )
      }
    }
  }

  /// HGQ2 up to 0.1.6 quantized the input of every softmax; 0.2 loads such a file without that, which is said.
  @Test func anUnusedQuantizerIsSaid() throws {
    for file in HGQTests.files {
      let notes = try loadModel(path: HGQTests.folder.appendingPathComponent(file).path).notes.map(\.message)
      #expect(notes.count == (file == "attention@hgq0.1.2.keras" ? 1 : 0), "\(file): \(notes)")
      #expect(notes.allSatisfy { $0.contains("\"mixed\": the file holds an input quantizer of its softmax") })
    }
  }

  /// The interpreter and the double-precision model agree with the emulator.
  @Test(arguments: files.filter { $0.hasSuffix(".keras") }) func executorsAgree(_ file: String) throws {
    let arrays = Self.arrays(file)
    let model = try loadModel(path: HGQTests.folder.appendingPathComponent(file).path).model
    let program = try lowerExactly(model).program
    let inputs = try model.inputs.indices.map { try EventReader("\(arrays):in\($0)").readAll().reals }
    let framework = try frameworkOutputs(model, inputs)
    for event in 0..<4 {
      let words = zip(program.inputs, inputs).map { id, values in
        let type = program[id].type
        return (0..<type.count).map { type.format.quantize(values[event * type.count + $0]) }
      }
      let results = program.evaluate(words)
      for (output, id) in program.outputs.enumerated() {
        let type = program[id].type
        let values = results[id.index].map { type.format.value(of: $0) }
        let expected = framework[output][(event * type.count)..<((event + 1) * type.count)]
        #expect(
          zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) }, "output \(output)")
      }
    }
  }

  private static func arrays(_ file: String) -> String {
    folder.appendingPathComponent(file).deletingPathExtension().appendingPathExtension("npz").path
  }
}
