/// A recurrent layer: a cell run over the first axis of its input [steps, features], once or in both directions.
///
/// Further inputs are the states before the first step, those of the first pass first; without them states start as zeros. The
/// result is [steps, units] or, of the last step alone, [units]. With a mask, the last input, steps where it is 0 leave the states as
/// they are. A layer with more results than one has the passes apart
/// (`merge` nil), or its states behind them, [units] each.
public struct Recurrent: Sendable {
  /// The cell of one direction, or of both.
  public var passes: [RecurrentPass]
  /// How the results of two passes become one; nil: a result each.
  public var merge: Merging?
  /// Whether every step has a result, and not the last alone.
  public var returnsSequences: Bool
  /// Whether the states after the last step are results too.
  public var returnsStates: Bool
  /// Whether the last input is a mask, [steps, 1].
  public var isMasked = false
  /// In the form that lowering sees (`Model.withSingleResults`): all states after every step, pass by pass, in one result
  /// [steps, …].
  public var isOpened = false

  /// How the results of two passes become one.
  public enum Merging: Hashable, Sendable {
    /// Side by side.
    case concatenate
    /// Element by element.
    case elementwise(Merge)
  }

  /// Makes a layer.
  public init(
    passes: [RecurrentPass], merge: Merging? = .concatenate, returnsSequences: Bool,
    returnsStates: Bool = false
  ) {
    self.passes = passes
    self.merge = merge
    self.returnsSequences = returnsSequences
    self.returnsStates = returnsStates
  }

  /// The layer's inputs apart.
  public func parts<Input>(of inputs: [Input]) -> (sequence: Input, states: [Input], mask: Input?) {
    (inputs[0], Array(inputs.dropFirst().dropLast(isMasked ? 1 : 0)), isMasked ? inputs.last : nil)
  }

  /// The lengths of all states, pass by pass.
  public var stateLengths: [Int] { passes.flatMap { pass in pass.cell.states.map { _ in pass.units } } }
}

/// A recurrent cell with its weights, and the direction it is run in.
public struct RecurrentPass: Sendable {
  /// What a step computes.
  public var cell: RecurrentCell
  /// [features, gates · units], the gates in the cell's order.
  public var kernel: Weights
  /// [units, gates · units].
  public var recurrentKernel: Weights
  /// [gates · units], or [2, gates · units]: of the features' product and of the state's. Nil without a bias.
  public var bias: Weights?
  /// Of the new candidate.
  public var activation: Activation
  /// Of the gates.
  public var gateActivation: Activation
  /// Of an LSTM's cell before it becomes the result.
  public var cellActivation: Activation
  /// Whether the last step of the input is read first.
  public var isReversed = false
  /// Whether a reversed pass's results are in the order in which they were computed, and not in the input's.
  public var keepsReversedOrder = false
  /// How training quantized the weights and what goes round.
  public var quantizers: [RecurrentTensor: Quantizer] = [:]

  /// Makes a pass.
  public init(
    _ cell: RecurrentCell, kernel: Weights, recurrentKernel: Weights, bias: Weights?, activation: Activation,
    gateActivation: Activation, cellActivation: Activation? = nil
  ) {
    self.cell = cell
    self.kernel = kernel
    self.recurrentKernel = recurrentKernel
    self.bias = bias
    self.activation = activation
    self.gateActivation = gateActivation
    self.cellActivation = cellActivation ?? activation
  }

  /// How long the states are.
  public var units: Int { recurrentKernel.shape[0] }
}

/// What training quantizes in a recurrent cell.
public enum RecurrentTensor: Hashable, Sendable, CaseIterable {
  case kernel, recurrentKernel, bias
  /// The states where a step reads them.
  case state
  /// Of a GRU: what the state's product gives the candidate, before the reset gate multiplies it; where the gate comes before
  /// the product, what goes into it.
  case reset
}

/// What one step of a recurrent layer computes of its features x and its state h. a is the activation, g that of the gates, ·
/// a product of matrices, * one of elements; U with an index are a gate's columns of the kernels.
public enum RecurrentCell: Hashable, Sendable {
  /// h' = a(x·W + h·U + b).
  case simple
  /// Gates i, f, c, o: c' = g(f) * c + g(i) * a(c), h' = g(o) * a'(c').
  case lstm
  /// Gates z, r, h: h' = g(z) * h + (1 − g(z)) * a(x·W_h + b + v). With the reset after the product v = g(r) * (h·U_h + b'), and
  /// before it v = (g(r) * h)·U_h.
  case gru(resetAfter: Bool)

  /// How many times the units the kernels have columns.
  public var gates: Int {
    switch self {
    case .simple: 1
    case .lstm: 4
    case .gru: 3
    }
  }

  /// Its states by name; the first is also the step's result.
  public var states: [String] {
    switch self {
    case .simple, .gru: ["h"]
    case .lstm: ["h", "c"]
    }
  }
}
