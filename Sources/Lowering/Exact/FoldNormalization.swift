import Diagnostics
import Model

extension Model {
  /// The same model with every batch normalization that directly follows its only producer, a dense layer or
  /// a convolution, folded into that layer's weights. For models without quantizers: there the weights are
  /// rounded once, after folding.
  ///
  /// - Returns: the model, a note per folded layer, and where each layer's result is in the new model.
  func foldNormalizations() -> (model: Model, notes: [Diagnostic], places: [Int]) {
    let consumers = self.consumers
    var result = Model(name: name, layers: [], inputs: [], outputs: [])
    var notes: [Diagnostic] = []
    var places: [Int] = []
    for layer in layers {
      if case .batchNormalization(let normalization) = layer.kind, let producer = layer.sources.first,
        consumers[producer].count == 1, !isOutput(producer),
        normalization.axis == layer.outputShape.count - 1,
        let folded = layers[producer].kind.folding(normalization)
      {
        result.layers[places[producer]].kind = folded
        places.append(places[producer])
        notes.append(Diagnostic(layer, "folded into the weights of '\(layers[producer].name)'"))
        continue
      }
      var copy = layer
      copy.inputs = layer.sources.map { LayerResult(places[$0]) }
      result.layers.append(copy)
      places.append(result.layers.count - 1)
    }
    result.inputs = inputs.map { places[$0] }
    result.outputs = outputs.map { LayerResult(places[$0.layer]) }
    return (result, notes, places)
  }
}

extension LayerKind {
  /// The layer followed by the normalization, as one layer; nil where that is not one layer.
  fileprivate func folding(_ normalization: BatchNormalization) -> LayerKind? {
    let factors = normalization.factors
    switch self {
    case .dense(var dense):
      guard dense.kernelQuantizer == nil, dense.biasQuantizer == nil, dense.activation == .linear,
        dense.foldedNormalization == nil
      else { return nil }
      dense.kernel = dense.kernel.scaled(factors.scale)
      dense.bias = factors.bias(dense.bias)
      return .dense(dense)
    case .convolution(var convolution):
      guard convolution.kernelQuantizer == nil, convolution.biasQuantizer == nil,
        convolution.activation == .linear, convolution.foldedNormalization == nil
      else { return nil }
      switch convolution.kind {
      case .standard: convolution.kernel = convolution.kernel.scaled(factors.scale)
      case .depthwise:
        // [taps…, channels, multiplier] is row major over the output channels too.
        convolution.kernel = convolution.kernel.scaled(factors.scale)
      case .transposed:
        // [taps…, channels out, channels in].
        let depth = convolution.kernel.shape[convolution.kernel.shape.count - 1]
        convolution.kernel = convolution.kernel.scaled(
          factors.scale.flatMap { Array(repeating: $0, count: depth) })
      }
      convolution.bias = factors.bias(convolution.bias)
      return .convolution(convolution)
    default: return nil
    }
  }
}

/// A batch normalization as y = scale · x + shift, per channel.
struct NormalizationFactors {
  var scale: [Double]
  var shift: [Double]

  /// The bias of a layer followed by this.
  func bias(_ bias: Weights?) -> Weights {
    let values = bias?.values ?? [Double](repeating: 0, count: scale.count)
    return Weights(
      shape: [scale.count], values: values.indices.map { values[$0] * scale[$0] + shift[$0] })
  }
}

extension BatchNormalization {
  /// In double precision.
  var factors: NormalizationFactors {
    let channels = mean.values.indices
    let scale = channels.map { (gamma?.values[$0] ?? 1) / (variance.values[$0] + epsilon).squareRoot() }
    return NormalizationFactors(
      scale: scale, shift: channels.map { (beta?.values[$0] ?? 0) - mean.values[$0] * scale[$0] })
  }

  /// In float32, operation for operation as tf.nn.batch_normalization, or as ONNX Runtime: after the parameters' quantizers.
  func frameworkFactors() throws(Failure) -> NormalizationFactors {
    func floats(_ weights: Weights?, _ key: Parameter, default fallback: Float) throws(Failure) -> [Float] {
      guard let weights else { return Array(repeating: fallback, count: self.mean.values.count) }
      return (try quantizers[key]?.quantized(weights) ?? weights).values.map { Float($0) }
    }
    let gamma = try floats(self.gamma, .gamma, default: 1)
    let beta = try floats(self.beta, .beta, default: 0)
    let mean = try floats(self.mean, .mean, default: 0)
    let variance = try floats(self.variance, .variance, default: 1)
    let scale = variance.indices.map { channel -> Float in
      let sum = variance[channel] + Float(epsilon)
      return (roundsRoot ? 1 / sum.squareRoot() : Float(1 / Double(sum).squareRoot())) * gamma[channel]
    }
    func quantized(_ values: [Float], _ key: Parameter) throws(Failure) -> [Double] {
      let weights = Weights(shape: [values.count], values: values.map { Double($0) })
      return (try quantizers[key]?.quantized(weights) ?? weights).values
    }
    return NormalizationFactors(
      scale: try quantized(scale, .scale),
      shift: try quantized(scale.indices.map { beta[$0] - mean[$0] * scale[$0] }, .offset))
  }
}

extension Weights {
  /// Every value times the factor of its place, the factors repeating over the last axes.
  func scaled(_ factors: [Double]) -> Weights {
    Weights(shape: shape, values: values.indices.map { values[$0] * factors[$0 % factors.count] })
  }
}
