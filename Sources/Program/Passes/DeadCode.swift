extension ProgramPass {
  /// Instructions that no output and no layer's result depends on go. Inputs stay.
  public static let deadCode = ProgramPass(
    name: "dead code", summary: "drops what no output and no layer's result depends on", isScheduled: true
  ) { program in
    var uses = program.useCounts
    var isKept = program.instructions.map { _ in true }
    for (index, instruction) in program.instructions.enumerated().reversed() where uses[index] == 0 {
      if instruction.operation == .input { continue }
      isKept[index] = false
      for operand in instruction.operands { uses[operand.index] -= 1 }
    }
    return program.rewritten { rewriter, value in
      if isKept[value.index] { rewriter.keep() } else { rewriter.erase() }
    }
  }
}
