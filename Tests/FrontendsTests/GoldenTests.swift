import Diagnostics
import Foundation
import Frontends
import Model
import Storage
import Testing

/// Every golden case's model is read, with outputs of the shape hls4ml's outputs have, or refused for a
/// reason listed here.
@Suite struct GoldenTests {
  /// The classes each refused case is refused for.
  static let refused: [String: Set<String>] = [
    "s_gru": ["GRU"],
    "s_gru_auto": ["GRU"],
    "s_lstm": ["LSTM"],
    "s_lstm_seq": ["LSTM"],
    "s_lstm_stream__stream": ["LSTM"],
  ]

  static let cases: [String] =
    goldenFolder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path).sorted() }?
    .filter { !$0.hasSuffix(".md") } ?? []

  @Test(.enabled(if: goldenFolder != nil, "no golden cases at ../shared/golden"), arguments: cases)
  func loadsOrIsRefused(_ name: String) throws {
    let folder = try #require(goldenFolder).appendingPathComponent(name)
    let description = try JSONNode(contentsOf: folder.appendingPathComponent("case.json").path)
    let file = folder.appendingPathComponent(try #require(description["model"]?.string)).path
    if let classes = GoldenTests.refused[name] {
      let failure = #expect(throws: Failure.self) { try loadModel(path: file) }
      let expected = classes.map { "layers of class \($0) are not supported" }
      for problem in failure?.diagnostics ?? [] {
        #expect(expected.contains { problem.message.hasPrefix($0) }, "\(problem)")
        #expect(problem.place?.hasSuffix(".class_name") == true)
      }
      return
    }
    let model = try loadModel(path: file).model
    let outputs = description["outputs_float"]?.elements?.compactMap(\.string) ?? []
    #expect(model.outputs.count == outputs.count)
    for (result, output) in zip(model.outputs, outputs) {
      let shape = try npyShape(folder.appendingPathComponent(output))
      #expect(model.shape(of: result) == Array(shape.dropFirst()), "\(output)")
    }
    let inputs = description["inputs"]?.elements?.compactMap(\.string) ?? []
    #expect(model.inputs.count == inputs.count)
    for (index, input) in zip(model.inputs, inputs) {
      let shape = try npyShape(folder.appendingPathComponent(input))
      #expect(model.layers[index].outputShape == Array(shape.dropFirst()), "\(input)")
    }
  }

  /// The shape in an .npy header: `'shape': (1000, 5), `.
  private func npyShape(_ url: URL) throws -> [Int] {
    let header = String(decoding: try readStart(url.path, count: 256), as: UTF8.self)
    let shape = try #require(header.split(separator: "'shape': (").last?.split(separator: ")").first)
    return shape.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
  }
}
