import Diagnostics
import Model

// The operators of trees of ONNX-ML: TreeEnsembleClassifier and TreeEnsembleRegressor of ai.onnx.ml 1 and 3, TreeEnsemble of 5.

/// What a node of a file's trees says, before children are known by place.
private struct ONNXTreeNode {
  var mode: String
  var feature: Int
  var value: Double
  var isMissingTrue: Bool
  /// The children: places in the operator's arrays of nodes, or `~leaf` of its arrays of leaves (version 5).
  var yes: Int
  var no: Int
  var categories: [Int] = []
}

extension ONNXCall {
  // MARK: Attributes

  fileprivate func reals(_ key: String) throws(Failure) -> [Double]? {
    for name in [key, "\(key)_as_tensor"] {
      switch attribute(name) {
      case nil: continue
      case .reals(let values): return values
      case .integers(let values): return values.map(Double.init)
      case .tensor(let tensor): return tensor.values
      default: throw problem("the attribute \(name) is no list of numbers")
      }
    }
    return nil
  }

  fileprivate func texts(_ key: String) throws(Failure) -> [String]? {
    switch attribute(key) {
    case nil: return nil
    case .texts(let values): return values
    default: throw problem("the attribute \(key) is no list of texts")
    }
  }

  fileprivate func list(_ key: String, _ count: Int? = nil) throws(Failure) -> [Int] {
    guard let values = try integers(key) else { throw problem("the attribute \(key) is missing") }
    if let count, values.count != count {
      throw problem("\(values.count) entries of \(key) where \(count) are needed")
    }
    return values
  }

  fileprivate func features(_ x: ONNXData) throws(Failure) -> Int {
    guard x.eventShape.count == 1 else {
      throw problem("reads data of shape \(x.shape.shortened); trees look at a vector of features")
    }
    return x.eventShape[0]
  }

  /// Refuses more numbers in leaves than a model may have constants: each leaf has one for every output.
  fileprivate func checkLeaves(_ outputs: Int, _ leaves: Int) throws(Failure) {
    guard let excess = importer.limits.excess(.constants, Saturating.product([outputs, leaves])) else {
      return
    }
    throw problem("its leaves are \(excess)", hint: WorkLimits.hint(.constants))
  }

  /// Refuses what is no plain sum of leaves.
  fileprivate func checkAggregate(_ name: String) throws(Failure) {
    guard ["SUM", "AVERAGE"].contains(name) else {
      throw problem("aggregate_function \(name) is not supported", hint: "SUM and AVERAGE are")
    }
  }

  // MARK: Nodes

  /// The source nodes of one tree, from the node at `root` on: all that can be reached, each once.
  fileprivate func tree(
    _ nodes: [ONNXTreeNode], root: Int, _ builder: inout EnsembleBuilder,
    leaf: (Int) throws(Failure) -> [Double]
  ) throws(Failure) -> [SourceNode] {
    var order = [root]
    var place = [root: 0]
    var next = 0
    func visit(_ index: Int) throws(Failure) -> Int {
      // A node reached twice is the builder's to refuse.
      if let known = place[index] { return known }
      guard index < nodes.count else { throw problem("a tree has node \(index) of \(nodes.count)") }
      place[index] = order.count
      order.append(index)
      return order.count - 1
    }
    var result: [SourceNode] = []
    while next < order.count {
      let index = order[next]
      next += 1
      guard index >= 0, nodes[index].mode != "LEAF" else {
        result.append(.leaf(try leaf(index)))
        continue
      }
      let node = nodes[index]
      let (yes, no) = (try visit(node.yes), try visit(node.no))
      let (test, isSwapped): (Ensemble.Test, Bool)
      switch node.mode {
      case "BRANCH_LEQ": (test, isSwapped) = (.lessOrEqual(node.value), false)
      case "BRANCH_LT": (test, isSwapped) = (.less(node.value), false)
      case "BRANCH_GT": (test, isSwapped) = (.lessOrEqual(node.value), true)
      case "BRANCH_GTE": (test, isSwapped) = (.less(node.value), true)
      case "BRANCH_EQ": (test, isSwapped) = (.equal(node.value), false)
      case "BRANCH_NEQ": (test, isSwapped) = (.equal(node.value), true)
      case "BRANCH_MEMBER":
        (test, isSwapped) = (builder.addCategories(node.categories, truncates: false), false)
      default: throw problem("the mode '\(node.mode.prefix(40))' of a node is not supported")
      }
      // NaN compares false with everything, unless the node says that missing numbers are a yes.
      result.append(
        .split(
          Ensemble.Node(
            feature: node.feature, test: test, missingGoesLeft: node.isMissingTrue != isSwapped,
            left: isSwapped ? no : yes, right: isSwapped ? yes : no)))
    }
    return result
  }

  /// Keeps what is behind the margins; what is never computed is told at once.
  fileprivate func setTransform(_ name: String, _ builder: inout EnsembleBuilder) {
    switch name {
    case "LOGISTIC": builder.setTransform(.logistic)
    case "SOFTMAX": builder.setTransform(.softmax)
    default:
      builder.setTransform(.other("post_transform is \(name)"))
      if name != "NONE" { importer.note(self, "the margins are given, without post_transform \(name)") }
    }
  }

  /// The layer of trees.
  fileprivate func layer(_ builder: EnsembleBuilder, _ x: ONNXData) throws(Failure) -> ONNXData {
    try builder.problems.check()
    guard !builder.ensemble.trees.isEmpty else { throw problem("there are no trees") }
    var builder = builder
    setTransform(try text("post_transform", default: "NONE"), &builder)
    return try add(
      .ensemble(builder.ensemble), [plain(x)], (x.hasBatch ? [x.shape[0]] : []) + [builder.ensemble.outputs])
  }
}

/// TreeEnsembleClassifier and TreeEnsembleRegressor: nodes by (tree, node), weights by (tree, node, output).
func convertTrees(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let isClassifier = call.node.operation == "TreeEnsembleClassifier"
  let prefix = isClassifier ? "class" : "target"
  let weightIDs = try call.list("\(prefix)_ids")
  guard let weights = try call.reals("\(prefix)_weights"), weights.count == weightIDs.count else {
    throw call.problem("\(prefix)_weights and \(prefix)_ids are not equally many")
  }
  let weightTrees = try call.list("\(prefix)_treeids", weights.count)
  let weightNodes = try call.list("\(prefix)_nodeids", weights.count)
  var outputs = isClassifier ? 0 : try call.integer("n_targets", default: 1)
  if isClassifier {
    let (names, numbers) = (try call.texts("classlabels_strings"), try call.integers("classlabels_int64s"))
    let labels = names?.count ?? numbers?.count ?? 0
    outputs = labels
    // Of two classes one has the weights, and the other is what is left.
    if labels <= 2, Set(weightIDs).count <= 1 { outputs = 1 }
  }
  guard (1...EnsembleBuilder.widthLimit).contains(outputs) else {
    throw call.problem("gives \(outputs) numbers")
  }
  try call.checkLeaves(outputs, weights.count)
  let isSingle = outputs == 1
  if isSingle, let average = call.attribute("aggregate_function"), case .text(let name) = average {
    try call.checkAggregate(name)
  }
  let trees = try call.list("nodes_treeids")
  let count = trees.count
  let ids = try call.list("nodes_nodeids", count)
  let features = try call.list("nodes_featureids", count)
  let yes = try call.list("nodes_truenodeids", count)
  let no = try call.list("nodes_falsenodeids", count)
  guard let modes = try call.texts("nodes_modes"), modes.count == count else {
    throw call.problem("nodes_modes and nodes_treeids are not equally many")
  }
  guard let values = try call.reals("nodes_values"), values.count == count else {
    throw call.problem("nodes_values and nodes_treeids are not equally many")
  }
  let missing = try call.integers("nodes_missing_value_tracks_true") ?? []
  struct Key: Hashable {
    var tree: Int
    var node: Int
  }
  var places: [Key: Int] = [:]
  for index in 0..<count {
    guard places.updateValue(index, forKey: Key(tree: trees[index], node: ids[index])) == nil else {
      throw call.problem("node \(ids[index]) of tree \(trees[index]) is given twice")
    }
  }
  var leaves: [Int: [(output: Int, weight: Double)]] = [:]
  for index in weights.indices {
    guard let place = places[Key(tree: weightTrees[index], node: weightNodes[index])] else {
      throw call.problem(
        "a weight of node \(weightNodes[index]) of tree \(weightTrees[index]), which is none")
    }
    let output = isSingle ? 0 : weightIDs[index]
    guard (0..<outputs).contains(output) else {
      throw call.problem("a weight of output \(weightIDs[index]) of \(outputs)")
    }
    leaves[place, default: []].append((output, weights[index]))
  }
  var builder = try EnsembleBuilder(
    features: try call.features(x), outputs: outputs, file: call.node.place.file, limits: call.importer.limits
  )
  if let base = try call.reals("base_values"), !base.isEmpty {
    builder.setBase(
      isSingle && base.count == 2 ? [base[1]] : base, place: "\(call.node.place.path).base_values")
  }
  var nodes: [ONNXTreeNode] = []
  for index in 0..<count {
    func child(_ id: Int) throws(Failure) -> Int {
      guard let place = places[Key(tree: trees[index], node: id)] else {
        throw call.problem("tree \(trees[index]) has no node \(id)")
      }
      return place
    }
    let isLeaf = modes[index] == "LEAF"
    nodes.append(
      ONNXTreeNode(
        mode: modes[index], feature: features[index], value: values[index],
        isMissingTrue: missing.indices.contains(index) && missing[index] != 0,
        yes: isLeaf ? index : try child(yes[index]), no: isLeaf ? index : try child(no[index])))
  }
  // The root of a tree is its first node.
  var seen: Set<Int> = []
  let roots = trees.indices.filter { seen.insert(trees[$0]).inserted }
  let isAverage = try call.text("aggregate_function", default: "SUM") == "AVERAGE"
  try call.checkAggregate(call.text("aggregate_function", default: "SUM"))
  for root in roots {
    let own = try call.tree(nodes, root: root, &builder) { (index) throws(Failure) in
      var values = [Double](repeating: 0, count: outputs)
      for (output, weight) in leaves[index] ?? [] { values[output] += weight }
      return isAverage ? values.map { $0 / Double(roots.count) } : values
    }
    add(own, outputs: outputs, to: &builder) { "\(call.node.place.path) tree \(trees[root]) node \($0)" }
  }
  let result = try call.layer(builder, x)
  guard isClassifier else { return [.data(result)] }
  call.importer.note(call, "the labels are left out: the largest margin tells the class")
  return [.unknown, .data(result)]
}

/// TreeEnsemble: nodes and leaves by their places in arrays.
func convertTreeEnsemble(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = try call.data(0)
  let outputs = try call.integer("n_targets", default: 1)
  let roots = try call.list("tree_roots")
  guard case .tensor(let splits)? = call.attribute("nodes_splits"),
    case .tensor(let modes)? = call.attribute("nodes_modes"),
    case .tensor(let weights)? = call.attribute("leaf_weights")
  else { throw call.problem("nodes_splits, nodes_modes or leaf_weights is missing") }
  let count = splits.values.count
  let features = try call.list("nodes_featureids", count)
  let yes = try call.list("nodes_truenodeids", count)
  let no = try call.list("nodes_falsenodeids", count)
  let yesIsLeaf = try call.list("nodes_trueleafs", count)
  let noIsLeaf = try call.list("nodes_falseleafs", count)
  let targets = try call.list("leaf_targetids", weights.values.count)
  let missing = try call.integers("nodes_missing_value_tracks_true") ?? []
  guard modes.values.count == count else {
    throw call.problem("nodes_modes and nodes_splits are not equally many")
  }
  // The sets of BRANCH_MEMBER follow each other, a NaN behind each.
  var sets: [[Int]] = [[]]
  if case .tensor(let members)? = call.attribute("membership_values") {
    for member in members.values {
      if member.isNaN { sets.append([]) } else { sets[sets.count - 1].append(Int(clamping: member)) }
    }
  }
  let names = [
    "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER",
  ]
  var nextSet = 0
  var nodes: [ONNXTreeNode] = []
  for index in 0..<count {
    let mode = Int(clamping: modes.values[index])
    var node = ONNXTreeNode(
      mode: names.indices.contains(mode) ? names[mode] : "\(mode)", feature: features[index],
      value: splits.values[index], isMissingTrue: missing.indices.contains(index) && missing[index] != 0,
      yes: yesIsLeaf[index] != 0 ? ~yes[index] : yes[index], no: noIsLeaf[index] != 0 ? ~no[index] : no[index]
    )
    guard yes[index] >= 0, no[index] >= 0 else { throw call.problem("node \(index) has a negative child") }
    if node.mode == "BRANCH_MEMBER" {
      guard nextSet < sets.count else { throw call.problem("membership_values has no set for node \(index)") }
      node.categories = sets[nextSet]
      nextSet += 1
    }
    nodes.append(node)
  }
  var builder = try EnsembleBuilder(
    features: try call.features(x), outputs: outputs, file: call.node.place.file, limits: call.importer.limits
  )
  try call.checkLeaves(outputs, weights.values.count)
  let aggregate = try call.integer("aggregate_function", default: 1)
  guard aggregate == 0 || aggregate == 1 else {
    throw call.problem(
      "aggregate_function \(aggregate) is not supported", hint: "averages (0) and sums (1) are")
  }
  for root in roots {
    guard nodes.indices.contains(root) else { throw call.problem("tree_roots has node \(root) of \(count)") }
    let own = try call.tree(nodes, root: root, &builder) { (index) throws(Failure) in
      guard index < 0, targets.indices.contains(~index), (0..<outputs).contains(targets[~index]) else {
        throw call.problem("there is no leaf \(index < 0 ? ~index : index)")
      }
      var values = [Double](repeating: 0, count: outputs)
      values[targets[~index]] = weights.values[~index] / (aggregate == 0 ? Double(roots.count) : 1)
      return values
    }
    add(own, outputs: outputs, to: &builder) { "\(call.node.place.path) tree at \(root) node \($0)" }
  }
  let transform = try call.integer("post_transform", default: 0)
  let transforms = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"]
  call.setTransform(transforms.indices.contains(transform) ? transforms[transform] : "\(transform)", &builder)
  try builder.problems.check()
  return [
    .data(
      try call.add(
        .ensemble(builder.ensemble), [call.plain(x)], (x.hasBatch ? [x.shape[0]] : []) + [outputs]))
  ]
}

/// Adds a tree; of one that has numbers for one output only, those alone.
private func add(
  _ nodes: [SourceNode], outputs: Int, to builder: inout EnsembleBuilder, place: (Int) -> String
) {
  var used: Set<Int> = []
  for case .leaf(let values) in nodes { used.formUnion(values.indices.filter { values[$0] != 0 }) }
  guard outputs > 1, used.count <= 1 else { return builder.add(nodes, outputs: 0..<outputs, place: place) }
  let output = used.first ?? 0
  let own = nodes.map { node -> SourceNode in
    if case .leaf(let values) = node { return .leaf([values[output]]) }
    return node
  }
  builder.add(own, outputs: output..<output + 1, place: place)
}

/// What follows a classifier to make names of its classes: the numbers stay.
func convertZipMap(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] { [.data(try call.data(0))] }
