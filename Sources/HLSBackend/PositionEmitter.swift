import Backends
import Program
import Scheduling

/// Writes convolutions and poolings of io_parallel that are computed position by position.
extension Emission {
  /// The functions that compute one position, for every loop of a function.
  mutating func positionFunctions(_ segment: Layout.Segment) -> String {
    var text = ""
    for block in segment.blocks {
      guard case .positions(let loop, let parts) = block else { continue }
      let name = layout.identifier("\(segment.function)_at")
      positionNames[loop.instructions[0]] = name
      text += positionFunction(name, loop, parts, segment)
    }
    return text
  }

  private mutating func positionFunction(
    _ name: String, _ loop: PositionLoop, _ parts: [Layout.Block], _ segment: Layout.Segment
  ) -> String {
    let results = results(of: loop)
    let source = layout.holder(program.instructions[loop.instructions[0]].operands[0])
    var parameters = (0..<loop.axes).map { "int p\($0)" }
    parameters.append(
      "const \(layout.typeName(source)) \(layout.name(source))[\(program[source].type.count)]")
    let spots = spots(loop)
    program = design.program.dropping(axes: loop.axes)
    axes = loop.axes
    position = "position"
    parameters += results.map {
      "\(layout.names[$0])_t \(layout.names[$0])[\(program.instructions[$0].type.count)]"
    }
    var body = CodeWriter(depth: 1)
    var pragmas: [String] = []
    for part in parts {
      for index in part.instructions where layout.isArray[index] && !results.contains(index) {
        declare(index, &body)
      }
      writeBlock(part, &body, in: segment, pragmas: &pragmas)
    }
    // Words of positions, one after the other, are those of the tensor.
    recordLayers(of: loop.instructions, &body)
    program = design.program
    axes = 0
    position = nil
    // They hold in the function this one is inlined into.
    positionPragmas[loop.instructions[0]] = pragmas.filter { !$0.hasPrefix("#pragma HLS PIPELINE") }
    var code = CodeWriter()
    code.line("TF_INLINE void \(name)(\(parameters.joined(separator: ", "))) {")
    if body.text.contains("(position)") {
      let place = spots.indices.dropFirst().reduce("p0") { "(\($0)) * \(spots[$1]) + p\($1)" }
      code.line("  const int position = \(place);")
    }
    return code.text + body.text + "}\n\n"
  }

  /// Writes the loop that calls it.
  mutating func writePositions(_ loop: PositionLoop, _ code: inout CodeWriter, pragmas: inout [String]) {
    guard let function = positionNames[loop.instructions[0]] else { return }
    hasLoop = true
    pragmas += positionPragmas[loop.instructions[0]] ?? []
    let steps = loop.instructions.map { design.steps[$0] }
    let isLoop = loop.instructions.contains { design.program.loopsOverMultipliers($0, design.steps[$0]) }
    let style: LoopStyle = isLoop ? .plain : .pipelined(every: steps.map(\.reuseFactor).max() ?? 1)
    let results = results(of: loop)
    let parts = results.map { layout.identifier("\(layout.names[$0])_part") }
    let source = layout.holder(program.instructions[loop.instructions[0]].operands[0])
    let spots = spots(loop)
    let arguments = (0..<loop.axes).map { "p\($0)" } + [layout.name(source)] + parts
    func compute(_ place: String, _ code: inout CodeWriter) {
      for (index, part) in zip(results, parts) {
        code.line("\(layout.names[index])_t \(part)[\(wordsPerPosition(index, loop))];")
        code.directive("#pragma HLS ARRAY_PARTITION variable=\(part) type=complete")
      }
      code.line("\(function)(\(arguments.joined(separator: ", ")));")
      for (index, part) in zip(results, parts) {
        let count = wordsPerPosition(index, loop)
        code.loop("j", count, .unrolled) {
          $0.line("\(layout.names[index])[(\(place)) * \(count) + j] = \(part)[j];")
        }
      }
    }
    if loop.factor == 1 {
      let place = spots.indices.dropFirst().reduce("p0") { "(\($0)) * \(spots[$1]) + p\($1)" }
      func level(_ axis: Int, _ code: inout CodeWriter) {
        if axis == loop.axes { return compute(place, &code) }
        code.loop("p\(axis)", spots[axis], axis == loop.axes - 1 ? style : .plain) { level(axis + 1, &$0) }
      }
      return level(0, &code)
    }
    // Counters, as a run-time division would be built; in a scope of their own, as a function may have several loops.
    code.line("{")
    for axis in spots.indices { code.line("int p\(axis) = 0;") }
    code.loop("trip", loop.trips, style) { code in
      code.loop("lane", loop.factor, .unrolled) { code in
        code.line("const int at = trip * \(loop.factor) + lane;")
        func positions(_ code: inout CodeWriter) {
          compute("at", &code)
          func count(_ axis: Int, _ code: inout CodeWriter) {
            code.line("p\(axis)++;")
            if axis == 0 { return }
            code.block("if (p\(axis) == \(spots[axis]))") {
              $0.line("p\(axis) = 0;")
              count(axis - 1, &$0)
            }
          }
          count(spots.count - 1, &code)
        }
        if loop.positions % loop.factor == 0 {
          positions(&code)
        } else {
          code.block("if (at < \(loop.positions))") { positions(&$0) }
        }
      }
    }
    code.line("}")
  }

  /// The values of a loop that are needed whole: outside it, or as outputs.
  func results(of loop: PositionLoop) -> [Int] {
    let own = Set(loop.instructions)
    var needed = Set(program.outputs.map { layout.root[$0.index] })
    for (index, instruction) in program.instructions.enumerated() where layout.root[index] == index {
      if own.contains(index) { continue }
      needed.formUnion(instruction.operands.map { layout.root[$0.index] })
    }
    return loop.instructions.filter(needed.contains)
  }

  private func spots(_ loop: PositionLoop) -> [Int] {
    Array(design.program.instructions[loop.instructions[0]].type.shape.prefix(loop.axes))
  }

  private func wordsPerPosition(_ index: Int, _ loop: PositionLoop) -> Int {
    design.program.instructions[index].type.count / loop.positions
  }
}
