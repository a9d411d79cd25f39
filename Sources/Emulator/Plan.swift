import CKernels
import FixedPoint
import Program

/// A program made ready to run: kernel calls with addresses, and what they need of memory.
///
/// Immutable after `init`; the kernels only read what it points to. It is a class because it owns that memory.
final class Plan: @unchecked Sendable {
  /// A kernel call.
  enum Call {
    case region(WordSize, UnsafePointer<tf_region>)
    case mac(WordSize, UnsafePointer<tf_mac>)
    case reduce(WordSize, UnsafePointer<tf_reduction>)
    case scalar(ScalarCall)
  }

  /// An instruction run by the reference interpreter.
  struct ScalarCall {
    var program: Program
    var operands: [[tf_row]]
    var out: [tf_row]
  }

  /// A tensor that enters or leaves: its rows and their format.
  struct Port {
    var rows: UnsafeBufferPointer<tf_row>
    var format: FixedFormat
    /// The integers its words fit.
    var word: WordSize
  }

  let calls: [Call]
  /// By program input; no rows where nothing reads the input.
  let inputs: [Port]
  let results: [Port]
  let constants: UnsafePointer<tf_wide>
  /// Lanes per event.
  let arenaLanes: Int
  let scratchPerEvent: Int
  let counters: Int
  private let memory: Memory

  init(_ program: Program, results: [ValueID], options: EmulatorOptions) {
    var builder = PlanBuilder(program, results: results, options: options)
    arenaLanes = layOut(&builder.buffers)
    let (steps, buffers) = (builder.steps, builder.buffers)
    let memory = Memory()
    constants = memory.copy(builder.constants.map(tf_wide.init))
    func row(_ reference: Reference) -> tf_row {
      if !reference.isConstant { return buffers[Int(reference.buffer)].row(Int(reference.element)) }
      return tf_row(
        lane: UInt32(reference.element), offset: 0, storage: UInt8(TF_CONSTANT), position: 0, shift: 0)
    }
    func port(_ id: ValueID) -> Port {
      let rows = builder.views[id.index].map(row)
      return Port(
        rows: UnsafeBufferPointer(start: memory.copy(rows), count: rows.count),
        format: program[id].type.format,
        word: WordSize(builder.intervals[id.index]))
    }
    calls = steps.map { Self.resolve($0, row, memory) }
    inputs = program.inputs.map(port)
    self.results = results.map(port)
    // Inputs and results pass through one row of the widest words.
    scratchPerEvent = max(WordSize.bits128.bytes, steps.map(\.scratchPerEvent).max() ?? 0)
    counters = options.countsOverflows ? 2 * program.instructions.count : 0
    self.memory = memory
  }

  private static func resolve(_ step: Step, _ row: (Reference) -> tf_row, _ memory: Memory) -> Call {
    switch step {
    case .region(let step):
      let tables = step.tables.map { words in
        let fits = WordSize(Interval(words)) == .bits32
        return tf_table(
          words: memory.copy(words.map(tf_wide.init)),
          narrow: fits ? memory.copy(words.map { Int32(truncatingIfNeeded: $0) }) : nil, count: words.count)
      }
      let region = tf_region(
        ops: memory.copy(step.ops), op_count: step.ops.count, rows: memory.copy(step.rows.map(row)),
        conversions: memory.copy(step.conversions), tables: memory.copy(tables), count: step.count)
      return .region(step.word, memory.copy([region]))
    case .mac(let step):
      var mac = tf_mac()
      mac.x = memory.copy(step.x.map(row))
      if let y = step.y {
        mac.y = memory.copy(y.map(row))
      } else {
        mac.weights = memory.copy(step.weights.map(tf_wide.init))
        mac.bias = memory.copy(step.bias.map(tf_wide.init))
      }
      mac.out = memory.copy(step.out.map(row))
      mac.order = memory.copy(step.order.map(UInt32.init))
      (mac.positions, mac.columns, mac.depth) = (step.positions, step.columns, step.depth)
      (mac.groups, mac.shared) = (step.groups, step.shared)
      (mac.sum_shift, mac.term_shift) = (UInt8(step.sumShift), UInt8(step.termShift))
      if let product = step.product {
        mac.product = product
        mac.convert_product = 1
      }
      if let sum = step.sum {
        mac.sum = sum
        mac.convert_sum = 1
      }
      return .mac(step.word, memory.copy([mac]))
    case .reduce(let step):
      let reduction = tf_reduction(
        x: memory.copy(step.x.map(row)), out: memory.copy(step.out.map(row)), count: step.out.count,
        length: step.length, kind: step.kind, schedule: memory.copy(step.schedule.map(UInt32.init)),
        term: step.term, sum: step.sum)
      return .reduce(step.word, memory.copy([reduction]))
    case .scalar(let step):
      return .scalar(
        ScalarCall(program: step.program, operands: step.operands.map { $0.map(row) }, out: step.out.map(row))
      )
    }
  }
}

/// Memory that lives as long as its plan: the kernels' tables.
final class Memory {
  private var blocks: [UnsafeMutableRawPointer] = []

  /// A copy of `elements`, aligned for vectors.
  func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
    let size = max(1, elements.count * MemoryLayout<Element>.stride)
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    blocks.append(block)
    let typed = block.bindMemory(to: Element.self, capacity: elements.count)
    typed.initialize(from: elements, count: elements.count)
    return UnsafePointer(typed)
  }

  deinit { for block in blocks { block.deallocate() } }
}
