import Diagnostics
import FixedPoint
import Model

/// The model in double precision: what the framework computes, up to its float32 rounding.
///
/// It is where ranges are seen and what programs are compared with; no result is derived from it.
public struct FloatModel: Sendable {
  /// Layers with one thing each (`Model.splitActivations`).
  let model: Model
  /// Which of `model`'s layers computes a tensor of the model that was given.
  private let places: [ModelValue: Int]
  private let plans: [FloatLayer]

  /// - Throws: where a quantizer's alpha does not match its weights.
  public init(_ model: Model) throws(Failure) {
    let split = model.withSingleResults().split()
    self.model = split.model
    places = Dictionary(split.values.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    var plans: [FloatLayer] = []
    for layer in split.model.layers {
      plans.append(
        try FloatLayer(layer, inputs: split.model.inputShapes(of: layer)))
    }
    self.plans = plans
  }

  /// The number of multiplications of one event, roughly.
  public var cost: Int { plans.map(\.cost).reduce(0, +) }

  /// The tensors that are the model's inputs, in its order.
  public var inputs: [ModelTensor] { model.inputs.map(ModelTensor.init) }

  /// The tensors that are the model's outputs, in its order.
  public var outputs: [ModelTensor] { model.outputs.map { ModelTensor($0.layer) } }

  /// A tensor by what it is; nil where the model has none.
  public func tensor(_ value: ModelValue) -> ModelTensor? { places[value].map(ModelTensor.init) }

  /// The format that a tensor's own quantizer converts to; nil where it has none, or one that no format is equal to.
  public func quantizerFormat(of tensor: ModelTensor) -> FixedFormat? {
    guard case .activation(.quantizer(let quantizer)) = model.layers[tensor.index].kind else { return nil }
    return FixedFormat(quantizer)
  }

  /// Every layer's result for one event: `inputs` in the model's order.
  func evaluate(_ inputs: [[Double]]) -> [[Double]] {
    var values: [[Double]] = []
    values.reserveCapacity(plans.count)
    for (index, plan) in plans.enumerated() {
      if let slot = model.inputs.firstIndex(of: index) {
        values.append(inputs[slot])
      } else {
        values.append(plan.evaluate(model.layers[index].sources.map { values[$0] }))
      }
    }
    return values
  }

  /// Some tensors of one event, computed from others; only what they need is computed.
  ///
  /// - Parameters:
  ///   - wanted: the tensors.
  ///   - given: numbers of tensors, which are taken as they are. All inputs that `wanted` needs must follow from them.
  /// - Returns: the numbers of `wanted`, in its order.
  public func evaluate(_ wanted: [ModelTensor], given: [ModelTensor: [Double]]) -> [[Double]] {
    var values = [[Double]?](repeating: nil, count: plans.count)
    for (tensor, numbers) in given { values[tensor.index] = numbers }
    // Layers come after what they read: mark backward what is needed, then compute forward.
    var isNeeded = [Bool](repeating: false, count: plans.count)
    for tensor in wanted { isNeeded[tensor.index] = true }
    for index in plans.indices.reversed() where isNeeded[index] && values[index] == nil {
      for input in model.layers[index].sources { isNeeded[input] = true }
    }
    for index in plans.indices where isNeeded[index] && values[index] == nil {
      values[index] = plans[index].evaluate(model.layers[index].sources.map { values[$0] ?? [] })
    }
    return wanted.map { values[$0.index] ?? [] }
  }

  /// The result of a layer's own computation on what it reads in `given`, whatever `given` says its result is.
  public func recomputed(_ tensor: ModelTensor, given: [ModelTensor: [Double]]) -> [Double] {
    var others = given
    others[tensor] = nil
    return evaluate([tensor], given: others)[0]
  }

  /// The smallest and largest result of every layer over events, and of every state of those that have states; zero is always
  /// among them.
  func ranges(_ events: [[[Double]]]) -> [LayerRange] {
    var ranges = model.layers.map { _ in LayerRange(result: 0.0...0.0) }
    for event in events {
      let results = evaluate(event)
      for (index, all) in results.enumerated() {
        let values = all.filter(\.isFinite)
        ranges[index].result = ranges[index].result.reaching((values.min() ?? 0)...(values.max() ?? 0))
        let states = plans[index].stateRanges(model.layers[index].sources.map { results[$0] })
        if ranges[index].states.isEmpty {
          ranges[index].states = states
        } else {
          ranges[index].states = zip(ranges[index].states, states).map { $0.reaching($1) }
        }
      }
    }
    return ranges
  }
}

/// The numbers a layer has on some events.
struct LayerRange: Sendable {
  /// Its results.
  var result: ClosedRange<Double>
  /// Every state of a recurrent layer, pass by pass.
  var states: [ClosedRange<Double>] = []

  /// The same with everything farther from zero.
  func widened(by margin: Double) -> LayerRange {
    func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
      (range.lowerBound * margin)...(range.upperBound * margin)
    }
    return LayerRange(result: widened(result), states: states.map(widened))
  }
}

extension ClosedRange<Double> {
  fileprivate func reaching(_ other: ClosedRange<Double>) -> ClosedRange<Double> {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}

/// Names a tensor of a `FloatModel`, in order of computation.
public struct ModelTensor: Hashable, Comparable, Sendable {
  let index: Int

  init(_ index: Int) { self.index = index }

  /// Orders tensors by when they are computed.
  public static func < (a: ModelTensor, b: ModelTensor) -> Bool { a.index < b.index }
}
