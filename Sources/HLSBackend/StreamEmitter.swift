import Backends
import FixedPoint
import Program
import Scheduling

/// Writes the processes of an io_stream design; TopEmitter.swift joins them by FIFOs.
struct StreamEmitter {
  let flow: Dataflow
  /// The names of the FIFOs and ports, by channel.
  let names: [String]
  /// The name of each channel's token type.
  let tokenTypes: [String]
  /// The name of each process's function.
  let functions: [String]

  init(_ flow: Dataflow, _ emission: inout Emission) {
    self.flow = flow
    var names: [String] = []
    var tokenTypes: [String] = []
    var known: [TokenKey: String] = [:]
    for (number, channel) in flow.channels.enumerated() {
      let name = emission.layout.name(channel.value)
      let suffix = flow.inputs.contains(number) ? "in" : flow.outputs.contains(number) ? "out" : "stream"
      names.append(emission.layout.identifier("\(name)_\(suffix)"))
      let key = TokenKey(value: channel.value.index, words: channel.words)
      let type = known[key] ?? emission.layout.identifier("\(name)_token")
      known[key] = type
      tokenTypes.append(type)
    }
    (self.names, self.tokenTypes) = (names, tokenTypes)
    var segments = emission.layout.segments.makeIterator()
    var functions: [String] = []
    for process in flow.processes {
      if process.instructions.isEmpty {
        let value = (process.reads + process.writes).first.map { flow.channels[$0].value } ?? ValueID(0)
        functions.append(
          emission.layout.identifier("\(process.kind.linkName)_\(emission.layout.name(value))"))
      } else {
        functions.append(segments.next()?.function ?? "")
      }
    }
    self.functions = functions
  }

  /// Tokens of one type: so many words of a value.
  private struct TokenKey: Hashable {
    var value, words: Int
  }

  /// The ports of the top function.
  func ports(_ emission: Emission) -> (inputs: [Ports.Port], outputs: [Ports.Port]) {
    func port(_ channel: Int, _ value: ValueID) -> Ports.Port {
      Ports.Port(
        name: names[channel], value: value, type: flow.program[value].type,
        typeName: emission.layout.typeName(emission.layout.holder(value)), token: tokenTypes[channel],
        tokenWords: flow.channels[channel].words)
    }
    return (
      zip(flow.inputs, inputValues).map { port($0, $1) },
      zip(flow.outputs, flow.program.outputs).map { port($0, $1) }
    )
  }

  /// The program's inputs, in the order of `flow.inputs`.
  private var inputValues: [ValueID] { flow.inputs.map { flow.channels[$0].value } }

  /// The token types: name, word type, words, bits.
  func tokens(_ layout: Layout) -> [(name: String, type: String, words: Int, bits: Int)] {
    var seen: Set<String> = []
    return flow.channels.indices.compactMap { channel in
      guard seen.insert(tokenTypes[channel]).inserted else { return nil }
      return (
        tokenTypes[channel], layout.typeName(flow.channels[channel].value), flow.channels[channel].words,
        flow.bits(flow.channels[channel])
      )
    }
  }

  // MARK: Processes

  /// The functions of all processes.
  func processFunctions(_ emission: inout Emission) -> String {
    var segments = emission.layout.segments.makeIterator()
    var texts: [String] = []
    for (number, process) in flow.processes.enumerated() {
      let segment = process.instructions.isEmpty ? nil : segments.next()
      texts.append(function(number, segment, &emission))
    }
    return texts.joined(separator: "\n")
  }

  private func function(_ number: Int, _ segment: Layout.Segment?, _ emission: inout Emission) -> String {
    let process = flow.processes[number]
    emission.kernels.insert(.streams)
    trim(&emission, 0)
    emission.position = nil
    var body = CodeWriter(depth: 1)
    var pragmas: [String] = []
    switch process.kind {
    case .fork: writeFork(process, &body)
    case .positions(let axes): writePositions(process, axes, segment, &emission, &body, &pragmas)
    case .window(let index): writeWindow(process, index, segment, &emission, &body, &pragmas)
    case .accumulate(let index): writeAccumulate(process, index, segment, &emission, &body, &pragmas)
    case .fold(let index): writeFold(process, index, segment, &emission, &body, &pragmas)
    case .wire(let index): writeWire(process, index, &emission, &body)
    case .repack: writeRepack(process, emission, &body)
    }
    trim(&emission, 0)
    emission.position = nil
    var code = CodeWriter()
    if let segment {
      for line in emission.heading(segment) { code.line("// \(line)") }
    } else {
      code.line("// \(process.kind.linkTitle).")
    }
    // Its loops are the pipelines; without one the function is, flushable as they are.
    pragmas.removeAll { $0.hasPrefix("#pragma HLS PIPELINE") }
    if flow.isLoopFree(process) {
      pragmas.insert("#pragma HLS PIPELINE II=\(process.interval) style=flp", at: 0)
    }
    let parameters = (process.reads + process.writes).map { "hls::stream<\(tokenTypes[$0])> &\(names[$0])" }
    code.line("TF_PROCESS void \(functions[number])(\(parameters.joined(separator: ", "))) {")
    emission.write(pragmas: pragmas, &code)
    // Windows are complete in the order of positions.
    if body.lines.contains(where: { $0.hasSuffix(Self.nextPosition) }) { code.line("  int position = 0;") }
    return code.text + body.text + "}\n"
  }

  private static let nextPosition = "position++;"

  private func writeFork(_ process: Dataflow.Process, _ code: inout CodeWriter) {
    let source = process.reads[0]
    code.loop("t", flow.channels[source].tokens, .flowing(every: 1)) { code in
      code.line("const \(tokenTypes[source]) token = \(names[source]).read();")
      for target in process.writes { code.line("\(names[target]).write(token);") }
    }
  }

  private func writePositions(
    _ process: Dataflow.Process, _ axes: Int, _ segment: Layout.Segment?, _ emission: inout Emission,
    _ code: inout CodeWriter, _ pragmas: inout [String]
  ) {
    let shape = process.instructions.first.map { flow.program.instructions[$0].type.shape } ?? []
    let count = shape.prefix(axes).reduce(1, *)
    func fire(_ emission: inout Emission, _ code: inout CodeWriter) {
      for channel in process.reads { read(channel, firings: count, isInLoop: count > 1, &emission, &code) }
      if let segment { compute(segment, process, &emission, &code, &pragmas) }
      for channel in process.writes { write(channel, firings: count, isInLoop: count > 1, &emission, &code) }
    }
    if count == 1 { return fire(&emission, &code) }
    trim(&emission, axes)
    emission.position = "position"
    code.loop("position", count, loopStyle(process, firings: count)) { fire(&emission, &$0) }
  }

  private func writeWindow(
    _ process: Dataflow.Process, _ index: Int, _ segment: Layout.Segment?, _ emission: inout Emission,
    _ code: inout CodeWriter, _ pragmas: inout [String]
  ) {
    guard let segment, case .window(let window) = flow.program.instructions[index].operation else { return }
    let source = emission.layout.holder(flow.program.instructions[index].operands[0])
    let buffer = LineBuffer(window, flow.program[flow.program.instructions[index].operands[0]].type.shape)
    let format = flow.program[source].type.format
    let name = emission.layout.name(source)
    let type = emission.layout.typeName(source)
    buffer.declare(type, flow.lineBuffers(index).first, &code)
    trim(&emission, window.kernel.count)
    emission.position = "position"
    let padding = format.word(window.padding, as: type)
    if format.width > 64 { emission.kernels.insert(.wide) }
    guard let input = process.reads.first(where: { flow.channels[$0].value == source }) else { return }
    let complete = flow.program.instructions[index].type.shape.prefix(window.kernel.count).reduce(1, *)
    let tokens = buffer.channels / flow.channels[input].words
    buffer.walk(&code, loopStyle(process, firings: complete, but: input, of: tokens)) { code in
      code.line("\(type) \(name)[\(buffer.channels)];")
      code.directive("#pragma HLS ARRAY_PARTITION variable=\(name) type=complete")
      if let inside = buffer.insideTest {
        code.block("if (\(inside))") { take(input, tokens: tokens, into: name, &emission, &$0) }
        code.block("else") { code in
          code.loop("c", buffer.channels, .unrolled) { $0.line("\(name)[c] = \(padding);") }
        }
      } else {
        take(input, tokens: tokens, into: name, &emission, &code)
      }
      buffer.shift(name, &code)
      code.block("if (\(buffer.completeTest))") { code in
        let start = code.lines.count
        emission.declare(index, &code)
        buffer.take(emission.layout.name(ValueID(index)), &code)
        for channel in process.reads where channel != input {
          read(channel, firings: complete, isInLoop: true, &emission, &code)
        }
        compute(segment, process, &emission, &code, &pragmas, without: [index])
        for channel in process.writes {
          write(channel, firings: complete, isInLoop: true, &emission, &code)
        }
        if code.lines[start...].contains(where: { $0.contains("(position)") }) {
          code.line(Self.nextPosition)
        }
      }
    }
  }

  private func writeAccumulate(
    _ process: Dataflow.Process, _ index: Int, _ segment: Layout.Segment?, _ emission: inout Emission,
    _ code: inout CodeWriter, _ pragmas: inout [String]
  ) {
    guard let segment, case .affine(let affine) = flow.program.instructions[index].operation else { return }
    let operands = flow.program.instructions[index].operands
    let input = flow.channels[process.reads[0]]
    let outputs = flow.program.instructions[index].type.count
    let layer = flow.program.instructions[index].layer
    let bias = emission.table(of: operands[2], layer: layer)
    let weights = emission.memory(
      of: operands[1], arrangement: "by_token", steps: input.tokens, layer: layer, &pragmas
    ) { $0 }
    let (w, b) = (emission.layout.holder(operands[1]), emission.layout.holder(operands[2]))
    let product =
      (affine.product
      ?? .product(flow.program[operands[0]].type.format, flow.program[operands[1]].type.format))
      .cppType
    let isFree = affine.isOrderFree(
      flow.program[operands[0]].type.format, flow.program[operands[1]].type.format)
    pragmas.append("#pragma HLS ARRAY_PARTITION variable=\(bias) type=complete dim=0")
    limitMultipliers(process, input.words * outputs, &pragmas)
    emission.kernels.insert(.accumulate)
    emission.declare(index, &code)
    let name = emission.layout.name(input.value)
    code.loop("t", input.tokens, loopStyle(process)) { code in
      readToken(process.reads[0], &emission, &code)
      code.line(
        "tf::accumulate<\(input.tokens), \(input.words), \(outputs), \(emission.layout.typeName(w)), \(emission.layout.typeName(b)), "
          + "\(product), \(isFree)>(t, \(name), \(weights), \(bias), \(emission.layout.name(ValueID(index))));"
      )
    }
    compute(segment, process, &emission, &code, &pragmas, without: [index])
    for channel in process.writes { write(channel, firings: 1, &emission, &code) }
  }

  private func writeFold(
    _ process: Dataflow.Process, _ index: Int, _ segment: Layout.Segment?, _ emission: inout Emission,
    _ code: inout CodeWriter, _ pragmas: inout [String]
  ) {
    guard let segment, case .reduce(let reduction) = flow.program.instructions[index].operation else {
      return
    }
    let input = flow.channels[process.reads[0]]
    emission.kernels.insert(.convert)
    let name = emission.layout.name(input.value)
    let (target, type) = (emission.layout.name(ValueID(index)), emission.layout.typeName(ValueID(index)))
    let channels = flow.program.instructions[index].type.count
    let positions = input.tokens * input.words / channels
    emission.declare(index, &code)
    code.loop("t", positions, loopStyle(process)) { code in
      read(process.reads[0], firings: positions, &emission, &code)
      code.loop("c", channels, .unrolled) { code in
        code.line("const \(type) term = tf::convert<\(type)>(\(name)[c]);")
        switch reduction {
        case .maximum: code.line("if (t == 0 || term > \(target)[c]) \(target)[c] = term;")
        case .minimum: code.line("if (t == 0 || term < \(target)[c]) \(target)[c] = term;")
        case .sum, .argmax:
          code.line("if (t == 0)")
          code.line("  \(target)[c] = term;")
          code.line("else")
          code.line("  \(target)[c] = tf::convert<\(type)>(\(target)[c] + term);")
        }
      }
    }
    compute(segment, process, &emission, &code, &pragmas, without: [index - 1, index])
    for channel in process.writes { write(channel, firings: 1, &emission, &code) }
  }

  // MARK: Parts

  /// The blocks of a process, after its reads.
  private func compute(
    _ segment: Layout.Segment, _ process: Dataflow.Process, _ emission: inout Emission,
    _ code: inout CodeWriter, _ pragmas: inout [String], without done: Set<Int> = []
  ) {
    for block in segment.blocks {
      if block.instructions.allSatisfy(done.contains) { continue }
      for index in block.instructions where emission.layout.isArray[index] { emission.declare(index, &code) }
      emission.writeBlock(block, &code, in: segment, pragmas: &pragmas)
    }
    emission.recordLayers(of: segment.blocks.flatMap(\.instructions), &code)
  }

  private func limitMultipliers(_ process: Dataflow.Process, _ products: Int, _ pragmas: inout [String]) {
    if process.interval > 1 {
      let limit = (products + process.interval - 1) / process.interval
      pragmas.append("#pragma HLS ALLOCATION operation instances=mul limit=\(limit)")
    }
  }

  /// How the loop over a process's firings is built: not faster than the multipliers allow, nor than a stream of
  /// which it takes or gives several tokens (of `source`, `taken` each time).
  private func loopStyle(
    _ process: Dataflow.Process, firings: Int = .max, but source: Int? = nil, of taken: Int = 1
  ) -> LoopStyle {
    let ports = (process.reads + process.writes).filter { $0 != source }
    let tokens = max(taken, ports.map { flow.channels[$0].tokens / firings }.max() ?? 1)
    // Loops over reused multipliers are pipelined themselves.
    return process.hasOwnLoop ? .plain : .flowing(every: max(process.interval, tokens))
  }

  private func trim(_ emission: inout Emission, _ axes: Int) {
    emission.program = flow.program.dropping(axes: axes)
    emission.axes = axes
  }

  /// Declares the array of a value read and fills it with one firing's tokens.
  private func read(
    _ channel: Int, firings: Int, isInLoop: Bool = false, _ emission: inout Emission, _ code: inout CodeWriter
  ) {
    let link = flow.channels[channel]
    let tokens = link.tokens / firings
    let name = emission.layout.name(link.value)
    code.line("\(emission.layout.typeName(link.value)) \(name)[\(tokens * link.words)];")
    code.directive("#pragma HLS ARRAY_PARTITION variable=\(name) type=complete")
    take(channel, tokens: tokens, into: name, isInLoop: isInLoop, &emission, &code)
  }

  /// Fills an array with the next tokens of a channel.
  func take(
    _ channel: Int, tokens: Int = 1, into name: String, isInLoop: Bool = true, _ emission: inout Emission,
    _ code: inout CodeWriter
  ) {
    if tokens > 1, !isInLoop { emission.kernels.insert(.readAll) }
    transfer(
      "read", tokens, flow.channels[channel].words, "\(names[channel]), \(name)", isInLoop: isInLoop, &code)
  }

  /// Takes or gives tokens, one after the other: in a loop that is a pipeline, or inside another one.
  private func transfer(
    _ kernel: String, _ tokens: Int, _ words: Int, _ arguments: String, isInLoop: Bool,
    _ code: inout CodeWriter
  ) {
    if tokens == 1 {
      code.line("tf::\(kernel)<\(words)>(\(arguments));")
    } else if isInLoop {
      code.loop("t", tokens, .unrolled) { $0.line("tf::\(kernel)<\(words)>(\(arguments), t * \(words));") }
    } else {
      code.line("tf::\(kernel)_all<\(tokens), \(words)>(\(arguments));")
    }
  }

  private func readToken(_ channel: Int, _ emission: inout Emission, _ code: inout CodeWriter) {
    read(channel, firings: flow.channels[channel].tokens, &emission, &code)
  }

  private func write(
    _ channel: Int, firings: Int, isInLoop: Bool = false, _ emission: inout Emission, _ code: inout CodeWriter
  ) {
    let link = flow.channels[channel]
    let tokens = link.tokens / firings
    if tokens > 1, !isInLoop { emission.kernels.insert(.writeAll) }
    var name = emission.layout.name(link.value)
    if flow.program.constant(link.value) != nil {
      // A constant output: its words become an array first.
      let table = emission.table(of: link.value)
      let type = emission.layout.typeName(link.value)
      code.line("\(type) \(name)_words_out[\(tokens * link.words)];")
      name += "_words_out"
      code.loop("i", tokens * link.words, .unrolled) {
        $0.line("\(name)[i] = tf::word<\(type)>(\(table)[i]);")
      }
    }
    transfer("write", tokens, link.words, "\(names[channel]), \(name)", isInLoop: isInLoop, &code)
  }
}

extension Dataflow.Kind {
  /// The beginning of the name of a process without instructions.
  fileprivate var linkName: String {
    switch self {
    case .fork: "fork"
    case .repack: "repack"
    default: "constant"
    }
  }

  /// What a process without instructions does.
  fileprivate var linkTitle: String {
    switch self {
    case .fork: "Copies tokens to every reader"
    case .repack: "Tokens of another width"
    default: "Constant tokens"
    }
  }
}
