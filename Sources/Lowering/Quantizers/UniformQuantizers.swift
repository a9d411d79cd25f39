import Diagnostics
import FixedPoint
import Model

extension UniformQuantizer {
  /// The weights in float32 as QONNX's executor quantizes them: `units` are integers.
  func quantization(of weights: Weights) throws(Failure) -> Quantization {
    let (integers, scale) = try integers(weights.values.map { Float($0) }, shape: weights.shape)
    let values = zip(integers, scale).map { Double($0 * $1) }
    let perLast = weights.shape.last.map { Array(scale.prefix($0)) } ?? [scale[0]]
    let isPerLast = scale.indices.allSatisfy { scale[$0] == perLast[$0 % perLast.count] }
    let result = Weights(shape: weights.shape, values: values)
    guard isPerLast else { return Quantization(values: result, units: result, scale: [1]) }
    return Quantization(
      values: result, units: Weights(shape: weights.shape, values: integers.map { Double($0) }),
      scale: Set(perLast).count == 1 ? [Double(perLast[0])] : perLast.map { Double($0) })
  }

  /// The integers that elements become, less the zero point, and what one step of each is.
  ///
  /// - Throws: where scale or zero point do not fit the tensor.
  func integers<Number: BinaryFloatingPoint>(_ x: [Number], shape: [Int]) throws(Failure) -> (
    integers: [Number], scale: [Number]
  ) {
    let scale = try laid(scale, over: shape, "scales").map { Number($0) }
    let zero = try laid(zeroPoint, over: shape, "zero points").map { Number($0) }
    let integers = x.indices.map { index -> Number in
      switch levels {
      case .bipolar: return x[index] >= 0 ? 1 : -1
      case .integers(let range):
        if roundsFirst {
          let y = rounded(x[index] / scale[index]) + zero[index]
          return min(max(y, Number(range.lowerBound)), Number(range.upperBound)) - zero[index]
        }
        let y = x[index] / scale[index] + zero[index]
        return rounded(min(max(y, Number(range.lowerBound)), Number(range.upperBound))) - zero[index]
      }
    }
    return (integers, scale)
  }

  /// A number rounded to a whole one, the halves added as floating-point numbers are.
  private func rounded<Number: BinaryFloatingPoint>(_ x: Number) -> Number {
    let (half, sign) = (Number(0.5), x < 0 ? Number(-1) : 1)
    switch rounding {
    case .halfEven: return x.rounded(.toNearestOrEven)
    case .halfUp: return sign * (abs(x) + half).rounded(.down)
    case .halfDown: return sign * (abs(x) - half).rounded(.up)
    case .ceiling: return x.rounded(.up)
    case .floor: return x.rounded(.down)
    case .up: return x.rounded(.awayFromZero)
    case .down: return x.rounded(.towardZero)
    }
  }
}

extension FixedFormat {
  /// The format whose conversion is this quantizer, if there is one: one power of two as the scale, no zero point, and all
  /// integers of some bits, or all but the lowest signed one.
  init?(_ quantizer: UniformQuantizer) {
    guard let scale = quantizer.scale.common, scale > 0, scale.isFinite, scale.significand == 1,
      quantizer.zeroPoint.common == 0, case .integers(let range) = quantizer.levels,
      let rounding = Rounding(quantizer.rounding)
    else { return nil }
    let bits = quantizer.levels.bits
    let (isSigned, top) = (range.lowerBound < 0, range.upperBound)
    guard bits > 0, bits <= 62, top == (1 << (isSigned ? bits - 1 : bits)) - 1 else { return nil }
    let isNarrow = isSigned && range.lowerBound == -top
    guard isNarrow || range.lowerBound == (isSigned ? -top - 1 : 0) else { return nil }
    self.init(
      bits, bits + Int(scale.exponent), signed: isSigned, rounding, isNarrow ? .satSym : .sat)
  }
}

extension Rounding {
  /// The ap_fixed mode that rounds as a uniform quantizer does; nil where there is none.
  fileprivate init?(_ rounding: UniformQuantizer.Rounding) {
    switch rounding {
    case .halfEven: self = .rndConv
    case .halfUp: self = .rndInf
    case .halfDown: self = .rndZero
    case .floor: self = .trn
    case .down: self = .trnZero
    case .ceiling, .up: return nil
    }
  }
}
