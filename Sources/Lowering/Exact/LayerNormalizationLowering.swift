import Diagnostics
import FixedPoint
import Foundation
import Model
import Program

extension LayerNormalization {
  /// The normalized numbers, in double precision. `shape` is x's.
  func values(_ x: [Double], shape: [Int]) -> [Double] {
    let count = shape.suffix(axes).reduce(1, *)
    var result = x
    for start in stride(from: 0, to: x.count, by: max(count, 1)) {
      let terms = x[start..<start + count]
      let mean = terms.reduce(0, +) / Double(count)
      let variance = terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      let factor = 1 / (variance + epsilon).squareRoot()
      for place in 0..<count {
        result[start + place] =
          (x[start + place] - mean) * factor * (gamma?.values[place] ?? 1) + (beta?.values[place] ?? 0)
      }
    }
    return result
  }
}

extension ExactBuilder {
  /// Bits kept over the result's on the way to it.
  private static var spareBits: Int { 4 }

  /// gamma · (x − mean) / √(variance + epsilon) + beta over the last axes.
  ///
  /// With c = N·x − Σx and A = Σc² + N³·epsilon, both exact, that is gamma · √N · c/√A + beta. c/√A is taken as a floating
  /// point unit would: A times the power of four, c times its root, that bring A into the highest octave but one of its
  /// range; there 1/√A is a smooth function. |c| ≤ √A, so that c needs no more bits than √A has.
  mutating func lower(_ normalization: LayerNormalization, _ x: ValueID) throws(Failure) -> ValueID {
    if isQuantized {
      note("computed in fixed point, not as the framework's floats: within about a step of the result")
    }
    let whole = shape(x)
    let count = whole.suffix(normalization.axes).reduce(1, *)
    let rows = try reshape(x, whole.dropLast(normalization.axes) + [count])
    let centered = try centered(rows, count)
    let energy = try energy(centered, count, normalization.epsilon)
    let (aligned, magnitude, top) = try align(centered, energy)

    // From a quarter of `top` to `top`: its root over that of the quarter, from 1 down to ½.
    let inverse = try smooth(
      magnitude, SmoothFunction(value: { (top / 4 / $0).squareRoot() }, domain: { _ in top / 4...top }),
      FixedFormat(wordLength + Self.spareBits, 1, signed: false, .rnd, .sat))
    let normalized = try add(.elementwise(.multiply), aligned, inverse, named: "normalized")
    let unit = Double(count).squareRoot() / (top / 4).squareRoot()
    let gamma = normalization.gamma?.values ?? Array(repeating: 1, count: count)
    let scale = try parameter(Weights(shape: [count], values: gamma.map { $0 * unit }), "scale")
    var result = try multiply(normalized, constant(scale, "scale"), "product")
    if let beta = normalization.beta {
      let shift = Weights(shape: [count], values: beta.values)
      if let offset = try bias(shift, nil, fractionBits: format(result).fractionBits) {
        result = try sum(result, constant(offset, "shift"), "sum")
      }
    }
    return try reshape(result, whole)
  }

  /// c = N·x − Σx, in no more bits than twice a word's and some.
  private mutating func centered(_ x: ValueID, _ count: Int) throws(Failure) -> ValueID {
    let (low, high) = (words(x).lowerBound * Raw(count), words(x).upperBound * Raw(count))
    let accumulator = FixedFormat.tight(min(low, 0)...max(high, 0), fractionBits: format(x).fractionBits)
    let total = try add(.reduce(.sum(accumulator: accumulator, order: .tree)), x, named: "total")
    let scaled = try multiply(x, try constant(Double(count), "count"), "scaled")
    let centered = try tight(try add(.elementwise(.subtract), scaled, total, named: "centered"), "centered")
    let limit = wordLength + 2 * Self.spareBits
    guard format(centered).width > limit else { return centered }
    return try requantize(
      centered, FixedFormat.covering(range(centered), width: limit, signed: true), "centered")
  }

  /// A = Σc² + N³·epsilon, which is never 0.
  private mutating func energy(_ centered: ValueID, _ count: Int, _ epsilon: Double) throws(Failure)
    -> ValueID
  {
    let square = try add(.elementwise(.multiply), centered, centered, named: "square")
    let reach = max(words(centered).upperBound, -words(centered).lowerBound)
    let fraction = format(square).fractionBits
    let accumulator = FixedFormat.tight(0...reach * reach * Raw(count), fractionBits: fraction)
    let total = try add(.reduce(.sum(accumulator: accumulator, order: .tree)), square, named: "energy")
    let cube = Double(count) * Double(count) * Double(count)
    let floor = max(
      1, Raw((cube * epsilon * Double(sign: .plus, exponent: fraction, significand: 1)).rounded()))
    let offset = FixedTensor(shape: [1], format: .tight(0...floor, fractionBits: fraction), words: [floor])
    return try sum(total, constant(offset, "epsilon"), "energy")
  }

  /// c · 2ᵏ and A · 4ᵏ, where A · 4ᵏ is in [top/4, top]; top is the power of four that A reaches at most.
  private mutating func align(
    _ centered: ValueID, _ energy: ValueID
  ) throws(Failure) -> (centered: ValueID, energy: ValueID, top: Double) {
    let highest = range(energy).upperBound
    let lowest = max(range(energy).lowerBound, format(energy).step)
    let power = Int((log2(highest) / 2).rounded(.up))
    let top = exp2(Double(2 * power))
    var (c, a) = (centered, energy)
    let doublings = max(0, Int((log2(top / lowest) / 2).rounded(.up)) - 1)
    var step = 1
    while step < doublings { step *= 2 }
    while doublings > 0, step >= 1 {
      let limit = try constant(exp2(Double(2 * (power - step))), "limit\(step)")
      let (before, isSmall) = (a, "small\(step)")
      // Where it is not chosen the scaled word must not need more bits either.
      let small = try add(.elementwise(.minimum), a, limit, named: isSmall)
      a = try add(
        .select(.less), before, limit, try scale(small, byPowerOfTwo: 2 * step, "energy\(step)"), before,
        named: "energy\(step)")
      let scaled = try scale(c, byPowerOfTwo: step, "centered\(step)")
      let chosen = try add(.select(.less), before, limit, scaled, c, named: "centered\(step)")
      c = try requantize(chosen, bounded(chosen, by: exp2(Double(power))), "centered\(step)")
      step /= 2
    }
    let width = wordLength + 2 * Self.spareBits
    if format(c).width > width {
      let reach = exp2(Double(power))
      c = try requantize(c, FixedFormat.covering(-reach...reach, width: width, signed: true), "aligned")
    }
    return (c, a, top)
  }

  /// The format of a value with all of its fraction bits that holds numbers up to ±reach.
  private func bounded(_ x: ValueID, by reach: Double) -> FixedFormat {
    let fraction = format(x).fractionBits
    let integer = Int(log2(reach).rounded(.up)) + 2
    return FixedFormat(max(1, integer + fraction), integer, signed: true, .trn, .sat)
  }
}
