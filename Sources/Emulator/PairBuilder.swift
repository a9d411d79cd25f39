import CKernels
import FixedPoint
import Program

/// Where the words of an operation on rows of lanes are.
enum PairPlace: Hashable {
  /// The result of an operation.
  case row(Int)
  /// Lanes of the arena.
  case list(Int)
  /// The same in every lane.
  case constant(Int32)

  static func int16(_ word: Raw) -> PairPlace {
    let half = Int32(UInt16(truncatingIfNeeded: word))
    return .constant(half << 16 | half)
  }
  static func int32(_ word: Raw) -> PairPlace { .constant(Int32(truncatingIfNeeded: word)) }
}

/// A row of words of 32 bits for each word of a pair.
struct WidePlace: Hashable {
  var lower: PairPlace
  var upper: PairPlace
}

/// What there is of an instruction's words. Nothing is computed before something asks for it.
struct PairForm {
  indirect enum Kind {
    /// The low 16 bits of words.
    case words(PairPlace)
    /// Words of 32 bits.
    case wide(WidePlace)
    /// Words of a table: int16, and what all of them are more.
    case found(PairPlace, more: Raw)
    /// Words of 32 bits of a table too long for registers, at indices that are words of 32 bits.
    case listed([Raw], at: WidePlace)
    case constant(Raw)
    /// Of words of 16 bits, their signs included.
    case product(PairPlace, PairPlace)
    case sum(PairPlace, PairPlace, PairPlace, PairPlace)
    /// Of words of 32 bits.
    case wideProduct(PairForm, PairForm)
    /// Sums or differences of words shifted left that are no int16.
    case added(PairForm, Int, PairForm, Int, code: Int)
  }
  var kind: Kind
  /// What the words can be.
  var interval: Interval

  static let int16s = Interval(Raw(Int16.min), Raw(Int16.max))
  static let int32s = Interval(Raw(Int32.min), Raw(Int32.max))
  /// Whether they are int16.
  var isShort: Bool { Self.int16s.contains(interval) }
  /// Whether 16 bits tell what a word is: int16, or 16 bits without a sign.
  var isHalf: Bool { isShort || Interval(0, Raw(UInt16.max)).contains(interval) }
  var isListed: Bool { if case .listed = kind { true } else { false } }
  var isProduct: Bool {
    switch kind {
    case .product, .sum, .wideProduct: true
    case .words, .wide, .found, .listed, .constant, .added: false
    }
  }
}

/// Builds operations on rows of lanes, on rows of their own, one for each result.
struct PairBuilder {
  /// An operation before its places are numbers.
  struct Op: Equatable {
    var code: Int
    var sources: [PairPlace]
    var count = 0
    var table = 0
    var isTowardZero = false
    var isLess = false
    var inner = 0
    var right = 0

    /// Stands for the second result of the operation before it.
    static func second(of row: Int) -> Op { Op(code: -1, sources: [.row(row)]) }
    var isSecond: Bool { code == -1 }
  }

  /// By row.
  var ops: [Op] = []
  /// Lanes of the arena by their words, and how many of those a lane has: two, or one.
  var lists: [(words: [Reference], perLane: Int)] = []
  var tables: [PairTable] = []
  /// Whether everything is read once.
  var isChain: Bool

  mutating func emit(_ code: Int, _ sources: [PairPlace], count: Int = 0) -> PairPlace {
    emit(Op(code: code, sources: sources, count: count))
  }

  mutating func emit(_ op: Op) -> PairPlace {
    // Of two constants that are added one is left, or none.
    if op.code == TF_PAIR_ADD, case .row(let row) = op.sources[0], case .constant(let added) = op.sources[1],
      ops[row].code == TF_PAIR_ADD, case .constant(let before) = ops[row].sources[1]
    {
      let sum = PairPlace.int16(Raw(added & 0xffff) + Raw(before & 0xffff))
      return sum == .int16(0) ? ops[row].sources[0] : emit(TF_PAIR_ADD, [ops[row].sources[0], sum])
    }
    if !isChain, let known = ops.lastIndex(of: op) { return .row(known) }
    ops.append(op)
    return .row(ops.count - 1)
  }

  /// An operation on both rows of words of 32 bits.
  mutating func emit(_ code: Int, _ sources: [WidePlace], count: Int = 0) -> WidePlace {
    WidePlace(
      lower: emit(code, sources.map(\.lower), count: count),
      upper: emit(code, sources.map(\.upper), count: count))
  }

  func both(_ word: Raw) -> WidePlace { WidePlace(lower: .int32(word), upper: .int32(word)) }

  /// What `grow` makes; nothing of it stays where it comes to nothing.
  private mutating func trying<Result>(_ grow: (inout PairBuilder) -> Result?) -> Result? {
    let (operations, words) = (ops.count, tables.count)
    if let result = grow(&self) { return result }
    ops.removeSubrange(operations...)
    tables.removeSubrange(words...)
    return nil
  }

  /// The low 16 bits of a form's words.
  mutating func words(of form: PairForm, left count: Int = 0) -> PairPlace? {
    var place: PairPlace
    switch form.kind {
    case .constant(let word): return .int16(word << Raw(count))
    case .words(let known): place = known
    case .found(let found, let more): place = emit(TF_PAIR_ADD, [found, .int16(more)])
    case .wide(let wide): place = emit(TF_PAIR_JOIN, [wide.lower, wide.upper])
    case .listed:
      guard let wide = wide(of: form) else { return nil }
      place = emit(TF_PAIR_JOIN, [wide.lower, wide.upper])
    case .product(let a, let b): place = emit(TF_PAIR_MULTIPLY, [a, b])
    case .sum(let a, let b, let c, let d): place = emit(TF_PAIR_SUM, [a, b, c, d])
    case .added(let x, let left, let y, let right, let code):
      guard let a = words(of: x, left: left), let b = words(of: y, left: right) else { return nil }
      place = emit(code, [a, b])
    case .wideProduct: return nil
    }
    if count > 0 { place = emit(TF_PAIR_LEFT, [place], count: count) }
    return place
  }

  /// A form's words as words of 32 bits, shifted left; nil where they do not fit.
  mutating func wide(of form: PairForm, left count: Int = 0) -> WidePlace? {
    guard PairForm.int32s.contains(form.interval.shifted(left: count)), count < 32 else { return nil }
    let place: WidePlace
    switch form.kind {
    case .constant(let word): return both(word << Raw(count))
    case .wide(let known): place = known
    case .words(let known):
      guard form.isHalf else { return nil }
      let codes = form.isShort ? (TF_PAIR_LOWER, TF_PAIR_UPPER) : (TF_PAIR_LOWER_BITS, TF_PAIR_UPPER_BITS)
      place = WidePlace(lower: emit(codes.0, [known]), upper: emit(codes.1, [known]))
    case .found(let found, let more):
      let signed = WidePlace(lower: emit(TF_PAIR_LOWER, [found]), upper: emit(TF_PAIR_UPPER, [found]))
      place = emit(TF_WIDE_ADD, [signed, both(more)])
    case .listed(let words, let index):
      tables.append(PairTable(words: words, isWide: true))
      func word(_ at: PairPlace) -> PairPlace {
        emit(Op(code: TF_WIDE_LOOKUP, sources: [at], table: tables.count - 1))
      }
      place = WidePlace(lower: word(index.lower), upper: word(index.upper))
    case .product(let a, let b):
      guard
        let x = wide(of: PairForm(kind: .words(a), interval: PairForm.int16s)),
        let y = wide(of: PairForm(kind: .words(b), interval: PairForm.int16s))
      else { return nil }
      place = emit(TF_WIDE_MULTIPLY, [x, y])
    case .wideProduct(let x, let y):
      guard let a = wide(of: x), let b = wide(of: y) else { return nil }
      place = emit(TF_WIDE_MULTIPLY, [a, b])
    case .added(let x, let left, let y, let right, let code):
      guard let a = wide(of: x, left: left), let b = wide(of: y, left: right) else { return nil }
      place = emit(code == TF_PAIR_ADD ? TF_WIDE_ADD : TF_WIDE_SUBTRACT, [a, b])
    case .sum: return nil
    }
    return count == 0 ? place : emit(TF_WIDE_LEFT, [place], count: count)
  }

  mutating func lookup(_ x: PairForm, _ words: [Raw]) -> PairForm? {
    let interval = Interval(words)
    if case .wide(let index) = x.kind, tf_pair_table.needed(words).count > 1024, tables.count < 250,
      PairForm.int32s.contains(interval), Interval(0, Raw(words.count - 1)).contains(x.interval)
    {
      return PairForm(kind: .listed(words, at: index), interval: interval)
    }
    guard x.isShort, let place = self.words(of: x), tables.count < 250, words.count <= Int(Int16.max) else {
      return nil
    }
    func form(_ kind: PairForm.Kind) -> PairForm { PairForm(kind: kind, interval: interval) }
    if PairForm.int16s.contains(interval) { return form(.words(found(place, x.interval, words))) }
    guard PairForm.int32s.contains(interval) else { return nil }
    if interval.high - interval.low <= 65535 {
      // As int16, less what is in the middle.
      let middle = interval.low + 32768
      return form(.found(found(place, x.interval, words.map { $0 - middle }), more: middle))
    }
    isChain = false
    let (low, high) = (
      found(place, x.interval, words.map { Raw(Int16(truncatingIfNeeded: $0)) }),
      found(place, x.interval, words.map { $0 >> 16 })
    )
    return form(
      .wide(WidePlace(lower: emit(TF_PAIR_JOIN, [low, high]), upper: emit(TF_PAIR_JOIN_UPPER, [low, high]))))
  }

  /// A row of a table's words.
  private mutating func found(_ place: PairPlace, _ indices: Interval, _ words: [Raw]) -> PairPlace {
    tables.append(PairTable(words: words))
    var lookup = Op(code: TF_PAIR_LOOKUP, sources: [place, .int16(0), .int16(0)], table: tables.count - 1)
    // What comes right before and is read by nothing else is done as it is looked up.
    func isLast(_ code: Int) -> Bool {
      isChain && ops.last?.code == code && lookup.sources[0] == .row(ops.count - 1)
    }
    if isLast(TF_PAIR_ADD), let added = ops.last?.sources[1], case .constant = added {
      lookup.sources[0] = ops.removeLast().sources[0]
      lookup.sources[2] = added
    }
    if isLast(TF_PAIR_RIGHT) || isLast(TF_PAIR_TOWARD_ZERO) {
      let shift = ops.removeLast()
      (lookup.sources[0], lookup.count) = (shift.sources[0], shift.count)
      lookup.isTowardZero = shift.code == TF_PAIR_TOWARD_ZERO
    }
    if isLast(TF_PAIR_ADD) { lookup.sources.replaceSubrange(0..<2, with: ops.removeLast().sources) }
    let isPlain = lookup.sources.dropFirst().allSatisfy { $0 == .int16(0) } && lookup.count == 0
    if isPlain, Interval(0, Raw(tf_pair_table.reach(of: words) - 1)).contains(indices) {
      lookup = Op(code: TF_PAIR_LOOKUP_AT, sources: [lookup.sources[0]], table: lookup.table)
    }
    if !isPlain, let half = Self.oddHalf(words, around: lookup.sources[2]) {
      tables[lookup.table].words = half.words
      lookup.code = TF_PAIR_LOOKUP_ODD
      lookup.sources[2] = .int16(half.sum)
    }
    ops.append(lookup)
    return .row(ops.count - 1)
  }

  /// The words from the middle on of a table of which two that are as far from it add up to the same: sigmoid's and tanh's.
  private static func oddHalf(_ words: [Raw], around place: PairPlace) -> (words: [Raw], sum: Raw)? {
    guard case .constant(let pair) = place, tf_pair_table.needed(words).count > 32 else { return nil }
    let middle = Int(Int16(truncatingIfNeeded: pair))
    guard (1..<words.count - 1).contains(middle) else { return nil }
    // Beyond the ends are the ends.
    func sum(_ distance: Int) -> Raw {
      words[max(0, middle - distance)] + words[min(words.count - 1, middle + distance)]
    }
    let farthest = max(middle, words.count - middle)
    guard (1...farthest).allSatisfy({ sum($0) == sum(1) }) else { return nil }
    return (Array(words[middle...]), sum(1))
  }

  mutating func product(_ x: PairForm, _ y: PairForm) -> PairForm? {
    let interval = x.interval * y.interval
    // A power of two moves the words.
    for (factor, form) in [(x, y), (y, x)] {
      guard case .constant(let word) = factor.kind, word > 0, word.nonzeroBitCount == 1 else { continue }
      let shift = word.trailingZeroBitCount
      if shift == 0 { return form }
      let nothing = PairForm(kind: .constant(0), interval: Interval(0, 0))
      return sum(form, shift, nothing, 0, TF_PAIR_ADD)
    }
    if x.isShort, y.isShort, !x.isListed, !y.isListed, let a = words(of: x), let b = words(of: y) {
      return PairForm(kind: .product(a, b), interval: interval)
    }
    guard !x.isProduct, !y.isProduct else { return nil }
    return PairForm(kind: .wideProduct(x, y), interval: interval)
  }

  /// A sum or difference.
  mutating func sum(_ x: PairForm, _ left: Int, _ y: PairForm, _ right: Int, _ code: Int) -> PairForm? {
    let (p, q) = (x.interval.shifted(left: left), y.interval.shifted(left: right))
    let interval = code == TF_PAIR_ADD ? p + q : p - q
    if code == TF_PAIR_ADD, x.isProduct || y.isProduct, let (a, b) = factors(x, left),
      let (c, d) = factors(y, right)
    {
      return PairForm(kind: .sum(a, b, c, d), interval: interval)
    }
    guard left < 16, right < 16, !x.isProduct, !y.isProduct || (code == TF_PAIR_ADD && right == 0) else {
      return nil
    }
    let form = PairForm(kind: .added(x, left, y, right, code: code), interval: interval)
    guard form.isShort, let place = words(of: form) else { return form }
    return PairForm(kind: .words(place), interval: interval)
  }

  mutating func extreme(_ x: PairForm, _ left: Int, _ y: PairForm, _ right: Int, isMaximum: Bool) -> PairForm?
  {
    let (p, q) = (x.interval.shifted(left: left), y.interval.shifted(left: right))
    let interval =
      isMaximum
      ? Interval(max(p.low, q.low), max(p.high, q.high)) : Interval(min(p.low, q.low), min(p.high, q.high))
    guard !x.isProduct, !y.isProduct else { return nil }
    if PairForm.int16s.contains(p.union(q)), let a = words(of: x, left: left),
      let b = words(of: y, left: right)
    {
      return PairForm(
        kind: .words(emit(isMaximum ? TF_PAIR_MAXIMUM : TF_PAIR_MINIMUM, [a, b])), interval: interval)
    }
    guard let a = wide(of: x, left: left), let b = wide(of: y, left: right) else { return nil }
    return PairForm(
      kind: .wide(emit(isMaximum ? TF_WIDE_MAXIMUM : TF_WIDE_MINIMUM, [a, b])), interval: interval)
  }

  /// A form as one product of int16, perhaps with a power of two.
  private mutating func factors(_ form: PairForm, _ left: Int) -> (PairPlace, PairPlace)? {
    switch form.kind {
    case .product(let a, let b): return left == 0 ? (a, b) : nil
    case .words(let place): return form.isShort && left < 15 ? (place, .int16(1 << Raw(left))) : nil
    case .constant(let word):
      let moved = word << Raw(left)
      return PairForm.int16s.contains(Interval(moved, moved)) ? (.int16(moved), .int16(1)) : nil
    case .wide, .found, .listed, .sum, .wideProduct, .added: return nil
    }
  }
}

extension PairBuilder {
  mutating func converted(_ x: PairForm, fractionBits: Int, to format: FixedFormat) -> PairForm? {
    guard let plan = ConversionPlan(x.interval, fractionBits: fractionBits, to: format) else { return nil }
    if plan.isIdentity { return x }
    let kernel = plan.kernel
    guard kernel.left < 16,
      kernel.check == 0 || Int(kernel.overflow) == TF_WRAP || Int(kernel.overflow) == TF_SAT
    else { return nil }
    // Rounded, before anything overflows.
    let wide = FixedFormat(128, 128 - format.fractionBits, signed: true, format.rounding, .sat)
    let rounded = Interval(
      wide.quantize(x.interval.low, fractionBits: fractionBits),
      wide.quantize(x.interval.high, fractionBits: fractionBits))
    let conversion = Conversion(kernel: kernel, format: format, rounded: rounded)
    if PairForm.int16s.contains(plan.result), let place = trying({ $0.short(x, conversion) }) {
      return PairForm(kind: .words(place), interval: plan.result)
    }
    if let place = trying({ $0.nearest(x, conversion, plan.result) }) {
      return PairForm(kind: .words(place), interval: plan.result)
    }
    guard PairForm.int32s.contains(plan.result), let place = trying({ $0.wide(x, conversion) }) else {
      return nil
    }
    return PairForm(kind: .wide(place), interval: plan.result)
  }

  struct Conversion {
    var kernel: tf_conversion
    var format: FixedFormat
    var rounded: Interval

    var right: Int { Int(kernel.right) }
    var left: Int { Int(kernel.left) }
    var rounding: Int { Int(kernel.rounding) }
    var saturates: Bool { kernel.check != 0 && Int(kernel.overflow) == TF_SAT }
    var wraps: Bool { kernel.check != 0 && Int(kernel.overflow) == TF_WRAP }
    var overflowsOtherwise: Bool { kernel.check != 0 && !saturates && !wraps }
    /// All of a word's bits that count, where it has no sign.
    var mask: Raw { (1 << Raw(format.width)) - 1 }
    var half: Raw { 1 << Raw(right - 1) }
  }

  /// To int16 in 16 bits.
  private mutating func short(_ x: PairForm, _ c: Conversion) -> PairPlace? {
    guard var place = shifted(x, c) else { return nil }
    if c.saturates {
      guard PairForm.int16s.contains(c.rounded) else { return nil }
      let range = c.format.conversionRange
      if c.rounded.low < range.low { place = emit(TF_PAIR_MAXIMUM, [place, .int16(range.low)]) }
      if c.rounded.high > range.high { place = emit(TF_PAIR_MINIMUM, [place, .int16(range.high)]) }
    } else if c.wraps, !c.format.isSigned {
      place = emit(TF_PAIR_AND, [place, .int16(c.mask)])
    } else if c.wraps, c.format.width < 16 {
      let spare = 16 - c.format.width
      place = emit(TF_PAIR_RIGHT, [emit(TF_PAIR_LEFT, [place], count: spare)], count: spare)
    }
    return place
  }

  /// The low 16 bits of words shifted and rounded.
  private mutating func shifted(_ x: PairForm, _ c: Conversion) -> PairPlace? {
    let right = c.right
    if right == 0 { return words(of: x, left: c.left) }
    let isRounded = c.rounding == TF_RND
    guard isRounded || c.rounding == TF_TRN || (c.rounding == TF_TRN_ZERO && !x.isProduct) else { return nil }
    switch x.kind {
    case .product(let a, let b):
      guard right <= 16, c.half <= PairForm.int16s.high || !isRounded else { return nil }
      return isRounded
        ? emit(TF_PAIR_SUM, [a, b, .int16(c.half), .int16(1)], count: right)
        : emit(TF_PAIR_MULTIPLY, [a, b], count: right)
    case .sum(let a, let b, let c, let d):
      return right <= 16 && !isRounded ? emit(TF_PAIR_SUM, [a, b, c, d], count: right) : nil
    case .wideProduct: return nil
    case .words, .constant, .wide, .found, .listed, .added:
      guard right < 16, x.isHalf, let place = words(of: x) else { return nil }
      // Without a sign.
      if !x.isShort { return isRounded ? nil : emit(TF_PAIR_RIGHT_BITS, [place], count: right) }
      if !isRounded {
        return emit(c.rounding == TF_TRN ? TF_PAIR_RIGHT : TF_PAIR_TOWARD_ZERO, [place], count: right)
      }
      guard x.interval.high + c.half <= PairForm.int16s.high else { return nil }
      return emit(TF_PAIR_RIGHT, [emit(TF_PAIR_ADD, [place, .int16(c.half)])], count: right)
    }
  }

  /// To int32 in 32 bits.
  private mutating func wide(_ x: PairForm, _ c: Conversion) -> WidePlace? {
    guard var place = wideShifted(x, c) else { return nil }
    let range = c.format.conversionRange
    if c.saturates {
      guard PairForm.int32s.contains(c.rounded) else { return nil }
      if c.rounded.low < range.low { place = emit(TF_WIDE_MAXIMUM, [place, both(range.low)]) }
      if c.rounded.high > range.high { place = emit(TF_WIDE_MINIMUM, [place, both(range.high)]) }
    } else if c.wraps, !c.format.isSigned {
      place = emit(TF_PAIR_AND, [place, both(c.mask)])
    } else if c.wraps, c.format.width < 32 {
      let spare = 32 - c.format.width
      place = emit(TF_WIDE_RIGHT, [emit(TF_WIDE_LEFT, [place], count: spare)], count: spare)
    }
    return place
  }

  private mutating func wideShifted(_ x: PairForm, _ c: Conversion) -> WidePlace? {
    let isRounded = c.rounding == TF_RND
    if c.right == 0 { return wide(of: x, left: c.left) }
    guard isRounded || c.rounding == TF_TRN, c.right < 32 else { return nil }
    if case .wideProduct(let p, let q) = x.kind {
      guard PairForm.int32s.contains(c.rounded) else { return nil }
      if let place = lessThanOne(p, q, c) ?? lessThanOne(q, p, c) { return place }
      guard let a = wide(of: p), let b = wide(of: q) else { return nil }
      return emit(isRounded ? TF_WIDE_MULTIPLY_ROUND : TF_WIDE_MULTIPLY, [a, b], count: c.right)
    }
    if let place = onLine(x, c) { return place }
    guard var place = wide(of: x) else { return nil }
    if isRounded {
      guard x.interval.high + c.half <= PairForm.int32s.high else { return nil }
      place = emit(TF_WIDE_ADD, [place, both(c.half)])
    }
    return emit(TF_WIDE_RIGHT, [place], count: c.right)
  }
}
