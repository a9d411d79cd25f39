import Diagnostics
import Model

extension HLSGraphBuilder {
  /// hls4ml's kernel of a recurrent layer, with its weights (converters/keras/recurrent.py, qkeras.py). What it gets wrong or
  /// cannot do is computed as the model says, in hls4ml's types, and said.
  mutating func setRecurrent(_ made: inout HLSLayer, _ recurrent: Recurrent, _ layer: Layer) throws(Failure) {
    if recurrent.isMasked {
      refuse(layer, "hls4ml 1.3.0 has no masks: it computes masked steps as all others")
      return
    }
    if recurrent.isOpened {
      refuse(layer, "hls4ml has no recurrent layer with several results (return_state, merge_mode None)")
      return
    }
    if recurrent.passes.contains(where: {
      $0.quantizers.values.contains { if case .fixed = $0 { true } else { false } }
    }) {
      refuse(layer, "hls4ml 1.3.0 fails on HGQ2's QGRU and computes other words of its QSimpleRNN")
      return
    }
    var passes: [RecurrentKernel.Pass] = []
    for (number, pass) in recurrent.passes.enumerated() {
      let roles = recurrent.passes.count == 1 ? RecurrentRoles.one : number == 0 ? .forward : .backward
      try setWeights(&made, pass, roles, layer)
      guard let activation = try function(pass.activation, layer),
        let gate = try function(pass.gateActivation, layer)
      else { return }
      if pass.cellActivation != pass.activation {
        refuse(layer, "hls4ml has one activation for an LSTM's candidate and its cell")
      }
      passes.append(
        RecurrentKernel.Pass(
          cell: RecurrentKernel.RecurrentCellKind(pass.cell), units: pass.units, isReversed: pass.isReversed,
          keepsReversedOrder: pass.keepsReversedOrder, activation: activation, gateActivation: gate,
          roles: roles))
    }
    let merging: RecurrentKernel.Merging
    switch recurrent.merge {
    case .concatenate, nil: merging = .concatenate
    case .elementwise(let merge):
      merging = .elementwise(merge.elementwise, isAverage: merge == .average)
    }
    made.kind = .kernel(
      RecurrentKernel(passes: passes, merging: merging, returnsSequences: recurrent.returnsSequences))
    // A project's code is what it computes.
    if graph.configuration.isWritten { return }
    for difference in differences(recurrent, layer) {
      warn(layer, "hls4ml 1.3.0 \(difference): the model is computed, in hls4ml's types")
    }
  }

  /// What hls4ml does not compute as the model does.
  private func differences(_ recurrent: Recurrent, _ layer: Layer) -> [String] {
    var found: [String] = []
    for (number, pass) in recurrent.passes.enumerated() {
      switch pass.cell {
      case .simple: found.append("has no kernel for SimpleRNN and leaves its result as memory was")
      case .gru(resetAfter: false): found.append("reads beyond the bias of a GRU with reset_after=False")
      case .gru, .lstm: break
      }
      if pass.isReversed, recurrent.passes.count == 1 || number == 0 { found.append("ignores go_backwards") }
      if pass.bias == nil { found.append("fails on a recurrent layer without bias in a file of Keras 2") }
      for function in [pass.activation, pass.gateActivation] where !function.isInRecurrentKernels {
        if case .simple = pass.cell, function == pass.gateActivation { continue }
        found.append("has no code for an activation of its cell")
      }
    }
    if case .elementwise = recurrent.merge, recurrent.passes.count > 1 {
      found.append("writes past the end of a Bidirectional's result unless merge_mode is concat")
    }
    if layer.inputs.count > 1 { found.append("leaves out initial states that are not PyTorch's") }
    return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private mutating func setWeights(
    _ made: inout HLSLayer, _ pass: RecurrentPass, _ roles: RecurrentRoles, _ layer: Layer
  ) throws(Failure) {
    let columns = pass.cell.gates * pass.units
    func split(_ bias: Weights?) -> (Weights, Weights) {
      let zeros = Weights(shape: [columns], values: Array(repeating: 0, count: columns))
      guard let bias else { return (zeros, zeros) }
      guard bias.shape.count == 2 else { return (bias, zeros) }
      return (
        Weights(shape: [columns], values: Array(bias.values.prefix(columns))),
        Weights(shape: [columns], values: Array(bias.values.dropFirst(columns)))
      )
    }
    let bias = split(pass.bias)
    let tensors: [(HLSRole, Weights, RecurrentTensor)] = [
      (roles.weight, pass.kernel, .kernel), (roles.recurrentWeight, pass.recurrentKernel, .recurrentKernel),
      (roles.bias, bias.0, .bias), (roles.recurrentBias, bias.1, .bias),
    ]
    for (role, weights, tensor) in tensors {
      let (values, quantizer) = try quantized(weights, pass.quantizers[tensor], isKernel: false, layer)
      if quantizer?.hasScale == true {
        refuse(layer, "hls4ml leaves out the scale of a recurrent layer's quantizer")
      }
      if case .exponent? = quantizer?.precision {
        refuse(layer, "hls4ml has no recurrent kernels with weights that are powers of two")
      }
      made.weights[role] = try HLSWeight(HLSArray(values ?? weights), quantizer: quantizer)
    }
  }

  /// A layer that computes a function inside a cell; nil, with a problem reported, where hls4ml has none.
  private mutating func function(_ activation: Activation, _ layer: Layer) throws(Failure) -> HLSLayer? {
    switch activation {
    case .quantizer(.qkeras(let quantizer)):
      switch quantizer.kind {
      case .relu(_, _, false, 0, _, _), .tanh(_, _, true),
        .sigmoid(_, _, true):
        break
      default:
        refuse(layer, "hls4ml takes no \(quantizer.className) in a recurrent layer")
        return nil
      }
    case .softmax, .prelu, .sequence, .networks, .scaled, .reciprocal, .differs, .squareRoot,
      .inverseSquareRoot,
      .quantizer:
      refuse(layer, "hls4ml has no such activation in a recurrent layer")
      return nil
    default: break
    }
    guard var made = try activationLayer(activation, layer, name: layer.name, input: layer.name) else {
      return nil
    }
    if case .parametrized(_, let parameter) = made.kind {
      made.types[.param] = HLSPrecision.smallest(holding: parameter)
    }
    return made
  }
}

extension Activation {
  /// Whether hls4ml has code for it in a cell (nnet_recr_activations.h).
  fileprivate var isInRecurrentKernels: Bool {
    switch self {
    case .sigmoid, .tanh, .relu(maximum: nil, negativeSlope: 0, threshold: 0): true
    case .quantizer: true
    default: false
    }
  }
}

extension RecurrentKernel.RecurrentCellKind {
  fileprivate init(_ cell: RecurrentCell) {
    switch cell {
    case .simple: self = .simple
    case .lstm: self = .lstm
    case .gru(let resetAfter): self = .gru(resetAfter: resetAfter)
    }
  }
}
