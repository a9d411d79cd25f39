/// Decision trees whose leaves are added: boosted trees and forests.
///
/// For every output, margin = scale · (base + Σ of the leaves that the trees choose). Transforms behind the margins (logistic,
/// softmax) are not part of it.
public struct Ensemble: Sendable {
  /// What a node asks of its feature's number x; the left child is next where the answer is yes.
  public enum Test: Hashable, Sendable {
    /// x < threshold
    case less(Double)
    /// x ≤ threshold
    case lessOrEqual(Double)
    /// x = value
    case equal(Double)
    /// x as an integer is a member of the set of this number in `Ensemble.categories`.
    case member(Int)
  }

  /// A node that is no leaf.
  public struct Node: Hashable, Sendable {
    /// Which number it looks at: a feature, or from `Ensemble.features` on a projection.
    public var feature: Int
    /// What it asks.
    public var test: Test
    /// Whether a missing number (NaN) goes left.
    public var missingGoesLeft: Bool
    /// Whether 0 counts as missing too (LightGBM's `zero_as_missing`).
    public var zeroIsMissing: Bool
    /// The child for yes: a node of the same tree, or `~leaf`.
    public var left: Int
    /// The child for no: a node of the same tree, or `~leaf`.
    public var right: Int

    /// Makes a node.
    public init(
      feature: Int, test: Test, missingGoesLeft: Bool, zeroIsMissing: Bool = false, left: Int, right: Int
    ) {
      self.feature = feature
      self.test = test
      self.missingGoesLeft = missingGoesLeft
      self.zeroIsMissing = zeroIsMissing
      self.left = left
      self.right = right
    }
  }

  /// One tree.
  public struct Tree: Hashable, Sendable {
    /// Its nodes in depth-first order, the left subtree first: node 0 is the root, and children come after their parents. Empty for
    /// a tree of one leaf.
    public var nodes: [Node]
    /// [leaves, outputs.count] row major: what each leaf adds to `outputs`. Leaves are numbered from left to right.
    public var leaves: [Double]
    /// The outputs it adds to.
    public var outputs: Range<Int>

    /// Makes a tree.
    public init(nodes: [Node], leaves: [Double], outputs: Range<Int>) {
      self.nodes = nodes
      self.leaves = leaves
      self.outputs = outputs
    }

    /// How many leaves it has.
    public var leafCount: Int { nodes.count + 1 }
  }

  /// Categories a node sends to the left.
  public struct CategorySet: Hashable, Sendable {
    /// The members, not negative, in ascending order.
    public var members: [Int]
    /// Whether a number between −1 and 0 counts as category 0 (LightGBM truncates), and not as none (XGBoost).
    public var truncates: Bool

    /// Makes a set.
    public init(members: [Int], truncates: Bool) {
      self.members = members
      self.truncates = truncates
    }
  }

  /// A weighted sum of features, for oblique splits: [features].
  public typealias Projection = [Double]

  /// The function that training put behind the margins.
  public enum Transform: Hashable, Sendable {
    /// 1 / (1 + e^−margin) of every margin.
    case logistic
    /// The softmax of all margins.
    case softmax
    /// None of those: what there is, in the words of the file.
    case other(String)
    /// The file does not say.
    case unknown
  }

  /// How many numbers an event has.
  public var features: Int
  /// How many margins there are.
  public var outputs: Int
  /// What every sum starts with: [outputs].
  public var base: [Double]
  /// Multiplies the sums (conifer's `norm`).
  public var scale: Double
  /// The trees, in the order in which their leaves are added.
  public var trees: [Tree]
  /// Weighted sums that nodes may look at instead of a feature.
  public var projections: [Projection]
  /// The sets of `Test.member`.
  public var categories: [CategorySet]
  /// The owner's names of the features; empty where there are none.
  public var featureNames: [String]
  /// What training put behind the margins. It is computed where the user asks (`--transform`).
  public var transform: Transform = .unknown

  /// Makes an ensemble without projections and categories.
  public init(features: Int, outputs: Int, base: [Double], scale: Double = 1, trees: [Tree]) {
    self.features = features
    self.outputs = outputs
    self.base = base
    self.scale = scale
    self.trees = trees
    projections = []
    categories = []
    featureNames = []
  }
}

extension Ensemble.Tree {
  /// How many nodes lead to each node: 0 for the root.
  public var depths: [Int] {
    var depths = [Int](repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for child in [node.left, node.right] where child >= 0 { depths[child] = depths[index] + 1 }
    }
    return depths
  }

  /// The most nodes on a way to a leaf.
  public var depth: Int { nodes.isEmpty ? 0 : (depths.max() ?? 0) + 1 }
}

extension Ensemble {
  /// Numbers of all trees together, of the kinds that hardware is made of.
  public var nodeCount: Int { trees.reduce(0) { $0 + $1.nodes.count } }

  /// The most trees that add to one output.
  public var mostTrees: Int {
    (0..<outputs).map { output in trees.count { $0.outputs.contains(output) } }.max() ?? 0
  }

  /// The deepest tree's depth.
  public var depth: Int { trees.map(\.depth).max() ?? 0 }

  /// How many different questions the nodes ask.
  public var questionCount: Int {
    var questions: Set<Question> = []
    for tree in trees {
      for node in tree.nodes { questions.insert(Question(node)) }
    }
    return questions.count
  }

  /// What two nodes that can share their comparison have in common.
  public struct Question: Hashable, Sendable {
    /// See `Node`.
    public var feature: Int
    /// See `Node`.
    public var test: Test
    /// See `Node`.
    public var missingGoesLeft: Bool
    /// See `Node`.
    public var zeroIsMissing: Bool

    /// The question of a node.
    public init(_ node: Node) {
      feature = node.feature
      test = node.test
      missingGoesLeft = node.missingGoesLeft
      zeroIsMissing = node.zeroIsMissing
    }
  }
}

// MARK: Evaluation

extension Ensemble {
  /// Whether a number goes left at a node.
  public func goesLeft(_ x: Double, _ node: Node) -> Bool {
    if x.isNaN || (node.zeroIsMissing && abs(x) <= Double(Float(1e-35))) { return node.missingGoesLeft }
    switch node.test {
    case .less(let threshold): return x < threshold
    case .lessOrEqual(let threshold): return x <= threshold
    case .equal(let value): return x == value
    case .member(let set):
      let whole = categories[set].truncates ? x.rounded(.towardZero) : x.rounded(.down)
      return Int(exactly: whole).map { categories[set].members.contains($0) } ?? false
    }
  }

  /// The leaf each tree chooses for an event, numbered from left to right.
  public func leaves(_ x: [Double]) -> [Int] {
    let numbers = x + projections.map { zip($0, x).reduce(0) { $0 + $1.0 * $1.1 } }
    return trees.map { tree in
      var place = tree.nodes.isEmpty ? ~0 : 0
      while place >= 0 {
        let node = tree.nodes[place]
        place = goesLeft(numbers[node.feature], node) ? node.left : node.right
      }
      return ~place
    }
  }

  /// The margins of an event, summed in double precision.
  public func margins(_ x: [Double]) -> [Double] {
    var sums = base
    for (tree, leaf) in zip(trees, leaves(x)) {
      let width = tree.outputs.count
      for (place, output) in tree.outputs.enumerated() { sums[output] += tree.leaves[leaf * width + place] }
    }
    return scale == 1 ? sums : sums.map { $0 * scale }
  }
}
