import CKernels
import FixedPoint
import Program

/// What an epilogue makes of its sums where results have formats of their own: a chain for every kind of result.
struct Chains {
  /// The chains that differ.
  var kinds: [Chain]
  /// For every word of the result, its chain; empty where there is one.
  var places: [Int] = []

  init(_ chain: Chain) { kinds = [chain] }

  /// What the words can be.
  var interval: Interval { kinds.dropFirst().reduce(kinds[0].interval) { $0.union($1.interval) } }
  /// The zero bits that all words end with.
  var left: Int { varying.map(\.left).min() ?? 0 }
  /// The bits of the sums that all chains drop.
  var dropped: Int { varying.map(\.first.shift).min() ?? 0 }
  var isConvergent: Bool { varying.contains(where: \.first.isConvergent) }
  /// Whether only the sums' low bits count.
  var isModular: Bool { varying.allSatisfy { $0.wrap != nil && $0.first.isIdentity } }
  private var varying: [Chain] { kinds.filter { !$0.isZero } }

  /// All chains grown in one way; nil where one cannot be.
  func grown(_ grow: (Chain) -> Chain?) -> Chains? {
    var result = self
    for (place, chain) in kinds.enumerated() {
      guard let longer = grow(chain) else { return nil }
      result.kinds[place] = longer
    }
    return result
  }

  /// The chains with each word's conversion to its format at their ends.
  func converted(fractionBits: Int, to laid: LaidFormats, shape: [Int]) -> Chains? {
    let fraction = laid.result.fractionBits
    var result = self
    result.kinds = []
    var known: [[Int]: Int] = [:]
    result.places = []
    for (word, format) in laid.places(in: shape).enumerated() {
      let key = [places.isEmpty ? 0 : places[word], format]
      if known[key] == nil {
        var longer: Chain? = .zero
        if let format = laid.formats[format] {
          longer = kinds[key[0]].converted(fractionBits: fractionBits, to: format)?
            .aligned(left: fraction - format.fractionBits)
        }
        guard let longer else { return nil }
        known[key] = result.kinds.count
        result.kinds.append(longer)
      }
      result.places.append(known[key] ?? 0)
    }
    return result
  }

  /// The kernels' form for sums in `sums`, as `Chain.epilogue`.
  ///
  /// - Returns: also, for every kind, what to add to its sums' starts and, where there are several, how it ends.
  func epilogue(_ sums: Interval, joined: Int = 0, row: tf_row)
    -> (kernel: tf_epilogue, starts: [Raw], each: [tf_finish])?
  {
    if kinds.count == 1 {
      return kinds[0].epilogue(sums, joined: joined, row: row).map { ($0.kernel, [$0.start], []) }
    }
    // The bit that says whether any of the joined parts' was set would be read as one of the sum.
    if joined > 0, isConvergent { return nil }
    var kernel = tf_epilogue()
    kernel.storage = row.storage
    kernel.finish = UInt8(TF_FINISH_EACH)
    var starts: [Raw] = []
    var each: [tf_finish] = []
    for chain in kinds {
      var way = tf_finish()
      let scale = chain.scale ?? Scale(shift: row.shift, offset: row.offset)
      (way.wrap_mask, way.add) = (-1, -(scale.offset >> Int32(scale.shift)))
      if chain.isZero {
        (way.second.low, way.second.high) = (Int32.min, Int32.max)
        starts.append(0)
      } else {
        let own = tf_row(lane: 0, offset: 0, storage: UInt8(TF_S32), position: 0, shift: UInt8(chain.left))
        let up = chain.left - Int(scale.shift)
        guard up < 32, let (epilogue, start) = chain.epilogue(sums, joined: joined, row: own) else {
          return nil
        }
        (way.first, way.second) = (epilogue.first, epilogue.second)
        if epilogue.wraps != 0 {
          way.wrap_shift = Int32(epilogue.wrap_shift)
          if epilogue.wrap_signed == 0 { way.wrap_mask = Int32.max >> (way.wrap_shift - 1) }
        }
        way.up = Int32(up)
        starts.append(start)
        kernel.wraps |= epilogue.wraps
        kernel.converges |= epilogue.first.rounds_to_even | epilogue.second.rounds_to_even
      }
      if way.up != 0 || way.add != 0 { kernel.moves = 1 }
      each.append(way)
    }
    let reached = zip(kinds, starts).map { chain, start in
      Interval(
        (sums.low + start) >> Raw(joined + chain.dropped), (sums.high + start) >> Raw(joined + chain.dropped))
    }
    if let ways = kernel.inPairs(each, reached, isModular) {
      each = ways.map(\.way)
      for (kind, way) in ways.enumerated() { starts[kind] += way.start << Raw(joined + kinds[kind].dropped) }
    }
    return (kernel, starts, each)
  }
}

extension Chain {
  /// Every word is 0, whatever the sum.
  static var zero: Chain {
    var chain = Chain(Interval(0, 0))
    chain.first.clamp(low: 0, high: 0)
    return chain
  }

  /// Whether every word is 0: such a chain's stage is all of it.
  var isZero: Bool { interval == Interval(0, 0) && wrap == nil && first.low == 0 && first.high == 0 }
}

extension tf_epilogue {
  /// Finishes results as pairs of int16 (`TF_FINISH_PAIRS`) where all of them can be: shifted, clamped, and of that some bits.
  ///
  /// - Parameters:
  ///   - sums: what each way's sums can be in the kernel, their starts included.
  ///   - isModular: whether only the sums' low bits count.
  /// - Returns: the ways with what that takes, each for one result, and what to add to its sums; nil where one cannot.
  fileprivate mutating func inPairs(_ ways: [tf_finish], _ sums: [Interval], _ isModular: Bool)
    -> [(way: tf_finish, start: Raw)]?
  {
    guard Int(storage) != TF_S32, converges == 0 else { return nil }
    var result: [(way: tf_finish, start: Raw)] = []
    var (raises, lowers, masks, flips, adds) = (false, false, false, false, false)
    for (way, sums) in zip(ways, sums) {
      guard var found = way.inPairs(sums, isModular) else { return nil }
      let start = found.moveAddition(sums, isModular)
      result.append((found, start))
      raises = raises || found.pair.low != Int32(Int16.min)
      lowers = lowers || found.pair.high != Int32(Int16.max)
      masks = masks || found.pair.mask != -1
      flips = flips || found.pair.flip != 0
      adds = adds || found.pair.add != 0
    }
    finish = UInt8(TF_FINISH_PAIRS)
    rotates = result.allSatisfy { (-16..<16).contains($0.way.shift) } ? 1 : 0
    (self.raises, self.lowers, self.masks) = (raises ? 1 : 0, lowers ? 1 : 0, masks ? 1 : 0)
    (self.flips, self.adds) = (flips ? 1 : 0, adds ? 1 : 0)
    return result
  }

  /// The ways of results, those of every two in one pair of int16.
  func paired(_ ways: [tf_finish]) -> [tf_finish] {
    var result = ways
    let pairs = Int(storage) == TF_U8 ? [(0, 2), (1, 3)] : [(0, 1), (2, 3)]
    for block in stride(from: 0, to: ways.count, by: Int(TF_DOT_RESULTS)) {
      for (place, (first, second)) in pairs.enumerated() {
        let (a, b) = (ways[block + first].pair, ways[block + second].pair)
        func both(_ a: Int32, _ b: Int32) -> Int32 { b << 16 | a & 0xffff }
        result[block + place].pair.low = both(a.low, b.low)
        result[block + place].pair.high = both(a.high, b.high)
        result[block + place].pair.mask = both(a.mask, b.mask)
        result[block + place].pair.flip = both(a.flip, b.flip)
        result[block + place].pair.add = both(a.add, b.add)
      }
    }
    return result
  }
}

extension tf_finish {
  /// This way in int16; nil where something leaves them.
  fileprivate func inPairs(_ sums: Interval, _ isModular: Bool) -> tf_finish? {
    let int16s = Interval(Raw(Int16.min), Raw(Int16.max))
    var way = self
    if first.low == 0, first.high == 0 {
      // Zero whatever the sum.
      (way.pair.low, way.pair.high) = (Int32(Int16.min), Int32(Int16.max))
      way.pair.add = Int32(Int16(truncatingIfNeeded: add))
      return way
    }
    let unclamped = first.low == Int32.min && first.high == Int32.max
    // Clamped before it is moved up, which the clamps and the mask make up for.
    let shift = Int(first.shift) - Int(up)
    let moved = Interval(
      shift < 0 ? sums.low << Raw(-shift) : sums.low >> Raw(shift),
      shift < 0 ? sums.high << Raw(-shift) : sums.high >> Raw(shift))
    let isWhole = !isModular && int16s.contains(moved)
    let bits = 32 - Int(wrap_shift)
    let wraps = wrap_shift != 0 || wrap_mask != -1
    guard up < 15, isWhole || (unclamped && wraps && bits + Int(up) <= 16) else { return nil }
    // What follows a wrap is no part of this.
    guard second.add == 0, second.shift == 0, second.low == Int32.min, second.high == Int32.max || !wraps
    else { return nil }
    way.shift = Int32(-shift)
    let low = Raw(first.low) << Raw(up)
    let high = (Raw(first.high) << Raw(up)) + (1 << Raw(up)) - 1
    way.pair.low = Int32(max(low, int16s.low))
    way.pair.high = Int32(min(high, int16s.high))
    guard low <= int16s.high, high >= int16s.low else { return nil }
    var mask = ~((Raw(1) << Raw(up)) - 1)
    var (flip, sum) = (Raw(0), Raw(add))
    if wraps, bits + Int(up) <= 16 {
      let isSigned = wrap_mask == -1
      let kept = isSigned ? bits : Int(32 - wrap_mask.leadingZeroBitCount)
      mask &= (Raw(1) << Raw(kept + Int(up))) - 1
      if isSigned { flip = Raw(1) << Raw(kept + Int(up) - 1) }
      sum -= flip
    } else if wraps {
      // All of an int16 are among a signed word's bits, and of an unsigned one's where none is negative.
      guard wrap_mask == -1 || way.pair.low >= 0 || moved.low >= 0 else { return nil }
    }
    (way.pair.mask, way.pair.flip) = (Int32(truncatingIfNeeded: mask), Int32(flip))
    way.pair.add = Int32(Int16(truncatingIfNeeded: sum))
    return way
  }

  /// Takes what is flipped or added last from this way in int16, where it can as well be added to the sums.
  ///
  /// - Returns: what to add to them.
  fileprivate mutating func moveAddition(_ sums: Interval, _ isModular: Bool) -> Raw {
    let int16s = Interval(Raw(Int16.min), Raw(Int16.max))
    let (mask, flip, add) = (Raw(pair.mask), Raw(pair.flip), Raw(pair.add))
    // Of a wrapped word's bits the uppermost is the flipped one; an addition may not be cut off by what is masked.
    guard flip == 0 ? mask < 0 && add & ~mask == 0 : add == 0 else { return 0 }
    let more = flip + add
    let start = shift <= 0 ? more << Raw(-shift) : more >> Raw(shift)
    guard shift <= 0 || start << Raw(shift) == more else { return 0 }
    func moved(_ word: Raw) -> Raw { (shift <= 0 ? word >> Raw(-shift) : word << Raw(shift)) + more }
    let raises = Raw(pair.low) != int16s.low, lowers = Raw(pair.high) != int16s.high
    let ends = Interval(
      raises ? Raw(pair.low) + more : int16s.low, lowers ? Raw(pair.high) + more : int16s.high)
    // Without clamps only low bits of what is flipped count.
    if raises || lowers || flip == 0 {
      let reached = Interval(moved(sums.low), moved(sums.high))
      guard int16s.contains(reached), int16s.contains(ends) else { return 0 }
    }
    guard isModular || WordSize(sums + Interval(start, start)) == .bits32 else { return 0 }
    (pair.low, pair.high) = (Int32(ends.low), Int32(ends.high))
    (pair.flip, pair.add) = (0, 0)
    return start
  }
}
