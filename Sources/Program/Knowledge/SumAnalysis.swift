import FixedPoint

/// What the conversions on the way of a sum come to. It is decided here, once, for everyone who computes one.
///
/// `affine`, `contract` and `reduce sum` define a sum step by step: acc₀ = A(start), accₖ₊₁ = A(accₖ + P(tₖ)), where A is
/// the accumulator's format, P the product's (nothing where there is none) and tₖ the exact terms: products, or the
/// words themselves. Whoever wants to add in another order, in a tree, in wider words, or by adders shared between
/// results (distributed arithmetic) may do so exactly where `kind` is not `stepwise`.
public struct SumAnalysis: Hashable, Sendable {
  /// How much of the definition shows in the result. Every case allows what the next one allows.
  public enum Kind: Int, Hashable, Sendable, Comparable {
    /// The result is start + Σ terms, as an integer, in any order and any tree. (See `Output` for the two proofs.)
    case exact
    /// The result is A(start + Σ terms): the sum modulo 2^width, in any order and any tree, wrapped once at its end.
    ///
    /// Proof: A wraps and does not round, so A(v) ≡ v modulo 2^width; congruence survives addition, and of all
    /// congruent integers one is a word of A.
    case modular
    /// Every partial sum is to be converted, in the order written.
    case stepwise

    /// Orders from `exact`, which allows most, to `stepwise`.
    public static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
  }

  /// One result, or all that have the same terms. In words of the accumulator.
  public struct Output: Hashable, Sendable {
    /// How this result may be computed.
    ///
    /// It is exact, first, where A holds `start + reach`: every partial sum is in there, and A changes nothing that it
    /// holds. It is exact, second, where it is modular and A holds `total`: the word congruent to the sum is the sum.
    public let kind: Kind
    /// What is added to: A(bias), or zero.
    public let start: Interval
    /// start + Σ terms.
    public let total: Interval
    /// Σ min(term, 0) … Σ max(term, 0): the sum of any of the terms lies in it, whichever they are.
    public let reach: Interval
    /// What the result can be. (The sum where that is exact; what the accumulator can hold where it is modular;
    /// partial sum by partial sum otherwise. Its zeros are those that all terms have.)
    public let result: WordFacts
  }

  /// The accumulator's format A.
  public let accumulator: FixedFormat
  /// What changes a term before it is added, one format after the other; nothing where terms are added as they are.
  ///
  /// - P is left out where it holds every term, and where it wraps a modular sum: what P adds is a multiple of
  ///   2^(its integer bits), and so of A's 2^(integer bits), if P has no fewer of them.
  /// - P stands without its overflow where it rounds and wraps a modular sum, for the same reason.
  /// - A's rounding stands at the end where terms have bits below A's step and the rounding is TRN, RND or RND_MIN_INF:
  ///   partial sums are whole steps, and ⌊n + y⌋ = n + ⌊y⌋ for whole n. Other roundings look at the sum (`roundsSums`).
  public let conversions: [FixedFormat]
  /// Whether a partial sum is rounded in a way that depends on it: its terms cannot be converted one by one.
  public let roundsSums: Bool
  /// All exact terms (and zero), before `conversions`.
  public let terms: Interval
  /// The results' sums, row major; repeated where the instruction has more results.
  public let outputs: [Output]
  /// How all of the results may be computed: the kind that allows least.
  public let kind: Kind

  /// What the results' sums can be.
  public var total: Interval { hull(\.total) }
  /// How far any partial sum can go, in any order of the terms.
  public var extreme: Interval { hull { $0.start + $0.reach } }
  /// Whether the order of the terms shows nowhere.
  public var isOrderFree: Bool { kind != .stepwise }
  /// Whether a partial sum may leave the accumulator on its way. (It does not where this is false, in any order:
  /// they are all within `extreme`.)
  public var mayOverflow: Bool { !accumulator.conversionRange.contains(extreme) }

  private func hull(_ part: (Output) -> Interval) -> Interval {
    outputs.dropFirst().reduce(part(outputs[0])) { $0.union(part($1)) }
  }

  /// How terms of a format add up in an accumulator, whatever their words: `modular` or `stepwise`.
  ///
  /// This coarser view, by formats alone, is what emitted C++ depends on: with ranges, more sums would be free of their
  /// order, and the text of a design would depend on what is known of its inputs.
  public static func kind(adding term: FixedFormat, in accumulator: FixedFormat) -> Kind {
    accumulator.isModular && term.fractionBits <= accumulator.fractionBits ? .modular : .stepwise
  }
}

extension Affine {
  /// Whether the order of the sum shows nowhere, by the operands' formats alone.
  public func isOrderFree(_ x: FixedFormat, _ weights: FixedFormat) -> Bool {
    SumAnalysis.kind(adding: product ?? .product(x, weights), in: accumulator) != .stepwise
  }
}

/// The bounds of one sum of exact terms, before any accumulator: in steps of its own.
public struct SumBounds: Hashable, Sendable {
  /// What is added to.
  public var start: Interval
  /// start + Σ terms.
  public var total: Interval
  /// Σ min(term, 0) … Σ max(term, 0).
  public var reach = Interval(0, 0)

  /// A sum that has nothing but its start.
  public init(start: Interval) {
    self.start = start
    total = start
  }

  /// Adds a term.
  public mutating func add(_ term: Interval) {
    total = total + term
    reach = reach + Interval(min(term.low, 0), max(term.high, 0))
  }

  /// Where partial sums are in any order in which the start, too, may come last.
  public var anyOrder: Interval { start.union(Interval(0, 0)) + reach }
}

/// The sums of one instruction, as the analysis reads them.
struct Sums {
  let accumulator: FixedFormat
  let product: FixedFormat?
  /// The fraction bits of the exact terms.
  let fractionBits: Int
  /// How many terms a result has.
  let depth: Int
  /// What each result starts from, in words of the accumulator.
  let starts: [Raw]
  /// All exact terms.
  let terms: Interval
  /// Term k of a result; nil where it is zero.
  let term: (_ output: Int, _ k: Int) -> WordFacts?
  /// Whether terms are added in a balanced tree, else in `order`.
  var isTree = false
  var order: AccumulationOrder = .natural

  func analyzed() -> SumAnalysis {
    let (conversions, fraction, roundsSums) = conversions(terms)
    let shift = max(0, accumulator.fractionBits - fraction)
    let range = accumulator.conversionRange
    let isModular = accumulator.isModular && !roundsSums
    let outputs = starts.indices.map { output -> SumAnalysis.Output in
      let start = WordFacts(starts[output])
      var bounds = SumBounds(start: start.interval)
      var zeros = start.trailingZeros
      for k in 0..<depth {
        guard var word = term(output, k) else { continue }
        var bits = fractionBits
        for format in conversions {
          word = format.quantize(word, fractionBits: bits)
          bits = format.fractionBits
        }
        zeros = min(zeros, word.trailingZeros + shift)
        bounds.add(
          roundsSums
            ? word.interval.outward(dropping: bits - accumulator.fractionBits)
            : word.interval.shifted(left: shift))
      }
      let fits = range.contains(bounds.start + bounds.reach) && !roundsSums
      let kind: SumAnalysis.Kind =
        fits || isModular && range.contains(bounds.total) ? .exact : isModular ? .modular : .stepwise
      let result: WordFacts =
        switch kind {
        case .exact: WordFacts(bounds.total, trailingZeros: zeros)
        case .modular: WordFacts(Interval(accumulator), trailingZeros: zeros)
        case .stepwise: stepwise(output)
        }
      return SumAnalysis.Output(
        kind: kind, start: bounds.start, total: bounds.total, reach: bounds.reach, result: result)
    }
    return SumAnalysis(
      accumulator: accumulator, conversions: conversions, roundsSums: roundsSums, terms: terms,
      outputs: outputs, kind: outputs.map(\.kind).max() ?? .exact)
  }

  /// What changes a term before it is added (`SumAnalysis.conversions`), and the fraction bits it has then.
  private func conversions(_ terms: Interval) -> ([FixedFormat], fractionBits: Int, roundsSums: Bool) {
    /// Rounding alone: the range is wide enough for every term.
    func rounding(_ format: FixedFormat) -> FixedFormat {
      FixedFormat(126, 126 - format.fractionBits, format.rounding, .sat)
    }
    var formats: [FixedFormat] = []
    var fraction = fractionBits
    if let product, !product.holds(terms, fractionBits: fractionBits) {
      let rounds = product.fractionBits < fractionBits
      let isCovered =
        product.isModular && accumulator.isModular && accumulator.integerBits <= product.integerBits
      if !isCovered { formats = [product] } else if rounds { formats = [rounding(product)] }
      if rounds || !isCovered { fraction = product.fractionBits }
    }
    if fraction <= accumulator.fractionBits { return (formats, fraction, false) }
    switch accumulator.rounding {
    case .trn, .rnd, .rndMinInf:
      return (formats + [rounding(accumulator)], accumulator.fractionBits, false)
    case .trnZero, .rndZero, .rndInf, .rndConv: return (formats, fraction, true)
    }
  }

  /// The result as the definition makes it, on what is known of words.
  private func stepwise(_ output: Int) -> WordFacts {
    let fraction = (product?.fractionBits) ?? fractionBits
    func converted(_ k: Int) -> WordFacts {
      let term = term(output, k) ?? WordFacts(0)
      return product.map { $0.quantize(term, fractionBits: fractionBits) } ?? term
    }
    func added(_ acc: WordFacts, _ term: WordFacts, _ termFraction: Int) -> WordFacts {
      let common = max(termFraction, accumulator.fractionBits)
      let sum =
        acc.shifted(left: common - accumulator.fractionBits) + term.shifted(left: common - termFraction)
      return accumulator.quantize(sum, fractionBits: common)
    }
    func tree(_ terms: Range<Int>) -> WordFacts {
      if terms.count == 1 { return converted(terms.lowerBound) }
      let middle = terms.lowerBound + 1 << (Int.bitWidth - 1 - (terms.count - 1).leadingZeroBitCount)
      return added(
        tree(terms.lowerBound..<middle), tree(middle..<terms.upperBound), accumulator.fractionBits)
    }
    // The terms of a tree are words of the accumulator.
    if isTree { return tree(0..<depth) }
    return order.indices(depth).reduce(WordFacts(starts[output])) { added($0, converted($1), fraction) }
  }
}

extension Interval {
  /// Every word divided by 2^count, rounded either way.
  fileprivate func outward(dropping count: Int) -> Interval {
    Interval(low >> Raw(count), -(-max(high, -Raw.max) >> Raw(count)))
  }
}

extension FixedFormat {
  /// Whether conversion changes none of the numbers of an interval.
  fileprivate func holds(_ words: Interval, fractionBits source: Int) -> Bool {
    fractionBits >= source && conversionRange.contains(words.shifted(left: fractionBits - source))
  }
}

extension Program {
  /// What is known of the sums of an affine operation, a contraction or a sum reduction; nil for other instructions.
  ///
  /// - Parameter known: of the operands at least (`knownWords`). Rows of words that are known to differ have sums of
  ///   their own, unless that would take too long: then they are taken together.
  public func sums(of id: ValueID, given known: [KnownWords]) -> SumAnalysis? {
    let instruction = self[id]
    let types = instruction.operands.map { self[$0].type }
    let facts = instruction.operands.map { known[$0.index] }
    let depth = types.first?.shape.last ?? 1
    func fractionBits() -> Int { types[0].format.fractionBits + types[1].format.fractionBits }
    switch instruction.operation.form {
    case .product(.affine(let affine)):
      guard let weights = constant(instruction.operands[1]), let bias = constant(instruction.operands[2])
      else {
        return nil
      }
      let columns = types[1].shape.last ?? 1
      let groups = types[1].shape.count == 3 ? types[1].shape[0] : 1
      let allRows = types[0].count / depth
      var (x, rows) = (facts[0], groups)
      if (groups * depth) % x.pattern.count != 0 {
        if Sums.mayTakeRowByRow(allRows, depth * columns) {
          rows = allRows
        } else {
          x = x.folded(to: groups * depth, count: types[0].count)
        }
      }
      // Products are extreme at extreme weights.
      var terms = Interval(0, 0)
      for row in 0..<rows {
        for k in 0..<depth {
          let first = (row % groups * depth + k) * columns
          terms = terms.union(x[row * depth + k].interval * Interval(weights[first..<first + columns]))
        }
      }
      let starts = bias.map { affine.accumulator.quantize($0, from: types[2].format) }
      return Sums(
        accumulator: affine.accumulator, product: affine.product, fractionBits: fractionBits(), depth: depth,
        starts: (0..<rows * columns).map { starts[$0 % starts.count] }, terms: terms,
        term: { output, k in
          let (row, column) = output.quotientAndRemainder(dividingBy: columns)
          let weight = weights[(row % groups * depth + k) * columns + column]
          return weight == 0 ? nil : x[row * depth + k].times(weight)
        }, order: affine.order
      ).analyzed()
    case .product(.contract(let contract)):
      let (rows, columns) = (types[0].shape.dropLast().last ?? 1, types[1].shape.dropLast().last ?? 1)
      var (x, y) = (facts[0], facts[1])
      var isRowByRow = depth % x.pattern.count != 0 || depth % y.pattern.count != 0
      if isRowByRow, !Sums.mayTakeRowByRow(instruction.type.count, depth) {
        (x, y) = (x.folded(to: depth, count: types[0].count), y.folded(to: depth, count: types[1].count))
        isRowByRow = false
      }
      let outputs = isRowByRow ? instruction.type.count : 1
      let term = { (output: Int, k: Int) -> WordFacts in
        let (row, column) = output.quotientAndRemainder(dividingBy: columns)
        return x[row * depth + k] * y[(row / rows * columns + column) * depth + k]
      }
      return Sums(
        accumulator: contract.accumulator, product: contract.product, fractionBits: fractionBits(),
        depth: depth, starts: Array(repeating: 0, count: outputs),
        terms: Sums.hull(outputs, depth, term), term: term
      ).analyzed()
    case .reduction(.sum(let accumulator, let order)):
      let x = facts[0]
      let outputs = depth % x.pattern.count == 0 ? 1 : instruction.type.count
      let term = { (output: Int, k: Int) in x[output * depth + k] }
      return Sums(
        accumulator: accumulator, product: accumulator, fractionBits: types[0].format.fractionBits,
        depth: depth, starts: Array(repeating: 0, count: outputs),
        terms: Sums.hull(outputs, depth, term), term: term, isTree: order == .tree
      ).analyzed()
    case .input, .constant, .wordwise, .reduction, .wiring, .scan: return nil
    }
  }
}

extension Sums {
  /// Whether so many sums of so many terms are looked at one by one: a fixed number of them, whatever the program.
  static func mayTakeRowByRow(_ rows: Int, _ terms: Int) -> Bool {
    let (products, overflow) = rows.multipliedReportingOverflow(by: terms)
    return !overflow && products <= 1 << 18
  }

  /// All terms, and zero.
  static func hull(_ outputs: Int, _ depth: Int, _ term: (Int, Int) -> WordFacts) -> Interval {
    var all = Interval(0, 0)
    for output in 0..<outputs {
      for k in 0..<depth { all = all.union(term(output, k).interval) }
    }
    return all
  }
}

extension WordFacts {
  /// Products with one word, not zero.
  fileprivate func times(_ word: Raw) -> WordFacts {
    let (low, below) = interval.low.multipliedReportingOverflow(by: word)
    let (high, above) = interval.high.multipliedReportingOverflow(by: word)
    if below || above { return self * WordFacts(word) }
    return WordFacts(
      word > 0 ? Interval(low, high) : Interval(high, low),
      trailingZeros: trailingZeros + word.trailingZeroBitCount)
  }
}
