import Diagnostics
import Foundation
import Frontends
import Testing

/// Hostile and damaged files of trees: one clear error each, with its place.
@Suite struct TreeBadInputTests {
  /// An XGBoost model of one tree of three nodes, with parts replaced.
  private func xgboost(_ changes: [String: String] = [:]) -> String {
    var parts = [
      "left": "[1,-1,-1]", "right": "[2,-1,-1]", "features": "[0,0,0]", "conditions": "[0.5,1.0,-1.0]",
      "defaults": "[0,0,0]", "base": "\"5E-1\"", "objective": "binary:logistic", "info": "[0]",
      "booster": "gbtree",
      "nodes": "\"3\"", "trees": "\"1\"", "features count": "\"2\"", "vector": "\"1\"",
    ]
    parts.merge(changes) { $1 }
    func part(_ key: String) -> String { parts[key] ?? "" }
    return """
      {"learner":{"learner_model_param":{"base_score":\(part("base")),"num_class":"0","num_feature":\(part("features count"))},
      "objective":{"name":"\(part("objective"))"},"gradient_booster":{"name":"\(part("booster"))","model":{
      "gbtree_model_param":{"num_trees":\(part("trees"))},"tree_info":\(part("info")),"trees":[{"left_children":\(part("left")),
      "right_children":\(part("right")),"split_indices":\(part("features")),"split_conditions":\(part("conditions")),
      "default_left":\(part("defaults")),"tree_param":{"num_nodes":\(part("nodes")),"size_leaf_vector":\(part("vector"))}}]}}},
      "version":[3,2,0]}
      """
  }

  private func said(_ text: String, _ name: String = "m.json") throws -> String {
    try said(Array(text.utf8), name)
  }

  private func said(_ bytes: [UInt8], _ name: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent(name)
    try Data(bytes).write(to: path)
    return complaint { _ = try loadModel(path: path.path) }
  }

  @Test func soundIsRead() throws { #expect(try said(xgboost()) == "no failure") }

  @Test(arguments: [
    (
      ["left": "[1,0,-1]", "right": "[2,2,-1]"],
      "trees[0] node 0: error: node 0 is reached in two ways: this is no tree"
    ),
    (
      ["left": "[1,2,-1]", "right": "[2,2,-1]"],
      "trees[0] node 2: error: node 2 is reached in two ways: this is no tree"
    ),
    (["left": "[7,-1,-1]"], "trees[0] node 0: error: child 7 of a tree of 3 nodes"),
    (["right": "[-2,-1,-1]"], "trees[0] node 0: error: child -2 of a tree of 3 nodes"),
    (["right": "[1000000000,-1,-1]"], "trees[0] node 0: error: child 1000000000 of a tree of 3 nodes"),
    (["left": "[1,-1]"], "trees[0]: error: 3 entries of 'tree_param.num_nodes' where the tree has 2 nodes"),
    (
      ["nodes": "\"1000000000\""],
      "trees[0]: error: 1000000000 entries of 'tree_param.num_nodes' where the tree has 3 nodes"
    ),
    (["features": "[5,0,0]"], "trees[0] node 0: error: the node looks at feature 5 of 2"),
    (["conditions": "[NaN,1,-1]"], "trees[0] node 0: error: the threshold is not a number"),
    (["conditions": "[0.5,NaN,-1]"], "trees[0] node 1: error: a leaf that is not a finite number"),
    (
      ["conditions": "[0.5,\"1\",-1]"], "trees[0].split_conditions[1]: error: expected a number, not a string"
    ),
    (["left": "\"[1,-1,-1]\""], "trees[0].left_children: error: expected an array of numbers, not a string"),
    (["left": "[1.5,-1,-1]"], "trees[0].left_children[0]: error: 1.5 is no integer"),
    (["info": "[0,0]"], ".model: error: 1 trees, 2 entries of tree_info"),
    (["info": "[3]"], "trees[0] node 0: error: the tree adds to output 3 of 1"),
    (["trees": "\"9\""], "num_trees: error: 1 trees where 9 are declared"),
    (["vector": "\"4\""], "trees[0]: error: 'leaf_weights' is missing"),
    (["base": "\"[0.5,0.5]\""], "base_score: error: base_score is '[0.5,0.5]' where 1 numbers are needed"),
    (["base": "\"2\""], "base_score: error: base_score '2' is outside of what binary:logistic can give"),
    (["features count": "\"2000000000\""], "m.json: error: 2000000000 features; 1 to 65536 are accepted"),
    (["features count": "\"x\""], "num_feature: error: expected an integer, not 'x'"),
    (
      ["objective": "mine:own"],
      "learner: error: the objective 'mine:own' is not known, nor what its base_score means"
    ),
    (["booster": "gblinear"], "gradient_booster: error: the booster 'gblinear' is not read"),
  ]) func xgboost(_ changes: [String: String], _ message: String) throws {
    let text = try said(xgboost(changes))
    #expect(text.hasPrefix("65 m.json") && text.contains(message), "\(text)")
  }

  @Test func binaryOfOld() throws {
    #expect(
      try said("binf\u{0}\u{0}\u{0}", "m.bin")
        == "65 m.bin: error: this is XGBoost's binary format of before version 1.6, which is not read"
        + "\nhint: load it with the XGBoost that wrote it, and save_model('model.json')")
  }

  /// Claims of more than there is are refused before memory is asked for.
  @Test(arguments: [
    ("{L\0\0\0\0\0\0\0\u{1}a[$d#L\u{7f}\u{ff}", "a length of"), ("{L\0\0\0\0\0\0\0\u{1}a", "ends too early"),
    ("{L\0\0\0\0\0\0\0\u{1}a[$Z#L\0\0\0\0\0\0\0\u{9}", "elements without bytes"),
    ("{L\0\0\0\0\0\0\0\u{1}aZ}x", "1 bytes behind the end"),
  ]) func ubjson(_ text: String, _ message: String) throws {
    let bytes =
      text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
      + (text.hasSuffix("ÿ") ? Array(repeating: 0xff, count: 6) : [])
    let said = try said(bytes, "m.ubj")
    #expect(said.hasPrefix("65 m.ubj:byte") && said.contains(message), "\(said)")
  }

  @Test func deepUBJSON() throws {
    let said = try said(
      Array("{L\0\0\0\0\0\0\0\u{1}a".utf8) + Array(repeating: UInt8(ascii: "["), count: 100_000), "m.ubj")
    #expect(said.contains("nested deeper than"), "\(said)")
  }

  private let lightGBM = """
    tree
    version=v4
    num_class=1
    num_tree_per_iteration=1
    max_feature_idx=1
    feature_names=a b

    Tree=0
    num_leaves=3
    num_cat=0
    split_feature=0 1
    threshold=0.5 0.25
    decision_type=2 2
    left_child=1 -1
    right_child=-3 -2
    leaf_value=1 2 3
    is_linear=0

    end of trees
    """

  @Test(arguments: [
    ("end of trees", "", "the file ends before 'end of trees'"),
    ("left_child=1 -1", "left_child=1 1", "node 1 is reached in two ways"),
    ("left_child=1 -1", "left_child=9 -1", "child -1 of a tree of 5 nodes"),
    ("right_child=-3 -2", "right_child=-9223372036854775808 -2", "child -1 of a tree of 5 nodes"),
    ("right_child=-3 -2", "right_child=-9 -2", "child -1 of a tree of 5 nodes"),
    ("num_leaves=3", "num_leaves=1000000000", "3 entries of 'leaf_value' where 1000000000 are needed"),
    ("num_leaves=3", "num_leaves=-3", "3 entries of 'leaf_value' where -3 are needed"),
    ("threshold=0.5 0.25", "threshold=0.5 nan", "the threshold is not a number"),
    ("threshold=0.5 0.25", "threshold=0.5 x", "threshold: 'x' is no number"),
    ("decision_type=2 2", "decision_type=2 1", "cat_boundaries' is missing"),
    ("decision_type=2 2", "decision_type=14 2", "decision_type 14 of node 0"),
    ("leaf_value=1 2 3", "leaf_value=1 inf 3", "a leaf that is not a finite number"),
    ("is_linear=0", "is_linear=1", "trees with linear models in their leaves are not read"),
    ("max_feature_idx=1", "max_feature_idx=99999999", "max_feature_idx is 99999999"),
    ("num_tree_per_iteration=1", "num_tree_per_iteration=0", "0 outputs"),
  ]) func lightGBM(_ old: String, _ new: String, _ message: String) throws {
    #expect(try said(lightGBM, "m.txt") == "no failure")
    var text = lightGBM.replacingOccurrences(of: old, with: new)
    if new.hasPrefix("decision_type=2 1") {
      text = text.replacingOccurrences(of: "num_cat=0", with: "num_cat=1")
    }
    let said = try said(text, "m.txt")
    #expect(said.hasPrefix("65 m.txt") && said.contains(message), "\(said)")
  }

  @Test func conifer() throws {
    let text = try String(contentsOfFile: fixture("trees/conifer_oblique.json"), encoding: .utf8)
    for (old, new, message) in [
      ("\"n_trees\": 2", "\"n_trees\": 3", "n_trees: error: 2 trees where 3 are declared"),
      ("\"<=\"", "\"==\"", "splitting_convention: error: '==' is neither < nor <="),
      ("\"children_left\": [1", "\"children_left\": [0", "node 0 is reached in two ways"),
      (
        "[0.5, -1, 0.25]", "[0.5, -1]",
        "trees[0][0].weight[0]: error: 2 weights where 3 finite ones are needed"
      ),
      ("\"norm\": 0.5", "\"norm\": null", "norm: error: no finite number"),
    ] {
      let said = try said(text.replacingOccurrences(of: old, with: new))
      #expect(said.hasPrefix("65 m.json") && said.contains(message), "\(said)")
    }
  }
}
