import Diagnostics

extension Model {
  /// Refuses a model that asks for more than the limits: counted from its shapes, before anything is computed.
  ///
  /// - Throws: `badInput`: every layer that alone is over a limit; where none is, the largest of those that are over it
  ///   together.
  public func checkWork(_ limits: WorkLimits) throws(Failure) {
    var problems: [Diagnostic] = []
    for kind in WorkLimits.Kind.allCases {
      let counts = layers.map { $0.work(kind, inputs: inputShapes(of: $0)) }
      let hint = WorkLimits.hint(kind)
      for (layer, count) in zip(layers, counts) {
        guard let excess = limits.excess(kind, count) else { continue }
        problems.append(layer.problem("needs \(excess)", hint: hint))
      }
      let total = Saturating.sum(counts)
      guard counts.allSatisfy({ $0 <= limits[kind] }), let excess = limits.excess(kind, total),
        let largest = counts.indices.max(by: { counts[$0] < counts[$1] })
      else { continue }
      problems.append(
        layers[largest].problem(
          "the largest of \(layers.count) layers that together need \(excess)", hint: hint))
    }
    guard problems.isEmpty else { throw Failure(.badInput, problems) }
  }
}

extension Layer {
  fileprivate func problem(_ message: String, hint: String) -> Diagnostic {
    Diagnostic(
      file: origin.file, place: origin.path, "layer '\(name)' (\(className)): \(message)", hint: hint)
  }

  /// How much of a kind the layer needs at least.
  fileprivate func work(_ kind: WorkLimits.Kind, inputs: [[Int]]) -> Int {
    switch kind {
    case .words: Saturating.sum(outputShapes.map { Saturating.product($0) })
    case .windowWords: windowWords(inputs.first ?? [])
    case .constants: Saturating.sum(self.kind.weights.map(\.values.count))
    }
  }

  private func windowWords(_ input: [Int]) -> Int {
    let positions = outputShape.dropLast()
    let channels = input.suffix(1)
    func seen(_ convolution: Convolution) -> Int {
      Saturating.product(positions + convolution.kernel.shape.prefix(positions.count) + channels)
    }
    switch kind {
    case .pooling(let pooling): return Saturating.product(positions + pooling.size + channels)
    case .convolution(let convolution): return seen(convolution)
    case .separableConvolution(let depthwise, let pointwise):
      let between = depthwise.kernel.shape.suffix(2)
      return Saturating.sum([
        seen(depthwise),
        Saturating.product(positions + pointwise.kernel.shape.prefix(positions.count) + between),
      ])
    default: return 0
    }
  }
}
