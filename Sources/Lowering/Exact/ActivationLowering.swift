import Diagnostics
import FixedPoint
import Foundation
import Model
import Program

extension Activation {
  /// Whether the activation is exact on a sum of any width, so that the sum needs no rounding before it.
  var takesSums: Bool {
    switch self {
    case .relu(_, let slope, _): slope == 0
    case .leakyReLU, .prelu, .selu, .hardSigmoid: false
    default: true
    }
  }
}

extension ExactBuilder {
  /// An activation of x. `estimate`: the range its results have been seen in.
  mutating func lower(
    _ activation: Activation, _ x: ValueID, estimate: ClosedRange<Double>?
  ) throws(Failure) -> ValueID {
    switch activation {
    case .linear: return x
    case .relu(let maximum, let slope, let threshold):
      return try relu(x, maximum: maximum, slope: slope, threshold: threshold)
    case .leakyReLU(let slope): return try leaky(x, Weights(shape: [1], values: [slope]))
    case .prelu(let slopes): return try leaky(x, slopes)
    case .thresholdedReLU(let theta):
      let bound = try constant(Double(Float(theta)), "theta")
      let zero = try constant(0, "zero")
      return try tight(try add(.select(.greater), x, bound, x, zero, named: "passed"))
    case .hardSigmoid(let slope, let shift):
      let factor = try parameter(Weights(shape: [1], values: [Double(Float(slope))]), "slope")
      let product = try multiply(x, constant(factor, "slope"), "product")
      let shifted = try sum(product, try constant(Double(Float(shift)), "shift"), "shifted")
      return try atMost(try atLeast(shifted, 0, "atLeast0"), 1, "")
    case .hardTanh: return try atMost(try atLeast(x, -1, "atLeast"), 1, "")
    case .softmax(let axis): return try softmax(x, axis: axis)
    case .quantizer(let quantizer): return try quantize(x, quantizer)
    case .scaled(let factor, let offset):
      let scale = try parameter(Weights(shape: [1], values: [Double(Float(factor))]), "factor")
      let product = try multiply(x, constant(scale, "factor"), "product")
      return try sum(product, try constant(Double(Float(offset)), "offset"), "")
    case .differs(let number):
      guard format(x).value(of: format(x).quantize(number)) == number else {
        throw failure(
          "its mask value \(number) is none of the words of what it reads, of \(format(x).width) bits: no step would be masked",
          hint: "give events with masked steps as calibration, wider words, or mask with 0")
      }
      return try add(
        .select(.equal), x, try constant(number, "value"), try constant(0, "zero"), try constant(1, "one"),
        named: "")
    case .sequence(let functions): return try chain(x, functions, estimate: estimate)
    case .networks: return try chain(x, [activation], estimate: estimate)
    case .reciprocal:
      // Of few words the framework's float32 itself.
      let count = words(x).upperBound - words(x).lowerBound
      if !range(x).contains(0), count < Raw(isQuantized ? Self.chainEntries.each : Self.longestTable) {
        return try chain(x, [activation], estimate: estimate)
      }
      return try root(x, activation, estimate: estimate)
    case .squareRoot, .inverseSquareRoot: return try root(x, activation, estimate: estimate)
    case .elu(let alpha): return try elu(x, alpha: alpha, scale: 1, estimate: estimate)
    case .selu:
      return try elu(x, alpha: 1.6732632423543772, scale: 1.0507009873554805, estimate: estimate)
    case .softsign: return try softsign(x)
    case .sigmoid, .tanh, .exponential, .logarithm:
      guard let function = SmoothFunction(activation) else { return x }
      return try smooth(x, function, resultFormat(of: function.value, over: range(x), estimate))
    case .softplus, .swish, .mish, .gelu:
      guard let correction = SmoothFunction(activation) else { return x }
      // max(x, 0) and what the function has over it, which is bounded and fades on either side.
      let positive = try atLeast(x, 0, "positive")
      let whole = resultFormat(
        of: { max($0, 0) + correction.value($0) }, over: range(x), estimate)
      let reach = correction.domain(whole.fractionBits + 2)
      let bounded = resultFormat(of: correction.value, over: reach, nil)
      let fraction = whole.fractionBits + 2
      let part = try smooth(
        x, correction,
        FixedFormat(
          max(2, bounded.integerBits + fraction), bounded.integerBits, signed: bounded.isSigned, .rnd, .sat))
      return try sum(positive, part, "sum")
    }
  }

  /// Keras's ReLU with all its parameters.
  private mutating func relu(
    _ x: ValueID, maximum: Double?, slope: Double, threshold: Double
  ) throws(Failure) -> ValueID {
    var result: ValueID
    if slope == 0 && threshold == 0 {
      result = try atLeast(x, 0, maximum == nil ? "" : "positive")
    } else {
      let theta = try constant(Double(Float(threshold)), "threshold")
      let factor = try parameter(Weights(shape: [1], values: [Double(Float(slope))]), "slope")
      let below = try tight(try add(.elementwise(.subtract), x, theta, named: "below"), "below")
      let scaled = try multiply(below, constant(factor, "slope"), "scaled")
      result = try tight(
        try add(.select(.greaterOrEqual), x, theta, x, scaled, named: "rectified"), "rectified")
    }
    guard let maximum else { return result }
    return try atMost(result, Double(Float(maximum)), "")
  }

  /// x where it is not negative, x · slope elsewhere; one slope, or one per element.
  private mutating func leaky(_ x: ValueID, _ slopes: Weights) throws(Failure) -> ValueID {
    let float32 = Weights(shape: slopes.shape, values: slopes.values.map { Double(Float($0)) })
    let factors = constant(try parameter(float32, "slopes"), "slopes")
    let scaled = try multiply(x, factors, "scaled")
    let zero = try constant(0, "zero")
    return try tight(try add(.select(.greaterOrEqual), x, zero, x, scaled, named: "rectified"))
  }

  /// scale · x above 0, scale · alpha · (eˣ − 1) below.
  private mutating func elu(
    _ x: ValueID, alpha: Double, scale: Double, estimate: ClosedRange<Double>?
  ) throws(Failure) -> ValueID {
    let function = SmoothFunction(
      value: { scale * alpha * (exp(min($0, 0)) - 1) },
      domain: { fraction in
        -Double(fraction + 2 + max(0, Int((scale * alpha).magnitude.exponent))) * log(2)...0
      })
    let whole = resultFormat(of: { $0 > 0 ? scale * $0 : function.value($0) }, over: range(x), estimate)
    var positive = try atLeast(x, 0, "positive")
    if scale != 1 {
      let factor = try parameter(Weights(shape: [1], values: [Double(Float(scale))]), "scale")
      positive = try multiply(positive, constant(factor, "scale"), "scaled")
    }
    if range(x).lowerBound >= 0 { return positive }
    let negative = try smooth(x, function, whole)
    let zero = try constant(0, "zero")
    return try tight(try add(.select(.greater), x, zero, positive, negative, named: "chosen"))
  }

  /// x / (1 + |x|), which bends near zero and goes on for long: a table for each.
  private mutating func softsign(_ x: ValueID) throws(Failure) -> ValueID {
    let (curve, reach) = ({ (x: Double) in x / (1 + abs(x)) }, 16.0)
    let format = resultFormat(of: curve, over: range(x), nil)
    let near = try smooth(x, SmoothFunction(value: curve, domain: { _ in -reach...reach }), format)
    if range(x).lowerBound >= -reach && range(x).upperBound <= reach { return near }
    // Near zero a straight line: there the other table counts.
    let outside = SmoothFunction(
      value: { abs($0) < reach ? $0 / (1 + reach) : curve($0) }, domain: { _ in -0x1p40...0x1p40 })
    let far = try smooth(x, outside, format)
    let low = try add(.select(.less), x, try constant(-reach, "low"), far, near, named: "below")
    return try add(.select(.greater), x, try constant(reach, "high"), far, low, named: "")
  }

  /// The format of `wordLength` bits for f's results: their range over x's, or the estimated one if narrower.
  private func resultFormat(
    of f: (Double) -> Double, over range: ClosedRange<Double>, _ estimate: ClosedRange<Double>?
  ) -> FixedFormat {
    let pieces = 2048.0
    let values = (0...Int(pieces)).map {
      f(range.lowerBound + Double($0) / pieces * (range.upperBound - range.lowerBound))
    }
    var (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let isSigned = low < 0
    if let estimate {
      low = min(max(low, estimate.lowerBound), 0)
      high = max(min(high, estimate.upperBound), 0)
    }
    return FixedFormat.covering(low...high, width: wordLength, signed: isSigned)
  }
}

extension Activation {
  /// The activation of a tensor, in double precision; quantizers in float32 as the framework computes them.
  func values(_ x: [Double], shape: [Int]) -> [Double] {
    func each(_ f: (Double) -> Double) -> [Double] { x.map(f) }
    switch self {
    case .linear: return x
    case .relu(let maximum, let slope, let threshold):
      return each {
        $0 >= (maximum ?? .infinity) ? maximum ?? $0 : $0 >= threshold ? $0 : slope * ($0 - threshold)
      }
    case .leakyReLU(let slope): return each { $0 >= 0 ? $0 : slope * $0 }
    case .prelu(let slopes):
      let map = broadcastPlaces(slopes.shape, to: shape) ?? []
      return x.indices.map { x[$0] >= 0 ? x[$0] : slopes.values[map[$0]] * x[$0] }
    case .thresholdedReLU(let theta): return each { $0 > theta ? $0 : 0 }
    case .elu(let alpha): return each { $0 > 0 ? $0 : alpha * (exp($0) - 1) }
    case .selu: return each { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * (exp($0) - 1)) }
    case .hardSigmoid(let slope, let shift): return each { min(max(slope * $0 + shift, 0), 1) }
    case .hardTanh: return each { min(max($0, -1), 1) }
    case .softsign: return each { $0 / (1 + abs($0)) }
    case .sigmoid, .tanh, .exponential, .logarithm:
      guard let function = SmoothFunction(self) else { return x }
      return each(function.value)
    case .softplus, .swish, .mish, .gelu:
      guard let function = SmoothFunction(self) else { return x }
      return each { max($0, 0) + function.value($0) }
    case .softmax(let axis):
      let (length, inner) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
      var result = x
      for start in x.indices where start / inner % length == 0 {
        let places = (0..<length).map { start + $0 * inner }
        let top = places.map { x[$0] }.max() ?? 0
        let powers = places.map { exp(x[$0] - top) }
        let total = powers.reduce(0, +)
        for (place, power) in zip(places, powers) { result[place] = power / total }
      }
      return result
    case .quantizer(let quantizer):
      return quantizer.values(x, shape: shape)
    case .scaled(let factor, let offset): return each { $0 * factor + offset }
    // 0 where they are no numbers, so that no range is told by those.
    case .differs(let number): return each { $0 == number ? 0 : 1 }
    case .reciprocal(let offset): return each { $0 + offset == 0 ? 0 : 1 / ($0 + offset) }
    case .squareRoot: return each { max($0, 0).squareRoot() }
    case .inverseSquareRoot: return each { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    case .networks(let networks):
      return x.indices.map { networks.picked($0, of: shape).value(x[$0]) }
    case .sequence(let functions): return functions.reduce(x) { $1.values($0, shape: shape) }
    }
  }
}

extension SmoothFunction {
  /// The activation itself; for softplus, swish, mish and gelu what it has over max(x, 0). Nil for all others.
  init?(_ activation: Activation) {
    func symmetric(_ reach: @escaping (Double) -> Double) -> (Int) -> ClosedRange<Double> {
      { fraction in -reach(Double(fraction) * log(2))...reach(Double(fraction) * log(2)) }
    }
    switch activation {
    case .sigmoid: self.init(value: { 1 / (1 + exp(-$0)) }, domain: symmetric { $0 + log(2) })
    case .tanh: self.init(value: { Foundation.tanh($0) }, domain: symmetric { ($0 + 2 * log(2)) / 2 })
    case .exponential:
      // e⁴⁰ has 58 bits; a word of the exponential of more would have no other use.
      self.init(
        value: { exp(min($0, 40)) }, domain: { fraction in -Double(max(fraction, 1) + 1) * log(2)...40 })
    case .logarithm(let least):
      self.init(value: { log(max($0, least)) }, domain: { _ in least...0x1p40 })
    case .softplus:
      self.init(value: { log1p(exp(-abs($0))) }, domain: symmetric { $0 + log(2) })
    case .swish:
      self.init(value: { -abs($0) / (1 + exp(abs($0))) }, domain: symmetric { $0 + 4 })
    case .mish:
      self.init(
        value: { $0 * Foundation.tanh(log1p(exp(min($0, 40)))) - max($0, 0) }, domain: symmetric { $0 + 4 })
    case .gelu(let approximate):
      let upper: (Double) -> Double =
        approximate
        ? { 0.5 - 0.5 * Foundation.tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)) }
        : { 0.5 * erfc($0 / 2.0.squareRoot()) }
      self.init(value: { -abs($0) * upper(abs($0)) }, domain: symmetric { (2 * $0).squareRoot() + 1 })
    default: return nil
    }
  }
}
