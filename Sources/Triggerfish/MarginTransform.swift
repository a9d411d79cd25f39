import Diagnostics
import Model

/// What may be computed behind the margins of trees.
public enum MarginTransform: String, CaseIterable, Sendable {
  /// 1 / (1 + e^−margin) of every margin.
  case logistic
  /// The softmax of all margins.
  case softmax
}

extension Model {
  /// This model with a function behind its margins.
  ///
  /// - Throws: `usage` where the outputs are no margins of trees, or training put something else behind them.
  func with(_ transform: MarginTransform) throws(Failure) -> Model {
    let option = "--transform \(transform.rawValue)"
    guard let trees = layers.lastIndex(where: { $0.kind.ensemble != nil }),
      let ensemble = layers[trees].kind.ensemble
    else {
      throw Failure(
        .usage, file: layers.first?.origin.file, "\(option): the model has no trees",
        hint: "it is what stands behind the margins of trees; leave it out")
    }
    func refuse(_ message: String, hint: String? = nil) -> Failure {
      Failure(.usage, file: layers[trees].origin.file, "\(option): \(message)", hint: hint)
    }
    guard outputs == [LayerResult(trees)] else { throw refuse("the margins of the trees are not the output") }
    switch (ensemble.transform, transform) {
    case (.logistic, .softmax):
      throw refuse(
        "training put the logistic function behind the margins", hint: "--transform logistic")
    case (.softmax, .logistic):
      throw refuse("training put the softmax behind the margins", hint: "--transform softmax")
    case (.other(let what), _):
      throw refuse("\(what): there is no such function behind these margins", hint: "leave it out")
    case (.unknown, .softmax) where ensemble.outputs == 1:
      throw refuse("the softmax of one margin is 1", hint: "--transform logistic")
    case (.logistic, .logistic), (.softmax, .softmax), (.unknown, _): break
    }
    var model = self
    let names = Set(layers.map(\.name))
    let name = transform.rawValue
    model.layers.append(
      Layer(
        name: names.contains(name) ? "\(layers[trees].name)_\(name)" : name,
        kind: .activation(transform == .logistic ? .sigmoid : .softmax(axis: 0)),
        source: SourceNames(transform == .logistic ? "Logistic" : "Softmax"), inputs: [LayerResult(trees)],
        outputShape: layers[trees].outputShape, origin: layers[trees].origin))
    model.outputs = [LayerResult(model.layers.count - 1)]
    return model
  }
}
