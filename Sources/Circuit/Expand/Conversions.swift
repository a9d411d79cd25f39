import FixedPoint
import Program

// Conversions to formats: rounding, then overflow, as FixedPoint's `quantize` does it on integers.

extension Expansion {
  mutating func requantize(_ x: Words, _ formats: FormatLayout) -> [Wire] {
    switch formats {
    case .uniform(let format): return x.wires.map { convert($0, x.fractionBits, to: format) }
    case .laid(let laid):
      let fraction = laid.result.fractionBits
      let zero = builder.constantWire(0)
      return zip(x.wires, laid.places(in: x.type.shape)).map { wire, place in
        guard let format = laid.formats[place] else { return zero }
        return convert(wire, x.fractionBits, to: format).shifted(left: fraction - format.fractionBits)
      }
    }
  }

  /// The wire's value, a multiple of 2^−fractionBits, as a word of a format.
  mutating func convert(_ wire: Wire, _ fractionBits: Int, to format: FixedFormat) -> Wire {
    if let value = builder.node(wire.word).constant {
      return builder.constantWire(format.quantize(value, fractionBits: fractionBits - wire.shift))
    }
    // From here on the value is the wire's bare word, a multiple of 2^−source.
    let source = fractionBits - wire.shift
    let dropped = source - format.fractionBits
    let aligned =
      dropped > 0
      ? Wire(word: rounded(wire.word, dropping: dropped, format))
      : Wire(word: wire.word, shift: -dropped)
    return overflowed(aligned, raw: wire.word, dropping: dropped, format)
  }

  // MARK: Rounding

  /// `word / 2^count` rounded to an integer; count > 0.
  private mutating func rounded(_ word: NodeID, dropping count: Int, _ format: FixedFormat) -> NodeID {
    let range = builder.interval(word)
    // Rounding keeps order: the ends give the ends.
    let rounding = FixedFormat(128, 128, signed: true, format.rounding, .sat)
    let result = Interval(
      rounding.quantize(range.low, fractionBits: count), rounding.quantize(range.high, fractionBits: count))
    if result.low == result.high { return builder.constant(result.low) }
    let type = WordType(result)
    let half: Raw = count < 127 ? 1 << Raw(count - 1) : 0
    switch format.rounding {
    case .trn: return builder.slice(word, from: count)
    case .trnZero:
      if range.low >= 0 { return builder.slice(word, from: count) }
      if range.high <= 0, count < 100, range.low > Raw.min >> 2 {
        return floor(word, adding: (1 << Raw(count)) - 1, count, type)
      }
    case .rnd where count < 100 && fits(range, half): return floor(word, adding: half, count, type)
    case .rndMinInf where count < 100 && fits(range, half): return floor(word, adding: half - 1, count, type)
    case .rnd, .rndMinInf, .rndZero, .rndInf, .rndConv: break
    }
    // ⌊word / 2^count⌋ and one more, where the bits below say so.
    let floor = builder.slice(word, from: count)
    let sign = builder.bit(word, 127)
    let first = builder.bit(word, count - 1)
    let rest = isNotZero(word, bits: count - 1)
    let lowest = builder.bit(word, count)
    let up = builder.logic([first, rest, sign, lowest]) { bits in
      let (half, below, negative, odd) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0, bits & 8 != 0)
      let isUp =
        switch format.rounding {
        case .trn: false
        case .trnZero: negative && (half || below)
        case .rnd: half
        case .rndZero: half && (below || negative)
        case .rndInf: half && (below || !negative)
        case .rndMinInf: half && below
        case .rndConv: half && (below || odd)
        }
      return isUp ? 1 : 0
    }
    return builder.word(builder.sum([(Wire(word: floor), 1), (Wire(word: up), 1)], within: result))
  }

  private func fits(_ range: Interval, _ constant: Raw) -> Bool {
    range.high < Raw.max - constant && range.low > Raw.min + constant
  }

  /// ⌊(word + constant) / 2^count⌋: the constant joins the sum that makes the word, if one does.
  private mutating func floor(_ word: NodeID, adding constant: Raw, _ count: Int, _ type: WordType) -> NodeID
  {
    if let positive = rectified(word) {
      // Rounding keeps order, and 0: a ReLU of the rounded word is the same, and the constant joins the sum before it.
      let range = builder.interval(positive)
      let result = Interval(range.low + constant >> Raw(count), range.high + constant >> Raw(count))
      let rounded = floor(positive, adding: constant, count, WordType(result))
      let isPositive = builder.compare(.greaterOrEqual, rounded, builder.constant(0))
      return builder.word(builder.mux(isPositive, Wire(word: rounded), builder.constantWire(0)))
    }
    var terms = [(Wire(word: word), Raw(1))]
    var (total, group): (Raw, Int?) = (constant, nil)
    // Only where the sum is not wrapped: then it is a sum of integers.
    if case .sum(let sum) = builder.node(word).operation, sum.terms.allSatisfy({ $0.mask == nil }),
      !isWrapped(word), fits(Interval(sum.constant, sum.constant), constant)
    {
      terms = sum.terms.map { (Wire(word: $0.word), $0.factor) }
      (total, group) = (sum.constant + constant, sum.group)
    }
    let sum = builder.sum(terms, constant: total, group: group)
    if sum.shift > 0 {
      return sum.shift >= count
        ? builder.word(sum.shifted(left: -count)) : builder.slice(sum.word, from: count - sum.shift, type)
    }
    return builder.slice(sum.word, from: count, type)
  }

  /// The word that a word is the ReLU of; nil: it is none.
  private func rectified(_ word: NodeID) -> NodeID? {
    guard case .mux(let condition, let then, let otherwise) = builder.node(word).operation,
      builder.node(otherwise).constant == 0, !isWrapped(word),
      case .compare(.greaterOrEqual, let compared, let bound) = builder.node(condition).operation,
      let least = builder.node(bound).constant, least == 0 || least == 1 && compared == then,
      signSource(compared) == signSource(then)
    else { return nil }
    return then
  }

  /// The word that a word is a multiple or a part of, by wires: with the same sign.
  private func signSource(_ word: NodeID) -> NodeID {
    var word = word
    while !isWrapped(word) {
      if case .sum(let sum) = builder.node(word).operation, sum.isWiring {
        word = sum.terms[0].word
      } else if case .slice(let inner, from: _) = builder.node(word).operation {
        word = inner
      } else {
        break
      }
    }
    return word
  }

  /// Whether a node's result is wrapped to its type.
  private func isWrapped(_ word: NodeID) -> Bool {
    let node = builder.node(word)
    return !node.interval.contains(
      Bounds(nodes: builder.circuit.nodes, tables: builder.circuit.tables).of(node.operation))
  }

  /// One bit: whether any of the word's low `bits` bits is set.
  private mutating func isNotZero(_ word: NodeID, bits: Int) -> NodeID {
    if bits == 0 { return builder.constant(0) }
    let low = builder.slice(word, from: 0, WordType(min(bits, 127), signed: false))
    return builder.compare(.greater, low, builder.constant(0))
  }

  // MARK: Overflow

  /// A value in steps of a format, brought into it. `raw` is the word before rounding, which dropped `dropped` bits of it.
  private mutating func overflowed(_ aligned: Wire, raw: NodeID, dropping dropped: Int, _ format: FixedFormat)
    -> Wire
  {
    let range = format.conversionRange
    let own = builder.interval(aligned.word)
    if fits(own, shift: aligned.shift, in: range) { return aligned }
    let wrapped = wrap(aligned, format)
    if format.overflow == .wrap, format.saturatedBits == 0 { return wrapped }
    // aligned · 2^shift > high where aligned > ⌊high / 2^shift⌋, < low where aligned < ⌈low / 2^shift⌉.
    let shift = Raw(min(aligned.shift, 127))
    let above = builder.compare(.greater, aligned.word, builder.constant(range.high >> shift))
    let below = builder.compare(.less, aligned.word, builder.constant(-(-range.low >> shift)))
    let high = builder.constantWire(range.high)
    let low = builder.constantWire(range.low)
    let isOutside = builder.logic([above, below]) { $0 == 0 ? 0 : 1 }
    switch format.overflow {
    case .sat, .satSym:
      if own.low >= 0 {
        // What is not above the range needs no sign.
        let type = WordType(Interval(0, max(0, range.high >> shift)))
        let kept = Wire(word: builder.slice(aligned.word, from: 0, type), shift: aligned.shift)
        return builder.mux(above, high, kept)
      }
      return builder.mux(below, low, builder.mux(above, high, wrapped))
    case .satZero: return builder.mux(isOutside, builder.constantWire(0), wrapped)
    case .wrap:
      return builder.mux(isOutside, withTopSaturated(wrapped, sign(raw), format), wrapped)
    case .wrapSM:
      if !format.isSigned { return builder.mux(below, low, builder.mux(above, high, wrapped)) }
      return builder.mux(isOutside, signMagnitude(wrapped, raw, dropped, format), wrapped)
    }
  }

  /// Whether own · 2^shift lies in a range.
  private func fits(_ own: Interval, shift: Int, in range: Interval) -> Bool {
    let count = Raw(min(shift, 127))
    return own.low >= -(-range.low >> count) && own.high <= range.high >> count
  }

  private mutating func sign(_ raw: NodeID) -> NodeID {
    builder.interval(raw).low >= 0 ? builder.constant(0) : builder.bit(raw, 127)
  }

  /// The low bits of a value, as a word of a format.
  private mutating func wrap(_ wire: Wire, _ format: FixedFormat) -> Wire {
    if wire.shift >= format.width { return builder.constantWire(0) }
    let type = WordType(format.width - wire.shift, signed: format.isSigned)
    return Wire(word: builder.slice(wire.word, from: 0, type), shift: wire.shift)
  }

  /// The word with its top `saturatedBits` as the extreme word of that sign has them.
  private mutating func withTopSaturated(_ wrapped: Wire, _ isNegative: NodeID, _ format: FixedFormat) -> Wire
  {
    let (width, count) = (format.width, format.saturatedBits)
    let type = WordType(width, signed: format.isSigned)
    let kept = builder.slice(builder.word(wrapped), from: 0, WordType(width - count, signed: false))
    // The top bits of the extreme words, as a number of `count` bits.
    let top = WordType(count, signed: format.isSigned)
    let most = top.wrap(format.maxRaw >> Raw(width - count))
    let least = format.isSigned ? top.wrap(format.minRaw >> Raw(width - count)) : most
    if count == width {
      return builder.mux(isNegative, builder.constantWire(least), builder.constantWire(most))
    }
    func joined(_ bits: Raw) -> Wire {
      builder.sum([(Wire(word: kept), 1)], constant: bits << Raw(width - count), within: type.interval)
    }
    return builder.mux(isNegative, joined(least), joined(most))
  }

  /// AP_WRAP_SM of a value outside the range.
  private mutating func signMagnitude(_ wrapped: Wire, _ raw: NodeID, _ dropped: Int, _ format: FixedFormat)
    -> Wire
  {
    let (width, saturated) = (format.width, format.saturatedBits)
    let word = builder.word(wrapped)
    let sign = sign(raw)
    // The bit just above the word, before rounding.
    let position = width + dropped
    let deleted = position >= 0 ? builder.bit(raw, position) : builder.constant(0)
    let top = builder.bit(word, width - 1)
    let lowest = saturated >= 1 ? builder.bit(word, width - saturated) : top
    let inverts = builder.logic([deleted, top, sign, lowest]) { bits in
      let (deleted, top, sign, lowest) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0, bits & 8 != 0)
      return (saturated <= 0 ? deleted != top : saturated == 1 ? sign != top : lowest == sign) ? 1 : 0
    }
    let type = WordType(width, signed: true)
    let inverted = builder.sum([(Wire(word: word), -1)], constant: -1, within: type.interval)
    let result = builder.mux(inverts, inverted, Wire(word: word))
    return saturated <= 1 ? result : withTopSaturated(result, sign, format)
  }
}
