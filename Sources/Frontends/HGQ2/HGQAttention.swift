import Diagnostics
import Model
import Storage

/// QMultiHeadAttention and QLinformerAttention: projections of query, key and value, the exact products of query and key,
/// a softmax with 1 / √key_dim in its exponential table, the exact products of that and value, and a last projection.
func parseHGQAttention(_ call: inout LayerCall, isLinformer: Bool) throws(Failure) -> Tensor {
  guard (1...3).contains(call.inputs.count) else {
    throw call.problem(
      "\(call.layer.className) takes one to three inputs, but \"\(call.layer.name)\" is given \(call.inputs.count)"
    )
  }
  if let node = call.keywords?["return_attention_scores"], node.bool == true {
    throw Failure(
      node.diagnostic(
        "layer \"\(call.layer.name)\" is called with return_attention_scores, which is not supported of HGQ2's layers"
      ))
  }
  let inputs = call.inputs.map { call.builder.model.plain($0) }
  let query = inputs[0]
  var value = inputs.count > 1 ? inputs[1] : query
  var key = inputs.count > 2 ? inputs[2] : value
  guard query.shape.count == value.shape.count, value.shape.count == key.shape.count, query.shape.count >= 2
  else {
    throw call.problem("the inputs of \"\(call.layer.name)\" have the shapes \(inputs.map(\.shape))")
  }
  let settings = try HGQAttention(call, rank: query.shape.count + 1)
  if isLinformer { (value, key) = try call.projectedAlong(settings, value, key) }
  return try call.attention(settings, query, value, key)
}

/// What an attention layer is told.
struct HGQAttention {
  /// Axes of query, key and value, the batch's among them.
  let rank: Int
  /// The axes attention goes along, counted with the batch.
  let axes: [Int]
  let keyLength: Int
  let usesBias: Bool
  /// Which projections share their input quantizer: none, kv, qkv.
  let fuse: String
  let isQuantizingInputs: Bool

  init(_ call: LayerCall, rank: Int) throws(Failure) {
    self.rank = rank
    let config = call.config
    for key in ["use_gate", "sliding_window"] where call.layer.kerasClass.package != .keras {
      if let node = config[key], node.bool != false {
        throw Failure(node.diagnostic("attention with \(key) is not supported"))
      }
    }
    keyLength = try config.positive(call.layer.className == "GroupQueryAttention" ? "head_dim" : "key_dim")
    usesBias = try config.boolean("use_bias", default: true)
    fuse = try config.choice("fuse", ["none", "kv", "qkv"], default: "none")
    isQuantizingInputs = try config.boolean("enable_iq", default: true)
    let axes =
      config["attention_axes"] == nil
      ? nil : try call.axes(config["attention_axes"], rank: rank - 1).map { $0 + 1 }
    self.axes = axes ?? Array(1..<(rank - 1))
  }

  private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  private static func equation(_ x: [Character], _ y: [Character], _ result: [Character], bothHaveBatch: Bool)
    -> Einsum?
  {
    Einsum(
      "\(String(x)),\(String(y))->\(String(result))", ranks: (x.count, y.count), bothHaveBatch: bothHaveBatch)
  }

  /// Data whose last axes a kernel replaces by others.
  func projection(bound: Int, outputs: Int) -> Einsum? {
    let free = Array(Self.letters.prefix(rank - 1))
    let replaced = Array(Self.letters.dropFirst(rank - 1).prefix(bound))
    let new = Array(Self.letters.dropFirst(rank - 1 + bound).prefix(outputs))
    return Self.equation(free + replaced, replaced + new, free + new, bothHaveBatch: false)
  }

  /// Key times query, and scores times value, with the heads as an axis before the last.
  var products: (scores: Einsum, combination: Einsum, scoreRank: Int)? {
    let count = rank + 1
    let target = Array(Self.letters.prefix(count))
    var source = target
    for (index, axis) in axes.enumerated() { source[axis] = Self.letters[count + index] }
    let batch = (0..<count - 1).filter { !axes.contains($0) }.map { target[$0] }
    let scores = batch + axes.map { target[$0] } + axes.map { source[$0] }
    guard let first = Self.equation(source, target, scores, bothHaveBatch: true),
      let second = Self.equation(scores, source, target, bothHaveBatch: true)
    else { return nil }
    return (first, second, scores.count)
  }

  /// Linformer's projection of keys or values along the axes of attention.
  var sequenceProjection: Einsum? {
    let input = Array(Self.letters.prefix(rank))
    var result = input
    for (index, axis) in axes.enumerated() { result[axis] = Self.letters[rank + index] }
    let kernel = axes.map { input[$0] } + axes.indices.map { Self.letters[rank + $0] }
    return Self.equation(input, kernel, result, bothHaveBatch: false)
  }
}

extension LayerCall {
  /// One projection: input quantizer, product, output quantizer.
  private func projected(
    _ input: Tensor, _ equation: Einsum?, _ name: String, _ part: HGQVariables,
    sharing others: [HGQVariables] = [],
    hasBias: Bool, hasInputQuantizer: Bool, hasOutputQuantizer: Bool, suffix: String? = nil
  ) throws(Failure) -> Tensor {
    guard let equation else { throw problem("the axes of \"\(layer.name)\" are too many") }
    var x = input
    if hasInputQuantizer {
      // A quantizer that several projections share is stored with one of them.
      let owner = ([part] + others).first { $0.quantizer("iq").isPresent } ?? part
      x = try quantized(x, "\(name)_iq", try config.required("qkvo_iq_conf"), owner.quantizer("iq"))
    }
    let result = try einsumDense(
      x, equation, suffix ?? name, part, hasBias: hasBias,
      quantizers: (try config.required("qkvo_kq_conf"), try config.required("qkvo_bq_conf")))
    guard hasOutputQuantizer else { return result }
    return try quantized(result, "\(name)_oq", try config.required("qkvo_oq_conf"), part.quantizer("oq"))
  }

  /// Linformer: keys and values of a shorter sequence.
  fileprivate func projectedAlong(_ settings: HGQAttention, _ value: Tensor, _ key: Tensor) throws(Failure)
    -> (Tensor, Tensor)
  {
    guard try config.choice("lin_kv_proj_mode", ["dense", "dense_t"], default: "dense") == "dense" else {
      throw problem("the projections of \"\(layer.name)\" are tables, which is not supported")
    }
    let isShared = try config.boolean("share_kv_proj", default: false)
    let keyPart = variables.part("_lin_k_proj", stem: "q_einsum_dense")
    let valuePart = isShared ? keyPart : variables.part("_lin_v_proj", stem: "q_einsum_dense", 1)
    func along(_ x: Tensor, _ name: String, _ part: HGQVariables) throws(Failure) -> Tensor {
      try projected(
        x, settings.sequenceProjection, name, part, hasBias: false, hasInputQuantizer: true,
        hasOutputQuantizer: false)
    }
    let projectedKey = try along(key, "lin_key", keyPart)
    return (try along(value, "lin_value", valuePart), projectedKey)
  }

  fileprivate func attention(_ settings: HGQAttention, _ query: Tensor, _ value: Tensor, _ key: Tensor)
    throws(Failure) -> Tensor
  {
    let queryPart = variables.part("query_dense", named: "query")
    let keyPart = variables.part("key_dense", named: "key")
    let valuePart = variables.part("value_dense", named: "value")
    let outputPart = variables.part("output_dense", named: "attention_output")
    let sharesKey = settings.fuse != "none"
    let sharesQuery = settings.fuse == "qkv"
    let inward = settings.projection(bound: 1, outputs: 2)
    let q = try projected(
      query, inward, "query", queryPart, sharing: sharesQuery ? [keyPart, valuePart] : [],
      hasBias: settings.usesBias,
      hasInputQuantizer: settings.isQuantizingInputs, hasOutputQuantizer: true)
    // A bias of the keys would not change a softmax.
    let k = try projected(
      key, inward, "key", keyPart, sharing: sharesKey ? [valuePart] + (sharesQuery ? [queryPart] : []) : [],
      hasBias: false, hasInputQuantizer: settings.isQuantizingInputs, hasOutputQuantizer: true)
    let v = try projected(
      value, inward, "value", valuePart,
      sharing: sharesKey ? [keyPart] + (sharesQuery ? [queryPart] : []) : [],
      hasBias: settings.usesBias, hasInputQuantizer: settings.isQuantizingInputs, hasOutputQuantizer: true)
    guard let products = settings.products else {
      throw problem("the axes of \"\(layer.name)\" are too many")
    }
    let scores = try product(k, q, products.scores, "scores")
    let weights = try attentionWeights(settings, scores, rank: products.scoreRank)
    let combined = try product(weights, v, products.combination, "combined")
    let outputRank = try outputPart.read("kernel", 0, shape: nil).shape.count - 2
    let isQuantizingOutput = try config.boolean("enable_oq", default: false)
    guard outputRank >= 1, outputRank <= 8 else {
      throw problem("the output kernel of \"\(layer.name)\" has too few axes")
    }
    let result = try projected(
      combined, settings.projection(bound: 2, outputs: outputRank), "attention_output", outputPart,
      hasBias: settings.usesBias, hasInputQuantizer: true, hasOutputQuantizer: isQuantizingOutput,
      suffix: "")
    return try quantizedOutput(result)
  }

  private func attentionWeights(_ settings: HGQAttention, _ scores: Tensor, rank: Int) throws(Failure)
    -> Tensor
  {
    let part = variables.part("_softmax", stem: "q_softmax")
    noteUnusedQuantizer(part)
    let isStable = try config.boolean("stable_softmax", default: true)
    let axes = Array((rank - 1 - settings.axes.count)..<(rank - 1))
    let softmax = HGQSoftmax(
      exponentialInput: isStable ? try config.required("softmax_exp_iq_conf") : nil,
      exponentialOutput: try config.required("softmax_exp_oq_conf"),
      inverseInput: try config.required("softmax_inv_iq_conf"),
      inverseOutput: try config.required("softmax_inv_oq_conf"), isStable: isStable,
      scale: 1 / Double(settings.keyLength).squareRoot(), axes: axes)
    let weights = try self.softmax(scores, softmax, "softmax", part)
    return try quantized(weights, "softmax_oq", try config.required("softmax_oq_conf"), part.quantizer("oq"))
  }
}
