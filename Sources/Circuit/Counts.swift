import FixedPoint
import Program

/// What a circuit is made of, counted node by node, and how fast it is by a family's delays.
public struct CircuitCounts: Hashable, Sendable {
  /// Six-input lookup tables. A tool may merge what is counted apart.
  public var lut = 0
  /// Register bits, `valid` apart.
  public var ff = 0
  /// Blocks of eight bits of carry chain.
  public var carry = 0
  /// Products of two variables.
  public var products = 0

  /// Adds up.
  public static func + (a: CircuitCounts, b: CircuitCounts) -> CircuitCounts {
    CircuitCounts(
      lut: a.lut + b.lut, ff: a.ff + b.ff, carry: a.carry + b.carry, products: a.products + b.products)
  }
}

extension Circuit {
  /// What the whole is made of; `valid` has `latency` register bits besides.
  public var counts: CircuitCounts {
    nodes.indices.reduce(CircuitCounts()) { $0 + counts(NodeID($1)) }
  }

  /// What one node is made of. Products of two variables are counted as such, without tables: they may become DSP blocks.
  public func counts(_ id: NodeID) -> CircuitCounts {
    let node = self[id]
    func row(_ bits: Int) -> CircuitCounts { CircuitCounts(lut: bits, carry: (bits + 7) / 8) }
    switch node.operation {
    case .input, .constant, .slice, .concatenate: return CircuitCounts()
    case .register: return CircuitCounts(ff: node.width)
    case .sum(let sum): return sum.isWiring ? CircuitCounts() : row(max(1, node.width - wires(sum)))
    case .compare(let comparison, let a, let b):
      let bits = max(self[a].width, self[b].width)
      guard let value = self[b].constant ?? self[a].constant else {
        // Two bits of both words in a table.
        return CircuitCounts(lut: (bits + 1) / 2, carry: (bits + 15) / 16)
      }
      // A sign is a wire.
      if value == 0 && comparison != .equal { return CircuitCounts() }
      return CircuitCounts(lut: (bits + 4) / 5)
    case .mux: return CircuitCounts(lut: node.width)
    case .table(let table, let index):
      return CircuitCounts(lut: tables[table].lookupTables(index: self[index]))
    case .multiply: return CircuitCounts(products: 1)
    }
  }

  /// The low bits of a sum that are bits of one operand: below the second-lowest one, where the lowest is not negated.
  private func wires(_ sum: Sum) -> Int {
    var lowest = sum.terms.map { (power: $0.factor.trailingZeroBitCount, isNegated: $0.isNegated) }
    if sum.constant != 0 { lowest.append((sum.constant.trailingZeroBitCount, false)) }
    lowest.sort { ($0.power, $0.isNegated ? 0 : 1) < ($1.power, $1.isNegated ? 0 : 1) }
    guard let first = lowest.first else { return 0 }
    if first.isNegated { return first.power }
    return lowest.count > 1 ? lowest[1].power : first.power
  }

  /// The longest path between registers, in picoseconds, the register's own time included, and how many operations that are not
  /// wiring are on the path with the most. An estimate: it is the model's.
  public func longestPath(_ model: DelayModel) -> (period: Int, levels: Int) {
    let timing = Timing(self, model)
    var arrival = [Int](repeating: 0, count: nodes.count)
    var levels = arrival
    for (index, node) in nodes.enumerated() {
      if case .register = node.operation { continue }
      let delay = timing.delays[index]
      arrival[index] = delay + (timing.operands[index].map { arrival[$0] }.max() ?? 0)
      levels[index] = (delay > 0 ? 1 : 0) + (timing.operands[index].map { levels[$0] }.max() ?? 0)
    }
    return ((arrival.max() ?? 0) + model.register, levels.max() ?? 0)
  }
}

extension Table {
  /// How many six-input lookup tables its bits take over an index word: each bit halved until six inputs are left, equal halves
  /// once, with the multiplexers between (those of seven and eight inputs are part of a slice).
  func lookupTables(index: Node) -> Int {
    let bits = index.width
    if bits > 16 { return Int.max >> 20 }
    let type = index.type
    let entries = (0..<1 << bits).map { pattern in self[type.wrap(Raw(pattern))] ?? 0 }
    let width = WordType(Interval(entries)).width
    var total = 0
    for bit in 0..<width {
      var known: Set<[Bool]> = []
      func count(_ values: [Bool]) -> Int {
        if values.allSatisfy({ $0 == values[0] }) { return 0 }
        let half = values.count / 2
        let (low, high) = (Array(values[..<half]), Array(values[half...]))
        if low == high { return count(low) }
        if !known.insert(values).inserted { return 0 }
        if values.count <= 64 {
          // One input as it is: a wire.
          let isWire = low.allSatisfy { !$0 } && high.allSatisfy { $0 }
          return isWire ? 0 : 1
        }
        return count(low) + count(high) + (values.count <= 256 ? 0 : 1)
      }
      total += count(entries.map { $0 >> Raw(bit) & 1 != 0 })
    }
    return total
  }
}
