import Diagnostics
import Foundation
import Model
import Storage

/// How an operation of `keras.ops` is read. A node of a functional model may be one: `2 * x` is Multiply. Its arguments are
/// tensors and constants, and what it computes is numpy's function of the name, not the layer of the name.
typealias OperationParser = @Sendable (inout LayerCall) throws(Failure) -> LayerKind

/// The operations, by the names of their classes.
let operationParsers: [String: OperationParser] = [plainFunctions, maskOperations, otherOperations].reduce(
  into: [:]
) { $0.merge($1) { $1 } }

/// Functions without settings: `hard_tanh` is the operation `HardTanh`.
private let plainFunctions: [String: OperationParser] = Dictionary(
  uniqueKeysWithValues: plainActivations.map { name, activation in
    (name.split(separator: "_").map(\.capitalized).joined(), function(activation))
  })

private let otherOperations: [String: OperationParser] = [
  "Add": { (call) throws(Failure) in try binary(&call, .add) },
  "Subtract": { (call) throws(Failure) in try binary(&call, .subtract) },
  "Multiply": { (call) throws(Failure) in try binary(&call, .multiply) },
  "Maximum": { (call) throws(Failure) in try binary(&call, .maximum) },
  "Minimum": { (call) throws(Failure) in try binary(&call, .minimum) },
  "TrueDivide": parseDivision,
  "Divide": parseDivision,
  "Negative": { (call) throws(Failure) in try affine(&call, scale: Weights(-1), shift: nil) },
  "Absolute": parseAbsolute,
  "Square": { (call) throws(Failure) in try squared(&call) },
  "Power": parsePower,
  "Clip": parseClip,

  "Mean": { (call) throws(Failure) in try reduction(&call, .mean) },
  "Average": { (call) throws(Failure) in try reduction(&call, .mean) },
  "Sum": { (call) throws(Failure) in try reduction(&call, .sum) },
  "Max": { (call) throws(Failure) in try reduction(&call, .maximum) },
  "Any": { (call) throws(Failure) in
    call.inputs = [try call.truth(try call.single())]
    return try reduction(&call, .maximum)
  },
  "Min": { (call) throws(Failure) in try reduction(&call, .minimum) },

  "Reshape": parseReshapeOperation,
  "ExpandDims": parseExpandDims,
  "Squeeze": parseSqueeze,
  "Transpose": parseTranspose,
  "Swapaxes": parseSwapaxes,
  "Moveaxis": parseMoveaxis,
  "Concatenate": parseConcatenate,
  "Stack": parseStack,
  "GetItem": parseGetItem,
  "Flip": parseFlip,
  "Repeat": parseRepeat,

  "Relu": function(.relu(maximum: nil, negativeSlope: 0, threshold: 0)),
  "Relu6": function(.relu(maximum: 6, negativeSlope: 0, threshold: 0)),
  "LeakyRelu": { (call) throws(Failure) in
    try activation(&call, .leakyReLU(slope: try call.config.number("negative_slope", default: 0.2)))
  },
  "Elu": { (call) throws(Failure) in
    try activation(&call, .elu(alpha: try call.config.number("alpha", default: 1)))
  },
  "Gelu": { (call) throws(Failure) in
    try activation(&call, .gelu(approximate: try call.config.boolean("approximate", default: true)))
  },
  "HardSigmoid": function(.hardSigmoid(slope: 1.0 / 6, shift: 0.5)),
  "Exp": function(.exponential),
  "Log": function(.logarithm(least: leastLogarithm)),
  "Log1p": { (call) throws(Failure) in
    let shape = try call.plainInput()
    try call.prepend(try affine(&call, scale: nil, shift: Weights(1)), "sum", shape: shape)
    return try activation(&call, .logarithm(least: leastLogarithm))
  },
  "Sqrt": function(.squareRoot),
  "Rsqrt": function(.inverseSquareRoot),
  "Reciprocal": function(.reciprocal(offset: 0)),
  "Softmax": parseSoftmax,
]

/// Of smaller numbers, 0 among them, a logarithm is that of this one.
let leastLogarithm = 0x1p-24

// MARK: Arguments

extension Weights {
  /// A number, or what Keras writes of a numpy array or a tensor (Keras 2: a list alone); nil for anything else.
  static func written(in node: JSONNode) throws(Failure) -> Weights? {
    if let value = node.bool.map({ $0 ? 1.0 : 0.0 }) ?? node.number {
      guard value.isFinite else { throw Failure(node.diagnostic("the constant is not finite")) }
      return Weights(value)
    }
    let isArray = ["__numpy__", "__tensor__"].contains(node["class_name"]?.string)
    guard let list = isArray ? node["config"]?["value"] : node.elements.map({ _ in node }) else { return nil }
    var shape: [Int] = []
    var values: [Double] = []
    try read(list, axis: 0, &shape, &values)
    return Weights(shape: shape, values: values)
  }

  private static func read(
    _ node: JSONNode, axis: Int, _ shape: inout [Int], _ values: inout [Double]
  ) throws(Failure) {
    guard let elements = node.elements else {
      guard axis == shape.count else {
        throw Failure(node.diagnostic("the constant's rows differ in length"))
      }
      if let truth = node.bool { return values.append(truth ? 1 : 0) }
      return values.append(try node.finite())
    }
    if axis == shape.count, values.isEmpty { shape.append(elements.count) }
    guard axis < shape.count, shape[axis] == elements.count, axis < 8 else {
      throw Failure(node.diagnostic("the constant's rows differ in length"))
    }
    for element in elements { try read(element, axis: axis + 1, &shape, &values) }
  }

  /// The constant over a tensor's shape (without the batch), as numpy broadcasts it; nil where it does not fit in.
  func spread(over target: [Int]) -> [Double]? {
    var own = shape
    // An axis for the batch.
    if own.count == target.count + 1, own[0] == 1 { own.removeFirst() }
    return Weights(shape: own, values: values).broadcast(to: target)?.values
  }
}

enum KerasOperand {
  case tensor
  case constant(Weights)
}

extension LayerCall {
  /// The two operands of an operation, in their order: the tensors are those of `inputs`, one after the other.
  func operands() throws(Failure) -> [KerasOperand] {
    guard arguments.count == 2 else {
      throw problem("\(layer.kerasClass.title) has \(arguments.count) arguments, not 2")
    }
    return try arguments.map { node throws(Failure) -> KerasOperand in
      if !tensorReferences(in: node).isEmpty { return .tensor }
      guard let constant = try Weights.written(in: node) else {
        throw Failure(node.diagnostic("\(layer.kerasClass.title) of \(node.short) is not supported"))
      }
      return .constant(constant)
    }
  }

  func refusal(_ what: String, hint: String? = nil) -> Failure {
    problem(
      "the operation \(layer.className) of keras.ops \(what) is not supported (node \"\(layer.name)\")",
      hint: hint)
  }

  /// Adds a layer before this one, which then reads it.
  mutating func prepend(_ kind: LayerKind, _ suffix: String, shape: [Int], input: Int = 0)
    throws(Failure)
  {
    try checkSize(shape, layer.node)
    let tensor = builder.insert(kind, suffix, before: self, reading: inputs[input], shape: shape)
    inputs[input] = tensor
  }

  /// Axes as numpy counts them, the batch being 0 and none of them, as axes without the batch.
  func axes(_ node: JSONNode?, rank: Int) throws(Failure) -> [Int] {
    guard let node, !node.isNull else { throw refusal("over all axes, the batch among them,") }
    var found: [Int] = []
    for element in node.elements ?? [node] {
      let axis = try axis(element, rank: rank)
      guard !found.contains(axis) else { throw Failure(element.diagnostic("the axis is given twice")) }
      found.append(axis)
    }
    return found
  }
}

// MARK: Arithmetic

func binary(_ call: inout LayerCall, _ merge: Merge) throws(Failure) -> LayerKind {
  let operands = try call.operands()
  switch (operands[0], operands[1]) {
  case (.tensor, .tensor): return try parseMerge(&call, merge)
  case (.tensor, .constant(let constant)): return try combined(&call, merge, constant, isFirst: false)
  case (.constant(let constant), .tensor): return try combined(&call, merge, constant, isFirst: true)
  case (.constant, .constant): throw call.refusal("of two constants")
  }
}

/// A tensor and a constant.
private func combined(
  _ call: inout LayerCall, _ merge: Merge, _ constant: Weights, isFirst: Bool
) throws(Failure) -> LayerKind {
  let x = call.builder.model.plain(try call.single())
  if merge != .average, constant.spread(over: x.shape) == nil {
    // The constant has more elements: a tensor like any other, without the axis of its batch.
    var numbers = constant
    if numbers.shape.count == x.shape.count + 1, numbers.shape.first == 1 { numbers.shape.removeFirst() }
    let other = try call.constant(numbers, "constant")
    call.inputs = isFirst ? [other, x] : [x, other]
    return try parseMerge(&call, merge)
  }
  switch merge {
  case .add: return try affine(&call, scale: nil, shift: constant)
  case .subtract:
    return isFirst
      ? try affine(&call, scale: Weights(-1), shift: constant)
      : try affine(&call, scale: nil, shift: constant.map { -$0 })
  case .multiply: return try affine(&call, scale: constant, shift: nil)
  case .maximum where constant.values.allSatisfy { $0 == 0 }:
    _ = try affine(&call, scale: nil, shift: nil)
    return try activation(&call, .relu(maximum: nil, negativeSlope: 0, threshold: 0))
  case .maximum, .minimum:
    let numbers = constant.shape.isEmpty ? Weights(shape: [1], values: constant.values) : constant
    call.inputs.append(try call.constant(numbers, "constant"))
    return try parseMerge(&call, merge)
  case .average: throw call.refusal("with a constant")
  }
}

/// scale · x + shift: a normalization with these parameters. Constants of one number or along the last axis are its
/// channels; others make every element one.
func affine(_ call: inout LayerCall, scale: Weights?, shift: Weights?) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  try call.setOutput(shape)
  func isAlongLast(_ constant: Weights?) -> Bool {
    constant?.shape.dropLast().allSatisfy { $0 == 1 } ?? true
  }
  let isPlain = isAlongLast(scale) && isAlongLast(shift)
  let channels = isPlain ? Array(shape.suffix(1)) : shape
  func words(_ constant: Weights?, _ otherwise: Double) throws(Failure) -> Weights {
    let count = channels.reduce(1, *)
    guard var constant else {
      return Weights(shape: [count], values: Array(repeating: otherwise, count: count))
    }
    if isPlain { constant.shape = Array(constant.shape.suffix(1)) }
    guard let values = constant.spread(over: channels) else {
      throw call.refusal(
        "of a tensor of shape \(shape) and a constant of shape \(constant.shape), which is larger,")
    }
    return Weights(shape: [count], values: values)
  }
  let count = channels.reduce(1, *)
  let normalization = LayerKind.batchNormalization(
    BatchNormalization(
      gamma: try words(scale, 1), beta: try words(shift, 0),
      mean: Weights(shape: [count], values: Array(repeating: 0, count: count)),
      variance: Weights(shape: [count], values: Array(repeating: 1, count: count)), epsilon: 0,
      axis: isPlain ? shape.count - 1 : 0))
  if isPlain { return normalization }
  try call.prepend(.reshape, "flat", shape: [count])
  try call.prepend(normalization, "elements", shape: [count])
  return .reshape
}

private func parseDivision(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let operands = try call.operands()
  guard case .constant(let constant) = operands[1] else {
    let divisor = call.builder.model.plain(call.inputs[call.inputs.count - 1])
    call.inputs[call.inputs.count - 1] = try call.make(
      .activation(.reciprocal(offset: 0)), "reciprocal", [divisor], divisor.shape)
    if case .constant(let numerator) = operands[0] { return try affine(&call, scale: numerator, shift: nil) }
    return try parseMerge(&call, .multiply)
  }
  guard !constant.values.contains(0) else { throw call.refusal("by 0") }
  return try affine(&call, scale: constant.map { Double(Float(1 / $0)) }, shift: nil)
}

private func squared(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  call.inputs = [try call.single(), try call.single()]
  return try parseMerge(&call, .multiply)
}

private func parsePower(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let operands = try call.operands()
  guard case .tensor = operands[0], case .constant(let exponent) = operands[1] else {
    throw call.refusal("with these arguments")
  }
  switch exponent.values {
  case [2]: return try squared(&call)
  case [0.5]: return try activation(&call, .squareRoot)
  case [-0.5]: return try activation(&call, .inverseSquareRoot)
  case [-1]: return try activation(&call, .reciprocal(offset: 0))
  default: throw call.refusal("but to the powers 2, ½, −½ and −1")
  }
}

/// max(x, −x).
private func parseAbsolute(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  let x = call.inputs[0]
  try call.prepend(try affine(&call, scale: Weights(-1), shift: nil), "negative", shape: shape)
  call.inputs = [x, call.inputs[0]]
  return try parseMerge(&call, .maximum)
}

private func parseClip(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let (low, high) = (try call.config.number("x_min"), try call.config.number("x_max"))
  if low == 0, high > 0 {
    return try activation(&call, .relu(maximum: high, negativeSlope: 0, threshold: 0))
  }
  guard low == -1, high == 1 else {
    throw call.refusal("to \(low)…\(high)", hint: "to 0…c it is a ReLU with a maximum, to −1…1 a hard tanh")
  }
  return try activation(&call, .hardTanh)
}

// MARK: Functions

private func function(_ function: Activation) -> OperationParser {
  { (call) throws(Failure) in try activation(&call, function) }
}

private func activation(_ call: inout LayerCall, _ function: Activation) throws(Failure) -> LayerKind {
  try keepShape(&call)
  return .activation(function)
}

// MARK: Reductions

private enum Reduction {
  case mean, sum, maximum, minimum
}

/// A reduction over any axes: these are brought first, and reduced as a global pooling reduces positions; a sum is a product
/// with ones.
private func reduction(_ call: inout LayerCall, _ reduction: Reduction) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  for (key, what) in [
    ("weights", "with weights"), ("initial", "with an initial value"), ("dtype", "with a dtype"),
  ]
  where call.config[key] != nil {
    throw call.refusal(what)
  }
  let reduced = try call.axes(call.config.written("axis"), rank: shape.count)
  let kept = shape.indices.filter { !reduced.contains($0) }
  let keepsAxes = try call.config.boolean("keepdims", default: false)
  var result = keepsAxes ? shape.indices.map { reduced.contains($0) ? 1 : shape[$0] } : kept.map { shape[$0] }
  if result.isEmpty { result = [1] }
  try call.setOutput(result)
  let (count, rest) = (reduced.map { shape[$0] }.reduce(1, *), kept.map { shape[$0] }.reduce(1, *))
  let order = reduction == .sum ? kept + reduced.sorted() : reduced.sorted() + kept
  if order != Array(shape.indices) {
    try call.prepend(.permute(order: order), "order", shape: order.map { shape[$0] })
  }
  if reduction == .sum {
    try call.prepend(.reshape, "rows", shape: [rest, count])
    let ones = Weights(shape: [count, 1], values: Array(repeating: 1, count: count))
    try call.prepend(.dense(Dense(kernel: ones, bias: nil, activation: .linear)), "ones", shape: [rest, 1])
    return .reshape
  }
  try call.prepend(.reshape, "columns", shape: [count, rest])
  func negate(_ suffix: String, _ shape: [Int]) throws(Failure) {
    var part = call
    try call.prepend(try affine(&part, scale: Weights(-1), shift: nil), suffix, shape: shape)
  }
  if reduction == .minimum { try negate("negative", [count, rest]) }
  try call.prepend(
    .globalPooling(reduction == .mean ? .average : .maximum, keepDimensions: false, averageQuantizer: nil),
    "pool",
    shape: [rest])
  if reduction == .minimum { try negate("positive", [rest]) }
  return .reshape
}

// MARK: Wiring
