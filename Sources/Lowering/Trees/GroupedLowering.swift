import Diagnostics
import FixedPoint
import Model
import Program

/// Trees whose hardware is used several times: [steps, …] tensors, of which a step is a position.
extension ExactBuilder {
  /// The sums of the leaves chosen: [outputs]. The words are those of `chosenLeaves` and `leafSums`.
  mutating func groupedSums(
    _ groups: TreeGroups, _ trees: WordTrees, _ x: ValueID, values: [[Raw]], widths: [Int], base: [Raw],
    format: FixedFormat, baseFormat: FixedFormat, accumulator: FixedFormat, order: ReductionOrder
  ) throws(Failure) -> ValueID {
    let leaf = try groupedLeaves(groups, trees, x)
    let (steps, outputs) = (groups.steps, groups.terms.count)
    let entries = groups.slots.map(\.leaves.count).max() ?? 1
    var picked: [Int] = []
    var tables: [Raw] = []
    for term in groups.terms.flatMap({ $0 }) {
      picked.append(term?.slot ?? 0)
      for step in 0..<steps {
        guard let term, let column = term.columns[step], let tree = groups.slots[term.slot].trees[step] else {
          tables += Array(repeating: 0, count: entries)
          continue
        }
        let own = groups.slots[term.slot].leaves.map { values[tree][$0[step] * widths[tree] + column] }
        tables += own + Array(repeating: own[own.count - 1], count: entries - own.count)
      }
    }
    // A step's leaves stand behind those of the steps before it.
    var index = try gatherInside(leaf, picked, "chosen")
    let offsets = FixedTensor(
      shape: [steps, 1],
      format: .tight(0...Raw((steps - 1) * entries), fractionBits: 0),
      words: (0..<steps).map { Raw($0 * entries) })
    index = try add(.elementwise(.add), index, constant(offsets, "step"), named: "entry")
    let table = constant(
      FixedTensor(
        shape: [picked.count, steps * entries], format: format.with(.trn, .wrap), words: tables),
      "leaf.values")
    let chosen = try add(.lookup, index, table, named: "value")
    let terms = try reshape(chosen, [steps, outputs, picked.count / outputs])
    let sum = Operation.reduce(.sum(accumulator: accumulator, order: order))
    let partial = try reshape(try add(sum, terms, named: "partial"), [steps, outputs])
    let rows = try add(.rearrange(.transpose([1, 0])), partial, named: "partials")
    var sums = try reshape(try add(sum, rows, named: "sum"), [outputs])
    if base.contains(where: { $0 != 0 }) {
      let start = constant(
        FixedTensor(shape: [outputs], format: baseFormat.with(.trn, .wrap), words: base), "base")
      sums = try requantize(
        try add(.elementwise(.add), sums, start, named: "based"), accumulator, "margin")
    }
    return sums
  }

  /// The leaf each slot's tree chooses in each step, numbered from left to right: [steps, slots].
  private mutating func groupedLeaves(
    _ groups: TreeGroups, _ trees: WordTrees, _ x: ValueID
  ) throws(Failure) -> ValueID {
    let largest = groups.slots.map(\.leaves.count).max() ?? 1
    let width = max(1, Int.bitWidth - (largest - 1).leadingZeroBitCount)
    func leafNumbers(_ numbers: [Int]) -> FixedTensor {
      FixedTensor(
        shape: [numbers.count], format: .integer(width, signed: false), words: numbers.map { Raw($0) })
    }
    let rounds = TreeRounds(groups.slots.map(\.nodes))
    let levels = rounds.levels
    let answers = try groupedAnswers(levels.flatMap { $0 }, trees, x, steps: groups.steps)
    let yes = constant(bits([1]), "yes")
    var decided: ValueID?
    var end = shape(answers)[1]
    for depth in levels.indices.reversed() {
      func side(_ picks: [Int], _ suffix: String, _ builder: inout ExactBuilder) throws(Failure) -> ValueID {
        try builder.pickInside(picks, decided, leafNumbers, "\(suffix)\(depth)")
      }
      let left = try side(rounds.children[depth].map(\.left), "left", &self)
      let right = try side(rounds.children[depth].map(\.right), "right", &self)
      let own = Array(end - levels[depth].count..<end)
      end -= levels[depth].count
      let answer = try gatherInside(answers, own, "answer\(depth)")
      decided = try add(.select(.equal), answer, yes, left, right, named: "round\(depth)")
    }
    let roots = rounds.roots.map { $0 ?? ~0 }
    return try pickInside(roots, decided, leafNumbers, "leaf")
  }

  /// The answers to the nodes' questions, 1 for yes: [steps, nodes].
  private mutating func groupedAnswers(
    _ nodes: [TreeGroups.Node], _ trees: WordTrees, _ x: ValueID, steps: Int
  ) throws(Failure) -> ValueID {
    struct Asked {
      var number = 0
      var bound: Raw = 0
      /// A word with another answer; where there is none, 0 with the answer it has.
      var word: Raw = 0
      var answer = false
      var isExcepted = false
    }
    let format = format(x)
    let asked = nodes.map { node -> [Asked] in
      let known = node.questions.map { question -> Asked? in
        switch question.map({ trees.questions[$0] }) {
        case .below(let number, let bound): return Asked(number: number, bound: bound)
        case .belowExcept(let number, let bound, let word, let answer):
          // A bound may lie just outside of the format: then all words are below, or none is, but for the one word.
          let clamped = min(max(bound, format.minRaw), format.maxRaw + 1)
          return Asked(number: number, bound: clamped, word: word, answer: answer, isExcepted: true)
        case .equal, .member, nil: return nil
        }
      }
      // Where the answer does not matter, the question of another step needs no wire of its own.
      let other = known.compactMap { $0 }.first ?? Asked()
      return known.map { asked -> Asked in
        var own = asked ?? other
        if !own.isExcepted { own.answer = own.word < own.bound }
        return own
      }
    }
    func table(_ format: FixedFormat, _ nodes: [[Asked]], _ word: (Asked) -> Raw) -> FixedTensor {
      FixedTensor(
        shape: [steps, nodes.count], format: format,
        words: (0..<steps).flatMap { step in nodes.map { word($0[step]) } })
    }
    // What a node sees in each step: words of the input, laid out by steps, of which one is there at a time.
    let numbers = (0..<steps).flatMap { step in asked.map { $0[step].number } }
    let laid = try add(.rearrange(.gather(axis: 0, indices: numbers)), x, named: "seen")
    let window = Window(kernel: [1], strides: [1], dilation: [1], before: [0], after: [0])
    let seen = try add(.window(window), try reshape(laid, [steps, nodes.count]), named: "now")
    let bounds = asked.flatMap { $0.map { $0.bound } }
    let threshold = FixedFormat.tight(
      (bounds.min() ?? 0)...(bounds.max() ?? 0), fractionBits: format.fractionBits)
    let below = try add(
      .select(.less), seen, constant(table(threshold, asked) { $0.bound }, "threshold"),
      constant(bits([1]), "yes"), constant(bits([0]), "no"), named: "below")
    let excepted = asked.indices.filter { asked[$0].contains { $0.isExcepted } }
    if excepted.isEmpty { return below }
    let own = excepted.map { asked[$0] }
    let present = try add(
      .select(.equal), gatherInside(seen, excepted, "seen.missing"),
      constant(table(format.with(.trn, .wrap), own) { $0.word }, "missing"),
      constant(table(.integer(1, signed: false), own) { $0.answer ? 1 : 0 }, "default"),
      gatherInside(below, excepted, "below.missing"), named: "present")
    let plain = asked.indices.filter { !asked[$0].contains { $0.isExcepted } }
    if plain.isEmpty { return present }
    let all = try add(
      .rearrange(.concatenate(axis: 1)), gatherInside(below, plain, "below.plain"), present, named: "answers")
    var order = [Int](repeating: 0, count: asked.count)
    for (place, index) in (plain + excepted).enumerated() { order[index] = place }
    return try gatherInside(all, order, "ordered")
  }

  private func bits(_ words: [Raw]) -> FixedTensor {
    FixedTensor(shape: [words.count], format: .integer(1, signed: false), words: words)
  }

  /// Entries of each step's vector, and leaf numbers where places are `~leaf`.
  private mutating func pickInside(
    _ places: [Int], _ vectors: ValueID?, _ leaves: ([Int]) -> FixedTensor, _ suffix: String
  ) throws(Failure) -> ValueID {
    let numbers = constant(leaves(places.map { $0 < 0 ? ~$0 : 0 }), suffix)
    guard let vectors, places.contains(where: { $0 >= 0 }) else { return numbers }
    let chosen = try gatherInside(vectors, places.map { max($0, 0) }, suffix)
    if !places.contains(where: { $0 < 0 }) { return chosen }
    let isLeaf = constant(bits(places.map { $0 < 0 ? 1 : 0 }), "\(suffix)ends")
    return try add(
      .select(.equal), isLeaf, constant(bits([1]), "yes"), numbers, chosen, named: "\(suffix)pool")
  }

  private mutating func gatherInside(
    _ x: ValueID, _ places: [Int], _ suffix: String
  ) throws(Failure) -> ValueID {
    places == Array(0..<shape(x)[1])
      ? x : try add(.rearrange(.gather(axis: 1, indices: places)), x, named: suffix)
  }
}
