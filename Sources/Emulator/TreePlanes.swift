import CKernels
import Program

/// Trees as bits: the leaf that a tree chooses is a number, every bit of which is a plane, that is a bit for every event.
///
/// Where both children of a node have the same bit, the node has it too; where the left one has 1 and the right one 0, it is the answer
/// to the node's question; everything else is one multiplexer. The numbers of leaves are chosen for few of them (`TreeNumbers`).
struct TreePlanes {
  /// A table and its entries. Trees of few leaves share one, by the sums of their leaves.
  struct Table {
    var planes: [UInt32]
    var output: Int
    var entries: [Int32]
  }

  private(set) var muxes: [tf_tree_mux] = []
  private(set) var tables: [Table] = []
  private(set) var batches: [tf_tree_batch] = []
  /// Planes there are at a time.
  private(set) var most: Int
  /// Whether all tables have at most 8 bits and entries of int16.
  var isShort: Bool {
    tables.allSatisfy { $0.planes.count <= 8 && $0.entries.allSatisfy { Int16(exactly: $0) != nil } }
  }

  /// Multiplexers of a batch, unless a single tree has more: their planes stay in the first cache.
  private static let batch = 192
  /// Bits of a table that trees share: 64 entries are looked up in one instruction.
  private static let sharedBits = 6

  /// The first plane of a batch's multiplexers.
  private let base: Int
  /// Planes of questions `below`.
  private let belowCount: Int
  /// Answers that are multiplexers themselves, in this batch.
  private var excepted: [TreeSums.Answer: UInt32] = [:]

  init(_ sums: TreeSums) {
    belowCount = sums.below.count
    base = Int(TF_TREE_FIRST) + sums.below.count + sums.equal.count
    most = base
    for (tree, output) in sums.trees { add(tree, output) }
    for batch in batches { most = max(most, base + Int(batch.muxes)) }
  }

  private mutating func add(_ tree: TreeSums.Tree, _ output: Int) {
    if batches.last.map({ Int($0.muxes) + tree.leafCount > Self.batch }) ?? true {
      excepted = [:]
      batches.append(
        tf_tree_batch(
          first_mux: UInt32(muxes.count), muxes: 0, first_table: UInt32(tables.count), tables: 0))
    }
    let numbers = TreeNumbers.best(tree)
    let bits = numbers.bits
    var next = 0
    let planes = number(tree, numbers, from: &next)
    var leaves: [Int32] = []
    list(tree, &leaves)
    // What no leaf has is never looked up.
    var entries = [Int32](repeating: 0, count: 1 << bits)
    for (number, leaf) in zip(numbers.leaves, leaves) { entries[number] = leaf }
    let last = tables.count - 1
    if last >= 0, batches[batches.count - 1].tables > 0, tables[last].output == output,
      tables[last].planes.count + bits <= Self.sharedBits
    {
      let both = entries.flatMap { own in tables[last].entries.map { $0 + own } }
      if both.allSatisfy({ Int16(exactly: $0) != nil }) {
        tables[last].planes += planes
        tables[last].entries = both
        return
      }
    }
    tables.append(Table(planes: planes, output: output, entries: entries))
    batches[batches.count - 1].tables += 1
  }

  /// The planes of the leaf's number, the lowest bit first.
  private mutating func number(_ tree: TreeSums.Tree, _ numbers: TreeNumbers, from next: inout Int)
    -> [UInt32]
  {
    switch tree {
    case .leaf:
      let number = numbers.leaves[next]
      next += 1
      return (0..<numbers.bits).map { UInt32(number >> $0 & 1 == 1 ? TF_TREE_YES : TF_TREE_NO) }
    case .node(let decision, let left, let right):
      let no = number(right, numbers, from: &next)
      let yes = number(left, numbers, from: &next)
      let answer = plane(decision)
      return zip(yes, no).map { yes, no in
        if yes == no { return yes }
        if yes == UInt32(TF_TREE_YES), no == UInt32(TF_TREE_NO) { return answer }
        return choose(answer, yes, no)
      }
    }
  }

  /// A multiplexer's plane.
  private mutating func choose(_ question: UInt32, _ yes: UInt32, _ no: UInt32) -> UInt32 {
    let place = batches.count - 1
    muxes.append(tf_tree_mux(question: question, yes: yes, no: no))
    batches[place].muxes += 1
    return UInt32(base) + batches[place].muxes - 1
  }

  /// The plane of what decides at a node.
  private mutating func plane(_ answer: TreeSums.Answer) -> UInt32 {
    switch answer {
    case .below(let question): return UInt32(Int(TF_TREE_FIRST) + question)
    case .equal(let question): return UInt32(Int(TF_TREE_FIRST) + belowCount + question)
    case .except(let equal, let isYes, let below):
      if let known = excepted[answer] { return known }
      let made = choose(
        plane(.equal(equal)), UInt32(isYes ? TF_TREE_YES : TF_TREE_NO), plane(.below(below)))
      excepted[answer] = made
      return made
    }
  }

  /// The leaves from right to left.
  private func list(_ tree: TreeSums.Tree, _ entries: inout [Int32]) {
    switch tree {
    case .leaf(let leaf): entries.append(leaf)
    case .node(_, let left, let right):
      list(right, &entries)
      list(left, &entries)
    }
  }
}

/// Numbers of a tree's leaves.
struct TreeNumbers {
  /// Of the leaves from right to left.
  var leaves: [Int]
  var bits: Int

  /// From right to left, in as few bits as there are leaves for.
  static func inOrder(_ tree: TreeSums.Tree) -> TreeNumbers {
    let count = tree.leafCount
    return TreeNumbers(
      leaves: Array(0..<count), bits: Int.bitWidth - (count - 1).leadingZeroBitCount)
  }

  /// A bit for every level: 1 on the left. The uppermost bit of a node is its answer, whatever its children are.
  static func byLevel(_ tree: TreeSums.Tree) -> TreeNumbers {
    guard case .node(_, let left, let right) = tree else { return TreeNumbers(leaves: [0], bits: 0) }
    let (yes, no) = (byLevel(left), byLevel(right))
    let bits = max(yes.bits, no.bits)
    return TreeNumbers(leaves: no.leaves + yes.leaves.map { $0 | 1 << bits }, bits: bits + 1)
  }

  /// Those of fewer instructions for 512 events, with the table in mind.
  static func best(_ tree: TreeSums.Tree) -> TreeNumbers {
    let order = inOrder(tree)
    guard tree.depth <= 8 else { return order }
    let levels = byLevel(tree)
    return levels.cost(tree) <= order.cost(tree) ? levels : order
  }

  private func cost(_ tree: TreeSums.Tree) -> Int {
    var (next, count) = (0, 0)
    _ = states(tree, &next, &count)
    // Two instructions to read a bit of 32 events' indices, and one for every 64 entries.
    return count + 16 * (2 * min(bits, 6) + (1 << max(0, bits - 6)))
  }

  /// What the bits of a tree's number are: nil where they differ between events. Counts multiplexers.
  private func states(_ tree: TreeSums.Tree, _ next: inout Int, _ count: inout Int) -> [Bool?] {
    guard case .node(_, let left, let right) = tree else {
      next += 1
      return (0..<bits).map { leaves[next - 1] >> $0 & 1 == 1 }
    }
    let no = states(right, &next, &count)
    let yes = states(left, &next, &count)
    return zip(yes, no).map { yes, no in
      if let yes, yes == no { return yes }
      if yes != true || no != false { count += 1 }
      return nil
    }
  }
}

extension TreeSums.Tree {
  /// The most nodes on a way to a leaf.
  var depth: Int {
    switch self {
    case .leaf: 0
    case .node(_, let left, let right): 1 + max(left.depth, right.depth)
    }
  }

  /// How many leaves it has.
  var leafCount: Int {
    switch self {
    case .leaf: 1
    case .node(_, let left, let right): left.leafCount + right.leafCount
    }
  }
}

extension tf_tree_table {
  /// A table with its entries in a plan's memory.
  init(_ table: TreePlanes.Table, _ memory: Memory) {
    self.init()
    output = UInt32(table.output)
    bits = UInt8(table.planes.count)
    withUnsafeMutableBytes(of: &planes) { bytes in
      bytes.copyBytes(from: table.planes.withUnsafeBytes { Array($0) })
    }
    let padded = table.entries + Array(repeating: 0, count: max(0, 32 - table.entries.count))
    wide = memory.copy(padded)
    let int16s = padded.compactMap { Int16(exactly: $0) }
    if int16s.count == padded.count { narrow = memory.copy(int16s) }
  }
}
