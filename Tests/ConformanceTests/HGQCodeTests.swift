import DataFiles
import Foundation
import Frontends
import GoldenSupport
import HLSTestSupport
import Lowering
import Program
import Scheduling
import Testing

/// The C++ emitted for models of HGQ2, under g++ on the vendor's headers, against Keras's numbers
/// (Tests/LoweringTests/Fixtures/hgq, made by make_hgq.py there).
@Suite("HGQ2's models in C++")
struct HGQCodeTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("LoweringTests/Fixtures/hgq").path

  /// Four designs to a compilation.
  static let batches: [(IOType, [String])] = [
    (.parallel, ["dense", "conv", "einsum", "merge"]),
    (.parallel, ["softmax", "attention", "table_dense", "normalized"]),
    (.stream, ["dense", "conv", "softmax", "sums"]),
  ]

  @Test(
    "The emitted C++ gives Keras's numbers",
    .enabled(if: ExecutorVectorTests.apTypes != nil, "no ap_types headers: make ap-types"), arguments: batches
  )
  func equalsKeras(io: IOType, names: [String]) throws {
    let models = try names.map { try loadModel(path: "\(Self.folder)/\($0).keras").model }
    let programs = try models.map { try lowerExactly($0).program }
    let request = ScheduleRequest(
      target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125), ioType: io)
    let batch = try Batch(
      try programs.map { try schedule($0, request) }, apTypes: try #require(ExecutorVectorTests.apTypes),
      traces: false)
    for (number, name) in names.enumerated() {
      let program = programs[number]
      func arrays(_ key: String, _ count: Int) throws -> [(events: Int, values: [Double])] {
        try (0..<count).map {
          let array = try EventReader("\(Self.folder)/\(name).npz:\(key)\($0)").readAll()
          return (array.events, array.reals)
        }
      }
      let inputs = try arrays("in", program.inputs.count)
      let outputs = try arrays("out", program.outputs.count)
      let events = inputs[0].events
      let found = try batch.run(number, (0..<events).map { program.words(of: $0, in: inputs) })
      try #require(found.count == events && events > 0, "\(name)")
      for event in 0..<events {
        var rest = found[event][...]
        for (id, expected) in zip(program.outputs, outputs) {
          let type = program[id].type
          let values = rest.prefix(type.count).map { type.format.value(of: $0) }
          rest = rest.dropFirst(type.count)
          #expect(
            values == Array(expected.values[event * type.count..<(event + 1) * type.count]),
            "\(name), event \(event)")
        }
      }
    }
  }
}
