import CKernels
import FixedPoint
import Program

/// One step of a plan: a kernel call over a tile, before its references have become addresses.
enum Step: Sendable {
  case region(RegionStep)
  case mac(MacStep)
  case reduce(ReductionStep)
  case scalar(ScalarStep)

  /// Every reference it reads or writes.
  var references: [[Reference]] {
    switch self {
    case .region(let step): [step.rows]
    case .mac(let step): [step.x, step.y ?? [], step.out]
    case .reduce(let step): [step.x, step.out]
    case .scalar(let step): step.operands + [step.out]
    }
  }

  /// Bytes of scratch memory per event.
  var scratchPerEvent: Int {
    switch self {
    case .region(let step): step.registers * step.word.bytes
    case .mac(let step): (2 * step.depth + 2) * step.word.bytes
    case .reduce(let step): (step.length + 2) * step.word.bytes
    case .scalar: WordSize.bits128.bytes
    }
  }
}

/// Elementwise operations, all of them applied to one element before the next.
struct RegionStep: Sendable {
  var word: WordSize
  var ops: [tf_op]
  /// What the loads and stores among `ops` index.
  var rows: [Reference]
  var conversions: [tf_conversion]
  /// The words of each table.
  var tables: [[Raw]]
  /// Elements.
  var count: Int
  /// Row registers.
  var registers: Int
}

/// Sums of products with every conversion in its place: `tf_mac`.
struct MacStep: Sendable {
  var word: WordSize
  var x: [Reference]
  /// The second tensor of a contraction; nil for constant weights.
  var y: [Reference]?
  /// [groups, columns, depth]
  var weights: [Raw]
  /// [groups, columns]
  var bias: [Raw]
  var out: [Reference]
  var order: [Int]
  var positions: Int
  var columns: Int
  var depth: Int
  var groups: Int
  /// Positions that share a block of `y`.
  var shared: Int
  var product: tf_conversion?
  var sum: tf_conversion?
  var sumShift: Int
  var termShift: Int
}

/// Reductions of the last axis: `tf_reduction`.
struct ReductionStep: Sendable {
  var word: WordSize
  var x: [Reference]
  var out: [Reference]
  var length: Int
  var kind: UInt8
  /// Pairs (i, j): term i += term j.
  var schedule: [Int]
  var term: tf_conversion
  var sum: tf_conversion
}

/// An instruction no kernel does (sign-magnitude wrap, partly saturated words, absurd shifts): run event by
/// event through the reference interpreter.
struct ScalarStep: Sendable {
  /// The instruction alone: its operands that are not constants are its inputs, in order.
  var program: Program
  var operands: [[Reference]]
  var out: [Reference]
}
