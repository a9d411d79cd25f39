import Diagnostics
import Model

/// The window settings that convolutions and poolings share.
private struct WindowSettings {
  var kernel: [Int]
  var strides: [Int]
  var dilation: [Int]
  /// Explicit, or what auto_pad comes to.
  var pads: [Span]
  /// How many places the results have; a pooling with ceil_mode may have one more than the padding is for.
  var lengths: [Int]

  init(_ call: ONNXCall, kernel: [Int], input: [Int]) throws(Failure) {
    let rank = kernel.count
    self.kernel = kernel
    strides = try call.perAxis("strides", rank, default: 1, atLeast: 1)
    dilation = try call.perAxis("dilations", rank, default: 1, atLeast: 1)
    let spans = kernel.indices.map { [strides, dilation] in
      Saturating.sum([Saturating.product([kernel[$0] - 1, dilation[$0]]), strides[$0] > 0 ? 1 : 0])
    }
    switch try call.text("auto_pad", default: "NOTSET") {
    case "NOTSET":
      let given = try call.perAxis("pads", 2 * rank, default: 0, atLeast: 0)
      pads = (0..<rank).map { Span(before: given[$0], after: given[$0 + rank]) }
    case "VALID": pads = kernel.map { _ in Span(before: 0, after: 0) }
    case let auto where auto == "SAME_UPPER" || auto == "SAME_LOWER":
      pads = (0..<rank).map { [strides] axis in
        let steps = (input[axis] + strides[axis] - 1) / strides[axis]
        let total = max((steps - 1) * strides[axis] + spans[axis] - input[axis], 0)
        let (less, more) = (total / 2, total - total / 2)
        return auto == "SAME_UPPER" ? Span(before: less, after: more) : Span(before: more, after: less)
      }
    case let auto: throw call.problem("auto_pad \(auto) is not supported")
    }
    let roundsUp = try call.integer("ceil_mode", default: 0) != 0
    lengths = []
    for axis in 0..<rank {
      let room = input[axis] + pads[axis].before + pads[axis].after - spans[axis]
      guard room >= 0 else {
        throw call.problem("the kernel \(kernel.shortened) does not fit an input of \(input.shortened)")
      }
      var length = (room + (roundsUp ? strides[axis] - 1 : 0)) / strides[axis] + 1
      // The last window has to begin inside.
      if roundsUp, (length - 1) * strides[axis] >= input[axis] + pads[axis].before { length -= 1 }
      lengths.append(length)
      let reach = (length - 1) * strides[axis] + spans[axis] - input[axis] - pads[axis].before
      pads[axis].after = max(pads[axis].after, reach)
    }
  }

  /// Whether there is no padding.
  var isValid: Bool { pads.allSatisfy { $0.before == 0 && $0.after == 0 } }

  /// Whether the padding is what TensorFlow calls "same".
  func isSame(_ input: [Int]) -> Bool {
    kernel.indices.allSatisfy { axis in
      let steps = (input[axis] + strides[axis] - 1) / strides[axis]
      let span = (kernel[axis] - 1) * dilation[axis] + 1
      let total = max((steps - 1) * strides[axis] + span - input[axis], 0)
      return pads[axis] == Span(before: total / 2, after: total - total / 2)
    }
  }
}

extension ONNXCall {
  /// Data for windows: the layer holds the channels last. In QONNX's channels-last form the data is so itself.
  fileprivate func spatialInput() throws(Failure) -> (x: ONNXData, spatial: [Int], channels: Int) {
    let x = try data(0)
    guard x.hasBatch, (2...3).contains(x.eventShape.count) else {
      throw problem(
        "reads data of shape \(x.shape.shortened); a batch, channels and one or two spatial axes are supported"
      )
    }
    let held = isChannelsLast ? plain(x) : moved(x)
    let stored = held.storedShape
    return (held, Array(stored.dropLast()), stored[stored.count - 1])
  }

  /// The result's shape as ONNX sees it.
  fileprivate func spatialShape(_ x: ONNXData, _ lengths: [Int], _ channels: Int) -> [Int] {
    isChannelsLast ? [x.shape[0]] + lengths + [channels] : [x.shape[0], channels] + lengths
  }

  fileprivate func kernelShape(_ weights: [Int]) throws(Failure) -> [Int] {
    let shape = try integers("kernel_shape") ?? weights
    guard shape == weights else {
      throw problem("kernel_shape is \(shape.shortened), but the weights are for \(weights.shortened)")
    }
    return shape
  }
}

func convertConv(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  var (x, spatial, channels) = try call.spatialInput()
  let tensor = try call.constant(1, "the weights")
  let rank = spatial.count
  let groups = try call.integer("group", default: 1)
  guard tensor.shape.count == rank + 2, groups > 0, channels % groups == 0,
    tensor.shape[1] == channels / groups,
    tensor.shape[0] % groups == 0, tensor.shape.allSatisfy({ $0 > 0 })
  else {
    throw call.problem(
      "weights of shape \(tensor.shape.shortened) do not go with \(channels) channels in \(groups) groups")
  }
  let outputs = tensor.shape[0]
  let window = try WindowSettings(
    call, kernel: try call.kernelShape(Array(tensor.shape.dropFirst(2))), input: spatial)
  let padding: Convolution.Padding = window.isValid ? .valid : window.isSame(spatial) ? .same : .valid
  if padding == .valid { x = try call.padSpatially(x, window.pads, channelsLast: call.isChannelsLast) }
  let taps = Array(2..<rank + 2)
  let isDepthwise = groups == channels && groups > 1
  // [outputs, channels in / groups, taps…] becomes [taps…, channels in / groups, outputs]; a depthwise one
  // [taps…, channels in, multiplier], where output = channel · multiplier + m in both.
  var moved = tensor.moved(.transpose(taps + [1, 0]))
  if isDepthwise { moved = moved.moved(.reshape(window.kernel + [channels, outputs / channels])) }
  let kernel = try call.weights(moved, "the weights")
  let bias = try call.constant(ifAny: 2, "the bias").map { (bias) throws(Failure) in
    try call.perChannel(bias, outputs, "the bias")
  }
  let convolution = Convolution(
    kind: isDepthwise ? .depthwise : .standard(groups: groups), kernel: kernel.values, bias: bias?.values,
    strides: window.strides, dilation: window.dilation, padding: padding, activation: .linear,
    kernelQuantizer: kernel.quantizer, biasQuantizer: bias?.quantizer)
  return [
    .data(
      try call.add(
        .convolution(convolution), [x], call.spatialShape(x, window.lengths, outputs), isMoved: x.isMoved))
  ]
}

/// The full result, from which pads are cut.
func convertConvTranspose(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let (x, spatial, channels) = try call.spatialInput()
  let tensor = try call.constant(1, "the weights")
  let rank = spatial.count
  guard try call.integer("group", default: 1) == 1 else {
    throw call.problem("groups are not supported here")
  }
  guard tensor.shape.count == rank + 2, tensor.shape[0] == channels, tensor.shape.allSatisfy({ $0 > 0 })
  else {
    throw call.problem("weights of shape \(tensor.shape.shortened) do not go with \(channels) channels")
  }
  let size = try call.kernelShape(Array(tensor.shape.dropFirst(2)))
  let strides = try call.perAxis("strides", rank, default: 1, atLeast: 1)
  let dilation = try call.perAxis("dilations", rank, default: 1, atLeast: 1)
  let extra = try call.perAxis("output_padding", rank, default: 0, atLeast: 0)
  let full = (0..<rank).map { axis -> Int in
    let spread = (spatial[axis] - 1) * strides[axis]
    return spread + (size[axis] - 1) * dilation[axis] + 1 + extra[axis]
  }
  var cuts: [Span]
  let auto = try call.text("auto_pad", default: "NOTSET")
  let same: [Int]? = auto.hasPrefix("SAME") ? (0..<rank).map { spatial[$0] * strides[$0] } : nil
  let target = try call.integers("output_shape") ?? same
  if let target {
    guard target.count == rank, zip(full, target).allSatisfy({ $0 >= $1 && $1 > 0 }) else {
      throw call.problem("cannot have a result of \(target.shortened)")
    }
    cuts = zip(full, target).map { length, wanted in
      let (less, more) = ((length - wanted) / 2, (length - wanted) - (length - wanted) / 2)
      return auto == "SAME_UPPER" ? Span(before: less, after: more) : Span(before: more, after: less)
    }
  } else {
    let pads = try call.perAxis("pads", 2 * rank, default: 0, atLeast: 0)
    cuts = (0..<rank).map { Span(before: pads[$0], after: pads[$0 + rank]) }
  }
  let lengths = (0..<rank).map { full[$0] - cuts[$0].before - cuts[$0].after }
  guard lengths.allSatisfy({ $0 > 0 }) else { throw call.problem("its pads cut everything away") }
  // [channels in, outputs, taps…] becomes [taps…, outputs, channels in].
  let outputs = tensor.shape[1]
  let kernel = try call.weights(tensor.moved(.transpose(Array(2..<rank + 2) + [1, 0])), "the weights")
  let bias = try call.constant(ifAny: 2, "the bias").map { (bias) throws(Failure) in
    try call.perChannel(bias, outputs, "the bias")
  }
  let convolution = Convolution(
    kind: .transposed, kernel: kernel.values, bias: bias?.values, strides: strides, dilation: dilation,
    padding: .valid, activation: .linear, kernelQuantizer: kernel.quantizer, biasQuantizer: bias?.quantizer)
  let isCut = cuts.contains { $0.before > 0 || $0.after > 0 }
  let whole = try call.add(
    .convolution(convolution), [x], call.spatialShape(x, full, outputs), isMoved: x.isMoved,
    suffix: isCut ? "full" : "")
  if !isCut { return [.data(whole)] }
  return [
    .data(try call.add(.cropping(cuts), [whole], call.spatialShape(x, lengths, outputs), isMoved: x.isMoved))
  ]
}

// MARK: Pooling

func convertPool(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  var (x, spatial, channels) = try call.spatialInput()
  let isMaximum = call.node.operation == "MaxPool"
  guard call.node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
    throw call.problem("gives the places of its maxima, which is not supported")
  }
  guard let size = try call.integers("kernel_shape"), size.count == spatial.count,
    size.allSatisfy({ (1...ONNXImporter.lengthLimit).contains($0) })
  else { throw call.problem("needs a kernel_shape of \(spatial.count) lengths") }
  let window = try WindowSettings(call, kernel: size, input: spatial)
  guard window.dilation.allSatisfy({ $0 == 1 }) else {
    throw call.problem("dilations are not supported in poolings")
  }
  guard zip(window.pads, size).allSatisfy({ $0.before < $1 }) else {
    throw call.problem("pads as much as its kernel")
  }
  var padding = Convolution.Padding.valid
  if !window.isValid {
    let countsPadding = try call.flag("count_include_pad")
    if !isMaximum, countsPadding {
      let declared = try call.perAxis("pads", 2 * size.count, default: 0, atLeast: 0)
      guard zip(window.pads.indices, window.pads).allSatisfy({ $1.after == declared[$0 + size.count] }) else {
        throw call.problem("ceil_mode with count_include_pad is not supported")
      }
      x = try call.padSpatially(x, window.pads, channelsLast: call.isChannelsLast)
    } else if window.isSame(spatial) {
      padding = .same
    } else if isMaximum {
      // Every window sees an end that is repeated: its maximum stays what it is.
      let places: [[Int]?] = zip(spatial, window.pads).map { length, span in
        (-span.before..<(length + span.after)).map { min(max($0, 0), length - 1) }
      }
      x = try call.add(
        .gather(indices: places + [nil]), [x],
        call.resized(x, call.isChannelsLast) { $1 + window.pads[$0].before + window.pads[$0].after },
        isMoved: x.isMoved, suffix: "pad")
    } else {
      throw call.problem(
        "averages over windows that padding cuts unevenly", hint: "count_include_pad=1, or SAME_UPPER padding"
      )
    }
  }
  let pooling = Pooling(
    kind: isMaximum ? .maximum : .average, size: size, strides: window.strides, padding: padding)
  return [
    .data(
      try call.add(.pooling(pooling), [x], call.spatialShape(x, window.lengths, channels), isMoved: x.isMoved)
    )
  ]
}

func convertGlobalPool(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  guard x.hasBatch, x.eventShape.count >= 2 else {
    throw call.problem("needs a batch, channels and spatial axes")
  }
  let held = call.isChannelsLast ? call.plain(x) : call.moved(x)
  let channels = held.storedShape[held.storedShape.count - 1]
  let ones = Array(repeating: 1, count: x.eventShape.count - 1)
  let shape = call.isChannelsLast ? [x.shape[0]] + ones + [channels] : [x.shape[0], channels] + ones
  let kind: PoolingKind = call.node.operation.contains("Max") ? .maximum : .average
  return [
    .data(
      try call.add(
        .globalPooling(kind, keepDimensions: true, averageQuantizer: nil), [held], shape,
        isMoved: held.isMoved))
  ]
}

/// ReduceMean, ReduceSum and ReduceMax over any axes but the batch.
func convertReduction(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let rank = x.shape.count
  let given = try call.integers(1, orAttribute: "axes", "axes") ?? []
  if given.isEmpty, try call.flag("noop_with_empty_axes") { return [.data(x)] }
  let axes = try call.axes(given.isEmpty ? Array(0..<rank) : given, rank: rank)
  let keeps = try call.flag("keepdims", default: true)
  guard !(x.hasBatch && axes.contains(0) && x.shape[0] != 1) else {
    throw call.problem("reduces the batch (axis 0)")
  }
  let reduced = axes.filter { x.storedAxis($0) != nil }
  let shape = x.shape.indices.compactMap { axes.contains($0) ? (keeps ? 1 : nil) : x.shape[$0] }
  let final = shape.isEmpty ? [1] : shape
  if reduced.isEmpty { return [.data(try call.reshape(x, final))] }
  let isSum = call.node.operation == "ReduceSum"
  let kind: PoolingKind = call.node.operation == "ReduceMax" ? .maximum : .average
  // All spatial axes of data held channels last: a global pooling as it stands.
  let stored = Set(reduced.compactMap { x.storedAxis($0) })
  if !isSum, stored == Set(0..<x.storedShape.count - 1), !stored.isEmpty {
    let ones = x.shape.indices.map { reduced.contains($0) ? 1 : x.shape[$0] }
    let pooled = try call.add(
      .globalPooling(kind, keepDimensions: true, averageQuantizer: nil), [x], ones, isMoved: x.isMoved)
    return [.data(try call.reshape(pooled, final, suffix: "shaped"))]
  }
  // The reduced axes first for a pooling, last for a sum (which is a product with ones).
  let flat = call.plain(x)
  let batch = x.hasBatch ? [0] : []
  let kept = (batch.count..<rank).filter { !reduced.contains($0) }
  let count = reduced.map { x.shape[$0] }.reduce(1, *)
  let others = kept.map { x.shape[$0] }.reduce(1, *)
  let lead = x.hasBatch ? [x.shape[0]] : []
  // A transposed tensor may be held with its first axis at the end, and a reshape to its own shape leaves it so.
  let sorted = call.plain(
    try call.transpose(flat, batch + (isSum ? kept + reduced : reduced + kept), suffix: "sorted"))
  let result: ONNXData
  if isSum {
    let rows = try call.reshape(sorted, lead + [others, count], suffix: "rows")
    let ones = Weights(shape: [count, 1], values: Array(repeating: 1, count: count))
    result = try call.add(
      .dense(Dense(kernel: ones, bias: nil, activation: .linear)), [rows], lead + [others, 1],
      hasBatch: x.hasBatch)
  } else {
    let rows = try call.reshape(sorted, lead + [count, others], suffix: "rows")
    result = try call.add(
      .globalPooling(kind, keepDimensions: false, averageQuantizer: nil), [rows], lead + [others],
      hasBatch: x.hasBatch)
  }
  return [.data(try call.reshape(result, final, suffix: "shaped"))]
}

// MARK: Resizing

/// Nearest-neighbour resizing by whatever rule the node names: elements picked along the spatial axes.
func convertResize(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let mode = try call.text("mode", default: "nearest")
  guard mode == "nearest" else { throw call.problem("the mode \(mode) is not supported; nearest is") }
  let isUpsample = call.node.operation == "Upsample"
  let isOld = isUpsample || call.opset < 11
  let coordinates =
    isOld ? "asymmetric" : try call.text("coordinate_transformation_mode", default: "half_pixel")
  let nearest = isOld ? "floor" : try call.text("nearest_mode", default: "round_prefer_floor")
  let rank = x.shape.count
  let axes =
    try call.integers("axes").map { (axes) throws(Failure) in
      try axes.map { (axis) throws(Failure) in try call.axis(axis, rank: rank) }
    }
    ?? Array(0..<rank)
  var lengths = x.shape
  var scales = [Double](repeating: 1, count: rank)
  let scalesInput = isUpsample || call.opset < 11 ? 1 : 2
  if !isOld, let sizes = try call.constant(ifAny: 3, "the sizes")?.integers, !sizes.isEmpty {
    guard sizes.count == axes.count else {
      throw call.problem("has \(sizes.count) sizes for \(axes.count) axes")
    }
    for (axis, size) in zip(axes, sizes) {
      lengths[axis] = size
      scales[axis] = Double(size) / Double(x.shape[axis])
    }
  } else {
    var given: [Double]
    if case .reals(let values)? = call.node.attributes["scales"] {
      given = values
    } else {
      given = try call.constant(scalesInput, "the scales").values
    }
    guard given.count == axes.count else {
      throw call.problem("has \(given.count) scales for \(axes.count) axes")
    }
    for (axis, scale) in zip(axes, given) {
      scales[axis] = scale
      lengths[axis] = Int(clamping: (Double(x.shape[axis]) * scale).rounded(.down))
    }
  }
  guard lengths.allSatisfy({ (1...ONNXImporter.lengthLimit).contains($0) }) else {
    throw call.problem("resizes to \(lengths.shortened)")
  }
  var stored: [[Int]?] = x.storedShape.map { _ in nil }
  for axis in 0..<rank where lengths[axis] != x.shape[axis] || scales[axis] != 1 {
    guard let place = x.storedAxis(axis) else { throw call.problem("resizes the batch (axis 0)") }
    stored[place] = try (0..<lengths[axis]).map { (index) throws(Failure) in
      try call.nearestPlace(index, x.shape[axis], lengths[axis], scales[axis], coordinates, nearest)
    }
  }
  return [.data(try call.add(.gather(indices: stored), [x], lengths, isMoved: x.isMoved))]
}

extension ONNXCall {
  fileprivate func nearestPlace(
    _ index: Int, _ from: Int, _ to: Int, _ scale: Double, _ coordinates: String, _ nearest: String
  ) throws(Failure) -> Int {
    let place: Double
    switch coordinates {
    case "half_pixel": place = (Double(index) + 0.5) / scale - 0.5
    case "half_pixel_symmetric":
      let adjustment = Double(to) / (scale * Double(from))
      place = Double(from) / 2 * (1 - adjustment) + (Double(index) + 0.5) / scale - 0.5
    case "pytorch_half_pixel": place = to > 1 ? (Double(index) + 0.5) / scale - 0.5 : 0
    case "align_corners": place = to > 1 ? Double(index) * Double(from - 1) / Double(to - 1) : 0
    case "asymmetric": place = Double(index) / scale
    default: throw problem("the coordinate transformation \(coordinates) is not supported")
    }
    let rounded: Double
    switch nearest {
    case "floor": rounded = place.rounded(.down)
    case "ceil": rounded = place.rounded(.up)
    case "round_prefer_floor": rounded = (place - 0.5).rounded(.up)
    case "round_prefer_ceil": rounded = (place + 0.5).rounded(.down)
    default: throw problem("the nearest mode \(nearest) is not supported")
    }
    return Swift.min(Swift.max(Int(clamping: rounded), 0), from - 1)
  }
}

/// [C, H, W] → [C / b², H · b, W · b].
func convertDepthToSpace(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let block = try call.integer("blocksize", default: 1)
  guard x.hasBatch, x.shape.count == 4, (1...4096).contains(block), x.shape[1] % (block * block) == 0 else {
    throw call.problem("needs channels that blocks of \(block) × \(block) divide")
  }
  let (n, c, h, w) = (x.shape[0], x.shape[1] / (block * block), x.shape[2], x.shape[3])
  let isColumns = try call.text("mode", default: "DCR") == "DCR"
  let split = try call.reshape(
    x, isColumns ? [n, block, block, c, h, w] : [n, c, block, block, h, w], suffix: "blocks")
  let sorted = try call.transpose(
    split, isColumns ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3], suffix: "sorted")
  return [.data(try call.reshape(sorted, [n, c, h * block, w * block]))]
}

/// [C, H, W] → [C · b², H / b, W / b].
func convertSpaceToDepth(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let block = try call.integer("blocksize", default: 1)
  guard x.hasBatch, x.shape.count == 4, (1...4096).contains(block), x.shape[2] % block == 0,
    x.shape[3] % block == 0
  else { throw call.problem("needs an image that blocks of \(block) × \(block) divide") }
  let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2] / block, x.shape[3] / block)
  let split = try call.reshape(x, [n, c, h, block, w, block], suffix: "blocks")
  let sorted = try call.transpose(split, [0, 3, 5, 1, 2, 4], suffix: "sorted")
  return [.data(try call.reshape(sorted, [n, c * block * block, h, w]))]
}
