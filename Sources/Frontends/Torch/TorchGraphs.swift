import Diagnostics
import Model

// Groups of channels, products by an equation, the largest words, rows at places, windows as tensors, masks.

/// PyTorch's functions for attention and graphs.
let torchGraphFunctions: [String: TorchConverter] = [
  "einsum": convertEinsum, "group_norm": convertGroupNorm, "native_group_norm": convertGroupNorm,
  "instance_norm": convertInstanceNorm, "topk": convertTopK, "sort": convertSort, "argsort": convertSort,
  "argmax": convertArgument, "argmin": convertArgument, "gather": convertGatherAlong,
  "take_along_dim": convertGatherAlong, "unfold": convertUnfold, "im2col": convertIm2Col,
  "triu": convertTriangle, "tril": convertTriangle, "logical_and": convertLogical,
  "logical_or": convertLogical,
  "masked_fill": convertMaskedFill, "bitwise_not": convertBitwise, "logical_not": convertLogical,
]

/// A call of the form einsum(equation, tensors).
@Sendable private func convertEinsum(_ call: TorchCall) throws(Failure) -> [String?] {
  let equation = try call.text("equation", default: "")
  return [call.emit("Einsum", try call.tensors("tensors"), ["equation": .text(equation)])]
}

@Sendable private func convertGroupNorm(_ call: TorchCall) throws(Failure) -> [String?] {
  let groups = try call.integer(call.has("num_groups") ? "num_groups" : "group")
  let inputs = [
    try call.tensor("input"), try call.tensor(ifAny: "weight") ?? "", try call.tensor(ifAny: "bias") ?? "",
  ]
  let result = call.emit(
    "GroupNormalization", inputs,
    ["num_groups": .integer(groups), "epsilon": .real(try call.real("eps", default: 1e-5))])
  return call.function == "group_norm" ? [result] : [result, nil, nil]
}

@Sendable private func convertInstanceNorm(_ call: TorchCall) throws(Failure) -> [String?] {
  guard try call.flag("use_input_stats", default: true) else {
    throw call.problem("normalizes by the mean and variance of training, as a batch normalization does")
  }
  let inputs = [
    try call.tensor("input"), try call.tensor(ifAny: "weight") ?? "", try call.tensor(ifAny: "bias") ?? "",
  ]
  return [
    call.emit("InstanceNormalization", inputs, ["epsilon": .real(try call.real("eps", default: 1e-5))])
  ]
}

// MARK: Places

@Sendable private func convertTopK(_ call: TorchCall) throws(Failure) -> [String?] {
  call.emit(
    "TopK", [try call.tensor("self"), call.integers([try call.integer("k")])],
    [
      "axis": .integer(try call.integer("dim", default: -1)),
      "largest": .integer(try call.flag("largest", default: true) ? 1 : 0),
    ], results: 2)
}

/// All of an axis in order: sort gives the words and their places, argsort the places.
@Sendable private func convertSort(_ call: TorchCall) throws(Failure) -> [String?] {
  let axis = try call.integer("dim", default: -1)
  let results = call.emit(
    "TopK", [try call.tensor("self"), call.integers([try call.length("self", axis)])],
    ["axis": .integer(axis), "largest": .integer(try call.flag("descending") ? 1 : 0)], results: 2)
  return call.function == "sort" ? results : [results[1]]
}

@Sendable private func convertArgument(_ call: TorchCall) throws(Failure) -> [String?] {
  guard call.has("dim") else {
    throw call.problem("is over all axes, the batch among them", hint: "name an axis")
  }
  return [
    call.emit(
      call.function == "argmax" ? "ArgMax" : "ArgMin", [try call.tensor("self")],
      [
        "axis": .integer(try call.integer("dim")), "keepdims": .integer(try call.flag("keepdim") ? 1 : 0),
      ])
  ]
}

@Sendable private func convertGatherAlong(_ call: TorchCall) throws(Failure) -> [String?] {
  let index = call.has("index") ? "index" : "indices"
  guard call.has("dim") else { throw call.problem("is over all axes, the batch among them") }
  return [
    call.emit(
      "GatherElements", [try call.tensor("self"), try call.tensor(index)],
      ["axis": .integer(try call.integer("dim"))])
  ]
}

// MARK: Windows

/// Windows along one axis, as a new last axis.
@Sendable private func convertUnfold(_ call: TorchCall) throws(Failure) -> [String?] {
  let rank = try call.rank("self")
  let axis = try call.axis(call.integer("dimension"), rank: rank)
  let (length, size, step) = (
    try call.length("self", axis), try call.integer("size"), try call.integer("step")
  )
  guard size >= 1, step >= 1, size <= length else {
    throw call.problem("has windows of \(size) of \(length)")
  }
  let count = (length - size) / step + 1
  let places = (0..<count).flatMap { window in (0..<size).map { window * step + $0 } }
  let windows = call.emit(
    "Gather", [try call.tensor("self"), call.integers(places, shape: [count, size])],
    ["axis": .integer(axis)],
    suffix: "windows")
  let order = Array(0...axis) + Array(axis + 2..<rank + 1) + [axis + 1]
  return [call.emit("Transpose", [windows], ["perm": .integers(order)])]
}

/// All windows of an image as columns: [batch, channels, height, width] to [batch, channels · taps, windows].
@Sendable private func convertIm2Col(_ call: TorchCall) throws(Failure) -> [String?] {
  guard try call.rank("self") == 4 else { throw call.problem("reads data without a batch") }
  let (size, dilation) = (try call.perAxis("kernel_size", 2), try call.perAxis("dilation", 2, default: 1))
  let (padding, stride) = (
    try call.perAxis("padding", 2, default: 0), try call.perAxis("stride", 2, default: 1)
  )
  var x = try call.tensor("self")
  if padding != [0, 0] {
    let pads = [0, 0, padding[0], padding[1], 0, 0, padding[0], padding[1]]
    x = call.emit("Pad", [x, call.integers(pads)], suffix: "padded")
  }
  var counts: [Int] = []
  for axis in 0..<2 {
    let length = try call.length("self", axis + 2) + 2 * padding[axis]
    let span = dilation[axis] * (size[axis] - 1) + 1
    guard size[axis] >= 1, stride[axis] >= 1, dilation[axis] >= 1, span <= length,
      length <= ONNXImporter.lengthLimit
    else { throw call.problem("has windows of \(size) taps") }
    let count = (length - span) / stride[axis] + 1
    counts.append(count)
    let places = (0..<size[axis]).flatMap { tap in
      (0..<count).map { $0 * stride[axis] + tap * dilation[axis] }
    }
    // The second axis has moved by the first one's taps.
    x = call.emit(
      "Gather", [x, call.integers(places, shape: [size[axis], count])], ["axis": .integer(2 + 2 * axis)],
      suffix: axis == 0 ? "rows" : "columns")
  }
  // [batch, channels, taps, rows, taps, columns]
  let ordered = call.emit("Transpose", [x], ["perm": .integers([0, 1, 2, 4, 3, 5])], suffix: "ordered")
  let channels = try call.length("self", 1) * size[0] * size[1]
  return [call.emit("Reshape", [ordered, call.integers([0, channels, counts[0] * counts[1]])])]
}

// MARK: Masks

/// The triangle of a constant above or below a diagonal.
@Sendable private func convertTriangle(_ call: TorchCall) throws(Failure) -> [String?] {
  let diagonal = call.integers([try call.integer("diagonal", default: 0)], shape: [])
  let attributes: [String: ONNXAttribute] = ["upper": .integer(call.function == "triu" ? 1 : 0)]
  return [call.emit("Trilu", [try call.tensor("self"), diagonal], attributes)]
}

@Sendable private func convertMaskedFill(_ call: TorchCall) throws(Failure) -> [String?] {
  [call.emit("Where", [try call.tensor("mask"), try call.operand("value"), try call.tensor("self")])]
}
