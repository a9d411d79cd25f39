import Diagnostics
import Model
import Storage

/// Keras's recurrent layers.
let recurrentLayers: [String: LayerParser] = [
  "SimpleRNN": .layer(parseRecurrent),
  "LSTM": .layer(parseRecurrent),
  "GRU": .layer(parseRecurrent),
  "RNN": .layer(parseCell),
  "Bidirectional": .layer(parseBidirectional),
]

/// QKeras's, which read the same settings and quantizers besides.
let quantizedRecurrentLayers: [String: LayerParser] = [
  "QSimpleRNN": .layer(parseRecurrent),
  "QLSTM": .layer(parseRecurrent),
  "QGRU": .layer(parseRecurrent),
  "QBidirectional": .layer(parseBidirectional),
]

/// SimpleRNN, LSTM or GRU: `kernel` [features, gates · units], `recurrent_kernel` and `bias` of its cell.
private func parseRecurrent(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let features = try call.sequenceInput()
  let cell = call
  return try recurrent(&call, features, cell)
}

/// The layer of one pass: a call's settings, and the units and weights of its cell.
private func recurrent(_ call: inout LayerCall, _ features: Int, _ cell: LayerCall) throws(Failure)
  -> LayerKind
{
  let options = try RecurrentOptions(call)
  let units = try cell.config.positive("units")
  try call.setRecurrentOutput(
    options, results: [units], states: Array(repeating: units, count: cell.stateCount))
  var pass = try cell.recurrentPass(features)
  pass.isReversed = options.isReversed
  pass.keepsReversedOrder = options.isReversed
  var recurrent = Recurrent(
    passes: [pass], returnsSequences: options.returnsSequences, returnsStates: options.returnsStates)
  try call.mask(&recurrent, results: 1, zeroes: options.zeroesMasked)
  return .recurrent(recurrent)
}

/// RNN around a cell: the cell's settings, the layer's everything else.
private func parseCell(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let node = try call.config.required("cell")
  var problems = Problems()
  guard var cell = KerasLayerNode(node, &problems) else { throw Failure(.badInput, problems.found) }
  let known = ["SimpleRNNCell", "LSTMCell", "GRUCell"]
  guard cell.kerasClass.package == .keras, known.contains(cell.className) else {
    throw Failure(
      node.diagnostic(
        "an RNN of a cell of class \(cell.kerasClass.title) is not supported (\"\(call.layer.name)\")",
        hint: "read are SimpleRNNCell, LSTMCell and GRUCell; of several cells, write a layer for each"))
  }
  cell.name = call.layer.name
  let features = try call.sequenceInput()
  let inner = LayerCall(layer: cell, scope: call.scope, inputs: call.inputs, builder: call.builder)
  return try recurrent(&call, features, inner)
}

/// Bidirectional: a recurrent layer and one that reads the sequence backwards, whose results are put in order again.
private func parseBidirectional(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let features = try call.sequenceInput()
  let inner = try innerLayer(of: call)
  var directions = [try call.direction("forward", inner)]
  if let node = call.config["backward_layer"] {
    var problems = Problems()
    guard let backward = KerasLayerNode(node, &problems) else { throw Failure(.badInput, problems.found) }
    directions.append(try call.direction("backward", backward))
  } else {
    directions.append(try call.direction("backward", inner))
  }
  let merge = try call.merging()
  let options = try RecurrentOptions(directions[0])
  let others = try RecurrentOptions(directions[1])
  let isExplicit = call.config["backward_layer"] != nil
  guard !options.isReversed, !isExplicit || others.isReversed else {
    throw call.problem(
      "a Bidirectional layer whose forward layer goes backwards is not supported (\"\(call.layer.name)\")")
  }
  guard options.returnsSequences == others.returnsSequences, options.returnsStates == others.returnsStates
  else {
    throw call.problem("the two layers of \"\(call.layer.name)\" return different things")
  }
  let units = try directions.map { (direction) throws(Failure) in try direction.config.positive("units") }
  let states = zip(directions, units).flatMap { Array(repeating: $1, count: $0.stateCount) }
  let results: [Int]
  switch merge {
  case .concatenate: results = [units[0] + units[1]]
  case .elementwise:
    guard units[0] == units[1] else {
      throw call.problem(
        "the two layers of \"\(call.layer.name)\" have \(units[0]) and \(units[1]) units to merge")
    }
    results = [units[0]]
  case nil: results = units
  }
  try call.setRecurrentOutput(options, results: results, states: states)
  var passes: [RecurrentPass] = []
  for direction in directions { passes.append(try direction.recurrentPass(features)) }
  passes[1].isReversed = true
  var recurrent = Recurrent(
    passes: passes, merge: merge, returnsSequences: options.returnsSequences,
    returnsStates: options.returnsStates)
  // Keras lets the two repeat no results.
  try call.mask(&recurrent, results: results.count, zeroes: options.returnsSequences)
  return .recurrent(recurrent)
}

/// What a recurrent layer is told beside its cell.
struct RecurrentOptions {
  let returnsSequences: Bool
  let returnsStates: Bool
  let isReversed: Bool
  /// Whether the results of masked steps are zeros.
  let zeroesMasked: Bool

  init(_ call: LayerCall) throws(Failure) {
    let config = call.config
    returnsSequences = try config.boolean("return_sequences", default: false)
    returnsStates = try config.boolean("return_state", default: false)
    isReversed = try config.boolean("go_backwards", default: false)
    zeroesMasked = try config.boolean("zero_output_for_mask", default: false)
    if let node = config["stateful"], node.bool == true {
      throw Failure(
        node.diagnostic(
          "a stateful layer, whose states one event leaves to the next, is not supported",
          hint: "give the states as inputs: initial_state"))
    }
    if let node = config["time_major"], node.bool == true {
      throw Failure(
        node.diagnostic(
          "a recurrent layer with time_major is not supported", hint: "time is the first axis after the batch"
        ))
    }
  }
}

extension LayerCall {
  /// How many states the cell of a class has.
  var stateCount: Int { layer.className.contains("LSTM") ? 2 : 1 }

  /// The number of features of the sequence that is the first input; the others are states.
  mutating func sequenceInput() throws(Failure) -> Int {
    inputs = inputs.map { builder.model.plain($0) }
    guard let sequence = inputs.first, sequence.shape.count == 2 else {
      throw problem(
        "\(layer.className) needs an input of two axes besides the batch, steps and features, but \"\(layer.name)\" reads shape \(inputs.first?.shape ?? [])"
      )
    }
    return sequence.shape[1]
  }

  /// States the shapes of the results, and checks those of the states that are given.
  ///
  /// - Parameters:
  ///   - results: the numbers of features of the results, one of each.
  ///   - states: the lengths of all states.
  mutating func setRecurrentOutput(_ options: RecurrentOptions, results: [Int], states: [Int]) throws(Failure)
  {
    let given = inputs.dropFirst().map(\.shape)
    guard given.isEmpty || given == states.map({ [$0] }) else {
      throw problem(
        "\"\(layer.name)\" is given states of shapes \(given); it has \(states.map { [$0] })",
        hint: "masks are named arguments in files of Keras 3; Keras 2 does not say which input is one")
    }
    let steps = options.returnsSequences ? [inputs[0].shape[0]] : []
    let shapes = results.map { steps + [$0] } + (options.returnsStates ? states.map { [$0] } : [])
    try setOutput(shapes[0])
    try setFurtherOutputs(Array(shapes.dropFirst()))
  }

  /// One of the layers of a Bidirectional, as a call of its own.
  fileprivate func direction(_ name: String, _ inner: KerasLayerNode) throws(Failure) -> LayerCall {
    let known = recurrentLayers.merging(quantizedRecurrentLayers) { $1 }
    guard known[inner.className] != nil, !inner.className.hasSuffix("Bidirectional"),
      inner.className != "RNN",
      [.keras, .qkeras].contains(inner.kerasClass.package)
    else {
      throw Failure(
        inner.node.diagnostic("a Bidirectional layer of class \(inner.kerasClass.title) is not supported"))
    }
    builder.willRead(inner)
    if builder.weights.isNumbered {
      let place = builder.weights.inner("\(name)_layer", of: scope)
      return LayerCall(layer: inner, scope: place, inputs: inputs, builder: builder)
    }
    // Keras 2 puts the direction before the name that is in the file, Keras 3 has done so before.
    let prefixed = "\(name)_\(inner.name)"
    let paths = (try? builder.weights.datasetNames(scope.group, layer.name)) ?? []
    let isPrefixed = paths.contains { $0.split(separator: "/").contains { $0 == prefixed } }
    let place = WeightScope(group: scope.group, owners: scope.owners + [isPrefixed ? prefixed : inner.name])
    return LayerCall(layer: inner, scope: place, inputs: inputs, builder: builder)
  }

  fileprivate func merging() throws(Failure) -> Recurrent.Merging? {
    guard config.written("merge_mode")?.isNull != true else { return nil }
    switch try config.choice("merge_mode", ["concat", "sum", "mul", "ave"], default: "concat") {
    case "sum": return .elementwise(.add)
    case "mul": return .elementwise(.multiply)
    case "ave": return .elementwise(.average)
    default: return .concatenate
    }
  }

  /// The cell of a recurrent layer of Keras or QKeras.
  fileprivate func recurrentPass(_ features: Int) throws(Failure) -> RecurrentPass {
    let units = try config.positive("units")
    let cell = try recurrentCell()
    var pass = RecurrentPass(
      cell, kernel: Weights(shape: [0, 0], values: []), recurrentKernel: Weights(shape: [0, 0], values: []),
      bias: nil,
      activation: try function("activation", default: .tanh),
      gateActivation: cell == .simple ? .linear : try function("recurrent_activation", default: .sigmoid))
    try read(into: &pass, units: units, features: features) { (variables) throws(Failure) in
      try weights(variables, of: "cell")
    }
    guard isQuantized else { return pass }
    pass.quantizers[.kernel] = try quantizer("kernel_quantizer", isTrainable: true)
    pass.quantizers[.recurrentKernel] = try quantizer("recurrent_quantizer", isTrainable: true)
    pass.quantizers[.bias] = try quantizer("bias_quantizer")
    pass.quantizers[.state] = try quantizer("state_quantizer")
    if case .gru = cell, pass.quantizers[.recurrentKernel] == nil {
      throw problem(
        "QKeras's QGRU without a recurrent_quantizer takes its kernel for the recurrent one (\"\(layer.name)\")",
        hint: "train with a recurrent_quantizer")
    }
    return pass
  }

  /// Which cell the class has.
  func recurrentCell() throws(Failure) -> RecurrentCell {
    switch layer.className {
    case "LSTM", "QLSTM", "LSTMCell": .lstm
    case "GRU", "QGRU", "GRUCell": .gru(resetAfter: try config.boolean("reset_after", default: false))
    default: .simple
    }
  }

  /// Reads a cell's variables in Keras's order: kernel, recurrent_kernel, bias.
  func read(
    into pass: inout RecurrentPass, units: Int, features: Int,
    _ read: ([(names: [String], shape: [Int])]) throws(Failure) -> [Weights]
  ) throws(Failure) {
    let columns = pass.cell.gates * units
    let usesBias = try config.boolean("use_bias", default: true)
    var bias = [columns]
    if case .gru(resetAfter: true) = pass.cell { bias = [2, columns] }
    let found = try read(
      [(["kernel"], [features, columns]), (["recurrent_kernel"], [units, columns])]
        + (usesBias ? [(["bias"], bias)] : []))
    (pass.kernel, pass.recurrentKernel) = (found[0], found[1])
    pass.bias = usesBias ? found[2] : nil
  }

  /// An activation setting of the cell.
  private func function(_ key: String, default fallback: Activation) throws(Failure) -> Activation {
    guard let node = config[key] else { return config.written(key) == nil ? fallback : .linear }
    return try KerasActivation(
      node, inQKeras: isQuantized, generation: builder.generation, softmaxAxis: 0
    ).function
  }
}
