import Program

// What is picked of a tensor that was computed word by word can be picked of its operands as well: the operation then is done where
// the words go, with what follows them, and no step stores all of them in between.

extension Program {
  /// This program with slices and gathers taken before the word-by-word operations that nothing else reads. Those are left unread.
  func pickingEarly() -> Program {
    var pass = EarlyPicks(self)
    while let value = pass.rewriter.next {
      if let moved = pass.moved(value.index) {
        pass.rewriter.replace(by: moved)
      } else {
        pass.rewriter.keep()
      }
    }
    return pass.rewriter.finished()
  }
}

private struct EarlyPicks {
  var rewriter: Rewriter
  private let old: Program
  private let readers: [[Int]]
  private let outputs: Set<ValueID>

  init(_ program: Program) {
    old = program
    rewriter = Rewriter(program)
    outputs = Set(program.outputs)
    var readers = Array(repeating: [Int](), count: program.instructions.count)
    for (index, instruction) in program.instructions.enumerated() {
      for operand in Set(instruction.operands) { readers[operand.index].append(index) }
    }
    self.readers = readers
  }

  /// The value of a pick taken earlier; nil where it stays.
  mutating func moved(_ index: Int) -> ValueID? {
    let pick = old.instructions[index]
    guard places(picked: index) != nil, isPassed(pick.operands[0].index) else { return nil }
    return picked(pick.operands[0], pick)
  }

  /// The words of a value that a pick takes.
  private mutating func picked(_ value: ValueID, _ pick: Instruction) -> ValueID {
    var copy = old[value]
    if old.constant(value) != nil, copy.type.count == 1 { return rewriter[value] }
    if isPassed(value.index) {
      copy.operands = copy.operands.map { picked($0, pick) }
    } else {
      copy.operation = pick.operation
      copy.operands = [rewriter[value]]
    }
    copy.type.shape = pick.type.shape
    copy.name += ".picked"
    return rewriter.add(copy)
  }

  /// Whether a value is computed word by word of tensors of its shape, and read by picks alone, which together take no word twice,
  /// or by values of which that is so.
  private func isPassed(_ index: Int) -> Bool {
    let instruction = old.instructions[index]
    guard instruction.type.shape.count == 1, !outputs.contains(ValueID(index)), !readers[index].isEmpty,
      instruction.operands.allSatisfy({
        old[$0].type.shape == instruction.type.shape
          || (old.constant($0) != nil && old[$0].type.count == 1)
      })
    else { return false }
    switch instruction.operation.form {
    case .wordwise(.elementwise), .wordwise(.requantize(.uniform)): break
    case .wordwise, .input, .constant, .product, .reduction, .wiring, .scan: return false
    }
    let picks = readers[index].map { places(picked: $0) }
    if picks.allSatisfy({ $0 != nil }) {
      let all = picks.flatMap { $0 ?? [] }
      return Set(all).count == all.count
    }
    return zip(readers[index], picks).allSatisfy { $1 == nil && isPassed($0) }
  }

  /// The places that a pick takes, if it is one, and takes them in pairs as they are stored.
  private func places(picked index: Int) -> [Int]? {
    let instruction = old.instructions[index]
    guard case .rearrange(let rearrangement) = instruction.operation, instruction.type.shape.count == 1 else {
      return nil
    }
    switch rearrangement {
    case .slice, .gather: break
    case .reshape, .transpose, .concatenate, .pad: return nil
    }
    let shapes = instruction.operands.map { old[$0].type.shape }
    guard shapes.allSatisfy({ $0.count == 1 }) else { return nil }
    let map = rearrangement.elementMap(shapes, result: instruction.type.shape)
    let isPaired =
      map.count % 2 == 0
      && stride(from: 0, to: map.count, by: 2).allSatisfy {
        map[$0] >= 0 && map[$0] % 2 == 0 && map[$0 + 1] == map[$0] + 1
      }
    return isPaired ? map : nil
  }
}
