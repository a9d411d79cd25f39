import Diagnostics
import Foundation
import Testing

@testable import Frontends

/// The table of docs/models.md is made of the readers' own tables.
@Suite struct SupportTableTests {
  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs/models.md")
  private static let marks = ("<!-- table: made by SupportTableTests -->\n", "\n<!-- end of table -->")

  private static func parts() throws -> (before: String, table: String, after: String) {
    let text = try String(contentsOf: page, encoding: .utf8)
    let start = try #require(text.range(of: marks.0))
    let end = try #require(text.range(of: marks.1))
    return (
      String(text[..<start.upperBound]), String(text[start.upperBound..<end.lowerBound]),
      String(text[end.lowerBound...])
    )
  }

  @Test func pageIsFresh() throws {
    #expect(
      try Self.parts().table == SupportTable.markdown,
      "docs/models.md is stale: TRIGGERFISH_RECORD=1 swift test --filter SupportTableTests writes its table")
  }

  /// Every name that a reader knows is in the table, once for each reader.
  @Test func nothingIsLeftOut() {
    let rows = SupportTable.markdown.split(separator: "\n").dropFirst(2).map {
      $0.components(separatedBy: " | ")
    }
    for (column, reader) in SupportTable.readers.enumerated() {
      let shown = rows.flatMap {
        $0[column + 1].replacingOccurrences(of: " |", with: "").components(separatedBy: ", ")
      }
      .filter { !$0.isEmpty }
      #expect(shown.sorted() == Set(reader.names).sorted(), "\(reader.title)")
    }
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["TRIGGERFISH_RECORD"] != nil, "not recording"))
  func record() throws {
    let parts = try Self.parts()
    try (parts.before + SupportTable.markdown + parts.after).write(
      to: Self.page, atomically: true, encoding: .utf8)
    Issue.record("recorded: look at the changes, and run again without TRIGGERFISH_RECORD")
  }
}
