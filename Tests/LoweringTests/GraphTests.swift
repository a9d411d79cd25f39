import Configuration
import DataFiles
import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Frontends
import Lowering
import Model
import Program
import Testing

/// Attention, normalizations over other axes, sorting and graphs of Keras 3 under the exact policy, against Keras
/// (Fixtures/graphs, made by Fixtures/make_graphs.py).
@Suite struct GraphTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent(
      "Fixtures/graphs"
    ).path

  private static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".keras") }
    .map {
      String($0.dropLast(".keras".count))
    }.sorted()

  /// Models that choose and move numbers and compute nothing: every word is Keras's.
  private static let moving: Set = ["sorting", "parts"]

  /// Words of particles whose second nearest neighbour and third are equally far to a step of a word of 16 bits: here another one
  /// is chosen than in float32. (Three particles of 192; the distances differ by 0.0002 to 0.001.)
  private static let otherNeighbours = ["edge_conv": 9]

  @Test func filesAreThere() { #expect(Self.names.count >= 20) }

  @Test(arguments: names) func equalsKeras(_ name: String) throws {
    let model = try loadModel(path: "\(Self.folder)/\(name).keras").model
    #expect(!model.isQuantized)
    let inputs = try model.inputs.indices.map {
      try EventReader("\(Self.folder)/\(name).npz:in\($0)").readAll().reals
    }
    let expected = try EventReader("\(Self.folder)/\(name).npz:out0").readAll().reals
    let magnitude = expected.map(abs).max() ?? 0
    #expect(magnitude > 0.05)
    let float = try frameworkOutputs(model, inputs)[0]
    try #require(float.count == expected.count)
    #expect(zip(float, expected).allSatisfy { abs($0 - $1) <= 1e-5 * magnitude }, "double precision")

    let lowered = try lowerExactly(model, ExactOptions(calibration: inputs))
    let got = try Emulator(lowered.program).values(inputs.map { .float64($0) })[0]
    try #require(got.count == expected.count)
    let bound = Self.moving.contains(name) ? 0 : 0.004 * magnitude
    let far = zip(got, expected).count { abs($0 - $1) > bound }
    #expect(far <= Self.otherNeighbours[name, default: 0], "\(far) of \(got.count) words are off")

    // The interpreter, which is the definition, on some events.
    let program = lowered.program
    let count = program[program.outputs[0]].type.count
    for event in 0..<3 {
      let words = zip(program.inputs, inputs).map { id, values in
        let type = program[id].type
        return (0..<type.count).map { type.format.quantize(values[event * type.count + $0]) }
      }
      let result = program.evaluate(words)[program.outputs[0].index]
      let format = program[program.outputs[0]].type.format
      #expect(result.map { format.value(of: $0) } == Array(got[event * count..<(event + 1) * count]))
    }
  }

  /// hls4ml has no converter for any of these: refused by name, once.
  @Test(arguments: [
    ("mha_self.keras", "MultiHeadAttention"), ("edge_conv.keras", "Matmul"), ("sorting.keras", "TopK"),
    ("root_norms.keras", "RMSNormalization"), ("root_norms.keras", "UnitNormalization"),
    ("root_norms.keras", "GroupNormalization"), ("attention_groups.keras", "GroupQueryAttention"),
    ("attention_scores.keras", "AdditiveAttention"), ("masked.keras", "Masking"), ("masked.keras", "Any"),
    ("masked_chain.keras", "Masking"), ("../exact/f_masked.json", "Masking"),
    ("../exact/f_local.json", "LocallyConnected1D"), ("../exact/f_local.json", "LocallyConnected2D"),
  ])
  func hls4mlHasNone(_ file: String, _ title: String) throws {
    let model = try loadModel(path: "\(Self.folder)/\(file)").model
    let failure = #expect(throws: Failure.self) { try lowerAsHLS4ML(model, Configuration()) }
    let messages = failure?.diagnostics.map(\.message) ?? []
    #expect(
      messages.filter { $0 == "\(title): hls4ml 1.3.0 has no converter for it" }.count >= 1, "\(messages)")
  }

  /// A number to mask with that no word of the input is would mask nothing.
  @Test func maskValuesAreWords() throws {
    let model = try loadModel(path: "\(Self.folder)/masked.keras").model
    let failure = #expect(throws: Failure.self) {
      try lowerExactly(model, ExactOptions(inputFormats: [FixedFormat(8, 4, signed: false)]))
    }
    let text = failure?.description ?? ""
    #expect(text.contains("its mask value -1.0 is none of the words of what it reads, of 8 bits"), "\(text)")
  }

  // MARK: GarNet

  private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appendingPathComponent("ConformanceTests/Golden").path

  /// GarNet's own formula, vertex by vertex, on the vertices that exist.
  private static func garNet(_ net: GarNet, _ vertices: [[Double]], _ count: Int) -> [Double] {
    /// As QKeras's ternary(alpha=1, threshold=0.5) makes it, where there is a quantizer.
    func number(_ value: Double, _ quantizer: Quantizer?) -> Double {
      quantizer == nil ? value : abs(value) >= 0.5 ? (value < 0 ? -1 : 1) : 0
    }
    func dense(_ dense: Dense, _ x: [Double]) -> [Double] {
      let width = dense.kernel.shape[1]
      return (0..<width).map { column in
        x.indices.reduce(dense.bias.map { number($0.values[column], dense.biasQuantizer) } ?? 0) {
          $0 + x[$1] * number(dense.kernel.values[$1 * width + column], dense.kernelQuantizer)
        }
      }
    }
    let places = Double(vertices.count)
    var data = Array(vertices.prefix(count))
    for pass in net.passes {
      let weights = data.map { dense(pass.distances, $0).map { exp(-$0 * $0) } }
      let features = data.map { dense(pass.features, $0) }
      let mean = net.meansByCount ? Double(count) : places
      let aggregated = (0..<pass.distances.kernel.shape[1]).map { s in
        (0..<pass.features.kernel.shape[1]).map { p in
          data.indices.reduce(0.0) { $0 + weights[$1][s] * features[$1][p] } / mean
        }
      }
      data = data.indices.map { v in
        dense(pass.outputs, aggregated.enumerated().flatMap { s, row in row.map { weights[v][s] * $0 } })
      }
    }
    return data[0].indices.map { output in
      data.reduce(0) { $0 + $1[output] } / (net.meansByCount ? Double(count) : places)
    }
  }

  @Test(arguments: ["garnet_reuse1", "garnet_by_count", "garnet_stack", "garnet_stack3", "garnet_ternary"])
  func garNets(_ name: String) throws {
    let folder = "\(Self.golden)/\(name)"
    let model = try loadModel(path: "\(folder)/model.json").model
    let layer = try #require(model.layers.last)
    guard case .garNet(let net) = layer.kind else { throw Failure(.bug, "no GarNet") }
    let inputs = try (0..<2).map { try EventReader("\(folder)/inputs_\($0).npy").readAll().reals }
    let (vertices, features) = (model.layers[0].outputShape[0], model.layers[0].outputShape[1])
    let expected = inputs[1].enumerated().flatMap { event, count in
      let rows = (0..<vertices).map { row in
        Array(inputs[0][(event * vertices + row) * features..<(event * vertices + row + 1) * features])
      }
      return Self.garNet(net, rows, Int(count))
    }
    let float = try frameworkOutputs(model, inputs)[0]
    #expect(zip(float, expected).allSatisfy { abs($0 - $1) < 1e-9 } && float.count == expected.count)
    let lowered = try lowerExactly(
      model,
      ExactOptions(
        calibration: inputs, inputFormats: [FixedFormat(16, 5, .rnd, .sat), FixedFormat(8, 8, signed: false)])
    )
    let got = try Emulator(lowered.program).values(inputs.map { .float64($0) })[0]
    let magnitude = expected.map(abs).max() ?? 1
    let worst = zip(got, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= 0.004 * magnitude, "off by \(worst) of \(magnitude)")
  }
}
