import Diagnostics
import Foundation
import Frontends
import Model
import Testing

/// Classes are known by package and name: a class of another package is not the one of the same name.
@Suite struct ClassTests {
  /// A model of one layer, its class as Keras 3 writes it; weights are those of Fixtures/broken/good.h5.
  private static func load(_ layer: String, shape: String = "4") throws -> Model {
    let text = """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "InputLayer", "config":
      {"name": "x", "batch_shape": [null, \(shape)]}}, {\(layer), "config": {"name": "d", "activation": "relu",
      "units": 2, "kernel_quantizer": {"class_name": "quantized_bits", "config": {"bits": 4}}}}]}}
      """
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("class-\(UUID()).json")
    try Data(text.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    return try loadModel(path: path.path, weights: fixture("broken/good.h5")).model
  }

  /// What a layer makes of a mask is known, or it is refused.
  @Test func masksOfOtherLayersAreRefused() throws {
    let masking =
      #""class_name": "Masking", "config": {"name": "m", "mask_value": 0.0}}, {"class_name": "Softmax""#
    let text = complaint { _ = try Self.load(masking, shape: "6, 4") }
    let refused = "error: layer \"d\" (Softmax) of a masked sequence is not supported"
    #expect(text.contains(refused), "\(text)")
    // Keras 2 hands on what is made inside of a TimeDistributed.
    let inside =
      #""class_name": "TimeDistributed", "config": {"name": "t", "layer": {"class_name": "Masking", "config": "#
      + #"{"name": "m", "mask_value": 0.0}}}}, {"class_name": "Softmax""#
    let steps = complaint { _ = try Self.load(inside, shape: "2, 6, 4") }
    #expect(steps.contains(refused), "\(steps)")
  }

  @Test(arguments: [
    (
      #""module": "hgq.layers.core.dense", "class_name": "QLSTM", "registered_name": "hgq>QLSTM""#,
      """
      layers of class hgq>QLSTM are not supported (layer "d")
      """
    ),
    (
      #""module": "hgq.layers.core.dense", "class_name": "QDence", "registered_name": "QDence""#,
      """
      layers of class hgq>QDence are not supported (layer "d")
      hint: did you mean QDense?
      """
    ),
    (
      #""class_name": "HGQ>QDense""#,
      """
      layers of class HGQ>QDense are not supported (layer "d")
      hint: read are proxy models: HGQ.proxy.to_proxy_model makes one of the trained model
      """
    ),
    (
      #""module": null, "class_name": "Dense", "registered_name": "Custom>Dense""#,
      """
      layers of class Custom>Dense are not supported (layer "d")
      hint: read are layers of Keras, QKeras, HGQ2 and PQuant; one of another package may compute something else under the same name
      """
    ),
    (
      #""module": "my_layers", "class_name": "Dense", "registered_name": "Dense""#,
      """
      layers of class my_layers>Dense are not supported (layer "d")
      hint: read are layers of Keras, QKeras, HGQ2 and PQuant; one of another package may compute something else under the same name
      """
    ),
    (
      #""module": "keras.src.ops.numpy", "class_name": "Dense", "registered_name": "Dense""#,
      """
      the operation Dense of keras.ops is not supported (node "d")
      hint: write it as layers of Keras
      """
    ),
  ])
  func anotherPackageIsRefused(_ layer: String, _ message: String) {
    let text = complaint { _ = try Self.load(layer) }
    #expect(text.hasPrefix("65 "))
    #expect(text.contains("config.layers[1].class_name: error: \(message)"), "\(text)")
  }

  /// The same class under the names of its own package, or under none.
  @Test(arguments: [
    #""class_name": "QDense""#, #""class_name": "qkeras>QDense""#,
    #""module": "qkeras.qlayers", "class_name": "QDense", "registered_name": "QDense""#,
  ])
  func itsOwnPackageIsRead(_ layer: String) {
    // Only the weights are missing.
    let text = complaint { _ = try Self.load(layer) }
    #expect(!text.contains("class"), "\(text)")
  }

  /// A quantizer of another package is not QKeras's.
  @Test func quantizersHavePackagesToo() {
    let text = complaint {
      _ = try Self.load(
        #""class_name": "QDense", "x": 0"#.replacing("\"x\": 0", with: "\"module\": null"))
    }
    #expect(!text.contains("quantizer"), "\(text)")
    let quantized = complaint {
      let json = """
        {"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "Activation", "config": {"name": "a",
        "batch_input_shape": [null, 4], "activation": {"module": "hgq.quantizer", "class_name": "quantized_bits",
        "config": {"bits": 4}, "registered_name": "hgq>quantized_bits"}}}]}, "keras_version": "2.15.0"}
        """
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("class-\(UUID()).json")
      try Data(json.utf8).write(to: path)
      defer { try? FileManager.default.removeItem(at: path) }
      _ = try loadModel(path: path.path, weights: fixture("broken/good.h5"))
    }
    #expect(quantized.contains("error: the quantizer hgq>quantized_bits is not supported"), "\(quantized)")
  }
}
