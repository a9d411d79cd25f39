import Backends
import FixedPoint
import Program
import Scheduling

/// Writes the processes that only move tokens.
extension StreamEmitter {
  func writeWire(
    _ process: Dataflow.Process, _ index: Int, _ emission: inout Emission, _ code: inout CodeWriter
  ) {
    guard let wire = flow.wire(process) else { return }
    let inputs = flow.operandChannels(process)
    var writer = WireWriter(
      channels: channels, index: index, words: wire.words, source: inputs[0], target: process.writes.first)
    switch wire.plan {
    case .places(let axes, let fills): writer.places(axes, fills: fills, &emission, &code)
    case .join(let outer, let runs): writer.join(inputs, outer, runs, &emission, &code)
    case .repeats(let outer, let counts, let inner):
      writer.repeats(outer, counts, inner, flow.wireMemory(process), &emission, &code)
    case .reorder(let lengths, let strides, let axis, let indices):
      writer.memory = flow.wireMemory(process)
      writer.reorder(lengths, strides, axis, indices, &emission, &code)
    }
  }

  /// Tokens of one width into those of another: wide ones are shifted out or in.
  func writeRepack(_ process: Dataflow.Process, _ emission: Emission, _ code: inout CodeWriter) {
    let (source, target) = (flow.channels[process.reads[0]], flow.channels[process.writes[0]])
    let type = emission.layout.typeName(source.value)
    let (from, to) = (channels.names[process.reads[0]], channels.names[process.writes[0]])
    let (wide, narrow) = (max(source.words, target.words), min(source.words, target.words))
    let isApart = source.words > target.words
    code.line("\(type) wide[\(wide)];")
    code.directive("#pragma HLS ARRAY_PARTITION variable=wide type=complete")
    code.loop("t", min(source.tokens, target.tokens), .plain) { code in
      code.loop("k", wide / narrow, .flowing(every: 1)) { code in
        if isApart {
          code.line("if (k == 0) tf::read<\(wide)>(\(from), wide);")
          code.line("tf::write<\(narrow)>(\(to), wide);")
        } else {
          code.line("\(type) part[\(narrow)];")
          code.directive("#pragma HLS ARRAY_PARTITION variable=part type=complete")
          code.line("tf::read<\(narrow)>(\(from), part);")
        }
        code.loop("c", wide - narrow, .unrolled) { $0.line("wide[c] = wide[c + \(narrow)];") }
        if !isApart {
          code.loop("c", narrow, .unrolled) { $0.line("wide[\(wide - narrow) + c] = part[c];") }
          code.line("if (k == \(wide / narrow - 1)) tf::write<\(wide)>(\(to), wide);")
        }
      }
    }
  }
}

/// Writes one wire process.
private struct WireWriter {
  let channels: StreamChannels
  let index: Int
  let words: Int
  /// The channel of the first operand, and that of the result.
  let source: Int
  let target: Int?
  /// What a reordered tensor is kept in.
  var memory: Memory?

  private var flow: Dataflow { channels.flow }

  /// Declares the array of a token of the result.
  private func declareToken(_ emission: Emission, _ code: inout CodeWriter) {
    let id = ValueID(index)
    code.line("\(emission.layout.typeName(id)) \(emission.layout.name(id))[\(words)];")
    code.directive("#pragma HLS ARRAY_PARTITION variable=\(emission.layout.name(id)) type=complete")
  }

  /// Fills it from a channel, whose words may have a narrower format.
  private func read(_ channel: Int, _ emission: inout Emission, _ code: inout CodeWriter) {
    let (name, value) = (emission.layout.name(ValueID(index)), flow.channels[channel].value)
    let own = flow.program.instructions[index].type.format
    if flow.program[value].type.format.hasSameWords(as: own) {
      return channels.take(channel, into: name, &emission, &code)
    }
    let part = emission.layout.name(value)
    code.line("\(emission.layout.typeName(value)) \(part)[\(words)];")
    code.directive("#pragma HLS ARRAY_PARTITION variable=\(part) type=complete")
    channels.take(channel, into: part, &emission, &code)
    code.loop("c", words, .unrolled) { $0.line("\(name)[c] = \(part)[c];") }
  }

  /// Records the result's token and gives it.
  private func give(_ emission: Emission, _ code: inout CodeWriter) {
    emission.recordLayers(
      of: [index], count: words, FunctionScope(flow.program, layer: nil), &code)
    if let target {
      code.line("tf::write<\(words)>(\(channels.names[target]), \(emission.layout.name(ValueID(index))));")
    }
  }

  /// A nest of loops over p0, p1, …, whose innermost takes a token each cycle.
  private func nest(
    _ lengths: [Int], counting counters: StepCounters = StepCounters(rank: 0), _ code: inout CodeWriter,
    _ body: (inout CodeWriter) -> Void
  ) {
    counters.declare(&code)
    func level(_ axis: Int, _ code: inout CodeWriter) {
      if axis == lengths.count {
        counters.advance(&code)
        return body(&code)
      }
      code.loop("p\(axis)", lengths[axis], axis == lengths.count - 1 ? .flowing(every: 1) : .plain) {
        level(axis + 1, &$0)
      }
    }
    level(0, &code)
  }

  func places(_ axes: [Wire.Axis], fills: Bool, _ emission: inout Emission, _ code: inout CodeWriter) {
    var tests: [String] = []
    var counters = StepCounters(rank: axes.count)
    for (axis, walked) in axes.enumerated() {
      counters.add(axis, first: walked.from, step: walked.step)
      if walked.from > 0 { tests.append("p\(axis) >= \(walked.from)") }
      if walked.last < walked.length - 1 { tests.append("p\(axis) <= \(walked.last)") }
      if walked.step > 1 { tests.append(counters.isWhole(axis)) }
    }
    let test = tests.joined(separator: " && ")
    let type = flow.program.instructions[index].type
    if type.format.width > 64, fills { emission.kernels.insert(.wide) }
    guard case .rearrange(let wiring) = flow.program.instructions[index].operation else { return }
    let padding = type.format.word(wiring.fill, as: emission.layout.typeName(ValueID(index)))
    nest(axes.map(\.length), counting: counters, &code) { code in
      declareToken(emission, &code)
      if fills, !tests.isEmpty {
        code.block("if (\(test))") { read(source, &emission, &$0) }
        code.block("else") { code in
          code.loop("c", words, .unrolled) {
            $0.line("\(emission.layout.name(ValueID(index)))[c] = \(padding);")
          }
        }
      } else {
        read(source, &emission, &code)
      }
      if fills || tests.isEmpty {
        give(emission, &code)
      } else {
        code.block("if (\(test))") { give(emission, &$0) }
      }
    }
  }

  func join(
    _ inputs: [Int], _ outer: Int, _ runs: [Int], _ emission: inout Emission, _ code: inout CodeWriter
  ) {
    nest((outer > 1 ? [outer] : []) + [runs.reduce(0, +)], &code) { code in
      declareToken(emission, &code)
      var end = 0
      for (operand, input) in inputs.enumerated() {
        end += runs[operand]
        let test = operand == inputs.count - 1 ? "" : "if (p\(outer > 1 ? 1 : 0) < \(end))"
        let head = operand == 0 ? test : test.isEmpty ? "else" : "else \(test)"
        code.block(head) { read(input, &emission, &$0) }
      }
      give(emission, &code)
    }
  }

  func repeats(
    _ outer: Int, _ counts: [Int], _ inner: Int, _ memory: Memory?, _ emission: inout Emission,
    _ code: inout CodeWriter
  ) {
    let (name, type) = (emission.layout.name(ValueID(index)), emission.layout.typeName(ValueID(index)))
    code.line("\(type) row[\(inner)][\(words)];")
    keep("row", memory, &code)
    func step(_ isNew: String, _ place: String, _ writes: String?, _ code: inout CodeWriter) {
      declareToken(emission, &code)
      code.block("if (\(isNew))") { code in
        read(source, &emission, &code)
        code.loop("c", words, .unrolled) { $0.line("row[\(place)][c] = \(name)[c];") }
      }
      code.block("else") { code in
        code.loop("c", words, .unrolled) { $0.line("\(name)[c] = row[\(place)][c];") }
      }
      if let writes {
        code.block("if (\(writes))") { give(emission, &$0) }
      } else {
        give(emission, &code)
      }
    }
    if let count = counts.first, count > 0, counts.allSatisfy({ $0 == count }) {
      // Rows, copies of a row, tokens of a row.
      return nest([outer * counts.count, count, inner], &code) { step("p1 == 0", "p2", nil, &$0) }
    }
    let flags = counts.flatMap { count in
      (0..<max(1, count)).map { ($0 == 0 ? 1 : 0) + ($0 < count ? 2 : 0) }
    }
    code.line("// Per step: 1 where a row is read, 2 where it is given.")
    code.line(
      "static const unsigned char steps[\(flags.count)] = {\(flags.map(String.init).joined(separator: ", "))};"
    )
    nest([outer, flags.count, inner], &code) { step("steps[p1] & 1", "p2", "steps[p1] & 2", &$0) }
  }

  func reorder(
    _ lengths: [Int], _ strides: [Int], _ axis: Int, _ indices: [Int], _ emission: inout Emission,
    _ code: inout CodeWriter
  ) {
    let input = flow.channels[source]
    let (name, type) = (emission.layout.name(ValueID(index)), emission.layout.typeName(ValueID(index)))
    code.line("\(type) kept[\(input.tokens)][\(words)];")
    keep("kept", memory, &code)
    code.loop("t", input.tokens, .flowing(every: 1)) { code in
      declareToken(emission, &code)
      read(source, &emission, &code)
      code.loop("c", words, .unrolled) { $0.line("kept[t][c] = \(name)[c];") }
    }
    if !indices.isEmpty {
      code.line(
        "static const int order[\(indices.count)] = {\(indices.map(String.init).joined(separator: ", "))};")
    }
    let place = lengths.indices.map { at in
      let coordinate = at == axis && !indices.isEmpty ? "order[p\(at)]" : "p\(at)"
      return strides[at] == 1 ? coordinate : "\(coordinate) * \(strides[at])"
    }.joined(separator: " + ")
    nest(lengths, &code) { code in
      declareToken(emission, &code)
      code.loop("c", words, .unrolled) { $0.line("\(name)[c] = kept[\(place)][c];") }
      give(emission, &code)
    }
  }

  /// Says what an array of tokens is built from: a memory, or registers.
  private func keep(_ name: String, _ memory: Memory?, _ code: inout CodeWriter) {
    guard let memory else {
      return code.directive("#pragma HLS ARRAY_PARTITION variable=\(name) type=complete dim=0")
    }
    code.directive("#pragma HLS ARRAY_RESHAPE variable=\(name) type=complete dim=2")
    code.directive("#pragma HLS BIND_STORAGE variable=\(name) type=ram_s2p impl=\(memory.kind.rawValue)")
  }
}
