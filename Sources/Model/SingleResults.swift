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
      if case .recurrent(let recurrent) = layer.kind, layer.outputShapes.count > 1 {
        places.append(result.open(recurrent, layer, &names))
        continue
      }
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

extension Model {
  /// Adds a recurrent layer of several results as one with all its states after every step, and layers that pick from them; gives
  /// the results.
  fileprivate mutating func open(_ recurrent: Recurrent, _ layer: Layer, _ names: inout Set<String>)
    -> [LayerResult]
  {
    let steps = shape(of: layer.inputs[0])[0]
    let lengths = recurrent.stateLengths
    var opened = recurrent
    opened.isOpened = true
    var all = layer
    all.kind = .recurrent(opened)
    all.outputShapes = [[steps, lengths.reduce(0, +)]]
    let whole = LayerResult(layers.count)
    layers.append(all)
    /// For every state the pass it belongs to, where it stands, and whether it is the pass's result.
    var states: [(pass: Int, columns: Range<Int>, isResult: Bool)] = []
    for (number, pass) in recurrent.passes.enumerated() {
      for place in pass.cell.states.indices {
        let start = states.last?.columns.upperBound ?? 0
        states.append((number, start..<start + pass.units, place == 0))
      }
    }
    func last(_ pass: Int) -> Int {
      let pass = recurrent.passes[pass]
      return pass.isReversed && !pass.keepsReversedOrder ? 0 : steps - 1
    }
    var results: [LayerResult] = []
    func pick(_ parts: [(columns: Range<Int>, step: Int?)], into model: inout Model) {
      let number = results.count
      func add(_ kind: LayerKind, _ suffix: String, _ inputs: [LayerResult], _ shape: [Int]) -> LayerResult {
        var name = "\(layer.name)_\(number + 1)\(suffix)"
        while !names.insert(name).inserted { name += "_part" }
        model.layers.append(
          Layer(
            name: name, kind: kind, source: layer.source, inputs: inputs, outputShape: shape,
            origin: layer.origin))
        return LayerResult(model.layers.count - 1)
      }
      let shape = layer.outputShapes[number]
      let pieces = parts.enumerated().map { part, piece -> LayerResult in
        let suffix = parts.count > 1 ? "_pass\(part + 1)" : ""
        let rows = add(
          .gather(indices: [piece.step.map { [$0] }, Array(piece.columns)]),
          suffix + (piece.step == nil ? "" : "_step"),
          [whole], [piece.step == nil ? steps : 1, piece.columns.count])
        return piece.step == nil ? rows : add(.reshape, suffix, [rows], [piece.columns.count])
      }
      let joint: LayerKind
      if case .elementwise(let merge) = recurrent.merge {
        joint = .merge(merge)
      } else {
        joint = .concatenate(axis: shape.count - 1)
      }
      results.append(pieces.count == 1 ? pieces[0] : add(joint, "", pieces, shape))
    }
    let passes = states.filter(\.isResult).map { state in
      (state.columns, recurrent.returnsSequences ? nil : last(state.pass))
    }
    if recurrent.merge == nil {
      for pass in passes { pick([pass], into: &self) }
    } else {
      pick(passes, into: &self)
    }
    if recurrent.returnsStates {
      for state in states { pick([(state.columns, last(state.pass))], into: &self) }
    }
    return results
  }
}

extension Layer {
  /// The layers it reads, as indices into `Model.layers`. In a model with single results these are what it reads.
  public var sources: [Int] { inputs.map(\.layer) }
}
