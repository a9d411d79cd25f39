extension ProgramPass {
  /// Wiring of wiring becomes one piece of wiring; wiring that moves nothing goes. Outputs stay apart.
  public static let wiringOfWiring = ProgramPass(
    name: "wiring of wiring", summary: "joins wiring that follows wiring and drops what moves nothing"
  ) { program in
    let outputs = Set(program.outputs)
    return program.rewritten { rewriter, value in
      guard case .rearrange(let wiring) = program[value].operation, program[value].operands.count == 1 else {
        return rewriter.keep()
      }
      var (joined, operand) = (wiring, rewriter[program[value].operands[0]])
      while case .rearrange(let inner) = rewriter.program[operand].operation,
        rewriter.program[operand].operands.count == 1, let both = joined.following(inner)
      {
        (joined, operand) = (both, rewriter.program[operand].operands[0])
      }
      if !outputs.contains(value), joined.movesNothing(rewriter.program[operand].type.shape) {
        return rewriter.replace(by: operand)
      }
      rewriter.keep {
        $0.operation = .rearrange(joined)
        $0.operands = [operand]
      }
    }
  }
}

extension Rearrangement {
  /// Both in one; nil where that is no rearrangement of its own.
  fileprivate func following(_ inner: Rearrangement) -> Rearrangement? {
    switch (inner, self) {
    case (.reshape, .reshape): return self
    case (.transpose(let first), .transpose(let second)): return .transpose(second.map { first[$0] })
    case (.gather(let axis, let first), .gather(let other, let second)) where axis == other:
      return .gather(axis: axis, indices: second.map { first[$0] })
    case (.slice(let start, _, let step), .slice(let second, let count, let stride)):
      return .slice(
        start: start.indices.map { start[$0] + second[$0] * step[$0] }, count: count,
        step: step.indices.map { step[$0] * stride[$0] })
    case (.reshape, _), (.transpose, _), (.concatenate, _), (.pad, _), (.slice, _), (.gather, _): return nil
    }
  }

  /// Whether the result is the operand, of a shape.
  fileprivate func movesNothing(_ shape: [Int]) -> Bool {
    switch self {
    case .reshape(let target): target == shape
    case .transpose(let order): order == Array(shape.indices)
    case .concatenate: true
    case .pad(let before, let after, let interior, _):
      (before + after).allSatisfy { $0 == 0 } && zip(interior, shape).allSatisfy { $0 == 0 || $1 == 1 }
    case .slice(_, let count, _): count == shape
    case .gather(let axis, let indices): indices == Array(0..<shape[axis])
    }
  }
}
