import Diagnostics
import Foundation
import Model
import Storage
import TestSupport
import Testing

@testable import Frontends

/// PyTorch programs that are wrong, unsupported or hostile: refused with every problem and its place, and never a trap.
@Suite struct TorchBadInputTests {
  /// A sound program: its entries.
  private static let sound: [(name: String, bytes: [UInt8])] = {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    guard
      let archive = try? ZipArchive(
        path: tests.appendingPathComponent("LoweringTests/Fixtures/torch/tagger.pt2").path)
    else { return [] }
    return archive.entryNames.compactMap { name in (try? archive.read(name)).map { (name, $0) } }
  }()

  private static let program = "tagger/models/model.json"
  private static let weights = "tagger/data/weights/model_weights_config.json"

  /// What reading the program says after texts of an entry were replaced, each where it is first; empty if it is read.
  private static func problems(
    _ entry: String, _ changes: [(old: String, new: String)], without left: String? = nil,
    with more: [(name: String, bytes: [UInt8])] = []
  ) throws -> [String] {
    var entries = sound.filter { entry in left.map { !entry.name.contains($0) } ?? true } + more
    if let index = entries.firstIndex(where: { $0.name == entry }) {
      var text = String(decoding: entries[index].bytes, as: UTF8.self)
      for (old, new) in changes {
        let range = try #require(text.range(of: old), "\(old) is not there")
        text.replaceSubrange(range, with: new)
      }
      entries[index].bytes = Array(text.utf8)
    }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pt2").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try writeArchive(entries, to: path)
    do {
      _ = try loadModel(path: path)
      return []
    } catch {
      #expect(error.kind == .badInput && !error.diagnostics.isEmpty)
      return error.diagnostics.map { "\($0.place ?? ""): \($0.message)" }
    }
  }

  @Test func soundProgram() throws {
    #expect(try Self.problems(Self.program, []) == [])
  }

  /// All calls that are not read, each with its place.
  @Test func unsupported() throws {
    let found = try Self.problems(
      Self.program,
      [
        ("aten.conv2d.default", "aten.conv3d.default"), ("aten.softmax.int", "aten.cumprod.default"),
        ("aten.relu_.default", "mine.relu_.default"),
      ])
    #expect(
      found == [
        "models/model.json.graph_module.graph.nodes[0]: call 'features.0': aten.conv3d.default is not supported",
        "models/model.json.graph_module.graph.nodes[2]: call 'features.2': mine.relu_.default is not supported",
        "models/model.json.graph_module.graph.nodes[14]: call 'softmax': aten.cumprod.default is not supported",
      ], "\(found)")
  }

  @Test(arguments: [
    // The file's word on shapes is counted on, and checked.
    (
      #""max_pool2d": {"dtype": 7, "sizes": [{"as_int": 1}, {"as_int": 4}"#,
      #""max_pool2d": {"dtype": 7, "sizes": [{"as_int": 1}, {"as_int": 5}"#,
      "the file says that its result has the shape [1, 5, 4, 4], but it has [1, 4, 4, 4]"
    ),
    (#""schema_version": {"major": 8"#, #""schema_version": {"major": 9"#, "schema version 9"),
    (
      #"{"as_tensor": {"name": "image"}}, "kind": 1"#, #"{"as_tensor": {"name": "relu__1"}}, "kind": 1"#,
      "nothing computes \"relu__1\" before it"
    ),
    (
      #""training", "arg": {"as_bool": false}"#, #""training", "arg": {"as_bool": true}"#,
      "is in training mode"
    ),
    (#""train", "arg": {"as_bool": false}"#, #""train", "arg": {"as_bool": true}"#, "is in training mode"),
    (
      #"{"parameter": {"arg": {"name": "p_head_weight"}, "parameter_name": "head.weight"}}"#,
      #"{"parameter": {"arg": {"name": "p_head_weight"}, "parameter_name": "../head"}}"#,
      "the archive has no tensor \"../head\""
    ),
    (
      #""groups", "arg": {"as_int": 2}"#, #""groups", "arg": {"as_int": 3}"#,
      "do not go with 4 channels in 3 groups"
    ),
    (
      #""kernel_size", "arg": {"as_ints": [2, 2]}"#,
      #""kernel_size", "arg": {"as_ints": [4611686018427387904, 2]}"#, "kernel_shape"
    ),
    (
      #""kernel_size", "arg": {"as_ints": [2, 2]}"#, #""kernel_size", "arg": {"as_ints": [2, null]}"#,
      "not what as_ints holds"
    ),
    (
      #""start_dim", "arg": {"as_int": 1}"#, #""start_dim", "arg": {"as_int": -9223372036854775808}"#,
      "there is no axis"
    ),
    (#"{"user_output": {"#, #"{"buffer_mutation": {"buffer_name": "state", "#, "changes state"),
    (#""image": {"dtype": 7"#, #""image": {"dtype": 10"#, "has no shape, or elements that are not supported"),
  ])
  func refused(_ old: String, _ new: String, _ message: String) throws {
    let found = try Self.problems(Self.program, [(old, new)])
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  @Test(arguments: [
    (
      #""sizes": [{"as_int": 5}, {"as_int": 6}]"#, #""sizes": [{"as_int": 5}, {"as_int": 7}]"#,
      "are not in the"
    ),
    (
      #""strides": [{"as_int": 6}, {"as_int": 1}]"#,
      #""strides": [{"as_int": 9223372036854775807}, {"as_int": 1}]"#, "are not in the"
    ),
    (
      #""sizes": [{"as_int": 5}, {"as_int": 6}]"#,
      #""sizes": [{"as_int": 4611686018427387904}, {"as_int": 6}]"#, "are accepted"
    ),
    (
      #""sizes": [{"as_int": 5}, {"as_int": 6}]"#, #""sizes": [{"as_int": -5}, {"as_int": 6}]"#,
      "do not describe a tensor"
    ),
    (
      #""strides": [{"as_int": 6}, {"as_int": 1}], "storage_offset": {"as_int": 0}"#,
      #""strides": [{"as_int": 6}, {"as_int": 1}], "storage_offset": {"as_int": 1}"#, "are not in the"
    ),
    (#""use_pickle": false"#, #""use_pickle": true"#, "a program that is never run"),
    (
      #""path_name": "weight_0""#, #""path_name": "../../../../../etc/passwd""#,
      "the archive has no such entry"
    ),
    (#""dtype": 7"#, #""dtype": 30"#, "a tensor of the type float8"),
  ])
  func weights(_ old: String, _ new: String, _ message: String) throws {
    let found = try Self.problems(Self.weights, [(old, new)])
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  /// Archives of other kinds: older ones with pickles, packages of machine code, several models.
  @Test func archives() throws {
    func found(_ left: String?, _ more: [String], _ bytes: [UInt8] = [0x80, 2]) throws -> [String] {
      try Self.problems("", [], without: left, with: more.map { ($0, bytes) })
    }
    #expect(try found(nil, ["serialized_exported_program.json"])[0].contains("older PyTorch"))
    #expect(try found(nil, ["tagger/data/weights/model.pt"])[0].contains("are a pickle"))
    #expect(try found("models/", ["tagger/data/aotinductor/model/x.so"])[0].contains("has no models"))
    #expect(try found(nil, ["tagger/models/other.json"])[0].contains("has 2 models"))
    #expect(
      try found("byteorder", ["tagger/byteorder"], Array("middle".utf8))[0].contains("neither little nor big")
    )
    let deep = Array(String(repeating: "[", count: 100_000).utf8)
    #expect(try found("models/model.json", ["tagger/models/model.json"], deep)[0].contains("nest"))
    let empty = Array("{}".utf8)
    #expect(try found("models/model.json", ["tagger/models/model.json"], empty)[0].contains("no program"))
  }

  /// A tensor that is changed in place through another view of its memory, and read afterwards.
  @Test func changedViews() throws {
    // flatten is a view; the call in place behind it changes what it shows.
    let found = try Self.problems(
      Self.program,
      [
        ("aten.dropout.default", "aten.relu_.default"),
        (
          #""name": "input", "arg": {"as_tensor": {"name": "flatten"}}"#,
          #""name": "self", "arg": {"as_tensor": {"name": "flatten"}}"#
        ), (#"{"as_tensor": {"name": "softmax"}}}"#, #"{"as_tensor": {"name": "adaptive_avg_pool2d"}}}"#),
      ])
    #expect(found.contains { $0.contains("has changed in place") }, "\(found)")
  }

  /// Seeded damage to the archive as a whole.
  @Test func damage() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pt2").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var random = SeededGenerator(seed: 15)
    for name in ["tagger", "rows", "embedding_core"] {
      let sound = try readFile(tests.appendingPathComponent("LoweringTests/Fixtures/torch/\(name).pt2").path)
      for _ in 0..<60 {
        var damaged = sound
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(
            in: 0...255, using: &random)
        }
        try Data(damaged).write(to: URL(fileURLWithPath: path))
        do { _ = try loadModel(path: path) } catch {
          #expect(error.kind == .badInput && !error.diagnostics.isEmpty)
        }
      }
    }
  }
}
