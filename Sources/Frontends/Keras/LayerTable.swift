import Diagnostics
import Model
import Storage

/// How a class of layers is read.
enum LayerParser: Sendable {
  /// Nothing at inference: the result is the input.
  case nothing
  /// A layer of ours.
  case layer(@Sendable (inout LayerCall) throws(Failure) -> LayerKind)
  /// A wrapper that means the layer inside it.
  case wrapper(@Sendable (LayerCall) throws(Failure) -> (layer: KerasLayerNode, scope: WeightScope))
}

/// The supported classes. InputLayer and nested models are the builder's.
let layerParsers: [String: LayerParser] = [
  "Dense": .layer(parseDense),
  "QDense": .layer(parseDense),
  "BinaryDense": .layer(parseDense),
  "TernaryDense": .layer(parseDense),
  "QDenseBatchnorm": .layer(parseDense),

  "Activation": .layer(parseActivation),
  "QActivation": .layer(parseActivation),
  "ReLU": .layer(parseReLU),
  "LeakyReLU": .layer(parseLeakyReLU),
  "PReLU": .layer(parsePReLU),
  "ELU": .layer(parseELU),
  "SELU": .layer(parseSELU),
  "ThresholdedReLU": .layer(parseThresholdedReLU),
  "Softmax": .layer(parseSoftmax),

  "BatchNormalization": .layer(parseBatchNormalization),
  "QBatchNormalization": .layer(parseBatchNormalization),

  "Add": .layer(parseMerge),
  "Subtract": .layer(parseMerge),
  "Multiply": .layer(parseMerge),
  "Average": .layer(parseMerge),
  "Maximum": .layer(parseMerge),
  "Minimum": .layer(parseMerge),
  "Concatenate": .layer(parseConcatenate),
  "Dot": .layer(parseDot),

  "Flatten": .layer(parseFlatten),
  "Reshape": .layer(parseReshape),
  "Permute": .layer(parsePermute),
  "RepeatVector": .layer(parseRepeatVector),
  "ZeroPadding1D": .layer(parseZeroPadding),
  "ZeroPadding2D": .layer(parseZeroPadding),
  "Cropping1D": .layer(parseCropping),
  "Cropping2D": .layer(parseCropping),
  "UpSampling1D": .layer(parseUpSampling),
  "UpSampling2D": .layer(parseUpSampling),
  "Resizing": .layer(parseResizing),

  "Conv1D": .layer(parseConvolution),
  "Conv2D": .layer(parseConvolution),
  "QConv1D": .layer(parseConvolution),
  "QConv2D": .layer(parseConvolution),
  "QConv2DBatchnorm": .layer(parseConvolution),
  "DepthwiseConv1D": .layer(parseDepthwiseConvolution),
  "DepthwiseConv2D": .layer(parseDepthwiseConvolution),
  "QDepthwiseConv2D": .layer(parseDepthwiseConvolution),
  "SeparableConv1D": .layer(parseSeparableConvolution),
  "SeparableConv2D": .layer(parseSeparableConvolution),
  "QSeparableConv1D": .layer(parseSeparableConvolution),
  "QSeparableConv2D": .layer(parseSeparableConvolution),
  "Conv1DTranspose": .layer(parseTransposedConvolution),
  "Conv2DTranspose": .layer(parseTransposedConvolution),
  "QConv2DTranspose": .layer(parseTransposedConvolution),

  "MaxPooling1D": .layer(parsePooling),
  "MaxPooling2D": .layer(parsePooling),
  "AveragePooling1D": .layer(parsePooling),
  "AveragePooling2D": .layer(parsePooling),
  "QAveragePooling2D": .layer(parsePooling),
  "GlobalMaxPooling1D": .layer(parseGlobalPooling),
  "GlobalMaxPooling2D": .layer(parseGlobalPooling),
  "GlobalAveragePooling1D": .layer(parseGlobalPooling),
  "GlobalAveragePooling2D": .layer(parseGlobalPooling),
  "QGlobalAveragePooling2D": .layer(parseGlobalPooling),

  "TimeDistributed": .layer(parseTimeDistributed),
  "PruneLowMagnitude": .wrapper(unwrapPruning),

  "Dropout": .nothing,
  "SpatialDropout1D": .nothing,
  "SpatialDropout2D": .nothing,
  "AlphaDropout": .nothing,
  "GaussianDropout": .nothing,
  "GaussianNoise": .nothing,
  "ActivityRegularization": .nothing,
  "Identity": .nothing,
]

/// Classes that exist elsewhere, so that no misspelling of a supported class is suspected.
private let knownUnsupported: Set = [
  "LSTM", "GRU", "SimpleRNN", "QLSTM", "QGRU", "QSimpleRNN", "Bidirectional", "RNN", "Embedding", "GarNet",
  "LayerNormalization", "GroupNormalization", "UnitNormalization", "MultiHeadAttention", "Attention",
  "EinsumDense",
  "QEinsumDense", "Conv3D", "MaxPooling3D", "AveragePooling3D", "GlobalMaxPooling3D",
  "GlobalAveragePooling3D",
  "UpSampling3D", "ZeroPadding3D", "Cropping3D", "LocallyConnected1D", "LocallyConnected2D", "Masking",
  "Lambda",
  "TFOpLambda", "Normalization", "Rescaling", "FixedPointQuantizer", "QuantizeWrapperV2",
  "QDepthwiseConv2DBatchnorm",
  "QAdaptiveActivation", "ConvLSTM1D", "ConvLSTM2D", "UnaryLUT", "HQuantize", "HDense", "HConv2D",
  "HActivation",
]

extension KerasBuilder {
  /// Reports every class, activation and quantizer of a model that is not supported, nested models included.
  func checkSupport(_ graph: KerasGraph) {
    for layer in graph.layers where layer.className != "InputLayer" {
      if layer.isModel {
        // Reported when the model is run: here only what is inside is of interest.
        var ignored = Problems()
        if let inner = KerasGraph(layer.node, &ignored) { checkSupport(inner) }
      } else {
        checkSupport(layer)
      }
    }
  }

  private func checkSupport(_ layer: KerasLayerNode) {
    guard let parser = layerParsers[layer.className] else {
      let guess =
        knownUnsupported.contains(layer.className) ? nil : nearest(to: layer.className, in: layerParsers.keys)
      problems.add(
        (layer.node["class_name"] ?? layer.node).diagnostic(
          "layers of class \(layer.className) are not supported (layer \"\(layer.name)\")",
          hint: guess.map { "did you mean \($0)?" }))
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
    // The settings can be judged although the shapes may not be known.
    var call = LayerCall(
      layer: layer, scope: WeightScope(group: ""), inputs: [], builder: self)
    if layer.className != "PruneLowMagnitude", layer.className != "TimeDistributed" {
      do { _ = try call.activation(lastAxis: 0) } catch { problems.add(error) }
      for (key, _) in layer.config.node.members ?? [] where key.hasSuffix("_quantizer") {
        do { _ = try call.quantizer(key) } catch { problems.add(error) }
      }
    } else if let inner = try? innerLayer(of: call) {
      checkSupport(inner)
    }
  }
}
