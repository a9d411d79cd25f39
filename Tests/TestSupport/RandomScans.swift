import FixedPoint
import Program

extension RandomProgram {
  /// A scan over a value's first axis, with up to two states: a step of a few operations on an element and the states, which
  /// then become what the next step needs.
  mutating func scan(_ operand: ValueID) throws(ProgramError) -> ValueID {
    let type = builder.type(operand)
    guard type.shape.count > 1, type.shape[0] <= 6 else { throw ProgramError("no short sequence") }
    let element = ValueType(Array(type.shape.dropFirst()), type.format)
    let states = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
      ValueType(element.shape, generator.chance(0.5) ? near(type.format) : format())
    }
    var step = RandomProgram(seed: generator.next(), options: options)
    step.builder = ProgramBuilder(name: "step")
    step.values = [step.builder.input("x", element)]
    for (place, state) in states.enumerated() {
      step.values.append(step.builder.input("state\(place)", state))
    }
    let inputs = step.values
    for _ in 0..<Int.random(in: 1...4, using: &step.generator) {
      step.attempt { random in
        let operand = random.generator.pick(random.values)
        return random.generator.chance(0.6)
          ? try random.elementwise(operand) : try random.requantized(operand)
      }
    }
    if step.generator.chance(0.5), element.shape.count > 0 {
      let length = element.shape[element.shape.count - 1]
      step.attempt { (random) throws(ProgramError) in
        try random.affine(random.generator.pick(random.values), columns: length)
      }
    }
    step.builder.output(step.values[step.values.count - 1])
    for (place, state) in states.enumerated() {
      let alike = step.values.filter { step.builder.type($0).shape == state.shape }
      let source = step.generator.chance(0.8) ? alike[alike.count - 1] : inputs[place + 1]
      step.builder.output(try step.builder.add("next\(place)", .requantize(state.format), source))
    }
    let starts = states.map { constant("start", $0.shape, $0.format) }
    return try builder.add(
      "scan", .scan(Scan(step.builder.program, keeps: generator.pick(Scan.Kept.allCases))),
      [operand] + starts)
  }
}

extension RandomProgram {
  /// A recurrent layer and what reads it: products of all elements with a matrix, then a scan of products, sums and conversions
  /// with two states, which may change places.
  ///
  /// - Parameters:
  ///   - steps: how many steps there are; nil: some.
  ///   - keeps: which steps' results there are; nil: any.
  public static func recurrent(seed: UInt64, steps: Int? = nil, keeps: Scan.Kept? = nil) throws -> Program {
    var random = RandomProgram(seed: seed)
    let steps = steps ?? Int.random(in: 2...7, using: &random.generator)
    let keeps = keeps ?? random.generator.pick(Scan.Kept.allCases)
    return try random.recurrent(steps, keeps)
  }

  private mutating func recurrent(_ steps: Int, _ keeps: Scan.Kept) throws -> Program {
    let (depth, units) = (
      Int.random(in: 1...4, using: &generator), Int.random(in: 1...5, using: &generator)
    )
    let word = generator.pick([FixedFormat(8, 3), FixedFormat(16, 6), FixedFormat(12, 4, .rnd, .sat)])
    let sum = generator.pick([FixedFormat(16, 8), FixedFormat(24, 12), FixedFormat(14, 6, .rndConv, .sat)])
    let weight = FixedFormat(generator.pick([4, 6, 8]), 1)
    builder.beginLayer("input", className: "Input")
    let x = builder.input("x", ValueType([steps, depth], word))
    builder.endLayer(x)
    builder.beginLayer("rnn", className: "LSTM")
    let affine = Operation.affine(Affine(product: generator.chance(0.3) ? sum : nil, accumulator: sum))
    var source = x
    if generator.chance(0.3) {
      let backwards = Array((0..<steps).reversed())
      source = try builder.add("reversed", .rearrange(.gather(axis: 0, indices: backwards)), x)
    }
    let features = try builder.add(
      "features", affine, source, constant("kernel", [depth, 2 * units], weight),
      constant("bias", [2 * units], weight))
    let step = try recurrentStep(units, sum: sum, word: word, weight: weight, affine)
    let starts = ["h0", "c0"].map { constant($0, [units], word) }
    let result = try builder.add("steps", .scan(Scan(step, keeps: keeps)), [features] + starts)
    builder.endLayer(result)
    builder.beginLayer("out", className: "Dense")
    let narrow = try builder.add("narrow", .requantize(word), result)
    let y = try builder.add(
      "y", affine, narrow, constant("w", [units, 3], weight), constant("b", [3], weight))
    builder.endLayer(y)
    builder.output(y)
    if generator.chance(0.3) { builder.output(result) }
    return builder.program
  }

  private mutating func recurrentStep(
    _ units: Int, sum: FixedFormat, word: FixedFormat, weight: FixedFormat, _ affine: Operation
  ) throws -> Program {
    var step = RandomProgram(seed: generator.next(), options: options)
    step.builder = ProgramBuilder(name: "step")
    let f = step.builder.input("features", ValueType([2 * units], sum))
    let h = step.builder.input("h", ValueType([units], word))
    let c = step.builder.input("c", ValueType([units], word))
    let product = try step.builder.add(
      "state", affine, h, step.constant("recurrent", [units, 2 * units], weight),
      step.constant("rbias", [2 * units], weight))
    let all = try step.builder.add("all", .elementwise(.add), f, product)
    let gate = try step.builder.add(
      "gate", .rearrange(.slice(start: [0], count: [units], step: [1])), all)
    let open = try step.builder.add(
      "open", .rearrange(.slice(start: [units], count: [units], step: [1])), all)
    let kept = try step.builder.add(
      "kept", .elementwise(.multiply), try step.builder.add("gateWord", .requantize(word), gate), c)
    let cell = try step.builder.add(
      "cell", .requantize(word), try step.builder.add("new", .elementwise(.add), kept, open))
    let shown = try step.builder.add(
      "shown", .requantize(word), try step.builder.add("largest", .elementwise(.maximum), gate, cell))
    step.builder.output(step.generator.chance(0.5) ? shown : cell)
    switch Int.random(in: 0..<4, using: &step.generator) {
    case 0: [c, cell].forEach { step.builder.output($0) }
    case 1: [cell, h].forEach { step.builder.output($0) }
    default: [shown, cell].forEach { step.builder.output($0) }
    }
    return step.builder.program
  }
}
