import Diagnostics
import FixedPoint
import Model
import Program

/// A state after a step.
struct NextState {
  /// Exactly.
  var value: ValueID
  /// In its format, where the step needed that.
  var word: ValueID?

  init(_ value: ValueID, word: ValueID? = nil) {
    self.value = value
    self.word = word
  }
}

/// A recurrent cell with its weights as constants: what it computes in a step, in the program's operations.
struct CellLowering {
  let pass: RecurrentPass
  /// [features, gates · units].
  let kernel: LayerParameters
  /// [units, gates · units].
  let recurrent: LayerParameters
  /// Of the features' product.
  let bias: Weights?
  /// Of the state's product, where it has one of its own.
  let recurrentBias: Weights?
  /// Whether the step's result is all of its states.
  let isOpened: Bool

  private var units: Int { pass.units }

  init(_ pass: RecurrentPass, _ builder: inout ExactBuilder, isOpened: Bool) throws(Failure) {
    self.pass = pass
    self.isOpened = isOpened
    kernel = try builder.kernel(pass.kernel, pass.quantizers[.kernel])
    recurrent = try builder.kernel(pass.recurrentKernel, pass.quantizers[.recurrentKernel])
    (bias, recurrentBias) = try pass.biases()
  }

  /// The states after a step, from the features' products and the states before.
  func lower(_ x: ValueID, _ states: [ValueID], _ step: inout ExactBuilder) throws(Failure) -> [NextState] {
    let formats = states.map { step.format($0) }
    var states = states
    if let quantizer = pass.quantizers[.state] {
      for place in states.indices { states[place] = try step.quantize(states[place], quantizer) }
    }
    switch pass.cell {
    case .simple:
      let sum = try step.sum(x, try product(states[0], recurrent, recurrentBias, &step), "gates")
      return [NextState(try activated(sum, pass.activation, &step))]
    case .lstm: return try lstm(x, states[0], states[1], formats[1], &step)
    case .gru(let resetAfter): return [NextState(try gru(x, states[0], resetAfter: resetAfter, &step))]
    }
  }

  private func lstm(
    _ x: ValueID, _ h: ValueID, _ c: ValueID, _ format: FixedFormat, _ step: inout ExactBuilder
  ) throws(Failure) -> [NextState] {
    let all = try step.sum(x, try product(h, recurrent, recurrentBias, &step), "gates")
    // Keras's order is i, f, c, o: the three gates together, so that one table serves them.
    let places = Array(0..<2 * units) + Array(3 * units..<4 * units)
    let open = try step.add(.rearrange(.gather(axis: 0, indices: places)), all, named: "open")
    let gates = try activated(open, pass.gateActivation, &step)
    let candidate = try activated(try part(all, 2, &step), pass.activation, &step)
    let kept = try step.multiply(try part(gates, 1, &step), c, "kept")
    let new = try step.multiply(try part(gates, 0, &step), candidate, "new")
    let cell = try step.sum(kept, new, "cell")
    // Of a model without quantizers the cell is the word that the next step reads.
    let word = step.isQuantized ? cell : try step.add(.requantize(format), cell, named: "cellWord")
    let shown = try activated(word, pass.cellActivation, &step)
    return [
      NextState(try step.multiply(try part(gates, 2, &step), shown, "shown")),
      NextState(cell, word: step.isQuantized ? nil : word),
    ]
  }

  private func gru(_ x: ValueID, _ h: ValueID, resetAfter: Bool, _ step: inout ExactBuilder) throws(Failure)
    -> ValueID
  {
    let inner =
      resetAfter
      ? try product(h, recurrent, recurrentBias, &step)
      : try product(h, recurrent.columns(0..<2 * units), recurrentBias, &step)
    let open = try step.sum(
      try columns(x, 0..<2 * units, &step), try columns(inner, 0..<2 * units, &step), "gates")
    let gates = try activated(open, pass.gateActivation, &step)
    let (update, reset) = (try part(gates, 0, &step), try part(gates, 1, &step))
    let candidate: ValueID
    if resetAfter {
      let given = try resetWord(try columns(inner, 2 * units..<3 * units, &step), &step)
      candidate = try step.multiply(reset, given, "reset")
    } else {
      let given = try resetWord(try step.multiply(reset, h, "reset"), &step)
      candidate = try product(given, recurrent.columns(2 * units..<3 * units), nil, &step)
    }
    let sum = try step.sum(try columns(x, 2 * units..<3 * units, &step), candidate, "candidate")
    let new = try activated(sum, pass.activation, &step)
    // z·h + (1 − z)·n with one product: n + z·(h − n). For 0 ≤ z ≤ 1 it lies between h and n.
    let change = try step.multiply(update, try step.sum(h, negated: new, "difference"), "change")
    let mixed = try step.sum(new, change, "mixed")
    let (z, ends) = (step.range(update), [step.interval(h, like: mixed), step.interval(new, like: mixed)])
    guard z.lowerBound >= 0, z.upperBound <= 1 else { return mixed }
    return try step.assume(mixed, ends[0].union(ends[1]), "between")
  }

  /// A product with the reset gate: quantized where training did so, else a word.
  private func resetWord(_ value: ValueID, _ step: inout ExactBuilder) throws(Failure) -> ValueID {
    if let quantizer = pass.quantizers[.reset] { return try step.quantize(value, quantizer) }
    return try step.word(value, estimate: nil, "resetWord")
  }

  private func product(
    _ h: ValueID, _ parameters: LayerParameters, _ bias: Weights?, _ step: inout ExactBuilder
  ) throws(Failure) -> ValueID {
    try step.linear(h, parameters, bias, nil)
  }

  private func activated(_ x: ValueID, _ activation: Activation, _ step: inout ExactBuilder) throws(Failure)
    -> ValueID
  {
    try step.word(try step.lower(activation, x, estimate: nil), estimate: nil, "activated")
  }

  private func part(_ x: ValueID, _ number: Int, _ step: inout ExactBuilder) throws(Failure) -> ValueID {
    try columns(x, number * units..<(number + 1) * units, &step)
  }

  private func columns(_ x: ValueID, _ range: Range<Int>, _ step: inout ExactBuilder) throws(Failure)
    -> ValueID
  {
    if range == 0..<step.shape(x)[0] { return x }
    return try step.add(
      .rearrange(.slice(start: [range.lowerBound], count: [range.count], step: [1])), x, named: "part")
  }
}

extension RecurrentPass {
  /// The bias of the features' product and that of the state's, as the framework has them after its quantizer.
  func biases() throws(Failure) -> (features: Weights?, state: Weights?) {
    guard var bias else { return (nil, nil) }
    if let quantizer = quantizers[.bias] { bias = try quantizer.quantized(bias) }
    let count = cell.gates * units
    guard bias.shape.count == 2 else { return (bias, nil) }
    return (
      Weights(shape: [count], values: Array(bias.values.prefix(count))),
      Weights(shape: [count], values: Array(bias.values.dropFirst(count)))
    )
  }
}

extension LayerParameters {
  /// Some of the columns.
  fileprivate func columns(_ range: Range<Int>) -> LayerParameters {
    let (rows, all) = (kernel.shape[0], kernel.shape[1])
    var part = self
    part.kernel.shape = [rows, range.count]
    part.kernel.words = (0..<rows).flatMap { row in range.map { kernel.words[row * all + $0] } }
    if var scale, scale.words.count > 1 {
      scale.words = range.map { scale.words[$0] }
      scale.shape = [range.count]
      part.scale = scale
    }
    return part
  }
}
