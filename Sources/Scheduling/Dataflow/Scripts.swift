import Program

extension Dataflow {
  /// What a process does in one event: its firings, in order. A firing takes at most one token of every channel
  /// read, and `latency` cycles later gives at most one to every channel written.
  ///
  /// Pipelines are emitted flushable: a firing that has begun ends whether or not the next one can begin.
  public struct Script: Sendable {
    /// How many times it fires.
    public var firings: Int
    /// The least cycles between firings.
    public var interval: Int
    /// The least cycles from a firing to its results, at least 1.
    public var latency: Int
    /// The least cycles from the end of an event to the beginning of the next, besides the one that follows: loops
    /// are left and entered again. No loop overlaps its next run (`rewind`), since code stands around most.
    public var restart = 0
    /// Per channel read, at which firings a token is taken.
    public var reads: [(channel: Int, at: [Bool])]
    /// Per channel written, at which firings a token is given.
    public var writes: [(channel: Int, at: [Bool])]

    /// How many firings are under way at once.
    public var capacity: Int { latency / max(1, interval) + 1 }
  }

  /// Cycles it takes to leave a loop and enter it again.
  static let restart = 2

  /// Whether a process has no loop: it takes and gives at most one token per event and stream. Its function is a
  /// pipeline then; the loops of the others are.
  public func isLoopFree(_ process: Process) -> Bool {
    guard case .positions(let axes) = process.kind, !process.hasOwnLoop else { return false }
    let shape = process.instructions.first.map { program.instructions[$0].type.shape } ?? []
    return shape.prefix(axes).reduce(1, *) == 1
      && (process.reads + process.writes).allSatisfy { channels[$0].tokens == 1 }
  }

  /// The script of a process.
  public func script(_ number: Int) -> Script {
    var script = passage(number)
    if !isLoopFree(processes[number]) { script.restart = Self.restart }
    return script
  }

  /// What it does in one event, however the next begins.
  private func passage(_ number: Int) -> Script {
    let process = processes[number]
    switch process.kind {
    case .fork:
      let tokens = channels[process.reads[0]].tokens
      return regular(process, [Bool](repeating: true, count: tokens))
    case .positions(let axes):
      let shape = process.instructions.first.map { program.instructions[$0].type.shape } ?? []
      let positions = shape.prefix(axes).reduce(1, *)
      if positions == 1 { return sequential(process, folds: false) }
      return regular(process, [Bool](repeating: true, count: positions))
    case .accumulate, .fold: return sequential(process, folds: true)
    case .scan(let index): return stepwise(process, index)
    case .wire:
      guard let wire = wire(process) else { return regular(process, []) }
      let steps = wireSteps(wire, operandChannels(process))
      return Script(
        firings: steps.count, interval: 1, latency: 1,
        reads: process.reads.map { channel in (channel, steps.map { $0.read == channel }) },
        writes: process.writes.map { ($0, steps.map(\.writes)) })
    case .repack:
      let (source, target) = (channels[process.reads[0]], channels[process.writes[0]])
      let count = max(source.tokens, target.tokens)
      let (taken, given) = (count / source.tokens, count / target.tokens)
      return Script(
        firings: count, interval: 1, latency: 1,
        reads: [(process.reads[0], (0..<count).map { $0 % taken == 0 })],
        writes: [(process.writes[0], (0..<count).map { $0 % given == given - 1 })])
    case .window(let index):
      let walk = windowWalk(index)
      let operand = root[program.instructions[index].operands[0].index]
      let source = process.reads.first { channels[$0].value.index == operand }
      return regular(process, walk.complete, source: source, walk.inside)
    }
  }

  /// A process that computes at the places of a walk where `computes` holds, on the tokens of that place; of
  /// `source` it takes the tokens of a place where `takes` holds.
  private func regular(
    _ process: Process, _ computes: [Bool], source: Int? = nil, _ takes: [Bool] = []
  ) -> Script {
    let places = computes.count
    let count = max(1, computes.count { $0 })
    let taken = max(1, takes.count { $0 })
    func perPlace(_ channel: Int) -> Int { channels[channel].tokens / (channel == source ? taken : count) }
    // Several tokens of one place pass one after the other.
    let most = max(1, (process.reads + process.writes).map(perPlace).max() ?? 1)
    let firstReads = process.reads.map(perPlace).max() ?? 1
    func mask(_ channel: Int) -> [Bool] {
      let flags = channel == source ? takes : computes
      if most == 1 { return flags }
      let tokens = perPlace(channel)
      return (0..<places * most).map { flags[$0 / most] && $0 % most < tokens }
    }
    return Script(
      firings: places * most, interval: max(1, (process.interval + most - 1) / most),
      latency: max(1, process.latency) + max(0, firstReads - 1),
      reads: process.reads.map { ($0, mask($0)) }, writes: process.writes.map { ($0, mask($0)) })
  }

  /// A process that takes all its tokens, one after the other, before it gives any. Where it does not fold them
  /// as they come, the channels take turns, as the emitted loops do.
  private func sequential(_ process: Process, folds: Bool) -> Script {
    let taken = process.reads.reduce(0) { $0 + channels[$1].tokens }
    let given = process.writes.reduce(0) { $0 + channels[$1].tokens }
    let last = max(taken, 1) - 1
    let firings = last + max(given, 1)
    // Each loop begins in the cycle after the one before it.
    let loops =
      (process.reads + process.writes).count { channels[$0].tokens > 1 } + (process.hasOwnLoop ? 1 : 0)
    func masks(_ list: [Int], from: Int) -> [(channel: Int, at: [Bool])] {
      var next = from
      return list.map { channel in
        let range = next..<next + channels[channel].tokens
        next = range.upperBound
        return (channel, (0..<firings).map(range.contains))
      }
    }
    return Script(
      firings: firings, interval: folds ? max(1, process.interval) : 1,
      latency: max(1, process.latency) + max(0, loops - 1),
      reads: masks(process.reads, from: 0), writes: masks(process.writes, from: last))
  }

  /// A process that goes through the steps of a scan.
  private func stepwise(_ process: Process, _ index: Int) -> Script {
    let tokens = stepTokens(index, process)
    let steps = program[program.instructions[index].operands[0]].type.shape[0]
    let most = max(1, tokens.filter { $0.steps > 1 }.map(\.tokens).max() ?? 1)
    // States come first; a result that is not given at every step comes at the end.
    let before = tokens.filter { $0.steps == 1 && !$0.isWritten }.reduce(0) { $0 + $1.tokens }
    let after = tokens.filter { $0.steps == 1 && $0.isWritten }.reduce(0) { $0 + $1.tokens }
    let loop = before..<before + steps * most
    let firings = loop.upperBound + max(0, after - 1)
    var first = 0
    func mask(_ channel: Int) -> [Bool] {
      guard let own = tokens.first(where: { $0.channel == channel }) else { return [] }
      if own.steps > 1 {
        return (0..<firings).map { loop.contains($0) && ($0 - before) % most < own.tokens }
      }
      let from = own.isWritten ? loop.upperBound - 1 : first
      if !own.isWritten { first += own.tokens }
      return (0..<firings).map { (from..<from + own.tokens).contains($0) }
    }
    let taken = tokens.filter { $0.steps > 1 && !$0.isWritten }.map(\.tokens).max() ?? 1
    return Script(
      firings: firings, interval: max(1, (process.interval + most - 1) / most),
      latency: max(1, process.latency) + max(0, taken - 1),
      reads: process.reads.map { ($0, mask($0)) }, writes: process.writes.map { ($0, mask($0)) })
  }

  /// The tokens a process that goes through a scan passes of each channel: so many at each of so many steps, or all at once.
  func stepTokens(
    _ index: Int, _ process: Process
  ) -> [(channel: Int, steps: Int, tokens: Int, isWritten: Bool)] {
    let results = program.results(ofScan: index)
    return process.reads.map { channel in
      let steps = program.steps(ofScan: index, through: channels[channel].value.index, root) ?? 1
      return (channel, steps, channels[channel].tokens / steps, false)
    } + process.writes.map { ($0, results, channels[$0].tokens / results, true) }
  }

  /// The positions a window process walks, row major over the padded operand: whether a token is read there,
  /// and whether a window is complete there.
  public func windowWalk(_ index: Int) -> (inside: [Bool], complete: [Bool]) {
    guard case .window(let window) = program.instructions[index].operation else { return ([], []) }
    let shape = program[program.instructions[index].operands[0]].type.shape
    var inside = [true]
    var complete = [true]
    let spots = window.positions(shape)
    for axis in window.kernel.indices {
      let span = (window.kernel[axis] - 1) * window.dilation[axis] + 1
      let length = window.before[axis] + shape[axis] + window.after[axis]
      let isInside = (0..<length).map { $0 >= window.before[axis] && $0 < window.before[axis] + shape[axis] }
      let isComplete = (0..<length).map { at in
        at >= span - 1 && (at - span + 1) % window.strides[axis] == 0
          && (at - span + 1) / window.strides[axis] < spots[axis]
      }
      inside = inside.flatMap { outer in isInside.map { outer && $0 } }
      complete = complete.flatMap { outer in isComplete.map { outer && $0 } }
    }
    return (inside, complete)
  }
}
