import CKernels
import FixedPoint
import Program

/// Dot products with constant weights and what follows them: `tf_dot`.
struct DotStep {
  /// A lane of a block's weights.
  struct Group: Hashable, Sendable {
    /// The buffer the lane is in, and the lane there, relative to the block's if `DotStep.isRelative`.
    var buffer: Int32
    var lane: Int32
    /// The results' weights, once for every part, the highest first.
    var weights: [Int32]

    /// Whether it has weights of a part.
    func uses(part: Int, of parts: Int) -> Bool {
      let width = weights.count / parts
      return weights[part * width..<(part + 1) * width].contains { $0 != 0 }
    }
  }

  struct Pattern: Sendable {
    /// How many of the block's results there are.
    var results: Int
    /// The results' kinds among `DotStep.finishes`, where there are several.
    var kinds: [Int] = []
    var groups: [Group]
    var wholes: [Group]
    /// High parts first.
    var start: [[Int32]]
    /// How many groups in a row have sums of pairs of bytes' products that fit int16.
    var int16Groups = 1

    /// The groups that stay those of all results, and each result's own. A product of those takes about one and a half times
    /// as long, as each has loads of its own: groups of one result or two of four are better taken apart, unless that gains
    /// less than what ends of loops cost that are hard to foresee.
    var groupsByResult: (all: [Group], own: [[Group]]) {
      let width = groups.first?.weights.count ?? 0
      func gain(_ group: Group) -> Int { 2 * width - 3 * group.weights.count { $0 != 0 } }
      let few = groups.filter { gain($0) > 0 }
      guard few.map(gain).reduce(0, +) >= 5 else { return (groups, Array(repeating: [], count: width)) }
      let own = (0..<width).map { slot in few.filter { $0.weights[slot] != 0 } }
      return (groups.filter { gain($0) <= 0 }, own)
    }
  }

  struct Block: Sendable {
    var pattern: Int
    /// The lane of `buffer` the pattern's lanes are relative to.
    var lane: Int
    /// The block's results are this one and those after it.
    var out: Reference
  }

  var kernel: tf_dot
  /// How each kind of result ends; empty where all end alike.
  var finishes: [tf_finish] = []
  /// Results in a block: 4, or 16 for DOT_TILES.
  var width = Int(TF_DOT_RESULTS)
  var patterns: [Pattern] = []
  var blocks: [Block] = []
  /// Whether all of x is in one buffer, so that patterns repeat from position to position.
  var isRelative = true
  /// Whether products of two neighbouring bytes are added in int16.
  var addsBytesInPairs = false
  /// Every buffer that is read.
  var reads: [Reference] = []
  var out: [Reference] = []
  /// What it is if it is a dense layer of weights that are bytes.
  var layer: DenseLayer?

  /// Whether some of a pattern's groups may be of one result each: in one part, of kernels that look at that.
  var mayGoByResult: Bool {
    let kind = Int(kernel.kind)
    return kernel.parts == 1 && (kind == TF_DOT_INT16 || (kind == TF_DOT_BYTES && !addsBytesInPairs))
  }

  /// The step with the largest of some results in place of all: what follows the sums makes no smaller word of a larger sum, so
  /// that of several sums only the largest has to be finished.
  ///
  /// - Parameters:
  ///   - lanes: for every lane of results those of `out` that it is the largest of, `length` of them.
  ///   - results: where the results go, stored as `out` is.
  /// - Returns: nil where whole blocks do not meet, each once, or the kernels cannot do it.
  func pooled(_ lanes: [Int], length: Int, packing: Int, to results: [Reference]) -> DotStep? {
    let kind = Int(kernel.kind)
    guard kind == TF_DOT_BYTES || kind == TF_DOT_INT16, kernel.parts == 1, kernel.pooled == 0, length > 1,
      kernel.epilogue.wraps == 0, finishes.isEmpty,
      [TF_FINISH_WORDS, TF_FINISH_SATURATING].contains(Int(kernel.epilogue.finish))
    else { return nil }
    let perBlock = width / packing
    var step = self
    step.blocks = []
    var used: Set<Int> = []
    for first in stride(from: 0, to: lanes.count / length, by: perBlock) {
      let some = first..<min(first + perBlock, lanes.count / length)
      for tap in 0..<length {
        let lane = lanes[first * length + tap]
        guard lane % perBlock == 0, some.allSatisfy({ lanes[$0 * length + tap] == lane + $0 - first }),
          used.insert(lane / perBlock).inserted
        else { return nil }
        var block = blocks[lane / perBlock]
        block.out = results[first * packing]
        step.blocks.append(block)
      }
    }
    step.kernel.pooled = length
    step.out = results
    step.layer = nil
    return step
  }
}

/// What kind of dot product an affine operation is, before its chain is grown.
struct DotKind {
  var kind: Int
  /// What the sums can be, where they are known exactly rather than modulo a power of two.
  var sums: Interval
  var chain: Chain
  /// Weights are multiplied by 2^this first.
  var weightShift = 0
  /// DOT_STEPS parameters.
  var kernel = tf_dot()
}

extension PlanBuilder {
  /// Plans the sums of an affine operation or a reduction, and the chain after them, as dot products.
  ///
  /// - Parameter isOrdered: whether terms are added in the plan's order; false for sums in a tree.
  /// - Returns: the last instruction of the chain; nil where the kernels cannot do it.
  mutating func planDots(_ plan: DotPlan, _ sums: SumConversion, _ index: Int, isOrdered: Bool = true) -> Int?
  {
    guard isOrdered || sums.kind != .stepwise, let kind = dotKind(plan, sums, index) else { return nil }
    let (chain, last) = grow(kind.chain, from: index)
    var end = emit(plan, kind, chain, last)
    if end == nil, last != index { end = emit(plan, kind, Chains(kind.chain), index) }
    if end != nil { unread.remove(index) }
    return end
  }

  /// The terms of an affine operation.
  func dotPlan(_ affine: Affine, _ index: Int) -> DotPlan? {
    let operands = program.instructions[index].operands
    guard let weights = program.constant(operands[1]), let bias = program.constant(operands[2]) else {
      return nil
    }
    let shape = type(operands[1]).shape
    let exact = FixedFormat.product(type(operands[0]).format, type(operands[1]).format)
    let depth = shape[shape.count - 2]
    let known = known[operands[0].index]
    return DotPlan(
      affine: affine, x: views[operands[0].index],
      xIntervals: (0..<depth).map { known[$0].interval }, weights: weights,
      start: bias.map { affine.accumulator.quantize($0, from: type(operands[2]).format) },
      groups: shape.count == 3 ? shape[0] : 1, depth: depth, columns: shape[shape.count - 1],
      dropped: exact.fractionBits - affine.accumulator.fractionBits, order: affine.order.indices(depth))
  }

  /// The terms of a sum: products with one. Terms are converted to the accumulator's format, as products would be.
  func dotPlan(sum accumulator: FixedFormat, _ index: Int) -> DotPlan {
    let operand = program.instructions[index].operands[0]
    let x = type(operand)
    let depth = x.shape[x.shape.count - 1]
    let known = known[operand.index]
    return DotPlan(
      affine: Affine(product: accumulator, accumulator: accumulator), x: views[operand.index],
      xIntervals: (0..<depth).map { known[$0].interval },
      weights: Array(repeating: 1, count: depth), start: [0], groups: 1, depth: depth, columns: 1,
      dropped: x.format.fractionBits - accumulator.fractionBits, order: Array(0..<depth))
  }

  /// What the conversions of a sum come to; nil where the kernels cannot do it.
  func sumConversion(_ plan: DotPlan, _ index: Int) -> SumConversion? {
    program.sums(of: ValueID(index), given: known).flatMap {
      SumConversion($0, fractionBits: plan.dropped + plan.affine.accumulator.fractionBits)
    }
  }

  private func dotKind(_ plan: DotPlan, _ sums: SumConversion, _ index: Int) -> DotKind? {
    let accumulator = plan.affine.accumulator
    let wrap = (bits: accumulator.width, isSigned: accumulator.isSigned)
    let isNarrow = accumulator.width <= (accumulator.isSigned ? 32 : 31)
    if sums.term == nil, sums.kind != .stepwise {
      let isExact = sums.kind == .exact
      guard isExact || isNarrow else { return nil }
      return DotKind(
        kind: TF_DOT_INT16, sums: sums.total,
        chain: isExact ? Chain(sums.total) : Chain(Interval(accumulator), wrap: wrap), weightShift: sums.shift
      )
    }
    // The other kernels take int16, and add in 32 bits or in 16.
    let int16s = Interval(Raw(Int16.min), Raw(Int16.max))
    guard int16s.contains(plan.words), int16s.contains(Interval(plan.weights)), sums.shift == 0 else {
      return nil
    }
    let term = sums.term?.kernel ?? tf_conversion()
    guard term.left == 0, term.check == 0 || Int(term.overflow) <= TF_SAT_ZERO else { return nil }
    if Int(term.right) > 0, term.right <= 16, Int(term.rounding) == TF_TRN, accumulator.width <= 16,
      sums.kind != .stepwise, term.check == 0
    {
      return DotKind(kind: TF_DOT_HIGH, sums: sums.total, chain: Chain(Interval(accumulator), wrap: wrap))
    }
    return stepKind(plan, sums, term, wrap, reached: intervals[index])
  }

  private func stepKind(
    _ plan: DotPlan, _ sums: SumConversion, _ term: tf_conversion, _ wrap: (bits: Int, isSigned: Bool),
    reached: Interval
  ) -> DotKind? {
    let accumulator = plan.affine.accumulator
    guard term.right <= 30 else { return nil }
    var kernel = tf_dot()
    kernel.step_shift = term.right
    kernel.step_rounding = term.rounding
    let terms = sums.term?.result ?? sums.terms
    if sums.term?.isWrapping ?? false {
      guard term.width <= 31 else { return nil }
      kernel.step_wrap = 32 - term.width
      kernel.step_wrap_signed = term.is_signed
    } else if term.check != 0 {
      kernel.step_clamps = term.overflow
      (kernel.term_low, kernel.term_high) = (Int32(clamping: terms.low), Int32(clamping: terms.high))
    }
    switch sums.kind {
    case .exact:
      guard WordSize(sums.total) == .bits32 else { return nil }
      return DotKind(kind: TF_DOT_STEPS, sums: sums.total, chain: Chain(sums.total), kernel: kernel)
    case .modular:
      guard wrap.bits <= (wrap.isSigned ? 32 : 31) else { return nil }
      return DotKind(
        kind: TF_DOT_STEPS, sums: sums.total, chain: Chain(Interval(accumulator), wrap: wrap), kernel: kernel)
    case .stepwise:
      let range = accumulator.conversionRange
      guard [.sat, .satSym, .satZero].contains(accumulator.overflow), WordSize(range + terms) == .bits32
      else { return nil }
      kernel.step_saturates = accumulator.overflow.kernelCode
      (kernel.sum_low, kernel.sum_high) = (Int32(clamping: range.low), Int32(clamping: range.high))
      // What the chain adds is added after the last saturation: past a wrap that keeps all bits.
      return DotKind(
        kind: TF_DOT_STEPS, sums: range, chain: Chain(reached.intersection(range), wrap: (32, true)),
        kernel: kernel)
    }
  }
}
