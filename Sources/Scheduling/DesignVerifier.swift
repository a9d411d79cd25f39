import Diagnostics
import Program

extension Design {
  /// Checks every invariant that backends rely on; all violations are reported, by the names of instructions or layers.
  ///
  /// 1. The program is well-formed, and every instruction has a step.
  /// 2. A reuse factor is at least 1; other instructions than those that multiply by weights have 1. A sum has at most as
  ///    many uses of a multiplier as it has products, and an array of multipliers exists that adds in the order asked for.
  /// 3. Every affine operation has its multipliers, as its choice says: an array exactly where the strategy is resource,
  ///    the reuse factor above 1 and the matrix not grouped; adders exactly where it is distributed arithmetic, a sound graph
  ///    of its size for each group.
  /// 4. Regions hold every instruction that takes hardware once; neighbours in a region are of one layer, or of one loop;
  ///    what an instruction reads is made before it.
  /// 5. A loop over positions begins with a window of its region, its instructions are computed position by position, in one
  ///    region, and between 1 and all positions are computed at once. Wiring in front of it is read by it alone.
  /// 6. In one pipeline there are no loops: every region dissolves in it, or limits its multipliers. In a dataflow none
  ///    dissolves; a region that rewinds is one array of multipliers, or one loop over positions with its wiring.
  /// 7. A design in io_stream has a network, which `Dataflow.verify` finds nothing in and whose processes are the regions;
  ///    others have none.
  /// 8. A step starts no earlier than its operands are there; latency, interval and resources of the whole are those of the
  ///    steps (io_parallel: in a stream, latency and interval are the network's).
  /// 9. Every scan is alone in its region and has a loop over its steps: a design of its body, sound itself, and times that
  ///    are those of so many steps. Nothing else has one.
  public func verify() -> [Diagnostic] {
    let errors = program.verify()
    guard errors.isEmpty else { return errors.map { Diagnostic("\($0)") } }
    guard steps.count == program.instructions.count else {
      return [Diagnostic("\(steps.count) steps for \(program.instructions.count) instructions")]
    }
    var problems = choiceProblems() + regionProblems() + loopProblems() + formProblems() + timeProblems()
    problems += stepProblems()
    switch (ioType, dataflow) {
    case (.stream, let flow?):
      if !isDataflow || regions != flow.regions {
        problems.append(Diagnostic("the regions are not the network's processes"))
      }
      problems += flow.verify(program)
    case (.stream, nil): problems.append(Diagnostic("a design in io_stream has no network"))
    case (.parallel, nil): break
    case (.parallel, _?): problems.append(Diagnostic("a design in io_parallel has a network"))
    }
    return problems
  }

  private func problem(_ index: Int, _ message: String) -> Diagnostic {
    Diagnostic(place: program.instructions[index].name, message)
  }

  /// Invariants 2 and 3.
  private func choiceProblems() -> [Diagnostic] {
    var problems: [Diagnostic] = []
    let accumulated = Set(
      (dataflow?.processes ?? []).compactMap { process in
        if case .accumulate(let index) = process.kind { index } else { nil }
      })
    for (index, instruction) in program.instructions.enumerated() {
      let choice = steps[index].choice
      let reuse = choice.reuseFactor
      if reuse < 1 { problems.append(problem(index, "reuse factor \(reuse) is below 1")) }
      guard case .affine(let affine) = instruction.operation else {
        if reuse > 1, !program.isScaling(index) {
          problems.append(problem(index, "reuse factor \(reuse), but it multiplies by no weights"))
        }
        continue
      }
      let shape = program[instruction.operands[1]].type.shape
      let (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
      if reuse > inputs * outputs {
        problems.append(problem(index, "reuse factor \(reuse) for \(inputs * outputs) products"))
      }
      guard let found = multipliers[index] else {
        problems.append(problem(index, "no multipliers"))
        continue
      }
      let isAdders = choice.strategy == .distributedArithmetic
      if case .adders(let graphs) = found {
        let isSound =
          isAdders && reuse == 1 && graphs.count == (shape.count == 3 ? shape[0] : 1)
          && graphs.allSatisfy { $0.inputs.count == inputs && $0.outputs.count == outputs }
        if !isSound { problems.append(problem(index, "its adders are another one's, or unasked")) }
        continue
      }
      if isAdders { problems.append(problem(index, "no adders")) }
      // Token by token there is no array.
      if accumulated.contains(index) {
        if found.array != nil { problems.append(problem(index, "an array of multipliers over a stream")) }
        continue
      }
      let isArray = program.loopsOverMultipliers(index, choice)
      if isArray != (found.array != nil) {
        problems.append(
          problem(
            index, isArray ? "no array of multipliers adds in its order" : "an array of multipliers, unasked")
        )
      }
      if let array = found.array {
        let wanted = MultiplierArray(
          reuse: reuse, inputs: inputs, outputs: outputs, stride: affine.order.stride(inputs),
          isOrderFree: affine.isOrderFree(
            program[instruction.operands[0]].type.format, program[instruction.operands[1]].type.format))
        if array != wanted { problems.append(problem(index, "its array of multipliers is another one's")) }
      } else if (found.limit != nil) != (reuse > 1) {
        problems.append(problem(index, "multipliers do not follow from reuse factor \(reuse)"))
      }
    }
    return problems
  }

  /// Invariant 4.
  private func regionProblems() -> [Diagnostic] {
    var problems: [Diagnostic] = []
    let root = program.roots
    let computed = program.instructions.indices.filter { index in
      switch program.instructions[index].operation.form {
      case .input, .constant: false
      case .wordwise, .product, .reduction, .wiring, .scan: root[index] == index
      }
    }
    var times = Array(repeating: 0, count: program.instructions.count)
    for index in regions.flatMap(\.instructions) where times.indices.contains(index) { times[index] += 1 }
    for index in computed where times[index] != 1 {
      problems.append(problem(index, times[index] == 0 ? "in no region" : "in \(times[index]) regions"))
    }
    for index in times.indices where times[index] > 0 && !computed.contains(index) {
      problems.append(problem(index, "takes no hardware, but is in a region"))
    }
    // What is made so far.
    var made = Set(program.instructions.indices.filter { program.constant(ValueID(root[$0])) != nil })
    made.formUnion(program.inputs.map(\.index))
    for region in regions {
      for (before, index) in zip(region.instructions, region.instructions.dropFirst()) {
        let layers = [before, index].map { program.instructions[$0].layer }
        let isJoined = region.loops.contains { Set([before, index]).isSubset(of: $0.instructions) }
        if !isJoined, layers[0] == nil || layers[0] != layers[1] {
          problems.append(problem(index, "in a region of another layer"))
        }
      }
      for index in region.instructions where times.indices.contains(index) {
        for operand in program.instructions[index].operands where !made.contains(root[operand.index]) {
          problems.append(problem(index, "reads \(program[operand].name), which is not made before it"))
        }
        made.insert(index)
      }
    }
    return problems
  }

  /// Invariant 5.
  private func loopProblems() -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for region in regions {
      for loop in region.loops {
        guard let first = loop.instructions.first, case .window = program.instructions[first].operation else {
          problems.append(
            Diagnostic(
              place: region.layer.map { program.layers[$0].name }, "a loop that begins with no window"))
          continue
        }
        let shape = Array(program.instructions[first].type.shape.prefix(loop.axes))
        if loop.positions != shape.reduce(1, *) || !(1...max(1, loop.positions)).contains(loop.factor) {
          problems.append(
            problem(
              first, "a loop computes \(loop.factor) of \(loop.positions) positions of \(shape) at once"))
        }
        let root = program.roots
        for wiring in loop.wiring {
          let readers = program.instructions.indices.filter { reader in
            root[reader] == reader
              && program.instructions[reader].operands.contains { root[$0.index] == wiring }
          }
          if readers != [first] { problems.append(problem(wiring, "in a loop, but read outside")) }
        }
        for index in loop.instructions.dropFirst() where !program.isPositionwise(index, positions: shape) {
          problems.append(problem(index, "in a loop, but not computed position by position"))
        }
        if !Set(loop.all).isSubset(of: region.instructions) {
          problems.append(problem(first, "a loop leaves its region"))
        }
      }
    }
    return problems
  }

  /// Invariant 9.
  private func stepProblems() -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for (index, instruction) in program.instructions.enumerated() {
      guard case .scan(let scan) = instruction.operation else {
        if stepLoops[index] != nil { problems.append(problem(index, "a loop over steps, but it has none")) }
        continue
      }
      guard let loop = stepLoops[index] else {
        problems.append(problem(index, "no loop over its steps"))
        continue
      }
      problems += loop.step.verify()
      let body = loop.step.program
      if body.inputs != scan.body.inputs || body.outputs != scan.body.outputs
        || body.instructions.map(\.operation) != scan.body.instructions.map(\.operation)
      {
        problems.append(problem(index, "its step is another one's"))
      }
      let count = program[instruction.operands[0]].type.shape.first ?? 0
      if loop.count != count || loop.interval < 1 || loop.latency < 1 || loop.step.ioType != .parallel {
        problems.append(
          problem(
            index, "\(loop.count) steps of \(loop.latency) cycles, every \(loop.interval), for \(count)"))
      }
      if regions.contains(where: { $0.instructions.contains(index) && $0.instructions.count > 1 }) {
        problems.append(problem(index, "is not alone in its region"))
      }
    }
    return problems
  }

  /// Invariant 6.
  private func formProblems() -> [Diagnostic] {
    regions.compactMap { region in
      guard let first = region.instructions.first else { return Diagnostic("an empty region") }
      let arrays = region.instructions.filter { multipliers[$0]?.array != nil }
      switch region.form {
      case .inlined:
        if isDataflow { return problem(first, "a process of a dataflow that dissolves in a pipeline") }
      case .pipeline(let interval):
        if interval < 1 { return problem(first, "a pipeline of interval \(interval)") }
      case .loops:
        if !isDataflow { return problem(first, "a loop in one pipeline") }
      case .rewindingLoop:
        let isArray = region.instructions.count == 1 && arrays.count == 1
        let isLoop =
          region.loops.count == 1 && region.loops[0].rewinds
          && region.loops[0].all == region.instructions && arrays.isEmpty
        if !isDataflow || ioType == .stream || !(isArray || isLoop) {
          return problem(first, "a loop that rewinds, but is not all there is")
        }
      }
      if !isDataflow, !region.loops.isEmpty || !arrays.isEmpty {
        return problem(first, "a loop in one pipeline")
      }
      return nil
    }
  }

  /// Invariant 8.
  private func timeProblems() -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for (index, instruction) in program.instructions.enumerated() {
      let estimate = steps[index].estimate
      if estimate.start < 0 || estimate.latency < 0 || estimate.interval < 1 {
        problems.append(problem(index, "starts, lasts or repeats in negative time"))
      }
      // In a stream it starts with the first token.
      guard ioType == .parallel else { continue }
      for operand in instruction.operands {
        let before = steps[operand.index].estimate
        if before.start + before.latency > estimate.start {
          problems.append(problem(index, "starts before \(program[operand].name) is there"))
        }
      }
    }
    if ioType == .parallel {
      let end =
        program.outputs.map { steps[$0.index].estimate.start + steps[$0.index].estimate.latency }.max() ?? 0
      if latency != end {
        problems.append(Diagnostic("latency \(latency), but outputs are there after \(end)"))
      }
      let slowest = steps.map(\.estimate.interval).max() ?? 1
      if interval != slowest {
        problems.append(Diagnostic("interval \(interval), but that of the slowest step is \(slowest)"))
      }
    }
    let sum = steps.map(\.estimate.resources).reduce(Resources(), +)
    if resources != sum { problems.append(Diagnostic("the resources are not the sum of the steps'")) }
    return problems
  }
}
