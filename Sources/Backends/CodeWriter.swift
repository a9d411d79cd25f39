/// Lines of code with indentation, whatever the language.
public struct CodeWriter: Sendable {
  /// The lines, without their ends.
  public private(set) var lines: [String] = []
  private var depth: Int

  /// Begins `depth` blocks deep.
  public init(depth: Int = 0) { self.depth = depth }

  /// The text, ending with a newline unless empty.
  public var text: String { lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n" }

  /// Adds a line.
  public mutating func line(_ text: String) {
    lines.append(text.isEmpty ? "" : String(repeating: "  ", count: depth) + text)
  }

  /// Adds a preprocessor line, which is not indented.
  public mutating func directive(_ text: String) { lines.append(text) }

  /// Adds `head {`, what `body` writes one step deeper, `}`; other languages have other brackets.
  public mutating func block(
    _ head: String, open: String = " {", close: String = "}", _ body: (inout CodeWriter) -> Void
  ) {
    line(head + open)
    depth += 1
    body(&self)
    depth -= 1
    line(close)
  }
}
