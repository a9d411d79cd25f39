/// A node of a tree: the children are nodes of the same tree, or `~leaf`.
protocol TreeNode {
  var left: Int { get }
  var right: Int { get }
  /// How many nodes are above it.
  var depth: Int { get }
}

/// The nodes of all trees by depth. A round decides the nodes of a depth, the deepest first.
struct TreeRounds<Node: TreeNode> {
  /// The nodes of a depth, of all trees in order.
  private(set) var levels: [[Node]] = []
  /// Their children, as places in the next level, or `~leaf`.
  private(set) var children: [[(left: Int, right: Int)]] = []
  /// Where each tree's root is in the first level; nil for a tree without nodes.
  private(set) var roots: [Int?] = []

  /// - Parameters:
  ///   - trees: each tree's nodes, parents before their children.
  init(_ trees: [[Node]]) {
    for nodes in trees {
      roots.append(nodes.isEmpty ? nil : levels.first?.count ?? 0)
      var places: [Int] = []
      for node in nodes {
        if node.depth == levels.count { levels.append([]) }
        places.append(levels[node.depth].count)
        levels[node.depth].append(node)
      }
      children += levels.dropFirst(children.count).map { _ in [] }
      for node in nodes {
        children[node.depth].append(
          (node.left < 0 ? node.left : places[node.left], node.right < 0 ? node.right : places[node.right]))
      }
    }
  }
}
