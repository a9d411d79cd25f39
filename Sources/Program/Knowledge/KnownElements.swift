import FixedPoint

// What is known of results that are computed word by word, and of maxima along an axis.

/// The facts of the operand's words that the words of a result read.
private struct OperandView {
  let facts: [WordFacts]
  /// For every word of the result, the operand's; nil where they are the same.
  let places: [Int]?

  subscript(word: Int) -> WordFacts { facts[(places?[word] ?? word) % facts.count] }
}

extension WordAnalysis {
  /// How many facts a word-by-word result needs, and what each operand has for them.
  private func views(_ operands: [KnownOperand]) -> (count: Int, [OperandView]) {
    let isWordwise = isWordByWord(result.count) && !operands.allSatisfy(\.isPeriodic)
    if isWordwise {
      return (
        result.count,
        operands.map { operand in
          if operand.type.shape == result.shape {
            return OperandView(facts: operand.known.pattern, places: nil)
          }
          return OperandView(
            facts: operand.known.pattern,
            places: broadcastPlaces(of: operand.type.shape, in: result.shape))
        }
      )
    }
    let coarse = operands.map(\.coarse)
    let periods = Set(coarse.map(\.pattern.count))
    // Of different periods, what they have in common: the whole axis.
    let isOne = periods.subtracting([1]).count <= 1
    let count = (isOne ? periods.max() : operands.map(\.lastAxis).max()) ?? 1
    return (count, coarse.map { OperandView(facts: $0.pattern, places: nil) })
  }

  private func wordwise(_ operands: [KnownOperand], _ body: ([OperandView], Int) -> WordFacts) -> KnownWords {
    let (count, views) = views(operands)
    let facts = KnownWords(pattern: (0..<count).map { body(views, $0) })
    return count > lastAxis ? facts.compacted(lastAxis: lastAxis) : facts
  }

  /// The operand with its facts as integer multiples of 2^−fraction.
  private func aligned(_ operand: KnownOperand, to fraction: Int) -> KnownOperand {
    var copy = operand
    copy.known = operand.aligned(to: fraction)
    return copy
  }

  func requantize(_ formats: FormatLayout) -> KnownWords {
    let x = operands[0]
    switch formats {
    case .uniform(let format): return x.known.map { format.quantize($0, fractionBits: x.fractionBits) }
    case .laid(let laid):
      let fraction = laid.result.fractionBits
      func converted(_ facts: WordFacts, _ place: Int) -> WordFacts {
        guard let format = laid.formats[place] else { return WordFacts(0) }
        return format.quantize(facts, fractionBits: x.fractionBits)
          .shifted(left: fraction - format.fractionBits)
      }
      if isWordByWord(result.count) {
        let facts = laid.places(in: result.shape).enumerated().map { converted(x.known[$0], $1) }
        return KnownWords(pattern: facts).compacted(lastAxis: lastAxis)
      }
      // Every format that stands at a position of the last axis, each once.
      let period = laid.shape.last ?? 1
      var places = [Set<Int>](repeating: [], count: period)
      for (element, place) in laid.places.enumerated() { places[element % period].insert(place) }
      let coarse = x.coarse
      return KnownWords(
        pattern: (0..<(period == 1 ? coarse.pattern.count : period)).map { channel in
          let facts = places[channel % period].sorted().map { converted(coarse[channel], $0) }
          return facts.dropFirst().reduce(facts[0]) { $0.hull($1) }
        })
    }
  }

  /// Every word by word operation.
  func words(_ operation: Wordwise) -> KnownWords {
    switch operation {
    case .requantize(let formats): requantize(formats)
    case .elementwise(let kind): elementwise(kind)
    case .lookup: lookup()
    case .select(let comparison): select(comparison)
    }
  }

  func elementwise(_ kind: Elementwise) -> KnownWords {
    let (a, b) = (operands[0], operands[1])
    switch kind {
    case .multiply: return wordwise([a, b]) { $0[0][$1] * $0[1][$1] }
    case .divide: return wordwise([a, b]) { $0[0][$1].divided(by: $0[1][$1]) }
    case .add, .subtract, .maximum, .minimum: break
    }
    let fraction = result.format.fractionBits
    return wordwise([aligned(a, to: fraction), aligned(b, to: fraction)]) { views, word in
      let (x, y) = (views[0][word], views[1][word])
      switch kind {
      case .add: return x + y
      case .subtract: return x - y
      case .maximum: return x.maximum(y)
      case .minimum, .multiply, .divide: return x.minimum(y)
      }
    }
  }

  /// The entries of tables that clamped indices read.
  func lookup() -> KnownWords {
    let (x, entries) = (operands[0], operands[1].lastAxis)
    let words = operands[1].words ?? []
    let tables = words.count / entries
    // Entries are looked through for every run of indices, until that took as long as a tree over them would.
    var tree: EntryTree?
    var looked = 0
    var known = [[Interval: WordFacts]](repeating: [:], count: tables)
    func read(_ table: Int, _ indices: WordFacts) -> WordFacts {
      let last = Raw(entries - 1)
      let places = Interval(
        min(max(indices.interval.low, 0), last), min(max(indices.interval.high, 0), last))
      if let facts = known[table][places] { return facts }
      let range = Int(places.low)...Int(places.high)
      let start = table * entries
      looked += tables == 1 ? range.count : 0
      if looked > 8 * entries, tree == nil { tree = EntryTree(words) }
      let facts = tree?[range] ?? WordFacts(words[start + range.lowerBound...start + range.upperBound])
      known[table][places] = facts
      return facts
    }
    guard tables > 1 else { return x.known.map { read(0, $0) } }
    let rows = operands[1].type.shape.dropLast()
    if isWordByWord(result.count) {
      let indices = broadcastPlaces(of: x.type.shape, in: result.shape)
      let facts = zip(indices, broadcastPlaces(of: Array(rows), in: result.shape)).map {
        read($1, x.known[$0])
      }
      return KnownWords(pattern: facts).compacted(lastAxis: lastAxis)
    }
    // All tables that stand at a position of the last axis.
    let (coarse, period) = (x.coarse, rows.last ?? 1)
    return KnownWords(
      pattern: (0..<lastAxis).map { channel in
        let facts = stride(from: channel % period, to: tables, by: period).map {
          read($0, coarse[x.lastAxis == 1 ? 0 : channel])
        }
        return facts.dropFirst().reduce(facts[0]) { $0.hull($1) }
      })
  }

  func reduce(_ reduction: Reduction) -> KnownWords {
    let x = operands[0]
    let depth = x.lastAxis
    let pick: (WordFacts, WordFacts) -> WordFacts
    switch reduction {
    case .argmax: return KnownWords(Interval(0, Raw(depth - 1)))
    case .sum: return KnownWords(WordFacts(result.format))
    case .maximum: pick = { $0.maximum($1) }
    case .minimum: pick = { $0.minimum($1) }
    }
    // One row where all are alike.
    let known = isWordByWord(x.type.count) ? x.known : x.coarse
    let rows = depth % known.pattern.count == 0 ? 1 : result.count
    return KnownWords(
      pattern: (0..<rows).map { row in
        (1..<depth).reduce(known[row * depth]) { pick($0, known[row * depth + $1]) }
      }
    ).compacted(lastAxis: 1)
  }

  func select(_ comparison: Comparison) -> KnownWords {
    let fraction = max(operands[0].fractionBits, operands[1].fractionBits)
    let (a, b) = (aligned(operands[0], to: fraction), aligned(operands[1], to: fraction))
    let (x, y) = (operands[2], operands[3])
    return wordwise([a, b, x, y]) { views, word in
      // The words of a result operand where its branch is taken; nil where that never is. An operand that
      // is also compared is known better there: relu's x is positive where x > 0.
      func branch(_ chosen: KnownOperand, _ facts: WordFacts, holds: Bool) -> WordFacts? {
        let (left, right) = (views[0][word].interval, views[1][word].interval)
        guard let sides = comparison.restricted(left, right, holds: holds) else { return nil }
        var interval: Interval? = facts.interval
        if chosen.id == b.id { interval = sides.1.words(finerBy: fraction - chosen.fractionBits) }
        if chosen.id == a.id { interval = sides.0.words(finerBy: fraction - chosen.fractionBits) }
        return interval.map {
          WordFacts($0, trailingZeros: facts.trailingZeros)
            .shifted(left: result.format.fractionBits - chosen.fractionBits)
        }
      }
      let taken = branch(x, views[2][word], holds: true)
      let other = branch(y, views[3][word], holds: false)
      guard let taken else { return other ?? WordFacts(result.format) }
      return other.map { taken.hull($0) } ?? taken
    }
  }
}

extension Interval {
  /// The words whose 2^bits-fold lies in this interval; nil if there are none.
  fileprivate func words(finerBy bits: Int) -> Interval? {
    let (low, high) = (-(-max(self.low, -Raw.max) >> Raw(bits)), self.high >> Raw(bits))
    return low <= high ? Interval(low, high) : nil
  }
}

/// The entries of a table, so that what holds for any run of them takes few steps: a binary tree over them.
private struct EntryTree {
  let count: Int
  /// Node i stands for nodes 2i and 2i + 1; entry i is node count + i.
  private var nodes: [WordFacts]

  init(_ words: [Raw]) {
    count = max(1, words.count)
    let entries = words.isEmpty ? [WordFacts(0)] : words.map { WordFacts($0) }
    nodes = Array(repeating: entries[0], count: count) + entries
    for node in (1..<count).reversed() { nodes[node] = nodes[2 * node].hull(nodes[2 * node + 1]) }
  }

  subscript(entries: ClosedRange<Int>) -> WordFacts {
    var facts = nodes[count + entries.lowerBound]
    var (low, high) = (count + entries.lowerBound, count + entries.upperBound + 1)
    while low < high {
      if low % 2 == 1 {
        facts = facts.hull(nodes[low])
        low += 1
      }
      if high % 2 == 1 {
        high -= 1
        facts = facts.hull(nodes[high])
      }
      (low, high) = (low / 2, high / 2)
    }
    return facts
  }
}
