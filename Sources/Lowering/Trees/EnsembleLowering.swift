import FixedPoint
import Diagnostics
import Model
import Program

// docs/trees.md says why trees are lowered so.

extension ExactBuilder {
  /// The leaf each tree chooses, numbered from left to right: [trees], unsigned integers.
  ///
  /// Every question is asked once, of a vector of words with an entry per question; then nodes are decided in rounds, the deepest
  /// first, a round being one selection between leaf numbers over all nodes of a depth of all trees.
  ///
  /// - Parameters:
  ///   - x: [features and projections].
  private mutating func chosenLeaves(_ trees: WordTrees, _ ensemble: Ensemble, _ x: ValueID) throws(Failure)
    -> ValueID
  {
    let largest = ensemble.trees.map(\.leafCount).max() ?? 1
    let width = max(1, Int.bitWidth - (largest - 1).leadingZeroBitCount)
    let format = FixedFormat.integer(width, signed: false)
    func leafNumbers(_ numbers: [Int]) -> FixedTensor {
      FixedTensor(shape: [numbers.count], format: format, words: numbers.map { Raw($0) })
    }
    let constants = trees.trees.filter(\.nodes.isEmpty).map(\.onlyLeaf)
    guard constants.count < trees.trees.count else {
      return constant(leafNumbers(constants), "leaf")
    }
    let answers = try answers(trees, ensemble, x)
    let yes = constant(FixedTensor(shape: [1], format: .integer(1, signed: false), words: [1]), "yes")
    let rounds = TreeRounds(trees.trees.map(\.nodes))
    var decided: ValueID?
    for depth in rounds.levels.indices.reversed() {
      func side(_ picks: [Int], _ suffix: String, _ builder: inout ExactBuilder) throws(Failure) -> ValueID {
        try builder.pick(picks, decided, leafNumbers, "\(suffix)\(depth)")
      }
      let left = try side(rounds.children[depth].map(\.left), "left", &self)
      let right = try side(rounds.children[depth].map(\.right), "right", &self)
      let answer = try gather(answers, rounds.levels[depth].map(\.question), "answer\(depth)")
      decided = try add(.select(.equal), answer, yes, left, right, named: "round\(depth)")
    }
    let roots = zip(rounds.roots, trees.trees).map { $0 ?? ~$1.onlyLeaf }
    return try pick(roots, decided, leafNumbers, "leaf")
  }

  /// Entries of a vector, and leaf numbers where places are `~leaf`.
  private mutating func pick(
    _ places: [Int], _ vector: ValueID?, _ leaves: ([Int]) -> FixedTensor, _ suffix: String
  ) throws(Failure) -> ValueID {
    let numbers = Set(places.filter { $0 < 0 }.map { ~$0 }).sorted()
    if numbers.isEmpty, let vector { return try gather(vector, places, suffix) }
    guard let vector, numbers.count < places.count, places.contains(where: { $0 >= 0 }) else {
      return constant(leaves(places.map { ~$0 }), suffix)
    }
    let joined = try add(
      .rearrange(.concatenate(axis: 0)), vector, constant(leaves(numbers), "leaves"), named: "\(suffix)pool")
    let start = shape(vector)[0]
    let position = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, start + $0) })
    return try gather(joined, places.map { $0 >= 0 ? $0 : position[~$0] ?? 0 }, suffix)
  }

  private mutating func gather(_ x: ValueID, _ places: [Int], _ suffix: String) throws(Failure) -> ValueID {
    places == Array(0..<shape(x)[0])
      ? x : try add(.rearrange(.gather(axis: 0, indices: places)), x, named: suffix)
  }

  // MARK: Questions

  /// The answers to all questions, 1 for yes: [questions].
  private mutating func answers(
    _ trees: WordTrees, _ ensemble: Ensemble, _ x: ValueID
  ) throws(Failure) -> ValueID {
    let bit = FixedFormat.integer(1, signed: false)
    let yes = constant(FixedTensor(shape: [1], format: bit, words: [1]), "yes")
    let no = constant(FixedTensor(shape: [1], format: bit, words: [0]), "no")
    func words(_ words: [Raw]) -> FixedTensor {
      FixedTensor(shape: [words.count], format: format(x).with(.trn, .wrap), words: words)
    }
    // Kinds of questions, each one vector; `order` says where each question's answer comes to stand.
    var below: [(question: Int, number: Int, bound: Raw)] = []
    var except: [(question: Int, number: Int, bound: Raw, word: Raw, answer: Bool)] = []
    var equal: [(question: Int, number: Int, word: Raw)] = []
    var member: [(question: Int, number: Int, set: Int, missing: Raw?)] = []
    for (index, question) in trees.questions.enumerated() {
      switch question {
      case .below(let number, let bound): below.append((index, number, bound))
      case .belowExcept(let number, let bound, let word, let answer):
        except.append((index, number, bound, word, answer))
      case .equal(let number, let word): equal.append((index, number, word))
      case .member(let number, let set, let missing): member.append((index, number, set, missing))
      }
    }
    var parts: [ValueID] = []
    var order: [Int] = []
    if !below.isEmpty {
      let seen = try gather(x, below.map(\.number), "seen")
      let bounds = constant(words(below.map(\.bound)), "threshold")
      parts.append(try add(.select(.less), seen, bounds, yes, no, named: "below"))
      order += below.map(\.question)
    }
    if !except.isEmpty {
      let seen = try gather(x, except.map(\.number), "seen.missing")
      // A bound may lie just outside of the format: then all words are below, or none is, but for the one word.
      let clamped = except.map { min(max($0.bound, format(x).minRaw), format(x).maxRaw + 1) }
      let bounds = constant(
        FixedTensor(
          shape: [clamped.count],
          format: .tight((clamped.min() ?? 0)...(clamped.max() ?? 0), fractionBits: format(x).fractionBits),
          words: clamped), "threshold.missing")
      let plain = try add(.select(.less), seen, bounds, yes, no, named: "below.missing")
      let missing = constant(words(except.map(\.word)), "missing")
      let answer = constant(
        FixedTensor(shape: [except.count], format: bit, words: except.map { $0.answer ? 1 : 0 }), "default")
      parts.append(try add(.select(.equal), seen, missing, answer, plain, named: "present"))
      order += except.map(\.question)
    }
    if !equal.isEmpty {
      let seen = try gather(x, equal.map(\.number), "seen.equal")
      let values = constant(words(equal.map(\.word)), "value")
      parts.append(try add(.select(.equal), seen, values, yes, no, named: "equal"))
      order += equal.map(\.question)
    }
    for truncates in [false, true] {
      let asked = member.filter { ensemble.categories[$0.set].truncates == truncates }
      guard !asked.isEmpty else { continue }
      let seen = try gather(x, asked.map(\.number), "seen.category")
      var found = try members(asked.map { ensemble.categories[$0.set] }, seen, truncates: truncates)
      if let missing = asked.compactMap(\.missing).first {
        let word = constant(words(asked.map { _ in missing }), "missing.category")
        let answer = constant(
          FixedTensor(shape: [asked.count], format: bit, words: asked.map { $0.missing == nil ? 0 : 1 }),
          "default.category")
        found = try add(.select(.equal), seen, word, answer, found, named: "present.category")
      }
      parts.append(found)
      order += asked.map(\.question)
    }
    let all =
      parts.count == 1 ? parts[0] : try add(.rearrange(.concatenate(axis: 0)), parts, named: "answers")
    var place = [Int](repeating: 0, count: order.count)
    for (index, question) in order.enumerated() { place[question] = index }
    return try gather(all, place, "ordered")
  }

  /// Whether numbers, as integers, are members of sets: a table of bits for each, with a 0 below and above all categories.
  private mutating func members(
    _ sets: [Ensemble.CategorySet], _ x: ValueID, truncates: Bool
  ) throws(Failure) -> ValueID {
    let length = (sets.compactMap(\.members.last).max() ?? 0) + 3
    let bits = Int.bitWidth - length.leadingZeroBitCount + 1
    let category = try requantize(x, FixedFormat(bits, bits, truncates ? .trnZero : .trn, .sat), "category")
    let one = constant(FixedTensor(shape: [1], format: .integer(1, signed: false), words: [1]), "one")
    let index = try add(.elementwise(.add), category, one, named: "entry")
    var words = [Raw](repeating: 0, count: sets.count * length)
    for (row, set) in sets.enumerated() {
      for member in set.members { words[row * length + member + 1] = 1 }
    }
    let table = constant(
      FixedTensor(shape: [sets.count, length], format: .integer(1, signed: false), words: words), "members")
    return try add(.lookup, index, table, named: "member")
  }

  // MARK: Leaves

  /// The sums of the leaves that the trees choose: [outputs]; see `leafSums`. With `treeReuse` hardware is used for several trees.
  ///
  /// - Parameters:
  ///   - x: [features and projections].
  mutating func margins(
    _ ensemble: Ensemble, _ trees: WordTrees, _ x: ValueID, values: [[Raw]], base: [Raw], format: FixedFormat,
    baseFormat: FixedFormat, accumulator: FixedFormat, order: ReductionOrder
  ) throws(Failure) -> ValueID {
    if treeReuse != 1 {
      if let objection = ensemble.objectionToReuse(
        treeReuse, trees, terms: format, accumulator: accumulator)
      {
        throw failure("reuse factor \(treeReuse) of trees is not possible: \(objection)")
      }
      // Trees without any question are numbers.
      if trees.depth > 0 {
        return try groupedSums(
          TreeGroups(trees, ensemble, reuse: treeReuse), trees, x, values: values,
          widths: ensemble.trees.map(\.outputs.count), base: base, format: format, baseFormat: baseFormat,
          accumulator: accumulator, order: order)
      }
    }
    let leaf = try chosenLeaves(trees, ensemble, x)
    return try leafSums(
      ensemble, leaf, values: values, base: base, format: format, baseFormat: baseFormat,
      accumulator: accumulator, order: order)
  }

  /// The sums of the leaves chosen: [outputs].
  ///
  /// - Parameters:
  ///   - leaf: [trees], as `chosenLeaves` gives them.
  ///   - values: of each tree, its leaves' words, as `Ensemble.Tree.leaves` has them; all of the format `format`.
  ///   - base: what every output's sum starts with, of the same format.
  ///   - accumulator: of the sums, one leaf after the other in the order of the trees.
  private mutating func leafSums(
    _ ensemble: Ensemble, _ leaf: ValueID, values: [[Raw]], base: [Raw], format: FixedFormat,
    baseFormat: FixedFormat, accumulator: FixedFormat, order: ReductionOrder
  ) throws(Failure) -> ValueID {
    let rows = TreeGroups.rows(ensemble)
    let length = rows.map(\.count).max() ?? 0
    let entries = ensemble.trees.map(\.leafCount).max() ?? 1
    // An output with fewer trees than others has leaves of 0 at its end.
    var picked: [Int] = []
    var tables: [Raw] = []
    for row in rows {
      for place in 0..<length {
        guard place < row.count else {
          picked.append(0)
          tables += Array(repeating: 0, count: entries)
          continue
        }
        let (tree, column) = row[place]
        let width = ensemble.trees[tree].outputs.count
        let own = (0..<ensemble.trees[tree].leafCount).map { values[tree][$0 * width + column] }
        picked.append(tree)
        tables += own + Array(repeating: own[own.count - 1], count: entries - own.count)
      }
    }
    let indices = try gather(leaf, picked, "chosen")
    let table = constant(
      FixedTensor(shape: [picked.count, entries], format: format.with(.trn, .wrap), words: tables),
      "leaf.values")
    let chosen = try add(.lookup, indices, table, named: "value")
    var terms = try reshape(chosen, [ensemble.outputs, length])
    if base.contains(where: { $0 != 0 }) {
      let start = constant(
        FixedTensor(shape: [ensemble.outputs, 1], format: baseFormat.with(.trn, .wrap), words: base), "base")
      terms = try add(.rearrange(.concatenate(axis: 1)), start, terms, named: "terms")
    }
    let sums = try add(.reduce(.sum(accumulator: accumulator, order: order)), terms, named: "margin")
    return try reshape(sums, [ensemble.outputs])
  }

  // MARK: The exact policy

  /// Trees under the exact policy: no comparison has another answer than the library's for any word, leaves are rounded once (or
  /// not at all where `wordLength` bits hold them), and sums are exact.
  mutating func lower(_ ensemble: Ensemble, _ x: ValueID) throws(Failure) -> ValueID {
    var numbers = x
    if !ensemble.projections.isEmpty {
      let (count, width) = (ensemble.projections.count, ensemble.features)
      let weights = Weights(
        shape: [width, count],
        values: (0..<width).flatMap { feature in ensemble.projections.map { $0[feature] } })
      guard let exact = FixedTensor.exact(weights.values, shape: weights.shape, limit: Self.exactLimit) else {
        throw failure("the weights of oblique splits need more than \(Self.exactLimit) bits")
      }
      let projected = try affine(x, exact, nil, "projections")
      numbers = try add(.rearrange(.concatenate(axis: 0)), x, projected, named: "numbers")
    }
    let format = format(numbers)
    try checkCategories(ensemble, format)
    let all = words(numbers)
    let trees = WordTrees(
      ensemble, format: format,
      range: Array(repeating: all, count: ensemble.features + ensemble.projections.count),
      missing: isMissingLowest ? format.minRaw : nil)
    let leaves = ensemble.trees.map { tree in tree.leaves.map { $0 * ensemble.scale } }
    let base = ensemble.base.map { $0 * ensemble.scale }
    let flat = leaves.flatMap { $0 }
    try check(Weights(shape: [flat.count + base.count], values: flat + base), "leaves")
    let rounded = FixedTensor.rounded(flat, shape: [flat.count], width: wordLength)
    let fraction = rounded.format.fractionBits
    let start = FixedTensor.rounded(base, shape: [base.count], fractionBits: fraction)
    var values: [[Raw]] = []
    var place = 0
    for tree in leaves {
      values.append(Array(rounded.words[place..<place + tree.count]))
      place += tree.count
    }
    var error = zip(start.values, base).map { abs($0 - $1) }
    for (tree, (own, words)) in zip(ensemble.trees, zip(leaves, values)) {
      let width = tree.outputs.count
      for (column, output) in tree.outputs.enumerated() {
        let column = stride(from: column, to: own.count, by: width)
        error[output] += column.map { abs(rounded.format.value(of: words[$0]) - own[$0]) }.max() ?? 0
      }
    }
    let largest = error.max() ?? 0
    if largest > 0 {
      note(
        "leaves rounded to multiples of 2^\(-fraction): no margin is off by more than \((largest * 1.001).short)"
      )
    }
    let bounds = partialSums(ensemble, values, start.words)
    return try margins(
      ensemble, trees, numbers, values: values, base: start.words, format: rounded.format,
      baseFormat: start.format, accumulator: .tight(bounds, fractionBits: fraction), order: .tree)
  }

  /// Refuses words that cannot hold categories, which are whole numbers.
  private func checkCategories(_ ensemble: Ensemble, _ format: FixedFormat) throws(Failure) {
    guard let last = ensemble.categories.compactMap(\.members.last).max() else { return }
    guard format.fractionBits >= 0, format.value(of: format.maxRaw) >= Double(last) else {
      throw failure(
        "categories up to \(last) are asked for, which words of \(format) cannot hold",
        hint: "a larger --word-length, or an input type of whole numbers")
    }
  }

  /// What partial sums of leaves can be, in any order.
  private func partialSums(_ ensemble: Ensemble, _ values: [[Raw]], _ base: [Raw]) -> ClosedRange<Raw> {
    var (low, high) = (base.map { min($0, 0) }, base.map { max($0, 0) })
    for (tree, words) in zip(ensemble.trees, values) {
      let width = tree.outputs.count
      for (column, output) in tree.outputs.enumerated() {
        let own = stride(from: column, to: words.count, by: width).map { words[$0] }
        low[output] += min(own.min() ?? 0, 0)
        high[output] += max(own.max() ?? 0, 0)
      }
    }
    return (low.min() ?? 0)...(high.max() ?? 0)
  }
}
