import Backends
import FixedPoint
import Program
import Scheduling

/// The function that computes one position of a loop.
struct PositionFunction {
  /// Its name.
  var name: String
  /// Its definition.
  var text: String
  /// What must stand at the head of the function it is inlined into.
  var head: FunctionHead
}

/// Writes convolutions and poolings of io_parallel that are computed position by position.
extension Emission {
  /// The functions that compute one position, for every loop of a function.
  mutating func positionFunctions(_ segment: Layout.Segment) -> [PositionFunction] {
    var functions: [PositionFunction] = []
    for case .positions(let loop, let blocks) in segment.parts {
      let name = layout.identifier("\(segment.function)_at")
      functions.append(positionFunction(name, loop, blocks, segment))
    }
    return functions
  }

  private mutating func positionFunction(
    _ name: String, _ loop: PositionLoop, _ blocks: [Layout.Block], _ segment: Layout.Segment
  ) -> PositionFunction {
    let results = results(of: loop)
    let source = layout.holder(program.instructions[loop.all[0]].operands[0])
    let scope = FunctionScope(program, onePositionOf: loop.axes, layer: segment.layer)
    var parameters = (0..<loop.axes).map { "int p\($0)" }
    parameters.append(
      "const \(layout.typeName(source)) \(layout.name(source))[\(program[source].type.count)]")
    parameters += results.map {
      "\(layout.names[$0])_t \(layout.names[$0])[\(scope.program.instructions[$0].type.count)]"
    }
    var body = CodeWriter(depth: 1)
    var head = FunctionHead()
    let whole = FunctionScope(program, layer: segment.layer)
    for block in blocks {
      if let index = block.instructions.first, let places = program.placesByPosition(loop) {
        if loop.wiring.contains(index) { continue }
        if index == loop.instructions[0] {
          choose(places, index, from: source, scope, &body, &head)
          continue
        }
      }
      if let index = block.instructions.first, loop.wiring.contains(index) {
        declare(index, whole, &body)
        writeBlock(block, &body, whole, segment.region, &head)
        continue
      }
      for index in block.instructions where layout.isArray[index] && !results.contains(index) {
        declare(index, scope, &body)
      }
      writeBlock(block, &body, scope, segment.region, &head)
    }
    // Words of positions, one after the other, are those of the tensor.
    recordLayers(of: loop.instructions, scope, &body)
    var code = CodeWriter()
    code.line("TF_INLINE void \(name)(\(parameters.joined(separator: ", "))) {")
    if head.readsPosition { code.line("  const int position = \(place(loop));") }
    return PositionFunction(name: name, text: code.text + body.text + "}\n\n", head: head)
  }

  /// Writes what a window of one position sees where that is words of a short tensor: their places are a table.
  private mutating func choose(
    _ places: [Int], _ window: Int, from source: ValueID, _ scope: FunctionScope, _ body: inout CodeWriter,
    _ head: inout FunctionHead
  ) {
    declare(window, scope, &body)
    let count = scope.program.instructions[window].type.count
    let table = table(
      of: ValueID(window), arrangement: "places", shape: [places.count / count, count], layer: scope.layer,
      format: .integer(max(1, Int.bitWidth - (places.max() ?? 1).leadingZeroBitCount), signed: false)
    ) { _ in places.map { Raw($0) } }
    head.readsPosition = true
    head.add(.partition(table, dimension: 2))
    body.loop("c", count, .unrolled) {
      $0.line("\(layout.names[window])[c] = \(layout.name(source))[\(table)[position][c]];")
    }
  }

  /// The number of the position p0, p1, ….
  private func place(_ loop: PositionLoop) -> String {
    let spots = spots(loop)
    return spots.indices.dropFirst().reduce("p0") { "(\($0)) * \(spots[$1]) + p\($1)" }
  }

  /// Writes the loop that calls the function of one position.
  mutating func writePositions(
    _ loop: PositionLoop, _ function: PositionFunction, _ code: inout CodeWriter, _ head: inout FunctionHead
  ) {
    head.add(function.head)
    let style: LoopStyle =
      design.passInterval(loop).map { loop.rewinds ? .rewinding(every: $0) : .pipelined(every: $0) } ?? .plain
    let results = results(of: loop)
    let parts = results.map { layout.identifier("\(layout.names[$0])_part") }
    let source = layout.holder(program.instructions[loop.all[0]].operands[0])
    let spots = spots(loop)
    let arguments = (0..<loop.axes).map { "p\($0)" } + [layout.name(source)] + parts
    func compute(_ place: String, _ code: inout CodeWriter) {
      for (index, part) in zip(results, parts) {
        code.line("\(layout.names[index])_t \(part)[\(wordsPerPosition(index, loop))];")
        code.directive("#pragma HLS ARRAY_PARTITION variable=\(part) type=complete")
      }
      code.line("\(function.name)(\(arguments.joined(separator: ", ")));")
      for (index, part) in zip(results, parts) {
        let count = wordsPerPosition(index, loop)
        code.loop("j", count, .unrolled) {
          $0.line("\(layout.names[index])[(\(place)) * \(count) + j] = \(part)[j];")
        }
      }
    }
    if loop.factor == 1 {
      let place = self.place(loop)
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
    Array(program.instructions[loop.instructions[0]].type.shape.prefix(loop.axes))
  }

  private func wordsPerPosition(_ index: Int, _ loop: PositionLoop) -> Int {
    program.instructions[index].type.count / loop.positions
  }
}
