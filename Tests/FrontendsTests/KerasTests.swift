import Diagnostics
import Foundation
import Model
import Storage
import Testing

@testable import Frontends

/// Models that Keras 2.15, Keras 3 and QKeras wrote (Fixtures/make.py), against what they say about them.
@Suite struct KerasTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let folder: String
    let name: String
    let file: String
    let expected: JSONNode

    var testDescription: String { "\(folder)/\(file)" }
  }

  static let cases: [Case] = ["keras2", "keras3"].flatMap { folder -> [Case] in
    let expected = try? JSONNode(contentsOf: fixture("\(folder)/expected.json"))
    return (expected?.members ?? []).flatMap { name, node in
      (node["files"]?.elements ?? []).compactMap(\.string).map {
        Case(folder: folder, name: name, file: $0, expected: node)
      }
    }
  }

  @Test func casesAreThere() { #expect(KerasTests.cases.count == 26) }

  /// Every layer of Keras's is there, under its name, with its shape and weights.
  @Test(arguments: cases) func layers(_ test: Case) throws {
    let model = try loadModel(path: fixture("\(test.folder)/\(test.file)")).model
    for expected in try #require(test.expected["layers"]?.elements) {
      let name = try #require(expected["name"]?.string)
      let className = try #require(expected["class"]?.string)
      // A name the outermost model has too gets the nested model's name before it; a pruned layer has its own.
      var names = className == "PruneLowMagnitude" ? ["fc"] : [name]
      if let owner = expected["owner"]?.string { names.insert("\(owner)_\(name)", at: 0) }
      let found = names.lazy.compactMap { name in model.layers.first { $0.name == name } }.first
      let layer = try #require(found, "\(name)")
      let shape = try #require(expected["shape"]?.elements).compactMap(\.integer)
      // Channels-first results are kept channels last inside.
      #expect(
        test.name == "channels_first"
          ? layer.outputShape.sorted() == shape.sorted() : layer.outputShape == shape)
      let weights = weights(of: layer.kind)
      let checksums = try #require(expected["weights"])
      for (variable, weight) in weights where variable != "alpha" {
        // Versions of Keras call a depthwise kernel differently.
        if weights.count > checksums.members?.count ?? 0, checksums[variable] == nil { continue }
        let expected = try #require(checksums[variable]?.number, "\(name) \(variable)")
        let sum = weight.values.enumerated().reduce(0) { $0 + $1.element * Double($1.offset % 7 + 1) }
        #expect(abs(sum - expected) <= 1e-9 * max(1, abs(expected)), "\(name) \(variable)")
      }
      let extra: Set = ["iteration", "mask", "threshold", "pruning_step", "alpha"]
      #expect(
        (checksums.members ?? []).allSatisfy { weights[$0.key] != nil || extra.contains($0.key) }, "\(name)")
    }
    #expect(!model.layers.contains { ["Dropout", "GaussianNoise"].contains($0.className) })
  }

  /// The results equal Keras's.
  @Test(arguments: cases) func results(_ test: Case) throws {
    let model = try loadModel(path: fixture("\(test.folder)/\(test.file)")).model
    let inputs = try #require(test.expected["inputs"]?.elements).map {
      $0.elements?.compactMap(\.number) ?? []
    }
    let outputs = try #require(test.expected["outputs"]?.elements).map {
      $0.elements?.compactMap(\.number) ?? []
    }
    let shapes = try #require(test.expected["outputShapes"]?.elements).map {
      $0.elements?.compactMap(\.integer) ?? []
    }
    #expect(model.outputs.map(model.shape) == shapes)
    #expect(model.inputs.count == inputs.count)
    guard test.name != "qkeras" else { return }
    for event in 0..<2 {
      let results = try #require(runFloat(model, inputs.map { part($0, event) }))
      for (index, expected) in zip(model.outputs.map(\.layer), outputs) {
        for (a, b) in zip(results[index].values, part(expected, event)) {
          #expect(abs(a - b) <= 2e-5 * max(1, abs(b)), "\(model.layers[index].name)")
        }
      }
    }
  }

  private func part(_ values: [Double], _ event: Int) -> [Double] {
    Array(values[(values.count / 2 * event)..<(values.count / 2 * (event + 1))])
  }

  /// A layer's weights by Keras's names.
  private func weights(of kind: LayerKind) -> [String: Weights] {
    func normalization(_ n: BatchNormalization?) -> [String: Weights] {
      guard let n else { return [:] }
      return ["gamma": n.gamma, "beta": n.beta, "moving_mean": n.mean, "moving_variance": n.variance]
        .compactMapValues { $0 }
    }
    switch kind {
    case .dense(let d):
      return ["kernel": d.kernel, "bias": d.bias].compactMapValues { $0 }
        .merging(normalization(d.foldedNormalization)) { $1 }
    case .convolution(let c):
      let isDepthwise = c.kind == .depthwise
      return [isDepthwise ? "depthwise_kernel" : "kernel": c.kernel, "bias": c.bias].compactMapValues { $0 }
        .merging(isDepthwise ? ["kernel": c.kernel] : [:]) { $1 }
        .merging(normalization(c.foldedNormalization)) { $1 }
    case .separableConvolution(let d, let p):
      return ["depthwise_kernel": d.kernel, "pointwise_kernel": p.kernel, "bias": p.bias].compactMapValues {
        $0
      }
    case .batchNormalization(let n): return normalization(n)
    case .activation(.prelu(let slopes)): return ["alpha": slopes]
    default: return [:]
    }
  }
}
