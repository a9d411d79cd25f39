import FixedPoint

/// A program run once for every element of a sequence, with states that go from one step to the next: what a recurrent layer is.
///
/// Operands: the sequences, each [T, …], then what each state is before the first step. Step t runs `body` on element t of
/// every sequence and on the states that step t − 1 left.
public struct Scan: Hashable, Sendable {
  /// What one step computes.
  ///
  /// Its inputs are an element of each sequence and then the states before the step; its outputs are the step's result and then
  /// the states after it, each of the type of the state before. It has no layers, and holds no scan.
  public var body: Program
  /// How many of the operands are sequences, at least one. Those behind are states.
  public var sequences: Int
  /// Which steps' results are the scan's.
  public var keeps: Kept

  /// Which steps' results a scan has.
  public enum Kept: String, Hashable, Sendable, CaseIterable {
    /// Those of all steps, in the order of the sequence: [T, …].
    case all
    /// That of the last step.
    case last
  }

  /// Makes a scan.
  public init(_ body: Program, sequences: Int = 1, keeps: Kept = .all) {
    self.body = body
    self.sequences = sequences
    self.keeps = keeps
  }

  /// How many states there are.
  public var states: Int { body.inputs.count - sequences }

  /// The type of the result on operands of these types; also checks that body and operands belong together.
  func resultType(_ operands: [ValueType]) throws(ProgramError) -> ValueType {
    func need(_ condition: Bool, _ message: @autoclosure () -> String) throws(ProgramError) {
      if !condition { throw ProgramError(message()) }
    }
    let errors = body.verify()
    if let first = errors.first { throw ProgramError("the step is not well formed: \(first)") }
    try need(
      sequences >= 1 && states >= 0, "\(sequences) sequences of \(body.inputs.count) inputs of the step")
    try need(
      operands.count == body.inputs.count,
      "\(operands.count) operands where the step has \(body.inputs.count) inputs")
    try need(
      body.outputs.count == states + 1, "a step of \(states) states has \(body.outputs.count) outputs")
    try need(
      body.layers.isEmpty && body.missing.isEmpty && body.instructions.allSatisfy { $0.layer == nil },
      "a step has layers of its own, or missing numbers")
    try need(
      !body.instructions.contains { if case .scan = $0.operation { true } else { false } },
      "a step holds a scan")
    let steps = operands[0].shape.first ?? 0
    for (input, operand) in zip(body.inputs.prefix(sequences), operands) {
      let element = body[input].type
      try need(
        operand == ValueType([steps] + element.shape, element.format),
        "a sequence of \(operand) where \(steps) elements of \(element) are needed")
    }
    for (place, input) in body.inputs.dropFirst(sequences).enumerated() {
      let state = body[input].type
      try need(
        operands[sequences + place] == state,
        "a state is \(operands[sequences + place]) where the step has \(state)")
      let next = body[body.outputs[place + 1]].type
      try need(next == state, "the step makes a state of \(state) one of \(next)")
    }
    let result = body[body.outputs[0]].type
    // As joined tensors, all steps' results have a format without modes.
    return keeps == .last
      ? result : ValueType([steps] + result.shape, .union(result.format, result.format))
  }

  /// The definition: one step after the other.
  func evaluate(_ operands: [Tensor]) -> [Raw] {
    let steps = operands[0].shape[0]
    var states = operands.dropFirst(sequences).map(\.words)
    var results: [Raw] = []
    for step in 0..<steps {
      let elements = operands.prefix(sequences).map { sequence -> [Raw] in
        let count = sequence.words.count / steps
        return Array(sequence.words[step * count..<(step + 1) * count])
      }
      let values = body.evaluate(elements + states)
      let outputs = body.outputs.map { values[$0.index] }
      results = keeps == .all ? results + outputs[0] : outputs[0]
      states = Array(outputs.dropFirst())
    }
    return results
  }
}

extension Program {
  /// Whether there is a scan among the instructions.
  public var hasScans: Bool {
    instructions.contains { if case .scan = $0.operation { true } else { false } }
  }
}
