import Diagnostics
import Model
import Program

/// How well a program's numbers agree with those of the framework.
public struct Agreement: Hashable, Sendable {
  /// How many events were compared.
  public var events: Int
  /// The share of events whose largest output is the same one (the first of equals); 1 for single outputs.
  public var argmax: Double
  /// The largest difference of any number.
  public var largestError: Double

  /// Compares two arrays [events, outputs…].
  public init(_ got: [Double], _ expected: [Double], events: Int) {
    self.events = events
    let size = events > 0 ? expected.count / events : 0
    func best(_ values: [Double], _ event: Int) -> Int {
      var best = event * size
      for index in event * size..<(event + 1) * size where values[index] > values[best] { best = index }
      return best
    }
    let agreeing = (0..<events).count { best(got, $0) == best(expected, $0) }
    argmax = events > 0 ? Double(agreeing) / Double(events) : 1
    largestError = zip(got, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}

/// What the framework computes for events, in double precision: the side a float model's program is compared
/// with when the framework itself is not at hand.
///
/// - Parameter inputs: per model input, row major with the event first.
/// - Returns: per model output, the same way.
/// - Throws: `badInput` where the numbers do not fill whole events.
public func frameworkOutputs(_ model: Model, _ inputs: [[Double]]) throws(Failure) -> [[Double]] {
  let float = try FloatModel(model)
  let events = try Events(inputs, for: float.model)
  var outputs = float.model.outputs.map { _ in [Double]() }
  for index in 0..<events.count {
    let values = float.evaluate(events[index])
    for (slot, layer) in float.model.outputs.enumerated() { outputs[slot] += values[layer.layer] }
  }
  return outputs
}

/// The shortest word length in `candidates` whose program agrees with the framework on a share of the events.
///
/// - Parameters:
///   - share: of events whose largest output must be the same, for every output of the model; 0.999 say.
///   - options: everything but the word length.
///   - expected: per model output, the framework's numbers.
///   - run: a program's outputs on the events: the emulator, usually.
/// - Returns: nil if no candidate reaches it.
public func wordLength(
  reaching share: Double, of model: Model, _ options: ExactOptions, in candidates: ClosedRange<Int> = 6...24,
  expected: [[Double]], events: Int, run: (Program) throws(Failure) -> [[Double]]
) throws(Failure) -> Int? {
  for candidate in candidates {
    var options = options
    options.wordLength = candidate
    let got = try run(try lowerExactly(model, options).program)
    if zip(got, expected).allSatisfy({ Agreement($0, $1, events: events).argmax >= share }) {
      return candidate
    }
  }
  return nil
}
