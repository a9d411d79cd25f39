import FixedPoint
import Program

// What operations can give: the one place where intervals of nodes follow from those of their operands. The builder sets
// them, the verifier checks them.

/// Reads nodes by identity; of a circuit, or of one being built.
struct Bounds {
  let nodes: [Node]
  let tables: [Table]

  /// The smallest interval known to hold every result of an operation before it is wrapped to its node's type. Bounds that
  /// leave 128 bits stop at its ends.
  func of(_ operation: NodeOperation) -> Interval {
    switch operation {
    case .input: return Interval(Raw.min, Raw.max)
    case .constant(let word): return Interval(word, word)
    case .sum(let sum):
      if let digit = sum.digit {
        let product = (interval(digit.word) * digit.digits).shifted(left: digit.power)
        return digit.other.map { product + of($0) } ?? product
      }
      let all = joined(sum.terms).reduce(Interval(sum.constant, sum.constant)) { $0 + of($1) }
      guard let least = leastDifference(sum), least > all.low else { return all }
      return Interval(least, max(least, all.high))
    case .compare(let comparison, let a, let b):
      return decided(comparison, a, b).map { Interval($0 ? 1 : 0, $0 ? 1 : 0) } ?? Interval(0, 1)
    case .mux(let condition, let then, let otherwise):
      let taken = interval(then, where: condition, holds: true)
      let other = interval(otherwise, where: condition, holds: false)
      return taken.map { taken in other.map(taken.union) ?? taken } ?? other ?? interval(then)
    case .table(let table, let index):
      let table = tables[table]
      let range = interval(index).intersection(table.indices)
      let entries = table.entries[Int(range.low - table.first)...Int(range.high - table.first)]
      let words = entries.compactMap { $0 }
      return words.isEmpty ? Interval(0, 0) : Interval(words)
    case .multiply(let a, let b):
      if a == b {
        let (low, high) = (interval(a).low, interval(a).high)
        let squares = Interval(low, low) * Interval(low, low)
        let all = squares.union(Interval(high, high) * Interval(high, high))
        return low <= 0 && high >= 0 ? all.union(Interval(0, 0)) : all
      }
      return interval(a) * interval(b)
    case .slice(let word, let from):
      let bounds = interval(word)
      return Interval(bounds.low >> Raw(from), bounds.high >> Raw(from))
    case .concatenate(let words):
      // The last word has the sign, if it has one; all others are bits.
      guard let top = words.last else { return Interval(0, 0) }
      var (offset, low) = (0, Interval(0, 0))
      for word in words.dropLast() {
        low = low + bits(word).shifted(left: offset)
        offset += nodes[word.index].width
      }
      return interval(top).shifted(left: offset) + low
    case .register(let word): return interval(word)
    case .state(_, let first, let next):
      return first.map { interval($0).union(interval(next)) } ?? interval(next)
    }
  }

  func interval(_ id: NodeID) -> Interval { nodes[id.index].interval }

  /// The word's bits read without a sign.
  private func bits(_ id: NodeID) -> Interval {
    let node = nodes[id.index]
    return node.isSigned ? WordType(node.width, signed: false).interval : node.interval
  }

  /// The terms of an adder with those of one word as one: 4·x − x is 3·x.
  private func joined(_ terms: [Term]) -> [Term] {
    // Others have each word once.
    if terms.count > 3 { return terms }
    var result: [Term] = []
    for term in terms {
      if let place = result.firstIndex(where: { $0.word == term.word && $0.mask == term.mask }) {
        let (factor, overflow) = result[place].factor.addingReportingOverflow(term.factor)
        if overflow { return terms }
        result[place].factor = factor
      } else {
        result.append(term)
      }
    }
    return result
  }

  /// factor · word, and zero where it may be masked.
  func of(_ term: Term) -> Interval {
    let factor = Interval(term.factor, term.factor)
    guard let mask = term.mask else { return interval(term.word) * factor }
    guard let shown = interval(term.word, where: mask, holds: true) else { return Interval(0, 0) }
    return (shown * factor).union(Interval(0, 0))
  }

  /// Whether a comparison holds always (true) or never (false); nil where it depends.
  func decided(_ comparison: Comparison, _ a: NodeID, _ b: NodeID) -> Bool? {
    if a == b { return [.equal, .lessOrEqual, .greaterOrEqual].contains(comparison) }
    let (x, y) = (interval(a), interval(b))
    if comparison.restricted(x, y, holds: true) == nil { return false }
    return comparison.restricted(x, y, holds: false) == nil ? true : nil
  }

  /// What a word can be where a condition holds (or does not); nil where that is never. A word that the condition compares is
  /// known better there: ReLU's x is positive where x > 0.
  func interval(_ word: NodeID, where condition: NodeID, holds: Bool) -> Interval? {
    let truth = interval(condition)
    if truth.low == truth.high, (truth.low == 1) != holds { return nil }
    let all = interval(word)
    if let bit = nodes.complement(origin(condition).word), nodes[bit.index].width == 1 {
      return interval(word, where: bit, holds: !holds)
    }
    guard case .compare(let comparison, let a, let b) = nodes[origin(condition).word.index].operation
    else { return all }
    guard let sides = comparison.restricted(interval(a), interval(b), holds: holds) else { return nil }
    var known: Interval? = all
    for (side, range) in [(origin(a), sides.0), (origin(b), sides.1)] {
      // The word both are made of lies in range / 2^shift.
      let base = Interval(-(-max(range.low, -Raw.max) >> Raw(side.shift)), range.high >> Raw(side.shift))
      if base.low > base.high { return nil }
      known = known?.intersection(interval(word, given: side.word, in: base))
    }
    return known
  }

  /// What a word can be where another one, which it may be a shift or a slice of, lies in an interval.
  private func interval(_ word: NodeID, given other: NodeID, in range: Interval) -> Interval {
    let own = interval(word)
    if word == other { return own.intersection(range) }
    switch nodes[word.index].operation {
    case .register(let operand): return own.intersection(interval(operand, given: other, in: range))
    case .sum(let sum) where sum.isWiring && own.contains(of(sum.terms[0])):
      let inner = interval(sum.terms[0].word, given: other, in: range)
      return own.intersection(inner.shifted(left: sum.terms[0].power ?? 0))
    case .slice(let operand, let from) where own.contains(of(.slice(operand, from: from))):
      let inner = interval(operand, given: other, in: range)
      return own.intersection(Interval(inner.low >> Raw(from), inner.high >> Raw(from)))
    case .input, .constant, .sum, .compare, .mux, .table, .multiply, .slice, .concatenate, .state: return own
    }
  }

  /// The word behind registers and shifts to the left, and how far it is shifted.
  func origin(_ id: NodeID) -> (word: NodeID, shift: Int) {
    var (word, shift) = (id, 0)
    while true {
      switch nodes[word.index].operation {
      case .register(let operand): word = operand
      case .sum(let sum) where sum.isWiring && nodes[word.index].interval.contains(of(sum.terms[0])):
        shift += sum.terms[0].power ?? 0
        word = sum.terms[0].word
      case .input, .constant, .sum, .compare, .mux, .table, .multiply, .slice, .concatenate, .state:
        return (word, shift)
      }
    }
  }
}
