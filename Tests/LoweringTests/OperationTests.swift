import Configuration
import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Frontends
import Lowering
import Model
import Program
import Storage
import Testing

/// Models of `keras.ops` against what Keras computes (FrontendsTests/Fixtures/make_ops.py), under both policies.
@Suite struct OperationTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appendingPathComponent("FrontendsTests/Fixtures/ops").path

  private static let expected = (try? JSONNode(contentsOf: folder + "/expected.json"))?.members ?? []

  private static func numbers(_ node: JSONNode?) -> [Double] { node?.elements?.compactMap(\.number) ?? [] }

  /// The reciprocal of 6 is no number of few bits: what averages over 6 or 3 words is right to a step of the result.
  private static let inexact: Set = ["mean_last"]

  @Test func theModelsAreThere() { #expect(Self.expected.count >= 30) }

  @Test(arguments: expected.map(\.key)) func equalsKeras(_ name: String) throws {
    let test = try #require(Self.expected.first { $0.key == name }?.node)
    let (input, output) = (Self.numbers(test["input"]), Self.numbers(test["output"]))
    let model = try loadModel(path: "\(Self.folder)/\(name).keras").model
    #expect(model.shape(of: model.outputs[0]) == Self.numbers(test["shape"]).map { Int($0) })
    #expect(!model.isQuantized)
    let float = try frameworkOutputs(model, [input])[0]
    #expect(zip(float, output).allSatisfy { abs($0 - $1) < 1e-6 } && float.count == output.count)

    let exact = try lowerExactly(model, ExactOptions(wordLength: 20, inputFormats: [FixedFormat(12, 4)]))
    var configuration = Configuration()
    configuration.model.precision["default"] = .format(FixedFormat(32, 12))
    let hls = try lowerAsHLS4ML(model, configuration)
    for (policy, program) in [("exact", exact.program), ("hls4ml", hls.program)] {
      let found = try Emulator(program).values([.float64(input)])[0]
      let step = program[program.outputs[0]].type.format.value(of: 1)
      let bound = Self.inexact.contains(name) ? 8 * max(step, 1e-5) : 0
      #expect(
        zip(found, output).allSatisfy { abs($0 - $1) <= bound } && found.count == output.count,
        "\(policy): \(found)")
    }
  }

  /// An operation that is not read is refused as what it is: an operation, not the layer of its name.
  @Test(arguments: [
    (
      "batch",
      "the operation Reshape of keras.ops of [4, 6] to [4], which moves words from one event to another, is not supported "
        + "(node \"reshape\")"
    ),
    (
      "over_all",
      "the operation Mean of keras.ops over all axes, the batch among them, is not supported (node \"mean\")"
    ),
    ("sine", "the operation Sin of keras.ops is not supported (node \"sin\")"),
  ])
  func refuses(_ name: String, _ message: String) {
    let failure = #expect(throws: Failure.self) { try loadModel(path: "\(Self.folder)/\(name).keras") }
    #expect(failure?.kind == .badInput)
    #expect(failure?.diagnostics.map(\.message) == [message])
  }
}
