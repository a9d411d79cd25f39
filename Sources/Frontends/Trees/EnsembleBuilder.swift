import Diagnostics
import Model
import Storage

/// A node as a file has it: children are numbers of nodes of the same tree, in any order.
enum SourceNode {
  /// What it adds to the outputs of its tree.
  case leaf([Double])
  case split(Ensemble.Node)
}

/// Builds an ensemble tree by tree, each walked from its root, so that nothing behind it has to fear cycles, gaps or numbers that
/// are none.
struct EnsembleBuilder {
  private(set) var ensemble: Ensemble
  var problems = Problems()
  private let file: String
  private let limits: WorkLimits
  private var leaves = 0
  /// The numbers of projections and of sets, by what they are.
  private var projections: [Ensemble.Projection: Int] = [:]
  private var categories: [Ensemble.CategorySet: Int] = [:]

  /// The most features and outputs a model of trees may have.
  static let widthLimit = 1 << 16

  init(features: Int, outputs: Int, file: String, limits: WorkLimits) throws(Failure) {
    for (count, what) in [(features, "features"), (outputs, "outputs")]
    where !(1...Self.widthLimit).contains(count) {
      throw Failure(.badInput, file: file, "\(count) \(what); 1 to \(Self.widthLimit) are accepted")
    }
    ensemble = Ensemble(
      features: features, outputs: outputs, base: Array(repeating: 0, count: outputs), trees: [])
    self.file = file
    self.limits = limits
  }

  /// Sets what sums start with.
  mutating func setBase(_ base: [Double], place: String) {
    guard base.count == ensemble.outputs, base.allSatisfy(\.isFinite) else {
      problems.add(
        Diagnostic(
          file: file, place: place, "\(base.count) numbers where \(ensemble.outputs) finite ones are needed"))
      return
    }
    ensemble.base = base
  }

  /// Sets what multiplies the sums.
  mutating func setScale(_ scale: Double) { ensemble.scale = scale }

  /// Sets what training put behind the margins.
  mutating func setTransform(_ transform: Ensemble.Transform) { ensemble.transform = transform }

  /// Sets the names of the features; another count than that of the features is none.
  mutating func setFeatureNames(_ names: [String]) {
    if names.count == ensemble.features { ensemble.featureNames = names }
  }

  /// Adds a weighted sum of features.
  ///
  /// - Returns: the number by which nodes look at it.
  mutating func addProjection(_ weights: [Double]) -> Int {
    if let known = projections[weights] { return known }
    ensemble.projections.append(weights)
    projections[weights] = ensemble.features + ensemble.projections.count - 1
    return ensemble.features + ensemble.projections.count - 1
  }

  /// Adds a set of categories, and gives the test for it.
  mutating func addCategories(_ members: some Sequence<Int>, truncates: Bool) -> Ensemble.Test {
    let set = Ensemble.CategorySet(members: Set(members).sorted(), truncates: truncates)
    if let known = categories[set] { return .member(known) }
    categories[set] = ensemble.categories.count
    ensemble.categories.append(set)
    return .member(ensemble.categories.count - 1)
  }

  /// Adds a tree.
  ///
  /// - Parameters:
  ///   - nodes: its nodes; the first is the root. Nodes that are not reached are left out.
  ///   - outputs: the outputs that its leaves have numbers for.
  ///   - place: where a node stands in the file.
  mutating func add(_ nodes: [SourceNode], outputs: Range<Int>, place: (Int) -> String) {
    func problem(_ index: Int, _ message: String) -> Diagnostic {
      Diagnostic(file: file, place: place(index), message)
    }
    guard !nodes.isEmpty else { return problems.add(problem(0, "a tree without nodes")) }
    guard outputs.lowerBound >= 0, outputs.upperBound <= ensemble.outputs, !outputs.isEmpty else {
      return problems.add(
        problem(0, "the tree adds to output \(outputs.lowerBound) of \(ensemble.outputs)"))
    }
    var tree = Ensemble.Tree(nodes: [], leaves: [], outputs: outputs)
    var isReached = [Bool](repeating: false, count: nodes.count)
    // Nodes to visit, each with the parent whose child it is.
    var waiting: [(index: Int, parent: Int, isLeft: Bool)] = [(0, -1, false)]
    var leafCount = 0
    while let (index, parent, isLeft) = waiting.popLast() {
      guard !isReached[index] else {
        return problems.add(problem(index, "node \(index) is reached in two ways: this is no tree"))
      }
      isReached[index] = true
      var place = 0
      switch nodes[index] {
      case .leaf(let values):
        guard values.count == outputs.count, values.allSatisfy(\.isFinite) else {
          return problems.add(
            problem(
              index,
              values.count == outputs.count
                ? "a leaf that is not a finite number"
                : "a leaf of \(values.count) numbers where \(outputs.count) are needed"))
        }
        tree.leaves += values
        place = ~leafCount
        leafCount += 1
      case .split(var node):
        if let message = fault(node, count: nodes.count) { return problems.add(problem(index, message)) }
        place = tree.nodes.count
        waiting.append((node.right, place, false))
        waiting.append((node.left, place, true))
        (node.left, node.right) = (0, 0)
        tree.nodes.append(node)
      }
      guard parent >= 0 else { continue }
      if isLeft { tree.nodes[parent].left = place } else { tree.nodes[parent].right = place }
    }
    leaves += leafCount * outputs.count
    if let excess = limits.excess(.constants, leaves),
      leaves - leafCount * outputs.count <= limits[.constants]
    {
      problems.add(
        Diagnostic(
          file: file, place: place(0), "the leaves up to this tree are \(excess)",
          hint: WorkLimits.hint(.constants)))
    }
    ensemble.trees.append(tree)
  }

  /// What is wrong with a node that is no leaf; nil for a good one.
  private func fault(_ node: Ensemble.Node, count: Int) -> String? {
    for child in [node.left, node.right] where !(0..<count).contains(child) {
      return "child \(child) of a tree of \(count) nodes"
    }
    let numbers = ensemble.features + ensemble.projections.count
    guard (0..<numbers).contains(node.feature) else {
      return "the node looks at feature \(node.feature) of \(ensemble.features)"
    }
    switch node.test {
    case .less(let threshold), .lessOrEqual(let threshold), .equal(let threshold):
      return threshold.isNaN ? "the threshold is not a number" : nil
    case .member(let set):
      guard let last = ensemble.categories[set].members.last else { return nil }
      return ensemble.categories[set].members[0] < 0 || last > Self.categoryLimit
        ? "categories from \(ensemble.categories[set].members[0]) to \(last); 0 to \(Self.categoryLimit) are accepted"
        : nil
    }
  }

  /// The largest category: each is an entry of a table.
  static let categoryLimit = 1 << 14

  /// The model: an input of all features, and the trees.
  ///
  /// - Parameter library: what trained it, for messages and reports.
  /// - Throws: `badInput` with every problem there is.
  func model(library: String) throws(Failure) -> Model {
    try problems.check()
    guard !ensemble.trees.isEmpty else {
      throw Failure(.badInput, file: file, "the model has no trees")
    }
    let builder = ModelBuilder()
    let origin = Origin(file: file, path: "")
    let input = builder.input(
      "features", shape: [ensemble.features], source: SourceNames("Input"), origin: origin)
    let trees = builder.add(
      .ensemble(ensemble), "trees", source: SourceNames(library), reading: [input],
      shape: [ensemble.outputs], origin: origin)
    let name = file.split(separator: "/").last.map { $0.split(separator: ".").first.map(String.init) ?? "" }
    return try builder.model(
      name.flatMap { $0.isEmpty ? nil : $0 } ?? "trees", inputs: [input], outputs: [trees])
  }
}

extension Failure {
  /// A failure of one problem at a node of JSON.
  init(_ node: JSONNode, _ message: String, hint: String? = nil) {
    self.init(.badInput, [node.diagnostic(message, hint: hint)])
  }
}

extension JSONNode {
  /// A member that has to be there.
  func needed(_ key: String) throws(Failure) -> JSONNode {
    guard let node = self[key] else { throw Failure(self, "'\(key)' is missing") }
    return node
  }

  /// The numbers of an array, null being NaN, without a node for each of them.
  func numbers() throws(Failure) -> [Double] {
    guard case .array(let values) = value else {
      throw Failure(self, "expected an array of numbers, not \(value.kindName)")
    }
    var numbers: [Double] = []
    numbers.reserveCapacity(values.count)
    for (place, value) in values.enumerated() {
      switch value {
      case .integer(let integer): numbers.append(Double(integer))
      case .number(let number): numbers.append(number)
      case .bool(let bool): numbers.append(bool ? 1 : 0)
      default:
        throw Failure(
          .badInput, file: file, place: "\(path)[\(place)]", "expected a number, not \(value.kindName)")
      }
    }
    return numbers
  }

  /// The integers of an array.
  func integers() throws(Failure) -> [Int] {
    let numbers = try numbers()
    var integers: [Int] = []
    integers.reserveCapacity(numbers.count)
    for (place, number) in numbers.enumerated() {
      guard let integer = Int(exactly: number) else {
        throw Failure(.badInput, file: file, place: "\(path)[\(place)]", "\(number) is no integer")
      }
      integers.append(integer)
    }
    return integers
  }

  /// An integer, also one in a string, as XGBoost writes all its parameters.
  func parameter() throws(Failure) -> Int {
    if let integer = integer ?? string.flatMap({ Int($0) }) { return integer }
    throw Failure(self, "expected an integer, not \(string.map { "'\($0.prefix(40))'" } ?? value.kindName)")
  }
}
