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
  mutating func add(_ operation: Operation, _ type: ValueType) {
    let kind: WorkLimits.Kind =
      switch operation.form {
      case .constant: .constants
      case .wiring(.window): .windowWords
      case .input, .wordwise, .product, .reduction, .wiring(.rearrange): .words
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
