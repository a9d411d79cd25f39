import Diagnostics

/// The product of a constant integer matrix with a vector of words, computed by few adders that outputs share.
///
/// y = xᵀW: `nodes` are rows of logic, each the sum of at most three (binary: two) shifted and signed words; a node sees
/// inputs, constants and nodes before it. `AdderGraph.solve` searches for a small one; docs/distributed-arithmetic.md says how.
public struct AdderGraph: Hashable, Sendable {
  /// What is known of an input word: every value it can have, and how many of its low bits are always zero.
  public struct Word: Hashable, Sendable {
    /// The lowest value.
    public var low: Int128
    /// The highest value.
    public var high: Int128
    /// Every value is a multiple of 2 to this power. Of a word that is always zero: 0.
    public var trailingZeros: Int

    /// Makes a description of a word.
    public init(low: Int128, high: Int128, trailingZeros: Int = 0) {
      self.low = low
      self.high = high
      self.trailingZeros = trailingZeros
    }

    /// Bits of its words, the sign's included; 0 of a word that is always zero.
    public var width: Int {
      Int128.bitWidth - max(high, ~low, 0).leadingZeroBitCount + (low < 0 ? 1 : 0)
    }

    /// Bits that are not always zero, the sign included.
    var bits: Int { width - (low == 0 && high == 0 ? 0 : trailingZeros) }
  }

  /// What a term or an output reads.
  public enum Source: Hashable, Sendable {
    /// An input, by its index.
    case input(Int)
    /// A node, by its index.
    case node(Int)
    /// A constant.
    case constant(Int128)
  }

  /// One operand of a node: ±(source · 2^shift).
  public struct Term: Hashable, Sendable {
    /// What is added.
    public var source: Source
    /// How far it is shifted to the left (never negative).
    public var shift: Int
    /// True: it is subtracted. Never so of a constant, which has its own sign.
    public var isNegated: Bool

    /// Makes a term.
    public init(_ source: Source, shift: Int = 0, isNegated: Bool = false) {
      self.source = source
      self.shift = shift
      self.isNegated = isNegated
    }
  }

  /// How a node is made.
  public enum Form: Hashable, Sendable {
    /// One row of adders: carry logic over the terms, not all of them negated (unless it is one: a negation).
    case row
    /// A table over all bits of its inputs, which are six at most: each bit of the result is one lookup table.
    case table
    /// Two terms that share no bit, the lower one never negative: put side by side, which takes neither logic nor a level.
    case wires
  }

  /// A sum of terms.
  public struct Node: Hashable, Sendable {
    /// How it is made.
    public var form: Form
    /// One to three terms in a row (one: a negation); in a table any number, all of them inputs or constants.
    public var terms: [Term]
    /// The lowest value.
    public var low: Int128
    /// The highest value.
    public var high: Int128
    /// The low bits that are always zero.
    public var trailingZeros: Int
    /// Rows and tables on the longest path from an input to here, itself included.
    public var level: Int
    /// Lookup tables it takes: row bits (the result's bits but for those that are wires), or the bits of a table.
    public var cost: Int

    /// What is known of its words.
    public var word: Word { Word(low: low, high: high, trailingZeros: trailingZeros) }
  }

  /// One result: source · 2^shift. The column that is zero reads `.constant(0)`.
  public struct Output: Hashable, Sendable {
    /// What is read.
    public var source: Source
    /// How far it is shifted to the left.
    public var shift: Int
  }

  /// The input words.
  public var inputs: [Word]
  /// The nodes, each after those it reads.
  public var nodes: [Node]
  /// The results, a column of the matrix each.
  public var outputs: [Output]

  /// Lookup tables of all nodes together, as `Node.cost` counts them.
  public var cost: Int { nodes.reduce(0) { $0 + $1.cost } }

  /// The longest path, in rows.
  public var levels: Int { nodes.reduce(0) { max($0, $1.level) } }
}

extension AdderGraph {
  /// What the search is to do.
  public struct Options: Hashable, Sendable {
    /// How many operands a row adds.
    public enum Adder: Int, Hashable, Sendable {
      /// Two: any carry chain.
      case binary = 2
      /// Three, in one six-input table with two outputs per bit: AMD's 7 series and later, Intel's ALMs.
      case ternary = 3
    }

    /// How deep the graph may be, in rows.
    public enum Depth: Hashable, Sendable {
      /// So many rows above the least with which every output can be made of its canonical signed digits. An output that is
      /// another's negative, or ends in a row of negated operands only, may take one more.
      case least(plus: Int)
      /// As many as pay.
      case unbounded
    }

    /// How many operands a row adds.
    public var adder: Adder
    /// How deep the graph may be.
    public var depth: Depth
    /// Bits of each output that are read, counted from bit 0; the higher ones are dropped (a conversion that wraps) and cost
    /// nothing. nil: all bits.
    public var outputBits: [Int?]?
    /// How many steps the search takes: 100 is the default's share, 0 the first answer only. The answer depends on it and on
    /// nothing else (no clock).
    public var effort: Int

    /// Makes options.
    public init(
      adder: Adder = .ternary, depth: Depth = .least(plus: 1), outputBits: [Int?]? = nil, effort: Int = 100
    ) {
      self.adder = adder
      self.depth = depth
      self.outputBits = outputBits
      self.effort = effort
    }
  }

  /// A small adder graph of y = xᵀW + c.
  ///
  /// Deterministic: the same arguments give the same graph on every machine. The answer is multiplied out and compared with
  /// the matrix each time.
  ///
  /// - Parameters:
  ///   - matrix: the weights W, inputs × outputs.
  ///   - inputs: a description of every input word, one per row.
  ///   - constants: what is added to each output, one per column; nil: nothing.
  /// - Throws: `.badInput` if the matrix is not of the shape of `inputs` and `constants`, if a word's interval is empty, or if
  ///   numbers are too large to be exact here: weights of 2^48, words of 2^62, sums of 2^100; `.bug` if the answer is wrong.
  public static func solve(
    _ matrix: [[Int128]], inputs: [Word], constants: [Int128]? = nil, options: Options = Options()
  ) throws(Failure) -> AdderGraph {
    var search = Search(try Problem(matrix, inputs: inputs, constants: constants, options: options))
    let graph = search.run()[0]
    try graph.verify(matrix, constants: constants, adder: options.adder)
    return graph
  }

  /// The best graphs of the same search, four at most, best first as the search counts: for those who know better what a graph
  /// takes. Each is compared with the matrix.
  ///
  /// - Throws: as `solve` does.
  public static func candidates(
    _ matrix: [[Int128]], inputs: [Word], constants: [Int128]? = nil, options: Options = Options()
  ) throws(Failure) -> [AdderGraph] {
    var search = Search(try Problem(matrix, inputs: inputs, constants: constants, options: options))
    let graphs = search.run()
    for graph in graphs { try graph.verify(matrix, constants: constants, adder: options.adder) }
    return graphs
  }
}
