import FixedPoint

extension ProgramPass {
  /// Every scan becomes its steps, one behind the other: what executors that know no loop compute.
  public static let unrolling = ProgramPass(
    name: "unrolling", summary: "writes the steps of scans one behind the other", isScheduled: true
  ) { program in program.unrolled().program }
}

extension Program {
  /// This program without scans: each is its steps, one behind the other.
  ///
  /// This is where loops end, and the only place: whoever knows no loop calls it on what it is given
  /// (`ProgramPass.scheduled`). Constants of a step are shared by all steps.
  ///
  /// - Parameter kept: scans that stay as they are.
  public func unrolled(keeping kept: Set<ValueID> = []) -> UnrolledProgram {
    let values = instructions.indices.map { ValueID($0) }
    guard hasScans else { return UnrolledProgram(program: self, places: values, origins: values) }
    var rewriter = Rewriter(self)
    var origins: [ValueID] = []
    while let value = rewriter.next {
      if case .scan(let scan) = self[value].operation, !kept.contains(value) {
        rewriter.replace(by: rewriter.steps(of: scan, self[value]))
      } else {
        rewriter.keep()
      }
      while origins.count < rewriter.program.instructions.count { origins.append(value) }
    }
    return UnrolledProgram(
      program: rewriter.finished(), places: values.map { rewriter[$0] }, origins: origins)
  }
}

/// A program without scans, and how it belongs to the one it was made of.
public struct UnrolledProgram: Sendable {
  /// The program.
  public let program: Program
  /// For each value of the program it was made of, the same value in this one.
  public let places: [ValueID]
  /// For each value of this program, the one it was made of: of a step's, the scan.
  public let origins: [ValueID]
}

extension Rewriter {
  /// Adds the steps of a scan, the next instruction; gives its result.
  fileprivate mutating func steps(of scan: Scan, _ instruction: Instruction) -> ValueID {
    let operands = instruction.operands.map { self[$0] }
    let steps = program[operands[0]].type.shape[0]
    var states = Array(operands.dropFirst(scan.sequences))
    var constants: [ValueID: ValueID] = [:]
    var results: [ValueID] = []
    for step in 0..<steps {
      var places = constants
      for (input, sequence) in zip(scan.body.inputs, operands.prefix(scan.sequences)) {
        places[input] = element(step, of: sequence, scan.body[input], in: instruction)
      }
      for (input, state) in zip(scan.body.inputs.dropFirst(scan.sequences), states) { places[input] = state }
      for (index, inner) in scan.body.instructions.enumerated() where places[ValueID(index)] == nil {
        var copy = inner
        copy.operands = inner.operands.compactMap { places[$0] }
        copy.layer = instruction.layer
        if case .constant = inner.operation {
          copy.name = "\(instruction.name).\(inner.name)"
          constants[ValueID(index)] = add(copy)
          places[ValueID(index)] = constants[ValueID(index)]
        } else {
          copy.name = "\(instruction.name).\(step).\(inner.name)"
          places[ValueID(index)] = add(copy)
        }
      }
      let outputs = scan.body.outputs.compactMap { places[$0] }
      states = Array(outputs.dropFirst())
      results.append(outputs[0])
    }
    switch scan.keeps {
    case .last: return results[steps - 1]
    case .all:
      let shape = [1] + instruction.type.shape.dropFirst()
      let rows = results.enumerated().map { step, result in
        add(
          Instruction(
            name: "\(instruction.name).\(step).row", operation: .rearrange(.reshape(shape)),
            operands: [result], type: ValueType(shape, program[result].type.format), layer: instruction.layer)
        )
      }
      var joined = instruction
      // One tensor alone is not joined: only its modes are left out.
      joined.operation = steps > 1 ? .rearrange(.concatenate(axis: 0)) : .requantize(instruction.type.format)
      joined.operands = rows
      return addCopy(joined)
    }
  }

  /// Element `step` of a sequence.
  private mutating func element(_ step: Int, of sequence: ValueID, _ input: Instruction, in scan: Instruction)
    -> ValueID
  {
    let type = program[sequence].type
    var row = sequence
    if type.shape[0] > 1 {
      let start = [step] + type.shape.dropFirst().map { _ in 0 }
      let count = [1] + type.shape.dropFirst()
      row = add(
        Instruction(
          name: "\(scan.name).\(step).\(input.name).slice",
          operation: .rearrange(.slice(start: start, count: count, step: type.shape.map { _ in 1 })),
          operands: [sequence], type: ValueType(count, type.format), layer: scan.layer))
    }
    return add(
      Instruction(
        name: "\(scan.name).\(step).\(input.name)", operation: .rearrange(.reshape(input.type.shape)),
        operands: [row], type: input.type, layer: scan.layer))
  }
}
