import FixedPoint

// What is known of words that are only moved.

extension WordAnalysis {
  func window(_ window: Window) -> KnownWords {
    let x = operands[0]
    let isPadded = (window.before + window.after).contains { $0 > 0 }
    if isWordByWord(result.count), isPadded || !x.isPeriodic {
      return moved(window.elementMap(x.type.shape), x.known, window.padding)
    }
    let known = x.coarse
    if known.pattern.count == 1 { return isPadded ? known.including(window.padding) : known }
    let channels = x.lastAxis
    let perGroup = window.groups == 0 ? channels : channels / window.groups
    // Position t · perGroup + c of a window holds tap t of channel c of any group.
    let seen = KnownWords(
      pattern: (0..<perGroup).map { channel in
        (1..<max(window.groups, 1)).reduce(known[channel]) { $0.hull(known[$1 * perGroup + channel]) }
      })
    return isPadded ? seen.including(window.padding) : seen
  }

  func rearrange(_ rearrangement: Rearrangement) -> KnownWords {
    let x = operands[0]
    if isWordByWord(result.count), isWordByWord(operands.reduce(0) { $0 + $1.type.count }) {
      // Row-major words stay as they are.
      if case .reshape = rearrangement { return x.known }
      if case .pad = rearrangement {
      } else if operands.count == 1, x.known.pattern.count == 1 {
        return x.known
      }
      let aligned = operands.map { $0.aligned(to: result.format.fractionBits) }
      let words =
        operands.count == 1
        ? aligned[0]
        : KnownWords(
          pattern: zip(aligned, operands).flatMap { known, operand in
            (0..<operand.type.count).map { known[$0] }
          }
        )
      let map = rearrangement.elementMap(operands.map(\.type.shape), result: result.shape)
      return moved(map, words, rearrangement.fill)
    }
    return byLastAxis(rearrangement)
  }

  /// The words of `map`, −1 being the filling.
  private func moved(_ map: [Int], _ known: KnownWords, _ fill: Raw) -> KnownWords {
    let fill = WordFacts(fill)
    return KnownWords(pattern: map.map { $0 < 0 ? fill : known[$0] }).compacted(lastAxis: lastAxis)
  }

  private func byLastAxis(_ rearrangement: Rearrangement) -> KnownWords {
    let x = operands[0]
    let known = x.coarse
    switch rearrangement {
    case .reshape:
      // Rows stay whole where one row length divides the other.
      if known.pattern.count == 1 { return known }
      if lastAxis % x.lastAxis == 0 { return KnownWords(pattern: (0..<lastAxis).map { known[$0] }) }
      guard x.lastAxis % lastAxis == 0 else { return KnownWords(known.hull) }
      return KnownWords(pattern: (0..<x.lastAxis).map { known[$0] }).folded(to: lastAxis, count: x.lastAxis)
    case .transpose(let order): return order.last == order.count - 1 ? known : KnownWords(known.hull)
    case .concatenate(let axis):
      let parts = operands.map { operand in
        operand.coarse.map { $0.shifted(left: result.format.fractionBits - operand.fractionBits) }
      }
      if axis == result.shape.count - 1 {
        return KnownWords(
          pattern: zip(parts, operands).flatMap { part, operand in (0..<operand.lastAxis).map { part[$0] } })
      }
      return KnownWords(
        pattern: (0..<lastAxis).map { position in
          parts.dropFirst().reduce(parts[0][position]) { $0.hull($1[position]) }
        })
    case .pad(let before, let after, let interior, let word):
      let isAdded = zip(zip(before, after), interior).map { $0.0 > 0 || $0.1 > 0 || $1 > 0 }
      if isAdded.last == true { return KnownWords(known.hull).including(word) }
      return isAdded.contains(true) ? known.including(word) : known
    case .slice(let start, let count, let step):
      guard known.pattern.count > 1, let axis = count.indices.last else { return known }
      return KnownWords(pattern: (0..<count[axis]).map { known[start[axis] + $0 * step[axis]] })
    case .gather(let axis, let indices):
      guard known.pattern.count > 1, axis == x.type.shape.count - 1 else { return known }
      return KnownWords(pattern: indices.map { known[$0] })
    }
  }
}

extension KnownWords {
  /// Every word, or this one.
  fileprivate func including(_ word: Raw) -> KnownWords { map { $0.hull(WordFacts(word)) } }
}
