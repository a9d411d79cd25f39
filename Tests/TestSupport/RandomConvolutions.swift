import FixedPoint
import Program

extension RandomProgram {
  /// A convolutional network in layers: shapes, kernels, strides, dilations, paddings, groups, formats, roundings
  /// and shortcuts at random.
  public mutating func convolutionalNetwork() -> Program {
    let rank = generator.chance(0.7) ? 2 : 1
    let lengths = (0..<rank).map { _ in Int.random(in: rank == 2 ? 4...9 : 8...24, using: &generator) }
    builder.beginLayer("image", className: "InputLayer")
    let image = builder.input(
      "image", ValueType(lengths + [generator.pick([1, 2, 3, 4])], narrowFormat()))
    builder.endLayer(image)
    values.append(image)
    for number in 0..<Int.random(in: 2...4, using: &generator) {
      switch Int.random(in: 0..<8, using: &generator) {
      case 0...2: layer("conv\(number)", "Conv2D") { try $0.convolved($1) }
      case 3...4: layer("pool\(number)", "MaxPooling2D") { try $0.pooled($1) }
      case 5...6: layer("block\(number)", "Add") { try $0.residual($1) }
      default: layer("wiring\(number)", "ZeroPadding2D") { try $0.wired($1) }
      }
    }
    if generator.chance(0.4) {
      layer("global", "GlobalAveragePooling2D") { try $0.pooledGlobally($1) }
    } else {
      // A vector that becomes an image again.
      if generator.chance(0.2) {
        layer("encoded", "Dense") { random, x in
          let count = random.builder.type(x).count
          let flat = try random.builder.add("flat", .rearrange(.reshape([count])), x)
          let sums = try random.affine(flat, columns: 12)
          return try random.builder.add("image", .rearrange(.reshape(rank == 2 ? [2, 3, 2] : [6, 2])), sums)
        }
        layer("decoder", "Conv2D") { try $0.convolved($1) }
      }
      layer("flatten", "Flatten") { random, x in
        try random.builder.add("flatten", .rearrange(.reshape([random.builder.type(x).count])), x)
      }
      layer("dense", "Dense") { try $0.affine($1, columns: 5) }
    }
    builder.output(values[values.count - 1])
    return builder.program
  }

  private mutating func layer(
    _ name: String, _ className: String,
    _ body: (inout RandomProgram, ValueID) throws -> ValueID
  ) {
    attempt { random in
      random.builder.beginLayer(name, className: className)
      var value = try body(&random, random.values[random.values.count - 1])
      let wide = random.builder.type(value).format.width > 24
      if wide || random.generator.chance(0.5) {
        let operation = random.words(random.narrowFormat(), of: value)
        value = try random.builder.add("\(name).result", operation, value)
      }
      random.builder.endLayer(value)
      return value
    }
    // Activations are layers of their own.
    if generator.chance(0.4) {
      attempt { random in
        random.builder.beginLayer("\(name)_relu", className: "Activation")
        let zero = random.builder.constant("zero", ValueType([], FixedFormat(1, 1, signed: false)), [0])
        let x = random.values[random.values.count - 1]
        let positive = try random.builder.add("relu", .elementwise(.maximum), x, zero)
        let operation = random.words(random.narrowFormat(), of: positive)
        let value = try random.builder.add("relu.result", operation, positive)
        random.builder.endLayer(value)
        return value
      }
    }
  }

  private mutating func narrowFormat() -> FixedFormat {
    let width = Int.random(in: 3...14, using: &generator)
    return modes(
      FixedFormat(width, Int.random(in: 0...min(width, 7), using: &generator), signed: generator.chance(0.7)))
  }

  /// A convolution, grouped or not.
  private mutating func convolved(_ x: ValueID) throws(ProgramError) -> ValueID {
    let shape = builder.type(x).shape
    let channels = shape[shape.count - 1]
    let rank = shape.count - 1
    func lengths(_ range: ClosedRange<Int>) -> [Int] {
      (0..<rank).map { _ in Int.random(in: range, using: &generator) }
    }
    let groups = generator.pick([0, 0, 0, channels, channels % 2 == 0 ? 2 : 1])
    let windowed = try builder.add(
      "window",
      .window(
        Window(
          kernel: lengths(1...4), strides: lengths(1...3),
          dilation: lengths(1...(generator.chance(0.2) ? 2 : 1)),
          before: lengths(0...2), after: lengths(0...2), groups: groups)), x)
    return try matrix(windowed, columns: Int.random(in: 1...4, using: &generator), isGrouped: groups > 0)
  }

  /// Weights on a window; the results of all groups become channels.
  private mutating func matrix(
    _ windowed: ValueID, columns: Int, isGrouped: Bool
  ) throws(ProgramError) -> ValueID {
    let type = builder.type(windowed)
    let depth = type.shape[type.shape.count - 1]
    let groups = isGrouped ? [type.shape[type.shape.count - 2]] : []
    let format = FixedFormat(Int.random(in: 2...8, using: &generator), 1)
    let weights = constant("weights", groups + [depth, columns], format)
    let bias = constant("bias", groups + [columns], narrowFormat())
    let exact = FixedFormat.product(type.format, format)
    let accumulator =
      generator.chance(0.6)
      ? FixedFormat(exact.width + 7, exact.integerBits + 7, signed: true) : narrowFormat()
    let product = generator.chance(0.3) ? narrowFormat() : nil
    let sums = try builder.add(
      "sum", .affine(Affine(product: product, accumulator: accumulator)), windowed, weights, bias)
    if !isGrouped { return sums }
    let shape = builder.type(sums).shape
    return try builder.add(
      "channels", .rearrange(.reshape(shape.dropLast(2) + [shape.suffix(2).reduce(1, *)])), sums)
  }

  /// Maximum or average over windows.
  private mutating func pooled(_ x: ValueID) throws(ProgramError) -> ValueID {
    let type = builder.type(x)
    let rank = type.shape.count - 1
    let size = (0..<rank).map { _ in Int.random(in: 2...3, using: &generator) }
    let isAverage = generator.chance(0.5)
    let windowed = try builder.add(
      "window",
      .window(
        Window(
          kernel: size, strides: generator.chance(0.7) ? size : size.map { _ in 1 },
          dilation: size.map { _ in 1 }, before: size.map { _ in generator.chance(0.3) ? 1 : 0 },
          after: size.map { _ in 0 }, groups: type.shape[rank],
          padding: isAverage ? 0 : type.format.minRaw)), x)
    var value: ValueID
    if isAverage {
      let sum = FixedFormat(type.format.width + 4, type.format.integerBits + 4, signed: type.format.isSigned)
      value = try builder.add(
        "total", .reduce(.sum(accumulator: sum, order: generator.pick(ReductionOrder.allCases))), windowed)
      let count = builder.constant(
        "count", ValueType([], .integer(5, signed: false)), [Raw(size.reduce(1, *))])
      value = try builder.add("mean", .elementwise(.divide), value, count)
    } else {
      value = try builder.add("largest", .reduce(.maximum), windowed)
    }
    return try builder.add("pooled", .rearrange(.reshape(Array(builder.type(value).shape.dropLast()))), value)
  }

  /// Two convolutions and a shortcut around them.
  private mutating func residual(_ x: ValueID) throws(ProgramError) -> ValueID {
    let shape = builder.type(x).shape
    let rank = shape.count - 1
    var value = x
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
      let size = (0..<rank).map { _ in generator.pick([1, 3]) }
      let ones = size.map { _ in 1 }
      let windowed = try builder.add(
        "window",
        .window(
          Window(
            kernel: size, strides: ones, dilation: ones, before: size.map { $0 / 2 },
            after: size.map { $0 / 2 })
        ), value)
      value = try matrix(windowed, columns: shape[rank], isGrouped: false)
      let operation = words(narrowFormat(), of: value)
      value = try builder.add("words", operation, value)
    }
    return try builder.add("sum", .elementwise(.add), value, x)
  }

  /// Zeros around or between, parts cut out, positions repeated or reordered, axes exchanged, images joined.
  private mutating func wired(_ x: ValueID) throws(ProgramError) -> ValueID {
    let shape = builder.type(x).shape
    let zeros = shape.map { _ in 0 }
    func lengths(_ range: ClosedRange<Int>) -> [Int] {
      shape.dropLast().map { _ in Int.random(in: range, using: &generator) } + [0]
    }
    let axis = Int.random(in: 0..<shape.count - 1, using: &generator)
    switch Int.random(in: 0..<7, using: &generator) {
    case 0:
      return try builder.add(
        "padded",
        .rearrange(
          .pad(
            before: lengths(0...2), after: lengths(0...2),
            interior: generator.chance(0.3) ? lengths(0...1) : zeros, word: 0)), x)
    case 1:
      let start = shape.dropLast().map { _ in Int.random(in: 0...1, using: &generator) } + [0]
      let count = zip(shape, start).map { $0 - $1 }
      return try builder.add(
        "cut", .rearrange(.slice(start: start, count: count, step: shape.map { _ in 1 })), x)
    case 2:
      return try builder.add(
        "repeated", .rearrange(.gather(axis: axis, indices: (0..<shape[axis] * 2).map { $0 / 2 })), x)
    case 3:
      // Rows dropped and given again, in their order.
      let indices = (0..<shape[axis] + 1).map { $0 * $0 / (shape[axis] + 1) }
      return try builder.add("resized", .rearrange(.gather(axis: axis, indices: indices)), x)
    case 4:
      return try builder.add(
        "mirrored", .rearrange(.gather(axis: axis, indices: Array((0..<shape[axis]).reversed()))), x)
    case 5:
      let order = Array(shape.indices).shuffled(using: &generator)
      return try builder.add("permuted", .rearrange(.transpose(order)), x)
    default:
      let other = try builder.add("other", .requantize(narrowFormat()), x)
      return try builder.add(
        "joined", .rearrange(.concatenate(axis: Int.random(in: 0..<shape.count, using: &generator))),
        x, other)
    }
  }

  /// Each channel's sum or maximum over all positions.
  private mutating func pooledGlobally(_ x: ValueID) throws(ProgramError) -> ValueID {
    let type = builder.type(x)
    let channels = type.shape[type.shape.count - 1]
    let rows = try builder.add("rows", .rearrange(.reshape([type.count / channels, channels])), x)
    let columns = try builder.add("columns", .rearrange(.transpose([1, 0])), rows)
    let sum = FixedFormat(type.format.width + 7, type.format.integerBits + 7, signed: type.format.isSigned)
    let reduction: Reduction =
      generator.chance(0.5)
      ? .maximum : .sum(accumulator: sum, order: generator.pick(ReductionOrder.allCases))
    let value = try builder.add("total", .reduce(reduction), columns)
    return try builder.add("totals", .rearrange(.reshape([channels])), value)
  }
}
