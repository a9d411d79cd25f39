import CKernels
import FixedPoint
import Program

extension PlanBuilder {
  /// Plans elementwise instructions of one shape as one region; the last one's result is stored.
  mutating func planRegion(_ indices: [Int]) {
    guard let last = indices.last, !planPairs(indices) else { return }
    let shape = program.instructions[last].type.shape
    var region = RegionBuilder(count: program.instructions[last].type.count)
    var registers: [ValueID: UInt8] = [:]
    for index in indices {
      let instruction = program.instructions[index]
      var sources: [UInt8] = []
      for (slot, operand) in instruction.operands.enumerated() {
        // Tables are not loaded.
        if slot == instruction.operation.table { continue }
        if powerOfTwo(operand, in: index) != nil { continue }
        sources.append(
          registers[operand] ?? region.load(broadcast(operand, to: shape), intervals[operand.index]))
      }
      guard let register = plan(index, sources, in: &region) else {
        planScalar(index)
        return
      }
      region.need(intervals[index])
      registers[ValueID(index)] = register
    }
    guard let register = registers[ValueID(last)] else { return }
    if readers[last].isEmpty || isReadWordByWord(last), WordSize(intervals[last]) == .bits32 {
      views[last] = storeInRuns(
        Buffer(count: program.instructions[last].type.count, row: .words, step: steps.count))
    } else {
      views[last] = storeInRuns(
        Buffer(
          count: program.instructions[last].type.count, interval: intervals[last], bytes: options.usesBytes,
          step: steps.count))
    }
    if case .requantize(.laid(let laid)) = program.instructions[last].operation {
      for (word, place) in laid.places(in: shape).enumerated() where laid.formats[place] == nil {
        zeros.insert(views[last][word])
      }
    }
    region.store(register, views[last])
    steps.append(.region(region.packed()))
  }

  /// An elementwise instruction and those after it that can share its region, as long as one result alone leaves it: all of one
  /// shape, other operands ready, or of that shape too and read in the region alone.
  mutating func regionFrom(_ index: Int) -> [Int] {
    var (region, found) = ([index], [index])
    let shape = program.instructions[index].type.shape
    while isVectorized(index), region.count < 24 {
      // The next instruction that reads any of the region.
      let next = region.filter { !results.contains(ValueID($0)) }.flatMap { readers[$0] }
        .filter { !region.contains($0) }.min()
      guard let next, !isDone[next], program.instructions[next].operation.isWordByWord,
        program.instructions[next].type.shape == shape, isVectorized(next)
      else { break }
      var others: [Int] = []
      for operand in program.instructions[next].operands where !region.contains(operand.index) {
        guard isReady(operand, shape, &others) else { return found }
      }
      region += others + [next]
      let leaving = region.filter { results.contains(ValueID($0)) || !Set(readers[$0]).isSubset(of: region) }
      if leaving == [next] { found = region }
    }
    return found
  }

  /// Whether a value is there, or can be: rewired now, or computed in the region of the only one that reads it.
  private mutating func isReady(_ id: ValueID, _ shape: [Int], _ others: inout [Int]) -> Bool {
    if !views[id.index].isEmpty || others.contains(id.index) { return true }
    let instruction = program.instructions[id.index]
    switch instruction.operation.form {
    case .wiring:
      guard !isDone[id.index], instruction.operands.allSatisfy({ !views[$0.index].isEmpty }) else {
        return false
      }
      plan(id.index)
      isDone[id.index] = true
      return true
    case .wordwise:
      guard instruction.type.shape == shape, readers[id.index].count == 1, !results.contains(id),
        !isDone[id.index],
        isVectorized(id.index)
      else { return false }
      for operand in instruction.operands {
        guard isReady(operand, shape, &others) else { return false }
      }
      others.append(id.index)
      return true
    case .input, .constant, .product, .reduction, .scan: return false
    }
  }

  /// Whether an instruction's words are few and nobody reads them but one at a time, as no dot product does: then they
  /// are not packed to be taken apart again.
  func isReadWordByWord(_ index: Int) -> Bool {
    guard program.instructions[index].type.count <= 16 else { return false }
    // Enough words fill vectors as pairs of int16.
    let isFew = program.instructions[index].type.count < 8
    let isReduced = readers[index].contains { reader in
      if case .reduction = program.instructions[reader].operation.form { true } else { false }
    }
    return (isFew || isReduced)
      && readers[index].allSatisfy { reader in
        switch program.instructions[reader].operation.form {
        case .wordwise, .reduction(.maximum), .reduction(.minimum), .reduction(.argmax): true
        case .input, .constant, .product, .reduction(.sum), .wiring, .scan: false
        }
      }
  }

  /// Whether the kernels do an elementwise instruction: all but some conversions.
  private func isVectorized(_ index: Int) -> Bool {
    let instruction = program.instructions[index]
    guard case .requantize(let formats) = instruction.operation else { return true }
    let operand = instruction.operands[0]
    return formats.formats.allSatisfy { format in
      ConversionPlan(
        intervals[operand.index], fractionBits: type(operand).format.fractionBits, to: format,
        up: formats.result.fractionBits - format.fractionBits) != nil
    }
  }

  /// Plans a copy of words into a storage of their own.
  mutating func plan(copy view: [Reference], _ interval: Interval, _ row: tf_row) -> [Reference] {
    var region = RegionBuilder(count: view.count)
    let register = region.load(view, interval)
    let stored = store(Buffer(count: view.count, row: row, step: steps.count))
    region.store(register, stored)
    steps.append(.region(region.packed()))
    return stored
  }

  /// The references numpy broadcasting to `shape` puts at each place.
  func broadcast(_ id: ValueID, to shape: [Int]) -> [Reference] {
    let own = type(id).shape
    if own == shape { return views[id.index] }
    return broadcastPlaces(of: own, in: shape).map { views[id.index][$0] }
  }

  /// Adds one instruction to a region.
  ///
  /// - Returns: the register of its result; nil where the kernels cannot do it.
  private mutating func plan(_ index: Int, _ sources: [UInt8], in region: inout RegionBuilder) -> UInt8? {
    let instruction = program.instructions[index]
    let types = instruction.operands.map { type($0) }
    let ranges = instruction.operands.map { intervals[$0.index] }
    let fraction = instruction.type.format.fractionBits
    guard case .wordwise(let operation) = instruction.operation.form else { return nil }
    switch operation {
    case .requantize(.laid(let laid)):
      guard
        let plans = laid.plans(
          ranges[0], fractionBits: types[0].format.fractionBits, shape: instruction.type.shape,
          counter: counter(index) + 1)
      else { return nil }
      settle(index, plans.dropFirst().reduce(plans[0].result) { $0.union($1.result) })
      return region.convert(sources[0], plans)
    case .requantize(.uniform(let format)):
      guard
        let plan = ConversionPlan(
          ranges[0], fractionBits: types[0].format.fractionBits, to: format, counter: counter(index) + 1)
      else { return nil }
      settle(index, plan.result)
      return region.convert(sources[0], plan)
    case .lookup:
      let words = program.constant(instruction.operands[1]) ?? []
      let entries = types[1].shape.last ?? 1
      let tables = stride(from: 0, to: words.count, by: entries).map { Array(words[$0..<$0 + entries]) }
      settle(index, Interval(words))
      return region.lookup(
        sources[0], tables, rows: broadcastPlaces(of: types[1].shape.dropLast(), in: instruction.type.shape))
    case .select(let comparison):
      let common = max(types[0].format.fractionBits, types[1].format.fractionBits)
      var shifts = types.map { common - $0.format.fractionBits }
      for slot in 2...3 { shifts[slot] = fraction - types[slot].format.fractionBits }
      let moved = zip(ranges, shifts).map { $0.shifted(left: $1) }
      for interval in moved { region.need(interval) }
      settle(index, moved[2].union(moved[3]))
      return region.apply(comparison.kernelCode, sources, shifts: shifts)
    case .elementwise(.multiply):
      if let shift = instruction.operands.compactMap({ powerOfTwo($0, in: index) }).first {
        let source = instruction.operands.firstIndex { powerOfTwo($0, in: index) == nil } ?? 0
        let product = ranges[source].shifted(left: shift)
        settle(index, product)
        return region.shift(sources[0], left: shift, product)
      }
      let product = ranges[0] * ranges[1]
      region.need(product)
      settle(index, product)
      return region.apply(TF_MULTIPLY, sources, shifts: [0, 0])
    case .elementwise(.divide):
      let largest = max(ranges[0].high, 0)
      settle(index, Interval(min(ranges[0].low, 0), largest))
      return region.apply(TF_DIVIDE, sources, shifts: [0, 0])
    case .elementwise(let kind):
      let shifts = types.map { fraction - $0.format.fractionBits }
      let moved = zip(ranges, shifts).map { $0.shifted(left: $1) }
      let (code, result): (Int, Interval) =
        switch kind {
        case .add: (TF_ADD, moved[0] + moved[1])
        case .subtract: (TF_SUBTRACT, moved[0] - moved[1])
        case .maximum:
          (TF_MAXIMUM, Interval(max(moved[0].low, moved[1].low), max(moved[0].high, moved[1].high)))
        case .minimum, .multiply, .divide:
          (TF_MINIMUM, Interval(min(moved[0].low, moved[1].low), min(moved[0].high, moved[1].high)))
        }
      for interval in moved + [result] { region.need(interval) }
      settle(index, result)
      return region.apply(code, sources, shifts: shifts)
    }
  }

  /// The exponent of a constant factor of an instruction that is a power of two; nil if it is none.
  private func powerOfTwo(_ operand: ValueID, in index: Int) -> Int? {
    guard case .elementwise(.multiply) = program.instructions[index].operation,
      let factor = uniform(operand), factor > 0, factor.nonzeroBitCount == 1
    else { return nil }
    // Of two constants one is loaded.
    let operands = program.instructions[index].operands
    if operand == operands[1], uniform(operands[0]) != nil { return nil }
    return factor.trailingZeroBitCount
  }

  /// Plans a lossless left shift of words that a union of formats needs.
  mutating func planShift(
    _ view: [Reference], left shift: Int, _ interval: Interval
  ) -> [Reference] {
    var region = RegionBuilder(count: view.count)
    let shifted = region.shift(region.load(view, interval), left: shift, interval)
    let stored = store(count: view.count, interval: interval)
    region.store(shifted, stored)
    steps.append(.region(region.packed()))
    return stored
  }

  /// Plans an instruction no kernel does.
  mutating func planScalar(_ index: Int) {
    let instruction = program.instructions[index]
    var seen: Set<ValueID> = []
    let operands = instruction.operands.filter {
      program.constant($0) == nil && seen.insert($0).inserted
    }
    views[index] = store(index)
    steps.append(
      .scalar(
        ScalarStep(
          program: program.isolated(index), operands: operands.map { views[$0.index] }, out: views[index])))
  }
}

extension Comparison {
  fileprivate var kernelCode: Int {
    switch self {
    case .less: TF_LESS
    case .lessOrEqual: TF_LESS_OR_EQUAL
    case .equal: TF_EQUAL
    case .greaterOrEqual: TF_GREATER_OR_EQUAL
    case .greater: TF_GREATER
    }
  }
}
