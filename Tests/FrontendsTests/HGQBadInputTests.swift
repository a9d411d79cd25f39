import Diagnostics
import Foundation
import Frontends
import Model
import Storage
import TestSupport
import Testing

/// What is asked for in files of Keras 3 and HGQ2 and not done is refused by name, at its place.
@Suite struct HGQBadInputTests {
  /// A sound file of HGQ2's (Tests/LoweringTests/Fixtures/hgq) with a text of its architecture replaced.
  private func complaintAbout(_ file: String, _ old: String, _ new: String, _ more: (String, String)...)
    throws
    -> String
  {
    let archive = try ZipArchive(path: fixture("../../LoweringTests/Fixtures/hgq/\(file).keras"))
    let text = String(decoding: try archive.read("config.json"), as: UTF8.self)
    var damaged = text
    for (old, new) in [(old, new)] + more {
      try #require(damaged.contains(old), "\(old) is not there")
      damaged = damaged.replacingOccurrences(of: old, with: new)
    }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("hgq-\(UUID()).keras").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try writeArchive(
      [
        ("config.json", Array(damaged.utf8)), ("model.weights.h5", try archive.read("model.weights.h5")),
      ], to: path)
    return complaint { _ = try loadModel(path: path) }
  }

  @Test func sound() throws {
    for file in ["table_dense", "conv", "softmax"] {
      #expect(try complaintAbout(file, "\"trainable\": true", "\"trainable\": true ") == "no failure")
    }
  }

  @Test(arguments: [
    ("table_dense", "\"n_hl\": 1", "\"n_hl\": 1000000000", "are made of 1000000000 hidden layers"),
    (
      "conv", "\"affine\": null", "\"affine\": [1.0, 0.5]",
      "causal padding before an input quantizer that makes another number of 0 is not supported"
    ),
    (
      "softmax", "\"q_type\": \"kif\"", "\"q_type\": \"float\"",
      "quantizers of q_type float are not supported"
    ),
    (
      "dense", "\"class_name\": \"QDense\"", "\"class_name\": \"QConv3D\"",
      "layers of class hgq>QConv3D are not supported"
    ),
    ("attention", "\"use_gate\": false", "\"use_gate\": true", "attention with use_gate is not supported"),
  ])
  func refused(_ file: String, _ old: String, _ new: String, _ message: String) throws {
    let text = try complaintAbout(file, old, new)
    #expect(text.hasPrefix("65 ") && text.contains(message), "\(text)")
  }

  /// A result that is refused is not missed a second time by what reads it.
  @Test func scoresAreRefusedOnce() throws {
    let said = try complaintAbout(
      "attention", #""kwargs": {"value":"#, #""kwargs": {"return_attention_scores": true, "value":"#,
      (#"["cross", 0, 0]"#, #"["cross", 0, 1]"#))
    #expect(
      said.hasSuffix(
        ".kwargs.return_attention_scores: error: layer \"cross\" is called with return_attention_scores, which is not supported of HGQ2's layers"
      ) && !said.contains("\n"), "\(said)")
  }

  /// Layers of Keras's that have no weights, or are refused before those are looked for.
  @Test(arguments: [
    (
      #""class_name": "Softmax", "config": {"name": "s", "axis": null}"#,
      "a softmax over all axes, the batch among them, is not supported\nhint: name one axis"
    ),
    (
      #""class_name": "LayerNormalization", "config": {"name": "n", "axis": -1, "epsilon": 0.001, "rms_scaling": true}"#,
      "a LayerNormalization with rms_scaling, which subtracts no mean, is not supported"
    ),
  ])
  func kerasLayers(_ layer: String, _ message: String) throws {
    let text = """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "InputLayer", "config":
      {"name": "x", "batch_shape": [null, 4]}}, {"module": "keras.layers", "registered_name": null, \(layer)}]}}
      """
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("hgq-\(UUID()).json")
    try Data(text.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let said = complaint { _ = try loadModel(path: path.path, weights: fixture("broken/good.h5")) }
    #expect(said.hasPrefix("65 ") && said.contains(message), "\(said)")
  }
}
