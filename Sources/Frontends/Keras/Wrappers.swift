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
/// with one axis more where there is such a one, else a layer for every step, whose results are joined.
func parseTimeDistributed(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let shape = try call.plainInput()
  let inner = try innerLayer(of: call)
  guard shape.count >= 2 else {
    throw call.problem(
      "TimeDistributed \"\(call.layer.name)\" needs an input of two or more axes, not \(shape)")
  }
  if let mask = call.masks.first ?? nil {
    // Of a mask along the steps a layer that reads masks would be given one number.
    let reads = inner.takesMask && inner.className != "BatchNormalization"
    guard mask.shape.count == 1, !reads else {
      throw call.maskRefusal("in a TimeDistributed of a \(inner.className) is not supported")
    }
  }
  let scope = call.builder.weights.inner("layer", of: call.scope)
  guard let kind = try parseAtOnce(&call, inner, scope, shape) else {
    return try parseSteps(&call, inner, scope, shape)
  }
  guard let output = call.output else {
    throw call.problem("the shape of \"\(call.layer.name)\" is not known")
  }
  return call.builder.insertFunction(kind, of: call, shape: output.shape, isMoved: false)
}

/// The layer of all steps at once; nil if there is none.
private func parseAtOnce(
  _ call: inout LayerCall, _ inner: KerasLayerNode, _ scope: WeightScope, _ shape: [Int]
) throws(Failure) -> LayerKind? {
  var element = call.inputs[0]
  element.shape.removeFirst()
  var innerCall = LayerCall(
    layer: inner, scope: scope, inputs: [element], builder: call.builder)
  // The mask it makes is one for every step.
  if inner.isModel || inner.config["mask_zero"]?.bool == true { return nil }
  // An unknown class was reported by checkSupport.
  guard var parser = layerParser(inner.kerasClass) else { throw Failure(.badInput, []) }
  // Without a mask it is one layer.
  if inner.kerasClass == KerasClass(.keras, "Softmax") { parser = .layer(parseSoftmax) }
  guard case .layer(let parse) = parser else { return nil }
  if inner.config["data_format"] != nil, try innerCall.channelsFirst() { return nil }
  call.builder.willRead(inner)
  let kind: LayerKind
  do {
    kind = try parse(&innerCall)
  } catch {
    if let output = innerCall.output { try call.setOutput([shape[0]] + output.shape) }
    throw error
  }
  guard let output = innerCall.output, innerCall.activationAfter == nil, let result = overTime(kind) else {
    return nil
  }
  try call.setOutput([shape[0]] + output.shape)
  call.activationName = innerCall.activationName
  call.innerName = inner.name
  call.isFunctionClass = innerCall.isFunctionClass
  call.innerClassName = inner.className
  if innerCall.isQuantized { call.builder.model.isQuantized = true }
  return result
}

/// The inner layer, or model, once for every step.
private func parseSteps(
  _ call: inout LayerCall, _ inner: KerasLayerNode, _ scope: WeightScope, _ shape: [Int]
) throws(Failure) -> Tensor {
  var (rows, masks): ([Tensor], [Tensor]) = ([], [])
  for step in 0..<shape[0] {
    let indices: [[Int]?] = [[step]] + shape.dropFirst().map { _ in nil }
    let row = try call.make(
      .gather(indices: indices), "step\(step)", [call.inputs[0]], [1] + shape.dropFirst())
    let element = try call.arranged(row, shape: Array(shape.dropFirst()), "step\(step)")
    let results = try call.builder.call(
      inner, scope: scope, inputs: [element], path: call.path + [call.layer.name])
    guard results.count == 1 else {
      throw Failure(inner.node.diagnostic("a TimeDistributed layer of several results is not supported"))
    }
    // What is wrong inside has been said, and is the same for all steps.
    guard let result = results[0], result.value.layer >= 0 else {
      return .unknown(storedShape: [shape[0]] + (results[0]?.shape ?? []))
    }
    let plain = call.builder.model.plain(result)
    rows.append(try call.arranged(plain, shape: [1] + plain.shape, "row\(step)"))
    if let mask = result.mask?.tensor {
      masks.append(try call.arranged(mask, shape: [1] + mask.shape, "mask\(step)"))
    }
  }
  // Keras 2 hands on the masks that are made inside, Keras 3 does not.
  if call.builder.generation < 3, let first = masks.first {
    let mask = try call.make(
      .concatenate(axis: 0), "mask", masks, [masks.count] + first.shape.dropFirst())
    call.resultMasks = [SequenceMask(value: mask.value, shape: mask.shape)]
  }
  return try call.make(.concatenate(axis: 0), "", rows, [shape[0]] + rows[0].shape.dropFirst())
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
