import FixedPoint

/// Which words a convolution or pooling sees: x [spatial…, C] → [positions…, G, kernel… · C/G].
///
/// Inside a window words are ordered kernel position first (row major), then channel within the group.
/// Positions outside the input hold `padding`.
public struct Window: Hashable, Sendable {
  /// Kernel length per spatial axis.
  public var kernel: [Int]
  /// Per spatial axis.
  public var strides: [Int]
  /// Per spatial axis.
  public var dilation: [Int]
  /// Padding words before each spatial axis.
  public var before: [Int]
  /// Padding words after each spatial axis.
  public var after: [Int]
  /// Channel groups G; 0 leaves the axis out (result [positions…, kernel… · C]).
  public var groups: Int
  /// The raw word outside the input.
  public var padding: Raw

  /// Makes a window.
  public init(
    kernel: [Int], strides: [Int], dilation: [Int], before: [Int], after: [Int], groups: Int = 0,
    padding: Raw = 0
  ) {
    self.kernel = kernel
    self.strides = strides
    self.dilation = dilation
    self.before = before
    self.after = after
    self.groups = groups
    self.padding = padding
  }

  /// The number of positions along each spatial axis; not positive where the kernel does not fit.
  public func positions(_ shape: [Int]) -> [Int] {
    kernel.indices.map { axis in
      let span = (kernel[axis] - 1) * dilation[axis] + 1
      let room = shape[axis] + before[axis] + after[axis] - span
      return room < 0 ? 0 : room / strides[axis] + 1
    }
  }

  /// For each result word, the operand word it copies, or −1 for padding.
  public func elementMap(_ shape: [Int]) -> [Int] {
    var map: [Int] = []
    map.reserveCapacity((positions(shape) + kernel).reduce(shape[kernel.count], *))
    forEachWindow(shape) { map += $0 }
    return map
  }

  /// Calls `body` for every window, positions row major and the groups of each in order, with the operand words it
  /// copies (−1 for padding). Only one window is in memory at a time: all of them together can be far larger than the
  /// operand.
  public func forEachWindow(_ shape: [Int], _ body: (_ places: [Int]) -> Void) {
    let rank = kernel.count
    let channels = shape[rank]
    let perGroup = groups == 0 ? channels : channels / groups
    let positions = positions(shape)
    var places = [Int](repeating: -1, count: kernel.reduce(perGroup, *))
    var spot = kernel.map { _ in 0 }
    repeat {
      for group in 0..<max(groups, 1) {
        var tap = kernel.map { _ in 0 }
        var next = 0
        repeat {
          var offset = 0
          var inside = true
          for axis in 0..<rank {
            let at = spot[axis] * strides[axis] + tap[axis] * dilation[axis] - before[axis]
            inside = inside && at >= 0 && at < shape[axis]
            offset = offset * shape[axis] + at
          }
          for channel in 0..<perGroup {
            places[next] = inside ? offset * channels + group * perGroup + channel : -1
            next += 1
          }
        } while Self.advance(&tap, in: kernel)
        body(places)
      }
    } while Self.advance(&spot, in: positions)
  }

  /// Moves to the next coordinate of a box, row major; false behind the last one.
  private static func advance(_ coordinate: inout [Int], in shape: [Int]) -> Bool {
    for axis in shape.indices.reversed() {
      coordinate[axis] += 1
      if coordinate[axis] < shape[axis] { return true }
      coordinate[axis] = 0
    }
    return false
  }

  /// How many words of the operand, not of the padding, the window at each position sees, row major.
  public func counts(_ shape: [Int]) -> [Int] {
    let perAxis = kernel.indices.map { axis in
      (0..<positions(shape)[axis]).map { spot in
        // Tap t reads first + t · dilation.
        let (first, step) = (spot * strides[axis] - before[axis], dilation[axis])
        let skipped = first < 0 ? min(kernel[axis], (step - 1 - first) / step) : 0
        let reached = shape[axis] > first ? min(kernel[axis], (shape[axis] - first + step - 1) / step) : 0
        return max(0, reached - skipped)
      }
    }
    return perAxis.reduce([1]) { partial, lengths in partial.flatMap { head in lengths.map { head * $0 } } }
  }
}

/// Pure wiring: every result word is an operand's word or a given constant.
public enum Rearrangement: Hashable, Sendable {
  /// The same words, row major, in another shape.
  case reshape([Int])
  /// Result axis i is operand axis `order[i]`.
  case transpose([Int])
  /// Operands joined along an axis, in the union of their formats.
  case concatenate(axis: Int)
  /// `word` added around and (`interior`) between the words of each axis.
  case pad(before: [Int], after: [Int], interior: [Int], word: Raw)
  /// `count` words of each axis from `start`, `step` apart.
  case slice(start: [Int], count: [Int], step: [Int])
  /// Along `axis`, the operand's positions `indices`, in that order.
  case gather(axis: Int, indices: [Int])

  /// For each result word, its place in the operands' words laid end to end, or −1 for a constant word.
  public func elementMap(_ shapes: [[Int]], result: [Int]) -> [Int] {
    let shape = shapes[0]
    switch self {
    case .reshape: return Array(0..<shape.reduce(1, *))
    case .transpose(let order):
      let strides = Self.strides(shape)
      return Self.affineMap(result, order.map { strides[$0] }, offset: 0)
    case .concatenate(let axis):
      var bases: [Int] = []
      var total = 0
      for shape in shapes {
        bases.append(total)
        total += shape.reduce(1, *)
      }
      let outer = shape[..<axis].reduce(1, *)
      return (0..<outer).flatMap { row in
        shapes.indices.flatMap { operand -> Range<Int> in
          let length = shapes[operand][axis...].reduce(1, *)
          let start = bases[operand] + row * length
          return start..<start + length
        }
      }
    case .pad(let before, _, let interior, _):
      var map = [Int](repeating: -1, count: result.reduce(1, *))
      let strides = Self.strides(result)
      let steps = strides.indices.map { strides[$0] * (interior[$0] + 1) }
      let offset = strides.indices.reduce(0) { $0 + before[$1] * strides[$1] }
      for (source, target) in Self.affineMap(shape, steps, offset: offset).enumerated() {
        map[target] = source
      }
      return map
    case .slice(let start, _, let step):
      let strides = Self.strides(shape)
      let offset = strides.indices.reduce(0) { $0 + start[$1] * strides[$1] }
      return Self.affineMap(result, strides.indices.map { strides[$0] * step[$0] }, offset: offset)
    case .gather(let axis, let indices):
      let outer = shape[..<axis].reduce(1, *)
      let inner = shape[(axis + 1)...].reduce(1, *)
      return (0..<outer).flatMap { row in
        indices.flatMap { index -> Range<Int> in
          let start = (row * shape[axis] + index) * inner
          return start..<start + inner
        }
      }
    }
  }

  /// The word of the places `elementMap` marks −1.
  public var fill: Raw {
    if case .pad(_, _, _, let word) = self { return word }
    return 0
  }

  /// Row-major strides of a shape.
  public static func strides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return strides
  }

  /// offset + Σ coordinateᵢ · stridesᵢ for every coordinate of `shape`, row major.
  static func affineMap(_ shape: [Int], _ strides: [Int], offset: Int) -> [Int] {
    zip(shape, strides).reduce([offset]) { partial, axis in
      partial.flatMap { base in (0..<axis.0).map { base + $0 * axis.1 } }
    }
  }
}
