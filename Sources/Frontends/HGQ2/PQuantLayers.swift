import Diagnostics
import FixedPoint
import Model
import Storage

/// PQuant's layers of Keras 3, by the names of their classes: an input quantizer, the operation, an output quantizer. Weights are those that
/// `apply_final_compression` has pruned and rounded, or are pruned (`pquantPruned`) and quantized here.
let pquantLayers: [String: LayerParser] = [
  "Quantizer": .layers { (call) throws(Failure) in
    try call.pquantQuantizerLayer()
  },
  "PQDense": .layers { (call) throws(Failure) in
    call.inputs = [try call.pquantInput()]
    guard case .dense(var dense) = try parseDense(&call) else { throw call.problem("this is no dense layer") }
    dense.kernel = try call.pquantPruned(dense.kernel)
    if try !call.pquantWeightsAreFinal() {
      dense.kernelQuantizer = try call.pquantQuantizer("weight", over: dense.kernel.shape)
      if let bias = dense.bias { dense.biasQuantizer = try call.pquantQuantizer("bias", over: bias.shape) }
    }
    return try call.pquantFinished(.dense(dense))
  },
  "PQConv1d": .layers { (call) throws(Failure) in try call.pquantConvolution(1, parseConvolution) },
  "PQConv2d": .layers { (call) throws(Failure) in try call.pquantConvolution(2, parseConvolution) },
  "PQDepthwiseConv2d": .layers { (call) throws(Failure) in
    try call.pquantConvolution(2, parseDepthwiseConvolution)
  },
  "PQBatchNormalization": .layers { (call) throws(Failure) in
    call.inputs = [try call.pquantInput()]
    guard case .batchNormalization(var normalization) = try parseBatchNormalization(&call) else {
      throw call.problem("this is no batch normalization")
    }
    let isFinal = try call.config.boolean("final_compression_done", default: false)
    let isQuantizing = try call.pquantIsOn("quantize_parameters", default: true)
    if isQuantizing, !isFinal {
      for (parameter, slot, weights) in [
        (BatchNormalization.Parameter.gamma, "weight", normalization.gamma),
        (.beta, "bias", normalization.beta),
      ] {
        guard let weights else { continue }
        normalization.quantizers[parameter] = try call.pquantQuantizer(slot, over: weights.shape)
      }
    }
    return try call.pquantFinished(.batchNormalization(normalization))
  },
  "PQActivation": .layers { (call) throws(Failure) in try call.pquantActivation() },
  "PQAvgPool1d": .layers { (call) throws(Failure) in
    call.inputs = [try call.pquantInput()]
    let kind = try parsePooling(&call, 1, .average)
    return try call.pquantFinished(kind)
  },
  "PQAvgPool2d": .layers { (call) throws(Failure) in
    call.inputs = [try call.pquantInput()]
    let kind = try parsePooling(&call, 2, .average)
    return try call.pquantFinished(kind)
  },
  "PQSeparableConv2d": .layers { (call) throws(Failure) in try parsePQuantSeparable(&call) },
  "PQSoftmax": .layers { (call) throws(Failure) in try parsePQuantSoftmax(&call) },
  "PQMultiheadAttention": .layers { (call) throws(Failure) in try parsePQuantAttention(&call) },
]

extension LayerCall {
  // MARK: Settings

  /// The settings for all of a model, which every layer has a copy of.
  func pquantSettings(_ group: String) throws(Failure) -> KerasConfig {
    let all = try config.required("config")
    guard let node = all[group] else { throw Failure(all.diagnostic("PQuant's settings have no \(group)")) }
    return KerasConfig(node: node)
  }

  /// Whether a setting of the layer's is on, and quantization at all.
  func pquantIsOn(_ key: String, default fallback: Bool) throws(Failure) -> Bool {
    guard try pquantSettings("quantization_parameters").boolean("enable_quantization", default: true) else {
      return false
    }
    return try config.boolean(key, default: fallback)
  }

  /// Whether the weights are those that are multiplied, and not to be quantized yet.
  fileprivate func pquantWeightsAreFinal() throws(Failure) -> Bool {
    if try config.boolean("final_compression_done", default: false) { return true }
    return try !pquantIsOn("quantize_weights", default: true)
  }

  // MARK: Quantizers

  /// A quantizer of PQuant's: one of HGQ2's inside, or k, i and f as three variables, which nothing rounds.
  ///
  /// - Parameters:
  ///   - slot: what it quantizes: input, output, weight, bias.
  ///   - shape: of that, without the batch.
  ///   - owner: the layer inside this one that has it; nil for this one.
  func pquantQuantizer(_ slot: String, over shape: [Int], of owner: HGQVariables? = nil) throws(Failure)
    -> Quantizer?
  {
    let settings = try pquantSettings("quantization_parameters")
    let part = (owner ?? variables).part("\(slot)_quantizer", named: "\(slot)_quantizer")
    let isData = slot == "input" || slot == "output"
    let modes = try pquantModes(
      settings["round_mode"], settings[isData ? "overflow_mode_data" : "overflow_mode_parameters"])
    if try settings.boolean("use_high_granularity_quantization", default: false) {
      return try hgqQuantizer(
        part.part("quantizer", named: "quantizer"), modes, place: isData ? "datalane" : slot, over: shape)
    }
    return try fixedQuantizer(part, modes, over: shape)
  }

  private typealias Modes = (rounding: Rounding, overflow: Overflow)

  private func pquantModes(_ rounding: JSONNode?, _ overflow: JSONNode?) throws(Failure) -> Modes {
    let name = (rounding?.string ?? "RND").uppercased()
    // The S_ forms are stochastic in training only.
    guard let mode = Rounding(rawValue: name.hasPrefix("S_") ? String(name.dropFirst(2)) : name) else {
      throw problem("the rounding mode \(name) of \"\(layer.name)\" is not supported")
    }
    let beyond = (overflow?.string ?? "SAT").uppercased()
    guard let overflow = [Overflow.wrap, .sat, .satSym].first(where: { $0.rawValue == beyond }) else {
      throw problem("the overflow mode \(beyond) of \"\(layer.name)\" is not supported")
    }
    return (mode, overflow)
  }

  /// A quantizer of HGQ2's, whose settings PQuant makes of its own.
  private func hgqQuantizer(_ variables: HGQVariables, _ modes: Modes, place: String, over shape: [Int])
    throws(Failure) -> Quantizer?
  {
    let settings = """
      {"class_name": "QuantizerConfig", "config": {"q_type": "kif", "place": "\(place)", \
      "round_mode": "\(modes.rounding.rawValue)", "overflow_mode": "\(modes.overflow.rawValue)"}}
      """
    let node = try JSONNode(parsing: Array(settings.utf8), file: layer.node.file)
    return try HGQQuantizerConfig(node).quantizer(
      variables.ownQuantizer(), over: shape, hasBatch: place == "datalane")
  }

  /// k, i and f as variables.
  private func fixedQuantizer(_ part: HGQVariables, _ modes: Modes, over shape: [Int]) throws(Failure)
    -> Quantizer
  {
    func bits(_ name: String, _ position: Int) throws(Failure) -> Elements<Int> {
      let raw = try part.read(name, position, shape: nil)
      guard broadcastPlaces(raw.shape, to: shape) != nil,
        raw.values.allSatisfy({ $0.rounded() == $0 && abs($0) <= 1024 })
      else {
        throw problem(
          "a quantizer of \"\(layer.name)\" has bits (\(name)) that are no whole numbers, or do not fit \(shape)"
        )
      }
      return Elements(shape: raw.shape, values: raw.values.map { Int($0) })
    }
    let (k, i, f) = (try bits("k", 0), try bits("i", 1), try bits("f", 2))
    guard k.shape == i.shape, i.shape == f.shape, k.values.allSatisfy({ (0...1).contains($0) }) else {
      throw problem(
        "a quantizer of \"\(layer.name)\" has a k other than 0 and 1, or bits of different shapes")
    }
    // PQuant's keep the sign where there is no bit beside it.
    let integers = zip(i.values, f.values).map { max($0, -$1) }
    return .fixed(
      FixedQuantizer(
        isSigned: k.map { $0 == 1 }, integerBits: Elements(shape: i.shape, values: integers), fractionBits: f,
        rounding: modes.rounding, overflow: modes.overflow))
  }

  /// The only input behind the layer's input quantizer.
  func pquantInput() throws(Failure) -> Tensor {
    let x = builder.model.plain(try single())
    guard try pquantIsOn("quantize_input", default: true) else { return x }
    return try pquantQuantized(x, "input", "iq")
  }

  func pquantQuantized(_ x: Tensor, _ slot: String, _ suffix: String, of owner: HGQVariables? = nil)
    throws(Failure) -> Tensor
  {
    guard let quantizer = try pquantQuantizer(slot, over: x.shape, of: owner) else { return x }
    return try make(.activation(.quantizer(quantizer)), suffix, [x], x.shape, className: "Quantizer")
  }

  func pquantOutput(_ result: Tensor) throws(Failure) -> Tensor {
    builder.nameAfter(self, result)
    guard try pquantIsOn("quantize_output", default: false) else { return result }
    return try pquantQuantized(builder.model.plain(result), "output", "oq")
  }

  /// A quantizer that is a layer.
  fileprivate func pquantQuantizerLayer() throws(Failure) -> Tensor {
    let x = builder.model.plain(try single())
    let modes = try pquantModes(config["round_mode"], config["overflow"])
    let quantizer =
      try config.boolean("is_heterogeneous", default: false)
      ? try hgqQuantizer(
        variables.part("quantizer", named: "quantizer"), modes, place: "datalane", over: x.shape)
      : try fixedQuantizer(variables, modes, over: x.shape)
    guard let quantizer else { return x }
    return try make(.activation(.quantizer(quantizer)), "", [x], x.shape)
  }

  // MARK: Layers

  /// The layer that a parser of Keras's described, which reads `inputs`, behind it the output quantizer.
  fileprivate func pquantFinished(_ kind: LayerKind) throws(Failure) -> Tensor {
    guard let output else { throw problem("the shape of \"\(layer.name)\" is not known") }
    return try pquantOutput(try make(kind, "", inputs, output.shape, isMoved: output.isMoved))
  }

  mutating func pquantConvolution(
    _ rank: Int, _ parse: (inout LayerCall, Int) throws(Failure) -> LayerKind
  ) throws(Failure) -> Tensor {
    inputs = [try pquantInput()]
    guard case .convolution(var convolution) = try parse(&self, rank) else {
      throw problem("this is no convolution")
    }
    if convolution.kind == .depthwise {
      // PQuant 0.1 makes the variables of a depthwise convolution twice, and computes with the second ones.
      let first = convolution.bias == nil ? 1 : 2
      if let kernel = try? variables.read("kernel", first, shape: convolution.kernel.shape) {
        convolution.kernel = kernel
        if let bias = convolution.bias {
          convolution.bias = try variables.read("bias", first + 1, shape: bias.shape)
        }
      }
    }
    convolution.kernel = try pquantPruned(convolution.kernel, isDepthwise: convolution.kind == .depthwise)
    if try !pquantWeightsAreFinal() {
      convolution.kernelQuantizer = try pquantQuantizer("weight", over: convolution.kernel.shape)
      if let bias = convolution.bias {
        convolution.biasQuantizer = try pquantQuantizer("bias", over: bias.shape)
      }
    }
    return try pquantFinished(.convolution(convolution))
  }

  /// relu, tanh or hard_tanh between two quantizers; before relu perhaps a power of two that is trained.
  fileprivate mutating func pquantActivation() throws(Failure) -> Tensor {
    let name = config["activation"]?.string ?? ""
    guard ["relu", "tanh", "hard_tanh"].contains(name) else {
      throw problem("PQuant's activation \(name) of \"\(layer.name)\" is not supported")
    }
    let settings = try pquantSettings("quantization_parameters")
    let isFITcompressed = try pquantSettings("fitcompress_parameters").boolean(
      "enable_fitcompress", default: false)
    let hasMultiplier = try settings.boolean("use_relu_multiplier", default: false)
    let isHGQ = try settings.boolean("use_high_granularity_quantization", default: false)
    if isFITcompressed, name == "relu" {
      throw problem(
        "\"\(layer.name)\" was trained with FITcompress: after loading PQuant itself leaves its quantizers out"
      )
    }
    var x = builder.model.plain(try single())
    if hasMultiplier, !isHGQ, name == "relu" {
      let exponent = try variables.read("multiplier", 0, shape: [1]).values[0].rounded(.toNearestOrEven)
      guard abs(exponent) <= 64 else {
        throw problem("the multiplier of \"\(layer.name)\" is 2 to the \(exponent)")
      }
      x = try scaled(x, by: Double(sign: .plus, exponent: Int(exponent), significand: 1), "multiplied")
    }
    inputs = [x]
    x = try pquantInput()
    let function = try activation(lastAxis: x.shape.count - 1)
    if name == "tanh", try pquantIsOn("quantize_output", default: false),
      let quantizer = try pquantQuantizer("output", over: x.shape)
    {
      return try make(.activation(.sequence([function, .quantizer(quantizer)])), "", [x], x.shape)
    }
    return try pquantOutput(try make(.activation(function), "", [x], x.shape))
  }
}
