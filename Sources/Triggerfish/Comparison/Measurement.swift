import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Lowering
import Program
import Reports

/// A program and the float model, run on the same events.
struct Measurement {
  /// The float model's side: made once for all programs of a model.
  struct Reference {
    let model: FloatModel
    /// Per model input, row major with the event first.
    let inputs: [[Double]]
    let events: Int
    let isSynthetic: Bool
    /// Per event, per output.
    let outputs: [[[Double]]]

    /// - Parameter inputs: whole events.
    init(_ model: FloatModel, _ inputs: [[Double]], events: Int, isSynthetic: Bool) {
      self.isSynthetic = isSynthetic
      self.model = model
      self.inputs = inputs
      self.events = events
      outputs = (0..<events).map { event in
        let given = zip(model.inputs, inputs).map { ($0, event.slice(of: $1, events: events)) }
        return model.evaluate(model.outputs, given: Dictionary(given, uniquingKeysWith: { $1 }))
      }
    }

    /// How far outputs are from the float model's.
    ///
    /// - Parameters:
    ///   - found: per event, per output.
    ///   - steps: per output, the step of its format: differences between events below two of them tell nothing.
    func distance(_ found: [[[Double]]], steps: [Double]) -> ModelComparison.Distance {
      var distance = ModelComparison.Distance(argmax: nil, largestError: 0, relativeError: 0)
      for output in steps.indices {
        let (a, b) = (found.map { $0[output] }, outputs.map { $0[output] })
        let errors = ModelComparison.Errors(Array(a.joined()), Array(b.joined()))
        distance.largestError = max(distance.largestError, errors.largest)
        let size = b.first?.count ?? 0
        var (error, spread) = (0.0, 0.0)
        for place in 0..<size {
          let column = b.map { $0[place] }.filter(\.isFinite)
          // A single event is not told from others: its outputs' size is what there is.
          let mean = events > 1 ? column.reduce(0, +) / Double(max(1, column.count)) : 0
          spread += column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
          error += zip(a, b).reduce(0) { sum, pair in
            let difference = pair.0[place] - pair.1[place]
            return difference.isFinite ? sum + difference * difference : sum
          }
        }
        let count = Double(max(1, size * events))
        let unit = max((spread / count).squareRoot(), 2 * steps[output])
        distance.relativeError = max(distance.relativeError, (error / count).squareRoot() / unit)
        if size > 1 {
          let agreement = Agreement(Array(a.joined()), Array(b.joined()), events: events).argmax
          distance.argmax = min(distance.argmax ?? 1, agreement)
        }
      }
      return distance
    }

    /// Whether the float model's outputs differ between events.
    var varies: Bool { outputs.contains { $0 != outputs[0] } }
  }

  let reference: Reference
  let lowered: Lowered
  /// The layers with a tensor of the model, in order of computation; an index into `lowered.layers`.
  let layers: [(index: Int, result: ValueID, tensor: ModelTensor)]
  /// What the inputs' words stand for: the tensors of the model, and numbers per event.
  private let inputs: [(tensor: ModelTensor, values: [Double])]
  /// Per layer of `layers`, the program's numbers on all events.
  private let values: [[Double]]
  /// Per program output.
  private let outputs: [[Double]]
  init(_ lowered: Lowered, _ reference: Reference) throws(Failure) {
    self.lowered = lowered
    self.reference = reference
    let program = lowered.program
    layers = zip(program.layers, lowered.layers).enumerated().compactMap { index, pair in
      guard let result = pair.0.result, let value = pair.1.value, let tensor = reference.model.tensor(value),
        !program.inputs.contains(result)
      else { return nil }
      return (index, result, tensor)
    }
    inputs = zip(reference.model.inputs, zip(program.inputs, reference.inputs)).map { tensor, input in
      let format = program[input.0].type.format
      return (tensor, input.1.map { format.value(of: format.quantize($0)) })
    }
    let found = try Emulator(program, results: layers.map(\.result) + program.outputs)
      .values(reference.inputs.map { .float64($0) })
    values = zip(layers, found).map { layer, numbers in
      lowered.layers[layer.index].isSign ? numbers.map { 2 * $0 - 1 } : numbers
    }
    outputs = Array(found.dropFirst(layers.count))
  }

  /// Conversions that overflowed. They are counted by a run of their own, several times as slow as one that does not count:
  /// most measurements ask for their distance alone.
  func overflows() throws(Failure) -> [ValueID: OverflowCount] {
    let program = lowered.program
    let counts = try Emulator(program, options: .init(countsOverflows: true))
      .overflows(reference.inputs.map { .float64($0) })
    // Softmax takes the top bits of a word as an index, of negative words too: what wraps there is no loss.
    return Dictionary(
      counts.filter { !program.isTopBitsIndex($0.value) }.map { ($0.value, $0) },
      uniquingKeysWith: { $1 })
  }

  /// The step of each output's format.
  var steps: [Double] {
    lowered.program.outputs.map { id in
      let format = lowered.program[id].type.format
      return exp2(-Double(format.fractionBits))
    }
  }

  /// The program's outputs against the float model's. What the program leaves out at its end, as a softmax that is skipped,
  /// the float model makes of its numbers.
  var distance: ModelComparison.Distance { distance(through: layers.count) }

  /// Whether all events give the same outputs.
  var isConstant: Bool {
    let all = perEvent(outputs)
    return reference.events > 1 && all.allSatisfy { $0 == all[0] } && reference.varies
  }

  private func perEvent(_ arrays: [[Double]]) -> [[[Double]]] {
    (0..<reference.events).map { event in arrays.map { event.slice(of: $0, events: reference.events) } }
  }

  /// The outputs when the program computes the first `count` layers and the float model the rest.
  func distance(through count: Int) -> ModelComparison.Distance {
    let model = reference.model
    let found = (0..<reference.events).map { event in
      model.evaluate(model.outputs, given: given(event, layers: count))
    }
    return reference.distance(found, steps: steps)
  }

  /// Whether these are no longer the model's answers.
  func isFar(through count: Int) -> Bool {
    distance(through: count).isFar(synthetic: reference.isSynthetic)
  }

  private func given(_ event: Int, layers count: Int) -> [ModelTensor: [Double]] {
    var given: [ModelTensor: [Double]] = [:]
    for input in inputs { given[input.tensor] = event.slice(of: input.values, events: reference.events) }
    for place in 0..<count {
      given[layers[place].tensor] = event.slice(of: values[place], events: reference.events)
    }
    return given
  }

  /// What a layer does: its numbers beside the float model's, and beside what the float model makes of the program's
  /// numbers before it.
  struct LayerNumbers {
    /// The program's, the float model's, and the float model's on the program's numbers before the layer.
    var found: [Double]
    var expected: [Double] = []
    var own: [Double] = []
  }

  /// The program's numbers, by the tensor they stand for.
  var valuesByTensor: [ModelTensor: [Double]] {
    Dictionary(zip(layers.map(\.tensor), values), uniquingKeysWith: { $1 })
  }

  /// The largest magnitude the float model has in a layer of `layers`, on the program's numbers before it.
  func reach(of place: Int) -> Double {
    numbers(of: [place])[0].own.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
  }

  /// The numbers of some layers of `layers`, in their order.
  func numbers(of places: [Int]) -> [LayerNumbers] {
    let model = reference.model
    var numbers = places.map { LayerNumbers(found: values[$0]) }
    let tensors = places.map { layers[$0].tensor }
    for event in 0..<reference.events {
      let start = zip(model.inputs, reference.inputs).map {
        ($0, event.slice(of: $1, events: reference.events))
      }
      let expected = model.evaluate(tensors, given: Dictionary(start, uniquingKeysWith: { $1 }))
      let given = given(event, layers: layers.count)
      for (place, tensor) in tensors.enumerated() {
        numbers[place].expected += expected[place]
        numbers[place].own += model.recomputed(tensor, given: given)
      }
    }
    return numbers
  }
}

extension Int {
  /// The numbers of this event.
  fileprivate func slice(of numbers: [Double], events: Int) -> [Double] {
    let size = numbers.count / Swift.max(1, events)
    return Array(numbers[self * size..<(self + 1) * size])
  }
}

extension Program {
  /// Whether a value is the top bits of a word as an unsigned number, read by tables alone.
  fileprivate func isTopBitsIndex(_ value: ValueID) -> Bool {
    guard case .requantize(.uniform(let format)) = self[value].operation, !format.isSigned,
      format.integerBits == format.width, format.rounding == .trn, format.overflow == .wrap,
      !layers.contains(where: { $0.result == value })
    else { return false }
    let readers = instructions.filter { $0.operands.contains(value) }
    return !readers.isEmpty && readers.allSatisfy { $0.operation.table != nil && $0.operands[0] == value }
  }
}
