import Program

extension Program {
  /// Programs in one, each with its inputs and outputs.
  public init(sideBySide programs: [Program]) {
    self.init(name: "all")
    for (number, program) in programs.enumerated() {
      let (values, layers) = (instructions.count, self.layers.count)
      func moved(_ id: ValueID) -> ValueID { ValueID(id.index + values) }
      for instruction in program.instructions {
        var copy = instruction
        copy.name = "p\(number).\(instruction.name)"
        copy.operands = instruction.operands.map(moved)
        copy.layer = instruction.layer.map { $0 + layers }
        instructions.append(copy)
      }
      self.layers += program.layers.map {
        ProgramLayer(name: "p\(number).\($0.name)", className: $0.className, result: $0.result.map(moved))
      }
      inputs += program.inputs.map(moved)
      outputs += program.outputs.map(moved)
    }
  }
}
