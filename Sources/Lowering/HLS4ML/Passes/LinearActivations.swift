import Diagnostics

extension HLSPass {
  /// eliminate_linear_activation: one that changes no type.
  static let eliminateLinearActivation = HLSPass("eliminate_linear_activation") {
    (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard layer.isLinear, graph.operand(layer)?.result == layer.result else { return false }
    graph.removeIntoOperand(at: place)
    return true
  }

  /// merge_linear_activation: one behind a layer whose result type is not set. hls4ml drops the activation's own
  /// type with it, unless it is a Quant's.
  static let mergeLinearActivation = HLSPass("merge_linear_activation") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard layer.isLinear, let parent = graph.operand(layer), parent.result == .auto else { return false }
    switch parent.kind {
    case .dense, .convolution, .batchNormalization: break
    default: guard parent.kind.isActivation else { return false }
    }
    if let format = layer.quantizedResult {
      if let place = graph.index(of: parent.name) { graph.layers[place].result = .format(format) }
    } else if layer.result != .auto {
      graph.warnings.append(
        Diagnostic(
          file: layer.origin.file, place: layer.origin.path,
          "layer '\(layer.name)': hls4ml leaves this layer and its type \(layer.result) out, because the "
            + "result type of '\(parent.name)' is auto",
          hint: "set the result type of '\(parent.name)'"))
    }
    graph.removeIntoOperand(at: place)
    return true
  }
}

extension HLSLayer {
  fileprivate var isLinear: Bool {
    if case .activation(.linear) = kind { return true }
    return false
  }
}
