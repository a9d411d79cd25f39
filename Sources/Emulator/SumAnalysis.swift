import CKernels
import FixedPoint
import Program

/// The terms of an affine operation or of a sum, in the shape the analysis and the kernels want them.
struct DotPlan {
  let affine: Affine
  /// [positions, depth]
  var x: [Reference]
  /// What x can be, by place in the depth.
  let xIntervals: [Interval]
  /// [groups, depth, columns]
  let weights: [Raw]
  /// [groups, columns], words of the accumulator.
  let start: [Raw]
  let groups: Int
  let depth: Int
  let columns: Int
  /// Bits that a product has more than the accumulator; negative: fewer.
  let dropped: Int
  let order: [Int]

  var positions: Int { x.count / depth }

  /// What any of x can be.
  var words: Interval { xIntervals.dropFirst().reduce(xIntervals[0]) { $0.union($1) } }

  func weight(_ group: Int, _ k: Int, _ column: Int) -> Raw {
    weights[(group * depth + k) * columns + column]
  }

  /// What the sums can be, and how far any partial sum in any order can go.
  ///
  /// - Parameters:
  ///   - start: what the sum of a result channel starts from.
  ///   - term: the term of a product of x, in an interval, and a weight.
  func sums(_ start: (Int) -> Raw, _ term: (Interval, _ weight: Raw) -> Interval)
    -> (total: Interval, extreme: Interval)
  {
    var total: Interval?
    var extreme: Interval?
    for group in 0..<groups {
      for column in 0..<columns {
        let first = start(group * columns + column)
        var (sum, reach) = (Interval(first, first), Interval(first, first))
        for k in 0..<depth {
          let weight = weight(group, k, column)
          if weight == 0 { continue }
          let one = term(xIntervals[k], weight)
          sum = sum + one
          reach = reach + Interval(min(one.low, 0), max(one.high, 0))
        }
        total = total?.union(sum) ?? sum
        extreme = extreme?.union(reach) ?? reach
      }
    }
    let none = Interval(0, 0)
    return (total ?? none, extreme ?? none)
  }
}

/// What the conversions on the way of a sum come to, for words in known intervals.
struct SumAnalysis {
  enum Mode {
    /// Nothing: the sum is the sum of its terms.
    case exact
    /// The sum of the terms is right modulo 2^width, and the accumulator wraps the last partial sum.
    case modular
    /// Every partial sum is to be converted.
    case stepwise
  }

  var mode: Mode
  /// What each product is converted to, in steps of the accumulator; nil: products times 2^`shift`.
  var term: ConversionPlan?
  var shift: Int
  /// What the sums can be where `mode` is exact, and how far partial sums in any order can go.
  var total: Interval
  var extreme: Interval

  /// - Returns: nil where partial sums are rounded in a way that depends on them, or product and accumulator
  ///   both convert.
  init?(_ plan: DotPlan) {
    let (affine, accumulator) = (plan.affine, plan.affine.accumulator)
    let fraction = accumulator.fractionBits + plan.dropped
    let products = plan.words * Interval(plan.weights)
    var shift = max(0, -plan.dropped)
    var term: ConversionPlan?
    guard shift < 64 else { return nil }
    if plan.dropped > 0 {
      // Either the product's conversion drops the bits, or the sum's: the same if rounding does not look at the sum.
      var target = FixedFormat(126, 126 - accumulator.fractionBits, accumulator.rounding, .sat)
      if let format = affine.product, format.fractionBits < fraction {
        guard format.fractionBits == accumulator.fractionBits else { return nil }
        target = format
      } else {
        guard [.trn, .rnd, .rndMinInf].contains(accumulator.rounding),
          affine.product.map({ $0.isLossless(products, fractionBits: fraction) }) ?? true
        else { return nil }
      }
      guard let conversion = ConversionPlan(products, fractionBits: fraction, to: target) else { return nil }
      term = conversion
    } else if let format = affine.product, !format.isLossless(products, fractionBits: fraction) {
      // Bits that the product wraps away and the accumulator too are no matter.
      let spare = accumulator.fractionBits - format.fractionBits
      guard spare >= 0, format.fractionBits >= fraction else { return nil }
      if !(format.isModular && accumulator.isModular && accumulator.width <= format.width + spare) {
        guard spare == 0, let conversion = ConversionPlan(products, fractionBits: fraction, to: format) else {
          return nil
        }
        term = conversion
        shift = 0
      }
    } else if let format = affine.product, format.fractionBits > accumulator.fractionBits {
      return nil
    }
    let range = accumulator.conversionRange
    let (total, extreme) = plan.sums({ plan.start[$0] }) { x, weight in
      guard let term else {
        let word = weight << Raw(shift)
        return x * Interval(word, word)
      }
      return term.result(of: x * Interval(weight, weight))
    }
    (self.term, self.shift, self.total, self.extreme) = (term, shift, total, extreme)
    if range.contains(extreme) {
      mode = .exact
    } else if accumulator.isModular {
      // Wraps of partial sums cancel; so do those of products, if the accumulator wraps as much.
      mode = range.contains(total) ? .exact : .modular
    } else {
      mode = .stepwise
    }
  }

  /// Whether the wrap of a product shows only in bits that the accumulator wraps away.
  func wrapsAway(_ accumulator: FixedFormat) -> Bool {
    guard let term, term.isWrapping else { return true }
    return mode == .modular && Int(term.kernel.width) >= accumulator.width
  }
}

extension ConversionPlan {
  /// Whether words can overflow, and wrap then.
  var isWrapping: Bool { kernel.check != 0 && Int(kernel.overflow) == TF_WRAP }

  /// What it makes of an interval within the one it was planned for.
  func result(of words: Interval) -> Interval {
    if kernel.check != 0, Int(kernel.overflow) != TF_SAT { return result }
    let shift = Int(kernel.right)
    // Rounding is monotone: between the floor and the ceiling, and the floor itself where it is one.
    func floor(_ word: Raw) -> Raw { (word << Raw(kernel.left)) >> Raw(shift) }
    let isFloor = shift == 0 || Int(kernel.rounding) == TF_TRN
    let rounded = Interval(floor(words.low), floor(words.high) + (isFloor ? 0 : 1))
    return Interval(max(rounded.low, result.low), min(rounded.high, result.high))
  }
}

extension FixedFormat {
  /// Whether overflow keeps the low bits and nothing else.
  var isModular: Bool { overflow == .wrap && saturatedBits == 0 }

  /// Whether conversion changes none of the words of an interval.
  func isLossless(_ words: Interval, fractionBits source: Int) -> Bool {
    guard fractionBits >= source, let plan = ConversionPlan(words, fractionBits: source, to: self) else {
      return false
    }
    return plan.kernel.check == 0
  }
}
