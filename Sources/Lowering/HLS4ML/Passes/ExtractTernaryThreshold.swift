import Diagnostics

extension HLSPass {
  /// extract_ternary_threshold: a ternary activation always switches at ±0.5; a scaling in front of it moves its
  /// own threshold there.
  static let extractTernaryThreshold = HLSPass("extract_ternary_threshold") {
    (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard case .ternaryTanh(let threshold) = layer.kind, threshold != 0.5 else { return false }
    var scaling = HLSLayer(
      "\(layer.name)_scale", .batchNormalization(isAlpha: true), inputs: layer.inputs, shape: layer.shape,
      origin: layer.origin)
    scaling.weights[.scale] = try HLSWeight(.filled(layer.shape, 0.5 / threshold))
    scaling.weights[.bias] = try HLSWeight(.filled(layer.shape, 0))
    graph.setTypes(&scaling)
    graph.layers[place].kind = .ternaryTanh(threshold: 0.5)
    graph.insert(scaling, before: layer.name)
    return true
  }
}
