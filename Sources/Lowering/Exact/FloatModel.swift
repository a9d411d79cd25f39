import Diagnostics
import Model

/// The model in double precision: what the framework computes, up to its float32 rounding.
///
/// It is where ranges are seen and what agreement is measured against; no result is derived from it.
struct FloatModel {
  /// Layers with one thing each (`Model.splitActivations`).
  let model: Model
  private let plans: [FloatLayer]

  /// - Throws: where a quantizer's alpha does not match its weights.
  init(_ model: Model) throws(Failure) {
    self.model = model
    var plans: [FloatLayer] = []
    for layer in model.layers {
      plans.append(try FloatLayer(layer, inputs: layer.inputs.map { model.layers[$0].outputShape }))
    }
    self.plans = plans
  }

  /// The number of multiplications of one event, roughly.
  var cost: Int { plans.map(\.cost).reduce(0, +) }

  /// Every layer's result for one event: `inputs` in the model's order.
  func evaluate(_ inputs: [[Double]]) -> [[Double]] {
    var values: [[Double]] = []
    values.reserveCapacity(plans.count)
    for (index, plan) in plans.enumerated() {
      if let slot = model.inputs.firstIndex(of: index) {
        values.append(inputs[slot])
      } else {
        values.append(plan.evaluate(model.layers[index].inputs.map { values[$0] }))
      }
    }
    return values
  }

  /// The smallest and largest result of every layer over events; zero is always among them.
  func ranges(_ events: [[[Double]]]) -> [ClosedRange<Double>] {
    var ranges = model.layers.map { _ in 0.0...0.0 }
    for event in events {
      for (index, all) in evaluate(event).enumerated() {
        let values = all.filter(\.isFinite)
        let low = min(ranges[index].lowerBound, values.min() ?? 0)
        ranges[index] = low...max(ranges[index].upperBound, values.max() ?? 0)
      }
    }
    return ranges
  }
}
