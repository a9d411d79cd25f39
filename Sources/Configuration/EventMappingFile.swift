import DataFiles
import Diagnostics

extension EventMapping {
  /// Reads a mapping: `.json` is JSON, anything else YAML (docs/rates.md).
  ///
  /// - Throws: `missingInput`; `badInput` with every unknown key and wrong value, each with its place.
  public static func load(_ path: String) throws(Failure) -> EventMapping {
    let root = try SettingNode.load(path)
    var reader = MappingReader()
    var mapping = EventMapping(file: path)
    for (key, node) in reader.entries(root, ["tree", "inputs", "labels", "weights", "reference"]) {
      switch key {
      case "tree":
        if case .text(let text) = node.value {
          mapping.tree = text
        } else {
          reader.wrong(node, "a name is needed")
        }
      case "labels": mapping.labels = reader.branch(node)
      case "weights": mapping.weights = reader.branch(node)
      case "reference": mapping.reference = reader.branch(node)
      default: mapping.inputs = reader.inputs(node)
      }
    }
    if mapping.inputs.isEmpty, reader.problems.isEmpty { reader.wrong(root, "a mapping has inputs") }
    if !reader.problems.isEmpty { throw Failure(.badInput, reader.problems) }
    return mapping
  }
}

/// Reads the nodes of a mapping, and gathers what is wrong with them.
private struct MappingReader {
  var problems: [Diagnostic] = []

  mutating func wrong(_ node: SettingNode, _ message: String, hint: String? = nil) {
    problems.append(node.problem(message, hint: hint))
  }

  mutating func entries(_ node: SettingNode, _ known: [String]) -> [(String, SettingNode)] {
    guard case .map(let entries) = node.value else {
      wrong(node, "expected a mapping, not \(node.kindName)")
      return []
    }
    for (key, value) in entries where !known.contains(key) {
      let guess = nearest(to: key, in: known)
      wrong(
        value, "there is no key '\(shortened(key))'",
        hint: guess.map { "did you mean '\($0)'?" } ?? "the keys are \(known.joined(separator: ", "))")
    }
    return entries.filter { known.contains($0.key) }.map { ($0.key, $0.node) }
  }

  mutating func inputs(_ node: SettingNode) -> [EventMapping.Input] {
    switch node.value {
    case .map(let named): return named.compactMap { input($0.node) }
    case .list(let list):
      // A plain list of branches is one input.
      let isOne = list.allSatisfy { one in
        switch one.value {
        case .text, .number: true
        case .map(let entries): entries.contains { $0.key == "branch" }
        default: false
        }
      }
      return isOne ? [input(node)].compactMap { $0 } : list.compactMap { input($0) }
    default:
      wrong(node, "inputs are a list in the model's order, or each by its name")
      return []
    }
  }

  private mutating func input(_ node: SettingNode) -> EventMapping.Input? {
    if case .list(let list) = node.value { return EventMapping.Input(list.compactMap { branch($0) }) }
    var input = EventMapping.Input([])
    for (key, node) in entries(node, ["branches", "objects", "pad", "order", "flat"]) {
      switch (key, node.value) {
      case ("branches", .list(let list)): input.branches = list.compactMap { branch($0) }
      case ("objects", .number(let number))
      where number >= 1 && number <= 0x1p20 && number == number.rounded():
        input.objects = Int(number)
      case ("pad", .number(let number)) where number.isFinite: input.pad = number
      case ("order", .text(let text)) where ["objects", "branches"].contains(text):
        input.branchesFirst = text == "branches"
      case ("flat", .bool(let bool)): input.isFlat = bool
      default: wrong(node, "\(key) cannot be \(node.kindName)", hint: "docs/rates.md shows the form")
      }
    }
    if input.branches.isEmpty {
      wrong(node, "an input is a list of branches, or has one called branches")
      return nil
    }
    return input
  }

  mutating func branch(_ node: SettingNode) -> EventMapping.Branch? {
    switch node.value {
    case .text(let text): return EventMapping.Branch(text)
    case .number(let number) where number >= 0 && number < 0x1p31 && number == number.rounded():
      return EventMapping.Branch("\(Int(number))")
    case .map(let all):
      guard let name = all.first(where: { $0.key == "branch" }).flatMap({ branch($0.node) }) else {
        wrong(node, "a branch is a name, or {branch: NAME, scale: S, offset: O}")
        return nil
      }
      var found = name
      for (key, node) in entries(node, ["branch", "scale", "offset"]) where key != "branch" {
        guard case .number(let number) = node.value, number.isFinite else {
          wrong(node, "a number is needed, not \(node.kindName)")
          continue
        }
        if key == "scale" { found.scale = number } else { found.offset = number }
      }
      return found
    default:
      wrong(node, "a branch is a name, or {branch: NAME, scale: S, offset: O}, not \(node.kindName)")
      return nil
    }
  }
}
