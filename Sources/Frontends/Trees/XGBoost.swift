import Diagnostics
import Foundation
import Model
import Storage

/// Reads an XGBoost model of version 1.6 or later: `save_model` as JSON or UBJSON.
func loadXGBoost(_ file: borrowing ModelFile) throws(Failure) -> ImportedModel {
  try refuseWeights(file)
  let json: JSONNode
  if let known = file.json {
    json = known
  } else {
    let bytes = try readFile(file.path)
    guard bytes.first == UInt8(ascii: "{") else {
      throw Failure(
        .badInput, file: file.path,
        "this is XGBoost's binary format of before version 1.6, which is not read",
        hint: "load it with the XGBoost that wrote it, and save_model('model.json')")
    }
    json = try UBJSONParser.parse(bytes, file: file.path)
  }
  var reader = try XGBoostReader(json, limits: file.limits)
  return try reader.read()
}

/// A file of trees has everything in itself.
func refuseWeights(_ file: borrowing ModelFile) throws(Failure) {
  if let weights = file.weights {
    throw Failure(
      .usage, file: weights, "a model of trees has no file of weights; --weights is for Keras models")
  }
}

/// XGBoost's document (doc/model.schema): a learner with a booster, whose trees are arrays with an entry per node.
private struct XGBoostReader {
  let learner: JSONNode
  let objective: String
  let classes: Int
  /// `base_score`.
  let score: JSONNode
  var builder: EnsembleBuilder
  var notes: [Diagnostic] = []

  init(_ root: JSONNode, limits: WorkLimits) throws(Failure) {
    learner = try root.needed("learner")
    let parameters = try learner.needed("learner_model_param")
    let features = try parameters.needed("num_feature").parameter()
    classes = try max(
      1, parameters["num_class"]?.parameter() ?? 0, parameters["num_target"]?.parameter() ?? 1)
    score = try parameters.needed("base_score")
    objective = try learner.needed("objective").needed("name").string ?? ""
    builder = try EnsembleBuilder(features: features, outputs: classes, file: root.file, limits: limits)
  }

  mutating func read() throws(Failure) -> ImportedModel {
    var booster = try learner.needed("gradient_booster")
    var weights: [Double]?
    switch booster["name"]?.string ?? "gbtree" {
    case "gbtree": break
    case "dart":
      weights = try booster.needed("weight_drop").numbers()
      booster = try booster.needed("gbtree")
    case let name:
      throw Failure(
        booster, "the booster '\(name)' is not read", hint: "gbtree and dart are: models of trees")
    }
    let model = try booster.needed("model")
    let trees = try model.needed("trees").elements ?? []
    let groups = try model.needed("tree_info").integers()
    guard groups.count == trees.count, weights.map({ $0.count == trees.count }) ?? true else {
      throw Failure(
        model,
        "\(trees.count) trees, \(groups.count) entries of tree_info"
          + (weights.map { " and \($0.count) of weight_drop" } ?? ""))
    }
    if let declared = model["gbtree_model_param"]?["num_trees"], try declared.parameter() != trees.count {
      throw Failure(declared, "\(trees.count) trees where \(declared.string ?? "") are declared")
    }
    let base = try self.base()
    builder.setBase(base, place: "learner.learner_model_param.base_score")
    switch objective {
    case "binary:logistic", "reg:logistic": builder.setTransform(.logistic)
    case "multi:softmax", "multi:softprob": builder.setTransform(.softmax)
    default: builder.setTransform(.other("the objective is \(objective)"))
    }
    for (index, tree) in trees.enumerated() {
      do throws(Failure) {
        try add(tree, group: groups[index], weight: weights?[index])
      } catch {
        builder.problems.add(error)
      }
    }
    builder.setFeatureNames((learner["feature_names"]?.elements ?? []).compactMap(\.string))
    if let names = model["cats"]?["enc"]?.elements, !names.isEmpty {
      notes.append(
        model.diagnostic(
          "the model was trained on categories with values of their own",
          hint: "events are given as the categories' numbers, in the order of training"))
    }
    return ImportedModel(try builder.model(library: "XGBoost"), notes: notes)
  }

  // MARK: The base

  /// What sums start with: `base_score` as a margin. It is kept as a probability, or as a mean, where the objective has a link
  /// function (ProbToMargin of each objective), and one number may serve all outputs.
  private func base() throws(Failure) -> [Double] {
    let text = score.string ?? score.number.map { "\($0)" } ?? ""
    let parts = text.split { "[], ".contains($0) }
    let scores = parts.compactMap { Float($0) }
    guard scores.count == parts.count, scores.count == 1 || scores.count == classes else {
      throw Failure(score, "base_score is '\(text.prefix(60))' where \(classes) numbers are needed")
    }
    guard let link = Link(objective) else {
      throw Failure(
        learner, "the objective '\(objective.prefix(60))' is not known, nor what its base_score means",
        hint: "its conversion to ONNX is read")
    }
    let margins = scores.map { Double(link.margin($0)) }
    guard margins.allSatisfy(\.isFinite) else {
      throw Failure(score, "base_score '\(text.prefix(60))' is outside of what \(objective) can give")
    }
    return margins.count == classes ? margins : Array(repeating: margins[0], count: classes)
  }

  /// How an objective keeps its base.
  private enum Link {
    case identity, logit, logarithm

    init?(_ objective: String) {
      switch objective {
      case "binary:logistic", "reg:logistic", "binary:logitraw": self = .logit
      case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft": self = .logarithm
      case "multi:softmax", "multi:softprob", "reg:squarederror", "reg:linear", "reg:squaredlogerror",
        "reg:pseudohubererror", "reg:absoluteerror", "reg:quantileerror", "reg:expectileerror",
        "binary:hinge",
        "rank:pairwise", "rank:ndcg", "rank:map":
        self = .identity
      default: return nil
      }
    }

    /// In float32, as XGBoost computes it.
    func margin(_ score: Float) -> Float {
      switch self {
      case .identity: score
      case .logit: -logf(1 / score - 1)
      case .logarithm: logf(score)
      }
    }
  }

  // MARK: Trees

  private mutating func add(_ tree: JSONNode, group: Int, weight: Double?) throws(Failure) {
    let parameters = tree["tree_param"]
    let width = try parameters?["size_leaf_vector"]?.parameter() ?? 1
    let left = try tree.needed("left_children").integers()
    let right = try tree.needed("right_children").integers()
    let features = try tree.needed("split_indices").integers()
    let conditions = try tree.needed("split_conditions").numbers()
    let defaults = try tree.needed("default_left").integers()
    let count = left.count
    func check(_ length: Int, _ key: String) throws(Failure) {
      guard length == count else {
        throw Failure(tree, "\(length) entries of '\(key)' where the tree has \(count) nodes")
      }
    }
    if let declared = try parameters?["num_nodes"]?.parameter() {
      try check(declared, "tree_param.num_nodes")
    }
    try check(right.count, "right_children")
    try check(features.count, "split_indices")
    try check(conditions.count, "split_conditions")
    try check(defaults.count, "default_left")
    var types = [Int](repeating: 0, count: count)
    if let node = tree["split_type"] {
      types = try node.integers()
      try check(types.count, "split_type")
    }
    let categories = types.contains(1) ? try self.categories(tree) : [:]
    // Leaves of several numbers stand apart, and the right child says which.
    let vectors = width > 1 ? try tree.needed("leaf_weights").numbers() : []
    func value(_ number: Double) -> Double {
      let number = Double(Float(number))
      return weight.map { number * Double(Float($0)) } ?? number
    }
    var nodes: [SourceNode] = []
    nodes.reserveCapacity(count)
    for index in 0..<count {
      if left[index] == -1 {
        if width > 1 {
          let start = right[index].multipliedReportingOverflow(by: width)
          guard right[index] >= 0, !start.overflow, start.partialValue <= vectors.count - width else {
            throw Failure(tree, "node \(index): there is no vector \(right[index]) in leaf_weights")
          }
          nodes.append(.leaf(vectors[start.partialValue..<start.partialValue + width].map(value)))
        } else {
          nodes.append(.leaf([value(conditions[index])]))
        }
        continue
      }
      let goesLeft = defaults[index] != 0
      if types[index] == 1 {
        guard let members = categories[index] else {
          throw Failure(tree, "node \(index) splits categories and has no set of them")
        }
        // What is in the set goes right.
        nodes.append(
          .split(
            Ensemble.Node(
              feature: features[index], test: builder.addCategories(members, truncates: false),
              missingGoesLeft: !goesLeft, left: right[index], right: left[index])))
      } else {
        nodes.append(
          .split(
            Ensemble.Node(
              feature: features[index], test: .less(Double(Float(conditions[index]))),
              missingGoesLeft: goesLeft,
              left: left[index], right: right[index])))
      }
    }
    let outputs = width > 1 ? 0..<width : group..<(group == .max ? group : group + 1)
    builder.add(nodes, outputs: outputs) { "\(tree.path) node \($0)" }
  }

  /// The sets of categories by node.
  private func categories(_ tree: JSONNode) throws(Failure) -> [Int: [Int]] {
    let members = try tree.needed("categories").integers()
    let nodes = try tree.needed("categories_nodes").integers()
    let starts = try tree.needed("categories_segments").integers()
    let sizes = try tree.needed("categories_sizes").integers()
    guard nodes.count == starts.count, nodes.count == sizes.count else {
      throw Failure(
        tree, "\(nodes.count) nodes with categories, \(starts.count) segments and \(sizes.count) sizes")
    }
    var sets: [Int: [Int]] = [:]
    for (place, node) in nodes.enumerated() {
      guard starts[place] >= 0, sizes[place] >= 0, starts[place] <= members.count,
        sizes[place] <= members.count - starts[place]
      else { throw Failure(tree, "categories of node \(node) beyond the \(members.count) there are") }
      sets[node] = Array(members[starts[place]..<starts[place] + sizes[place]])
    }
    return sets
  }
}
