import FixedPoint

/// So that every run makes the same cases.
typealias SeededGenerator = SplitMix64

/// Every rounding with every overflow mode, the wrap modes also with saturated bits.
struct Modes {
  var rounding: Rounding
  var overflow: Overflow
  var hasSaturatedBits = false

  static let all: [Modes] = Rounding.allCases.flatMap { rounding in
    Overflow.allCases.map { Modes(rounding: rounding, overflow: $0) }
      + [Overflow.wrap, .wrapSM].map { Modes(rounding: rounding, overflow: $0, hasSaturatedBits: true) }
  }
}

extension SeededGenerator {
  /// A format of that width and those modes; signed where the modes need it.
  mutating func format(width: Int, integerBits: Int, _ modes: Modes) -> FixedFormat {
    let signed = modes.overflow == .wrapSM || Bool.random(using: &self)
    return FixedFormat(
      signed ? width : min(width, 127), integerBits, signed: signed, modes.rounding, modes.overflow,
      saturatedBits: modes.hasSaturatedBits ? Int.random(in: 1...min(width, 127), using: &self) : 0)
  }

  /// Words of a format: its ends, the words around zero, and words of every magnitude.
  mutating func words(of format: FixedFormat, count: Int) -> [Raw] {
    var words: [Raw] = [format.minRaw, format.minRaw + 1, format.maxRaw, format.maxRaw - 1, 0, 1]
    if format.isSigned { words += [-1, -2] }
    while words.count < count {
      // Long runs of zeros or ones make the ties and carries that plain random words never hit.
      let bits = Raw.random(in: .min ... .max, using: &self)
      let run = (1 as Raw) << Int.random(in: 0..<128, using: &self)
      let mixed =
        [bits, bits & (0 &- run), bits | (run &- 1), run, 0 &- run].randomElement(using: &self) ?? bits
      words.append(mixed >> Int.random(in: 0..<format.width, using: &self))
    }
    return words.map { format.with(.trn, .wrap).quantize($0, from: format) }
  }
}

extension FixedFormat {
  /// Every word, for small widths.
  var allWords: [Raw] { Array(minRaw...maxRaw) }
}
