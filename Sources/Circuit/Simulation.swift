import FixedPoint
import Program

extension Circuit {
  /// Runs one event through the logic alone, registers taken as wires: the words of all nodes, by node.
  ///
  /// - Parameter event: the words of each of `inputs`, row major, in its format.
  /// - Precondition: the circuit passes `verify()` and has no loops.
  public func evaluate(_ event: [[Raw]]) -> [Raw] {
    precondition(loops.isEmpty, "steps of loops are one behind the other")
    var words = [Raw](repeating: 0, count: nodes.count)
    for (port, values) in zip(inputs, event) {
      for (id, value) in zip(port.words, values) { words[id.index] = value }
    }
    for index in nodes.indices {
      if case .register(let operand) = nodes[index].operation {
        words[index] = words[operand.index]
      } else {
        compute(index, &words)
      }
    }
    return words
  }

  /// Computes the word of a node that is no input, register or state from its operands' words.
  fileprivate func compute(_ index: Int, _ words: inout [Raw]) {
    let exact: Raw
    // Modulo 2^128 on the way: what is kept of a result are low bits.
    switch nodes[index].operation {
    case .input, .register, .state: return
    case .constant(let word): exact = word
    case .sum(let sum):
      exact = sum.terms.reduce(sum.constant) { total, term in
        if let mask = term.mask, words[mask.index] == 0 { return total }
        return total &+ term.factor &* words[term.word.index]
      }
    case .compare(let comparison, let a, let b):
      exact = comparison.holds(words[a.index], words[b.index]) ? 1 : 0
    case .mux(let condition, let then, let otherwise):
      exact = words[condition.index] == 1 ? words[then.index] : words[otherwise.index]
    case .table(let table, let word): exact = tables[table][words[word.index]] ?? 0
    case .multiply(let a, let b): exact = words[a.index] &* words[b.index]
    case .slice(let word, let from): exact = words[word.index] >> Raw(from)
    case .concatenate(let parts):
      var (value, offset): (Raw, Int) = (0, 0)
      for (position, part) in parts.enumerated() {
        let (word, width) = (words[part.index], nodes[part.index].width)
        let bits = position == parts.count - 1 ? word : WordType(width, signed: false).wrap(word)
        value |= bits << Raw(offset)
        offset += width
      }
      exact = value
    }
    words[index] = nodes[index].type.wrap(exact)
  }
}

/// A circuit under a clock: the definition of what it does, cycle by cycle.
///
/// Where an event stands decides what a loop's states do: before the first step (cycle `start`) they take their first words, at
/// the end of each step (`stages` cycles each) the next ones. An event that enters earlier than `Circuit.interval` allows takes the
/// place of the one before, whose results never come.
///
/// Before the first clock registers hold anything at all; and so do inputs in cycles without an event. Both are drawn here
/// at random, each within its word's interval, so that a result which depends on them shows.
public struct Simulation: Sendable {
  /// What is simulated.
  public let circuit: Circuit
  /// The words of all nodes in the cycle computed last; of registers what they hold in the next cycle.
  public private(set) var words: [Raw]
  /// Whether an event entered so many cycles ago, the last one first.
  private var valid: [Bool]
  private var generator: SplitMix64

  /// What is seen at the outputs in one cycle.
  public struct Cycle: Hashable, Sendable {
    /// Whether the words are an event's results.
    public let valid: Bool
    /// The words of each of `Circuit.outputs`.
    public let outputs: [[Raw]]
  }

  /// Powers up.
  ///
  /// - Precondition: the circuit passes `verify()`.
  public init(_ circuit: Circuit, seed: UInt64 = 1) {
    self.circuit = circuit
    generator = SplitMix64(seed: seed)
    valid = Array(repeating: false, count: circuit.latency)
    words = []
    for node in circuit.nodes { words.append(node.interval.low) }
    for (index, node) in circuit.nodes.enumerated() {
      switch node.operation {
      case .register, .state: words[index] = anything(node.interval)
      case .input, .constant, .sum, .compare, .mux, .table, .multiply, .slice, .concatenate: break
      }
    }
  }

  /// One cycle: the event's words are at the inputs (nil: no event, `valid` is 0), then comes a clock edge.
  public mutating func clock(_ event: [[Raw]]?) -> Cycle {
    for (slot, port) in circuit.inputs.enumerated() {
      for (place, id) in port.words.enumerated() {
        words[id.index] = event?[slot][place] ?? anything(circuit[id].interval)
      }
    }
    for index in circuit.nodes.indices { circuit.compute(index, &words) }
    let arrival = circuit.latency == 0 ? event != nil : valid[circuit.latency - 1]
    let seen = Cycle(valid: arrival, outputs: circuit.outputs.map { $0.words.map { words[$0.index] } })
    // All registers at once.
    let before = words
    let isIn = [event != nil] + valid
    let loads = circuit.loops.map { isIn[$0.start] }
    let ends = circuit.loops.map { loop in (1...loop.steps).contains { isIn[loop.start + $0 * loop.stages] } }
    for (index, node) in circuit.nodes.enumerated() {
      switch node.operation {
      case .register(let operand): words[index] = before[operand.index]
      case .state(let loop, let first?, _) where loads[loop]: words[index] = before[first.index]
      case .state(let loop, _, let next) where ends[loop]: words[index] = before[next.index]
      case .input, .constant, .sum, .compare, .mux, .table, .multiply, .slice, .concatenate, .state: break
      }
    }
    // Events that a loop has not done with when the next one comes are lost.
    for (loop, isLoading) in zip(circuit.loops, loads) where isLoading {
      for cycle in loop.start + 1..<loop.start + loop.length { valid[cycle - 1] = false }
    }
    if !valid.isEmpty {
      valid.removeLast()
      valid.insert(event != nil, at: 0)
    }
    return seen
  }

  /// Clears `valid`: events on their way are forgotten. Registers of words keep what they hold.
  public mutating func reset() {
    valid = Array(repeating: false, count: circuit.latency)
  }

  private mutating func anything(_ interval: Interval) -> Raw {
    let bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
    let span = UInt128(bitPattern: interval.high &- interval.low)
    return span == .max ? Raw(bitPattern: bits) : interval.low &+ Raw(bitPattern: bits % (span + 1))
  }
}

extension Comparison {
  /// Whether `a ⋄ b`.
  func holds(_ a: Raw, _ b: Raw) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .equal: a == b
    case .greaterOrEqual: a >= b
    case .greater: a > b
    }
  }
}
