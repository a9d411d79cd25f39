import Diagnostics
import FixedPoint
import Program

// Word by word: arithmetic of two words, maxima, choices, tables, quotients.

extension Expansion {
  mutating func elementwise(_ id: ValueID, _ kind: Elementwise, _ operands: [Words]) throws(Failure) -> [Wire]
  {
    let result = program[id].type
    let (a, b) = (operands[0], operands[1])
    let fraction = result.format.fractionBits
    var (x, y) = (a.broadcast(to: result.shape), b.broadcast(to: result.shape))
    switch kind {
    case .multiply: return zip(x, y).map { builder.multiply($0, $1) }
    case .divide:
      var quotients: [Wire] = []
      for (dividend, divisor) in zip(x, y) { quotients.append(try divide(dividend, divisor, id)) }
      return quotients
    case .add, .subtract, .maximum, .minimum: break
    }
    x = x.map { $0.shifted(left: fraction - a.fractionBits) }
    y = y.map { $0.shifted(left: fraction - b.fractionBits) }
    return zip(x, y).map { x, y in
      switch kind {
      case .add: builder.sum([(x, 1), (y, 1)])
      case .subtract: builder.sum([(x, 1), (y, -1)])
      case .maximum: builder.mux(builder.compare(.greaterOrEqual, x, y), x, y)
      case .minimum, .multiply, .divide: builder.mux(builder.compare(.less, x, y), x, y)
      }
    }
  }

  mutating func select(_ comparison: Comparison, _ operands: [Words], _ result: ValueType) -> [Wire] {
    let parts = operands.map { $0.broadcast(to: result.shape) }
    let bits = operands.map(\.fractionBits)
    let common = max(bits[0], bits[1])
    let fraction = result.format.fractionBits
    return (0..<result.count).map { at in
      let condition = builder.compare(
        comparison, parts[0][at].shifted(left: common - bits[0]), parts[1][at].shifted(left: common - bits[1])
      )
      return builder.mux(
        condition, parts[2][at].shifted(left: fraction - bits[2]),
        parts[3][at].shifted(left: fraction - bits[3]))
    }
  }

  mutating func reduce(_ id: ValueID, _ reduction: Reduction, _ x: Words) -> [Wire] {
    if case .sum(let accumulator, let order) = reduction { return reduceSum(id, accumulator, order, x) }
    let depth = x.type.shape.last ?? 1
    return (0..<x.wires.count / depth).map { row in
      var ranked = (0..<depth).map { (x.wires[row * depth + $0], builder.constantWire(Raw($0))) }
      // A balanced tree; the left one stays where they are equal, so that the first of the largest is found.
      while ranked.count > 1 {
        ranked = stride(from: 0, to: ranked.count, by: 2).map { at in
          if at + 1 == ranked.count { return ranked[at] }
          let (left, right) = (ranked[at], ranked[at + 1])
          let isLeft = builder.compare(
            reduction == .minimum ? .lessOrEqual : .greaterOrEqual, left.0, right.0)
          return (
            builder.mux(isLeft, left.0, right.0),
            reduction == .argmax ? builder.mux(isLeft, left.1, right.1) : left.1
          )
        }
      }
      return reduction == .argmax ? ranked[0].1 : ranked[0].0
    }
  }

  // MARK: Tables

  /// The largest table that is filled up at its ends instead of clamping its index, as a multiple of its entries.
  private static let padding: Raw = 4

  mutating func lookup(_ indices: Words, _ id: ValueID) -> [Wire] {
    let tables = program[id].operands[1]
    guard let words = program.constant(tables) else { preconditionFailure("tables are constant") }
    let shape = program[tables].type.shape
    let entries = shape.last ?? 1
    let result = program[id].type
    let places = broadcastPlaces(of: Array(shape.dropLast()), in: result.shape)
    return zip(indices.broadcast(to: result.shape), places).map { index, table in
      lookup(index, Array(words[table * entries..<(table + 1) * entries]))
    }
  }

  private mutating func lookup(_ index: Wire, _ entries: [Raw]) -> Wire {
    let last = Raw(entries.count - 1)
    func entry(_ index: Raw) -> Raw { entries[Int(min(max(index, 0), last))] }
    var (wire, range) = (index, builder.interval(index))
    if range.high <= 0 || range.low >= last || entries.count == 1 {
      return builder.constantWire(entry(range.low))
    }
    if range.high - range.low > max(Self.padding * (last + 1), 64) {
      let (zero, end) = (builder.constantWire(0), builder.constantWire(last))
      wire = builder.mux(builder.compare(.less, wire, zero), zero, wire)
      wire = builder.mux(builder.compare(.greater, wire, end), end, wire)
      range = builder.interval(wire)
    }
    // Index words that cannot be, between multiples of 2^shift or outside the interval, have no entry at all.
    let own = builder.interval(wire.word)
    let read = (own.low...own.high).map { entry($0 << Raw(wire.shift)) }
    let zeros = read.reduce(127) { min($0, $1 == 0 ? 127 : $1.trailingZeroBitCount) }
    if read.allSatisfy({ $0 == read[0] }) { return builder.constantWire(read[0]) }
    let table = builder.place(Table(first: own.low, entries: read.map { $0 >> Raw(zeros) }))
    return Wire(word: builder.add(.table(table, wire.word)), shift: zeros)
  }

  // MARK: Division

  /// The quotient by a positive constant, truncated toward zero.
  ///
  /// Division by d as a multiplication by m / 2^k with 2^k < m·d ≤ 2^k + 2^(k−n), for dividends of n bits and a sign
  /// (Granlund and Montgomery, "Division by invariant integers using multiplication", 1994): ⌊m·x / 2^k⌋ is the quotient of x ≥ 0
  /// and one less than that of x < 0.
  private mutating func divide(_ dividend: Wire, _ divisor: Wire, _ id: ValueID) throws(Failure) -> Wire {
    guard let odd = builder.node(divisor.word).constant else { preconditionFailure("divisors are constant") }
    if let value = builder.node(dividend.word).constant {
      return builder.constantWire((value << Raw(dividend.shift)) / (odd << Raw(divisor.shift)))
    }
    // Common powers of two change nothing.
    let common = min(dividend.shift, divisor.shift)
    let x = builder.word(dividend.shifted(left: -common))
    let d = odd << Raw(divisor.shift - common)
    if d == 1 { return Wire(word: x) }
    let range = builder.interval(x)
    let quotients = Interval(range.low / d, range.high / d)
    if quotients.low == quotients.high { return builder.constantWire(quotients.low) }
    let n = WordType(range).width
    let log = Raw.bitWidth - (d - 1).leadingZeroBitCount
    let k = n + log
    guard k + n < 125 else {
      throw Failure(
        .badInput, place: program[id].layer.map { program.layers[$0].name },
        "\(program[id].name) divides words of \(n) bits by \(d): a circuit's products have at most 128 bits",
        hint: "give the layer's words fewer bits")
    }
    let m = (1 << Raw(k)) / d + 1
    let product = builder.multiply(Wire(word: x), builder.constantWire(m))
    let floor =
      product.shift >= k
      ? product.shifted(left: -k) : Wire(word: builder.slice(product.word, from: k - product.shift))
    if range.low >= 0 { return floor }
    return builder.sum([(floor, 1), (Wire(word: builder.bit(x, 127)), 1)], within: quotients)
  }
}
