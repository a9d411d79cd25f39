import Diagnostics
import Model
import Storage

/// Keras's MultiHeadAttention: softmax(query · keyᵀ / √key_dim) · value for every head, the three of them and the result
/// projected. The bias of the keys, which adds the same to all logits of a softmax, is left out.
///
/// Inputs are query, value, key (the value where it is not given) and a mask (`KerasLayerNode.addNamed`). A second result,
/// where a call asks for it, are the softmax's [heads, target…, source…].
func parseMultiHeadAttention(_ call: inout LayerCall) throws(Failure) -> [Tensor] {
  guard (1...4).contains(call.inputs.count) else {
    throw call.problem(
      "MultiHeadAttention takes one to three inputs, but \"\(call.layer.name)\" is given \(call.inputs.count)"
    )
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
  let heads = try call.config.positive("num_heads")
  let inward = settings.projection(bound: 1, outputs: 2)
  let scale = Double(1 / Float(settings.keyLength).squareRoot())
  let q = try call.projected(
    query, inward, "query", call.variables.part("query_dense", named: "query"), settings.usesBias,
    scale: scale)
  let k = try call.projected(
    key, inward, "key", call.variables.part("key_dense", named: "key"), false)
  let v = try call.projected(
    value, inward, "value", call.variables.part("value_dense", named: "value"), settings.usesBias)
  guard let products = settings.products, q.shape.suffix(2) == [heads, settings.keyLength][...],
    k.shape.last == settings.keyLength
  else {
    throw call.problem("the kernels of \"\(call.layer.name)\" do not fit num_heads and key_dim")
  }
  let scores = try call.product(k, q, products.scores, "scores")
  let weights = try call.attentionWeights(
    scores, axes: settings.axes.count, mask: inputs.count > 3 ? inputs[3] : nil)
  let combined = try call.product(weights, v, products.combination, "combined")
  let output = call.variables.part("output_dense", named: "attention_output")
  let outputRank = try output.read("kernel", 0, shape: nil).shape.count - 2
  guard (1...8).contains(outputRank) else {
    throw call.problem("the output kernel of \"\(call.layer.name)\" has \(outputRank + 2) axes")
  }
  let result = try call.projected(
    combined, settings.projection(bound: 2, outputs: outputRank), "", output, settings.usesBias)
  let returnsScores = call.keywords?["return_attention_scores"]?.bool ?? false
  return returnsScores ? [result, weights] : [result]
}

extension LayerCall {
  /// x · kernel + bias, both times a factor.
  fileprivate func projected(
    _ x: Tensor, _ equation: Einsum?, _ name: String, _ part: HGQVariables, _ hasBias: Bool, scale: Double = 1
  ) throws(Failure) -> Tensor {
    let kernel = try part.read("kernel", 0, shape: nil)
    guard let equation, kernel.shape.count == equation.y.count,
      let lengths = equation.lengths(x.shape, kernel.shape)
    else {
      throw problem(
        "the \(name.isEmpty ? "output" : name) kernel of \"\(layer.name)\" of shape \(kernel.shape) does not fit data of "
          + "shape \(x.shape)")
    }
    var product = EinsumProduct(equation: equation, kernel: kernel.map { $0 * scale })
    if hasBias {
      let bias = try part.read("bias", 1, shape: nil)
      guard broadcastPlaces(bias.shape, to: equation.result.compactMap { lengths[$0] }) != nil else {
        throw problem("a bias of \"\(layer.name)\" has the shape \(bias.shape)")
      }
      product.bias = bias.map { $0 * scale }
    }
    return try self.product(x, product, name)
  }

  /// Softmax of the scores [heads…, target…, source…] over the last axes, those a mask leaves.
  fileprivate func attentionWeights(_ scores: Tensor, axes: Int, mask: Tensor?) throws(Failure) -> Tensor {
    let kept = Array(scores.shape.dropLast(axes))
    let source = scores.shape.suffix(axes).reduce(1, *)
    let rows = try arranged(scores, shape: kept + [source], "scores_rows")
    var constant: [Double]?
    if let target = kept.last { constant = try constantMask(target: target, source: source, axes: axes) }
    if axes > 1, mask != nil || constant != nil {
      throw problem("a mask of an attention over several axes is not supported (\"\(layer.name)\")")
    }
    var masks: [Tensor] = []
    if let constant, let target = kept.last {
      masks.append(
        try self.constant(
          Weights(shape: Array(repeating: 1, count: kept.count - 1) + [target, source], values: constant),
          "constant_mask"))
    }
    if let mask {
      guard mask.shape.count <= 2, mask.shape.count == kept.count,
        broadcastPlaces([1] + mask.shape, to: rows.shape) != nil
      else {
        throw problem(
          "a mask of shape \(mask.shape) does not fit scores of shape \(scores.shape) of \"\(layer.name)\"")
      }
      masks.append(try arranged(builder.model.plain(mask), shape: [1] + mask.shape, "mask"))
    }
    let last = kept.count
    guard var all = masks.first else {
      let weights = try make(.activation(.softmax(axis: last)), "softmax", [rows], rows.shape)
      return try arranged(weights, shape: scores.shape, "softmax")
    }
    if masks.count == 2 {
      all = try make(.merge(.multiply), "masks", masks, broadcastShape(masks[0].shape, masks[1].shape) ?? [])
    }
    let weights = try make(.maskedSoftmax(axis: last), "softmax", [rows, all], rows.shape)
    return try arranged(weights, shape: scores.shape, "softmax")
  }

  /// The constant masks of a call, 1 where a target may look at a source: use_causal_mask and an array given as attention_mask.
  private func constantMask(target: Int, source: Int, axes: Int) throws(Failure) -> [Double]? {
    var mask: [Double]?
    if let node = keywords?["use_causal_mask"], node.bool == true {
      mask = (0..<target * source).map { $0 % source <= $0 / source ? 1 : 0 }
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
