import Backends

/// A walk over a box of words of several tensors at once: for every coordinate, each tensor's offset is
/// a fixed base plus a stride per axis. Axes that can be walked as one are merged.
struct LoopNest {
  /// The trip count of each loop, outermost first.
  private(set) var counts: [Int] = []
  /// Per loop, the stride of each tensor.
  private(set) var strides: [[Int]] = []
  /// Per tensor, the offset of the first word.
  let bases: [Int]

  /// Walks `shape`; `strides[t]` are tensor t's strides, one per axis.
  init(_ shape: [Int], strides perTensor: [[Int]], bases: [Int]? = nil) {
    self.bases = bases ?? perTensor.map { _ in 0 }
    for (axis, count) in shape.enumerated() where count != 1 {
      let step = perTensor.map { $0[axis] }
      if let outer = strides.last, outer == step.map({ $0 * count }) {
        counts[counts.count - 1] *= count
        strides[strides.count - 1] = step
      } else {
        counts.append(count)
        strides.append(step)
      }
    }
  }

  /// Walks the words of `shape`, operands of `shapes` broadcast to it as numpy does. Tensor 0 is the result.
  init(broadcasting shapes: [[Int]], to shape: [Int]) {
    let all = ([shape] + shapes).map { operand -> [Int] in
      let padded = Array(repeating: 1, count: shape.count - operand.count) + operand
      let strides = Self.rowMajor(padded)
      return padded.indices.map { padded[$0] == 1 ? 0 : strides[$0] }
    }
    self.init(shape, strides: all)
  }

  /// The loop variables, outermost first.
  var variables: [String] {
    let names = ["i", "j", "k", "l"]
    return counts.indices.map { $0 < names.count ? names[$0] : "i\($0)" }
  }

  /// The offset expression of a tensor inside the innermost loop.
  func offset(_ tensor: Int) -> String {
    var terms: [String] = []
    for (loop, variable) in variables.enumerated() where strides[loop][tensor] != 0 {
      let stride = strides[loop][tensor]
      terms.append(stride == 1 ? variable : "\(variable) * \(stride)")
    }
    if bases[tensor] != 0 || terms.isEmpty { terms.append("\(bases[tensor])") }
    return terms.joined(separator: " + ")
  }

  /// Writes the loops around what `body` writes; `style` is the innermost loop's, or all loops' if unrolled.
  func write(_ code: inout CodeWriter, _ style: LoopStyle, _ body: (inout CodeWriter) -> Void) {
    func nest(_ depth: Int, _ code: inout CodeWriter) {
      guard depth < counts.count else { return body(&code) }
      let isInnermost = depth == counts.count - 1
      code.loop(variables[depth], counts[depth], style == .unrolled || isInnermost ? style : .plain) {
        nest(depth + 1, &$0)
      }
    }
    nest(0, &code)
  }

  /// Row-major strides of a shape.
  static func rowMajor(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return strides
  }
}
