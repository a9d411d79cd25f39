import CKernels
import FixedPoint
import Program

/// The terms of an affine operation or of a sum, in the shape the analysis and the kernels want them.
struct DotPlan {
  let affine: Affine
  /// [positions, depth]
  var x: [Reference]
  /// What x can be, by place in the depth.
  var xIntervals: [Interval]
  /// [groups, depth, columns]
  var weights: [Raw]
  /// [groups, columns], words of the accumulator.
  let start: [Raw]
  let groups: Int
  var depth: Int
  let columns: Int
  /// Bits that a product has more than the accumulator; negative: fewer.
  let dropped: Int
  var order: [Int]
  /// Places in the depth whose words are in every byte of their lanes.
  var copied: Set<Int> = []

  var positions: Int { x.count / depth }

  /// What any of x can be.
  var words: Interval { xIntervals.dropFirst().reduce(xIntervals[0]) { $0.union($1) } }

  func weight(_ group: Int, _ k: Int, _ column: Int) -> Raw {
    weights[(group * depth + k) * columns + column]
  }

  /// What the sums of all results can be, where each starts from `start` and is of terms of its own.
  ///
  /// - Parameters:
  ///   - start: what the sum of a result channel starts from.
  ///   - term: the term of a product of x, in an interval, and a weight.
  func total(_ start: (Int) -> Raw, _ term: (Interval, _ weight: Raw) -> Interval) -> Interval {
    var total: Interval?
    for group in 0..<groups {
      for column in 0..<columns {
        let first = start(group * columns + column)
        var sum = Interval(first, first)
        for k in 0..<depth {
          let weight = weight(group, k, column)
          if weight != 0 { sum = sum + term(xIntervals[k], weight) }
        }
        total = total?.union(sum) ?? sum
      }
    }
    return total ?? Interval(0, 0)
  }
}

/// A sum as the kernels can compute it: one conversion of every product at most, then the sum as `SumAnalysis` allows.
struct SumConversion {
  /// How much of the definition shows in the result.
  let kind: SumAnalysis.Kind
  /// What each product is converted to, in steps of the accumulator; nil: products times 2^`shift`.
  let term: ConversionPlan?
  let shift: Int
  /// What the sums can be where `kind` is exact.
  let total: Interval
  /// What each product is before its conversion.
  let terms: Interval

  /// - Parameter fractionBits: the products'.
  /// - Returns: nil where partial sums are rounded in a way that depends on them, or product and accumulator
  ///   both convert.
  init?(_ sums: SumAnalysis, fractionBits: Int) {
    let fraction = sums.accumulator.fractionBits
    guard !sums.roundsSums, sums.conversions.count <= 1 else { return nil }
    if let format = sums.conversions.first {
      guard format.fractionBits == fraction,
        let conversion = ConversionPlan(sums.terms, fractionBits: fractionBits, to: format)
      else { return nil }
      (term, shift) = (conversion, 0)
    } else {
      (term, shift) = (nil, fraction - fractionBits)
      guard shift < 64 else { return nil }
    }
    (kind, total, terms) = (sums.kind, sums.total, sums.terms)
  }
}

extension ConversionPlan {
  /// Whether words can overflow, and wrap then.
  var isWrapping: Bool { kernel.check != 0 && Int(kernel.overflow) == TF_WRAP }
}
