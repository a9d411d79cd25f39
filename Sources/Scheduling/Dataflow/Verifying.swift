import Diagnostics
import Program

extension Dataflow {
  /// Checks every invariant of the network of a program; all violations are reported.
  ///
  /// 1. It is that program's network.
  /// 2. A channel has one writer and one reader; a port has one of them, and inputs and outputs are ports.
  /// 3. Its tokens are all words of its value, no wider than a stream can be, and a FIFO has room for one at least.
  /// 4. Processes come after those they read from, and have a positive interval and latency.
  /// 5. The scripts of a channel's two ends agree on its tokens.
  /// 6. With the FIFOs' depths, events pass: nobody waits forever, even if every process ends a firing before it begins the
  ///    next.
  ///
  /// For 5 and 6 the network is run, as it was for its schedule: that takes no longer than the schedule did.
  public func verify(_ own: Program) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    if program.instructions != own.instructions {
      problems.append(Diagnostic("the network is another program's"))
    }
    func name(_ channel: Int) -> String { program[channels[channel].value].name }
    var writers = Array(repeating: [Int](), count: channels.count)
    var readers = writers
    for (number, process) in processes.enumerated() {
      guard (process.reads + process.writes).allSatisfy(channels.indices.contains) else {
        return problems + [Diagnostic("process \(number) has a channel that there is not")]
      }
      for channel in process.writes { writers[channel].append(number) }
      for channel in process.reads { readers[channel].append(number) }
      if process.interval < 1 || process.latency < 1 {
        problems.append(
          Diagnostic(
            place: process.layer.map { program.layers[$0].name },
            "a process of interval \(process.interval) and latency \(process.latency)"))
      }
    }
    for (number, channel) in channels.enumerated() {
      func report(_ message: String) { problems.append(Diagnostic(place: name(number), message)) }
      let wanted = (inputs.contains(number) ? 0 : 1, outputs.contains(number) ? 0 : 1)
      if (writers[number].count, readers[number].count) != wanted {
        report("a channel of \(writers[number].count) writers and \(readers[number].count) readers")
      }
      if channel.isPort != (wanted != (1, 1)) { report("a port inside, or a FIFO outside") }
      if channel.words < 1 || channel.tokens * channel.words != program[channel.value].type.count {
        report("\(channel.tokens) tokens of \(channel.words) words do not make the value")
      }
      if channel.words > 1, bits(channel) > Self.widestToken { report("tokens of \(bits(channel)) bits") }
      if !channel.isPort, channel.depth < 1 { report("a FIFO of depth \(channel.depth)") }
      if let writer = writers[number].first, let reader = readers[number].first, writer >= reader {
        report("is read before it is written")
      }
    }
    // Scripts and runs mean something only where the network is whole.
    guard problems.isEmpty else { return problems }
    for (number, process) in processes.enumerated() {
      let script = script(number)
      for (channel, at) in script.reads + script.writes
      where at.count(where: { $0 }) != channels[channel].tokens {
        problems.append(
          Diagnostic(
            place: process.layer.map { program.layers[$0].name },
            "passes \(at.count(where: { $0 })) of \(channels[channel].tokens) tokens of \(name(channel))"))
      }
    }
    guard problems.isEmpty else { return problems }
    for channel in timing(events: 1, oneByOne: true).full {
      problems.append(
        Diagnostic(place: name(channel), "locks up: a FIFO of \(channels[channel].depth) is full"))
    }
    return problems
  }
}
