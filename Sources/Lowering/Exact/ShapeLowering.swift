import Diagnostics
import Model
import Program

extension LayerKind {
  /// A layer that only moves words, as rearrangements of its input; nil for every other layer.
  ///
  /// - Parameters:
  ///   - input: the input's shape.
  ///   - output: the result's shape.
  func wiring(input: [Int], output: [Int]) -> [Rearrangement]? {
    func last<T>(_ values: [T], _ channel: T) -> [T] { values + [channel] }
    let rank = input.count
    switch self {
    case .reshape: return [.reshape(output)]
    case .permute(let order): return [.transpose(order)]
    case .zeroPadding(let spans):
      let none = Array(repeating: 0, count: rank)
      return [
        .pad(
          before: last(spans.map(\.before), 0), after: last(spans.map(\.after), 0), interior: none, word: 0)
      ]
    case .cropping(let spans):
      return [
        .slice(start: last(spans.map(\.before), 0), count: output, step: Array(repeating: 1, count: rank))
      ]
    case .gather(let indices):
      return indices.enumerated().compactMap { axis, places in places.map { .gather(axis: axis, indices: $0) }
      }
    case .upsampling(let factors):
      return factors.indices.map { axis in
        .gather(axis: axis, indices: (0..<output[axis]).map { $0 / factors[axis] })
      }
    case .resizing:
      // Nearest neighbour at pixel centres, as tf.image.resize does.
      return (0..<rank - 1).map { axis in
        .gather(
          axis: axis,
          indices: (0..<output[axis]).map {
            min(input[axis] - 1, (2 * $0 + 1) * input[axis] / (2 * output[axis]))
          })
      }
    case .repeatVector(let count):
      return [.reshape([1] + input), .gather(axis: 0, indices: Array(repeating: 0, count: count))]
    default: return nil
    }
  }
}

extension ExactBuilder {
  /// Words moved, one step after the other.
  mutating func rearrange(_ x: ValueID, _ steps: [Rearrangement]) throws(Failure) -> ValueID {
    var result = x
    for step in steps {
      if case .reshape(let shape) = step, shape == self.shape(result) { continue }
      result = try add(.rearrange(step), result, named: "moved")
    }
    return result
  }
}
