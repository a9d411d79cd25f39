import Diagnostics

/// A program rebuilt from another, whose instructions are visited once, in order.
///
/// For every value of the source the pass says what becomes of it: it is kept, another value stands in for it, or it is
/// erased. Instructions may be added in between. Values are renumbered as they come; `finished` renumbers inputs,
/// outputs and layers' results.
public struct Rewriter: Sendable {
  /// The program to be rebuilt.
  public let source: Program
  /// What there is of the new one.
  public private(set) var program: Program
  /// By value of the source, the new one; nil where it is erased.
  private var places: [ValueID?] = []
  private var names: Set<String>

  /// Starts with nothing rebuilt.
  public init(_ source: Program) {
    self.source = source
    program = Program(name: source.name, layers: source.layers)
    program.instructions.reserveCapacity(source.instructions.count)
    names = Set(source.instructions.map(\.name))
  }

  /// What a value of the source is now.
  ///
  /// - Precondition: it comes before the next one to be rebuilt, and is not erased.
  public subscript(_ old: ValueID) -> ValueID {
    guard let place = places[old.index] else { preconditionFailure("\(source[old].name) is erased and read") }
    return place
  }

  /// The next value of the source to be rebuilt; nil where all are.
  public var next: ValueID? {
    places.count < source.instructions.count ? ValueID(places.count) : nil
  }

  /// Copies the next instruction, its operands renumbered.
  ///
  /// - Parameter change: changes the copy.
  public mutating func keep(_ change: (inout Instruction) -> Void = { _ in }) {
    var copy = source.instructions[places.count]
    copy.operands = copy.operands.map { self[$0] }
    change(&copy)
    program.instructions.append(copy)
    places.append(ValueID(program.instructions.count - 1))
  }

  /// Lets a new value stand in for the next one of the source.
  public mutating func replace(by value: ValueID) { places.append(value) }

  /// Leaves the next instruction out. Nothing kept may read it.
  public mutating func erase() { places.append(nil) }

  /// Adds a changed copy of the next instruction, whose operands are new values, under its own name. The next
  /// instruction is yet to be replaced.
  public mutating func addCopy(_ instruction: Instruction) -> ValueID {
    precondition(
      instruction.name == source.instructions[places.count].name, "not the next instruction's copy")
    program.instructions.append(instruction)
    return ValueID(program.instructions.count - 1)
  }

  /// Adds an instruction whose operands are new values. Its name is made unique.
  public mutating func add(_ instruction: Instruction) -> ValueID {
    var copy = instruction
    copy.name = names.insertUnique(instruction.name, separator: ".")
    program.instructions.append(copy)
    return ValueID(program.instructions.count - 1)
  }

  /// The new program. A layer whose result is erased has none.
  ///
  /// - Precondition: everything is rebuilt; inputs and outputs are not erased.
  public func finished() -> Program {
    precondition(next == nil, "\(source.instructions.count - places.count) instructions are not rebuilt")
    var program = program
    program.inputs = source.inputs.map { self[$0] }
    program.outputs = source.outputs.map { self[$0] }
    program.missing = Set(source.missing.map { self[$0] })
    for layer in program.layers.indices {
      program.layers[layer].result = source.layers[layer].result.flatMap { places[$0.index] }
    }
    return program
  }
}

extension Program {
  /// This program rebuilt; `body` is called for each of its values and keeps, replaces or erases it.
  func rewritten(_ body: (inout Rewriter, ValueID) -> Void) -> Program {
    var rewriter = Rewriter(self)
    while let value = rewriter.next { body(&rewriter, value) }
    return rewriter.finished()
  }

  /// How often each value is read, put out, or shown as a layer's result.
  var useCounts: [Int] {
    var uses = [Int](repeating: 0, count: instructions.count)
    for instruction in instructions {
      for id in instruction.operands { uses[id.index] += 1 }
    }
    for id in outputs + layers.compactMap(\.result) { uses[id.index] += 1 }
    return uses
  }
}
