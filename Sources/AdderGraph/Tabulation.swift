extension Search {
  /// Groups of inputs of few bits that fit a six-input table together; nil: there are none.
  func tableGroups() -> [[Int]]? {
    // Narrow inputs first, of equal ones in order: the groups are as full as they get.
    let inputs = problem.inputs.indices.filter { (1...3).contains(problem.inputBits[$0]) }
      .sorted { (problem.inputBits[$0], $0) < (problem.inputBits[$1], $1) }
    var groups: [[Int]] = []
    var room = 0
    for input in inputs {
      if problem.inputBits[input] > room {
        groups.append([])
        room = 6
      }
      groups[groups.count - 1].append(input)
      room -= problem.inputBits[input]
    }
    groups.removeAll { $0.count < 2 }
    return groups.isEmpty ? nil : groups
  }

  /// Every target as the sum of a table for each group of inputs, where that takes more than one row, and of its other digits.
  mutating func tabulated(_ groups: [[Int]]) -> Sums {
    var builder = SumsBuilder(self)
    var tables: [[Addend]: Addend] = [:]
    for target in problem.targets.indices {
      let digits = problem.digitTerms(target).filter { $0.index < problem.inputs.count }
      var rest = digits
      var terms: [Addend] = []
      for group in groups {
        let part = digits.filter { group.contains($0.index) }
        guard part.count > problem.arity else { continue }
        rest.removeAll { group.contains($0.index) }
        if let known = tables[part] {
          terms.append(known)
        } else if let table = builder.sum(part) {
          tables[part] = table
          terms.append(table)
        }
      }
      builder.root(terms + rest, target: target)
    }
    pool = builder.pool
    return builder.sums
  }
}
