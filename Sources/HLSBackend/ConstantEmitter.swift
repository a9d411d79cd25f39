import Backends
import FixedPoint
import Program

extension ConstantTable {
  /// The array's definition.
  var definition: String {
    let dimensions = shape.map { "[\($0)]" }.joined()
    var code = CodeWriter()
    code.line(
      "// \(Identifiers.comment(title)): \(shape.map(String.init).joined(separator: " x ")) words of "
        + "\(format.cppType)")
    code.line("static const \(format.storageType) \(name)\(dimensions) = {")
    let rowLength = shape.last ?? 1
    var rows: [String] = []
    for start in stride(from: 0, to: words.count, by: max(rowLength, 1)) {
      rows.append(Self.wrapped(words[start..<start + rowLength].map(format.literal)))
    }
    var text = code.text
    if shape.count == 1 {
      text += rows.joined() + "\n};\n"
      return text
    }
    // Rows in braces; deeper dimensions open and close around them.
    let groupLength = shape.count > 2 ? shape[shape.count - 2] : rows.count
    for (number, row) in rows.enumerated() {
      if shape.count > 2, number % groupLength == 0 { text += "  {\n" }
      text += "  {\n\(row)},\n"
      if shape.count > 2, number % groupLength == groupLength - 1 { text += "  },\n" }
    }
    return text + "};\n"
  }

  /// Literals separated by commas on lines of at most 110 columns.
  private static func wrapped(_ literals: [String]) -> String {
    var lines: [String] = []
    var line = "   "
    for (number, literal) in literals.enumerated() {
      let isLast = number + 1 == literals.count
      if line.utf8.count + literal.utf8.count + (isLast ? 1 : 2) > 110 {
        lines.append(line)
        line = "   "
      }
      line += " "
      line += literal
      if !isLast { line += "," }
    }
    lines.append(line)
    return lines.joined(separator: "\n")
  }
}
