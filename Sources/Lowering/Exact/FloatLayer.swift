import Diagnostics
import Foundation
import Model
import Program

/// One layer, its wiring worked out once.
struct FloatLayer {
  enum Step {
    case none
    case constant([Double])
    /// Words moved: −1 is a zero.
    case gather([Int])
    /// Rows [K], of a window or as they are, times a matrix [G, K, N].
    case linear(WindowedTensor?, matrix: [Double], shape: [Int], bias: [Double])
    case normalize(NormalizationFactors, inner: Int)
    case activation(Activation, shape: [Int])
    /// An average is divided by the number of words in the window, or multiplied by a quantized reciprocal.
    case pool(PoolingKind, WindowedTensor, reciprocal: Double?)
    case merge(Merge, maps: [[Int]])
    case join(map: [Int])
    /// What a layer's own file computes of its only input.
    case own(@Sendable ([Double]) -> [Double])
    /// What a layer's own file computes of two inputs.
    case both(@Sendable ([Double], [Double]) -> [Double])
    case dot(maps: [[Int]], depth: Int)
    /// [batch, rows, depth] times [batch, columns, depth].
    case matrices(batch: Int, rows: Int, columns: Int, depth: Int)
  }

  let step: Step
  let cost: Int

  static func parameters(
    _ kernel: Weights, _ bias: Weights?, _ kernelQuantizer: Quantizer?, _ biasQuantizer: Quantizer?,
    _ folded: BatchNormalization?
  ) throws(Failure) -> ([Double], [Double]) {
    var (kernel, bias) = (kernel, bias)
    if let folded { (kernel, bias) = try folded.folded(into: kernel, bias) }
    if let kernelQuantizer { kernel = try kernelQuantizer.quantized(kernel) }
    if let biasQuantizer, let given = bias { bias = try biasQuantizer.quantized(given) }
    return (kernel.values, bias?.values ?? [])
  }

  static func reciprocal(_ count: Int, _ quantizer: Quantizer?) throws(Failure) -> Double? {
    try quantizer?.quantized(Weights(shape: [1], values: [Double(1 / Float(count))])).values[0]
  }

  func evaluate(_ inputs: [[Double]]) -> [Double] {
    let x = inputs.first ?? []
    switch step {
    case .none: return x
    case .constant(let values): return values
    case .gather(let map): return map.map { $0 < 0 ? 0 : x[$0] }
    case .linear(let seen, let matrix, let shape, let bias):
      var result: [Double] = []
      if let seen {
        seen.forEachWindow(of: x) { Self.multiply($0[...], matrix, shape, bias, &result) }
      } else {
        for start in stride(from: 0, to: x.count, by: shape[1]) {
          Self.multiply(x[start..<start + shape[1]], matrix, shape, bias, &result)
        }
      }
      return result
    case .normalize(let factors, let inner):
      return x.indices.map {
        let channel = $0 / inner % factors.scale.count
        return x[$0] * factors.scale[channel] + factors.shift[channel]
      }
    case .activation(let activation, let shape): return activation.values(x, shape: shape)
    case .pool(let kind, let seen, let reciprocal):
      var result: [Double] = []
      seen.window.forEachWindow(seen.shape) { places in
        var (sum, largest, count) = (0.0, -Double.infinity, 0)
        for place in places where place >= 0 {
          sum += x[place]
          largest = max(largest, x[place])
          count += 1
        }
        let average = sum * (reciprocal ?? 1 / Double(count))
        result.append(kind == .average ? average : count == 0 ? 0 : largest)
      }
      return result
    case .merge(let merge, let maps):
      var result = maps[0].map { x[$0] }
      for (map, input) in zip(maps, inputs).dropFirst() {
        for index in result.indices {
          let (a, b) = (result[index], input[map[index]])
          switch merge {
          case .add, .average: result[index] = a + b
          case .subtract: result[index] = a - b
          case .multiply: result[index] = a * b
          case .maximum: result[index] = max(a, b)
          case .minimum: result[index] = min(a, b)
          }
        }
      }
      return merge == .average ? result.map { $0 / Double(inputs.count) } : result
    case .join(let map):
      let all = inputs.flatMap { $0 }
      return map.map { all[$0] }
    case .own(let function): return function(x)
    case .both(let function): return function(x, inputs[1])
    case .matrices(let batch, let rows, let columns, let depth):
      let y = inputs[1]
      return (0..<batch * rows).flatMap { row in
        (0..<columns).map { column in
          let (first, second) = (row * depth, (row / rows * columns + column) * depth)
          return (0..<depth).reduce(0.0) { $0 + x[first + $1] * y[second + $1] }
        }
      }
    case .dot(let maps, let depth):
      let (a, b) = (maps[0].map { x[$0] }, maps[1].map { inputs[1][$0] })
      return stride(from: 0, to: a.count, by: depth).flatMap { row in
        stride(from: 0, to: b.count, by: depth).map { column in
          (0..<depth).reduce(0.0) { $0 + a[row + $1] * b[column + $1] }
        }
      }
    }
  }

  /// Appends x [K] · matrix [G, K, N] + bias [G, N]: rows come group by group.
  private static func multiply(
    _ x: ArraySlice<Double>, _ matrix: [Double], _ shape: [Int], _ bias: [Double], _ result: inout [Double]
  ) {
    let (groups, depth, columns) = (shape[0], shape[1], shape[2])
    let out = result.count
    let group = out / columns % groups
    for column in 0..<columns { result.append(bias.isEmpty ? 0 : bias[group * columns + column]) }
    for (k, value) in x.enumerated() where value != 0 {
      let weights = (group * depth + k) * columns
      for column in 0..<columns { result[out + column] += value * matrix[weights + column] }
    }
  }
}

/// A tensor seen through a window, the words of one position at a time.
struct WindowedTensor {
  var window: Window
  /// Of what the window moves over.
  var shape: [Int]
  /// Zeros put between the words first: for every word the window moves over its place in the tensor, −1 for a zero.
  var spreading: [Int]?

  /// Words of all windows together.
  var words: Int { Saturating.product(window.positions(shape) + window.kernel + shape.suffix(1)) }

  /// The words of every window in order, zeros where there is padding.
  func forEachWindow(of x: [Double], _ body: ([Double]) -> Void) {
    let words = spreading.map { $0.map { $0 < 0 ? 0 : x[$0] } } ?? x
    var row: [Double] = []
    window.forEachWindow(shape) { places in
      row.removeAll(keepingCapacity: true)
      for place in places { row.append(place < 0 ? 0 : words[place]) }
      body(row)
    }
  }
}

extension Rearrangement {
  /// The shape of the result on a tensor; nil where it does not fit.
  func shape(of shape: [Int]) -> [Int]? {
    try? Operation.rearrange(self).resultType([ValueType(shape, .integer(1))]).shape
  }
}
