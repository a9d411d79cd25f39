import FixedPoint

/// A real number as an unevaluated sum of doubles that do not overlap (an expansion): sums and products are exact.
///
/// Scales of quantized networks are float32 numbers. The product of three of them, times an accumulator, has more bits than
/// a double, and whether it reaches a rounding boundary must not depend on that. Sum and product without error are
/// Knuth's and Dekker's; the growing of expansions is Shewchuk's (Discrete & Computational Geometry 18, 1997). Exponents
/// stay far from their limits here: scales are float32, words have at most 127 bits.
struct ExactReal: Hashable, Sendable {
  /// Smallest first, without zeros; empty is zero.
  private(set) var terms: [Double] = []

  init(_ value: Double) { if value != 0 { terms = [value] } }

  private init(terms: [Double]) { self.terms = terms }

  /// An integer exactly.
  init(word: Raw) {
    let (high, low) = (word >> 64, word & 0xffff_ffff_ffff_ffff)
    let parts = [
      Double(low & 0xffff_ffff), Double(low >> 32) * 0x1p32, Double(high & 0xffff_ffff) * 0x1p64,
      Double(high >> 32) * 0x1p96,
    ]
    self = parts.reduce(ExactReal(0)) { $0.adding($1) }
  }

  /// −1, 0 or 1.
  var sign: Int { terms.last.map { $0 > 0 ? 1 : -1 } ?? 0 }

  /// The nearest double, up to its last bit.
  var approximation: Double { terms.reduce(0, +) }

  private func adding(_ value: Double) -> ExactReal {
    var carry = value
    var result: [Double] = []
    for term in terms {
      let sum = carry + term
      let back = sum - carry
      let error = (carry - (sum - back)) + (term - back)
      if error != 0 { result.append(error) }
      carry = sum
    }
    if carry != 0 { result.append(carry) }
    return ExactReal(terms: result)
  }

  static func + (a: ExactReal, b: ExactReal) -> ExactReal { b.terms.reduce(a) { $0.adding($1) } }

  static prefix func - (a: ExactReal) -> ExactReal { ExactReal(terms: a.terms.map { -$0 }) }

  static func - (a: ExactReal, b: ExactReal) -> ExactReal { a + -b }

  static func * (a: ExactReal, b: Double) -> ExactReal {
    a.terms.reduce(ExactReal(0)) { sum, term in
      let product = term * b
      return sum.adding((-product).addingProduct(term, b)).adding(product)
    }
  }

  static func * (a: ExactReal, b: ExactReal) -> ExactReal { b.terms.reduce(ExactReal(0)) { $0 + a * $1 } }

  static func < (a: ExactReal, b: ExactReal) -> Bool { (a - b).sign < 0 }

  /// Whether two sums are the same number.
  static func == (a: ExactReal, b: ExactReal) -> Bool { (a - b).sign == 0 }

  /// By value: the terms are not unique.
  func hash(into hasher: inout Hasher) { hasher.combine(terms.last ?? 0) }

  /// a / b where that is a double; nil where it is not.
  static func quotient(_ a: ExactReal, _ b: Double) -> Double? {
    let quotient = a.approximation / b
    guard quotient.isFinite, (a - ExactReal(quotient) * b).sign == 0 else { return nil }
    return quotient
  }
}
