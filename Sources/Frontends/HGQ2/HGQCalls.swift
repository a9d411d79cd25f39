import Diagnostics
import Model
import Storage

/// What layers of HGQ2 have in common: an input quantizer, the operation, an activation, an output quantizer. Nothing is
/// rounded in between.
extension LayerCall {
  var variables: HGQVariables { HGQVariables(self) }

  /// Adds a layer of ours that is part of this one, or with an empty suffix is this one.
  func make(
    _ kind: LayerKind, _ suffix: String, _ inputs: [Tensor], _ shape: [Int], isMoved: Bool = false,
    className: String? = nil
  ) throws(Failure) -> Tensor {
    try checkSize(shape, layer.node)
    return builder.insert(
      kind, suffix, of: self, reading: inputs, shape: shape, isMoved: isMoved, className: className)
  }

  // MARK: Quantizers

  /// The data of a tensor, quantized; the tensor itself where a quantizer changes nothing.
  func quantized(_ input: Tensor, _ suffix: String, _ conf: JSONNode, _ variables: HGQVariables)
    throws(Failure) -> Tensor
  {
    let x = builder.model.plain(input)
    guard let quantizer = try HGQQuantizerConfig(conf).quantizer(variables, over: x.shape, hasBatch: true)
    else { return x }
    return try make(.activation(.quantizer(quantizer)), suffix, [x], x.shape, className: "Quantizer")
  }

  /// The only input behind the layer's input quantizer.
  func quantizedInput() throws(Failure) -> Tensor {
    let x = builder.model.plain(try single())
    guard try config.boolean("enable_iq", default: true) else { return x }
    return try quantized(x, "iq", try config.required("iq_conf"), variables.quantizer("iq"))
  }

  /// All inputs, each behind its quantizer.
  func quantizedInputs() throws(Failure) -> [Tensor] {
    let inputs = inputs.map { builder.model.plain($0) }
    guard try config.boolean("enable_iq", default: true) else { return inputs }
    let node = try config.required("iq_confs")
    let confs = node.elements ?? inputs.map { _ in node }
    guard confs.count == inputs.count else {
      throw Failure(node.diagnostic("there are \(confs.count) quantizers for \(inputs.count) inputs"))
    }
    var result: [Tensor] = []
    for (index, (input, conf)) in zip(inputs, confs).enumerated() {
      result.append(try quantized(input, "iq\(index + 1)", conf, variables.inputQuantizer(index)))
    }
    return result
  }

  /// A result behind the layer's output quantizer, if that is on.
  func quantizedOutput(_ result: Tensor) throws(Failure) -> Tensor {
    builder.nameAfter(self, result)
    guard try config.boolean("enable_oq", default: false) else { return result }
    return try quantized(result, "oq", try config.required("oq_conf"), variables.quantizer("oq"))
  }

  /// The quantizer of a parameter.
  func quantizer(_ slot: String, over shape: [Int], _ variables: HGQVariables? = nil) throws(Failure)
    -> Quantizer?
  {
    let conf = try HGQQuantizerConfig(try config.required("\(slot)_conf"))
    return try conf.quantizer((variables ?? self.variables).quantizer(slot), over: shape, hasBatch: false)
  }

  // MARK: Layers

  /// The layer that a parser of Keras's described, which reads `inputs`, behind it the output quantizer.
  func finished(_ kind: LayerKind) throws(Failure) -> Tensor {
    guard let output else { throw problem("the shape of \"\(layer.name)\" is not known") }
    return try quantizedOutput(try make(kind, "", inputs, output.shape, isMoved: output.isMoved))
  }

  /// The number of variables that HGQ keeps of its training after those of Keras's layer, before others.
  func trainingVariables() throws(Failure) -> Int {
    try config.boolean("enable_ebops", default: true) ? 2 : 0
  }

  /// An activation as a layer of its own, if it is one.
  mutating func activated(_ x: Tensor, _ suffix: String = "activation") throws(Failure) -> Tensor {
    let function = try activation(lastAxis: x.shape.count - 1)
    return function == .linear ? x : try make(.activation(function), suffix, [x], x.shape)
  }

  // MARK: Arithmetic

  /// Numbers that are the same for every event.
  func constant(_ values: Weights, _ suffix: String) throws(Failure) -> Tensor {
    try make(.constant(Constant(values)), suffix, [], values.shape)
  }

  /// x · factor.
  func scaled(_ x: Tensor, by factor: Double, _ suffix: String) throws(Failure) -> Tensor {
    if factor == 1 { return x }
    let constant = try constant(Weights(shape: x.shape.map { _ in 1 }, values: [factor]), "\(suffix)_factor")
    return try make(.merge(.multiply), suffix, [x, constant], x.shape)
  }

  /// The same elements in another shape, or with their axes in another order.
  func arranged(_ x: Tensor, order: [Int]? = nil, shape: [Int]? = nil, _ suffix: String) throws(Failure)
    -> Tensor
  {
    var x = x
    if let order, order != Array(x.shape.indices) {
      x = try make(.permute(order: order), "\(suffix)_order", [x], order.map { x.shape[$0] })
    }
    if let shape, shape != x.shape { x = try make(.reshape, "\(suffix)_shape", [x], shape) }
    return x
  }

  /// What a reduction does with the elements it takes together.
  enum Reduction { case sum, maximum }

  /// Elements along axes taken together; those axes keep the length 1.
  func reduced(_ x: Tensor, over axes: [Int], _ reduction: Reduction, _ suffix: String) throws(Failure)
    -> Tensor
  {
    let kept = x.shape.indices.filter { !axes.contains($0) }
    let result = x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] }
    let (count, rest) = (axes.map { x.shape[$0] }.reduce(1, *), kept.map { x.shape[$0] }.reduce(1, *))
    let value: Tensor
    switch reduction {
    case .sum:
      let rows = try arranged(
        x, order: kept + axes, shape: kept.map { x.shape[$0] } + [count], "\(suffix)_rows")
      let ones = Weights(shape: [count, 1], values: Array(repeating: 1, count: count))
      value = try make(
        .dense(Dense(kernel: ones, bias: nil, activation: .linear)), suffix, [rows],
        rows.shape.dropLast() + [1])
    case .maximum:
      let columns = try arranged(x, order: axes + kept, shape: [count, rest], "\(suffix)_columns")
      value = try make(
        .globalPooling(.maximum, keepDimensions: false, averageQuantizer: nil), suffix, [columns], [rest])
    }
    return try arranged(value, shape: result, suffix)
  }
}
