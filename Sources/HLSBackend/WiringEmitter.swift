import Backends
import FixedPoint
import Program

/// Writes the operations that only move words.
extension Emission {
  mutating func writeRearrangement(
    _ rearrangement: Rearrangement, _ index: Int, _ code: inout CodeWriter, _ scope: FunctionScope
  ) {
    let program = scope.program
    let instruction = program.instructions[index]
    let result = instruction.type
    let shapes = instruction.operands.map { program[$0].type.shape }
    let target = layout.name(ValueID(index))
    let targetStrides = LoopNest.rowMajor(result.shape)

    /// target[nest] = operand[nest], converted where the union's format differs.
    func copy(_ operand: Int, _ nest: LoopNest, _ code: inout CodeWriter) {
      let source = layout.name(layout.holder(instruction.operands[operand]))
      nest.write(&code, .unrolled) { $0.line("\(target)[\(nest.offset(0))] = \(source)[\(nest.offset(1))];") }
    }

    switch rearrangement {
    case .reshape: break
    case .transpose(let order):
      let strides = LoopNest.rowMajor(shapes[0])
      copy(0, LoopNest(result.shape, strides: [targetStrides, order.map { strides[$0] }]), &code)
    case .concatenate(let axis):
      var position = 0
      for (operand, shape) in shapes.enumerated() {
        let nest = LoopNest(
          shape, strides: [targetStrides, LoopNest.rowMajor(shape)],
          bases: [position * targetStrides[axis], 0])
        copy(operand, nest, &code)
        position += shape[axis]
      }
    case .pad(let before, _, let interior, let word):
      let fill = LoopNest(result.shape, strides: [targetStrides])
      if result.format.width > 64 { kernels.insert(.wide) }
      let value = result.format.word(word, as: layout.typeName(ValueID(index)))
      fill.write(&code, .unrolled) { $0.line("\(target)[\(fill.offset(0))] = \(value);") }
      let steps = targetStrides.indices.map { targetStrides[$0] * (interior[$0] + 1) }
      let base = targetStrides.indices.reduce(0) { $0 + before[$1] * targetStrides[$1] }
      let nest = LoopNest(
        shapes[0], strides: [steps, LoopNest.rowMajor(shapes[0])], bases: [base, 0])
      copy(0, nest, &code)
    case .slice(let start, let count, let step):
      let strides = LoopNest.rowMajor(shapes[0])
      let base = strides.indices.reduce(0) { $0 + start[$1] * strides[$1] }
      copy(
        0,
        LoopNest(
          count, strides: [targetStrides, strides.indices.map { strides[$0] * step[$0] }], bases: [0, base]),
        &code)
    case .gather(let axis, let indices): writeGather(axis, indices, index, scope, &code)
    }
  }

  private func writeGather(
    _ axis: Int, _ indices: [Int], _ index: Int, _ scope: FunctionScope, _ code: inout CodeWriter
  ) {
    let program = scope.program
    let instruction = program.instructions[index]
    let shape = program[instruction.operands[0]].type.shape
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    let source = layout.name(layout.holder(instruction.operands[0]))
    let target = layout.name(ValueID(index))
    // Runs of an even step (a repetition is a run of step 0) become one copy each.
    var run = 0
    while run < indices.count {
      var end = run + 1
      let step = end < indices.count ? indices[end] - indices[run] : 0
      while end < indices.count, indices[end] - indices[end - 1] == step { end += 1 }
      let nest = LoopNest(
        [outer, end - run, inner],
        strides: [[indices.count * inner, inner, 1], [shape[axis] * inner, step * inner, 1]],
        bases: [run * inner, indices[run] * inner])
      nest.write(&code, .unrolled) { $0.line("\(target)[\(nest.offset(0))] = \(source)[\(nest.offset(1))];") }
      run = end
    }
  }

  /// Writes the loops that cut the windows out of a tensor; where one position is computed at a time, that of
  /// position p0, p1, ….
  func writeWindow(_ window: Window, _ index: Int, _ code: inout CodeWriter, _ scope: FunctionScope) {
    let instruction = program.instructions[index]
    let x = program[instruction.operands[0]].type
    let source = layout.name(layout.holder(instruction.operands[0]))
    let target = layout.name(ValueID(index))
    let rank = window.kernel.count
    let channels = x.shape[rank]
    let groups = max(window.groups, 1)
    let spots = window.positions(x.shape)
    let padding = x.format.word(window.padding, as: layout.typeName(ValueID(index)))
    let axes = 0..<rank
    // One loop per axis of the result: positions, groups, taps, channels of a group.
    let positions = scope.axes > 0 ? [] : axes.map { ("p\($0)", spots[$0]) }
    let loops =
      positions + [("g", groups)] + axes.map { ("t\($0)", window.kernel[$0]) }
      + [("c", channels / groups)]
    let active = loops.filter { $0.1 > 1 }
    let strides = LoopNest.rowMajor(loops.map(\.1))
    let targetTerms = zip(loops, strides).filter { $0.0.1 > 1 }.map { loop, stride in
      stride == 1 ? loop.0 : "\(loop.0) * \(stride)"
    }
    func nest(_ depth: Int, _ code: inout CodeWriter) {
      if depth < active.count {
        code.loop(active[depth].0, active[depth].1, .unrolled) { nest(depth + 1, &$0) }
        return
      }
      var tests: [String] = []
      for axis in axes {
        let length = x.shape[axis]
        code.line("const int x\(axis) = \(window.place(axis, spots[axis]));")
        if window.before[axis] > 0 { tests.append("x\(axis) >= 0") }
        let last =
          (spots[axis] - 1) * window.strides[axis] + (window.kernel[axis] - 1) * window.dilation[axis]
          - window.before[axis]
        if last >= length { tests.append("x\(axis) < \(length)") }
      }
      let place = axes.dropFirst().reduce("x0") { "(\($0)) * \(x.shape[$1]) + x\($1)" }
      let channel = [groups > 1 ? "g * \(channels / groups)" : "", channels / groups > 1 ? "c" : ""]
        .filter { !$0.isEmpty }
      let from = (["(\(place)) * \(channels)"] + channel).joined(separator: " + ")
      let to = targetTerms.isEmpty ? "0" : targetTerms.joined(separator: " + ")
      if tests.isEmpty {
        code.line("\(target)[\(to)] = \(source)[\(from)];")
      } else {
        code.block("if (\(tests.joined(separator: " && ")))") {
          $0.line("\(target)[\(to)] = \(source)[\(from)];")
        }
        code.block("else") { $0.line("\(target)[\(to)] = \(padding);") }
      }
    }
    nest(0, &code)
  }
}

extension Window {
  /// The input coordinate a tap of a position sees, as C++.
  fileprivate func place(_ axis: Int, _ positions: Int) -> String {
    var terms: [String] = []
    if positions > 1 { terms.append(strides[axis] == 1 ? "p\(axis)" : "p\(axis) * \(strides[axis])") }
    if kernel[axis] > 1 { terms.append(dilation[axis] == 1 ? "t\(axis)" : "t\(axis) * \(dilation[axis])") }
    let sum = terms.isEmpty ? "0" : terms.joined(separator: " + ")
    return before[axis] == 0 ? sum : "\(sum) - \(before[axis])"
  }
}
