extension Cells {
  /// What of the cells is used, and on how many lookup tables it is mapped, by node.
  struct Cover {
    /// Six-input lookup tables.
    private(set) var tables: [Int: Int] = [:]
    /// Register bits.
    private(set) var registers: [Int: Int] = [:]
    /// Blocks of eight bits of carry chain.
    private(set) var carries: [Int: Int] = [:]
    /// Bits whose complement resets a register, and is a table as they are no logic.
    private var inverted: Set<Bit> = []

    private let cells: Cells
    private var isUsed: [Bool]
    /// By chain: the places that are used, from the lowest.
    private var places: [Int]
    /// By cell of logic: the logic that reads it; and whether something else does.
    private var readers: [[Int]]
    private var isRead: [Bool]
    /// By cell of logic: its inputs, those of what it took in among them.
    private var inputs: [[Bit]]

    /// - Parameter blocks: lookup tables of what is counted as a whole, by node.
    init(_ cells: Cells, outputs: [Bit], blocks: [Int: Int]) {
      self.cells = cells
      isUsed = Array(repeating: false, count: cells.forms.count)
      places = Array(repeating: 0, count: cells.chains.count)
      readers = Array(repeating: [], count: cells.forms.count)
      isRead = isUsed
      inputs = readers
      use(outputs)
      reset(outputs)
      find(outputs)
      for cell in cells.forms.indices where isUsed[cell] { take(cell) }
      count(blocks)
    }

    /// Marks what some bits are made of.
    private mutating func use(_ outputs: [Bit]) {
      var stack = outputs
      while let bit = stack.popLast() {
        if isUsed[bit] { continue }
        isUsed[bit] = true
        switch cells.forms[bit] {
        case .port: break
        case .register(let input), .state(let input, _): stack.append(input)
        case .logic(_, let inputs), .hard(let inputs, _): stack += inputs
        case .sum(let chain, let place):
          for place in places[chain]..<max(places[chain], place + 1) {
            stack += [cells.chains[chain].select[place], cells.chains[chain].other[place]]
          }
          places[chain] = max(places[chain], place + 1)
        }
      }
    }

    /// Lets registers of bits that only they read be reset where the bits' condition does not hold, in place of a table.
    private mutating func reset(_ outputs: [Bit]) {
      var uses = Array(repeating: 0, count: cells.forms.count)
      for bit in outputs { uses[bit] += 1 }
      for cell in cells.forms.indices where isUsed[cell] {
        switch cells.forms[cell] {
        case .port, .sum: break
        case .register(let input), .state(let input, _): uses[input] += 1
        case .logic(_, let inputs), .hard(let inputs, _): for bit in inputs { uses[bit] += 1 }
        }
      }
      for (chain, count) in zip(cells.chains, places) {
        for bit in chain.select[..<count] + chain.other[..<count] { uses[bit] += 1 }
      }
      for cell in cells.forms.indices where isUsed[cell] {
        guard case .register(let input) = cells.forms[cell], uses[input] == 1,
          let condition = cells.conditions[input], case .logic(_, let inputs) = cells.forms[input]
        else { continue }
        isUsed[input] = false
        isRead[inputs[0] == condition ? inputs[1] : inputs[0]] = true
        uses[condition] -= 1
        if case .logic(.not, let sign) = cells.forms[condition] {
          isRead[sign[0]] = true
          // Nothing else wants it the other way round.
          if uses[condition] == 0 { isUsed[condition] = false }
        } else {
          isRead[condition] = true
          if case .logic = cells.forms[condition] { continue }
          inverted.insert(condition)
        }
      }
    }

    private mutating func find(_ outputs: [Bit]) {
      for bit in outputs { isRead[bit] = true }
      for cell in cells.forms.indices where isUsed[cell] {
        switch cells.forms[cell] {
        case .port, .sum: break
        case .register(let input), .state(let input, _): if isUsed[input] { isRead[input] = true }
        case .hard(let bits, _): for bit in bits { isRead[bit] = true }
        case .logic(_, let bits):
          inputs[cell] = bits
          for bit in bits { readers[bit].append(cell) }
        }
      }
      for (chain, count) in zip(cells.chains, places) {
        for place in 0..<count {
          isRead[chain.select[place]] = true
          isRead[chain.other[place]] = true
        }
      }
    }

    /// What tables of so many inputs cost the tool's mapper: it prefers small ones (Yosys: `abc -luts 2:2,3,6:5`).
    private static let costs = [0, 2, 2, 3, 5, 5, 5]

    /// Lets the readers of a piece of logic take it in, where all can, and that costs no more.
    private mutating func take(_ cell: Int) {
      guard case .logic = cells.forms[cell], !isRead[cell], !readers[cell].isEmpty else { return }
      var more = 0
      var merged: [[Bit]] = []
      for reader in readers[cell] {
        var all = inputs[reader].filter { $0 != cell }
        for bit in inputs[cell] where !all.contains(bit) { all.append(bit) }
        guard all.count <= 6 else { return }
        more += Self.costs[all.count] - Self.costs[inputs[reader].count]
        merged.append(all)
      }
      guard more <= Self.costs[inputs[cell].count] else { return }
      for (reader, all) in zip(readers[cell], merged) {
        inputs[reader] = all
        for bit in inputs[cell] where !readers[bit].contains(reader) { readers[bit].append(reader) }
      }
      for bit in inputs[cell] { readers[bit].removeAll { $0 == cell } }
      isUsed[cell] = false
    }

    private mutating func count(_ blocks: [Int: Int]) {
      var counted: Set<Int> = []
      for bit in inverted { tables[cells.owners[bit], default: 0] += 1 }
      for (cell, form) in cells.forms.enumerated() where isUsed[cell] {
        let owner = cells.owners[cell]
        switch form {
        case .port, .sum: break
        case .register, .state: registers[owner, default: 0] += 1
        case .logic: tables[owner, default: 0] += 1
        case .hard:
          if let block = blocks[owner], counted.insert(owner).inserted { tables[owner, default: 0] += block }
        }
      }
      for (chain, count) in zip(cells.chains, places) where count > 0 {
        carries[chain.owner, default: 0] += (count + 7) / 8
        if chain.isRow { tables[chain.owner, default: 0] += count }
      }
    }
  }
}
