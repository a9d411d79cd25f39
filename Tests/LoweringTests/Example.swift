import DataFiles
import Emulator
import Foundation
import Frontends
import Lowering
import Model
import Program
import Testing

/// A model, events for it, and what its framework answers.
struct Example {
  let name: String
  let model: Model
  /// Per model input, events first.
  let inputs: [[Double]]
  /// Per model output, events first.
  let outputs: [[Double]]
  let events: Int

  /// A program's outputs on the events.
  func run(_ program: Program) throws -> [[Double]] {
    try Emulator(program).values(inputs.map { .float64($0) })
  }

  /// One of Fixtures/exact, made by Fixtures/make_exact.py.
  init(fixture name: String) throws {
    let base = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/exact/\(name)").path
    try self.init(name: name, model: loadModel(path: base + ".json").model, vectors: base + ".npz")
  }

  /// A model and an archive of its events (in0, …) and answers (out0, …).
  init(name: String, model: Model, vectors: String) throws {
    self.name = name
    self.model = model
    let read = try model.inputs.indices.map { try EventReader("\(vectors):in\($0)").readAll() }
    inputs = read.map(\.reals)
    outputs = try model.outputs.indices.map { try EventReader("\(vectors):out\($0)").readAll().reals }
    events = try #require(read.first).events
  }

  /// A case of the golden vectors beside the package.
  init(golden name: String) throws {
    let folder = try #require(Self.goldenFolder).appendingPathComponent(name)
    self.name = name
    let whole = folder.appendingPathComponent("model.h5").path
    let json = folder.appendingPathComponent("model.json").path
    model = try loadModel(path: FileManager.default.fileExists(atPath: whole) ? whole : json).model
    let description = try Data(contentsOf: folder.appendingPathComponent("case.json"))
    let fields = try #require(try JSONSerialization.jsonObject(with: description) as? [String: Any])
    func arrays(_ key: String) throws -> [EventArray] {
      try (fields[key] as? [String] ?? []).map {
        try EventReader(folder.appendingPathComponent($0).path).readAll()
      }
    }
    let read = (inputs: try arrays("inputs"), outputs: try arrays("outputs_float"))
    events = try #require(read.inputs.first).events
    inputs = read.inputs.map(\.reals)
    outputs = read.outputs.map(\.reals)
  }

  /// `../shared/golden`, or where TRIGGERFISH_SHARED says; nil if absent.
  static let goldenFolder: URL? = {
    let shared =
      ProcessInfo.processInfo.environment["TRIGGERFISH_SHARED"].map { URL(fileURLWithPath: $0) }
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "../../../shared")
    let golden = shared.appendingPathComponent("golden")
    return FileManager.default.fileExists(atPath: golden.path) ? golden : nil
  }()

  /// The second part of the golden vectors, `../shared/golden2`; nil if absent.
  static let secondGoldenFolder: URL? = goldenFolder.flatMap { golden in
    let folder = golden.deletingLastPathComponent().appendingPathComponent("golden2")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }
}
