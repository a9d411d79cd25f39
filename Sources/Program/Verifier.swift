import FixedPoint

extension Program {
  /// Checks every invariant of a well-formed program; all violations are reported.
  ///
  /// 1. Operands come before their use; inputs and outputs name instructions, inputs exactly the `input`s.
  /// 2. Instruction names are unique.
  /// 3. Every type is the one its operation infers (`Operation.resultType`); shapes have no empty axis.
  /// 4. Every format, and every exact intermediate (products, aligned sums), fits 128 bits (127 unsigned).
  /// 5. Constants fill their shapes with words of their format. Weights, biases, tables and divisors are
  ///    constants; divisors are positive. Padding words are words of the operand's format.
  /// 6. What stands for missing numbers are words of signed inputs.
  /// 7. The step of a scan is a well-formed program whose inputs and outputs are what `Scan` says.
  /// 8. Layer indices are in range, and a layer's result is one of the program's values.
  public func verify() -> [ProgramError] {
    var errors: [ProgramError] = []
    var names: Set<String> = []
    for (index, instruction) in instructions.enumerated() {
      func report(_ message: String) { errors.append(ProgramError(message, instruction: instruction.name)) }
      if !names.insert(instruction.name).inserted { report("the name is used twice") }
      if let layer = instruction.layer, !layers.indices.contains(layer) { report("no layer \(layer)") }
      guard instruction.operands.allSatisfy({ (0..<index).contains($0.index) }) else {
        report("reads a value that is not made before it")
        continue
      }
      guard ValueType.isSane(instruction.type.shape) else {
        report("shape \(instruction.type.shape) is empty or has more than \(ValueType.maximumCount) words")
        return errors
      }
      if !instruction.type.format.isRepresentable {
        report("needs \(Self.excess(instruction.type.format))")
      }
      for message in check(instruction) { report(message) }
    }
    let declared = instructions.indices.filter { instructions[$0].operation == .input }.map(ValueID.init)
    if Set(inputs) != Set(declared) || inputs.count != declared.count {
      errors.append(ProgramError("the inputs listed are not the input instructions"))
    }
    for id in missing where !declared.contains(id) || !self[id].type.format.isSigned {
      errors.append(
        ProgramError("\(id) is no signed input whose lowest word could stand for a missing number"))
    }
    if outputs.isEmpty { errors.append(ProgramError("no outputs")) }
    for id in outputs + layers.compactMap(\.result) where !instructions.indices.contains(id.index) {
      errors.append(ProgramError("no value \(id.index)"))
    }
    return errors
  }

  /// What is wrong with one instruction whose operands' and own shapes are sane.
  private func check(_ instruction: Instruction) -> [String] {
    let types = instruction.operands.map { self[$0].type }
    switch instruction.operation.form {
    case .input: return instruction.operands.isEmpty ? [] : ["an input has operands"]
    case .constant(let words):
      let format = instruction.type.format
      guard instruction.operands.isEmpty, words.count == instruction.type.count else {
        return ["\(words.count) words do not fill \(instruction.type.shape)"]
      }
      guard format.isRepresentable else { return [] }
      return words.allSatisfy { $0 >= format.minRaw && $0 <= format.maxRaw }
        ? [] : ["a word outside its format"]
    case .wordwise, .product, .reduction, .wiring, .scan: break
    }
    do {
      let inferred = try instruction.operation.resultType(types)
      if inferred != instruction.type { return ["has type \(instruction.type), infers \(inferred)"] }
    } catch { return [error.message] }
    var messages = instruction.operation.intermediates(types).filter { !$0.isRepresentable }.map {
      "an exact intermediate needs \(Self.excess($0))"
    }
    for operand in instruction.operation.constantOperands {
      let words = constant(instruction.operands[operand])
      if words == nil { messages.append("operand \(operand) is not a constant") }
      if instruction.operation == .elementwise(.divide), words?.contains(where: { $0 <= 0 }) == true {
        messages.append("a divisor that is not positive")
      }
    }
    switch instruction.operation.form {
    case .wiring(.window(let window)):
      if types[0].format.quantize(window.padding, from: types[0].format) != window.padding {
        messages.append("a padding word outside the format")
      }
    case .wiring(.rearrange(let rearrangement)):
      let format = instruction.type.format
      if format.isRepresentable, rearrangement.fill < format.minRaw || rearrangement.fill > format.maxRaw {
        messages.append("a padding word outside the format")
      }
    case .input, .constant, .wordwise, .product, .reduction, .scan: break
    }
    return messages
  }

  private static func excess(_ format: FixedFormat) -> String {
    "\(format.width) bits; at most \(FixedFormat.maximumWidth(signed: format.isSigned)) are supported"
  }
}
