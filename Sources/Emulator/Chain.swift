import CKernels
import FixedPoint
import Program

/// clamp((x + add) >> shift, low, high): one stage of an epilogue. Shifts, roundings and clamps compose, so that
/// a chain of conversions and rectifiers is mostly one stage.
struct Stage: Hashable {
  var add: Raw = 0
  var shift = 0
  /// Whether x + add is less by one where bit `shift` is set: with half a step in `add`, ties go to even.
  var isConvergent = false
  var low = Raw.min
  var high = Raw.max

  var isIdentity: Bool { self == Stage() }

  /// Drops bits: (… + offset) >> count.
  mutating func drop(_ count: Int, offset: Raw) {
    // ((x + a) >> s + r) >> d = (x + a + r·2^s) >> (s + d), and both are monotone in x, as clamping needs.
    add += offset << Raw(shift)
    shift += count
    if low != Raw.min { low = (low + offset) >> Raw(count) }
    if high != Raw.max { high = (high + offset) >> Raw(count) }
  }

  /// Drops bits, ties to even. Nothing may have been dropped before.
  mutating func roundToEven(_ count: Int) {
    add += Raw(1) << Raw(count - 1)
    shift = count
    isConvergent = true
    if low != Raw.min { low = low.roundedToEven(dropping: count) }
    if high != Raw.max { high = high.roundedToEven(dropping: count) }
  }

  mutating func clamp(low newLow: Raw, high newHigh: Raw) {
    (low, high) = (min(max(low, newLow), newHigh), max(min(high, newHigh), newLow))
  }

  mutating func plus(_ word: Raw) {
    add += word << Raw(shift)
    if low != Raw.min { low += word }
    if high != Raw.max { high += word }
  }
}

extension Raw {
  /// The word divided by 2^count, ties to even.
  fileprivate func roundedToEven(dropping count: Int) -> Raw {
    let sum = self + (Raw(1) << Raw(count - 1))
    return (sum - (sum >> Raw(count)) & 1) >> Raw(count)
  }
}

/// What an epilogue makes of a sum x: (second(wrap(first(x)))) << left. Grown by one operation at a time.
struct Chain {
  var first = Stage()
  /// Keeps the low bits.
  var wrap: (bits: Int, isSigned: Bool)?
  var second = Stage()
  var left = 0
  /// What its words can be.
  var interval: Interval
  /// Bits of the sum that are always zero but in its start, and that the kernel's sums do not have.
  var dropped = 0
  /// How its words are stored, if not as all others.
  var scale: Scale?

  /// - Parameter wrap: the bits of the sum that mean something, where it is only known modulo a power of two.
  init(_ interval: Interval, wrap: (bits: Int, isSigned: Bool)? = nil) {
    self.interval = interval
    self.wrap = wrap
  }

  private var stage: Stage {
    get { wrap == nil ? first : second }
    set { if wrap == nil { first = newValue } else { second = newValue } }
  }

  /// The chain with a conversion at its end; nil where that is no stage.
  func converted(fractionBits: Int, to format: FixedFormat) -> Chain? {
    var chain = self
    let dropped = fractionBits - format.fractionBits
    guard abs(dropped) < 48, left < 48 else { return nil }
    if dropped <= 0 {
      chain.left -= dropped
      chain.interval = interval.shifted(left: -dropped)
    } else {
      let restored = min(left, dropped)
      chain.left -= restored
      chain.interval = Interval(interval.low >> Raw(restored), interval.high >> Raw(restored))
      let count = dropped - restored
      if count > 0, format.rounding == .rndConv {
        if chain.stage.shift > 0 {
          guard chain.openSecondStage() else { return nil }
        }
        chain.stage.roundToEven(count)
        chain.interval = Interval(
          chain.interval.low.roundedToEven(dropping: count),
          chain.interval.high.roundedToEven(dropping: count))
      } else if count > 0 {
        if chain.stage.isConvergent {
          guard chain.openSecondStage() else { return nil }
        }
        guard let offset = format.rounding.offset(dropping: count, of: chain.interval) else { return nil }
        chain.stage.drop(count, offset: offset)
        chain.interval = Interval(
          (chain.interval.low + offset) >> Raw(count), (chain.interval.high + offset) >> Raw(count))
      }
    }
    let range = format.conversionRange
    if range.contains(chain.interval) { return chain }
    switch format.overflow {
    case .sat, .satSym: return chain.clamped(range)
    case .wrap where format.saturatedBits == 0: return chain.wrapped(format)
    default: return nil
    }
  }

  /// Ends the first stage with a wrap that keeps all of 32 bits.
  private mutating func openSecondStage() -> Bool {
    guard wrap == nil, WordSize(Interval(interval.low >> Raw(left), interval.high >> Raw(left))) == .bits32
    else { return false }
    wrap = (32, true)
    return true
  }

  /// Clamps to `range`; nil where an end that matters is no multiple of 2^left.
  func clamped(_ range: Interval) -> Chain? {
    var chain = self
    let step = Raw(1) << Raw(left)
    var (low, high) = (Raw.min, Raw.max)
    if interval.low < range.low {
      guard range.low & (step - 1) == 0 else { return nil }
      low = range.low >> Raw(left)
    }
    if interval.high > range.high {
      guard range.high & (step - 1) == 0 else { return nil }
      high = range.high >> Raw(left)
    }
    chain.stage.clamp(low: low, high: high)
    chain.interval = Interval(
      min(max(interval.low, range.low), range.high), max(min(interval.high, range.high), range.low))
    return chain
  }

  private func wrapped(_ format: FixedFormat) -> Chain? {
    var chain = self
    let bits = format.width - left
    guard bits > 0, bits <= (format.isSigned ? 32 : 31) else { return nil }
    // A wrap right after a wrap to no fewer bits is the only one that counts.
    if let wrap { guard second.isIdentity && bits <= wrap.bits else { return nil } }
    chain.wrap = (bits, format.isSigned)
    chain.interval = Interval(format)
    return chain
  }

  /// The floor of the words divided by 2^count.
  func shifted(right count: Int) -> Chain? {
    var chain = self
    if count > 0 {
      if stage.isConvergent {
        guard chain.openSecondStage() else { return nil }
      }
      chain.stage.drop(count, offset: 0)
    }
    chain.interval = Interval(interval.low >> Raw(count), interval.high >> Raw(count))
    return chain
  }

  /// The words moved to more fraction bits.
  func aligned(left count: Int) -> Chain {
    var chain = self
    chain.left += count
    chain.interval = interval.shifted(left: count)
    return chain
  }

  /// The sum with a constant.
  func plus(_ word: Raw) -> Chain? {
    guard word & ((Raw(1) << Raw(left)) - 1) == 0 else { return nil }
    var chain = self
    if stage.isConvergent, (word >> Raw(left)) & 1 != 0 {
      guard chain.openSecondStage() else { return nil }
    }
    chain.stage.plus(word >> Raw(left))
    chain.interval = interval + Interval(word, word)
    return chain
  }
}

extension Chain {
  /// The kernels' form of the chain for sums x in `sums`, ending in the storage `row` describes, shifted by `left`.
  ///
  /// - Parameter joined: bits of the sum the kernel has already dropped, besides `dropped`.
  /// - Returns: also what to add to the sums' start; nil where a step leaves 32 bits.
  func epilogue(_ sums: Interval, joined: Int = 0, row: tf_row) -> (kernel: tf_epilogue, start: Raw)? {
    var chain = self
    let joined = joined + dropped
    // Stored words are less the storage's offset.
    let offset = Raw(row.offset) >> Raw(left)
    let isModular = wrap != nil && first.isIdentity
    if chain.stage.isConvergent, offset & 1 != 0 { return nil }
    chain.stage.plus(-offset)
    let start = chain.first.add
    chain.first.add = 0
    chain.first.shift -= joined
    // To round to even the kernel keeps in the lowest bit whether any dropped one was set: not in the result's.
    guard chain.first.shift >= (joined > 0 && chain.first.isConvergent ? 1 : 0),
      let first = chain.first.kernel, let second = chain.second.kernel
    else { return nil }
    var result = tf_epilogue()
    (result.first, result.second) = (first, second)
    result.storage = row.storage
    if let wrap {
      result.wraps = 1
      result.wrap_shift = UInt8(32 - wrap.bits)
      result.wrap_signed = wrap.isSigned ? 1 : 0
      let words = wrap.isSigned ? Raw(1) << Raw(wrap.bits - 1) : Raw(1) << Raw(wrap.bits)
      let wrapped = Interval(wrap.isSigned ? -words : 0, words - 1)
      guard WordSize(wrapped + Interval(chain.second.add, chain.second.add)) == .bits32 else { return nil }
    }
    let added = sums + Interval(start, start)
    let kept = Interval(added.low >> Raw(joined), added.high >> Raw(joined))
    guard isModular || WordSize(kept) == .bits32 else { return nil }
    result.chooseFinish(kept)
    return (result, start)
  }
}

extension tf_epilogue {
  /// Takes a shorter way to the stored words where there is one, for sums in an interval.
  fileprivate mutating func chooseFinish(_ sums: Interval) {
    let int16s = Int32(Int16.min)...Int32(Int16.max)
    guard Int(storage) != TF_S32 else { return }
    // Packing saturates to int16, and bytes from int16 to 0...255. An end that is not clamped is never reached.
    let low = first.low == Int32.min ? int16s.lowerBound : first.low
    let high = first.high == Int32.max ? int16s.upperBound : first.high
    if wraps == 0, int16s.contains(low), int16s.contains(high) {
      finish = UInt8(TF_FINISH_SATURATING)
      let packed = Int(storage) == TF_U8 ? 0...255 : int16s
      (first.low, first.high) = (max(low, packed.lowerBound), min(high, packed.upperBound))
      // Saturating sums to int16 before the shift is no matter where the clamps are within what is left of int16.
      if first.shift < 15 {
        let shift = Raw(first.shift)
        let lowest = max(Raw(first.low), (sums.low - Raw(first.rounds_to_even)) >> shift)
        let highest = min(Raw(first.high), sums.high >> shift)
        packs_first = lowest >= -32768 >> shift && highest <= 32767 >> shift ? 1 : 0
      }
    } else if wraps == 1, wrap_shift == 16, wrap_signed == 1, second.add == 0, second.shift < 16,
      second.rounds_to_even == 0
    {
      (second.low, second.high) = (max(second.low, int16s.lowerBound), min(second.high, int16s.upperBound))
      finish = UInt8(TF_FINISH_WRAPPING)
    }
  }
}

extension Stage {
  /// The stage in 32 bits; nil where its shift or its addend leaves them. Clamps that cannot matter to 32-bit
  /// words are moved to their ends.
  fileprivate var kernel: tf_stage? {
    guard shift < 32, WordSize(Interval(add, add)) == .bits32 else { return nil }
    func clipped(_ word: Raw) -> Int32 { Int32(clamping: word) }
    return tf_stage(
      add: clipped(add), shift: Int32(shift), low: clipped(low), high: clipped(high),
      rounds_to_even: isConvergent ? 1 : 0)
  }
}

extension Rounding {
  /// What to add before the floor of a division by 2^count, for words of an interval; nil where it depends on
  /// the word.
  func offset(dropping count: Int, of words: Interval) -> Raw? {
    let half = Raw(1) << Raw(count - 1)
    let isPositive = words.low >= 0
    let isNegative = words.high <= 0
    switch self {
    case .trn: return 0
    case .rnd: return half
    case .rndMinInf: return half - 1
    case .trnZero: return isPositive ? 0 : isNegative ? half + half - 1 : nil
    case .rndInf: return isPositive ? half : isNegative ? half - 1 : nil
    case .rndZero: return isPositive ? half - 1 : isNegative ? half : nil
    case .rndConv: return nil
    }
  }
}

extension PlanBuilder {
  /// Grows a chain by the instructions after `index`, as long as each is the only reader of the one before.
  ///
  /// - Returns: the chain and the last instruction in it.
  func grow(_ chain: Chain, from index: Int) -> (chain: Chains, last: Int) {
    var (chain, last) = (Chains(chain), index)
    while !results.contains(ValueID(last)), readers[last].count == 1 {
      let next = readers[last][0]
      guard program.instructions[next].type.count == program.instructions[last].type.count,
        let longer = extend(chain, with: next, of: ValueID(last))
      else { break }
      (chain, last) = (longer, next)
    }
    return (chain, last)
  }

  private func extend(_ chains: Chains, with index: Int, of value: ValueID) -> Chains? {
    let instruction = program.instructions[index]
    if case .requantize(.laid(let laid)) = instruction.operation {
      return chains.converted(
        fractionBits: type(value).format.fractionBits, to: laid, shape: instruction.type.shape)
    }
    return chains.grown { extend($0, with: index, of: value) }
  }

  private func extend(_ chain: Chain, with index: Int, of value: ValueID) -> Chain? {
    let instruction = program.instructions[index]
    let operands = instruction.operands
    let fraction = instruction.type.format.fractionBits
    let own = type(value).format.fractionBits
    func other() -> (word: Raw, isFirst: Bool)? {
      guard operands.count == 2, operands[0] != operands[1] else { return nil }
      let constant = operands[0] == value ? operands[1] : operands[0]
      return uniform(constant).map { ($0, operands[0] == constant) }
    }
    func otherAligned() -> Raw? {
      guard let word = other()?.word else { return nil }
      let constant = operands[0] == value ? operands[1] : operands[0]
      return word << Raw(fraction - type(constant).format.fractionBits)
    }
    switch instruction.operation.form {
    case .wordwise(.requantize(.uniform(let format))): return chain.converted(fractionBits: own, to: format)
    case .wordwise(.requantize(.laid)): return nil
    case .wiring(.rearrange(.reshape)): return chain
    case .wordwise(.elementwise(let kind)):
      guard let other = other() else { return nil }
      switch kind {
      case .maximum:
        return otherAligned().flatMap {
          chain.aligned(left: fraction - own).clamped(Interval($0, Raw.max))
        }
      case .minimum:
        return otherAligned().flatMap {
          chain.aligned(left: fraction - own).clamped(Interval(Raw.min, $0))
        }
      case .add: return otherAligned().flatMap { chain.aligned(left: fraction - own).plus($0) }
      case .subtract:
        if other.isFirst { return nil }
        return otherAligned().flatMap { chain.aligned(left: fraction - own).plus(-$0) }
      case .multiply:
        guard other.word > 0, other.word.nonzeroBitCount == 1 else { return nil }
        return chain.aligned(left: other.word.trailingZeroBitCount)
      case .divide:
        // Truncation toward zero is a floor where nothing is negative.
        guard !other.isFirst, other.word.nonzeroBitCount == 1, chain.left == 0, chain.interval.low >= 0 else {
          return nil
        }
        return chain.shifted(right: other.word.trailingZeroBitCount)
      }
    case .wordwise(.select(let comparison)):
      // x > c ? x : c and its relatives are maximum and minimum.
      let isChosenIfTrue = operands[2] == value
      let constant = isChosenIfTrue ? operands[3] : operands[2]
      guard operands[0] == value, isChosenIfTrue || operands[3] == value, let limit = uniform(operands[1]),
        let chosen = uniform(constant)
      else { return nil }
      let scale = max(type(operands[1]).format.fractionBits, type(constant).format.fractionBits)
      guard
        limit << Raw(scale - type(operands[1]).format.fractionBits)
          == chosen << Raw(scale - type(constant).format.fractionBits)
      else { return nil }
      let word = chosen << Raw(fraction - type(constant).format.fractionBits)
      let moved = chain.aligned(left: fraction - own)
      switch comparison {
      case .greater, .greaterOrEqual:
        return moved.clamped(isChosenIfTrue ? Interval(word, Raw.max) : Interval(Raw.min, word))
      case .less, .lessOrEqual:
        return moved.clamped(isChosenIfTrue ? Interval(Raw.min, word) : Interval(word, Raw.max))
      case .equal: return nil
      }
    case .input, .constant, .wordwise, .product, .reduction, .wiring, .scan: return nil
    }
  }

  /// The word of a constant all of whose words are the same.
  func uniform(_ id: ValueID) -> Raw? {
    guard let words = program.constant(id), let first = words.first, words.allSatisfy({ $0 == first }) else {
      return nil
    }
    return first
  }
}
