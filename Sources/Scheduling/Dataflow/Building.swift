import FixedPoint
import Program

extension Dataflow {
  /// Cuts a program into processes and joins them; `steps` are the plans of its instructions. FIFO depths follow
  /// from the schedule (`sizeChannels`).
  ///
  /// - Parameter hasURAM: whether large memories may be UltraRAMs.
  public init(_ program: Program, steps: [Step], hasURAM: Bool = false) {
    var builder = DataflowBuilder(program, steps: steps)
    builder.cut()
    builder.connect()
    self.init(
      program: program, processes: builder.processes, channels: builder.channels, inputs: builder.inputs,
      outputs: builder.outputs, root: builder.root, tokenWords: builder.tokenWords,
      hasURAM: hasURAM)
    sizeChannels()
  }
}

/// Makes a network: first the processes, then the channels between them.
private struct DataflowBuilder {
  let program: Program
  let steps: [Step]
  let root: [Int]
  var processes: [Dataflow.Process] = []
  var channels: [Dataflow.Channel] = []
  var inputs: [Int] = []
  var outputs: [Int] = []
  var tokenWords: [Int]
  /// The process that makes each value.
  private var maker: [Int: Int] = [:]

  init(_ program: Program, steps: [Step]) {
    self.program = program
    self.steps = steps
    root = program.roots
    tokenWords = program.instructions.map { Self.tokenWords($0.type) }
  }

  /// The words of a token: those of the last axis, or, where they are too many bits, the most that divide them.
  private static func tokenWords(_ type: ValueType) -> Int {
    let words = type.shape.last ?? 1
    let most = max(1, Dataflow.widestToken / type.format.width)
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
        processes.append(start(index))
      }
      maker[index] = processes.count - 1
    }
    for number in processes.indices { chooseTokens(number) }
    for number in processes.indices { plan(number) }
  }

  private func start(_ index: Int) -> Dataflow.Process {
    Dataflow.Process(
      kind: kind(index), layer: program.instructions[index].layer, instructions: [index], reads: [],
      writes: [],
      interval: 1, latency: 1)
  }

  private func kind(_ index: Int) -> Dataflow.Kind {
    let instruction = program.instructions[index]
    let shape = instruction.type.shape
    let source = instruction.operands[0]
    let isWhole = !program.holdsConstant(source) && travelsByLastAxis(source)
    switch instruction.operation {
    case .window where isWhole: return .window(index: index)
    case .affine(let affine) where accumulates(affine, instruction): return .accumulate(index: index)
    case .rearrange(.transpose([1, 0])) where isWhole:
      if let reduction = foldedReduction(index) { return .fold(index: reduction) }
    case .rearrange(.pad(let before, let after, let interior, _)) where isWhole && shape.count > 1:
      if before.last == 0, after.last == 0, interior.last == 0 { return .wire(index: index) }
    case .rearrange(.slice(_, let count, _)) where isWhole && shape.count > 1:
      if count.last == program[source].type.shape.last { return .wire(index: index) }
    default: break
    }
    for axes in stride(from: shape.count - 1, to: 0, by: -1)
    where program.isPositionwise(index, positions: Array(shape.prefix(axes))) && reads(index, axes) {
      return .positions(axes: axes)
    }
    return .positions(axes: 0)
  }

  /// Whether the operands made elsewhere arrive in whole tokens at every position.
  private func reads(_ index: Int, _ axes: Int) -> Bool {
    let instruction = program.instructions[index]
    let positions = instruction.type.shape.prefix(axes).reduce(1, *)
    return instruction.operands.allSatisfy { operand in
      program.holdsConstant(operand)
        || (program[operand].type.count / positions) % tokenWords[root[operand.index]] == 0
    }
  }

  private func travelsByLastAxis(_ value: ValueID) -> Bool {
    tokenWords[root[value.index]] == program[value].type.shape.last
  }

  /// Whether an affine can take the words of a tensor token by token, in its order.
  private func accumulates(_ affine: Affine, _ instruction: Instruction) -> Bool {
    let (x, w) = (instruction.operands[0], instruction.operands[1])
    let words = tokenWords[root[x.index]]
    guard program[w].type.shape.count == 2, instruction.type.shape.count == 1, !program.holdsConstant(x),
      words < program[x].type.count
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
    case .sum(_, .tree), .argmax: return nil
    }
  }

  /// Whether the instruction can be computed where `process` fires.
  private func extends(_ process: Dataflow.Process, _ index: Int) -> Bool {
    let own = Set(process.instructions)
    let operands = program.instructions[index].operands
    let isLocal = operands.allSatisfy { program.holdsConstant($0) || own.contains(root[$0.index]) }
    switch process.kind {
    case .fork, .wire: return false
    case .fold(let reduction): return index == reduction || isLocal
    case .accumulate: return isLocal
    case .positions(axes: 0):
      if case .window = program.instructions[index].operation {
        return isLocal
      } else {
        return kind(index) == .positions(axes: 0) || isLocal
      }
    case .positions(let axes):
      let shape = program.instructions[process.instructions[0]].type.shape
      return program.isPositionwise(index, positions: Array(shape.prefix(axes)))
        && (isLocal || reads(index, axes))
    case .window(let window):
      guard case .window(let operation) = program.instructions[window].operation else { return false }
      // The window's own operand has come further than the window: others read a copy of it.
      let source = root[program.instructions[window].operands[0].index]
      if operands.contains(where: { root[$0.index] == source }) { return false }
      let positions = Array(program.instructions[window].type.shape.prefix(operation.kernel.count))
      return program.isPositionwise(index, positions: positions) && (isLocal || reads(index, positions.count))
    }
  }

  /// A value travels as its layer last shapes it, if the process makes whole such tokens at each firing.
  private mutating func chooseTokens(_ number: Int) {
    let process = processes[number]
    let made = Set(process.instructions)
    let positions = firingPositions(process)
    for (index, instruction) in program.instructions.enumerated()
    where made.contains(root[index]) && root[index] != index && instruction.layer == process.layer {
      let words = Self.tokenWords(instruction.type)
      if (instruction.type.count / positions) % words == 0 { tokenWords[root[index]] = words }
    }
  }

  /// How many times a process computes its results per event.
  private func firingPositions(_ process: Dataflow.Process) -> Int {
    switch process.kind {
    case .fork, .accumulate, .fold, .wire: return 1
    case .positions(let axes):
      return program.instructions[process.instructions[0]].type.shape.prefix(axes).reduce(1, *)
    case .window(let window):
      guard case .window(let operation) = program.instructions[window].operation else { return 1 }
      return program.instructions[window].type.shape.prefix(operation.kernel.count).reduce(1, *)
    }
  }

  /// Interval and latency, from the steps of the instructions.
  private mutating func plan(_ number: Int) {
    let indices = processes[number].instructions
    let start = indices.map { steps[$0].start }.min() ?? 0
    let end = indices.map { steps[$0].start + steps[$0].latency }.max() ?? 0
    processes[number].latency = max(1, end - start)
    let reuse = indices.map { steps[$0].reuseFactor }.max() ?? 1
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
    let isSequential = indices.contains { steps[$0].strategy == .resource && steps[$0].reuseFactor > 1 }
    processes[number].hasOwnLoop = isSequential
    processes[number].interval =
      isSequential ? max(reuse, processes[number].latency) + Dataflow.restart : reuse
  }

  // MARK: Channels

  /// Joins makers and readers. A value with several readers passes through a fork.
  mutating func connect() {
    var readers: [Int: [Int]] = [:]
    for (number, process) in processes.enumerated() {
      let made = Set(process.instructions)
      let sources = Set(
        process.instructions.flatMap { program.instructions[$0].operands }.filter {
          !program.holdsConstant($0)
        }
        .map { root[$0.index] }
      ).subtracting(made)
      for source in sources.sorted() { readers[source, default: []].append(number) }
    }
    let ports = Dictionary(grouping: program.outputs.indices) { root[program.outputs[$0].index] }
    outputs = Array(repeating: -1, count: program.outputs.count)
    let made = processes.flatMap(\.instructions)
    for value in (program.inputs.map(\.index) + made).sorted() {
      let wanted = (readers[value] ?? []).map(Optional.some) + (ports[value] ?? []).map { _ in nil }
      var portQueue = ports[value] ?? []
      if wanted.isEmpty {
        if program.instructions[value].operation == .input { addInput(value, reader: nil) }; continue
      }
      let isInput = program.instructions[value].operation == .input
      if wanted.count == 1, !(isInput && wanted[0] == nil) {
        let channel = add(value, copy: 0, isPort: isInput || wanted[0] == nil)
        if isInput {
          inputs.append(channel)
        } else if let source = maker[value] {
          processes[source].writes.append(channel)
        }
        finish(channel, wanted[0], &portQueue)
        continue
      }
      // value → fork → one copy per reader.
      let trunk = add(value, copy: 0, isPort: isInput)
      if isInput {
        inputs.append(trunk)
      } else if let source = maker[value] {
        processes[source].writes.append(trunk)
      }
      var fork = Dataflow.Process(
        kind: .fork, layer: nil, instructions: [], reads: [trunk], writes: [], interval: 1, latency: 1)
      for (number, reader) in wanted.enumerated() {
        let branch = add(value, copy: number + 1, isPort: reader == nil)
        fork.writes.append(branch)
        finish(branch, reader, &portQueue)
      }
      processes.append(fork)
    }
    for (value, queue) in ports.sorted(by: { $0.key < $1.key }) where program.constant(ValueID(value)) != nil
    {
      for output in queue {
        let channel = add(value, copy: 0, isPort: true)
        outputs[output] = channel
        processes.append(
          Dataflow.Process(
            kind: .positions(axes: 0), layer: nil, instructions: [], reads: [], writes: [channel],
            interval: 1,
            latency: 1))
      }
    }
    sort()
  }

  private mutating func addInput(_ value: Int, reader: Int?) {
    // An input nothing reads is still a port: its tokens are taken and dropped.
    let channel = add(value, copy: 0, isPort: true)
    inputs.append(channel)
    processes.append(
      Dataflow.Process(
        kind: .fork, layer: nil, instructions: [], reads: [channel], writes: [], interval: 1, latency: 1))
  }

  private mutating func finish(_ channel: Int, _ reader: Int?, _ ports: inout [Int]) {
    if let reader {
      processes[reader].reads.append(channel)
    } else {
      outputs[ports.removeFirst()] = channel
    }
  }

  private mutating func add(_ value: Int, copy: Int, isPort: Bool) -> Int {
    let words = tokenWords[value]
    channels.append(
      Dataflow.Channel(
        value: ValueID(value), copy: copy, tokens: program.instructions[value].type.count / words,
        words: words,
        depth: 2, isPort: isPort))
    return channels.count - 1
  }

  /// Puts every process after those it reads from, otherwise in the program's order.
  private mutating func sort() {
    var writer: [Int: Int] = [:]
    for (number, process) in processes.enumerated() {
      for channel in process.writes { writer[channel] = number }
    }
    var sorted: [Dataflow.Process] = []
    var state = [Int](repeating: 0, count: processes.count)
    func visit(_ number: Int) {
      if state[number] != 0 { return }
      state[number] = 1
      for channel in processes[number].reads { if let source = writer[channel] { visit(source) } }
      sorted.append(processes[number])
    }
    let order = processes.indices.sorted {
      (first($0), $0) < (first($1), $1)
    }
    order.forEach(visit)
    processes = sorted
  }

  private func first(_ number: Int) -> Int {
    processes[number].instructions.first ?? processes[number].reads.map { channels[$0].value.index }.first
      ?? 0
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

extension Affine {
  /// Whether the order of the sum shows nowhere: nothing is rounded or clamped on the way.
  public func isOrderFree(_ x: FixedFormat, _ weights: FixedFormat) -> Bool {
    let term = product ?? .product(x, weights)
    return accumulator.overflow == .wrap && accumulator.saturatedBits == 0
      && term.fractionBits <= accumulator.fractionBits
  }
}
