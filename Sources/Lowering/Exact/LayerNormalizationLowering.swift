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
      let mean = isCentered ? terms.reduce(0, +) / Double(count) : 0
      let variance = terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      let energy = isLeast ? max(variance, epsilon) : variance + epsilon
      let factor = energy > 0 ? 1 / energy.squareRoot() : 0
      for place in 0..<count {
        result[start + place] =
          (x[start + place] - mean) * factor * (gamma?.values[place] ?? 1) + (beta?.values[place] ?? 0)
      }
    }
    return result
  }
}

extension ExactBuilder {
  /// gamma · (x − mean) / √(variance + epsilon) + beta over the last axes.
  ///
  /// With c = N·x − Σx and A = Σc² + N³·epsilon, both exact, that is gamma · √N · c/√A + beta; not centered, c = x and
  /// A = Σx² + N·epsilon. c/√A is taken as a floating point unit would: A times the power of four, c times its root, that bring A
  /// into the highest octave but one of its range; there 1/√A is a smooth function. |c| ≤ √A, so that c needs no more bits than
  /// √A has.
  mutating func lower(_ normalization: LayerNormalization, _ x: ValueID) throws(Failure) -> ValueID {
    if isQuantized {
      note("computed in fixed point, not as the framework's floats: within about a step of the result")
    }
    let whole = shape(x)
    let count = whole.suffix(normalization.axes).reduce(1, *)
    let rows = try reshape(x, whole.dropLast(normalization.axes) + [count])
    let centered = try normalization.isCentered ? centered(rows, count) : shortened(rows)
    let energy = try energy(centered, count, normalization)
    let power = Int((log2(range(energy).upperBound) / 2).rounded(.up))
    let (aligned, magnitude) = try align(
      centered, energy, to: power, octaves: 2, reach: exp2(Double(power)))
    let c = try shortened(aligned, within: exp2(Double(power)))

    // From a quarter of `top` to `top`: its root over that of the quarter, from 1 down to ½.
    let top = exp2(Double(2 * power))
    let inverse = try smooth(
      magnitude, SmoothFunction(value: { (top / 4 / $0).squareRoot() }, domain: { _ in top / 4...top }),
      FixedFormat(wordLength + Self.spareBits, 1, signed: false, .rnd, .sat))
    let normalized = try add(.elementwise(.multiply), c, inverse, named: "normalized")
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
    return try shortened(centered)
  }

  /// A number in no more bits than a word's and some.
  private mutating func shortened(_ x: ValueID) throws(Failure) -> ValueID {
    let limit = wordLength + 2 * Self.spareBits
    guard format(x).width > limit else { return x }
    return try requantize(x, FixedFormat.covering(range(x), width: limit, signed: true), "centered")
  }

  /// An aligned number up to ±reach, in no more bits than a word's and some.
  private mutating func shortened(_ c: ValueID, within reach: Double) throws(Failure) -> ValueID {
    let width = wordLength + 2 * Self.spareBits
    guard format(c).width > width else { return c }
    return try requantize(c, FixedFormat.covering(-reach...reach, width: width, signed: true), "aligned")
  }

  /// A = Σc² and what epsilon comes to, which is never 0.
  private mutating func energy(_ centered: ValueID, _ count: Int, _ normalization: LayerNormalization)
    throws(Failure) -> ValueID
  {
    let square = try add(.elementwise(.multiply), centered, centered, named: "square")
    let reach = max(words(centered).upperBound, -words(centered).lowerBound)
    let fraction = format(square).fractionBits
    let accumulator = FixedFormat.tight(0...reach * reach * Raw(count), fractionBits: fraction)
    let total = try add(.reduce(.sum(accumulator: accumulator, order: .tree)), square, named: "energy")
    let n = Double(count)
    let steps =
      (normalization.isCentered ? n * n * n : n) * normalization.epsilon
      * Double(sign: .plus, exponent: fraction, significand: 1)
    // An epsilon of few steps counts where x has few: it keeps bits below them.
    let finer = steps > 0x1p-8 && steps < 0x1p8 ? 8 : 0
    let floor = max(1, Raw((steps * Double(1 << finer)).rounded()))
    let offset = FixedTensor(
      shape: [1], format: .tight(0...floor, fractionBits: fraction + finer), words: [floor])
    let epsilon = constant(offset, "epsilon")
    if normalization.isLeast {
      return try tight(add(.elementwise(.maximum), total, epsilon, named: "energy"), "energy")
    }
    return try sum(total, epsilon, "energy")
  }
}
