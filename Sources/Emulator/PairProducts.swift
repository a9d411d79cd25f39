import CKernels
import FixedPoint
import Program

// Operations that do several at once: products and sums with what follows them.

extension PairBuilder {
  /// The low bits of words, so many of them.
  mutating func lowBits(_ x: PairForm, _ bits: Int) -> PairForm? {
    let mask: Raw = (1 << Raw(bits)) - 1
    let interval = Interval(0, mask)
    if case .wide(let place) = x.kind {
      return PairForm(kind: .wide(emit(TF_PAIR_AND, [place, both(mask)])), interval: interval)
    }
    guard bits <= 16, !x.isProduct, let place = words(of: x) else { return nil }
    return PairForm(kind: .words(emit(TF_PAIR_AND, [place, .int16(mask)])), interval: interval)
  }

  /// A quotient by a power of two, truncated toward zero.
  mutating func quotient(_ x: PairForm, _ y: PairForm) -> PairForm? {
    guard case .constant(let divisor) = y.kind, divisor > 0, divisor.nonzeroBitCount == 1, x.isShort,
      divisor.trailingZeroBitCount < 16, !x.isProduct, let place = words(of: x)
    else { return nil }
    return PairForm(
      kind: .words(emit(TF_PAIR_TOWARD_ZERO, [place], count: divisor.trailingZeroBitCount)),
      interval: Interval(x.interval.low / divisor, x.interval.high / divisor))
  }

  /// A sum of words of 32 bits; nil where it does not fit those.
  mutating func sum(_ terms: [PairForm], _ total: Interval) -> PairForm? {
    guard PairForm.int32s.contains(total) else { return nil }
    var places: [WidePlace] = []
    for term in terms {
      guard let place = wide(of: term) else { return nil }
      places.append(place)
    }
    // Four at a time.
    while places.count > 1 {
      let some = Array(places.prefix(4))
      let filled = some + Array(repeating: both(0), count: 4 - some.count)
      let sum = some.count == 2 ? emit(TF_WIDE_ADD, some) : emit(TF_WIDE_SUM, filled)
      places = [sum] + places.dropFirst(some.count)
    }
    return places.first.map { PairForm(kind: .wide($0), interval: total) }
  }

  /// x · y >> n where y is a little less than 2^n: x − (x · (2^n − y) + 2^n − 1 − half) >> n, which takes 32 bits where x · y takes
  /// more, as ⌊(x · 2^n − z + half) / 2^n⌋ = x − ⌊(z + 2^n − 1 − half) / 2^n⌋.
  ///
  /// - Returns: nil where that does not hold.
  mutating func lessThanOne(_ x: PairForm, _ y: PairForm, _ c: Conversion) -> WidePlace? {
    guard case .found(let place, let more) = y.kind, (1..<32).contains(c.right), x.interval.low >= 0 else {
      return nil
    }
    let one: Raw = 1 << Raw(c.right)
    let added = one - 1 - (c.rounding == TF_RND ? c.half : 0)
    guard y.interval.high <= one, y.interval.low >= 0,
      x.interval.high * (one - y.interval.low) + added <= Raw(UInt32.max), let a = wide(of: x)
    else { return nil }
    func less(_ code: Int, _ a: PairPlace) -> PairPlace {
      emit(Op(code: code, sources: [a, place, .int32(one - more), .int32(added)], count: c.right))
    }
    return WidePlace(lower: less(TF_WIDE_LESS_LOWER, a.lower), upper: less(TF_WIDE_LESS_UPPER, a.upper))
  }

  /// x · 2^left + y, where y is a product, shifted to the right: in 32 bits, as (x + (y >> left) + half) >> what is left of the shift.
  ///
  /// - Returns: nil where that is no such sum, or does not fit.
  mutating func onLine(_ sum: PairForm, _ c: Conversion) -> WidePlace? {
    guard case .added(let x, let left, let y, 0, TF_PAIR_ADD) = sum.kind, y.isProduct, c.right > left,
      left > 0,
      case .wideProduct(let p, let q) = y.kind, PairForm.int32s.contains(y.interval)
    else { return nil }
    let half: Raw = c.rounding == TF_RND ? c.half >> Raw(left) : 0
    let total =
      x.interval + Interval(y.interval.low >> Raw(left), y.interval.high >> Raw(left)) + Interval(half, half)
    let right = c.right - left
    guard PairForm.int32s.contains(total), PairForm.int32s.contains(x.interval + Interval(half, half)) else {
      return nil
    }
    if let place = listedLine(x, p, q, inner: left, half, right: right) { return place }
    guard let start = wide(of: x), let a = wide(of: p), let b = wide(of: q) else { return nil }
    let product = emit(TF_WIDE_PRODUCT, [a, b], count: left)
    let place = emit(TF_WIDE_SUM, [start, product, both(half), both(0)])
    return right == 0 ? place : emit(TF_WIDE_RIGHT, [place], count: right)
  }

  /// The same of two tables' words at one place, the upper bits of words whose lower bits are a factor: `TF_WIDE_LINE`.
  private mutating func listedLine(
    _ x: PairForm, _ slope: PairForm, _ rest: PairForm, inner: Int, _ half: Raw, right: Int
  ) -> WidePlace? {
    guard case .listed(let values, let place) = x.kind, case .listed(let slopes, place) = slope.kind,
      case .wide(let low) = rest.kind, values.count == slopes.count,
      let first = lowBits(place.lower, low.lower), let second = lowBits(place.upper, low.upper),
      first.count == second.count
    else { return nil }
    tables.append(PairTable(words: zip(values, slopes).flatMap { [$0, $1] }, isWide: true))
    func word(_ row: PairPlace) -> PairPlace {
      emit(
        Op(
          code: TF_WIDE_LINE, sources: [row, .int32(half)], count: first.count, table: tables.count - 1,
          inner: inner, right: right))
    }
    return WidePlace(lower: word(first.row), upper: word(second.row))
  }

  /// The row that one place has the upper bits of and another one all bits below.
  private func lowBits(_ upper: PairPlace, _ lower: PairPlace) -> (row: PairPlace, count: Int)? {
    guard case .row(let shifted) = upper, case .row(let masked) = lower, ops[shifted].code == TF_WIDE_RIGHT,
      ops[masked].code == TF_PAIR_AND, ops[masked].sources[0] == ops[shifted].sources[0],
      case .constant(let mask) = ops[masked].sources[1], mask == 1 << Int32(ops[shifted].count) - 1
    else { return nil }
    return (ops[shifted].sources[0], ops[shifted].count)
  }

  /// Words of 16 bits, with a sign or without, nearest to a product or sum that is computed in more.
  mutating func nearest(_ x: PairForm, _ c: Conversion, _ result: Interval) -> PairPlace? {
    let isSigned = PairForm.int16s.contains(result)
    // What does not saturate at an end of 16 bits does not get there.
    let range = isSigned ? PairForm.int16s : Interval(0, Raw(UInt16.max))
    guard range.contains(result), !c.wraps, !c.overflowsOtherwise, PairForm.int32s.contains(c.rounded),
      c.left == 0, c.rounding == TF_RND || c.rounding == TF_TRN
    else { return nil }
    guard let place = line(x, c, less: isSigned ? 0 : 32768) ?? products(x, c, isLess: !isSigned) else {
      return nil
    }
    if !isSigned {
      if result.high < range.high && c.rounded.high > result.high { return nil }
      return emit(TF_PAIR_ADD, [place, .int16(32768)])
    }
    var clamped = place
    if c.rounded.low < result.low, result.low > range.low {
      clamped = emit(TF_PAIR_MAXIMUM, [clamped, .int16(result.low)])
    }
    if c.rounded.high > result.high, result.high < range.high {
      clamped = emit(TF_PAIR_MINIMUM, [clamped, .int16(result.high)])
    }
    return clamped
  }

  /// A sum or difference of shifted words, shifted to the right; what it is less is taken off before it saturates.
  private mutating func line(_ x: PairForm, _ c: Conversion, less: Raw) -> PairPlace? {
    guard case .added(let p, let left, let q, let right, let code) = x.kind, c.right < 32,
      let (a, aMore) = int16s(of: p), let (b, bMore) = int16s(of: q)
    else { return nil }
    let first: Raw = 1 << Raw(left)
    let second: Raw = code == TF_PAIR_ADD ? 1 << Raw(right) : -(1 << Raw(right))
    let half: Raw = c.right > 0 && c.rounding == TF_RND ? c.half : 0
    let offset: Raw = half - (less << Raw(c.right))
    let start: Raw = aMore * first + bMore * second + offset
    let total = x.interval + Interval(offset, half)
    guard PairForm.int16s.contains(Interval([first, second])),
      PairForm.int32s.contains(Interval(start, start)), PairForm.int32s.contains(total)
    else { return nil }
    let both = Int32(truncatingIfNeeded: second << 16 | first & 0xffff)
    return emit(
      Op(code: TF_PAIR_LINE, sources: [a, b, .constant(both), .int32(start)], count: c.right))
  }

  /// Words as int16, and what all of them are more.
  private mutating func int16s(of form: PairForm) -> (PairPlace, Raw)? {
    switch form.kind {
    case .found(let place, let more): return (place, more)
    case .words, .constant:
      guard form.isHalf, let place = words(of: form) else { return nil }
      return form.isShort ? (place, 0) : (emit(TF_PAIR_ADD, [place, .int16(-32768)]), 32768)
    case .wide, .listed, .product, .sum, .wideProduct, .added: return nil
    }
  }

  /// A product of words of 32 bits, rounded to nearest.
  private mutating func products(_ x: PairForm, _ c: Conversion, isLess: Bool) -> PairPlace? {
    guard case .wideProduct(let p, let q) = x.kind, c.rounding == TF_RND, (1..<32).contains(c.right),
      PairForm.int32s.contains(c.rounded - Interval(0, 32768)), let a = wide(of: p), let b = wide(of: q)
    else { return nil }
    return emit(
      Op(
        code: TF_PAIR_PRODUCTS, sources: [a.lower, a.upper, b.lower, b.upper], count: c.right,
        isLess: isLess))
  }
}

extension PlanBuilder {
  /// Plans exact sums of words of 32 bits, which lie as rows of lanes.
  ///
  /// - Returns: whether that is how they can be done.
  mutating func planPairs(sumsOf index: Int, _ sums: SumConversion) -> Bool {
    guard sums.kind == .exact, sums.term == nil, sums.shift == 0 else { return false }
    let operand = program.instructions[index].operands[0]
    let (x, shape) = (views[operand.index], type(operand).shape)
    let length = shape[shape.count - 1]
    let count = x.count / length
    // Enough for rows.
    guard count >= 8, length > 1 else { return false }
    func term(_ place: Int) -> [Reference] { (0..<count).map { x[$0 * length + place] } }
    for order in [Array(0..<count), order(of: term(0))] {
      var builder = PairBuilder(isChain: false)
      let terms = (0..<length).compactMap { place in
        let words = term(place)
        return pairForm(order.map { words[$0] }, intervals[operand.index], &builder)
      }
      guard terms.count == length, let sum = builder.sum(terms, sums.total) else { continue }
      settle(index, sums.total)
      if store(sum, of: index, order, &builder) { return true }
    }
    return false
  }
}
