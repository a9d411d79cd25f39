extension Configuration {
  /// hls4ml's own class of a layer, by which `LayerType` is looked up, for the class name its converters give it:
  /// `QDense` is looked up as `Dense`, `MaxPooling2D` as `Pooling2D`. A name not in the table is its own class.
  ///
  /// Source: hls4ml 1.3.0, `layer_map` of model/layers.py and of the Vitis backend.
  public static func layerClass(_ name: String) -> String { layerClasses[name] ?? name }

  static let layerClasses: [String: String] = {
    var classes: [String: String] = [:]
    for name in ownClasses { classes[name] = name }
    for (name, aliases) in aliases {
      for alias in aliases { classes[alias] = name }
    }
    return classes
  }()

  private static let ownClasses = [
    "Activation", "ApplyAlpha", "BatchNormOnnx", "BatchNormalization", "BatchNormalizationQuantizedTanh",
    "BiasAdd",
    "Bidirectional", "BipolarQuant", "Broadcast", "Clone", "Concatenate", "Constant", "Conv", "Conv1D",
    "Conv2D",
    "Conv2DBatchnorm", "Cropping1D", "Cropping2D", "DACombinational", "Dense", "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dot", "Einsum", "EinsumDense", "Embedding", "FixedPointQuantizer", "GRU", "GarNet", "GarNetStack",
    "GlobalPooling1D", "GlobalPooling2D", "HardActivation", "Input", "LSTM", "LayerGroup",
    "LayerNormalization",
    "MatMul", "Merge", "PReLU", "ParametrizedActivation", "PointwiseConv1D", "PointwiseConv2D", "Pooling1D",
    "Pooling2D", "Quant", "Repack", "Reshape", "Resize", "SeparableConv1D", "SeparableConv2D", "SimpleRNN",
    "Softmax",
    "SymbolicExpression", "TernaryTanh", "TimeDistributed", "Transpose", "UnaryLUT", "ZeroPadding1D",
    "ZeroPadding2D",
  ]

  private static let aliases: [String: [String]] = [
    "Activation": ["QActivation"],
    "BatchNormalization": ["QBatchNormalization"],
    "Conv1D": ["QConv1D"],
    "Conv2D": ["BinaryConv2D", "QConv2D"],
    "Conv2DBatchnorm": ["QConv2DBatchnorm"],
    "Dense": ["BinaryDense", "TernaryDense", "QDense"],
    "DepthwiseConv2D": ["QDepthwiseConv2D"],
    "FixedPointQuantizer": ["HGQ>FixedPointQuantizer"],
    "GRU": ["QGRU"],
    "GlobalPooling1D": ["GlobalMaxPooling1D", "GlobalAveragePooling1D"],
    "GlobalPooling2D": ["GlobalMaxPooling2D", "GlobalAveragePooling2D"],
    "Input": ["InputLayer"],
    "LSTM": ["QLSTM"],
    "ParametrizedActivation": ["LeakyReLU", "ThresholdedReLU", "ELU"],
    "Pooling1D": ["MaxPooling1D", "AveragePooling1D"],
    "Pooling2D": ["MaxPooling2D", "AveragePooling2D"],
    "Quant": ["IntQuant"],
    "Resize": ["UpSampling1D", "UpSampling2D"],
    "SeparableConv1D": ["QSeparableConv1D"],
    "SeparableConv2D": ["QSeparableConv2D"],
    "SimpleRNN": ["QSimpleRNN"],
    "UnaryLUT": ["HGQ>UnaryLUT"],
  ]
}
