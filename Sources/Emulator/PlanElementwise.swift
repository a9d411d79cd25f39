import CKernels
import FixedPoint
import Program

/// Builds the operations of a region on virtual registers, one per value, then packs the registers.
struct RegionBuilder {
  var step: RegionStep
  private var registers = 0
  /// The results of this region's instructions.
  private var results: [ValueID: UInt8] = [:]

  init(count: Int) {
    step = RegionStep(
      word: .bits32, ops: [], rows: [], conversions: [], tables: [], count: count, registers: 0)
  }

  /// Requires words that hold `interval`.
  mutating func need(_ interval: Interval) { step.word = max(step.word, WordSize(interval)) }

  mutating func load(_ view: [Reference], _ interval: Interval) -> UInt8 {
    need(interval)
    var op = tf_op()
    op.code = UInt8(TF_LOAD)
    op.index = UInt32(step.rows.count)
    op.once = view.allSatisfy { $0 == view[0] } ? 1 : 0
    step.rows += view
    return emit(op)
  }

  mutating func store(_ register: UInt8, _ view: [Reference]) {
    var op = tf_op()
    op.code = UInt8(TF_STORE)
    op.source.0 = register
    op.target = register
    op.index = UInt32(step.rows.count)
    step.rows += view
    step.ops.append(op)
  }

  mutating func convert(_ register: UInt8, _ plan: ConversionPlan) -> UInt8 {
    if plan.isIdentity { return register }
    step.word = max(step.word, plan.word)
    var op = tf_op()
    op.code = UInt8(TF_CONVERT)
    op.source.0 = register
    op.index = UInt32(step.conversions.count)
    step.conversions.append(plan.kernel)
    return emit(op)
  }

  /// A conversion for each element.
  mutating func convert(_ register: UInt8, _ plans: [ConversionPlan]) -> UInt8 {
    if plans.allSatisfy(\.isIdentity) { return register }
    for plan in plans { step.word = max(step.word, plan.word) }
    var op = tf_op()
    op.code = UInt8(TF_CONVERT)
    op.source.0 = register
    op.index = UInt32(step.conversions.count)
    op.each = 1
    step.conversions += plans.map(\.kernel)
    return emit(op)
  }

  /// A shift that loses nothing.
  mutating func shift(_ register: UInt8, left count: Int, _ result: Interval) -> UInt8 {
    need(result)
    if count == 0 { return register }
    step.word = max(step.word, WordSize(rightShift: count))
    var op = tf_op()
    op.code = UInt8(TF_CONVERT)
    op.source.0 = register
    op.index = UInt32(step.conversions.count)
    var conversion = tf_conversion()
    conversion.left = UInt8(count)
    step.conversions.append(conversion)
    return emit(op)
  }

  /// Entries of one table, or of one for each element: `rows` has the table of every element.
  mutating func lookup(_ register: UInt8, _ tables: [[Raw]], rows: [Int]) -> UInt8 {
    for table in tables { need(Interval(table).union(Interval(0, Raw(table.count)))) }
    var op = tf_op()
    op.code = UInt8(TF_LOOKUP)
    op.source.0 = register
    op.index = UInt32(step.tables.count)
    op.each = tables.count > 1 ? 1 : 0
    // Indices beyond the end count as the end: of equal words there the first is enough.
    let needed = tables.map { table in Array(table.prefix((table.lastIndex { $0 != table.last } ?? 0) + 2)) }
    step.tables += tables.count > 1 ? rows.map { needed[$0] } : needed
    return emit(op)
  }

  /// An operation on registers shifted left by `shifts`. The shifted words and the result fit `step.word`.
  mutating func apply(_ code: Int, _ sources: [UInt8], shifts: [Int]) -> UInt8 {
    for shift in shifts { step.word = max(step.word, WordSize(rightShift: shift)) }
    var op = tf_op()
    op.code = UInt8(code)
    withUnsafeMutableBytes(of: &op.source) { $0.copyBytes(from: sources) }
    withUnsafeMutableBytes(of: &op.shift) { $0.copyBytes(from: shifts.map(UInt8.init)) }
    return emit(op)
  }

  private mutating func emit(_ op: tf_op) -> UInt8 {
    var op = op
    op.target = UInt8(registers)
    registers += 1
    step.ops.append(op)
    return op.target
  }
}

extension PlanBuilder {
  /// Plans elementwise instructions of one shape as one region; the last one's result is stored.
  mutating func planRegion(_ indices: [Int]) {
    guard let last = indices.last else { return }
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
          registers[operand]
            ?? region.load(broadcast(operand, to: shape), intervals[operand.index]))
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
      views[last] = store(
        Buffer(count: program.instructions[last].type.count, row: .words, step: steps.count))
    } else {
      views[last] = store(last)
    }
    if case .requantize(.laid(let laid)) = program.instructions[last].operation {
      for (word, place) in laid.places(in: shape).enumerated() where laid.formats[place] == nil {
        zeros.insert(views[last][word])
      }
    }
    region.store(register, views[last])
    steps.append(.region(region.packed()))
  }

  /// An elementwise instruction and those after it that can share its region: each the only reader of the one
  /// before, of the same shape, its other operands ready.
  func regionFrom(_ index: Int) -> [Int] {
    var region = [index]
    if !isVectorized(index) { return region }
    while region.count < 24, let last = region.last, !results.contains(ValueID(last)),
      readers[last].count == 1
    {
      let next = readers[last][0]
      let instruction = program.instructions[next]
      guard instruction.operation.isWordByWord else { return region }
      let isReady = instruction.operands.allSatisfy { operand in
        operand == ValueID(last) || !views[operand.index].isEmpty
      }
      guard isReady, instruction.type.shape == program.instructions[last].type.shape, isVectorized(next)
      else {
        return region
      }
      region.append(next)
    }
    return region
  }

  /// Whether an instruction's words are few and nobody reads them but one at a time, as no dot product does: then they
  /// are not packed to be taken apart again.
  func isReadWordByWord(_ index: Int) -> Bool {
    guard program.instructions[index].type.count <= 16 else { return false }
    return readers[index].allSatisfy { reader in
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
          counter: 2 * index + 1)
      else { return nil }
      settle(index, plans.dropFirst().reduce(plans[0].result) { $0.union($1.result) })
      return region.convert(sources[0], plans)
    case .requantize(.uniform(let format)):
      guard
        let plan = ConversionPlan(
          ranges[0], fractionBits: types[0].format.fractionBits, to: format, counter: 2 * index + 1)
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

extension RegionBuilder {
  /// The region with registers reused after their last use. A row that is loaded once for all elements keeps its
  /// register to itself.
  func packed() -> RegionStep {
    var result = step
    func sources(_ op: tf_op) -> [Int] {
      let all = [op.source.0, op.source.1, op.source.2, op.source.3].map(Int.init)
      switch Int(op.code) {
      case TF_LOAD: return []
      case TF_STORE, TF_CONVERT, TF_LOOKUP: return [all[0]]
      case TF_LESS...TF_GREATER: return all
      default: return Array(all.prefix(2))
      }
    }
    var lastUse = [Int](repeating: -1, count: step.ops.count)
    for (place, op) in step.ops.enumerated() {
      for source in sources(op) { lastUse[source] = place }
    }
    var homes = [Int](repeating: 0, count: step.ops.count)
    var count = 0
    for op in step.ops where op.once == 1 {
      homes[Int(op.target)] = count
      lastUse[Int(op.target)] = Int.max
      count += 1
    }
    var free: [Int] = []
    for (place, op) in step.ops.enumerated() {
      let used = sources(op)
      // A source may appear twice, and is freed once.
      for register in Set(used).sorted() where lastUse[register] == place { free.append(homes[register]) }
      if Int(op.code) != TF_STORE, op.once == 0 {
        if let home = free.popLast() {
          homes[Int(op.target)] = home
        } else {
          homes[Int(op.target)] = count
          count += 1
        }
      }
      withUnsafeMutableBytes(of: &result.ops[place].source) { slots in
        for (slot, register) in used.enumerated() { slots[slot] = UInt8(homes[register]) }
      }
      result.ops[place].target = UInt8(homes[Int(op.target)])
    }
    result.registers = count
    return result
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
