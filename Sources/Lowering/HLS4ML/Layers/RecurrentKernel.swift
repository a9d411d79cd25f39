import Configuration
import FixedPoint
import Program

/// nnet_recurrent.h: both products and their sum in the accumulator's type, activations from tables into it, and states in the
/// result's type. Its static and other forms, its streams, and its loop over two directions compute the same words.
///
/// What hls4ml 1.3.0 has no right code for is computed in the same types (`HLSGraphBuilder` warns).
struct RecurrentKernel: HLSKernel {
  /// One direction.
  struct Pass: Sendable {
    var cell: RecurrentCellKind
    var units: Int
    /// Whether the last step of the input is read first, and whether results stay in that order.
    var isReversed: Bool
    var keepsReversedOrder: Bool
    /// Layers that compute the functions inside the cell.
    var activation: HLSLayer
    var gateActivation: HLSLayer
    var roles: RecurrentRoles
  }

  /// What a step computes: see `RecurrentCell`.
  enum RecurrentCellKind: Sendable {
    case simple, lstm
    case gru(resetAfter: Bool)
  }

  /// How two directions' results become one.
  enum Merging: Sendable {
    case concatenate
    case elementwise(Elementwise, isAverage: Bool)
  }

  var passes: [Pass]
  var merging: Merging
  var returnsSequences: Bool

  var className: String {
    if passes.count > 1 { return "Bidirectional" }
    switch passes[0].cell {
    case .simple: return "SimpleRNN"
    case .lstm: return "LSTM"
    case .gru: return "GRU"
    }
  }

  var tensors: [HLSRole] {
    passes.flatMap { [$0.roles.weight, $0.roles.bias, $0.roles.recurrentWeight, $0.roles.recurrentBias] } + [
      .accum
    ]
  }
  var types: [HLSRole: HLSPrecision] { [.table: .fixed(18, 8)] }
  var settings: [String: StartingConfiguration.Setting] {
    let factors =
      passes.count == 1
      ? ["RecurrentReuseFactor"]
      : [
        "ForwardReuseFactor", "BackwardReuseFactor", "ForwardRecurrentReuseFactor",
        "BackwardRecurrentReuseFactor",
      ]
    var settings: [String: StartingConfiguration.Setting] = [
      "ReuseFactor": .count(1), "Static": .flag(true), "TableSize": .count(1024),
    ]
    for factor in factors { settings[factor] = .count(1) }
    return settings
  }

  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID {
    var results: [ValueID] = []
    var next = 1
    for pass in passes {
      var starts: [ValueID] = []
      for name in pass.states {
        let type = ValueType([pass.units], try emitter.format(.result))
        if emitter.layer.inputs.indices.contains(next) {
          starts.append(try emitter.exactly(try emitter.operand(next), type.format, "start"))
        } else {
          starts.append(emitter.constant("\(name)0", type, Array(repeating: 0, count: pass.units)))
        }
        next += 1
      }
      results.append(try emit(pass, starts, &emitter))
    }
    guard results.count > 1 else { return results[0] }
    switch merging {
    case .concatenate:
      let axis = emitter.shape(results[0]).count - 1
      return try emitter.add("", .rearrange(.concatenate(axis: axis)), results[0], results[1])
    case .elementwise(let operation, let isAverage):
      let both = try emitter.add("merged", .elementwise(operation), results[0], results[1])
      return try emitter.converted(isAverage ? try emitter.shift(both, by: -1, "half") : both)
    }
  }

  private func emit(_ pass: Pass, _ starts: [ValueID], _ emitter: inout HLSEmitter) throws(ProgramError)
    -> ValueID
  {
    var x = try emitter.operand()
    let steps = emitter.shape(x)[0]
    if pass.isReversed { x = try reversed(x, steps, &emitter) }
    let features = try emitter.product(
      x, pass.roles.weight, pass.roles.bias, reuse: emitter.layer.reuseFactor, "features")
    let step = try self.step(pass, emitter.format(of: features), &emitter)
    var operands = [features]
    operands += starts
    let result = try emitter.builder.add(
      "\(emitter.layer.name).steps", .scan(Scan(step, keeps: returnsSequences ? .all : .last)), operands)
    return pass.isReversed && !pass.keepsReversedOrder && returnsSequences
      ? try reversed(result, steps, &emitter) : result
  }

  private func reversed(_ x: ValueID, _ steps: Int, _ emitter: inout HLSEmitter) throws(ProgramError)
    -> ValueID
  {
    try emitter.add("reversed", .rearrange(.gather(axis: 0, indices: (0..<steps).reversed())), x)
  }

  /// The program of a step.
  private func step(_ pass: Pass, _ accum: FixedFormat, _ emitter: inout HLSEmitter) throws(ProgramError)
    -> Program
  {
    let result = try emitter.format(.result)
    return try emitter.step { (step) throws(ProgramError) in
      let x = step.builder.input("features", ValueType([pass.gates * pass.units], accum))
      var states: [ValueID] = []
      for name in pass.states { states.append(step.builder.input(name, ValueType([pass.units], result))) }
      var cell = CellEmitter(pass: pass, accum: accum, emitter: step)
      var outputs: [ValueID] = []
      for state in try cell.states(after: x, states) {
        outputs.append(try cell.emitter.exactly(state, result, "next"))
      }
      step = cell.emitter
      step.builder.output(outputs[0])
      for output in outputs { step.builder.output(output) }
    }
  }
}

extension RecurrentKernel.Pass {
  var gates: Int {
    switch cell {
    case .simple: 1
    case .lstm: 4
    case .gru: 3
    }
  }

  var states: [String] { if case .lstm = cell { ["h", "c"] } else { ["h"] } }
}

/// The tensors of one direction.
struct RecurrentRoles: Sendable {
  var weight, recurrentWeight, bias, recurrentBias: HLSRole

  static let one = RecurrentRoles(
    weight: .weight, recurrentWeight: .recurrentWeight, bias: .bias, recurrentBias: .recurrentBias)
  static let forward = RecurrentRoles(
    weight: .forwardWeight, recurrentWeight: .forwardRecurrentWeight, bias: .forwardBias,
    recurrentBias: .forwardRecurrentBias)
  static let backward = RecurrentRoles(
    weight: .backwardWeight, recurrentWeight: .backwardRecurrentWeight, bias: .backwardBias,
    recurrentBias: .backwardRecurrentBias)
}

/// One step of a cell, instruction by instruction.
private struct CellEmitter {
  let pass: RecurrentKernel.Pass
  let accum: FixedFormat
  var emitter: HLSEmitter

  private var units: Int { pass.units }

  /// The states after the step, exact.
  mutating func states(after x: ValueID, _ states: [ValueID]) throws(ProgramError) -> [ValueID] {
    switch pass.cell {
    case .simple:
      let sum = try accumulated(x, try product(states[0]), "sum")
      return [try emitter.apply(pass.activation, to: sum)]
    case .lstm: return try lstm(x, states[0], states[1])
    case .gru(let resetAfter): return [try gru(x, states[0], resetAfter)]
    }
  }

  private mutating func lstm(_ x: ValueID, _ h: ValueID, _ c: ValueID) throws(ProgramError) -> [ValueID] {
    let all = try accumulated(x, try product(h), "sum")
    let places = Array(0..<2 * units) + Array(3 * units..<4 * units)
    let open = try emitter.add("open", .rearrange(.gather(axis: 0, indices: places)), all)
    let gates = try emitter.apply(pass.gateActivation, to: open)
    let candidate = try emitter.apply(pass.activation, to: try part(all, 2))
    let new = try emitter.add("new", .elementwise(.multiply), candidate, try part(gates, 0))
    let kept = try emitter.add("kept", .elementwise(.multiply), c, try part(gates, 1))
    let cell = try emitter.exactly(
      try emitter.add("cell.exact", .elementwise(.add), new, kept), try emitter.format(.result), "cell")
    let shown = try emitter.apply(pass.activation, to: cell)
    return [try emitter.add("shown", .elementwise(.multiply), try part(gates, 2), shown), cell]
  }

  private mutating func gru(_ x: ValueID, _ h: ValueID, _ resetAfter: Bool) throws(ProgramError) -> ValueID {
    let inner = try product(h)
    let open = try accumulated(try part(x, 0, 2), try part(inner, 0, 2), "sum")
    let gates = try emitter.apply(pass.gateActivation, to: open)
    let (update, reset) = (try part(gates, 0), try part(gates, 1))
    var given: ValueID
    if resetAfter {
      given = try emitter.add("reset.exact", .elementwise(.multiply), reset, try part(inner, 2))
      given = try emitter.convert(given, to: accum, "reset")
    } else {
      let before = try emitter.add("reset.exact", .elementwise(.multiply), reset, h)
      let all = try product(try emitter.convert(before, to: accum, "reset"), withBias: false)
      given = try part(all, 2)
    }
    let candidate = try emitter.apply(
      pass.activation, to: try accumulated(try part(x, 2), given, "candidate"))
    let rest = try emitter.add("rest", .elementwise(.subtract), emitter.number("one", 1), update)
    let new = try emitter.add("new", .elementwise(.multiply), candidate, rest)
    let kept = try emitter.add("kept", .elementwise(.multiply), h, update)
    return try emitter.add("mixed", .elementwise(.add), new, kept)
  }

  private mutating func product(_ h: ValueID, withBias: Bool = true) throws(ProgramError) -> ValueID {
    try emitter.product(
      h, pass.roles.recurrentWeight, withBias ? pass.roles.recurrentBias : nil,
      reuse: emitter.layer.written?.recurrentReuseFactor ?? emitter.layer.reuseFactor, "state")
  }

  /// The sum of two tensors in the accumulator's type.
  private mutating func accumulated(_ a: ValueID, _ b: ValueID, _ name: String) throws(ProgramError)
    -> ValueID
  {
    try emitter.convert(try emitter.add("\(name).exact", .elementwise(.add), a, b), to: accum, name)
  }

  /// The columns of one gate, or of several.
  private mutating func part(_ x: ValueID, _ number: Int, _ count: Int = 1) throws(ProgramError) -> ValueID {
    try emitter.add(
      "part", .rearrange(.slice(start: [number * units], count: [count * units], step: [1])), x)
  }
}

extension HLSEmitter {
  /// The value in a format, its modes included.
  mutating func exactly(_ value: ValueID, _ format: FixedFormat, _ name: String) throws(ProgramError)
    -> ValueID
  {
    self.format(of: value) == format ? value : try add(name, .requantize(format), value)
  }

  /// bias + x · weights in the accumulator's type, in the order of a multiplier array of a reuse factor.
  fileprivate mutating func product(
    _ x: ValueID, _ weight: HLSRole, _ bias: HLSRole?, reuse: Int, _ name: String
  ) throws(ProgramError) -> ValueID {
    let accumulator = try format(.accum)
    guard let shape = layer.weights[weight]?.data.shape else {
      throw ProgramError("has no \(weight.rawValue)")
    }
    var words = try self.words(weight)
    if layer.types[weight]?.isTernary == true { words = words.map { $0 == -2 ? 1 : $0 } }
    let w = constant("\(name).weight", ValueType(shape, try format(weight)), words)
    let type = ValueType(
      [shape[1]], try bias.map { (role) throws(ProgramError) in try format(role) } ?? accumulator)
    let zeros = Array(repeating: Raw(0), count: shape[1])
    let b = constant(
      "\(name).bias", type, try bias.map { (role) throws(ProgramError) in try self.words(role) } ?? zeros)
    var order = AccumulationOrder.natural
    let isShared = layer.strategy == .resource || layer.strategy == .resourceUnrolled
    if isShared, SumAnalysis.kind(adding: accumulator, in: accumulator) == .stepwise {
      let factor = ReuseFactors(inputs: shape[0], outputs: shape[1]).nearest(to: reuse)
      if factor > 1, factor < shape[0] { order = .strided(factor) }
    }
    return try add(
      name, .affine(Affine(product: accumulator, accumulator: accumulator, order: order)), x, w, b)
  }
}
