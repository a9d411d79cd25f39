extension ProgramPass {
  /// Of equal instructions on equal operands the first stands in for the others. Outputs stay apart.
  public static let commonSubexpressions = ProgramPass(
    name: "common subexpressions", summary: "computes once what is computed twice, constants among it"
  ) { program in
    let outputs = Set(program.outputs)
    var first: [Expression: ValueID] = [:]
    return program.rewritten { rewriter, value in
      let instruction = program[value]
      let expression = Expression(
        operation: instruction.operation, operands: instruction.operands.map { rewriter[$0] },
        type: instruction.type)
      if instruction.operation != .input, !outputs.contains(value), let known = first[expression] {
        return rewriter.replace(by: known)
      }
      rewriter.keep()
      if first[expression] == nil { first[expression] = rewriter[value] }
    }
  }
}

/// What makes two instructions compute the same: all but their names and layers.
private struct Expression: Hashable {
  var operation: Operation
  var operands: [ValueID]
  var type: ValueType
}
