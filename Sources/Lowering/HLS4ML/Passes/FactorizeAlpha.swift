import Configuration
import Diagnostics
import Glibc
import Model

extension HLSPass {
  /// qkeras_factorize_alpha: the factor (alpha) of quantized weights moves to a layer of its own, which also
  /// takes over the bias.
  static let factorizeAlpha = HLSPass("qkeras_factorize_alpha") { (graph, place) throws(Failure) in
    var layer = graph.layers[place]
    guard layer.isScaled, let weight = layer.weights[.weight], let bias = layer.weights[.bias] else {
      return false
    }
    var alpha = HLSLayer(
      "\(layer.name)_alpha", .batchNormalization(isAlpha: true), inputs: [layer.name], shape: layer.shape,
      origin: layer.origin)
    let scale = try factor(of: weight)
    // The kernel is divided by its factor and quantized without it, which restores the grid exactly.
    let unscaled = weight.quantizer?.unscaled
    let divided = scale.map { 1 / $0 } * (try weight.scaledData)
    layer.weights[.weight] = HLSWeight(quantized: try unscaled?.quantized(divided) ?? divided, by: unscaled)
    layer.weights[.bias] = HLSWeight(
      quantized: .filled(bias.data.shape, 0), by: bias.quantizer?.unscaled)
    var scaleQuantizer: HLSQuantizer?
    if weight.quantizer?.quantizer?.scale == .autoPowerOfTwo {
      let exponents = scale.values.map { abs(Int(log2(abs($0)))) }
      let bits = max((exponents.max() ?? 0) + 1, 2)
      scaleQuantizer = HLSQuantizer(
        .qkeras(
          QKerasQuantizer(
            kind: .powerOfTwo(bits: bits, maximum: nil, quadraticApproximation: false), scale: .one,
            className: .quantizedPowerOfTwo)))
    }
    alpha.weights[.scale] = try HLSWeight(scale, quantizer: scaleQuantizer)
    alpha.weights[.bias] = try HLSWeight(bias.data, quantizer: bias.quantizer)
    if let bits = layer.weights[.weight]?.data, let factors = alpha.weights[.scale]?.data {
      layer.check(try weight.scaledData, against: factors * bits, &graph)
    }
    alpha.value = layer.value
    layer.value = nil
    graph.configuration.setLayer(alpha.name, LayerSettings(precision: ["default": .auto]))
    graph.layers[place] = layer
    graph.setTypes(&alpha)
    graph.insert(alpha)
    return true
  }

  /// The factor of quantized weights, one per channel.
  private static func factor(of weight: HLSWeight) throws(Failure) -> HLSArray {
    guard let quantizer = weight.quantizer?.quantizer else {
      return .filled([weight.data.shape.last ?? 1], 1)
    }
    let scale = try quantizer.quantization(of: weight.unquantized.weights).scale
    let channels = weight.data.shape.last ?? 1
    let perChannel = scale.count == channels ? scale : Array(repeating: scale[0], count: channels)
    let isAutomatic = quantizer.scale == .auto || quantizer.scale == .autoPowerOfTwo
    return HLSArray(shape: [channels], perChannel, isDouble: !isAutomatic)
  }
}

extension HLSLayer {
  /// Whether the weights or the bias are quantized with a factor that is not 1.
  fileprivate var isScaled: Bool {
    switch kind {
    case .dense: break
    case .convolution(let convolution):
      guard case .standard = convolution.kind else { return false }
    default: return false
    }
    return [HLSRole.weight, .bias].contains { weights[$0]?.quantizer?.hasScale == true }
  }
}

extension HLSLayer {
  /// Says which quantized weights hls4ml does not restore when it takes their factor out: the type it divides them into, or
  /// the power of two it makes of the factor, may not hold them.
  fileprivate func check(_ quantized: HLSArray, against restored: HLSArray, _ graph: inout HLSGraph) {
    // Beyond what float32 rounds.
    let changed = zip(quantized.values, restored.values).filter { abs($0 - $1) > 1e-5 * abs($0) }
    guard let worst = changed.max(by: { abs($0.0 - $0.1) < abs($1.0 - $1.1) }) else { return }
    graph.warnings.append(
      Diagnostic(
        file: origin.file, place: origin.path,
        "layer '\(name)': \(changed.count) of \(quantized.values.count) quantized numbers of its weight do not fit the type "
          + "and the factor that hls4ml takes them apart into: \(worst.0.short) becomes \(worst.1.short)",
        hint: "--numerics exact computes what the quantizer says"))
  }
}

extension HLSWeight {
  /// The quantized numbers with their factor: what the QKeras quantizer returns, before hls4ml's encoding.
  fileprivate var scaledData: HLSArray {
    get throws(Failure) {
      guard let quantizer = quantizer?.quantizer else { return data }
      return HLSArray(try quantizer.quantized(unquantized.weights))
    }
  }
}
