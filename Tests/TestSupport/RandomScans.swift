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
