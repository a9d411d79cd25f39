import CKernels
import FixedPoint
import Program

/// One step of a plan: a kernel call over a tile, before its references have become addresses.
enum Step {
  case region(RegionStep)
  case mac(MacStep)
  case reduce(ReductionStep)
  case dot(DotStep)
  case pool(PoolStep)
  case pairs(PairStep)
  case contraction(ContractStep)
  case trees(TreesStep)
  case scalar(ScalarStep)
  case scan(ScanStep)

  /// Every reference it reads or writes.
  var references: [[Reference]] {
    switch self {
    case .region(let step): [step.rows]
    case .mac(let step): [step.x, step.y ?? [], step.out]
    case .reduce(let step): [step.x, step.out]
    case .dot(let step): [step.reads, step.out]
    case .pool(let step): [[step.x], step.out]
    case .pairs(let step): step.lists
    case .contraction(let step): [step.x, step.y, step.out]
    case .trees(let step): [step.x, step.out]
    case .scalar(let step): step.operands + [step.out]
    case .scan(let step): step.references
    }
  }

  /// Bytes of scratch memory, of kernels that go from one block of events to the next.
  var scratchPerBlock: Int {
    switch self {
    case .pairs(let step): step.scratch
    case .contraction(let step): step.scratch
    case .region, .mac, .reduce, .dot, .pool, .trees, .scalar, .scan: 0
    }
  }

  /// Bytes of scratch memory per event.
  var scratchPerEvent: Int {
    switch self {
    case .region(let step): step.registers * step.word.bytes
    case .mac(let step): (2 * step.depth + 2) * step.word.bytes
    case .reduce(let step): (step.length + 2) * step.word.bytes
    case .dot, .pool, .pairs, .contraction: 0
    case .trees(let step): step.scratchPerEvent
    case .scalar: WordSize.bits128.bytes
    case .scan(let step): step.parts.map(\.scratchPerEvent).max() ?? 0
    }
  }
}

extension Step: CustomStringConvertible {
  /// The kernel and how much it does, for people who ask why a model runs as fast as it does.
  var description: String {
    switch self {
    case .region(let step):
      "region of \(step.ops.count) operations on \(step.count) words of \(step.word.rawValue) bits"
    case .mac(let step):
      "sums of \(step.depth) terms, \(step.positions) × \(step.columns) times, in \(step.word.rawValue) bits"
        + (step.product == nil ? "" : ", products converted") + (step.sum == nil ? "" : ", sums converted")
        + (step.convertsLast ? " last" : "")
    case .reduce(let step):
      "reduction of \(step.length) words, \(step.out.count) times, in \(step.word.rawValue) bits"
    case .dot(let step):
      "dot products by \(step.kernel.kindName), \(step.out.count) results, \(step.patterns.map(\.groups.count).reduce(0, +)) groups "
        + "in \(step.patterns.count) patterns, weights in \(step.kernel.parts) parts, finish \(step.kernel.epilogue.finish)"
        + (step.kernel.pooled == 0 ? "" : ", the largest of \(step.kernel.pooled)")
    case .pool(let step): "pool of \(step.length) words, \(step.out.count) results"
    case .pairs(let step): step.description
    case .contraction(let step): step.description
    case .trees(let step):
      "\(step.trees) trees of \(step.below.count + step.equal.count) comparisons in \(step.isNarrow ? 16 : 32) bits and "
        + "\(step.planes.muxes.count) multiplexers, \(step.planes.tables.count) tables, \(step.out.count) sums"
    case .scalar(let step): "\(step.out.count) words by the reference interpreter"
    case .scan(let step): step.description
    }
  }
}

extension tf_dot {
  fileprivate var kindName: String {
    switch Int(kind) {
    case TF_DOT_BYTES: "bytes"
    case TF_DOT_INT16: "int16"
    case TF_DOT_HIGH: "high int16"
    case TF_DOT_TILES: digits == 1 ? "tiles of bytes" : "tiles of int16"
    default: "steps"
    }
  }
}

/// Elementwise operations, all of them applied to one element before the next.
struct RegionStep {
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
struct MacStep {
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
  /// Whether `sum` is applied once, at the end.
  var convertsLast = false
  /// Whether all factors fit 32 bits.
  var isNarrow = false
}

/// Reductions of the last axis: `tf_reduction`.
struct ReductionStep {
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

/// The largest or smallest of whole lanes: `tf_pool`.
struct PoolStep {
  /// The first word read.
  var x: Reference
  /// [result lanes, length], in the buffer of `x`.
  var lanes: [Int]
  var out: [Reference]
  var length: Int
  var isMinimum: Bool
}

/// An instruction no kernel does (sign-magnitude wrap, partly saturated words, absurd shifts): run event by
/// event through the reference interpreter.
struct ScalarStep {
  /// The instruction alone: its operands that are not constants are its inputs, in order.
  var program: Program
  var operands: [[Reference]]
  var out: [Reference]
}
