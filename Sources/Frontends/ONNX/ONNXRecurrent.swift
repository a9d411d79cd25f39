import Diagnostics
import Model

/// RNN, LSTM, GRU: X [steps, batch, features], W [directions, gates · units, features], R [directions, gates · units, units] and
/// B [directions, 2 · gates · units] give Y [steps, directions, batch, units] and the last states [directions, batch, units];
/// with layout 1 the batch comes first everywhere.
func convertRecurrent(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let settings = try ONNXRecurrentSettings(call)
  let x = try call.sequence(settings)
  let (steps, features) = (x.shape[0], x.shape[1])
  let passes = try settings.passes(call, features: features)
  let units = passes[0].units
  try call.checkLengths(steps)
  let states = try call.initialStates(settings, passes)
  let outputs = (0..<3).map { call.importer.isRead(call.node, output: $0) }
  let (direct, last) = (outputs[0], outputs[1] || outputs[2])

  var results = [ONNXOperand](repeating: .unknown, count: max(call.node.outputs.count, 1))
  func put(_ data: ONNXData, _ place: Int, hasSteps: Bool) throws(Failure) {
    let directions = passes.count
    var shape = hasSteps ? [steps, directions, 1, units] : [directions, 1, units]
    if settings.isBatchFirst { shape = hasSteps ? [1, steps, directions, units] : [1, directions, units] }
    results[place] = .data(
      try call.add(.reshape, [data], shape, hasBatch: settings.isBatchFirst, suffix: "result\(place)"))
  }
  let columns = passes.count * units
  if !last || (!direct && !outputs[2]) {
    // One result is read: all steps' or the last one's.
    let recurrent = Recurrent(passes: passes, returnsSequences: !last)
    let result = try call.add(
      .recurrent(recurrent), [x] + states, last ? [columns] : [steps, columns], hasBatch: false)
    try put(result, last ? 1 : 0, hasSteps: !last)
    return results
  }
  var recurrent = Recurrent(passes: passes, returnsSequences: true, returnsStates: true)
  recurrent.isOpened = true
  let lengths = recurrent.stateLengths
  let all = try call.add(
    .recurrent(recurrent), [x] + states, [steps, lengths.reduce(0, +)], hasBatch: false)
  let perPass = passes[0].cell.states.count
  /// State `number` of every pass, of all steps or of the last one that the pass computes.
  func picked(_ number: Int, isLast: Bool, _ suffix: String) throws(Failure) -> ONNXData {
    var parts: [ONNXData] = []
    for (index, pass) in passes.enumerated() {
      let start = (index * perPass + number) * units
      let step = isLast ? [pass.isReversed ? 0 : steps - 1] : nil
      parts.append(
        try call.add(
          .gather(indices: [step, Array(start..<start + units)]), [all], [step == nil ? steps : 1, units],
          hasBatch: false, suffix: "\(suffix)_pass\(index + 1)"))
    }
    if parts.count == 1 { return parts[0] }
    return try call.add(
      .concatenate(axis: 1), parts, [parts[0].shape[0], columns], hasBatch: false, suffix: suffix)
  }
  if direct { try put(try picked(0, isLast: false, "all"), 0, hasSteps: true) }
  for number in 0..<perPass where outputs[number + 1] {
    try put(try picked(number, isLast: true, "last\(number + 1)"), number + 1, hasSteps: false)
  }
  return results
}

/// The attributes of a recurrent node.
private struct ONNXRecurrentSettings {
  let isBatchFirst: Bool
  /// Of every direction, whether it reads the last step first.
  let directions: [Bool]
  let units: Int

  init(_ call: ONNXCall) throws(Failure) {
    isBatchFirst = try call.flag("layout")
    switch try call.text("direction", default: "forward") {
    case "forward": directions = [false]
    case "reverse": directions = [true]
    case "bidirectional": directions = [false, true]
    case let other: throw call.problem("the direction \(other) is not supported")
    }
    let recurrent = try call.constant(2, "the recurrent matrix R")
    guard recurrent.shape.count == 3, recurrent.shape[2] > 0 else {
      throw call.problem("the recurrent matrix R has the shape \(recurrent.shape.shortened)")
    }
    units = recurrent.shape[2]
    guard try call.integer("hidden_size", default: units) == units else {
      throw call.problem("hidden_size is not that of its matrix R, \(units)")
    }
    if call.attribute("clip") != nil { throw call.problem("clip is not supported") }
    if try call.flag("input_forget") { throw call.problem("input_forget is not supported") }
    if call.has(7) { throw call.problem("peepholes (input P) are not supported") }
  }

  /// The cells with their weights, gates in the model's order.
  func passes(_ call: ONNXCall, features: Int) throws(Failure) -> [RecurrentPass] {
    let cell = try cell(call)
    let (rows, count) = (cell.gates * units, directions.count)
    // ONNX has an LSTM's gates as i, o, f, c.
    let order = cell == .lstm ? [0, 2, 3, 1] : Array(0..<cell.gates)
    let places = order.flatMap { Array($0 * units..<($0 + 1) * units) }
    let (w, r) = (try call.constant(1, "the matrix W"), try call.constant(2, "the recurrent matrix R"))
    let b = try call.constant(ifAny: 3, "the bias B")
    guard w.shape == [count, rows, features], r.shape == [count, rows, units],
      b.map({ $0.shape == [count, 2 * rows] }) ?? true
    else {
      throw call.problem(
        "its weights of shapes \(w.shape.shortened), \(r.shape.shortened) do not fit \(features) features and \(units) units"
      )
    }
    let functions = try functions(call, cell)
    var passes: [RecurrentPass] = []
    for (direction, isReversed) in directions.enumerated() {
      func matrix(_ tensor: ONNXTensor, _ columns: Int, _ what: String) throws(Failure) -> (
        Weights, Quantizer?
      ) {
        let own = tensor.moved(.gather([[direction], places, nil])).moved(.reshape([rows, columns]))
        return try call.weights(own.moved(.transpose([1, 0])), what)
      }
      let (kernel, kernelQuantizer) = try matrix(w, features, "the matrix W")
      let (recurrent, recurrentQuantizer) = try matrix(r, units, "the recurrent matrix R")
      var bias: Weights?
      if let b {
        let own = b.moved(.gather([[direction], nil])).values
        let halves = [places.map { own[$0] }, places.map { own[rows + $0] }]
        if case .gru(resetAfter: true) = cell {
          bias = Weights(shape: [2, rows], values: halves[0] + halves[1])
        } else {
          bias = Weights(shape: [rows], values: zip(halves[0], halves[1]).map { $0 + $1 })
        }
      }
      let own = Array(
        functions[direction * functions.count / count..<(direction + 1) * functions.count / count])
      var pass = RecurrentPass(
        cell, kernel: kernel, recurrentKernel: recurrent, bias: bias,
        activation: cell == .simple ? own[0] : own[1], gateActivation: cell == .simple ? .linear : own[0],
        cellActivation: cell == .lstm ? own[2] : nil)
      pass.isReversed = isReversed
      pass.quantizers[.kernel] = kernelQuantizer
      pass.quantizers[.recurrentKernel] = recurrentQuantizer
      passes.append(pass)
    }
    return passes
  }

  private func cell(_ call: ONNXCall) throws(Failure) -> RecurrentCell {
    switch call.node.operation {
    case "LSTM": .lstm
    case "GRU": .gru(resetAfter: try call.flag("linear_before_reset"))
    default: .simple
    }
  }

  /// The functions of all directions in turn: of an LSTM those of gates, candidate and cell, of a GRU of gates and candidate.
  private func functions(_ call: ONNXCall, _ cell: RecurrentCell) throws(Failure) -> [Activation] {
    let own: [String] =
      switch cell {
      case .simple: ["Tanh"]
      case .lstm: ["Sigmoid", "Tanh", "Tanh"]
      case .gru: ["Sigmoid", "Tanh"]
      }
    var names = directions.flatMap { _ in own }
    switch call.attribute("activations") {
    case nil: break
    case .texts(let given)?: names = given
    default: throw call.problem("the attribute activations is no list of names")
    }
    guard names.count == own.count * directions.count else {
      throw call.problem("has \(names.count) activations where \(own.count * directions.count) are needed")
    }
    var (alphas, betas) = (try call.reals("activation_alpha")[...], try call.reals("activation_beta")[...])
    return try names.map { (name) throws(Failure) -> Activation in
      switch name.lowercased() {
      case "relu": return .relu(maximum: nil, negativeSlope: 0, threshold: 0)
      case "tanh": return .tanh
      case "sigmoid": return .sigmoid
      case "softsign": return .softsign
      case "softplus": return .softplus
      case "leakyrelu": return .leakyReLU(slope: alphas.popFirst() ?? 0.01)
      case "thresholdedrelu": return .thresholdedReLU(theta: alphas.popFirst() ?? 1)
      case "elu": return .elu(alpha: alphas.popFirst() ?? 1)
      case "affine": return .scaled(factor: alphas.popFirst() ?? 1, offset: betas.popFirst() ?? 0)
      case "hardsigmoid":
        return .hardSigmoid(slope: alphas.popFirst() ?? 0.2, shift: betas.popFirst() ?? 0.5)
      default: throw call.problem("the activation \(name) is not supported in a recurrent node")
      }
    }
  }
}

extension ONNXCall {
  /// The sequence, [steps, features] of one event.
  fileprivate func sequence(_ settings: ONNXRecurrentSettings) throws(Failure) -> ONNXData {
    let x = plain(try data(0))
    guard x.shape.count == 3 else {
      throw problem("reads data of shape \(x.shape.shortened) where steps, batch and features are needed")
    }
    let (steps, batch) = settings.isBatchFirst ? (x.shape[1], x.shape[0]) : (x.shape[0], x.shape[1])
    guard batch == 1, settings.isBatchFirst || !x.hasBatch || x.shape[0] == 1 else {
      throw problem(
        "reads data of shape \(x.shape.shortened), whose batch is not one event",
        hint: "export it with a batch of one; the model's input has the batch first (batch_first)")
    }
    let shape = [steps, x.shape[2]]
    return x.storedShape == shape && !x.hasBatch
      ? x : try add(.reshape, [x], shape, hasBatch: false, suffix: "sequence")
  }

  /// Refuses sequences of other lengths than the data's.
  fileprivate func checkLengths(_ steps: Int) throws(Failure) {
    guard let lengths = try constant(ifAny: 4, "sequence_lens") else { return }
    guard lengths.values.allSatisfy({ $0 == Double(steps) }) else {
      throw problem("sequences shorter than the data are not supported (sequence_lens)")
    }
  }

  /// The states before the first step, pass by pass; none where they are zeros.
  fileprivate func initialStates(_ settings: ONNXRecurrentSettings, _ passes: [RecurrentPass]) throws(Failure)
    -> [ONNXData]
  {
    let inputs = passes[0].cell.states.count == 2 ? [5, 6] : [5]
    var isZero = true
    for input in inputs where has(input) {
      if isConstant(input), try constant(input, "an initial state").values.allSatisfy({ $0 == 0 }) {
        continue
      }
      isZero = false
    }
    if isZero { return [] }
    var whole: [ONNXData] = []
    let units = passes[0].units
    for input in inputs {
      guard has(input) else { throw problem("one of its two initial states is given alone") }
      let state = plain(try data(input))
      guard state.shape.reduce(1, *) == passes.count * units else {
        throw problem("its initial state of shape \(state.shape.shortened) is not of one event")
      }
      whole.append(
        try add(.reshape, [state], [passes.count * units], hasBatch: false, suffix: "state\(input - 4)"))
    }
    if passes.count == 1 { return whole }
    var states: [ONNXData] = []
    for pass in passes.indices {
      for (number, state) in whole.enumerated() {
        states.append(
          try add(
            .gather(indices: [Array(pass * units..<(pass + 1) * units)]), [state], [units], hasBatch: false,
            suffix: "state\(number + 1)_pass\(pass + 1)"))
      }
    }
    return states
  }

  fileprivate func reals(_ key: String) throws(Failure) -> [Double] {
    switch attribute(key) {
    case nil: return []
    case .reals(let values)?: return values
    case .real(let value)?: return [value]
    default: throw problem("the attribute \(key) is no list of numbers")
    }
  }
}
