/// A moment in a chain of logic: a clock cycle, and how much of it is over.
struct LogicTime: Hashable, Comparable {
  /// Whole cycles from the start.
  var cycle = 0
  /// ns of the cycle that are used, of the reference fabric.
  var used = 0.0

  static func < (a: LogicTime, b: LogicTime) -> Bool { (a.cycle, a.used) < (b.cycle, b.used) }
}

/// How the HLS tool cuts logic into cycles: an operation that does not fit into what is left of a cycle starts the next,
/// and the values that wait for it are registered.
struct LogicClock: Hashable {
  /// The usable part of the clock period, in ns of the reference fabric.
  let period: Double
  /// A product in a DSP slice, in ns of the reference fabric.
  var dspDelay = Self.referenceDSPDelay

  /// A product in an UltraScale+ DSP slice, in ns: with the first adders behind it in one cycle of 4.375 ns, as the fitted
  /// designs of 96 inputs show, which meet their two cycles.
  static let referenceDSPDelay = 2.0

  /// A product of two values in DSP slices, in ns, which is wider than one by a constant: two cycles of 4.375 ns and three of
  /// 2.91 ns in the softmax of the 7 series' reports.
  static let valueProductDelay = 3.6

  /// The clock of a fabric of a part: the usable period, in ns, and how much slower its logic is. DSP slices are hard
  /// blocks, which differ less: 3.3 ns in the 7 series.
  init(usable: Double, slowness: Double) {
    // A request for no time at all is refused elsewhere.
    period = usable > 0.001 ? usable / slowness : 0.001
    dspDelay = (Self.referenceDSPDelay + slowness - 1) / slowness
  }

  /// The cycle an operation of this delay (ns) begins in when its operands are there at `start`, and when it ends.
  func end(from start: LogicTime, _ delay: Double) -> (begin: Int, end: LogicTime) {
    var begin = start
    if start.used > 0, start.used + delay > period + 1e-9 { begin = LogicTime(cycle: start.cycle + 1) }
    var end = LogicTime(cycle: begin.cycle, used: begin.used + delay)
    // Longer than a cycle: the operation is a pipeline of its own.
    while end.used > period + 1e-9 { end = LogicTime(cycle: end.cycle + 1, used: end.used - period) }
    return (begin.cycle, end)
  }

  /// When a product is there whose operands are from the start: one that takes several cycles ends in a register.
  func product(_ delay: Double) -> LogicTime {
    if delay <= period { return LogicTime(used: delay) }
    return LogicTime(cycle: Int((delay / period).rounded(.up)))
  }

  /// The delay of a product by a constant, in ns. One of LUTs is not cut: the tool reports a longer period instead.
  func multiplierDelay(_ binding: MultiplierBinding) -> Double {
    binding == .fabric ? period : dspDelay
  }

  /// The same time in ns.
  func delay(_ time: LogicTime) -> Double { Double(time.cycle) * period + time.used }
}
