import Diagnostics

extension HLSPass {
  /// skip_softmax: leaves out a softmax that the configuration skips.
  static let skipSoftmax = HLSPass("skip_softmax") { (graph, place) throws(Failure) in
    guard case .softmax(let softmax) = graph.layers[place].kind, softmax.isSkipped else { return false }
    graph.remove(at: place)
    return true
  }

  /// fix_softmax_table_size: a table has no more entries than its index has words.
  static let fixSoftmaxTableSize = HLSPass("fix_softmax_table_size") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard case .softmax(let softmax) = layer.kind, softmax.invTableSize == nil,
      let input = graph.operand(layer)?.result.format, let table = layer.types[.invTable]?.format
    else { return false }
    let bits = min(input.width, table.width)
    guard bits < 31, 1 << bits < layer.tableSize else { return false }
    graph.warnings.append(
      Diagnostic(
        file: layer.origin.file, place: layer.origin.path,
        "layer '\(layer.name)': a table of \(layer.tableSize) entries is too large for an index of \(bits) "
          + "bits; hls4ml makes it \(1 << bits)"))
    graph.layers[place].tableSize = 1 << bits
    return true
  }
}
