import Diagnostics
import FixedPoint
import Model
import Program

// Every kind of layer, as the program computes it and as floating point does: the one place in Exact/ where a new one is
// listed.

extension ExactBuilder {
  /// One layer, from its inputs to its result before that becomes a word.
  mutating func lower(
    _ layer: Layer, _ inputs: [ValueID], estimate: ClosedRange<Double>?
  ) throws(Failure) -> ValueID {
    if case .constant(let constant) = layer.kind {
      let values = try constant.quantizer?.quantized(constant.values) ?? constant.values
      let id = self.constant(try parameter(values, "numbers"), "")
      constants[id] = values.values
      return id
    }
    guard let x = inputs.first else { throw failure("no input") }
    if let steps = layer.kind.wiring(input: shape(x), output: layer.outputShape) {
      return try rearrange(x, steps)
    }
    switch layer.kind {
    case .dense(let dense): return try lower(dense, x)
    case .convolution(let convolution): return try lower(convolution, x, output: layer.outputShape)
    case .activation(let activation): return try lower(activation, x, estimate: estimate)
    case .batchNormalization(let normalization): return try lower(normalization, x)
    case .merge(let merge): return try lower(merge, inputs)
    case .concatenate(let axis): return try concatenate(inputs, axis: axis)
    case .embedding(let embedding): return try lower(embedding, x)
    case .layerNormalization(let normalization): return try lower(normalization, x)
    case .ensemble(let ensemble): return try lower(ensemble, x)
    case .dot(let axes, let normalize):
      return try dot(inputs, axes: axes, normalize: normalize, output: layer.outputShape)
    case .matrixProduct: return try matrixProduct(inputs)
    case .maskedSoftmax(let axis):
      return try maskedSoftmax(x, inputs[1], axis: axis, output: layer.outputShape)
    case .topPlaces(let top): return try lower(top, x)
    case .take: return try take(x, inputs[1])
    case .pooling(let pooling): return try lower(pooling, x, output: layer.outputShape)
    case .globalPooling(let kind, _, let quantizer):
      return try globalPooling(kind, quantizer, x, output: layer.outputShape)
    case .input, .constant, .separableConvolution, .reshape, .permute, .zeroPadding, .cropping, .gather,
      .upsampling, .resizing, .repeatVector, .split, .garNet:
      throw failure("\(layer.className) is not supported by the exact policy")
    }
  }
}

extension FloatLayer {
  init(_ layer: Layer, inputs: [[Int]]) throws(Failure) {
    let output = layer.outputShape
    let x = inputs.first ?? []
    switch layer.kind {
    case .input: step = .none
    case .constant(let constant):
      step = .constant(try constant.quantizer?.quantized(constant.values).values ?? constant.values.values)
    case .dense(let dense):
      let (kernel, bias) = try Self.parameters(
        dense.kernel, dense.bias, dense.kernelQuantizer, dense.biasQuantizer, dense.foldedNormalization)
      step = .linear(nil, matrix: kernel, shape: [1] + dense.kernel.shape, bias: bias)
    case .convolution(let convolution):
      let geometry = ConvolutionGeometry(convolution, input: x, output: output)
      let (kernel, bias) = try Self.parameters(
        convolution.kernel, convolution.bias, convolution.kernelQuantizer, convolution.biasQuantizer,
        convolution.foldedNormalization)
      var seen = WindowedTensor(window: geometry.window, shape: x)
      if let spreading = geometry.spreading, let spread = spreading.shape(of: x) {
        seen.spreading = spreading.elementMap([x], result: spread)
        seen.shape = spread
      }
      step = .linear(
        seen, matrix: geometry.matrix.map { kernel[$0] },
        shape: geometry.matrixShape.count == 2 ? [1] + geometry.matrixShape : geometry.matrixShape, bias: bias
      )
    case .batchNormalization(let normalization):
      let factors =
        normalization.quantizers.isEmpty ? normalization.factors : try normalization.frameworkFactors()
      step = .normalize(factors, inner: x[(normalization.axis + 1)...].reduce(1, *))
    case .activation(let activation): step = .activation(activation, shape: x)
    case .pooling(let pooling):
      step = .pool(
        pooling.kind, WindowedTensor(window: Window(pooling, input: x, padding: 0), shape: x),
        reciprocal: try Self.reciprocal(pooling.size.reduce(1, *), pooling.averageQuantizer))
    case .globalPooling(let kind, _, let quantizer):
      let size = Array(x.dropLast())
      let all = Pooling(kind: kind, size: size, strides: size.map { _ in 1 }, padding: .valid)
      step = .pool(
        kind, WindowedTensor(window: Window(all, input: x, padding: 0), shape: x),
        reciprocal: try Self.reciprocal(size.reduce(1, *), quantizer))
    case .merge(let merge): step = .merge(merge, maps: inputs.map { broadcastPlaces($0, to: output) ?? [] })
    case .embedding(let embedding): step = .own { embedding.values($0) }
    case .layerNormalization(let normalization): step = .own { normalization.values($0, shape: x) }
    case .ensemble(let ensemble): step = .own { ensemble.margins($0) }
    case .concatenate(let axis):
      step = .join(map: Rearrangement.concatenate(axis: axis).elementMap(inputs, result: output))
    case .dot(let axes, _):
      let maps = zip(inputs, axes).map { shape, axis in
        let order = shape.indices.filter { $0 != axis } + [axis]
        return Rearrangement.transpose(order).elementMap([shape], result: order.map { shape[$0] })
      }
      step = .dot(maps: maps, depth: x[axes[0]])
    case .matrixProduct:
      step = .matrices(
        batch: x.dropLast(2).reduce(1, *), rows: x[x.count - 2], columns: inputs[1][x.count - 2],
        depth: x[x.count - 1])
    case .maskedSoftmax(let axis):
      let map = broadcastPlaces(inputs[1], to: output) ?? []
      step = .both { maskedSoftmax($0, $1, map: map, shape: output, axis: axis) }
    case .topPlaces(let top): step = .own { top.values($0, length: x[x.count - 1]) }
    case .take: step = .both { taken($0, shape: x, at: $1) }
    case .separableConvolution, .split, .garNet: step = .none  // taken apart before this
    case .reshape, .permute, .zeroPadding, .cropping, .gather, .upsampling, .resizing, .repeatVector:
      var shape = x
      var map = Array(0..<x.reduce(1, *))
      for rearrangement in layer.kind.wiring(input: x, output: output) ?? [] {
        guard let result = rearrangement.shape(of: shape) else { break }
        map = rearrangement.elementMap([shape], result: result).map { $0 < 0 ? -1 : map[$0] }
        shape = result
      }
      step = .gather(map)
    }
    switch step {
    case .linear(let seen, let matrix, let shape, _):
      let rows = seen.map { $0.words / shape[0] / shape[1] } ?? x.reduce(1, *) / shape[1]
      cost = Saturating.product([matrix.count, max(1, rows)])
    case .pool(_, let seen, _): cost = seen.words
    case .own where layer.kind.ensemble != nil:
      cost = layer.kind.ensemble.map { $0.trees.reduce(0) { $0 + $1.depth } } ?? 0
    default: cost = output.reduce(1, *)
    }
  }
}
