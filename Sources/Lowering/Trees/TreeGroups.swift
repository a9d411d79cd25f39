import Diagnostics
import FixedPoint
import Model
import Program

/// Trees dealt out to hardware that is used for several of them, one after the other: a slot computes one tree in every step.
///
/// The nodes of a slot are those of all its trees, laid over one another: what stands in the same place below the root (left, left,
/// right) is one node, which asks another question in every step. A tree that ends above a node has the same leaf for both of
/// its answers. docs/trees.md says what this saves and what it costs.
struct TreeGroups {
  /// A node of a slot; the children are nodes of the same slot, or `~leaf`.
  struct Node: TreeNode {
    /// What is asked in each step, as an index into `WordTrees.questions`; nil where the answer does not matter.
    var questions: [Int?]
    var left = 0
    var right = 0
    var depth: Int
  }

  /// Hardware for one tree at a time.
  struct Slot {
    /// The tree of each step; nil where there is none.
    var trees: [Int?]
    /// In depth-first order.
    var nodes: [Node] = []
    /// The leaf of each step's tree that stands in each of its leaves, from left to right.
    var leaves: [[Int]] = []
  }

  /// A term of a sum: in every step, one number of the leaf that a slot's tree chooses.
  struct Term {
    var slot: Int
    /// Which of the leaf's numbers, in each step; nil where there is no tree.
    var columns: [Int?]
  }

  /// How many times the hardware is used for an event.
  let steps: Int
  private(set) var slots: [Slot] = []
  /// Of each output, in the order of its trees: the first step's come first. All have equally many; nil is a term of 0.
  private(set) var terms: [[Term?]]

  /// - Parameter reuse: how many times the hardware is used; fewer where as few trees at once allow that.
  init(_ trees: WordTrees, _ ensemble: Ensemble, reuse: Int) {
    let rows = Self.rows(ensemble)
    let atOnce = rows.map { ($0.count + reuse - 1) / reuse }.max() ?? 1
    steps = rows.map { ($0.count + atOnce - 1) / atOnce }.max() ?? 1
    var known: [[Int?]: Int] = [:]
    terms = []
    for row in rows {
      // Outputs of fewer trees have fewer at once.
      let own = (row.count + steps - 1) / steps
      var found: [Term?] = []
      for place in 0..<atOnce {
        let entries = (0..<steps).map { step -> (tree: Int, column: Int)? in
          let index = step * own + place
          return place < own && index < row.count ? row[index] : nil
        }
        guard entries.contains(where: { $0 != nil }) else {
          found.append(nil)
          continue
        }
        let key = entries.map { $0?.tree }
        if known[key] == nil {
          known[key] = slots.count
          slots.append(Self.slot(key, trees))
        }
        found.append(Term(slot: known[key] ?? 0, columns: entries.map { $0?.column }))
      }
      terms.append(found)
    }
  }

  /// The trees that add to each output, and which of their leaves' numbers does.
  static func rows(_ ensemble: Ensemble) -> [[(tree: Int, column: Int)]] {
    var rows: [[(tree: Int, column: Int)]] = Array(repeating: [], count: ensemble.outputs)
    for (index, tree) in ensemble.trees.enumerated() {
      for (column, output) in tree.outputs.enumerated() { rows[output].append((index, column)) }
    }
    return rows
  }

  private static func slot(_ own: [Int?], _ trees: WordTrees) -> Slot {
    var slot = Slot(trees: own)
    struct Visit {
      /// In each step a node of its tree, or `~leaf`.
      var places: [Int]
      var parent: Int
      var isLeft: Bool
    }
    let roots = own.map { tree in
      tree.map { trees.trees[$0].nodes.isEmpty ? ~trees.trees[$0].onlyLeaf : 0 } ?? ~0
    }
    var waiting = [Visit(places: roots, parent: -1, isLeft: true)]
    while let visit = waiting.popLast() {
      var place = slot.nodes.count
      if visit.places.allSatisfy({ $0 < 0 }) {
        place = ~slot.leaves.count
        slot.leaves.append(visit.places.map { ~$0 })
      } else {
        func node(_ step: Int) -> WordTrees.Node? {
          guard visit.places[step] >= 0, let tree = own[step] else { return nil }
          return trees.trees[tree].nodes[visit.places[step]]
        }
        let nodes = visit.places.indices.map(node)
        slot.nodes.append(
          Node(
            questions: nodes.map { $0?.question },
            depth: visit.parent < 0 ? 0 : slot.nodes[visit.parent].depth + 1))
        func side(_ child: KeyPath<WordTrees.Node, Int>) -> [Int] {
          zip(nodes, visit.places).map { $0?[keyPath: child] ?? $1 }
        }
        waiting.append(Visit(places: side(\.right), parent: place, isLeft: false))
        waiting.append(Visit(places: side(\.left), parent: place, isLeft: true))
      }
      guard visit.parent >= 0 else { continue }
      if visit.isLeft {
        slot.nodes[visit.parent].left = place
      } else {
        slot.nodes[visit.parent].right = place
      }
    }
    return slot
  }
}

extension Ensemble {
  /// Why hardware cannot be used for several of these trees; nil where it can.
  ///
  /// - Parameters:
  ///   - terms: the format of leaves.
  ///   - accumulator: of their sums.
  func objectionToReuse(
    _ reuse: Int, _ trees: WordTrees, terms: FixedFormat, accumulator: FixedFormat
  ) -> String? {
    if reuse < 1 { return "hardware is used at least once" }
    if reuse > mostTrees { return "no output is the sum of more than \(mostTrees) trees" }
    let isPlain = trees.questions.allSatisfy { question in
      switch question {
      case .below, .belowExcept: true
      case .equal, .member: false
      }
    }
    if !isPlain {
      return "there are splits by category or equality, each of which is looked up in a table of its own"
    }
    if SumAnalysis.kind(adding: terms, in: accumulator) == .stepwise {
      return "sums in \(accumulator) depend on the order of their trees, which partial sums would change"
    }
    return nil
  }
}
