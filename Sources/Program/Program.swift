import FixedPoint

/// An exact computation on fixed-point words: a list of instructions, each making one tensor.
///
/// This is the one definition of the arithmetic. The emulator, the emitted C++ and the reports are
/// translations of it; `evaluate` (the reference interpreter) says what it means. Shapes never include the
/// batch axis: a program describes one event.
public struct Program: Hashable, Sendable {
  /// The program's name: the model's.
  public var name: String
  /// In order of execution; every operand comes before its use.
  public var instructions: [Instruction]
  /// The layers the instructions came from, for traces, configuration, and people.
  public var layers: [ProgramLayer]
  /// The `input` instructions, in the model's order.
  public var inputs: [ValueID]
  /// The results, in the model's order.
  public var outputs: [ValueID]
  /// Inputs whose lowest word stands for a missing number: NaN in events becomes that word, and no number does.
  public var missing: Set<ValueID> = []

  /// Makes a program. `verify()` says whether it is well formed.
  public init(
    name: String, instructions: [Instruction] = [], layers: [ProgramLayer] = [], inputs: [ValueID] = [],
    outputs: [ValueID] = []
  ) {
    self.name = name
    self.instructions = instructions
    self.layers = layers
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The instruction that makes a value.
  public subscript(_ id: ValueID) -> Instruction { instructions[id.index] }

  /// The word of a number in an event for an input: NaN is `missing`, or 0 where nothing stands for it.
  public func word(_ number: Double, of input: ValueID) -> Raw {
    let format = self[input].type.format
    guard number.isNaN else { return format.quantize(number) }
    return missing.contains(input) ? format.minRaw : 0
  }

  /// The words of a constant, nil for any other instruction.
  public func constant(_ id: ValueID) -> [Raw]? {
    if case .constant(let words) = instructions[id.index].operation { return words }
    return nil
  }
}

/// Names the tensor made by the instruction at `index`.
public struct ValueID: Hashable, Sendable, Comparable {
  /// The position in `Program.instructions`.
  public let index: Int

  /// Names the result of instruction `index`.
  public init(_ index: Int) { self.index = index }

  /// Orders values by when they are made.
  public static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// The shape and the word format of a tensor.
public struct ValueType: Hashable, Sendable {
  /// The length of each axis, batch excluded; [] is one word.
  public var shape: [Int]
  /// The format of every word.
  public var format: FixedFormat

  /// Makes a type.
  public init(_ shape: [Int], _ format: FixedFormat) {
    self.shape = shape
    self.format = format
  }

  /// The number of words.
  public var count: Int { shape.reduce(1, *) }
}

/// One step of a program: an operation, what it reads, and the type of what it makes.
public struct Instruction: Hashable, Sendable {
  /// A readable name, unique in the program ("fc1.weight"). Made from untrusted names.
  public var name: String
  /// What it does.
  public var operation: Operation
  /// What it reads.
  public var operands: [ValueID]
  /// What it makes. Follows from the operation and the operands' types (`Operation.resultType`).
  public var type: ValueType
  /// The layer it belongs to, as an index into `Program.layers`.
  public var layer: Int?

  /// Makes an instruction.
  public init(
    name: String, operation: Operation, operands: [ValueID], type: ValueType, layer: Int? = nil
  ) {
    self.name = name
    self.operation = operation
    self.operands = operands
    self.type = type
    self.layer = layer
  }
}

/// A layer as the user knows it: the unit of traces, configuration and reports.
public struct ProgramLayer: Hashable, Sendable {
  /// The layer's name (under the hls4ml policy, hls4ml's own).
  public var name: String
  /// The layer's class (under the hls4ml policy, hls4ml's own: Dense, Activation, …).
  public var className: String
  /// The tensor a trace shows for this layer; nil if it has none of its own.
  public var result: ValueID?

  /// Makes a layer.
  public init(name: String, className: String, result: ValueID? = nil) {
    self.name = name
    self.className = className
    self.result = result
  }
}

/// Why a program, or one instruction, is not well formed.
public struct ProgramError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The instruction's name, if one is to blame.
  public var instruction: String?
  /// What is wrong.
  public var message: String

  /// Makes an error.
  public init(_ message: String, instruction: String? = nil) {
    self.instruction = instruction
    self.message = message
  }

  /// `instruction: message`.
  public var description: String { instruction.map { "\($0): \(message)" } ?? message }
}
