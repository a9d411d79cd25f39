import Diagnostics

extension HLSPass {
  /// fuse_batch_normalization: into the weights of the layer before it, where that layer's result type is not
  /// set. Two quantized tensors are not multiplied or added.
  static let fuseBatchNormalization = HLSPass("fuse_batch_normalization") { (graph, place) throws(Failure) in
    let layer = graph.layers[place]
    guard case .batchNormalization(_, nil) = layer.kind, let source = graph.index(of: layer.inputs[0]) else {
      return false
    }
    var parent = graph.layers[source]
    guard parent.kind.isAffine, parent.result == .auto, parent.types[.weight] != .xnor,
      let weight = parent.weights[.weight], let bias = parent.weights[.bias],
      let scale = layer.weights[.scale], let shift = layer.weights[.bias]
    else { return false }
    let areScalesCompatible =
      (weight.quantizer == nil && scale.quantizer == nil)
      || (weight.unquantized.isOnes && weight.quantizer == nil)
      || (scale.unquantized.isOnes && scale.quantizer == nil)
    let areBiasesCompatible =
      (bias.quantizer == nil && shift.quantizer == nil)
      || (bias.unquantized.isZeros && bias.quantizer == nil)
      || (shift.unquantized.isZeros && shift.quantizer == nil)
    guard areScalesCompatible, areBiasesCompatible else { return false }
    guard graph.consumers(of: parent.name).count == 1 else { return false }
    let types = [parent.types[.weight], parent.types[.bias], layer.types[.scale], layer.types[.bias]]
    guard types.allSatisfy({ $0 == .auto || $0?.inferable != nil }) else { return false }

    if graph.isONNX, case .convolution = parent.kind, scale.data.values.count != parent.shape.last {
      throw layer.failure("hls4ml fails to multiply it into the convolution before it, element by element")
    }
    let fused = parent.scaledKernel(weight.data, by: scale.data)
    let fusedBias = scale.data * bias.data + shift.data
    parent.types[.weight] = nil
    parent.types[.bias] = nil
    parent.weights[.weight] = try HLSWeight(fused, quantizer: scale.quantizer ?? weight.quantizer)
    parent.weights[.bias] = try HLSWeight(fusedBias, quantizer: shift.quantizer ?? bias.quantizer)
    graph.setWeightTypes(&parent)
    graph.layers[source] = parent
    graph.removeIntoOperand(at: place)
    return true
  }

  /// fuse_consecutive_batch_normalization: two become one where the first one's result type is not set.
  static let fuseConsecutiveBatchNormalization = HLSPass("fuse_consecutive_batch_normalization") {
    (graph, place) throws(Failure) in
    var layer = graph.layers[place]
    guard case .batchNormalization(_, nil) = layer.kind, let source = graph.index(of: layer.inputs[0]) else {
      return false
    }
    let first = graph.layers[source]
    guard case .batchNormalization(_, nil) = first.kind, first.result == .auto,
      graph.consumers(of: first.name).count == 1,
      let s0 = first.weights[.scale], let b0 = first.weights[.bias],
      let s1 = layer.weights[.scale], let b1 = layer.weights[.bias]
    else { return false }
    let areScalesCompatible =
      s0.quantizer == nil || s1.quantizer == nil || s0.unquantized.isOnes || s1.unquantized.isOnes
    let areBiasesCompatible =
      b0.quantizer == nil || b1.quantizer == nil || b0.unquantized.isZeros || b1.unquantized.isZeros
    guard areScalesCompatible, areBiasesCompatible else { return false }
    let scaleQuantizer =
      s0.unquantized.isOnes ? s1.quantizer : (s1.unquantized.isOnes ? s0.quantizer : nil)
    // As hls4ml, which looks for a bias of ones here, not of zeros.
    let biasQuantizer = b0.unquantized.isOnes ? b1.quantizer : (b1.unquantized.isZeros ? b0.quantizer : nil)
    if graph.isONNX, [s0, b0, s1, b1].contains(where: { $0.quantizer != nil }) {
      throw layer.failure(
        "hls4ml merges it with '\(first.name)' before it from numbers that are not quantized yet")
    }
    let scale = s0.unquantized * s1.unquantized
    let bias = s1.unquantized * b0.unquantized + b1.unquantized
    layer.types[.scale] = nil
    layer.types[.bias] = nil
    layer.weights[.scale] = try HLSWeight(scale, quantizer: scaleQuantizer)
    layer.weights[.bias] = try HLSWeight(bias, quantizer: biasQuantizer)
    graph.setWeightTypes(&layer)
    graph.layers[place] = layer
    graph.remove(at: source)
    return true
  }

  /// remove_nop_batch_normalization: scale 1 and bias 0.
  static let removeNopBatchNormalization = HLSPass("remove_nop_batch_normalization") {
    (graph, place) throws(Failure) in
    guard case .batchNormalization = graph.layers[place].kind,
      graph.layers[place].weights[.scale]?.unquantized.isOnes == true,
      graph.layers[place].weights[.bias]?.unquantized.isZeros == true
    else { return false }
    graph.removeIntoOperand(at: place)
    return true
  }
}

extension HLSLayer {
  /// The kernel with every output channel multiplied by its factor. hls4ml broadcasts along the last axis, which
  /// is wrong for a depthwise kernel.
  fileprivate func scaledKernel(_ kernel: HLSArray, by scale: HLSArray) -> HLSArray {
    guard case .convolution(let convolution) = kind, convolution.kind == .depthwise else {
      return scale * kernel
    }
    let channels = kernel.shape.suffix(2).reduce(1, *)
    let flat = kernel.reshaped(kernel.shape.dropLast(2) + [channels])
    return (scale * flat).reshaped(kernel.shape)
  }
}
