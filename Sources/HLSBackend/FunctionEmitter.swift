import Backends
import FixedPoint
import Program
import Scheduling

/// Writes the function of each layer, and the top function that calls them.
extension Emission {
  /// The functions of all layers, in order.
  mutating func layerFunctions() -> String {
    layout.segments.map { positionFunctions($0) + layerFunction($0) }.joined(separator: "\n")
  }

  private mutating func layerFunction(_ segment: Layout.Segment) -> String {
    var body = CodeWriter(depth: 1)
    var pragmas: [String] = []
    hasLoop = false
    for block in segment.blocks {
      var arrays = block.instructions.filter { layout.isArray[$0] }
      if case .positions(let loop, _) = block { arrays = results(of: loop) }
      for index in arrays where !segment.writes.contains(index) { declare(index, &body) }
      writeBlock(block, &body, in: segment, pragmas: &pragmas)
    }
    let isLoop = segment.blocks.map { if case .positions = $0 { true } else { false } }
    recordLayers(of: zip(segment.blocks, isLoop).filter { !$1 }.flatMap(\.0.instructions), &body)

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
    write(pragmas: placing(pragmas) + pragmas, &code)
    return code.text + body.text + "}\n"
  }

  /// How a layer's function becomes part of the design. In one pipeline it dissolves, unless it limits its own
  /// multipliers. In a dataflow it is a process, and a pipeline: without a loop to be one, the function is.
  private func placing(_ pragmas: [String]) -> [String] {
    let isPipeline = pragmas.contains { $0.hasPrefix("#pragma HLS PIPELINE") }
    if !isDataflow { return isPipeline ? [] : ["#pragma HLS INLINE"] }
    return ["#pragma HLS INLINE off"] + (isPipeline || hasLoop ? [] : ["#pragma HLS PIPELINE II=1"])
  }

  /// Writes the pragmas at the head of a function, each once.
  func write(pragmas: [String], _ code: inout CodeWriter) {
    if pragmas.isEmpty { return }
    var seen: Set<String> = []
    code.directive("#ifndef __BAMBU__")
    for pragma in pragmas where seen.insert(pragma).inserted { code.directive(pragma) }
    code.directive("#endif")
  }

  /// Writes one block of a function.
  mutating func writeBlock(
    _ block: Layout.Block, _ code: inout CodeWriter, in segment: Layout.Segment, pragmas: inout [String]
  ) {
    switch block {
    case .words(let indices):
      shareMultipliers(indices, &pragmas)
      writeWords(indices, &code, in: segment)
    case .positions(let loop, _): writePositions(loop, &code, pragmas: &pragmas)
    case .kernel(let index):
      let copies = constantArrays(index, &code, layer: segment.layer)
      writeKernel(index, &code, in: segment, pragmas: &pragmas)
      if copies { code.line("}") }
    }
  }

  /// Limits the multipliers of normalizations that have a reuse factor.
  private func shareMultipliers(_ indices: [Int], _ pragmas: inout [String]) {
    for index in indices where program.isScaling(index) && design.steps[index].reuseFactor > 1 {
      let reuse = design.steps[index].reuseFactor
      let copies = loops.first { $0.instructions.contains(index) }?.factor ?? 1
      let limit = (program.instructions[index].type.count * copies + reuse - 1) / reuse
      if design.ioType == .parallel { pragmas.insert("#pragma HLS PIPELINE II=\(reuse)", at: 0) }
      pragmas.append("#pragma HLS ALLOCATION operation instances=mul limit=\(limit)")
    }
  }

  /// Writes the recording of the layers whose results `instructions` hold; `count` words of each, or all.
  func recordLayers(of instructions: [Int], count: Int? = nil, _ code: inout CodeWriter) {
    let made = Set(instructions)
    for (number, layer) in program.layers.enumerated() {
      guard let result = layer.result, made.contains(layout.root[result.index]) else { continue }
      record(number, result, count: count, &code)
    }
  }

  /// Declares the array of a value, in registers.
  func declare(_ index: Int, as name: String? = nil, _ code: inout CodeWriter) {
    let (name, count) = (name ?? layout.names[index], program.instructions[index].type.count)
    code.line("\(layout.names[index])_t \(name)[\(count)];")
    code.directive("#pragma HLS ARRAY_PARTITION variable=\(name) type=complete")
  }

  /// Opens a block with arrays for the constants a kernel reads like any tensor. Returns whether there are any.
  private mutating func constantArrays(_ index: Int, _ code: inout CodeWriter, layer: Int?) -> Bool {
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
    let indices = segment.blocks.flatMap(\.instructions)
    var title =
      segment.layer.map { layer in
        "\(Identifiers.comment(program.layers[layer].name)): \(Identifiers.comment(program.layers[layer].className))"
      } ?? "wiring"
    for index in indices {
      if case .affine = program.instructions[index].operation {
        let step = design.steps[index]
        title += ", \(step.strategy.rawValue) strategy, reuse factor \(step.reuseFactor)"
        break
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

/// The arguments of the top function.
struct Ports {
  struct Port {
    /// The argument's name.
    var name: String
    /// The value that comes in or goes out.
    var value: ValueID
    /// Its type.
    var type: ValueType
    /// The name of the type of its words.
    var typeName: String
    /// The type of the tokens of a stream; nil for an array.
    var token: String?
    /// Words per token.
    var tokenWords = 0

    /// How the argument is declared.
    func declaration(isInput: Bool) -> String {
      if let token { return "hls::stream<\(token)> &\(name)" }
      return "\(isInput ? "const " : "")\(typeName) \(name)[\(type.count)]"
    }
  }

  /// The top function's name.
  var top: String
  /// Inputs, in the model's order.
  var inputs: [Port]
  /// Outputs, in the model's order.
  var outputs: [Port]

  /// Ports of given names.
  init(top: String, inputs: [Port], outputs: [Port]) {
    self.top = top
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Array ports, named in `layout`.
  init(_ layout: inout Layout) {
    top = layout.projectName
    let program = layout.program
    inputs = []
    outputs = []
    for id in program.inputs {
      inputs.append(
        Port(
          name: layout.identifier("\(layout.name(id))_in"), value: id, type: program[id].type,
          typeName: layout.typeName(id)))
    }
    for id in program.outputs {
      let holder = layout.holder(id)
      outputs.append(
        Port(
          name: layout.identifier("\(layout.name(holder))_out"), value: id, type: program[id].type,
          typeName: layout.typeName(holder)))
    }
  }

  /// `void top(const x_t x[16], y_t y[5])`.
  var signature: String {
    let arguments =
      inputs.map { $0.declaration(isInput: true) } + outputs.map { $0.declaration(isInput: false) }
    return "void \(top)(\(arguments.joined(separator: ", ")))"
  }
}
