import CKernels
import FixedPoint
import Program

// Elementwise instructions on rows of lanes as the arena has them (`pairs.h`), two int16 to a lane. Everything is modulo 2^16: a
// word that is wider is left to the low bits that a wrap or a shift makes of it, and products are not rounded before something
// asks for it. Where that does not do, both words of a pair are taken to a row of 32 bits each.

/// Words that operations on rows of lanes look up.
struct PairTable: Equatable {
  var words: [Raw]
  /// Whether they are words of 32 bits, all of which are kept.
  var isWide = false
}

/// Elementwise operations on rows of lanes: `tf_pairs`.
struct PairStep {
  var ops: [tf_pair_op]
  /// By list the first word of every run.
  var lists: [[Reference]]
  var tables: [PairTable]
  /// By what is in a lane.
  var constants: [Int32]
  /// Lanes of a run.
  var width: Int
  /// Runs.
  var chunks: Int
  /// Scratch rows.
  var rows: Int

  /// Bytes of scratch memory.
  var scratch: Int { rows * (width * Int(TF_BLOCK) * TileLayout.lane + 64) }

  /// The first lane of every run, by list.
  func lanes(_ buffers: [Buffer]) -> [UInt32] {
    lists.flatMap { $0.map { buffers[Int($0.buffer)].row(Int($0.element)).lane } }
  }

  /// For people.
  var description: String { "\(ops.count) operations on pairs of int16, \(2 * width * chunks) words" }
}

extension PlanBuilder {
  /// Plans elementwise instructions of one shape on rows of lanes; the last one's result is stored.
  ///
  /// - Returns: whether that is how they can be done.
  mutating func planPairs(_ indices: [Int]) -> Bool {
    guard options.path == .fast, let last = indices.last else { return false }
    let (shape, count) = (program.instructions[last].type.shape, program.instructions[last].type.count)
    if planPairs(indices, shape, order: Array(0..<count)) { return true }
    // In which order words are taken is all the same: in that of an operand that lies in another.
    for index in indices {
      for operand in program.instructions[index].operands where !views[operand.index].isEmpty {
        guard type(operand).shape == shape else { continue }
        let order = order(of: views[operand.index])
        if order != Array(0..<count), planPairs(indices, shape, order: order) { return true }
      }
    }
    return false
  }

  /// Words in the order of their lanes, those of both rows of 32-bit words by turns.
  func order(of view: [Reference]) -> [Int] {
    let sorted = view.indices.sorted {
      (view[$0].buffer, view[$0].element) < (view[$1].buffer, view[$1].element)
    }
    guard let first = view.first, !first.isConstant, let run = buffers[Int(first.buffer)].run,
      view.count % (2 * run) == 0
    else { return sorted }
    return sorted.indices.map { place in
      let (chunk, rest) = place.quotientAndRemainder(dividingBy: 2 * run)
      return sorted[chunk * 2 * run + rest / 2 + rest % 2 * run]
    }
  }

  private mutating func planPairs(_ indices: [Int], _ shape: [Int], order: [Int]) -> Bool {
    guard let last = indices.last else { return false }
    let operands = indices.flatMap { program.instructions[$0].operands }.filter {
      program.constant($0) == nil
    }
    var builder = PairBuilder(isChain: Set(operands).count == operands.count)
    var forms: [ValueID: PairForm] = [:]
    for index in indices {
      let instruction = program.instructions[index]
      var sources: [PairForm] = []
      for (slot, operand) in instruction.operands.enumerated() {
        if slot == instruction.operation.table { continue }
        if forms[operand] == nil { forms[operand] = pairForm(operand, shape, order, &builder) }
        guard let form = forms[operand] else { return false }
        sources.append(form)
      }
      guard var form = pairs(index, sources, &builder) else { return false }
      settle(index, form.interval)
      // What is known besides.
      form.interval = form.interval.intersection(intervals[index])
      forms[ValueID(index)] = form
    }
    guard let form = forms[ValueID(last)] else { return false }
    return store(form, of: last, order, &builder)
  }

  /// Stores the result, as int16 or in rows of 32 bits.
  mutating func store(_ form: PairForm, of last: Int, _ order: [Int], _ builder: inout PairBuilder)
    -> Bool
  {
    let row = Buffer.storage(intervals[last], bytes: options.usesBytes)
    let count = order.count
    let lanes = (count + 1) / 2
    // Rows between operations are to stay in the first-level cache.
    let isShort = Int(row.storage) == TF_S16 && builder.ops.count <= 2
    guard let width = builder.width(lanes: lanes, most: isShort ? 32 : 8) else { return false }
    var results: [PairPlace]
    switch Int(row.storage) {
    case TF_S16:
      guard var place = builder.words(of: form) else { return false }
      if row.offset != 0 { place = builder.emit(TF_PAIR_ADD, [place, .int16(-Raw(row.offset))]) }
      results = [place]
    case TF_S32:
      guard let place = builder.wide(of: form) else { return false }
      results = [place.lower, place.upper]
    default: return false
    }
    var buffer = Buffer(count: 2 * lanes, row: row, step: steps.count)
    if results.count == 2 { buffer.run = width }
    let stored = store(buffer)
    let places = (0..<2 * lanes).map { place in results.count == 2 ? Self.place(place, run: width) : place }
    views[last] = Array(stored[..<count])
    for (place, word) in order.enumerated() { views[last][word] = stored[places[place]] }
    for part in results.indices {
      builder.lists.append(
        (stride(from: part, to: 2 * lanes, by: 2).map { stored[places[$0]] }, 2 / results.count))
    }
    steps.append(.pairs(builder.packed(results, width: width, lanes: lanes)))
    return true
  }

  /// Where a word is stored of which each `run` are followed by as many that are the second ones of their pairs.
  static func place(_ word: Int, run: Int) -> Int {
    let (chunk, rest) = word.quotientAndRemainder(dividingBy: 2 * run)
    return chunk * 2 * run + rest % 2 * run + rest / 2
  }

  /// Room for words of 32 bits, where there are many in runs that rows of pairs can be made of.
  mutating func storeInRuns(_ buffer: Buffer) -> [Reference] {
    let run = 8
    guard Int(buffer.row.storage) == TF_S32, buffer.count % (2 * run) == 0, options.path == .fast else {
      return store(buffer)
    }
    var inRuns = buffer
    inRuns.run = run
    let stored = store(inRuns)
    return stored.indices.map { stored[Self.place($0, run: run)] }
  }

  /// The words of an operand from outside.
  private func pairForm(_ operand: ValueID, _ shape: [Int], _ order: [Int], _ builder: inout PairBuilder)
    -> PairForm?
  {
    let interval = intervals[operand.index]
    if let word = uniform(operand) { return PairForm(kind: .constant(word), interval: Interval(word, word)) }
    let all = broadcast(operand, to: shape)
    return pairForm(order.map { all[$0] }, interval, &builder)
  }

  /// Words in the order of their lanes; nil where they are not pairs as they are stored.
  func pairForm(_ view: [Reference], _ interval: Interval, _ builder: inout PairBuilder) -> PairForm? {
    guard let first = view.first, view.allSatisfy({ !$0.isConstant }) else { return nil }
    let row = buffers[Int(first.buffer)].row
    func isAlike(_ reference: Reference) -> Bool {
      let other = buffers[Int(reference.buffer)].row
      return other.storage == row.storage && other.offset == row.offset && other.shift == 0
    }
    guard view.allSatisfy(isAlike) else { return nil }
    switch Int(row.storage) {
    case TF_S16:
      for place in stride(from: 0, to: view.count, by: 2) {
        guard view[place].element % 2 == 0 else { return nil }
        if place + 1 < view.count,
          view[place + 1] != Reference(buffer: view[place].buffer, element: view[place].element + 1)
        {
          return nil
        }
      }
      builder.lists.append((stride(from: 0, to: view.count, by: 2).map { view[$0] }, 2))
      var form = PairForm(kind: .words(.list(builder.lists.count - 1)), interval: interval)
      guard form.isHalf else { return nil }
      if row.offset != 0, case .words(let place) = form.kind {
        form.kind = .words(builder.emit(TF_PAIR_ADD, [place, .int16(Raw(row.offset))]))
      }
      return form
    case TF_S32:
      guard view.count % 2 == 0, row.offset == 0, PairForm.int32s.contains(interval) else { return nil }
      for part in 0...1 {
        builder.lists.append((stride(from: part, to: view.count, by: 2).map { view[$0] }, 1))
      }
      let last = builder.lists.count - 1
      return PairForm(kind: .wide(WidePlace(lower: .list(last - 1), upper: .list(last))), interval: interval)
    default: return nil
    }
  }

  /// One instruction; nil where it is none of the kernel's.
  private func pairs(_ index: Int, _ sources: [PairForm], _ builder: inout PairBuilder) -> PairForm? {
    let instruction = program.instructions[index]
    let types = instruction.operands.map { type($0) }
    let fraction = instruction.type.format.fractionBits
    guard case .wordwise(let operation) = instruction.operation.form else { return nil }
    // What is none of these is computed without pairs.
    if case .requantize(.uniform(let format)) = operation {
      return builder.converted(sources[0], fractionBits: types[0].format.fractionBits, to: format)
    }
    if case .lookup = operation {
      guard let words = program.constant(instruction.operands[1]), types[1].shape.count == 1 else {
        return nil
      }
      return builder.lookup(sources[0], words)
    }
    guard case .elementwise(let kind) = operation else { return nil }
    if kind == .multiply { return builder.product(sources[0], sources[1]) }
    if kind == .divide { return builder.quotient(sources[0], sources[1]) }
    if let bits = lowBits[index], let low = builder.lowBits(sources[0], bits) { return low }
    let shifts = types.map { fraction - $0.format.fractionBits }
    guard shifts.allSatisfy({ (0..<31).contains($0) }) else { return nil }
    switch kind {
    case .add: return builder.sum(sources[0], shifts[0], sources[1], shifts[1], TF_PAIR_ADD)
    case .subtract: return builder.sum(sources[0], shifts[0], sources[1], shifts[1], TF_PAIR_SUBTRACT)
    case .maximum, .minimum:
      return builder.extreme(sources[0], shifts[0], sources[1], shifts[1], isMaximum: kind == .maximum)
    case .multiply, .divide: return nil
    }
  }
}

extension PairBuilder {
  /// The longest runs that all lists are made of.
  func width(lanes: Int, most: Int) -> Int? {
    (1...most).reversed().first { width in
      lanes % width == 0
        && lists.allSatisfy { list in
          list.words.enumerated().allSatisfy { place, word in
            let first = list.words[place / width * width]
            return word.buffer == first.buffer
              && Int(word.element) == Int(first.element) + list.perLane * (place % width)
          }
        }
    }
  }

  /// The step; its results go to the last lists.
  func packed(_ results: [PairPlace], width: Int, lanes: Int) -> PairStep {
    var (ops, tables) = (ops, tables)
    Self.fuse(&ops, &tables)
    // What nobody asks for any more is left out.
    var isLive = [Bool](repeating: false, count: ops.count)
    func live(_ places: [PairPlace]) { for case .row(let row) in places { isLive[row] = true } }
    live(results)
    for place in ops.indices.reversed() where isLive[place] { live(ops[place].sources) }
    func isRead(_ row: Int) -> Bool {
      ops.indices.contains { isLive[$0] && !ops[$0].isSecond && ops[$0].sources.contains(.row(row)) }
    }
    // Where an operation's words go besides a scratch row.
    var targets: [Int: Int] = [:]
    for (part, place) in results.enumerated() {
      let list = lists.count - results.count + part
      if case .row(let row) = place, targets[row] == nil, !isRead(row) {
        targets[row] = list
      } else {
        targets[ops.count] = list
        ops.append(Op(code: TF_PAIR_COPY, sources: [place]))
        isLive.append(true)
      }
    }
    var constants: [Int32] = []
    var lastUse = [Int](repeating: -1, count: ops.count)
    for (place, op) in ops.enumerated() where isLive[place] && !op.isSecond {
      for case .row(let row) in op.sources { lastUse[row] = place }
      for case .constant(let word) in op.sources where !constants.contains(word) { constants.append(word) }
    }
    var homes = [Int](repeating: 0, count: ops.count)
    var free: [Int] = []
    var rows = 0
    func number(_ place: PairPlace) -> Int32 {
      switch place {
      case .row(let row): Int32(constants.count + homes[row])
      case .list(let list): ~Int32(list)
      case .constant(let word): Int32(constants.firstIndex(of: word) ?? 0)
      }
    }
    func target(_ place: Int) -> Int32 {
      if let list = targets[place] { return ~Int32(list) }
      if free.isEmpty {
        free.append(rows)
        rows += 1
      }
      homes[place] = free.removeLast()
      return number(.row(place))
    }
    var packed: [tf_pair_op] = []
    for (place, op) in ops.enumerated() where isLive[place] && !op.isSecond {
      var sources = op.sources.map(number)
      for row in Set(op.sources.compactMap { if case .row(let row) = $0 { row } else { nil } }).sorted()
      where lastUse[row] == place { free.append(homes[row]) }
      let first = target(place)
      if op.code == TF_WIDE_TABLES { sources.append(target(place + 1)) }
      packed.append(
        tf_pair_op(op, [first] + sources + Array(repeating: sources[0], count: 4 - sources.count)))
    }
    let runs = lists.map { list in stride(from: 0, to: lanes, by: width).map { list.words[$0] } }
    return PairStep(
      ops: packed, lists: runs, tables: tables, constants: constants, width: width, chunks: lanes / width,
      rows: rows)
  }
}

extension tf_pair_op {
  /// The places of its sources.
  var sources: [Int32] { [places.1, places.2, places.3, places.4] }

  /// - Parameter places: the target's and the sources'.
  fileprivate init(_ op: PairBuilder.Op, _ places: [Int32]) {
    self.init()
    (code, count, table) = (UInt8(op.code), UInt8(op.count), UInt8(op.table))
    (toward_zero, is_less) = (op.isTowardZero ? 1 : 0, op.isLess ? 1 : 0)
    (inner, right) = (UInt8(op.inner), UInt8(op.right))
    withUnsafeMutableBytes(of: &self.places) { room in places.withUnsafeBytes { room.copyMemory(from: $0) } }
  }
}
extension tf_pair_table {
  /// The words of a table that are kept. Indices beyond the end count as the end: of equal words there the first is enough.
  static func needed(_ words: [Raw]) -> [Raw] {
    Array(words.prefix((words.lastIndex { $0 != words.last } ?? 0) + 2))
  }

  /// How many times 64 words a table in registers has; nil where they are too many.
  private static func blocks(of count: Int) -> Int? { [1, 2, 4, 8, 16].first { count <= 64 * $0 } }

  /// How many words there are at least, the last one repeated: indices below that need no look at the end.
  static func reach(of words: [Raw]) -> Int {
    let count = needed(words).count
    return blocks(of: count).map { 64 * $0 } ?? count
  }

  /// - Parameter copy: keeps an array as long as the plan lives.
  init(
    _ table: PairTable, copy32: ([Int32]) -> UnsafePointer<Int32>, copy16: ([Int16]) -> UnsafePointer<Int16>
  ) {
    self.init()
    if table.isWide {
      words = copy32(table.words.map { Int32(truncatingIfNeeded: $0) })
      count = table.words.count
      return
    }
    let words = table.words
    let needed = Self.needed(words)
    let end = Array(repeating: needed[needed.count - 1], count: Self.reach(of: words) - needed.count)
    let reached = needed + end
    self.words = copy32(reached.map { Int32(truncatingIfNeeded: $0) })
    count = needed.count
    func padded(_ words: [Raw]) -> [Int16]? {
      guard let last = words.last, let blocks = Self.blocks(of: words.count) else { return nil }
      return (words + Array(repeating: last, count: 64 * blocks - words.count)).map { Int16($0) }
    }
    var int16s = padded(needed)
    if needed.count > 128 {
      let two = stride(from: 0, to: reached.count, by: 2).map { at in
        (first: reached[at], rise: reached[min(at + 1, reached.count - 1)] - reached[at])
      }
      if two.allSatisfy({ (-2048..<2048).contains($0.first) && (0...15).contains($0.rise) }),
        let halved = padded(two.map { $0.first << 4 + $0.rise })
      {
        int16s = halved
        is_halved = 1
      }
    }
    if let int16s {
      self.int16s = copy16(int16s)
      blocks = UInt8(int16s.count / 64)
    }
  }
}
