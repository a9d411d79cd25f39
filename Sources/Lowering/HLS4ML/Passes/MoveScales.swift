import Diagnostics

extension HLSPass {
  /// scale_down_mat_mul and scale_down_conv: the factor of quantized data moves behind the matrix or convolution that reads it.
  static let moveScales = HLSPass("scale_down") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard layer.kind.isAffine, let source = graph.scaledSource(of: layer),
      let scale = graph.layers[source].weights[.scale]?.unquantized,
      let bias = graph.layers[source].weights[.bias]?.unquantized,
      case .batchNormalization(isAlpha: true, _) = graph.layers[source].kind
    else { return false }
    var alpha = graph.layers[source]
    func refuse(_ why: String) -> Failure {
      layer.failure("hls4ml moves the factor of '\(alpha.name)' behind it, which is wrong: \(why)")
    }
    guard bias.isZeros, let factor = scale.values.first, scale.values.allSatisfy({ $0 == factor }) else {
      // hls4ml moves what numpy can broadcast to the result, whatever that means there.
      if case .convolution = layer.kind { return false }
      if scale.values.count == layer.shape.reduce(1, *), bias.isZeros {
        throw refuse("it is one per element")
      }
      return false
    }
    // The types that merge_const.py gives it break hls4ml when the layer is made anew.
    if alpha.name.hasPrefix("bn_") { throw refuse("and fails") }
    guard graph.consumers(of: alpha.name).count == 1, !graph.outputs.contains(alpha.name) else {
      throw refuse("others read it too")
    }
    guard graph.consumers(of: layer.name).count + (graph.outputs.contains(layer.name) ? 1 : 0) == 1 else {
      throw refuse("several read the result")
    }
    let factors = HLSArray.filled(layer.shape, factor, isDouble: scale.isDouble)
    var offset = HLSArray.filled(layer.shape, 0)
    graph.remove(at: source)
    if case .convolution = layer.kind, let inside = layer.weights[.bias]?.unquantized, !inside.isZeros {
      offset =
        HLSArray.filled(layer.shape, 0, isDouble: false) + inside
        * HLSArray(
          shape: [1], [1 - factor], isDouble: scale.isDouble)
    }
    // The weights' own factor stands behind a convolution already, and takes this one in.
    if case .convolution = layer.kind, let behind = graph.consumers(of: layer.name).first,
      case .batchNormalization(isAlpha: true, _) = graph.layers[behind].kind,
      graph.layers[behind].origin == layer.origin, let own = graph.layers[behind].weights[.scale]?.unquantized
    {
      let product = own * factors
      if let inside = layer.weights[.bias]?.unquantized, !inside.isZeros {
        guard let common = product.values.first, product.values.allSatisfy({ $0 == common }) else {
          throw refuse("there is a bias")
        }
        offset =
          HLSArray.filled(layer.shape, 0, isDouble: false) + inside
          * HLSArray(
            shape: [1], [1 - common], isDouble: product.isDouble)
        graph.layers[behind].weights[.bias] = try HLSWeight(offset)
      }
      graph.layers[behind].weights[.scale] = try HLSWeight(product)
      return true
    }
    alpha.inputs = [layer.name]
    alpha.shape = layer.shape
    alpha.origin = layer.origin
    alpha.value = nil
    alpha.weights[.scale] = try HLSWeight(factors, quantizer: alpha.weights[.scale]?.quantizer)
    alpha.weights[.bias] = try HLSWeight(offset)
    // The value of the sums is that of what stands behind now.
    if let value = graph.index(of: layer.name).map({ graph.layers[$0].value }) { alpha.value = value }
    if let index = graph.index(of: layer.name) { graph.layers[index].value = nil }
    graph.insert(alpha)
    return true
  }
}

extension HLSGraph {
  /// The layer that a matrix or convolution reads: behind the wiring that stands in for what cleaning moves to the network's input
  /// (a transposition to channels last) and for the convolution's own padding.
  fileprivate func scaledSource(of layer: HLSLayer) -> Int? {
    var name = layer.inputs[0]
    while let place = index(of: name) {
      switch layers[place].kind {
      case .transpose where layers[place].name.hasSuffix("_channels_last"): break
      case .zeroPadding where layers[place].origin == layer.origin: break
      default: return place
      }
      guard consumers(of: name).count == 1 else { return nil }
      name = layers[place].inputs[0]
    }
    return nil
  }
}
