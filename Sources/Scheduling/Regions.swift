import Program

/// A piece of a design that is built as one: a function of an io_parallel design, a process of an io_stream one.
public struct Region: Hashable, Sendable {
  /// How it becomes hardware.
  public enum Form: Hashable, Sendable {
    /// It dissolves in the one pipeline that the design is.
    case inlined
    /// A pipeline of its own, which begins every `interval` cycles.
    case pipeline(interval: Int)
    /// Its loops are the pipelines, one after the other.
    case loops
    /// One loop over an array of multipliers, or over positions, and nothing else, which goes on with the next event without a
    /// pause.
    case rewindingLoop
  }

  /// The layer it belongs to, as an index into `Program.layers`; nil for loose wiring.
  public var layer: Int?
  /// What it computes, in order. Constants, inputs and reshapes, which take no hardware, are in no region.
  public var instructions: [Int]
  /// What of it is computed position by position; none in io_stream, where the process itself is.
  public var loops: [PositionLoop]
  /// How it becomes hardware.
  public var form: Form

  /// Makes a region.
  public init(layer: Int?, instructions: [Int], loops: [PositionLoop] = [], form: Form) {
    self.layer = layer
    self.instructions = instructions
    self.loops = loops
    self.form = form
  }
}

extension Design {
  /// How many trees, one after the other, the hardware of a layer computes; nil where trees share none.
  public func treeReuse(layer: Int) -> Int? {
    loops.first { $0.rewinds && program.instructions[$0.instructions[0]].layer == layer }?.trips
  }

  /// Cycles between two passes of a loop over positions; nil where a pass is a loop of its own over an array of multipliers,
  /// which the next pass waits for.
  public func passInterval(_ loop: PositionLoop) -> Int? {
    let isNested = loop.instructions.contains { program.loopsOverMultipliers($0, steps[$0].choice) }
    return isNested ? nil : loop.instructions.map { steps[$0].choice.reuseFactor }.max() ?? 1
  }

  /// The regions of an io_parallel design: a run of instructions of one layer, or of one loop, is one; other instructions of
  /// no layer stand alone.
  static func regions(
    _ program: Program, _ steps: [Step], loops: [PositionLoop], multipliers: [Int: Multipliers],
    isDataflow: Bool
  ) -> [Region] {
    var loopOf: [Int: Int] = [:]
    // Loops that are regions of their own.
    var alone: [Int: Int] = [:]
    for (number, loop) in loops.enumerated() {
      for index in loop.instructions { loopOf[index] = number }
      if loop.rewinds { for index in loop.all { alone[index] = number } }
    }
    let root = program.roots
    var runs: [[Int]] = []
    for (index, instruction) in program.instructions.enumerated() where root[index] == index {
      switch instruction.operation.form {
      case .input, .constant: continue
      case .wordwise, .product, .reduction, .wiring, .scan: break
      }
      let layer = instruction.layer
      // A scan is a loop, and alone.
      if let last = runs.last?.last, alone[index] == alone[last],
        !program.isScan(last), !program.isScan(index),
        layer != nil && program.instructions[last].layer == layer
          || loopOf[index] != nil && loopOf[index] == loopOf[last]
      {
        runs[runs.count - 1].append(index)
      } else {
        runs.append([index])
      }
    }
    return runs.map { run in
      let own = loops.filter { run.contains($0.instructions[0]) }
      // Multipliers that are shared outside loops make the whole region a pipeline of their interval.
      let intervals = run.filter { loopOf[$0] == nil && multipliers[$0]?.limit != nil }
        .map { steps[$0].choice.reuseFactor }
      let hasArray = run.contains { multipliers[$0]?.array != nil }
      let form: Region.Form
      if let interval = intervals.max() {
        form = .pipeline(interval: interval)
      } else if !isDataflow {
        form = .inlined
      } else if hasArray && run.count == 1 || alone[run[0]] != nil && !hasArray {
        form = .rewindingLoop
      } else {
        form = hasArray || !own.isEmpty || program.isScan(run[0]) ? .loops : .pipeline(interval: 1)
      }
      return Region(
        layer: program.instructions[run[0]].layer, instructions: run, loops: own, form: form)
    }
  }
}

extension Design {
  /// A function beside a loop over steps that is a pipeline of shared multipliers begins again when its interval is over, or when all
  /// of it is done: what stands around a product of short latency in the same function decides which is first. Searches, which know
  /// no loops over steps, need not know it.
  mutating func paceRegions() {
    guard program.hasScans else { return }
    for region in regions {
      guard case .pipeline(let interval) = region.form, interval > 1 else { continue }
      let slowest = region.instructions.max { steps[$0].estimate.interval < steps[$1].estimate.interval }
      guard let slowest else { continue }
      let estimates = region.instructions.map { steps[$0].estimate }
      let span = (estimates.map { $0.start + $0.latency }.max() ?? 0) - (estimates.map(\.start).min() ?? 0)
      steps[slowest].estimate.interval = max(steps[slowest].estimate.interval, min(interval, span + 1))
    }
    interval = steps.map(\.estimate.interval).max() ?? 1
  }
}

extension Program {
  /// Whether an instruction is a scan.
  func isScan(_ index: Int) -> Bool {
    if case .scan = instructions[index].operation { true } else { false }
  }
}

extension Dataflow {
  /// The regions of an io_stream design: the processes that compute something.
  var regions: [Region] {
    processes.filter { !$0.instructions.isEmpty }.map { process in
      Region(layer: process.layer, instructions: process.instructions, form: form(process))
    }
  }

  /// How a process becomes hardware: its loops are pipelines; where it has none, it is one itself.
  public func form(_ process: Process) -> Region.Form {
    isLoopFree(process) ? .pipeline(interval: process.interval) : .loops
  }

  /// Cycles between two passes of the loop over a process's tokens or firings: not fewer than its multipliers take, nor than
  /// a stream of which a pass takes or gives several tokens. Nil where a pass is a loop of its own over an array of
  /// multipliers.
  public func passInterval(_ process: Process) -> Int? {
    if process.hasOwnLoop { return nil }
    switch process.kind {
    case .fork, .wire, .repack: return 1
    case .accumulate, .fold: return max(process.interval, 1)
    case .scan(let index):
      let tokens = stepTokens(index, process)
      return max(process.interval, tokens.map(\.tokens).max() ?? 1)
    case .positions, .window:
      var source: Int?
      var most = 1
      if case .window(let index) = process.kind {
        // The operand comes at every place of the walk, also where no window is complete.
        let operand = program.instructions[index].operands[0]
        source = process.reads.first { channels[$0].value.index == root[operand.index] }
        most = source.map { (program[operand].type.shape.last ?? 1) / channels[$0].words } ?? 1
      }
      let shape = process.instructions.first.map { program.instructions[$0].type.shape } ?? []
      let firings = shape.prefix(axes(of: process)).reduce(1, *)
      for channel in process.reads + process.writes where channel != source {
        most = max(most, channels[channel].tokens / firings)
      }
      return max(process.interval, most)
    }
  }
}
