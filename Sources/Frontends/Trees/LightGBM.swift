import Diagnostics
import Foundation
import Model
import Storage

/// Reads a LightGBM model: the text of `save_model`, or the JSON of `dump_model`.
func loadLightGBM(_ file: borrowing ModelFile) throws(Failure) -> ImportedModel {
  try refuseWeights(file)
  if let json = file.json { return try LightGBMJSON.read(json, limits: file.limits) }
  let text = try readFile(file.path)
  return try LightGBMText.read(text, file: file.path, limits: file.limits)
}

/// What text and JSON have in common.
enum LightGBM {
  /// How a node treats missing numbers.
  enum Missing { case none, zero, nan }

  static func builder(
    features: Int, classes: Int, file: String, limits: WorkLimits
  ) throws(Failure) -> EnsembleBuilder {
    try EnsembleBuilder(features: features, outputs: classes, file: file, limits: limits)
  }

  /// Numbers of at most this size are 0 to LightGBM, before any node sees them.
  private static let zeroSize = Double(Float(1e-35))

  /// What a node asks of x where LightGBM asks whether x ≤ threshold, in double precision: numbers that count as 0 go where 0 goes.
  private static func test(_ threshold: Double) -> Ensemble.Test {
    guard abs(threshold) <= zeroSize else { return .lessOrEqual(threshold) }
    return threshold >= 0 ? .lessOrEqual(zeroSize) : .less(-zeroSize)
  }

  /// A node that compares. Where nothing counts as missing, NaN counts as 0.
  static func node(
    feature: Int, threshold: Double, defaultLeft: Bool, missing: Missing, left: Int, right: Int
  ) -> Ensemble.Node {
    Ensemble.Node(
      feature: feature, test: test(threshold),
      missingGoesLeft: missing == .none ? 0 <= threshold : defaultLeft, zeroIsMissing: missing == .zero,
      left: left, right: right)
  }

  /// What an objective puts behind the margins; nil for none in the file.
  static func transform(objective: Substring?, isAverage: Bool) -> Ensemble.Transform {
    guard let objective, let name = objective.split(separator: " ").first else { return .unknown }
    if isAverage {
      return .other("the function is that of the mean of a random forest's trees, not of their sum")
    }
    let slope = objective.split(separator: " ").last { $0.hasPrefix("sigmoid:") }?.dropFirst(8)
    if let slope, Double(slope) != 1 { return .other("the objective is \(objective)") }
    switch name {
    case "binary", "multiclassova", "cross_entropy": return .logistic
    case "multiclass": return .softmax
    default: return .other("the objective is \(objective)")
    }
  }

  static let linear = "trees with linear models in their leaves are not read"
}

/// The text: `key=value` lines, a block per tree.
private enum LightGBMText {
  /// One block, with the line it starts in.
  struct Block {
    var line: Int
    var values: [Substring: Substring] = [:]
    var place: String { "line \(line)" }
  }

  static func read(_ bytes: [UInt8], file: String, limits: WorkLimits) throws(Failure) -> ImportedModel {
    let text = String(decoding: bytes, as: UTF8.self)
    var header = Block(line: 1)
    var trees: [Block] = []
    var isComplete = false
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("end of trees") {
        isComplete = true
        break
      }
      let key = line.prefix { $0 != "=" && $0 != "\r" }
      var value = line.dropFirst(key.count + 1)
      if value.last == "\r" { value = value.dropLast() }
      if key == "Tree" {
        trees.append(Block(line: number + 1))
      } else if !key.isEmpty {
        if trees.isEmpty { header.values[key] = value } else { trees[trees.count - 1].values[key] = value }
      }
    }
    guard isComplete else {
      throw Failure(
        .badInput, file: file, "the file ends before 'end of trees': it was not written to its end")
    }
    let reader = Reader(file: file)
    let classes = try reader.integer(header, "num_tree_per_iteration")
    let last = try reader.integer(header, "max_feature_idx")
    guard last >= 0, last < EnsembleBuilder.widthLimit else {
      throw Failure(.badInput, file: file, place: "line 1", "max_feature_idx is \(last)")
    }
    var builder = try LightGBM.builder(features: last + 1, classes: classes, file: file, limits: limits)
    for (index, tree) in trees.enumerated() {
      do throws(Failure) {
        let nodes = try reader.nodes(tree, &builder)
        builder.add(nodes, outputs: index % classes..<index % classes + 1) {
          "\(tree.place) (tree \(index)) node \($0)"
        }
      } catch {
        builder.problems.add(error)
      }
    }
    builder.setFeatureNames((header.values["feature_names"] ?? "").split(separator: " ").map(String.init))
    builder.setTransform(
      LightGBM.transform(
        objective: header.values["objective"], isAverage: header.values["average_output"] != nil))
    return ImportedModel(try builder.model(library: "LightGBM"))
  }

  private struct Reader {
    let file: String

    private func fault(_ block: Block, _ message: String) -> Failure {
      Failure(.badInput, file: file, place: block.place, message)
    }

    private func text(_ block: Block, _ key: Substring) throws(Failure) -> Substring {
      guard let text = block.values[key] else { throw fault(block, "'\(key)' is missing") }
      return text
    }

    func integer(_ block: Block, _ key: Substring) throws(Failure) -> Int {
      let text = try text(block, key)
      guard let integer = Int(text) else { throw fault(block, "\(key): '\(text.prefix(40))' is no integer") }
      return integer
    }

    private func list<Value>(
      _ block: Block, _ key: Substring, _ count: Int?, _ parse: (Substring) -> Value?
    ) throws(Failure) -> [Value] {
      var values: [Value] = []
      for part in try text(block, key).split(separator: " ") {
        guard let value = parse(part) else { throw fault(block, "\(key): '\(part.prefix(40))' is no number") }
        values.append(value)
      }
      guard count == nil || values.count == count else {
        throw fault(block, "\(values.count) entries of '\(key)' where \(count ?? 0) are needed")
      }
      return values
    }

    /// The nodes of a tree: those that compare first, then its leaves.
    func nodes(_ tree: Block, _ builder: inout EnsembleBuilder) throws(Failure) -> [SourceNode] {
      let leaves = try integer(tree, "num_leaves")
      if tree.values["is_linear"] == "1" { throw fault(tree, LightGBM.linear) }
      let values = try list(tree, "leaf_value", leaves) { Double($0) }
      guard leaves > 0 else { throw fault(tree, "a tree of \(leaves) leaves") }
      guard leaves > 1 else { return [.leaf(values)] }
      let count = leaves - 1
      let features = try list(tree, "split_feature", count) { Int($0) }
      let thresholds = try list(tree, "threshold", count) { Double($0) }
      let decisions = try list(tree, "decision_type", count) { Int($0) }
      let left = try list(tree, "left_child", count) { Int($0) }
      let right = try list(tree, "right_child", count) { Int($0) }
      let sets = try integer(tree, "num_cat")
      let boundaries = sets > 0 ? try list(tree, "cat_boundaries", nil) { Int($0) } : []
      let bits = sets > 0 ? try list(tree, "cat_threshold", nil) { UInt32($0) } : []
      // Leaves have negative numbers: ~leaf.
      func child(_ number: Int) -> Int {
        if number < 0 { return ~number < leaves ? count + ~number : -1 }
        return number < count ? number : -1
      }
      var nodes: [SourceNode] = []
      for index in 0..<count {
        let decision = decisions[index]
        guard decision & 1 == 1 else {
          guard let missing = [0: LightGBM.Missing.none, 1: .zero, 2: .nan][decision >> 2 & 3] else {
            throw fault(tree, "decision_type \(decision) of node \(index)")
          }
          nodes.append(
            .split(
              LightGBM.node(
                feature: features[index], threshold: thresholds[index], defaultLeft: decision & 2 != 0,
                missing: missing, left: child(left[index]), right: child(right[index]))))
          continue
        }
        guard let set = Int(exactly: thresholds[index]), set >= 0, set < boundaries.count - 1,
          boundaries[set] >= 0, boundaries[set] <= boundaries[set + 1], boundaries[set + 1] <= bits.count
        else { throw fault(tree, "node \(index) splits categories and has no set of them") }
        let words = bits[boundaries[set]..<boundaries[set + 1]]
        guard words.count <= EnsembleBuilder.categoryLimit / 32 else {
          throw fault(tree, "node \(index) has categories beyond \(EnsembleBuilder.categoryLimit)")
        }
        let members = words.enumerated().flatMap { place, word in
          (0..<32).filter { word >> UInt32($0) & 1 == 1 }.map { place * 32 + $0 }
        }
        nodes.append(
          .split(
            Ensemble.Node(
              feature: features[index], test: builder.addCategories(members, truncates: true),
              missingGoesLeft: false, left: child(left[index]), right: child(right[index]))))
      }
      return nodes + values.map { .leaf([$0]) }
    }
  }
}

/// The JSON of `dump_model`: every tree is an object of objects.
private enum LightGBMJSON {
  static func read(_ root: JSONNode, limits: WorkLimits) throws(Failure) -> ImportedModel {
    let classes = try root.needed("num_tree_per_iteration").parameter()
    let last = try root.needed("max_feature_idx").parameter()
    guard last >= 0, last < EnsembleBuilder.widthLimit else {
      throw Failure(try root.needed("max_feature_idx"), "\(last) is no number of a feature")
    }
    var builder = try LightGBM.builder(features: last + 1, classes: classes, file: root.file, limits: limits)
    for (index, tree) in (try root.needed("tree_info").elements ?? []).enumerated() {
      do throws(Failure) {
        var paths: [String] = []
        let nodes = try nodes(try tree.needed("tree_structure"), &builder, &paths)
        builder.add(nodes, outputs: index % classes..<index % classes + 1) { paths[$0] }
      } catch {
        builder.problems.add(error)
      }
    }
    builder.setFeatureNames((root["feature_names"]?.elements ?? []).compactMap(\.string))
    builder.setTransform(
      LightGBM.transform(
        objective: root["objective"]?.string.map { $0[...] },
        isAverage: root["average_output"]?.bool ?? false))
    return ImportedModel(try builder.model(library: "LightGBM"))
  }

  /// The nodes of a tree, the root first; children come after their parents.
  private static func nodes(
    _ root: JSONNode, _ builder: inout EnsembleBuilder, _ paths: inout [String]
  ) throws(Failure) -> [SourceNode] {
    var nodes: [SourceNode] = []
    var waiting = [root]
    var next = 0
    while next < waiting.count {
      let node = waiting[next]
      next += 1
      paths.append(node.path)
      if let value = node["leaf_value"] {
        guard node["leaf_coeff"] == nil else { throw Failure(node, LightGBM.linear) }
        guard let number = value.number else {
          throw Failure(value, "expected a number, not \(value.value.kindName)")
        }
        nodes.append(.leaf([number]))
        continue
      }
      let feature = try node.needed("split_feature").parameter()
      let threshold = try node.needed("threshold")
      let defaultLeft = node["default_left"]?.bool ?? false
      let children = (waiting.count, waiting.count + 1)
      waiting += [try node.needed("left_child"), try node.needed("right_child")]
      switch node["decision_type"]?.string {
      case "<=":
        guard let number = threshold.number else {
          throw Failure(threshold, "expected a number, not \(threshold.value.kindName)")
        }
        let missing: LightGBM.Missing
        switch node["missing_type"]?.string {
        case "Zero": missing = .zero
        case "NaN": missing = .nan
        case "None", nil: missing = .none
        case let other?: throw Failure(node, "the missing type '\(other.prefix(40))' is not known")
        }
        nodes.append(
          .split(
            LightGBM.node(
              feature: feature, threshold: number, defaultLeft: defaultLeft, missing: missing,
              left: children.0, right: children.1)))
      case "==":
        var members: [Int] = []
        for part in (threshold.string ?? threshold.integer.map { "\($0)" } ?? "").split(separator: "|") {
          guard let member = Int(part) else {
            throw Failure(threshold, "'\(part.prefix(40))' is no category")
          }
          members.append(member)
        }
        nodes.append(
          .split(
            Ensemble.Node(
              feature: feature, test: builder.addCategories(members, truncates: true), missingGoesLeft: false,
              left: children.0, right: children.1)))
      case let other:
        throw Failure(node, "the decision '\((other ?? "").prefix(40))' is not known")
      }
    }
    return nodes
  }
}
