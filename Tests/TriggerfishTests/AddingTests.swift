import Foundation
import Testing

/// docs/adding.md's tables list the files that the examples touched: all that name them.
@Suite struct AddingTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Every Swift file below Sources/, by its path in the package.
  private static func sources() throws -> [String: String] {
    var files: [String: String] = [:]
    let folder = root.appendingPathComponent("Sources")
    let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    while let url = all?.nextObject() as? URL {
      guard url.pathExtension == "swift" else { continue }
      files[String(url.path.dropFirst(root.path.count + 1))] = try String(contentsOf: url, encoding: .utf8)
    }
    return files
  }

  @Test(arguments: ["mish", "ayerNormalization", "mbedding"])
  func tablesListTheFiles(_ word: String) throws {
    let found = try Self.sources().filter { $0.value.contains(word) }.keys
    #expect(try found.sorted() == Self.listed(word).sorted())
  }

  /// The files of a table of the page.
  private static func listed(_ word: String) throws -> [String] {
    let page = try String(contentsOf: root.appendingPathComponent("docs/adding.md"), encoding: .utf8)
    let lines = page.components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: "| `\(word)` | |"))
    return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map {
      $0.components(separatedBy: "|")[1].trimmingCharacters(in: .whitespaces)
    }
  }

  // MARK: Operations

  /// The files that could name an operation and are not there to use it: all that see programs, but those that make them
  /// of models.
  private static func stages() throws -> [String: String] {
    try sources().filter { path, text in
      if ["Frontends", "Lowering"].contains(where: { path.hasPrefix("Sources/\($0)/") }) { return false }
      return path.hasPrefix("Sources/Program/") || text.contains("import Program\n")
    }
  }

  /// An operation is named in at most 12 files, which the page lists.
  @Test(arguments: ["select", "lookup", "contract"])
  func operationsAreNamedInFewFiles(_ name: String) throws {
    let mention = try Regex("(\\.|case )\(name)\\b")
    let found = try Self.stages().filter { $0.value.contains(mention) }.keys
    #expect(try found.sorted() == Self.listed(name).sorted())
    #expect(found.count <= 12)
  }

  /// The compiler leads to every place: no switch over operations or their forms has a `default`.
  @Test func noSwitchOverOperationsHasADefault() throws {
    let head = try Regex(#"^( *)(.*[ (])?switch .*(\boperation|\.form)\b.*\{$"#)
    var switches = 0
    for (path, text) in try Self.stages() {
      var open: [(indent: String, line: Int)] = []
      for (number, line) in text.components(separatedBy: "\n").enumerated() {
        if let match = line.wholeMatch(of: head) {
          open.append((String(match[1].substring ?? ""), number + 1))
          switches += 1
        }
        guard let last = open.last else { continue }
        #expect(!line.hasPrefix(last.indent + "default:"), "\(path):\(last.line)")
        if line.hasPrefix(last.indent + "}") { open.removeLast() }
      }
    }
    #expect(switches > 20)
  }
}
