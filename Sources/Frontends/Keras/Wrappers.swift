import Diagnostics
import Model
import Storage

/// The layer inside a wrapper.
func innerLayer(of call: LayerCall) throws(Failure) -> KerasLayerNode {
  let node = try call.config.required("layer")
  var problems = Problems()
  guard let layer = KerasLayerNode(node, &problems) else { throw Failure(.badInput, problems.found) }
  return layer
}

/// TensorFlow's pruning wrapper: the kernel already has its zeros, so the layer inside is all there is. It
/// keeps its own name, as after strip_pruning.
func unwrapPruning(_ call: LayerCall) throws(Failure) -> (layer: KerasLayerNode, scope: WeightScope) {
  (try innerLayer(of: call), call.builder.weights.inner("layer", of: call.scope))
}

/// TimeDistributed: the inner layer, applied to every element of the first axis. It becomes the same layer
/// with one axis more.
func parseTimeDistributed(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  let inner = try innerLayer(of: call)
  guard shape.count >= 2 else {
    throw call.problem(
      "TimeDistributed \"\(call.layer.name)\" needs an input of two or more axes, not \(shape)")
  }
  var element = call.inputs[0]
  element.shape.removeFirst()
  var innerCall = LayerCall(
    layer: inner, scope: call.builder.weights.inner("layer", of: call.scope), inputs: [element],
    builder: call.builder)
  call.builder.willRead(inner)
  // An unknown class was reported by checkSupport.
  guard var parser = layerParser(inner.kerasClass) else { throw Failure(.badInput, []) }
  // Without a mask it is one layer.
  if inner.kerasClass == KerasClass(.keras, "Softmax") { parser = .layer(parseSoftmax) }
  let unsupported = Failure(
    inner.node.diagnostic("TimeDistributed layers of class \(inner.className) are not supported"))
  guard case .layer(let parse) = parser else { throw unsupported }
  if inner.config["data_format"] != nil, try innerCall.channelsFirst() { throw unsupported }
  let kind: LayerKind
  do {
    kind = try parse(&innerCall)
  } catch {
    if let output = innerCall.output { try call.setOutput([shape[0]] + output.shape) }
    throw error
  }
  guard let output = innerCall.output, innerCall.activationAfter == nil, let result = overTime(kind) else {
    throw unsupported
  }
  try call.setOutput([shape[0]] + output.shape)
  call.activationName = innerCall.activationName
  call.innerName = inner.name
  call.isFunctionClass = innerCall.isFunctionClass
  call.innerClassName = inner.className
  return result
}

/// The layer that does the same for every element of a new first axis; nil if there is none.
private func overTime(_ kind: LayerKind) -> LayerKind? {
  switch kind {
  case .reshape: return kind
  case .dense(var dense):
    if case .softmax(let axis) = dense.activation { dense.activation = .softmax(axis: axis + 1) }
    return .dense(dense)
  case .activation(.softmax(let axis)): return .activation(.softmax(axis: axis + 1))
  case .activation(.prelu): return nil
  case .activation: return kind
  case .batchNormalization(var normalization):
    normalization.axis += 1
    return .batchNormalization(normalization)
  case .permute(let order): return .permute(order: [0] + order.map { $0 + 1 })
  case .convolution(var convolution):
    guard convolution.strides.count == 1, convolution.padding != .causal else { return nil }
    convolution.kernel.shape.insert(1, at: 0)
    convolution.strides.insert(1, at: 0)
    convolution.dilation.insert(1, at: 0)
    if case .softmax(let axis) = convolution.activation { convolution.activation = .softmax(axis: axis + 1) }
    return .convolution(convolution)
  case .pooling(var pooling):
    guard pooling.size.count == 1 else { return nil }
    pooling.size.insert(1, at: 0)
    pooling.strides.insert(1, at: 0)
    return .pooling(pooling)
  case .zeroPadding(let spans) where spans.count == 1:
    return .zeroPadding([Span(before: 0, after: 0)] + spans)
  case .cropping(let spans) where spans.count == 1: return .cropping([Span(before: 0, after: 0)] + spans)
  case .upsampling(let factors) where factors.count == 1: return .upsampling(factors: [1] + factors)
  default: return nil
  }
}
