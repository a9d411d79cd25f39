import Diagnostics
import FixedPoint

/// Appends instructions to a program, inferring every type.
public struct ProgramBuilder: Sendable {
  /// The program so far.
  public private(set) var program: Program
  private var names: Set<String> = []
  private var layer: Int?
  private var work: WorkCount

  /// Starts an empty program that stays within limits: an operation that goes over them is refused.
  public init(name: String, limits: WorkLimits = WorkLimits()) {
    program = Program(name: name)
    work = WorkCount(limits)
  }

  /// Starts a layer: instructions that follow belong to it.
  public mutating func beginLayer(_ name: String, className: String) {
    program.layers.append(ProgramLayer(name: name, className: className))
    layer = program.layers.count - 1
  }

  /// Ends the current layer: `result` is what a trace shows for it.
  public mutating func endLayer(_ result: ValueID) {
    if let layer { program.layers[layer].result = result }
  }

  /// The type of a value.
  public func type(_ id: ValueID) -> ValueType { program[id].type }

  /// Adds a model input.
  public mutating func input(_ name: String, _ type: ValueType) -> ValueID {
    let id = append(name, .input, [], type)
    program.inputs.append(id)
    return id
  }

  /// Says that the lowest word of an input stands for a missing number.
  public mutating func setMissing(_ input: ValueID) { program.missing.insert(input) }

  /// Adds a constant tensor. `words` fill `type` row major.
  public mutating func constant(_ name: String, _ type: ValueType, _ words: [Raw]) -> ValueID {
    append(name, .constant(words), [], type)
  }

  /// Adds an operation on earlier values.
  public mutating func add(_ name: String, _ operation: Operation, _ operands: ValueID...)
    throws(ProgramError) -> ValueID
  {
    try add(name, operation, operands)
  }

  /// Adds an operation on earlier values.
  public mutating func add(_ name: String, _ operation: Operation, _ operands: [ValueID])
    throws(ProgramError) -> ValueID
  {
    do throws(ProgramError) {
      let types = operands.map { type($0) }
      let result = try operation.resultType(types)
      var next = work
      next.add(operation, types, result)
      try next.check()
      return append(name, operation, operands, result)
    } catch {
      throw ProgramError(error.message, instruction: name)
    }
  }

  /// Marks a value as the next model output.
  public mutating func output(_ id: ValueID) { program.outputs.append(id) }

  private mutating func append(
    _ name: String, _ operation: Operation, _ operands: [ValueID], _ type: ValueType
  ) -> ValueID {
    work.add(operation, operands.map { self.type($0) }, type)
    let unique = names.insertUnique(name, separator: ".")
    program.instructions.append(
      Instruction(name: unique, operation: operation, operands: operands, type: type, layer: layer))
    return ValueID(program.instructions.count - 1)
  }
}
