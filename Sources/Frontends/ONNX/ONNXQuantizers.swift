import Diagnostics
import FixedPoint
import Foundation
import Model

/// What a Quant, BipolarQuant or QuantizeLinear node does, its scale and zero point laid as the tensor is held.
struct QuantizerSettings {
  var scale: ONNXTensor
  var zero: ONNXTensor
  var levels: UniformQuantizer.Levels
  var rounding: UniformQuantizer.Rounding = .halfEven
  /// See `UniformQuantizer.roundsFirst`.
  var roundsFirst = false
}

extension ONNXCall {
  /// The settings of a Quant (of IntQuant, its newer name): scale, zero point and bit width are inputs.
  fileprivate func quantSettings() throws(Failure) -> QuantizerSettings {
    let scale = try constant(1, "the scale")
    try checkScale(scale)
    let zero = try constant(2, "the zero point")
    let widths = try constant(3, "the bit width")
    guard let bits = widths.values.first, widths.values.allSatisfy({ $0 == bits }) else {
      throw problem(
        "has bit widths of shape \(widths.shape.shortened): one for the whole tensor is supported")
    }
    let isSigned = try flag("signed", default: true)
    let levels = try levels(
      bits: bits, isSigned: isSigned, isNarrow: flag("narrow"), rounding: roundingMode(default: "ROUND"))
    if levels == .bipolar, zero.values.contains(where: { $0 != 0 }) {
      throw problem("has one signed bit and a zero point other than 0")
    }
    return QuantizerSettings(
      scale: scale, zero: zero, levels: levels, rounding: try roundingMode(default: "ROUND"))
  }

  fileprivate func roundingMode(default fallback: String) throws(Failure) -> UniformQuantizer.Rounding {
    let name = try text("rounding_mode", default: fallback)
    if name.uppercased() == "ROUND_TO_ZERO" { return .down }
    guard let mode = UniformQuantizer.Rounding(name: name) else {
      let known = UniformQuantizer.Rounding.allCases.map(\.rawValue)
      throw problem(
        "the rounding mode \(name) is not known", hint: "known are ROUND, \(known.joined(separator: ", "))")
    }
    return mode
  }

  /// The integers of a bit width, which need not be whole: the bounds are rounded like any number.
  fileprivate func levels(
    bits: Double, isSigned: Bool, isNarrow: Bool, rounding: UniformQuantizer.Rounding
  ) throws(Failure) -> UniformQuantizer.Levels {
    guard bits > 0, bits <= 62 else { throw problem("has a bit width of \(bits)") }
    if bits == 1, isSigned { return .bipolar }
    let span = pow(2, isSigned ? bits - 1 : bits)
    let low = isSigned ? -span + (isNarrow ? 1 : 0) : 0
    let high = span - (isSigned || !isNarrow ? 1 : 2)
    let bounds = (rounding.round(low), rounding.round(high))
    guard bounds.0 <= bounds.1 else { throw problem("has no integers between \(low) and \(high)") }
    return .integers(Int(clamping: bounds.0)...Int(clamping: bounds.1))
  }

  func checkScale(_ scale: ONNXTensor) throws(Failure) {
    guard !scale.values.isEmpty, scale.values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw problem("the scale is not positive everywhere")
    }
  }

  /// Adds the layer of a quantizer of data.
  func quantize(
    _ x: ONNXData, _ settings: QuantizerSettings, suffix: String = ""
  ) throws(Failure) -> ONNXData {
    var quantizer = UniformQuantizer(
      scale: try laid(settings.scale, over: x, "the scale"),
      zeroPoint: try laid(settings.zero, over: x, "the zero point"),
      levels: settings.levels, rounding: settings.rounding)
    quantizer.roundsFirst = settings.roundsFirst
    importer.builder.isQuantized = true
    return try elementwise(.activation(.quantizer(.uniform(quantizer))), x, suffix: suffix)
  }

  /// A constant quantized in float32, as the executors do.
  func quantize(_ x: ONNXTensor, _ settings: QuantizerSettings) throws(Failure) -> ONNXTensor {
    let (scale, zero) = (
      try spread(settings.scale, x.shape, "the scale"), try spread(settings.zero, x.shape, "the zero point")
    )
    var integers: [Double] = []
    for index in x.values.indices {
      let y = Float(x.values[index]) / Float(scale[index]) + Float(zero[index])
      guard !y.isNaN else { throw problem("a value is no number") }
      switch settings.levels {
      case .bipolar: integers.append(y >= 0 ? 1 : -1)
      case .integers(let range):
        let clipped = min(max(y, Float(range.lowerBound)), Float(range.upperBound))
        integers.append(Double(Float(settings.rounding.round(Double(clipped))) - Float(zero[index])))
      }
    }
    return dequantized(x.shape, integers, scale, settings.levels.shifted(by: zero))
  }

  func dequantized(
    _ shape: [Int], _ integers: [Double], _ scale: [Double], _ levels: UniformQuantizer.Levels?
  ) -> ONNXTensor {
    let values = zip(integers, scale).map { Double(Float($0) * Float($1)) }
    let isWhole = integers.allSatisfy { $0 == $0.rounded(.down) && abs($0) <= 0x1p24 }
    return ONNXTensor(
      .float32, shape, values,
      grid: isWhole
        ? levels.map { ONNXGrid(integers: integers, scales: scale, levels: $0, place: node.place) } : nil)
  }

  /// A constant repeated over a shape.
  func spread(_ tensor: ONNXTensor, _ shape: [Int], _ what: String) throws(Failure) -> [Double] {
    guard let result = broadcast([tensor.shape, shape]),
      Saturating.product(result) == Saturating.product(shape),
      tensor.shape.count <= max(shape.count, 1)
    else {
      throw problem("\(what) of shape \(tensor.shape.shortened) does not fit a tensor of \(shape.shortened)")
    }
    return broadcastPlaces(of: tensor.shape, in: result).map { tensor.values[$0] }
  }
}

extension UniformQuantizer.Rounding {
  /// A number between two integers as this mode has it.
  func round(_ x: Double) -> Double {
    let sign: Double = x < 0 ? -1 : 1
    switch self {
    case .halfEven: return x.rounded(.toNearestOrEven)
    case .halfUp: return sign * (abs(x) + 0.5).rounded(.down)
    case .halfDown: return sign * (abs(x) - 0.5).rounded(.up)
    case .ceiling: return x.rounded(.up)
    case .floor: return x.rounded(.down)
    case .up: return x.rounded(.awayFromZero)
    case .down: return x.rounded(.towardZero)
    }
  }
}

extension UniformQuantizer.Levels {
  /// The integers less a zero point; nil where that differs between elements.
  func shifted(by zero: [Double]) -> Self? {
    guard let first = zero.first, zero.allSatisfy({ $0 == first }), abs(first) < 0x1p31,
      first == first.rounded(.down)
    else {
      return nil
    }
    guard case .integers(let range) = self else { return first == 0 ? self : nil }
    return .integers(range.lowerBound - Int(first)...range.upperBound - Int(first))
  }
}

// MARK: QONNX

func convertQuant(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  [.data(try call.quantize(try call.data(0), try call.quantSettings()))]
}

func foldQuant(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  [try call.quantize(try call.operand(constants, 0), try call.quantSettings())]
}

private func bipolarSettings(_ call: ONNXCall) throws(Failure) -> QuantizerSettings {
  let scale = try call.constant(1, "the scale")
  try call.checkScale(scale)
  return QuantizerSettings(scale: scale, zero: ONNXTensor(.float32, [], [0]), levels: .bipolar)
}

func convertBipolarQuant(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  [.data(try call.quantize(try call.data(0), try bipolarSettings(call)))]
}

func foldBipolarQuant(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  [try call.quantize(try call.operand(constants, 0), try bipolarSettings(call))]
}

/// Version 1 (five inputs): floor(round(x / scale + zero) / 2^(in − out)), less zero, times scale. Version 2 (six): the same by the
/// power of two nearest to out_scale / scale, clipped, times out_scale.
func convertTrunc(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let scale = try call.scalar(1, "the scale")
  let zero = try call.scalar(2, "the zero point")
  let inputBits = try call.scalar(3, "the input's bit width")
  let isSecond = call.has(5)
  let outputScale = try isSecond ? call.scalar(4, "the output's scale") : scale
  let outputBits = try call.scalar(isSecond ? 5 : 4, "the output's bit width")
  guard scale > 0, outputScale > 0, scale.isFinite, outputScale.isFinite, zero == 0 else {
    throw call.problem("needs positive scales and the zero point 0")
  }
  let exponent = isSecond ? log2(outputScale / scale).rounded(.toNearestOrEven) : inputBits - outputBits
  guard exponent == exponent.rounded(.down), abs(exponent) <= 62 else {
    throw call.problem("truncates by \(exponent) bits")
  }
  let rounding = try call.roundingMode(default: "FLOOR")
  func one(_ value: Double) -> ONNXTensor { ONNXTensor(.float64, [], [value]) }
  // To the integers of the input first: no more than the bits of an accumulator are in use there.
  let wide = QuantizerSettings(
    scale: one(scale), zero: one(0), levels: .integers(-1 << 52...1 << 52), rounding: .halfEven)
  let rounded = try call.isOnGrid(x, scale) ? x : call.quantize(x, wide, suffix: "rounded")
  let levels: UniformQuantizer.Levels =
    try isSecond
    ? call.levels(
      bits: outputBits, isSigned: call.flag("signed", default: true), isNarrow: call.flag("narrow"),
      rounding: rounding)
    : .integers(-1 << 52...1 << 52)
  let step = scale * pow(2, exponent)
  let truncated = try call.quantize(
    rounded, QuantizerSettings(scale: one(step), zero: one(0), levels: levels, rounding: rounding),
    suffix: step == outputScale ? "" : "truncated")
  if step == outputScale { return [.data(truncated)] }
  return [.data(try call.merge(.multiply, [.data(truncated), .constant(one(outputScale / step))]))]
}

/// bias + scale · (how many of its channel's thresholds x has reached): x less every threshold, the sign of that, and a sum.
func convertMultiThreshold(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let thresholds = try call.constant(1, "the thresholds")
  let layout = try call.text("data_layout", default: "")
  let isLast = layout.isEmpty ? x.shape.count == 2 : layout.hasSuffix("C")
  let held = isLast ? call.plain(x) : call.moved(x)
  let positions = Array(held.storedShape.dropLast())
  guard x.hasBatch, let channels = held.storedShape.last, thresholds.shape.count == 2,
    thresholds.shape[1] > 0,
    [1, channels].contains(thresholds.shape[0])
  else {
    throw call.problem(
      "has thresholds of shape \(thresholds.shape.shortened) for data of shape \(x.shape.shortened)")
  }
  let count = thresholds.shape[1]
  let scale = try call.real("out_scale", default: 1)
  let bias = try call.real("out_bias", default: 0)
  // As the layer holds it: one axis more, along which the thresholds lie.
  let batch = [x.shape[0]]
  var wide = held
  (wide.shape, wide.isMoved) = (batch + positions + [channels], false)
  wide = try call.reshape(wide, batch + positions + [channels, 1], suffix: "wide")
  let levels = try call.constantLayer(
    try call.weights(thresholds, "the thresholds").values, suffix: "thresholds")
  let distances = try call.add(
    .merge(.subtract), [wide, levels], batch + positions + [channels, count], suffix: "distances")
  call.importer.builder.isQuantized = true
  let signs = try call.elementwise(
    .activation(.quantizer(.uniform(UniformQuantizer(scale: Elements(1), levels: .bipolar)))), distances,
    suffix: "signs")
  let half = Dense(
    kernel: Weights(shape: [count, 1], values: Array(repeating: scale / 2, count: count)),
    bias: Weights(shape: [1], values: [bias + scale * Double(count) / 2]), activation: .linear)
  let sum = try call.add(.dense(half), [signs], batch + positions + [channels, 1])
  var result = try call.reshape(sum, batch + positions + [channels], suffix: "shaped")
  (result.shape, result.isMoved) = (x.shape, held.isMoved)
  return [.data(result)]
}

/// Minifloats: x / scale rounded to a mantissa, clipped, times scale. Constants alone.
func foldFloatQuant(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let x = try call.operand(constants, 0)
  let scale = try call.spread(try call.operand(constants, 1), x.shape, "the scale")
  let exponentBits = try call.scalar(2, "the exponent's bit width")
  let mantissaBits = try call.scalar(3, "the mantissa's bit width")
  let bias = try call.has(4) ? call.scalar(4, "the exponent's bias") : pow(2, exponentBits - 1) - 1
  // What is above the largest value is infinite or NaN where nothing saturates; else these attributes have no effect.
  _ = (try call.flag("has_inf"), try call.flag("has_nan"), try call.flag("has_subnormal"))
  let saturates = try call.flag("saturation", default: true)
  let rounding = try call.roundingMode(default: "ROUND")
  let largest = min(
    (2 - pow(2, -mantissaBits)) * pow(2, pow(2, exponentBits) - 1 - bias),
    try call.has(5) ? call.scalar(5, "the largest value") : .infinity)
  let isSigned = try call.flag("signed", default: true)
  var isBeyond = false
  let values = x.values.indices.map { index -> Double in
    let y = Double(Float(x.values[index]) / Float(scale[index]))
    let exponent = y == 0 ? -126 : Double(y.exponent)
    let step = pow(2, max(exponent - mantissaBits, 1 - bias - mantissaBits))
    let number = step * rounding.round(y / step)
    let rounded = min(max(number, isSigned ? -largest : 0), largest)
    isBeyond = isBeyond || rounded != number
    return Double(Float(rounded) * Float(scale[index]))
  }
  if isBeyond, !saturates { throw call.problem("makes infinities of numbers beyond \(largest)") }
  return [ONNXTensor(.float32, x.shape, values)]
}
