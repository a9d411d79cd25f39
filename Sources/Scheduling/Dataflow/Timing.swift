import Program

extension Dataflow {
  /// When things happen in a run of several events, one after the other as fast as the network takes them.
  public struct Timing: Sendable {
    /// Cycles from the first input token to the last output token of the first event.
    public var latency: Int
    /// Cycles between the last two events.
    public var interval: Int
    /// The most room each channel ever needed: tokens held when one was written, and that one. 0 for ports.
    public var occupancy: [Int]
    /// Per process, the cycles in which the first event's first firing begins and its last one ends.
    public var spans: [ClosedRange<Int>]
    /// Channels without the room that processes wait for when nothing moves any more; empty unless the
    /// network locks up.
    public var full: [Int]
  }

  /// Foretells a run of `events` events. Ports are ideal: inputs always hold tokens, outputs always have room.
  ///
  /// The cycle in which a process begins firing k is the first that is
  /// - `interval` after it began the one before, or `restart` + 1 after all firings of the event before have ended,
  /// - after firing k − `capacity` ended,
  /// - after the cycle in which each token it takes was written;
  ///
  /// and the cycle in which it ends is the first that is `latency` after, later than that of the firing before,
  /// and later than the one in which each token it gives found room. Ready times are maxima of sums of
  /// other ones, so that a run with more room or fewer demands is nowhere later.
  ///
  /// - Parameters:
  ///   - depths: instead of the channels' own; nil in it: without limit.
  ///   - oneByOne: every process ends each firing before it begins the next.
  public func timing(events: Int = 4, depths: [Int]? = nil, oneByOne: Bool = false) -> Timing {
    var run = DataflowRun(self, events: events, depths: depths ?? channels.map(\.depth), oneByOne: oneByOne)
    run.finish()
    return run.timing
  }

  /// Sets every depth from the schedule.
  ///
  /// One event passes as soon as it can, without running ahead of its readers (`Pacing`); let every process
  /// repeat that every P cycles, P the longest any is busy with one event. A FIFO gets the room which that
  /// periodic schedule uses. The real network begins everything as soon as it can, and so nothing later than
  /// that schedule: no FIFO costs latency, and the interval is at most P.
  ///
  /// That schedule supposes our latencies. The vendor's tool may build others, so the network must also run
  /// where every process ends a firing before it begins the next, the least any pipeline does; FIFOs that are
  /// full when it does not grow by one (Parks 1995). One event that passes leaves all FIFOs empty, and processes
  /// pass the same tokens whatever their timing (Kahn 1974): no run of any number of events can lock up.
  mutating func sizeChannels() {
    let pacing = pacing()
    for number in channels.indices where !channels[number].isPort {
      channels[number].depth = max(2, Self.occupancy(pacing, number))
    }
    while true {
      let full = timing(events: 1, oneByOne: true).full
      if full.isEmpty { break }
      for channel in full { channels[channel].depth += 1 }
    }
  }

  /// One event's passage with endless FIFOs, nobody running ahead.
  func pacing() -> Pacing {
    var run = DataflowRun(self, events: 1, depths: channels.map { _ in .max }, oneByOne: false)
    run.finish()
    let times = run.firstEvent
    return Pacing(self, scripts: run.scripts, begun: times.begun, ended: times.ended)
  }

  /// The room a channel needs where an event's passage is repeated with its period.
  private static func occupancy(_ pacing: Pacing, _ channel: Int) -> Int {
    let (written, taken, period) = (pacing.written[channel], pacing.taken[channel], max(1, pacing.period))
    let copies = (zip(written, taken).map { $1 - $0 }.max() ?? 0) / period + 2
    func repeated(_ times: [Int]) -> [Int] {
      (0..<copies).flatMap { copy in times.map { $0 + copy * period } }
    }
    return occupancy(repeated(written), repeated(taken))
  }

  /// The most room ever taken: a place is free again in the cycle after its token was taken.
  fileprivate static func occupancy(_ written: [Int], _ taken: [Int]) -> Int {
    var most = 0
    var gone = 0
    for (number, cycle) in written.enumerated() {
      while gone < taken.count, taken[gone] < cycle { gone += 1 }
      most = max(most, number + 1 - gone)
    }
    return most
  }
}

/// The state of a run: for every process, how far it got; for every channel, when tokens came and went.
private struct DataflowRun {
  /// How far a process got.
  private struct Progress {
    var event = 0
    /// The next firing to begin, and the next to end, of this event.
    var (begins, ends) = (0, 0)
    /// The cycle in which the last firing began.
    var begun = -1
    /// The cycle in which each firing of this event ended.
    var ended: [Int] = []
    /// The cycle in which the event before ended, if there was one.
    var free: Int?
    /// The channel whose room it waits for.
    var waitsFor: Int?
  }

  private let flow: Dataflow
  let scripts: [Dataflow.Script]
  private let events: Int
  private let depths: [Int]
  private let capacities: [Int]
  private let isInput, isOutput: [Bool]
  /// Per channel, the cycle each token was written.
  private var written: [[Int]]
  /// Per channel, the cycle each token was taken.
  private var taken: [[Int]]
  private var progress: [Progress]
  /// Per process and firing of the first event, the cycles in which it begins and ends.
  private(set) var firstEvent: (begun: [[Int]], ended: [[Int]])

  init(_ flow: Dataflow, events: Int, depths: [Int], oneByOne: Bool) {
    self.flow = flow
    self.events = events
    self.depths = depths
    scripts = flow.processes.indices.map(flow.script)
    capacities = scripts.map { oneByOne ? 1 : $0.capacity }
    isInput = flow.channels.indices.map(flow.inputs.contains)
    isOutput = flow.channels.indices.map(flow.outputs.contains)
    written = flow.channels.map { _ in [] }
    taken = written
    progress = flow.processes.map { _ in Progress() }
    firstEvent = (flow.processes.map { _ in [] }, flow.processes.map { _ in [] })
  }

  mutating func finish() {
    // Forwards for tokens, backwards for room, until nothing new is known.
    var moved = true
    while moved {
      moved = false
      for process in flow.processes.indices where advance(process) { moved = true }
      for process in flow.processes.indices.reversed() where advance(process) { moved = true }
    }
  }

  var timing: Dataflow.Timing {
    let starts = flow.inputs.compactMap { taken[$0].first }
    func end(_ event: Int) -> Int {
      flow.outputs.map { channel in
        let last = (event + 1) * flow.channels[channel].tokens - 1
        return last < written[channel].count ? written[channel][last] : 0
      }.max() ?? 0
    }
    let stuck = progress.filter { $0.event < events }
    return Dataflow.Timing(
      latency: end(0) - (starts.min() ?? 0) + 1, interval: events > 1 ? end(events - 1) - end(events - 2) : 0,
      occupancy: flow.channels.enumerated().map {
        $1.isPort ? 0 : Dataflow.occupancy(written[$0], taken[$0])
      },
      spans: zip(firstEvent.begun, firstEvent.ended).map {
        ($0.first ?? 0)...max($0.first ?? 0, $1.last ?? 0)
      },
      full: Set(stuck.compactMap(\.waitsFor)).sorted())
  }

  /// Runs a process as far as is known so far. Returns whether it moved.
  private mutating func advance(_ number: Int) -> Bool {
    var moved = false
    while progress[number].event < events {
      let begins = begin(number)
      let ends = end(number)
      if !begins && !ends { break }
      moved = true
    }
    return moved
  }

  /// Begins the next firing, if it is known when.
  private mutating func begin(_ number: Int) -> Bool {
    let script = scripts[number]
    let k = progress[number].begins
    guard k < script.firings else { return false }
    var cycle = progress[number].begun + script.interval
    if k == 0 { cycle = progress[number].free.map { $0 + 1 + script.restart } ?? 0 }
    if k >= capacities[number] {
      let before = k - capacities[number]
      guard before < progress[number].ends else { return false }
      cycle = max(cycle, progress[number].ended[before] + 1)
    }
    for (channel, at) in script.reads where at[k] && !isInput[channel] {
      let token = taken[channel].count
      guard token < written[channel].count else { return false }
      cycle = max(cycle, written[channel][token] + 1)
    }
    for (channel, at) in script.reads where at[k] { taken[channel].append(cycle) }
    if progress[number].event == 0 { firstEvent.begun[number].append(cycle) }
    progress[number].begun = cycle
    progress[number].begins += 1
    // What the end needs to know of the beginning.
    progress[number].ended.append(cycle)
    return true
  }

  /// Ends the next firing, if it is known when.
  private mutating func end(_ number: Int) -> Bool {
    let script = scripts[number]
    let k = progress[number].ends
    guard k < progress[number].begins else { return false }
    var cycle = progress[number].ended[k] + script.latency
    if k > 0 { cycle = max(cycle, progress[number].ended[k - 1] + 1) }
    progress[number].waitsFor = nil
    for (channel, at) in script.writes where at[k] && !isOutput[channel] && depths[channel] != .max {
      let place = written[channel].count - depths[channel]
      if place < 0 { continue }
      guard place < taken[channel].count else {
        progress[number].waitsFor = channel
        return false
      }
      cycle = max(cycle, taken[channel][place] + 1)
    }
    for (channel, at) in script.writes where at[k] { written[channel].append(cycle) }
    progress[number].ended[k] = cycle
    progress[number].ends += 1
    if progress[number].event == 0 { firstEvent.ended[number].append(cycle) }
    if progress[number].ends == script.firings {
      progress[number].event += 1
      progress[number].free = cycle
      (progress[number].begins, progress[number].ends) = (0, 0)
      progress[number].ended.removeAll(keepingCapacity: true)
    }
    return true
  }
}
