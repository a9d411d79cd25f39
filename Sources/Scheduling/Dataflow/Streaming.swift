import FixedPoint
import Program

extension Planner {
  /// Turns the plan of a program into that of its dataflow: an operation that fires once per position is built
  /// for one position, FIFOs and line buffers take memory, and times are those of the network's run.
  ///
  /// Nothing of this is fitted to synthesis results: every error bar is at least `Uncertainty.uncalibrated`.
  func stream(_ design: inout Design) {
    let hasURAM = (Part.named(request.target.part)?.available.uram ?? 0) > 0
    let flow = Dataflow(program, steps: design.steps, hasURAM: hasURAM)
    let timing = flow.timing()
    for index in design.steps.indices { design.steps[index].resources = Resources() }
    var planners: [Int: Planner] = [:]
    for (number, process) in flow.processes.enumerated() {
      let axes = flow.axes(of: process)
      let planner = planners[axes] ?? onePosition(axes)
      planners[axes] = planner
      let script = flow.script(number)
      for index in process.instructions {
        var step = design.steps[index]
        // Each token brings only its share of the products.
        let tokens = process.kind == .accumulate(index: index) ? flow.channels[process.reads[0]].tokens : 1
        let reuse = max(step.reuseFactor, tokens)
        let estimate = planner.estimate(index, strategy: tokens > 1 ? .resource : step.strategy, reuse: reuse)
        step.resources = estimate.resources
        if case .window(index) = process.kind {
          step.resources = flow.lineBuffers(index).map(\.resources).reduce(step.resources, +)
          step.resources = step.resources + flow.windowRegisters(index)
        }
        step.uncertainty = estimate.uncertainty.widened(to: .uncalibrated)
        step.start = timing.spans[number].lowerBound
        step.latency = timing.spans[number].count
        step.interval = (script.firings - 1) * script.interval + script.latency + 1 + script.restart
        design.steps[index] = step
      }
    }
    // A reshape is its operand by another name.
    for (index, root) in flow.root.enumerated() where index != root {
      (design.steps[index].start, design.steps[index].latency) = (
        design.steps[root].start, design.steps[root].latency
      )
    }
    // A FIFO belongs to the layer whose words it holds.
    for channel in flow.channels {
      guard let memory = flow.memory(channel) else { continue }
      let index = channel.value.index
      design.steps[index].resources = design.steps[index].resources + memory.resources
      design.steps[index].uncertainty = design.steps[index].uncertainty.widened(to: .uncalibrated)
    }
    design.latency = timing.latency
    design.interval = max(1, timing.interval)
    design.resources = design.steps.map(\.resources).reduce(Resources(), +)
    design.dataflow = flow
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
    case .fork, .accumulate, .fold, .wire: return 0
    }
  }
}
