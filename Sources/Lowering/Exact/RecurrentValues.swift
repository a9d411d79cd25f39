import Diagnostics
import Model

/// A recurrent layer in double precision: what the framework computes, up to its float32 rounding.
struct RecurrentFunction: Sendable {
  private let recurrent: Recurrent
  private let passes: [Pass]
  private let steps: Int

  /// A pass with its weights as training left them.
  fileprivate struct Pass: Sendable {
    let pass: RecurrentPass
    let kernel: [Double]
    let recurrentKernel: [Double]
    let bias: [Double]
    let recurrentBias: [Double]
  }

  init(_ recurrent: Recurrent, input: [Int]) throws(Failure) {
    self.recurrent = recurrent
    steps = input[0]
    var passes: [Pass] = []
    for pass in recurrent.passes {
      let biases = try pass.biases()
      passes.append(
        Pass(
          pass: pass, kernel: try (pass.quantizers[.kernel]?.quantized(pass.kernel) ?? pass.kernel).values,
          recurrentKernel: try
            (pass.quantizers[.recurrentKernel]?.quantized(pass.recurrentKernel)
            ?? pass.recurrentKernel).values,
          bias: biases.features?.values ?? [], recurrentBias: biases.state?.values ?? []))
    }
    self.passes = passes
  }

  /// The multiplications of one event.
  var cost: Int { passes.reduce(0) { $0 + steps * ($1.kernel.count + $1.recurrentKernel.count) } }

  /// The result, from the sequence and, if given, the states before it.
  func evaluate(_ inputs: [[Double]]) -> [Double] {
    let rows = passResults(inputs).enumerated().map { number, states -> [[Double]] in
      var rows = states.map { recurrent.isOpened ? $0.flatMap { $0 } : $0[0] }
      let pass = passes[number].pass
      if !recurrent.returnsSequences, !recurrent.isOpened { return [rows[steps - 1]] }
      if pass.isReversed, !pass.keepsReversedOrder { rows.reverse() }
      return rows
    }
    guard rows.count > 1 else { return rows[0].flatMap { $0 } }
    return rows[0].indices.flatMap { step -> [Double] in
      let (a, b) = (rows[0][step], rows[1][step])
      switch recurrent.isOpened ? .concatenate : recurrent.merge {
      case .concatenate, nil: return a + b
      case .elementwise(let merge):
        return zip(a, b).map { a, b in
          switch merge {
          case .add: a + b
          case .subtract: a - b
          case .multiply: a * b
          case .average: (a + b) / 2
          case .maximum: max(a, b)
          case .minimum: min(a, b)
          }
        }
      }
    }
  }

  /// Every state's smallest and largest number in the steps of one event, pass by pass.
  func stateRanges(_ inputs: [[Double]]) -> [ClosedRange<Double>] {
    passResults(inputs).flatMap { states in
      states[0].indices.map { place in
        let all = states.flatMap { $0[place] }.filter(\.isFinite)
        return min(all.min() ?? 0, 0)...max(all.max() ?? 0, 0)
      }
    }
  }

  /// For every pass, the states after every step in the order in which they come.
  private func passResults(_ inputs: [[Double]]) -> [[[[Double]]]] {
    var (sequence, starts, mask) = recurrent.parts(of: inputs)
    return passes.map { pass in
      let count = pass.pass.cell.states.count
      var states = (0..<count).map {
        starts.indices.contains($0) ? starts[$0] : Array(repeating: 0, count: pass.pass.units)
      }
      starts.removeFirst(min(count, starts.count))
      let length = sequence.count / steps
      return (0..<steps).map { step in
        let row = pass.pass.isReversed ? steps - 1 - step : step
        if mask?[row] != 0 { states = pass.step(sequence[row * length..<(row + 1) * length], states) }
        return states
      }
    }
  }
}

extension RecurrentFunction.Pass {
  /// The states after a step.
  func step(_ x: ArraySlice<Double>, _ states: [[Double]]) -> [[Double]] {
    let units = pass.units
    var states = states
    if let quantizer = pass.quantizers[.state] {
      states = states.map { quantizer.values($0, shape: [units]) }
    }
    let given = product(x, kernel, bias)
    let h = states[0]
    func part(_ values: [Double], _ number: Int, _ count: Int = 1) -> [Double] {
      Array(values[number * units..<(number + count) * units])
    }
    func apply(_ activation: Activation, _ values: [Double]) -> [Double] {
      activation.values(values, shape: [values.count])
    }
    switch pass.cell {
    case .simple:
      return [apply(pass.activation, added(given, product(h[...], recurrentKernel, recurrentBias)))]
    case .lstm:
      let all = added(given, product(h[...], recurrentKernel, recurrentBias))
      let gates = apply(pass.gateActivation, part(all, 0, 2) + part(all, 3))
      let candidate = apply(pass.activation, part(all, 2))
      let cell = added(multiplied(part(gates, 1), states[1]), multiplied(part(gates, 0), candidate))
      return [multiplied(part(gates, 2), apply(pass.cellActivation, cell)), cell]
    case .gru(let resetAfter):
      // Where the gate comes first, the candidate's columns are not read.
      let inner = product(h[...], recurrentKernel, recurrentBias)
      let gates = apply(pass.gateActivation, added(part(given, 0, 2), part(inner, 0, 2)))
      let (update, reset) = (part(gates, 0), part(gates, 1))
      func quantized(_ values: [Double]) -> [Double] {
        pass.quantizers[.reset]?.values(values, shape: [units]) ?? values
      }
      let candidate =
        resetAfter
        ? multiplied(reset, quantized(part(inner, 2)))
        : part(product(quantized(multiplied(reset, h))[...], recurrentKernel, []), 2)
      let new = apply(pass.activation, added(part(given, 2), candidate))
      return [h.indices.map { update[$0] * h[$0] + (1 - update[$0]) * new[$0] }]
    }
  }

  private func product(_ x: ArraySlice<Double>, _ kernel: [Double], _ bias: [Double]) -> [Double] {
    let columns = pass.cell.gates * pass.units
    var result = bias.isEmpty ? Array(repeating: 0, count: columns) : bias
    for (row, value) in x.enumerated() where value != 0 {
      for column in 0..<columns { result[column] += value * kernel[row * columns + column] }
    }
    return result
  }

  private func added(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
  private func multiplied(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 * $1 } }
}
