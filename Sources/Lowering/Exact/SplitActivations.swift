import Diagnostics
import Model

extension Model {
  /// The same model with one thing per layer: an activation inside a layer becomes a layer of its own, named
  /// `<layer>_<activation>`, a separable convolution becomes its depthwise and its pointwise part, and a GarNet what it is made
  /// of.
  func splitActivations() -> Model { split().model }

  /// `splitActivations`, and which tensor of this model each layer of the result computes.
  func split() -> (model: Model, values: [ModelValue]) {
    var values: [ModelValue] = []
    var result = Model(name: name, layers: [], inputs: [], outputs: [], isQuantized: isQuantized)
    var names = Set(layers.map(\.name))
    /// Where each layer's result is in the new model.
    var places: [Int] = []
    func append(
      _ kind: LayerKind, _ layer: Layer, name: String, className: String, inputs: [Int], shape: [Int],
      _ part: ModelValue.Part
    ) {
      values.append(ModelValue(places.count, part))
      result.layers.append(
        Layer(
          name: name, kind: kind, source: SourceNames(className), inputs: inputs.map { LayerResult($0) },
          outputShape: shape, origin: layer.origin))
    }
    for layer in layers {
      let inputs = layer.sources.map { places[$0] }
      if case .garNet(let net) = layer.kind {
        let parts = GarNetParts(net, shape: layers[layer.sources[0]].outputShape).parts
        let first = result.layers.count
        for (index, part) in parts.enumerated() {
          let isLast = index == parts.count - 1
          let sources = part.inputs.map { source in
            switch source {
            case .vertices: inputs[0]
            case .count: inputs[1]
            case .part(let number): first + number
            }
          }
          append(
            part.kind, layer, name: isLast ? layer.name : names.insertUnique("\(layer.name)_\(part.name)"),
            className: layer.className, inputs: sources, shape: part.shape, isLast ? .result : .inside(index))
        }
        places.append(result.layers.count - 1)
        continue
      }
      var kind = layer.kind
      kind.activation = .linear
      let activation = layer.kind.activation ?? .linear
      var last = inputs
      if case .separableConvolution(let depthwise, let pointwise) = kind {
        let channels = depthwise.kernel.shape.suffix(2).reduce(1, *)
        let positions = layer.outputShape.dropLast()
        append(
          .convolution(depthwise), layer, name: names.insertUnique("\(layer.name)_depthwise"),
          className: "DepthwiseConv",
          inputs: inputs, shape: positions + [channels], .depthwise)
        last = [result.layers.count - 1]
        kind = .convolution(pointwise)
      }
      append(
        kind, layer, name: layer.name, className: layer.className, inputs: last, shape: layer.outputShape,
        activation == .linear ? .result : .sums)
      if activation != .linear {
        append(
          .activation(activation), layer,
          name: names.insertUnique("\(layer.name)_\(layer.source?.activationName ?? "activation")"),
          className: "Activation", inputs: [result.layers.count - 1], shape: layer.outputShape, .result)
      }
      places.append(result.layers.count - 1)
    }
    result.inputs = self.inputs.map { places[$0] }
    result.outputs = self.outputs.map { LayerResult(places[$0.layer]) }
    return (result, values)
  }
}

extension Model {
  /// For every layer, the layers that read it.
  var consumers: [[Int]] {
    var consumers = [[Int]](repeating: [], count: layers.count)
    for (index, layer) in layers.enumerated() {
      for input in layer.sources { consumers[input].append(index) }
    }
    return consumers
  }

  /// Whether a result of a layer is one of the model's outputs.
  func isOutput(_ layer: Int) -> Bool { outputs.contains { $0.layer == layer } }
}
