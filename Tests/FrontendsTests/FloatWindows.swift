import Glibc
import Model

/// All positions of a window.
private func positions(_ size: [Int]) -> [[Int]] {
  size.reduce([[]]) { list, length in list.flatMap { head in (0..<length).map { head + [$0] } } }
}

/// How many elements Keras pads before each axis.
private func paddingBefore(
  _ padding: Convolution.Padding, _ input: [Int], _ output: [Int], _ size: [Int], _ strides: [Int],
  _ dilation: [Int]
) -> [Int] {
  size.indices.map { axis in
    let reach = (size[axis] - 1) * dilation[axis] + 1
    switch padding {
    case .valid: return 0
    case .causal: return reach - 1
    case .same: return max((output[axis] - 1) * strides[axis] + reach - input[axis], 0) / 2
    }
  }
}

func convolve(_ c: Convolution, _ x: FloatTensor, _ shape: [Int]) -> FloatTensor? {
  guard c.kernelQuantizer == nil, c.biasQuantizer == nil, c.foldedNormalization == nil else { return nil }
  let rank = c.strides.count
  let kernel = FloatTensor(c.kernel)
  let size = Array(kernel.shape.prefix(rank))
  let before = paddingBefore(c.padding, x.shape, shape, size, c.strides, c.dilation)
  let window = positions(size)
  let channels = x.shape[rank]
  let sum = FloatTensor.make(shape) { p in
    let out = p[rank]
    var total = c.bias?.values[out] ?? 0
    for w in window {
      guard let source = source(of: p, w) else { continue }
      switch c.kind {
      case .standard(let groups):
        let (ins, outs) = (channels / groups, shape[rank] / groups)
        for i in 0..<ins { total += x[source + [out / outs * ins + i]] * kernel[w + [i, out]] }
      case .depthwise:
        let multiplier = kernel.shape[rank + 1]
        total += x[source + [out / multiplier]] * kernel[w + [out / multiplier, out % multiplier]]
      case .transposed:
        for i in 0..<channels { total += x[source + [i]] * kernel[w + [out, i]] }
      }
    }
    return total
  }
  return apply(c.activation, sum)

  /// The input position that output position `p` sees at window position `w`; nil in the padding.
  func source(of p: [Int], _ w: [Int]) -> [Int]? {
    var result: [Int] = []
    for axis in 0..<rank {
      let position: Int
      if case .transposed = c.kind {
        // Output o = input · stride + w − cut, where `same` cuts what exceeds input · stride.
        let cut = c.padding == .same ? max(size[axis] - c.strides[axis], 0) / 2 : 0
        let scaled = p[axis] + cut - w[axis]
        guard scaled >= 0, scaled % c.strides[axis] == 0 else { return nil }
        position = scaled / c.strides[axis]
      } else {
        position = p[axis] * c.strides[axis] + w[axis] * c.dilation[axis] - before[axis]
      }
      guard (0..<x.shape[axis]).contains(position) else { return nil }
      result.append(position)
    }
    return result
  }
}

func pool(_ pooling: Pooling, _ x: FloatTensor, _ shape: [Int]) -> FloatTensor {
  let rank = pooling.size.count
  let ones = [Int](repeating: 1, count: rank)
  let before = paddingBefore(pooling.padding, x.shape, shape, pooling.size, pooling.strides, ones)
  let window = positions(pooling.size)
  return FloatTensor.make(shape) { p in
    let seen = window.compactMap { w -> Double? in
      let source = (0..<rank).map { p[$0] * pooling.strides[$0] + w[$0] - before[$0] }
      guard zip(source, x.shape).allSatisfy({ $0 >= 0 && $0 < $1 }) else { return nil }
      return x[source + [p[rank]]]
    }
    return pooling.kind == .maximum ? seen.reduce(-.infinity, max) : seen.reduce(0, +) / Double(seen.count)
  }
}

/// Applies an activation; nil for a quantizer.
func apply(_ activation: Activation, _ x: FloatTensor) -> FloatTensor? {
  func map(_ function: (Double) -> Double) -> FloatTensor {
    FloatTensor(shape: x.shape, values: x.values.map(function))
  }
  switch activation {
  case .linear: return x
  case .relu(let maximum, let slope, let threshold):
    return map { v in
      if let maximum, v >= maximum { return maximum }
      return v >= threshold ? v : slope * (v - threshold)
    }
  case .leakyReLU(let slope): return map { $0 >= 0 ? $0 : slope * $0 }
  case .prelu(let slopes):
    return FloatTensor(shape: x.shape, values: zip(x.values, slopes.values).map { $0 >= 0 ? $0 : $0 * $1 })
  case .thresholdedReLU(let theta): return map { $0 > theta ? $0 : 0 }
  case .elu(let alpha): return map { $0 > 0 ? $0 : alpha * expm1($0) }
  case .selu: return map { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) }
  case .softmax(let axis):
    return FloatTensor.make(x.shape) { p in
      let all = (0..<x.shape[axis]).map { index in
        var q = p
        q[axis] = index
        return exp(x[q])
      }
      return all[p[axis]] / all.reduce(0, +)
    }
  case .sigmoid: return map { 1 / (1 + exp(-$0)) }
  case .tanh: return map { Glibc.tanh($0) }
  case .hardSigmoid(let slope, let shift): return map { min(max(slope * $0 + shift, 0), 1) }
  case .hardTanh: return map { min(max($0, -1), 1) }
  case .softplus: return map { log1p(exp($0)) }
  case .softsign: return map { $0 / (1 + abs($0)) }
  case .swish: return map { $0 / (1 + exp(-$0)) }
  case .mish: return map { $0 * Glibc.tanh(log1p(exp($0))) }
  case .gelu(let approximate):
    return map {
      approximate
        ? 0.5 * $0 * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
        : 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot()))
    }
  case .exponential: return map { exp($0) }
  case .logarithm(let least): return map { log(max($0, least)) }
  case .squareRoot: return map { max($0, 0).squareRoot() }
  case .inverseSquareRoot: return map { 1 / $0.squareRoot() }
  case .quantizer, .scaled, .reciprocal, .differs, .networks, .sequence: return nil
  }
}
