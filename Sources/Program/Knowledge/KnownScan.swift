import FixedPoint

extension WordAnalysis {
  /// What is known of the results of a scan: its states start as their operands and are what steps can make of them, until a
  /// step makes no more of them. States that do not settle in a few steps can be any word.
  func scan(_ scan: Scan) -> KnownWords {
    let (_, result) = scan.known(operands.map { ($0.type, $0.known) }, detail: detail)
    let element = scan.body[scan.body.outputs[0]].type
    guard let result else { return KnownWords(WordFacts(element.format)) }
    return detail == .channels
      ? result.folded(to: lastAxis, count: self.result.count) : result.compacted(lastAxis: lastAxis)
  }
}

extension Scan {
  /// Steps after which states that still grow are taken for any word.
  private static let turns = 6

  /// What is known of the inputs of a step, whichever it is.
  ///
  /// - Parameter operands: the types of the scan's operands, and what is known of them.
  public func knownInputs(_ operands: [(type: ValueType, known: KnownWords)], detail: WordDetail)
    -> [KnownWords]
  {
    known(operands, detail: detail).inputs
  }

  /// The same, and what is known of a step's result; nil where there are no steps.
  fileprivate func known(_ operands: [(type: ValueType, known: KnownWords)], detail: WordDetail)
    -> (inputs: [KnownWords], result: KnownWords?)
  {
    let steps = operands[0].type.shape[0]
    let elements = operands.prefix(sequences).map { sequence -> KnownWords in
      let count = sequence.type.count / steps
      return sequence.known.folded(to: count, count: sequence.type.count)
    }
    var states = operands.dropFirst(sequences).map(\.known)
    var result: KnownWords?
    for turn in 0..<steps {
      let known = body.knownWords(inputs: elements + states, detail: detail)
      let outputs = body.outputs.map { known[$0.index] }
      let types = body.outputs.map { body[$0].type }
      result = result.map { $0.union(outputs[0], count: types[0].count) } ?? outputs[0]
      if turn == steps - 1 { break }
      let next = zip(states, zip(outputs, types).dropFirst()).map { $0.union($1.0, count: $1.1.count) }
      if zip(states, next).allSatisfy({ $0.holds($1) }) { break }
      states = turn < Self.turns ? next : types.dropFirst().map { KnownWords(WordFacts($0.format)) }
    }
    return (elements + states, result)
  }
}

extension KnownWords {
  /// What holds for the words of either. `count`: the number of words, which the facts of both repeat within.
  fileprivate func union(_ other: KnownWords, count: Int) -> KnownWords {
    if pattern.count == other.pattern.count {
      return KnownWords(pattern: zip(pattern, other.pattern).map { $0.hull($1) })
    }
    return KnownWords(pattern: (0..<count).map { self[$0].hull(other[$0]) })
  }

  /// Whether the facts of `larger`, of which this is a part, say no more words than this.
  fileprivate func holds(_ larger: KnownWords) -> Bool {
    larger.pattern.indices.allSatisfy { larger.pattern[$0] == self[$0] }
  }
}
