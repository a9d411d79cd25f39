import Configuration
import FixedPoint
import Model

@testable import Triggerfish

/// Chains of dense layers made here, with weights that are the same on every machine.
struct SmallNetwork {
  private(set) var layers: [Layer] = []
  private var generator: SplitMix64

  init(_ inputs: Int, seed: UInt64 = 1) {
    generator = SplitMix64(seed: seed)
    add("x", "InputLayer", .input(integerType: nil), inputs)
  }

  /// Whether a layer has a quantizer.
  private var isQuantized = false

  var model: Model {
    Model(
      name: "small", layers: layers, inputs: [0], outputs: [LayerResult(layers.count - 1)],
      isQuantized: isQuantized)
  }

  /// Uniform from −1 to 1 (splitmix64).
  mutating func random() -> Double {
    2 * generator.unit() - 1
  }

  private mutating func add(
    _ name: String, _ className: String, _ kind: LayerKind, _ size: Int, activation: String? = nil
  ) {
    layers.append(
      Layer(
        name: name, kind: kind, source: SourceNames(className, activationName: activation),
        inputs: layers.isEmpty ? [] : [LayerResult(layers.count - 1)], outputShape: [size],
        origin: Origin(file: "m.json", path: "layers[\(layers.count)]")))
  }

  /// A dense layer; weights of a size that keeps results near 1.
  mutating func dense(
    _ name: String, _ units: Int, kernel: [Double]? = nil, bias: [Double]? = nil,
    quantizer: QKerasQuantizer? = nil
  ) {
    isQuantized = isQuantized || quantizer != nil
    let inputs = layers[layers.count - 1].outputShape[0]
    let size = (3 / Double(inputs)).squareRoot()
    var weights: [Double] = []
    for _ in 0..<inputs * units { weights.append(random() * size) }
    var biases: [Double] = []
    for _ in 0..<units { biases.append(random() / 8) }
    add(
      name, quantizer == nil ? "Dense" : "QDense",
      .dense(
        Dense(
          kernel: Weights(shape: [inputs, units], values: kernel ?? weights),
          bias: Weights(shape: [units], values: bias ?? biases), activation: .linear,
          kernelQuantizer: quantizer.map { .qkeras($0) })), units, activation: "linear")
  }

  mutating func activation(_ name: String, _ activation: Activation) {
    add(name, "Activation", .activation(activation), layers[layers.count - 1].outputShape[0])
  }

  /// Three dense layers with ReLU and a softmax, whose own table is coarse enough to be at fault beside others.
  static func tagger() -> SmallNetwork {
    var network = chain()
    network.activation("softmax", .softmax(axis: 0))
    return network
  }

  /// Three dense layers with ReLU.
  static func chain() -> SmallNetwork {
    var network = SmallNetwork(8)
    for (index, units) in [24, 16].enumerated() {
      network.dense("fc\(index + 1)", units)
      network.activation("relu\(index + 1)", .relu(maximum: nil, negativeSlope: 0, threshold: 0))
    }
    network.dense("out", 4)
    return network
  }
}

extension Configuration {
  /// Every type `format`, but for some by layer name and tensor.
  static func flat(_ format: FixedFormat, _ types: [String: [String: FixedFormat]] = [:]) -> Configuration {
    var configuration = Configuration()
    configuration.model.precision = ["default": .format(format)]
    for (layer, tensors) in types {
      configuration.setLayer(layer, LayerSettings(precision: tensors.mapValues { .format($0) }))
    }
    return configuration
  }

  /// Every type inferred: what hls4ml's default configuration of a model asks for.
  static func automatic(_ format: FixedFormat = FixedFormat(16, 6)) -> Configuration {
    var configuration = flat(format)
    for name in ["Dense", "Activation", "Softmax"] {
      configuration.setLayerType(name, LayerSettings(precision: ["default": .auto]))
    }
    return configuration
  }
}

extension Compilation {
  /// A model compiled under hls4ml numerics.
  init(_ network: SmallNetwork, _ configuration: Configuration) throws {
    var source = Source(model: "m.json")
    source.numerics = .hls4ml
    try self.init(network.model, configuration, source)
  }
}
