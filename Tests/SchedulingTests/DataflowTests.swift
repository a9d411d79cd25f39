import FixedPoint
import Program
import TestSupport
import Testing

@testable import Scheduling

/// A run of a network cycle by cycle, with FIFOs that hold tokens and pipelines that hold firings: written apart
/// from `Dataflow.timing`, which foretells it.
private struct Machine {
  private struct Process {
    var script: Dataflow.Script
    var event = 0
    /// Firings begun in this event, and the cycles in which those still under way began.
    var begun = 0
    var underway: [Int] = []
    /// Until when the pipeline's way in and way out are taken.
    var nextBegin = 0
    var nextEnd = 0
  }

  private let flow: Dataflow
  private let depths: [Int]
  private let oneByOne: Bool
  private var processes: [Process]
  private var held: [Int]
  private var most: [Int]
  private var passed: [Int]

  init(_ flow: Dataflow, depths: [Int]? = nil, oneByOne: Bool = false, latency: ((Int) -> Int)? = nil) {
    self.flow = flow
    self.depths = depths ?? flow.channels.map(\.depth)
    self.oneByOne = oneByOne
    processes = flow.processes.indices.map { number in
      var script = flow.script(number)
      if let latency { script.latency = latency(number) }
      return Process(script: script)
    }
    held = flow.channels.map { _ in 0 }
    most = held
    passed = held
  }

  struct Outcome: Equatable {
    var latency: Int
    var interval: Int
    var occupancy: [Int]
    var locksUp: Bool
  }

  mutating func run(events: Int) -> Outcome {
    var firstRead: Int?
    var ends: [Int: Int] = [:]
    var idle = 0
    var cycle = 0
    let patience = 2 * (processes.map { $0.script.latency + $0.script.interval }.max() ?? 0) + 10 + 4
    while processes.contains(where: { $0.event < events }) && idle < patience {
      // All processes look at the FIFOs as they stood when the cycle began.
      let before = held
      idle += 1
      for number in processes.indices where processes[number].event < events {
        let process = processes[number]
        let script = process.script
        let firing = process.begun
        // The oldest firing under way leaves the pipeline.
        if let oldest = process.underway.first, cycle >= oldest + script.latency, cycle >= process.nextEnd {
          let k = process.begun - process.underway.count
          let given = script.writes.filter { $0.at[k] }.map(\.channel)
          if given.allSatisfy({ flow.outputs.contains($0) || before[$0] < depths[$0] }) {
            for channel in given {
              if flow.outputs.contains(channel) {
                passed[channel] += 1
                let event = passed[channel] / flow.channels[channel].tokens - 1
                if passed[channel] % flow.channels[channel].tokens == 0 {
                  ends[event] = max(ends[event] ?? 0, cycle)
                }
              } else {
                held[channel] += 1
                most[channel] = max(most[channel], before[channel] + 1)
              }
            }
            processes[number].underway.removeFirst()
            processes[number].nextEnd = cycle + 1
            idle = 0
            if k == script.firings - 1 {
              processes[number].event += 1
              processes[number].begun = 0
              processes[number].nextBegin = cycle + 1 + script.restart
            }
          }
        }
        // The next one enters.
        let room = oneByOne ? 1 : script.latency / script.interval + 1
        if firing < script.firings, cycle >= process.nextBegin, process.underway.count < room {
          let wanted = script.reads.filter { $0.at[firing] }.map(\.channel)
          if wanted.allSatisfy({ flow.inputs.contains($0) || before[$0] > 0 }) {
            for channel in wanted {
              if flow.inputs.contains(channel) { firstRead = firstRead ?? cycle } else { held[channel] -= 1 }
            }
            processes[number].begun += 1
            processes[number].underway.append(cycle)
            processes[number].nextBegin = cycle + script.interval
            idle = 0
          }
        }
      }
      cycle += 1
    }
    return Outcome(
      latency: (ends[0] ?? 0) - (firstRead ?? 0) + 1,
      interval: (ends[events - 1] ?? 0) - (ends[events - 2] ?? 0), occupancy: most, locksUp: idle >= patience)
  }
}

@Suite struct DataflowTests {
  /// Convolutions side by side with a shortcut, as in a residual network: [H, W, 2] → 3×3 → 3×3 → + input.
  private func residual(_ height: Int, _ width: Int, stride: Int = 1) throws -> Program {
    let format = FixedFormat(8, 4)
    var builder = ProgramBuilder(name: "residual")
    builder.beginLayer("in", className: "Input")
    let x = builder.input("x", ValueType([height, width, 2], format))
    builder.endLayer(x)
    var value = x
    for number in 0..<2 {
      builder.beginLayer("conv\(number)", className: "Conv2D")
      let window = Window(
        kernel: [3, 3], strides: [1, 1], dilation: [1, 1], before: [1, 1], after: [1, 1])
      let patches = try builder.add("window\(number)", .window(window), value)
      let w = builder.constant("w\(number)", ValueType([18, 2], format), Array(repeating: 1, count: 36))
      let b = builder.constant("b\(number)", ValueType([2], format), [0, 0])
      value = try builder.add(
        "conv\(number)", .affine(Affine(product: nil, accumulator: format)), patches, w, b)
      builder.endLayer(value)
    }
    builder.beginLayer("add", className: "Add")
    value = try builder.add("sum", .elementwise(.add), value, x)
    value = try builder.add("add", .requantize(format), value)
    builder.endLayer(value)
    if stride > 1 {
      builder.beginLayer("pool", className: "MaxPooling2D")
      let window = Window(
        kernel: [stride, stride], strides: [stride, stride], dilation: [1, 1], before: [0, 0], after: [0, 0],
        groups: 2)
      let patches = try builder.add("pool.window", .window(window), value)
      let largest = try builder.add("pool.largest", .reduce(.maximum), patches)
      value = try builder.add(
        "pool", .rearrange(.reshape(Array(builder.type(largest).shape.dropLast()))), largest)
      builder.endLayer(value)
    }
    builder.output(value)
    return builder.program
  }

  private func plan(_ program: Program) -> [Step] {
    program.instructions.map { instruction in
      if case .affine = instruction.operation {
        return Step(.init(strategy: .latency, reuseFactor: 1), .init(latency: 4))
      }
      return Step(.init(strategy: .latency, reuseFactor: 1), .init(latency: 1))
    }
  }

  @Test func processesOfAResidualBlock() throws {
    let flow = Dataflow(try residual(6, 6, stride: 2), steps: plan(try residual(6, 6, stride: 2)))
    let kinds = flow.processes.map(\.kind)
    #expect(kinds.count { if case .window = $0 { true } else { false } } == 3)
    #expect(kinds.count { $0 == .fork } == 1)
    #expect(kinds.count { $0 == .positions(axes: 2) } == 1)
    // The shortcut holds what two convolutions keep back: two rows and two places each, at least.
    let shortcut = flow.channels.filter { $0.value == ValueID(0) && $0.copy > 0 }.map(\.depth).max() ?? 0
    #expect(shortcut >= 2 * (6 + 1))
    #expect(shortcut <= 2 * (6 + 2 + 2) + 12)
  }

  /// Between a fast layer and a slow one, in either order, nothing piles up.
  @Test(arguments: [[1, 9], [9, 1], [1, 9, 1], [9, 1, 9], [2, 1, 3, 1]]) func pacedLayersNeedNoRoom(
    _ reuse: [Int]
  ) throws {
    let format = FixedFormat(8, 4)
    var builder = ProgramBuilder(name: "chain")
    var value = builder.input("x", ValueType([64, 4], format))
    for number in reuse.indices {
      builder.beginLayer("fc\(number)", className: "Dense")
      let w = builder.constant("w", ValueType([4, 4], format), Array(repeating: 1, count: 16))
      let b = builder.constant("b", ValueType([4], format), [0, 0, 0, 0])
      value = try builder.add("y", .affine(Affine(product: nil, accumulator: format)), value, w, b)
      builder.endLayer(value)
    }
    builder.output(value)
    let program = builder.program
    let factors = program.instructions.map { $0.layer.map { reuse[$0] } ?? 1 }
    let flow = Dataflow(
      program, steps: factors.map { Step(.init(strategy: .latency, reuseFactor: $0), .init(latency: 3)) })
    try agrees(flow)
    #expect(flow.channels.allSatisfy { $0.isPort || $0.depth <= 3 }, "\(flow.channels.map(\.depth))")
    let slowest = reuse.max() ?? 1
    #expect(flow.timing().interval <= 64 * slowest + 20)
  }

  @Test(arguments: [(4, 4, 1), (6, 6, 2), (7, 5, 1), (10, 9, 3)])
  func timingIsWhatTheMachineDoes(height: Int, width: Int, stride: Int) throws {
    let program = try residual(height, width, stride: stride)
    try agrees(Dataflow(program, steps: plan(program)))
  }

  /// Networks of every operation, with strategies, reuse factors and latencies that no cost model would give.
  @Test func randomNetworksRunAsForetold() throws {
    for seed in UInt64(0)..<200 {
      let program = RandomProgram.program(seed: seed)
      try agrees(Dataflow(program, steps: randomSteps(program, seed)), "seed \(seed)")
    }
    for seed in UInt64(0)..<60 {
      var options = RandomProgramOptions()
      options.maximumCount = 400
      var random = RandomProgram(seed: seed, options: options)
      let program = random.convolutionalNetwork().after(ProgramPass.scheduled)
      try agrees(Dataflow(program, steps: randomSteps(program, seed)), "convolutions, seed \(seed)")
    }
  }

  /// Whatever latencies the tool gives the processes, from one firing at a time to deep pipelines.
  @Test func noLatencyLocksUp() throws {
    for seed in UInt64(0)..<60 {
      let program = seed < 8 ? try residual(5, 4 + Int(seed) % 3) : RandomProgram.program(seed: 1000 + seed)
      let flow = Dataflow(program, steps: randomSteps(program, seed))
      var generator = SeededGenerator(seed: seed)
      for round in 0..<3 {
        let latencies = flow.processes.map { _ in Int.random(in: 1...(round == 0 ? 1 : 40), using: &generator)
        }
        var machine = Machine(flow, oneByOne: round < 2) { latencies[$0] }
        #expect(!machine.run(events: 2).locksUp, "seed \(seed), round \(round)")
      }
    }
  }

  private func randomSteps(_ program: Program, _ seed: UInt64) -> [Step] {
    var generator = SeededGenerator(seed: seed)
    return program.instructions.map { _ in
      Step(
        Step.Choice(
          strategy: Bool.random(using: &generator) ? .latency : .resource,
          reuseFactor: Int.random(in: 1...4, using: &generator)),
        Step.Estimate(latency: Int.random(in: 0...6, using: &generator)))
    }
  }

  private func agrees(_ flow: Dataflow, _ label: String = "") throws {
    let foretold = flow.timing(events: 4)
    var machine = Machine(flow)
    let seen = machine.run(events: 4)
    #expect(foretold.full.isEmpty && !seen.locksUp, "\(label)")
    #expect(seen.latency == foretold.latency, "\(label)")
    #expect(seen.interval == foretold.interval, "\(label)")
    for (number, channel) in flow.channels.enumerated() where !channel.isPort {
      #expect(seen.occupancy[number] == foretold.occupancy[number], "\(label)")
      #expect(seen.occupancy[number] <= channel.depth, "\(label)")
    }
    // Endless FIFOs would not shorten the latency; the interval is at most the longest any process is busy then.
    var endless = Machine(flow, depths: flow.channels.map { $0.tokens * 5 + 5 })
    let unhindered = endless.run(events: 4)
    #expect(unhindered.latency >= seen.latency, "\(label)")
    #expect(seen.interval <= flow.pacing().period && seen.interval >= unhindered.interval, "\(label)")
  }

  /// FIFOs one token too short on the shortcut lock up: the depths are not just large.
  @Test func shallowShortcutsLockUp() throws {
    let program = try residual(8, 8)
    let flow = Dataflow(program, steps: plan(program))
    let depths = flow.channels.map { $0.value == ValueID(0) && $0.copy > 0 ? min($0.depth, 14) : $0.depth }
    var machine = Machine(flow, depths: depths)
    #expect(machine.run(events: 2).locksUp)
    #expect(!flow.timing(events: 2, depths: depths).full.isEmpty)
  }
}
