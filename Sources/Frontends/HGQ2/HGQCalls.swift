import Diagnostics
import Model
import Storage

/// What layers of HGQ2 have in common: an input quantizer, the operation, an activation, an output quantizer. Nothing is
/// rounded in between.
extension LayerCall: LayerMaker {
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

  /// See `LayerMaker`.
  func added(_ kind: LayerKind, _ suffix: String, _ inputs: [Tensor], _ shape: [Int]) throws(Failure)
    -> Tensor
  {
    try make(kind, suffix, inputs, shape)
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

  /// x · factor.
  func scaled(_ x: Tensor, by factor: Double, _ suffix: String) throws(Failure) -> Tensor {
    if factor == 1 { return x }
    let constant = try constant(Weights(shape: x.shape.map { _ in 1 }, values: [factor]), "\(suffix)_factor")
    return try make(.merge(.multiply), suffix, [x, constant], x.shape)
  }
}
