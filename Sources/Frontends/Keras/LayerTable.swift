import Diagnostics
import Model
import Storage

/// How a class of layers is read.
enum LayerParser: Sendable {
  /// Nothing at inference: the result is the input.
  case nothing
  /// A layer of ours.
  case layer(@Sendable (inout LayerCall) throws(Failure) -> LayerKind)
  /// Layers of ours, which the parser adds itself; the tensor is the result.
  case layers(@Sendable (inout LayerCall) throws(Failure) -> Tensor)
  /// Layers of ours, which the parser adds itself; the call has these results.
  case results(@Sendable (inout LayerCall) throws(Failure) -> [Tensor])
  /// A wrapper that means the layer inside it.
  case wrapper(@Sendable (LayerCall) throws(Failure) -> (layer: KerasLayerNode, scope: WeightScope))
}

/// How a class is read; nil for classes that are not. InputLayer and nested models are the builder's.
func layerParser(_ layer: KerasClass) -> LayerParser? {
  switch layer.package {
  case .keras: kerasLayers[layer.name]
  case .operations: operationParsers[layer.name].map { .layer($0) } ?? tensorOperations[layer.name]
  case .qkeras: qkerasLayers[layer.name]
  case .hgqProxy: hgqProxyLayers[layer.name]
  case .hgq: hgqLayers[layer.name]
  case .pquant: pquantLayers[layer.name]
  case .binaryNet: binaryNetLayers[layer.name]
  case .pruning: pruningLayers[layer.name]
  case .other: nil
  }
}

/// A layer over so many spatial axes.
private func spatial(
  _ rank: Int, _ parse: @escaping @Sendable (inout LayerCall, Int) throws(Failure) -> LayerKind
) -> LayerParser {
  .layer { (call) throws(Failure) in try parse(&call, rank) }
}

private func pooling(_ rank: Int, _ kind: PoolingKind) -> LayerParser {
  .layer { (call) throws(Failure) in try parsePooling(&call, rank, kind) }
}

private func globalPooling(_ rank: Int, _ kind: PoolingKind) -> LayerParser {
  .layer { (call) throws(Failure) in try parseGlobalPooling(&call, rank, kind) }
}

/// Keras's layers.
let kerasLayers: [String: LayerParser] = [sequenceLayers, normalizationLayers, recurrentLayers, plainLayers]
  .reduce(into: [:]) { $0.merge($1) { $1 } }

private let plainLayers: [String: LayerParser] = [
  "Dense": .layer(parseDense),
  "EinsumDense": .layers(parseEinsumDense),
  "NodeEdgeProjection": .layers(parseNodeEdgeProjection),
  "Activation": .layer(parseActivation),
  "ReLU": .layer(parseReLU),
  "LeakyReLU": .layer(parseLeakyReLU),
  "PReLU": .layer(parsePReLU),
  "ELU": .layer(parseELU),
  "SELU": .layer(parseSELU),
  "ThresholdedReLU": .layer(parseThresholdedReLU),
  "Softmax": .layers(parseSoftmaxLayer),
  "BatchNormalization": .layer(parseBatchNormalization),
  "Add": .layer { (call) throws(Failure) in try parseMerge(&call, .add) },
  "Subtract": .layer { (call) throws(Failure) in try parseMerge(&call, .subtract) },
  "Multiply": .layer { (call) throws(Failure) in try parseMerge(&call, .multiply) },
  "Average": .layer { (call) throws(Failure) in try parseMerge(&call, .average) },
  "Maximum": .layer { (call) throws(Failure) in try parseMerge(&call, .maximum) },
  "Minimum": .layer { (call) throws(Failure) in try parseMerge(&call, .minimum) },
  "Concatenate": .layer(parseConcatenate),
  "Dot": .layer(parseDot),
  "Flatten": .layer(parseFlatten),
  "Reshape": .layer(parseReshape),
  "Permute": .layer(parsePermute),
  "RepeatVector": .layer(parseRepeatVector),
  "ZeroPadding1D": spatial(1, parseZeroPadding),
  "ZeroPadding2D": spatial(2, parseZeroPadding),
  "Cropping1D": spatial(1, parseCropping),
  "Cropping2D": spatial(2, parseCropping),
  "UpSampling1D": spatial(1, parseUpSampling),
  "UpSampling2D": spatial(2, parseUpSampling),
  "Resizing": .layer(parseResizing),
  "Conv1D": spatial(1, parseConvolution),
  "Conv2D": spatial(2, parseConvolution),
  "DepthwiseConv1D": spatial(1, parseDepthwiseConvolution),
  "DepthwiseConv2D": spatial(2, parseDepthwiseConvolution),
  "SeparableConv1D": spatial(1, parseSeparableConvolution),
  "SeparableConv2D": spatial(2, parseSeparableConvolution),
  "LocallyConnected1D": .layers { (call) throws(Failure) in try parseLocallyConnected(&call, 1) },
  "LocallyConnected2D": .layers { (call) throws(Failure) in try parseLocallyConnected(&call, 2) },
  "Conv1DTranspose": spatial(1, parseTransposedConvolution),
  "Conv2DTranspose": spatial(2, parseTransposedConvolution),
  "MaxPooling1D": pooling(1, .maximum),
  "MaxPooling2D": pooling(2, .maximum),
  "AveragePooling1D": pooling(1, .average),
  "AveragePooling2D": pooling(2, .average),
  "GlobalMaxPooling1D": globalPooling(1, .maximum),
  "GlobalMaxPooling2D": globalPooling(2, .maximum),
  "GlobalAveragePooling1D": globalPooling(1, .average),
  "GlobalAveragePooling2D": globalPooling(2, .average),
  "Rescaling": .layer(parseRescaling),
  "Normalization": .layer(parseInputNormalization),
  "TimeDistributed": .layers(parseTimeDistributed),
  "Dropout": .nothing,
  "SpatialDropout1D": .nothing,
  "SpatialDropout2D": .nothing,
  "AlphaDropout": .nothing,
  "GaussianDropout": .nothing,
  "GaussianNoise": .nothing,
  "ActivityRegularization": .nothing,
  "Identity": .nothing,
]

/// QKeras's layers.
let qkerasLayers: [String: LayerParser] = quantizedRecurrentLayers.merging(plainQuantizedLayers) { $1 }

private let plainQuantizedLayers: [String: LayerParser] = [
  "QDense": .layer(parseDense),
  "QDenseBatchnorm": .layer(parseFoldedDense),
  "QActivation": .layer(parseActivation),
  "QBatchNormalization": .layer(parseBatchNormalization),
  "QConv1D": spatial(1, parseConvolution),
  "QConv2D": spatial(2, parseConvolution),
  "QConv2DBatchnorm": spatial(2, parseFoldedConvolution),
  "QDepthwiseConv2D": spatial(2, parseDepthwiseConvolution),
  "QDepthwiseConv2DBatchnorm": spatial(2, parseFoldedDepthwise),
  "QSeparableConv1D": spatial(1, parseSeparableConvolution),
  "QSeparableConv2D": spatial(2, parseSeparableConvolution),
  "QConv2DTranspose": spatial(2, parseTransposedConvolution),
  "QAveragePooling2D": pooling(2, .average),
  "QGlobalAveragePooling2D": globalPooling(2, .average),
]

/// BinaryNet's and TernaryNet's layers.
let binaryNetLayers: [String: LayerParser] = [
  "BinaryDense": .layer(parseBinaryDense),
  "TernaryDense": .layer(parseTernaryDense),
]

/// The layer that HGQ's proxy models have beside Keras's.
let hgqProxyLayers: [String: LayerParser] = [
  "FixedPointQuantizer": .layer(parseFixedPointQuantizer)
]

/// Wrappers of TensorFlow's model optimization.
let pruningLayers: [String: LayerParser] = [
  "PruneLowMagnitude": .wrapper(unwrapPruning)
]

/// Classes that exist elsewhere, so that no misspelling of a supported class is suspected.
private let knownUnsupported: Set = [
  "Conv3D", "MaxPooling3D", "AveragePooling3D", "GlobalMaxPooling3D",
  "GlobalAveragePooling3D",
  "UpSampling3D", "ZeroPadding3D", "Cropping3D",
  "Lambda",
  "TFOpLambda", "QuantizeWrapperV2",
  "QAdaptiveActivation", "ConvLSTM1D", "ConvLSTM2D", "UnaryLUT", "HQuantize", "HDense", "HConv2D",
  "HActivation",
]

extension KerasBuilder {
  /// Reports every class, activation and quantizer of a model that is not supported, nested models included.
  func checkSupport(_ graph: KerasGraph) {
    for layer in graph.layers where layer.className != "InputLayer" { checkSupport(layer) }
  }

  private func checkSupport(_ layer: KerasLayerNode) {
    if layer.isModel {
      // Reported when the model is run: here only what is inside is of interest.
      var ignored = Problems()
      if let inner = KerasGraph(layer.node, &ignored) { checkSupport(inner) }
      return
    }
    guard let parser = layerParser(layer.kerasClass) else {
      problems.add(unsupported(layer))
      return
    }
    if case .nothing = parser { return }
    if let policy = layer.config["dtype"]?["class_name"]?.string, !["DTypePolicy", "Policy"].contains(policy)
    {
      problems.add(
        layer.config.node["dtype"]?.diagnostic(
          "layer \"\(layer.name)\" is of dtype policy \(policy), which is not supported",
          hint: "its weights are not stored as plain numbers; save the model before Keras quantizes it")
          ?? layer.node.diagnostic("the dtype policy \(policy) is not supported"))
    }
    // The settings can be judged although the shapes may not be known. (That a judge asked for one gives it no effect.)
    var layer = layer
    layer.config = KerasConfig(node: layer.config.node)
    var call = LayerCall(
      layer: layer, scope: WeightScope(group: ""), inputs: [], builder: self)
    if layer.kerasClass.package == .operations { return }
    let wrappers = [
      KerasClass(.pruning, "PruneLowMagnitude"), KerasClass(.keras, "TimeDistributed"),
      KerasClass(.keras, "Bidirectional"), KerasClass(.qkeras, "QBidirectional"),
    ]
    if !wrappers.contains(layer.kerasClass) {
      do { _ = try call.activation(lastAxis: 0) } catch { problems.add(error) }
      for (key, _) in layer.config.node.members ?? [] where key.hasSuffix("_quantizer") {
        do { _ = try call.quantizer(key) } catch { problems.add(error) }
      }
    } else if let inner = try? innerLayer(of: call) {
      checkSupport(inner)
    }
  }

  /// That a layer's class is not read, and why.
  private func unsupported(_ layer: KerasLayerNode) -> Diagnostic {
    let (node, name) = (layer.node["class_name"] ?? layer.node, layer.name)
    switch layer.kerasClass.package {
    case .operations:
      let guess = nearest(
        to: layer.className, in: Array(operationParsers.keys) + Array(tensorOperations.keys))
      return node.diagnostic(
        "the operation \(layer.className) of keras.ops is not supported (node \"\(name)\")",
        hint: guess.map { "the nearest that is: \($0)" } ?? "write it as layers of Keras")
    case .other:
      return node.diagnostic(
        "layers of class \(layer.kerasClass.title) are not supported (layer \"\(name)\")",
        hint:
          "read are layers of Keras, QKeras, HGQ2 and PQuant; one of another package may compute something else under the same name"
      )
    case .hgqProxy:
      return node.diagnostic(
        "layers of class \(layer.kerasClass.title) are not supported (layer \"\(name)\")",
        hint: "read are proxy models: HGQ.proxy.to_proxy_model makes one of the trained model")
    case .hgq, .pquant:
      let (read, known): ([String: LayerParser], Set<String>) =
        layer.kerasClass.package == .hgq ? (hgqLayers, unsupportedHGQLayers) : (pquantLayers, [])
      let guess = known.contains(layer.className) ? nil : nearest(to: layer.className, in: read.keys)
      return node.diagnostic(
        "layers of class \(layer.kerasClass.title) are not supported (layer \"\(name)\")",
        hint: guess.map { "did you mean \($0)?" })
    default: break
    }
    if ["TFOpLambda", "SlicingOpLambda"].contains(layer.className),
      let function = layer.config["function"]?.string
    {
      return node.diagnostic(
        "the TensorFlow operation \(function) is not supported (layer \"\(name)\")",
        hint: "write it as a layer, or save the model with Keras 3, whose operations are read")
    }
    let guess =
      knownUnsupported.contains(layer.className)
      ? nil : nearest(to: layer.className, in: Array(kerasLayers.keys) + Array(qkerasLayers.keys))
    return node.diagnostic(
      "layers of class \(layer.className) are not supported (layer \"\(name)\")",
      hint: guess.map { "did you mean \($0)?" })
  }
}
