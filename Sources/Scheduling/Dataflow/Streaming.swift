import FixedPoint
import Program

extension Planner {
  /// Turns the plan of a program into that of its dataflow: an operation that fires once per position is built
  /// for one position, FIFOs and line buffers take memory, and times are those of the network's run.
  ///
  /// Nothing of this is fitted to synthesis results: every error bar is at least `Uncertainty.uncalibrated`.
  func stream(_ design: inout Design) {
    guard let flow = design.dataflow else { return }
    let timing = flow.timing()
    for index in design.steps.indices { design.steps[index].estimate.resources = Resources() }
    var planners: [Int: Planner] = [:]
    var shares: [Int: Int] = [:]
    for (number, process) in flow.processes.enumerated() {
      let axes = flow.axes(of: process)
      let planner = planners[axes] ?? onePosition(axes)
      planners[axes] = planner
      let script = flow.script(number)
      for index in process.instructions {
        let choice = design.steps[index].choice
        var step = design.steps[index].estimate
        // Each token brings only its share of the products.
        let tokens = process.kind == .accumulate(index: index) ? flow.channels[process.reads[0]].tokens : 1
        shares[index] = tokens
        var estimate = planner.estimate(index, strategy: choice.strategy, reuse: choice.reuseFactor)
        if tokens > 1 { estimate = planner.accumulatingStep(index, tokens: tokens, every: process.interval) }
        if case .fold(index) = process.kind { estimate = planner.foldingStep(index) }
        if let loop = design.stepLoops[index] { estimate = self.estimate(loop, index) }
        step.resources = estimate.resources
        if case .window(index) = process.kind {
          step.resources = flow.lineBuffers(index).map(\.resources).reduce(step.resources, +)
          step.resources = step.resources + flow.windowRegisters(index)
        }
        if index == process.instructions[0] { step.resources = step.resources + flow.keeping(process) }
        step.uncertainty = estimate.uncertainty.widened(to: .uncalibrated)
        step.start = timing.spans[number].lowerBound
        step.latency = timing.spans[number].count
        step.interval = (script.firings - 1) * script.interval + script.latency + 1 + script.restart
        design.steps[index].estimate = step
      }
      // A process between two layers belongs to the one whose words pass it.
      if process.instructions.isEmpty, let channel = process.reads.first {
        let index = flow.channels[channel].value.index
        design.steps[index].estimate.resources =
          design.steps[index].estimate.resources + flow.keeping(process)
      }
    }
    // A reshape is its operand by another name.
    for (index, root) in flow.root.enumerated() where index != root {
      design.steps[index].estimate.start = design.steps[root].estimate.start
      design.steps[index].estimate.latency = design.steps[root].estimate.latency
    }
    // A FIFO belongs to the layer whose words it holds.
    for channel in flow.channels {
      guard let memory = flow.memory(channel) else { continue }
      let index = channel.value.index
      let estimate = design.steps[index].estimate
      design.steps[index].estimate.resources = estimate.resources + memory.resources
      design.steps[index].estimate.uncertainty = estimate.uncertainty.widened(to: .uncalibrated)
    }
    design.latency = timing.latency
    design.interval = max(1, timing.interval)
    design.resources = design.steps.map(\.estimate.resources).reduce(Resources(), +)
    design.warnings = warnings(design.steps.map(\.choice), shares: shares)
    design.warnings += flow.gathered.map { gathered in
      let layer = gathered.process.layer.map { program.layers[$0].name } ?? "wiring"
      return "\(layer): \(gathered.reason); \(gathered.bits) bits in \(gathered.memory)"
    }
  }

  /// One token's share of a matrix over a stream: its products, as many multipliers as one interval leaves time for,
  /// an adder each, and the weights in a memory of a row per token.
  private func accumulatingStep(_ index: Int, tokens: Int, every interval: Int) -> Estimate {
    let instruction = program.instructions[index]
    guard case .affine(let affine) = instruction.operation else { return Estimate() }
    let (x, w) = (program[instruction.operands[0]].type, program[instruction.operands[1]].type)
    let products = w.count / tokens
    var estimate = Estimate()
    estimate.resources =
      cost.multipliers(
        (products + interval - 1) / interval, x.format.width, w.format.width)
      + Resources(
        lut: products * (affine.accumulator.width + CostModel.adderOverhead),
        ff: instruction.type.count * affine.accumulator.width,
        bram: CostModel.memoryBlocks(width: products * w.format.width, depth: tokens))
    return estimate
  }

  /// One step of a reduction over positions: a word of every channel is added or compared.
  private func foldingStep(_ index: Int) -> Estimate {
    var instruction = program.instructions[index]
    let source = instruction.operands[0]
    var pair = program
    pair.instructions[source.index].type.shape[pair[source].type.shape.count - 1] = 2
    instruction.type.shape = Array(pair[source].type.shape.dropLast()) + [1]
    pair.instructions[index] = instruction
    var estimate = CostModel(program: pair, clock: cost.clock, binding: cost.binding).estimate(instruction)
    // What was folded so far is kept from position to position.
    estimate.resources.ff += instruction.type.count * instruction.type.format.width
    return estimate
  }
}

extension Dataflow {
  /// How many leading axes of a process's values are positions it computes one at a time.
  public func axes(of process: Process) -> Int {
    switch process.kind {
    case .positions(let axes): return axes
    case .window(let index):
      if case .window(let window) = program.instructions[index].operation { return window.kernel.count }
      return 0
    case .fork, .accumulate, .fold, .wire, .repack, .scan: return 0
    }
  }
}

extension Dataflow {
  /// What a process keeps besides the arithmetic of its instructions: the words of tensors that it waits for, rows
  /// and tensors that it gives again, the counters that say where it is.
  func keeping(_ process: Process) -> Resources {
    let token = process.reads.map { bits(channels[$0]) }.max() ?? 0
    switch process.kind {
    case .fork, .accumulate, .fold, .window, .scan: return Resources()
    case .positions(let axes): return axes > 0 ? Resources() : Resources(ff: gatheredBits(process))
    case .repack:
      // Wide tokens are registers that are shifted or filled.
      let wide = (process.reads + process.writes).map { bits(channels[$0]) }.max() ?? 0
      return Resources(lut: wide, ff: wide) + Self.counters
    case .wire: return (wireMemory(process)?.resources ?? Resources()) + Resources(ff: token) + Self.counters
    }
  }

  /// A loop's counters and the tests of their values.
  private static let counters = Resources(lut: 30, ff: 30)

  /// The bits of the tensors a process that fires once waits for, token by token.
  private func gatheredBits(_ process: Process) -> Int {
    guard process.kind == .positions(axes: 0) else { return 0 }
    return process.reads.map { channels[$0] }.filter { $0.tokens > 1 }
      .reduce(0) { $0 + $1.tokens * bits($1) }
  }

  /// The processes that must have a whole tensor before they begin, with the bits they keep, in what, and why.
  public var gathered: [(process: Process, bits: Int, memory: String, reason: String)] {
    processes.compactMap { process in
      if case .wire = process.kind, let memory = wireMemory(process), case .reorder = wire(process)?.plan {
        return (
          process, memory.width * memory.depth, memory.kind.rawValue.uppercased(),
          "waits for the whole tensor, whose order it changes"
        )
      }
      let bits = gatheredBits(process)
      if bits == 0 { return nil }
      return (
        process, bits, "registers",
        "waits for the whole tensor, which \(operationName(process)) needs at once"
      )
    }
  }

  private func operationName(_ process: Process) -> String {
    let own = Set(process.instructions)
    let reader = process.instructions.first { index in
      program.instructions[index].operands.contains {
        !program.holdsConstant($0) && !own.contains(root[$0.index])
      }
    }
    switch reader.map({ program.instructions[$0].operation.form }) {
    case .product(.affine): return "the order of its sums"
    case .product: return "a product of tensors"
    case .reduction: return "a reduction over all positions"
    case .wordwise: return "an operation between tensors of unlike shapes"
    case .scan: return "a loop over steps"
    case .input, .constant, .wiring, nil: return "its wiring"
    }
  }
}
