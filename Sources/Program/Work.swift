import Diagnostics

extension Program {
  /// Words of all tensors of one event together, windows among them, constants not.
  public var words: Int {
    Saturating.sum(
      instructions.map { instruction in
        if case .constant = instruction.operation { return 0 }
        return instruction.type.count
      })
  }
}

/// How much a program asks for, counted instruction by instruction.
struct WorkCount: Sendable {
  let limits: WorkLimits
  private var counts: [WorkLimits.Kind: Int] = [:]

  init(_ limits: WorkLimits) { self.limits = limits }

  /// Counts an instruction.
  ///
  /// - Parameter operands: the types of what it reads.
  mutating func add(_ operation: Operation, _ operands: [ValueType], _ type: ValueType) {
    if case .scan(let scan) = operation {
      // Every step has words of its own where it is unrolled; constants are shared.
      let steps = operands.first?.shape.first ?? 1
      for inner in scan.body.instructions {
        var shape = inner.type.shape
        if case .constant = inner.operation {} else { shape.append(steps) }
        add(inner.operation, [], ValueType(shape, inner.type.format))
      }
    }
    let kind: WorkLimits.Kind =
      switch operation.form {
      case .constant: .constants
      case .wiring(.window): .windowWords
      case .input, .wordwise, .product, .reduction, .wiring(.rearrange), .scan: .words
      }
    counts[kind] = Saturating.sum([counts[kind, default: 0], Saturating.product(type.shape)])
  }

  /// Refuses a program that is over a limit, with the number and the limit.
  func check() throws(ProgramError) {
    for kind in WorkLimits.Kind.allCases {
      if let excess = limits.excess(kind, counts[kind, default: 0]) {
        throw ProgramError("up to here the program needs \(excess); \(WorkLimits.hint(kind))")
      }
    }
  }
}
