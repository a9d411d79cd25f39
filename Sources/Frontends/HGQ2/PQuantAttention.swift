import Diagnostics
import Model
import Storage

// PQuant's layers that are made of others of its own.

/// PQSeparableConv2d: a depthwise convolution behind the input quantizer, then one of one tap with the bias and the output quantizer.
func parsePQuantSeparable(_ call: inout LayerCall) throws(Failure) -> Tensor {
  func one(_ count: Int) -> JSONValue { .array(Array(repeating: .integer(1), count: count)) }
  var depthwise = try call.inner(
    "depthwise_conv", named: "\(call.layer.name)_depthwise",
    ["use_bias": .bool(false), "quantize_output": .bool(false)])
  let between = try depthwise.pquantConvolution(2, parseDepthwiseConvolution)
  var pointwise = try call.inner(
    "pointwise_conv", named: call.layer.name,
    [
      "kernel_size": one(2), "strides": one(2), "dilation_rate": one(2), "padding": .string("same"),
      "groups": .integer(1),
      "quantize_input": .bool(false),
    ])
  pointwise.inputs = [between]
  return try pointwise.pquantConvolution(2, parseConvolution)
}

/// PQSoftmax: HGQ2's softmax with PQuant's quantizers, each table between two of them.
func parsePQuantSoftmax(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let rank = x.shape.count
  var axes = [rank - 1]
  if let node = call.config["axis"] {
    axes = try (node.elements ?? [node]).map { axis throws(Failure) in try call.axis(axis, rank: rank) }
  }
  return try call.pquantSoftmax(
    x, axes: axes.sorted(), "", call.variables,
    PQuantSoftmax(
      isStable: try call.config.boolean("stable", default: true),
      scale: try call.config.number("input_scaler", default: 1),
      quantizesInput: try call.pquantIsOn("quantize_input", default: true),
      quantizesOutput: try call.pquantIsOn("quantize_output", default: false)))
}

/// What a softmax of PQuant's is told.
struct PQuantSoftmax {
  var isStable = true
  var scale = 1.0
  var quantizesInput = true
  var quantizesOutput = true
}

/// PQMultiheadAttention of query, key and value: projections with quantizers behind them, the products of queries and keys over
/// √(width of a head), a softmax between two quantizers, and the projection of what it takes of the values.
func parsePQuantAttention(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let config = call.config
  guard (1...3).contains(call.inputs.count) else {
    throw call.problem("\"\(call.layer.name)\" is given \(call.inputs.count) inputs, not one to three")
  }
  let inputs = call.inputs.map { call.builder.model.plain($0) }
  let (query, key) = (inputs[0], inputs.count > 1 ? inputs[1] : inputs[0])
  let value = inputs.count > 2 ? inputs[2] : key
  guard inputs.allSatisfy({ $0.shape.count == 2 }), key.shape[0] == value.shape[0] else {
    throw call.problem("the inputs of \"\(call.layer.name)\" have the shapes \(inputs.map(\.shape))")
  }
  let (width, heads) = (try config.positive("embed_dim"), try config.positive("num_heads"))
  guard width % heads == 0 else { throw call.problem("\(width) numbers do not make \(heads) heads") }
  if try call.pquantSettings("pruning_parameters").boolean("enable_pruning", default: false) {
    throw call.problem(
      "the mask of the pruned weights of \"\(call.layer.name)\" is not multiplied into them",
      hint: "PQuant's attention does not save that it was compressed: train it without pruning")
  }
  let isOn = try call.pquantIsOn("", default: true)
  let usesBias = try config.boolean("bias", default: true)
  let quantizesInput = try call.pquantIsOn("quantize_input", default: true)
  func projected(_ x: Tensor, _ name: String, input: Bool, output: Bool) throws(Failure) -> Tensor {
    let part = call.variables.part("\(name)_proj", named: "\(name)_proj")
    let suffix = name == "out" ? "" : name
    var x = x
    let label = suffix.isEmpty ? "out" : suffix
    if input { x = try call.pquantQuantized(x, "input", "\(label)_iq", of: part) }
    let kernel = try part.read("kernel", 0, shape: [x.shape[1], width])
    var dense = Dense(
      kernel: kernel, bias: usesBias ? try part.read("bias", 1, shape: [width]) : nil, activation: .linear)
    if isOn {
      dense.kernelQuantizer = try call.pquantQuantizer("weight", over: kernel.shape, of: part)
      if let bias = dense.bias {
        dense.biasQuantizer = try call.pquantQuantizer("bias", over: bias.shape, of: part)
      }
    }
    let result = try call.make(.dense(dense), suffix, [x], [x.shape[0], width])
    return output ? try call.pquantQuantized(result, "output", "\(label)_oq", of: part) : result
  }
  func headed(_ x: Tensor, _ name: String, turned: Bool = false) throws(Failure) -> Tensor {
    let split = try call.arranged(x, shape: [x.shape[0], heads, width / heads], name)
    return try call.arranged(split, order: turned ? [1, 2, 0] : [1, 0, 2], "\(name)_heads")
  }
  let q = try headed(try projected(query, "q", input: quantizesInput, output: isOn), "q")
  let k = try headed(try projected(key, "k", input: quantizesInput, output: isOn), "k")
  let v = try headed(try projected(value, "v", input: quantizesInput, output: isOn), "v", turned: true)
  let shape = [heads, query.shape[0], key.shape[0]]
  let products = try call.make(.matrixProduct, "products", [q, k], shape)
  let scores = try call.scaled(products, by: Double(1 / Float(width / heads).squareRoot()), "scores")
  let weights = try call.pquantSoftmax(
    scores, axes: [2], "softmax", call.variables.part("softmax", named: "softmax"),
    PQuantSoftmax(quantizesInput: isOn, quantizesOutput: isOn))
  let mixed = try call.make(.matrixProduct, "mixed", [weights, v], [heads, query.shape[0], width / heads])
  let joined = try call.arranged(mixed, order: [1, 0, 2], shape: [query.shape[0], width], "joined")
  return try projected(
    joined, "out", input: isOn, output: try call.pquantIsOn("quantize_output", default: false))
}

extension LayerCall {
  /// The call of a layer inside this one, which has this one's settings but for some.
  fileprivate func inner(_ attribute: String, named name: String, _ settings: [String: JSONValue])
    throws(Failure)
    -> LayerCall
  {
    guard case .object(var object) = config.node.value else { throw problem("the layer has no settings") }
    for (key, value) in settings { object[key] = value }
    var node = layer
    node.name = name
    node.config = KerasConfig(
      node: JSONNode(.object(object), file: config.node.file, path: config.node.path), asked: config.asked)
    var call = LayerCall(
      layer: node, scope: builder.weights.inner(attribute, of: scope), inputs: inputs, builder: builder)
    call.path = path
    return call
  }

  /// exp(−(max − x) · scale), its sum, 1 / (sum + 10⁻⁷) and their product; both tables between an input and an output quantizer.
  fileprivate func pquantSoftmax(
    _ input: Tensor, axes: [Int], _ suffix: String, _ variables: HGQVariables, _ settings: PQuantSoftmax
  ) throws(Failure) -> Tensor {
    let prefix = suffix.isEmpty ? "" : "\(suffix)_"
    let isOn = try pquantIsOn("", default: true)
    let exponential = variables.part("exp_table", named: "exp_table")
    let inverse = variables.part("inv_table", named: "inv_table")
    func table(_ x: Tensor, _ functions: [Activation], _ name: String, _ part: HGQVariables) throws(Failure)
      -> Tensor
    {
      var functions = functions
      if isOn, let quantizer = try pquantQuantizer("output", over: x.shape, of: part) {
        functions.append(.quantizer(quantizer))
      }
      return try make(.activation(.sequence(functions)), "\(prefix)\(name)", [x], x.shape)
    }
    var x = input
    if settings.quantizesInput { x = try pquantQuantized(x, "input", "\(prefix)iq", of: variables) }
    if settings.isStable {
      let largest = try reduced(x, over: axes, .maximum, "\(prefix)max")
      x = try make(.merge(.subtract), "\(prefix)distance", [largest, x], x.shape)
      if isOn { x = try pquantQuantized(x, "input", "\(prefix)exp_iq", of: exponential) }
    }
    let factor = settings.isStable ? -settings.scale : settings.scale
    let powers = try table(x, [.scaled(factor: factor, offset: 0), .exponential], "exp", exponential)
    var sum = try reduced(powers, over: axes, .sum, "\(prefix)sum")
    if isOn { sum = try pquantQuantized(sum, "input", "\(prefix)inv_iq", of: inverse) }
    let inverses = try table(
      sum, [.reciprocal(offset: Double(FloatConstant.epsilon))], "inv", inverse)
    let product = try make(
      .merge(.multiply), settings.quantizesOutput ? "\(prefix)product" : suffix, [powers, inverses],
      powers.shape)
    guard settings.quantizesOutput,
      let quantizer = try pquantQuantizer("output", over: product.shape, of: variables)
    else {
      return product
    }
    return try make(
      .activation(.quantizer(quantizer)), suffix, [product], product.shape,
      className: suffix.isEmpty ? nil : "Quantizer")
  }
}
