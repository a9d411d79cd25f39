/// An operand of a row: what is known of its word, shifted to its place.
struct Operand {
  var low: Int
  var high: Int
  /// Its lowest bit that may be set, and the bit above its highest (its sign included).
  var start: Int
  var top: Int
  var level: Int
  var isNegated: Bool
  /// A word of the pool, or -1 - the number of a row of the same sum.
  var source: Int
  var shift = 0
  /// What it costs to have the row below computed with the other sign; nil: it cannot.
  var flipCost: Int?
}

/// Bits of a word with values from `low` to `high`, its sign included where it has one.
@inline(__always)
func bitWidth(_ low: Int, _ high: Int) -> Int {
  let bits = Int.bitWidth - max(high, low < 0 ? ~low : 0).leadingZeroBitCount
  return low < 0 ? bits + 1 : bits
}

/// A row of the tree a sum becomes.
struct Row {
  var operands: [Operand]
  var isWires: Bool
  /// The row is a negation of the one before.
  var isNegation = false
}

/// Makes a sum of any number of operands out of rows: which operands meet in which row, with which sign.
///
/// The fewest rows, ⌈(k - 1) / (arity - 1)⌉: the narrowest operands first, so that rows are narrow, as long as the depth
/// allows (Kraft's inequality is kept by every step); else the least deep ones first (Golumbic 1976).
struct RowTree {
  let arity: Int
  private let powers: [Int]
  /// Row bits so far.
  private(set) var cost = 0
  /// The rows, if they are asked for.
  private(set) var rows: [Row] = []
  var keepsRows = false

  init(arity: Int) {
    self.arity = arity
    powers = (0..<33).map { (0..<$0).reduce(1) { product, _ in product &* arity } }
  }

  func kraft(_ level: Int) -> Int { powers[min(level, 32)] }

  /// Sums operands up.
  ///
  /// - Parameters:
  ///   - operands: one at least; the array is used up.
  ///   - limit: the level the result may have at most, if Kraft's inequality allows it.
  ///   - sign: 1: the result is the sum; -1: its negative; 0: whichever is cheaper, which `isNegated` says.
  ///   - bits: bits of the result that are read.
  /// - Returns: the result as an operand; `cost` has its row bits, `rows` its rows.
  mutating func sum(_ operands: inout [Operand], limit: Int, sign: Int, bits: Int) -> Operand {
    cost = 0
    if keepsRows { rows.removeAll() }
    var count = operands.count
    if count > arity {
      operands.sort { ($0.top, $0.start, $0.source) < ($1.top, $1.start, $1.source) }
      var sum = operands.reduce(0) { $0 &+ kraft($1.level) }
      while count > arity {
        let taken = arity == 3 && count & 1 == 0 ? 2 : arity
        let deepest = operands[..<taken].reduce(0) { max($0, $1.level) }
        let after =
          sum &- operands[..<taken].reduce(0) { $0 &+ kraft($1.level) } &+ kraft(deepest + 1)
        if after <= kraft(limit) {
          sum = after
        } else {
          for place in 0..<taken {
            var least = place
            for other in place..<count where operands[other].level < operands[least].level { least = other }
            let operand = operands.remove(at: least)
            operands.insert(operand, at: place)
          }
          sum &-= operands[..<taken].reduce(0) { $0 &+ kraft($1.level) }
          sum &+= kraft(operands[taken - 1].level + 1)
        }
        let row = self.row(operands[..<taken], sign: 0, bits: bits)
        operands.removeFirst(taken - 1)
        count -= taken - 1
        // In order again: the result goes up to its place.
        var place = 0
        while place + 1 < count, operands[place + 1].top < row.top {
          operands[place] = operands[place + 1]
          place += 1
        }
        operands[place] = row
      }
    }
    if count == 1 {
      var only = operands[0]
      if sign == 0 || only.isNegated == (sign < 0) { return only }
      cost += min(bits, only.top + 1) - only.start
      only.level += 1
      (only.low, only.high) = (-only.high, -only.low)
      if keepsRows { rows.append(Row(operands: [only], isWires: false, isNegation: true)) }
      only.source = -rows.count
      only.shift = 0
      only.isNegated = sign < 0
      return only
    }
    return row(operands[..<count], sign: sign, bits: bits)
  }

  private mutating func row(_ operands: ArraySlice<Operand>, sign: Int, bits: Int) -> Operand {
    let first = operands.startIndex
    let count = operands.count
    var low = 0
    var high = 0
    var negated = 0
    var level = 0
    var lowest = first
    for place in operands.indices {
      let operand = operands[place]
      low &+= operand.isNegated ? 0 &- operand.high : operand.low
      high &+= operand.isNegated ? 0 &- operand.low : operand.high
      if operand.isNegated { negated += 1 }
      level = max(level, operand.level)
      if operand.start < operands[lowest].start { lowest = place }
    }
    let start = operands[lowest].start
    var second = Int.max
    var positives = 0
    var negatives = 0
    for place in operands.indices {
      if place != lowest { second = min(second, operands[place].start) }
      if operands[place].start == start {
        if operands[place].isNegated { negatives += 1 } else { positives += 1 }
      }
    }
    // Flipped: the row computes the negative of the sum. Best is a positive lowest operand, whose low bits are wires.
    var isFlipped = sign < 0
    if sign == 0 {
      isFlipped =
        positives > 0 && negatives > 0 ? 2 * negated > count : operands[lowest].isNegated
    }
    var flips: Int?
    var minus = isFlipped ? count - negated : negated
    if minus == count {
      // A row has a positive operand: one that is a row of this sum can have the other sign.
      var best: (cost: Int, place: Int)?
      for place in operands.indices {
        if let cost = operands[place].flipCost, best.map({ cost < $0.cost }) ?? true { best = (cost, place) }
      }
      if let best {
        var changed = Array(operands)
        flip(&changed[best.place - first])
        cost += best.cost
        return row(changed[...], sign: sign, bits: bits)
      }
      if sign != 0 {
        // Its negative, negated.
        var result = row(operands, sign: -sign, bits: bits)
        cost += min(bits, result.top + 1) - result.start
        if keepsRows { rows.append(Row(operands: [result], isWires: false, isNegation: true)) }
        (result.low, result.high) = (-result.high, -result.low)
        result.top = result.start + 0 + max(1, bitWidth(result.low, result.high) - result.start)
        result.level += 1
        result.isNegated = sign < 0
        result.source = -rows.count
        result.flipCost = nil
        return result
      }
      isFlipped.toggle()
      minus = 0
    }
    if isFlipped { (low, high) = (0 &- high, 0 &- low) }
    let isLowestPositive = positives > 0 && negatives > 0 || operands[lowest].isNegated == isFlipped
    let top = bitWidth(low, high)
    let isWires =
      count == 2 && minus == 0 && operands[lowest].low >= 0 && operands[lowest].top <= second
    if !isWires {
      cost += max(0, min(bits, top) - (isLowestPositive ? second : start))
      level += 1
    }
    // With the other sign the operands that are positive now would be negated: not all of them may be.
    if minus > 0, minus < count {
      flips = isLowestPositive && negatives * positives == 0 ? second - start : 0
    }
    if keepsRows {
      rows.append(
        Row(
          operands: operands.map {
            var operand = $0
            if isFlipped { operand.isNegated.toggle() }
            return operand
          }, isWires: isWires))
    }
    return Operand(
      low: low, high: high, start: start, top: max(top, start + 1), level: level, isNegated: isFlipped,
      source: keepsRows ? -rows.count : -1, flipCost: flips)
  }

  /// Has the row below computed with the other sign.
  private mutating func flip(_ operand: inout Operand) {
    (operand.low, operand.high) = (0 &- operand.high, 0 &- operand.low)
    operand.isNegated.toggle()
    operand.flipCost = nil
    if keepsRows {
      for place in rows[-1 - operand.source].operands.indices {
        rows[-1 - operand.source].operands[place].isNegated.toggle()
      }
    }
  }
}
