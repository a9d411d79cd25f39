extension String {
  /// The text on one line, without what a hostile file could use to rewrite a terminal or to hide a name: control characters,
  /// line breaks, and the invisible characters that set the direction of writing are escaped as `\u{1b}`.
  public var visible: String {
    if utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return self }
    return String(
      String.UnicodeScalarView(
        unicodeScalars.flatMap { scalar -> [Unicode.Scalar] in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator:
            Array("\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
          default: [scalar]
          }
        }))
  }

  /// The same of a text of several lines, the first of which is the one that counts.
  public var visibleLines: [String] {
    split(separator: "\n", omittingEmptySubsequences: false).map { String($0).visible }
  }
}
