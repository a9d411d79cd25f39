import FixedPoint
import Program

/// Weights that are powers of two, [inputs, outputs] or [groups, inputs, outputs].
struct ExponentWeights {
  let shape: [Int]
  /// −1 or +1.
  let signs: [Int]
  let exponents: [Int]
  /// The bits of an exponent.
  let width: Int

  /// Takes sign and exponent of each number as hls4ml prints them (types.py, ExponentWeightVariable).
  init(_ numbers: [Double], shape: [Int], width: Int) {
    self.shape = shape
    self.width = width
    signs = numbers.map { $0 < 0 ? -1 : 1 }
    let format = FixedFormat.integer(width)
    exponents = numbers.map { $0 == 0 ? 0 : Int(format.wrap($0.exponent)) }
  }
}

/// Products with powers of two (nnet_mult.h, weight_exponential): a shift inside a type of fixed width, which
/// drops bits on either side.
extension HLSEmitter {
  /// The type hls4ml shifts in.
  func shiftFormat(_ x: FixedFormat, _ width: Int) -> FixedFormat {
    FixedFormat(2 * (width + x.width), width + x.width)
  }

  /// The sum of x · ±2^e: the shifted forms of x that occur are made once and picked by weights of −1, 0, +1.
  mutating func exponentialSum(
    _ x: ValueID, _ weights: ExponentWeights, _ bias: (format: FixedFormat, words: [Raw], shape: [Int]),
    _ accumulator: FixedFormat, _ order: AccumulationOrder
  ) throws(ProgramError) -> ValueID {
    let type = shiftFormat(format(of: x), weights.width)
    let rank = shape(x).count
    let inputs = weights.shape[weights.shape.count - 2]
    let outputs = weights.shape[weights.shape.count - 1]
    // The order of a shared multiplier array becomes the order of the inputs.
    var source = try convert(x, to: type, "wide")
    let indices = order.indices(inputs)
    if indices != Array(0..<inputs) {
      source = try add("order", .rearrange(.gather(axis: rank - 1, indices: indices)), source)
    }
    let used = Set(weights.exponents).sorted()
    var forms: [ValueID] = []
    let column = Array(shape(source)) + [1]
    for exponent in used {
      let moved = try shift(source, by: exponent, "times2^\(exponent)")
      let shifted = try convert(moved, to: type, "shifted2^\(exponent)")
      forms.append(try reshape(shifted, column, "column"))
    }
    var all = forms[0]
    if forms.count > 1 {
      all = try builder.add("\(layer.name).forms", .rearrange(.concatenate(axis: rank)), forms)
    }
    let flat = Array(shape(source).dropLast()) + [inputs * used.count]
    all = try reshape(all, flat, "flat")

    let groups = weights.shape.count == 3 ? weights.shape[0] : 1
    var picks = [Raw](repeating: 0, count: groups * inputs * used.count * outputs)
    for group in 0..<groups {
      for (position, input) in indices.enumerated() {
        for output in 0..<outputs {
          let place = (group * inputs + input) * outputs + output
          let form = used.firstIndex(of: weights.exponents[place]) ?? 0
          picks[((group * inputs + position) * used.count + form) * outputs + output] = Raw(
            weights.signs[place])
        }
      }
    }
    let pickShape = weights.shape.dropLast(2) + [inputs * used.count, outputs]
    let w = constant("weight", ValueType(Array(pickShape), .integer(2)), picks)
    let b = constant("bias", ValueType(bias.shape, bias.format), bias.words)
    return try add("sum", .affine(Affine(product: accumulator, accumulator: accumulator)), all, w, b)
  }

  /// x · ±2^e per channel.
  mutating func exponentialProduct(_ x: ValueID, _ scale: HLSArray, _ width: Int) throws(ProgramError)
    -> ValueID
  {
    let type = shiftFormat(format(of: x), width)
    let weights = ExponentWeights(scale.values, shape: [1, scale.values.count], width: width)
    let (low, high) = (weights.exponents.min() ?? 0, weights.exponents.max() ?? 0)
    let wide = try convert(x, to: type, "wide")
    let factors = constant(
      "scale", ValueType([weights.exponents.count], FixedFormat(high - low + 1, high + 1, signed: false)),
      weights.exponents.map { Raw(1) << Raw($0 - low) })
    let moved = try add("product", .elementwise(.multiply), wide, factors)
    let shifted = try convert(moved, to: type, "shifted")
    guard weights.signs.contains(-1) else { return shifted }
    let signs = constant(
      "sign", ValueType([weights.signs.count], .integer(2)), weights.signs.map { Raw($0) })
    let signed = try add("signed", .elementwise(.multiply), shifted, signs)
    return try convert(signed, to: type, "negated")
  }
}

extension FixedFormat {
  /// An integer as an integer type of this width holds it.
  fileprivate func wrap(_ value: Double.Exponent) -> Raw { quantize(Raw(value), fractionBits: fractionBits) }
}
