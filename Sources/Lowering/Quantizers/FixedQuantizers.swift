import Diagnostics
import FixedPoint
import Model

extension FixedQuantizer {
  /// The weights in float32, operation for operation as the trainer quantizes them.
  func quantization(of weights: Weights) throws(Failure) -> Quantization {
    let values = try values(weights.values.map { Float($0) }, shape: weights.shape).map { Double($0) }
    let result = Weights(shape: weights.shape, values: values)
    return Quantization(values: result, units: result, scale: [1])
  }

  /// A tensor's elements, each in its own format.
  ///
  /// - Throws: where the bits do not fit the tensor.
  func values<Number: BinaryFloatingPoint>(_ x: [Number], shape: [Int]) throws(Failure) -> [Number] {
    guard overflow != .wrapSM else {
      throw Failure(.badInput, "a fixed-point quantizer with overflow WRAP_SM is not supported")
    }
    let isSigned = try laid(isSigned, over: shape, "signs")
    let (integers, fractions) = (
      try laid(integerBits, over: shape, "integer bits"), try laid(fractionBits, over: shape, "fraction bits")
    )
    return x.indices.map { index in
      let scaler = Number(self.scaler ?? 1)
      let value =
        scaler * self.value(x[index] / scaler, isSigned[index] ? 1 : 0, integers[index], fractions[index])
      return affine.map { Number($0.scale) * value + Number($0.offset) } ?? value
    }
  }

  /// One element with k, i and f as `FixedQuantizer` says.
  private func value<Number: BinaryFloatingPoint>(_ x: Number, _ k: Int, _ i: Int, _ f: Int) -> Number {
    guard isUnbounded || k + i + f > 0 else { return 0 }
    func power(_ exponent: Int) -> Number {
      Number(sign: .plus, exponent: Number.Exponent(exponent), significand: 1)
    }
    let step = power(-f)
    var word = rounded(x * power(f))
    if isUnbounded { return word * step }
    let (top, low) = (power(max(i, -f) + f), Number(k) * -power(max(i, -f) + f))
    switch overflow {
    case .wrap, .wrapSM:  // The latter was refused.
      let period = top - low
      word -= period * ((word - low) / period).rounded(.down)
    case .sat: word = min(max(word, low), top - 1)
    case .satSym: word = min(max(word, low + Number(k)), top - 1)
    case .satZero: if word < low || word > top - 1 { word = 0 }
    }
    return word * step
  }

  /// A number rounded to a whole one, the halves added as floating-point numbers are.
  private func rounded<Number: BinaryFloatingPoint>(_ x: Number) -> Number {
    let (half, sign) = (Number(0.5), x < 0 ? Number(-1) : 1)
    switch rounding {
    case .trn: return x.rounded(.down)
    case .trnZero: return x.rounded(.towardZero)
    case .rnd: return (x + half).rounded(.down)
    case .rndZero: return sign * (abs(x) - half).rounded(.up)
    case .rndInf: return sign * (abs(x) + half).rounded(.down)
    case .rndMinInf: return (x - half).rounded(.up)
    case .rndConv: return x.rounded(.toNearestOrEven)
    }
  }
}

extension FixedFormat {
  /// The format whose conversion is this quantizer, if there is one.
  init?(_ quantizer: FixedQuantizer) {
    guard let isSigned = quantizer.isSigned.common, let integer = quantizer.integerBits.common,
      let fraction = quantizer.fractionBits.common, !quantizer.isUnbounded,
      quantizer.scaler ?? 1 == 1, quantizer.affine == nil, quantizer.overflow != .wrapSM
    else { return nil }
    let k = isSigned ? 1 : 0
    guard k + integer + fraction > 0 else { return nil }
    self.init(k + integer + fraction, k + integer, signed: isSigned, quantizer.rounding, quantizer.overflow)
  }
}
