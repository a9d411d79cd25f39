import Diagnostics
import FixedPoint
import Model
import Program

extension FixedQuantizer {
  /// The formats that a conversion to these bits has, scaler and affine apart; nil where they do not fit the shape, or a
  /// format cannot be.
  func layout(over shape: [Int]) -> FormatLayout? {
    guard !isUnbounded, overflow != .wrapSM, let signed = isSigned.broadcast(to: shape),
      let integer = integerBits.broadcast(to: shape), let fraction = fractionBits.broadcast(to: shape)
    else { return nil }
    var formats: [FixedFormat?] = []
    for element in signed.values.indices {
      let (isSigned, f) = (signed.values[element], fraction.values[element])
      let k = isSigned ? 1 : 0
      let i = integer.values[element]
      guard k + i + f > 0 else {
        formats.append(nil)
        continue
      }
      // Symmetric with a sign alone has nothing but 0; without a sign there is nothing to be symmetric to.
      if overflow == .satSym, isSigned, i + f == 0 {
        formats.append(nil)
        continue
      }
      let format = FixedFormat(
        k + i + f, k + i, signed: isSigned, rounding, overflow == .satSym && !isSigned ? .sat : overflow)
      guard format.isRepresentable else { return nil }
      formats.append(format)
    }
    return FormatLayout(shape: shape, formats)
  }
}

extension ExactBuilder {
  /// Fixed-point quantizers: a conversion, each element to its own format.
  mutating func quantize(_ x: ValueID, _ quantizer: FixedQuantizer) throws(Failure) -> ValueID {
    guard let layout = quantizer.layout(over: shape(x)) else {
      throw failure("a quantizer's bits do not fit its input, or are no format")
    }
    let isPlain = quantizer.affine == nil
    guard let scaler = quantizer.scaler, scaler != 1 else {
      return try offset(try convert(x, layout, isPlain ? "" : "word"), quantizer.affine)
    }
    guard scaler.significand == 1, scaler > 0 else {
      throw failure("a quantizer's scaler of \(scaler), which is no power of two, is not supported")
    }
    let exponent = Int(scaler.exponent)
    let divided = try scale(x, byPowerOfTwo: -exponent, "divided")
    let word = try convert(divided, layout, "word")
    return try offset(try scale(word, byPowerOfTwo: exponent, isPlain ? "" : "multiplied"), quantizer.affine)
  }

  private mutating func convert(_ x: ValueID, _ layout: FormatLayout, _ suffix: String) throws(Failure)
    -> ValueID
  {
    if case .uniform(let format) = layout { return try requantize(x, format, suffix) }
    return try add(.requantize(layout), x, named: suffix)
  }

  private mutating func offset(_ x: ValueID, _ affine: FixedQuantizer.Affine?) throws(Failure) -> ValueID {
    guard let affine else { return x }
    let product = try multiply(x, try constant(affine.scale, "scale"), "scaled")
    return try sum(product, try constant(affine.offset, "offset"), "")
  }
}
