import FixedPoint
import Program

extension Dataflow {
  /// Cuts a program into processes and joins them; `steps` are the plans of its instructions. FIFO depths follow
  /// from the schedule (`sizeChannels`).
  ///
  /// - Parameters:
  ///   - stepLoops: of each scan, by instruction.
  ///   - hasURAM: whether large memories may be UltraRAMs.
  public init(_ program: Program, steps: [Step], stepLoops: [Int: StepLoop] = [:], hasURAM: Bool = false) {
    var builder = DataflowBuilder(program, steps: steps, stepLoops: stepLoops)
    builder.cut()
    builder.connect()
    self.init(
      program: program, processes: builder.processes, channels: builder.channels, inputs: builder.inputs,
      outputs: builder.outputs, root: builder.root, hasURAM: hasURAM)
    sizeChannels()
  }
}

/// Makes a network: first the processes, then the channels between them (Connecting.swift).
///
/// What a process does follows from what its values are. Every value travels in tokens: as many words as its
/// process makes at a firing. A reader wants as many words as it needs at one of its own firings; where its tokens
/// are wider, a process in between takes them apart.
struct DataflowBuilder {
  let program: Program
  let steps: [Step]
  let stepLoops: [Int: StepLoop]
  /// The instruction that makes the words of each value.
  let root: [Int]
  var processes: [Dataflow.Process] = []
  var channels: [Dataflow.Channel] = []
  var inputs: [Int] = []
  var outputs: [Int] = []
  /// The words of a token of each value, as its process makes it.
  private(set) var tokenWords: [Int]
  /// The process that makes each value.
  private(set) var maker: [Int: Int] = [:]

  init(_ program: Program, steps: [Step], stepLoops: [Int: StepLoop]) {
    self.program = program
    self.steps = steps
    self.stepLoops = stepLoops
    root = program.roots
    tokenWords = program.instructions.map { Self.tokenWords($0.type) }
  }

  /// The words of a token: those of the last axis, or, where they are too many bits, the most that divide them.
  static func tokenWords(_ type: ValueType) -> Int { tokenWords(type.shape.last ?? 1, type.format.width) }

  /// The most of `words` words, of so many bits each, that travel at once.
  private static func tokenWords(_ words: Int, _ width: Int) -> Int {
    let most = max(1, Dataflow.widestToken / width)
    return words <= most ? words : (1...most).last { words % $0 == 0 } ?? 1
  }

  // MARK: Processes

  /// Deals the instructions out to processes, each of one layer.
  mutating func cut() {
    for index in program.instructions.indices where root[index] == index {
      let operation = program.instructions[index].operation
      if operation == .input || program.constant(ValueID(index)) != nil { continue }
      if let last = processes.indices.last, processes[last].layer == program.instructions[index].layer,
        program.instructions[index].layer != nil, extends(processes[last], index)
      {
        processes[last].instructions.append(index)
      } else {
        processes.append(
          Dataflow.Process(
            kind: kind(index), layer: program.instructions[index].layer, instructions: [index], reads: [],
            writes: [], interval: 1, latency: 1))
      }
      maker[index] = processes.count - 1
      tokenWords[index] = Self.tokenWords(
        wordsMade(index, processes[processes.count - 1]), program.instructions[index].type.format.width)
    }
    for number in processes.indices { plan(number) }
  }

  private func kind(_ index: Int) -> Dataflow.Kind {
    let instruction = program.instructions[index]
    switch instruction.operation.form {
    case .wiring(.window):
      if !program.holdsConstant(instruction.operands[0]) { return .window(index: index) }
    case .product(.affine(let affine)):
      if steps[index].choice.strategy != .distributedArithmetic, accumulates(affine, instruction) {
        return .accumulate(index: index)
      }
    case .wiring(.rearrange(.transpose([1, 0]))):
      if let reduction = foldedReduction(index) { return .fold(index: reduction) }
    case .scan: return .scan(index: index)
    case .input, .constant, .wordwise, .product, .reduction, .wiring(.rearrange): break
    }
    let axes = positionAxes(index)
    // A row at a time would be coarser than its tokens.
    if axes < instruction.type.shape.count - 1, let together = program.wordsMovedTogether(index),
      isWire(instruction, together)
    {
      return .wire(index: index)
    }
    return .positions(axes: axes)
  }

  /// The leading axes that count positions an instruction can be computed at, one after the other: as many as there
  /// are, but no more than its operands were made at.
  private func positionAxes(_ index: Int) -> Int {
    let instruction = program.instructions[index]
    let shape = instruction.type.shape
    for axes in stride(from: shape.count - 1, to: 0, by: -1)
    where program.isPositionwise(index, positions: Array(shape.prefix(axes))) {
      let positions = shape.prefix(axes).reduce(1, *)
      if positions == 1 { return 0 }
      let isFine = instruction.operands.allSatisfy { operand in
        guard !program.holdsConstant(operand), let maker = maker[root[operand.index]],
          firings(processes[maker]) > 1
        else { return true }
        return (program[operand].type.count / positions) % tokenWords[root[operand.index]] == 0
      }
      if isFine { return axes }
    }
    return 0
  }

  /// Whether wiring is done token by token: unless all it reads is there at once, in tokens that it would take apart.
  private func isWire(_ instruction: Instruction, _ together: Int) -> Bool {
    let sources = instruction.operands.map { root[$0.index] }
    // A value that is wanted twice is kept whole.
    if Set(sources).count < sources.count { return false }
    return sources.contains { !isOneToken($0) }
      || sources.allSatisfy { together % tokenWords[$0] == 0 }
  }

  private func isOneToken(_ value: Int) -> Bool {
    tokenWords[value] == program.instructions[value].type.count
  }

  /// Whether an affine can take the words of a tensor token by token, in its order.
  private func accumulates(_ affine: Affine, _ instruction: Instruction) -> Bool {
    let (x, w) = (instruction.operands[0], instruction.operands[1])
    guard program[w].type.shape.count == 2, instruction.type.count == instruction.type.shape.last,
      !program.holdsConstant(x), !isOneToken(root[x.index])
    else { return false }
    return affine.order.stride(program[x].type.count) == 1
      || affine.isOrderFree(program[x].type.format, program[w].type.format)
  }

  /// The reduction of every channel over all positions that begins with the transposition at `index`.
  private func foldedReduction(_ index: Int) -> Int? {
    let readers = program.instructions.indices.filter {
      program.instructions[$0].operands.contains(ValueID(index))
    }
    guard readers == [index + 1], !program.outputs.contains(ValueID(index)),
      program.instructions[index + 1].layer == program.instructions[index].layer,
      case .reduce(let reduction) = program.instructions[index + 1].operation
    else { return nil }
    switch reduction {
    case .maximum, .minimum, .sum(_, .sequential): return index + 1
    case .sum(let accumulator, .tree):
      // Where the order shows nowhere.
      let term = program.instructions[index].type.format
      return SumAnalysis.kind(adding: term, in: accumulator) != .stepwise ? index + 1 : nil
    case .argmax: return nil
    }
  }

  /// Whether the instruction can be computed where `process` fires.
  private func extends(_ process: Dataflow.Process, _ index: Int) -> Bool {
    if program.isScan(index) { return false }
    let own = Set(process.instructions)
    let operands = program.instructions[index].operands
    let isLocal = operands.allSatisfy { program.holdsConstant($0) || own.contains(root[$0.index]) }
    switch process.kind {
    case .fork, .wire, .repack, .scan: return false
    case .fold(let reduction): return index == reduction || (isLocal && own.contains(reduction))
    case .accumulate: return isLocal && kind(index) == .positions(axes: 0)
    case .positions(axes: 0):
      if case .window = program.instructions[index].operation { return false }
      return kind(index) == .positions(axes: 0) || (isLocal && !gathers(process))
    case .positions, .window:
      // The window's own operand has come further than the window: others read a copy of it.
      if case .window(let window) = process.kind {
        let source = root[program.instructions[window].operands[0].index]
        if operands.contains(where: { root[$0.index] == source }) { return false }
      }
      return program.isPositionwise(index, positions: positions(process))
    }
  }

  /// Whether a process that fires once waits for several tokens of a tensor.
  private func gathers(_ process: Dataflow.Process) -> Bool {
    let own = Set(process.instructions)
    return process.instructions.flatMap { program.instructions[$0].operands }.contains { operand in
      let source = root[operand.index]
      return !program.holdsConstant(operand) && !own.contains(source) && !isOneToken(source)
    }
  }

  /// The lengths of the leading axes a process computes one position at a time.
  private func positions(_ process: Dataflow.Process) -> [Int] {
    guard let first = process.instructions.first else { return [] }
    return Array(program.instructions[first].type.shape.prefix(axes(process)))
  }

  private func axes(_ process: Dataflow.Process) -> Int {
    switch process.kind {
    case .fork, .accumulate, .fold, .wire, .repack, .scan: return 0
    case .positions(let axes): return axes
    case .window(let window):
      guard case .window(let operation) = program.instructions[window].operation else { return 0 }
      return operation.kernel.count
    }
  }

  /// How many times a process computes its results per event.
  func firings(_ process: Dataflow.Process) -> Int {
    if case .scan(let index) = process.kind { return program.results(ofScan: index) }
    return positions(process).reduce(1, *)
  }

  /// The words of a token of a value its process makes: all of a firing.
  private func wordsMade(_ index: Int, _ process: Dataflow.Process) -> Int {
    let count = program.instructions[index].type.count
    switch process.kind {
    case .fork, .repack, .accumulate, .fold: return count
    case .scan: return count / firings(process)
    case .positions, .window:
      let firings = firings(process)
      if firings > 1 || !gathers(process) { return count / firings }
      // As its layer last shapes it.
      let last = program.instructions.indices.last {
        root[$0] == index && program.instructions[$0].layer == process.layer
      }
      return program.instructions[last ?? index].type.shape.last ?? 1
    case .wire: return wireWords(index)
    }
  }

  /// The words of the tokens that wiring moves.
  private func wireWords(_ index: Int) -> Int {
    let sources = program.instructions[index].operands.map { tokenWords[root[$0.index]] }
    return sources.reduce(program.wordsMovedTogether(index) ?? 1, Self.commonDivisor)
  }

  /// The words a process takes of a value at a time, where its tokens are wider or do not fit; nil: its tokens.
  func wordsWanted(_ process: Dataflow.Process, _ value: Int) -> Int? {
    let made = tokenWords[value]
    let needed: Int
    switch process.kind {
    case .fork, .repack, .accumulate: return nil
    case .wire(let index): return wireWords(index)
    case .window(let index) where root[program.instructions[index].operands[0].index] == value:
      needed = program[program.instructions[index].operands[0]].type.shape.last ?? 1
    case .fold(let reduction):
      // The transposition before it sees [positions, channels].
      let source = program.instructions[program.instructions[reduction].operands[0].index].operands[0]
      needed = program[source].type.shape.last ?? 1
    case .positions(axes: 0): return nil
    case .scan(let index):
      guard let steps = program.steps(ofScan: index, through: value, root) else { return nil }
      needed = program.instructions[value].type.count / steps
    case .positions, .window: needed = program.instructions[value].type.count / firings(process)
    }
    return Self.commonDivisor(needed, made)
  }

  static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }

  /// Interval and latency, from the steps of the instructions.
  private mutating func plan(_ number: Int) {
    let indices = processes[number].instructions
    if case .scan(let index) = processes[number].kind, let loop = stepLoops[index] {
      processes[number].latency = loop.latency
      processes[number].interval = loop.interval
      processes[number].hasOwnLoop = loop.isNested
      return
    }
    let start = indices.map { steps[$0].estimate.start }.min() ?? 0
    let end = indices.map { steps[$0].estimate.start + steps[$0].estimate.latency }.max() ?? 0
    processes[number].latency = max(1, end - start)
    let reuse = indices.map { steps[$0].choice.reuseFactor }.max() ?? 1
    if case .accumulate(let index) = processes[number].kind {
      // Each token brings only its share of the products.
      let x = program.instructions[index].operands[0]
      let tokens = program[x].type.count / tokenWords[root[x.index]]
      processes[number].interval = (reuse + tokens - 1) / tokens
      guard case .affine(let affine) = program.instructions[index].operation else { return }
      let weights = program[program.instructions[index].operands[1]].type.format
      if !affine.isOrderFree(program[x].type.format, weights) {
        // Every addition waits for the one before; about four fit a cycle.
        processes[number].interval = max(processes[number].interval, (tokenWords[root[x.index]] + 3) / 4)
      }
      return
    }
    // A loop over reused multipliers ends before the next position enters it.
    let isSequential = indices.contains { program.loopsOverMultipliers($0, steps[$0].choice) }
    processes[number].hasOwnLoop = isSequential
    processes[number].interval =
      isSequential ? max(reuse, processes[number].latency) + Dataflow.restart : reuse
  }
}

extension Program {
  /// How many times a scan gives results: at every step, or once.
  func results(ofScan index: Int) -> Int {
    guard case .scan(let scan) = instructions[index].operation, scan.keeps == .all else { return 1 }
    return instructions[index].type.shape.first ?? 1
  }

  /// The steps of a scan in which it goes through a value; nil where that is a state, or no operand.
  func steps(ofScan index: Int, through value: Int, _ root: [Int]) -> Int? {
    guard case .scan(let scan) = instructions[index].operation else { return nil }
    let sequences = instructions[index].operands.prefix(scan.sequences)
    return sequences.first { root[$0.index] == value }.map { self[$0].type.shape[0] }
  }
}

extension AccumulationOrder {
  /// The stride that visits `count` terms in this order; 1 is the natural order.
  public func stride(_ count: Int) -> Int {
    switch self {
    case .natural: 1
    case .strided(let stride): stride >= count ? 1 : max(stride, 1)
    }
  }
}
