import Diagnostics
import Model
import Storage

/// Keras's layers for sequences of tokens and particles.
let sequenceLayers: [String: LayerParser] = [
  "Embedding": .layer(parseEmbedding),
  "LayerNormalization": .layer(parseLayerNormalization),
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

/// LayerNormalization over the last axes.
private func parseLayerNormalization(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let input = try call.plainInput()
  if let rms = call.config["rms_scaling"], rms.bool == true {
    throw Failure(
      rms.diagnostic("a LayerNormalization with rms_scaling, which subtracts no mean, is not supported"))
  }
  var axes: [Int] = []
  if let node = call.config["axis"] {
    for axis in node.elements ?? [node] { axes.append(try call.axis(axis, rank: input.count)) }
  } else {
    axes = [input.count - 1]
  }
  axes.sort()
  guard let first = axes.first, axes == Array(first..<input.count) else {
    throw call.problem(
      "a LayerNormalization over axes \(axes.map { $0 + 1 }) is not supported",
      hint: "the last axes are, next to each other: move the axis with Permute")
  }
  let shape = Array(input[first...])
  let hasGamma = try call.config.boolean("scale", default: true)
  let hasBeta = try call.config.boolean("center", default: true)
  let epsilon = try call.config.number("epsilon", default: 1e-3)
  guard epsilon >= 0 else { throw call.problem("the epsilon of \"\(call.layer.name)\" is negative") }
  try call.setOutput(input)
  let names = (hasGamma ? ["gamma"] : []) + (hasBeta ? ["beta"] : [])
  let found = try call.weights(names.map { ([$0], shape) })
  return .layerNormalization(
    LayerNormalization(
      axes: axes.count, gamma: hasGamma ? found[0] : nil, beta: hasBeta ? found[found.count - 1] : nil,
      epsilon: epsilon))
}
