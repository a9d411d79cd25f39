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
        accumulator: affine.accumulator, start: Interval(start), counter: counter(index))
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

  /// Plans an affine operation the fast way: dot products, or at least one conversion at the end instead of many.
  ///
  /// - Returns: the last instruction of the chain planned with it; nil where there is no fast way.
  mutating func planFast(_ affine: Affine, _ index: Int) -> Int? {
    guard let plan = dotPlan(affine, index), let sums = sumConversion(plan, index) else { return nil }
    if let last = planDots(plan, sums, index) { return last }
    let accumulator = affine.accumulator
    let weights = Interval(plan.weights).shifted(left: sums.shift)
    var word = max(WordSize(plan.words), WordSize(weights), WordSize(plan.words * weights))
    if let term = sums.term { word = max(word, term.word) }
    var step = macStep(plan, shift: sums.shift, .bits64)
    step.isNarrow = max(WordSize(plan.words), WordSize(weights)) == .bits32
    if let term = sums.term, !term.isIdentity {
      step.product = term.kernel
    }
    switch sums.kind {
    case .exact: word = max(word, WordSize(sums.total))
    case .modular:
      // The words of a sum wrap at their own width, which is no less than the accumulator's.
      guard
        let last = ConversionPlan(
          Interval(Raw.min, Raw.max), fractionBits: accumulator.fractionBits, to: accumulator,
          counter: counter(index) + 1)
      else { return nil }
      word = max(word, WordSize(Interval(accumulator)))
      step.sum = last.kernel
      step.convertsLast = true
    case .stepwise: return nil
    }
    step.word = word
    settle(index, sums.kind == .exact ? sums.total : Interval(accumulator))
    views[index] = store(index)
    step.out = views[index]
    steps.append(.mac(step))
    return index
  }

  /// The sums of a plan, without conversions and results. Weights are multiplied by 2^shift.
  private func macStep(_ plan: DotPlan, shift: Int, _ word: WordSize) -> MacStep {
    var transposed: [Raw] = []
    transposed.reserveCapacity(plan.weights.count)
    for group in 0..<plan.groups {
      for column in 0..<plan.columns {
        for k in 0..<plan.depth { transposed.append(plan.weight(group, k, column) << Raw(shift)) }
      }
    }
    return MacStep(
      word: word, x: plan.x, y: nil, weights: transposed, bias: plan.start, out: [], order: plan.order,
      positions: plan.positions, columns: plan.columns, depth: plan.depth, groups: plan.groups, shared: 1,
      product: nil, sum: nil, sumShift: 0, termShift: 0)
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
        counter: counter(index))
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

  /// Plans a reduction the fast way: maxima of whole lanes, sums as dot products with ones.
  ///
  /// - Returns: the last instruction of the chain planned with it; nil where there is no fast way.
  mutating func planFast(_ reduction: Reduction, _ index: Int) -> Int? {
    switch reduction {
    case .argmax: return nil
    case .maximum: return planPool(index, isMinimum: false)
    case .minimum: return planPool(index, isMinimum: true)
    case .sum(let accumulator, let order):
      let plan = dotPlan(sum: accumulator, index)
      guard let sums = sumConversion(plan, index) else { return nil }
      if let last = planDots(plan, sums, index, isOrdered: order == .sequential) { return last }
      return planPairs(sumsOf: index, sums) ? index : nil
    }
  }

  private mutating func planPool(_ index: Int, isMinimum: Bool) -> Int? {
    let operand = program.instructions[index].operands[0]
    let x = views[operand.index]
    let length = type(operand).shape[type(operand).shape.count - 1]
    let count = x.count / length
    guard let first = x.first, !first.isConstant, x.allSatisfy({ $0.buffer == first.buffer }) else {
      return nil
    }
    let buffer = buffers[Int(first.buffer)]
    guard Int(buffer.row.storage) <= TF_S32 else { return nil }
    let packing = buffer.packing
    // Every tap of a lane's results is one lane too, in order.
    var lanes: [Int] = []
    for start in stride(from: 0, to: count, by: packing) {
      for tap in 0..<length {
        let base = Int(x[start * length + tap].element)
        guard base % packing == 0 else { return nil }
        for offset in 0..<min(packing, count - start)
        where Int(x[(start + offset) * length + tap].element) != base + offset { return nil }
        lanes.append(base / packing)
      }
    }
    settle(index, intervals[operand.index])
    views[index] = store(Buffer(count: count, row: buffer.row, step: steps.count))
    for result in 0..<count where x[result * length..<(result + 1) * length].allSatisfy(zeros.contains) {
      zeros.insert(views[index][result])
    }
    if !isMinimum, isReadOnce(operand), case .dot(let dot)? = steps.last,
      dot.out.first?.buffer == first.buffer,
      let pooled = dot.pooled(lanes, length: length, packing: packing, to: views[index])
    {
      // What was to be the largest's operand is not stored.
      buffers[Int(first.buffer)].count = 0
      buffers[buffers.count - 1].lifetime = steps.count - 1...steps.count - 1
      steps[steps.count - 1] = .dot(pooled)
      return index
    }
    steps.append(
      .pool(
        PoolStep(
          x: first, lanes: lanes, out: views[index], length: length, isMinimum: isMinimum)))
    return index
  }

  /// Whether a value, and what it is rearranged from, is read by one instruction each and asked for by nobody.
  private func isReadOnce(_ id: ValueID) -> Bool {
    guard readers[id.index].count == 1, !results.contains(id) else { return false }
    let instruction = program.instructions[id.index]
    guard case .wiring = instruction.operation.form else { return true }
    return instruction.operands.count == 1 && isReadOnce(instruction.operands[0])
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
          x, fractionBits: type(operand).format.fractionBits, to: accumulator, counter: counter(index))
      else { return planScalar(index) }
      let range = Interval(accumulator)
      guard
        let sum = ConversionPlan(
          range + range, fractionBits: accumulator.fractionBits, to: accumulator, counter: counter(index) + 1)
      else { return planScalar(index) }
      step.term = term.kernel
      step.sum = sum.kernel
      step.word = max(step.word, term.word, sum.word)
      step.schedule = order.schedule(length)
      settle(index, sum.result.union(term.result))
    }
    step.word = max(step.word, WordSize(intervals[index]))
    views[index] = storeInRuns(
      Buffer(
        count: program.instructions[index].type.count, interval: intervals[index], bytes: options.usesBytes,
        step: steps.count))
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
