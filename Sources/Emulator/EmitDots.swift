import CKernels
import FixedPoint
import Program

/// What `Chains.epilogue` returns.
private typealias DotEpilogue = (kernel: tf_epilogue, starts: [Raw], each: [tf_finish])

extension PlanBuilder {
  /// Emits the dot products and the epilogue of `chain`, which ends at instruction `last`.
  ///
  /// - Returns: `last`; nil, and nothing planned, where something leaves the kernels' words.
  mutating func emit(_ plan: DotPlan, _ kind: DotKind, _ chain: Chains, _ last: Int) -> Int? {
    var plan = plan
    if !zeros.isEmpty {
      let zero = reference(0)
      plan.x = plan.x.map { zeros.contains($0) ? zero : $0 }
      plan.dropWeights(of: zero)
    }
    let isPlain = kind.kind == TF_DOT_INT16
    var chain = chain
    let isScaled = isPlain && scale(&plan)
    if !isScaled, plan.x.contains(where: { digits[$0] != nil }) { return nil }
    let words = plan.words
    guard let storage = dotStorage(plan.x, words, offsets: isPlain, isScaled: isScaled) else { return nil }
    // Padding that is not zero would have to be rounded and saturated in its turn.
    let isPadded = plan.x.contains { $0.isConstant && constants[Int($0.element)] != 0 }
    if isPadded && kind.kind == TF_DOT_STEPS { return nil }
    let isBytes = storage == TF_U8
    // The result, stored without the zero bits at its end.
    let shift = Raw(min(chain.left, 24))
    guard Int(shift) == chain.left else { return nil }
    let result = Interval(chain.interval.low >> shift, chain.interval.high >> shift)
    var row = isReadWordByWord(last) ? .words : Buffer.storage(result, bytes: options.usesBytes)
    guard WordSize(result) == .bits32 || row.storage != UInt8(TF_S32) else { return nil }
    row.offset = row.offset << Int32(shift)
    row.shift = UInt8(shift)
    if Int(row.storage) == TF_S16, options.usesBytes, isReadByDots(last), chain.scaleToBytes() {
      row.storage = UInt8(TF_U8)
    }
    if isPlain, isBytes, kind.weightShift == 0 { plan.dropZeros(&chain) }
    guard row.storage <= UInt8(TF_S32),
      let (parts, (epilogue, extra, each)) = choose(plan, kind, chain, isBytes: isBytes, row: row)
    else { return nil }
    var step = DotStep(kernel: kind.kernel)
    step.kernel.kind = UInt8(isPlain && isBytes ? TF_DOT_BYTES : kind.kind)
    step.kernel.epilogue = epilogue
    step.finishes = each
    step.kernel.parts = UInt8(parts.count)
    step.kernel.split = UInt8(parts.split)
    step.kernel.joins = parts.joins ? 1 : 0
    if !isScaled { plan.x = uniform(plan.x, storage: storage, words, offsets: isPlain) }
    intervals[last] = chain.interval
    let live = stored(chain, positions: plan.positions, program.instructions[last].type.count)
    var buffer = Buffer(count: live.count, row: row, step: steps.count)
    if chain.kinds.contains(where: { $0.scale != nil }) {
      buffer.scales = live.map { chain.kinds[chain.places[$0]].scale ?? Scale() }
    }
    step.out = store(buffer)
    let zero = reference(0)
    views[last] = Array(repeating: zero, count: program.instructions[last].type.count)
    for (word, place) in zip(live, step.out) { views[last][word] = place }
    step.reads = Array(Set(plan.x.map(\.buffer))).sorted().filter { $0 >= 0 }.map {
      Reference(buffer: $0, element: 0)
    }
    step.isRelative = step.reads.count <= 1
    let fitsTiles = options.usesTiles && isPlain && parts.fitTiles(plan.weights)
    if fitsTiles, each.isEmpty { step.layer = denseLayer(plan, parts, extra[0], chain.kinds[0].dropped) }
    let isOfPairs = isPlain && isBytes && options.addsBytesInPairs
    step.addsBytesInPairs = isOfPairs
    let writer = DotWriter(
      plan: plan, kind: kind, parts: parts, extra: extra, chains: chain, buffers: buffers,
      constants: constants, live: live, largestByte: isOfPairs ? largestByte(plan) : nil)
    let lanes = writer.written(step)
    let tiles = fitsTiles && (isBytes || step.isRelative) ? writer.written(step.tiled) : nil
    steps.append(.dot(tiles.map { $0.cycles < lanes.cycles ? $0 : lanes } ?? lanes))
    for (word, place) in chain.places.enumerated() where chain.kinds[place].isZero {
      zeros.insert(views[last][word])
    }
    return last
  }

  /// The results that are stored, in order: of a dense layer not those that are pruned, which leaves room for others in lanes
  /// and blocks.
  private func stored(_ chains: Chains, positions: Int, _ count: Int) -> [Int] {
    let live = chains.places.indices.filter { !chains.kinds[chains.places[$0]].isZero }
    return positions == 1 && !live.isEmpty ? live : Array(0..<count)
  }

  /// The dot products as a dense layer; nil if they are not one.
  private func denseLayer(_ plan: DotPlan, _ parts: WeightParts, _ extra: Raw, _ dropped: Int) -> DenseLayer?
  {
    let elements = plan.x.map { Int($0.element) }
    guard plan.positions == 1, Set(plan.x).count == plan.depth, !plan.x.contains(where: \.isConstant),
      Set(plan.x.map(\.buffer)).count == 1, buffers[Int(plan.x[0].buffer)].scales.isEmpty
    else { return nil }
    return DenseLayer(
      elements: elements, weights: plan.weights.map { Int8($0 << Raw(parts.shift)) },
      starts: plan.start.map { parts.parts(start: ($0 + extra) >> Raw(dropped))[0] })
  }

  /// The largest byte that x is stored as.
  private func largestByte(_ plan: DotPlan) -> Raw {
    let largest = plan.x.indices.map { index -> Raw in
      let reference = plan.x[index]
      return reference.isConstant ? 0 : plan.xIntervals[index % plan.depth].high - offset(reference)
    }
    return min(255, largest.max() ?? 0)
  }

  /// The storage x is read in: what it has, if it is all alike, else one it can be copied to.
  private func dotStorage(_ x: [Reference], _ words: Interval, offsets: Bool, isScaled: Bool) -> Int? {
    if isScaled { return x.first { !$0.isConstant }.map { Int(buffers[Int($0.buffer)].row.storage) } }
    let isBytes = x.allSatisfy { reference in
      if reference.isConstant { return true }
      let buffer = buffers[Int(reference.buffer)]
      return buffer.row.storage == UInt8(TF_U8) && buffer.row.shift == 0 && buffer.scales.isEmpty
    }
    if offsets, isBytes, options.usesBytes { return TF_U8 }
    if offsets, Int(Buffer.storage(words, bytes: false).storage) == TF_S16 { return TF_S16 }
    return words.low >= -32768 && words.high <= 32767 ? TF_S16 : nil
  }

  /// x, copied where it is not stored as the kernel needs it.
  private mutating func uniform(_ x: [Reference], storage: Int, _ words: Interval, offsets: Bool)
    -> [Reference]
  {
    let fits = x.allSatisfy { reference in
      if reference.isConstant { return true }
      let buffer = buffers[Int(reference.buffer)]
      return Int(buffer.row.storage) == storage && buffer.row.shift == 0 && buffer.scales.isEmpty
        && (offsets || buffer.row.offset == 0)
    }
    if fits { return x }
    var places: [Reference: Int] = [:]
    var unique: [Reference] = []
    for reference in x where !reference.isConstant && places[reference] == nil {
      places[reference] = unique.count
      unique.append(reference)
    }
    let row = Buffer.storage(words, bytes: storage == TF_U8)
    let copy = plan(copy: unique, words, row)
    return x.map { places[$0].map { copy[$0] } ?? $0 }
  }

  /// How the kernel has its weights, and the epilogue that goes with that.
  private func choose(_ plan: DotPlan, _ kind: DotKind, _ chain: Chains, isBytes: Bool, row: tf_row)
    -> (WeightParts, DotEpilogue)?
  {
    // Bits that only the start has, as a bias may, are dropped there if the chain drops them anyway:
    // ((s << k) + b) >> n = (s + (b >> k)) >> (n − k).
    let shift = kind.weightShift
    if shift > 0, chain.dropped >= shift, !chain.isConvergent,
      let found = choose(plan, kind, chain, WeightParts(shift: 0, dropped: shift), isBytes: isBytes, row: row)
    {
      return found
    }
    return choose(plan, kind, chain, WeightParts(shift: shift, dropped: 0), isBytes: isBytes, row: row)
  }

  private func choose(
    _ plan: DotPlan, _ kind: DotKind, _ chain: Chains, _ whole: WeightParts, isBytes: Bool, row: tf_row
  ) -> (WeightParts, DotEpilogue)? {
    let isPlain = kind.kind == TF_DOT_INT16
    let limit = isPlain && isBytes ? Interval(-128, 127) : Interval(-32768, 32767)
    let weights = Interval(plan.weights)
    func fits(_ parts: WeightParts) -> Bool {
      limit.contains(Interval(parts.parts(weights.low)[0], parts.parts(weights.high)[0]))
    }
    let splits = (2...Int(TF_MOST_PARTS)).lazy.flatMap { count in
      (1...(isBytes ? 8 : 16)).lazy.map { split in
        var parts = whole
        (parts.count, parts.split) = (count, split)
        return parts
      }
    }
    let isModular = chain.isModular
    // One part, or several added up, if sums fit.
    if let epilogue = chain.epilogue(kind.sums, joined: whole.dropped, row: row) {
      if !isPlain { return (whole, epilogue) }
      let sums = Interval(kind.sums.low >> Raw(whole.dropped), kind.sums.high >> Raw(whole.dropped))
      if isModular || WordSize(sums) == .bits32 {
        if fits(whole) { return (whole, epilogue) }
        if isBytes, whole.shift == 0, let terms = plan.terms {
          var parts = whole
          parts.terms = terms
          return (parts, epilogue)
        }
        if let parts = splits.first(where: fits) { return (parts, epilogue) }
      }
    }
    // Sums do not fit: of each part's only what lies above the split is added to the next higher one's. The
    // epilogue drops at least that.
    guard isPlain, !isModular, chain.kinds.allSatisfy({ $0.dropped == 0 }) else { return nil }
    for var parts in splits where fits(parts) {
      parts.joins = true
      guard parts.joined <= chain.dropped,
        let epilogue = chain.epilogue(kind.sums, joined: parts.joined, row: row),
        epilogue.starts.allSatisfy({ fitsOnTheWay(plan, parts, $0) })
      else { continue }
      return (parts, epilogue)
    }
    return nil
  }

  /// Whether the sums of all parts, each with what the one below carries over, fit 32 bits.
  private func fitsOnTheWay(_ plan: DotPlan, _ parts: WeightParts, _ extra: Raw) -> Bool {
    var carry = Interval(0, 0)
    for part in (0..<parts.count).reversed() {
      let own = plan.total({ parts.parts(start: plan.start[$0] + extra)[part] }) { x, weight in
        let word = parts.parts(weight)[part]
        return x * Interval(word, word)
      }
      let sum = own + carry
      if WordSize(sum) != .bits32 { return false }
      carry = Interval(sum.low >> Raw(parts.split), sum.high >> Raw(parts.split))
    }
    return true
  }
}

/// Writes the patterns and blocks of dot products.
private struct DotWriter {
  let plan: DotPlan
  let kind: DotKind
  let parts: WeightParts
  /// Added to the starts of each kind's sums.
  let extra: [Raw]
  let chains: Chains
  let buffers: [Buffer]
  let constants: [Raw]
  /// The results that are stored, in order.
  let live: [Int]
  /// Where products of two neighbouring bytes are added in int16, the largest byte of x.
  let largestByte: Raw?

  /// A word of x, relative to the first lane of its position.
  private struct Word: Hashable {
    var reference: Reference
    /// What it has in addition as it is stored, in the steps it is stored in: its own, as formats may differ from word to word.
    var offset: Raw
  }

  /// What the words of one position are.
  private struct Position {
    var signature: Int
    var lane: Int
  }

  /// What makes two blocks use the same pattern.
  private struct Key: Hashable {
    var channels: [Int]
    var signatures: [Int]
    var distances: [Int]
    /// The results' kinds; empty where there is one.
    var kinds: [Int]
  }

  /// The step with its patterns and blocks.
  func written(_ empty: DotStep) -> DotStep {
    var step = empty
    var signatures: [[Word]: Int] = [:]
    var words: [[Word]] = []
    let positions = (0..<plan.positions).map { position -> Position in
      var own = plan.x[position * plan.depth..<(position + 1) * plan.depth].map {
        Word(reference: $0, offset: offset($0))
      }
      var lane = 0
      if step.isRelative, let first = own.map(\.reference).filter({ !$0.isConstant }).map(\.element).min() {
        let packing = packing(step, step.reads[0].buffer)
        lane = Int(first) / packing
        for k in own.indices where !own[k].reference.isConstant {
          own[k].reference.element -= Int32(lane * packing)
        }
      }
      if let known = signatures[own] { return Position(signature: known, lane: lane) }
      words.append(own)
      signatures[own] = words.count - 1
      return Position(signature: words.count - 1, lane: lane)
    }
    var patterns: [Key: Int] = [:]
    for first in stride(from: 0, to: live.count, by: step.width) {
      let some = live[first..<min(first + step.width, live.count)]
      let results = some.map { (position: $0 / plan.columns, column: $0 % plan.columns) }
      let base = results.map { positions[$0.position].lane }.min() ?? 0
      let key = Key(
        channels: results.map { $0.position % plan.groups * plan.columns + $0.column },
        signatures: results.map { positions[$0.position].signature },
        distances: results.map { positions[$0.position].lane - base },
        kinds: chains.places.isEmpty ? [] : some.map { chains.places[$0] })
      let pattern: Int
      if let known = patterns[key] {
        pattern = known
      } else {
        pattern = step.patterns.count
        step.patterns.append(self.pattern(key, words, step))
        patterns[key] = pattern
      }
      step.blocks.append(DotStep.Block(pattern: pattern, lane: base, out: step.out[first]))
    }
    if step.isTiled { step.fitRuns() }
    return step
  }

  private func offset(_ reference: Reference) -> Raw {
    reference.isConstant ? 0 : buffers[Int(reference.buffer)].offset(Int(reference.element))
  }

  /// Elements in a lane as the kernel reads it.
  private func packing(_ step: DotStep, _ buffer: Int32) -> Int {
    step.splitsWords ? TileLayout.lane : buffers[Int(buffer)].packing
  }

  /// The lanes and weights of a block's results.
  private func pattern(_ key: Key, _ words: [[Word]], _ step: DotStep) -> DotStep.Pattern {
    let width = step.width
    let isStepwise = Int(kind.kind) == TF_DOT_STEPS
    var groups = GroupList(parts: parts.count, width: width, largestByte: largestByte)
    var wholes = GroupList(parts: 1, width: width, largestByte: nil)
    var start = [[Raw]](repeating: Array(repeating: 0, count: width), count: Int(TF_MOST_PARTS))
    func isZero(_ slot: Int) -> Bool { !key.kinds.isEmpty && chains.kinds[key.kinds[slot]].isZero }
    for (slot, channel) in key.channels.enumerated() where !isZero(slot) {
      let kind = key.kinds.isEmpty ? 0 : key.kinds[slot]
      let first = (plan.start[channel] + extra[kind]) >> Raw(chains.kinds[kind].dropped)
      for (part, word) in parts.parts(start: first).enumerated() {
        start[part][slot] = word
      }
    }
    for k in plan.order {
      for (slot, channel) in key.channels.enumerated() where !isZero(slot) {
        let weight = plan.weight(channel / plan.columns, k, channel % plan.columns)
        if weight == 0 { continue }
        let stored = words[key.signatures[slot]][k]
        let reference = stored.reference
        if reference.isConstant {
          add(constants[Int(reference.element)], weight, slot, &start)
          continue
        }
        let packing = packing(step, reference.buffer)
        let lane = Int(reference.element) / packing + key.distances[slot]
        let position = Int(reference.element) % packing
        let place = GroupList.Place(
          buffer: reference.buffer, lane: Int32(lane),
          position: step.splitsWords ? [0, 2, 1, 3][position] : position,
          bits: 32 / packing, slot: slot, turn: isStepwise ? k : 0)
        switch Int(kind.kind) {
        case TF_DOT_HIGH:
          // (x · w) >> dropped = (x · (w << (16 − dropped))) >> 16 if that fits 16 bits; what does not is a
          // multiple of 2^dropped, whose product needs no rounding.
          let whole = (weight + (1 << Raw(plan.dropped - 1))) >> Raw(plan.dropped)
          let rest = weight - whole << Raw(plan.dropped)
          if rest != 0 { groups.add(place, [rest << Raw(16 - plan.dropped)]) }
          if whole != 0 { wholes.add(place, [whole]) }
        case TF_DOT_STEPS: groups.add(place, [weight])
        default:
          for (turn, term) in parts.terms(weight).enumerated() {
            var place = place
            if plan.copied.contains(k) { place.position = turn % TileLayout.lane }
            let words = parts.parts(term)
            groups.add(place, words)
            for (part, word) in words.enumerated() {
              start[part][slot] += word * stored.offset
            }
          }
        }
      }
    }
    var sorted = isStepwise ? groups.groups : parts.count == 1 ? groups.sorted : groups.sortedByParts
    if let largestByte, parts.count == 1 { sorted = PairSums(largestByte).inPairs(sorted) }
    var pattern = DotStep.Pattern(
      results: key.channels.count, kinds: key.kinds, groups: sorted,
      wholes: wholes.sorted, start: start.map { $0.map { Int32(truncatingIfNeeded: $0) } })
    if let largestByte { pattern.int16Groups = PairSums(largestByte).most(pattern.groups) }
    return pattern
  }

  /// Adds the term of a constant word.
  private func add(_ word: Raw, _ weight: Raw, _ slot: Int, _ start: inout [[Raw]]) {
    switch Int(kind.kind) {
    case TF_DOT_HIGH: start[0][slot] += (word * weight) >> Raw(plan.dropped)
    default:
      for (part, value) in parts.parts(weight).enumerated() { start[part][slot] += word * value }
    }
  }
}
