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
  var tensor = try call.constant(1, "the weights")
  let rank = spatial.count
  if call.isChannelsLast, tensor.shape.count == rank + 2 {
    // QONNX has the weights' channels last, too: [outputs, taps…, channels in / groups].
    tensor = tensor.moved(.transpose([0, rank + 1] + Array(1...rank)))
  }
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
  let result = try call.add(
    .convolution(convolution), [x], call.spatialShape(x, window.lengths, outputs), isMoved: x.isMoved)
  let biasQuantizer = try call.constant(ifAny: 2, "the bias")?.grid?.place
  call.note(result) { ($0.kernelQuantizer, $0.biasQuantizer) = (tensor.grid?.place, biasQuantizer) }
  return [.data(result)]
}

/// The full result, from which pads are cut.
func convertConvTranspose(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let (x, spatial, channels) = try call.spatialInput()
  let tensor = try call.constant(1, "the weights")
  let rank = spatial.count
  let groups = try call.integer("group", default: 1)
  guard tensor.shape.count == rank + 2, tensor.shape[0] == channels, tensor.shape.allSatisfy({ $0 > 0 }),
    groups > 0, channels % groups == 0
  else {
    throw call.problem(
      "weights of shape \(tensor.shape.shortened) do not go with \(channels) channels in \(groups) groups")
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
  let outputs = tensor.shape[1] * groups
  let whole = try call.ungrouped(tensor, groups)
  let kernel = try call.weights(whole.moved(.transpose(Array(2..<rank + 2) + [1, 0])), "the weights")
  let bias = try call.constant(ifAny: 2, "the bias").map { (bias) throws(Failure) in
    try call.perChannel(bias, outputs, "the bias")
  }
  let convolution = Convolution(
    kind: .transposed, kernel: kernel.values, bias: bias?.values, strides: strides, dilation: dilation,
    padding: .valid, activation: .linear, kernelQuantizer: kernel.quantizer, biasQuantizer: bias?.quantizer)
  let isCut = cuts.contains { $0.before > 0 || $0.after > 0 }
  let result = try call.add(
    .convolution(convolution), [x], call.spatialShape(x, full, outputs), isMoved: x.isMoved,
    suffix: isCut ? "full" : "")
  if !isCut { return [.data(result)] }
  return [
    .data(
      try call.add(.cropping(cuts), [result], call.spatialShape(x, lengths, outputs), isMoved: x.isMoved))
  ]
}

extension ONNXCall {
  /// Weights [channels in, outputs / groups, taps…] of a grouped transposed convolution as [channels in, outputs, taps…]: zeros
  /// where a channel is of another group than the output.
  fileprivate func ungrouped(_ tensor: ONNXTensor, _ groups: Int) throws(Failure) -> ONNXTensor {
    if groups == 1 { return tensor }
    let (channels, outputs) = (tensor.shape[0], tensor.shape[1])
    let taps = tensor.shape.dropFirst(2).reduce(1, *)
    let shape = [channels, outputs * groups] + tensor.shape.dropFirst(2)
    let count = try checkedCount(shape)
    var result = ONNXTensor(tensor.type, shape, Array(repeating: 0, count: count))
    result.grid = tensor.grid
    result.grid?.integers = result.values
    result.grid?.scales = result.values
    // Zero is no level of one bit.
    if tensor.grid?.levels == .bipolar { result.grid?.levels = .integers(-1...1) }
    for place in 0..<count {
      let (channel, output, tap) = (
        place / taps / (outputs * groups), place / taps % (outputs * groups), place % taps
      )
      let source = (channel * outputs + output % outputs) * taps + tap
      result.grid?.scales[place] = tensor.grid?.scales[source] ?? 1
      guard channel / (channels / groups) == output / outputs else { continue }
      result.values[place] = tensor.values[source]
      result.grid?.integers[place] = tensor.grid?.integers[source] ?? 0
    }
    return result
  }
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
  if window.dilation.contains(where: { $0 != 1 }) {
    return [.data(try call.dilatedPool(x, window, spatial, channels, isMaximum ? .maximum : .average))]
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
      return [.data(try call.unevenAverage(x, window, spatial, channels))]
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

extension ONNXCall {
  /// Averages over the elements that are inside: of whole windows with zeros around, times their length over what is inside.
  fileprivate func unevenAverage(
    _ x: ONNXData, _ window: WindowSettings, _ spatial: [Int], _ channels: Int
  ) throws(Failure) -> ONNXData {
    // The average of a window of 2ⁿ elements is a number of few bits. Any other is as close as no quantizer behind it can tell,
    // which a product would spoil.
    let count = window.kernel.reduce(1, *)
    guard count & (count - 1) == 0 || !importer.hasQuantizers else {
      throw problem(
        "averages over windows that padding cuts unevenly", hint: "count_include_pad=1, or SAME_UPPER padding"
      )
    }
    var factors: [Double] = [1]
    for axis in spatial.indices {
      let inside = (0..<window.lengths[axis]).map { position in
        let start = position * window.strides[axis] - window.pads[axis].before
        return min(start + window.kernel[axis], spatial[axis]) - max(start, 0)
      }
      guard inside.allSatisfy({ $0 > 0 }) else { throw problem("has a window that sees its padding alone") }
      factors = factors.flatMap { factor in inside.map { factor * Double(window.kernel[axis]) / Double($0) } }
    }
    let whole = try add(
      .pooling(Pooling(kind: .average, size: window.kernel, strides: window.strides, padding: .valid)),
      [try padSpatially(x, window.pads, channelsLast: isChannelsLast)],
      spatialShape(x, window.lengths, channels), isMoved: x.isMoved, suffix: "whole")
    let shape = isChannelsLast ? [1] + window.lengths + [1] : [1, 1] + window.lengths
    return try merge(.multiply, [.data(whole), .constant(ONNXTensor(.float64, shape, factors))])
  }

  /// Windows with gaps: their elements picked one beside the other, and windows without gaps over those.
  fileprivate func dilatedPool(
    _ x: ONNXData, _ window: WindowSettings, _ spatial: [Int], _ channels: Int, _ kind: PoolingKind
  ) throws(Failure) -> ONNXData {
    guard window.isValid || kind == .maximum else {
      throw problem("averages over windows with dilations and pads")
    }
    var places: [[Int]?] = []
    for axis in spatial.indices {
      var picked: [Int] = []
      for position in 0..<window.lengths[axis] {
        let start = position * window.strides[axis] - window.pads[axis].before
        let taps = (0..<window.kernel[axis]).map { start + $0 * window.dilation[axis] }
        // Outside, an element of the window that is inside: the maximum stays what it is.
        guard let inside = taps.first(where: { (0..<spatial[axis]).contains($0) }) else {
          throw problem("has a window that sees its padding alone")
        }
        picked += taps.map { (0..<spatial[axis]).contains($0) ? $0 : inside }
      }
      places.append(picked)
    }
    let picked = try add(
      .gather(indices: places + [nil]), [x],
      spatialShape(x, zip(window.lengths, window.kernel).map { $0 * $1 }, channels), isMoved: x.isMoved,
      suffix: "windows")
    return try add(
      .pooling(Pooling(kind: kind, size: window.kernel, strides: window.kernel, padding: .valid)), [picked],
      spatialShape(x, window.lengths, channels), isMoved: x.isMoved)
  }
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
