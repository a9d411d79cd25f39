import FixedPoint
import Program

/// Seeded random programs that use every operation, for holding the C++ against the reference interpreter.
struct RandomPrograms {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func pick(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  mutating func pick<C: Collection>(from items: C) -> C.Element {
    items[items.index(items.startIndex, offsetBy: pick(0...items.count - 1))]
  }

  mutating func format(_ widths: ClosedRange<Int> = 1...18) -> FixedFormat {
    let width = pick(widths)
    let isSigned = pick(0...3) > 0
    var overflows = Overflow.allCases
    overflows.removeAll { $0 == .wrapSM }
    let modes = pick(0...2) == 0
    return FixedFormat(
      width, pick(-3...width + 3), signed: isSigned, modes ? .trn : pick(from: Rounding.allCases),
      modes ? .wrap : pick(from: overflows))
  }

  mutating func word(_ format: FixedFormat) -> Raw {
    switch pick(0...9) {
    case 0: return format.minRaw
    case 1: return format.maxRaw
    case 2: return 0
    default:
      let bits = Raw(truncatingIfNeeded: UInt128(next()) << 64 | UInt128(next()))
      return FixedFormat(format.width, 0, signed: format.isSigned).quantize(bits, fractionBits: format.width)
    }
  }

  mutating func words(_ type: ValueType) -> [Raw] { (0..<type.count).map { _ in word(type.format) } }

  mutating func shape() -> [Int] { (0..<pick(1...3)).map { _ in pick(1...4) } }

  /// A program of about `length` operations in a few layers.
  mutating func program(_ name: String, length: Int) -> Program {
    var builder = ProgramBuilder(name: name)
    var values: [ValueID] = []
    for number in 0..<pick(1...2) {
      values.append(builder.input("x\(number)", ValueType(shape(), format())))
    }
    var layer = 0
    var added = 0
    var attempts = 0
    while added < length, attempts < length * 20 {
      attempts += 1
      if added % 4 == 0 {
        builder.beginLayer("layer\(layer)", className: pick(from: ["Dense", "Activation", "int"]))
        layer += 1
      }
      guard let id = try? add(&builder, values), builder.type(id).format.width <= 70,
        builder.type(id).count <= 64
      else { continue }
      values.append(id)
      builder.endLayer(id)
      added += 1
    }
    builder.output(values[values.count - 1])
    if values.count > 2 { builder.output(pick(from: values)) }
    return builder.program
  }

  private mutating func constant(_ builder: inout ProgramBuilder, _ type: ValueType) -> ValueID {
    builder.constant("c", type, words(type))
  }

  /// A constant that broadcasts with `shape`.
  private mutating func companion(_ builder: inout ProgramBuilder, _ shape: [Int], _ values: [ValueID])
    -> ValueID
  {
    let same = values.filter { builder.type($0).shape == shape }
    if !same.isEmpty, pick(0...1) == 0 { return pick(from: same) }
    var other = shape.map { pick(0...2) == 0 ? 1 : $0 }
    if pick(0...2) == 0 { other.removeFirst(pick(0...other.count)) }
    return constant(&builder, ValueType(other, format(1...12)))
  }

  private mutating func add(_ builder: inout ProgramBuilder, _ values: [ValueID]) throws(ProgramError)
    -> ValueID
  {
    let x = pick(0...2) == 0 ? pick(from: values) : values[values.count - 1]
    let type = builder.type(x)
    let shape = type.shape
    let last = shape.last ?? 1
    switch pick(0...11) {
    case 0: return try builder.add("q", .requantize(format()), x)
    case 1:
      let outputs = pick(1...4)
      let order: AccumulationOrder = pick(0...1) == 0 ? .natural : .strided(pick(1...last))
      let affine = Affine(
        product: pick(0...1) == 0 ? nil : format(), accumulator: format(4...20), order: order)
      if shape.count > 1, pick(0...2) == 0 {
        let groups = shape[shape.count - 2]
        let w = constant(&builder, ValueType([groups, last, outputs], format(1...10)))
        let b = constant(&builder, ValueType([groups, outputs], format(1...10)))
        return try builder.add("dense", .affine(affine), x, w, b)
      }
      let w = constant(&builder, ValueType([last, outputs], format(1...10)))
      let b = constant(&builder, ValueType([outputs], format(1...10)))
      return try builder.add("dense", .affine(affine), x, w, b)
    case 2:
      guard shape.count > 1 else { throw ProgramError("rank") }
      let y = constant(&builder, ValueType(shape, format(1...10)))
      let contract = Contract(product: pick(0...1) == 0 ? nil : format(), accumulator: format(4...20))
      return try builder.add("dot", .contract(contract), pick(0...1) == 0 ? [x, x] : [x, y])
    case 3, 4:
      let kind = pick(from: Elementwise.allCases)
      if kind == .divide {
        let divisors = FixedFormat.integer(pick(1...8), signed: false)
        let isOne = pick(0...1) == 0
        let type = ValueType(isOne ? [1] : [last], divisors)
        let words = (0..<type.count).map { _ in max(1, word(divisors)) }
        return try builder.add("quotient", .elementwise(.divide), x, builder.constant("d", type, words))
      }
      return try builder.add(
        kind.rawValue, .elementwise(kind), x, companion(&builder, shape, values))
    case 5:
      let reductions: [Reduction] = [
        .maximum, .minimum, .argmax, .sum(accumulator: format(4...20), order: .sequential),
        .sum(accumulator: format(4...20), order: .tree),
      ]
      return try builder.add("reduced", .reduce(pick(from: reductions)), x)
    case 6:
      let index = try builder.add(
        "index", .requantize(.integer(pick(1...7), signed: pick(0...1) == 0)), x)
      let table = constant(&builder, ValueType([pick(1...40)], format()))
      return try builder.add("entry", .lookup, index, table)
    case 7:
      let others = (0..<3).map { _ in companion(&builder, shape, values) }
      return try builder.add(
        "chosen", .select(pick(from: [.less, .lessOrEqual, .equal, .greaterOrEqual, .greater])), x, others[0],
        others[1], others[2])
    case 8:
      guard shape.count > 1 else { throw ProgramError("rank") }
      let rank = shape.count - 1
      let window = Window(
        kernel: (0..<rank).map { _ in pick(1...2) }, strides: (0..<rank).map { _ in pick(1...2) },
        dilation: (0..<rank).map { _ in pick(1...2) }, before: (0..<rank).map { _ in pick(0...1) },
        after: (0..<rank).map { _ in pick(0...1) }, groups: pick(from: [0, 1, last]),
        padding: word(type.format))
      return try builder.add("window", .window(window), x)
    case 9:
      let order = (0..<shape.count).map { $0 }
      return try builder.add("turned", .rearrange(.transpose(Array(order.reversed()))), x)
    case 10:
      let axis = pick(0...shape.count - 1)
      if pick(0...1) == 0 {
        var other = shape
        other[axis] = pick(1...3)
        let y = constant(&builder, ValueType(other, format(1...10)))
        return try builder.add(
          "joined", .rearrange(.concatenate(axis: axis)), [x, y] + (other == shape ? [x] : []))
      }
      let indices = (0..<pick(1...5)).map { _ in pick(0...shape[axis] - 1) }
      return try builder.add("picked", .rearrange(.gather(axis: axis, indices: indices)), x)
    default:
      switch pick(0...2) {
      case 0: return try builder.add("flat", .rearrange(.reshape([type.count])), x)
      case 1:
        let start = shape.map { pick(0...$0 - 1) }
        let step = shape.map { _ in pick(1...2) }
        let count = shape.indices.map { (shape[$0] - 1 - start[$0]) / step[$0] + 1 }
        return try builder.add("cut", .rearrange(.slice(start: start, count: count, step: step)), x)
      default:
        return try builder.add(
          "padded",
          .rearrange(
            .pad(
              before: shape.map { _ in pick(0...1) }, after: shape.map { _ in pick(0...1) },
              interior: shape.map { _ in pick(0...1) }, word: word(type.format))), x)
      }
    }
  }
}
