import Configuration
import FixedPoint
import Model
import Program

extension ProjectBuilder {
  /// How products are made and summed.
  struct Products: Hashable {
    var strategy: Strategy
    var reuseFactor: Int
    /// Whether the weights are written with the outputs first, as the resource kernels want them.
    var isTransposed: Bool { strategy == .resource || strategy == .resourceUnrolled }
  }

  /// - Parameter configuration: the struct with the strategy and the reuse factor; `inner`: that of the products.
  func products(_ configuration: KernelConfiguration, _ inner: KernelConfiguration) throws(Refusal)
    -> Products
  {
    let strategy = try configuration.symbol("strategy") ?? "latency"
    let reuseFactor = try inner.integer("reuse_factor", otherwise: 1)
    // Since 1.0 the kernel is a type; before, the strategy picks it.
    if let kernel = inner.typeName("kernel") {
      switch kernel {
      case "DenseLatency", "DepthwiseDenseLatency":
        return Products(strategy: .latency, reuseFactor: reuseFactor)
      case "DenseResource_rf_leq_nin", "DenseResource_rf_gt_nin", "DenseResource_rf_gt_nin_rem0":
        return Products(strategy: .resource, reuseFactor: reuseFactor)
      case _ where kernel.hasPrefix(GeneratedFunction.wrapper):
        return Products(strategy: .distributedArithmetic, reuseFactor: 1)
      case _ where kernel.hasPrefix("dense_resource_unrolled_"):
        return Products(strategy: .resourceUnrolled, reuseFactor: reuseFactor)
      default: throw Refusal("\(inner.made.name): products by the kernel \(kernel) are not read")
      }
    }
    switch strategy {
    case "latency": return Products(strategy: .latency, reuseFactor: reuseFactor)
    case "resource": return Products(strategy: .resource, reuseFactor: reuseFactor)
    case "distributed_arithmetic": return Products(strategy: .distributedArithmetic, reuseFactor: 1)
    default: throw Refusal("\(configuration.made.name): the strategy \(strategy) is not read")
    }
  }

  /// What weights stand for: numbers, signs, powers of two.
  struct Words {
    var values: [Double]
    var formats: [String: FixedFormat]
    var written = WrittenKernel()
  }

  /// The weights of a call, with the formats of weight, bias and accumulator.
  mutating func kernel(
    _ call: KernelCall, _ position: Int, count: Int, _ configuration: KernelConfiguration, operand: Tensor
  ) throws(Refusal) -> Words {
    var made = Words(
      values: [],
      formats: ["accum": try configuration.format("accum_t"), "bias": try configuration.format("bias_t")])
    let product = configuration.typeName("product") ?? "mult"
    if KernelHeaders(files: files).isBefore07, product != "mult" {
      throw Refusal("\(configuration.made.name): products by \(product) of hls4ml before 0.7 are not read")
    }
    switch product {
    case "mult", "weight_ternary", "data_binary":
      let format = try configuration.format("weight_t")
      made.formats["weight"] = format
      made.values = try weights(call, position, count: count, format)
      if product == "weight_ternary", format.width != 2 || made.values.contains(where: { abs($0) > 1 }) {
        throw Refusal("'\(try call.name(position))' has other numbers than -1, 0 and 1")
      }
    case "weight_binary", "both_binary":
      let format = try configuration.format("weight_t")
      made.formats["weight"] = format
      made.values = try weights(call, position, count: count, format)
      made.written.hasSignWeights = true
    case "weight_exponential":
      let name = try call.name(position)
      guard let array = text.arrays[name], let made2 = text.structs[array.type.lastName] else {
        throw Refusal("'\(name)' is not an array of powers of two")
      }
      let exponent = try KernelConfiguration(text: text, made: made2).format("weight")
      guard exponent.width <= 16 else { throw Refusal("'\(name)' has exponents of \(exponent.width) bits") }
      let numbers = try numbers(name, count: 2 * count)
      made.written.exponentBits = exponent.width
      made.values = (0..<count).map { place in
        let power = Double(
          sign: .plus, exponent: Int(exponent.quantize(numbers[2 * place + 1])), significand: 1)
        return numbers[2 * place] == 1 ? power : -power
      }
    default: throw Refusal("\(configuration.made.name): products by \(product) are not read")
    }
    // One-bit data are signs to these products.
    if product == "both_binary" || product == "data_binary" { markSign(operand.layer) }
    return made
  }

  /// Says that the one-bit words of a layer stand for −1 and +1, and those it has them from.
  private mutating func markSign(_ layer: Int) {
    var layer = layer
    while true {
      adjust(layer) {
        $0.written = $0.written ?? WrittenKernel(); $0.written?.isSign = true
      }
      guard layers[layer].keepsWords, let source = layers[layer].inputs.first else { return }
      layer = source.layer
    }
  }

  static func apply(_ kernel: Words, _ products: Products, _ settings: inout LayerSettings) {
    settings.strategy = products.strategy
    settings.reuseFactor = products.reuseFactor
    if kernel.written != WrittenKernel() { settings.written = kernel.written }
  }

  mutating func dense(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    let products = try products(configuration, configuration)
    if products.strategy == .distributedArithmetic {
      return try adders(call, try adderFunction(of: configuration))
    }
    let (inputs, outputs) = (try configuration.integer("n_in"), try configuration.integer("n_out"))
    let x = try operand(call, shape: [inputs])
    let count = try size(inputs, outputs)
    var kernel = try kernel(call, 2, count: count, configuration, operand: x)
    if products.isTransposed { kernel.values = transposed(kernel.values, rows: outputs, columns: inputs) }
    kernel.formats["result"] = try format(of: call, 1)
    let bias = try weights(call, 3, count: outputs, try configuration.format("bias_t"))
    try add(
      call, to: 1, "Dense",
      .dense(
        Dense(
          kernel: Weights(shape: [inputs, outputs], values: kernel.values),
          bias: Weights(shape: [outputs], values: bias), activation: .linear)),
      inputs: [x], shape: [outputs], kernel.formats
    ) { Self.apply(kernel, products, &$0) }
  }

  /// A product of sizes, which hostile files make too large.
  func size(_ factors: Int...) throws(Refusal) -> Int {
    var product = 1
    for factor in factors {
      let (value, overflow) = product.multipliedReportingOverflow(by: factor)
      guard !overflow, value <= ModelBuilder.elementLimit else {
        throw Refusal("sizes of \(factors) are too large")
      }
      product = value
    }
    return product
  }

  func transposed(_ values: [Double], rows: Int, columns: Int) -> [Double] {
    var result = values
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
    }
    return result
  }

  mutating func normalize(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    let count = try configuration.integer("n_in")
    // −1, as unsigned, stands for a parameter per element.
    let filters =
      if case .integer(let value)? = try configuration.value("n_filt"), value > 0 { value } else { count }
    guard count % filters == 0 else {
      throw Refusal("\(configuration.made.name): n_filt does not divide n_in")
    }
    let product = configuration.typeName("product") ?? "mult"
    guard product == "mult" else {
      throw Refusal("\(configuration.made.name): products by \(product) are not read")
    }
    // A parameter per element, or per channel: the last axis, or all of them in one.
    var x = try operand(call, otherwise: filters == count ? [count] : [count / filters, filters])
    if x.shape.last != filters {
      x = try operand(call, shape: filters == count ? [count] : [count / filters, filters])
    }
    let isBefore07 = KernelHeaders(files: files).isBefore07
    let (scaleType, biasType) = (try configuration.format("scale_t"), try configuration.format("bias_t"))
    let scale = try weights(call, 2, count: filters, scaleType)
    let bias = try weights(call, 3, count: filters, biasType)
    func parameters(_ values: [Double]) -> Weights { Weights(shape: [filters], values: values) }
    let normalization = BatchNormalization(
      gamma: parameters(scale), beta: parameters(bias), mean: parameters(scale.map { _ in 0 }),
      variance: parameters(scale.map { _ in 1 }), epsilon: 0, axis: x.shape.count - 1)
    try add(
      call, to: 1, "BatchNormalization", .batchNormalization(normalization), inputs: [x], shape: x.shape,
      ["result": try format(of: call, 1), "scale": scaleType, "bias": biasType]
    ) {
      var written = WrittenKernel()
      written.isProductConverted = isBefore07
      $0.written = written
    }
  }

  /// A depthwise convolution into a stream of its own type, and a pointwise one of that.
  mutating func separableConvolution(_ call: KernelCall, rank: Int) throws(Refusal) {
    let types = try configuration(of: call).made.types
    guard call.templateArguments.count == 4, call.arguments.count == 6,
      let first = types["depthwise_config"]?.lastName, let second = types["pointwise_config"]?.lastName
    else { throw Refusal("nnet::\(call.kernel) has other arguments than that of hls4ml 0.7 and 0.8") }
    let between: CppLexer.Token = .identifier("\(free(name(call, 1)))_depthwise")
    var depthwise = call
    depthwise.templateArguments = [
      call.templateArguments[0], call.templateArguments[1], [.identifier(first)],
    ]
    depthwise.arguments = [call.arguments[0], [between], call.arguments[2], call.arguments[4]]
    depthwise.comment = nil
    try convolution(depthwise, rank: rank, isDepthwise: true)
    var pointwise = call
    pointwise.templateArguments = [
      call.templateArguments[1], call.templateArguments[2], [.identifier(second)],
    ]
    pointwise.arguments = [[between], call.arguments[1], call.arguments[3], call.arguments[5]]
    try convolution(pointwise, rank: rank, isDepthwise: false)
  }

  mutating func convolution(_ call: KernelCall, rank: Int, isDepthwise: Bool) throws(Refusal) {
    let configuration = try configuration(of: call)
    let multiplication = configuration.inner("mult_config") ?? configuration
    let products = try products(configuration, multiplication)
    func lengths(_ prefix: String, least: Int = 1, otherwise: Int? = nil) throws(Refusal) -> [Int] {
      var lengths: [Int] = []
      for axis in ["height", "width"].suffix(rank) {
        lengths.append(try configuration.integer("\(prefix)_\(axis)", least: least, otherwise: otherwise))
      }
      return lengths
    }
    let input = try lengths("in")
    let (channels, filters) = (try configuration.integer("n_chan"), try configuration.integer("n_filt"))
    let (taps, strides, output) = (try lengths("filt"), try lengths("stride"), try lengths("out"))
    let dilation =
      rank == 1
      ? [try configuration.integer("dilation", otherwise: 1)] : try lengths("dilation", otherwise: 1)
    var spans: [Span] = []
    for (before, after) in [("pad_top", "pad_bottom"), ("pad_left", "pad_right")].suffix(rank) {
      spans.append(
        Span(
          before: try configuration.integer(before, least: 0, otherwise: 0),
          after: try configuration.integer(after, least: 0, otherwise: 0)))
    }
    if products.strategy == .distributedArithmetic, configuration.made.values["pad_left"] == nil {
      let none = input.map { _ in 0 }
      spans = try padding(
        call, configuration, input, channels: channels,
        Window(kernel: taps, strides: strides, dilation: dilation, before: none, after: none), output: output)
    }
    let partitions =
      configuration.made.values["n_partitions"] == nil || isStream
      ? nil : try configuration.integer("n_partitions", least: 1)
    if let partitions, configuration.made.values["n_pixels"] != nil {
      let pixels = try configuration.integer("n_pixels", least: 0)
      guard try size(partitions, pixels) == output.reduce(1, *) else {
        throw Refusal(
          "\(configuration.made.name): \(partitions) partitions of \(pixels) pixels are not its \(output.reduce(1, *)) outputs"
        )
      }
    }
    try checkGeneratedKernel(configuration)
    if !isStream, !isDepthwise {
      try checkWindows(
        configuration, input + [channels],
        Window(
          kernel: taps, strides: strides, dilation: dilation, before: spans.map(\.before),
          after: spans.map(\.after)))
    }
    var x = try operand(call, shape: input + [channels])
    let tapCount = try size(taps[0], taps[taps.count - 1]) / (rank == 1 ? taps[0] : 1)
    guard !isDepthwise || filters % channels == 0 else {
      throw Refusal("\(configuration.made.name): \(filters) filters of \(channels) channels, depthwise")
    }
    let columns = isDepthwise ? filters / channels : filters
    let rows = try size(tapCount, channels)
    var kernel: Words
    var bias: [Double]
    if products.strategy == .distributedArithmetic {
      let sums = try matrix(
        try adderFunction(of: multiplication),
        elements: try windowFormats(
          of: x, count: try size(output.reduce(1, *), rows),
          Window(
            kernel: taps, strides: strides, dilation: dilation, before: spans.map(\.before),
            after: spans.map(\.after))))
      guard sums.outputs == filters, !isDepthwise, sums.conversions.isEmpty else {
        throw Refusal(
          "\(configuration.made.name): \(sums.outputs) sums for \(filters) filters, or sums that round what they read"
        )
      }
      kernel = Words(values: sums.dense.kernel.values, formats: sums.formats)
      bias = sums.dense.bias?.values ?? []
    } else {
      kernel = try self.kernel(call, 2, count: try size(rows, columns), multiplication, operand: x)
      bias = try weights(call, 3, count: filters, try multiplication.format("bias_t"))
    }
    if products.isTransposed { kernel.values = transposed(kernel.values, rows: columns, columns: rows) }
    kernel.formats["result"] = try format(of: call, 1)
    let isLoop = !isStream && products.strategy == .latency && KernelHeaders(files: files).isBefore07
    if isLoop, tapCount > 1, channels > 1, kernel.formats["accum"]?.overflow != .wrap {
      throw Refusal(
        "\(configuration.made.name): hls4ml before 0.7 adds channel by channel, which shows in a sum that saturates; not read"
      )
    }
    // The zeros around an image are a layer of their own, which changes no bit.
    if spans.contains(where: { $0.before + $0.after > 0 }) {
      let padded = zip(input, spans).map { $0 + $1.before + $1.after } + [channels]
      let padding = try append(
        name: free("\(name(call, 1))_padding"), "ZeroPadding\(rank)D", .zeroPadding(spans), inputs: [x.layer],
        shape: padded, ["result": x.format], call.place)
      let isSign = self.configuration.layerNames[layers[x.layer].name]?.written?.isSign == true
      if isSign { throw Refusal("\(configuration.made.name): zeros around one-bit words are not read") }
      x = Tensor(layer: padding, shape: padded, format: x.format)
    }
    for axis in 0..<rank {
      let span = (taps[axis] - 1) * dilation[axis] + 1
      guard x.shape[axis] >= span, (x.shape[axis] - span) / strides[axis] + 1 == output[axis] else {
        throw Refusal("\(configuration.made.name): \(output[axis]) outputs of \(x.shape[axis]) inputs")
      }
    }
    try add(
      call, to: 1, isDepthwise ? "DepthwiseConv\(rank)D" : "Conv\(rank)D",
      .convolution(
        Convolution(
          kind: isDepthwise ? .depthwise : .standard(groups: 1),
          kernel: Weights(shape: taps + [channels, columns], values: kernel.values),
          bias: Weights(shape: [filters], values: bias), strides: strides, dilation: dilation,
          padding: .valid,
          activation: .linear)),
      inputs: [x], shape: output + [filters], kernel.formats
    ) {
      Self.apply(kernel, products, &$0)
      // Positions are computed in so many turns.
      if let partitions { $0.parallelizationFactor = max(1, output.reduce(1, *) / partitions) }
    }
  }
}

extension Layer {
  /// Whether its result's words are those of its input, elsewhere.
  var keepsWords: Bool {
    switch kind {
    case .reshape, .permute, .zeroPadding, .cropping, .gather, .upsampling, .resizing, .repeatVector: true
    case .pooling(let pooling): pooling.kind == .maximum
    case .globalPooling(let kind, _, _): kind == .maximum
    default: false
    }
  }
}
