import Program

/// A program with loops cut into segments without: a segment, then the scans that begin where it ends, then the next segment.
///
/// A segment is a program of its own. Its inputs are those of the whole (the first's), results of the scans before it, and values
/// from before that pass by; its outputs are what the scans behind it, and all that comes later, read.
struct Segments {
  /// A program, and which values of the whole its inputs and outputs are.
  struct Segment {
    var program: Program
    var inputs: [ValueID]
    var outputs: [ValueID]
    /// The scans that begin at its end.
    var scans: [ValueID]
  }

  let program: Program
  /// By value: how many scans, one behind the other, it waits for.
  private let depths: [Int]
  private(set) var segments: [Segment] = []

  init(_ program: Program) {
    self.program = program
    var depths: [Int] = []
    for instruction in program.instructions {
      let before = instruction.operands.map { depths[$0.index] }.max() ?? 0
      if case .scan = instruction.operation { depths.append(before + 1) } else { depths.append(before) }
    }
    self.depths = depths
    let last = program.outputs.map { depths[$0.index] }.max() ?? 0
    // From the last to the first, as what is needed later decides what passes by.
    var later: Set<ValueID> = []
    for depth in (0...last).reversed() {
      let scans = values.filter { isScan($0) && depths[$0.index] == depth + 1 && depth < last }
      var outputs = depth == last ? program.outputs : []
      if depth < last { outputs = Set(scans.flatMap { program[$0].operands } + later).sorted() }
      let own = values.filter {
        depths[$0.index] == depth && !isScan($0) && program[$0].operation != .input && !isConstant($0)
      }
      var given = Set((own.flatMap { program[$0].operands } + outputs).filter { !isConstant($0) })
      given.subtract(own)
      let inputs = depth == 0 ? program.inputs : given.sorted()
      segments.insert(
        Segment(program: segment(inputs, own, outputs), inputs: inputs, outputs: outputs, scans: scans), at: 0
      )
      later = given.filter { !(isScan($0) && depths[$0.index] == depth) }
    }
  }

  private var values: [ValueID] { program.instructions.indices.map { ValueID($0) } }

  private func isScan(_ id: ValueID) -> Bool {
    if case .scan = program[id].operation { true } else { false }
  }

  private func isConstant(_ id: ValueID) -> Bool { program.constant(id) != nil }

  private func segment(_ inputs: [ValueID], _ own: [ValueID], _ outputs: [ValueID]) -> Program {
    var segment = Program(name: program.name)
    var names: [ValueID: ValueID] = [:]
    let read = own.flatMap { program[$0].operands } + outputs
    for id in Set(inputs + own + read.filter(isConstant)).sorted() {
      var copy = program[id]
      if inputs.contains(id) { (copy.operation, copy.operands) = (.input, []) }
      copy.operands = copy.operands.compactMap { names[$0] }
      names[id] = ValueID(segment.instructions.count)
      segment.instructions.append(copy)
    }
    segment.inputs = inputs.compactMap { names[$0] }
    segment.outputs = outputs.compactMap { names[$0] }
    segment.layers = program.layers.map {
      ProgramLayer(name: $0.name, className: $0.className, result: $0.result.flatMap { names[$0] })
    }
    return segment
  }
}

extension Scan {
  /// One step as a program of its own, all of a layer.
  func step(of instruction: Instruction, layers: [ProgramLayer]) -> Program {
    var step = body
    step.layers = layers.map { ProgramLayer(name: $0.name, className: $0.className) }
    for place in step.instructions.indices { step.instructions[place].layer = instruction.layer }
    return step
  }
}
