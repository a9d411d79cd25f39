import Configuration
import Diagnostics
import Model
import Storage

/// Reads conifer's JSON: the trees of any of its converters, and the precisions of its configuration.
func loadConifer(_ file: borrowing ModelFile) throws(Failure) -> ImportedModel {
  try refuseWeights(file)
  let root: JSONNode
  if let json = file.json { root = json } else { root = try JSONNode(contentsOf: file.path) }
  let classes = try root.needed("n_classes").parameter()
  let outputs = classes == 2 ? 1 : classes
  var builder = try EnsembleBuilder(
    features: try root.needed("n_features").parameter(), outputs: outputs, file: root.file,
    limits: file.limits)
  let isStrict: Bool
  switch root["splitting_convention"]?.string ?? "<=" {
  case "<": isStrict = true
  case "<=": isStrict = false
  case let other:
    throw Failure(try root.needed("splitting_convention"), "'\(other.prefix(40))' is neither < nor <=")
  }
  builder.setBase(try root.needed("init_predict").numbers(), place: "init_predict")
  if let norm = root["norm"] {
    guard let number = norm.number, number.isFinite else { throw Failure(norm, "no finite number") }
    builder.setScale(number)
  }
  let iterations = try root.needed("trees").elements ?? []
  if let count = root["n_trees"], try count.parameter() != iterations.count {
    throw Failure(count, "\(iterations.count) trees where \(try count.parameter()) are declared")
  }
  for iteration in iterations {
    let trees = iteration.elements ?? []
    guard trees.count == outputs else {
      builder.problems.add(iteration.diagnostic("\(trees.count) trees where \(outputs) are needed"))
      continue
    }
    for (output, tree) in trees.enumerated() {
      do throws(Failure) {
        builder.add(try nodes(tree, isStrict, &builder), outputs: output..<output + 1) {
          "\(tree.path) node \($0)"
        }
      } catch {
        builder.problems.add(error)
      }
    }
  }
  return ImportedModel(
    try builder.model(library: "conifer"), configuration: try root["config"].flatMap(Configuration.conifer))
}

private func nodes(_ tree: JSONNode, _ isStrict: Bool, _ builder: inout EnsembleBuilder) throws(Failure)
  -> [SourceNode]
{
  let features = try tree.needed("feature").integers()
  let thresholds = try tree.needed("threshold").numbers()
  let values = try tree.needed("value").numbers()
  let left = try tree.needed("children_left").integers()
  let right = try tree.needed("children_right").integers()
  for (count, key) in [
    (thresholds.count, "threshold"), (values.count, "value"), (left.count, "children_left"),
    (right.count, "children_right"),
  ] where count != features.count {
    throw Failure(tree, "\(count) entries of '\(key)' where the tree has \(features.count) nodes")
  }
  let weights = tree["weight"]?.elements
  guard weights == nil || weights?.count == features.count else {
    throw Failure(tree, "\(weights?.count ?? 0) rows of 'weight' where the tree has \(features.count) nodes")
  }
  var nodes: [SourceNode] = []
  for index in features.indices {
    if features[index] == -2 {
      nodes.append(.leaf([values[index]]))
      continue
    }
    var feature = features[index]
    if let row = weights?[index], case .array(let given) = row.value, !given.isEmpty {
      let weights = try row.numbers()
      guard weights.count == builder.ensemble.features, weights.allSatisfy(\.isFinite) else {
        throw Failure(
          row, "\(weights.count) weights where \(builder.ensemble.features) finite ones are needed")
      }
      // A row with a single 1 looks at one feature.
      let others = weights.indices.filter { weights[$0] != 0 }
      feature = others.count == 1 && weights[others[0]] == 1 ? others[0] : builder.addProjection(weights)
    }
    let test = isStrict ? Ensemble.Test.less(thresholds[index]) : .lessOrEqual(thresholds[index])
    // conifer knows no missing numbers: a comparison with NaN is false.
    nodes.append(
      .split(
        Ensemble.Node(
          feature: feature, test: test, missingGoesLeft: false, left: left[index], right: right[index])))
  }
  return nodes
}
