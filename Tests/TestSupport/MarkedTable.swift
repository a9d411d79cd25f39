import Foundation

/// A page of docs/ of which a table is made by a test: the text between two marks.
public struct MarkedTable {
  private let page: URL
  private let before: String
  /// The text between the marks.
  public let table: String
  private let after: String

  /// Reads a page.
  ///
  /// - Parameters:
  ///   - name: its file's name in docs/.
  ///   - start: the mark in front of the table, with the line's end.
  ///   - end: the mark behind it, from the end of the table's last line.
  public init(_ name: String, from start: String, to end: String) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    page = root.deletingLastPathComponent().appendingPathComponent("docs/\(name)")
    let text = try String(contentsOf: page, encoding: .utf8)
    guard let first = text.range(of: start), let last = text.range(of: end) else {
      throw CocoaError(.fileReadCorruptFile)
    }
    before = String(text[..<first.upperBound])
    table = String(text[first.upperBound..<last.lowerBound])
    after = String(text[last.lowerBound...])
  }

  /// Writes the page with another table.
  public func record(_ new: String) throws {
    try (before + new + after).write(to: page, atomically: true, encoding: .utf8)
  }
}
