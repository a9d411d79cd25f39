import FixedPoint

/// How a sum in gates is built: which of its low bits are wires, and what adds up the others. Printed by the Verilog backend,
/// counted by `Circuit.counts`.
public struct SumPlan: Hashable, Sendable {
  /// What adds.
  public enum Form: Hashable, Sendable {
    /// Nothing: the bits are the constant's, or there are none.
    case constant
    /// Nothing: they are a word's, masked where the term is.
    case word(Term)
    /// The tool's own adder, first + second (− where that is negated); nil: the constant.
    case adder(Term?, Term?)
    /// A row of lookup tables and a carry chain, of three operands, or of two and a constant; those masked by `gate` are masked
    /// in the row, and `ones` (0…2) are added for nothing. `rest` is added behind it.
    case row([Term], gate: NodeID?, ones: Int, rest: Raw)
    /// The same row of two operands, masked in it each by its own bit: rows of products of two words.
    case pair(Term, Term, ones: Int)
    /// A row that multiplies a word by a digit, and adds another operand.
    case digit(DigitTerm)
  }

  /// What adds up the bits from `cut` on.
  public private(set) var form = Form.constant
  /// All that is added besides words.
  public private(set) var constant: Raw
  /// The same from `cut` on, in steps of it. In a row of three operands it is among `ones` and `rest`; in one of two it is the third
  /// operand, and 0 where those are enough.
  public private(set) var addend: Raw = 0
  /// The bits below are the constant's.
  public private(set) var begin = 0
  /// The bits from `begin` to below it are the lowest term's.
  public private(set) var cut = 0
  /// The term of which they are.
  public private(set) var wired: Term?

  /// - Parameter width: how many bits of the sum are made.
  public init(_ sum: Sum, in circuit: Circuit, width: Int) {
    constant = sum.constant
    if let digit = sum.digit, width > digit.power {
      plan(digit, width: width)
      return
    }
    var terms: [Term] = []
    for term in sum.terms {
      if term.mask == nil, let word = circuit[term.word].constant {
        constant &+= word &* term.factor
      } else {
        terms.append(term)
      }
    }
    // Below the lowest term stand the constant's bits; then, up to the second-lowest, those of the lowest term.
    terms.sort { ($0.power ?? 0) < ($1.power ?? 0) }
    begin = min(width, terms.first?.power ?? 128)
    let above: Raw = begin >= 127 ? 0 : (constant >> Raw(begin)) << Raw(begin)
    cut = begin
    if let first = terms.first, !first.isNegated {
      let next = min(terms.dropFirst().first?.power ?? 128, above == 0 ? 128 : above.trailingZeroBitCount)
      cut = max(begin, min(width, next))
      wired = first
    }
    guard cut < width else { return }
    addend = above >> Raw(cut)
    plan(terms, circuit, width: width)
  }

  /// The bits below the digit's are the other operand's.
  private mutating func plan(_ digit: DigitTerm, width: Int) {
    form = .digit(digit)
    cut = digit.power
    begin = min(cut, digit.other?.power ?? cut)
    if begin < cut { wired = digit.other }
  }

  private mutating func plan(_ terms: [Term], _ circuit: Circuit, width: Int) {
    let cut = cut
    // Words that end below the cut are wired whole.
    let operands = terms.filter { term in
      let node = circuit[term.word]
      return node.isSigned || node.constant != nil || (term.power ?? 0) + node.width > cut
    }
    let negated = operands.count { $0.isNegated }
    if operands.isEmpty { return }
    if operands.count == 1 {
      let isWired = !operands[0].isNegated && addend == 0
      form =
        isWired
        ? .word(operands[0]) : operands[0].isNegated ? .adder(nil, operands[0]) : .adder(operands[0], nil)
      return
    }
    if operands.count == 2, addend == 0, width - cut > 2, let first = operands[0].mask,
      let second = operands[1].mask, first != second
    {
      form = .pair(operands[0], operands[1], ones: negated)
      return
    }
    if operands.count == 2 && addend == 0 && negated < 2 {
      // Carry chains take their second way from the first operand: the one without a mask.
      var (a, b) = (operands[0], operands[1])
      if a.isNegated || (a.mask != nil && !b.isNegated) { (a, b) = (b, a) }
      form = .adder(a, b)
      return
    }
    // −x = ~x + 1: what the complements lack, and a small constant, are the ones that a row has for nothing.
    let wanted = addend + Raw(negated)
    var ones = Int(min(max(wanted, 0), 2))
    var rest = wanted - Raw(ones)
    if operands.count == 2, rest != 0 { (ones, rest) = (negated, 0) } else { addend = 0 }
    form = .row(operands, gate: operands.compactMap(\.mask).first, ones: ones, rest: rest)
  }
}
