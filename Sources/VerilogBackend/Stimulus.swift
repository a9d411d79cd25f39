import Backends
import Diagnostics
import FixedPoint

/// What a test bench plays, cycle by cycle: events back to back, then with pauses, and a reset with events on their way.
struct Stimulus {
  /// One cycle.
  struct Cycle {
    var isReset = false
    /// The event that enters; nil: `valid_in` is 0, and the words are anything.
    var event: Int?
  }

  /// The events' words, all inputs one after the other.
  let events: [[Raw]]
  let ports: [ProjectFile.Port]
  let latency: Int
  let interval: Int
  let cycles: [Cycle]
  /// By cycle: the event whose results must stand there; nil: `valid_out` must be 0.
  let results: [Int?]

  init(events: [[Raw]], ports: [ProjectFile.Port], latency: Int, interval: Int) {
    (self.events, self.ports, self.latency, self.interval) = (events, ports, latency, interval)
    var generator = SplitMix64(seed: 0x6265_6e63_68)
    var cycles = Array(repeating: Cycle(), count: 3)
    let half = (events.count + 1) / 2
    // An event, and the cycles before the next one may enter.
    func turn(_ event: Int) -> [Cycle] {
      [Cycle(event: event)] + Array(repeating: Cycle(), count: interval - 1)
    }
    cycles += (0..<half).flatMap(turn)
    // These are on their way, or just done, when the reset comes; some come again later.
    let lost = min(latency / interval + 2, events.count)
    cycles += (0..<lost).flatMap { turn(events.count - 1 - $0) }
    // In the middle of a loop.
    cycles.removeLast((interval - 1) / 2)
    cycles.append(Cycle(isReset: true, event: events.isEmpty ? nil : 0))
    for event in half..<max(half, events.count) {
      while generator.next() % 4 == 0 { cycles.append(Cycle()) }
      cycles += turn(event)
    }
    cycles += Array(repeating: Cycle(), count: latency + 2)
    self.cycles = cycles
    var results: [Int?] = []
    var moving: [Int?] = Array(repeating: nil, count: latency)
    for cycle in cycles {
      moving.append(cycle.event)
      results.append(moving.removeFirst())
      if cycle.isReset { moving = Array(repeating: nil, count: latency) }
    }
    self.results = results
  }

  /// stimulus.dat (see templates/verilog/bench.v).
  var text: String {
    var generator = SplitMix64(seed: 0x7061_7573_65)
    return cycles.map { cycle in
      var bits = BitLine()
      bits.append(cycle.isReset ? 1 : 0, 1)
      bits.append(cycle.event == nil ? 0 : 1, 1)
      var place = 0
      for port in ports {
        for _ in 0..<port.words {
          let word = cycle.event.map { events[$0][place] } ?? Raw(truncatingIfNeeded: generator.next())
          bits.append(word, port.width)
          place += 1
        }
      }
      return bits.parts(of: 256) + "\n"
    }.joined()
  }

  /// expected.dat for the words of all outputs, event by event.
  func expected(_ outputs: [[Raw]], ports: [ProjectFile.Port]) -> String {
    results.map { event in
      var bits = BitLine()
      bits.append(event == nil ? 0 : 1, 1)
      var place = 0
      for port in ports {
        for _ in 0..<port.words {
          bits.append(event.map { outputs[$0][place] } ?? 0, port.width)
          place += 1
        }
      }
      return bits.hexadecimal + "\n"
    }.joined()
  }

  /// The events' results among the lines of results.dat.
  ///
  /// - Throws: `checkFailed` where `valid_out` is not as promised, results have undefined bits, or an event that came twice
  ///   has two results.
  func outputs(_ lines: [Substring.UTF8View], ports: [ProjectFile.Port]) throws(Failure) -> [[Raw]] {
    var found: [[Raw]?] = Array(repeating: nil, count: events.count)
    guard lines.count >= results.count else {
      throw Failure(.unavailable, "the simulation stopped after \(lines.count) of \(results.count) cycles")
    }
    for (cycle, event) in results.enumerated() {
      let line = BitLine(hexadecimal: lines[cycle])
      guard let valid = line.word(from: 0, width: 1, signed: false), (valid == 1) == (event != nil) else {
        throw Failure(
          .checkFailed,
          "cycle \(cycle) of the simulation: valid_out is \(event == nil ? "1" : "0 or undefined") where \(event == nil ? "0" : "1") was promised (latency \(latency), \(interval == 1 ? "a new event with every clock" : "a new event every \(interval) cycles"))"
        )
      }
      guard let event else { continue }
      var words: [Raw] = []
      var offset = 1
      for port in ports {
        for _ in 0..<port.words {
          guard let word = line.word(from: offset, width: port.width, signed: port.isSigned) else {
            throw Failure(.checkFailed, "cycle \(cycle) of the simulation: \(port.name) has undefined bits")
          }
          words.append(word)
          offset += port.width
        }
      }
      if let before = found[event], before != words {
        throw Failure(
          .checkFailed, "cycle \(cycle) of the simulation: event \(event) has other results than before")
      }
      found[event] = words
    }
    return found.map { $0 ?? [] }
  }
}

/// Bits side by side, the first lowest.
struct BitLine {
  private var nibbles: [UInt8] = []
  private var count = 0

  init() {}

  /// Adds the low bits of a word.
  mutating func append(_ word: Raw, _ width: Int) {
    var (rest, left) = (word, width)
    while left > 0 {
      let free = count % 4
      if free == 0 { nibbles.append(0) }
      let taken = min(4 - free, left)
      nibbles[nibbles.count - 1] |= UInt8(truncatingIfNeeded: rest & ((1 << Raw(taken)) - 1)) << UInt8(free)
      rest >>= Raw(taken)
      (left, count) = (left - taken, count + taken)
    }
  }

  private static let digits = Array("0123456789abcdef".utf8)

  /// The bits as one number.
  var hexadecimal: String { String(decoding: nibbles.reversed().map { Self.digits[Int($0)] }, as: UTF8.self) }

  /// The bits as numbers of so many bits, the lowest first.
  func parts(of bits: Int) -> String {
    stride(from: 0, to: nibbles.count, by: bits / 4).map { start in
      let part = nibbles[start..<min(start + bits / 4, nibbles.count)]
      return String(decoding: part.reversed().map { Self.digits[Int($0)] }, as: UTF8.self)
    }.joined(separator: " ")
  }

  /// Reads a number; digits that are none stand for undefined bits.
  init(hexadecimal text: Substring.UTF8View) {
    nibbles = text.reversed().map { digit in
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
      default: 255
      }
    }
    count = nibbles.count * 4
  }

  /// The word in some of the bits; nil where one is undefined or missing.
  func word(from low: Int, width: Int, signed: Bool) -> Raw? {
    guard width > 0, (low + width - 1) / 4 < nibbles.count else { return nil }
    var word: Raw = 0
    for place in stride(from: (low + width - 1) / 4, through: low / 4, by: -1) {
      if nibbles[place] == 255 { return nil }
      let shift = place * 4 - low
      let nibble = Raw(nibbles[place])
      word |= shift >= 0 ? nibble << Raw(shift) : nibble >> Raw(-shift)
    }
    let spare = Raw(128 - width)
    let high = word << spare
    return signed ? high >> spare : Raw(bitPattern: UInt128(bitPattern: high) >> UInt128(spare))
  }
}
