import AdderGraph
import Diagnostics
import FixedPoint
import Program

extension Program {
  /// Why the sums of an affine operation cannot be made of shared adders, in another order; nil: they can.
  ///
  /// - Parameter known: of its operands at least (`knownWords`).
  public func objectionToSharedAdders(_ index: Int, given known: [KnownWords]) -> Diagnostic? {
    guard let sums = sums(of: ValueID(index), given: known) else {
      return noSharedAdders(index, "its weights are no constants")
    }
    if sums.kind == .stepwise || sums.roundsSums {
      return noSharedAdders(
        index, "its sums are rounded or overflow step by step, so that their order shows in the results")
    }
    return sums.conversions.isEmpty
      ? nil : noSharedAdders(index, "its products are rounded or overflow one by one")
  }

  private func noSharedAdders(_ index: Int, _ why: String) -> Diagnostic {
    Diagnostic(
      place: instructions[index].layer.map { layers[$0].name },
      "Strategy: distributed_arithmetic is not possible: \(why)",
      hint: "Strategy: Latency, or types that lose nothing on the way of its sums")
  }

  /// The adders of an affine operation, a graph for each group of its matrix: y = xᵀW + b in words of the accumulator, of
  /// which bits beyond the accumulator's are dropped.
  ///
  /// - Parameters:
  ///   - known: of its operands at least (`knownWords`).
  ///   - effort: of the search (`AdderGraph.Options.effort`).
  /// - Throws: `badInput`, where there are none: its sums follow their order, or its numbers are too large.
  func sharedAdders(
    _ index: Int, given known: [KnownWords], effort: Int
  ) throws(Failure) -> [AdderGraph] {
    if let objection = objectionToSharedAdders(index, given: known) { throw Failure(.badInput, [objection]) }
    let instruction = instructions[index]
    guard case .affine(let affine) = instruction.operation,
      let weights = constant(instruction.operands[1]), let bias = constant(instruction.operands[2])
    else { throw Failure(.bug, "adders of an operation that multiplies by no matrix") }
    let types = instruction.operands.map { self[$0].type }
    let shape = types[1].shape
    let (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
    let groups = shape.count == 3 ? shape[0] : 1
    let words = known[instruction.operands[0].index]
    let rows = types[0].count / max(1, inputs * groups)
    // Terms have no bits below the accumulator's.
    let shift = Raw(
      affine.accumulator.fractionBits - types[0].format.fractionBits - types[1].format.fractionBits)
    let starts = bias.map { affine.accumulator.quantize($0, from: types[2].format) }
    var graphs: [AdderGraph] = []
    for group in 0..<groups {
      let facts = (0..<inputs).map { input in
        let period = words.pattern.count
        let copies = groups * inputs % period == 0 ? 1 : rows
        return (1..<max(1, copies)).reduce(words[group * inputs + input]) {
          $0.hull(words[($1 * groups + group) * inputs + input])
        }
      }
      let first = group * inputs * outputs
      do throws(Failure) {
        graphs.append(
          try AdderGraph.solve(
            (0..<inputs).map { input in
              (0..<outputs).map { weights[first + input * outputs + $0] << shift }
            },
            inputs: facts.map {
              AdderGraph.Word(
                low: $0.interval.low, high: $0.interval.high,
                trailingZeros: $0.constant == 0 ? 0 : $0.trailingZeros)
            },
            constants: Array(starts[group * outputs..<(group + 1) * outputs]),
            options: AdderGraph.Options(
              adder: .binary, outputBits: Array(repeating: affine.accumulator.width, count: outputs),
              effort: effort)))
      } catch {
        throw Failure(error.kind, error.diagnostics.map { noSharedAdders(index, $0.message) })
      }
    }
    return graphs
  }
}

/// What shared adders are built of by an HLS tool, which makes adders of two operands.
struct SharedAdders {
  /// How much the search for them does (`AdderGraph.Options.effort`): little, as the tool shares and arranges adders anew.
  static let effort = 10

  /// The adders, and their bits.
  private(set) var count = 0, bits = 0
  /// Bits that wait for the next cycle where the logic is cut.
  private(set) var cutBits = 0
  /// When the last result is there.
  private(set) var finish = LogicTime()

  init(_ graphs: [AdderGraph], clock: LogicClock) {
    for graph in graphs { add(graph, clock) }
  }

  private mutating func add(_ graph: AdderGraph, _ clock: LogicClock) {
    // A word is an input or a node; `needed` has the cycle it is last used in.
    var ready = Array(repeating: LogicTime(), count: graph.inputs.count)
    var widths = graph.inputs.map(\.width)
    var needed = Array(repeating: 0, count: graph.inputs.count)
    func word(_ source: AdderGraph.Source) -> Int? {
      switch source {
      case .input(let index): index
      case .node(let index): graph.inputs.count + index
      case .constant: nil
      }
    }
    for node in graph.nodes {
      let width = node.word.width
      let operands = node.terms.compactMap { word($0.source) }
      var time = operands.map { ready[$0] }.max() ?? LogicTime()
      var begin = time.cycle
      let isLogic = node.form != .wires
      if isLogic {
        let levels = max(1, CostModel.log2Ceiling(node.terms.count))
        for level in 0..<levels {
          let step = clock.end(from: time, CostModel.adderDelay(width))
          if level == 0 { begin = step.begin }
          time = step.end
        }
        count += max(1, node.terms.count - 1)
        bits += max(1, node.terms.count - 1) * width
      }
      for operand in operands { needed[operand] = max(needed[operand], begin) }
      ready.append(time)
      widths.append(width)
      needed.append(time.cycle)
    }
    for output in graph.outputs {
      if let index = word(output.source) { finish = max(finish, ready[index]) }
    }
    for index in ready.indices { cutBits += widths[index] * max(0, needed[index] - ready[index].cycle) }
  }
}
