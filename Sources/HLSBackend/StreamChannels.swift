import Backends
import Program
import Scheduling

/// The FIFOs and ports of an io_stream design as C++: their names and token types, and how tokens pass.
struct StreamChannels {
  let flow: Dataflow
  /// The names of the FIFOs and ports, by channel.
  let names: [String]
  /// The name of each channel's token type.
  let tokenTypes: [String]

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
  }

  /// Tokens of one type: so many words of a value.
  private struct TokenKey: Hashable {
    var value, words: Int
  }

  /// The ports of the top function.
  func ports(_ layout: Layout) -> Ports {
    func port(_ channel: Int, _ value: ValueID) -> Ports.Port {
      Ports.Port(
        name: names[channel], value: value, type: flow.program[value].type,
        typeName: layout.typeName(layout.holder(value)), token: tokenTypes[channel],
        tokenWords: flow.channels[channel].words)
    }
    return Ports(
      top: layout.projectName, inputs: flow.inputs.map { port($0, flow.channels[$0].value) },
      outputs: zip(flow.outputs, flow.program.outputs).map { port($0, $1) })
  }

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

  // MARK: Tokens

  /// Declares the array of a value read and fills it with one firing's tokens, of so many firings per event.
  func read(
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

  /// Gives one firing's tokens of a value, of so many firings per event.
  func write(
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
}
