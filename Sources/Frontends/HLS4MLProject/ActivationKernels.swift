import Configuration
import FixedPoint
import Model

extension ProjectBuilder {
  /// The operand of a function of single elements.
  private mutating func elements(_ call: KernelCall) throws(Refusal) -> Tensor {
    let configuration = try configuration(of: call)
    let count = try configuration.integer("n_in")
    let x = try operand(call, otherwise: [count])
    guard x.shape.reduce(1, *) == count else {
      throw Refusal("nnet::\(call.kernel) reads \(count) of \(x.shape.reduce(1, *)) elements")
    }
    return x
  }

  /// Adds a function with a table or without one.
  mutating func function(
    _ call: KernelCall, _ activation: Activation, to position: Int = 1, result: Int = 1,
    _ more: [String: FixedFormat] = [:],
    _ adjust: (inout LayerSettings) -> Void = { _ in }
  ) throws(Refusal) {
    let configuration = try configuration(of: call)
    let x = try elements(call)
    var formats = more
    formats["result"] = try format(of: call, result)
    if configuration.hasType("table_t") { formats["table"] = try configuration.format("table_t") }
    let size = try configuration.integer("table_size", otherwise: 1024)
    try add(call, to: position, "Activation", .activation(activation), inputs: [x], shape: x.shape, formats) {
      $0.tableSize = size
      adjust(&$0)
    }
  }

  /// A function with one number: its type is a template argument since 1.0, that of the data or of the result before.
  mutating func parametrized(_ call: KernelCall, _ function: ParametrizedKernel) throws(Refusal) {
    if call.arguments.count == 2, function == .elu {
      // The factor is 1: a bit since 1.0, before in a type of the layer, which has to hold it.
      let result = try format(of: call, 1)
      guard result.holds(1) else {
        throw Refusal("nnet::elu with a factor of 1, which \(result.cppSpelling) does not hold")
      }
      return try self.function(call, .elu(alpha: 1), ["param": FixedFormat.integer(1, signed: false)])
    }
    guard call.arguments.count == 3, let number = CppLexer.value(call.arguments[1].text) else {
      throw Refusal("the parameter of nnet::\(call.kernel) is not a number")
    }
    let isTyped = call.templateArguments.count == 4
    guard isTyped || call.templateArguments.count == 3 else {
      throw Refusal("nnet::\(call.kernel) has \(call.templateArguments.count) template arguments")
    }
    let activation: Activation =
      switch function {
      case .leakyReLU: .leakyReLU(slope: number)
      case .thresholdedReLU: .thresholdedReLU(theta: number)
      case .elu: .elu(alpha: number)
      }
    let type = isTyped || (function == .elu && !isStream) ? 1 : 0
    try self.function(
      call, activation, to: 2, result: isTyped ? 2 : 1, ["param": try format(of: call, type)])
  }

  mutating func prelu(_ call: KernelCall) throws(Refusal) {
    let x = try elements(call)
    let isTyped = call.templateArguments.count == 4
    let type = try format(of: call, isTyped ? 1 : 0)
    let slopes = try weights(call, 1, count: x.shape.reduce(1, *), type)
    try function(
      call, .prelu(slopes: Weights(shape: x.shape, values: slopes)), to: 2, result: isTyped ? 2 : 1,
      ["param": type])
  }

  mutating func selu(_ call: KernelCall) throws(Refusal) {
    // Positive numbers are multiplied by a constant in 16 bits since 1.2, in the result's type before.
    let header = isStream ? "nnet_activation_stream.h" : "nnet_activation.h"
    let isCurrent = try KernelHeaders(files: files).isCurrent(
      "selu", since: .release12, header, now: "lambda*", before: "1.0507009873554804934193349852946)*")
    try function(call, .selu) { if !isCurrent { $0.written = WrittenKernel(isBefore12: true) } }
  }

  mutating func binaryTanh(_ call: KernelCall) throws(Refusal) {
    let header = isStream ? "nnet_activation_stream.h" : "nnet_activation.h"
    guard
      try KernelHeaders(files: files).isCurrent(
        "binary_tanh", since: .release12, header, now: isStream ? "in_data[j]>=0" : "datareg>=0",
        before: isStream ? "in_data[j]>0" : "datareg>0")
    else { throw Refusal("nnet::binary_tanh of hls4ml before 1.2 is not read") }
    try function(
      call, .quantizer(.qkeras(QKerasQuantizer(kind: .binaryTanh, scale: .one, className: .binaryTanh))))
  }

  /// A table with an entry for the bits of every word of the input.
  mutating func unaryTable(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    let size = try configuration.integer("table_size")
    let table = try weights(call, 2, count: size, try configuration.format("table_t"))
    let x = try elements(call)
    guard x.format.width < Int.bitWidth - 1, size == 1 << x.format.width else {
      throw Refusal("\(configuration.made.name): a table of \(size) for words of \(x.format.width) bits")
    }
    try add(
      call, to: 1, "UnaryLUT", .activation(.linear), inputs: [x], shape: x.shape,
      ["result": try format(of: call, 1), "table": try configuration.format("table_t")]
    ) {
      var written = WrittenKernel()
      written.table = table
      $0.written = written
    }
  }

  mutating func hard(_ call: KernelCall, isTanh: Bool) throws(Refusal) {
    let configuration = try configuration(of: call)
    guard configuration.hasType("slope"), configuration.hasType("shift") else {
      throw Refusal("nnet::\(call.kernel) of hls4ml before 0.7 is not read")
    }
    func number(_ name: String) throws(Refusal) -> Double {
      let full = "\(configuration.made.name)::\(name)"
      do {
        switch try text.constants[full]?.value({ _ in nil }) {
        case .number(let value)?: return value
        case .integer(let value)?: return Double(value)
        default: throw CppExpression.Failed(message: "")
        }
      } catch { throw Refusal("\(full) has no number") }
    }
    let (slope, shift) = (try number("slope"), try number("shift"))
    let formats = ["slope": try configuration.format("slope"), "shift": try configuration.format("shift")]
    if isTanh {
      guard slope == 0.5, shift == 0.5 else {
        throw Refusal("nnet::hard_tanh with slope \(slope), shift \(shift) is not read")
      }
      let quantizer = QKerasQuantizer(
        kind: .tanh(bits: 8, symmetric: false, useRealTanh: false), scale: .one, className: .quantizedTanh)
      return try function(call, .quantizer(.qkeras(quantizer)), formats)
    }
    try function(call, .hardSigmoid(slope: slope, shift: shift), formats)
  }

  /// A batch normalization and a sign in one: 1 at or above a threshold, or ±1 and 0 around two of them.
  mutating func thresholds(_ call: KernelCall, levels: Int) throws(Refusal) {
    let configuration = try configuration(of: call)
    let count = try configuration.integer("n_in")
    let filters =
      if case .integer(let value)? = try configuration.value("n_filt"), value > 0 { value } else { count }
    guard count % filters == 0 else {
      throw Refusal("\(configuration.made.name): n_filt does not divide n_in")
    }
    if levels == 2 {
      let header = isStream ? "nnet_batchnorm_stream.h" : "nnet_batchnorm.h"
      let variable = isStream ? "in_data[j]" : "datareg"
      guard
        try KernelHeaders(files: files).isCurrent(
          "normalize_binary_tanh", since: .release08, header, now: "\(variable)>=threshold",
          before: "\(variable)>threshold")
      else { throw Refusal("nnet::normalize_binary_tanh of hls4ml before 0.8 is not read") }
    }
    var x = try operand(call, otherwise: filters == count ? [count] : [count / filters, filters])
    if x.shape.last != filters { x = try operand(call, shape: [count / filters, filters]) }
    let high = try weights(call, 2, count: filters, x.format)
    let low = levels == 3 ? try weights(call, 3, count: filters, x.format) : []
    // The numbers that the model says: a normalization that moves the thresholds to where the function has its steps.
    let scale = levels == 2 ? high.map { _ in 1.0 } : zip(high, low).map { 1 / ($0 - $1) }
    let shift = levels == 2 ? high.map { -$0 } : zip(zip(high, low), scale).map { -($0.0 + $0.1) / 2 * $1 }
    guard scale.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw Refusal("the thresholds of nnet::\(call.kernel) do not rise")
    }
    func parameters(_ values: [Double]) -> Weights { Weights(shape: [filters], values: values) }
    let name = name(call, 1)
    var isMerged = WrittenKernel()
    isMerged.isMerged = true
    let before = try append(
      name: free("\(name)_normalization"), "BatchNormalization",
      .batchNormalization(
        BatchNormalization(
          gamma: parameters(scale), beta: parameters(shift), mean: parameters(scale.map { _ in 0 }),
          variance: parameters(scale.map { _ in 1 }), epsilon: 0, axis: x.shape.count - 1)),
      inputs: [x.layer], shape: x.shape, ["result": x.format], call.place
    ) { $0.written = isMerged }
    let sign = QKerasQuantizer(
      kind: levels == 2 ? .binaryTanh : .ternaryTanh, scale: .one,
      className: levels == 2 ? .binaryTanh : .ternaryTanh)
    let result = FixedFormat.integer(levels == 2 ? 1 : 2, signed: levels == 3)
    try add(
      call, to: 1, "Activation", .activation(.quantizer(.qkeras(sign))),
      inputs: [Tensor(layer: before, shape: x.shape, format: x.format)], shape: x.shape,
      ["result": result, "threshold": x.format]
    ) {
      var written = WrittenKernel()
      written.isSign = levels == 2
      written.thresholds = levels == 2 ? [high] : [high, low]
      $0.written = written
    }
  }

  mutating func softmax(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    let count = try configuration.integer("n_in")
    // Only the kernels since 1.2 read these members, and they do not compile without them.
    let isCurrent = configuration.hasType("inv_inp_t")
    let slice = try configuration.integer("n_slice", otherwise: count)
    var x: Tensor
    var axis = 0
    if isStream {
      x = try operand(call, otherwise: [count])
      axis = x.shape.count - 1
      guard x.shape[axis] == slice || !isCurrent || x.shape.count == 1 else {
        throw Refusal("\(configuration.made.name): n_slice is \(slice) of \(x.shape)")
      }
    } else if call.kernel == "softmax_multidim" {
      x = try operand(
        call, shape: [try configuration.integer("n_outer"), slice, try configuration.integer("n_inner")])
      axis = 1
    } else {
      x = try operand(call, shape: [slice])
    }
    guard let name = try configuration.symbol("implementation"),
      let implementation = Configuration.SoftmaxImplementation(rawValue: name)
    else { throw Refusal("\(configuration.made.name) has no implementation that is known") }
    if let scale = try configuration.value("exp_scale"), scale != .number(1), scale != .integer(1) {
      throw Refusal("\(configuration.made.name): exp_scale is not 1")
    }
    let exponentials = try configuration.format("exp_table_t")
    var formats = [
      "result": try format(of: call, 1), "exp_table": exponentials,
      "inv_table": try configuration.format("inv_table_t"),
      "accum": exponentials, "inv_inp": exponentials,
    ]
    if isCurrent {
      formats["accum"] = try configuration.format("accum_t")
      formats["inv_inp"] = try configuration.format("inv_inp_t")
      if configuration.hasType("inp_norm_t") { formats["inp_norm"] = try configuration.format("inp_norm_t") }
    }
    if implementation == .legacy, configuration.hasType("table_t"),
      try configuration.format("table_t") != FixedFormat(18, 8)
    {
      throw Refusal("\(configuration.made.name): tables of another type than ap_fixed<18,8> are not read")
    }
    let size = try configuration.integer("table_size", otherwise: 1024)
    let sizes = (
      try configuration.integer("exp_table_size", otherwise: size),
      try configuration.integer("inv_table_size", otherwise: size)
    )
    try add(
      call, to: 1, "Softmax", .activation(.softmax(axis: axis)), inputs: [x], shape: x.shape, formats,
      isFunctionClass: x.shape.count > 1
    ) {
      $0.softmax = implementation
      $0.tableSize = size
      $0.expTableSize = sizes.0
      $0.invTableSize = sizes.1
      if !isCurrent { $0.written = WrittenKernel(isBefore12: true) }
    }
  }
}

extension FixedFormat {
  /// Whether a small whole number is one of the words.
  func holds(_ number: Int) -> Bool {
    (0..<100).contains(fractionBits) && quantize(Double(number)) == Raw(number) << Raw(fractionBits)
  }
}
