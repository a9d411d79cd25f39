import Diagnostics
import Model

/// What all convolutions state about their windows.
private struct WindowSettings {
  var size: [Int]
  var strides: [Int]
  var dilation: [Int]
  var padding: Convolution.Padding

  init(_ call: LayerCall, rank: Int, size key: String = "kernel_size", paddings: [String]) throws(Failure) {
    size = try call.config.perAxis(key, rank)
    let ones = [Int](repeating: 1, count: rank)
    strides = try call.config.perAxis("strides", rank, default: key == "pool_size" ? size : ones)
    dilation = try call.config.perAxis("dilation_rate", rank, default: ones)
    let word = try call.config.choice("padding", paddings, default: "valid")
    padding = Convolution.Padding(rawValue: word) ?? .valid
  }

  /// The length of each axis after the windows are taken; 0 where none fits.
  func lengths(_ shape: [Int]) -> [Int] {
    size.indices.map { axis in
      guard padding == .valid else { return 1 + (shape[axis] - 1) / strides[axis] }
      let (reach, overflow) = (size[axis] - 1).multipliedReportingOverflow(by: dilation[axis])
      guard !overflow, shape[axis] > reach else { return 0 }
      return 1 + (shape[axis] - 1 - reach) / strides[axis]
    }
  }

  /// Refuses windows that fit nowhere.
  func check(_ call: LayerCall, _ shape: [Int]) throws(Failure) {
    guard lengths(shape).contains(0) else { return }
    let input = Array(shape.prefix(size.count))
    let dilated = zip(size, dilation).map { 1 + ($0 - 1) * $1 }
    throw call.problem("the window \(dilated) of \"\(call.layer.name)\" is larger than its input \(input)")
  }
}

/// Conv1D, Conv2D, QConv1D, QConv2D.
func parseConvolution(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> LayerKind {
  .convolution(try convolution(&call, rank))
}

/// QConv2DBatchnorm.
func parseFoldedConvolution(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> LayerKind {
  var convolution = try convolution(&call, rank)
  convolution.foldedNormalization = try foldedNormalization(
    call, channels: convolution.kernel.shape[convolution.kernel.shape.count - 1])
  return .convolution(convolution)
}

private func convolution(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> Convolution {
  let (shape, isMoved) = try call.spatialInput(rank: rank)
  let window = try WindowSettings(
    call, rank: rank, paddings: ["valid", "same"] + (rank == 1 ? ["causal"] : []))
  let filters = try call.config.positive("filters")
  let groups = try call.config.positive("groups", default: 1)
  guard shape[rank] % groups == 0, filters % groups == 0 else {
    throw call.problem(
      "the \(groups) groups of \"\(call.layer.name)\" do not divide \(shape[rank]) channels into \(filters) filters"
    )
  }
  try window.check(call, shape)
  try call.setOutput(window.lengths(shape) + [filters], isMoved: isMoved)
  let activation = try call.activation(lastAxis: softmaxAxis(rank, isMoved))
  let (kernel, bias) = try call.kernelAndBias(
    ["kernel"], window.size + [shape[rank] / groups, filters], biasCount: filters)
  return Convolution(
    kind: .standard(groups: groups), kernel: kernel, bias: bias, strides: window.strides,
    dilation: window.dilation, padding: window.padding, activation: activation,
    kernelQuantizer: try call.quantizer("kernel_quantizer", isTrainable: true),
    biasQuantizer: try call.quantizer("bias_quantizer"))
}

/// DepthwiseConv1D, DepthwiseConv2D, QDepthwiseConv2D.
func parseDepthwiseConvolution(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> LayerKind {
  .convolution(try depthwise(&call, rank))
}

/// QDepthwiseConv2DBatchnorm.
func parseFoldedDepthwise(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> LayerKind {
  var convolution = try depthwise(&call, rank)
  convolution.foldedNormalization = try foldedNormalization(
    call, channels: convolution.kernel.shape.suffix(2).reduce(1, *))
  return .convolution(convolution)
}

private func depthwise(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> Convolution {
  let (shape, isMoved) = try call.spatialInput(rank: rank)
  let window = try WindowSettings(call, rank: rank, paddings: ["valid", "same"])
  let multiplier = try call.config.positive("depth_multiplier", default: 1)
  try window.check(call, shape)
  let channels = shape[rank] * multiplier
  try call.setOutput(window.lengths(shape) + [channels], isMoved: isMoved)
  let activation = try call.activation(lastAxis: softmaxAxis(rank, isMoved))
  let (kernel, bias) = try call.kernelAndBias(
    ["depthwise_kernel", "kernel"], window.size + [shape[rank], multiplier], biasCount: channels)
  return Convolution(
    kind: .depthwise, kernel: kernel, bias: bias, strides: window.strides, dilation: window.dilation,
    padding: window.padding, activation: activation,
    kernelQuantizer: try call.quantizer("depthwise_quantizer", isTrainable: true),
    biasQuantizer: try call.quantizer("bias_quantizer"))
}

/// SeparableConv1D, SeparableConv2D and QKeras's forms.
func parseSeparableConvolution(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> LayerKind {
  let (shape, isMoved) = try call.spatialInput(rank: rank)
  let window = try WindowSettings(
    call, rank: rank, paddings: ["valid", "same"] + (rank == 1 ? ["causal"] : []))
  let multiplier = try call.config.positive("depth_multiplier", default: 1)
  let filters = try call.config.positive("filters")
  try window.check(call, shape)
  try call.setOutput(window.lengths(shape) + [filters], isMoved: isMoved)
  let activation = try call.activation(lastAxis: softmaxAxis(rank, isMoved))
  let ones = [Int](repeating: 1, count: rank)
  let usesBias = try call.config.boolean("use_bias", default: true)
  let found = try call.weights(
    [
      (["depthwise_kernel"], window.size + [shape[rank], multiplier]),
      (["pointwise_kernel"], ones + [shape[rank] * multiplier, filters]),
    ] + (usesBias ? [(["bias"], [filters])] : []))
  return .separableConvolution(
    depthwise: Convolution(
      kind: .depthwise, kernel: found[0], bias: nil, strides: window.strides, dilation: window.dilation,
      padding: window.padding, activation: .linear,
      kernelQuantizer: try call.quantizer("depthwise_quantizer", isTrainable: true)),
    pointwise: Convolution(
      kind: .standard(groups: 1), kernel: found[1], bias: usesBias ? found[2] : nil, strides: ones,
      dilation: ones,
      padding: .valid, activation: activation,
      kernelQuantizer: try call.quantizer("pointwise_quantizer", isTrainable: true),
      biasQuantizer: try call.quantizer("bias_quantizer")))
}

/// Conv1DTranspose, Conv2DTranspose, QConv2DTranspose.
func parseTransposedConvolution(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> LayerKind {
  let (shape, isMoved) = try call.spatialInput(rank: rank)
  let window = try WindowSettings(call, rank: rank, paddings: ["valid", "same"])
  let filters = try call.config.positive("filters")
  guard window.dilation.allSatisfy({ $0 == 1 }), call.config["output_padding"] == nil else {
    throw call.problem(
      "\(call.layer.className) \"\(call.layer.name)\" with a dilation or an output_padding is not supported")
  }
  let lengths = (0..<rank).map { axis in
    // Both are limited (JSONNode.sizeLimit, ModelBuilder.elementLimit), so the product fits.
    shape[axis] * window.strides[axis]
      + (window.padding == .valid ? max(window.size[axis] - window.strides[axis], 0) : 0)
  }
  try call.setOutput(lengths + [filters], isMoved: isMoved)
  let activation = try call.activation(lastAxis: softmaxAxis(rank, isMoved))
  let (kernel, bias) = try call.kernelAndBias(
    ["kernel"], window.size + [filters, shape[rank]], biasCount: filters)
  return .convolution(
    Convolution(
      kind: .transposed, kernel: kernel, bias: bias, strides: window.strides, dilation: window.dilation,
      padding: window.padding, activation: activation,
      kernelQuantizer: try call.quantizer("kernel_quantizer", isTrainable: true),
      biasQuantizer: try call.quantizer("bias_quantizer")))
}

/// The axis softmax works along, the source's last one, as our channels-last layer holds it.
private func softmaxAxis(_ rank: Int, _ isMoved: Bool) -> Int { isMoved ? rank - 1 : rank }

// MARK: Pooling

/// MaxPooling1D/2D, AveragePooling1D/2D, QAveragePooling2D.
func parsePooling(
  _ call: inout LayerCall, _ rank: Int, _ kind: PoolingKind
) throws(Failure) -> LayerKind {
  let (shape, isMoved) = try call.spatialInput(rank: rank)
  let window = try WindowSettings(call, rank: rank, size: "pool_size", paddings: ["valid", "same"])
  try window.check(call, shape)
  try call.setOutput(window.lengths(shape) + [shape[rank]], isMoved: isMoved)
  let quantizer = try call.quantizer("average_quantizer")
  try setActivationAfter(&call, lastAxis: softmaxAxis(rank, isMoved))
  return .pooling(
    Pooling(
      kind: kind, size: window.size, strides: window.strides, padding: window.padding,
      averageQuantizer: quantizer))
}

/// GlobalMaxPooling1D/2D, GlobalAveragePooling1D/2D, QGlobalAveragePooling2D.
func parseGlobalPooling(
  _ call: inout LayerCall, _ rank: Int, _ kind: PoolingKind
) throws(Failure) -> LayerKind {
  let (shape, isMoved) = try call.spatialInput(rank: rank)
  let keepDimensions = try call.config.boolean("keepdims", default: false)
  if kind == .average, rank == 1, let column = try call.maskColumn(shape[0]) {
    guard !isMoved else {
      throw call.problem(
        "a masked average of channels that come first is not supported (\"\(call.layer.name)\")")
    }
    return try call.maskedAverage(shape, column, keepDimensions: keepDimensions)
  }
  if keepDimensions {
    try call.setOutput([Int](repeating: 1, count: rank) + [shape[rank]], isMoved: isMoved)
  } else {
    try call.setOutput([shape[rank]])
  }
  let quantizer = try call.quantizer("average_quantizer")
  try setActivationAfter(&call, lastAxis: keepDimensions ? softmaxAxis(rank, isMoved) : 0)
  return .globalPooling(kind, keepDimensions: keepDimensions, averageQuantizer: quantizer)
}

/// QKeras's poolings may have an activation: it becomes a layer of its own.
private func setActivationAfter(_ call: inout LayerCall, lastAxis: Int) throws(Failure) {
  let function = try call.activation(lastAxis: lastAxis)
  if function != .linear, let name = call.activationName { call.activationAfter = (name, function) }
  call.activationName = nil
}

/// LocallyConnected1D and 2D of Keras 2: a convolution with a kernel of its own at every position, a product with groups.
/// Variables: `kernel` [positions, taps · channels, filters] and `bias` [positions…, filters].
func parseLocallyConnected(_ call: inout LayerCall, _ rank: Int) throws(Failure) -> Tensor {
  let config = call.config
  let implementation = try config.whole("implementation", default: 1)
  guard implementation == 1, try !call.channelsFirst() else {
    throw call.problem(
      "\(call.layer.className) is supported with implementation 1 and channels last (\"\(call.layer.name)\")")
  }
  _ = try config.choice("padding", ["valid"], default: "valid")
  let x = call.builder.model.plain(try call.single())
  guard x.shape.count == rank + 1 else {
    throw call.problem(
      "\(call.layer.className) needs an input of \(rank + 1) axes besides the batch, not \(x.shape)")
  }
  func lengths(_ key: String) throws(Failure) -> [Int] {
    guard let node = config[key] else { return Array(repeating: 1, count: rank) }
    let values = try (node.elements ?? [node]).map { node throws(Failure) in try node.whole(atLeast: 1) }
    guard values.count == rank || values.count == 1 else {
      throw Failure(node.diagnostic("\(key) has \(values.count) numbers for \(rank) axes"))
    }
    return values.count == rank ? values : Array(repeating: values[0], count: rank)
  }
  let (size, strides, filters) = (
    try lengths("kernel_size"), try lengths("strides"), try config.positive("filters")
  )
  let channels = x.shape[rank]
  let positions = (0..<rank).map { (x.shape[$0] - size[$0]) / strides[$0] + 1 }
  guard zip(x.shape, size).allSatisfy({ $0 >= $1 }) else {
    throw call.problem("a window of \(size) is larger than the input \(x.shape) of \"\(call.layer.name)\"")
  }
  let (count, depth) = (positions.reduce(1, *), size.reduce(1, *) * channels)
  try call.setOutput(positions + [filters])
  let usesBias = try config.boolean("use_bias", default: true)
  let found = try call.weights(
    [(["kernel"], [count, depth, filters])] + (usesBias ? [(["bias"], positions + [filters])] : []))

  // The elements that each position sees, in the order of its kernel.
  func starts(_ counts: [Int], _ steps: [Int]) -> [Int] {
    zip(zip(counts, steps), 0..<rank).reduce([0]) { starts, axis in
      let stride = x.shape[(axis.1 + 1)...].reduce(1, *) * axis.0.1
      return starts.flatMap { start in (0..<axis.0.0).map { start + $0 * stride } }
    }
  }
  let taps = starts(size, size.map { _ in 1 })
  let places = starts(positions, strides).flatMap { start in
    taps.flatMap { tap in (0..<channels).map { start + tap + $0 } }
  }
  let flat = try call.arranged(x, shape: [x.shape.reduce(1, *)], "flat")
  let seen = try call.make(.gather(indices: [places]), "windows", [flat], [places.count])
  let rows = try call.arranged(seen, shape: [count, depth], "rows")
  guard let equation = Einsum("bpk,pkf->bpf", ranks: (3, 3), bothHaveBatch: false) else {
    throw call.problem("a product that is not known")
  }
  let bias = usesBias ? Weights(shape: [count, filters], values: found[1].values) : nil
  let product = try call.product(
    rows, EinsumProduct(equation: equation, kernel: found[0], bias: bias), "positions")
  let sums = try call.arranged(product, shape: positions + [filters], "sums")
  let activation = try call.activation(lastAxis: rank)
  return activation == .linear ? sums : try call.make(.activation(activation), "", [sums], sums.shape)
}
