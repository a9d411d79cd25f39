import Diagnostics

/// The matrix as the search sees it: in machine integers, its columns odd, each up to sign once.
struct Problem {
  /// What an output of the graph is: ±(target · 2^shift), or a constant.
  struct Column {
    var target: Int?
    var shift = 0
    var isNegated = false
    var constant: Int = 0
  }

  /// A column to be made: its weights and its constant have no common power of two.
  struct Target: Hashable {
    var weights: [Int32]
    var constant: Int
  }

  let inputs: [AdderGraph.Word]
  /// Bits of each input that are not always zero.
  let inputBits: [Int]
  let columns: [Column]
  let targets: [Target]
  /// The word of each target's constant in every pool, if it has one: they come after the inputs.
  let constantWords: [Int?]
  /// The bits of each target that are read, or 64.
  let targetBits: [Int]
  let options: AdderGraph.Options
  /// The deepest any output may be, in rows.
  let levels: Int

  /// Words of every pool that are no sums: inputs and constants.
  let leaves: Int

  /// Operands a row adds.
  var arity: Int { options.adder.rawValue }

  init(
    _ matrix: [[Int128]], inputs: [AdderGraph.Word], constants: [Int128]?, options: AdderGraph.Options
  ) throws(Failure) {
    let count = constants?.count ?? matrix.first?.count ?? options.outputBits?.count ?? 0
    guard matrix.count == inputs.count, matrix.allSatisfy({ $0.count == count }),
      options.outputBits.map({ $0.count == count }) ?? true
    else { throw Failure(.badInput, "adder graph: the matrix is not of the shape of its inputs and outputs") }
    guard inputs.allSatisfy({ $0.low <= $0.high }) else {
      throw Failure(.badInput, "adder graph: an input has no value")
    }
    try Self.checkSizes(matrix, inputs: inputs, constants: constants)

    var columns: [Column] = []
    var targets: [Target] = []
    var bits: [Int] = []
    var known: [Target: Int] = [:]
    for index in 0..<count {
      let weights = matrix.map { Int($0[index]) }
      let constant = Int(constants?[index] ?? 0)
      var column = Column()
      let all = weights.reduce(0, |)
      guard all != 0 else {
        column.constant = constant
        columns.append(column)
        continue
      }
      column.shift = (all | constant).trailingZeroBitCount
      // The sign of the first weight counts as the column's: that is changed below where only the negative is read.
      column.isNegated = (weights.first { $0 != 0 } ?? 0) < 0
      let sign = column.isNegated ? -1 : 1
      let target = Target(
        weights: weights.map { Int32(sign * ($0 >> column.shift)) },
        constant: sign * (constant >> column.shift))
      let number = known[target] ?? targets.count
      if number == targets.count {
        known[target] = number
        targets.append(target)
        bits.append(0)
      }
      bits[number] = max(
        bits[number], max(0, (options.outputBits?[index] ?? 64 + column.shift) - column.shift))
      column.target = number
      columns.append(column)
    }
    for number in targets.indices where columns.allSatisfy({ $0.target != number || $0.isNegated }) {
      targets[number].weights = targets[number].weights.map { -$0 }
      targets[number].constant.negate()
      for index in columns.indices where columns[index].target == number { columns[index].isNegated = false }
    }
    self.inputs = inputs
    inputBits = inputs.map { $0.bits }
    self.columns = columns
    self.targets = targets
    var words = inputs.count
    constantWords = targets.map {
      guard $0.constant != 0 else { return nil }
      words += 1
      return words - 1
    }
    leaves = words
    self.targetBits = bits.map { min($0, 64) }
    self.options = options
    let least = targets.map { target in
      let terms = target.weights.reduce(target.constant == 0 ? 0 : 1) { $0 + digitCount(Int($1)) }
      let isNegative =
        target.constant <= 0 && target.weights.allSatisfy { canonicalDigits(Int($0)).allSatisfy(\.isNegated) }
      return levelsFor(kraft: terms, arity: options.adder.rawValue) + (isNegative ? 1 : 0)
    }
    levels =
      switch options.depth {
      case .least(let plus): (least.max() ?? 0) + max(0, min(plus, 32))
      case .unbounded: 32
      }
  }

  /// Everything the search computes fits 62 bits, and weights 29.
  private static func checkSizes(
    _ matrix: [[Int128]], inputs: [AdderGraph.Word], constants: [Int128]?
  ) throws(Failure) {
    let limit: Int128 = 1 << 29
    guard matrix.allSatisfy({ $0.allSatisfy { -limit < $0 && $0 < limit } }) else {
      throw Failure(.badInput, "adder graph: a weight has more than 29 bits")
    }
    let widest: Int128 = 1 << 58
    var sum: Int128 = 0
    for (row, word) in zip(matrix, inputs) {
      guard -widest < word.low, word.high < widest else {
        throw Failure(.badInput, "adder graph: an input has more than 58 bits")
      }
      // Twice: a signed digit may be twice the weight.
      sum += 2 * (row.map { $0.magnitude }.max().map { Int128($0) } ?? 0) * max(word.high, -word.low)
    }
    let constant = constants?.map { $0.magnitude }.max().map { Int128($0) } ?? 0
    guard constant < widest, sum < widest else {
      throw Failure(.badInput, "adder graph: a sum has more than 58 bits")
    }
  }
}

/// Nonzero digits of a number's canonical signed-digit form, the fewest of any form (Reitwieser 1960).
@inline(__always)
func digitCount(_ value: Int) -> Int { (value ^ (3 &* value)).nonzeroBitCount }

/// The least depth of a tree whose leaves stand at levels l with Σ arity^l = kraft (Kraft's inequality).
@inline(__always)
func levelsFor(kraft: Int, arity: Int) -> Int {
  var levels = 0
  var room = 1
  while room < kraft {
    room &*= arity
    levels &+= 1
  }
  return levels
}
