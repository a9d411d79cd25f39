import Configuration
import Diagnostics
import Program

extension HLSPass {
  /// init_dense and init_conv of hls4ml's Vivado and Vitis backends: the strategy, and the reuse factor moved to
  /// the nearest that the kernels can do. Both are visible in bits where an accumulator saturates: the order of
  /// its additions follows from them.
  static let resolveReuse = HLSPass("init_layers") { (graph, place) throws(Failure) in
    var layer = graph.layers[place]
    guard layer.kind.isAffine, !layer.isReuseResolved else { return false }
    layer.isReuseResolved = true
    defer { graph.layers[place] = layer }
    var isConvolution = false
    if case .convolution(let convolution) = layer.kind {
      isConvolution = true
      // Depthwise kernels know latency and resource only.
      if convolution.kind == .depthwise, layer.strategy != .resource { layer.strategy = .latency }
    }
    if case .dense = layer.kind, layer.strategy == .resource,
      graph.configuration.compression(layer: layer.name, className: layer.className)
    {
      throw Failure(
        .badInput, file: layer.origin.file, place: layer.origin.path,
        "layer '\(layer.name)': Compression: true is not implemented: hls4ml's compressed layers add in another order",
        hint: "the latency strategy leaves out products with weights of zero")
    }
    switch layer.strategy {
    case .latency: return true
    case .distributedArithmetic:
      if layer.reuseFactor == 1 { return true }
      throw Failure(
        .badInput, file: layer.origin.file, place: layer.origin.path,
        "layer '\(layer.name)': the distributed arithmetic strategy has reuse factor 1, not \(layer.reuseFactor)"
      )
    case .resourceUnrolled where layer.reuseFactor == 1 || (isConvolution && !graph.isStream):
      graph.warnings.append(
        layer.note("the resource_unrolled strategy is not possible here; hls4ml takes resource instead"))
      layer.strategy = .resource
    case .resource, .resourceUnrolled: break
    }
    let wanted = graph.configuration.targetCycles(layer: layer.name).flatMap { layer.reuse(for: $0) }
    guard let shape = layer.matrixShape else { return true }
    let legal = ReuseFactors(inputs: shape.inputs, outputs: shape.outputs)
    // The unrolled kernel has no place for the largest factor.
    let candidates = layer.strategy == .resourceUnrolled ? Array(legal.all.dropLast()) : legal.all
    let asked = wanted ?? Double(layer.reuseFactor)
    let nearest = candidates.min { (abs(Double($0) - asked), $0) < (abs(Double($1) - asked), $1) }
    layer.resolvedReuseFactor = nearest ?? 1
    if wanted == nil, nearest != layer.reuseFactor {
      let reason = legal.objection(to: layer.reuseFactor).map { " (\($0))" } ?? ""
      graph.warnings.append(
        layer.note(
          "reuse factor \(layer.reuseFactor) is not possible\(reason); hls4ml takes \(nearest ?? 1) instead"))
    }
    return true
  }
}

extension HLSLayer {
  fileprivate func note(_ message: String) -> Diagnostic {
    Diagnostic(file: origin.file, place: origin.path, "layer '\(name)': \(message)")
  }

  /// Products per output and outputs, as hls4ml counts them (fpga_backend.py, get_layer_mult_size).
  var matrixShape: (inputs: Int, outputs: Int)? {
    guard let kernel = weights[.weight]?.data.shape else { return nil }
    switch kind {
    case .dense: return (kernel[0], kernel[1])
    case .convolution(let convolution):
      let taps = convolution.kernel.reduce(1, *)
      switch convolution.kind {
      case .transposed: return (taps * kernel[kernel.count - 1], kernel[kernel.count - 2])
      case .depthwise: return (taps * kernel[kernel.count - 2], shape.last ?? 1)
      case .standard, .pointwise: return (taps * kernel[kernel.count - 2], kernel[kernel.count - 1])
      }
    default: return nil
    }
  }

  /// The reuse factor that takes a number of cycles, six of them per result for moving data; nil if that is
  /// fewer than the least.
  fileprivate func reuse(for cycles: Int) -> Double? {
    let results =
      switch kind {
      case .dense: shape.last ?? 1
      default: shape.dropLast().reduce(1, *)
      }
    return cycles < 6 * results ? nil : Double(cycles - 6 * results) / Double(results)
  }
}
