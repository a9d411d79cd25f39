import Diagnostics
import Model
import Storage

/// Keras's layers for sequences of tokens and particles.
let sequenceLayers: [String: LayerParser] = [
  "Embedding": .layer(parseEmbedding),
  "LayerNormalization": .layers(parseLayerNormalization),
  "MultiHeadAttention": .results(parseMultiHeadAttention),
  "Attention": .layers(parseDotAttention),
  "GarNet": .layer { (call) throws(Failure) in try parseGarNet(&call, isStack: false) },
  "GarNetStack": .layer { (call) throws(Failure) in try parseGarNet(&call, isStack: true) },
]

/// Embedding: `embeddings` [input_dim, output_dim].
private func parseEmbedding(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let input = try call.plainInput()
  let shape = [try call.config.positive("input_dim"), try call.config.positive("output_dim")]
  if let mask = call.config["mask_zero"], mask.bool == true {
    throw Failure(
      mask.diagnostic(
        "an Embedding with mask_zero is not supported", hint: "masks are not read; train without one"))
  }
  try call.setOutput(input + [shape[1]])
  return .embedding(Embedding(rows: try call.weights([(["embeddings"], shape)])[0]))
}

/// LayerNormalization over any axes: they are brought to the end.
private func parseLayerNormalization(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let rank = x.shape.count
  if let rms = call.config["rms_scaling"], rms.bool == true {
    throw Failure(
      rms.diagnostic("a LayerNormalization with rms_scaling, which subtracts no mean, is not supported"))
  }
  var axes: [Int] = []
  if let node = call.config["axis"] {
    for axis in node.elements ?? [node] { axes.append(try call.axis(axis, rank: rank)) }
  } else {
    axes = [rank - 1]
  }
  guard !axes.isEmpty, Set(axes).count == axes.count else {
    throw call.problem("a LayerNormalization over axes \(axes.map { $0 + 1 })")
  }
  // Keras lists the lengths of gamma's axes as the axes are listed, and lays them over the axes in order.
  let listed = axes.map { x.shape[$0] }
  axes.sort()
  let order = (0..<rank).filter { !axes.contains($0) } + axes
  let hasGamma = try call.config.boolean("scale", default: true)
  let hasBeta = try call.config.boolean("center", default: true)
  let epsilon = try call.config.number("epsilon", default: 1e-3)
  guard epsilon >= 0 else { throw call.problem("the epsilon of \"\(call.layer.name)\" is negative") }
  try call.setOutput(x.shape)
  let names = (hasGamma ? ["gamma"] : []) + (hasBeta ? ["beta"] : [])
  let shape = axes.map { x.shape[$0] }
  let found = try call.weights(names.map { ([$0], listed) }).map { Weights(shape: shape, values: $0.values) }
  let ordered = try call.arranged(x, order: order, "axes")
  let result = try call.make(
    .layerNormalization(
      LayerNormalization(
        axes: axes.count, gamma: hasGamma ? found[0] : nil, beta: hasBeta ? found[found.count - 1] : nil,
        epsilon: epsilon)), "", [ordered], ordered.shape)
  return try call.arranged(result, order: (0..<rank).map { order.firstIndex(of: $0) ?? 0 }, "back")
}

/// GarNet and GarNetStack of hls4ml's contrib/garnet.py: FLR, S and Fout, of a stack with the number of the pass behind them.
private func parseGarNet(_ call: inout LayerCall, isStack: Bool) throws(Failure) -> LayerKind {
  let config = call.config
  guard call.inputs.count == 2 else {
    throw call.problem(
      "\(call.layer.className) takes vertices and their number, but \"\(call.layer.name)\" is given \(call.inputs.count) inputs"
    )
  }
  let builder = call.builder
  call.inputs = call.inputs.map { builder.model.plain($0) }
  let (vertices, count) = (call.inputs[0].shape, call.inputs[1].shape)
  guard vertices.count == 2, count == [1] else {
    throw call.problem("the inputs of \"\(call.layer.name)\" have the shapes \(vertices) and \(count)")
  }
  guard try config.boolean("simplified", default: false) else {
    throw call.problem(
      "a \(call.layer.className) is supported with simplified=True only (\"\(call.layer.name)\")")
  }
  _ = try config.choice("input_format", ["xn"], default: "xn")
  if let node = config["output_activation"], node.string != "linear" {
    throw Failure(node.diagnostic("an output activation of a \(call.layer.className) is not supported"))
  }
  if let node = config["quantize_transforms"], node.bool != false {
    throw Failure(
      node.diagnostic(
        "quantized transforms of a \(call.layer.className) are not supported",
        hint: "the file does not say the bits they were trained with"))
  }
  func counts(_ key: String) throws(Failure) -> [Int] {
    guard isStack else { return [try config.positive(key)] }
    let node = try config.required(key)
    guard let list = node.elements, !list.isEmpty else {
      throw Failure(node.diagnostic("this is no list of counts"))
    }
    return try list.map { node throws(Failure) in try node.whole(atLeast: 1) }
  }
  let (aggregators, filters, propagated) = (
    try counts("n_aggregators"), try counts("n_filters"), try counts("n_propagate")
  )
  guard aggregators.count == filters.count, filters.count == propagated.count else {
    throw call.problem("the lists of \"\(call.layer.name)\" differ in length")
  }
  let collapse = try config["collapse"].map { node throws(Failure) -> GarNet.Collapse in
    guard let collapse = node.string.flatMap({ GarNet.Collapse(rawValue: $0) }) else {
      throw Failure(node.diagnostic("the collapse \(node.short) is none of mean, sum and max"))
    }
    return collapse
  }
  let outputs = filters[filters.count - 1]
  try call.setOutput(collapse == nil ? [vertices[0], outputs] : [outputs])
  var variables: [(names: [String], shape: [Int])] = []
  var inputs = vertices[1]
  for index in filters.indices {
    let number = isStack ? "\(index)" : ""
    for (name, shape) in [
      ("FLR", [inputs, propagated[index]]), ("S", [inputs, aggregators[index]]),
      ("Fout", [aggregators[index] * propagated[index], filters[index]]),
    ] {
      variables.append((["\(name)\(number)_kernel"], shape))
      variables.append((["\(name)\(number)_bias"], [shape[1]]))
    }
    inputs = filters[index]
  }
  let weights = try call.weights(variables)
  func dense(_ place: Int) -> Dense {
    Dense(kernel: weights[2 * place], bias: weights[2 * place + 1], activation: .linear)
  }
  return .garNet(
    GarNet(
      passes: filters.indices.map {
        GarNet.Pass(features: dense(3 * $0), distances: dense(3 * $0 + 1), outputs: dense(3 * $0 + 2))
      }, collapse: collapse, meansByCount: try config.boolean("mean_by_nvert", default: false),
      isStack: isStack))
}
