import Diagnostics
import Model
import Storage

/// An activation setting: a name, a quantizer, or a layer used as an activation.
struct KerasActivation {
  /// What it computes.
  let function: Activation
  /// What the source calls it: "relu", "quantized_relu".
  let name: String

  /// Reads the setting.
  ///
  /// - Parameters:
  ///   - node: a string ("relu", "quantized_relu(4,1)") or an object with class_name and config.
  ///   - inQKeras: whether a QKeras class reads it, whose hard_sigmoid is another one than Keras's.
  ///   - generation: Keras's major version, whose hard_sigmoid differs too.
  ///   - softmaxAxis: the axis softmax works along.
  init(_ node: JSONNode, inQKeras: Bool, generation: Int, softmaxAxis: Int) throws(Failure) {
    if let text = node.string {
      if let quantizer = try spelledQuantizer(text, node) {
        function = .quantizer(.qkeras(quantizer))
        name = quantizer.className.rawValue
        return
      }
      function = try namedActivation(text, node, inQKeras, generation, softmaxAxis)
      name = text
      return
    }
    // Keras writes a function as {"class_name": "function", "config": "relu"}.
    if let text = node["config"]?.string {
      function = try namedActivation(text, node, inQKeras, generation, softmaxAxis)
      name = text
      return
    }
    guard node["class_name"]?.string != nil else {
      throw Failure(node.diagnostic("the activation is \(node.short), neither a name nor a class"))
    }
    let known = KerasClass(node)
    name = known.name
    if known.package == .keras,
      let function = try layerActivation(name, KerasConfig(node: node["config"] ?? node))
    {
      self.function = function
      return
    }
    function = .quantizer(.qkeras(try parseQuantizer(node)))
  }
}

/// Keras's activation functions without settings, by name: `keras.ops` has the same ones as `Softplus` and so on.
let plainActivations: [String: Activation] = [
  "linear": .linear, "selu": .selu, "sigmoid": .sigmoid, "tanh": .tanh, "hard_tanh": .hardTanh,
  "softplus": .softplus, "softsign": .softsign, "swish": .swish, "silu": .swish, "mish": .mish,
  "exponential": .exponential,
]

/// Keras's and QKeras's activation functions by name.
private func namedActivation(
  _ name: String, _ node: JSONNode, _ inQKeras: Bool, _ generation: Int, _ softmaxAxis: Int
) throws(Failure) -> Activation {
  // QKeras looks a name up among its own functions first (quantizers.py: hard_sigmoid, smooth_sigmoid).
  switch (name, inQKeras) {
  case ("hard_sigmoid", true): return .hardSigmoid(slope: 0.5, shift: 0.5)
  case ("smooth_sigmoid", true): return .hardSigmoid(slope: 0.1875, shift: 0.5)
  default: break
  }
  if let plain = plainActivations[name] { return plain }
  switch name {
  case "relu": return .relu(maximum: nil, negativeSlope: 0, threshold: 0)
  case "relu1": return .relu(maximum: 1, negativeSlope: 0, threshold: 0)
  case "relu6": return .relu(maximum: 6, negativeSlope: 0, threshold: 0)
  case "leaky_relu": return .leakyReLU(slope: 0.2)
  case "elu": return .elu(alpha: 1)
  case "softmax": return .softmax(axis: softmaxAxis)
  // Keras 2: clip(0.2 x + 0.5, 0, 1); Keras 3: relu6(x + 3) / 6.
  case "hard_sigmoid": return .hardSigmoid(slope: generation >= 3 ? 1.0 / 6 : 0.2, shift: 0.5)
  case "gelu": return .gelu(approximate: false)
  case "binary_tanh":
    return .quantizer(.qkeras(QKerasQuantizer(kind: .binaryTanh, scale: .one, className: .binaryTanh)))
  case "ternary_tanh":
    return .quantizer(.qkeras(QKerasQuantizer(kind: .ternaryTanh, scale: .one, className: .ternaryTanh)))
  default:
    throw Failure(
      node.diagnostic(
        "the activation \(node.string == nil ? "\"\(name)\"" : node.short) is not supported",
        hint: nearest(to: name, in: activationNames + quantizerSignatures.keys).map { "did you mean \($0)?" }
          ?? "read are \(activationNames.sorted().joined(separator: ", ")), and the quantizers of QKeras"))
  }
}

/// The names of all activation functions.
let activationNames =
  plainActivations.keys + [
    "relu", "relu6", "leaky_relu", "elu", "softmax", "hard_sigmoid", "gelu", "binary_tanh", "ternary_tanh",
  ]

/// A layer used as an activation; nil for other classes.
private func layerActivation(_ className: String, _ config: KerasConfig) throws(Failure) -> Activation? {
  switch className {
  case "ReLU":
    return .relu(
      maximum: config["max_value"] == nil ? nil : try config.number("max_value"),
      negativeSlope: try config.number("negative_slope", default: 0),
      threshold: try config.number("threshold", default: 0))
  case "LeakyReLU":
    let key = config["negative_slope"] == nil ? "alpha" : "negative_slope"
    return .leakyReLU(slope: try config.number(key, default: 0.3))
  case "ELU": return .elu(alpha: try config.number("alpha", default: 1))
  case "ThresholdedReLU": return .thresholdedReLU(theta: try config.number("theta", default: 1))
  default: return nil
  }
}
