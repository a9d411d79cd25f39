import Diagnostics
import FixedPoint
import Program

/// Where registers are put. Where there are any, outputs come from registers.
public enum Staging: Hashable, Sendable {
  /// Nowhere: latency 0, all logic between input and output.
  case none
  /// In as few cycles as a clock period, in picoseconds, allows.
  case period(Int)
  /// In so many cycles, one at least, with the longest path as short as that allows.
  case cycles(Int)
}

extension CircuitPass {
  /// A circuit without registers becomes a pipeline.
  static let stage = CircuitPass(
    name: "stage", summary: "puts registers, as few bits as a clock period or a number of cycles allows"
  ) { (whole, options) throws(Failure) in
    if options.staging == .none { return whole }
    let circuit = whole.withBlockOutputs()
    switch options.staging {
    case .none: return whole
    case .period(let period):
      let timing = Timing(circuit, options.delays)
      let room = period - options.delays.register - options.margin
      try check(circuit, timing, period, room, share: options.clockShare)
      return circuit.staged(timing, room, timing.cycles(room) + 1, options.inputsStand)
    case .cycles(let cycles):
      if cycles < 1 {
        throw Failure(.usage, "\(cycles) pipeline stages", hint: "a pipeline has one stage at least")
      }
      let timing = Timing(circuit, options.delays)
      var (low, high) = (timing.delays.max() ?? 0, timing.longest)
      let least = timing.cycles(high) + 1
      if cycles < least {
        throw Failure(
          .usage, "\(cycles) pipeline stage\(cycles == 1 ? "" : "s"): tables in block RAM need \(least)",
          hint: "ask for \(least) or more, or for tables of logic (--table-impl fabric)")
      }
      while low < high {
        let middle = (low + high) / 2
        if timing.cycles(middle) < cycles { high = middle } else { low = middle + 1 }
      }
      return circuit.staged(timing, low, cycles, options.inputsStand)
    }
  }

  /// No single operation may take longer than a period.
  private static func check(
    _ circuit: Circuit, _ timing: Timing, _ period: Int, _ room: Int, share: Double
  ) throws(Failure) {
    guard let worst = timing.delays.indices.max(by: { timing.delays[$0] < timing.delays[$1] }),
      timing.delays[worst] > room
    else { return }
    let node = circuit.nodes[worst]
    let least = timing.delays[worst] + period - room
    // The clocks in hundredths of a nanosecond, upwards.
    let (asked, wanted) = (Double(period) / share / 1000, (Double(least) / share / 10).rounded(.up) / 100)
    let uncertainty = Int(((1 - share) * 100).rounded())
    let kept = uncertainty == 0 ? "" : ", and \(uncertainty)% of the period are its uncertainty"
    throw Failure(
      .usage, place: node.layer.map { circuit.layers[$0].name },
      "a clock period of \((asked * 100).rounded() / 100) ns: \(node.operation.name) of \(node.width) bits takes \(Double(least) / 1000) ns\(kept)",
      hint: "ask for \(wanted) ns or more (--clock \(wanted)ns)")
  }
}

extension Circuit {
  /// The circuit with registers: no path longer than `room`, outputs in cycle `latency`, from registers.
  fileprivate func staged(_ timing: Timing, _ room: Int, _ latency: Int, _ inputsStand: Bool) -> Circuit {
    var schedule = Schedule(self, timing, period: room, latency: latency)
    schedule.inputsStand = inputsStand
    let cycles = schedule.cycles()
    var rewriter = CircuitRewriter(self)
    for index in nodes.indices {
      // The operands' words of this cycle.
      let operands = nodes[index].operation.operands
      let kept = operands.map { rewriter.wires[$0.index] }
      for operand in operands { rewriter.delay(operand, to: cycles[index], complementing: true) }
      rewriter.copyBlockOutput(index)
      for (operand, wire) in zip(operands, kept).reversed() { rewriter.wires[operand.index] = wire }
    }
    return rewriter.finish(latency: latency)
  }
}

extension NodeOperation {
  /// What it is, for people.
  fileprivate var name: String {
    switch self {
    case .input, .constant, .slice, .concatenate: "a wire"
    case .sum: "an adder"
    case .compare: "a comparison"
    case .mux: "a multiplexer"
    case .table: "a table"
    case .multiply: "a product"
    case .register, .state: "a register"
    }
  }
}
