import FixedPoint
import Program

extension RandomProgram {
  /// A chain like a real network's: dense layers or convolutions, activations, a softmax or argmax at the end.
  public mutating func network() -> Program {
    let convolutional = generator.chance(0.4)
    let inputShape =
      convolutional
      ? [
        Int.random(in: 3...6, using: &generator), Int.random(in: 3...6, using: &generator),
        generator.pick([1, 2, 3, 4]),
      ]
      : [Int.random(in: 2...20, using: &generator)]
    values.append(builder.input("input", ValueType(inputShape, wordFormat())))
    if convolutional {
      for _ in 0..<Int.random(in: 1...2, using: &generator) { convolution() }
      if generator.chance(0.5) { pooling() }
      attempt { random in
        let last = random.values[random.values.count - 1]
        return try random.builder.add(
          "flatten", .rearrange(.reshape([random.builder.type(last).count])), last)
      }
    }
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      attempt { random in try random.layer(random.values[random.values.count - 1]) }
    }
    if generator.chance(0.5) { softmax() }
    builder.output(values[values.count - 1])
    return builder.program
  }

  /// The formats networks use: 2 to 18 bits.
  private mutating func wordFormat() -> FixedFormat {
    let width = Int.random(in: 2...min(18, options.maximumWidth), using: &generator)
    return modes(
      FixedFormat(width, Int.random(in: 0...min(width, 8), using: &generator), signed: generator.chance(0.7)))
  }

  /// Weights, sum, activation, conversion.
  private mutating func layer(_ operand: ValueID, columns: Int? = nil) throws(ProgramError) -> ValueID {
    let x = builder.type(operand)
    guard let depth = x.shape.last else { throw ProgramError("a scalar") }
    let columns = columns ?? Int.random(in: 1...20, using: &generator)
    let w = FixedFormat(Int.random(in: 2...min(16, options.maximumWidth), using: &generator), 1)
    let weights = constant("weights", [depth, columns], w)
    let bias = constant("bias", [columns], wordFormat())
    let exact = FixedFormat.product(x.format, w)
    let bits = Int.bitWidth - depth.leadingZeroBitCount
    let affine: Affine
    switch Int.random(in: 0..<4, using: &generator) {
    case 0...1:
      // Exact sums.
      affine = Affine(
        product: nil,
        accumulator: FixedFormat(exact.width + bits + 2, exact.integerBits + bits + 2, signed: true))
    case 2:
      // One format for everything, as hls4ml's: products are truncated one by one.
      let word = FixedFormat(16, 6, generator.chance(0.7) ? .trn : .rnd, generator.chance(0.7) ? .wrap : .sat)
      affine = Affine(product: word, accumulator: word)
    default:
      affine = Affine(product: nil, accumulator: wordFormat())
    }
    var value = try builder.add("dense", .affine(affine), operand, weights, bias)
    if generator.chance(0.3) { value = try builder.add("result", .requantize(wordFormat()), value) }
    value = try activation(value)
    let operation = words(wordFormat(), of: value)
    return try builder.add("words", operation, value)
  }

  private mutating func activation(_ value: ValueID) throws(ProgramError) -> ValueID {
    let zero = builder.constant("zero", ValueType([], FixedFormat(1, 1, signed: false)), [0])
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: return value
    case 1...2: return try builder.add("relu", .elementwise(.maximum), value, zero)
    case 3: return try builder.add("relu", .select(.greater), value, zero, value, zero)
    case 4:
      let slope = builder.constant("slope", ValueType([], FixedFormat(8, 0, signed: false)), [77])
      let scaled = try builder.add("scaled", .elementwise(.multiply), value, slope)
      return try builder.add("leaky", .select(.greaterOrEqual), value, zero, value, scaled)
    default:
      let bits = Int.random(in: 3...8, using: &generator)
      let index = try builder.add(
        "index", .requantize(FixedFormat(bits, bits, signed: false, .trn, .sat)), value)
      let table = constant("table", [1 << bits], wordFormat())
      return try builder.add("table", .lookup, index, table)
    }
  }

  private mutating func convolution() {
    attempt { random in
      let operand = random.values[random.values.count - 1]
      let windowed = try random.window(operand)
      // A grouped window feeds a depthwise convolution, any other a plain one.
      if random.builder.type(windowed).shape.count > random.builder.type(operand).shape.count {
        return try random.affine(windowed, columns: Int.random(in: 1...4, using: &random.generator))
      }
      return try random.layer(windowed, columns: Int.random(in: 1...8, using: &random.generator))
    }
  }

  private mutating func pooling() {
    attempt { random in
      let operand = random.values[random.values.count - 1]
      let shape = random.builder.type(operand).shape
      guard shape.count == 3 else { throw ProgramError("not an image") }
      let windowed = try random.builder.add(
        "pool",
        .window(
          Window(
            kernel: [2, 2], strides: [2, 2], dilation: [1, 1], before: [0, 0], after: [0, 0], groups: shape[2]
          )),
        operand)
      let pooled = try random.reduce(windowed)
      return try random.builder.add(
        "pooled", .rearrange(.reshape(Array(random.builder.type(pooled).shape.dropLast()))), pooled)
    }
  }

  /// Exponentials by table, a sum, a reciprocal by table, products.
  private mutating func softmax() {
    attempt { random in
      let operand = random.values[random.values.count - 1]
      let largest = try random.builder.add("largest", .reduce(.maximum), operand)
      let difference = try random.builder.add("difference", .elementwise(.subtract), largest, operand)
      let index = try random.builder.add(
        "index", .requantize(FixedFormat(6, 6, signed: false, .trn, .sat)), difference)
      let table = random.constant("exp", [64], FixedFormat(18, 8, signed: false, .rnd, .sat))
      let exponentials = try random.builder.add("exponentials", .lookup, index, table)
      let total = try random.builder.add(
        "total", .reduce(.sum(accumulator: FixedFormat(18, 8, .rnd, .sat), order: .tree)), exponentials)
      let totalIndex = try random.builder.add(
        "total.index", .requantize(FixedFormat(8, 8, signed: false)), total)
      let inverses = random.constant("inverse", [256], FixedFormat(18, 8))
      let inverse = try random.builder.add("inverse", .lookup, totalIndex, inverses)
      let product = try random.builder.add("product", .elementwise(.multiply), exponentials, inverse)
      return try random.builder.add("softmax", .requantize(random.wordFormat()), product)
    }
  }
}
