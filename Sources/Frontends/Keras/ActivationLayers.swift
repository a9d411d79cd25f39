import Diagnostics
import Model

/// Activation and QActivation.
func parseActivation(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let input = try call.single()
  try call.setOutput(input.storedShape, isMoved: input.isMoved)
  _ = try call.config.required("activation")
  return .activation(try call.activation(lastAxis: input.storedAxis(input.shape.count - 1)))
}

func parseReLU(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  try keepShape(&call)
  call.isFunctionClass = true
  let maximum = call.config["max_value"] == nil ? nil : try call.config.number("max_value")
  let slope = try call.config.number("negative_slope", default: 0)
  let threshold = try call.config.number("threshold", default: 0)
  guard maximum ?? 0 >= 0, slope >= 0, threshold >= 0 else {
    throw call.problem("ReLU \"\(call.layer.name)\" has a negative max_value, negative_slope or threshold")
  }
  return .activation(.relu(maximum: maximum, negativeSlope: slope, threshold: threshold))
}

func parseLeakyReLU(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  try keepShape(&call)
  // Keras 2 calls it alpha, Keras 3 negative_slope.
  let key = call.config["negative_slope"] == nil ? "alpha" : "negative_slope"
  return .activation(.leakyReLU(slope: try call.config.number(key, default: 0.3)))
}

/// PReLU: one slope per element, equal along the shared axes.
func parsePReLU(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  try call.setOutput(shape)
  var slopeShape = shape
  for node in call.config["shared_axes"]?.elements ?? [] {
    slopeShape[try call.axis(node, rank: shape.count)] = 1
  }
  let slopes = try call.weights([(["alpha"], slopeShape)])[0]
  return .activation(.prelu(slopes: slopes.broadcast(to: shape) ?? slopes))
}

func parseELU(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  try keepShape(&call)
  return .activation(.elu(alpha: try call.config.number("alpha", default: 1)))
}

func parseSELU(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  try keepShape(&call)
  return .activation(.selu)
}

func parseThresholdedReLU(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  try keepShape(&call)
  return .activation(.thresholdedReLU(theta: try call.config.number("theta", default: 1)))
}

func parseSoftmax(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let input = try keepShape(&call)
  call.isFunctionClass = true
  let rank = input.shape.count
  if let axis = call.config.written("axis"), axis.isNull {
    throw Failure(
      axis.diagnostic(
        "a softmax over all axes, the batch among them, is not supported", hint: "name one axis"))
  }
  let axis =
    try call.config["axis"].map { node throws(Failure) in try call.axis(node, rank: rank) } ?? rank - 1
  return .activation(.softmax(axis: input.storedAxis(axis)))
}

/// A layer whose result has the shape and the layout of its input.
@discardableResult
func keepShape(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let input = try call.single()
  try call.setOutput(input.storedShape, isMoved: input.isMoved)
  return input
}
