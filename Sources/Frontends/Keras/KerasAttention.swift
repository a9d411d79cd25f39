import Diagnostics
import Model
import Storage

/// Keras's MultiHeadAttention and GroupQueryAttention: softmax(query · keyᵀ / √length) · value for every head, the three of them
/// and the result projected; the scores where they are asked for. The bias of the keys, which adds the same to all logits of a
/// softmax, is left out. Heads that share keys and values have each a copy of their kernels.
///
/// Inputs are query, value, key (the value where it is not given) and a mask (`KerasLayerNode.addNamed`). A second result,
/// where a call asks for it, are the softmax's [heads, target…, source…].
func parseMultiHeadAttention(_ call: inout LayerCall) throws(Failure) -> [Tensor] {
  let className = call.layer.className
  guard (1...4).contains(call.inputs.count) else {
    throw call.problem(
      "\(className) takes one to three inputs, but \"\(call.layer.name)\" is given \(call.inputs.count)")
  }
  let inputs = call.inputs.map { call.builder.model.plain($0) }
  let query = inputs[0]
  let value = inputs.count > 1 ? inputs[1] : query
  let key = inputs.count > 2 ? inputs[2] : value
  let rank = query.shape.count
  guard rank == value.shape.count, rank == key.shape.count, rank >= 2 else {
    throw call.problem("the inputs of \"\(call.layer.name)\" have the shapes \(inputs.map(\.shape))")
  }
  let settings = try HGQAttention(call, rank: rank + 1)
  let isGrouped = className == "GroupQueryAttention"
  let heads = try call.config.positive(isGrouped ? "num_query_heads" : "num_heads")
  let groups = isGrouped ? try call.config.positive("num_key_value_heads") : heads
  guard heads % groups == 0 else {
    throw call.problem("\"\(call.layer.name)\" has \(heads) heads in \(groups) groups")
  }
  let inward = settings.projection(bound: 1, outputs: 2)
  let scale = Double(1 / Float(settings.keyLength).squareRoot())
  // Keras saves attributes without their underscore only where the class has a property of that name.
  func part(_ name: String, named layer: String) -> HGQVariables {
    call.variables.part("\(isGrouped || name == "gate" ? "_" : "")\(name)_dense", named: layer)
  }
  func project(
    _ x: Tensor, _ name: String, usesBias: Bool? = nil, scale: Double = 1, repeats: Int = 1
  ) throws(Failure) -> Tensor {
    try call.projected(
      x, inward, name, part(name, named: name), usesBias ?? settings.usesBias, scale: scale, repeats: repeats)
  }
  let q = try project(query, "query", scale: scale)
  let k = try project(key, "key", usesBias: false, repeats: heads / groups)
  let v = try project(value, "value", repeats: heads / groups)
  guard let products = settings.products, q.shape.suffix(2) == [heads, settings.keyLength][...],
    k.shape.suffix(2) == [heads, settings.keyLength][...]
  else {
    throw call.problem("the kernels of \"\(call.layer.name)\" do not fit its heads and their length")
  }
  let scores = try call.product(k, q, products.scores, "scores")
  var masks = inputs.count > 3 ? [inputs[3]] : []
  if let steps = try call.attentionMask(query: true) { masks.append(steps) }
  call.resultMasks = [call.masks[0]]
  let weights = try call.attentionWeights(scores, axes: settings.axes.count, masks: masks)
  var combined = try call.product(weights, v, products.combination, "combined")
  if try call.config.boolean("use_gate", default: false) {
    let sum = try project(query, "gate")
    let gate = try call.make(.activation(.sigmoid), "gate_sigmoid", [sum], sum.shape)
    guard gate.shape == combined.shape else {
      throw call.problem("the gate of \"\(call.layer.name)\" has the shape \(gate.shape)")
    }
    combined = try call.make(.merge(.multiply), "gated", [combined, gate], combined.shape)
  }
  let output = part("output", named: "attention_output")
  let outputRank = try output.read("kernel", 0, shape: nil).shape.count - 2
  guard (1...8).contains(outputRank) else {
    throw call.problem("the output kernel of \"\(call.layer.name)\" has \(outputRank + 2) axes")
  }
  let result = try call.projected(
    combined, settings.projection(bound: 2, outputs: outputRank), "", output, settings.usesBias)
  return call.returnsScores ? [result, weights] : [result]
}

/// Keras's Attention, softmax(scores of query and key) · value, and AdditiveAttention. Scores are products of query and key, times
/// a trained number where `use_scale` is on; or sums of tanh(query + key), with trained numbers before or behind.
func parseDotAttention(_ call: inout LayerCall) throws(Failure) -> [Tensor] {
  let (className, name) = (call.layer.className, call.layer.name)
  guard (2...3).contains(call.inputs.count) else {
    throw call.problem(
      "\(className) takes query, value and key; \"\(name)\" is given \(call.inputs.count) inputs")
  }
  let inputs = call.inputs.map { call.builder.model.plain($0) }
  let (query, value, key) = (inputs[0], inputs[1], inputs.count > 2 ? inputs[2] : inputs[1])
  let isAdditive = className == "AdditiveAttention"
  let mode = isAdditive ? "sum" : try call.config.choice("score_mode", ["dot", "concat"], default: "dot")
  guard inputs.allSatisfy({ $0.shape.count == 2 }), query.shape[1] == key.shape[1],
    key.shape[0] == value.shape[0],
    let products = Einsum("bqd,bkd->bqk", ranks: (3, 3), bothHaveBatch: true),
    let combination = Einsum("bqk,bkd->bqd", ranks: (3, 3), bothHaveBatch: true)
  else { throw call.problem("the inputs of \"\(name)\" have the shapes \(inputs.map(\.shape))") }
  let (targets, sources, width) = (query.shape[0], key.shape[0], query.shape[1])
  let hasScale = try call.config.boolean("use_scale", default: isAdditive)
  let scale = hasScale ? try call.variables.read("scale", 0, shape: isAdditive ? [width] : []) : nil
  var logits: Tensor
  if mode == "dot" {
    logits = try call.product(query, key, products, "scores")
    if let scale { logits = try call.scaled(logits, by: scale.values[0], "scaled") }
  } else {
    let pairs = [targets, sources, width]
    let rows = try call.arranged(query, shape: [targets, 1, width], "query")
    let columns = try call.arranged(key, shape: [1, sources, width], "key")
    var sum = try call.make(.merge(.add), "sum", [rows, columns], pairs)
    var factors = Array(repeating: 1.0, count: width)
    if isAdditive {
      factors = scale?.values ?? factors
    } else {
      if let scale { sum = try call.scaled(sum, by: scale.values[0], "scaled") }
      let weight = try call.variables.read("concat_score_weight", hasScale ? 1 : 0, shape: []).values[0]
      factors = factors.map { $0 * weight }
    }
    let bent = try call.make(.activation(.tanh), "tanh", [sum], pairs)
    let dense = Dense(
      kernel: Weights(shape: [width, 1], values: factors), bias: nil, activation: .linear)
    let scores = try call.make(.dense(dense), "scores", [bent], [targets, sources, 1])
    logits = try call.arranged(scores, shape: [targets, sources], "scores")
  }
  let isCausal = call.keywords?["use_causal_mask"]?.bool == true || call.config["causal"]?.bool == true
  var masks: [Tensor] = []
  if isCausal {
    let mask = (0..<targets * sources).map { $0 % sources <= $0 / sources ? 1.0 : 0 }
    masks.append(try call.constant(Weights(shape: [targets, sources], values: mask), "causal_mask"))
  }
  // Of the keys only the values' mask counts; that of the query makes its rows of the result zeros.
  let steps = call.masks
  call.masks = [nil] + (steps.count > 1 ? [steps[1]] : [])
  if let mask = try call.attentionMask(query: false) { masks.append(mask) }
  call.masks = steps
  let weights: Tensor
  if masks.isEmpty {
    weights = try call.make(.activation(.softmax(axis: 1)), "softmax", [logits], logits.shape)
  } else {
    let kept = try call.product(of: masks, "masks")
    weights = try call.make(.maskedSoftmax(axis: 1), "softmax", [logits, kept], logits.shape)
  }
  var result = try call.product(weights, value, combination, "")
  if let column = try call.maskColumn(targets) {
    result = try call.make(.merge(.multiply), "masked", [result, column], result.shape)
    call.resultMasks = [call.masks[0]]
  }
  return call.returnsScores ? [result, weights] : [result]
}

extension LayerCall {
  /// Whether an attention gives its scores, behind the softmax, as a second result.
  fileprivate var returnsScores: Bool { keywords?["return_attention_scores"]?.bool == true }

  /// x · kernel + bias, both times a factor; of heads that share them, copies.
  fileprivate func projected(
    _ x: Tensor, _ equation: Einsum?, _ name: String, _ part: HGQVariables, _ hasBias: Bool,
    scale: Double = 1, repeats: Int = 1
  ) throws(Failure) -> Tensor {
    let kernel = try part.read("kernel", 0, shape: nil).withRepeatedHeads(repeats)
    guard let equation, kernel.shape.count == equation.y.count,
      let lengths = equation.lengths(x.shape, kernel.shape)
    else {
      throw problem(
        "the \(name.isEmpty ? "output" : name) kernel of \"\(layer.name)\" of shape \(kernel.shape) does not fit data of "
          + "shape \(x.shape)")
    }
    var product = EinsumProduct(equation: equation, kernel: kernel.map { $0 * scale })
    if hasBias {
      let bias = try part.read("bias", 1, shape: nil).withRepeatedHeads(repeats)
      guard broadcastPlaces(bias.shape, to: equation.result.compactMap { lengths[$0] }) != nil else {
        throw problem("a bias of \"\(layer.name)\" has the shape \(bias.shape)")
      }
      product.bias = bias.map { $0 * scale }
    }
    return try self.product(x, product, name)
  }

  /// Softmax of the scores [heads…, target…, source…] over the last axes, those a mask leaves.
  fileprivate func attentionWeights(_ scores: Tensor, axes: Int, masks given: [Tensor]) throws(Failure)
    -> Tensor
  {
    let kept = Array(scores.shape.dropLast(axes))
    let source = scores.shape.suffix(axes).reduce(1, *)
    let rows = try arranged(scores, shape: kept + [source], "scores_rows")
    var constant: [Double]?
    if let target = kept.last { constant = try constantMask(target: target, source: source, axes: axes) }
    if axes > 1, !given.isEmpty || constant != nil {
      throw problem("a mask of an attention over several axes is not supported (\"\(layer.name)\")")
    }
    var masks: [Tensor] = []
    if let constant, let target = kept.last {
      masks.append(
        try self.constant(
          Weights(shape: Array(repeating: 1, count: kept.count - 1) + [target, source], values: constant),
          "constant_mask"))
    }
    for (number, mask) in given.enumerated() {
      guard mask.shape.count <= 2, mask.shape.count == kept.count,
        broadcastPlaces([1] + mask.shape, to: rows.shape) != nil
      else {
        throw problem(
          "a mask of shape \(mask.shape) does not fit scores of shape \(scores.shape) of \"\(layer.name)\"")
      }
      masks.append(
        try arranged(
          builder.model.plain(mask), shape: [1] + mask.shape, number == 0 ? "mask" : "mask_\(number + 1)"))
    }
    let last = kept.count
    guard !masks.isEmpty else {
      let weights = try make(.activation(.softmax(axis: last)), "softmax", [rows], rows.shape)
      return try arranged(weights, shape: scores.shape, "softmax")
    }
    let all = try product(of: masks, "all_masks")
    let weights = try make(.maskedSoftmax(axis: last), "softmax", [rows, all], rows.shape)
    return try arranged(weights, shape: scores.shape, "softmax")
  }

  /// The constant masks of a call, 1 where a target may look at a source: use_causal_mask, a sliding window, and an array given as
  /// attention_mask.
  private func constantMask(target: Int, source: Int, axes: Int) throws(Failure) -> [Double]? {
    var mask: [Double]?
    if let node = keywords?["use_causal_mask"], node.bool == true {
      mask = (0..<target * source).map { $0 % source <= $0 / source ? 1 : 0 }
    }
    if let node = config["sliding_window"] {
      let reach = try node.whole(atLeast: 1)
      let band = (0..<target * source).map { abs($0 % source - $0 / source) < reach ? 1.0 : 0 }
      mask = mask.map { zip($0, band).map { $0 * $1 } } ?? band
    }
    guard let node = keywords?["attention_mask"], !node.isNull, tensorReferences(in: node).isEmpty else {
      return mask
    }
    guard let given = try Weights.written(in: node), let spread = given.spread(over: [target, source]) else {
      throw Failure(
        node.diagnostic("this mask does not fit \(target) targets and \(source) sources of \"\(layer.name)\"")
      )
    }
    return zip(spread, mask ?? spread).map { $0 != 0 && $1 != 0 ? 1 : 0 }
  }
}

extension Weights {
  /// Every head, the axis before the last, so many times one behind the other.
  fileprivate func withRepeatedHeads(_ count: Int) -> Weights {
    guard count > 1, shape.count >= 2, let width = shape.last, width > 0 else { return self }
    var result = self
    result.shape[shape.count - 2] *= count
    result.values = (0..<values.count / width).flatMap { row in
      (0..<count).flatMap { _ in values[row * width..<(row + 1) * width] }
    }
    return result
  }
}

/// Softmax over one or several axes, those that a mask leaves.
func parseSoftmaxLayer(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let mask: Tensor? = call.inputs.count == 2 ? call.builder.model.plain(call.inputs.removeLast()) : nil
  var constant: (node: JSONNode, weights: Weights?)?
  if let node = call.keywords?["mask"], !node.isNull, tensorReferences(in: node).isEmpty {
    constant = (node, try Weights.written(in: node))
  }
  let several = call.config["axis"]?.elements.map { $0.count > 1 } ?? false
  guard mask != nil || constant != nil || several else {
    let kind = try parseSoftmax(&call)
    guard let output = call.output else {
      throw call.problem("the shape of \"\(call.layer.name)\" is not known")
    }
    return call.builder.insertFunction(kind, of: call, shape: output.shape, isMoved: output.isMoved)
  }
  let x = call.builder.model.plain(try call.single())
  let rank = x.shape.count
  var axes = [rank - 1]
  if let axis = call.config["axis"] {
    axes = try (axis.elements ?? [axis]).map { axis throws(Failure) in try call.axis(axis, rank: rank) }
  }
  axes.sort()
  guard Set(axes).count == axes.count, !axes.isEmpty else {
    throw call.problem("the axes \(axes) are not several")
  }
  // The axes at the end, as one.
  let kept = (0..<rank).filter { !axes.contains($0) }
  let order = kept + axes
  let rows = kept.map { x.shape[$0] } + [axes.map { x.shape[$0] }.reduce(1, *)]
  let ordered = try call.arranged(x, order: order, shape: rows, "rows")
  var value: Tensor
  var masks: [Tensor] = []
  if let mask { masks.append(mask) }
  if let (node, written) = constant {
    guard let values = written?.spread(over: x.shape) else {
      throw Failure(node.diagnostic("this mask does not fit data of shape \(x.shape)"))
    }
    masks.append(
      try call.constant(Weights(shape: x.shape, values: values.map { $0 == 0 ? 0 : 1 }), "constant_mask"))
  }
  if let first = masks.first {
    guard first.shape == x.shape else {
      throw call.problem(
        "a mask of shape \(first.shape) does not fit data of shape \(x.shape) of \"\(call.layer.name)\"")
    }
    let mask = try call.arranged(first, order: order, shape: rows, "mask_rows")
    value = try call.make(.maskedSoftmax(axis: rows.count - 1), "", [ordered, mask], rows)
  } else {
    value = try call.make(.activation(.softmax(axis: rows.count - 1)), "", [ordered], rows)
  }
  let places = (0..<rank).map { order.firstIndex(of: $0) ?? 0 }
  value = try call.arranged(value, shape: order.map { x.shape[$0] }, "axes")
  return try call.arranged(value, order: places, "back")
}
