import Diagnostics
import FixedPoint
import Program

/// Plans every instruction: strategy and reuse factor as requested, then cycles and area by the cost model.
///
/// Time is followed in ns and cut into cycles at the usable clock period, as the HLS tool chains operations
/// into a cycle until it is full. An operation that shares multipliers f times starts on a cycle boundary and
/// occupies its hardware for f cycles; the interval of the whole is the largest of those.
///
/// - Throws: `Failure(.badInput)` with every illegal request: reuse factors are refused with the reason and
///   the nearest legal ones, never moved.
public func schedule(_ program: Program, _ request: ScheduleRequest) throws(Failure) -> Design {
  let part = Part.named(request.target.part)
  var problems: [Diagnostic] = []
  if part == nil {
    problems.append(
      Diagnostic(
        "unknown part '\(request.target.part)'",
        hint: "known devices: \(Part.catalogue.map(\.device).joined(separator: ", "))"))
  }
  if !(request.target.clockPeriod > 0.1 && request.target.clockPeriod < 1000) {
    problems.append(
      Diagnostic("clock period \(request.target.clockPeriod) ns is not between 0.1 and 1000 ns"))
  }
  let known = Set(program.layers.map(\.name))
  for name in request.layers.keys.sorted() where !known.contains(name) {
    problems.append(Diagnostic(place: name, "no layer has this name"))
  }
  let planner = Planner(program: program, request: request, slowness: part?.slowness ?? 1)
  let wishes = planner.wishes(&problems)
  if !problems.isEmpty { throw Failure(.badInput, problems) }
  return planner.plan(wishes)
}

private struct Planner {
  let program: Program
  let request: ScheduleRequest
  let cost: CostModel
  /// Delays in units of the usable part of the clock period.
  let scale: Double

  init(program: Program, request: ScheduleRequest, slowness: Double) {
    self.program = program
    self.request = request
    cost = CostModel(program: program)
    scale = slowness / (request.target.clockPeriod * (1 - request.target.clockUncertainty))
  }

  /// Strategy and reuse factor of each instruction.
  func wishes(_ problems: inout [Diagnostic]) -> [Step] {
    program.instructions.map { instruction in
      let layer = instruction.layer.map { program.layers[$0].name } ?? ""
      let asked = request.layers[layer] ?? ScheduleRequest.Layer()
      let strategy = asked.strategy ?? request.defaults.strategy ?? .latency
      guard case .affine(let affine) = instruction.operation else {
        return Step(strategy: strategy, reuseFactor: 1)
      }
      let reuse = asked.reuseFactor ?? request.defaults.reuseFactor ?? 1
      let shape = program[instruction.operands[1]].type.shape
      let factors = ReuseFactors(inputs: shape[shape.count - 2], outputs: shape[shape.count - 1])
      // Latency strategy: the tool shares multipliers freely, so any factor up to the products will do.
      let isFree = strategy == .latency && reuse >= 1 && reuse <= factors.inputs * factors.outputs
      if !isFree, let objection = factors.objection(to: reuse) {
        problems.append(
          Diagnostic(
            place: layer, "reuse factor \(reuse) is not possible: \(objection)",
            hint: "nearest legal factors: \(neighbours(reuse, factors))"))
      }
      if case .strided(let stride) = affine.order, stride != reuse, stride < shape[shape.count - 2] {
        problems.append(
          Diagnostic(
            place: layer,
            "reuse factor \(reuse) differs from \(stride), which the order of its sums was made for"))
      }
      return Step(strategy: strategy, reuseFactor: reuse)
    }
  }

  private func neighbours(_ factor: Int, _ factors: ReuseFactors) -> String {
    let all = factors.all
    let below = all.last { $0 < factor }
    let above = all.first { $0 > factor }
    return [below, above].compactMap { $0 }.map(String.init).joined(separator: ", ")
  }

  func plan(_ wishes: [Step]) -> Design {
    // When each value is ready, in cycles; fractions are chained logic within a cycle.
    var ready: [Double] = []
    var steps = wishes
    for (index, instruction) in program.instructions.enumerated() {
      let reuse = steps[index].reuseFactor
      let arrival = instruction.operands.map { ready[$0.index] }.max() ?? 0
      let delay = cost.delay(instruction) * scale
      if reuse > 1 {
        let start = arrival.rounded(.up)
        steps[index].start = Int(start)
        ready.append(start + Double(reuse) + delay.rounded(.down))
      } else if instruction.operation == .lookup {
        // A table is read on a clock edge.
        steps[index].start = Int(arrival.rounded(.up))
        ready.append(arrival.rounded(.up) + max(1, delay))
      } else {
        steps[index].start = Int(arrival)
        ready.append(arrival + delay)
      }
      steps[index].latency = Int(ready[index]) - steps[index].start
      steps[index].interval = reuse
      steps[index].resources = cost.resources(instruction, strategy: steps[index].strategy, reuse: reuse)
    }
    return Design(
      program: program, target: request.target, ioType: request.ioType, steps: steps,
      latency: Int(program.outputs.map { ready[$0.index] }.max() ?? 0),
      interval: steps.map(\.interval).max() ?? 1,
      resources: steps.map(\.resources).reduce(Resources(), +))
  }
}
