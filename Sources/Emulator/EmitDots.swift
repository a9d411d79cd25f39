import CKernels
import FixedPoint
import Program

/// Weights in one or two parts: weight = (high << split) + low.
private struct WeightParts {
  /// 0: one part, the high one.
  var split: Int
  /// Whether the kernel keeps only what is above the split.
  var joins: Bool

  func parts(_ weight: Raw) -> [Raw] {
    if split == 0 { return [weight] }
    let high = (weight + (1 << Raw(split - 1))) >> Raw(split)
    return [high, weight - high << Raw(split)]
  }
}

extension PlanBuilder {
  /// Emits the dot products and the epilogue of `chain`, which ends at instruction `last`.
  ///
  /// - Returns: `last`; nil, and nothing planned, where something leaves the kernels' words.
  mutating func emit(_ plan: DotPlan, _ kind: DotKind, _ chain: Chain, _ last: Int) -> Int? {
    let isPlain = kind.kind == TF_DOT_HALVES
    let words = plan.xIntervals.dropFirst().reduce(plan.xIntervals[0]) { $0.union($1) }
    guard let storage = dotStorage(plan.x, words, offsets: isPlain) else { return nil }
    // Padding that is not zero would have to be rounded and saturated in its turn.
    let isPadded = plan.x.contains { $0.isConstant && constants[Int($0.element)] != 0 }
    if isPadded && kind.kind == TF_DOT_STEPS { return nil }
    let isBytes = storage == TF_U8
    // The result, stored without the zero bits at its end.
    let shift = Raw(min(chain.left, 24))
    guard Int(shift) == chain.left else { return nil }
    let result = Interval(chain.interval.low >> shift, chain.interval.high >> shift)
    var row = Buffer.storage(result, bytes: options.usesBytes)
    row.offset = row.offset << Int32(shift)
    row.shift = UInt8(shift)
    guard row.storage <= UInt8(TF_S32),
      let (parts, epilogue, extra) = choose(plan, kind, chain, isBytes: isBytes, row: row)
    else { return nil }
    var step = DotStep(kernel: kind.kernel)
    step.kernel.kind = UInt8(isPlain && isBytes ? TF_DOT_BYTES : kind.kind)
    step.kernel.epilogue = epilogue
    step.kernel.split = UInt8(parts.split)
    step.kernel.joins = parts.joins ? 1 : 0
    var plan = plan
    plan.x = uniform(plan.x, storage: storage, words, offsets: isPlain)
    intervals[last] = chain.interval
    views[last] = store(Buffer(count: program.instructions[last].type.count, row: row, step: steps.count))
    step.out = views[last]
    step.reads = Array(Set(plan.x.map(\.buffer))).sorted().filter { $0 >= 0 }.map {
      Reference(buffer: $0, element: 0)
    }
    step.isRelative = step.reads.count <= 1
    DotWriter(
      plan: plan, kind: kind, parts: { parts.parts($0 << Raw(kind.weightShift)) }, split: parts.split,
      extra: extra, buffers: buffers, constants: constants
    ).write(&step)
    steps.append(.dot(step))
    return last
  }

  /// The storage x is read in: what it has, if it is all alike, else one it can be copied to.
  private func dotStorage(_ x: [Reference], _ words: Interval, offsets: Bool) -> Int? {
    let isBytes = x.allSatisfy { reference in
      if reference.isConstant { return true }
      let row = buffers[Int(reference.buffer)].row
      return row.storage == UInt8(TF_U8) && row.shift == 0
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
      let row = buffers[Int(reference.buffer)].row
      return Int(row.storage) == storage && row.shift == 0 && (offsets || row.offset == 0)
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

  /// How weights are split, and the epilogue that goes with it.
  private func choose(_ plan: DotPlan, _ kind: DotKind, _ chain: Chain, isBytes: Bool, row: tf_row)
    -> (WeightParts, tf_epilogue, extra: Raw)?
  {
    let isPlain = kind.kind == TF_DOT_HALVES
    let limit = isPlain && isBytes ? Interval(-128, 127) : Interval(-32768, 32767)
    let scaled = Interval(plan.weights).shifted(left: kind.weightShift)
    let isModular = chain.wrap != nil && chain.first.isIdentity
    // One part, if weights and sums fit.
    if let (epilogue, extra) = chain.epilogue(kind.sums, row: row) {
      let whole = WeightParts(split: 0, joins: false)
      if !isPlain || (limit.contains(scaled) && (isModular || WordSize(kind.sums) == .bits32)) {
        return (whole, epilogue, extra)
      }
      // Two parts whose sum still fits 32 bits.
      if isModular || WordSize(kind.sums) == .bits32, let parts = smallestSplit(scaled, isBytes: isBytes) {
        return (WeightParts(split: parts, joins: false), epilogue, extra)
      }
    }
    // Two parts whose sum does not: only what lies above the split is kept. The epilogue drops at least that.
    guard isPlain, chain.first.shift > 0, !(chain.wrap != nil && chain.first.isIdentity) else { return nil }
    for split in 1...min(chain.first.shift, isBytes ? 8 : 16) {
      let parts = WeightParts(split: split, joins: true)
      let (low, high) = (parts.parts(scaled.low), parts.parts(scaled.high))
      guard limit.contains(Interval(low[0], high[0])),
        let (epilogue, extra) = chain.epilogue(kind.sums, joined: split, row: row)
      else { continue }
      let reach = [0, 1].map { part in
        plan.sums({ index in
          let start = plan.start[index] + extra
          return part == 0 ? start >> Raw(split) : start & ((1 << Raw(split)) - 1)
        }) { x, w in
          let word = parts.parts(w << Raw(kind.weightShift))[part]
          return x * Interval(word, word)
        }.total
      }
      if WordSize(reach[0]) == .bits32 && WordSize(reach[1]) == .bits32 { return (parts, epilogue, extra) }
    }
    return nil
  }

  private func smallestSplit(_ weights: Interval, isBytes: Bool) -> Int? {
    let limit = isBytes ? Interval(-128, 127) : Interval(-32768, 32767)
    return (1...(isBytes ? 8 : 16)).first { split in
      let parts = WeightParts(split: split, joins: false)
      return limit.contains(Interval(parts.parts(weights.low)[0], parts.parts(weights.high)[0]))
    }
  }
}

/// Writes the patterns and blocks of dot products.
private struct DotWriter {
  let plan: DotPlan
  let kind: DotKind
  let parts: (Raw) -> [Raw]
  let split: Int
  /// Added to every sum's start.
  let extra: Raw
  let buffers: [Buffer]
  let constants: [Raw]

  /// What the words of one position are, relative to its first lane.
  private struct Position {
    var signature: Int
    var lane: Int
  }

  /// What makes two blocks use the same pattern.
  private struct Key: Hashable {
    var channels: [Int]
    var signatures: [Int]
    var distances: [Int]
  }

  func write(_ step: inout DotStep) {
    var signatures: [[Reference]: Int] = [:]
    var words: [[Reference]] = []
    let positions = (0..<plan.positions).map { position -> Position in
      var references = Array(plan.x[position * plan.depth..<(position + 1) * plan.depth])
      var lane = 0
      if step.isRelative, let first = references.filter({ !$0.isConstant }).map(\.element).min() {
        let packing = buffers[Int(step.reads[0].buffer)].packing
        lane = Int(first) / packing
        for k in references.indices where !references[k].isConstant {
          references[k].element -= Int32(lane * packing)
        }
      }
      if let known = signatures[references] { return Position(signature: known, lane: lane) }
      words.append(references)
      signatures[references] = words.count - 1
      return Position(signature: words.count - 1, lane: lane)
    }
    var patterns: [Key: Int] = [:]
    let count = plan.positions * plan.columns
    for first in stride(from: 0, to: count, by: 4) {
      let results = (first..<min(first + 4, count)).map { result in
        (position: result / plan.columns, column: result % plan.columns)
      }
      let base = results.map { positions[$0.position].lane }.min() ?? 0
      let key = Key(
        channels: results.map { $0.position % plan.groups * plan.columns + $0.column },
        signatures: results.map { positions[$0.position].signature },
        distances: results.map { positions[$0.position].lane - base })
      let pattern: Int
      if let known = patterns[key] {
        pattern = known
      } else {
        pattern = step.patterns.count
        step.patterns.append(self.pattern(key, words))
        patterns[key] = pattern
      }
      step.blocks.append(DotStep.Block(pattern: pattern, lane: base, out: step.out[first]))
    }
  }

  /// The lanes and weights of up to four results.
  private func pattern(_ key: Key, _ words: [[Reference]]) -> DotStep.Pattern {
    let isHigh = kind.kind == TF_DOT_HIGH
    let isStepwise = Int(kind.kind) == TF_DOT_STEPS
    var groups = GroupList(parts: split == 0 ? 1 : 2)
    var wholes = GroupList(parts: 1)
    var start = [[Raw]](repeating: [0, 0, 0, 0], count: 2)
    for slot in key.channels.indices {
      let first = plan.start[key.channels[slot]] + extra
      // With weights in two parts, so is the start.
      start[0][slot] += split == 0 ? first : first >> Raw(split)
      start[1][slot] += split == 0 ? 0 : first & ((1 << Raw(split)) - 1)
    }
    for k in plan.order {
      for (slot, channel) in key.channels.enumerated() {
        let weight = plan.weight(channel / plan.columns, k, channel % plan.columns)
        if weight == 0 { continue }
        let reference = words[key.signatures[slot]][k]
        if reference.isConstant {
          add(constants[Int(reference.element)], weight, slot, &start)
          continue
        }
        let buffer = buffers[Int(reference.buffer)]
        let lane = Int(reference.element) / buffer.packing + key.distances[slot]
        let place = GroupList.Place(
          buffer: reference.buffer, lane: Int32(lane), position: Int(reference.element) % buffer.packing,
          bits: 32 / buffer.packing, slot: slot, turn: isStepwise ? k : 0)
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
          let parts = parts(weight)
          groups.add(place, parts)
          for (part, word) in parts.enumerated() { start[part][slot] += word * Raw(buffer.row.offset) }
        }
      }
    }
    return DotStep.Pattern(
      groups: isStepwise ? groups.groups : groups.sorted, wholes: wholes.sorted,
      // DOT_HIGH sums in halves: the upper one starts from nothing.
      start: start.map { $0.map { Int32(truncatingIfNeeded: isHigh ? $0 & 0xffff : $0) } })
  }

  /// Adds the term of a constant word.
  private func add(_ word: Raw, _ weight: Raw, _ slot: Int, _ start: inout [[Raw]]) {
    switch Int(kind.kind) {
    case TF_DOT_HIGH: start[0][slot] += (word * weight) >> Raw(plan.dropped)
    default:
      for (part, value) in parts(weight).enumerated() { start[part][slot] += word * value }
    }
  }
}

/// The lanes a pattern reads, each with its weights.
private struct GroupList {
  struct Place {
    var buffer: Int32
    var lane: Int32
    /// The byte or half of the lane, and its bits.
    var position: Int
    var bits: Int
    /// Which of the four results.
    var slot: Int
    /// For kernels that take one element at a time, in order: its place in the sum.
    var turn: Int
  }

  private struct Lane: Hashable {
    var buffer: Int32
    var lane: Int32
    var turn: Int
  }

  let parts: Int
  private(set) var groups: [DotStep.Group] = []
  /// Which positions of which results a group already has weights for.
  private var taken: [Set<Int>] = []
  private var open: [Lane: [Int]] = [:]

  init(parts: Int) { self.parts = parts }

  mutating func add(_ place: Place, _ words: [Raw]) {
    let lane = Lane(buffer: place.buffer, lane: place.lane, turn: place.turn)
    let seat = place.slot * 4 + place.position
    var index = open[lane, default: []].first { !taken[$0].contains(seat) }
    if index == nil {
      index = groups.count
      open[lane, default: []].append(groups.count)
      groups.append(
        DotStep.Group(buffer: place.buffer, lane: place.lane, weights: Array(repeating: 0, count: parts * 4)))
      taken.append([])
    }
    guard let index else { return }
    taken[index].insert(seat)
    let mask = UInt32.max >> UInt32(32 - place.bits)
    for (part, word) in words.enumerated() {
      let bits = (UInt32(truncatingIfNeeded: word) & mask) << UInt32(place.position * place.bits)
      groups[index].weights[part * 4 + place.slot] |= Int32(bitPattern: bits)
    }
  }

  /// The groups by place in memory.
  var sorted: [DotStep.Group] { groups.sorted { ($0.buffer, $0.lane) < ($1.buffer, $1.lane) } }
}
