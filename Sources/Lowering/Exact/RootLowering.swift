import Diagnostics
import FixedPoint
import Foundation
import Model
import Program

// Roots and reciprocals of numbers of any size: as a floating point unit takes them, with the number brought to the top of its
// range, where the function is smooth.

extension ExactBuilder {
  /// Bits kept over the result's on the way to it.
  static var spareBits: Int { 4 }

  /// √x, 1/√x or 1/(x + offset): a table where x has few words. Of 0, what x's least step gives; √0 is 0.
  mutating func root(_ x: ValueID, _ function: Activation, estimate: ClosedRange<Double>?) throws(Failure)
    -> ValueID
  {
    var x = x
    if case .reciprocal(let offset) = function, offset != 0 {
      let shift = FixedTensor.rounded([Double(Float(offset))], shape: [1], width: wordLength)
      x = try sum(x, constant(shift, "offset"), "shifted")
    }
    let isReciprocal = if case .reciprocal = function { true } else { false }
    let step = format(x).step
    let zero = try constant(0, "zero")
    var size = x
    if isReciprocal, range(x).lowerBound < 0 {
      let negative = try add(.elementwise(.subtract), zero, x, named: "negative")
      size = try tight(add(.elementwise(.maximum), x, negative, named: "size"), "size")
    }
    if function != .squareRoot, range(x).lowerBound <= 0, range(x).upperBound >= 0 {
      note(
        "numbers from 0 up to \(step.short) have the \(isReciprocal ? "" : "root's ")reciprocal of \(step.short)"
      )
    }
    size = try atLeast(size, step, "least")
    if words(size).upperBound - words(size).lowerBound < Raw(Self.longestTable) {
      size = try rootTable(size, function, estimate)
    } else {
      size = try alignedRoot(size, function)
    }
    if isReciprocal, range(x).lowerBound < 0 {
      let negative = try add(.elementwise(.subtract), zero, size, named: "opposite")
      return try tight(add(.select(.less), x, zero, negative, size, named: ""))
    }
    if function == .squareRoot, range(x).lowerBound <= 0 {
      return try tight(add(.select(.lessOrEqual), x, zero, zero, size, named: ""))
    }
    return size
  }

  /// The function of every word, from a table.
  private mutating func rootTable(_ x: ValueID, _ function: Activation, _ estimate: ClosedRange<Double>?)
    throws(Failure) -> ValueID
  {
    let step = format(x).step
    let words = words(x)
    let values = (words.lowerBound...words.upperBound).map { Self.root(Double($0) * step, function) }
    var high = values.max() ?? 1
    if let estimate, estimate.upperBound > 0 {
      high = min(high, max(abs(estimate.lowerBound), estimate.upperBound))
    }
    let covering = FixedFormat.covering(0...high, width: wordLength, signed: false)
    let format = FixedFormat(covering.width, covering.integerBits, signed: false, .rnd, .sat)
    return try lookup(x) { _ in
      FixedTensor(shape: [values.count], format: format, words: values.map { format.quantize($0) })
    }
  }

  private static func root(_ x: Double, _ function: Activation) -> Double {
    switch function {
    case .squareRoot: x.squareRoot()
    case .inverseSquareRoot: 1 / x.squareRoot()
    default: 1 / x
    }
  }

  /// f(x) for x > 0: x · bᵏ lies between top/b and top, with b = 4 for roots and 2 for reciprocals, and
  /// √x = √(x·4ᵏ) · 2⁻ᵏ, 1/√x = 2ᵏ/√(x·4ᵏ), 1/x = 2ᵏ/(x·2ᵏ).
  private mutating func alignedRoot(_ x: ValueID, _ function: Activation) throws(Failure) -> ValueID {
    let octaves = if case .reciprocal = function { 1 } else { 2 }
    let power = Int((log2(range(x).upperBound) / Double(octaves)).rounded(.up))
    let span = log2(range(x).upperBound / max(range(x).lowerBound, format(x).step))
    let isRoot = function == .squareRoot
    let one = try constant(1, "one")
    let (carried, size) = try align(
      one, x, to: power, octaves: octaves, isDivided: isRoot,
      reach: isRoot ? 1 : exp2((span / Double(octaves)).rounded(.up) + 1))
    // Between ½ and 1.
    let top = exp2(Double(octaves * power))
    let (value, unit): ((Double) -> Double, Int) =
      switch function {
      case .squareRoot: ({ ($0 / top).squareRoot() }, power)
      case .inverseSquareRoot: ({ (top / 4 / $0).squareRoot() }, 1 - power)
      default: ({ top / 2 / $0 }, 1 - power)
      }
    let part = try smooth(
      size, SmoothFunction(value: value, domain: { _ in exp2(Double(octaves * (power - 1)))...top }),
      FixedFormat(wordLength + Self.spareBits, 1, signed: false, .rnd, .sat))
    return try scale(multiply(carried, part, "product"), byPowerOfTwo: unit, "unit")
  }

  /// c · 2ᵏ (or, divided, c · 2⁻ᵏ) and A · bᵏ, where b = 2^octaves and A · bᵏ is in [top/b, top]; top = b^power is at least A's
  /// largest number.
  ///
  /// - Parameter reach: what |c · 2ᵏ| is at most.
  mutating func align(
    _ carried: ValueID, _ energy: ValueID, to power: Int, octaves: Int, isDivided: Bool = false, reach: Double
  ) throws(Failure) -> (carried: ValueID, energy: ValueID) {
    let lowest = max(range(energy).lowerBound, format(energy).step)
    let top = exp2(Double(octaves * power))
    var (c, a) = (carried, energy)
    let doublings = max(0, Int((log2(top / lowest) / Double(octaves)).rounded(.up)) - 1)
    var step = 1
    while step < doublings { step *= 2 }
    while doublings > 0, step >= 1 {
      let limit = try constant(exp2(Double(octaves * (power - step))), "limit\(step)")
      let (before, isSmall) = (a, "small\(step)")
      // Where it is not chosen the scaled word must not need more bits either.
      let small = try add(.elementwise(.minimum), a, limit, named: isSmall)
      a = try add(
        .select(.less), before, limit, try scale(small, byPowerOfTwo: octaves * step, "energy\(step)"),
        before, named: "energy\(step)")
      let scaled = try scale(c, byPowerOfTwo: isDivided ? -step : step, "centered\(step)")
      let chosen = try add(.select(.less), before, limit, scaled, c, named: "centered\(step)")
      c = try requantize(chosen, bounded(chosen, by: reach), "centered\(step)")
      step /= 2
    }
    return (c, a)
  }

  /// The format of a value with all of its fraction bits that holds numbers up to ±reach.
  private func bounded(_ x: ValueID, by reach: Double) -> FixedFormat {
    let fraction = format(x).fractionBits
    let integer = Int(log2(reach).rounded(.up)) + 2
    return FixedFormat(max(1, integer + fraction), integer, signed: true, .trn, .sat)
  }
}
