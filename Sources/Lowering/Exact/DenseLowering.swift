import Diagnostics
import FixedPoint
import Model
import Program

extension ExactBuilder {
  /// y = x · kernel + bias over the last axis.
  mutating func lower(_ dense: Dense, _ x: ValueID) throws(Failure) -> ValueID {
    let (kernel, bias) =
      try dense.foldedNormalization.map { fold throws(Failure) in
        try fold.folded(into: dense.kernel, dense.bias)
      } ?? (dense.kernel, dense.bias)
    let parameters = try self.kernel(kernel, dense.kernelQuantizer)
    return try linear(x, parameters, bias, dense.biasQuantizer)
  }

  /// (x · kernel) · scale + bias; x and kernel as in `Affine`. `groups`: the bias is [G, N].
  mutating func linear(
    _ x: ValueID, _ parameters: LayerParameters, _ bias: Weights?, _ quantizer: Quantizer?
  ) throws(Failure) -> ValueID {
    let shape = parameters.kernel.shape
    let groups = Array(shape.dropLast(2))
    let fraction = format(x).fractionBits + parameters.kernel.format.fractionBits
    let outputs = shape[shape.count - 1]
    guard var scale = parameters.scale else {
      var offset = try self.bias(bias, quantizer, fractionBits: fraction)
      offset?.shape = groups + [outputs]
      return try affine(x, parameters.kernel, offset, "sum")
    }
    if scale.words.count > outputs { scale.shape = groups + [outputs] }
    let sum = try affine(x, parameters.kernel, nil, "sum")
    let scaled = try multiply(sum, constant(scale, "scale"), "scaled")
    guard var offset = try self.bias(bias, quantizer, fractionBits: format(scaled).fractionBits) else {
      return scaled
    }
    offset.shape = groups + [outputs]
    return try self.sum(scaled, constant(offset, "bias"), "biased")
  }
}

extension BatchNormalization {
  /// Kernel and bias with this normalization folded in, in float32 as QDenseBatchnorm and QConv2DBatchnorm do
  /// before they quantize (qkeras/qconv2d_batchnorm.py): inv · kernel, inv · (bias − mean) + beta.
  func folded(into kernel: Weights, _ bias: Weights?) throws(Failure) -> (Weights, Weights?) {
    let inverse = try frameworkFactors().scale.map { Float($0) }
    let folded = Weights(
      shape: kernel.shape,
      values: kernel.values.indices.map { Double(inverse[$0 % inverse.count] * Float(kernel.values[$0])) })
    let offsets = inverse.indices.map { channel -> Double in
      let centered = Float(bias?.values[channel] ?? 0) - Float(mean.values[channel])
      return Double(inverse[channel] * centered + Float(beta?.values[channel] ?? 0))
    }
    return (folded, Weights(shape: [inverse.count], values: offsets))
  }
}
