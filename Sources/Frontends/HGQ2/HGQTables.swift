import Diagnostics
import Model
import Storage

/// QUnaryFunctionLUT and QAffinedUnaryFunctionLUT: a function in float32, then the table's quantizer.
func parseHGQTable(_ call: inout LayerCall, isAffine: Bool) throws(Failure) -> Tensor {
  let x = try call.quantizedInput()
  var functions: [Activation] = []
  if isAffine {
    let scale = try call.variables.read("scale", 0, shape: [1])
    let bias = try call.variables.read("bias", 1, shape: [1])
    functions.append(.scaled(factor: scale.values[0], offset: bias.values[0]))
  }
  functions.append(try call.activation(lastAxis: x.shape.count - 1))
  if try call.config.boolean("enable_oq", default: true) {
    return try call.table(
      x, functions, "", try call.config.required("oq_conf"), call.variables.quantizer("oq"))
  }
  return try call.make(.activation(.sequence(functions)), "", [x], x.shape)
}

extension LayerCall {
  /// A function of one number, quantized: in hardware a table with an entry for every word.
  func table(
    _ x: Tensor, _ functions: [Activation], _ suffix: String, _ conf: JSONNode, _ variables: HGQVariables
  ) throws(Failure) -> Tensor {
    let quantizer = try HGQQuantizerConfig(conf).quantizer(variables, over: x.shape, hasBatch: true)
    let all = functions.filter { $0 != .linear } + (quantizer.map { [.quantizer($0)] } ?? [])
    return try make(.activation(.sequence(all)), suffix, [x], x.shape)
  }
}

// MARK: Softmax

/// What a softmax of HGQ2 is told.
struct HGQSoftmax {
  /// The quantizers of the two tables: before and behind them. Without `isStable` there is none before the first.
  var exponentialInput: JSONNode?
  var exponentialOutput: JSONNode
  var inverseInput: JSONNode
  var inverseOutput: JSONNode
  /// Whether the largest number is subtracted first.
  var isStable: Bool
  /// The factor of what is exponentiated, part of the table.
  var scale: Double
  /// The axes it works along.
  var axes: [Int]
}

func parseHGQSoftmax(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let isQuantizingInput = try call.config.boolean("enable_iq", default: false)
  let x = isQuantizingInput ? try call.quantizedInput() : call.builder.model.plain(try call.single())
  if !isQuantizingInput { call.noteUnusedQuantizer(call.variables) }
  let isStable = try call.config.boolean("stable", default: true)
  let softmax = HGQSoftmax(
    exponentialInput: isStable ? try call.config.required("exp_iq_conf") : nil,
    exponentialOutput: try call.config.required("exp_oq_conf"),
    inverseInput: try call.config.required("inv_iq_conf"),
    inverseOutput: try call.config.required("inv_oq_conf"), isStable: isStable,
    scale: try call.config.number("input_scaler", default: 1),
    axes: try call.axes(call.config["axes"], rank: x.shape.count))
  return try call.quantizedOutput(try call.softmax(x, softmax, "", call.variables))
}

extension LayerCall {
  /// Says of a softmax without input quantizer that the file has one: the first versions of HGQ2 gave it one always, and 0.2,
  /// whose answers these are, loads such files without it.
  func noteUnusedQuantizer(_ softmax: HGQVariables) {
    guard softmax.quantizer("iq").isPresent else { return }
    builder.notes.append(
      layer.node.diagnostic(
        "\(layer.className) \"\(layer.name)\": the file holds an input quantizer of its softmax, "
          + "as HGQ2 wrote up to 0.1.6; HGQ2 0.2 loads the file without it, and so does this",
        hint: "the HGQ2 that trained it answers otherwise: train it on with HGQ2 0.2 for a while"))
  }

  /// exp(−(max − x) · scale), its sum, 1 / (sum + 10⁻⁷), and the product of both, which nothing rounds.
  func softmax(_ x: Tensor, _ softmax: HGQSoftmax, _ suffix: String, _ variables: HGQVariables)
    throws(Failure) -> Tensor
  {
    let prefix = suffix.isEmpty ? "" : "\(suffix)_"
    let (exponential, inverse) = (variables.table("exp_table"), variables.table("inv_table"))
    var x = x
    if softmax.isStable, let conf = softmax.exponentialInput {
      let largest = try reduced(x, over: softmax.axes, .maximum, "\(prefix)max")
      x = try make(.merge(.subtract), "\(prefix)distance", [largest, x], x.shape)
      x = try quantized(x, "\(prefix)exp_iq", conf, exponential.quantizer("iq"))
    }
    let factor = softmax.isStable ? -softmax.scale : softmax.scale
    let powers = try table(
      x, [.scaled(factor: factor, offset: 0), .exponential], "\(prefix)exp", softmax.exponentialOutput,
      exponential.quantizer("oq"))
    let sum = try quantized(
      try reduced(powers, over: softmax.axes, .sum, "\(prefix)sum"), "\(prefix)inv_iq", softmax.inverseInput,
      inverse.quantizer("iq"))
    let inverses = try table(
      sum, [.reciprocal(offset: Double(FloatConstant.epsilon))], "\(prefix)inv", softmax.inverseOutput,
      inverse.quantizer("oq"))
    return try make(.merge(.multiply), suffix, [powers, inverses], powers.shape)
  }
}

// MARK: A table per edge

/// QDenseT: x is repeated for every output, quantized for every edge, goes through a small network for every edge, and is
/// summed over the inputs.
func parseHGQTableDense(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  return try call.tableDense(x, outputs: try call.config.positive("n_out"))
}

extension LayerCall {
  fileprivate mutating func tableDense(_ x: Tensor, outputs: Int) throws(Failure) -> Tensor {
    let depth = x.shape[x.shape.count - 1]
    let edges = try edges(x, outputs: [outputs])
    let networks = try networks(
      elements: [depth, outputs], data: edges.shape, hidden: try config.whole("n_hl", default: 1)
    ) { kernel in kernel }
    var table = networks
    if try config.boolean("batch_norm", default: false) {
      let part = variables.part("bn_module", stem: "batch_normalization")
      var names = try config.boolean("bn_scale", default: true) ? ["gamma"] : []
      names += try config.boolean("bn_center", default: true) ? ["beta"] : []
      names += ["moving_mean", "moving_variance"]
      try normalize(&table, part, names, elements: [outputs], laid: [outputs], depth: depth)
    }
    let values = try self.table(
      edges, [.networks(table)], "tables", try config.required("toq_conf"), variables.tableQuantizer())
    let sum = try reduced(values, over: [edges.shape.count - 2], .sum, "sum")
    let result = try arranged(sum, shape: x.shape.dropLast() + [outputs], "result")
    return try quantizedOutput(try activated(result))
  }

  /// A tensor repeated along new axes at its end, behind the input quantizer, which has a format per edge.
  private func edges(_ x: Tensor, outputs: [Int]) throws(Failure) -> Tensor {
    let shape = x.shape + outputs
    try checkSize(shape, layer.node)
    let spread = try arranged(x, shape: x.shape + outputs.map { _ in 1 }, "edges")
    let indices: [[Int]?] = x.shape.map { _ in nil } + outputs.map { Array(repeating: 0, count: $0) }
    let edges = outputs.isEmpty ? spread : try make(.gather(indices: indices), "edges", [spread], shape)
    guard try config.boolean("enable_iq", default: true) else { return edges }
    return try quantized(edges, "iq", try config.required("iq_conf"), variables.quantizer("iq"))
  }

  /// The networks of a table layer: hidden layers with an activation, and a last one without.
  ///
  /// - Parameters:
  ///   - elements: the axes of the kernels before those of the hidden units.
  ///   - data: the shape of what the networks are laid over.
  ///   - arrange: brings a kernel's axes to the data's order.
  private func networks(
    elements: [Int], data: [Int], hidden: Int, _ arrange: (Weights) throws(Failure) -> Weights
  ) throws(Failure) -> ElementNetworks {
    let units = hidden == 0 ? 1 : try config.positive("d_hl", default: 8)
    guard hidden <= 16 else {
      throw problem("the tables of \"\(layer.name)\" are made of \(hidden) hidden layers")
    }
    let function: Activation =
      try config["subnn_activation"].map { node throws(Failure) in
        try KerasActivation(node, inQKeras: false, generation: builder.generation, softmaxAxis: 0).function
      } ?? .linear
    if case .softmax = function {
      throw problem("softmax inside the tables of \"\(layer.name)\" is not supported")
    }
    var layers: [ElementNetworks.Layer] = []
    for index in 0...hidden {
      let part = variables.hiddenLayer(index)
      let (inputs, isLast) = (index == 0 ? 1 : units, index == hidden)
      var kernel = try part.read("kernel", 0, shape: nil)
      if isLast { kernel.shape.append(1) }
      let outputs = isLast ? 1 : units
      if index == 0, units > 1, !isLast, kernel.shape == elements + [units, units] {
        kernel = kernel.summedRows
      }
      guard kernel.shape == elements + [inputs, outputs] else {
        throw problem(
          "a kernel inside the tables of \"\(layer.name)\" has the shape \(kernel.shape), not \(elements + [inputs, outputs])"
        )
      }
      var bias: Weights?
      if part.has("bias", 1) {
        var found = try part.read("bias", 1, shape: nil)
        if isLast { found.shape.append(1) }
        guard broadcastPlaces(found.shape, to: data + [isLast ? 1 : units]) != nil else {
          throw problem("a bias inside the tables of \"\(layer.name)\" has the shape \(found.shape)")
        }
        bias = found
      }
      layers.append(
        ElementNetworks.Layer(
          kernel: try arrange(kernel), bias: bias, activation: isLast ? .linear : function))
    }
    return ElementNetworks(layers: layers)
  }

  /// A batch normalization behind the networks, divided by √depth.
  private func normalize(
    _ networks: inout ElementNetworks, _ variables: HGQVariables, _ names: [String], elements: [Int],
    laid: [Int],
    depth: Int
  ) throws(Failure) {
    let epsilon = try config.number("bn_epsilon", default: 0.001)
    var values: [String: [Double]] = [:]
    for (position, name) in names.enumerated() {
      values[name.hasPrefix("bn_") ? String(name.dropFirst(3)) : name] =
        try variables.read(name, position, shape: elements).values
    }
    let (mean, variance) = (values["moving_mean"] ?? [], values["moving_variance"] ?? [])
    guard variance.allSatisfy({ $0 + epsilon > 0 }) else {
      throw problem("a variance of \"\(layer.name)\" plus epsilon is not positive")
    }
    let root = Double(depth).squareRoot()
    let scale = variance.indices.map { (values["gamma"]?[$0] ?? 1) / (variance[$0] + epsilon).squareRoot() }
    let offset = scale.indices.map { (values["beta"]?[$0] ?? 0) - mean[$0] * scale[$0] }
    networks.scale = Weights(shape: laid, values: scale.map { $0 / root })
    networks.offset = Weights(shape: laid, values: offset.map { $0 / root })
  }
}

extension Weights {
  /// The rows of every last matrix added up. QEinsumDenseT builds its first kernel for as many inputs as there are hidden
  /// units; backends that repeat the one input multiply it with the sum of the rows.
  fileprivate var summedRows: Weights {
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    let matrices = values.count / (rows * columns)
    return Weights(
      shape: shape.dropLast(2) + [1, columns],
      values: (0..<matrices * columns).map { place in
        let start = place / columns * rows * columns + place % columns
        return (0..<rows).reduce(0) { $0 + values[start + $1 * columns] }
      })
  }
}

/// QEinsumDenseT: as QDenseT, with the edges and the sum that an equation says.
func parseHGQTableEinsum(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let node = try call.config.required("equation")
  let last = try call.variables.hiddenLayer(try call.config.whole("n_hl", default: 1)).read(
    "kernel", 0, shape: nil)
  let kernelShape = Array(last.shape.dropLast())
  let equation = try call.equation(node, (x.shape, kernelShape))
  guard let lengths = equation.lengths(x.shape, kernelShape), equation.summedOfY.isEmpty else {
    throw Failure(node.diagnostic("the equation \(node.short) does not fit data of shape \(x.shape)"))
  }
  return try call.tableEinsum(x, equation, lengths)
}

extension LayerCall {
  fileprivate mutating func tableEinsum(
    _ x: Tensor, _ equation: Einsum, _ lengths: [Character: Int]
  ) throws(Failure) -> Tensor {
    func shape(_ labels: [Character]) -> [Int] { labels.compactMap { lengths[$0] } }
    let edges = try edges(x, outputs: shape(equation.ofY))
    let labels = equation.x + equation.ofY
    /// The lengths of an array's axes over those of the edges: 1 where it has none.
    func laid(_ own: [Character]) -> [Int] { labels.map { own.contains($0) ? lengths[$0] ?? 1 : 1 } }
    var networks = try networks(
      elements: shape(equation.y), data: edges.shape, hidden: try config.whole("n_hl", default: 1)
    ) { kernel in
      let tail = Array(kernel.shape.suffix(2))
      let inner = tail.reduce(1, *)
      let places = strided(
        labels.filter { equation.y.contains($0) }, shape(labels.filter { equation.y.contains($0) }),
        in: equation.y, shape(equation.y))
      return Weights(
        shape: laid(equation.y) + tail,
        values: places.flatMap { place in (0..<inner).map { kernel.values[place * inner + $0] } })
    }
    let summed = equation.x.filter { !equation.result.contains($0) }
    if try config.boolean("batch_norm", default: false) {
      let given = config["normalize_axes"]?.string ?? config["bias_axes"]?.string
      let axes = given.map(Array.init) ?? equation.y.filter { equation.result.contains($0) }
      let inOrder = labels.filter { axes.contains($0) }
      guard axes.count == inOrder.count, axes == inOrder else {
        throw problem(
          "the normalized axes \(String(axes)) of \"\(layer.name)\" are not axes of its edges in their order")
      }
      var names = try config.boolean("bn_scale", default: true) ? ["bn_gamma"] : []
      names += try config.boolean("bn_center", default: true) ? ["bn_beta"] : []
      names += ["moving_mean", "moving_variance"]
      try normalize(
        &networks, variables, names, elements: shape(axes), laid: laid(axes),
        depth: shape(summed).reduce(1, *))
    }
    let values = try table(
      edges, [.networks(networks)], "tables", try config.required("toq_conf"), variables.tableQuantizer())
    let kept = labels.filter { equation.result.contains($0) }
    var result = values
    if !summed.isEmpty {
      let axes = labels.indices.filter { summed.contains(labels[$0]) }
      result = try arranged(try reduced(values, over: axes, .sum, "sum"), shape: shape(kept), "sum")
    }
    result = try arranged(result, order: order(of: equation.result, in: kept), "result")
    return try quantizedOutput(try activated(result))
  }
}

/// QConvT1D and QConvT2D: QDenseT over windows.
func parseHGQTableConvolution(_ call: inout LayerCall, rank: Int) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  guard x.shape.count == rank + 1, try !call.channelsFirst(),
    try call.config.positive("groups", default: 1) == 1
  else {
    throw call.problem(
      "\(call.layer.className) \"\(call.layer.name)\" needs channels last, one group and \(rank + 1) axes besides the batch"
    )
  }
  return try call.tableDense(try call.windows(x, rank: rank), outputs: try call.config.positive("filters"))
}

extension LayerCall {
  /// Windows of the data as rows: positions, then taps with the channels innermost.
  fileprivate func windows(_ x: Tensor, rank: Int) throws(Failure) -> Tensor {
    let size = try config.perAxis("kernel_size", rank)
    let strides = try config.perAxis("strides", rank, default: size.map { _ in 1 })
    let dilation = try config.perAxis("dilation_rate", rank, default: size.map { _ in 1 })
    let isSame = try config.choice("padding", ["valid", "same"], default: "valid") == "same"
    var spans: [Span] = []
    var indices: [[Int]?] = []
    var positions: [Int] = []
    for axis in 0..<rank {
      let reach = (size[axis] - 1).multipliedReportingOverflow(by: dilation[axis])
      let count =
        isSame
        ? 1 + (x.shape[axis] - 1) / strides[axis]
        : reach.overflow || x.shape[axis] <= reach.partialValue
          ? 0 : 1 + (x.shape[axis] - 1 - reach.partialValue) / strides[axis]
      guard count > 0, !reach.overflow else {
        throw problem("the window of \"\(layer.name)\" is larger than its input")
      }
      let missing = isSame ? max(0, (count - 1) * strides[axis] + reach.partialValue + 1 - x.shape[axis]) : 0
      spans.append(Span(before: missing / 2, after: missing - missing / 2))
      positions.append(count)
      try checkSize([count, size[axis]], layer.node)
      indices.append(
        (0..<count).flatMap { p in (0..<size[axis]).map { p * strides[axis] + $0 * dilation[axis] } })
    }
    let channels = x.shape[rank]
    try checkSize(positions + size + [channels], layer.node)
    var value = x
    if spans.contains(where: { $0.before + $0.after > 0 }) {
      let padded = zip(x.shape, spans).map { $0 + $1.before + $1.after } + [channels]
      value = try make(.zeroPadding(spans), "padded", [value], padded)
    }
    value = try make(
      .gather(indices: indices + [nil]), "taps", [value], zip(positions, size).map { $0 * $1 } + [channels])
    // [p₀, t₀, p₁, t₁, …, C] to [p₀, p₁, …, t₀, t₁, …, C].
    let split = zip(positions, size).flatMap { [$0, $1] } + [channels]
    let order = (0..<rank).map { 2 * $0 } + (0..<rank).map { 2 * $0 + 1 } + [2 * rank]
    value = try arranged(value, shape: split, "split")
    return try arranged(value, order: order, shape: positions + [size.reduce(1, *) * channels], "windows")
  }
}
