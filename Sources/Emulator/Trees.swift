import CKernels
import FixedPoint
import Program

/// Sums of tables' entries whose indices are trees of selections, as ensembles are lowered: recognized word by word in the program,
/// and computed by one kernel. `tf_trees`
struct TreesStep {
  /// The words that are compared.
  var x: [Reference]
  var out: [Reference]
  var ops: [tf_tree_op]
  var starts: [Int32]
  var isNarrow: Bool
  /// The format the sums wrap to; nil where they are exact.
  var wrap: FixedFormat?
  var trees: Int
}

/// The trees behind one sum, before their words have places.
struct TreeSums {
  /// The value that is compared, and which of its words.
  struct Feature: Hashable {
    var value: ValueID
    var element: Int
  }

  var features: [Feature] = []
  var ops: [tf_tree_op] = []
  var starts: [Raw] = []
  /// Instructions that only these trees are made of.
  var interior: Set<Int> = []
  var trees = 0
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
  /// Trees deeper than this are left to the program: their nodes are visited by recursion.
  private static let depthLimit = 512

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

  private indirect enum Tree {
    case leaf(Int32)
    case node(feature: Int, bound: Int32, Tree, Tree, depth: Int)

    /// Rows of the stack it takes.
    var depth: Int {
      switch self {
      case .leaf: 0
      case .node(_, _, _, _, let depth): depth
      }
    }
  }

  /// The tree whose leaves are entries of a table, by the word that is the index.
  private mutating func tree(
    _ place: (index: Int, element: Int), _ table: ArraySlice<Raw>, depth: Int
  ) throws(NoTrees) -> Tree {
    guard depth < Self.depthLimit else { throw NoTrees() }
    if let index = constant(place) {
      let entry = table[table.startIndex + Int(min(max(index, 0), Raw(table.count - 1)))]
      sums.leaves = sums.leaves?.union(Interval(entry, entry)) ?? Interval(entry, entry)
      guard let leaf = Int32(exactly: entry) else { throw NoTrees() }
      return .leaf(leaf)
    }
    guard case .select(.equal) = program.instructions[place.index].operation else { throw NoTrees() }
    sums.interior.insert(place.index)
    let answer = try operand(0, of: place)
    guard constant(try operand(1, of: place)) == 1 else { throw NoTrees() }
    let (feature, bound) = try question(answer)
    let left = try tree(try operand(2, of: place), table, depth: depth + 1)
    let right = try tree(try operand(3, of: place), table, depth: depth + 1)
    let rows = left.depth == right.depth ? left.depth + 1 : max(left.depth, right.depth)
    return .node(feature: feature, bound: bound, left, right, depth: max(1, rows))
  }

  /// A word that is 1 where another one is below a constant, and 0 elsewhere.
  private mutating func question(_ place: (index: Int, element: Int)) throws(NoTrees) -> (Int, Int32) {
    let instruction = program.instructions[place.index]
    guard case .select(.less) = instruction.operation else { throw NoTrees() }
    sums.interior.insert(place.index)
    let seen = try operand(0, of: place)
    guard let bound = constant(try operand(1, of: place)), let bound = Int32(exactly: bound),
      constant(try operand(2, of: place)) == 1, constant(try operand(3, of: place)) == 0,
      constant(seen) == nil,
      program[instruction.operands[0]].type.format.fractionBits
        == program[instruction.operands[1]].type.format.fractionBits
    else { throw NoTrees() }
    let feature = TreeSums.Feature(value: ValueID(seen.index), element: seen.element)
    if let known = places[feature] { return (known, bound) }
    guard sums.features.count < Int(UInt16.max) else { throw NoTrees() }
    places[feature] = sums.features.count
    sums.features.append(feature)
    return (sums.features.count - 1, bound)
  }

  // MARK: Operations

  private static func op(_ code: Int, _ feature: Int, _ bound: Int32, _ left: Int32 = 0, _ right: Int32 = 0)
    -> tf_tree_op
  {
    tf_tree_op(code: UInt16(code), index: UInt16(feature), bound: bound, left: left, right: right)
  }

  /// The child that takes more rows comes first, so that few are needed at a time.
  private mutating func emit(_ tree: Tree) {
    guard case .node(let feature, let bound, let left, let right, _) = tree else { return }
    switch (left, right) {
    case (.leaf(let left), .leaf(let right)):
      sums.ops.append(Self.op(TF_TREE_LEAVES, feature, bound, left, right))
    case (.leaf(let left), .node):
      emit(right)
      sums.ops.append(Self.op(TF_TREE_RIGHT, feature, bound, left))
    case (.node, .leaf(let right)):
      emit(left)
      sums.ops.append(Self.op(TF_TREE_LEFT, feature, bound, 0, right))
    case (.node(_, _, .leaf, .leaf, _), .node(_, _, .leaf, .leaf, _)):
      sums.ops.append(Self.op(TF_TREE_PAIR, feature, bound))
      emit(left)
      emit(right)
    case (.node, .node):
      let isSwapped = right.depth > left.depth
      emit(isSwapped ? right : left)
      emit(isSwapped ? left : right)
      sums.ops.append(Self.op(isSwapped ? TF_TREE_JOIN_SWAPPED : TF_TREE_JOIN, feature, bound))
    }
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
        sums.trees += 1
        guard tree.depth < Int(TF_TREE_DEPTH) else { throw NoTrees() }
        if case .leaf(let leaf) = tree {
          start += Raw(leaf)
          continue
        }
        guard output <= Int(UInt16.max) else { throw NoTrees() }
        emit(tree)
        sums.ops.append(Self.op(TF_TREE_ADD, output, 0))
      }
      sums.starts.append(start)
    }
    guard sums.trees > 0, !sums.ops.isEmpty else { throw NoTrees() }
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
    let most = max(abs(leaves.low), abs(leaves.high)) * Raw(sums.trees)
    return most < 1 << 30 && limit.contains(Interval(program.instructions[index].type.format))
  }

  /// Plans a sum of trees.
  mutating func plan(_ sums: TreeSums, _ index: Int) {
    let format = program.instructions[index].type.format
    let int16 = Interval(Raw(Int16.min), Raw(Int16.max))
    let isNarrow =
      sums.features.allSatisfy { int16.contains(intervals[$0.value.index]) }
      && (sums.leaves.map(int16.contains) ?? true)
      && sums.ops.allSatisfy { Int16(exactly: $0.bound) != nil }
    let kind = program.sums(of: ValueID(index), given: known)?.kind
    let x = sums.features.map { views[$0.value.index][$0.element] }
    views[index] = store(index)
    steps.append(
      .trees(
        TreesStep(
          x: x, out: views[index], ops: sums.ops, starts: sums.starts.map { Int32($0) }, isNarrow: isNarrow,
          wrap: kind == .exact ? nil : format, trees: sums.trees)))
  }
}
