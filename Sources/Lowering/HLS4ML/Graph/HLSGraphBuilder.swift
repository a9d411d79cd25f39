import Configuration
import Diagnostics
import FixedPoint
import Glibc
import Model

/// Makes hls4ml's graph of a model: one layer per layer, activations split off, weights quantized, types as
/// configured or `auto` (converters/keras*, model/layers.py).
struct HLSGraphBuilder {
  var graph: HLSGraph
  private(set) var problems: [Diagnostic] = []
  let model: Model
  /// Whether an ONNX model's layers are those of hls4ml's converter of PyTorch models, which the configuration names.
  private(set) var isPyTorch = false
  /// The name of the layer that holds the result of each layer of the model.
  private var resultNames: [String] = []
  /// Layers of the file that were refused as a whole, by their places.
  private var refused: Set<String> = []

  init(_ model: Model, _ configuration: Configuration) {
    self.model = model.withSingleResults()
    graph = HLSGraph(name: model.name, configuration: configuration)
    graph.isONNX = model.framework == .onnx
    let keys = Set(configuration.layerNames.keys)
    let modules = model.layers.compactMap { $0.source?.onnx?.module }
    isPyTorch = keys.isDisjoint(with: model.partNames) && !keys.isDisjoint(with: modules)
    // hls4ml's configurations have its constants too.
    for name in model.partNames {
      graph.names.insert(name)
      if graph.isONNX { for number in 0..<6 { graph.names.insert("\(name)_param\(number)") } }
    }
  }

  /// The graph of a model.
  ///
  /// - Throws: `Failure(.badInput)` with every layer that has no meaning under hls4ml.
  static func build(_ model: Model, _ configuration: Configuration) throws(Failure) -> HLSGraph {
    var builder = HLSGraphBuilder(model, configuration)
    for layer in builder.model.layers { try builder.add(layer) }
    let problems = builder.problems + builder.graph.problems
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    builder.graph.outputs = builder.model.outputs.map { builder.resultNames[$0.layer] }
    return builder.graph
  }

  /// Reports that hls4ml cannot do what a layer asks for.
  mutating func refuse(_ layer: Layer, _ message: String, hint: String? = nil) {
    problems.append(
      Diagnostic(
        file: layer.origin.file, place: layer.origin.path,
        "layer '\(layer.name)' (\(layer.className)): \(message)",
        hint: hint ?? (graph.configuration.isWritten ? nil : Self.hint)))
  }

  /// Notes that hls4ml would compute something else than the model says.
  mutating func warn(_ layer: Layer, _ message: String) {
    graph.warnings.append(
      Diagnostic(
        file: layer.origin.file, place: layer.origin.path,
        "layer '\(layer.name)' (\(layer.className)): \(message)"))
  }

  private static let hint = "--numerics exact computes it"

  private mutating func add(_ layer: Layer) throws(Failure) {
    if refuses(layer) {
      resultNames.append(layer.sources.first.map { resultNames[$0] } ?? "")
      return
    }
    if model.framework == .onnx {
      let inputs = layer.sources.map { resultNames[$0] }
      resultNames.append(try addONNX(layer, inputs, value: ModelValue(resultNames.count)))
      return
    }
    guard let innerName = layer.source?.innerName, let source = layer.sources.first else {
      return try add(layer, inputs: layer.sources.map { resultNames[$0] })
    }
    // TimeDistributed: a loop that starts and ends in layers of its own (expand_time_distributed.py).
    append(
      HLSLayer(
        layer.name, .timeStep(isEnd: false), inputs: [resultNames[source]],
        shape: model.layers[source].outputShape, origin: layer.origin))
    var inner = layer
    inner.name = innerName
    if let activation = layer.source?.activationName, activation != "linear" {
      warn(layer, "hls4ml leaves out the activation of a layer inside TimeDistributed; so does this policy")
    }
    try add(inner, inputs: [layer.name], timeAxes: 1)
    var end = HLSLayer(
      "\(layer.name)_end", .timeStep(isEnd: true), inputs: [innerName], shape: layer.outputShape,
      origin: layer.origin)
    end.value = ModelValue(resultNames.count - 1)
    append(end)
    resultNames[resultNames.count - 1] = "\(layer.name)_end"
  }

  private mutating func add(_ layer: Layer, inputs: [String], timeAxes: Int = 0) throws(Failure) {
    var made = HLSLayer(layer.name, .reshape, inputs: inputs, shape: layer.outputShape, origin: layer.origin)
    made.timeAxes = timeAxes
    var activation: Activation?
    let index = resultNames.count
    let written = graph.configuration.layerNames[layer.name]?.written ?? WrittenKernel()
    if written.isMerged {
      resultNames.append(inputs[0])
      return
    }
    switch layer.kind {
    case .activation where !written.thresholds.isEmpty: try setThresholds(&made, written.thresholds)
    case .activation where !written.table.isEmpty:
      made.kind = .kernel(UnaryTableKernel(entries: .written(written.table)))
    case .input:
      made.kind = .input
      made.isTraced = false
    case .dense(let dense):
      made.kind = .dense
      try setWeights(&made, dense, layer)
      activation = dense.activation
    case .convolution(let convolution):
      try setConvolution(&made, convolution, layer)
      activation = convolution.activation
    case .separableConvolution(let depthwise, let pointwise):
      made = try separable(layer, depthwise, pointwise, inputs)
      activation = pointwise.activation
    case .activation(let function):
      guard let function = try activationLayer(function, layer, name: layer.name, input: inputs[0]) else {
        resultNames.append(inputs[0])
        return
      }
      made = function
    case .batchNormalization(let normalization):
      made.kind = .batchNormalization(isAlpha: false)
      try setNormalization(&made, normalization, layer)
    case .embedding(let embedding):
      made.kind = .kernel(EmbeddingKernel())
      made.weights[.embeddings] = try HLSWeight(HLSArray(embedding.rows))
    case .layerNormalization(let normalization):
      made.kind = .kernel(kernel(normalization, layer))
      made.weights[.scale] = try HLSWeight(parameters(normalization.gamma, filled: 1, layer))
      made.weights[.bias] = try HLSWeight(parameters(normalization.beta, filled: 0, layer))
    case .recurrent(let recurrent): try setRecurrent(&made, recurrent, layer)
    case .garNet(let net):
      check(net, layer)
      made.kind = .kernel(GarNetKernel(net, vertices: model.inputShapes(of: layer)[0][0]))
    default:
      guard let kind = structure(layer) else {
        resultNames.append(inputs.first ?? "")
        return
      }
      made.kind = kind
    }
    made.value = ModelValue(index, (activation ?? .linear) == .linear ? .result : .sums)
    append(made)
    resultNames.append(made.name)
    // hls4ml makes a layer of every activation with a name, of "linear" too; a pass removes those that do nothing.
    guard timeAxes == 0, let activation, let activationName = layer.activationName(activation) else { return }
    if var split = try activationLayer(
      activation, layer, name: "\(layer.name)_\(activationName)", input: made.name)
    {
      split.value = ModelValue(index)
      append(split)
      resultNames[resultNames.count - 1] = split.name
    }
  }

  /// Refuses, once for all of its parts, a layer that hls4ml has no converter for. It hands those to da4ml as one block of
  /// logic, and then gives that block the configuration's default types and its first input alone.
  private mutating func refuses(_ layer: Layer) -> Bool {
    guard !graph.configuration.isWritten, let name = layer.source?.className else { return false }
    if name == "TimeDistributed" {
      if refused.insert(layer.origin.path).inserted {
        refuse(layer, "a TimeDistributed of this layer is not supported by the hls4ml policy")
      }
      return true
    }
    let isPlain = name.hasPrefix("PQ") || (model.framework == .keras && Self.unreadClasses.contains(name))
    guard isPlain || Self.tracedClasses.contains(name) else { return false }
    if refused.insert(layer.origin.path).inserted {
      problems.append(
        Diagnostic(
          file: layer.origin.file, place: layer.origin.path,
          "\(name): hls4ml 1.3.0 has no converter for it"
            + (isPlain ? "" : "; what it makes of it by tracing does not compute the layer"),
          hint: Self.hint))
    }
    return true
  }

  /// HGQ2's classes without a converter.
  private static let tracedClasses: Set = [
    "QSum", "QMeanPow2", "QMultiHeadAttention", "QLinformerAttention", "QAffinedUnaryFunctionLUT", "QDenseT",
    "QEinsumDenseT", "QConvT1D", "QConvT2D",
  ]

  /// Keras's and keras.ops's without one.
  private static let unreadClasses: Set = [
    "Masking", "Any", "MultiHeadAttention", "Attention", "Matmul", "Einsum", "TakeAlongAxis", "Take",
    "Argmax", "Argmin",
    "Argsort", "Sort",
    "TopK", "Split", "Rescaling", "Normalization", "Greater", "GreaterEqual", "Less", "LessEqual", "Equal",
    "NotEqual", "Sign", "Where", "Cast", "LogicalAnd", "LogicalOr", "LogicalNot", "GroupQueryAttention",
    "AdditiveAttention", "RMSNormalization", "UnitNormalization", "GroupNormalization", "LocallyConnected1D",
    "LocallyConnected2D", "RNN", "RMSNorm", "LayerNorm", "Normalize", "Norm", "Var", "Std", "Sqrt", "Rsqrt",
    "Reciprocal", "Log", "Log1p", "QDepthwiseConv2DBatchnorm",
  ]

  /// Adds a layer to the graph with the types the configuration gives it.
  mutating func append(_ layer: HLSLayer) {
    var layer = layer
    graph.setTypes(&layer)
    graph.append(layer)
  }

  /// Layers that move words or combine inputs without weights.
  mutating func structure(_ layer: Layer) -> HLSKind? {
    let source = model.inputShapes(of: layer).first ?? []
    switch layer.kind {
    case .merge(let merge):
      // A part of a softmax, which hls4ml has as one kernel.
      if layer.source?.className == "QSoftmax" { return .kernel(SoftmaxStepKernel(merge: merge)) }
      checkBroadcast(layer)
      return .merge(merge)
    case .concatenate(let axis): return .concatenate(axis: axis)
    case .dot(let axes, let normalize):
      if normalize || source.count != 1 || axes.contains(where: { $0 != 0 }) {
        refuse(layer, "hls4ml takes dot products of vectors only")
      }
      return .dot
    case .reshape: return .reshape
    case .permute(let order): return .transpose(order: order)
    case .pooling(let pooling):
      if pooling.averageQuantizer != nil {
        refuse(layer, "hls4ml has no quantized average pooling")
      }
      return .pooling(pooling)
    case .globalPooling(let kind, _, let quantizer):
      if quantizer != nil { refuse(layer, "hls4ml has no quantized average pooling") }
      return .globalPooling(kind, dimensions: source.count - 1)
    case .zeroPadding(let spans): return .zeroPadding(spans)
    case .cropping(let spans): return .cropping(spans)
    case .upsampling, .resizing:
      let result = layer.outputShape
      // nnet_image.h computes the source position with 16 fraction bits.
      let positions = result.indices.dropLast().map { axis in
        let step = (source[axis] << 16) / result[axis] + 1
        return (0..<result[axis]).map { min(($0 * step) >> 16, source[axis] - 1) }
      }
      return .resize(positions: positions)
    case .repeatVector: return .repeatVector
    case .gather(let indices): return .gather(indices: indices)
    case .matrixProduct: return .kernel(EinsumKernel())
    // Of hls4ml's readers only ONNX's knows constants.
    case .constant(let constant) where model.framework == .onnx:
      return .kernel(ConstantKernel(values: constant.values.values))
    case .constant, .split, .ensemble, .maskedSoftmax, .topPlaces, .take:
      refuse(layer, "not supported by the hls4ml policy")
      return nil
    case .garNet, .input, .dense, .activation, .batchNormalization, .convolution, .separableConvolution,
      .embedding, .layerNormalization, .recurrent:
      return nil
    }
  }

  /// The kernel of a layer normalization; what hls4ml's converter refuses is refused.
  private mutating func kernel(_ normalization: LayerNormalization, _ layer: Layer)
    -> LayerNormalizationKernel
  {
    let power = -Int(log10(max(normalization.epsilon, .leastNormalMagnitude)).rounded(.toNearestOrEven))
    if !normalization.isCentered {
      refuse(layer, "hls4ml 1.3.0 has no normalization that subtracts no mean")
    } else if layer.outputShape.count != 2 || normalization.axes != 1 {
      refuse(layer, "hls4ml normalizes the last of two axes only")
    } else if normalization.epsilon <= 0 || power <= 0 {
      refuse(layer, "hls4ml takes an epsilon between 0 and 0.1 only; it is \(normalization.epsilon)")
    } else {
      let used = pow(10, -Double(power))
      warn(
        layer,
        "hls4ml reads 1/√variance from a table up to a variance of 1 (TableRangePower2 makes it less), with steps of 1/8"
          + (used == normalization.epsilon ? "" : ", and rounds epsilon \(normalization.epsilon) to \(used)"))
    }
    return LayerNormalizationKernel(epsilonPower: power)
  }

  /// Refuses a GarNet that hls4ml has no kernel for.
  private mutating func check(_ net: GarNet, _ layer: Layer) {
    if graph.isStream { refuse(layer, "hls4ml has no GarNet in io_stream") }
    switch net.collapse {
    case .mean?: break
    case .sum?, .max?: refuse(layer, "hls4ml has the mean over the vertices only")
    case nil:
      if net.isStack {
        refuse(layer, "hls4ml's code of a GarNetStack that keeps the vertices does not compile")
      }
      warn(layer, "vertices that do not exist are 0; hls4ml's simulation leaves what was in memory")
    }
    if net.meansByCount {
      warn(layer, "hls4ml divides by the number of vertices in whole numbers; so does this policy")
    }
  }

  /// Weights of a layer's last axis, or the number they are where it has none.
  private func parameters(_ weights: Weights?, filled value: Double, _ layer: Layer) -> HLSArray {
    weights.map { HLSArray($0) } ?? .filled([layer.outputShape.last ?? 1], value)
  }

  /// hls4ml reads the smaller input of a merge from its start again when it is used up, which is numpy's
  /// broadcasting only along the first axes.
  private mutating func checkBroadcast(_ layer: Layer) {
    let shapes = model.inputShapes(of: layer)
    if !shapes.contains(layer.outputShape) {
      refuse(layer, "hls4ml does not merge inputs of shapes \(shapes)")
    } else if shapes.contains(where: { !layer.outputShape.ends(with: $0) }) {
      if graph.isStream { refuse(layer, "hls4ml does not merge streams of shapes \(shapes)") }
      warn(layer, "hls4ml does not broadcast shapes \(shapes) as the model does; neither does this policy")
    }
  }
}

extension Layer {
  /// What the layer of its activation is called behind the layer's own name; nil where there is none.
  fileprivate func activationName(_ activation: Activation) -> String? {
    source?.activationName ?? (activation == .linear ? nil : "activation")
  }
}

extension [Int] {
  /// Whether the last lengths are those of `other`, leading ones of it aside.
  func ends(with other: [Int]) -> Bool {
    let own = Array(other.drop { $0 == 1 })
    return Array(suffix(own.count)) == own
  }
}
