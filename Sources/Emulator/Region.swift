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

extension RegionBuilder {
  /// The region with registers reused after their last use. A row that is loaded once for all elements keeps its
  /// register to itself.
  func packed() -> RegionStep {
    var result = step
    var lastUse = [Int](repeating: -1, count: registers)
    for (place, op) in step.ops.enumerated() {
      for source in Self.sources(op) { lastUse[source] = place }
    }
    var homes = [Int](repeating: 0, count: registers)
    var count = 0
    for op in step.ops where op.once == 1 {
      homes[Int(op.target)] = count
      lastUse[Int(op.target)] = Int.max
      count += 1
    }
    var free: [Int] = []
    for (place, op) in step.ops.enumerated() {
      let used = Self.sources(op)
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

  /// The registers an operation reads.
  fileprivate static func sources(_ op: tf_op) -> [Int] {
    let all = [op.source.0, op.source.1, op.source.2, op.source.3].map(Int.init)
    switch Int(op.code) {
    case TF_LOAD: return []
    case TF_STORE, TF_CONVERT, TF_LOOKUP: return [all[0]]
    case TF_LESS...TF_GREATER: return all
    default: return Array(all.prefix(2))
    }
  }
}
