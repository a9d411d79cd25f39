import Diagnostics
import Model

/// What adds layers of ours for one layer, or one node, of a source: products of tensors by an equation, sums, and rows at places
/// are several, whatever the source.
protocol LayerMaker {
  /// Adds a layer that is a part of the source's, or with an empty suffix is it.
  func added(_ kind: LayerKind, _ suffix: String, _ inputs: [Tensor], _ shape: [Int]) throws(Failure)
    -> Tensor

  /// A problem with the source's layer.
  func problem(_ message: String, hint: String?) -> Failure
}

extension LayerMaker {
  private func problem(_ message: String) -> Failure { problem(message, hint: nil) }
}

/// What a reduction does with the elements it takes together.
enum LayerReduction { case sum, maximum, mean }

/// What a product of data and constants is made of, in the order of axes of its source.
struct EinsumProduct {
  /// The axes of data, kernel and result.
  var equation: Einsum
  /// The kernel.
  var kernel: Weights
  /// Broadcast against the result; nil without a bias.
  var bias: Weights?
  /// How training quantized the kernel.
  var kernelQuantizer: Quantizer?
  /// How training quantized the bias.
  var biasQuantizer: Quantizer?
}

extension LayerMaker {
  // MARK: Moves and sums

  /// Numbers that are the same for every event.
  func constant(_ values: Weights, _ suffix: String) throws(Failure) -> Tensor {
    try added(.constant(Constant(values)), suffix, [], values.shape)
  }

  /// The same elements in another shape, or with their axes in another order.
  func arranged(_ x: Tensor, order: [Int]? = nil, shape: [Int]? = nil, _ suffix: String) throws(Failure)
    -> Tensor
  {
    var x = x
    if let order, order != Array(x.shape.indices) {
      x = try added(.permute(order: order), "\(suffix)_order", [x], order.map { x.shape[$0] })
    }
    if let shape, shape != x.shape { x = try added(.reshape, "\(suffix)_shape", [x], shape) }
    return x
  }

  /// Elements along axes taken together; those axes keep the length 1.
  func reduced(_ x: Tensor, over axes: [Int], _ reduction: LayerReduction, _ suffix: String) throws(Failure)
    -> Tensor
  {
    let kept = x.shape.indices.filter { !axes.contains($0) }
    let result = x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] }
    let (count, rest) = (axes.map { x.shape[$0] }.reduce(1, *), kept.map { x.shape[$0] }.reduce(1, *))
    let value: Tensor
    switch reduction {
    case .sum:
      let rows = try arranged(
        x, order: kept + axes, shape: kept.map { x.shape[$0] } + [count], "\(suffix)_rows")
      let ones = Weights(shape: [count, 1], values: Array(repeating: 1, count: count))
      value = try added(
        .dense(Dense(kernel: ones, bias: nil, activation: .linear)), suffix, [rows],
        rows.shape.dropLast() + [1])
    case .maximum, .mean:
      let columns = try arranged(x, order: axes + kept, shape: [count, rest], "\(suffix)_columns")
      value = try added(
        .globalPooling(
          reduction == .mean ? .average : .maximum, keepDimensions: false, averageQuantizer: nil), suffix,
        [columns], [rest])
    }
    return try arranged(value, shape: result, suffix)
  }
}

extension LayerMaker {
  // MARK: Normalizations

  /// x normalized over axes, which are brought to the end and back.
  func normalized(_ x: Tensor, over axes: [Int], _ normalization: LayerNormalization, _ suffix: String)
    throws(Failure) -> Tensor
  {
    let label = suffix.isEmpty ? "" : "\(suffix)_"
    let order = x.shape.indices.filter { !axes.contains($0) } + axes.sorted()
    let ordered = try arranged(x, order: order, "\(label)axes")
    let result = try added(.layerNormalization(normalization), suffix, [ordered], ordered.shape)
    return try arranged(result, order: x.shape.indices.map { order.firstIndex(of: $0) ?? 0 }, "\(label)back")
  }

  /// x over its length along axes; the square of the length is at least `floor`, or with `isAdded` has it added.
  func unit(_ x: Tensor, over axes: [Int], floor: Double, isAdded: Bool = false, _ suffix: String)
    throws(Failure) -> Tensor
  {
    // x / √Σx² is x / √(mean of x²) / √N.
    let lengths = axes.sorted().map { x.shape[$0] }
    let count = lengths.reduce(1, *)
    let gamma = Weights(
      shape: lengths, values: Array(repeating: 1 / Double(count).squareRoot(), count: count))
    var normalization = LayerNormalization(
      axes: axes.count, gamma: gamma, beta: nil, epsilon: floor / Double(count))
    (normalization.isCentered, normalization.isLeast) = (false, !isAdded)
    return try normalized(x, over: axes, normalization, suffix)
  }

  /// The mean of (x − mean)² over axes, which keep the length 1.
  ///
  /// - Parameter correction: what is subtracted from the number of elements that the sum is divided by.
  func variance(_ x: Tensor, over axes: [Int], correction: Double = 0, _ suffix: String) throws(Failure)
    -> Tensor
  {
    let label = suffix.isEmpty ? "variance" : suffix
    let mean = try reduced(x, over: axes, .mean, "\(label)_mean")
    let difference = try added(.merge(.subtract), "\(label)_centered", [x, mean], x.shape)
    let square = try added(.merge(.multiply), "\(label)_square", [difference, difference], x.shape)
    if correction == 0 { return try reduced(square, over: axes, .mean, suffix) }
    let count = Double(axes.map { x.shape[$0] }.reduce(1, *))
    let biased = try reduced(square, over: axes, .mean, "\(label)_biased")
    return try added(
      .activation(.scaled(factor: count / (count - correction), offset: 0)), suffix, [biased], biased.shape)
  }
}

extension LayerMaker {
  // MARK: Data and constants

  /// A product of data and a kernel, plus a bias: brought to rows along the axes that are summed over, a matrix product, and
  /// the axes brought to the order of the result. Axes that data, kernel and result share are groups of a convolution.
  ///
  /// - Parameter suffix: of the name of the product; empty for the layer's own.
  func product(_ x: Tensor, _ product: EinsumProduct, _ suffix: String) throws(Failure) -> Tensor {
    let equation = product.equation
    guard let lengths = equation.lengths(x.shape, product.kernel.shape), equation.summedOfY.isEmpty else {
      throw problem(
        "the equation sums over an axis that only the kernel has, which is not supported"
      )
    }
    func shape(_ labels: [Character]) -> [Int] { labels.compactMap { lengths[$0] } }
    let summed = equation.contracted + equation.summedOfX
    let (positions, groups, outputs) = (shape(equation.ofX), shape(equation.shared), shape(equation.ofY))
    let (depth, groupCount, width) = (
      shape(summed).reduce(1, *), groups.reduce(1, *), outputs.reduce(1, *)
    )
    // The kernel's element for every group, summed element and output.
    let matrix = equation.shared + summed + equation.ofY
    let places = strided(matrix, shape(matrix), in: equation.y, product.kernel.shape)
    let computed = equation.ofX + equation.shared + equation.ofY
    let result = shape(equation.result)
    let bias = product.bias.flatMap { $0.broadcast(to: result) }
    // A bias that is the same at all positions is part of the product.
    let firsts = strided(
      equation.shared + equation.ofY, shape(equation.shared + equation.ofY), in: equation.result, result)
    let isUniform =
      product.bias.map { bias in
        let own = Array(repeating: 1, count: result.count - bias.shape.count) + bias.shape
        return zip(equation.result, own).allSatisfy { $1 == 1 || !equation.ofX.contains($0) }
      } ?? true
    let offsets = isUniform ? bias.map { bias in firsts.map { bias.values[$0] } } : nil
    let addedQuantizer = product.biasQuantizer?.picked(firsts, of: result, shape: [firsts.count])

    let rows = order(of: equation.ofX + equation.shared + summed, in: equation.x)
    var value: Tensor
    let label = suffix.isEmpty ? "product" : suffix
    if groups.isEmpty {
      let data = try arranged(x, order: rows, shape: positions + [depth], "\(label)_in")
      let kernel = Weights(shape: [depth, width], values: places.map { product.kernel.values[$0] })
      value = try added(
        .dense(
          Dense(
            kernel: kernel, bias: offsets.map { Weights(shape: [width], values: $0) }, activation: .linear,
            kernelQuantizer: product.kernelQuantizer?.picked(
              places, of: product.kernel.shape, shape: kernel.shape),
            biasQuantizer: addedQuantizer)), suffix, [data], positions + [width])
    } else {
      let count = positions.reduce(1, *)
      let data = try arranged(x, order: rows, shape: [count, groupCount * depth], "\(label)_in")
      // [groups, depth, width] to [1, depth, groups · width], a kernel of one tap.
      let taps = (0..<depth).flatMap { k in
        (0..<groupCount).flatMap { g in (0..<width).map { places[(g * depth + k) * width + $0] } }
      }
      let kernel = Weights(
        shape: [1, depth, groupCount * width], values: taps.map { product.kernel.values[$0] })
      value = try added(
        .convolution(
          Convolution(
            kind: .standard(groups: groupCount), kernel: kernel,
            bias: offsets.map { Weights(shape: [groupCount * width], values: $0) }, strides: [1],
            dilation: [1],
            padding: .valid, activation: .linear,
            kernelQuantizer: product.kernelQuantizer?.picked(
              taps, of: product.kernel.shape, shape: kernel.shape),
            biasQuantizer: addedQuantizer)), suffix, [data], [count, groupCount * width])
    }
    value = try arranged(value, shape: positions + groups + outputs, label)
    value = try arranged(value, order: order(of: equation.result, in: computed), "\(label)_out")
    guard let bias, !isUniform else { return value }
    let offset = try added(
      .constant(Constant(bias, quantizer: product.biasQuantizer)), "\(label)_bias", [], result)
    return try added(.merge(.add), "\(label)_biased", [value, offset], result)
  }

  // MARK: Data and data

  /// A product of two tensors of data by an equation.
  func product(_ x: Tensor, _ y: Tensor, _ equation: Einsum, _ suffix: String) throws(Failure) -> Tensor {
    guard let lengths = equation.lengths(x.shape, y.shape) else {
      throw problem("the shapes \(x.shape) and \(y.shape) do not fit the equation")
    }
    func shape(_ labels: [Character]) -> [Int] { labels.compactMap { lengths[$0] } }
    func rows(_ tensor: Tensor, _ labels: [Character], own: [Character], alone: [Character], _ name: String)
      throws(Failure) -> Tensor
    {
      let label = "\(suffix.isEmpty ? "product" : suffix)_\(name)"
      let axes = alone.compactMap { labels.firstIndex(of: $0) }
      let kept = labels.filter { !alone.contains($0) }
      var tensor = tensor
      if !alone.isEmpty {
        tensor = try arranged(
          try reduced(tensor, over: axes, .sum, "\(label)_sum"), shape: shape(kept), label)
      }
      return try arranged(
        tensor, order: order(of: equation.shared + own + equation.contracted, in: kept),
        shape: [shape(equation.shared), shape(own), shape(equation.contracted)].map { $0.reduce(1, *) }, label
      )
    }
    let a = try rows(x, equation.x, own: equation.ofX, alone: equation.summedOfX, "x")
    let b = try rows(y, equation.y, own: equation.ofY, alone: equation.summedOfY, "y")
    let value = try added(.matrixProduct, suffix, [a, b], [a.shape[0], a.shape[1], b.shape[1]])
    let computed = equation.shared + equation.ofX + equation.ofY
    let label = suffix.isEmpty ? "product" : suffix
    let result = shape(equation.result)
    let spread = try arranged(value, shape: computed.isEmpty ? [1] : shape(computed), label)
    return result.isEmpty
      ? spread : try arranged(spread, order: order(of: equation.result, in: computed), "\(label)_out")
  }
}

/// For every element of a tensor whose axes have labels, row major, the element that another tensor has at the same
/// place. Labels that the other one lacks repeat it.
func strided(_ labels: [Character], _ shape: [Int], in others: [Character], _ otherShape: [Int]) -> [Int] {
  var strides: [Character: Int] = [:]
  var stride = 1
  for (label, length) in zip(others, otherShape).reversed() {
    strides[label] = stride
    stride *= length
  }
  return zip(labels, shape).reduce([0]) { partial, axis in
    partial.flatMap { base in (0..<axis.1).map { base + $0 * strides[axis.0, default: 0] } }
  }
}

extension Quantizer {
  /// The quantizer of elements picked from a tensor.
  ///
  /// - Parameters:
  ///   - places: for every element of the new tensor, the element of the old one.
  ///   - old: the old shape.
  ///   - shape: the new one.
  func picked(_ places: [Int], of old: [Int], shape: [Int]) -> Quantizer {
    func picked<Value>(_ elements: Elements<Value>) -> Elements<Value> {
      if let common = elements.common { return Elements(common) }
      guard let all = elements.broadcast(to: old) else { return elements }
      return Elements(shape: shape, values: places.map { all.values[$0] })
    }
    switch self {
    case .fixed(var fixed):
      fixed.isSigned = picked(fixed.isSigned)
      fixed.integerBits = picked(fixed.integerBits)
      fixed.fractionBits = picked(fixed.fractionBits)
      return .fixed(fixed)
    case .uniform(var uniform):
      uniform.scale = picked(uniform.scale)
      uniform.zeroPoint = picked(uniform.zeroPoint)
      return .uniform(uniform)
    case .qkeras: return self
    }
  }
}
