import Diagnostics
import FixedPoint
import Program

/// A scan that is built once and used for every step, one after the other: hls4ml's `Static`.
public struct StepLoop: Sendable {
  /// One step: the scan's body as a design of its own, with the scan's layer.
  public var step: Design
  /// How many steps there are.
  public var count: Int
  /// Cycles from the beginning of a step to that of the next, which waits for the states.
  public var interval: Int
  /// Cycles of one step.
  public var latency: Int

  /// Whether a step has loops of its own, over arrays of multipliers: the next step then waits for its end.
  public var isNested: Bool { step.isDataflow }
  /// Cycles of all steps.
  public var total: Int { latency + (count - 1) * interval }
}

extension Design {
  /// The instructions that stand for one, and what was chosen for each: those of a step for a scan, else itself.
  public func choices(at index: Int) -> [(operation: Operation, choice: Step.Choice)] {
    guard let step = stepLoops[index]?.step else {
      return [(program.instructions[index].operation, steps[index].choice)]
    }
    return zip(step.program.instructions, step.steps).map { ($0.operation, $1.choice) }
  }
}

extension Program {
  /// The program that a design of a request has: scans that are to be loops stay, all others are unrolled, and then come
  /// the other passes of `ProgramPass.scheduled`.
  func prepared(for request: ScheduleRequest) -> Program {
    let kept = instructions.indices.filter { isLoop($0, request) }.map { ValueID($0) }
    if kept.isEmpty { return after(ProgramPass.scheduled) }
    let unrolled = unrolled(keeping: Set(kept)).program
    // In a stream the features of later elements are computed meanwhile.
    let looped = request.ioType == .parallel ? unrolled.withFeaturesInSteps() : unrolled
    return looped.after(ProgramPass.scheduled.filter { $0.name != ProgramPass.unrolling.name })
  }

  /// Whether an instruction is a scan that is to be a loop, and can be: it has several steps, and what it goes through step by
  /// step is not one of its first states too.
  private func isLoop(_ index: Int, _ request: ScheduleRequest) -> Bool {
    guard case .scan(let scan) = instructions[index].operation else { return false }
    let layer = instructions[index].layer.map { layers[$0].name } ?? ""
    guard request.layers[layer]?.isStatic ?? request.defaults.isStatic ?? false else { return false }
    let operands = instructions[index].operands
    let roots = self.roots
    let states = Set(operands.dropFirst(scan.sequences).map { roots[$0.index] })
    return self[operands[0]].type.shape[0] > 1
      && operands.prefix(scan.sequences).allSatisfy { !states.contains(roots[$0.index]) }
  }

  /// The step of a scan as a program with the scan's layer.
  func step(of index: Int) -> Program? {
    guard case .scan(let scan) = instructions[index].operation else { return nil }
    var step = scan.body
    step.layers = layers.map { ProgramLayer(name: $0.name, className: $0.className) }
    for place in step.instructions.indices { step.instructions[place].layer = instructions[index].layer }
    return step
  }
}

extension ScheduleRequest {
  /// Asks for hardware of its own for every step of every scan.
  public mutating func unrollsScans() {
    defaults.isStatic = false
    for layer in layers.keys { layers[layer]?.isStatic = nil }
  }

  /// What is asked of a step.
  var ofStep: ScheduleRequest {
    var request = self
    request.ioType = .parallel
    request.defaults.parallelizationFactor = nil
    for layer in request.layers.keys { request.layers[layer]?.parallelizationFactor = nil }
    return request
  }
}

extension Planner {
  /// The loops over steps of the scans, as their planners make them.
  func stepLoops() -> [Int: StepLoop] {
    var loops: [Int: StepLoop] = [:]
    for (index, planner) in bodies {
      guard case .scan(let scan) = program.instructions[index].operation else { continue }
      let steps = program[program.instructions[index].operands[0]].type.shape[0]
      loops[index] = planner.stepLoop(scan, count: steps)
    }
    return loops
  }

  /// The loop over the steps that this planner plans one of.
  private func stepLoop(_ scan: Scan, count: Int) -> StepLoop {
    // What is wrong with the choices has been said where they were made.
    var problems: [Diagnostic] = []
    let choices = choices(&problems)
    var step = plan(choices)
    // A loop that is called again for every step does not go on with the next one's.
    for region in step.regions.indices where step.regions[region].form == .rewindingLoop {
      step.regions[region].form = .loops
    }
    let all = ready(scan.body.outputs, from: scan.body.inputs, choices)
    let states = ready(
      Array(scan.body.outputs.dropFirst()), from: Array(scan.body.inputs.dropFirst(scan.sequences)), choices)
    if step.isDataflow {
      let latency = inOrder(choices)
      return StepLoop(step: step, count: count, interval: latency, latency: latency)
    }
    return StepLoop(step: step, count: count, interval: max(states, step.interval, 1), latency: all)
  }

  /// The cycles of everything one after the other, as loops in one function are, each entered and left.
  private func inOrder(_ choices: [Step.Choice]) -> Int {
    var end = 0.0
    var loops = 0
    for (index, choice) in choices.enumerated() {
      let timing = timing(index, estimate(index, strategy: choice.strategy, reuse: choice.reuseFactor))
      end = timing.ready(end)
      loops += timing.isLoop ? 1 : 0
    }
    return Int(end.rounded(.up)) + loops * Dataflow.restart
  }

  /// The cycles from values that are there at once to others; what does not depend on them is there before.
  private func ready(_ values: [ValueID], from given: [ValueID], _ choices: [Step.Choice]) -> Int {
    var ready: [Double?] = program.instructions.map { _ in nil }
    for id in given { ready[id.index] = 0 }
    for (index, instruction) in program.instructions.enumerated() where ready[index] == nil {
      guard let arrival = instruction.operands.compactMap({ ready[$0.index] }).max() else { continue }
      let estimate = estimate(index, strategy: choices[index].strategy, reuse: choices[index].reuseFactor)
      ready[index] = timing(index, estimate).ready(arrival)
    }
    return max(1, Int((values.compactMap { ready[$0.index] }.max() ?? 0).rounded(.up)))
  }

  /// What a loop takes: one step, its states, and in io_parallel the choice of an element of the sequences.
  func estimate(_ loop: StepLoop, _ index: Int) -> Estimate {
    guard case .scan(let scan) = program.instructions[index].operation else { return Estimate() }
    func bits(_ ids: some Sequence<ValueID>) -> Int {
      ids.reduce(0) { $0 + scan.body[$1].type.count * scan.body[$1].type.format.width }
    }
    var estimate = Estimate(uncertainty: loop.step.uncertainty.widened(to: .uncalibrated))
    estimate.resources = loop.step.resources
    estimate.resources.ff += bits(scan.body.inputs.dropFirst(scan.sequences))
    if request.ioType == .parallel {
      // Four inputs of a multiplexer fill a LUT.
      estimate.resources.lut += bits(scan.body.inputs.prefix(scan.sequences)) * (loop.count + 2) / 3
    }
    return estimate
  }
}
