import Backends
import Program
import Scheduling

/// Writes scans as loops: states in registers, the functions of one step called for every step.
extension Emission {
  /// Writes the loop of an io_parallel design over the elements of its arrays.
  mutating func writeScan(_ scan: Scan, _ index: Int, _ code: inout CodeWriter) {
    guard let loop = design.stepLoops[index] else { return }
    let style: LoopStyle = loop.isNested ? .plain : .pipelined(every: loop.interval)
    let operands = program.instructions[index].operands
    let sequences = operands.prefix(scan.sequences).map { operand in
      let name = layout.name(layout.holder(operand))
      return { (count: Int) in "\(name)[t * \(count) + i]" }
    }
    writeSteps(scan, index, style, sequences, keepsAll: scan.keeps == .all, &code)
  }

  /// Writes the states, and the loop over the steps.
  ///
  /// - Parameters:
  ///   - sequences: word `i` of step `t` of each, given the words of an element.
  ///   - keepsAll: whether the array of the result has the results of all steps.
  ///   - before: what is written first in every step.
  ///   - after: what is written last.
  mutating func writeSteps(
    _ scan: Scan, _ index: Int, _ style: LoopStyle, _ sequences: [(Int) -> String], keepsAll: Bool,
    _ code: inout CodeWriter, before: (inout Emission, inout CodeWriter) -> Void = { _, _ in },
    after: (inout Emission, inout CodeWriter) -> Void = { _, _ in }
  ) {
    guard let loop = design.stepLoops[index] else { return }
    let operands = program.instructions[index].operands
    let step = loop.step.program
    let starts = operands.dropFirst(scan.sequences).map { layout.name(layout.holder($0)) }
    let target = layout.name(ValueID(index))
    let size = step[step.outputs[0]].type.count
    let functions = inStep(of: index) { inner in inner.layerFunctions() }
    innerFunctions += (functions ?? "") + "\n"
    let scope = FunctionScope(step, layer: program.instructions[index].layer)
    _ = inStep(of: index) { inner in
      for (state, start) in zip(step.inputs.dropFirst(scan.sequences), starts) {
        inner.declare(state.index, scope, &code)
        code.loop("i", step[state].type.count, .unrolled) {
          $0.line("\(inner.layout.name(state))[i] = \(start)[i];")
        }
      }
    }
    code.loop("t", loop.count, style) { code in
      before(&self, &code)
      _ = inStep(of: index) { inner in
        for (input, word) in zip(step.inputs, sequences) {
          let count = step[input].type.count
          inner.declare(input.index, scope, &code)
          code.loop("i", count, .unrolled) { $0.line("\(inner.layout.name(input))[i] = \(word(count));") }
        }
        inner.callStep(scope, &code)
        let result = inner.outputWord(step.outputs[0])
        let place = keepsAll ? "t * \(size) + i" : "i"
        code.loop("i", size, .unrolled) { $0.line("\(target)[\(place)] = \(result);") }
        inner.writeStates(scan, scope, &code)
      }
      after(&self, &code)
    }
  }

  /// Calls the functions of a step, one after the other.
  private func callStep(_ scope: FunctionScope, _ code: inout CodeWriter) {
    for segment in layout.segments {
      for index in segment.writes { declare(index, scope, &code) }
      let arguments = (segment.reads + segment.writes).map { layout.names[$0] }
      code.line("\(segment.function)(\(arguments.joined(separator: ", ")));")
    }
  }

  /// Writes the states after a step to those before the next.
  private mutating func writeStates(_ scan: Scan, _ scope: FunctionScope, _ code: inout CodeWriter) {
    let states = program.inputs.dropFirst(scan.sequences)
    var copies: [(state: ValueID, word: String)] = []
    for (state, next) in zip(states, program.outputs.dropFirst()) {
      let holder = layout.holder(next)
      if holder == state { continue }
      guard states.contains(holder) else {
        copies.append((state, outputWord(next)))
        continue
      }
      // A state that becomes another one: it is kept before it changes.
      let kept = layout.identifier("\(layout.name(holder))_kept")
      declare(holder.index, as: kept, scope, &code)
      code.loop("i", program[holder].type.count, .unrolled) {
        $0.line("\(kept)[i] = \(layout.name(holder))[i];")
      }
      copies.append((state, "\(kept)[i]"))
    }
    for (state, word) in copies {
      code.loop("i", program[state].type.count, .unrolled) {
        $0.line("\(layout.name(state))[i] = \(word);")
      }
    }
  }
}

extension StreamEmitter {
  /// Writes the process of a scan: states first, then an element of every sequence at each step.
  func writeScan(
    _ process: Dataflow.Process, _ index: Int, _ segment: Layout.Segment?, _ emission: inout Emission,
    _ code: inout CodeWriter
  ) {
    let program = flow.program
    guard case .scan(let scan) = program.instructions[index].operation,
      let loop = emission.design.stepLoops[index]
    else { return }
    let operands = program.instructions[index].operands
    let through = Set(operands.prefix(scan.sequences).map { flow.root[$0.index] })
    let (sequences, states) = (
      process.reads.filter { through.contains(flow.channels[$0].value.index) },
      process.reads.filter { !through.contains(flow.channels[$0].value.index) }
    )
    let scope = FunctionScope(program, layer: process.layer)
    for channel in states { channels.read(channel, firings: 1, &emission, &code) }
    let hasConstants = emission.constantArrays(index, &code, layer: process.layer)
    let (keepsAll, size) = (scan.keeps == .all, program.instructions[index].type.count / loop.count)
    func give(_ emission: inout Emission, _ code: inout CodeWriter) {
      emission.recordLayers(of: [index], count: keepsAll ? size : nil, scope, &code)
      for channel in process.writes {
        channels.write(
          channel, firings: keepsAll ? loop.count : 1, isInLoop: keepsAll, &emission, &code)
      }
    }
    if !keepsAll { emission.declare(index, scope, &code) }
    emission.writeSteps(
      scan, index, loopStyle(process),
      operands.prefix(scan.sequences).map { operand in
        let name = emission.layout.name(emission.layout.holder(operand))
        let isConstant = program.holdsConstant(operand)
        return { isConstant ? "\(name)[t * \($0) + i]" : "\(name)[i]" }
      }, keepsAll: false, &code,
      before: { emission, code in
        for channel in sequences {
          channels.read(channel, firings: loop.count, isInLoop: true, &emission, &code)
        }
        guard keepsAll else { return }
        let name = emission.layout.name(ValueID(index))
        code.line("\(emission.layout.typeName(ValueID(index))) \(name)[\(size)];")
        code.directive("#pragma HLS ARRAY_PARTITION variable=\(name) type=complete")
      },
      after: { emission, code in if keepsAll { give(&emission, &code) } })
    if !keepsAll { give(&emission, &code) }
    if hasConstants { code.line("}") }
  }
}
