import Diagnostics
import Storage
import Yams

/// A value of a configuration file, YAML or JSON, with its place.
struct SettingNode {
  enum Value {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([SettingNode])
    /// In the order of the file; of equal keys the last one counts.
    case map([(key: String, node: SettingNode)])
  }

  let value: Value
  let file: String
  /// The keys on the way here: `HLSConfig.Model.Precision`.
  let path: String
  /// The line, from 1; nil in JSON.
  let line: Int?

  /// A problem at this place.
  func problem(_ message: String, hint: String? = nil) -> Diagnostic {
    let place = [line.map { "line \($0)" }, path.isEmpty ? nil : path].compactMap { $0 }.joined(
      separator: ", ")
    return Diagnostic(file: file, place: place, message, hint: hint)
  }

  /// What kind of value this is, for messages.
  var kindName: String {
    switch value {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .text(let text): "'\(shortened(text))'"
    case .list: "a list"
    case .map: "a mapping"
    }
  }
}

/// A text of the file as messages show it: nobody wants a megabyte of it.
func shortened(_ text: String) -> String {
  text.utf8.count <= 64 ? text : "\(text.prefix(60))…"
}

// MARK: Files

extension SettingNode {
  /// Reads a file: `.json` is JSON, anything else YAML.
  static func load(_ path: String) throws(Failure) -> SettingNode {
    if path.lowercased().hasSuffix(".json") { return SettingNode(try JSONNode(contentsOf: path)) }
    let bytes = try readFile(path, limit: 1 << 22)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.badInput, file: path, "the file is not text in UTF-8")
    }
    return try parse(yaml: text, file: path)
  }
}

// MARK: JSON

extension SettingNode {
  init(_ json: JSONNode) {
    switch json.value {
    case .null: value = .null
    case .bool(let bool): value = .bool(bool)
    case .integer(let integer): value = .number(Double(integer))
    case .number(let number): value = .number(number)
    case .string(let string): value = .text(string)
    case .array: value = .list((json.elements ?? []).map(SettingNode.init))
    case .object: value = .map((json.members ?? []).map { ($0.key, SettingNode($0.node)) })
    }
    file = json.file
    path = json.path
    line = nil
  }
}

// MARK: YAML

extension SettingNode {
  /// The most values accepted in a file: aliases let a short file stand for an endless one.
  static let limit = 1_000_000

  /// Parses YAML (its version 1.1, as PyYAML reads it; tags such as `!keras_model` are ignored).
  ///
  /// - Throws: `badInput` with the line if it is not YAML, has several documents or equal keys, or too many values.
  static func parse(yaml: String, file: String) throws(Failure) -> SettingNode {
    let root: Node?
    do {
      // A byte-order mark is no character of the text.
      root = try Parser(yaml: yaml.hasPrefix("\u{feff}") ? String(yaml.dropFirst()) : yaml).singleRoot()
    } catch let error as YamlError {
      throw failure(error, file, yaml)
    } catch {
      throw Failure(.badInput, file: file, "not YAML: \(error)")
    }
    guard let root else { throw Failure(.badInput, file: file, "the file is empty") }
    var count = 0
    return try SettingNode(root, file: file, path: "", count: &count)
  }

  private init(_ node: Node, file: String, path: String, count: inout Int) throws(Failure) {
    count += 1
    guard count <= Self.limit else {
      throw Failure(.badInput, file: file, "the file stands for more than \(Self.limit) values")
    }
    switch node {
    case .scalar(let scalar): value = Self.scalar(scalar)
    case .sequence(let sequence):
      var list: [SettingNode] = []
      for (index, element) in sequence.enumerated() {
        list.append(try SettingNode(element, file: file, path: "\(path)[\(index)]", count: &count))
      }
      value = .list(list)
    case .mapping(let mapping):
      var own: [(key: String, node: SettingNode)] = []
      var merged: [(key: String, node: SettingNode)] = []
      for (keyNode, valueNode) in mapping {
        let key = keyNode.scalar?.string ?? "?"
        var child = try SettingNode(
          valueNode, file: file, path: path.isEmpty ? shortened(key) : "\(path).\(shortened(key))",
          count: &count)
        // A key without a value, or with an alias for one, is better placed by the key's own line.
        child = SettingNode(
          value: child.value, file: file, path: child.path, line: keyNode.mark?.line ?? child.line)
        if key == "<<", keyNode.scalar?.style == .plain {
          merged += child.mergeEntries
        } else {
          own.append((key, child))
        }
      }
      value = .map(merged.filter { entry in !own.contains { $0.key == entry.key } } + own)
    case .alias: value = .null
    }
    self.file = file
    self.path = path
    line = node.mark?.line
  }

  /// What a merge key (`<<: *defaults`) brings in: the first of several mappings wins, so it comes last here.
  private var mergeEntries: [(key: String, node: SettingNode)] {
    switch value {
    case .map(let entries): entries
    case .list(let list): list.reversed().flatMap(\.mergeEntries)
    default: []
    }
  }

  private static func scalar(_ scalar: Node.Scalar) -> Value {
    let text = scalar.string
    guard scalar.style == .plain || scalar.style == .any else { return .text(text) }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
    case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
    case ".inf", ".Inf", ".INF": return .number(.infinity)
    default:
      let isNumeric = text.utf8.first.map { (48...57).contains($0) || [43, 45, 46].contains($0) } ?? false
      // YAML 1.1 groups digits with underscores: 1_000_000.
      if isNumeric, let number = Double(text.filter { $0 != "_" }) { return .number(number) }
      return .text(text)
    }
  }

  private static func failure(_ error: YamlError, _ file: String, _ yaml: String) -> Failure {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
      let hasTab =
        lines.indices.contains(mark.line - 1)
        && lines[mark.line - 1].prefix { $0.isWhitespace }.contains("\t")
      return Failure(
        .badInput, file: file, place: "line \(mark.line)", "not YAML: \(problem)",
        hint: hasTab ? "YAML is indented with spaces; this line begins with a tab" : nil)
    case .reader(let problem, _, _, _):
      return Failure(.badInput, file: file, "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      return Failure(
        .badInput, file: file, place: "line \(context.mark.line)",
        "key given twice: \(duplicates.map { "'\($0)'" }.joined(separator: ", "))")
    default: return Failure(.badInput, file: file, "not YAML: \(error)")
    }
  }
}
