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

  /// The project as experiments publish theirs: in a folder of a folder, weights of all layers in one header, an old version of the
  /// top function and of the weights left beside it, something that wraps it for software, prints between its layers.
  private static func rearranged(_ name: String, into folder: String) throws {
    let manager = FileManager.default
    let network = "\(folder)/v2/NN"
    try manager.createDirectory(atPath: "\(folder)/v2", withIntermediateDirectories: true)
    try manager.copyItem(atPath: "\(root)/\(name)/firmware", toPath: network)
    func edit(_ file: String, _ change: (String) -> String) throws {
      let path = "\(network)/\(file)"
      let text = manager.fileExists(atPath: path) ? try String(contentsOfFile: path, encoding: .utf8) : ""
      try change(text).write(toFile: path, atomically: true, encoding: .utf8)
    }
    var weights = ""
    for file in try manager.contentsOfDirectory(atPath: "\(network)/weights").sorted()
    where file.hasSuffix(".h") {
      weights += try String(contentsOfFile: "\(network)/weights/\(file)", encoding: .utf8)
    }
    try edit("weights.h") { _ in "#include \"defines.h\"\n" + weights }
    try edit("parameters.h") { text in
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let kept = lines.filter { !$0.hasPrefix("#include \"weights/") }.joined(separator: "\n")
      return kept.replacing("#include \"ap_int.h\"", with: "#include \"ap_int.h\"\n#include \"weights.h\"")
    }
    try edit("old.cpp") { _ in
      "#include \"old.h\"\nvoid old(int x[2], int y[2]) { nnet::relu<int, int, config>(x, y); }\n"
    }
    try edit("myproject.cpp") { text in
      text.replacing(
        "\n    nnet::",
        with: "\n    for (int i = 0; i < 2; ++i) { std::cout << i << std::endl; }\n    nnet::")
    }
    let wrapper = "#include \"NN/myproject.h\"\nclass Wrapper : public Model { int x[2]; };\n"
    try wrapper.write(toFile: "\(folder)/v2/emulator.cpp", atomically: true, encoding: .utf8)
  }

  @Test(
    "Rearranged as experiments do it, every word is the same",
    arguments: ["0.8.1_mlp", "1.0.0_mlp_namespace", "1.3.0_mlp", "1.3.0_mlp_roundings"])
  func rearranged(name: String) throws {
    let folder = NSTemporaryDirectory() + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.rearranged(name, into: folder)
    let imported = try loadModel(path: folder)
    #expect(imported.notes.count == 1)
    let program = try lowerAsHLS4ML(imported.model, try #require(imported.configuration)).program
    let (inputs, outputs) = (try Self.arrays(name, "inputs"), try Self.arrays(name, "outputs"))
    let found = try Emulator(program).values(inputs.map { .float64($0.values) })
    #expect(found == outputs.map(\.values))
  }

  /// 64 positions in four turns are hls4ml's `ParallelizationFactor: 16`: they decide the hardware, and no bit.
  @Test("A convolution takes as many turns as its project says", arguments: [(64, 1), (4, 16)])
  func turns(partitions: Int, atOnce: Int) throws {
    let folder = NSTemporaryDirectory() + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(atPath: "\(Self.root)/1.3.0_conv2d", toPath: folder)
    let path = "\(folder)/firmware/parameters.h"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("n_partitions = 64", with: "n_partitions = \(partitions)")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let imported = try loadModel(path: folder)
    let settings = try #require(imported.configuration)
    let convolution = try #require(
      imported.model.layers.first {
        if case .convolution = $0.kind { $0.outputShape.prefix(2) == [8, 8] } else { false }
      })
    #expect(settings.layerNames[convolution.name]?.parallelizationFactor == atOnce)
    // Turns that leave out some of the positions leave them as memory was.
    try text.replacing("n_pixels = out_height * out_width / n_partitions", with: "n_pixels = 3")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let failure = #expect(throws: Failure.self) { try loadModel(path: folder) }
    let messages = failure?.diagnostics.map(\.message) ?? []
    #expect(
      messages.contains { $0.contains("64 partitions of 3 pixels are not its 64 outputs") }, "\(messages)")
  }
}
