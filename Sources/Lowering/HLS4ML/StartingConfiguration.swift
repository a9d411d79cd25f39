import Configuration
import Diagnostics
import FixedPoint
import Model

/// The configuration of a model that hls4ml's `config_from_keras_model` starts its users with: every layer by hls4ml's
/// name with its types, `auto` where inference chooses and the quantizer's where the model has one.
///
/// The types of quantized activations stand nowhere else: hls4ml reads them from here.
public struct StartingConfiguration: Encodable, Sendable {
  /// The type of one tensor.
  public struct Tensor: Encodable, Hashable, Sendable {
    /// hls4ml's name of the tensor (`result`, `weight`, …).
    public var name: String
    /// hls4ml's spelling of the type, or `auto`.
    public var type: String
  }

  /// A setting beside `Precision`.
  public enum Setting: Encodable, Hashable, Sendable {
    /// A reuse factor, a table size.
    case count(Int)
    /// A name.
    case text(String)
    /// A switch.
    case flag(Bool)

    /// Encodes the value alone.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .count(let value): try container.encode(value)
      case .text(let value): try container.encode(value)
      case .flag(let value): try container.encode(value)
      }
    }
  }

  /// The settings of one layer.
  public struct Entry: Encodable, Hashable, Sendable {
    /// hls4ml's name of the layer, and its class.
    public var name, className: String
    /// `Precision`, in hls4ml's order.
    public var precision: [Tensor]
    /// Everything else, by key.
    public var settings: [String: Setting]
  }

  /// In the order of the model.
  public var layers: [Entry] = []

  /// Makes the configuration of a model.
  ///
  /// - Throws: `Failure(.badInput)` with every layer that has no meaning under hls4ml.
  public init(_ model: Model) throws(Failure) {
    let model = model.withSingleResults()
    let graph = try HLSGraphBuilder.build(model, Configuration())
    let results = Self.quantizedResults(model)
    let classes = Dictionary(
      model.layers.map { ($0.source?.innerName ?? $0.name, $0.className) }, uniquingKeysWith: { $1 })
    for layer in graph.layers {
      if case .timeStep(isEnd: true) = layer.kind { continue }
      // hls4ml splits a separable convolution later: it is configured as one layer.
      if let whole = Self.separable(model, layer) {
        if layer.value?.part == .depthwise { layers.append(Self.entry(separable: whole, layer)) }
        continue
      }
      var entry = Self.entry(layer, result: results[layer.name] ?? "auto")
      entry.className = layer.kind.converterClass ?? classes[layer.name] ?? entry.className
      layers.append(entry)
    }
  }

  /// The types of layers that are quantizers: of activations, and of activations that are split off. (Integer inputs are
  /// `auto`: hls4ml looks for a class name that its Keras converters do not give.)
  private static func quantizedResults(_ model: Model) -> [String: String] {
    var results: [String: String] = [:]
    for layer in model.layers {
      switch layer.kind {
      case .activation(.quantizer(.qkeras(let quantizer))): results[layer.name] = spelling(quantizer)
      default:
        if let name = layer.source?.activationName,
          case .quantizer(.qkeras(let quantizer))? = layer.kind.activation
        {
          results["\(layer.name)_\(name)"] = spelling(quantizer)
        }
      }
    }
    return results
  }

  /// The type hls4ml gives a quantized activation (utils/config.py).
  private static func spelling(_ quantizer: QKerasQuantizer) -> String? {
    func format(_ bits: Int, _ integer: Int, signed: Bool = true, _ overflow: Overflow = .sat) -> String {
      bits > integer
        ? FixedFormat(bits, integer, signed: signed, .rndConv, overflow).description
        : "\(signed ? "" : "u")int<\(bits)>"
    }
    switch quantizer.kind {
    case .bits(let bits, let integer, _, _): return format(bits, integer + 1)
    case .relu(let bits, let integer, _, let slope, _, _):
      return slope == 0 ? format(bits, integer, signed: false) : format(bits, integer + 1)
    case .tanh(let bits, let symmetric, _): return format(bits, 1, symmetric ? .satSym : .sat)
    case .sigmoid(let bits, _, _): return format(bits, 0, signed: false)
    case .binary, .binaryTanh, .ternary, .ternaryTanh: return "int<2>"
    case .bernoulli, .powerOfTwo, .reluPowerOfTwo, .hardSwish: return nil
    }
  }

  /// The separable convolution that a layer is a half of, if it is one.
  private static func separable(_ model: Model, _ half: HLSLayer) -> Layer? {
    guard case .convolution = half.kind, let value = half.value,
      case .separableConvolution = model.layers[value.layer].kind
    else { return nil }
    return model.layers[value.layer]
  }

  private static func entry(separable layer: Layer, _ first: HLSLayer) -> Entry {
    let names = [
      "result", "depthwise", "pointwise", "bias", "depthwise_accum", "pointwise_accum", "depthwise_result",
    ]
    return Entry(
      name: layer.name, className: layer.className, precision: names.map { Tensor(name: $0, type: "auto") },
      settings: [
        "DepthwiseReuseFactor": .count(1), "PointwiseReuseFactor": .count(1),
        "ConvImplementation": .text("LineBuffer"),
      ])
  }

  private static func entry(_ layer: HLSLayer, result: String) -> Entry {
    var entry = Entry(
      name: layer.name, className: layer.className, precision: [Tensor(name: "result", type: result)],
      settings: [:])
    func add(_ names: String..., type: String = "auto") {
      entry.precision += names.map { Tensor(name: $0, type: type) }
    }
    func weight(_ role: HLSRole) -> String {
      layer.weights[role].flatMap { $0.quantizer?.precision.description } ?? "auto"
    }
    let table = FixedFormat(18, 8).description
    let rounded = FixedFormat(18, 8, .rnd, .sat).description
    entry.settings["ReuseFactor"] = .count(1)
    switch layer.kind {
    case .input, .reshape, .repack, .transpose, .zeroPadding, .cropping, .repeatVector, .gather, .clone,
      .fixedQuantizer:
      entry.settings = [:]
    case .timeStep: entry.settings = ["TimeStepLoopParallelism": .text("Off")]
    case .resize: entry.settings = ["Algorithm": .text("nearest")]
    case .dense:
      add("weight", type: weight(.weight))
      add("bias", type: weight(.bias))
      add("accum")
    case .convolution(let convolution):
      // hls4ml notes the quantizer of a depthwise kernel under a name it does not read.
      let isDepthwise = convolution.kind == .depthwise
      add("weight", type: isDepthwise ? "auto" : weight(.weight))
      add("bias", type: weight(.bias))
      add("accum")
      if isDepthwise, layer.weights[.weight]?.quantizer != nil { add("depthwise", type: weight(.weight)) }
      entry.settings["ParallelizationFactor"] = .count(1)
      entry.settings["ConvImplementation"] = .text("LineBuffer")
    case .batchNormalization, .thresholds: add("scale", "bias")
    case .pooling:
      add("accum")
      entry.settings["ConvImplementation"] = .text("LineBuffer")
    case .globalPooling, .dot: add("accum")
    case .merge, .concatenate: break
    case .kernel(let kernel):
      for role in kernel.tensors { add(role.rawValue) }
      for (role, type) in kernel.types.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        add(role.rawValue, type: type.description)
      }
      if let precision = kernel.startingPrecision(layer) { entry.precision = precision }
      entry.settings = kernel.settings
    case .activation, .ternaryTanh, .parametrized, .prelu, .hard, .softmax:
      switch layer.kind {
      case .parametrized, .prelu: add("param")
      case .hard: add("slope", "shift")
      default: break
      }
      add("table", type: table)
      entry.settings["TableSize"] = .count(1024)
      if case .softmax = layer.kind {
        add("exp_table", "inv_table", "inv_inp", "accum", type: rounded)
        entry.settings["Implementation"] = .text("stable")
        entry.settings["Skip"] = .flag(false)
      }
    }
    return entry
  }
}

extension HLSKind {
  /// The class hls4ml's converters give a layer, where it is not the trainer's.
  fileprivate var converterClass: String? {
    switch self {
    case .input: "InputLayer"
    case .activation: "Activation"
    case .softmax: "Softmax"
    case .hard: "HardActivation"
    case .ternaryTanh: "TernaryTanh"
    case .prelu: "PReLU"
    case .parametrized(.leakyReLU, _): "LeakyReLU"
    case .parametrized(.thresholdedReLU, _): "ThresholdedReLU"
    case .parametrized(.elu, _): "ELU"
    case .timeStep: "TimeDistributed"
    case .merge: "Merge"
    case .reshape: "Reshape"
    case .transpose: "Transpose"
    default: nil
    }
  }
}
