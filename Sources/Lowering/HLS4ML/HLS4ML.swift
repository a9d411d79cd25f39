import Configuration
import Diagnostics
import Model
import Program

/// Lowers a model under the `hls4ml` policy: with the same configuration, the same bits as the C simulation of
/// hls4ml 1.3.0's Vitis backend (its Vivado backend computes the same).
///
/// Models of trees, which hls4ml does not have, are lowered as conifer does (`lowerAsConifer`).
///
/// Where hls4ml cannot compute a model or computes something undefined, this does what the model says and adds
/// a warning, or refuses it. docs/hls4ml.md lists these places.
///
/// - Parameters:
///   - limits: how much the program may need.
///   - observe: called after every rewriting of the graph, with the pass's name and what prints the graph.
/// - Throws: `Failure(.badInput)` with every layer that cannot be lowered.
public func lowerAsHLS4ML(
  _ model: Model, _ configuration: Configuration, treeReuse: Int = 1, limits: WorkLimits = WorkLimits(),
  observe: (String, () -> String) -> Void = { _, _ in }
) throws(Failure) -> Lowered {
  if model.layers.contains(where: { $0.kind.ensemble != nil }) {
    return try lowerAsConifer(
      model, configuration, treeReuse: treeReuse, limits: limits, observe: observe)
  }
  guard model.framework != .torch else {
    throw Failure(
      .badInput, file: model.layers.first?.origin.file,
      "hls4ml 1.3.0 does not read PyTorch's exported programs, so there are no numerics of its for one",
      hint:
        "--numerics exact computes the model; of an ONNX export hls4ml's numerics are known (torch.onnx.export)"
    )
  }
  var graph = try HLSGraphBuilder.build(model, configuration)
  try configuration.checkBitExact(graph)
  observe("build") { graph.description }
  if !configuration.isWritten {
    try HLSPipeline.run(&graph) { (name, graph) in observe(name) { graph.description } }
  }
  guard graph.problems.isEmpty else { throw Failure(.badInput, graph.problems) }
  let emitted = try HLSEmitter.emit(graph, limits)
  graph.warnings += emitted.warnings
  if !configuration.isWritten { graph.warnings += configuration.unknownLayers(names: graph.names) }
  var layers = graph.layers.map(LoweredLayer.init)
  for index in layers.indices {
    layers[index].weights = emitted.weightFits[layers[index].name] ?? []
    layers[index].coarseTables = emitted.coarseTables[layers[index].name] ?? []
  }
  return Lowered(
    program: emitted.builder.program, layers: layers, warnings: graph.warnings,
    inputOrigins: model.inputs.map { _ in .given })
}

extension Configuration {
  /// Refuses a `BitExact` that asks for something else than is done: types follow from the quantizers where a model has
  /// quantizers of fixed point, as HGQ's do, and from the configuration elsewhere.
  fileprivate func checkBitExact(_ graph: HLSGraph) throws(Failure) {
    guard let bitExact, !isWritten else { return }
    let isDerived = graph.layers.contains { if case .fixedQuantizer = $0.kind { true } else { false } }
    if bitExact == isDerived { return }
    throw Failure(
      .badInput,
      [
        Diagnostic(
          file: file, place: bitExactPlace,
          bitExact
            ? "BitExact: types are derived from HGQ's quantizers of fixed point, of which this model has none"
            : "BitExact: the types of this model follow from its quantizers of fixed point, and from nothing else",
          hint: bitExact
            ? "--numerics exact derives formats for any model, and computes what the model computes"
            : "leave it out")
      ])
  }
}

extension LoweredLayer {
  fileprivate init(_ layer: HLSLayer) {
    self.init(
      name: layer.name, className: layer.className, shape: layer.shape, inputs: layer.inputs,
      formats: HLSRole.allCases.compactMap { role in
        layer.types[role]?.format.map { TensorFormat(role.rawValue, $0) }
      })
    value = layer.value
    // One for the largest and zero for the others is no softmax; nor is it wrong: the largest is the same.
    if case .softmax(let softmax) = layer.kind {
      isSoftmax = true
      if softmax.implementation == .argmax { value = nil }
    }
    isSign = layer.result == .xnor
    if case .batchNormalization = layer.kind {
      // One way to lay out its multipliers; the reuse factor limits them.
      strategy = .latency
      (requestedReuseFactor, reuseFactor) = (layer.reuseFactor, layer.reuseFactor)
    }
    guard layer.kind.isAffine else { return }
    strategy = layer.strategy
    requestedReuseFactor = layer.reuseFactor
    reuseFactor = layer.resolvedReuseFactor
  }
}
