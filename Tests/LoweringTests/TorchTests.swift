import Diagnostics
import FixedPoint
import Foundation
import Frontends
import Model
import Testing

@testable import Lowering

/// PyTorch programs (.pt2) against PyTorch: Fixtures/torch, made by Fixtures/torch/make_torch.py.
@Suite struct TorchTests {
  /// What is read means what PyTorch computes in float64. float32 batch normalizations are computed in float32 by both, in another
  /// order; PyTorch's softplus is x itself beyond 20.
  @Test(arguments: [
    ("convolutions1d", "convolutions1d", 1e-6), ("convolutions1d_core", "convolutions1d", 1e-6),
    ("convolutions2d", "convolutions2d", 1e-6), ("functions", "functions", 1e-9),
    ("functions_core", "functions", 1e-9), ("moves", "moves", 1e-12), ("moves_core", "moves", 1e-12),
    ("matrices", "matrices", 1e-6), ("matrices_core", "matrices", 1e-6), ("rows", "rows", 1e-6),
    ("rows_core", "rows", 1e-6), ("double", "double", 1e-12), ("embedding", "embedding", 1e-12),
    ("embedding_core", "embedding", 1e-12), ("tagger", "tagger", 1e-6), ("tagger_core", "tagger", 1e-6),
    ("tagger_swapped", "tagger", 1e-6), ("attention", "attention", 1e-9), ("graphs", "graphs", 1e-9),
    ("recurrent", "recurrent", 1e-6), ("unrolled", "unrolled", 1e-6), ("unrolled_core", "unrolled", 1e-6),
    ("transformers", "transformers", 1e-6),
    ("transformers_core", "transformers", 1e-6), ("masks", "masks", 1e-9), ("masks_core", "masks", 1e-9),
    ("sums", "sums", 1e-9), ("sums_core", "sums", 1e-9), ("stacked", "stacked", 1e-6),
    ("norms", "norms", 1e-6), ("norms_core", "norms", 1e-6),
  ])
  func programs(_ name: String, _ vectors: String, _ tolerance: Double) throws {
    let example = try Example(torch: name, vectors: vectors)
    let float = try FloatModel(example.model)
    for event in 0..<example.events {
      let values = float.evaluate(example.event(event))
      for (slot, output) in float.outputs.enumerated() {
        let wanted = example.output(slot, event)
        let got = values[output.index]
        try #require(got.count == wanted.count, "output \(slot)")
        let worst = zip(got, wanted).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
        #expect(worst < tolerance, "output \(slot) of event \(event): \(worst)")
      }
    }
  }

  /// Comparisons, signs and choices are exact on words, equal numbers among them.
  @Test func masksAreExact() throws {
    let example = try Example(torch: "masks", vectors: "masks")
    let options = ExactOptions(calibration: example.inputs, inputFormats: [FixedFormat(6, 4)])
    let results = try example.run(try lowerExactly(example.model, options).program)
    for slot in 0..<16 { #expect(results[slot] == example.outputs[slot], "output \(slot)") }
  }

  /// Layers have the names of the owner's modules, and the program is one of few layers.
  @Test func names() throws {
    let model = try Example(torch: "tagger", vectors: "tagger").model
    #expect(model.name == "model" && model.framework == .torch)
    let names = Set(model.layers.map(\.name))
    #expect(
      names.isSuperset(of: [
        "image", "features.0", "features.1", "features.2", "features.4", "head", "softmax",
      ]), "\(names)")
    let core = try Example(torch: "tagger_core", vectors: "tagger").model
    #expect(core.layers.count == model.layers.count)
  }
}

extension Example {
  /// One of Fixtures/torch, with the answers of one that computes the same.
  fileprivate init(torch name: String, vectors: String) throws {
    let base = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Fixtures/torch"
    ).path
    try self.init(
      name: name, model: loadModel(path: "\(base)/\(name).pt2").model, vectors: "\(base)/\(vectors).npz")
  }
}
