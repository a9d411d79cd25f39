import Configuration
import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Frontends
import GoldenSupport
import Lowering
import Program
import Testing

/// Projects that releases of hls4ml wrote, against what their own C++ computes under g++ (Projects/make.py made both).
@Suite("Projects that hls4ml wrote")
struct HLS4MLProjectTests {
  static let root = String(#filePath.dropLast("HLS4MLProjectTests.swift".count)) + "Projects"

  static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).filter {
    FileManager.default.fileExists(atPath: "\(root)/\($0)/firmware")
  }.sorted()

  /// The arrays of a case: `inputs.npy`, or `inputs0.npy` and so on.
  private static func arrays(_ name: String, _ kind: String) throws -> [(events: Int, values: [Double])] {
    let files = (["\(kind).npy"] + (0..<16).map { "\(kind)\($0).npy" }).map { "\(root)/\(name)/\($0)" }
    return try files.filter { FileManager.default.fileExists(atPath: $0) }.map { try GoldenCase.read($0) }
  }

  private static func lowered(_ name: String) throws -> Lowered {
    let imported = try loadModel(path: "\(root)/\(name)")
    return try lowerAsHLS4ML(imported.model, try #require(imported.configuration))
  }

  @Test("There are projects of six releases, both backends, arrays and streams")
  func cases() {
    #expect(Self.names.count > 70)
    for release in ["0.5.0", "0.6.0", "0.8.1", "1.0.0", "1.2.0", "1.3.0"] {
      #expect(Self.names.contains { $0.hasPrefix(release) })
    }
  }

  @Test("Every word is that of the project's own C++: reference interpreter and emulator", arguments: names)
  func bits(name: String) throws {
    let program = try Self.lowered(name).program
    let (inputs, outputs) = (try Self.arrays(name, "inputs"), try Self.arrays(name, "outputs"))
    #expect(outputs.count == program.outputs.count)
    for event in 0..<inputs[0].events {
      let results = program.evaluate(program.words(of: event, in: inputs))
      for (id, expected) in zip(program.outputs, outputs) {
        let count = expected.values.count / expected.events
        let found = results[id.index].map(program[id].type.format.value)
        #expect(found == Array(expected.values[event * count..<(event + 1) * count]), "event \(event)")
      }
    }
    for set in InstructionSet.available {
      let found = try Emulator(program, options: EmulatorOptions(path: .fast, instructionSet: set)).values(
        inputs.map { .float64($0.values) })
      #expect(found == outputs.map(\.values), "\(set)")
    }
  }
}
