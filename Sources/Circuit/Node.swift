import FixedPoint
import Program

/// One word and what makes it.
public struct Node: Hashable, Sendable {
  /// What it does, and with which words.
  public var operation: NodeOperation
  /// What the word can be. Its width and sign follow (`type`). Either all that the operation can give lies in it, or it is
  /// all words of its type: then the operation's result is wrapped to that (see `NodeOperation`).
  public var interval: Interval
  /// The cycle in which the word stands, counted from the event's entry. A constant stands in every cycle; its is 0.
  public var cycle: Int
  /// The layer it belongs to, as an index into `Circuit.layers`.
  public var layer: Int?

  /// Makes a node.
  public init(_ operation: NodeOperation, _ interval: Interval, cycle: Int = 0, layer: Int? = nil) {
    self.operation = operation
    self.interval = interval
    self.cycle = cycle
    self.layer = layer
  }

  /// The bits the word is kept in.
  public var type: WordType { WordType(interval) }
  /// The number of bits of the word, sign included.
  public var width: Int { type.width }
  /// Whether the top bit is a sign.
  public var isSigned: Bool { type.isSigned }

  /// The word, where it is a constant.
  public var constant: Raw? {
    if case .constant(let word) = operation { return word }
    return nil
  }
}

/// The bits a word is kept in: the fewest that have all words of an interval.
public struct WordType: Hashable, Sendable {
  /// Bits, sign included: 1…128.
  public var width: Int
  /// Whether the top bit is a sign (two's complement).
  public var isSigned: Bool

  /// Makes a type.
  public init(_ width: Int, signed: Bool) {
    self.width = width
    isSigned = signed
  }

  /// The narrowest type with all words of an interval: signed where a word is negative; at least one bit.
  public init(_ interval: Interval) {
    isSigned = interval.low < 0
    let magnitude = max(
      interval.low < 0 ? ~interval.low : interval.low, interval.high < 0 ? ~interval.high : interval.high)
    let bits = Raw.bitWidth - magnitude.leadingZeroBitCount
    width = max(1, isSigned ? bits + 1 : bits)
  }

  /// All words of the type.
  public var interval: Interval {
    isSigned
      ? Interval(Raw.min >> Raw(Raw.bitWidth - width), Raw.max >> Raw(Raw.bitWidth - width))
      : Interval(0, Raw.max >> Raw(Raw.bitWidth - 1 - width))
  }

  /// The low `width` bits of an integer (of its two's complement, endless to the left), read as a word of this type.
  public func wrap(_ value: Raw) -> Raw {
    let spare = Raw.bitWidth - width
    if isSigned { return (value << Raw(spare)) >> Raw(spare) }
    return value & interval.high
  }
}

/// The closed set of operations. docs/circuit.md is their specification.
///
/// Each has an exact integer as its result. The node's word is that integer, where its interval has it; where the interval is
/// all words of a type, the word is the integer's low bits, read as a word of that type. Shifts, slices, concatenations and
/// sums of one positive term are wiring.
public enum NodeOperation: Hashable, Sendable {
  /// A word from outside.
  case input
  /// A given word, the only one of its interval.
  case constant(Raw)
  /// Terms and a constant added. In gates: one, two or three terms, every factor plus or minus a power of two, or a digit of a
  /// product (`Sum.isGate`); pass `share` makes such sums of all others.
  case sum(Sum)
  /// 1 where `a ⋄ b` holds, compared as integers, else 0.
  case compare(Comparison, NodeID, NodeID)
  /// A multiplexer: `then` where the condition, a word 0…1, is 1; `otherwise` where it is 0.
  case mux(condition: NodeID, then: NodeID, otherwise: NodeID)
  /// The entry of a table (an index into `Circuit.tables`) at a word, which the table has an entry for.
  case table(Int, NodeID)
  /// The product of two words.
  case multiply(NodeID, NodeID)
  /// The bits of a word from a position on: ⌊word / 2^from⌋. Bits above follow from the node's width.
  case slice(NodeID, from: Int)
  /// The bits of words side by side, the first word's lowest.
  case concatenate([NodeID])
  /// The operand's word one clock edge later.
  case register(NodeID)
  /// A register of a loop (an index into `Circuit.loops`), which keeps its word but at two edges: that before the loop's first
  /// step, where it takes `first`, if it has one; and that after each step, where it takes `next`, which may be made later.
  case state(loop: Int, first: NodeID?, next: NodeID)
}

/// Σ terms + constant.
public struct Sum: Hashable, Sendable {
  /// What is added.
  public var terms: [Term]
  /// What is added besides: a rounding constant, a bias.
  public var constant: Raw
  /// Sums of the same number are results of one constant matrix and are solved together by pass `share`; nil: solved alone,
  /// and in gates.
  public var group: Int?

  /// Makes a sum.
  public init(_ terms: [Term], constant: Raw = 0, group: Int? = nil) {
    self.terms = terms
    self.constant = constant
    self.group = group
  }

  /// Whether it is one adder: at most three terms, every factor plus or minus a power of two; or a digit of a product and
  /// another term (`digit`).
  public var isGate: Bool { terms.count <= 3 && terms.allSatisfy { $0.power != nil } || digit != nil }

  /// Whether it is no hardware: one term, not negated, not masked, nothing added.
  public var isWiring: Bool {
    terms.count == 1 && constant == 0 && terms[0].factor > 0 && terms[0].power != nil && terms[0].mask == nil
  }
}

/// factor · word, or 0 where the mask is 0.
public struct Term: Hashable, Sendable {
  /// The word.
  public var word: NodeID
  /// What it is multiplied by; not zero.
  public var factor: Raw
  /// A word 0…1: where it is 0 the term is 0 (a ReLU taken into the adder behind it). nil: the term always counts.
  public var mask: NodeID?

  /// Makes a term.
  public init(_ word: NodeID, factor: Raw = 1, mask: NodeID? = nil) {
    self.word = word
    self.factor = factor
    self.mask = mask
  }

  /// Whether the word is subtracted.
  public var isNegated: Bool { factor < 0 }

  /// How far the word is shifted to the left, where the factor is plus or minus a power of two; nil elsewhere.
  public var power: Int? {
    let magnitude = factor.magnitude
    return magnitude.nonzeroBitCount == 1 ? magnitude.trailingZeroBitCount : nil
  }
}

extension [Node] {
  /// The word of which a node is the complement of the highest bit: not negative, or a bit that is 0; nil where it is neither.
  func complement(_ id: NodeID) -> NodeID? {
    guard case .compare(let comparison, let a, let b) = self[id.index].operation else { return nil }
    let (word, bound) = self[a.index].constant == nil ? (self[a.index], b) : (self[b.index], a)
    guard self[bound.index].constant == 0 else { return nil }
    switch comparison {
    case .greaterOrEqual: return word.isSigned && bound == b ? a : nil
    case .equal: return word.width == 1 && !word.isSigned ? (bound == b ? a : b) : nil
    case .less, .lessOrEqual, .greater: return nil
    }
  }
}

extension Circuit {
  /// The word of which a node is the complement of the highest bit, which cells take in: not negative, or a bit that is 0; nil
  /// where it is neither.
  public func complement(_ id: NodeID) -> NodeID? { nodes.complement(id) }
}

extension NodeOperation {
  /// The words it reads, masks after words.
  public var operands: [NodeID] {
    switch self {
    case .input, .constant: []
    case .sum(let sum): sum.terms.map(\.word) + sum.terms.compactMap(\.mask)
    case .compare(_, let a, let b), .multiply(let a, let b): [a, b]
    case .mux(let condition, let then, let otherwise): [condition, then, otherwise]
    case .table(_, let word), .slice(let word, from: _), .register(let word): [word]
    case .concatenate(let words): words
    case .state(_, let first, let next): [first, next].compactMap(\.self)
    }
  }

  /// The same operation on other words.
  public func mapOperands(_ new: (NodeID) -> NodeID) -> NodeOperation {
    switch self {
    case .input, .constant: self
    case .sum(let sum):
      .sum(
        Sum(
          sum.terms.map { Term(new($0.word), factor: $0.factor, mask: $0.mask.map(new)) },
          constant: sum.constant, group: sum.group))
    case .compare(let comparison, let a, let b): .compare(comparison, new(a), new(b))
    case .mux(let condition, let then, let otherwise):
      .mux(condition: new(condition), then: new(then), otherwise: new(otherwise))
    case .table(let table, let word): .table(table, new(word))
    case .multiply(let a, let b): .multiply(new(a), new(b))
    case .slice(let word, let from): .slice(new(word), from: from)
    case .concatenate(let words): .concatenate(words.map(new))
    case .register(let word): .register(new(word))
    case .state(let loop, let first, let next): .state(loop: loop, first: first.map(new), next: new(next))
    }
  }
}
