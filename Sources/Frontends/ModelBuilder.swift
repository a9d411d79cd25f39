import Diagnostics
import Model

/// Builds a `Model` layer by layer: what every frontend needs and none does alone. Names are made unique, channels-first
/// tensors are brought to channels last and back, layers that no output depends on are dropped, and problems are collected
/// so that all are reported at once.
///
/// A frontend adds inputs and layers in an order in which each stands after what it reads, and calls `model` at the end.
final class ModelBuilder {
  /// What is wrong with the model so far.
  var problems = Problems()
  /// See `Model.isQuantized`.
  var isQuantized = false
  private(set) var layers: [Layer] = []
  private var names: Set<String> = []
  /// The next number to try behind a name that is taken.
  private var numbered: [String: Int] = [:]
  /// Permutations already made, by whether they move the channels to the end or back and by what they permute: see `Tensor`.
  /// (The same result may be one tensor's channels last and, transposed, another one's in its own order.)
  private var permuted: [Bool: [LayerResult: LayerResult]] = [:]

  /// The most elements a tensor of a model may have.
  static let elementLimit = 1 << 27

  // MARK: Layers

  /// Adds a model input.
  func input(
    _ name: String, shape: [Int], integerType: IntegerType? = nil, source: SourceNames? = nil, origin: Origin
  ) -> Tensor {
    add(.input(integerType: integerType), name, source: source, reading: [], shape: shape, origin: origin)
  }

  /// Adds a layer of one result.
  ///
  /// - Parameters:
  ///   - name: its owner's name; a number comes behind it where that is taken.
  ///   - path: the names of the models it is nested in, the innermost last: that comes before the name before numbers do.
  ///   - source: what its source calls it.
  ///   - inputs: what it reads, in the layout its kind works on (`plain` or `moved`).
  ///   - shape: the shape of its result, as the layer holds it.
  ///   - isMoved: whether the result's channels are at the end although the source has them first.
  func add(
    _ kind: LayerKind, _ name: String, within path: [String] = [], source: SourceNames? = nil,
    reading inputs: [Tensor], shape: [Int], isMoved: Bool = false, origin: Origin
  ) -> Tensor {
    let results = add(
      kind, name, within: path, source: source, reading: inputs, shapes: [shape], origin: origin)
    return Tensor(results[0].value, storedShape: shape, isMoved: isMoved)
  }

  /// Adds a layer of several results; see the other `add`.
  func add(
    _ kind: LayerKind, _ name: String, within path: [String] = [], source: SourceNames? = nil,
    reading inputs: [Tensor], shapes: [[Int]], origin: Origin
  ) -> [Tensor] {
    let name = uniqueName(name, within: path)
    names.insert(name)
    layers.append(
      Layer(
        name: name, kind: kind, source: source, inputs: inputs.map(\.value), outputShapes: shapes,
        origin: origin))
    return shapes.enumerated().map { Tensor(LayerResult(layers.count - 1, $0), storedShape: $1) }
  }

  /// Gives the layer that computes a tensor another name.
  func rename(_ tensor: Tensor, _ name: String, within path: [String]) {
    guard layers.indices.contains(tensor.value.layer) else { return }
    names.remove(layers[tensor.value.layer].name)
    layers[tensor.value.layer].name = uniqueName(name, within: path)
    names.insert(layers[tensor.value.layer].name)
  }

  /// The name of the layer that computes a tensor; nil behind a problem.
  func name(of tensor: Tensor) -> String? { layer(of: tensor)?.name }

  /// The layer that computes a tensor; nil behind a problem.
  func layer(of tensor: Tensor) -> Layer? {
    layers.indices.contains(tensor.value.layer) ? layers[tensor.value.layer] : nil
  }

  /// Gives a layer another kind, where nothing but the tensor at hand depends on it: a bias joins its matrix.
  func change(_ tensor: Tensor, to kind: LayerKind) { layers[tensor.value.layer].kind = kind }

  /// The owner's name; where that is taken (a nested model, another call), with the nested model's name
  /// before it or a number behind it.
  private func uniqueName(_ name: String, within path: [String]) -> String {
    if !names.contains(name) { return name }
    let stem = path.last.map { "\($0)_\(name)" } ?? name
    if !names.contains(stem) { return stem }
    var number = numbered[stem, default: 1]
    while names.contains("\(stem)_\(number)") { number += 1 }
    numbered[stem] = number + 1
    return "\(stem)_\(number)"
  }

  // MARK: Layout

  /// The tensor with its axes as the source has them.
  func plain(_ tensor: Tensor) -> Tensor { tensor.isMoved ? permute(tensor, toMoved: false) : tensor }

  /// The tensor with its first axis moved to the end.
  func moved(_ tensor: Tensor) -> Tensor { tensor.isMoved ? tensor : permute(tensor, toMoved: true) }

  private func permute(_ tensor: Tensor, toMoved: Bool) -> Tensor {
    let rank = tensor.shape.count
    var result = tensor
    result.isMoved = toMoved
    if let known = permuted[toMoved]?[tensor.value] {
      result.value = known
      return result
    }
    // A tensor behind a layer with a problem: no model will come of it.
    guard let source = layer(of: tensor), source.outputShapes[tensor.value.result] == tensor.storedShape
    else {
      return result
    }
    let order = toMoved ? Array(1..<rank) + [0] : [rank - 1] + Array(0..<(rank - 1))
    result.value =
      add(
        .permute(order: order), "\(source.name)_\(toMoved ? "channels_last" : "channels_first")",
        source: SourceNames("Permute"), reading: [tensor], shape: result.storedShape, origin: source.origin
      ).value
    permuted[toMoved, default: [:]][tensor.value] = result.value
    permuted[!toMoved, default: [:]][result.value] = tensor.value
    return result
  }

  // MARK: The end

  /// The model of the layers that its outputs depend on, and of all its inputs.
  ///
  /// - Throws: `badInput` with every problem there is.
  func model(_ name: String, inputs: [Tensor], outputs: [Tensor]) throws(Failure) -> Model {
    try problems.check()
    let outputs = outputs.map { plain($0) }
    var isUsed = [Bool](repeating: false, count: layers.count)
    for tensor in inputs + outputs { isUsed[tensor.value.layer] = true }
    for index in layers.indices.reversed() where isUsed[index] {
      for input in layers[index].inputs { isUsed[input.layer] = true }
    }
    var position: [Int: Int] = [:]
    func place(_ result: LayerResult) -> LayerResult? {
      position[result.layer].map { LayerResult($0, result.result) }
    }
    var kept: [Layer] = []
    for index in layers.indices where isUsed[index] {
      position[index] = kept.count
      var layer = layers[index]
      layer.inputs = layer.inputs.compactMap(place)
      kept.append(layer)
    }
    return Model(
      name: name, layers: kept, inputs: inputs.compactMap { position[$0.value.layer] },
      outputs: outputs.compactMap { place($0.value) }, isQuantized: isQuantized)
  }

  // MARK: Checks

  /// What is wrong with a shape: empty, or absurdly large. Nil for a good one.
  static func problem(with shape: [Int]) -> String? {
    guard shape.allSatisfy({ $0 > 0 }) else { return "the output shape \(shape) is empty" }
    return Saturating.product(shape) <= elementLimit
      ? nil : "the shape \(shape) has more than \(elementLimit) elements"
  }
}

/// A tensor of 1 and 0 that says which steps of another one count.
struct SequenceMask: Hashable {
  var value: LayerResult
  var shape: [Int]

  var tensor: Tensor { Tensor(value, storedShape: shape) }
}

/// A tensor of the source model while a model is built.
///
/// Layers of ours work on channels last. A channels-first layer's input is permuted, and its result stays
/// channels last for as long as only layers read it that do not care (`isMoved`); for any other reader it is
/// permuted back. So channels-first models need no change of weights, and their inputs and outputs keep the
/// shapes their owner gave them.
struct Tensor {
  /// Which result of which layer it is.
  var value: LayerResult
  /// Its shape as the source sees it, without the batch.
  var shape: [Int]
  /// Whether the layer holds it with its first axis, the channels, moved to the end.
  var isMoved = false
  /// Which of its steps count, where Keras keeps that beside the data.
  var mask: SequenceMask?

  /// Its shape as the layer holds it.
  var storedShape: [Int] { isMoved ? Array(shape.dropFirst()) + shape.prefix(1) : shape }

  /// The tensor that a layer holds in a shape.
  init(_ value: LayerResult, storedShape: [Int], isMoved: Bool = false) {
    self.value = value
    self.isMoved = isMoved
    shape = isMoved ? storedShape.suffix(1) + Array(storedShape.dropLast()) : storedShape
  }

  /// What a layer with a problem would have given: the layers behind it can still be checked.
  static func unknown(storedShape: [Int], isMoved: Bool = false) -> Tensor {
    Tensor(LayerResult(-1), storedShape: storedShape, isMoved: isMoved)
  }

  /// The axis, as the layer holds it, of an axis of the source.
  func storedAxis(_ axis: Int) -> Int { isMoved ? (axis == 0 ? shape.count - 1 : axis - 1) : axis }
}
