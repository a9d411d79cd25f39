import Diagnostics
import Model
import Storage

// Comparisons of `keras.ops` and what is made of them: 1 where they hold, else 0. All of it is exact on words: a difference, its sign, and
// sums of these.

/// The operations of masks, by the names of their classes.
let maskOperations: [String: OperationParser] = [
  "GreaterEqual": { (call) throws(Failure) in try comparison(&call, isSwapped: false, isNegated: false) },
  "Less": { (call) throws(Failure) in try comparison(&call, isSwapped: false, isNegated: true) },
  "LessEqual": { (call) throws(Failure) in try comparison(&call, isSwapped: true, isNegated: false) },
  "Greater": { (call) throws(Failure) in try comparison(&call, isSwapped: true, isNegated: true) },
  "Equal": { (call) throws(Failure) in try equality(&call, isNegated: false) },
  "NotEqual": { (call) throws(Failure) in try equality(&call, isNegated: true) },
  "Sign": parseSign,
  "LogicalAnd": { (call) throws(Failure) in
    call.inputs = try call.inputs.map { input throws(Failure) in try call.truth(input) }
    return try parseMerge(&call, .multiply)
  },
  "LogicalOr": { (call) throws(Failure) in
    call.inputs = try call.inputs.map { input throws(Failure) in try call.truth(input) }
    return try parseMerge(&call, .maximum)
  },
  "LogicalNot": { (call) throws(Failure) in
    call.inputs = [try call.truth(try call.single())]
    return try scaled(&call, -1, 1)
  },
  "Cast": parseCast,
  "Where": parseWhere,
]

/// The operations that give 1 and 0 alone.
private let truths: Set = [
  "GreaterEqual", "Less", "LessEqual", "Greater", "Equal", "NotEqual", "LogicalAnd", "LogicalOr",
  "LogicalNot", "Any",
]

/// factor · x + offset.
private func scaled(_ call: inout LayerCall, _ factor: Double, _ offset: Double) throws(Failure) -> LayerKind
{
  try keepShape(&call)
  return .activation(.scaled(factor: factor, offset: offset))
}

extension LayerCall {
  /// −1 below 0, else 1.
  fileprivate func sign(_ x: Tensor, _ suffix: String) throws(Failure) -> Tensor {
    try make(
      .activation(.quantizer(.uniform(UniformQuantizer(scale: Elements(1), levels: .bipolar)))), suffix, [x],
      x.shape)
  }

  fileprivate func negative(_ x: Tensor, _ suffix: String) throws(Failure) -> Tensor {
    try make(.activation(.scaled(factor: -1, offset: 0)), suffix, [x], x.shape)
  }

  /// 1 where x is not 0, else 0: x itself where it is that already.
  func truth(_ x: Tensor) throws(Failure) -> Tensor {
    if truths.contains(builder.model.layers[x.value.layer].className) { return x }
    let x = builder.model.plain(x)
    let lower = try make(
      .merge(.minimum), "lower", [x, try negative(x, "swapped")], x.shape)
    return try make(
      .activation(.scaled(factor: -0.5, offset: 0.5)), "truth", [try sign(lower, "sign")], x.shape)
  }

  /// The difference of the two operands.
  fileprivate func difference() throws(Failure) -> Tensor {
    var part = self
    let kind = try binary(&part, .subtract)
    guard let output = part.output else { throw problem("the shape of \"\(layer.name)\" is not known") }
    return builder.model.plain(
      try make(kind, "difference", part.inputs, output.shape, isMoved: output.isMoved))
  }
}

/// 1 where a ≥ b, else 0; swapped b ≥ a; negated the contrary.
private func comparison(_ call: inout LayerCall, isSwapped: Bool, isNegated: Bool) throws(Failure)
  -> LayerKind
{
  var difference = try call.difference()
  if isSwapped { difference = try call.negative(difference, "swapped") }
  call.inputs = [try call.sign(difference, "sign")]
  return try scaled(&call, isNegated ? -0.5 : 0.5, 0.5)
}

/// −|a − b| ≥ 0 where both are equal alone.
private func equality(_ call: inout LayerCall, isNegated: Bool) throws(Failure) -> LayerKind {
  let difference = try call.difference()
  let lower = try call.make(
    .merge(.minimum), "lower", [difference, try call.negative(difference, "swapped")], difference.shape)
  call.inputs = [try call.sign(lower, "sign")]
  return try scaled(&call, isNegated ? -0.5 : 0.5, 0.5)
}

/// 1, 0 or −1: half the difference of the signs of x and −x, each 1 at 0.
private func parseSign(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  let x = call.inputs[0]
  let down = try call.sign(try call.negative(x, "swapped"), "down")
  call.inputs = [
    try call.make(.merge(.subtract), "twice", [try call.sign(x, "up"), down], shape)
  ]
  return try scaled(&call, 0.5, 0)
}

/// A conversion between types of floating-point numbers, or of truth values to them.
private func parseCast(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let type = try call.config.required("dtype")
  guard let name = type.string, name.hasPrefix("float") || name == "bfloat16" else {
    throw call.refusal("to \(type.short)", hint: "it would round silently")
  }
  try keepShape(&call)
  return .activation(.linear)
}

/// condition · a + (1 − condition) · b.
private func parseWhere(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  guard call.arguments.count == 3 else { throw call.refusal("without two tensors to choose from") }
  var tensors = call.inputs.map { call.builder.model.plain($0) }[...]
  guard !tensorReferences(in: call.arguments[0]).isEmpty, let chooser = tensors.popFirst() else {
    throw call.refusal("by a constant")
  }
  let condition = try call.truth(chooser)
  var parts: [Tensor] = []
  for (place, suffix) in [(1, "yes"), (2, "no")] {
    let isChosen =
      place == 1
      ? condition
      : try call.make(.activation(.scaled(factor: -1, offset: 1)), "not", [condition], condition.shape)
    if !tensorReferences(in: call.arguments[place]).isEmpty, let tensor = tensors.popFirst() {
      guard let shape = broadcastShape(isChosen.shape, tensor.shape) else {
        throw call.problem("the inputs of \"\(call.layer.name)\" do not fit together")
      }
      parts.append(try call.make(.merge(.multiply), suffix, [isChosen, tensor], shape))
    } else {
      guard let constant = try Weights.written(in: call.arguments[place]), constant.values.count == 1,
        abs(constant.values[0]) < 1e4
      else { throw call.refusal("of an array, or of a number of 10⁴ and more,") }
      if constant.values[0] == 0 { continue }
      parts.append(
        try call.make(
          .activation(.scaled(factor: constant.values[0], offset: 0)), suffix, [isChosen], isChosen.shape))
    }
  }
  guard !parts.isEmpty else { throw call.refusal("between zeros") }
  call.inputs = parts
  if parts.count == 2 { return try parseMerge(&call, .add) }
  try keepShape(&call)
  return .activation(.linear)
}
