import Diagnostics

extension HLSPass {
  /// inplace_parallel_reshape and inplace_stream_flatten: only another view of the same words, whatever type the
  /// configuration gives it.
  static let inplaceReshape = HLSPass("inplace_reshape") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard case .reshape = layer.kind, layer.isTraced, let source = graph.operand(layer) else { return false }
    if graph.isStream, layer.shape.count > 1 || graph.outputs.contains(layer.name) { return false }
    graph.layers[place].result = source.result
    graph.layers[place].isTraced = false
    return true
  }

  /// reshape_stream: in io_stream a reshape copies the stream, and converts to its own type.
  static let reshapeStream = HLSPass("reshape_stream") { (graph, place) throws(Failure) in
    var layer = graph.layers[place]
    guard graph.isStream, case .reshape = layer.kind,
      layer.shape.count > 1 || graph.outputs.contains(layer.name)
    else { return false }
    layer.name = "repack_\(layer.name)"
    layer.kind = .repack
    layer.isTraced = false
    graph.replace(at: place, with: layer)
    return true
  }

  /// remove_nop_transpose: of a tensor with one axis.
  static let removeNopTranspose = HLSPass("remove_nop_transpose") { (graph, place) throws(Failure) in
    guard case .transpose(let order) = graph.layers[place].kind, order == [0] else { return false }
    graph.remove(at: place)
    return true
  }
}
