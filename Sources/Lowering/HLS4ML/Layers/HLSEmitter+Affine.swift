import FixedPoint
import Glibc
import Program

/// Dense layers and convolutions (nnet_dense*.h, nnet_conv*.h, nnet_mult.h).
extension HLSEmitter {
  mutating func dense() throws(ProgramError) -> ValueID {
    let kernel = layer.weights[.weight]?.data.shape ?? []
    return try affine(try operand(), groups: 1, inputs: kernel[0], outputs: kernel[1]) { $0 }
  }

  mutating func convolution(_ convolution: HLSConvolution) throws(ProgramError) -> ValueID {
    let x = try operand()
    let kernel = layer.weights[.weight]?.data.shape ?? []
    let taps = convolution.kernel.reduce(1, *)
    let (last, before) = (kernel[kernel.count - 1], kernel[kernel.count - 2])
    switch convolution.kind {
    case .standard(let groups) where groups > 1:
      let (inputs, outputs) = (taps * before, last / groups)
      let seen = try window(x, convolution, groups: groups)
      return try affine(seen, groups: groups, inputs: inputs, outputs: outputs) { place in
        let (group, rest) = place.quotientAndRemainder(dividingBy: inputs * outputs)
        return rest / outputs * last + group * outputs + rest % outputs
      }
    case .standard, .pointwise:
      let seen = try window(x, convolution, groups: 0)
      return try affine(seen, groups: 1, inputs: taps * before, outputs: last) { $0 }
    case .depthwise:
      let seen = try window(x, convolution, groups: before)
      return try affine(seen, groups: before, inputs: taps, outputs: last) { place in
        let (channel, rest) = place.quotientAndRemainder(dividingBy: taps * last)
        return (rest / last * before + channel) * last + rest % last
      }
    case .transposed:
      let seen = try transposedWindow(x, convolution)
      return try affine(seen, groups: 1, inputs: taps * last, outputs: before) { place in
        let (input, output) = place.quotientAndRemainder(dividingBy: before)
        let (tap, channel) = input.quotientAndRemainder(dividingBy: last)
        return ((taps - 1 - tap) * before + output) * last + channel
      }
    }
  }

  /// What each output position sees of the image.
  private mutating func window(_ x: ValueID, _ convolution: HLSConvolution, groups: Int)
    throws(ProgramError) -> ValueID
  {
    let isTrivial =
      (convolution.kernel + convolution.strides).allSatisfy { $0 == 1 }
      && convolution.padding.allSatisfy { $0.before == 0 && $0.after == 0 }
    if isTrivial && groups == 0 { return x }
    return try add(
      "window",
      .window(
        Window(
          kernel: convolution.kernel, strides: convolution.strides, dilation: convolution.dilation,
          before: convolution.padding.map(\.before), after: convolution.padding.map(\.after), groups: groups)),
      x)
  }

  /// A transposed convolution is one with stride 1 over the image spread apart by the stride.
  private mutating func transposedWindow(_ x: ValueID, _ convolution: HLSConvolution) throws(ProgramError)
    -> ValueID
  {
    let rank = convolution.kernel.count
    let spans = (0..<rank).map { (convolution.kernel[$0] - 1) * convolution.dilation[$0] }
    let before = (0..<rank).map { spans[$0] - convolution.padding[$0].before }
    let spread = (0..<rank).map { (shape(x)[$0] - 1) * convolution.strides[$0] + 1 }
    let after = (0..<rank).map { layer.shape[$0] + spans[$0] - spread[$0] - before[$0] }
    let zeros = [Int](repeating: 0, count: rank + 1)
    let apart = try add(
      "spread",
      .rearrange(
        .pad(before: zeros, after: zeros, interior: convolution.strides.map { $0 - 1 } + [0], word: 0)), x)
    return try add(
      "window",
      .window(
        Window(
          kernel: convolution.kernel, strides: Array(repeating: 1, count: rank),
          dilation: convolution.dilation, before: before.map { max(0, $0) }, after: after.map { max(0, $0) })),
      apart)
  }

  /// bias + x · weights in the accumulator's type and order, converted to the result's type.
  ///
  /// - Parameter source: the place in the kernel of each weight of the [groups, inputs, outputs] matrix.
  private mutating func affine(
    _ x: ValueID, groups: Int, inputs: Int, outputs: Int, source: (Int) -> Int
  ) throws(ProgramError) -> ValueID {
    let accumulator = try format(.accum)
    let order = summationOrder(inputs, accumulator)
    let isGrouped = shape(x).count > layer.shape.count
    let bias = try biasConstant(isGrouped ? [groups, outputs] : [outputs])
    let shape = isGrouped ? [groups, inputs, outputs] : [inputs, outputs]
    let count = shape.reduce(1, *)

    if layer.strategy == .distributedArithmetic, layer.types[.weight] != .xnor {
      let sum = try exactSum(x, shape, isGrouped ? [groups, outputs] : [outputs], source)
      return try converted(try reshape(sum, layer.shape))
    }
    if case .exponent(let width)? = layer.types[.weight], let weight = layer.weights[.weight] {
      let numbers = (0..<count).map { weight.data.values[source($0)] }
      let exponents = ExponentWeights(numbers, shape: shape, width: width)
      let sum = try exponentialSum(x, exponents, bias, accumulator, order)
      return try converted(try reshape(sum, layer.shape))
    }
    let kernel = try words(.weight)
    var weights = (0..<count).map { kernel[source($0)] }
    var weightFormat = try format(.weight)
    var x = x
    var bias2 = bias
    let isCount = operandPrecision() == .xnor && layer.types[.weight] == .xnor
    if layer.types[.weight] == .xnor {
      if isCount {
        guard
          accumulator.isModular || accumulator.contains(.integer(64 - inputs.leadingZeroBitCount + 1))
        else { throw ProgramError("a count of \(inputs) one-bit products may saturate its accumulator") }
        // Products are 1 where the bits agree: w ? x : 1 − x.
        let start = (0..<bias2.words.count).map { place -> Raw in
          let (group, output) = place.quotientAndRemainder(dividingBy: outputs)
          let zeros = (0..<inputs).count { weights[(group * inputs + $0) * outputs + output] == 0 }
          return Raw(zeros) << Raw(bias2.format.fractionBits)
        }
        let format = FixedFormat.sum(bias2.format, .integer(64 - inputs.leadingZeroBitCount + 1))
        bias2 = (format, zip(bias2.words, start).map { $0 + $1 }, bias2.shape)
      }
      weights = weights.map { $0 == 0 ? -1 : 1 }
      weightFormat = .integer(2)
    } else if operandPrecision() == .xnor {
      x = try signs(x)
    } else if layer.types[.weight]?.isTernary == true {
      weights = weights.map { $0 == -2 ? 1 : $0 }
    }
    let w = constant("weight", ValueType(shape, weightFormat), weights)
    let b = constant("bias", ValueType(bias2.shape, bias2.format), bias2.words)
    var sum = try add(
      isCount ? "count" : "sum",
      .affine(Affine(product: accumulator, accumulator: accumulator, order: order)),
      x, w, b)
    if isCount { sum = try signedCount(sum, inputs) }
    return try converted(try reshape(sum, layer.shape))
  }

  /// The sum as distributed arithmetic makes it (distributed_arithmetic.py): exact, of the weights as they are
  /// before any type, whatever the accumulator's.
  private mutating func exactSum(
    _ x: ValueID, _ shape: [Int], _ biasShape: [Int], _ source: (Int) -> Int
  ) throws(ProgramError) -> ValueID {
    guard let weight = layer.weights[.weight]?.data, let bias = layer.weights[.bias]?.data else {
      throw ProgramError("has no weights")
    }
    let w = FixedFormat.smallest(holding: (0..<shape.reduce(1, *)).map { weight.values[source($0)] })
    let b = FixedFormat.smallest(holding: bias.values)
    let product = FixedFormat.product(format(of: x), w.format)
    let growth = Int.bitWidth - (shape[shape.count - 2] - 1).leadingZeroBitCount
    let sum = FixedFormat(product.width + growth, product.integerBits + growth, signed: product.isSigned)
    return try add(
      "sum", .affine(Affine(product: nil, accumulator: .sum(sum, b.format))), x,
      constant("weight", ValueType(shape, w.format), w.words),
      constant("bias", ValueType(biasShape, b.format), b.words))
  }

  /// 2 · count − inputs, in the integer type hls4ml casts it to (nnet_mult.h, cast).
  private mutating func signedCount(_ count: ValueID, _ inputs: Int) throws(ProgramError) -> ValueID {
    let doubled = try shift(count, by: 1, "doubled")
    let all = number("inputs", Double(inputs))
    let signed = try add("signed", .elementwise(.subtract), doubled, all)
    let bits = inputs <= 1 ? 0 : Int.bitWidth - (inputs - 1).leadingZeroBitCount
    return try convert(
      signed, to: FixedFormat(bits + 2, bits + 2, .trnZero, .wrap), "difference")
  }

  /// One-bit numbers as −1 and +1.
  mutating func signs(_ x: ValueID) throws(ProgramError) -> ValueID {
    let doubled = try shift(x, by: 1, "doubled")
    let one = number("one", 1)
    let signs = try add("signs", .elementwise(.subtract), doubled, one)
    return try convert(signs, to: .integer(2), "bipolar")
  }

  /// The words of the bias in its own type.
  private func biasConstant(_ shape: [Int]) throws(ProgramError) -> (
    format: FixedFormat, words: [Raw], shape: [Int]
  ) {
    guard case .exponent? = layer.types[.bias], let bias = layer.weights[.bias] else {
      return (try format(.bias), try words(.bias), shape)
    }
    // Powers of two: exact in a format from the smallest to the largest.
    let exponents = bias.data.values.filter { $0 != 0 }.map { Int($0.exponent) }
    let (low, high) = (exponents.min() ?? 0, exponents.max() ?? 0)
    let format = FixedFormat(high - low + 2, high + 2)
    return (format, bias.data.values.map { format.quantize($0) }, shape)
  }

  /// The order of the additions, where it shows. Products are words of the accumulator.
  private func summationOrder(_ inputs: Int, _ accumulator: FixedFormat) -> AccumulationOrder {
    guard SumAnalysis.kind(adding: accumulator, in: accumulator) == .stepwise else { return .natural }
    let isShared = layer.strategy == .resource || layer.strategy == .resourceUnrolled
    let reuse = layer.resolvedReuseFactor
    if case .convolution(let convolution) = layer.kind, convolution.kind == .depthwise { return .natural }
    return isShared && reuse > 1 && reuse < inputs ? .strided(reuse) : .natural
  }
}
