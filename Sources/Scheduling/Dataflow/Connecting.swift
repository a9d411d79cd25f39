import Program

extension DataflowBuilder {
  /// Who takes a value: a process, or an output of the program (nil), and how many words at a time.
  private struct Reader {
    var process: Int?
    var words: Int
  }

  /// Joins makers and readers. A value with several readers passes through a fork; tokens of another width than a
  /// reader takes pass through a process that takes them apart or puts them together.
  mutating func connect() {
    var readers: [Int: [Reader]] = [:]
    for (number, process) in processes.enumerated() {
      let made = Set(process.instructions)
      let sources = Set(
        process.instructions.flatMap { program.instructions[$0].operands }.filter {
          !program.holdsConstant($0)
        }
        .map { root[$0.index] }
      ).subtracting(made)
      for source in sources.sorted() {
        let words = wordsWanted(process, source) ?? tokenWords[source]
        readers[source, default: []].append(Reader(process: number, words: words))
      }
    }
    var ports: [Int: [Int]] = [:]
    for (number, output) in program.outputs.enumerated() {
      let value = root[output.index]
      ports[value, default: []].append(number)
      // Outputs go out by their last axis.
      let (made, last) = (tokenWords[value], Self.tokenWords(program[output].type))
      let words = made % last == 0 || last % made == 0 ? last : made
      readers[value, default: []].append(Reader(process: nil, words: words))
    }
    outputs = Array(repeating: -1, count: program.outputs.count)
    let made = processes.flatMap(\.instructions)
    for value in (program.inputs.map(\.index) + made).sorted() {
      let isInput = program.instructions[value].operation == .input
      let wanted = readers[value] ?? []
      var portQueue = ports[value] ?? []
      if wanted.isEmpty {
        // An input nothing reads is still a port: its tokens are taken and dropped.
        if isInput {
          inputs.append(add(value, copy: 0, words: tokenWords[value], isPort: true))
          processes.append(link(.fork, from: [inputs[inputs.count - 1]], to: []))
        }
        continue
      }
      func isDirect(_ reader: Reader) -> Bool { reader.words == tokenWords[value] }
      // The value's own channel ends at its only reader, or at the process in between.
      let goesOut = wanted.count == 1 && wanted[0].process == nil && isDirect(wanted[0])
      let trunk = add(value, copy: 0, words: tokenWords[value], isPort: isInput || (goesOut && !isInput))
      if isInput {
        inputs.append(trunk)
      } else if let source = maker[value] {
        processes[source].writes.append(trunk)
      }
      if wanted.count == 1, !(isInput && goesOut) {
        finish(isDirect(wanted[0]) ? trunk : repacked(trunk, wanted[0], copy: 1), wanted[0], &portQueue)
        continue
      }
      // value → fork → one copy per reader.
      var fork = link(.fork, from: [trunk], to: [])
      for (number, reader) in wanted.enumerated() {
        let branch = add(
          value, copy: number + 1, words: tokenWords[value], isPort: reader.process == nil && isDirect(reader)
        )
        fork.writes.append(branch)
        finish(
          isDirect(reader) ? branch : repacked(branch, reader, copy: wanted.count + number + 1), reader,
          &portQueue)
      }
      processes.append(fork)
    }
    for (value, queue) in ports.sorted(by: { $0.key < $1.key }) where program.constant(ValueID(value)) != nil
    {
      for output in queue {
        let channel = add(value, copy: 0, words: tokenWords[value], isPort: true)
        outputs[output] = channel
        processes.append(link(.positions(axes: 0), from: [], to: [channel]))
      }
    }
    for number in processes.indices { leaveTime(number) }
    sort()
  }

  /// A position whose words come or go in several tokens takes as many cycles.
  private mutating func leaveTime(_ number: Int) {
    let process = processes[number]
    let firings = firings(process)
    if firings == 1 { return }
    let tokens = (process.reads + process.writes).map { channel -> Int in
      if case .window(let index) = process.kind,
        channels[channel].value.index == root[program.instructions[index].operands[0].index]
      {
        return (program[program.instructions[index].operands[0]].type.shape.last ?? 1)
          / channels[channel].words
      }
      return channels[channel].tokens / firings
    }
    let most = tokens.max() ?? 1
    processes[number].interval =
      process.hasOwnLoop ? process.interval + most - 1 : max(process.interval, most)
  }

  private func link(_ kind: Dataflow.Kind, from reads: [Int], to writes: [Int]) -> Dataflow.Process {
    Dataflow.Process(
      kind: kind, layer: nil, instructions: [], reads: reads, writes: writes, interval: 1, latency: 1)
  }

  /// A channel of the tokens that a reader takes, from one of other tokens.
  private mutating func repacked(_ channel: Int, _ reader: Reader, copy: Int) -> Int {
    let target = add(
      channels[channel].value.index, copy: copy, words: reader.words, isPort: reader.process == nil)
    processes.append(link(.repack, from: [channel], to: [target]))
    return target
  }

  private mutating func finish(_ channel: Int, _ reader: Reader, _ ports: inout [Int]) {
    if let process = reader.process {
      processes[process].reads.append(channel)
    } else {
      outputs[ports.removeFirst()] = channel
    }
  }

  private mutating func add(_ value: Int, copy: Int, words: Int, isPort: Bool) -> Int {
    channels.append(
      Dataflow.Channel(
        value: ValueID(value), copy: copy, tokens: program.instructions[value].type.count / words,
        words: words, depth: 2, isPort: isPort))
    return channels.count - 1
  }

  /// Puts every process after those it reads from, otherwise in the program's order.
  private mutating func sort() {
    var writer: [Int: Int] = [:]
    for (number, process) in processes.enumerated() {
      for channel in process.writes { writer[channel] = number }
    }
    var sorted: [Dataflow.Process] = []
    var state = [Int](repeating: 0, count: processes.count)
    func visit(_ number: Int) {
      if state[number] != 0 { return }
      state[number] = 1
      for channel in processes[number].reads { if let source = writer[channel] { visit(source) } }
      sorted.append(processes[number])
    }
    let order = processes.indices.sorted {
      (first($0), $0) < (first($1), $1)
    }
    order.forEach(visit)
    processes = sorted
  }

  private func first(_ number: Int) -> Int {
    processes[number].instructions.first ?? processes[number].reads.map { channels[$0].value.index }.first
      ?? 0
  }
}
