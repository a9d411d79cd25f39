import Backends
import Program
import Scheduling

/// Writes the processes of an io_stream design, a function each; TopEmitter.swift joins them by FIFOs.
struct StreamEmitter {
  let channels: StreamChannels
  /// The name of each process's function.
  let functions: [String]

  var flow: Dataflow { channels.flow }

  init(_ flow: Dataflow, _ emission: inout Emission) {
    channels = StreamChannels(flow, &emission)
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
    var body = CodeWriter(depth: 1)
    var head = FunctionHead()
    if case .pipeline(let interval) = flow.form(process) {
      head.add(.pipeline(interval: interval, isFlushable: true))
    }
    switch process.kind {
    case .fork: writeFork(process, &body)
    case .positions(let axes): writePositions(process, axes, segment, &emission, &body, &head)
    case .window(let index): writeWindow(process, index, segment, &emission, &body, &head)
    case .accumulate(let index): writeAccumulate(process, index, segment, &emission, &body, &head)
    case .fold(let index): writeFold(process, index, segment, &emission, &body, &head)
    case .wire(let index): writeWire(process, index, &emission, &body)
    case .repack: writeRepack(process, emission, &body)
    case .scan(let index): writeScan(process, index, segment, &emission, &body)
    }
    var code = CodeWriter()
    if let segment {
      for line in emission.heading(segment) { code.line("// \(line)") }
    } else {
      code.line("// \(process.kind.linkTitle).")
    }
    let parameters = (process.reads + process.writes).map {
      "hls::stream<\(channels.tokenTypes[$0])> &\(channels.names[$0])"
    }
    code.line("TF_PROCESS void \(functions[number])(\(parameters.joined(separator: ", "))) {")
    emission.write(head, &code)
    // Windows are complete in the order of positions.
    if case .window = process.kind, head.readsPosition { code.line("  int position = 0;") }
    return code.text + body.text + "}\n"
  }

  /// How the loop over a process's firings is built.
  func loopStyle(_ process: Dataflow.Process) -> LoopStyle {
    flow.passInterval(process).map { .flowing(every: $0) } ?? .plain
  }

  /// The blocks of a process, after its reads; those of `done` are written already.
  func compute(
    _ segment: Layout.Segment, _ scope: FunctionScope, without done: Set<Int> = [],
    _ emission: inout Emission, _ code: inout CodeWriter, _ head: inout FunctionHead
  ) {
    for block in segment.parts.flatMap(\.blocks) {
      if block.instructions.allSatisfy(done.contains) { continue }
      for index in block.instructions where emission.layout.isArray[index] {
        emission.declare(index, scope, &code)
      }
      emission.writeBlock(block, &code, scope, segment.region, &head)
    }
    emission.recordLayers(of: segment.instructions, scope, &code)
  }

  private func writeFork(_ process: Dataflow.Process, _ code: inout CodeWriter) {
    let (names, source) = (channels.names, process.reads[0])
    code.loop("t", flow.channels[source].tokens, loopStyle(process)) { code in
      code.line("const \(channels.tokenTypes[source]) token = \(names[source]).read();")
      for target in process.writes { code.line("\(names[target]).write(token);") }
    }
  }

  private func writePositions(
    _ process: Dataflow.Process, _ axes: Int, _ segment: Layout.Segment?, _ emission: inout Emission,
    _ code: inout CodeWriter, _ head: inout FunctionHead
  ) {
    let shape = process.instructions.first.map { flow.program.instructions[$0].type.shape } ?? []
    let count = shape.prefix(axes).reduce(1, *)
    let (layer, isLoop) = (process.layer, count > 1)
    let scope =
      isLoop
      ? FunctionScope(flow.program, onePositionOf: axes, layer: layer)
      : FunctionScope(flow.program, layer: layer)
    func fire(_ emission: inout Emission, _ head: inout FunctionHead, _ code: inout CodeWriter) {
      for channel in process.reads {
        channels.read(channel, firings: count, isInLoop: isLoop, &emission, &code)
      }
      if let segment { compute(segment, scope, &emission, &code, &head) }
      for channel in process.writes {
        channels.write(channel, firings: count, isInLoop: isLoop, &emission, &code)
      }
    }
    if !isLoop { return fire(&emission, &head, &code) }
    code.loop("position", count, loopStyle(process)) { fire(&emission, &head, &$0) }
  }
}

extension Dataflow.Kind {
  /// The beginning of the name of a process without instructions.
  fileprivate var linkName: String {
    switch self {
    case .fork: "fork"
    case .repack: "repack"
    case .positions, .window, .accumulate, .fold, .wire, .scan: "constant"
    }
  }

  /// What a process without instructions does.
  fileprivate var linkTitle: String {
    switch self {
    case .fork: "Copies tokens to every reader"
    case .repack: "Tokens of another width"
    case .positions, .window, .accumulate, .fold, .wire, .scan: "Constant tokens"
    }
  }
}
