import Glibc
import Model

/// A tensor of the float reference.
struct FloatTensor {
  var shape: [Int]
  var values: [Double]

  /// Row-major positions along each axis of the element at `index`.
  func position(_ index: Int) -> [Int] {
    var rest = index
    return shape.indices.reversed().map { axis in
      defer { rest /= shape[axis] }
      return rest % shape[axis]
    }.reversed()
  }

  /// The element at a position.
  subscript(_ position: [Int]) -> Double {
    values[zip(shape, position).reduce(0) { $0 * $1.0 + $1.1 }]
  }

  /// A tensor whose elements are computed from their positions.
  static func make(_ shape: [Int], _ element: ([Int]) -> Double) -> FloatTensor {
    var tensor = FloatTensor(shape: shape, values: [])
    tensor.values = (0..<shape.reduce(1, *)).map { element(tensor.position($0)) }
    return tensor
  }
}

extension FloatTensor {
  init(_ weights: Weights) { self.init(shape: weights.shape, values: weights.values) }
}

/// Runs a model in Double, as simply as can be: what Keras computes, for models without quantizers.
/// Gives every layer's result, or nil if a layer is quantized.
func runFloat(_ model: Model, _ inputs: [[Double]]) -> [FloatTensor]? {
  var results: [FloatTensor] = []
  for (index, layer) in model.layers.enumerated() {
    let sources = layer.sources.map { results[$0] }
    let shape = layer.outputShape
    if let input = model.inputs.firstIndex(of: index) {
      results.append(FloatTensor(shape: shape, values: inputs[input]))
    } else {
      guard let result = run(layer.kind, sources, shape), result.shape == shape else { return nil }
      results.append(result)
    }
  }
  return results
}

private func run(_ kind: LayerKind, _ x: [FloatTensor], _ shape: [Int]) -> FloatTensor? {
  switch kind {
  // Recurrent layers are held against Keras itself (ExactFrameworkTests), graphs against theirs (GraphTests).
  case .input, .constant, .split, .matrixProduct, .ensemble, .recurrent, .maskedSoftmax, .topPlaces, .take,
    .garNet:
    return nil
  case .dense(let dense):
    guard dense.kernelQuantizer == nil, dense.biasQuantizer == nil else { return nil }
    let kernel = FloatTensor(dense.kernel)
    let sum = FloatTensor.make(shape) { p in
      let channel = p[p.count - 1]
      return (0..<kernel.shape[0]).reduce(dense.bias?.values[channel] ?? 0) {
        $0 + x[0][p.dropLast() + [$1]] * kernel[[$1, channel]]
      }
    }
    return apply(dense.activation, sum)
  case .activation(let activation): return apply(activation, x[0])
  case .batchNormalization(let norm):
    guard norm.quantizers.isEmpty else { return nil }
    return FloatTensor.make(shape) { p in
      let c = p[norm.axis]
      return (norm.gamma?.values[c] ?? 1) * (x[0][p] - norm.mean.values[c])
        / (norm.variance.values[c] + norm.epsilon).squareRoot() + (norm.beta?.values[c] ?? 0)
    }
  case .merge(let merge):
    return FloatTensor.make(shape) { p in
      let elements = x.map { tensor in
        tensor[zip(tensor.shape, p.suffix(tensor.shape.count)).map { $0 == 1 ? 0 : $1 }]
      }
      switch merge {
      case .add: return elements.reduce(0, +)
      case .subtract: return elements[0] - elements[1]
      case .multiply: return elements.reduce(1, *)
      case .average: return elements.reduce(0, +) / Double(elements.count)
      case .maximum: return elements.reduce(-.infinity, max)
      case .minimum: return elements.reduce(.infinity, min)
      }
    }
  case .embedding(let embedding):
    let table = FloatTensor(embedding.rows)
    return FloatTensor.make(shape) { p in table[[Int(x[0][p.dropLast()]), p[p.count - 1]]] }
  case .layerNormalization(let norm):
    return FloatTensor.make(shape) { p in
      let end = Array(p.suffix(norm.axes))
      let group = FloatTensor.make(Array(shape.suffix(norm.axes))) { x[0][p.dropLast(norm.axes) + $0] }
      let mean = norm.isCentered ? group.values.reduce(0, +) / Double(group.values.count) : 0
      let variance = group.values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(group.values.count)
      let scaled =
        (group[end] - mean)
        / (norm.isLeast ? max(variance, norm.epsilon) : variance + norm.epsilon).squareRoot()
      return scaled * (norm.gamma.map { FloatTensor($0)[end] } ?? 1)
        + (norm.beta.map { FloatTensor($0)[end] } ?? 0)
    }
  case .concatenate(let axis):
    return FloatTensor.make(shape) { p in
      var p = p
      var source = 0
      while p[axis] >= x[source].shape[axis] {
        p[axis] -= x[source].shape[axis]
        source += 1
      }
      return x[source][p]
    }
  case .dot(let axes, let normalize):
    return dot(x, axes, normalize, shape)
  case .reshape: return FloatTensor(shape: shape, values: x[0].values)
  case .permute(let order):
    return FloatTensor.make(shape) { p in
      var source = p
      for (output, input) in order.enumerated() { source[input] = p[output] }
      return x[0][source]
    }
  case .repeatVector: return FloatTensor.make(shape) { x[0][Array($0.dropFirst())] }
  case .convolution(let convolution): return convolve(convolution, x[0], shape)
  case .separableConvolution(let depthwise, let pointwise):
    let middle = shape.dropLast() + [pointwise.kernel.shape[pointwise.kernel.shape.count - 2]]
    return convolve(depthwise, x[0], Array(middle)).flatMap { convolve(pointwise, $0, shape) }
  case .pooling(let pooling):
    guard pooling.averageQuantizer == nil else { return nil }
    return pool(pooling, x[0], shape)
  case .globalPooling(let kind, _, let quantizer):
    guard quantizer == nil else { return nil }
    let channels = x[0].shape[x[0].shape.count - 1]
    let positions = x[0].values.count / channels
    let values = (0..<channels).map { c in
      let all = (0..<positions).map { x[0].values[$0 * channels + c] }
      return kind == .maximum ? all.reduce(-.infinity, max) : all.reduce(0, +) / Double(positions)
    }
    return FloatTensor(shape: shape, values: values)
  case .zeroPadding(let spans):
    return FloatTensor.make(shape) { p in
      let source = spans.indices.map { p[$0] - spans[$0].before } + [p[p.count - 1]]
      return zip(source, x[0].shape).allSatisfy { $0 >= 0 && $0 < $1 } ? x[0][source] : 0
    }
  case .cropping(let spans):
    return FloatTensor.make(shape) { p in
      x[0][spans.indices.map { p[$0] + spans[$0].before } + [p[p.count - 1]]]
    }
  case .gather(let indices):
    return FloatTensor.make(shape) { p in x[0][p.indices.map { axis in indices[axis]?[p[axis]] ?? p[axis] }] }
  case .upsampling(let factors):
    return FloatTensor.make(shape) { p in x[0][factors.indices.map { p[$0] / factors[$0] } + [p[p.count - 1]]]
    }
  case .resizing:
    return FloatTensor.make(shape) { p in
      let source = (0..<2).map { axis in
        Int((Double(p[axis]) + 0.5) * Double(x[0].shape[axis]) / Double(shape[axis]))
      }
      return x[0][source + [p[2]]]
    }
  }
}

private func dot(_ x: [FloatTensor], _ axes: [Int], _ normalize: Bool, _ shape: [Int]) -> FloatTensor {
  let length = x[0].shape[axes[0]]
  func line(_ tensor: FloatTensor, _ axis: Int, _ rest: [Int]) -> [Double] {
    let all = (0..<length).map { index in
      var p = rest
      p.insert(index, at: axis)
      return tensor[p]
    }
    let norm = normalize ? all.reduce(0) { $0 + $1 * $1 }.squareRoot() : 1
    return all.map { $0 / norm }
  }
  return FloatTensor.make(shape) { p in
    let free = x[0].shape.count - 1
    let a = line(x[0], axes[0], Array(p.prefix(free)))
    let b = line(x[1], axes[1], Array(p.dropFirst(free).prefix(x[1].shape.count - 1)))
    return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
