import CKernels
import FixedPoint
import Program

/// One thread's memory for a plan: the arena, scratch rows, counters.
final class Workspace {
  let plan: Plan
  let kernels: tf_kernels
  /// One thread's own: a check with every kernel call would take as long as a short step of a scan.
  @exclusivity(unchecked) var tile: tf_tile
  private let counters: UnsafeMutableBufferPointer<Int64>
  /// Events there is room for.
  private let events: Int

  /// - Parameter events: events per tile, a multiple of 64.
  init(_ plan: Plan, kernels: tf_kernels, events: Int) {
    self.plan = plan
    self.kernels = kernels
    self.events = events
    // A tile of matrices reads the lanes of a run even where fewer are left.
    let arenaBytes = (plan.arenaLanes * events + Int(TF_TILE * TF_BLOCK)) * TileLayout.lane
    let scratchBytes = max(plan.scratchPerEvent * (events + Int(TF_ROW_GAP)), plan.scratch)
    counters = .allocate(capacity: max(1, plan.counters))
    counters.initialize(repeating: 0)
    tile = tf_tile(
      arena: Self.zeroed(arenaBytes), lanes: plan.arenaLanes, scratch: Self.zeroed(scratchBytes),
      constants: plan.constants,
      events: events, valid: events, counters: plan.counters > 0 ? counters.baseAddress : nil, ahead: nil,
      ahead_bytes: 0, room: nil, room_bytes: 0)
  }

  deinit {
    tile.arena.deallocate()
    tile.scratch.deallocate()
    counters.deallocate()
  }

  private static func zeroed(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
    let block = UnsafeMutableRawPointer.allocate(byteCount: max(64, bytes), alignment: 64)
    let typed = block.bindMemory(to: UInt8.self, capacity: max(64, bytes))
    typed.initialize(repeating: 0, count: max(64, bytes))
    return typed
  }

  /// The overflow counters so far.
  var counts: [Int64] { Array(counters.prefix(plan.counters)) }

  /// Runs a tile of events, from the inputs' numbers to the results' words in the arena.
  ///
  /// - Parameters:
  ///   - start: the first event.
  ///   - valid: how many of the tile's events are real.
  ///   - next: inputs of the tile after this one, to be fetched meanwhile: they lie in more pages of memory than the
  ///     processor looks ahead by itself.
  func run(_ job: Job, start: Int, valid: Int, next: UnsafeRawBufferPointer? = nil) {
    let bytes = next?.count ?? 0
    func fetch(_ range: Range<Int>) {
      guard let base = next?.baseAddress else { return }
      tile.ahead = (base + range.lowerBound).assumingMemoryBound(to: UInt8.self)
      tile.ahead_bytes = range.count
    }
    fetch(0..<bytes)
    let first = begin(job, start: start, valid: valid)
    let room = job.largestRoom(start, valid, plan)
    var dots = 0
    for call in plan.calls[first...] {
      if first == 0, case .dot = call {
        fetch(bytes * dots / plan.dots..<bytes * (dots + 1) / plan.dots)
        if let room, let base = room.baseAddress {
          let share = room.count * dots / plan.dots..<room.count * (dots + 1) / plan.dots
          tile.room = (base + share.lowerBound).assumingMemoryBound(to: UInt8.self)
          tile.room_bytes = share.count
        }
        dots += 1
      }
      run(call)
      (tile.ahead_bytes, tile.room_bytes) = (0, 0)
    }
  }

  /// Converts a tile's inputs, and runs the dense layers that come first, if the plan has any and they take the numbers.
  ///
  /// - Returns: the first step that is still to be run.
  func begin(_ job: Job, start: Int, valid: Int) -> Int {
    tile.valid = valid
    // Blocks without events, of which the last tile may have many, are not computed.
    tile.events = min(events, (valid + Int(TF_BLOCK) - 1) / Int(TF_BLOCK) * Int(TF_BLOCK))
    var steps = 0
    if let dense = plan.dense, job.takesDense(plan), let numbers = job.inputs[dense.input].bytes.baseAddress {
      let first = numbers + start * plan.inputs[dense.input].rows.count * MemoryLayout<Float>.size
      let found = kernels.dense(&tile, dense.kernel, first.assumingMemoryBound(to: Float.self))
      steps = found != 0 ? dense.steps : 0
    }
    tile.ahead_bytes = 0
    for slot in plan.inputs.indices where steps == 0 || slot != plan.dense?.input {
      read(job, slot, start: start)
    }
    return steps
  }

  /// Runs one step.
  func run(_ call: Plan.Call) {
    switch call {
    case .region(let word, let region): kernels[word].region(&tile, region)
    case .mac(let word, let mac): kernels[word].mac(&tile, mac)
    case .reduce(let word, let reduction): kernels[word].reduce(&tile, reduction)
    case .dot(let dot): kernels.dot(&tile, dot)
    case .pool(let pool): kernels.pool(&tile, pool)
    case .pairs(let pairs): kernels.pairs(&tile, pairs)
    case .contraction(let contract): kernels.contraction(&tile, contract)
    case .trees(let trees): kernels.trees(&tile, trees)
    case .scalar(let call): run(call)
    case .scan(let scan): run(scan)
    }
  }

  /// The words of a row for the tile's events, in scratch memory until the next kernel call.
  func load(_ row: tf_row) -> UnsafeMutableBufferPointer<Raw> {
    withUnsafePointer(to: row) { kernels.words128.load(&tile, $0, tile.scratch) }
    return scratch(Raw.self)
  }

  /// Scratch memory as one row of words.
  func scratch<Word: BitwiseCopyable>(_ word: Word.Type) -> UnsafeMutableBufferPointer<Word> {
    // Plain integers in raw memory that nothing else is bound to during the call.
    UnsafeMutableBufferPointer(
      start: UnsafeMutableRawPointer(tile.scratch).assumingMemoryBound(to: Word.self), count: tile.events)
  }

  /// Stores the words now in scratch memory.
  func store(_ row: tf_row) {
    withUnsafePointer(to: row) { kernels.words128.store(&tile, $0, tile.scratch) }
  }

  private func run(_ call: Plan.ScalarCall) {
    let valid = tile.valid
    var inputs = [[[Raw]]](repeating: call.operands.map { $0.map { _ in 0 } }, count: valid)
    for (slot, rows) in call.operands.enumerated() {
      for (element, row) in rows.enumerated() {
        let words = load(row)
        for event in 0..<valid { inputs[event][slot][element] = words[event] }
      }
    }
    let results = inputs.map { call.program.evaluate($0).last ?? [] }
    for (element, row) in call.out.enumerated() {
      let words = scratch(Raw.self)
      for event in 0..<tile.events { words[event] = event < valid ? results[event][element] : 0 }
      store(row)
    }
  }
}

extension tf_kernels {
  /// The kernels for a word size.
  subscript(word: WordSize) -> tf_word_kernels {
    switch word {
    case .bits32: words32
    case .bits64: words64
    case .bits128: words128
    }
  }
}
