import FixedPoint

/// The closed set of operations. docs/operations.md is their specification; the reference interpreter
/// (`Program.evaluate`) is their definition.
///
/// Every operation is exact except where it names a format: those conversions, and only those, round and
/// overflow.
public enum Operation: Hashable, Sendable {
  /// A tensor from outside. No operands.
  case input
  /// A tensor of given words. No operands.
  case constant([Raw])
  /// The operand's words converted to one format, or each to its own (`FormatLayout`).
  case requantize(FormatLayout)
  /// Matrix times vector plus bias, with constant weights. See `Affine`.
  case affine(Affine)
  /// Tensor times tensor over the last axes. See `Contract`.
  case contract(Contract)
  /// Word by word over two operands, numpy broadcasting.
  case elementwise(Elementwise)
  /// The last axis reduced to length 1.
  case reduce(Reduction)
  /// Entries of constant tables. Operands: integer indices (no fraction bits) and a constant whose last axis is a table:
  /// one for all indices, or several that broadcast with them as numpy does (a table per channel, or, with indices
  /// [..., 1] and tables [R, N], row after row of a table of rows). An index below 0 reads entry 0, one past the end the
  /// last entry.
  case lookup
  /// Word by word: operands a, b, x, y (numpy broadcasting): x where `a ⋄ b` holds, y elsewhere.
  case select(Comparison)
  /// The words a convolution or pooling sees at each position. See `Window`.
  case window(Window)
  /// Words moved, never changed. See `Rearrangement`.
  case rearrange(Rearrangement)
  /// A program run once for every element of a sequence, its states carried from step to step. See `Scan`.
  case scan(Scan)
}

extension Operation {
  /// A conversion of all words to one format.
  public static func requantize(_ format: FixedFormat) -> Operation { .requantize(.uniform(format)) }
}

/// y = bias + x · weights: operands x, weights, bias; the last two constant.
///
/// Shapes: x [..., K], weights [K, N], bias [N] → [..., N]; or in groups, x [..., G, K],
/// weights [G, K, N], bias [G, N] → [..., G, N].
///
/// acc₀ = accumulator(bias); accₖ₊₁ = accumulator(accₖ + product(xₖ · wₖ)) in the given order; the result is
/// the last acc, in the accumulator's format.
public struct Affine: Hashable, Sendable {
  /// What each product is converted to; nil keeps it exact.
  public var product: FixedFormat?
  /// The format of the running sum and of the result.
  public var accumulator: FixedFormat
  /// The order of summation; it shows only where the accumulator rounds or saturates.
  public var order: AccumulationOrder

  /// Makes an affine operation.
  public init(product: FixedFormat?, accumulator: FixedFormat, order: AccumulationOrder = .natural) {
    self.product = product
    self.accumulator = accumulator
    self.order = order
  }
}

/// The order in which the K terms of a sum are added.
public enum AccumulationOrder: Hashable, Sendable {
  /// 0, 1, 2, …
  case natural
  /// 0, s, 2s, …, then 1, 1+s, …: the order of a multiplier array reused s times.
  case strided(Int)

  /// The indices 0..<count in order.
  public func indices(_ count: Int) -> [Int] {
    switch self {
    case .natural: return Array(0..<count)
    case .strided(let stride):
      return (0..<min(stride, count)).flatMap { Array(Swift.stride(from: $0, to: count, by: stride)) }
    }
  }
}

/// out[b…, m, n] = Σₖ x[b…, m, k] · y[b…, n, k], summed like `Affine` in natural order from zero.
///
/// Operands: x [B…, M, K] and y [B…, N, K] → [B…, M, N].
public struct Contract: Hashable, Sendable {
  /// What each product is converted to; nil keeps it exact.
  public var product: FixedFormat?
  /// The format of the running sum and of the result.
  public var accumulator: FixedFormat

  /// Makes a contraction.
  public init(product: FixedFormat?, accumulator: FixedFormat) {
    self.product = product
    self.accumulator = accumulator
  }
}

/// What `elementwise` computes of its two words. Results are exact, in `FixedFormat.sum`, `.difference`,
/// `.product` or `.union` of the operands' formats.
public enum Elementwise: String, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, maximum, minimum
  /// a / b truncated toward zero at a's lowest bit; b is a constant of positive integers without fraction
  /// bits. The result has a's width, integer bits and sign.
  case divide
}

/// How the last axis is reduced.
public enum Reduction: Hashable, Sendable {
  /// Every term is converted to the accumulator's format, and so is every partial sum.
  case sum(accumulator: FixedFormat, order: ReductionOrder)
  case maximum
  case minimum
  /// The index of the first largest word, as an unsigned integer just wide enough.
  case argmax
}

/// The order of a reduction's additions.
public enum ReductionOrder: String, Hashable, Sendable, CaseIterable {
  /// ((x₀ + x₁) + x₂) + …
  case sequential
  /// A balanced tree: the left half is the largest power of two below the count.
  case tree
}

/// The comparison of `select`, exact across formats.
public enum Comparison: String, Hashable, Sendable, CaseIterable {
  case less, lessOrEqual, equal, greaterOrEqual, greater
}

/// What an operation is to a stage that does not know it by name: how the words of its result come from those of its
/// operands.
///
/// A stage switches over forms, and over the operations of a form only where they differ for it: a new operation of a form
/// that exists is then named where it is something of its own, and nowhere else (docs/adding.md).
public enum OperationForm: Hashable, Sendable {
  /// A tensor from outside.
  case input
  /// A tensor of given words.
  case constant([Raw])
  /// Each word depends on the operands' words at its own place, after numpy broadcasting, and on tables.
  case wordwise(Wordwise)
  /// Sums of products over the last axis.
  case product(MatrixProduct)
  /// One word for each row of the last axis.
  case reduction(Reduction)
  /// Words moved, copied and filled up.
  case wiring(Wiring)
  /// Steps of a program of its own. Stages behind `Program.unrolled` see none.
  case scan(Scan)
}

/// The word by word operations. See `Operation` for each.
public enum Wordwise: Hashable, Sendable {
  case requantize(FormatLayout)
  case elementwise(Elementwise)
  case lookup
  case select(Comparison)

  /// The operand that is read at the places another one's words give, if there is one: constant tables along its last
  /// axis, which does not take part in broadcasting.
  public var table: Int? {
    switch self {
    case .lookup: 1
    case .requantize, .elementwise, .select: nil
    }
  }
}

/// The products of matrices. See `Operation` for each.
public enum MatrixProduct: Hashable, Sendable {
  case affine(Affine)
  case contract(Contract)
}

/// The operations that compute nothing. See `Operation` for each.
public enum Wiring: Hashable, Sendable {
  case window(Window)
  case rearrange(Rearrangement)
}

extension Operation {
  /// See `OperationForm`.
  public var form: OperationForm {
    switch self {
    case .input: .input
    case .constant(let words): .constant(words)
    case .requantize(let formats): .wordwise(.requantize(formats))
    case .elementwise(let kind): .wordwise(.elementwise(kind))
    case .lookup: .wordwise(.lookup)
    case .select(let comparison): .wordwise(.select(comparison))
    case .affine(let affine): .product(.affine(affine))
    case .contract(let contract): .product(.contract(contract))
    case .reduce(let reduction): .reduction(reduction)
    case .window(let window): .wiring(.window(window))
    case .rearrange(let rearrangement): .wiring(.rearrange(rearrangement))
    case .scan(let scan): .scan(scan)
    }
  }

  /// Whether each result word depends only on the operand words at its own place (after broadcasting).
  public var isWordByWord: Bool { if case .wordwise = form { true } else { false } }

  /// The operand of tables, if there is one (`Wordwise.table`).
  public var table: Int? { if case .wordwise(let operation) = form { operation.table } else { nil } }

  /// The operands that have to be constants.
  var constantOperands: [Int] {
    switch form {
    case .product(.affine): [1, 2]
    case .wordwise(.elementwise(.divide)): [1]
    case .wordwise(let operation): operation.table.map { [$0] } ?? []
    case .input, .constant, .product, .reduction, .wiring, .scan: []
    }
  }

  /// The formats that the operation converts words, products or sums to.
  public var conversions: [FixedFormat] {
    switch form {
    case .wordwise(.requantize(let formats)): formats.formats
    case .product(.affine(let sum)): [sum.product, sum.accumulator].compactMap { $0 }
    case .product(.contract(let sum)): [sum.product, sum.accumulator].compactMap { $0 }
    case .reduction(.sum(let accumulator, _)): [accumulator]
    case .scan(let scan): scan.body.instructions.flatMap(\.operation.conversions)
    case .input, .constant, .wordwise, .reduction, .wiring: []
    }
  }
}
