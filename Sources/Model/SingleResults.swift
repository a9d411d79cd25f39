extension Model {
  /// The same model with one result per layer: of a layer that has several, each becomes a layer of its own that picks its
  /// elements, `<layer>_<number>`. Lowering sees models in this form only.
  public func withSingleResults() -> Model {
    guard layers.contains(where: { $0.outputShapes.count > 1 }) else { return self }
    var result = self
    result.layers = []
    var names = Set(layers.map(\.name))
    /// Where each result of each layer is now.
    var places: [[LayerResult]] = []
    func place(_ result: LayerResult) -> LayerResult { places[result.layer][result.result] }
    for var layer in layers {
      layer.inputs = layer.inputs.map(place)
      guard case .split(let axis, let lengths) = layer.kind, let source = layer.inputs.first else {
        places.append([LayerResult(result.layers.count)])
        result.layers.append(layer)
        continue
      }
      var start = 0
      var parts: [LayerResult] = []
      for (number, length) in lengths.enumerated() {
        var indices = [[Int]?](repeating: nil, count: result.shape(of: source).count)
        indices[axis] = Array(start..<start + length)
        start += length
        var name = "\(layer.name)_\(number + 1)"
        while !names.insert(name).inserted { name += "_part" }
        parts.append(LayerResult(result.layers.count))
        result.layers.append(
          Layer(
            name: name, kind: .gather(indices: indices), source: layer.source, inputs: layer.inputs,
            outputShape: layer.outputShapes[number], origin: layer.origin))
      }
      places.append(parts)
    }
    result.inputs = inputs.map { places[$0][0].layer }
    result.outputs = outputs.map(place)
    return result
  }
}

extension Layer {
  /// The layers it reads, as indices into `Model.layers`. In a model with single results these are what it reads.
  public var sources: [Int] { inputs.map(\.layer) }
}
