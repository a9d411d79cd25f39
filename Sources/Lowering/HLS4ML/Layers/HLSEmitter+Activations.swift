import FixedPoint
import Program

/// Activations (nnet_activation.h) and normalizations (nnet_batchnorm.h).
extension HLSEmitter {
  mutating func activation(of x: ValueID) throws(ProgramError) -> ValueID {
    switch layer.kind {
    case .activation(let function): return try apply(function, to: x)
    case .parametrized(let function, let parameter): return try apply(function, parameter, to: x)
    case .hard(let isTanh, let slope, let shift):
      return try hard(x, isTanh: isTanh, slope: slope, shift: shift)
    case .prelu:
      let alpha = constant("alpha", ValueType(layer.shape, try format(.param)), try words(.param))
      return try leaky(x, alpha)
    default: return try ternaryTanh(x)
    }
  }

  private mutating func apply(_ function: HLSFunction, to x: ValueID) throws(ProgramError) -> ValueID {
    switch function {
    case .linear: return try converted(x)
    case .relu: return try converted(try clip(x, from: 0, to: nil))
    case .clippedReLU(let limit): return try converted(try clip(x, from: 0, to: limit))
    case .hardTanh: return try converted(try clip(x, from: -1, to: 1))
    case .sigmoid, .softplus, .softsign: return try tabulated(x, function, range: 8)
    case .tanh: return try tabulated(x, function, range: 4)
    case .selu: return try selu(x)
    case .ternaryTanh: return try ternaryTanh(x)
    case .binaryTanh:
      let result = try format(.result)
      // One bit stands for −1 and +1; any other type holds the numbers themselves.
      let isBit = result.width == 1 && !result.isSigned
      let high = constant("high", ValueType([], result), [result.quantize(1, fractionBits: 0)])
      let low = constant("low", ValueType([], result), [isBit ? 0 : result.quantize(-1, fractionBits: 0)])
      return try add("", .select(.greaterOrEqual), x, number("zero", 0), high, low)
    }
  }

  private mutating func apply(_ function: HLSParametrized, _ parameter: Double, to x: ValueID)
    throws(ProgramError) -> ValueID
  {
    let type = try format(.param)
    let value = constant(
      function == .thresholdedReLU ? "theta" : "alpha", ValueType([], type), [type.quantize(parameter)])
    switch function {
    case .leakyReLU: return try leaky(x, value)
    case .thresholdedReLU:
      return try converted(try add("chosen", .select(.greater), x, value, x, number("zero", 0)))
    case .elu:
      let table = try format(.table)
      let entries = HLSTable.negative(HLSTable.elu, count: layer.tableSize, table)
      check(table: "table", entries, table, step: 8 / Double(layer.tableSize))
      let low = try lookUp(try negativeIndex(x), ValueType([entries.count], table), entries)
      let scaled = try add("scaled", .elementwise(.multiply), low, value)
      return try converted(
        try add("chosen", .select(.greaterOrEqual), x, number("zero", 0), x, scaled))
    }
  }

  private mutating func leaky(_ x: ValueID, _ alpha: ValueID) throws(ProgramError) -> ValueID {
    let scaled = try add("scaled", .elementwise(.multiply), x, alpha)
    return try converted(try add("chosen", .select(.greater), x, number("zero", 0), x, scaled))
  }

  private mutating func selu(_ x: ValueID) throws(ProgramError) -> ValueID {
    let table = try format(.table)
    let entries = HLSTable.negative(HLSTable.selu, count: layer.tableSize, table)
    check(table: "table", entries, table, step: 8 / Double(layer.tableSize))
    let low = try lookUp(try negativeIndex(x), ValueType([entries.count], table), entries)
    let type = layer.written?.isBefore12 == true ? try format(.result) : FixedFormat(16, 1, signed: false)
    let lambda = constant("lambda", ValueType([], type), [type.quantize(1.0507009873554805)])
    let high = try add("high", .elementwise(.multiply), x, lambda)
    return try converted(
      try add("chosen", .select(.greaterOrEqual), x, number("zero", 0), high, low))
  }

  private mutating func hard(_ x: ValueID, isTanh: Bool, slope: Double, shift: Double) throws(ProgramError)
    -> ValueID
  {
    let (slopeType, shiftType) = (try format(.slope), try format(.shift))
    let a = constant("slope", ValueType([], slopeType), [slopeType.quantize(slope)])
    let b = constant("shift", ValueType([], shiftType), [shiftType.quantize(shift)])
    let sum = try add("line", .elementwise(.add), try add("scaled", .elementwise(.multiply), x, a), b)
    var y = try clip(sum, from: 0, to: 1)
    if isTanh {
      y = try add(
        "bipolar", .elementwise(.subtract), try self.shift(y, by: 1, "doubled"), number("one", 1))
    }
    return try converted(y)
  }

  private mutating func ternaryTanh(_ x: ValueID) throws(ProgramError) -> ValueID {
    // Twice the input in the input's own type, which may overflow.
    let type = format(of: x)
    let y = try convert(try shift(x, by: 1, "doubled"), to: type, "twice")
    let result = try format(.result)
    func level(_ value: Raw) -> Raw { result.quantize(value, fractionBits: 0) }
    let high = constant("high", ValueType([], result), [level(1)])
    let middle = constant("middle", ValueType([], result), [level(0)])
    let low = constant("low", ValueType([], result), [level(-1)])
    let below = try add("below", .select(.greater), y, number("minus", -1), middle, low)
    return try add("", .select(.greater), y, number("one", 1), high, below)
  }

  /// min(max(x, low), high).
  private mutating func clip(_ x: ValueID, from low: Double, to high: Double?) throws(ProgramError) -> ValueID
  {
    let above = try add("above", .elementwise(.maximum), x, number("low", low))
    guard let high else { return above }
    return try add("clipped", .elementwise(.minimum), above, number("high", high))
  }

  // MARK: Tables

  private mutating func tabulated(_ x: ValueID, _ function: HLSFunction, range: Double) throws(ProgramError)
    -> ValueID
  {
    let type = try format(.table)
    let count = layer.tableSize
    let entries = HLSTable.symmetric(function, count: count, range: range, type)
    check(
      table: "table", try format(.result).quantize(entries, from: type), try format(.result),
      step: 2 * range / Double(count))
    let index = try self.index(x, count: count, over: 2 * Int(range), offset: count / 2)
    return try lookUp(index, ValueType([count], type), entries, isResult: true)
  }

  /// The entries at an index, in the result's type if they are the layer's result.
  mutating func lookUp(
    _ index: ValueID, _ type: ValueType, _ entries: [Raw], isResult: Bool = false
  ) throws(ProgramError) -> ValueID {
    let format = isResult ? try self.format(.result) : type.format
    let table = constant("table", ValueType(type.shape, format), format.quantize(entries, from: type.format))
    return try add(isResult ? "" : "entry", .lookup, index, table)
  }

  /// x · count / range toward zero, plus an offset: computed in an int, which may overflow.
  mutating func index(
    _ x: ValueID, count: Int, over range: Int, offset: Int, _ name: String = "index"
  ) throws(ProgramError) -> ValueID {
    let place = try scaledIndex(x, Double(count) / Double(range), unsigned: false, name)
    if offset == 0 { return place }
    let sum = try add(name, .elementwise(.add), place, number("\(name).offset", Double(offset)))
    return format(of: sum).integerBits > 32 ? try convert(sum, to: .integer(32), "\(name).int") : sum
  }

  /// x · count / −8 toward zero, for negative x. What overflows an int is compared as unsigned there.
  private mutating func negativeIndex(_ x: ValueID) throws(ProgramError) -> ValueID {
    try scaledIndex(x, Double(layer.tableSize) / -8, unsigned: true, "index")
  }

  /// x · factor as an integer, toward zero. `factor` has few bits.
  mutating func scaledIndex(_ x: ValueID, _ factor: Double, unsigned: Bool, _ name: String)
    throws(ProgramError) -> ValueID
  {
    let scaled = try add("\(name).scaled", .elementwise(.multiply), x, number("\(name).factor", factor))
    let format = format(of: scaled)
    let bits = max(1, format.integerBits)
    // C++ puts the number in a 32-bit int: only a wide format can tell the difference.
    let fits = bits + (format.isSigned ? 0 : 1) <= 32
    let type =
      fits
      ? FixedFormat(bits, bits, signed: format.isSigned, .trnZero, .wrap)
      : FixedFormat(32, 32, signed: !unsigned, .trnZero, .wrap)
    return try add("\(name).place", .requantize(type), scaled)
  }

  // MARK: Normalizations

  mutating func normalization() throws(ProgramError) -> ValueID {
    let x = try operand()
    guard let scale = layer.weights[.scale]?.data else { throw ProgramError("has no scale") }
    var product: ValueID
    if case .exponent(let width)? = layer.types[.scale] {
      product = try exponentialProduct(x, scale, width)
    } else {
      let isBit = operandPrecision() == .xnor
      let source = isBit ? try signs(x) : x
      var words = try self.words(.scale)
      if layer.types[.scale]?.isTernary == true, !isBit { words = words.map { $0 == -2 ? 1 : $0 } }
      let factor = perChannel("scale", words, try format(.scale))
      product = try add("product", .elementwise(.multiply), source, factor)
    }
    if layer.written?.isProductConverted == true {
      product = try convert(product, to: try format(.result), "rounded")
    }
    let bias = perChannel("bias", try words(.bias), try format(.bias))
    return try converted(try add("sum", .elementwise(.add), product, bias))
  }

  mutating func thresholds(levels: Int) throws(ProgramError) -> ValueID {
    let x = try operand()
    let result = try format(.result)
    let one = constant("one", ValueType([], result), [1])
    let zero = constant("zero", ValueType([], result), [0])
    if levels == 2 {
      let threshold = perChannel("threshold", try words(.threshold), try format(.threshold))
      return try add("", .select(.greaterOrEqual), x, threshold, one, zero)
    }
    let high = perChannel("high", try words(.thresholdHigh), try format(.thresholdHigh))
    let low = perChannel("low", try words(.thresholdLow), try format(.thresholdLow))
    let minus = constant("minus", ValueType([], result), [-1])
    let below = try add("below", .select(.lessOrEqual), x, low, minus, zero)
    return try add("", .select(.greater), x, high, one, below)
  }

  /// A constant of one word per channel, along the layer's axis; or of one word per element.
  private mutating func perChannel(_ name: String, _ words: [Raw], _ format: FixedFormat) -> ValueID {
    var shape = [words.count]
    if case .batchNormalization(_, let axis?) = layer.kind {
      shape += layer.shape.dropFirst(axis + 1).map { _ in 1 }
    } else if words.count != layer.shape.last, words.count == layer.shape.reduce(1, *) {
      shape = layer.shape
    }
    return constant(name, ValueType(shape, format), words)
  }
}
