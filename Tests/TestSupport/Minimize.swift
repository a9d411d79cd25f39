import Program

extension Program {
  /// A smaller program that still `fails`: fewer outputs, fewer instructions, values turned into inputs.
  ///
  /// - Parameter fails: whether a well-formed program shows the failure; true for this one.
  public func minimized(fails: (Program) -> Bool) -> Program {
    var best = self
    var shrank = true
    while shrank {
      shrank = false
      for candidate in best.shrunk() where candidate.verify().isEmpty && fails(candidate) {
        best = candidate
        shrank = true
        break
      }
    }
    return best
  }

  private func shrunk() -> [Program] {
    var candidates: [Program] = []
    // One output instead of several, then an earlier value as the only output.
    if outputs.count > 1 { candidates += outputs.map { with(outputs: [$0]) } }
    for index in instructions.indices where outputs != [ValueID(index)] {
      switch instructions[index].operation {
      case .input, .constant: continue
      default: candidates.append(with(outputs: [ValueID(index)]))
      }
    }
    // A value that comes from outside instead of from an instruction.
    for index in instructions.indices.reversed() {
      switch instructions[index].operation {
      case .input, .constant: continue
      default:
        var candidate = self
        candidate.instructions[index].operation = .input
        candidate.instructions[index].operands = []
        candidate.inputs.append(ValueID(index))
        candidates.append(candidate.with(outputs: outputs))
      }
    }
    return candidates.filter {
      $0.instructions.count < instructions.count || $0.outputs.count < outputs.count
    }
  }

  /// This program with other outputs, and without the instructions they do not need.
  public func with(outputs: [ValueID]) -> Program {
    var needed = Set(outputs)
    for index in instructions.indices.reversed() where needed.contains(ValueID(index)) {
      needed.formUnion(instructions[index].operands)
    }
    var places: [ValueID: ValueID] = [:]
    var result = Program(name: name)
    for (index, instruction) in instructions.enumerated() where needed.contains(ValueID(index)) {
      places[ValueID(index)] = ValueID(result.instructions.count)
      var copy = instruction
      copy.operands = instruction.operands.compactMap { places[$0] }
      copy.layer = nil
      result.instructions.append(copy)
    }
    result.inputs = inputs.compactMap { places[$0] }
    result.outputs = outputs.compactMap { places[$0] }
    return result
  }
}
