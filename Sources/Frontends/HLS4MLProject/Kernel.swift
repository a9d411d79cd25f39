import Model

/// The kernels of hls4ml that are read.
enum Kernel: Sendable {
  case dense
  case convolution(rank: Int, isDepthwise: Bool)
  /// Both parts of a separable one in one call, of streams before 1.0.
  case separable(rank: Int)
  /// By functions of additions, whose call has its types in another order.
  case addedConvolution(rank: Int)
  case normalize
  /// One or two thresholds per channel.
  case normalizedSign(levels: Int)
  /// A function of single elements without parameters.
  case function(Activation)
  case parametrized(ParametrizedKernel)
  case prelu, selu, binaryTanh, softmax
  /// A function as a table of all words.
  case unaryTable
  case hard(isTanh: Bool)
  case merge(Merge)
  case dot
  case concatenate(rank: Int)
  case pooling(rank: Int)
  case globalPooling(rank: Int)
  case zeroPadding(rank: Int)
  case cropping(rank: Int)
  case resize
  /// `rank`: that of the kernels before 1.0.
  case transpose(rank: Int?)
  case repack, clone
  case embedding, layerNormalization
  case einsum, einsumDense
  case recurrent(ProjectBuilder.RecurrentKind)
  /// One step of a tensor in a loop over its steps.
  case timeStep(rank: Int, isWritten: Bool)

  /// Every kernel that is read, by its name in `nnet::`.
  static let named: [String: Kernel] = [
    "dense": .dense, "normalize": .normalize,
    "conv_1d_cl": .convolution(rank: 1, isDepthwise: false),
    "conv_2d_cl": .convolution(rank: 2, isDepthwise: false),
    "pointwise_conv_1d_cl": .convolution(rank: 1, isDepthwise: false),
    "pointwise_conv_2d_cl": .convolution(rank: 2, isDepthwise: false),
    "depthwise_conv_1d_cl": .convolution(rank: 1, isDepthwise: true),
    "depthwise_conv_2d_cl": .convolution(rank: 2, isDepthwise: true),
    "separable_conv_1d_cl": .separable(rank: 1), "separable_conv_2d_cl": .separable(rank: 2),
    "conv1d_cl": .addedConvolution(rank: 1), "conv2d_cl": .addedConvolution(rank: 2),
    "normalize_binary_tanh": .normalizedSign(levels: 2), "normalize_ternary_tanh": .normalizedSign(levels: 3),
    "linear": .function(.linear), "relu": .function(.relu(maximum: nil, negativeSlope: 0, threshold: 0)),
    "relu1": .function(.relu(maximum: 1, negativeSlope: 0, threshold: 0)),
    "relu6": .function(.relu(maximum: 6, negativeSlope: 0, threshold: 0)),
    "sigmoid": .function(.sigmoid), "tanh": .function(.tanh), "softplus": .function(.softplus),
    "softsign": .function(.softsign),
    "ternary_tanh": .function(
      .quantizer(.qkeras(QKerasQuantizer(kind: .ternaryTanh, scale: .one, className: .ternaryTanh)))),
    "leaky_relu": .parametrized(.leakyReLU), "thresholded_relu": .parametrized(.thresholdedReLU),
    "elu": .parametrized(.elu), "prelu": .prelu, "selu": .selu, "binary_tanh": .binaryTanh,
    "softmax": .softmax, "softmax_multidim": .softmax, "unary_lut": .unaryTable,
    "hard_sigmoid": .hard(isTanh: false), "hard_tanh": .hard(isTanh: true),
    "add": .merge(.add), "subtract": .merge(.subtract), "multiply": .merge(.multiply),
    "average": .merge(.average),
    "maximum": .merge(.maximum), "minimum": .merge(.minimum), "dot1d": .dot,
    "concatenate1d": .concatenate(rank: 1), "concatenate2d": .concatenate(rank: 2),
    "concatenate3d": .concatenate(rank: 3),
    "pooling1d_cl": .pooling(rank: 1), "pooling2d_cl": .pooling(rank: 2),
    "global_pooling1d_cl": .globalPooling(rank: 1), "global_pooling2d_cl": .globalPooling(rank: 2),
    "cropping1d_cl": .cropping(rank: 1), "cropping2d_cl": .cropping(rank: 2),
    "zeropad1d_cl": .zeroPadding(rank: 1), "zeropad2d_cl": .zeroPadding(rank: 2), "resize_nearest": .resize,
    "transpose": .transpose(rank: nil), "transpose_2d": .transpose(rank: 2),
    "transpose_3d": .transpose(rank: 3),
    "repack_stream": .repack, "clone_stream": .clone, "embedding": .embedding,
    "layernormalize": .layerNormalization, "einsum": .einsum, "einsum_dense": .einsumDense,
    "lstm_stack": .recurrent(.lstm), "gru_stack": .recurrent(.gru),
    "bidirectional_stack": .recurrent(.bidirectional),
    "read_time_step_2d": .timeStep(rank: 2, isWritten: false),
    "read_time_step_3d": .timeStep(rank: 3, isWritten: false),
    "read_time_step_4d": .timeStep(rank: 4, isWritten: false),
    "write_time_step_2d": .timeStep(rank: 2, isWritten: true),
    "write_time_step_3d": .timeStep(rank: 3, isWritten: true),
    "write_time_step_4d": .timeStep(rank: 4, isWritten: true),
  ]
}

/// The functions of single elements with one number.
enum ParametrizedKernel: Sendable { case leakyReLU, thresholdedReLU, elu }

extension ProjectBuilder {
  /// Adds the layers of one call.
  mutating func convert(_ call: KernelCall, _ kernel: Kernel) throws(Refusal) {
    switch kernel {
    case .dense: try dense(call)
    case .convolution(let rank, let isDepthwise): try convolution(call, rank: rank, isDepthwise: isDepthwise)
    case .separable(let rank): try separableConvolution(call, rank: rank)
    case .addedConvolution(let rank):
      var call = call
      call.templateArguments = Array(call.templateArguments.dropFirst() + call.templateArguments.prefix(1))
      try convolution(call, rank: rank, isDepthwise: false)
    case .normalize: try normalize(call)
    case .normalizedSign(let levels): try thresholds(call, levels: levels)
    case .function(let activation): try function(call, activation)
    case .parametrized(let kernel): try parametrized(call, kernel)
    case .prelu: try prelu(call)
    case .selu: try selu(call)
    case .binaryTanh: try binaryTanh(call)
    case .softmax: try softmax(call)
    case .unaryTable: try unaryTable(call)
    case .hard(let isTanh): try hard(call, isTanh: isTanh)
    case .merge(let merge): try self.merge(call, merge)
    case .dot: try dot(call)
    case .concatenate(let rank): try concatenate(call, rank: rank)
    case .pooling(let rank): try pooling(call, rank: rank)
    case .globalPooling(let rank): try globalPooling(call, rank: rank)
    case .zeroPadding(let rank): try zeroPadding(call, rank: rank)
    case .cropping(let rank): try cropping(call, rank: rank)
    case .resize: try resize(call)
    case .transpose(let rank): try transpose(call, rank: rank)
    case .repack: try repack(call)
    case .clone: try clone(call)
    case .embedding: try embedding(call)
    case .layerNormalization: try layerNormalization(call)
    case .einsum: try einsum(call)
    case .einsumDense: try einsumDense(call)
    case .recurrent(let kind): try recurrent(call, kind)
    case .timeStep(let rank, let isWritten):
      try isWritten ? writeTimeStep(call, rank: rank) : readTimeStep(call, rank: rank)
    }
  }
}
