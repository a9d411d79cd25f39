import FixedPoint

/// The elements of a tensor, row major.
public struct Elements<Value: Hashable & Sendable>: Hashable, Sendable {
  /// The length of each axis; empty for one number.
  public var shape: [Int]
  /// The elements; `shape`'s product many.
  public var values: [Value]

  /// Makes a tensor.
  ///
  /// - Precondition: the values fill the shape.
  public init(shape: [Int], values: [Value]) {
    precondition(values.count == shape.reduce(1, *), "elements do not fill their shape")
    self.shape = shape
    self.values = values
  }

  /// One element for a whole tensor.
  public init(_ value: Value) {
    shape = []
    values = [value]
  }

  /// The element that all are equal to; nil where two differ, or there is none.
  public var common: Value? {
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
    return first
  }

  /// Another tensor of the same shape.
  public func map<Other>(_ transform: (Value) -> Other) -> Elements<Other> {
    Elements<Other>(shape: shape, values: values.map(transform))
  }

  /// The elements repeated over a shape as numpy broadcasts them; nil where they do not fit.
  public func broadcast(to shape: [Int]) -> Elements? {
    guard let places = broadcastPlaces(self.shape, to: shape) else { return nil }
    return Elements(shape: shape, values: places.map { values[$0] })
  }
}

/// Numbers of a model file, exactly as they are there (float32 or float64).
public typealias Weights = Elements<Double>

/// For every element of `target`, row major, the element of `shape` that numpy's broadcasting puts there: axes meet from
/// the last one on, and an axis of length 1 stands for any length. Nil where the shape does not fit.
public func broadcastPlaces(_ shape: [Int], to target: [Int]) -> [Int]? {
  guard shape.count <= target.count else { return nil }
  let padded = Array(repeating: 1, count: target.count - shape.count) + shape
  guard zip(padded, target).allSatisfy({ $0 == 1 || $0 == $1 }) else { return nil }
  return broadcastPlaces(of: shape, in: target)
}

/// The shape of two tensors combined element by element, by numpy's broadcasting; nil where they do not fit together.
public func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int]? {
  let rank = max(a.count, b.count)
  let (a, b) = (
    Array(repeating: 1, count: rank - a.count) + a, Array(repeating: 1, count: rank - b.count) + b
  )
  var shape: [Int] = []
  for (m, n) in zip(a, b) {
    guard m == n || m == 1 || n == 1 else { return nil }
    shape.append(max(m, n))
  }
  return shape
}
