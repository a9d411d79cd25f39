import Backends
import FixedPoint
import Program

/// Writes the loops of word-by-word operations.
extension Emission {
  /// Writes one loop that computes `indices`, all of one shape.
  mutating func writeWords(
    _ indices: [Int], _ code: inout CodeWriter, _ scope: FunctionScope, _ head: inout FunctionHead
  ) {
    let program = scope.program
    let shape = program.instructions[indices[0]].type.shape
    let inside = Set(indices)
    // Every tensor from outside the loop, with the shape its reader sees.
    var tensors: [(id: ValueID, shape: [Int])] = []
    var slot: [ValueID: Int] = [:]
    for index in indices {
      for operand in program.instructions[index].operands {
        if slot[operand] != nil { continue }
        if inside.contains(layout.root[operand.index]) || isLookedUp(operand, by: index) { continue }
        slot[operand] = tensors.count
        tensors.append((operand, operandShape(operand, scope, rank: shape.count)))
      }
    }
    var shapes = tensors.map(\.shape)
    // Formats laid along axes are walked like a tensor of their shape.
    var layouts: [Int: ElementFormats] = [:]
    for index in indices {
      guard case .requantize(.laid(let laid)) = program.instructions[index].operation else { continue }
      let formats = elementFormats(laid, index, scope)
      layouts[index] = formats
      shapes.append(formats.shape)
    }
    // So are tables of which there are several, each as one element.
    var tables: [Int: Int] = [:]
    for index in indices {
      let instruction = program.instructions[index]
      guard let table = instruction.operation.table else { continue }
      let rows = program[instruction.operands[table]].type.shape.dropLast()
      if rows.reduce(1, *) == 1 { continue }
      shapes.append(Array(rows))
      tables[index] = shapes.count
    }
    let nest = LoopNest(broadcasting: shapes, to: shape)
    func located(_ operand: ValueID, _ tensor: Int) -> WordPlace {
      place(of: operand, nest.offset(tensor + 1), scope, rank: shape.count)
    }
    var statements: [String] = []
    for index in indices {
      let instruction = program.instructions[index]
      let operands = instruction.operands.map { operand -> String in
        if isLookedUp(operand, by: index) || isDivisor(operand, of: index) { return "" }
        guard let tensor = slot[operand] else {
          return element(operand, WordPlace(offset: nest.offset(0)), layer: nil, &head)
        }
        return element(operand, located(operand, tensor), layer: scope.layer, &head)
      }
      let divisor =
        instruction.operands.count > 1
        ? slot[instruction.operands[1]].map { located(instruction.operands[1], $0) } : nil
      let value: String
      if let formats = layouts[index] {
        let number = tensors.count + indices.prefix { $0 != index }.count { layouts[$0] != nil } + 1
        value = conversion(index, formats, at: nest.offset(number), of: operands[0], scope, &head)
      } else {
        value = expression(
          index, operands, divisor: divisor ?? WordPlace(offset: "0"), row: tables[index].map(nest.offset),
          layer: scope.layer, &head)
      }
      let id = ValueID(index)
      statements.append(
        layout.isArray[index]
          ? "\(layout.name(id))[\(nest.offset(0))] = \(value);"
          : "const \(layout.typeName(id)) \(layout.name(id)) = \(value);")
    }
    nest.write(&code, .unrolled) { body in
      for statement in statements { body.line(statement) }
    }
  }

  /// Where a word is in its array.
  private struct WordPlace {
    /// The C++ expression.
    var offset: String
    /// Whether it depends on the position being computed.
    var readsPosition = false
    /// Where the words of a position are a row of a table: how many there are, and the word's place among them.
    var row: (words: Int, place: String)?
  }

  /// The shape an operand has beside a result of `rank` axes: a constant's leading axes are taken off where
  /// one position is computed at a time.
  private func operandShape(_ operand: ValueID, _ scope: FunctionScope, rank: Int) -> [Int] {
    let shape = scope.program[operand].type.shape
    guard layout.constant(operand) != nil, shape.count > rank else { return shape }
    return Array(shape.suffix(rank))
  }

  /// The place of a word, counted from the start of a constant that has words for every position.
  private func place(
    of operand: ValueID, _ inside: String, _ scope: FunctionScope, rank: Int
  ) -> WordPlace {
    guard scope.countsPositions, layout.constant(operand) != nil else { return WordPlace(offset: inside) }
    let own = operandShape(operand, scope, rank: rank).reduce(1, *)
    if own == scope.program[operand].type.count { return WordPlace(offset: inside) }
    return WordPlace(
      offset: "(position) * \(own) + \(inside)", readsPosition: true, row: (own, inside))
  }

  /// Whether an operand is a table.
  private func isLookedUp(_ operand: ValueID, by index: Int) -> Bool {
    let instruction = program.instructions[index]
    return instruction.operation.table.map { instruction.operands[$0] } == operand
  }

  /// Whether an operand is a division's divisor.
  private func isDivisor(_ operand: ValueID, of index: Int) -> Bool {
    let instruction = program.instructions[index]
    return instruction.operation == .elementwise(.divide) && operand == instruction.operands[1]
  }

  /// One word of a value, as an expression of the value's type.
  private mutating func element(
    _ id: ValueID, _ place: WordPlace, layer: Int?, _ head: inout FunctionHead
  ) -> String {
    let holder = layout.holder(id)
    guard let words = program.constant(holder) else {
      return layout.isArray[holder.index] ? "\(layout.name(holder))[\(place.offset)]" : layout.name(holder)
    }
    let format = program[holder].type.format
    if let first = words.first, words.allSatisfy({ $0 == first }) {
      if first == 0 { return "\(layout.typeName(holder))(0)" }
      if format.width > 64 { kernels.insert(.wide) }
      return format.word(first, as: layout.typeName(holder))
    }
    head.readsPosition = head.readsPosition || place.readsPosition
    if let row = place.row {
      // All words of a position at once: a memory for each.
      let name = table(
        of: id, arrangement: "by_\(row.words)", shape: [words.count / row.words, row.words], layer: layer)
      head.add(.partition(name, dimension: 2))
      return "tf::word<\(layout.typeName(holder))>(\(name)[position][\(row.place)])"
    }
    return "tf::word<\(layout.typeName(holder))>(\(table(of: id, layer: layer))[\(place.offset)])"
  }

  private mutating func expression(
    _ index: Int, _ operands: [String], divisor: WordPlace, row: String?, layer: Int?,
    _ head: inout FunctionHead
  ) -> String {
    let instruction = program.instructions[index]
    let type = layout.typeName(ValueID(index))
    guard case .wordwise(let operation) = instruction.operation.form else { return "" }
    switch operation {
    case .requantize(.uniform(let format)): return conversion(to: format, as: type, operands[0])
    case .requantize(.laid): return ""
    case .elementwise(.add): return "\(operands[0]) + \(operands[1])"
    case .elementwise(.subtract): return "\(operands[0]) - \(operands[1])"
    case .elementwise(.multiply): return "\(operands[0]) * \(operands[1])"
    case .elementwise(.maximum):
      kernels.insert(.choose)
      return "tf::larger<\(type)>(\(operands[0]), \(operands[1]))"
    case .elementwise(.minimum):
      kernels.insert(.choose)
      return "tf::smaller<\(type)>(\(operands[0]), \(operands[1]))"
    case .elementwise(.divide):
      return division(instruction, operands[0], type, divisor, layer: layer, &head)
    case .lookup:
      let entries = program[instruction.operands[1]].type.shape.last ?? 1
      let bits = program[instruction.operands[0]].type.format.isSigned ? "signed_bits" : "unsigned_bits"
      let place = "tf::\(bits)(\(operands[0]))"
      kernels.formUnion([.bits, .lookup])
      guard let row else {
        let table = table(of: instruction.operands[1], layer: layer)
        return "tf::lookup<\(type), \(entries)>(\(table), \(place))"
      }
      // Several tables are as many memories, which are read at once.
      let rows = program[instruction.operands[1]].type.count / entries
      let tables = table(
        of: instruction.operands[1], arrangement: "tables", shape: [rows, entries], layer: layer)
      head.add(.partition(tables, dimension: 1))
      return "tf::lookup<\(type), \(entries)>(\(tables)[\(row)], \(place))"
    case .select(let comparison):
      let (a, b) = (
        program[instruction.operands[0]].type.format, program[instruction.operands[1]].type.format
      )
      let common = FixedFormat.union(a, b).cppType
      let sides = [(operands[0], a), (operands[1], b)].map {
        a.hasSameWords(as: b) ? $0.0 : "\(common)(\($0.0))"
      }
      return "\(sides[0]) \(comparison.cpp) \(sides[1]) ? \(type)(\(operands[2])) : \(type)(\(operands[3]))"
    }
  }

  /// Division by constants, as a multiplication by 2^shift/d rounded up (Granlund and Montgomery, "Division
  /// by invariant integers using multiplication", 1994, theorem 4.2): exact for magnitudes below 2^bits when
  /// shift = bits + ⌈log₂ d⌉.
  private mutating func division(
    _ instruction: Instruction, _ dividend: String, _ type: String, _ place: WordPlace, layer: Int?,
    _ head: inout FunctionHead
  ) -> String {
    kernels.insert(.bits)
    let format = program[instruction.operands[0]].type.format
    let divisor = instruction.operands[1]
    let divisors = layout.constant(divisor) ?? []
    let largest = divisors.max() ?? 1
    let raw = "tf::\(format.isSigned ? "signed_bits" : "unsigned_bits")(\(dividend))"
    let bits = format.width
    let depth = Int128.bitWidth - (largest - 1).leadingZeroBitCount
    let shift = bits + depth
    let factorWidth = shift + 1
    guard factorWidth <= 64 else {
      kernels.insert(.divideWide)
      let words = element(divisor, place, layer: layer, &head)
      let wide = program[layout.holder(divisor)].type.format.isSigned ? "signed_bits" : "unsigned_bits"
      return "tf::divide_wide<\(type)>(\(raw), tf::\(wide)(\(words)))"
    }
    kernels.insert(.divide)
    let factorFormat = FixedFormat.integer(factorWidth, signed: false)
    let factors = divisors.map { ((Raw(1) << Raw(shift)) + $0 - 1) / $0 }
    let factor: String
    if let first = factors.first, factors.allSatisfy({ $0 == first }) {
      factor = "\(factorFormat.storageType)(\(factorFormat.literal(first)))"
    } else {
      let name = table(of: divisor, arrangement: "reciprocals_\(shift)", layer: layer, format: factorFormat) {
        _ in factors
      }
      head.readsPosition = head.readsPosition || place.readsPosition
      factor = "\(name)[\(place.offset)]"
    }
    return "tf::divide<\(type), \(shift), \(factorWidth)>(\(raw), \(factor))"
  }
}

extension Comparison {
  /// The C++ operator.
  var cpp: String {
    switch self {
    case .less: "<"
    case .lessOrEqual: "<="
    case .equal: "=="
    case .greaterOrEqual: ">="
    case .greater: ">"
    }
  }
}
