import Diagnostics
import FixedPoint
import Model

/// Events to see ranges on: the user's, or synthetic ones.
struct Calibration {
  /// Per event, per model input.
  var events: [[[Double]]]
  /// How far beyond what was seen a range reaches: 2 for sample events (a billion events have larger extremes
  /// than a thousand), 4 for synthetic ones.
  var margin: Double
  /// The user gave the events.
  var isGiven: Bool

  /// Multiplications spent on looking at ranges.
  private static let budget = 50_000_000
  /// Synthetic events: few, since they only say how large numbers grow.
  private static let syntheticCount = 256

  /// The user's events, as many as the budget allows, evenly chosen.
  ///
  /// - Throws: if the numbers do not fill whole events of the model's inputs.
  init(_ given: [[Double]], for float: FloatModel) throws(Failure) {
    let all = try Events(given, for: float.model)
    let wanted = max(1, min(all.count, Self.budget / max(1, float.cost)))
    events = (0..<wanted).map { all[$0 * all.count / wanted] }
    margin = 2
    isGiven = true
  }

  /// Synthetic events that are words of the inputs' formats: standard normal for signed inputs, as after the
  /// usual normalization of features; uniform over the words of unsigned and integer ones.
  init(syntheticFor float: FloatModel, formats: [FixedFormat]) {
    let model = float.model
    var random = Normal()
    let wanted = max(1, min(Self.syntheticCount, Self.budget / max(1, float.cost)))
    events = (0..<wanted).map { _ in
      zip(model.inputs, formats).map { input, format in
        let range = format.value(of: format.minRaw)...format.value(of: format.maxRaw)
        let isUniform = !format.isSigned || format.fractionBits <= 0
        return (0..<model.layers[input].outputShape.reduce(1, *)).map { _ in
          isUniform
            ? range.lowerBound + random.uniform() * (range.upperBound - range.lowerBound)
            : min(max(random.next(), range.lowerBound), range.upperBound)
        }
      }
    }
    margin = 4
    isGiven = false
  }
}

/// Events made up for a model from the formats of its inputs: standard normal numbers for signed formats, uniform ones for
/// unsigned and integer formats; the same on every machine.
///
/// - Returns: per model input, row major with the event first: at most 256 events, fewer of large models.
public func syntheticEvents(_ float: FloatModel, formats: [FixedFormat]) -> [[Double]] {
  let events = Calibration(syntheticFor: float, formats: formats).events
  return formats.indices.map { slot in events.flatMap { $0[slot] } }
}

/// Numbers as whole events of a model's inputs.
struct Events {
  /// How many there are.
  let count: Int
  private let arrays: [[Double]]
  private let sizes: [Int]

  /// - Parameter arrays: per model input, row major with the event first.
  /// - Throws: if the numbers do not fill whole events, or are not finite; trees know what to do with NaN.
  init(_ arrays: [[Double]], for model: Model) throws(Failure) {
    sizes = model.inputs.map { model.layers[$0].outputShape.reduce(1, *) }
    self.arrays = arrays
    guard arrays.count == sizes.count else {
      throw Failure(
        .badInput, "\(arrays.count) arrays of events for the \(sizes.count) inputs of \(model.name)")
    }
    let counts = zip(arrays, sizes).map { $0.count / $1 }
    count = counts.first ?? 0
    guard count > 0, Set(counts).count == 1, zip(arrays, sizes).allSatisfy({ $0.count % $1 == 0 }) else {
      throw Failure(.badInput, "the events do not fill the inputs of \(model.name), \(sizes) numbers each")
    }
    let takesMissing = model.layers.contains { $0.kind.ensemble != nil }
    guard arrays.allSatisfy({ $0.allSatisfy { $0.isFinite || (takesMissing && $0.isNaN) } }) else {
      throw Failure(.badInput, "the events hold numbers that are not finite")
    }
  }

  /// One event, per model input.
  subscript(index: Int) -> [[Double]] {
    zip(arrays, sizes).map { Array($0[index * $1..<(index + 1) * $1]) }
  }
}

/// Standard normal numbers, the same on every machine: the sum of twelve uniform ones less six, which needs
/// no library function.
private struct Normal {
  private var generator = SplitMix64(seed: 0x5eed)

  mutating func uniform() -> Double { generator.unit() }

  mutating func next() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform() } }
}
