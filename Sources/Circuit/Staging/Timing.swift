import Program

/// The paths of a circuit without registers.
struct Timing {
  /// By node, in picoseconds.
  let delays: [Int]
  /// By node: the nodes that read it, each once.
  let users: [[Int]]
  /// By node: what it reads, constants apart, each once.
  let operands: [[Int]]
  /// By node: whether a register stands between it and what it reads: the output of a block RAM.
  let registered: [Bool]

  init(_ circuit: Circuit, _ model: DelayModel) {
    var users = [[Int]](repeating: [], count: circuit.nodes.count)
    var operands: [[Int]] = []
    for (index, node) in circuit.nodes.enumerated() {
      let read = Set(node.operation.operands.filter { circuit[$0].constant == nil }.map(\.index)).sorted()
      operands.append(read)
      for operand in read { users[operand].append(index) }
    }
    let outputs = circuit.blockOutputs
    let split = Set(outputs.values)
    delays = circuit.nodes.enumerated().map { index, node in
      if let block = outputs[index] { return model.output(of: circuit.nodes[block]) }
      // What drives most decides: the way to a node is that of its operand with the most users.
      let fanOut = node.operation.operands.map { users[$0.index].count }.max() ?? 1
      if circuit.isReset(index, users[index]) { return model.reset + model.delay(of: fanOut) }
      if circuit.isComplement(index, users[index]) { return model.route / 2 + model.lut }
      return model.delay(node, in: circuit, fanOut: max(1, fanOut), isSplit: split.contains(index))
    }
    registered = circuit.nodes.indices.map { index in
      guard let block = outputs[index], case .table = circuit.nodes[block].operation else { return false }
      return true
    }
    self.users = users
    self.operands = operands
  }

  /// The longest path, inputs to outputs.
  var longest: Int {
    var arrival = [Int](repeating: 0, count: delays.count)
    for index in delays.indices {
      arrival[index] = delays[index] + (operands[index].map { arrival[$0] }.max() ?? 0)
    }
    return arrival.max() ?? 0
  }

  /// In how many cycles an event is through, with no path over `period`: every node as early as it can be.
  func cycles(_ period: Int) -> Int {
    var (cycle, arrival) = (
      [Int](repeating: 0, count: delays.count), [Int](repeating: 0, count: delays.count)
    )
    for index in delays.indices {
      for operand in operands[index] where (cycle[operand], arrival[operand]) > (cycle[index], arrival[index])
      {
        (cycle[index], arrival[index]) = (cycle[operand], arrival[operand])
      }
      if registered[index] { (cycle[index], arrival[index]) = (cycle[index] + 1, 0) }
      arrival[index] += delays[index]
      if arrival[index] > period, delays[index] > 0 {
        cycle[index] += 1
        arrival[index] = delays[index]
      }
    }
    return cycle.max() ?? 0
  }

  /// Pairs (from, to) that no cycle can hold both of, the whole of each with what is between: the path is over `period`. Those
  /// that follow from others are left out.
  func separated(_ period: Int) -> [(from: Int, to: Int)] {
    var pairs: [(from: Int, to: Int)] = []
    var longest = [Int](repeating: -1, count: delays.count)
    for start in delays.indices {
      // Nodes within reach, in order: every path to one is known when it is met.
      var open = Heap()
      longest[start] = delays[start]
      var touched = [start]
      open.push(start)
      while let node = open.pop() {
        for user in users[node] {
          let path = longest[node] + delays[user]
          if longest[user] < 0 {
            touched.append(user)
            open.push(user)
          }
          longest[user] = max(longest[user], path)
        }
        // Beyond the first node out of reach, all follows from it.
        while let following = open.first, longest[following] > period {
          _ = open.pop()
          // It follows from a later start, where the rest of the path is too long by itself.
          if longest[following] - delays[start] <= period { pairs.append((start, following)) }
        }
      }
      for node in touched { longest[node] = -1 }
    }
    return pairs
  }
}

extension Circuit {
  /// Whether a node masks a word that registers alone take: these are reset where it is 0, without logic.
  fileprivate func isReset(_ index: Int, _ users: [Int]) -> Bool {
    guard case .mux(_, _, let zero) = nodes[index].operation, self[zero].constant == 0, !users.isEmpty else {
      return false
    }
    return users.allSatisfy { if case .register = nodes[$0].operation { true } else { false } }
  }

  /// Whether a node is the complement of a sign and a register takes it, beside which a table stands.
  fileprivate func isComplement(_ index: Int, _ users: [Int]) -> Bool {
    guard case .compare(.greaterOrEqual, _, let zero) = nodes[index].operation, self[zero].constant == 0
    else { return false }
    return users.contains { if case .register = nodes[$0].operation { true } else { false } }
  }
}

/// Numbers, the smallest first.
private struct Heap {
  private var items: [Int] = []

  var first: Int? { items.first }

  mutating func push(_ item: Int) {
    items.append(item)
    var place = items.count - 1
    while place > 0, items[(place - 1) / 2] > items[place] {
      items.swapAt((place - 1) / 2, place)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> Int? {
    guard let top = items.first, let last = items.popLast() else { return nil }
    if items.isEmpty { return top }
    items[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < items.count && items[child] < items[least] {
        least = child
      }
      if least == place { return top }
      items.swapAt(place, least)
      place = least
    }
  }
}
