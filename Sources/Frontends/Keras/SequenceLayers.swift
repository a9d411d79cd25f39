import Diagnostics
import Model
import Storage

/// Keras's layers for sequences of tokens and particles.
let sequenceLayers: [String: LayerParser] = [
  "Masking": .layers(parseMasking),
  "Embedding": .layer(parseEmbedding),
  "MultiHeadAttention": .results(parseMultiHeadAttention),
  "GroupQueryAttention": .results(parseMultiHeadAttention),
  "Attention": .results(parseDotAttention),
  "AdditiveAttention": .results(parseDotAttention),
  "GarNet": .layer { (call) throws(Failure) in try parseGarNet(&call, isStack: false) },
  "GarNetStack": .layer { (call) throws(Failure) in try parseGarNet(&call, isStack: true) },
]

/// Embedding: `embeddings` [input_dim, output_dim].
private func parseEmbedding(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let input = try call.plainInput()
  let shape = [try call.config.positive("input_dim"), try call.config.positive("output_dim")]
  if try call.config.boolean("mask_zero", default: false) { try call.maskZeros(of: call.inputs[0]) }
  try call.setOutput(input + [shape[1]])
  return .embedding(Embedding(rows: try call.weights([(["embeddings"], shape)])[0]))
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
  let isTernary = try config.boolean("quantize_transforms", default: false)
  if isTernary, let node = config["total_bits"] {
    throw Failure(
      node.diagnostic(
        "transforms of a \(call.layer.className) quantized to \(node.short) bits are not supported",
        hint: "read are those of files without 'total_bits', which are ternary"))
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
  func dense(_ place: Int, _ kernel: Quantizer? = nil, _ bias: Quantizer? = nil) -> Dense {
    Dense(
      kernel: weights[2 * place], bias: weights[2 * place + 1], activation: .linear, kernelQuantizer: kernel,
      biasQuantizer: bias)
  }
  // contrib/garnet.py as it was before it had 'total_bits': ternary(alpha=1, threshold=0.5).
  let ternary: Quantizer? =
    isTernary
    ? .qkeras(
      QKerasQuantizer(kind: .ternary(threshold: 0.5, iterations: 0), scale: .one, className: .ternary)) : nil
  return .garNet(
    GarNet(
      passes: filters.indices.map {
        GarNet.Pass(
          features: dense(3 * $0, ternary, ternary), distances: dense(3 * $0 + 1),
          outputs: dense(3 * $0 + 2, ternary))
      }, collapse: collapse, meansByCount: try config.boolean("mean_by_nvert", default: false),
      isStack: isStack))
}
