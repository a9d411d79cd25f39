import Diagnostics

/// The flows of hls4ml's Vitis backend, in its order (model/optimizer/__init__.py, vivado_backend.py,
/// vitis_backend.py). Passes that change neither bits nor names are left out.
enum HLSPipeline {
  static let flows: [HLSFlow] = [
    HLSFlow(name: "parse_qonnx", passes: [.moveScales]),
    HLSFlow(
      name: "convert",
      passes: [
        .removeNopTranspose,
        .factorizeAlpha,
        .extractTernaryThreshold,
        .fuseConsecutiveBatchNormalization,
        .fuseBatchNormalization,
        .denseToConvolution,
        .bitExact,
        .fuseFixedQuantizer,
        .fixInputPrecision,
        .eliminateLinearActivation,
        .mergeLinearActivation,
        .inferPrecision,
      ]),
    HLSFlow(name: "optimize", passes: [.removeNopBatchNormalization]),
    HLSFlow(name: "init_layers", passes: [.resolveReuse]),
    HLSFlow(name: "streaming", passes: [.inplaceReshape, .reshapeStream, .cloneOutput, .insertZeroPadding]),
    HLSFlow(
      name: "quantization",
      passes: [
        .mergeQuantizedTanh, .quantizeDenseOutput, .fuseConsecutiveBatchNormalization, .xnorPooling,
      ]),
    HLSFlow(
      name: "optimize_backend",
      passes: [
        .optimizePointwise, .inplaceReshape, .skipSoftmax, .fixSoftmaxTableSize,
        .inferPrecision,
      ]),
  ]

  /// Runs every flow. `observe` is called after each rewriting with its name and the graph.
  static func run(_ graph: inout HLSGraph, observe: (String, HLSGraph) -> Void = { _, _ in }) throws(Failure)
  {
    for flow in flows { try flow.run(&graph, observe: observe) }
  }
}
