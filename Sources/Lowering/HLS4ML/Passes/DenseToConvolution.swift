import Diagnostics
import Model

extension HLSPass {
  /// replace_multidimensional_dense_with_conv: a dense layer over several positions is a convolution with a
  /// kernel of length 1.
  static let denseToConvolution = HLSPass("replace_multidimensional_dense_with_conv") {
    (graph, place) throws(Failure) in
    var layer = graph.layers[place]
    guard case .dense = layer.kind, layer.shape.count - layer.timeAxes > 1,
      let weight = layer.weights[.weight]
    else {
      return false
    }
    let rank = layer.shape.count - 1
    let ones = Array(repeating: 1, count: rank)
    layer.kind = .convolution(
      HLSConvolution(
        kind: .standard(groups: 1), kernel: ones, strides: ones, dilation: ones,
        padding: ones.map { _ in Span(before: 0, after: 0) }))
    // hls4ml starts from the layer's own numbers again and forgets the quantizers.
    layer.types = [:]
    layer.weights[.weight] = try HLSWeight(weight.unquantized.reshaped(ones + weight.data.shape))
    if let bias = layer.weights[.bias] {
      if bias.isAbsent {
        layer.types[.bias] = .integer(1, signed: false)
      } else {
        layer.weights[.bias] = try HLSWeight(bias.unquantized)
      }
    }
    graph.setTypes(&layer)
    graph.layers[place] = layer
    return true
  }

  /// optimize_pointwise_conv: a convolution with a kernel of length 1 gets the class hls4ml computes it with.
  static let optimizePointwise = HLSPass("optimize_pointwise_conv") { (graph, place) throws(Failure) in
    guard case .convolution(var convolution) = graph.layers[place].kind, !convolution.isFolded,
      convolution.kernel.allSatisfy({ $0 == 1 }), convolution.kind == .standard(groups: 1),
      convolution.kernel.count > 1 || graph.layers[place].strategy != .distributedArithmetic
    else { return false }
    convolution.kind = .pointwise
    graph.layers[place].kind = .convolution(convolution)
    return true
  }
}
