/// One event's passage through a network in which nobody runs ahead of the readers: what FIFOs are sized for.
///
/// From the run in which everything happens as soon as it can, processes are taken from the outputs backwards.
/// A firing that gives tokens is put off as far as their readers allow; one that gives none happens as early as
/// before, so that tokens do not wait for it. A process that produces faster than its reader is so slowed down, and
/// one that waits for slower producers is not. No output token is later than in the fastest run.
struct Pacing {
  /// Per process and firing, the cycles in which it begins and ends.
  private(set) var begun: [[Int]]
  private(set) var ended: [[Int]]
  /// Per channel, the cycle in which each token is written and taken.
  private(set) var written: [[Int]]
  private(set) var taken: [[Int]]

  /// The longest any process is busy with the event, until it can begin the next.
  var period: Int {
    zip(zip(begun, ended), restarts).map { ($0.1.last ?? 0) - ($0.0.first ?? 0) + 1 + $1 }.max() ?? 1
  }

  private let restarts: [Int]

  /// Paces a run given by the cycles in which each process's firings begin and end at the earliest.
  init(_ flow: Dataflow, scripts: [Dataflow.Script], begun: [[Int]], ended: [[Int]]) {
    (self.begun, self.ended) = (begun, ended)
    restarts = scripts.map(\.restart)
    written = flow.channels.map { _ in [] }
    taken = written
    for number in flow.processes.indices.reversed() {
      let script = scripts[number]
      let isLast = script.writes.contains { flow.channels[$0.channel].isPort }
      if !isLast { pace(number, script) }
      bringTogether(number, script, upTo: script.writes.compactMap { $0.at.firstIndex(of: true) }.min() ?? 0)
      gather(script.reads, self.begun[number], into: \.taken)
      gather(script.writes, self.ended[number], into: \.written)
    }
  }

  private mutating func gather(
    _ list: [(channel: Int, at: [Bool])], _ times: [Int], into tokens: WritableKeyPath<Pacing, [[Int]]>
  ) {
    for (channel, at) in list { self[keyPath: tokens][channel] = zip(at, times).filter(\.0).map(\.1) }
  }

  private mutating func pace(_ number: Int, _ script: Dataflow.Script) {
    let (earliest, count, capacity) = (begun[number], script.firings, script.capacity)
    // The latest ends the readers allow; firings after the last that gives something keep their distance.
    var limit = [Int](repeating: .max, count: count)
    for (channel, at) in script.writes {
      var token = 0
      for k in 0..<count where at[k] {
        if token < taken[channel].count { limit[k] = min(limit[k], taken[channel][token] - 1) }
        token += 1
      }
    }
    let gives = limit.map { $0 != .max }
    guard let last = gives.lastIndex(of: true) else { return }
    for k in (last + 1)..<max(count, last + 1) {
      limit[k] = max(ended[number][k], limit[last] + (k - last) * script.interval)
    }
    var latestBegin = [Int](repeating: .max, count: count)
    var latestEnd = limit
    for k in stride(from: count - 1, through: 0, by: -1) {
      if k + 1 < count { latestEnd[k] = min(latestEnd[k], latestEnd[k + 1] - 1) }
      if k + capacity < count { latestEnd[k] = min(latestEnd[k], latestBegin[k + capacity] - 1) }
      latestBegin[k] = latestEnd[k] - script.latency
      if k + 1 < count { latestBegin[k] = min(latestBegin[k], latestBegin[k + 1] - script.interval) }
    }
    for k in 0..<count {
      var begin = gives[k] ? latestBegin[k] : earliest[k]
      if k > 0 { begin = max(begin, begun[number][k - 1] + script.interval) }
      if k >= capacity { begin = max(begin, ended[number][k - capacity] + 1) }
      begun[number][k] = begin
      ended[number][k] = gives[k] ? latestEnd[k] : begin + script.latency
      if k > 0 { ended[number][k] = max(ended[number][k], ended[number][k - 1] + 1) }
    }
  }

  /// Firings that could happen long before the first token comes (padding above an image) wait for it, so that
  /// the process is not busy meanwhile.
  private mutating func bringTogether(_ number: Int, _ script: Dataflow.Script, upTo first: Int) {
    let times = begun[number]
    var (widest, place) = (0, 0)
    for k in 0..<first + 1 where k > 0 {
      let gap = times[k] - times[k - 1] - script.interval
      if gap > widest { (widest, place) = (gap, k) }
    }
    for k in stride(from: place - 1, through: 0, by: -1) {
      begun[number][k] = begun[number][k + 1] - script.interval
      ended[number][k] = begun[number][k] + script.latency
    }
  }
}
