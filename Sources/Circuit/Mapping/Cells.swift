/// A circuit bit by bit, as a tool for FPGAs sees it before it maps logic to lookup tables: constants folded, equal logic once.
struct Cells {
  /// The result of a cell, by its number; 0 and 1 are the constants.
  typealias Bit = Int

  /// What a piece of logic computes of its inputs, as far as it takes to tell equal pieces.
  enum Function: Hashable {
    case not, and, xor, choice
    /// A function of six inputs at most, by its values.
    case table(UInt64)
    /// Another: what it is and its constants.
    case other([Int])
  }

  /// What makes a bit.
  enum Form: Hashable {
    /// Comes from outside, or is a constant.
    case port(Int)
    /// A register of a bit.
    case register(Bit)
    /// A register of a bit that may be made later (`set(_:to:)`); numbered.
    case state(Bit, Int)
    /// Logic of at most six inputs: lookup tables, unless a reader takes it in.
    case logic(Function, [Bit])
    /// The sum at a place of a carry chain.
    case sum(chain: Int, place: Int)
    /// What takes no lookup table of its own, and is told from others by a number: a multiplexer of a slice, a bit of a product.
    case hard([Bit], Int)
  }

  /// A carry chain: what each place hands on or passes by.
  struct Chain {
    /// Whether the carry of the place below goes through.
    var select: [Bit]
    /// What is handed on where it does not.
    var other: [Bit]
    /// Whether a lookup table stands before each place whatever it computes: an adder of three operands made of cells.
    var isRow: Bool
    /// The node it belongs to.
    var owner: Int
  }

  /// The constants first.
  private(set) var forms: [Form] = [.port(-1), .port(-2)]
  /// By cell: the node it belongs to.
  private(set) var owners: [Int] = [0, 0]
  private(set) var chains: [Chain] = []
  /// Of bits that are 0 where a condition does not hold, the condition.
  private(set) var conditions: [Bit: Bit] = [:]
  private var known: [Form: Bit] = [:]
  /// The node whose cells are made.
  var owner = 0

  mutating func add(_ form: Form) -> Bit {
    if let bit = known[form] { return bit }
    forms.append(form)
    owners.append(owner)
    known[form] = forms.count - 1
    return forms.count - 1
  }

  /// Says what a state takes.
  mutating func set(_ state: Bit, to bit: Bit) {
    if case .state(_, let number) = forms[state] { forms[state] = .state(bit, number) }
  }

  static func isConstant(_ bit: Bit) -> Bool { bit < 2 }

  /// A register; of a constant it is the constant.
  mutating func register(_ bit: Bit) -> Bit { Self.isConstant(bit) ? bit : add(.register(bit)) }

  mutating func not(_ a: Bit) -> Bit {
    if Self.isConstant(a) { return 1 - a }
    if case .logic(.not, let inputs) = forms[a] { return inputs[0] }
    return add(.logic(.not, [a]))
  }

  /// The bit that a bit is the complement of, or the bit itself.
  func uncomplemented(_ bit: Bit) -> Bit {
    if case .logic(.not, let inputs) = forms[bit] { inputs[0] } else { bit }
  }

  mutating func and(_ a: Bit, _ b: Bit) -> Bit {
    if a == 0 || b == 0 { return 0 }
    if a == 1 || a == b { return b }
    return b == 1 ? a : add(.logic(.and, [min(a, b), max(a, b)]))
  }

  mutating func xor(_ a: Bit, _ b: Bit) -> Bit {
    if a == b { return 0 }
    if a == 0 { return b }
    if b == 0 { return a }
    if a == 1 { return not(b) }
    return b == 1 ? not(a) : add(.logic(.xor, [min(a, b), max(a, b)]))
  }

  /// `yes` where the condition is 1, else `no`.
  mutating func choice(_ condition: Bit, _ yes: Bit, _ no: Bit) -> Bit {
    if condition == 1 || yes == no { return yes }
    if condition == 0 { return no }
    if yes == 1, no == 0 { return condition }
    if yes == 0, no == 1 { return not(condition) }
    if no == 0 {
      let masked = and(condition, yes)
      if case .logic(.and, _) = forms[masked] { conditions[masked] = condition }
      return masked
    }
    let inputs = [condition, yes, no].filter { !Self.isConstant($0) }
    return add(.logic(inputs.count == 3 ? .choice : .other([yes < 2 ? yes : 2 + no]), inputs))
  }

  /// The sum of two words and a carry, in a carry chain where it is longer than two bits: chains select by a ⊕ b and hand on a.
  mutating func sum(_ a: [Bit], _ b: [Bit], carry: Bit) -> [Bit] {
    if a.count <= 2 {
      let first = xor(xor(a[0], b[0]), carry)
      if a.count == 1 { return [first] }
      let pattern = [a[0], b[0], a[1], b[1], carry]
      let inputs = pattern.filter { !Self.isConstant($0) }
      let second = xor(a[1], b[1])
      return [
        first, inputs.count < 2 ? second : add(.logic(.other([3] + pattern.map { min($0, 2) }), inputs)),
      ]
    }
    // −1 − x is the complement of x: b is that here.
    if carry == 1, a.allSatisfy({ $0 == 1 }) { return b }
    let select = zip(a, b).map { xor($0, $1) }
    return chain(select, a, isRow: false)
  }

  /// The sums of a carry chain.
  mutating func chain(_ select: [Bit], _ other: [Bit], isRow: Bool) -> [Bit] {
    chains.append(Chain(select: select, other: other, isRow: isRow, owner: owner))
    return select.indices.map { add(.sum(chain: chains.count - 1, place: $0)) }
  }
}
