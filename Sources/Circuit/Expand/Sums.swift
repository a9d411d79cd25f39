import FixedPoint
import Program

// Sums: affine, contract, reduce sum. Where the analysis of sums allows it, one node for each; elsewhere step by step.

extension Expansion {
  mutating func affine(_ id: ValueID, _ affine: Affine, _ operands: [Words]) -> [Wire] {
    let (x, weights, bias) = (operands[0], operands[1], operands[2])
    let shape = weights.type.shape
    let (depth, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    let groups = shape.count == 3 ? shape[0] : 1
    guard let analysis = program.sums(of: id, given: known) else {
      preconditionFailure("weights are constant")
    }
    let starts = bias.wires.map { convert($0, bias.fractionBits, to: affine.accumulator) }
    let fraction = x.fractionBits + weights.fractionBits
    var result: [Wire] = []
    for row in 0..<x.wires.count / depth {
      group += 1
      for column in 0..<columns {
        let terms = affine.order.indices(depth).compactMap { k -> (Wire, Wire)? in
          let weight = weights.wires[(row % groups * depth + k) * columns + column]
          return builder.node(weight.word).constant == 0 ? nil : (x.wires[row * depth + k], weight)
        }
        let start = starts[row % groups * columns + column]
        result.append(
          sum(
            terms, fraction, start: start, product: affine.product, analysis,
            output: row * columns + column))
      }
    }
    return result
  }

  mutating func contract(_ id: ValueID, _ contract: Contract, _ operands: [Words]) -> [Wire] {
    let (x, y) = (operands[0], operands[1])
    let rank = x.type.shape.count
    let (rows, columns) = (x.type.shape[rank - 2], y.type.shape[rank - 2])
    let depth = x.type.shape[rank - 1]
    guard let analysis = program.sums(of: id, given: known) else { preconditionFailure("a contraction") }
    let fraction = x.fractionBits + y.fractionBits
    let zero = builder.constantWire(0)
    var result: [Wire] = []
    for row in 0..<x.wires.count / depth {
      group += 1
      for column in 0..<columns {
        let other = row / rows * columns + column
        let terms = (0..<depth).map { (x.wires[row * depth + $0], y.wires[other * depth + $0]) }
        result.append(
          sum(
            terms, fraction, start: zero, product: contract.product, analysis, output: row * columns + column)
        )
      }
    }
    return result
  }

  /// One result of products: start + Σ aₖ · bₖ.
  private mutating func sum(
    _ products: [(Wire, Wire)], _ fraction: Int, start: Wire, product: FixedFormat?, _ analysis: SumAnalysis,
    output: Int
  ) -> Wire {
    // What one result may do does not depend on what its neighbours may: but conversions are decided for all.
    let facts = analysis.outputs[output % analysis.outputs.count]
    if facts.kind == .stepwise {
      return products.reduce(start) { acc, factors in
        let term = builder.multiply(factors.0, factors.1)
        let converted = product.map { convert(term, fraction, to: $0) } ?? term
        return accumulate(acc, converted, product?.fractionBits ?? fraction, analysis.accumulator)
      }
    }
    if analysis.conversions.isEmpty {
      // Products by constants stay factors of the sum.
      let terms = products.map { a, b -> (Wire, Raw) in
        if let factor = builder.node(b.word).constant { return (a.shifted(left: b.shift), factor) }
        if let factor = builder.node(a.word).constant { return (b.shifted(left: a.shift), factor) }
        return (builder.multiply(a, b), 1)
      }
      return total(terms, fraction, start: start, analysis.accumulator, facts)
    }
    let terms = products.map { converted(builder.multiply($0, $1), fraction, analysis.conversions) }
    let last = analysis.conversions.last?.fractionBits ?? fraction
    return total(terms.map { ($0, 1) }, last, start: start, analysis.accumulator, facts)
  }

  mutating func reduceSum(_ id: ValueID, _ accumulator: FixedFormat, _ order: ReductionOrder, _ x: Words)
    -> [Wire]
  {
    let depth = x.type.shape.last ?? 1
    guard let analysis = program.sums(of: id, given: known) else { preconditionFailure("a reduction") }
    let zero = builder.constantWire(0)
    return (0..<x.wires.count / depth).map { row in
      let words = Array(x.wires[row * depth..<(row + 1) * depth])
      let facts = analysis.outputs[row % analysis.outputs.count]
      group += 1
      if facts.kind == .stepwise {
        let terms = words.map { convert($0, x.fractionBits, to: accumulator) }
        switch order {
        case .sequential:
          return terms.dropFirst().reduce(terms[0]) {
            accumulate($0, $1, accumulator.fractionBits, accumulator)
          }
        case .tree: return tree(terms[...], accumulator)
        }
      }
      let terms = words.map { (converted($0, x.fractionBits, analysis.conversions), Raw(1)) }
      let fraction = analysis.conversions.last?.fractionBits ?? x.fractionBits
      return total(terms, fraction, start: zero, accumulator, facts)
    }
  }

  private mutating func tree(_ terms: ArraySlice<Wire>, _ accumulator: FixedFormat) -> Wire {
    if terms.count == 1 { return terms[terms.startIndex] }
    let left = 1 << (Int.bitWidth - 1 - (terms.count - 1).leadingZeroBitCount)
    let sums = (tree(terms.prefix(left), accumulator), tree(terms.dropFirst(left), accumulator))
    return accumulate(sums.0, sums.1, accumulator.fractionBits, accumulator)
  }

  /// `accumulator(acc + term)`: one step of a running sum.
  private mutating func accumulate(
    _ acc: Wire, _ term: Wire, _ fraction: Int, _ accumulator: FixedFormat
  ) -> Wire {
    let common = max(fraction, accumulator.fractionBits)
    let sum = builder.sum([
      (acc.shifted(left: common - accumulator.fractionBits), 1), (term.shifted(left: common - fraction), 1),
    ])
    return convert(sum, common, to: accumulator)
  }

  private mutating func converted(_ wire: Wire, _ fraction: Int, _ formats: [FixedFormat]) -> Wire {
    var (wire, fraction) = (wire, fraction)
    for format in formats {
      wire = convert(wire, fraction, to: format)
      fraction = format.fractionBits
    }
    return wire
  }

  /// start + Σ terms of `fraction` bits, no more than the accumulator has, exact or wrapped at its end.
  private mutating func total(
    _ terms: [(Wire, Raw)], _ fraction: Int, start: Wire, _ accumulator: FixedFormat,
    _ facts: SumAnalysis.Output
  ) -> Wire {
    let shift = accumulator.fractionBits - fraction
    // In steps of the terms, where the start has no bits below them; else in the accumulator's.
    let below = max(0, shift - start.shift)
    let moved = shift - below
    var all = terms.map { ($0.0.shifted(left: below), $0.1) }
    all.append((start.shifted(left: -moved), 1))
    if moved >= accumulator.width { return builder.constantWire(0) }
    let isExact = facts.kind == .exact
    let type = WordType(accumulator.width - moved, signed: accumulator.isSigned)
    let within = Interval(
      facts.result.interval.low >> Raw(moved), facts.result.interval.high >> Raw(moved))
    return builder.sum(
      all, within: isExact ? within : nil, wrapped: isExact ? nil : type, group: group
    ).shifted(left: moved)
  }
}
