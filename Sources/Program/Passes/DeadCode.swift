extension ProgramPass {
  /// Instructions that no output and no layer's result depends on go. Inputs stay.
  public static let deadCode = ProgramPass(
    name: "dead code", summary: "drops what no output and no layer's result depends on"
  ) { program in
    program.withoutUnread { _ in true }
  }
}

extension Program {
  /// Without those instructions that nothing reads, of the kinds that may go; those that only they read go, too.
  func withoutUnread(_ mayGo: (Operation) -> Bool) -> Program {
    var uses = useCounts
    var isKept = instructions.map { _ in true }
    for index in instructions.indices.reversed() where uses[index] == 0 {
      let operation = instructions[index].operation
      if operation == .input || !mayGo(operation) { continue }
      isKept[index] = false
      for operand in instructions[index].operands { uses[operand.index] -= 1 }
    }
    return rewritten { rewriter, value in
      if isKept[value.index] { rewriter.keep() } else { rewriter.erase() }
    }
  }
}
