import Model

/// Weights as hls4ml's Python computes with them: a numpy array, float32 unless something made it float64.
///
/// Every operation on float32 arrays is computed in Double and rounded once: for +, −, ×, ÷ and √ that is the
/// correctly rounded float32 result.
struct HLSArray: Hashable, Sendable {
  var shape: [Int]
  private(set) var values: [Double]
  /// float64.
  let isDouble: Bool

  init(shape: [Int], _ values: [Double], isDouble: Bool) {
    self.shape = shape
    self.values = isDouble ? values : values.map { Double(Float($0)) }
    self.isDouble = isDouble
  }

  /// The file's numbers: float64 if one of them is not a float32.
  init(_ weights: Weights) {
    self.init(
      shape: weights.shape, weights.values,
      isDouble: weights.values.contains { $0.isFinite && Double(Float($0)) != $0 })
  }

  static func filled(_ shape: [Int], _ value: Double, isDouble: Bool = true) -> HLSArray {
    HLSArray(shape: shape, Array(repeating: value, count: shape.reduce(1, *)), isDouble: isDouble)
  }

  var weights: Weights { Weights(shape: shape, values: values) }
  var isOnes: Bool { values.allSatisfy { $0 == 1 } }
  var isZeros: Bool { values.allSatisfy { $0 == 0 } }

  func map(_ transform: (Double) -> Double) -> HLSArray {
    HLSArray(shape: shape, values.map(transform), isDouble: isDouble)
  }

  func reshaped(_ shape: [Int]) -> HLSArray { HLSArray(shape: shape, values, isDouble: isDouble) }

  /// Numpy broadcasting of the shorter array along the last axes of the longer.
  func combined(_ other: HLSArray, _ combine: (Double, Double) -> Double) -> HLSArray {
    let isDouble = isDouble || other.isDouble
    if values.count >= other.values.count {
      let count = max(other.values.count, 1)
      let results = values.indices.map { combine(values[$0], other.values[$0 % count]) }
      return HLSArray(shape: shape, results, isDouble: isDouble)
    }
    let count = max(values.count, 1)
    let results = other.values.indices.map { combine(values[$0 % count], other.values[$0]) }
    return HLSArray(shape: other.shape, results, isDouble: isDouble)
  }

  static func * (a: HLSArray, b: HLSArray) -> HLSArray { a.combined(b, *) }
  static func / (a: HLSArray, b: HLSArray) -> HLSArray { a.combined(b, /) }
  static func + (a: HLSArray, b: HLSArray) -> HLSArray { a.combined(b, +) }
  static func - (a: HLSArray, b: HLSArray) -> HLSArray { a.combined(b, -) }
}
