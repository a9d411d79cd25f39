import FixedPoint

/// A running sum kept in an accumulator, on intervals.
struct SumRange {
  let accumulator: FixedFormat
  /// The fraction bits of the terms.
  let fractionBits: Int

  /// The accumulator's words after adding `terms` in order to `start`.
  func callAsFunction(_ start: ClosedRange<Raw>, _ terms: some Sequence<ClosedRange<Raw>>) -> ClosedRange<Raw>
  {
    if let exact = exact(start, terms) { return exact }
    return terms.reduce(start) { accumulate($0, $1) }
  }

  /// accumulator(acc + term).
  func accumulate(_ acc: ClosedRange<Raw>, _ term: ClosedRange<Raw>) -> ClosedRange<Raw> {
    let fraction = max(fractionBits, accumulator.fractionBits)
    let sum =
      acc.shifted(left: fraction - accumulator.fractionBits) + term.shifted(left: fraction - fractionBits)
    return accumulator.quantize(sum, fractionBits: fraction)
  }

  /// The plain sum, where no addition rounds and none overflows, or all wraps cancel; else nil.
  private func exact(_ start: ClosedRange<Raw>, _ terms: some Sequence<ClosedRange<Raw>>) -> ClosedRange<Raw>?
  {
    let shift = accumulator.fractionBits - fractionBits
    guard shift >= 0 else { return nil }
    // total: the sum; extreme: the furthest any partial sum in any order can go.
    var (totalLow, totalHigh) = (start.lowerBound, start.upperBound)
    var (extremeLow, extremeHigh) = (totalLow, totalHigh)
    for term in terms {
      let (low, high) = (term.lowerBound << Raw(shift), term.upperBound << Raw(shift))
      var overflows = false
      func add(_ word: Raw, to sum: inout Raw) {
        let (next, overflow) = sum.addingReportingOverflow(word)
        sum = next
        overflows = overflows || overflow
      }
      add(low, to: &totalLow)
      add(high, to: &totalHigh)
      add(min(low, 0), to: &extremeLow)
      add(max(high, 0), to: &extremeHigh)
      if overflows { return nil }
    }
    // −2^(width−1) itself is not a word under SAT_SYM.
    let lowest = accumulator.minRaw + (accumulator.overflow == .satSym && accumulator.isSigned ? 1 : 0)
    func fits(_ low: Raw, _ high: Raw) -> Bool { low >= lowest && high <= accumulator.maxRaw }
    if fits(extremeLow, extremeHigh) { return totalLow...totalHigh }
    let isModular = accumulator.overflow == .wrap && accumulator.saturatedBits == 0
    return isModular && fits(totalLow, totalHigh) ? totalLow...totalHigh : nil
  }
}

extension Affine {
  func range(_ operands: [RangedOperand]) -> ValueRange {
    let (x, weights, bias) = (operands[0], operands[1], operands[2])
    let shape = weights.type.shape
    let (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
    let exact = FixedFormat.product(x.type.format, weights.type.format)
    let term = TermRange(exact: exact, product: product)
    let sum = SumRange(accumulator: accumulator, fractionBits: term.fractionBits)
    let order = self.order.indices(inputs)
    guard let weightWords = weights.words, let biasWords = bias.words else {
      return ValueRange(accumulator.words)
    }
    let groups = shape.count == 3 ? shape[0] : 1
    let channels = (0..<outputs).map { output -> ClosedRange<Raw> in
      let ranges = (0..<groups).map { group -> ClosedRange<Raw> in
        let start = accumulator.quantize(biasWords[group * outputs + output], from: bias.type.format)
        return sum(
          start...start,
          order.lazy.map { term(x.range[$0] * weightWords[(group * inputs + $0) * outputs + output]) })
      }
      return ranges.dropFirst().reduce(ranges[0]) { $0.hull($1) }
    }
    return ValueRange(channels: channels)
  }
}

extension Contract {
  func range(_ operands: [RangedOperand]) -> ValueRange {
    let exact = FixedFormat.product(operands[0].type.format, operands[1].type.format)
    let term = TermRange(exact: exact, product: product)
    let sum = SumRange(accumulator: accumulator, fractionBits: term.fractionBits)
    return ValueRange(
      sum(0...0, (0..<operands[0].lastAxis).lazy.map { term(operands[0].range[$0] * operands[1].range[$0]) }))
  }
}

/// A product, converted if the operation says so.
private struct TermRange {
  let exact: FixedFormat
  let product: FixedFormat?

  var fractionBits: Int { (product ?? exact).fractionBits }

  func callAsFunction(_ range: ClosedRange<Raw>) -> ClosedRange<Raw> {
    product.map { $0.quantize(range, fractionBits: exact.fractionBits) } ?? range
  }
}

extension Reduction {
  func range(_ x: RangedOperand) -> ValueRange {
    // Not an array: the axis may be as long as the tensor.
    let terms = (0..<x.lastAxis).lazy.map { x.range[$0] }
    switch self {
    case .argmax: return ValueRange(0...Raw(x.lastAxis - 1))
    case .maximum: return ValueRange(terms.reduce(terms[0]) { $0.maximum($1) })
    case .minimum: return ValueRange(terms.reduce(terms[0]) { $0.minimum($1) })
    case .sum(let accumulator, let order):
      let converted = (0..<x.lastAxis).lazy.map {
        accumulator.quantize(x.range[$0], fractionBits: x.fractionBits)
      }
      let sum = SumRange(accumulator: accumulator, fractionBits: accumulator.fractionBits)
      switch order {
      case .sequential: return ValueRange(sum(converted[0], converted.dropFirst()))
      case .tree: return ValueRange(Self.tree(0..<x.lastAxis, sum) { converted[$0] })
      }
    }
  }

  private static func tree(
    _ terms: Range<Int>, _ sum: SumRange, _ term: (Int) -> ClosedRange<Raw>
  ) -> ClosedRange<Raw> {
    if terms.count == 1 { return term(terms.lowerBound) }
    let middle = terms.lowerBound + 1 << (Int.bitWidth - 1 - (terms.count - 1).leadingZeroBitCount)
    return sum.accumulate(
      tree(terms.lowerBound..<middle, sum, term), tree(middle..<terms.upperBound, sum, term))
  }
}

extension ClosedRange<Raw> {
  /// The larger of a word of each.
  func maximum(_ other: ClosedRange<Raw>) -> ClosedRange<Raw> {
    Swift.max(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }

  /// The smaller of a word of each.
  func minimum(_ other: ClosedRange<Raw>) -> ClosedRange<Raw> {
    Swift.min(lowerBound, other.lowerBound)...Swift.min(upperBound, other.upperBound)
  }
}
