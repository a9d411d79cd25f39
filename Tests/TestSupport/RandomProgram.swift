import FixedPoint
import Program

/// A small seeded generator (SplitMix64): the same numbers on every machine.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Starts the sequence of a seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Random well-formed programs over all operations, formats and modes, and events for them.
public struct RandomProgram {
  /// The widest word a generated program has.
  public var maximumWidth = 30
  /// How many instructions, constants not counted.
  public var length = 1...12
  private var generator: SeededGenerator
  private var builder = ProgramBuilder(name: "random")
  private var values: [ValueID] = []

  /// Prepares the program of a seed.
  public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// Makes the program.
  public mutating func make() -> Program {
    for index in 0..<int(1...2) {
      let shape = pick([[int(1...6)], [int(1...4), int(1...5)], [int(1...5), int(1...4), int(1...3)]])
      values.append(builder.input("x\(index)", ValueType(shape, format())))
    }
    let count = int(length)
    builder.beginLayer("body", className: "Random")
    var made = 0
    for _ in 0..<count * 20 where made < count {
      guard let value = step() else { continue }
      values.append(value)
      made += 1
    }
    let result = values[values.count - 1]
    builder.endLayer(result)
    builder.output(result)
    return builder.program
  }

  /// The words of one event for a program: ends of the range more often than chance would have them.
  public mutating func event(for program: Program) -> [[Raw]] {
    program.inputs.map { id in
      let type = program[id].type
      return (0..<type.count).map { _ in word(type.format) }
    }
  }

  // MARK: Instructions

  private mutating func step() -> ValueID? {
    let x = value()
    let shape = builder.type(x).shape
    switch int(0...15) {
    case 0, 1: return add(.requantize(format()), [x])
    case 2, 3: return affine(x)
    case 4:
      return add(.contract(Contract(product: chance(3) ? format() : nil, accumulator: format())), [x, x])
    case 5, 6:
      let kind = pick([Elementwise.add, .subtract, .multiply, .maximum, .minimum])
      return add(
        .elementwise(kind), [x, chance(2) ? value() : constant(pick([[1], [shape.last ?? 1]]), format())])
    case 7:
      let divisors = ValueType([1], .integer(6, signed: chance(2)))
      return add(.elementwise(.divide), [x, builder.constant("divisor", divisors, [Raw(int(1...31))])])
    case 8:
      let order = pick([ReductionOrder.sequential, .tree])
      return add(
        .reduce(pick([.sum(accumulator: format(), order: order), .maximum, .minimum, .argmax])), [x])
    case 9: return lookup(x)
    case 10, 11:
      let b = chance(2) ? value() : constant([1], format())
      return add(.select(pick(Comparison.allCases)), [x, b, pick([x, b, value()]), pick([x, b, value()])])
    case 12: return window(x)
    default: return rearrange(x)
    }
  }

  private mutating func affine(_ x: ValueID) -> ValueID? {
    let shape = builder.type(x).shape
    let grouped = shape.count > 1 && chance(4)
    let outputs = int(1...4)
    let weights = (grouped ? [shape[shape.count - 2]] : []) + [shape[shape.count - 1], outputs]
    let operation = Affine(
      product: chance(3) ? format() : nil, accumulator: format(),
      order: chance(3) ? .strided(int(1...4)) : .natural)
    return add(
      .affine(operation),
      [x, constant(weights, format()), constant(Array(weights.dropLast(2)) + [outputs], format())])
  }

  private mutating func lookup(_ x: ValueID) -> ValueID? {
    let index = FixedFormat.integer(int(1...6), signed: chance(2)).with(.trnZero, pick([.wrap, .sat]))
    guard let index = add(.requantize(index), [x]) else { return nil }
    return add(.lookup, [index, constant([int(1...40)], format())])
  }

  private mutating func window(_ x: ValueID) -> ValueID? {
    let type = builder.type(x)
    let rank = type.shape.count - 1
    guard rank > 0 else { return nil }
    func each(_ make: () -> Int) -> [Int] { (0..<rank).map { _ in make() } }
    let (kernel, strides, dilation) = (each { int(1...3) }, each { int(1...2) }, each { int(1...2) })
    let (before, after) = (each { int(0...1) }, each { int(0...1) })
    return add(
      .window(
        Window(
          kernel: kernel, strides: strides, dilation: dilation, before: before, after: after,
          groups: pick([0, 0, 1, type.shape[rank]]), padding: word(type.format))), [x])
  }

  private mutating func rearrange(_ x: ValueID) -> ValueID? {
    let type = builder.type(x)
    let (shape, axis) = (type.shape, int(0...type.shape.count - 1))
    func each(_ make: (Int) -> Int) -> [Int] { shape.indices.map { make($0) } }
    switch int(0...5) {
    case 0:
      return add(
        .rearrange(.reshape(pick([[type.count], shape + [1], [shape[0], type.count / shape[0]]]))), [x])
    case 1: return add(.rearrange(.transpose(Array(shape.indices).shuffled(using: &generator))), [x])
    case 2: return add(.rearrange(.concatenate(axis: axis)), [x, value()])
    case 3:
      let (before, after, interior) = (
        each { _ in int(0...1) }, each { _ in int(0...1) }, each { _ in int(0...1) }
      )
      return add(
        .rearrange(.pad(before: before, after: after, interior: interior, word: word(type.format))), [x])
    case 4:
      let start = each { int(0...(shape[$0] - 1)) }
      let step = each { _ in int(1...2) }
      let count = shape.indices.map { 1 + (shape[$0] - 1 - start[$0]) / step[$0] }
      return add(.rearrange(.slice(start: start, count: count, step: step)), [x])
    default:
      let indices = (0..<int(1...4)).map { _ in int(0...(shape[axis] - 1)) }
      return add(.rearrange(.gather(axis: axis, indices: indices)), [x])
    }
  }

  /// Adds the operation if its operands fit, every word stays within `maximumWidth` and exact values within
  /// what a program may have.
  private mutating func add(_ operation: Operation, _ operands: [ValueID]) -> ValueID? {
    guard let type = try? operation.resultType(operands.map { builder.type($0) }),
      type.format.width <= maximumWidth, type.count <= 400
    else { return nil }
    var trial = builder
    guard let id = try? trial.add("v", operation, operands) else { return nil }
    trial.output(id)
    guard trial.program.verify().isEmpty else { return nil }
    return try? builder.add("v", operation, operands)
  }

  private mutating func constant(_ shape: [Int], _ format: FixedFormat) -> ValueID {
    let words = (0..<shape.reduce(1, *)).map { _ in word(format) }
    return builder.constant("c", ValueType(shape, format), words)
  }

  // MARK: Choices

  private mutating func format() -> FixedFormat {
    let width = int(1...12)
    return FixedFormat(
      width, width - int(-2...width + 2), signed: chance(2) || chance(2), pick(Rounding.allCases),
      pick(Overflow.allCases))
  }

  private mutating func word(_ format: FixedFormat) -> Raw {
    let lowest = format.minRaw
    if chance(8) { return pick([lowest, format.maxRaw, 0]) }
    return Raw.random(in: lowest...format.maxRaw, using: &generator)
  }

  private mutating func value() -> ValueID { pick(values) }
  private mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  private mutating func chance(_ n: Int) -> Bool { int(1...n) == 1 }
  private mutating func pick<T>(_ items: [T]) -> T { items[int(0...items.count - 1)] }
}
