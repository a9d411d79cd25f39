import Diagnostics
import Model

extension HLSPass {
  /// insert_zero_padding_before_conv1d/2d: in io_stream the zeros around an image are a layer of their own.
  static let insertZeroPadding = HLSPass("insert_zero_padding") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard graph.isStream, case .convolution(var convolution) = layer.kind, convolution.kind != .transposed,
      convolution.padding.contains(where: { $0.before != 0 || $0.after != 0 }),
      let source = graph.operand(layer)
    else { return false }
    var shape = source.shape
    for (axis, span) in convolution.padding.enumerated() { shape[axis] += span.before + span.after }
    var padding = HLSLayer(
      "zp\(convolution.kernel.count)d_\(layer.name)", .zeroPadding(convolution.padding), inputs: layer.inputs,
      shape: shape, origin: layer.origin)
    padding.isTraced = false
    graph.setTypes(&padding)
    padding.result = source.result
    convolution.padding = convolution.padding.map { _ in Span(before: 0, after: 0) }
    graph.layers[place].kind = .convolution(convolution)
    graph.insert(padding, before: layer.name)
    return true
  }

  /// clone_output: a stream is read once, so one with several readers is copied.
  static let cloneOutput = HLSPass("clone_output") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard graph.isStream else { return false }
    if case .clone = layer.kind { return false }
    let readers = graph.consumers(of: layer.name).reduce(0) { count, reader in
      count + graph.layers[reader].inputs.count { $0 == layer.name }
    }
    guard readers + (graph.outputs.contains(layer.name) ? 1 : 0) > 1 else { return false }
    var clone = HLSLayer(
      "clone_\(layer.name)", .clone, inputs: [layer.name], shape: layer.shape, origin: layer.origin)
    clone.result = layer.result
    clone.isTraced = false
    graph.insert(clone)
    return true
  }
}
