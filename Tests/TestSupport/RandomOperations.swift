import FixedPoint
import Program

extension RandomProgram {
  mutating func requantized(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let type = builder.type(operand)
    if generator.chance(0.35) {
      return try builder.add("formats", .requantize(formats(near: type.format, type.shape)), operand)
    }
    return try builder.add(
      "requantize", .requantize(generator.chance(0.7) ? near(type.format) : format()), operand)
  }

  /// A conversion to a format, or to formats like it: to words of a network's layer.
  mutating func words(_ format: FixedFormat, of value: ValueID) -> Operation {
    generator.chance(0.7)
      ? .requantize(format) : .requantize(formats(near: format, builder.type(value).shape))
  }

  /// A few formats and perhaps zeros, laid along some axes of a tensor.
  private mutating func formats(near own: FixedFormat, _ shape: [Int]) -> FormatLayout {
    let laid = shape.map { generator.chance(0.6) ? $0 : 1 }
    let modes = near(own)
    let alike = generator.chance(0.5)
    var few: [FixedFormat?] = (0...Int.random(in: 0...4, using: &generator)).map { _ in
      var format = generator.chance(0.8) ? near(own) : format()
      // As in networks: one quantizer has one rounding and one overflow.
      if alike { format = format.with(modes.rounding, modes.overflow) }
      if format.overflow == .wrapSM && !format.isSigned { format.overflow = .wrap }
      return format
    }
    if generator.chance(0.4) { few.append(nil) }
    let skipped = generator.chance(0.5) ? 0 : Int.random(in: 0...min(2, laid.count), using: &generator)
    let kept = Array(laid.dropFirst(skipped))
    return FormatLayout(
      shape: kept, (0..<kept.reduce(1, *)).map { _ in few.randomElement(using: &generator) ?? nil })
  }

  mutating func anyOperation(on operand: ValueID) throws(ProgramError) -> ValueID? {
    switch Int.random(in: 0..<20, using: &generator) {
    case 0...3: return try affine(operand)
    case 4...5: return try requantized(operand)
    case 6...9: return try elementwise(operand)
    case 10: return try divide(operand)
    case 11...12: return try select(operand)
    case 13: return try lookup(operand)
    case 14: return try contract(operand)
    case 15...16: return try reduce(operand)
    case 17: return try generator.chance(0.5) ? window(operand) : scan(operand)
    default: return try rearrange(operand)
    }
  }

  mutating func affine(_ operand: ValueID, columns: Int? = nil) throws(ProgramError) -> ValueID {
    let x = builder.type(operand)
    guard let depth = x.shape.last else { throw ProgramError("a scalar") }
    let columns = columns ?? Int.random(in: 1...9, using: &generator)
    let groups = x.shape.count > 1 && generator.chance(0.3) ? x.shape[x.shape.count - 2] : nil
    let w = format()
    let weights = constant("weights", (groups.map { [$0] } ?? []) + [depth, columns], w)
    let bias = constant("bias", (groups.map { [$0] } ?? []) + [columns], format())
    let exact = FixedFormat.product(x.format, w)
    var product: FixedFormat?
    if generator.chance(0.4) { product = modes(clipped(exact, dropping: 6)) }
    let grown = FixedFormat(exact.width + 4, exact.integerBits + 4, signed: true)
    let accumulator = generator.chance(0.5) ? modes(clipped(grown, dropping: 0)) : near(product ?? grown)
    let order: AccumulationOrder =
      generator.chance(0.7) ? .natural : .strided(Int.random(in: 1...depth + 2, using: &generator))
    return try builder.add(
      "affine", .affine(Affine(product: product, accumulator: accumulator, order: order)), operand, weights,
      bias)
  }

  /// A format without some low bits of `format`, at most a bit wider than the widest words.
  private mutating func clipped(_ format: FixedFormat, dropping: Int) -> FixedFormat {
    let dropped = Int.random(in: 0...dropping, using: &generator)
    let width = max(1, min(options.maximumWidth * 2, format.width - dropped))
    return FixedFormat(width, format.integerBits, signed: format.isSigned)
  }

  mutating func elementwise(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let kind = generator.pick([Elementwise.add, .subtract, .multiply, .maximum, .minimum])
    let other = partner(operand)
    return generator.chance(0.5)
      ? try builder.add("\(kind)", .elementwise(kind), operand, other)
      : try builder.add("\(kind)", .elementwise(kind), other, operand)
  }

  /// Another value or a constant that broadcasts with `operand`.
  private mutating func partner(_ operand: ValueID) -> ValueID {
    let shape = builder.type(operand).shape
    let matching = values.filter { builder.type($0).shape == shape }
    if generator.chance(0.4) { return generator.pick(matching) }
    let own = builder.type(operand).format
    let format = generator.chance(0.5) ? near(own) : format()
    switch Int.random(in: 0..<3, using: &generator) {
    case 0: return constant("constant", [], format)
    case 1: return constant("constant", Array(shape.suffix(1)), format)
    default: return constant("constant", shape, format)
    }
  }

  private mutating func divide(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let shape = builder.type(operand).shape
    let divisors = generator.chance(0.5) ? [] : Array(shape.suffix(1))
    let words = (0..<divisors.reduce(1, *)).map { _ in Raw(Int.random(in: 1...30, using: &generator)) }
    let divisor = builder.constant("divisor", ValueType(divisors, .integer(6, signed: false)), words)
    return try builder.add("divide", .elementwise(.divide), operand, divisor)
  }

  private mutating func select(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let comparison = generator.pick(Comparison.allCases)
    let zero = constant("zero", [], format())
    switch Int.random(in: 0..<3, using: &generator) {
    case 0:
      return try builder.add("relu", .select(comparison), operand, zero, operand, zero)
    case 1: return try builder.add("leaky", .select(comparison), operand, zero, operand, partner(operand))
    default:
      return try builder.add(
        "select", .select(comparison), operand, partner(operand), partner(operand), partner(operand))
    }
  }

  private mutating func lookup(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let bits = Int.random(in: 1...8, using: &generator)
    let signed = generator.chance(0.3)
    let index = try builder.add(
      "index", .requantize(modes(FixedFormat(bits, bits, signed: signed))), operand)
    let count = max(1, (1 << bits) - Int.random(in: 0...3, using: &generator))
    let shape = builder.type(index).shape
    var rows: [Int] = []
    if generator.chance(0.4) {
      // A table for every element along some axes, or a few where the indices have an axis of length 1 (or none).
      rows = shape.suffix(Int.random(in: 0...min(2, shape.count), using: &generator)).map {
        $0 == 1 ? Int.random(in: 1...4, using: &generator) : generator.chance(0.5) ? $0 : 1
      }
    }
    let table = constant("table", rows + [count], format())
    return try builder.add("lookup", .lookup, index, table)
  }

  private mutating func contract(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let type = builder.type(operand)
    var x = operand
    if type.shape.count < 2 {
      x = try builder.add("row", .rearrange(.reshape([1, type.count])), operand)
    }
    let shape = builder.type(x).shape
    let partners = values.filter {
      let other = builder.type($0).shape
      return other.count == shape.count && other.dropLast(2) == shape.dropLast(2) && other.last == shape.last
    }
    let y = partners.isEmpty ? x : generator.pick(partners)
    let exact = FixedFormat.product(type.format, builder.type(y).format)
    let grown = FixedFormat(exact.width + 3, exact.integerBits + 3, signed: true)
    let product = generator.chance(0.4) ? modes(clipped(exact, dropping: 6)) : nil
    let accumulator = modes(clipped(grown, dropping: 4))
    return try builder.add(
      "contract", .contract(Contract(product: product, accumulator: accumulator)), x, y)
  }

  mutating func reduce(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let own = builder.type(operand).format
    let grown = FixedFormat(own.width + 3, own.integerBits + 3, signed: own.isSigned)
    let reduction: Reduction =
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: .maximum
      case 1: .minimum
      case 2: .argmax
      default:
        .sum(
          accumulator: generator.chance(0.5) ? near(own) : modes(clipped(grown, dropping: 2)),
          order: generator.pick(ReductionOrder.allCases))
      }
    return try builder.add("reduce", .reduce(reduction), operand)
  }

  mutating func window(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let shape = builder.type(operand).shape
    let rank = shape.count - 1
    guard rank >= 1 else { throw ProgramError("no spatial axis") }
    func lengths(_ range: ClosedRange<Int>) -> [Int] {
      (0..<rank).map { _ in Int.random(in: range, using: &generator) }
    }
    let channels = shape[rank]
    let groups = generator.pick([0, 0, 1, channels, channels % 2 == 0 ? 2 : 1])
    let own = builder.type(operand).format
    let padding = generator.chance(0.7) ? 0 : Self.random(own.minRaw, own.maxRaw, &generator)
    return try builder.add(
      "window",
      .window(
        Window(
          kernel: lengths(1...3), strides: lengths(1...2),
          dilation: generator.chance(0.8) ? lengths(1...1) : lengths(1...2),
          before: lengths(0...1), after: lengths(0...1), groups: groups,
          padding: own.quantize(padding, from: own))), operand)
  }

  private mutating func rearrange(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let type = builder.type(operand)
    let shape = type.shape
    func lengths(_ range: ClosedRange<Int>) -> [Int] {
      shape.map { _ in Int.random(in: range, using: &generator) }
    }
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: return try builder.add("flatten", .rearrange(.reshape([type.count])), operand)
    case 1:
      let divisors = (1...type.count).filter { type.count % $0 == 0 }
      let rows = generator.pick(divisors)
      return try builder.add("reshape", .rearrange(.reshape([rows, type.count / rows])), operand)
    case 2:
      return try builder.add(
        "transpose", .rearrange(.transpose(shape.indices.shuffled(using: &generator))), operand)
    case 3:
      let matching = values.filter { builder.type($0).shape == shape }
      let parts =
        [operand] + (0..<Int.random(in: 0...2, using: &generator)).map { _ in generator.pick(matching) }
      return try builder.add(
        "join", .rearrange(.concatenate(axis: Int.random(in: 0..<max(1, shape.count), using: &generator))),
        parts)
    case 4:
      let word = generator.chance(0.5) ? 0 : Self.random(type.format.minRaw, type.format.maxRaw, &generator)
      return try builder.add(
        "pad",
        .rearrange(
          .pad(before: lengths(0...1), after: lengths(0...2), interior: lengths(0...1), word: word)), operand)
    case 5:
      let start = shape.map { Int.random(in: 0..<$0, using: &generator) }
      let step = lengths(1...2)
      let count = shape.indices.map { axis in
        Int.random(in: 1...(shape[axis] - start[axis] + step[axis] - 1) / step[axis], using: &generator)
      }
      return try builder.add("slice", .rearrange(.slice(start: start, count: count, step: step)), operand)
    default:
      let axis = Int.random(in: 0..<max(1, shape.count), using: &generator)
      guard axis < shape.count else { throw ProgramError("a scalar") }
      let indices = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
        Int.random(in: 0..<shape[axis], using: &generator)
      }
      return try builder.add("gather", .rearrange(.gather(axis: axis, indices: indices)), operand)
    }
  }
}
