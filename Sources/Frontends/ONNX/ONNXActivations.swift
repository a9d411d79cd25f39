import Diagnostics
import Model

/// Functions of one number.
func convertActivation(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  return [.data(try call.elementwise(.activation(try activation(call)), x))]
}

private func activation(_ call: ONNXCall) throws(Failure) -> Activation {
  switch call.node.operation {
  case "Relu": return .relu(maximum: nil, negativeSlope: 0, threshold: 0)
  case "LeakyRelu": return .leakyReLU(slope: try call.real("alpha", default: 0.01))
  case "ThresholdedRelu": return .thresholdedReLU(theta: try call.real("alpha", default: 1))
  case "Elu": return .elu(alpha: try call.real("alpha", default: 1))
  case "Celu":
    guard try call.real("alpha", default: 1) == 1 else {
      throw call.problem("is supported with alpha 1, as Elu, only")
    }
    return .elu(alpha: 1)
  case "Selu":
    // float32 constants of the definition; exporters write them in full or not at all.
    guard abs(try call.real("alpha", default: 1.6732632) - 1.6732632) < 1e-4,
      abs(try call.real("gamma", default: 1.0507010) - 1.0507010) < 1e-4
    else { throw call.problem("is supported with its own alpha and gamma only") }
    return .selu
  case "Sigmoid": return .sigmoid
  case "Tanh": return .tanh
  case "HardSigmoid":
    return .hardSigmoid(
      slope: try call.real("alpha", default: 0.2), shift: try call.real("beta", default: 0.5))
  case "Softplus": return .softplus
  case "Softsign": return .softsign
  case "Exp": return .exponential
  case "Gelu": return .gelu(approximate: try call.text("approximate", default: "none") == "tanh")
  case "Mish": return .mish
  case "Swish":
    guard try call.real("alpha", default: 1) == 1 else {
      throw call.problem("is supported with alpha 1 only")
    }
    return .swish
  default: throw call.problem("is not supported")
  }
}

func convertPRelu(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let slopes = try call.laid(try call.constant(1, "the slopes"), over: x, "the slopes")
  if let slope = slopes.common {
    return [.data(try call.elementwise(.activation(.leakyReLU(slope: slope)), x))]
  }
  guard let all = slopes.broadcast(to: x.storedShape) else {
    throw call.problem("the slopes do not fit the data")
  }
  return [.data(try call.elementwise(.activation(.prelu(slopes: all)), x))]
}

/// x · max(0, min(1, x / 6 + 1/2)).
func convertHardSwish(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let gate = try call.elementwise(.activation(.hardSigmoid(slope: 1 / 6, shift: 0.5)), x, suffix: "gate")
  return [.data(try call.add(.merge(.multiply), [x, gate], x.shape, isMoved: x.isMoved))]
}

func convertSoftmax(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let axis = try call.axis(call.integer("axis", default: call.opset >= 13 ? -1 : 1), rank: x.shape.count)
  if call.opset < 13, x.shape[(axis + 1)...].contains(where: { $0 != 1 }) {
    // Until opset 12 all axes from this one on are one.
    let flat = try call.reshape(x, x.shape[..<axis] + [x.shape[axis...].reduce(1, *)], suffix: "flat")
    guard let place = flat.storedAxis(axis) else { throw call.problem("works along the batch") }
    let result = try call.elementwise(.activation(.softmax(axis: place)), flat, suffix: "softmax")
    return [.data(try call.reshape(result, x.shape))]
  }
  guard let place = x.storedAxis(axis) else { throw call.problem("works along the batch (axis \(axis))") }
  if let mask = call.importer.masks[x.value] { return [.data(try call.maskedSoftmax(x, mask, axis: axis))] }
  return [.data(try call.elementwise(.activation(.softmax(axis: place)), x))]
}

extension ONNXCall {
  /// The bounds of a Clip: inputs since opset 11, attributes before.
  func clipBounds() throws(Failure) -> (low: Double, high: Double) {
    let low = try has(1) ? scalar(1, "the minimum") : real("min", default: -.infinity)
    let high = try has(2) ? scalar(2, "the maximum") : real("max", default: .infinity)
    return (low, high)
  }
}

func convertClip(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.dataOrIntegers(0)
  let (low, high) = try call.clipBounds()
  guard low <= high else { throw call.problem("clips to the range \(low)…\(high)") }
  if x.integers != nil { return [.data(try call.clipIntegers(x, low, high))] }
  // float32's ends are how some exporters say that there is no bound.
  let least: Double? = low > -Double(Float.greatestFiniteMagnitude) ? low : nil
  let most: Double? = high < Double(Float.greatestFiniteMagnitude) ? high : nil
  switch (least, most) {
  case (nil, nil): return [.data(x)]
  case (.some(-1), .some(1)): return [.data(try call.elementwise(.activation(.hardTanh), x))]
  case (.some(0), let high) where high != 0:
    return [
      .data(try call.elementwise(.activation(.relu(maximum: high, negativeSlope: 0, threshold: 0)), x))
    ]
  case (let low, let high):
    var result = x
    if let low {
      let bound = try call.constantLayer(Weights(shape: [1], values: [low]), suffix: "low")
      result = try call.add(
        .merge(.maximum), [result, bound], x.shape, isMoved: x.isMoved,
        suffix: high == nil ? "" : "from_below")
    }
    if let high {
      let bound = try call.constantLayer(Weights(shape: [1], values: [high]), suffix: "high")
      result = try call.add(.merge(.minimum), [result, bound], x.shape, isMoved: x.isMoved)
    }
    return [.data(result)]
  }
}
