import Backends
import FixedPoint
import Program
import Scheduling

/// Writes the function of each layer, and the top function that calls them.
extension Emission {
  /// The functions of all layers, in order.
  mutating func layerFunctions() -> String {
    layout.segments.map { segment in
      let positions = positionFunctions(segment)
      return positions.map(\.text).joined() + layerFunction(segment, positions)
    }.joined(separator: "\n")
  }

  private mutating func layerFunction(_ segment: Layout.Segment, _ functions: [PositionFunction]) -> String {
    let scope = FunctionScope(program, layer: segment.layer)
    var head = FunctionHead()
    for pragma in placing(segment.region) { head.add(pragma) }
    var body = CodeWriter(depth: 1)
    var positions = functions[...]
    var computed: [Int] = []
    for part in segment.parts {
      switch part {
      case .positions(let loop, _):
        for index in results(of: loop) where !segment.writes.contains(index) { declare(index, scope, &body) }
        if let function = positions.popFirst() { writePositions(loop, function, &body, &head) }
      case .block(let block):
        for index in block.instructions where layout.isArray[index] && !segment.writes.contains(index) {
          declare(index, scope, &body)
        }
        writeBlock(block, &body, scope, segment.region, &head)
        computed += block.instructions
      }
    }
    recordLayers(of: computed, scope, &body)

    var code = CodeWriter()
    for line in heading(segment) { code.line("// \(line)") }
    let parameters =
      segment.reads.map {
        "const \(layout.names[$0])_t \(layout.names[$0])[\(program.instructions[$0].type.count)]"
      }
      + segment.writes.map {
        "\(layout.names[$0])_t \(layout.names[$0])[\(program.instructions[$0].type.count)]"
      }
    code.line("TF_LAYER void \(segment.function)(\(parameters.joined(separator: ", "))) {")
    write(head, &code)
    return code.text + body.text + "}\n"
  }

  /// How a region's function becomes part of the design: in a dataflow it stays by itself.
  private func placing(_ region: Region) -> [Pragma] {
    let stays: [Pragma] = design.isDataflow ? [.inline(false)] : []
    switch region.form {
    case .inlined: return [.inline(true)]
    case .pipeline(let interval): return stays + [.pipeline(interval: interval, isFlushable: false)]
    case .loops, .rewindingLoop: return stays
    }
  }

  /// Writes the pragmas at the head of a function.
  func write(_ head: FunctionHead, _ code: inout CodeWriter) {
    if head.pragmas.isEmpty { return }
    code.directive("#ifndef __BAMBU__")
    for pragma in head.pragmas { code.directive(pragma.text) }
    code.directive("#endif")
  }

  /// Writes a block of a function: words that share a loop, or an operation with its own loops. `head` takes what must stand
  /// at the head of the function.
  mutating func writeBlock(
    _ block: Layout.Block, _ code: inout CodeWriter, _ scope: FunctionScope, _ region: Region,
    _ head: inout FunctionHead
  ) {
    switch block {
    case .words(let indices):
      for index in indices {
        if let limit = design.multipliers[index]?.limit { head.add(.multipliers(limit)) }
      }
      writeWords(indices, &code, scope, &head)
    case .kernel(let index):
      let copies = constantArrays(index, &code, layer: scope.layer)
      writeKernel(index, &code, scope, region, &head)
      if copies { code.line("}") }
    }
  }

  /// Writes the recording of the layers whose results `instructions` hold; `count` words of each, or all.
  func recordLayers(
    of instructions: [Int], count: Int? = nil, _ scope: FunctionScope, _ code: inout CodeWriter
  ) {
    let made = Set(instructions)
    for (number, layer) in program.layers.enumerated() {
      guard let result = layer.result, made.contains(layout.root[result.index]) else { continue }
      record(number, result, count: count ?? scope.program[layout.holder(result)].type.count, &code)
    }
  }

  /// Declares the array of a value, in registers.
  func declare(_ index: Int, as name: String? = nil, _ scope: FunctionScope, _ code: inout CodeWriter) {
    let (name, count) = (name ?? layout.names[index], scope.program.instructions[index].type.count)
    code.line("\(layout.names[index])_t \(name)[\(count)];")
    code.directive("#pragma HLS ARRAY_PARTITION variable=\(name) type=complete")
  }

  /// Opens a block with arrays for the constants a kernel reads like any tensor. Returns whether there are any.
  mutating func constantArrays(_ index: Int, _ code: inout CodeWriter, layer: Int?) -> Bool {
    let instruction = program.instructions[index]
    let operands: [ValueID] =
      if case .affine = instruction.operation { [instruction.operands[0]] } else { instruction.operands }
    let constants = Set(operands.map { layout.holder($0) }.filter { program.constant($0) != nil }).sorted()
    if constants.isEmpty { return false }
    code.line("{")
    for id in constants {
      let name = layout.name(id)
      let table = table(of: id, layer: layer)
      code.line("\(layout.typeName(id)) \(name)[\(program[id].type.count)];")
      code.directive("#pragma HLS ARRAY_PARTITION variable=\(name) type=complete")
      code.loop("i", program[id].type.count, .unrolled) {
        $0.line("\(name)[i] = tf::word<\(layout.typeName(id))>(\(table)[i]);")
      }
    }
    return true
  }

  /// Writes the recording of a layer's words, in its value's array or another one.
  func record(
    _ layer: Int, _ value: ValueID, in array: String? = nil, count: Int? = nil, _ code: inout CodeWriter
  ) {
    let holder = layout.holder(value)
    let type = program[holder].type
    code.line(
      "TF_RECORD(\(layer), \(array ?? layout.name(holder)), \(count ?? type.count), \(type.format.isSigned));"
    )
  }

  /// What a firmware engineer wants to know of a layer, line by line.
  func heading(_ segment: Layout.Segment) -> [String] {
    let indices = segment.instructions
    var title =
      segment.layer.map { layer in
        "\(Identifiers.comment(program.layers[layer].name)): \(Identifiers.comment(program.layers[layer].className))"
      } ?? "wiring"
    for index in indices {
      if case .affine = program.instructions[index].operation {
        let choice = design.steps[index].choice
        title += ", \(choice.strategy.rawValue) strategy, reuse factor \(choice.reuseFactor)"
        break
      }
    }
    for index in indices {
      guard let loop = design.stepLoops[index] else { continue }
      title += ", \(loop.count) steps"
      if let affine = design.choices(at: index).first(where: {
        if case .affine = $0.operation { true } else { false }
      }) {
        title += ", \(affine.choice.strategy.rawValue) strategy, reuse factor \(affine.choice.reuseFactor)"
      }
    }
    // Layers whose work is done in the same loop.
    for layer in Set(indices.compactMap { program.instructions[$0].layer }).sorted()
    where layer != segment.layer {
      title +=
        "; \(Identifiers.comment(program.layers[layer].name)): "
        + Identifiers.comment(program.layers[layer].className)
    }
    func describe(_ values: [Int]) -> String {
      values.map { index in
        let type = program.instructions[index].type
        return "\(type.shape.map(String.init).joined(separator: " x ")) \(type.format.cppType)"
      }.joined(separator: ", ")
    }
    return [title, "\(describe(segment.reads)) -> \(describe(segment.writes))"]
  }
}
