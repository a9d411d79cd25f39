import CKernels
import FixedPoint
import Program

// Affine operations, contractions and reductions, with every conversion in its place.

/// How the terms of a sum are converted and added, for words in known intervals.
struct SumPlan {
  var word: WordSize
  /// nil where products stay exact.
  var product: tf_conversion?
  /// nil where no partial sum needs converting.
  var sum: tf_conversion?
  var sumShift: Int
  var termShift: Int
  /// What the partial sums can be.
  var result: Interval

  /// Plans acc ← accumulator(acc + product(x · w)) for the given words.
  ///
  /// - Parameter start: what the first acc can be.
  /// - Returns: nil where the kernels cannot do it.
  init?(
    x: Interval, w: Interval, exact: FixedFormat, product format: FixedFormat?, accumulator: FixedFormat,
    start: Interval, counter: Int
  ) {
    let products = x * w
    word = max(WordSize(x), WordSize(w), WordSize(products))
    var terms = products
    if let format {
      guard
        let plan = ConversionPlan(products, fractionBits: exact.fractionBits, to: format, counter: counter)
      else { return nil }
      if !plan.isIdentity {
        product = plan.kernel
        word = max(word, plan.word)
      }
      terms = plan.result
    }
    let termFraction = (format ?? exact).fractionBits
    let common = max(accumulator.fractionBits, termFraction)
    sumShift = common - accumulator.fractionBits
    termShift = common - termFraction
    guard sumShift < 126, termShift < 126 else { return nil }
    let range = Interval(accumulator).union(start)
    let total = range.shifted(left: sumShift) + terms.shifted(left: termShift)
    guard let plan = ConversionPlan(total, fractionBits: common, to: accumulator, counter: counter + 1) else {
      return nil
    }
    if !plan.isIdentity { sum = plan.kernel }
    word = max(
      word, plan.word, WordSize(total), WordSize(range.shifted(left: sumShift)),
      WordSize(terms.shifted(left: termShift)), WordSize(rightShift: max(sumShift, termShift)))
    result = Interval(accumulator).intersection(plan.result.union(start))
  }
}

extension PlanBuilder {
  mutating func planAffine(_ affine: Affine, _ index: Int) {
    let operands = program.instructions[index].operands
    guard let weights = program.constant(operands[1]), let bias = program.constant(operands[2]) else {
      return
    }
    let shape = type(operands[1]).shape
    let (depth, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    let groups = shape.count == 3 ? shape[0] : 1
    let start = bias.map { affine.accumulator.quantize($0, from: type(operands[2]).format) }
    guard
      let plan = SumPlan(
        x: intervals[operands[0].index], w: Interval(weights),
        exact: .product(type(operands[0]).format, type(operands[1]).format), product: affine.product,
        accumulator: affine.accumulator, start: Interval(start), counter: 2 * index)
    else { return planScalar(index) }
    settle(index, plan.result)
    var transposed = [Raw](repeating: 0, count: weights.count)
    for group in 0..<groups {
      for k in 0..<depth {
        for column in 0..<columns {
          transposed[(group * columns + column) * depth + k] = weights[(group * depth + k) * columns + column]
        }
      }
    }
    let x = views[operands[0].index]
    views[index] = store(index)
    steps.append(
      .mac(
        MacStep(
          word: plan.word, x: x, y: nil, weights: transposed, bias: start, out: views[index],
          order: affine.order.indices(depth), positions: x.count / depth, columns: columns, depth: depth,
          groups: groups, shared: 1, product: plan.product, sum: plan.sum, sumShift: plan.sumShift,
          termShift: plan.termShift)))
  }

  mutating func planContract(_ contract: Contract, _ index: Int) {
    let operands = program.instructions[index].operands
    let (x, y) = (type(operands[0]), type(operands[1]))
    let rank = x.shape.count
    let (rows, columns, depth) = (x.shape[rank - 2], y.shape[rank - 2], x.shape[rank - 1])
    guard
      let plan = SumPlan(
        x: intervals[operands[0].index], w: intervals[operands[1].index], exact: .product(x.format, y.format),
        product: contract.product, accumulator: contract.accumulator, start: Interval(0, 0),
        counter: 2 * index)
    else { return planScalar(index) }
    settle(index, plan.result)
    views[index] = store(index)
    steps.append(
      .mac(
        MacStep(
          word: plan.word, x: views[operands[0].index], y: views[operands[1].index], weights: [], bias: [],
          out: views[index], order: Array(0..<depth), positions: x.count / depth, columns: columns,
          depth: depth, groups: 1, shared: rows, product: plan.product, sum: plan.sum,
          sumShift: plan.sumShift, termShift: plan.termShift)))
  }

  mutating func planReduction(_ reduction: Reduction, _ index: Int) {
    let operand = program.instructions[index].operands[0]
    let x = intervals[operand.index]
    let length = type(operand).shape[type(operand).shape.count - 1]
    var step = ReductionStep(
      word: WordSize(x), x: views[operand.index], out: [], length: length, kind: 0, schedule: [],
      term: tf_conversion(), sum: tf_conversion())
    switch reduction {
    case .maximum, .minimum:
      step.kind = UInt8(reduction == .maximum ? TF_REDUCE_MAXIMUM : TF_REDUCE_MINIMUM)
      settle(index, x)
    case .argmax:
      step.kind = UInt8(TF_REDUCE_ARGMAX)
      settle(index, Interval(0, Raw(length - 1)))
    case .sum(let accumulator, let order):
      step.kind = UInt8(TF_REDUCE_SUM)
      guard
        let term = ConversionPlan(
          x, fractionBits: type(operand).format.fractionBits, to: accumulator, counter: 2 * index)
      else { return planScalar(index) }
      let range = Interval(accumulator)
      guard
        let sum = ConversionPlan(
          range + range, fractionBits: accumulator.fractionBits, to: accumulator, counter: 2 * index + 1)
      else { return planScalar(index) }
      step.term = term.kernel
      step.sum = sum.kernel
      step.word = max(step.word, term.word, sum.word)
      step.schedule = order.schedule(length)
      settle(index, sum.result.union(term.result))
    }
    step.word = max(step.word, WordSize(intervals[index]))
    views[index] = store(index)
    step.out = views[index]
    steps.append(.reduce(step))
  }
}

extension ReductionOrder {
  /// The additions in order, as pairs (i, j): term i += term j. The sum ends in term 0.
  func schedule(_ count: Int) -> [Int] {
    switch self {
    case .sequential: return (1..<max(1, count)).flatMap { [0, $0] }
    case .tree:
      func tree(_ start: Int, _ count: Int) -> [Int] {
        if count == 1 { return [] }
        let left = 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
        return tree(start, left) + tree(start + left, count - left) + [start, start + left]
      }
      return tree(0, count)
    }
  }
}
