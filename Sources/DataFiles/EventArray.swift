/// Numbers of many events: the inputs of a model, its outputs, or the trace of a layer.
public struct EventArray: Hashable, Sendable {
  /// The numbers, row major.
  public enum Values: Hashable, Sendable {
    /// Values.
    case reals([Double])
    /// Integers: raw words, labels, indices, flags (0 and 1).
    case words([Int64])
  }

  /// The length of each axis, events first.
  public let shape: [Int]
  /// The numbers: as many as the product of `shape`.
  public let values: Values

  /// Makes an array of values. `values.count` must be the product of `shape`.
  public init(shape: [Int], reals values: [Double]) {
    self.init(shape: shape, values: .reals(values))
  }

  /// Makes an array of integers. `values.count` must be the product of `shape`.
  public init(shape: [Int], words values: [Int64]) {
    self.init(shape: shape, values: .words(values))
  }

  init(shape: [Int], values: Values) {
    self.shape = shape
    self.values = values
    precondition(shape.first != nil && count == shape.reduce(1, *), "\(count) numbers of shape \(shape)")
  }

  /// The number of events.
  public var events: Int { shape[0] }

  /// The number of numbers.
  public var count: Int {
    switch values {
    case .reals(let reals): reals.count
    case .words(let words): words.count
    }
  }

  /// The numbers as values; integers beyond 2^53 are rounded.
  public var reals: [Double] {
    switch values {
    case .reals(let reals): reals
    case .words(let words): words.map(Double.init)
    }
  }
}

/// Multiplies the lengths of axes; nil if the product does not fit.
func elementCount(_ shape: some Sequence<Int>) -> Int? {
  var result = 1
  for length in shape {
    let (product, overflow) = result.multipliedReportingOverflow(by: length)
    guard !overflow, length >= 0 else { return nil }
    result = product
  }
  return result
}
