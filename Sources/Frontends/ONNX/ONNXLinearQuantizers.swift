import Diagnostics
import Model

// ONNX's own quantization: QuantizeLinear and DequantizeLinear.

extension ONNXCall {
  /// A scale or zero point of ONNX's own quantization as a tensor that broadcasts: one number, or one per place of `axis`, or, for
  /// weights, one per block.
  fileprivate func perAxis(_ tensor: ONNXTensor, _ shape: [Int]) throws(Failure) -> ONNXTensor {
    if tensor.values.count == 1 { return tensor.moved(.reshape([])) }
    let axis = try axis(integer("axis", default: 1), rank: shape.count)
    let block = try integer("block_size", default: 0)
    if block > 0 {
      guard tensor.shape.count == shape.count, tensor.shape[axis] == (shape[axis] + block - 1) / block else {
        throw problem("has scales of shape \(tensor.shape.shortened) for blocks of \(block)")
      }
      return tensor.moved(
        .gather(shape.indices.map { $0 == axis ? (0..<shape[axis]).map { $0 / block } : nil }))
    }
    guard tensor.shape.count == 1, tensor.shape[0] == shape[axis] else {
      throw problem("has \(tensor.shape.shortened) scales along an axis of \(shape[axis]) places")
    }
    return tensor.moved(.reshape(shape.indices.map { $0 == axis ? shape[axis] : 1 }))
  }

  /// The scale and zero point of inputs 1 and 2.
  fileprivate func linearScale(_ shape: [Int]) throws(Failure) -> (
    scale: ONNXTensor, zero: ONNXTensor, type: ONNXType?
  ) {
    let scale = try constant(1, "the scale")
    try checkScale(scale)
    let zero = try constant(ifAny: 2, "the zero point")
    return (
      try perAxis(scale, shape),
      try zero.map { (zero) throws(Failure) in try perAxis(zero, shape) }
        ?? ONNXTensor(.uint8, [], [0]), zero?.type
    )
  }

  fileprivate func linearSettings(_ shape: [Int]) throws(Failure) -> QuantizerSettings {
    let (scale, zero, zeroType) = try linearScale(shape)
    let declared = try integer("output_dtype", default: 0)
    guard let type = zeroType ?? (declared == 0 ? .uint8 : ONNXType(rawValue: declared)),
      let range = type.range
    else {
      throw problem("quantizes to a type that is not supported")
    }
    return QuantizerSettings(
      scale: scale, zero: zero, levels: .integers(Int(range.lowerBound)...Int(range.upperBound)))
  }

  /// The settings of a quantizer that adds its zero point after it has rounded, as ONNX's does: with an odd zero point a tie
  /// goes to the other side than in x/s + z. A zero point of all channels is taken off the levels instead.
  fileprivate func roundedFirst(_ settings: QuantizerSettings) throws(Failure) -> QuantizerSettings {
    let zeros = settings.zero.values
    guard zeros.contains(where: { $0.truncatingRemainder(dividingBy: 2) != 0 }) else { return settings }
    var shifted = settings
    guard let zero = zeros.first, zeros.allSatisfy({ $0 == zero }),
      case .integers(let range) = settings.levels
    else {
      shifted.roundsFirst = true
      return shifted
    }
    shifted.levels = .integers(range.lowerBound - Int(zero)...range.upperBound - Int(zero))
    shifted.zero = ONNXTensor(settings.zero.type, settings.zero.shape, zeros.map { _ in 0 })
    return shifted
  }

  /// Integers of a QuantizeLinear clipped further: how narrower widths are written in QCDQ.
  func clipIntegers(_ x: ONNXData, _ low: Double, _ high: Double) throws(Failure) -> ONNXData {
    guard case .activation(.quantizer(.uniform(var quantizer))) = importer.kind(of: x),
      case .integers(let range) = quantizer.levels
    else { throw problem("clips integers that are not those of a QuantizeLinear directly") }
    // Levels whose zero point has been taken off (`roundedFirst`).
    let isShifted = quantizer.zeroPoint.values.allSatisfy { $0 == 0 }
    let shift = isShifted ? Int(clamping: x.integers?.zero.first ?? 0) : 0
    let bounds = (
      max(range.lowerBound, Int(clamping: low.rounded(.up)) - shift),
      min(range.upperBound, Int(clamping: high.rounded(.down)) - shift)
    )
    guard bounds.0 <= bounds.1 else { throw problem("leaves no integers between \(low) and \(high)") }
    quantizer.levels = .integers(bounds.0...bounds.1)
    var result = x
    if importer.isReadOnce(x, named: node.inputs[0]) {
      importer.builder.change(x.tensor, to: .activation(.quantizer(.uniform(quantizer))))
    } else {
      result.value = try importer.repeated(x, .activation(.quantizer(.uniform(quantizer))), for: self).value
    }
    return result
  }
}

func convertQuantizeLinear(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let settings = try call.linearSettings(x.shape)
  var result = try call.quantize(x, try call.roundedFirst(settings))
  result.integers = ONNXScale(scale: settings.scale.values, zero: settings.zero.values)
  return [.data(result)]
}

func foldQuantizeLinear(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let x = try call.operand(constants, 0)
  let settings = try call.linearSettings(x.shape)
  let zero = try call.spread(settings.zero, x.shape, "the zero point")
  let scale = try call.spread(settings.scale, x.shape, "the scale")
  guard case .integers(let range) = settings.levels else { return [] }
  let type = try call.linearScale(x.shape).type ?? .uint8
  let values = x.values.indices.map { index -> Double in
    let y = (Float(x.values[index]) / Float(scale[index])).rounded(.toNearestOrEven) + Float(zero[index])
    return min(max(Double(y), Double(range.lowerBound)), Double(range.upperBound))
  }
  return [ONNXTensor(type, x.shape, values)]
}

func convertDequantizeLinear(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  var x = try call.dataOrIntegers(0)
  let (scale, zero, _) = try call.linearScale(x.shape)
  if let integers = x.integers {
    guard integers == ONNXScale(scale: scale.values, zero: zero.values) else {
      throw call.problem("has another scale or zero point than the QuantizeLinear before it")
    }
    x.integers = nil
    return [.data(x)]
  }
  // Integers from outside: (x − zero) · scale.
  var operand = ONNXOperand.data(x)
  if zero.values.contains(where: { $0 != 0 }) {
    operand = .data(try call.merge(.subtract, [operand, .constant(zero)], suffix: "centred"))
  }
  call.importer.builder.isQuantized = true
  return [.data(try call.merge(.multiply, [operand, .constant(scale)]))]
}

func foldDequantizeLinear(_ call: ONNXCall, _ constants: [ONNXTensor?]) throws(Failure) -> [ONNXTensor] {
  let x = try call.operand(constants, 0)
  let (scaleTensor, zeroTensor, _) = try call.linearScale(x.shape)
  let scale = try call.spread(scaleTensor, x.shape, "the scale")
  let zero = try call.spread(zeroTensor, x.shape, "the zero point")
  let integers = zip(x.values, zero).map { $0 - $1 }
  let levels = x.type.range.flatMap {
    UniformQuantizer.Levels.integers(Int($0.lowerBound)...Int($0.upperBound)).shifted(by: zero)
  }
  return [call.dequantized(x.shape, integers, scale, levels)]
}
