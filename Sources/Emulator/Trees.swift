import CKernels
import FixedPoint
import Program

/// Sums of tables' entries whose indices are trees of selections, as ensembles are lowered: recognized word by word in the program,
/// and computed by one kernel. `tf_trees`
struct TreesStep {
  /// The words that are compared.
  var x: [Reference]
  var out: [Reference]
  var below: [tf_tree_question]
  var equal: [tf_tree_question]
  var planes: TreePlanes
  var starts: [Int32]
  var isNarrow: Bool
  /// The format the sums wrap to; nil where they are exact.
  var wrap: FixedFormat?
  var trees: Int

  /// Bytes of scratch memory per event: `tf_trees`.
  var scratchPerEvent: Int {
    (x.count + out.count + 1) * WordSize.bits32.bytes + (planes.most + 7) / 8
  }
}

/// The trees behind one sum, before their words have places.
struct TreeSums {
  /// The value that is compared, and which of its words.
  struct Feature: Hashable {
    var value: ValueID
    var element: Int
  }

  /// word < bound, or word = bound
  struct Question: Hashable {
    var feature: Int
    var bound: Int32
  }

  /// What decides at a node.
  enum Answer: Hashable {
    /// A question of `below`.
    case below(Int)
    /// A question of `equal`.
    case equal(Int)
    /// `answer` where a question of `equal` is answered yes, else the answer to one of `below`: a word stands for a missing number.
    case except(equal: Int, answer: Bool, below: Int)
  }

  /// A tree whose leaves are words, or the one leaf.
  indirect enum Tree {
    case leaf(Int32)
    case node(Answer, Tree, Tree)
  }

  var features: [Feature] = []
  var below: [Question] = []
  var equal: [Question] = []
  /// The trees that add to each output; those of one leaf are in `starts`.
  var trees: [(tree: Tree, output: Int)] = []
  var starts: [Raw] = []
  /// Instructions that only these trees are made of.
  var interior: Set<Int> = []
  var leaves: Interval?
}

/// Why a sum is not one of trees: it is computed as it is written.
private struct NoTrees: Error {}

/// Finds the trees of one sum.
private struct TreeFinder {
  let program: Program
  var sums = TreeSums()
  private var maps: [Int: [Int]] = [:]
  private var places: [TreeSums.Feature: Int] = [:]
  private var below: [TreeSums.Question: Int] = [:]
  private var equal: [TreeSums.Question: Int] = [:]
  /// Trees deeper than this are left to the program: their nodes are visited by recursion.
  private static let depthLimit = 512
  /// Nodes of all trees together: selections that several others read count as often.
  private static let nodeLimit = 1 << 22
  private var nodes = 0

  init(_ program: Program) { self.program = program }

  /// A word, wiring followed back to what computed it: nil for one that padding put there.
  private mutating func source(_ value: ValueID, _ element: Int) throws(NoTrees) -> (index: Int, element: Int)
  {
    var (index, element) = (value.index, element)
    while case .rearrange(let rearrangement) = program.instructions[index].operation {
      let instruction = program.instructions[index]
      if maps[index] == nil {
        maps[index] = rearrangement.elementMap(
          instruction.operands.map { program[$0].type.shape }, result: instruction.type.shape)
      }
      guard var place = maps[index]?[element], place >= 0 else { throw NoTrees() }
      sums.interior.insert(index)
      guard
        let operand = instruction.operands.first(where: { operand in
          let count = program[operand].type.count
          if place < count { return true }
          place -= count
          return false
        }), program[operand].type.format.fractionBits == instruction.type.format.fractionBits
      else { throw NoTrees() }
      (index, element) = (operand.index, place)
    }
    return (index, element)
  }

  private func constant(_ place: (index: Int, element: Int)) -> Raw? {
    program.constant(ValueID(place.index))?[place.element]
  }

  /// The word of an operand that an elementwise operation reads for a word of its result.
  private mutating func operand(_ number: Int, of place: (index: Int, element: Int)) throws(NoTrees) -> (
    index: Int, element: Int
  ) {
    let instruction = program.instructions[place.index]
    let operand = instruction.operands[number]
    let shape = program[operand].type.shape
    if shape == instruction.type.shape { return try source(operand, place.element) }
    guard program[operand].type.count == 1 else { throw NoTrees() }
    return try source(operand, 0)
  }

  // MARK: Trees

  /// The tree whose leaves are entries of a table, by the word that is the index.
  private mutating func tree(
    _ place: (index: Int, element: Int), _ table: ArraySlice<Raw>, depth: Int
  ) throws(NoTrees) -> TreeSums.Tree {
    guard depth < Self.depthLimit else { throw NoTrees() }
    if let index = constant(place) {
      let entry = table[table.startIndex + Int(min(max(index, 0), Raw(table.count - 1)))]
      sums.leaves = sums.leaves?.union(Interval(entry, entry)) ?? Interval(entry, entry)
      guard let leaf = Int32(exactly: entry) else { throw NoTrees() }
      return .leaf(leaf)
    }
    nodes += 1
    guard nodes <= Self.nodeLimit,
      case .select(.equal) = program.instructions[place.index].operation
    else { throw NoTrees() }
    sums.interior.insert(place.index)
    let answer = try operand(0, of: place)
    guard constant(try operand(1, of: place)) == 1 else { throw NoTrees() }
    let question = try question(answer)
    let left = try tree(try operand(2, of: place), table, depth: depth + 1)
    let right = try tree(try operand(3, of: place), table, depth: depth + 1)
    return .node(question, left, right)
  }

  /// A word that is 1 or 0 by comparisons of a word with constants.
  private mutating func question(_ place: (index: Int, element: Int)) throws(NoTrees) -> TreeSums.Answer {
    let instruction = program.instructions[place.index]
    guard case .select(let comparison) = instruction.operation else { throw NoTrees() }
    sums.interior.insert(place.index)
    let yes = constant(try operand(2, of: place))
    let otherwise = try operand(3, of: place)
    switch comparison {
    case .less:
      guard yes == 1, constant(otherwise) == 0 else { throw NoTrees() }
      return .below(Self.number(try compared(place), in: &below, &sums.below))
    case .equal:
      let number = Self.number(try compared(place), in: &equal, &sums.equal)
      if yes == 1, constant(otherwise) == 0 { return .equal(number) }
      guard let yes, yes == 0 || yes == 1, case .below(let plain) = try question(otherwise) else {
        throw NoTrees()
      }
      return .except(equal: number, answer: yes == 1, below: plain)
    case .lessOrEqual, .greaterOrEqual, .greater: throw NoTrees()
    }
  }

  /// What a selection compares: a word of a feature, and a constant.
  private mutating func compared(_ place: (index: Int, element: Int)) throws(NoTrees) -> TreeSums.Question {
    let instruction = program.instructions[place.index]
    let seen = try operand(0, of: place)
    guard let bound = constant(try operand(1, of: place)), let bound = Int32(exactly: bound),
      constant(seen) == nil,
      program[instruction.operands[0]].type.format.fractionBits
        == program[instruction.operands[1]].type.format.fractionBits
    else { throw NoTrees() }
    let feature = TreeSums.Feature(value: ValueID(seen.index), element: seen.element)
    let number = places[feature] ?? sums.features.count
    if number == sums.features.count {
      places[feature] = number
      sums.features.append(feature)
    }
    return TreeSums.Question(feature: number, bound: bound)
  }

  /// A question's place among those asked so far.
  private static func number(
    _ question: TreeSums.Question, in numbers: inout [TreeSums.Question: Int],
    _ questions: inout [TreeSums.Question]
  ) -> Int {
    if let known = numbers[question] { return known }
    numbers[question] = questions.count
    questions.append(question)
    return questions.count - 1
  }

  // MARK: Sums

  /// The sums of the rows of an instruction's operand: constants, and entries of tables chosen by trees.
  mutating func find(_ index: Int) throws(NoTrees) {
    let instruction = program.instructions[index]
    let terms = instruction.operands[0]
    let shape = program[terms].type.shape
    guard let length = shape.last,
      program[terms].type.format.fractionBits == instruction.type.format.fractionBits
    else { throw NoTrees() }
    for output in 0..<instruction.type.count {
      var start: Raw = 0
      for term in 0..<length {
        let place = try source(terms, output * length + term)
        if let word = constant(place) {
          start += word
          continue
        }
        guard case .lookup = program.instructions[place.index].operation,
          let table = program.constant(program.instructions[place.index].operands[1])
        else { throw NoTrees() }
        let lookup = program.instructions[place.index]
        let tables = program[lookup.operands[1]].type
        guard let entries = tables.shape.last, tables.count / entries == lookup.type.count else {
          throw NoTrees()
        }
        sums.interior.insert(place.index)
        let row = table[place.element * entries..<(place.element + 1) * entries]
        let tree = try self.tree(try operand(0, of: place), row, depth: 0)
        guard tree.leafCount <= 1 << Int(TF_TREE_BITS) else { throw NoTrees() }
        if case .leaf(let leaf) = tree { start += Raw(leaf) } else { sums.trees.append((tree, output)) }
      }
      sums.starts.append(start)
    }
    guard !sums.trees.isEmpty else { throw NoTrees() }
  }
}

extension PlanBuilder {
  /// The sums of the program that are sums of trees, by the instruction that adds. What is inside of them is read by nothing else,
  /// and asked for by nobody.
  func treeSums() -> [Int: TreeSums] {
    var found: [Int: TreeSums] = [:]
    guard options.path == .fast else { return found }
    for (index, instruction) in program.instructions.enumerated() {
      guard case .reduce(.sum) = instruction.operation,
        let sums = program.sums(of: ValueID(index), given: known),
        sums.kind == .exact || (sums.kind == .modular && !options.countsOverflows)
      else { continue }
      var finder = TreeFinder(program)
      guard (try? finder.find(index)) != nil else { continue }
      let interior = finder.sums.interior
      let isClosed = interior.allSatisfy { inside in
        !results.contains(ValueID(inside))
          && readers[inside].allSatisfy { $0 == index || interior.contains($0) }
      }
      guard isClosed, fits(finder.sums, index) else { continue }
      found[index] = finder.sums
    }
    return found
  }

  /// Whether 32-bit words hold all that is compared and added.
  private func fits(_ sums: TreeSums, _ index: Int) -> Bool {
    let limit = Interval(Raw(Int32.min), Raw(Int32.max))
    guard sums.features.allSatisfy({ limit.contains(intervals[$0.value.index]) }),
      sums.starts.allSatisfy({ abs($0) < 1 << 30 }), let leaves = sums.leaves
    else { return false }
    let most = max(abs(leaves.low), abs(leaves.high)) * Raw(sums.trees.count)
    return most < 1 << 30 && limit.contains(Interval(program.instructions[index].type.format))
  }

  /// Plans a sum of trees.
  mutating func plan(_ sums: TreeSums, _ index: Int) {
    let format = program.instructions[index].type.format
    let int16 = Interval(Raw(Int16.min), Raw(Int16.max))
    let isNarrow =
      sums.features.allSatisfy { int16.contains(intervals[$0.value.index]) }
      && (sums.below + sums.equal).allSatisfy { Int16(exactly: $0.bound) != nil }
    let kind = program.sums(of: ValueID(index), given: known)?.kind
    let x = sums.features.map { views[$0.value.index][$0.element] }
    views[index] = store(index)
    func kernel(_ questions: [TreeSums.Question]) -> [tf_tree_question] {
      questions.map { tf_tree_question(feature: UInt32($0.feature), bound: $0.bound) }
    }
    steps.append(
      .trees(
        TreesStep(
          x: x, out: views[index], below: kernel(sums.below), equal: kernel(sums.equal),
          planes: TreePlanes(sums),
          starts: sums.starts.map { Int32($0) }, isNarrow: isNarrow, wrap: kind == .exact ? nil : format,
          trees: sums.trees.count)))
  }
}
