import Backends
import Program
import Scheduling

/// Writes the top function of an io_parallel design.
extension Emission {
  /// The top function.
  mutating func topFunction(_ ports: Ports) -> String {
    var code = CodeWriter()
    code.line("\(ports.signature) {")
    code.directive("#ifndef __BAMBU__")
    code.directive(
      design.isDataflow ? "#pragma HLS DATAFLOW" : "#pragma HLS PIPELINE II=\(max(design.interval, 1))")
    for port in ports.inputs {
      let isWide = port.type.count * port.type.format.width > HLSProject.widestWord
      code.directive(
        "#pragma HLS \(isWide ? "ARRAY_PARTITION" : "ARRAY_RESHAPE") variable=\(port.name) type=complete")
      code.directive("#pragma HLS INTERFACE mode=ap_vld port=\(port.name)")
    }
    for port in ports.outputs {
      code.directive("#pragma HLS ARRAY_PARTITION variable=\(port.name) type=complete")
      code.directive("#pragma HLS INTERFACE mode=ap_vld port=\(port.name)")
    }
    code.directive("#endif")
    var body = CodeWriter(depth: 1)
    if design.isDataflow { writeProcesses(ports, &body) } else { writePipeline(ports, &body) }
    return code.text + body.text + "}\n"
  }

  /// Layers as stages of one pipeline.
  private mutating func writePipeline(_ ports: Ports, _ body: inout CodeWriter) {
    let scope = FunctionScope(program, layer: nil)
    for port in ports.inputs {
      let index = layout.root[port.value.index]
      declare(index, scope, &body)
      body.loop("i", port.type.count, .unrolled) { $0.line("\(layout.names[index])[i] = \(port.name)[i];") }
    }
    recordUncomputed(&body) { layout.name($0) }
    for segment in layout.segments {
      body.line("")
      for index in segment.writes { declare(index, scope, &body) }
      let arguments = (segment.reads + segment.writes).map { layout.names[$0] }
      body.line("\(segment.function)(\(arguments.joined(separator: ", ")));\(remark(segment))")
    }
    body.line("")
    for port in ports.outputs {
      let value = outputWord(port.value)
      body.loop("i", port.type.count, .unrolled) { $0.line("\(port.name)[i] = \(value);") }
    }
  }

  /// Layers as processes of a dataflow: every array has one writer and one reader, so that a value with several
  /// readers is copied, and one that goes out is written to the port.
  private mutating func writeProcesses(_ ports: Ports, _ body: inout CodeWriter) {
    let scope = FunctionScope(program, layer: nil)
    // Who reads each value: functions, then ports (nil).
    var readers: [Int: [String?]] = [:]
    for segment in layout.segments { for index in segment.reads { readers[index, default: []].append(nil) } }
    for port in ports.outputs where program.constant(layout.holder(port.value)) == nil {
      readers[layout.root[port.value.index], default: []].append(port.name)
    }
    // The arrays its readers take, in that order.
    var arrays: [Int: [String]] = [:]

    /// Names the array a value is written to, and copies it for its readers once `write` has made it.
    func make(_ index: Int, at port: String?, _ body: inout CodeWriter, _ write: (inout CodeWriter) -> Void) {
      let wanted = readers[index] ?? []
      let name = layout.names[index]
      if wanted.count == 1, port == nil || wanted[0] == nil {
        arrays[index] = [wanted[0] ?? port ?? name]
        if port == nil, wanted[0] == nil { declare(index, scope, &body) }
        return write(&body)
      }
      if port == nil { declare(index, scope, &body) }
      write(&body)
      var source = port ?? name
      for (number, target) in wanted.enumerated() {
        let isLast = number == wanted.count - 1
        let copy = target ?? layout.identifier("\(name)_copy")
        if target == nil { declare(index, as: copy, scope, &body) }
        arrays[index, default: []].append(copy)
        let count = program.instructions[index].type.count
        if isLast {
          kernels.insert(.copy)
          body.line("tf::copy<\(count)>(\(source), \(copy));")
        } else {
          let rest = layout.identifier("\(name)_rest")
          declare(index, as: rest, scope, &body)
          kernels.insert(.duplicate)
          body.line("tf::duplicate<\(count)>(\(source), \(copy), \(rest));")
          source = rest
        }
      }
    }
    var portOf: [Int: String] = [:]
    for port in ports.inputs { portOf[port.value.index] = port.name }
    recordUncomputed(&body) { portOf[$0.index] ?? layout.name($0) }
    for port in ports.inputs { make(port.value.index, at: port.name, &body) { _ in } }
    for segment in layout.segments {
      body.line("")
      let inputs = segment.reads.map { arrays[$0]?.removeFirst() ?? layout.names[$0] }
      // The function's results have their names before it is called, and are copied after.
      var targets: [String] = []
      for index in segment.writes {
        let wanted = readers[index] ?? []
        targets.append(wanted.count == 1 ? wanted[0] ?? layout.names[index] : layout.names[index])
      }
      let call = "\(segment.function)(\((inputs + targets).joined(separator: ", ")));\(remark(segment))"
      var rest = segment.writes[...]
      func next(_ body: inout CodeWriter) {
        guard let index = rest.popFirst() else { return body.line(call) }
        make(index, at: nil, &body, next)
      }
      next(&body)
    }
    for port in ports.outputs where program.constant(layout.holder(port.value)) != nil {
      let value = outputWord(port.value)
      body.loop("i", port.type.count, .unrolled) { $0.line("\(port.name)[i] = \(value);") }
    }
  }

  /// Records the layers whose results no function makes: inputs, seen in the array `name` gives.
  private func recordUncomputed(_ code: inout CodeWriter, _ name: (ValueID) -> String) {
    let made = Set(layout.segments.flatMap(\.instructions))
    for (number, layer) in program.layers.enumerated() {
      guard let result = layer.result, !made.contains(layout.root[result.index]) else { continue }
      let holder = layout.holder(result)
      if program.constant(holder) == nil { record(number, result, in: name(holder), &code) }
    }
  }

  mutating func outputWord(_ id: ValueID) -> String {
    let holder = layout.holder(id)
    guard program.constant(holder) != nil else { return "\(layout.name(holder))[i]" }
    return "tf::word<\(layout.typeName(holder))>(\(table(of: holder))[i])"
  }

  private func remark(_ segment: Layout.Segment) -> String {
    guard let layer = segment.layer else { return "" }
    return "  // \(Identifiers.comment(program.layers[layer].className))"
  }
}

/// Writes the top function of an io_stream design.
extension StreamEmitter {
  /// The top function: the FIFOs and the calls.
  func topFunction(_ ports: Ports) -> String {
    var code = CodeWriter()
    code.line("\(ports.signature) {")
    code.directive("#pragma HLS DATAFLOW")
    for port in ports.inputs + ports.outputs {
      // Co-simulation buffers a whole event at a port: less hangs it.
      let tokens = port.type.count / max(1, port.tokenWords)
      code.directive("#pragma HLS INTERFACE mode=ap_fifo port=\(port.name) depth=\(tokens)")
    }
    var body = CodeWriter(depth: 1)
    for (number, channel) in flow.channels.enumerated() where !channel.isPort {
      body.line("hls::stream<\(channels.tokenTypes[number])> \(channels.names[number]);")
      body.directive("#pragma HLS STREAM variable=\(channels.names[number]) depth=\(channel.depth)")
      if let memory = flow.memory(channel) {
        body.directive(
          "#pragma HLS BIND_STORAGE variable=\(channels.names[number]) type=fifo impl=\(memory.kind.rawValue)"
        )
      }
    }
    for (number, process) in flow.processes.enumerated() {
      let arguments = (process.reads + process.writes).map { channels.names[$0] }
      body.line("\(functions[number])(\(arguments.joined(separator: ", ")));")
    }
    return code.text + body.text + "}\n"
  }
}
