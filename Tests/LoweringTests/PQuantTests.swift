import Configuration
import DataFiles
import Diagnostics
import Emulator
import Foundation
import Frontends
import Lowering
import Model
import Storage
import Testing

/// PQuant's models of Keras 3 under the exact policy: every number of every output equals Keras's (Fixtures/pquant, made by
/// Fixtures/make_pquant.py).
@Suite struct PQuantTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Fixtures/pquant"
  ).path
  static let models = [
    "dense", "unpruned", "images", "heterogeneous", "normalized", "mask", "mask_of_channels",
    "mask_of_thresholds",
  ]

  @Test(arguments: models) func equalsKeras(_ name: String) throws {
    let model = try loadModel(path: "\(Self.folder)/\(name).keras").model
    #expect(model.isQuantized)
    let program = try lowerExactly(model).program
    let events = try EventReader("\(Self.folder)/\(name).npz:in0").readAll().reals
    let expected = try EventReader("\(Self.folder)/\(name).npz:out0").readAll().reals
    for instructions in InstructionSet.available {
      let got = try Emulator(program, options: EmulatorOptions(instructionSet: instructions)).values([
        .float64(events)
      ])
      let wrong = zip(got[0], expected).count { $0 != $1 }
      #expect(
        got[0].count == expected.count && wrong == 0,
        "\(wrong) of \(expected.count) with \(instructions.rawValue)")
    }
  }

  /// hls4ml 1.3.0 reads none of PQuant's.
  @Test func hls4ml() throws {
    let model = try loadModel(path: "\(Self.folder)/dense.keras").model
    let failure = #expect(throws: Failure.self) { try lowerAsHLS4ML(model, Configuration()) }
    #expect(
      failure?.diagnostics.map(\.message)
        == ["PQDense", "PQActivation", "PQDense"].map {
          "\($0): hls4ml 1.3.0 has no converter for it"
        })
  }

  /// Masks that are not in the file or cannot be told from it, and layers that are not read.
  @Test(arguments: [
    (
      "mask", #""pruning_method": "pdp""#, #""pruning_method": "luck""#,
      "is that of a method that is not read: luck"
    ),
    (
      "mask_of_thresholds", #""pruning_first": true"#, #""pruning_first": false"#,
      "the mask of the pruned weights of \"last\" depends on the quantized weights"
    ),
    (
      "unpruned", #""enable_pruning": false"#, #""enable_pruning": true"#, "is not in the file"
    ),
    (
      "dense", #""class_name": "PQActivation""#, #""class_name": "PQRecurrent""#,
      "layers of class PQuantML>PQRecurrent are not supported"
    ),
    ("dense", #""activation": "relu""#, #""activation": "gelu""#, "PQuant's activation gelu of"),
    ("dense", #""round_mode": "RND""#, #""round_mode": "UP""#, "the rounding mode UP of"),
  ])
  func refused(_ name: String, _ old: String, _ new: String, _ message: String) throws {
    let archive = try ZipArchive(path: "\(Self.folder)/\(name).keras")
    let text = String(decoding: try archive.read("config.json"), as: UTF8.self)
    let damaged = text.replacingOccurrences(of: old, with: new)
    try #require(damaged != text)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pquant-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, bytes) in [
      ("config.json", Array(damaged.utf8)), ("model.weights.h5", try archive.read("model.weights.h5")),
    ] { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
    let path = folder.appendingPathComponent("model.keras").path
    try ZipArchive.write(
      ["config.json", "model.weights.h5"].map { ($0, folder.appendingPathComponent($0).path) }, to: path)
    let failure = #expect(throws: Failure.self) { try loadModel(path: path) }
    #expect(
      failure?.kind == .badInput && failure?.diagnostics.contains { $0.message.contains(message) } == true,
      "\(failure?.diagnostics.map(\.description) ?? [])")
  }
}
