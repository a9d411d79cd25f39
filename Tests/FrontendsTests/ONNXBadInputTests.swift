import Diagnostics
import Foundation
import Model
import Storage
import TestSupport
import Testing

@testable import Frontends

/// ONNX files that are wrong, unsupported or hostile: refused with every problem, its node and its place, and never a trap.
@Suite struct ONNXBadInputTests {
  // MARK: Protocol buffers by hand

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    varint(UInt64(number << 3 | 2)) + varint(UInt64(bytes.count)) + bytes
  }

  private static func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  private static func field(_ number: Int, _ value: Int) -> [UInt8] {
    varint(UInt64(number << 3)) + varint(UInt64(bitPattern: Int64(value)))
  }

  private static func node(_ operation: String, _ inputs: [String], _ outputs: [String], _ more: [UInt8] = [])
    -> [UInt8]
  {
    field(
      1,
      inputs.flatMap { field(1, $0) } + outputs.flatMap { field(2, $0) } + field(3, "n_\(outputs[0])")
        + field(4, operation) + more)
  }

  private static func integers(_ name: String, _ values: [Int]) -> [UInt8] {
    field(5, field(1, name) + values.flatMap { field(8, $0) } + field(20, 7))
  }

  private static func tensor(_ name: String, _ shape: [Int], type: Int = 1, _ more: [UInt8] = []) -> [UInt8] {
    field(5, shape.flatMap { field(1, $0) } + field(2, type) + field(8, name) + more)
  }

  private static func whole(_ name: String, _ values: [Int]) -> [UInt8] {
    tensor(name, [values.count], type: 7, values.flatMap { field(7, $0) })
  }

  private static func input(_ shape: [Int]) -> [UInt8] {
    let axes = shape.flatMap { field(1, field(1, $0)) }
    return field(11, field(1, "x") + field(2, field(1, field(1, 1) + field(2, axes))))
  }

  private static func model(
    _ parts: [UInt8]..., input shape: [Int] = [1, 4], output: String = "y", opset: Int = 13
  ) -> [UInt8] {
    let graph = parts.joined() + field(2, "g") + input(shape) + field(12, field(1, output))
    return field(1, 8) + field(7, graph) + field(8, field(2, opset))
  }

  /// An attribute that nothing reads is told of; the model loads.
  @Test func anAttributeWithoutEffect() throws {
    let bytes = Self.model(
      Self.node("Relu", ["x"], ["a"], Self.integers("axis", [1])),
      Self.node("Relu", ["a"], ["b"], Self.integers("axis", [1])),
      Self.node(
        "Flatten", ["b"], ["y"], Self.field(5, Self.field(1, "axes") + Self.field(3, 1) + Self.field(20, 2))))
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).onnx")
    try Data(bytes).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    #expect(
      try loadModel(path: path.path).notes.map { "\($0.message)\($0.hint.map { " — \($0)" } ?? "")" } == [
        "Relu 'n_a': axis is no attribute of Relu that is read: it has no effect",
        "Flatten 'n_y': axes is no attribute of Flatten that is read: it has no effect — did you mean axis?",
      ])
  }

  private static func problems(_ bytes: [UInt8], file: String = "m.onnx", in folder: String? = nil) throws
    -> [String]
  {
    let home =
      folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    defer { if folder == nil { try? FileManager.default.removeItem(atPath: home) } }
    let path = "\(home)/\(file)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    do {
      let model = try loadModel(path: path).model
      #expect(!model.layers.isEmpty)
      return []
    } catch {
      #expect(error.kind == .badInput || error.kind == .missingInput)
      return error.diagnostics.map { "\($0.place ?? ""): \($0.message)" }
    }
  }

  // MARK: What is said

  @Test func soundModel() throws {
    #expect(try Self.problems(Self.model(Self.node("Relu", ["x"], ["y"]))) == [])
  }

  @Test func everyUnsupportedNodeAtOnce() throws {
    let bytes = Self.model(
      Self.node("Loop", ["x"], ["a"]), Self.node("Relu", ["a"], ["b"]),
      Self.node("QLinearConv", ["b"], ["y"]),
      Self.node("NoSuchThing", ["x"], ["unused"]))
    #expect(
      try Self.problems(bytes) == [
        "graph.node[0]: node 'n_a': the operation Loop is not supported",
        "graph.node[2]: node 'n_y': the operation QLinearConv is not supported",
      ])
  }

  @Test func cycle() throws {
    let bytes = Self.model(Self.node("Add", ["x", "y"], ["a"]), Self.node("Relu", ["a"], ["y"]))
    #expect(
      try Self.problems(bytes) == [
        "graph.node[0]: node 'n_a' and 1 others depend on themselves: the graph has a cycle"
      ])
  }

  @Test(arguments: [
    ("missing", "nothing computes its input \"z\""), ("twice", "\"y\" is computed already"),
    ("nowhere", "nothing computes the output \"q\""), ("opset", "the model is of opset 99"),
    ("dynamic", "has no fixed length along axis 1"), ("constant", "does not depend on the input"),
  ])
  func graphs(_ name: String, _ message: String) throws {
    let relu = Self.node("Relu", ["x"], ["y"])
    let bytes =
      switch name {
      case "missing": Self.model(Self.node("Add", ["x", "z"], ["y"]))
      case "twice": Self.model(relu, Self.node("Tanh", ["y"], ["y"]))
      case "nowhere": Self.model(relu, output: "q")
      case "opset": Self.model(relu, opset: 99)
      case "dynamic": Self.model(relu, input: [1, 0])
      default: Self.model(Self.whole("c", [1]), Self.node("Neg", ["c"], ["y"]))
      }
    let found = try Self.problems(bytes)
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  // MARK: Hostile

  /// Numbers that overflow or would take all memory: refused before anything of the size is made.
  @Test(arguments: [
    [1 << 40, 1 << 40], [1 << 62, 4], [-1], [1 << 24, 1 << 24], Array(repeating: 1, count: 40), [3],
  ])
  func tensorShapes(_ shape: [Int]) throws {
    #expect(
      !(try Self.problems(Self.model(Self.tensor("w", shape), Self.node("Add", ["x", "w"], ["y"])))).isEmpty)
  }

  @Test(arguments: [
    ("Reshape", [1 << 62, 4]), ("Reshape", [-1, -1]), ("Reshape", [Int.min]),
    ("Expand", [1, 1 << 20, 1 << 20, 4]),
    ("Expand", [Int.max]), ("Tile", [1, 1 << 40]), ("Tile", [1, -3]), ("Pad", [0, 1 << 60, 0, 1 << 60]),
    ("Pad", [0, -9, 0, -9]), ("Unsqueeze", [0, 0]), ("Unsqueeze", [Int.max]), ("Squeeze", [1]),
    ("ConstantOfShape", [1 << 40]),
  ])
  func shapeArguments(_ operation: String, _ values: [Int]) throws {
    let reads = operation == "ConstantOfShape" ? ["s"] : ["x", "s"]
    let bytes = Self.model(
      Self.whole("s", values), Self.node(operation, reads, ["t"]), Self.node("Add", ["t", "x"], ["y"]))
    #expect(!(try Self.problems(bytes)).isEmpty)
  }

  @Test(arguments: [
    ("kernel_shape", [1 << 60, 1]), ("strides", [0, 1]), ("dilations", [1 << 40, 1]),
    ("pads", [-1, 0, 0, 0]),
    ("pads", [1 << 40, 0, 0, 0]), ("kernel_shape", [1 << 20, 1 << 20]),
  ])
  func windows(_ name: String, _ values: [Int]) throws {
    let size = name == "kernel_shape" ? [] : Self.integers("kernel_shape", [2, 2])
    let bytes = Self.model(
      Self.node("MaxPool", ["x"], ["y"], size + Self.integers(name, values)), input: [1, 1, 4, 4])
    #expect(!(try Self.problems(bytes)).isEmpty)
  }

  @Test func deepNesting() throws {
    // A graph in an attribute of a node of a graph in …
    var graph = Self.node("Relu", ["x"], ["y"])
    for _ in 0..<3000 {
      graph = Self.node(
        "If", ["x"], ["y"], Self.field(5, Self.field(1, "g") + Self.field(6, graph) + Self.field(20, 5)))
    }
    let found = try Self.problems(Self.field(1, 8) + Self.field(7, graph))
    #expect(found.count == 1 && found[0].contains("nests deeper"), "\(found)")
  }

  @Test func manyMessages() throws {
    let nodes = [UInt8](repeating: 0, count: 2 << 20).enumerated().map {
      $0.offset % 2 == 0 ? UInt8(0x0a) : 0
    }
    let found = try Self.problems(Self.field(1, 8) + Self.field(7, nodes))
    #expect(found.count == 1 && found[0].contains("messages"), "\(found)")
    // Fewer, each a node.
    let some = (0..<30_000).flatMap { _ in Self.node("Relu", ["x"], ["y"]) }
    #expect(try Self.problems(Self.model(some)).contains { $0.contains("30000 nodes") })
  }

  /// External data: read beside the model, and nowhere else.
  @Test func externalData() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: folder + "/inside/below", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let data = Data([0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64])
    for place in ["w", "inside/w", "inside/below/w"] {
      try data.write(to: URL(fileURLWithPath: "\(folder)/\(place)"))
    }
    try FileManager.default.createSymbolicLink(atPath: folder + "/inside/link", withDestinationPath: "../w")
    func found(_ location: String, _ more: [(String, String)] = []) throws -> [String] {
      let entries = ([("location", location)] + more).flatMap {
        Self.field(13, Self.field(1, $0.0) + Self.field(2, $0.1))
      }
      let bytes = Self.model(
        Self.tensor("w", [4], entries + Self.field(14, 1)), Self.node("Add", ["x", "w"], ["y"]))
      return try Self.problems(bytes, in: folder + "/inside")
    }
    #expect(try found("w") == [])
    #expect(try found("below/w") == [])
    for bad in [
      "../w", folder + "/w", "below/../../w", "link", "", "/etc/passwd", "missing", "below", "a\\b",
    ] {
      #expect(!(try found(bad)).isEmpty, "\(bad)")
    }
    #expect(!(try found("w", [("offset", "4")])).isEmpty)
    #expect(!(try found("w", [("offset", "9223372036854775807"), ("length", "16")])).isEmpty)
    #expect(!(try found("w", [("length", "-1")])).isEmpty)
  }

  /// Seeded damage to sound files, and files cut short.
  @Test(arguments: [
    "convolutions", "pools", "moves", "functions", "rounding", "scales", "qdq", "attention", "groups",
  ])
  func damage(_ name: String) throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let sound = try readFile(tests.appendingPathComponent("LoweringTests/Fixtures/onnx/\(name).onnx").path)
    var random = SeededGenerator(seed: 15)
    for _ in 0..<300 {
      var damaged = sound
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
        case 1: damaged.remove(at: place)
        case 2: damaged.insert(UInt8.random(in: 0...255, using: &random), at: place)
        default: damaged.removeLast(Int.random(in: 0..<min(40, damaged.count), using: &random))
        }
      }
      _ = try Self.problems(damaged)
    }
  }
}
