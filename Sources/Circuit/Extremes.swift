import FixedPoint
import Program

// Differences of words that their intervals alone do not bound: a maximum less one of the words it is of (softmax) is never
// negative.

extension Bounds {
  /// The least that a difference of a maximum and one of its words, or of a word and a minimum that it is among, can be; nil for
  /// other sums.
  func leastDifference(_ sum: Sum) -> Raw? {
    guard sum.terms.count == 2, sum.terms.allSatisfy({ $0.mask == nil && $0.power != nil }),
      let high = sum.terms.first(where: { !$0.isNegated }), let low = sum.terms.first(where: \.isNegated)
    else { return nil }
    let (above, below) = (wire(high), wire(low))
    return reaches(above, below, .maximum) || reaches(below, above, .minimum) ? sum.constant : nil
  }

  private func wire(_ term: Term) -> Wire { Wire(word: term.word, shift: term.power ?? 0) }

  /// The most words that are looked at: trees are small, and other shapes could be gone through in many ways.
  private static let reach = 200

  private enum Extreme { case minimum, maximum }

  /// Whether a wire is the maximum (or the minimum) of words of which another wire is one.
  private func reaches(_ wire: Wire, _ wanted: Wire, _ extreme: Extreme) -> Bool {
    let wanted = origin(wanted)
    var open = [origin(wire)]
    var looked = 0
    while let wire = open.popLast(), looked < Self.reach {
      looked += 1
      if wire == wanted { return true }
      let node = nodes[wire.word.index]
      guard case .mux(let condition, let then, let otherwise) = node.operation,
        node.interval.contains(of(node.operation)),
        case .compare(let comparison, let a, let b) = nodes[origin(condition).word.index].operation
      else { continue }
      let (greater, less) =
        switch comparison {
        case .greater, .greaterOrEqual: (a, b)
        case .less, .lessOrEqual: (b, a)
        case .equal: (then, then)
        }
      let (taken, other) = extreme == .maximum ? (greater, less) : (less, greater)
      if origin(taken) == origin(then), origin(other) == origin(otherwise) {
        open += [then, otherwise].map { origin(Wire(word: $0, shift: wire.shift)) }
      }
    }
    return false
  }

  private func origin(_ wire: Wire) -> Wire {
    let (word, shift) = origin(wire.word)
    return Wire(word: word, shift: shift + wire.shift)
  }
}
