import Program

/// In which cycle each node computes, so that the registers between have the fewest bits.
///
/// Cycles are integers with differences bounded below: an operand not after its user, and `separated` pairs one cycle apart. The
/// bits of registers are Σ width(u) · (last cycle in which u is read − its own). With a bit x(v, k) for "v is in cycle k or
/// later", this is a minimum cut: every bound is an edge that must not be cut, and every register of a word costs its width
/// (Leiserson and Saxe, "Retiming synchronous circuitry", 1991, in the form of Ishikawa, 2003). The answer is the minimum.
struct Schedule {
  let circuit: Circuit
  let timing: Timing
  /// The cycle of the outputs.
  let latency: Int
  /// Whether the inputs' words stand in every cycle, without registers.
  var inputsStand = false
  /// By node: the nodes it must be at least one cycle after.
  private let separated: [(from: Int, to: Int)]
  /// By node: whether it is an output.
  private let isOutput: [Bool]

  /// - Parameter registersOutputs: outputs come from registers: they are computed before the last clock edge.
  init(_ circuit: Circuit, _ timing: Timing, period: Int, latency: Int) {
    self.circuit = circuit
    self.timing = timing
    self.latency = latency
    // A block RAM's own register, and what is too long for a cycle.
    separated =
      timing.registered.indices.filter { timing.registered[$0] }.map { (timing.operands[$0][0], $0) }
      + timing.separated(period)
    var isOutput = [Bool](repeating: false, count: circuit.nodes.count)
    for id in circuit.outputs.flatMap(\.words) { isOutput[id.index] = true }
    self.isOutput = isOutput
  }

  /// The first and the last cycle each node can be in.
  private func windows() -> (first: [Int], last: [Int]) {
    let count = circuit.nodes.count
    var first = [Int](repeating: 0, count: count)
    // Outputs are computed before the last clock edge.
    var last = [Int](repeating: max(latency - 1, 0), count: count)
    var (after, before) = ([[Int]](repeating: [], count: count), [[Int]](repeating: [], count: count))
    for pair in separated {
      after[pair.to].append(pair.from)
      before[pair.from].append(pair.to)
    }
    for node in 0..<count {
      for operand in timing.operands[node] { first[node] = max(first[node], first[operand]) }
      for other in after[node] { first[node] = max(first[node], first[other] + 1) }
    }
    for node in (0..<count).reversed() {
      for user in timing.users[node] { last[node] = min(last[node], last[user]) }
      for other in before[node] { last[node] = min(last[node], last[other] - 1) }
      if isFixed(node) { last[node] = 0 }
    }
    return (first, last)
  }

  private func isFixed(_ node: Int) -> Bool {
    switch circuit.nodes[node].operation {
    case .input, .constant: true
    case .sum, .compare, .mux, .table, .multiply, .slice, .concatenate, .register, .state: false
    }
  }

  /// Whether a word stands in its own cycle alone.
  private func needsRegisters(_ node: Int) -> Bool {
    if inputsStand, circuit.nodes[node].operation == .input { return false }
    return circuit.nodes[node].constant == nil
  }

  /// The bits a register of a node's word has.
  private func width(_ node: Int) -> Int { circuit.nodes[node].width }

  /// The cycle of each node.
  func cycles() -> [Int] {
    let (first, last) = windows()
    let count = circuit.nodes.count
    // x(v, k) for first < k ≤ last, then y(v, k): read in cycle k or later.
    var (base, total) = ([Int](repeating: 0, count: count), 2)
    for node in 0..<count {
      base[node] = total
      total += last[node] - first[node]
    }
    let reads = total
    var readBase = [Int](repeating: 0, count: count)
    for node in 0..<count where needsRegisters(node) {
      readBase[node] = total
      total += latency - first[node]
    }
    var cut = MinimumCut(total - 2)
    let (yes, no) = (cut.source, cut.sink)
    func isAtLeast(_ node: Int, _ cycle: Int) -> Int {
      cycle <= first[node] ? yes : cycle > last[node] ? no : base[node] + cycle - first[node] - 1
    }
    /// Where the first is on the source's side, the second is.
    func imply(_ a: Int, _ b: Int) {
      if a != no, b != yes, a != b { cut.add(a, b, MinimumCut.unlimited) }
    }
    for node in 0..<count where last[node] > first[node] {
      for cycle in (first[node] + 1)..<last[node] + 1 {
        imply(isAtLeast(node, cycle + 1), isAtLeast(node, cycle))
        for user in timing.users[node] { imply(isAtLeast(node, cycle), isAtLeast(user, cycle)) }
      }
    }
    for pair in separated where last[pair.from] > first[pair.from] {
      for cycle in (first[pair.from] + 1)..<last[pair.from] + 1 {
        imply(isAtLeast(pair.from, cycle), isAtLeast(pair.to, cycle + 1))
      }
    }
    for node in 0..<count where needsRegisters(node) && latency > first[node] {
      for cycle in (first[node] + 1)..<latency + 1 {
        let read = readBase[node] + cycle - first[node] - 1
        assert(read >= reads)
        if isOutput[node] {
          imply(yes, read)
        } else {
          for user in timing.users[node] { imply(isAtLeast(user, cycle), read) }
        }
        let own = isAtLeast(node, cycle)
        if own != yes { cut.add(read, own, width(node)) }
      }
    }
    let side = cut.sourceSide()
    return (0..<count).map { node in
      var cycle = first[node]
      while cycle < last[node], side[isAtLeast(node, cycle + 1)] { cycle += 1 }
      return cycle
    }
  }
}
