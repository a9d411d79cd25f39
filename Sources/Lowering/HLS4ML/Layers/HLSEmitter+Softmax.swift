import FixedPoint
import Program

/// The four softmaxes (nnet_activation.h, core_templates.py).
extension HLSEmitter {
  mutating func softmax(_ softmax: HLSSoftmax) throws(ProgramError) -> ValueID {
    let x = try operand()
    let shape = layer.shape
    // One row per softmax.
    let rows: ValueID
    var order = Array(shape.indices)
    if let axis = softmax.axis {
      order.append(order.remove(at: axis))
      let isLast = axis == shape.count - 1
      rows = isLast ? x : try add("rows", .rearrange(.transpose(order)), x)
    } else {
      rows = try reshape(x, [shape.reduce(1, *)], "row")
    }
    let result: ValueID
    switch softmax.implementation {
    case .stable: result = try stable(rows, softmax)
    case .latency: result = try latency(rows, softmax)
    case .legacy: result = try legacy(rows, softmax)
    case .argmax: result = try argmax(rows)
    }
    guard softmax.axis != nil, order != Array(shape.indices) else { return try reshape(result, shape) }
    let back = shape.indices.map { axis in order.firstIndex(of: axis) ?? axis }
    return try add("columns", .rearrange(.transpose(back)), result)
  }

  /// The stable softmax of hls4ml before 1.2: differences from the largest are zero or negative, in the input's type, and the
  /// table has the exponentials of all its words.
  private mutating func stableBefore12(_ x: ValueID, _ softmax: HLSSoftmax) throws(ProgramError) -> ValueID {
    let input = format(of: x)
    let largest = try add("largest", .reduce(.maximum), x)
    let difference = try add("difference", .elementwise(.subtract), x, largest)
    let below = try add(
      "below", .requantize(FixedFormat(input.width, input.integerBits, .rnd, .sat)), difference)
    let place = try convert(below, to: input, "place")
    let bits = try indexBits(softmax.expTableSize ?? layer.tableSize, input)
    let exponentials = HLSTable.exponential(input, bits: bits, isNegated: false, try format(.expTable))
    return try normalize(try topBits(place, bits, "exp"), exponentials, softmax)
  }

  private mutating func stable(_ x: ValueID, _ softmax: HLSSoftmax) throws(ProgramError) -> ValueID {
    if layer.written?.isBefore12 == true { return try stableBefore12(x, softmax) }
    let input = format(of: x)
    let sign = input.isSigned ? 1 : 0
    var distance = FixedFormat(input.width - sign, input.integerBits - sign, signed: false)
    var count = softmax.expTableSize ?? layer.tableSize
    if let type = layer.types[.normalizedInput]?.format {
      distance = type
    } else if input.isSigned, distance.width < 31 {
      count = min(softmax.invTableSize ?? layer.tableSize, 1 << distance.width)
    } else if input.isSigned {
      count = softmax.invTableSize ?? layer.tableSize
    }
    if let asked = softmax.expTableSize, asked != count {
      warn(
        "ExpTableSize \(asked) has no effect: hls4ml 1.3.0 makes the table of exponentials of a stable softmax as large as "
          + "that of reciprocals, \(count) entries; InvTableSize sets both")
    }
    let largest = try add("largest", .reduce(.maximum), x)
    let below = try add("below", .elementwise(.subtract), largest, x)
    // Wraps where the distance does not fit.
    let norm = try add("distance", .requantize(distance), below)
    let bits = try indexBits(count, distance)
    let exponentials = HLSTable.exponential(distance, bits: bits, isNegated: true, try format(.expTable))
    check(table: "exp_table", exponentials, try format(.expTable), step: distance.tableStep(bits))
    return try normalize(try topBits(norm, bits, "exp"), exponentials, softmax)
  }

  private mutating func latency(_ x: ValueID, _ softmax: HLSSoftmax) throws(ProgramError) -> ValueID {
    let bits = try indexBits(softmax.expTableSize ?? layer.tableSize, format(of: x))
    let exponentials = HLSTable.exponential(
      format(of: x), bits: bits, isNegated: false, try format(.expTable))
    let negative = format(of: x).isSigned ? exponentials.count / 2 : exponentials.count
    check(
      table: "exp_table", Array(exponentials[negative...] + exponentials[..<negative]), try format(.expTable),
      step: format(of: x).tableStep(bits))
    return try normalize(try topBits(x, bits, "exp"), exponentials, softmax)
  }

  /// The exponentials at an index, divided by their sum.
  private mutating func normalize(_ index: ValueID, _ exponentials: [Raw], _ softmax: HLSSoftmax)
    throws(ProgramError) -> ValueID
  {
    let (accumulator, sumType) = (try format(.accum), try format(.invInput))
    let inverseType = try format(.invTable)
    let entries = accumulator.quantize(exponentials, from: try format(.expTable))
    let table = constant("exp.table", ValueType([entries.count], accumulator), entries)
    let powers = try add("exp", .lookup, index, table)
    let sum = try add("sum", .reduce(.sum(accumulator: accumulator, order: .tree)), powers)
    let total = try convert(sum, to: sumType, "total")
    let bits = try indexBits(softmax.invTableSize ?? layer.tableSize, sumType)
    check(reciprocalsOf: sumType, bits: bits)
    let reciprocals = HLSTable.reciprocal(sumType, bits: bits, inverseType)
    let inverses = constant("inv.table", ValueType([reciprocals.count], inverseType), reciprocals)
    let inverse = try add("inv", .lookup, try topBits(total, bits, "inv"), inverses)
    return try converted(try add("product", .elementwise(.multiply), powers, inverse))
  }

  /// The number of bits that index a table of `count` entries.
  private func indexBits(_ count: Int, _ format: FixedFormat) throws(ProgramError) -> Int {
    let bits = Int.bitWidth - 1 - count.leadingZeroBitCount
    guard count > 1, 1 << bits == count, count <= 1 << 24 else {
      throw ProgramError("a softmax table of \(count) entries; their number must be a power of two")
    }
    guard bits <= format.width else {
      throw ProgramError("a softmax table of \(count) entries for an index of \(format.width) bits")
    }
    return bits
  }

  /// The top bits of the words, as unsigned integers.
  private mutating func topBits(_ x: ValueID, _ bits: Int, _ name: String) throws(ProgramError) -> ValueID {
    let moved = try shift(x, by: bits - format(of: x).integerBits, "\(name).moved")
    return try add("\(name).index", .requantize(FixedFormat(bits, bits, signed: false)), moved)
  }

  /// 1 / Σⱼ e^(xⱼ − xᵢ), the differences from −8 to 8 and the sum from 0 to 64; its tables have a type of their
  /// own that the configuration does not reach.
  private mutating func legacy(_ x: ValueID, _ softmax: HLSSoftmax) throws(ProgramError) -> ValueID {
    let type = FixedFormat(18, 8)
    let count = graph.isStream ? layer.tableSize : softmax.expTableSize ?? layer.tableSize
    let inverseCount = graph.isStream ? layer.tableSize : softmax.invTableSize ?? layer.tableSize
    let length = shape(x)[shape(x).count - 1]
    let others = try reshape(x, shape(x).dropLast() + [1, length], "others")
    let own = try reshape(x, shape(x) + [1], "own")
    let difference = try add("difference", .elementwise(.subtract), others, own)
    let place = try index(difference, count: count, over: 16, offset: count / 2)
    let entries = HLSTable.legacyExponential(count: count, type)
    var powers = try lookUp(place, ValueType([count], type), entries)
    if entries[count / 2] != 1 << 10 {
      // e⁰ is 1 whatever the table says.
      let diagonal = (0..<length * length).map { Raw($0 / length == $0 % length ? 1 : 0) }
      let bit = FixedFormat(1, 1, signed: false)
      let mask = constant("diagonal", ValueType([length, length], bit), diagonal)
      let one = constant("one", ValueType([], type), [1 << 10])
      powers = try add("powers", .select(.equal), mask, number("yes", 1), one, powers)
    }
    let sum = try add("sum", .reduce(.sum(accumulator: type, order: .sequential)), powers)
    let total = try reshape(sum, shape(x), "total")
    let result = try format(.result)
    let inverse = try index(total, count: inverseCount, over: 64, offset: 0, "inv")
    let reciprocals = result.quantize(HLSTable.legacyReciprocal(count: inverseCount, type), from: type)
    let table = constant("inv.table", ValueType([inverseCount], result), reciprocals)
    return try add("", .lookup, inverse, table)
  }

  /// 1 for the first largest, 0 for the others.
  private mutating func argmax(_ x: ValueID) throws(ProgramError) -> ValueID {
    let result = try format(.result)
    let winner = try add("winner", .reduce(.argmax), x)
    let length = shape(x)[shape(x).count - 1]
    let places = constant(
      "places", ValueType([length], format(of: winner)), (0..<length).map { Raw($0) })
    let one = constant("one", ValueType([], result), [result.quantize(1, fractionBits: 0)])
    let zero = constant("zero", ValueType([], result), [0])
    return try add("", .select(.equal), places, winner, one, zero)
  }
}
