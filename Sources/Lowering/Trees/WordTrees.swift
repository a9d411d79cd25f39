import FixedPoint
import Model

/// An ensemble over integer words: every question is a comparison of a word with an integer, chosen so that it has the library's
/// answer for the number of every word.
///
/// With the step g of the words' format and X = x / g: x < t is X < ⌈t/g⌉, and x ≤ t is X < ⌊t/g⌋ + 1. Nodes that can be answered
/// from the word's range and the answers above them are left out, and equal questions are one.
struct WordTrees {
  /// What is asked of a word X.
  enum Question: Hashable {
    /// X < bound
    case below(number: Int, bound: Raw)
    /// X < bound, but for one word, whose answer is another one: a missing number, or LightGBM's zero.
    case belowExcept(number: Int, bound: Raw, word: Raw, answer: Bool)
    /// X = word
    case equal(number: Int, word: Raw)
    /// The number, as an integer, is in a set of `Ensemble.categories`, or is missing where `missing` says that this counts.
    case member(number: Int, set: Int, missing: Raw?)
  }

  /// What one node asks.
  struct Node: TreeNode {
    var question: Int
    var left: Int
    var right: Int
    var depth: Int
  }

  /// Nodes in depth-first order, and the leaf of a tree without any.
  struct Tree {
    var nodes: [Node] = []
    var onlyLeaf = 0
  }

  private(set) var questions: [Question] = []
  private(set) var trees: [Tree] = []
  private var numbers: [Question: Int] = [:]

  /// - Parameters:
  ///   - format: of the words.
  ///   - range: of the words, by number: features, then projections.
  ///   - missing: the word that stands for a missing number; nil where there is none.
  init(_ ensemble: Ensemble, format: FixedFormat, range: [ClosedRange<Raw>], missing: Raw?) {
    let converter = Converter(ensemble: ensemble, format: format, range: range, missing: missing)
    for tree in ensemble.trees { trees.append(convert(tree, converter)) }
  }

  /// The deepest tree's depth.
  var depth: Int { trees.map { tree in tree.nodes.reduce(0) { max($0, $1.depth + 1) } }.max() ?? 0 }

  private mutating func number(of question: Question) -> Int {
    if let known = numbers[question] { return known }
    numbers[question] = questions.count
    questions.append(question)
    return questions.count - 1
  }

  /// What is known of a word on the way to a node.
  private struct Fact {
    var number: Int
    var range: ClosedRange<Raw>
  }

  private mutating func convert(_ source: Ensemble.Tree, _ converter: Converter) -> Tree {
    var tree = Tree()
    struct Visit {
      var place: Int
      var parent: Int
      var isLeft: Bool
      var facts: [Fact]
    }
    var waiting = [Visit(place: source.nodes.isEmpty ? ~0 : 0, parent: -1, isLeft: true, facts: [])]
    while var visit = waiting.popLast() {
      // Nodes whose answer is known lead on.
      while visit.place >= 0 {
        let node = source.nodes[visit.place]
        let range = visit.facts.last { $0.number == node.feature }?.range ?? converter.range[node.feature]
        guard let answer = converter.answer(node, range) else { break }
        visit.place = answer ? node.left : node.right
      }
      var place = visit.place
      if visit.place >= 0 {
        let node = source.nodes[visit.place]
        let question = converter.question(node)
        place = tree.nodes.count
        let depth = visit.parent < 0 ? 0 : tree.nodes[visit.parent].depth + 1
        tree.nodes.append(Node(question: number(of: question), left: 0, right: 0, depth: depth))
        let range = visit.facts.last { $0.number == node.feature }?.range ?? converter.range[node.feature]
        var (left, right) = (visit.facts, visit.facts)
        if case .below(let number, let bound) = question {
          // The answer was open: the bound is inside the range.
          left =
            left.filter { $0.number != number } + [Fact(number: number, range: range.lowerBound...bound - 1)]
          right =
            right.filter { $0.number != number } + [Fact(number: number, range: bound...range.upperBound)]
        }
        waiting.append(Visit(place: node.right, parent: place, isLeft: false, facts: right))
        waiting.append(Visit(place: node.left, parent: place, isLeft: true, facts: left))
      }
      if visit.parent < 0 {
        tree.onlyLeaf = ~place
      } else if visit.isLeft {
        tree.nodes[visit.parent].left = place
      } else {
        tree.nodes[visit.parent].right = place
      }
    }
    return tree
  }

  /// Questions of numbers as questions of words.
  private struct Converter {
    let ensemble: Ensemble
    let format: FixedFormat
    let range: [ClosedRange<Raw>]
    let missing: Raw?

    func question(_ node: Ensemble.Node) -> Question {
      switch node.test {
      case .member(let set):
        // The word for a missing number is below all categories: it is in no set.
        return .member(number: node.feature, set: set, missing: node.missingGoesLeft ? missing : nil)
      case .equal(let value):
        // A value between two words is no word: `answer` has said so before.
        return .equal(number: node.feature, word: exactWord(value) ?? 0)
      case .less, .lessOrEqual:
        let bound = bound(node.test)
        let word = missing ?? (node.zeroIsMissing ? 0 : nil)
        guard let word, (word < bound) != node.missingGoesLeft else {
          return .below(number: node.feature, bound: bound)
        }
        return .belowExcept(number: node.feature, bound: bound, word: word, answer: node.missingGoesLeft)
      }
    }

    /// The answer where it is the same for all words of a range; nil where it is not, or not known to be.
    func answer(_ node: Ensemble.Node, _ range: ClosedRange<Raw>) -> Bool? {
      switch question(node) {
      case .below(_, let bound):
        return range.upperBound < bound ? true : range.lowerBound >= bound ? false : nil
      case .belowExcept(_, let bound, let word, let answer):
        guard range.contains(word) else {
          return range.upperBound < bound ? true : range.lowerBound >= bound ? false : nil
        }
        return range == word...word ? answer : nil
      case .equal(_, let word):
        guard case .equal(let value) = node.test, exactWord(value) != nil, range.contains(word) else {
          return false
        }
        return range == word...word ? true : nil
      case .member(_, let set, let missing):
        return ensemble.categories[set].members.isEmpty && missing == nil ? false : nil
      }
    }

    /// The least word that is not below: clamped to where words can be.
    private func bound(_ test: Ensemble.Test) -> Raw {
      switch test {
      case .less(let threshold): return integer(scaled(threshold).rounded(.up))
      case .lessOrEqual(let threshold): return integer(scaled(threshold).rounded(.down)) + 1
      case .equal, .member: return 0
      }
    }

    /// t / g. Doubles are scaled exactly but where they underflow, far below every step.
    private func scaled(_ value: Double) -> Double {
      let scaled = Double(sign: .plus, exponent: format.fractionBits, significand: value)
      // A number too small to be scaled still has its sign.
      return scaled == 0 && value != 0
        ? (value < 0 ? -.leastNonzeroMagnitude : .leastNonzeroMagnitude) : scaled
    }

    private func integer(_ value: Double) -> Raw {
      value >= 0x1p120 ? Raw(1) << 120 : value <= -0x1p120 ? -(Raw(1) << 120) : Raw(value)
    }

    private func exactWord(_ value: Double) -> Raw? {
      let word = scaled(value)
      return word == word.rounded(.down) && abs(word) < 0x1p120 ? Raw(word) : nil
    }
  }
}
