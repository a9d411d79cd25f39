import Diagnostics
import Model

/// Dense and QKeras's QDense.
func parseDense(_ call: inout LayerCall) throws(Failure) -> LayerKind { .dense(try dense(&call)) }

/// QKeras's QDenseBatchnorm.
func parseFoldedDense(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  var dense = try dense(&call)
  dense.foldedNormalization = try foldedNormalization(call, channels: dense.kernel.shape[1])
  return .dense(dense)
}

/// BinaryNet's BinaryDense.
func parseBinaryDense(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  var dense = try dense(&call)
  try checkFactor(call)
  dense.kernelQuantizer = .qkeras(
    QKerasQuantizer(kind: .binary(useZeroOne: false), scale: .one, className: .binaryDense))
  return .dense(dense)
}

/// TernaryNet's TernaryDense.
func parseTernaryDense(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  var dense = try dense(&call)
  try checkFactor(call)
  dense.kernelQuantizer = .qkeras(QKerasQuantizer(kind: .ternaryTanh, scale: .one, className: .ternaryDense))
  return .dense(dense)
}

private func dense(_ call: inout LayerCall) throws(Failure) -> Dense {
  let input = try call.plainInput()
  let units = try call.config.positive("units")
  try call.setOutput(input.dropLast() + [units])
  let activation = try call.activation(lastAxis: input.count - 1)
  let count = input[input.count - 1]
  let (kernel, bias) = try call.kernelAndBias(["kernel"], [count, units], biasCount: units)
  return Dense(
    kernel: kernel, bias: bias, activation: activation,
    kernelQuantizer: try call.quantizer("kernel_quantizer", isTrainable: true),
    biasQuantizer: try call.quantizer("bias_quantizer"))
}

/// BinaryNet's factor H of the weights: 1 is supported.
private func checkFactor(_ call: LayerCall) throws(Failure) {
  guard let factor = call.config["H"], factor.number != 1 else { return }
  throw Failure(factor.diagnostic("\(call.layer.className) with H = \(factor.short) is not supported; 1 is"))
}

/// The batch normalization inside QConv2DBatchnorm and QDenseBatchnorm, whose settings are the layer's own.
func foldedNormalization(_ call: LayerCall, channels: Int) throws(Failure) -> BatchNormalization {
  let last = (call.output?.shape.count ?? 1) - 1
  if let node = call.config["axis"], try call.axis(node, rank: last + 1) != last {
    throw Failure(
      node.diagnostic(
        "\(call.layer.className) normalizes along the last axis; the axis \(node.short) is not supported"))
  }
  return try normalization(call, channels: channels, axis: last, part: "batchnorm")
}

/// BatchNormalization and QBatchNormalization.
func parseBatchNormalization(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let input = try call.single()
  let axis: Int
  if let node = call.config["axis"] {
    axis = try call.axis(node, rank: input.shape.count)
  } else {
    axis = input.shape.count - 1
  }
  try call.setOutput(input.storedShape, isMoved: input.isMoved)
  return .batchNormalization(
    try normalization(call, channels: input.shape[axis], axis: input.storedAxis(axis), part: nil))
}

private func normalization(_ call: LayerCall, channels: Int, axis: Int, part: String?) throws(Failure)
  -> BatchNormalization
{
  let usesGamma = try call.config.boolean("scale", default: true)
  let usesBeta = try call.config.boolean("center", default: true)
  let epsilon = try call.config.number("epsilon", default: 0.001)
  guard epsilon >= 0 else { throw call.problem("the epsilon of \"\(call.layer.name)\" is negative") }
  let names = (usesGamma ? ["gamma"] : []) + (usesBeta ? ["beta"] : []) + ["moving_mean", "moving_variance"]
  let found = try call.weights(names.map { ([$0], [channels]) }, of: part)
  func weights(_ name: String) -> Weights? { names.firstIndex(of: name).map { found[$0] } }
  let variance = found[found.count - 1]
  guard variance.values.allSatisfy({ $0 + epsilon > 0 }) else {
    throw call.problem("a variance of \"\(call.layer.name)\" plus epsilon is not positive")
  }
  var quantizers: [BatchNormalization.Parameter: Quantizer] = [:]
  if part == nil {
    quantizers[.gamma] = try call.quantizer("gamma_quantizer", isTrainable: true)
    quantizers[.beta] = try call.quantizer("beta_quantizer")
    quantizers[.mean] = try call.quantizer("mean_quantizer")
    quantizers[.variance] = try call.quantizer("variance_quantizer", isTrainable: true)
    quantizers[.inverse] = try call.quantizer("inverse_quantizer")
  }
  return BatchNormalization(
    gamma: weights("gamma"), beta: weights("beta"), mean: found[found.count - 2], variance: variance,
    epsilon: epsilon, axis: axis, quantizers: quantizers)
}
