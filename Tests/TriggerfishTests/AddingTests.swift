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
    let page = try String(contentsOf: Self.root.appendingPathComponent("docs/adding.md"), encoding: .utf8)
    let lines = page.components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: "| `\(word)` | |"))
    let listed = lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map {
      $0.components(separatedBy: "|")[1].trimmingCharacters(in: .whitespaces)
    }
    let found = try Self.sources().filter { $0.value.contains(word) }.keys
    #expect(found.sorted() == listed.sorted())
  }
}
