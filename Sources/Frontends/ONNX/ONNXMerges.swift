import Diagnostics
import Model

/// Add, Sub, Mul, Max, Min, Mean, Sum of data and constants, with numpy's broadcasting.
func convertMerge(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let kind: Merge
  switch call.node.operation {
  case "Add", "Sum": kind = .add
  case "Sub": kind = .subtract
  case "Mul": kind = .multiply
  case "Max": kind = .maximum
  case "Min": kind = .minimum
  case "Mean": kind = .average
  default: throw call.problem("is not supported")
  }
  if kind == .add, call.operands.count == 2 {
    for (data, constant) in [(0, 1), (1, 0)] where call.isConstant(constant) && !call.isConstant(data) {
      if let result = try call.foldedBias(try call.data(data), try call.constant(constant, "the bias"), data)
      {
        return [.data(result)]
      }
    }
  }
  if kind == .add, let masked = try call.maskedLogits() { return [.data(masked)] }
  if call.operands.count == 1 { return [.data(try call.data(0))] }
  return [.data(try call.merge(kind, call.operands))]
}

func convertDivide(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  guard call.isConstant(1) else {
    let reciprocal = try call.elementwise(
      .activation(.reciprocal(offset: 0)), call.data(1), suffix: "reciprocal")
    return [.data(try call.merge(.multiply, [call.operands[0], .data(reciprocal)]))]
  }
  var divisor = try call.constant(1, "the divisor")
  guard divisor.values.allSatisfy({ $0 != 0 && $0.isFinite }) else { throw call.problem("divides by zero") }
  divisor = ONNXTensor(.float64, divisor.shape, divisor.values.map { 1 / $0 })
  return [.data(try call.merge(.multiply, [call.operands[0], .constant(divisor)]))]
}

func convertNegative(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  [.data(try call.merge(.multiply, [call.operands[0], .constant(ONNXTensor(.float32, [1], [-1]))]))]
}

/// max(x, −x).
func convertAbsolute(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  [.data(try call.absolute(call.data(0), suffix: ""))]
}

extension ONNXCall {
  func absolute(_ x: ONNXData, suffix: String) throws(Failure) -> ONNXData {
    let minus = try merge(
      .multiply, [.data(x), .constant(ONNXTensor(.float32, [1], [-1]))], suffix: "minus")
    return try add(.merge(.maximum), [x, minus], x.shape, isMoved: x.isMoved, suffix: suffix)
  }
}

/// √x.
func convertSquareRoot(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  [.data(try call.elementwise(.activation(.squareRoot), call.data(0)))]
}

func convertLogarithm(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  [.data(try call.elementwise(.activation(.logarithm(least: leastLogarithm)), call.data(0)))]
}

/// 1/x; of a root that nothing else reads, one function.
func convertReciprocal(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  if case .activation(.squareRoot) = call.importer.kind(of: x),
    call.importer.isReadOnce(x, named: call.node.inputs[0])
  {
    call.importer.builder.change(x.tensor, to: .activation(.inverseSquareRoot))
    return [.data(x)]
  }
  return [.data(try call.elementwise(.activation(.reciprocal(offset: 0)), x))]
}

func convertPower(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let exponent = try call.scalar(1, "the exponent")
  switch exponent {
  case 1: return [.data(x)]
  case 2, 3:
    let square = try call.add(
      .merge(.multiply), [x, x], x.shape, isMoved: x.isMoved, suffix: exponent == 2 ? "" : "square")
    if exponent == 2 { return [.data(square)] }
    return [.data(try call.add(.merge(.multiply), [square, x], x.shape, isMoved: x.isMoved))]
  case 0.5: return [.data(try call.elementwise(.activation(.squareRoot), x))]
  case -0.5: return [.data(try call.elementwise(.activation(.inverseSquareRoot), x))]
  case -1: return [.data(try call.elementwise(.activation(.reciprocal(offset: 0)), x))]
  default: throw call.problem("raises to the power \(exponent); 1, 2, 3, ½, −½ and −1 are supported")
  }
}

/// Sums of all elements up to each along an axis: a product with ones below a diagonal.
func convertCumulativeSum(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let rank = x.shape.count
  let axis = try call.axis(Int(try call.scalar(1, "the axis")), rank: rank)
  guard let place = x.storedAxis(axis) else { throw call.problem("works along the batch (axis 0)") }
  let (isExclusive, isReverse) = (try call.flag("exclusive"), try call.flag("reverse"))
  let length = x.eventShape[place]
  let ones = (0..<length * length).map { index -> Double in
    let (from, to) = (index / length, index % length)
    return from == to ? (isExclusive ? 0 : 1) : (from < to) != isReverse ? 1 : 0
  }
  let order = (0..<rank).filter { $0 != axis } + [axis]
  let rows = call.plain(try call.transpose(x, order, suffix: "rows"))
  let dense = Dense(
    kernel: Weights(shape: [length, length], values: ones), bias: nil, activation: .linear)
  let sums = try call.add(.dense(dense), [rows], rows.shape, suffix: "sums")
  return [.data(try call.transpose(sums, order.indices.map { order.firstIndex(of: $0) ?? $0 }))]
}

/// The inputs joined along an axis.
func convertConcat(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  var parts = try call.operands.indices.map { (index) throws(Failure) in try call.data(index) }
  guard let first = parts.first else { throw call.problem("joins nothing") }
  if parts.count == 1 { return [.data(first)] }
  let axis = try call.axis(call.integer("axis", default: 1), rank: first.shape.count)
  let shape = try concatenatedShape(call, parts.map(\.shape), axis)
  guard parts.allSatisfy({ $0.hasBatch == first.hasBatch }) else {
    throw call.problem("joins data with and without a batch")
  }
  if axis == 0, first.hasBatch, call.importer.isOneEvent {
    // What one event's steps gave.
    for index in parts.indices { parts[index] = try call.withoutBatch(call.plain(parts[index])) }
  }
  let isMoved = parts.contains { $0.isMoved }
  for index in parts.indices { parts[index] = isMoved ? call.moved(parts[index]) : call.plain(parts[index]) }
  guard let place = parts[0].storedAxis(axis) else {
    throw call.problem("joins events along the batch (axis 0)")
  }
  return [.data(try call.add(.concatenate(axis: place), parts, shape, isMoved: isMoved))]
}

extension ONNXCall {
  /// Data and constants combined element by element.
  func merge(_ kind: Merge, _ operands: [ONNXOperand?], suffix: String = "") throws(Failure) -> ONNXData {
    var shapes: [[Int]] = []
    var data: [ONNXData] = []
    for operand in operands {
      switch operand {
      case .data(let x)?:
        if x.integers != nil { throw problem("computes with the integers that a QuantizeLinear gives") }
        shapes.append(x.shape)
        data.append(x)
      case .constant(let tensor)?: shapes.append(tensor.shape)
      case .unknown?, nil: throw problem("an input is missing")
      }
    }
    guard let shape = broadcast(shapes), var widest = data.max(by: { $0.shape.count < $1.shape.count }) else {
      throw problem("shapes \(shapes.map(\.shortened).joined(separator: " and ")) do not go together")
    }
    if widest.shape.count < shape.count, importer.isOneEvent, data.allSatisfy({ $0.hasBatch }), shape[0] == 1
    {
      // A constant has more axes, all of one place: so has the data then, in front.
      widest.shape = Array(repeating: 1, count: shape.count - widest.shape.count) + widest.shape
      widest.isMoved = false
    }
    guard widest.shape.count == shape.count, data.allSatisfy({ $0.hasBatch == widest.hasBatch }),
      !widest.hasBatch || shape[0] == widest.shape[0]
    else { throw problem("a constant or an input of another rank spreads along the batch") }
    let isMoved = data.contains { $0.isMoved && $0.shape.count == shape.count }
    let inputs = try operands.map { (operand) throws(Failure) -> ONNXData in
      switch operand {
      case .data(var x)?:
        if x.shape.count < shape.count {
          guard !x.hasBatch || x.shape[0] == 1 else {
            throw problem("inputs of \(x.shape.count) and \(shape.count) axes")
          }
          x = try reshape(
            x, Array(repeating: 1, count: shape.count - x.shape.count) + x.shape, suffix: "spread")
          x.hasBatch = widest.hasBatch
        }
        return isMoved ? moved(x) : plain(x)
      case .constant(let tensor)?:
        var like = widest
        like.shape = shape
        like.isMoved = isMoved
        return try constantLayer(tensor, like: like)
      case .unknown?, nil: throw problem("an input is missing")
      }
    }
    return try add(
      .merge(kind), inputs, shape, isMoved: isMoved, hasBatch: widest.hasBatch, suffix: suffix)
  }

  /// A constant tensor with its axes laid as the layer of `x` holds its own: for broadcasting.
  func stored(_ tensor: ONNXTensor, like x: ONNXData, _ what: String) throws(Failure) -> ONNXTensor {
    guard tensor.shape.count <= x.shape.count else {
      throw problem("\(what) has \(tensor.shape.count) axes for data of \(x.shape.count)")
    }
    var shape = Array(repeating: 1, count: x.shape.count - tensor.shape.count) + tensor.shape
    guard zip(shape, x.shape).allSatisfy({ $0 == 1 || $0 == $1 }) else {
      throw problem(
        "\(what) of shape \(tensor.shape.shortened) does not fit data of shape \(x.shape.shortened)")
    }
    if x.hasBatch {
      guard shape[0] == 1 else { throw problem("\(what) differs between the events of a batch") }
      shape.removeFirst()
    }
    var result = tensor.moved(.reshape(shape))
    if x.isMoved, shape.count > 1 { result = result.moved(.transpose(Array(1..<shape.count) + [0])) }
    return result
  }

  /// The same as numbers in the smallest shape that broadcasts.
  func laid(_ tensor: ONNXTensor, over x: ONNXData, _ what: String) throws(Failure) -> Elements<Double> {
    guard tensor.values.allSatisfy({ $0.isFinite }), !tensor.values.isEmpty else {
      throw problem("\(what) has values that are no numbers")
    }
    let stored = try stored(tensor, like: x, what)
    return Elements(compacting: stored.values, shape: stored.shape)
  }

  /// A layer of a constant, laid as `x` is held.
  private func constantLayer(_ tensor: ONNXTensor, like x: ONNXData) throws(Failure) -> ONNXData {
    let laid = try stored(tensor, like: x, "the constant")
    let values = try weights(laid, "the constant")
    let result = try constantLayer(
      laid.shape.isEmpty ? Weights(shape: [1], values: values.values.values) : values.values,
      values.quantizer, suffix: "constant")
    note(result) { $0.kernelQuantizer = tensor.grid?.place }
    return result
  }

  /// A layer of numbers that are laid already.
  func constantLayer(_ values: Weights, _ quantizer: Quantizer? = nil, suffix: String) throws(Failure)
    -> ONNXData
  {
    try add(
      .constant(Constant(values, quantizer: quantizer)), [], values.shape, hasBatch: false, suffix: suffix)
  }

  /// x + a number per channel, where x is the sum of a matrix or convolution that only this node reads: its bias.
  fileprivate func foldedBias(_ x: ONNXData, _ bias: ONNXTensor, _ index: Int) throws(Failure) -> ONNXData? {
    guard importer.isReadOnce(x, named: node.inputs[index]), bias.shape.count <= x.shape.count else {
      return nil
    }
    let laid = try stored(bias, like: x, "the bias")
    guard let channels = x.storedShape.last, laid.values.count == 1 || laid.shape.last == laid.values.count
    else { return nil }
    let offset = try perChannel(laid, channels, "the bias")
    switch importer.kind(of: x) {
    case .dense(var dense) where dense.bias == nil:
      (dense.bias, dense.biasQuantizer) = (offset.values, offset.quantizer)
      importer.builder.change(x.tensor, to: .dense(dense))
    case .convolution(var convolution) where convolution.bias == nil:
      (convolution.bias, convolution.biasQuantizer) = (offset.values, offset.quantizer)
      importer.builder.change(x.tensor, to: .convolution(convolution))
    default: return nil
    }
    note(x) { ($0.sum, $0.biasQuantizer) = (node.place, bias.grid?.place) }
    return x
  }
}
