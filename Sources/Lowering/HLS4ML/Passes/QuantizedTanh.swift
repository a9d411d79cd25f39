import Diagnostics
import FixedPoint
import Glibc

extension HLSPass {
  /// merge_batch_norm_quantized_tanh: a normalization before a binary or ternary tanh becomes a comparison with
  /// the value where the normalized one crosses the step.
  static let mergeQuantizedTanh = HLSPass("merge_batch_norm_quantized_tanh") {
    (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    let levels: Int
    var step = 0.5
    switch layer.kind {
    case .activation(.binaryTanh): levels = 2
    case .activation(.ternaryTanh): levels = 3
    case .ternaryTanh(let threshold):
      levels = 3
      step = threshold
    default: return false
    }
    guard let source = graph.index(of: layer.inputs[0]),
      case .batchNormalization(_, nil) = graph.layers[source].kind,
      graph.consumers(of: layer.inputs[0]).count == 1,
      let scale = graph.layers[source].weights[.scale]?.data,
      let bias = graph.layers[source].weights[.bias]?.data,
      let input = graph.operand(graph.layers[source])?.result, let format = input.inferable
    else { return false }
    if scale.values.contains(where: { $0 <= 0 }) {
      graph.warnings.append(
        Diagnostic(
          file: layer.origin.file, place: layer.origin.path,
          "layer '\(layer.name)': hls4ml ignores the sign of a negative scale when it merges a batch "
            + "normalization with a quantized tanh; so does this policy",
          hint: "--numerics exact honours it"))
    }
    var merged = HLSLayer(
      "bnbt_\(graph.layers[source].name)", .thresholds(levels: levels), inputs: graph.layers[source].inputs,
      shape: layer.shape, origin: layer.origin)
    merged.value = layer.value
    let middle = (bias / scale).map { -$0 }
    func onGrid(_ array: HLSArray) -> HLSArray {
      let unit = Double(sign: .plus, exponent: format.fractionBits, significand: 1)
      return array.map { ($0 * unit).rounded(.down) }.map { $0 / unit }
    }
    if levels == 2 {
      merged.weights[.threshold] = try HLSWeight(onGrid(middle))
      merged.types[.threshold] = input
    } else {
      let width = scale.map { step / $0 }
      merged.weights[.thresholdHigh] = try HLSWeight(onGrid(width + middle))
      merged.weights[.thresholdLow] = try HLSWeight(onGrid(middle - width))
      merged.types[.thresholdHigh] = input
      merged.types[.thresholdLow] = input
    }
    graph.setTypes(&merged)
    merged.result = levels == 2 ? .xnor : .integer(2)
    graph.replace(at: place, with: merged)
    graph.remove(at: source)
    return true
  }

  /// quantize_dense_output: a layer of hls4ml's own binary or ternary weights behind a quantized tanh counts, in a
  /// type just wide enough.
  static let quantizeDenseOutput = HLSPass("quantize_dense_output") { (graph, place) throws(Failure) in
    var layer = graph.layers[place]
    guard case .dense = layer.kind, let weight = layer.weights[.weight],
      case .thresholds? = graph.operand(layer)?.kind, let count = weight.data.shape.first
    else { return false }
    let quantizer: HLSQuantizer
    switch weight.quantizer?.kind {
    case .binary(let isXnor):
      if isXnor { return false }
      quantizer = HLSQuantizer(.binary(isXnor: true))
    case .ternary:
      if layer.types[.bias] == .integer(2), layer.weights[.bias]?.quantizer == nil { return false }
      quantizer = HLSQuantizer(.ternary)
    default: return false
    }
    let type = HLSPrecision.integer(Int(log2(Double(count)).rounded(.up)) + 2)
    layer.types[.accum] = type
    layer.result = type
    layer.weights[.weight] = try HLSWeight(weight.data, quantizer: quantizer)
    layer.types[.weight] = quantizer.precision
    layer.weights[.bias] = HLSWeight(quantized: .filled([layer.shape.last ?? 1], 0), by: nil)
    layer.types[.bias] = quantizer.precision
    graph.layers[place] = layer
    for reader in graph.consumers(of: layer.name) {
      guard case .thresholds = graph.layers[reader].kind else { continue }
      for role in [HLSRole.threshold, .thresholdHigh, .thresholdLow] {
        guard let threshold = graph.layers[reader].weights[role] else { continue }
        graph.layers[reader].weights[role] = HLSWeight(
          quantized: threshold.data.map { $0.rounded(.down) }, by: nil)
        graph.layers[reader].types[role] = type
      }
    }
    return true
  }

  /// xnor_pooling: the maximum of one-bit numbers is one bit.
  static let xnorPooling = HLSPass("xnor_pooling") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    switch layer.kind {
    case .pooling(let pooling): guard pooling.kind == .maximum else { return false }
    case .globalPooling(let kind, _): guard kind == .maximum else { return false }
    default: return false
    }
    guard graph.operand(layer)?.result == .xnor, layer.result != .xnor else { return false }
    graph.layers[place].result = .xnor
    return true
  }
}
