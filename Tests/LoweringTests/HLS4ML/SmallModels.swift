import Configuration
import Diagnostics
import FixedPoint
import Model

@testable import Lowering

/// Small models made by hand: a chain of layers behind one input.
struct SmallModel {
  private(set) var layers: [Layer]

  init(_ shape: [Int]) {
    layers = []
    add("inp", "InputLayer", .input(integerType: nil), shape)
  }

  var model: Model {
    Model(name: "small", layers: layers, inputs: [0], outputs: [LayerResult(layers.count - 1)])
  }

  mutating func add(
    _ name: String, _ className: String, _ kind: LayerKind, _ shape: [Int]? = nil, activation: String? = nil,
    inputs: [Int]? = nil
  ) {
    layers.append(
      Layer(
        name: name, kind: kind, source: SourceNames(className, activationName: activation),
        inputs: (inputs ?? (layers.isEmpty ? [] : [layers.count - 1])).map { LayerResult($0) },
        outputShape: shape ?? layers.last?.outputShape ?? [],
        origin: Origin(file: "m.json", path: "layers[\(layers.count)]")))
  }

  /// A dense layer with kernel weights `(i + 1) / 8` and biases 0.5.
  mutating func dense(
    _ name: String, _ units: Int, _ activation: Activation = .linear, called: String? = "linear",
    className: String = "Dense", kernel: QKerasQuantizer? = nil, bias: Bool = true
  ) {
    let shape = layers.last?.outputShape ?? []
    let inputs = shape.last ?? 1
    let weights = Weights(
      shape: [inputs, units], values: (0..<inputs * units).map { Double($0 % 7 - 3) / 8 })
    let biases = Weights(shape: [units], values: Array(repeating: 0.5, count: units))
    add(
      name, className,
      .dense(
        Dense(
          kernel: weights, bias: bias ? biases : nil, activation: activation,
          kernelQuantizer: kernel.map { .qkeras($0) })),
      shape.dropLast() + [units], activation: called)
  }

  mutating func batchNormalization(_ name: String, gamma: Double = 2, mean: Double = 0.25) {
    let channels = layers.last?.outputShape.last ?? 1
    func filled(_ value: Double) -> Weights {
      Weights(shape: [channels], values: Array(repeating: value, count: channels))
    }
    add(
      name, "BatchNormalization",
      .batchNormalization(
        BatchNormalization(
          gamma: filled(gamma), beta: filled(0.5), mean: filled(mean), variance: filled(1), epsilon: 0,
          axis: (layers.last?.outputShape.count ?? 1) - 1)))
  }
}

extension Configuration {
  /// Every type explicit.
  static let flat = Configuration()

  /// Every type of every layer inferred, as hls4ml's default configuration of a model asks for.
  static var automatic: Configuration {
    var configuration = Configuration()
    configuration.model.precision = ["default": .format(FixedFormat(16, 6))]
    for className in [
      "Dense", "Conv1D", "Conv2D", "DepthwiseConv2D", "BatchNormalization", "Activation", "Merge",
      "Concatenate",
      "ParametrizedActivation", "Pooling1D", "Pooling2D", "Reshape",
    ] {
      configuration.setLayerType(className, LayerSettings(precision: ["default": .auto]))
    }
    return configuration
  }
}

/// The graph before any pass.
func graph(_ small: SmallModel, _ configuration: Configuration) throws -> HLSGraph {
  try HLSGraphBuilder.build(small.model, configuration)
}

/// The graph after some passes, applied until they have nothing left to do.
func graph(_ small: SmallModel, _ configuration: Configuration, _ passes: HLSPass...) throws -> HLSGraph {
  var graph = try graph(small, configuration)
  try HLSFlow(name: "test", passes: passes).run(&graph) { _, _ in }
  return graph
}
