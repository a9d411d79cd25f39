import Diagnostics
import Model

// Recurrent layers: of sequences (nn.LSTM, nn.GRU, nn.RNN), and of one step (nn.LSTMCell and its like), which
// are sequences of one.

/// PyTorch's recurrent functions.
let torchRecurrentFunctions: [String: TorchConverter] = torchCells.reduce(into: [:]) { all, cell in
  all[cell.key] = convertRecurrentLayers
  all["\(cell.key)_cell"] = convertRecurrentStep
}

/// A cell in ONNX's words.
private struct TorchCell {
  let operation: String
  /// For each of ONNX's gates its place among PyTorch's.
  let order: [Int]
  /// The function, where it is not the operation's own.
  var activation: String?
}

/// PyTorch has an LSTM's gates as input, forget, cell, output where ONNX has input, output, forget, cell; a
/// GRU's as reset, update, new where ONNX has update, reset, hidden.
private let torchCells = [
  "lstm": TorchCell(operation: "LSTM", order: [0, 3, 1, 2]),
  "gru": TorchCell(operation: "GRU", order: [1, 0, 2]),
  "rnn_tanh": TorchCell(operation: "RNN", order: [0]),
  "rnn_relu": TorchCell(operation: "RNN", order: [0], activation: "Relu"),
]

/// One call for all layers: `input` [batch, steps, features] where batch_first, else [steps, batch,
/// features]; states [layers · directions, batch, units]; `params` of each layer and direction in turn: W
/// [gates · units, features], R [gates · units, units] and, where there are biases, one for each. It gives
/// the last layer's states of all steps and every layer's last states.
@Sendable private func convertRecurrentLayers(_ call: TorchCall) throws(Failure) -> [String?] {
  guard let cell = torchCells[call.function] else { throw call.problem("is no recurrent layer") }
  guard call.has("input") else {
    throw call.problem(
      "reads packed sequences", hint: "pad them all to one length: hardware has a fixed size")
  }
  if try call.flag("train"), try call.real("dropout", default: 0) != 0 {
    throw call.problem("is in training mode", hint: "export the model in eval mode: model.eval()")
  }
  let layers = try call.integer("num_layers")
  let directions = try call.flag("bidirectional") ? 2 : 1
  let isBatchFirst = try call.flag("batch_first")
  let parameters = try call.tensors("params")
  let each = try call.flag("has_biases") ? 4 : 2
  guard layers >= 1, parameters.count == Saturating.product([layers, directions, each]) else {
    throw call.problem(
      "has \(parameters.count) tensors for \(layers) layers of \(directions) directions; "
        + "projections (proj_size) are not supported")
  }
  let states = try cell.operation == "LSTM" ? call.tensors("hx") : [call.tensor("hx")]
  var x = try call.tensor("input")
  var last = states.map { _ in [String]() }
  for layer in 0..<layers {
    let own = parameters[layer * directions * each..<(layer + 1) * directions * each]
    let initial = states.map { state in
      let places = call.integers(Array(layer * directions..<(layer + 1) * directions))
      let rows = layers == 1 ? state : call.emit("Gather", [state, places], suffix: "states")
      return isBatchFirst
        ? call.emit("Transpose", [rows], ["perm": .integers([1, 0, 2])], suffix: "states") : rows
    }
    let weights = (0..<directions).map { Array(own.dropFirst($0 * each).prefix(each)) }
    let results = try call.recurrent(
      cell, x, weights, initial, isBatchFirst: isBatchFirst, suffix: layers == 1 ? "" : "layer\(layer + 1)")
    // [batch, steps, directions, units], or [steps, directions, batch, units]: the units of all directions go
    // side by side.
    let ordered =
      isBatchFirst
      ? results[0] : call.emit("Transpose", [results[0]], ["perm": .integers([0, 2, 1, 3])], suffix: "steps")
    x = call.emit("Reshape", [ordered, call.integers([0, 0, -1])], suffix: "steps")
    for (place, result) in results.dropFirst().enumerated() {
      last[place].append(
        isBatchFirst
          ? call.emit("Transpose", [result], ["perm": .integers([1, 0, 2])], suffix: "last") : result)
    }
  }
  return [x]
    + last.map { parts in
      if parts.count == 1 { return parts[0] }
      let all = call.emit("Concat", parts, ["axis": .integer(0)], suffix: "last")
      call.translator.joined[all] = (parts, directions)
      return all
    }
}

/// One step: `input` [batch, features] and states [batch, units].
@Sendable private func convertRecurrentStep(_ call: TorchCall) throws(Failure) -> [String?] {
  guard let cell = torchCells[String(call.function.dropLast(5))] else {
    throw call.problem("is no recurrent cell")
  }
  let axis = call.integers([1])
  func sequence(_ x: String) -> String { call.emit("Unsqueeze", [x, axis], suffix: "step") }
  let states = try cell.operation == "LSTM" ? call.tensors("hx") : [call.tensor("hx")]
  var weights = [try call.tensor("w_ih"), try call.tensor("w_hh")]
  if call.has("b_ih") { weights += [try call.tensor("b_ih"), try call.tensor("b_hh")] }
  let results = try call.recurrent(
    cell, sequence(call.tensor("input")), [weights], states.map(sequence), isBatchFirst: true, suffix: "")
  return results.dropFirst().map { call.emit("Squeeze", [$0, axis], suffix: "state") }
}

extension TorchCall {
  /// ONNX's node of one layer, with its results: all steps, then the last states. `weights`: of every
  /// direction W, R and their biases.
  fileprivate func recurrent(
    _ cell: TorchCell, _ x: String, _ weights: [[String]], _ states: [String], isBatchFirst: Bool,
    suffix: String
  ) throws(Failure) -> [String] {
    guard let units = try units(), units <= ONNXImporter.lengthLimit else {
      throw problem("has states of no fixed length")
    }
    let places = integers(cell.order.flatMap { Array($0 * units..<($0 + 1) * units) })
    func ordered(_ tensor: String) -> String { emit("Gather", [tensor, places], suffix: "gates") }
    func joined(_ parts: [String], _ axis: Int) -> String {
      parts.count == 1 ? parts[0] : emit("Concat", parts, ["axis": .integer(axis)], suffix: "weights")
    }
    func stacked(_ parts: [String]) -> String {
      joined(parts.map { emit("Unsqueeze", [$0, integers([0])], suffix: "weights") }, 0)
    }
    var inputs = [x, stacked(weights.map { ordered($0[0]) }), stacked(weights.map { ordered($0[1]) })]
    inputs.append(
      weights[0].count == 4 ? stacked(weights.map { joined([ordered($0[2]), ordered($0[3])], 0) }) : "")
    var attributes: [String: ONNXAttribute] = [
      "layout": .integer(isBatchFirst ? 1 : 0), "linear_before_reset": .integer(1),
      "direction": .text(weights.count == 2 ? "bidirectional" : "forward"),
    ]
    if let activation = cell.activation {
      attributes["activations"] = .texts(weights.map { _ in activation })
    }
    return emit(cell.operation, inputs + [""] + states, attributes, results: 1 + states.count, suffix: suffix)
  }

  /// The length of a state, as the file says; nil for one that is not fixed.
  private func units() throws(Failure) -> Int? {
    switch argument("hx") {
    case .tensors(let names): return names.first.flatMap { $0 }.flatMap { translator.shape($0)?.last ?? nil }
    default: return try shape("hx").last ?? nil
    }
  }
}
