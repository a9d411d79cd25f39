import Configuration
import Diagnostics
import FixedPoint
import Model
import Program

/// Lowers a model of trees as conifer's C++ does (1.11, backend cpp): inputs and thresholds cast to one type, leaves and base to the
/// scores' type, leaves added one by one in the order of the trees and cast after every addition.
///
/// - Throws: `badInput` for a model that is not an input and an ensemble, or types conifer does not take.
func lowerAsConifer(
  _ model: Model, _ configuration: Configuration, treeReuse: Int, limits: WorkLimits,
  observe: (String, () -> String) -> Void
) throws(Failure) -> Lowered {
  guard model.layers.count == 2, let layer = model.layers.last, case .ensemble(let ensemble) = layer.kind
  else {
    throw Failure(
      .badInput, file: model.layers.first?.origin.file,
      "the configuration's numerics are conifer's, which knows trees alone, and the model has other layers too",
      hint: "--numerics exact")
  }
  let types = try configuration.coniferTypes()
  var options = ExactOptions()
  options.limits = limits
  options.treeReuse = treeReuse
  var builder = ExactBuilder(name: model.name, options, isQuantized: true)
  var problems = Problems(layer)
  for tree in ensemble.trees {
    for node in tree.nodes {
      switch node.test {
      case .less, .lessOrEqual: break
      case .equal: problems.add("a split by equality")
      case .member: problems.add("a split by categories")
      }
    }
    if tree.outputs.count > 1 { problems.add("leaves of several numbers") }
  }
  try problems.check()

  builder.begin(model.layers[0])
  let x = builder.input(model.layers[0].name, ValueType([ensemble.features], types.threshold))
  builder.end(x)
  builder.begin(layer)
  // conifer multiplies every event by a row of weights; where these are a single 1 that changes nothing.
  var trees = ensemble
  var numbers = x
  let one = types.weight.quantize(1)
  if !ensemble.projections.isEmpty || types.weight.value(of: one) != 1 {
    let rows = (0..<ensemble.features).map { feature in
      (0..<ensemble.features).map { $0 == feature ? 1.0 : 0 }
    }
    let all = rows + ensemble.projections
    let weights = FixedTensor(
      shape: [ensemble.features, all.count], format: types.weight.with(.trn, .wrap),
      words: (0..<ensemble.features).flatMap { feature in all.map { types.weight.quantize($0[feature]) } })
    let none = FixedTensor(
      shape: [all.count], format: .integer(1, signed: false), words: Array(repeating: 0, count: all.count))
    numbers = try builder.add(
      .affine(Affine(product: nil, accumulator: types.threshold)), x, builder.constant(weights, "weight"),
      builder.constant(none, "bias"), named: "projections")
  }
  // Thresholds are cast to the type: what is compared is words.
  for index in trees.trees.indices {
    for place in trees.trees[index].nodes.indices {
      func cast(_ threshold: Double) -> Double {
        types.threshold.value(of: types.threshold.quantize(threshold))
      }
      switch trees.trees[index].nodes[place].test {
      case .less(let threshold): trees.trees[index].nodes[place].test = .less(cast(threshold))
      case .lessOrEqual(let threshold): trees.trees[index].nodes[place].test = .lessOrEqual(cast(threshold))
      case .equal, .member: break
      }
      trees.trees[index].nodes[place].zeroIsMissing = false
    }
  }
  let format = builder.format(numbers)
  let words = WordTrees(
    trees, format: format,
    range: Array(
      repeating: format.minRaw...format.maxRaw, count: ensemble.features + ensemble.projections.count),
    missing: nil)
  var sums = try builder.margins(
    trees, words, numbers, values: ensemble.trees.map { $0.leaves.map { types.score.quantize($0) } },
    base: ensemble.base.map { types.score.quantize($0) }, format: types.score, baseFormat: types.score,
    accumulator: types.score, order: .sequential)
  let norm = types.score.quantize(ensemble.scale)
  if types.score.value(of: norm) != 1 {
    let factor = FixedTensor(shape: [1], format: types.score.with(.trn, .wrap), words: [norm])
    let product = try builder.add(
      .elementwise(.multiply), sums, builder.constant(factor, "norm"), named: "normalized")
    sums = try builder.requantize(product, types.score)
  }
  builder.end(sums)
  builder.output(sums)
  let program = builder.builder.program
  observe("trees") { program.description }
  return Lowered(
    program: program, layers: program.loweredLayers(of: model), warnings: builder.notes,
    inputOrigins: [.given])
}

/// What conifer does not read, each once.
private struct Problems {
  private let layer: Layer
  private var found: [String] = []

  init(_ layer: Layer) { self.layer = layer }

  mutating func add(_ what: String) { if !found.contains(what) { found.append(what) } }

  func check() throws(Failure) {
    guard !found.isEmpty else { return }
    throw Failure(
      .badInput,
      found.map { Diagnostic(layer, "\($0): conifer has none", hint: "--numerics exact computes it") })
  }
}
