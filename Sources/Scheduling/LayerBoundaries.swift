import Program

/// What a network has beyond its layers: each layer is a function of its own, which starts with a clock cycle, so that the
/// words between two layers are registered; and within a layer, words that wait for others.
struct LayerBoundaries {
  /// Whether an instruction begins a layer, by instruction.
  private(set) var starts: [Bool]

  /// - Parameter isFree: whether an instruction is wiring alone.
  init(_ program: Program, isFree: (Int) -> Bool) {
    starts = Array(repeating: false, count: program.instructions.count)
    // Wiring at the start of a layer leaves the start to what follows.
    var isOpen = starts
    for (index, instruction) in program.instructions.enumerated() {
      if case .constant = instruction.operation { continue }
      let begins = instruction.operands.contains { operand in
        program.constant(operand) == nil
          && (isOpen[operand.index] || program.instructions[operand.index].layer != instruction.layer)
      }
      if begins, isFree(index) { isOpen[index] = true } else { starts[index] = begins }
    }
  }

  /// Whether a program is a network: a single layer of products, with or without an activation, is one function.
  static func isNetwork(_ program: Program) -> Bool {
    let layers = program.instructions.compactMap { instruction -> Int? in
      if case .affine = instruction.operation { instruction.layer } else { nil }
    }
    return Set(layers).count > 1
  }
}

extension Planner {
  /// Registers of each instruction's result, in bits: as often as the pipeline is cut between it and its last use
  /// within the layer, and once towards the next layer. Products with matrices count those of their results themselves.
  func resultRegisters() -> [Int] {
    let instructions = program.instructions
    var registers = Array(repeating: 0, count: instructions.count)
    var start = Array(repeating: 0.0, count: instructions.count)
    var ready = start
    for (index, instruction) in instructions.enumerated() {
      let timing = timing(index, estimate(index, strategy: .latency, reuse: 1))
      start[index] = timing.start(instruction.operands.map { ready[$0.index] }.max() ?? 0)
      ready[index] = start[index] + timing.duration
    }
    // The cycle boundary each result is last needed behind.
    var lastUse = Array(repeating: 0.0, count: instructions.count)
    for output in program.outputs { lastUse[output.index] = ready[output.index].rounded(.up) }
    for (index, instruction) in instructions.enumerated().reversed() {
      let isWired = isWiring(index)
      for operand in instruction.operands.map(\.index) {
        // Later layers take the word from the register at this layer's end.
        let isWithin = instructions[operand].layer == instruction.layer
        let use = !isWithin ? ready[operand].rounded(.up) : isWired ? lastUse[index] : start[index]
        lastUse[operand] = max(lastUse[operand], use)
      }
      if isWired || affines[index] != nil || loops[index] != nil { continue }
      let cuts = Int(lastUse[index]) - Int(ready[index])
      registers[index] = max(0, cuts) * live.words(index, instruction.type) * instruction.type.format.width
    }
    return registers
  }
}
