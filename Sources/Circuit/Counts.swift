import FixedPoint
import Program

/// What a circuit is made of, counted node by node, and how fast it is by a family's delays.
public struct CircuitCounts: Hashable, Sendable {
  /// Six-input lookup tables.
  public var lut = 0
  /// Register bits, `valid` apart.
  public var ff = 0
  /// Blocks of eight bits of carry chain.
  public var carry = 0
  /// DSP blocks: products of two words that are not built of logic.
  public var dsp = 0
  /// Block RAMs of 18 kbit: tables that are not built of logic.
  public var ram = 0

  /// Adds up.
  public static func + (a: CircuitCounts, b: CircuitCounts) -> CircuitCounts {
    CircuitCounts(
      lut: a.lut + b.lut, ff: a.ff + b.ff, carry: a.carry + b.carry, dsp: a.dsp + b.dsp, ram: a.ram + b.ram)
  }
}

extension Circuit {
  /// What the whole is made of; `valid` has `latency` register bits besides.
  public var counts: CircuitCounts { countsByNode.reduce(CircuitCounts(), +) }

  /// What every node is made of, as tools map it: logic that constants decide, that is made elsewhere too or that nobody reads
  /// takes nothing, and what a reader's lookup table takes in is counted there (Sources/Circuit/Mapping).
  public var countsByNode: [CircuitCounts] {
    let builder = CellBuilder(self)
    let cover = Cells.Cover(builder.cells, outputs: builder.outputs, blocks: builder.blocks)
    return nodes.indices.map { index in
      var counts = CircuitCounts(
        lut: cover.tables[index] ?? 0, ff: cover.registers[index] ?? 0, carry: cover.carries[index] ?? 0)
      switch nodes[index].operation {
      case .multiply: counts.dsp = 1
      case .table(let table, let address) where tables[table].isBlock:
        counts.ram = BlockOptions.blockRAMs(index: self[address].width, width: nodes[index].width)
      case .input, .constant, .sum, .compare, .mux, .table, .slice, .concatenate, .register, .state: break
      }
      return counts
    }
  }

  /// The longest path between registers, in picoseconds, the register's own time included, and how many lookup tables and carry
  /// chains are on the path with the most. An estimate: it is the model's.
  public func longestPath(_ model: DelayModel) -> (period: Int, levels: Int) {
    let timing = Timing(self, model)
    var arrival = [Int](repeating: 0, count: nodes.count)
    var levels = arrival
    for (index, node) in nodes.enumerated() {
      switch node.operation {
      case .register, .state: continue
      case .input, .constant, .sum, .compare, .mux, .table, .multiply, .slice, .concatenate: break
      }
      let delay = timing.delays[index]
      arrival[index] = delay + (timing.operands[index].map { arrival[$0] }.max() ?? 0)
      levels[index] = model.levels(node, in: self) + (timing.operands[index].map { levels[$0] }.max() ?? 0)
    }
    for (index, node) in nodes.enumerated() {
      guard case .state(_, let first?, let next) = node.operation, self[first].constant == nil else {
        continue
      }
      arrival[index] = max(arrival[first.index], arrival[next.index]) + model.choice
      levels[index] = max(levels[first.index], levels[next.index]) + 1
    }
    return ((arrival.max() ?? 0) + model.register, levels.max() ?? 0)
  }
}
