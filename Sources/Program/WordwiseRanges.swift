import FixedPoint

/// How many intervals a word-by-word result needs, and which positions they stand for.
private func positions(_ operands: [RangedOperand]) -> Range<Int> {
  let periods = Set(operands.map { $0.range.channels.count })
  // Of different periods, what they have in common: the whole axis.
  let isOne = periods.subtracting([1]).count <= 1
  return 0..<((isOne ? periods.max() : operands.map(\.lastAxis).max()) ?? 1)
}

extension Elementwise {
  func range(_ operands: [RangedOperand], result: ValueType) -> ValueRange {
    let (a, b) = (operands[0], operands[1])
    switch self {
    case .multiply: return ValueRange(channels: positions(operands).map { a.range[$0] * b.range[$0] })
    case .divide:
      return ValueRange(channels: positions(operands).map { Self.quotient(a.range[$0], b.range[$0]) })
    case .add, .subtract, .maximum, .minimum: break
    }
    let fraction = result.format.fractionBits
    let (x, y) = (a.aligned(to: fraction), b.aligned(to: fraction))
    return ValueRange(
      channels: positions(operands).map {
        switch self {
        case .add: x[$0] + y[$0]
        case .subtract: x[$0] + y[$0] * (-1...(-1))
        case .maximum: x[$0].maximum(y[$0])
        case .minimum, .multiply, .divide: x[$0].minimum(y[$0])
        }
      })
  }

  /// Division truncates toward zero; the divisor is positive.
  private static func quotient(_ a: ClosedRange<Raw>, _ b: ClosedRange<Raw>) -> ClosedRange<Raw> {
    let corners = [a.lowerBound, a.upperBound].flatMap { x in [x / b.lowerBound, x / b.upperBound] }
    return (corners.min() ?? 0)...(corners.max() ?? 0)
  }
}

extension FormatLayout {
  func range(_ x: RangedOperand) -> ValueRange {
    switch self {
    case .uniform(let format):
      return ValueRange(channels: x.range.channels.map { format.quantize($0, fractionBits: x.fractionBits) })
    case .laid(let laid):
      let fraction = laid.result.fractionBits
      func converted(_ range: ClosedRange<Raw>, _ place: Int) -> ClosedRange<Raw> {
        guard let format = laid.formats[place] else { return 0...0 }
        return format.quantize(range, fractionBits: x.fractionBits)
          .shifted(left: fraction - format.fractionBits)
      }
      // Every format that stands at a position of the last axis, each once.
      let period = laid.shape.last ?? 1
      var places = [Set<Int>](repeating: [], count: period)
      for (element, place) in laid.places.enumerated() { places[element % period].insert(place) }
      let channels = period == 1 ? x.range.channels.count : period
      return ValueRange(
        channels: (0..<channels).map { channel in
          let ranges = places[channel % period].sorted().map { converted(x.range[channel], $0) }
          return ranges.dropFirst().reduce(ranges[0]) { $0.hull($1) }
        })
    }
  }
}

extension Comparison {
  func range(_ operands: [RangedOperand], result: ValueType) -> ValueRange {
    let fraction = max(operands[0].fractionBits, operands[1].fractionBits)
    let (a, b) = (operands[0].aligned(to: fraction), operands[1].aligned(to: fraction))
    return ValueRange(
      channels: positions(operands).map { position in
        // The words of a result operand where its branch is taken; nil where that never is. An operand that
        // is also compared is known better there: relu's x is positive where x > 0.
        func branch(_ chosen: RangedOperand, holds: Bool) -> ClosedRange<Raw>? {
          guard let sides = restrict(a[position], b[position], holds: holds) else { return nil }
          var range: ClosedRange<Raw>? = chosen.range[position]
          if chosen.id == operands[1].id { range = sides.1.words(finerBy: fraction - chosen.fractionBits) }
          if chosen.id == operands[0].id { range = sides.0.words(finerBy: fraction - chosen.fractionBits) }
          return range?.shifted(left: result.format.fractionBits - chosen.fractionBits)
        }
        let branches = [branch(operands[2], holds: true), branch(operands[3], holds: false)]
        let taken = branches.compactMap { $0 }
        return taken.dropFirst().reduce(taken.first ?? result.format.words) { $0.hull($1) }
      })
  }

  /// What a and b can be where `a ⋄ b` holds (or does not); nil if that cannot be.
  private func restrict(
    _ a: ClosedRange<Raw>, _ b: ClosedRange<Raw>, holds: Bool
  ) -> (ClosedRange<Raw>, ClosedRange<Raw>)? {
    /// a + gap ≤ b.
    func below(_ a: ClosedRange<Raw>, _ b: ClosedRange<Raw>, gap: Raw) -> (
      ClosedRange<Raw>, ClosedRange<Raw>
    )? {
      guard a.lowerBound + gap <= b.upperBound else { return nil }
      return (
        a.lowerBound...Swift.min(a.upperBound, b.upperBound - gap),
        Swift.max(b.lowerBound, a.lowerBound + gap)...b.upperBound
      )
    }
    func above(gap: Raw) -> (ClosedRange<Raw>, ClosedRange<Raw>)? { below(b, a, gap: gap).map { ($1, $0) } }
    switch (self, holds) {
    case (.less, true), (.greaterOrEqual, false): return below(a, b, gap: 1)
    case (.lessOrEqual, true), (.greater, false): return below(a, b, gap: 0)
    case (.greater, true), (.lessOrEqual, false): return above(gap: 1)
    case (.greaterOrEqual, true), (.less, false): return above(gap: 0)
    case (.equal, true):
      guard a.overlaps(b) else { return nil }
      let common = a.clamped(to: b)
      return (common, common)
    case (.equal, false): return a == b && a.lowerBound == a.upperBound ? nil : (a, b)
    }
  }
}

extension ClosedRange<Raw> {
  /// The words whose 2^bits-fold lies in this interval; nil if there are none.
  fileprivate func words(finerBy bits: Int) -> ClosedRange<Raw>? {
    let low = -(-lowerBound >> Raw(bits))
    let high = upperBound >> Raw(bits)
    return low <= high ? low...high : nil
  }
}
