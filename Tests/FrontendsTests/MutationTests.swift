import Diagnostics
import Foundation
import Frontends
import Model
import Storage
import TestSupport
import Testing

/// Seeded random damage to sound models. Whatever comes of it is a checked model or a `Failure`, never a trap.
@Suite struct MutationTests {
  /// Architectures of all kinds of layers, with their weights.
  static let models =
    [
      ("broken/good.json", "broken/good.h5"), ("keras2/qkeras.json", "keras2/qkeras_weights.h5"),
      ("keras2/sequential.json", "keras2/sequential_weights.h5"), ("keras2/images.keras", nil),
      ("keras2/series.keras", nil), ("keras3/nested.keras", nil), ("keras3/channels_first.keras", nil),
      ("keras3/functional.keras", nil), ("keras3/activations.keras", nil), ("trees/xgb_categories.json", nil),
      ("trees/xgb_vector.json", nil), ("trees/xgb_dart.json", nil), ("trees/lgb_zero.json", nil),
      ("trees/conifer_oblique.json", nil),
    ]
    + ["dense", "table_dense", "attention"].map { ("\(hgq)/\($0).keras", nil as String?) }

  /// HGQ2's files.
  private static let hgq = "../../LoweringTests/Fixtures/hgq"

  @Test(arguments: models) func architectures(_ file: String, _ weights: String?) throws {
    let path = fixture(file)
    let isArchive = file.hasSuffix(".keras")
    let bytes = isArchive ? try ZipArchive(path: path).read("config.json") : try readFile(path)
    let sound = try JSONNode(parsing: bytes, file: file).value
    let image = isArchive ? try ZipArchive(path: path).read("model.weights.h5") : []
    let temporary = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    var random = SeededGenerator(seed: 11)
    var loaded = 0
    for _ in 0..<100 {
      var damaged = sound
      for _ in 0..<Int.random(in: 1...3, using: &random) { damaged = mutated(damaged, &random) }
      let text = Array(written(damaged).utf8)
      if isArchive {
        try writeArchive([("config.json", text), ("model.weights.h5", image)], to: temporary)
      } else {
        try Data(text).write(to: URL(fileURLWithPath: temporary))
      }
      do {
        let model = try loadModel(path: temporary, weights: weights.map { fixture($0) }).model
        check(model)
        if let ensemble = model.layers.last?.kind.ensemble {
          _ = ensemble.margins(Array(repeating: 0.5, count: ensemble.features))
        }
        loaded += 1
      } catch {
        #expect(error.kind == .badInput && !error.diagnostics.isEmpty, "\(error)")
      }
    }
    // Most settings (initializers, …) mean nothing at inference, so that some damage does nothing.
    #expect((1...99).contains(loaded))
  }

  /// Trees in forms that are no JSON, with bytes changed, left out and put in: the text's digits stay digits half of the time.
  @Test(arguments: [
    "trees/xgb_categories.ubj", "trees/lgb_categories.txt", "trees/onnx_forest.onnx", "trees/onnx_modes.onnx",
  ])
  func bytes(_ file: String) throws {
    let sound = try readFile(fixture(file))
    let temporary = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    var random = SeededGenerator(seed: 12)
    var refused = 0
    for _ in 0..<300 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 40))
        case 3, 4, 5:
          bytes[place] =
            (48...57).contains(bytes[place]) ? UInt8.random(in: 48...57, using: &random) : bytes[place] ^ 1
        default: bytes[place] = UInt8.random(in: 0...255, using: &random)
        }
      }
      try Data(bytes).write(to: URL(fileURLWithPath: temporary))
      do {
        let model = try loadModel(path: temporary).model
        check(model)
        for layer in model.layers {
          guard let ensemble = layer.kind.ensemble else { continue }
          _ = ensemble.margins(Array(repeating: 0.5, count: ensemble.features))
        }
      } catch {
        refused += 1
        #expect([.badInput, .missingInput].contains(error.kind) && !error.diagnostics.isEmpty, "\(error)")
      }
    }
    #expect(refused > 10)
  }

  /// PyTorch programs: damage to the graph, and to the description of the weights.
  @Test(arguments: ["models/model.json", "data/weights/model_weights_config.json"])
  func programs(_ entry: String) throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let path = tests.appendingPathComponent("LoweringTests/Fixtures/torch/tagger.pt2").path
    let archive = try ZipArchive(path: path)
    let entries = try archive.entryNames.map { ($0, try archive.read($0)) }
    let place = try #require(entries.firstIndex { $0.0 == "tagger/\(entry)" })
    let sound = try JSONNode(parsing: entries[place].1, file: path).value
    let temporary = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    var random = SeededGenerator(seed: 12)
    var loaded = 0
    for _ in 0..<150 {
      var (damaged, written) = (sound, entries)
      for _ in 0..<Int.random(in: 1...3, using: &random) { damaged = mutated(damaged, &random) }
      written[place].1 = Array(self.written(damaged).utf8)
      try writeArchive(written.map { (name: $0.0, bytes: $0.1) }, to: temporary)
      do {
        check(try loadModel(path: temporary).model)
        loaded += 1
      } catch {
        #expect(error.kind == .badInput && !error.diagnostics.isEmpty, "\(error)")
      }
    }
    #expect((1...149).contains(loaded))
  }

  /// What every loaded model promises.
  private func check(_ model: Model) {
    #expect(Set(model.layers.map(\.name)).count == model.layers.count)
    for (index, layer) in model.layers.enumerated() {
      #expect(layer.inputs.allSatisfy { $0.layer < index })
      #expect(layer.outputShape.allSatisfy { $0 > 0 })
    }
    #expect(!model.outputs.isEmpty && !model.inputs.isEmpty)
  }

  /// The value with one random part of it replaced or removed.
  private func mutated(_ value: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
    let strange: [JSONValue] = [
      .null, .bool(false), .integer(-1), .integer(0), .integer(1), .integer(2), .integer(1_000_000_000),
      .integer(Int.max), .integer(Int.min), .number(0.5), .number(.nan), .number(.infinity), .string(""),
      .string("channels_first"), .string("Dense"), .string("same"), .array([]),
      .array([.integer(3), .integer(3)]),
      .object(JSONObject()),
    ]
    if Int.random(in: 0..<12, using: &random) == 0 { return strange.randomElement(using: &random) ?? .null }
    switch value {
    case .array(var elements) where !elements.isEmpty:
      let index = Int.random(in: elements.indices, using: &random)
      switch Int.random(in: 0..<20, using: &random) {
      case 0: elements.remove(at: index)
      case 1: elements.append(elements[index])
      case 2: elements.swapAt(index, 0)
      default: elements[index] = mutated(elements[index], &random)
      }
      return .array(elements)
    case .object(var object):
      guard let key = object.keys.randomElement(using: &random), let member = object[key] else {
        return value
      }
      object[key] = Int.random(in: 0..<20, using: &random) == 0 ? nil : mutated(member, &random)
      return .object(object)
    default: return strange.randomElement(using: &random) ?? .null
    }
  }

  private func written(_ value: JSONValue) -> String {
    switch value {
    case .null: return "null"
    case .bool(let bool): return "\(bool)"
    case .integer(let integer): return "\(integer)"
    case .number(let number):
      return number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : "\(number)"
    case .string(let string): return quoted(string)
    case .array(let elements): return "[" + elements.map(written).joined(separator: ",") + "]"
    case .object(let object):
      return "{" + object.keys.map { "\(quoted($0)):\(written(object[$0] ?? .null))" }.joined(separator: ",")
        + "}"
    }
  }

  private func quoted(_ string: String) -> String {
    let escaped = string.unicodeScalars.map { scalar -> String in
      scalar == "\"" || scalar == "\\"
        ? "\\\(scalar)"
        : scalar.value < 0x20
          ? "\\u00\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))" : "\(scalar)"
    }
    return "\"\(escaped.joined())\""
  }
}
