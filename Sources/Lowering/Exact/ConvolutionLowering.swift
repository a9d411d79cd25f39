import Diagnostics
import FixedPoint
import Model
import Program

extension ExactBuilder {
  /// A convolution: `window`, then `affine`.
  mutating func lower(_ convolution: Convolution, _ x: ValueID, output: [Int]) throws(Failure) -> ValueID {
    let geometry = ConvolutionGeometry(convolution, input: shape(x), output: output)
    let (kernel, bias) =
      try convolution.foldedNormalization.map { fold throws(Failure) in
        try fold.folded(into: convolution.kernel, convolution.bias)
      } ?? (convolution.kernel, convolution.bias)
    var parameters = try self.kernel(
      kernel, convolution.kernelQuantizer, isOutputLast: convolution.kind != .transposed)
    parameters.kernel = FixedTensor(
      shape: geometry.matrixShape, format: parameters.kernel.format,
      words: geometry.matrix.map { parameters.kernel.words[$0] })
    var seen = x
    if let spreading = geometry.spreading { seen = try add(.rearrange(spreading), seen, named: "spread") }
    seen = try add(.window(geometry.window), seen, named: "window")
    let sums = try linear(seen, parameters, bias, convolution.biasQuantizer)
    return try reshape(sums, output)
  }

  /// The same words in another shape.
  mutating func reshape(_ x: ValueID, _ shape: [Int]) throws(Failure) -> ValueID {
    shape == self.shape(x) ? x : try add(.rearrange(.reshape(shape)), x, named: "shaped")
  }

  /// The maximum or the average of windows. The average counts the words of the input only, as Keras does.
  mutating func lower(_ pooling: Pooling, _ x: ValueID, output: [Int]) throws(Failure) -> ValueID {
    let isMaximum = pooling.kind == .maximum
    // The smallest word there is never wins against a word of the input.
    let window = Window(pooling, input: shape(x), padding: isMaximum ? words(x).lowerBound : 0)
    let seen = try add(.window(window), x, named: "window")
    if isMaximum {
      return try reshape(try add(.reduce(.maximum), seen, named: "maximum"), output)
    }
    let counts = window.counts(shape(x))
    return try reshape(
      try average(
        seen, counts: counts, positions: Array(output.dropLast()), quantizer: pooling.averageQuantizer),
      output)
  }

  /// The maximum or the average over all positions of x [positions…, channels].
  mutating func globalPooling(
    _ kind: PoolingKind, _ quantizer: Quantizer?, _ x: ValueID, output: [Int]
  ) throws(Failure) -> ValueID {
    let (columns, count) = try columns(x)
    if kind == .maximum { return try reshape(try add(.reduce(.maximum), columns, named: "maximum"), output) }
    return try reshape(try average(columns, counts: [count], positions: [], quantizer: quantizer), output)
  }

  /// All positions of x [positions…, channels] side by side, [channels, positions], and their number.
  mutating func columns(_ x: ValueID) throws(Failure) -> (ValueID, count: Int) {
    let channels = shape(x)[shape(x).count - 1]
    let count = type(x).count / channels
    let rows = try reshape(x, [count, channels])
    return (try add(.rearrange(.transpose([1, 0])), rows, named: "columns"), count)
  }

  /// The mean over the last axis of x [positions…, channels, words]: the exact sum divided by `counts`, one
  /// per position or one for all.
  private mutating func average(
    _ x: ValueID, counts: [Int], positions: [Int], quantizer: Quantizer?
  ) throws(Failure) -> ValueID {
    let sum = try total(x)
    guard let quantizer else { return try divide(sum, by: counts, positions: positions) }
    // QAveragePooling2D: the sum times the quantized reciprocal of the window's size.
    guard Set(counts).count == 1, let count = counts.first else {
      throw failure("an average with a quantizer needs windows without padding")
    }
    let reciprocal = try quantizer.quantized(Weights(shape: [1], values: [Double(1 / Float(count))]))
    return try multiply(sum, constant(try parameter(reciprocal, "reciprocal"), "reciprocal"), "average")
  }

  /// The exact sum over the last axis.
  mutating func total(_ x: ValueID) throws(Failure) -> ValueID {
    let terms = shape(x)[shape(x).count - 1]
    let extremes = (words(x).lowerBound * Raw(terms), words(x).upperBound * Raw(terms))
    let accumulator = FixedFormat.tight(
      min(0, extremes.0)...max(0, extremes.1), fractionBits: format(x).fractionBits)
    return try add(.reduce(.sum(accumulator: accumulator, order: .tree)), x, named: "sum")
  }

  /// sum / counts. In a quantized model so fine that no later rounding can tell it from the exact quotient.
  mutating func divide(_ sum: ValueID, by counts: [Int], positions: [Int]) throws(Failure) -> ValueID {
    let divisors = Set(counts).count == 1 ? [counts[0]] : counts
    let largest = divisors.max() ?? 1
    if divisors.count == 1, largest.nonzeroBitCount == 1 {
      return try scale(sum, byPowerOfTwo: -largest.trailingZeroBitCount, "average")
    }
    let bits = Int.bitWidth - largest.leadingZeroBitCount
    let guards = isQuantized ? 16 : max(4, wordLength + 4 - format(sum).width)
    let width = format(sum).width + guards + bits
    let finer = try requantize(
      sum, FixedFormat(width, format(sum).integerBits, signed: format(sum).isSigned), "finer")
    let shape = divisors.count == 1 ? [1] : positions + [1, 1]
    let divisor = constant(
      FixedTensor(shape: shape, format: .integer(bits, signed: false), words: divisors.map { Raw($0) }),
      "count")
    return try tight(try add(.elementwise(.divide), finer, divisor, named: "average"), "average")
  }
}
