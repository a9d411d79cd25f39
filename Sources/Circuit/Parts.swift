import FixedPoint
import Program

// Sums that are no adders, and words brought into their types.

extension CircuitBuilder {
  /// The wire as a word of a type that has all words of `interval`, which it lies in by its value or is wrapped to.
  mutating func fitted(_ wire: Wire, _ interval: Interval) -> Wire {
    if interval.contains(self.interval(wire)) { return wire }
    let type = WordType(interval)
    if type.width <= wire.shift { return constantWire(0) }
    let own = WordType(type.width - wire.shift, signed: type.isSigned)
    return Wire(word: slice(wire.word, from: 0, own), shift: wire.shift)
  }

  /// The sum of two wires that share no bit, the lower one never negative: one word beside the other, no logic.
  mutating func sideBySide(_ a: Wire, _ b: Wire) -> Wire {
    let isFirstLower = a.shift + node(a.word).width <= b.shift
    let (low, high) = isFirstLower ? (a, b) : (b, a)
    let (distance, width) = (high.shift - low.shift, node(low.word).width)
    if interval(low.word).low < 0 || width > distance { return sum([(a, 1), (b, 1)]) }
    let zeros = Array(repeating: constant(0), count: distance - width)
    return Wire(word: add(.concatenate([low.word] + zeros + [high.word])), shift: low.shift)
  }

  /// The sum of words of few bits together, as a table of all of them.
  mutating func table(ofSum terms: [(Wire, Raw)]) -> Wire {
    var words: [NodeID] = []
    for (wire, _) in terms where node(wire.word).constant == nil && !words.contains(wire.word) {
      words.append(wire.word)
    }
    let types = words.map { node($0).type }
    let index = words.count == 1 ? words[0] : add(.concatenate(words))
    let range = interval(index)
    let entries = (range.low...range.high).map { pattern -> Raw? in
      var offset = 0
      var values: [NodeID: Raw] = [:]
      for (word, type) in zip(words, types) {
        values[word] = type.wrap(pattern >> Raw(offset))
        offset += type.width
      }
      // Patterns that are no words of the operands are never read.
      for (word, value) in values where value < interval(word).low || value > interval(word).high {
        return nil
      }
      return terms.reduce(0) { total, term in
        total + term.1 * (values[term.0.word] ?? node(term.0.word).constant ?? 0) << Raw(term.0.shift)
      }
    }
    return Wire(word: add(.table(place(Table(first: range.low, entries: entries)), index)))
  }
}
