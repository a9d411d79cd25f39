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
    case dot(UnsafePointer<tf_dot>)
    case pool(UnsafePointer<tf_pool>)
    case pairs(UnsafePointer<tf_pairs>)
    case contraction(UnsafePointer<tf_contract>)
    case trees(UnsafePointer<tf_trees>)
    // Elsewhere, so that the others are copied like the pointers they are.
    indirect case scalar(ScalarCall)
    indirect case scan(ScanCall)
  }

  /// An instruction run by the reference interpreter.
  struct ScalarCall {
    var program: Program
    var operands: [[tf_row]]
    var out: [tf_row]
  }

  /// Dense layers run from an input's float32 numbers on, in place of reading it and of the first `steps` calls.
  struct DenseCall {
    var input: Int
    var steps: Int
    var kernel: UnsafePointer<tf_dense>
    var description: String
  }

  /// A tensor that enters or leaves: its rows and their format.
  struct Port {
    var rows: UnsafeBufferPointer<tf_row>
    var format: FixedFormat
    /// The integers its words fit.
    var word: WordSize
    /// 2^−fractionBits.
    var step: Double
    /// For inputs, how the kernels convert numbers; nil where they cannot.
    var input: tf_input?
    /// For inputs, the counter of overflows.
    var counter = 0
    /// For inputs, the word that stands for a missing number, if one does.
    var missing: Raw?
    /// For inputs whose words are converted once more before they are stored, how; by element.
    var conversions: [InputConversion] = []
    /// For inputs, elements of which there is a digit above the byte, and its row.
    var digits: [(element: Int, row: tf_row)] = []
  }

  let calls: [Call]
  /// How many of the calls are dot products.
  let dots: Int
  /// What can take the place of the first calls.
  let dense: DenseCall?
  /// By program input; no rows where nothing reads the input.
  let inputs: [Port]
  let results: [Port]
  let constants: UnsafePointer<tf_wide>
  /// Lanes per event.
  let arenaLanes: Int
  let scratchPerEvent: Int
  /// Bytes of scratch memory whatever the number of events.
  let scratch: Int
  let counters: Int
  /// The steps, for people.
  let summary: [String]
  private let memory: Memory

  init(_ whole: Program, results: [ValueID], options: EmulatorOptions) {
    let program = options.path == .fast ? whole.joiningFeatures() : whole
    var builder = PlanBuilder(program, results: results, options: options)
    if !builder.unread.isEmpty {
      var whole = options
      whole.takesInputsApart = false
      builder = PlanBuilder(program, results: results, options: whole)
    }
    arenaLanes = layOut(&builder.buffers)
    let (steps, buffers) = (builder.steps, builder.buffers)
    let memory = Memory()
    constants = memory.copy(builder.constants.map(tf_wide.init))
    func row(_ reference: Reference) -> tf_row {
      if !reference.isConstant { return buffers[Int(reference.buffer)].row(Int(reference.element)) }
      return tf_row(
        lane: UInt32(reference.element), offset: 0, storage: UInt8(TF_CONSTANT), position: 0, shift: 0)
    }
    func port(_ id: ValueID, _ words: [Reference]? = nil) -> Port {
      let rows = (words ?? builder.views[id.index]).map(row)
      return Port(
        rows: UnsafeBufferPointer(start: memory.copy(rows), count: rows.count),
        format: program[id].type.format,
        word: WordSize(builder.intervals[id.index]),
        step: Double(sign: .plus, exponent: -program[id].type.format.fractionBits, significand: 1))
    }
    func inputPort(_ id: ValueID) -> Port {
      let planned = builder.inputs[id]
      var result = port(id, planned?.words)
      result.counter = 2 * id.index + 1
      result.missing = program.missing.contains(id) ? program[id].type.format.minRaw : nil
      if let first = result.rows.first { result.input = tf_input(result.format, result.rows.count, first) }
      if let conversions = planned?.conversions {
        result.conversions = conversions
        result.input?.own = memory.copy(InputConversion.kernel(conversions))
        result.input?.own_clamps = conversions.contains(where: \.clamps) ? 1 : 0
        let wraps = result.format.overflow == .wrap && conversions.allSatisfy { $0.wrapsAlone(result.format) }
        result.input?.own_wraps = wraps ? 1 : 0
        result.input?.high_bits = UInt8(planned?.highBits ?? 0)
        result.input?.high_lanes = memory.copy(planned?.highLanes ?? [])
        result.input?.high_copies = memory.copy(planned?.highCopies ?? [])
        if let first = planned?.words.first { result.input?.offset = buffers[Int(first.buffer)].row.offset }
        result.digits = planned?.digits.map { ($0.element, row($0.place)) } ?? []
      }
      return result
    }
    func call(_ step: Step) -> Call {
      switch step {
      case .dot(let dot): .dot(memory.copy([Self.resolve(dot, buffers, memory)]))
      case .pool(let pool): .pool(memory.copy([Self.resolve(pool, buffers, memory)]))
      case .pairs(let pairs): .pairs(memory.copy([Self.resolve(pairs, buffers, memory)]))
      case .contraction(let contract): .contraction(memory.copy([contract.resolved(buffers, memory)]))
      case .trees(let trees): .trees(memory.copy([Self.resolve(trees, row, memory)]))
      case .region(let region): .region(region.word, memory.copy([Self.resolve(region, row, memory)]))
      case .mac(let mac): .mac(mac.word, memory.copy([Self.resolve(mac, row, memory)]))
      case .reduce(let reduce): .reduce(reduce.word, memory.copy([Self.resolve(reduce, row, memory)]))
      case .scalar(let step):
        .scalar(
          ScalarCall(
            program: step.program, operands: step.operands.map { $0.map(row) }, out: step.out.map(row)))
      case .scan(let scan): .scan(ScanCall(scan, buffers, memory, call))
      }
    }
    calls = steps.map(call)
    dots = calls.count { if case .dot = $0 { true } else { false } }
    let inputs = program.inputs.map(inputPort)
    let chain = builder.denseChain()
    dense = chain.flatMap { Self.resolve($0, inputs[$0.input].input, buffers, memory) }
    self.inputs = inputs
    self.results = results.map { port($0) }
    // Inputs and results pass through scratch memory: a few rows of wide words, or some events of an input.
    let widestInput = program.inputs.map { program[$0].type.count }.max() ?? 0
    scratchPerEvent = max(
      10 * WordSize.bits64.bytes, widestInput + 8, steps.map(\.scratchPerEvent).max() ?? 0)
    let splits = steps.flatMap(\.parts).compactMap { step -> Int? in
      guard case .dot(let dot) = step, dot.splitsWords else { return nil }
      return (dot.reads.map { buffers[Int($0.buffer)].lanes }.max() ?? 0) + Int(TF_TILE)
    }
    scratch = max(
      chain?.scratch ?? 0, (splits.max() ?? 0) * Int(TF_BLOCK) * TileLayout.lane,
      steps.flatMap(\.parts).map(\.scratchPerBlock).max() ?? 0)
    counters = options.countsOverflows ? 2 * program.instructions.count : 0
    summary = steps.map(\.description)
    self.memory = memory
  }
}

extension Plan {
  private static func resolve(_ step: RegionStep, _ row: (Reference) -> tf_row, _ memory: Memory) -> tf_region
  {
    let tables = step.tables.map { words in
      let range = Interval(words)
      let short = Int(TF_SHORT_TABLE)
      let isShort = words.count <= short && Interval(Raw(Int16.min), Raw(Int16.max)).contains(range)
      let padded = words + Array(repeating: words.last ?? 0, count: max(0, short - words.count))
      return tf_table(
        words: memory.copy(words.map(tf_wide.init)),
        narrow: WordSize(range) == .bits32 ? memory.copy(words.map { Int32(truncatingIfNeeded: $0) }) : nil,
        int16s: isShort ? memory.copy(padded.map { Int16(truncatingIfNeeded: $0) }) : nil, count: words.count)
    }
    return tf_region(
      ops: memory.copy(step.ops), op_count: step.ops.count, rows: memory.copy(step.rows.map(row)),
      conversions: memory.copy(step.conversions), tables: memory.copy(tables), count: step.count)
  }

  private static func resolve(_ step: MacStep, _ row: (Reference) -> tf_row, _ memory: Memory) -> tf_mac {
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
    mac.is_narrow = step.isNarrow ? 1 : 0
    if let product = step.product {
      mac.product = product
      mac.convert_product = 1
    }
    if let sum = step.sum {
      mac.sum = sum
      mac.convert_sum = step.convertsLast ? 0 : 1
      mac.convert_last = step.convertsLast ? 1 : 0
    }
    return mac
  }

  private static func resolve(_ step: ReductionStep, _ row: (Reference) -> tf_row, _ memory: Memory)
    -> tf_reduction
  {
    tf_reduction(
      x: memory.copy(step.x.map(row)), out: memory.copy(step.out.map(row)), count: step.out.count,
      length: step.length, kind: step.kind, schedule: memory.copy(step.schedule.map(UInt32.init)),
      term: step.term, sum: step.sum)
  }

  private static func resolve(_ step: TreesStep, _ row: (Reference) -> tf_row, _ memory: Memory) -> tf_trees {
    tf_trees(
      x: memory.copy(step.x.map(row)), features: step.x.count,
      questions: memory.copy(step.below + step.equal),
      below_count: step.below.count, question_count: step.below.count + step.equal.count,
      muxes: memory.copy(step.planes.muxes),
      tables: memory.copy(step.planes.tables.map { tf_tree_table($0, memory) }),
      batches: memory.copy(step.planes.batches), batch_count: step.planes.batches.count,
      planes: step.planes.most,
      out: memory.copy(step.out.map(row)), outputs: step.out.count, starts: memory.copy(step.starts),
      is_narrow: step.isNarrow ? 1 : 0, is_short: step.planes.isShort ? 1 : 0,
      wrap_shift: UInt8(step.wrap.map { 32 - $0.width } ?? 0),
      wrap_signed: step.wrap?.isSigned == true ? 1 : 0)
  }

  private static func resolve(_ step: PairStep, _ buffers: [Buffer], _ memory: Memory) -> tf_pairs {
    let tables = step.tables.map { tf_pair_table($0, copy32: memory.copy, copy16: memory.copy) }
    return tf_pairs(
      ops: memory.copy(step.ops), op_count: step.ops.count, lanes: memory.copy(step.lanes(buffers)),
      tables: memory.copy(tables),
      constants: memory.copy(
        step.constants.flatMap { Array(repeating: $0, count: Int(TF_CONSTANT_LANES)) }),
      constant_count: step.constants.count, width: step.width, chunks: step.chunks)
  }

  private static func resolve(_ step: PoolStep, _ buffers: [Buffer], _ memory: Memory) -> tf_pool {
    let x = buffers[Int(step.x.buffer)]
    let lanes = step.lanes.map { UInt32(x.lane + $0) }
    let out = stride(from: 0, to: step.out.count, by: x.packing).map { element in
      buffers[Int(step.out[element].buffer)].row(element).lane
    }
    return tf_pool(
      x: memory.copy(lanes), out: memory.copy(out), count: out.count, length: step.length,
      storage: x.row.storage,
      is_minimum: step.isMinimum ? 1 : 0)
  }
}

extension Plan {
  /// Where runs of so many elements, one after the other, end.
  private static func ends(_ counts: [Int]) -> [UInt32] {
    counts.indices.map { UInt32(counts[...$0].reduce(0, +)) }
  }

  fileprivate static func resolve(_ step: DotStep, _ buffers: [Buffer], _ memory: Memory) -> tf_dot {
    func lane(_ lane: Int32, _ buffer: Int32) -> Int32 {
      lane + (step.isRelative ? 0 : Int32(buffers[Int(buffer)].lane))
    }
    func lanes(_ groups: [DotStep.Group]) -> UnsafePointer<Int32> {
      memory.copy(groups.map { lane($0.lane, $0.buffer) })
    }
    /// The ways of a pattern's results and of what fills it up.
    func each(_ pattern: DotStep.Pattern) -> UnsafePointer<tf_finish>? {
      guard !step.finishes.isEmpty else { return nil }
      let ways = pattern.kinds.map { step.finishes[$0] }
      let all = ways + Array(repeating: tf_finish(), count: step.width - ways.count)
      return memory.copy(
        Int(step.kernel.epilogue.finish) == TF_FINISH_PAIRS ? step.kernel.epilogue.paired(all) : all)
    }
    /// Writes the first elements of a C array.
    func set<Array, Element: BitwiseCopyable>(_ array: inout Array, _ elements: [Element]) {
      withUnsafeMutableBytes(of: &array) { bytes in elements.withUnsafeBytes { bytes.copyMemory(from: $0) } }
    }
    func pattern(_ pattern: DotStep.Pattern) -> tf_pattern {
      var result = tf_pattern()
      result.each = each(pattern)
      let (all, own) = step.mayGoByResult ? pattern.groupsByResult : (pattern.groups, [])
      result.lanes = lanes(all + own.flatMap { $0 })
      let ownWeights = own.enumerated().flatMap { slot, groups in groups.map { $0.weights[slot] } }
      result.weights = memory.copy(all.flatMap(\.weights) + ownWeights)
      set(&result.result_ends, Self.ends(own.map(\.count)))
      result.groups = all.count
      let parts = (0..<Int(step.kernel.parts)).map { part in
        pattern.groups.indices.filter { pattern.groups[$0].uses(part: part, of: Int(step.kernel.parts)) }
      }
      set(&result.part_begins, parts.map { UInt32($0.first ?? 0) })
      set(&result.part_ends, parts.map { UInt32($0.last.map { $0 + 1 } ?? 0) })
      result.int16_groups = pattern.int16Groups
      // By result, those it has.
      let wholes = (0..<step.width).map { slot in pattern.wholes.filter { $0.weights[slot] != 0 } }
      result.whole_lanes = lanes(wholes.flatMap { $0 })
      result.whole_weights = memory.copy(
        wholes.enumerated().flatMap { slot, groups in groups.map { $0.weights[slot] } })
      set(&result.whole_ends, Self.ends(wholes.map(\.count)))
      set(&result.start, pattern.start.flatMap { $0 })
      return result
    }
    func tiles(_ pattern: DotStep.Pattern) -> tf_tile_pattern {
      let runs = pattern.runs(of: step.runLanes)
      var weights = runs.flatMap(\.weights)
      var lanes = runs.map { lane($0.lane, $0.buffer) }
      // The kernels start sums with the first run: where all weights are zero it is one of zeros.
      if runs.isEmpty { (weights, lanes) = (Array(repeating: 0, count: TileLayout.bytes), [0]) }
      // One part: the others' starts are zero.
      let starts = pattern.start[0].flatMap { Array(repeating: $0, count: Int(TF_TILE)) }
      return tf_tile_pattern(
        lanes: memory.copy(lanes), weights: memory.copy(weights), runs: lanes.count, results: pattern.results,
        starts: memory.copy(starts), each: each(pattern))
    }
    let x = step.isRelative ? step.reads.first.map { buffers[Int($0.buffer)] } : nil
    let base = step.splitsWords ? 0 : x?.lane ?? 0
    let blocks = step.blocks.map { block in
      tf_block(
        pattern: UInt32(block.pattern), lane: UInt32(base + block.lane),
        out: buffers[Int(block.out.buffer)].row(Int(block.out.element)).lane)
    }
    var kernel = step.kernel
    if step.isTiled {
      kernel.tiles = memory.copy(step.patterns.map(tiles))
    } else {
      kernel.patterns = memory.copy(step.patterns.map(pattern))
    }
    kernel.blocks = memory.copy(blocks)
    kernel.block_count = blocks.count / max(1, kernel.pooled)
    if let x, step.splitsWords {
      (kernel.split_lane, kernel.split_lanes) = (UInt32(x.lane), UInt32(x.lanes / 2))
    }
    return kernel
  }
}

extension Plan {
  fileprivate static func resolve(
    _ chain: DenseChain, _ input: tf_input?, _ buffers: [Buffer], _ memory: Memory
  ) -> DenseCall? {
    guard let input else { return nil }
    var x = 0
    let last = chain.layers.count - 1
    let layers = chain.layers.enumerated().map { index, layer in
      var result = tf_dense_layer()
      result.weights = memory.copy(layer.weights)
      result.starts = memory.copy(layer.starts)
      let out = buffers[Int(chain.out)]
      let units = layer.units.map { unit in
        var unit = unit
        if index == last { unit.out = out.row(Int(unit.out)).lane }
        return unit
      }
      result.units = memory.copy(units)
      result.unit_count = units.count
      result.runs = layer.runs
      result.x = x
      x += chain.tiles[index] * TileLayout.bytes
      result.to = x
      result.epilogue = layer.epilogue
      (result.is_first, result.is_last) = (index == 0 ? 1 : 0, index == last ? 1 : 0)
      result.rounds_to_even = layer.roundsToEven ? 1 : 0
      (result.sets, result.keeps_order) = (UInt8(layer.sets), layer.keepsOrder ? 1 : 0)
      return result
    }
    let dense = tf_dense(input: input, layers: memory.copy(layers), layer_count: layers.count)
    return DenseCall(
      input: chain.input, steps: layers.count, kernel: memory.copy([dense]), description: chain.description)
  }
}

extension tf_input {
  /// How numbers become words of a format; nil for formats the kernels do not convert to.
  fileprivate init?(_ format: FixedFormat, _ count: Int, _ first: tf_row) {
    guard format.width <= (format.isSigned ? 32 : 31), (0..<100).contains(format.fractionBits),
      Int(first.storage) <= TF_S32,
      format.overflow != .wrapSM, format.saturatedBits == 0 || format.overflow != .wrap
    else { return nil }
    self.init()
    scale = Double(sign: .plus, exponent: format.fractionBits, significand: 1)
    self.count = count
    (low, high) = (Int32(format.conversionRange.low), Int32(format.conversionRange.high))
    (lane, offset, storage) = (first.lane, first.offset, first.storage)
    (rounding, overflow) = (format.rounding.kernelCode, format.overflow.kernelCode)
    (width, is_signed) = (UInt8(format.width), format.isSigned ? 1 : 0)
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
