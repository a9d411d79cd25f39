import FixedPoint
import Program

/// The part of an adder that is a word times a digit −2…2: a row of a product of two words (Booth, 1951; two bits of the other
/// word at a time, MacSorley, 1961).
///
/// In a sum it is terms of one word, masked each by its own bit, with factors −2, 1 and 1 times a power of two, or some of them.
/// Cells of six inputs choose 0, ± the word or ± twice the word by the three bits, and add another operand besides.
public struct DigitTerm: Hashable, Sendable {
  /// The word that is multiplied.
  public var word: NodeID
  /// The bits of the digit, of weights 1, 1, −2; nil: 0. A digit of −1 and 1 has its sign bit twice.
  public var bits: [NodeID?]
  /// How far the product is shifted to the left.
  public var power: Int
  /// What is added to it: a term that is not masked; nil: nothing.
  public var other: Term?

  /// What the digit can be.
  public var digits: Interval {
    let ones = bits[..<2].count { $0 != nil }
    guard let sign = bits[2] else { return Interval(0, Raw(ones)) }
    return sign == bits[1] ? Interval(-1, bits[0] == nil ? 0 : 1) : Interval(-2, Raw(ones))
  }
}

extension Sum {
  /// The digit that this sum multiplies a word by; nil where it is no such sum.
  public var digit: DigitTerm? {
    guard constant == 0, (2...4).contains(terms.count),
      let word = terms.first(where: { term in
        term.mask != nil && terms.count { $0.word == term.word && $0.mask != nil } >= 2
      })?.word
    else { return nil }
    let own = terms.filter { $0.word == word && $0.mask != nil }
    let others = terms.filter { !($0.word == word && $0.mask != nil) }
    guard others.count <= 1, others.allSatisfy({ $0.mask == nil && !$0.isNegated && $0.power != nil }),
      own.allSatisfy({ $0.power != nil }), Set(own.map(\.mask)).count == own.count
    else { return nil }
    let power = own.map { $0.power ?? 0 }.min() ?? 0
    let unit: Raw = 1 << Raw(power)
    let ones = own.filter { $0.factor == unit }.map(\.mask)
    let minusOnes = own.filter { $0.factor == -unit }.map(\.mask)
    let minusTwos = own.filter { $0.factor == -2 * unit }.map(\.mask)
    guard ones.count + minusOnes.count + minusTwos.count == own.count else { return nil }
    func digit(_ bits: [NodeID?]) -> DigitTerm {
      DigitTerm(word: word, bits: bits, power: power, other: others.first)
    }
    switch (ones.count, minusOnes.count, minusTwos.count) {
    case (2, 0, 0): return digit([ones[0], ones[1], nil])
    case (2, 0, 1): return digit([ones[0], ones[1], minusTwos[0]])
    case (1, 0, 1): return digit([nil, ones[0], minusTwos[0]])
    case (1, 1, 0): return digit([ones[0], minusOnes[0], minusOnes[0]])
    default: return nil
    }
  }
}
