import Diagnostics
import Model

@Sendable func convertPooling(_ call: TorchCall) throws(Failure) -> [String?] {
  let rank = call.function.contains("1d") ? 1 : 2
  guard try call.rank("self") == rank + 2 else {
    throw call.problem("reads data without a batch", hint: "export with an example that has a batch axis")
  }
  let size = try call.perAxis("kernel_size", rank)
  // No stride, or an empty list of them, is the window's own length.
  let given = try call.integers("stride", default: [])
  let pads = try call.perAxis("padding", rank, default: 0)
  var attributes: [String: ONNXAttribute] = [
    "kernel_shape": .integers(size),
    "strides": .integers(given.isEmpty ? size : try call.perAxis("stride", rank)),
    "pads": .integers(pads + pads), "ceil_mode": .integer(try call.flag("ceil_mode") ? 1 : 0),
  ]
  if call.function.hasPrefix("max") {
    attributes["dilations"] = .integers(try call.perAxis("dilation", rank, default: 1))
    return [call.emit("MaxPool", [try call.tensor("self")], attributes), nil]
  }
  guard !call.has("divisor_override") else { throw call.problem("divisor_override is not supported") }
  let counts = try call.flag("count_include_pad", default: true) && pads.contains { $0 != 0 }
  attributes["count_include_pad"] = .integer(counts ? 1 : 0)
  return [call.emit("AveragePool", [try call.tensor("self")], attributes)]
}

/// Windows that divide the input evenly.
@Sendable func convertAdaptivePooling(_ call: TorchCall) throws(Failure) -> [String?] {
  let rank = call.function.contains("1d") ? 1 : 2
  guard try call.rank("self") == rank + 2 else {
    throw call.problem("reads data without a batch", hint: "export with an example that has a batch axis")
  }
  let kind = call.function.contains("max") ? "Max" : "Average"
  let target = try call.perAxis("output_size", rank)
  let x = try call.tensor("self")
  if target.allSatisfy({ $0 == 1 }) { return [call.emit("Global\(kind)Pool", [x]), nil] }
  var size: [Int] = []
  for axis in 0..<rank {
    let length = try call.length("self", axis + 2)
    guard target[axis] > 0, length > 0, length % target[axis] == 0 else {
      throw call.problem(
        "makes \(target[axis]) of \(length) places: windows of different lengths are not supported",
        hint: "an output size that divides the input's")
    }
    size.append(length / target[axis])
  }
  return [call.emit("\(kind)Pool", [x], ["kernel_shape": .integers(size), "strides": .integers(size)]), nil]
}

@Sendable func convertReduction(_ call: TorchCall) throws(Failure) -> [String?] {
  let operation = ["mean": "ReduceMean", "sum": "ReduceSum", "amax": "ReduceMax", "amin": "ReduceMin"][
    call.function]
  return [try call.reduced(operation ?? "", try call.integers("dim", default: []))]
}

/// The largest or smallest of an axis, of the whole tensor, or of two tensors.
@Sendable func convertExtremum(_ call: TorchCall) throws(Failure) -> [String?] {
  let isMaximum = call.function == "max"
  if call.has("other") {
    return [call.emit(isMaximum ? "Max" : "Min", [try call.tensor("self"), try call.operand("other")])]
  }
  return [
    try call.reduced(isMaximum ? "ReduceMax" : "ReduceMin", try call.integers("dim", default: [])), nil,
  ]
}

extension TorchCall {
  /// A reduction over axes, of none over all.
  fileprivate func reduced(_ operation: String, _ axes: [Int]) throws(Failure) -> String {
    guard !has("dtype") || isFloat("dtype") else { throw problem("converts to integers") }
    let keeps = try flag("keepdim")
    return emit(
      operation, [try tensor("self")],
      [
        "axes": .integers(axes.isEmpty ? Array(0..<(try rank("self"))) : axes),
        "keepdims": .integer(keeps ? 1 : 0),
      ])
  }

  /// Whether an argument is a type of floating-point numbers.
  func isFloat(_ key: String) -> Bool {
    if case .type(let type) = argument(key) { return type.isFloat }
    return false
  }
}

/// Nearest-neighbour resizing by whole factors.
@Sendable func convertUpsampling(_ call: TorchCall) throws(Failure) -> [String?] {
  let rank = call.function.contains("1d") ? 1 : 2
  let key = call.has("input") ? "input" : "self"
  guard try call.rank(key) == rank + 2 else { throw call.problem("reads data without a batch") }
  var scales = [1.0, 1.0]
  let factors: [Double]? = if case .reals(let values) = call.argument("scale_factors") { values } else { nil }
  for axis in 0..<rank {
    let factor: Double
    if let factors, factors.indices.contains(axis) {
      factor = factors[axis]
    } else {
      let size = try call.perAxis("output_size", rank)
      factor = Double(size[axis]) / Double(max(1, try call.length(key, axis + 2)))
    }
    guard factor == factor.rounded(), (1...4096).contains(factor) else {
      throw call.problem("resizes by \(factor); whole factors are supported")
    }
    scales.append(factor)
  }
  let tensor = call.translator.constant(ONNXTensor(.float32, [scales.count], scales))
  return [
    call.emit(
      "Resize", [try call.tensor(key), "", tensor],
      [
        "mode": .text("nearest"), "coordinate_transformation_mode": .text("asymmetric"),
        "nearest_mode": .text("floor"),
      ])
  ]
}

@Sendable func convertPixelShuffle(_ call: TorchCall) throws(Failure) -> [String?] {
  [
    call.emit(
      "DepthToSpace", [try call.tensor("self")],
      ["blocksize": .integer(try call.integer("upscale_factor")), "mode": .text("CRD")])
  ]
}
