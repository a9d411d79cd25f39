import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Frontends

/// The table of docs/models.md is made of the readers' own tables.
@Suite struct SupportTableTests {
  private static func page() throws -> MarkedTable {
    try MarkedTable(
      "models.md", from: "<!-- table: made by SupportTableTests -->\n", to: "\n<!-- end of table -->")
  }

  @Test func pageIsFresh() throws {
    #expect(
      try Self.page().table == SupportTable.markdown,
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
    try Self.page().record(SupportTable.markdown)
    Issue.record("recorded: look at the changes, and run again without TRIGGERFISH_RECORD")
  }
}
