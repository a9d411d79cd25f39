import Diagnostics

/// Numbers as text, one event per line.
///
/// Fields are separated by commas, semicolons, or spaces and tabs: whichever the first line has. Lines that are empty or start
/// with `#` do not count. The first line may name the columns.
enum CSVFile {
  /// The most problems listed one by one.
  private static let problemLimit = 10

  /// Reads a whole file.
  ///
  /// - Throws: `badInput` with the line of every field that is no number, and of every line of another length.
  static func parse(_ bytes: [UInt8], file: String) throws(Failure) -> EventArray {
    var values: [Double] = []
    var columns: Int?
    var separator: UInt8?
    var events = 0
    var problems: [Diagnostic] = []
    var left = 0
    func report(_ line: Int, _ message: String, hint: String? = nil) {
      if problems.count < problemLimit {
        problems.append(Diagnostic(file: file, place: "line \(line)", message, hint: hint))
      } else {
        left += 1
      }
    }

    // Else a device of zeros would be a line without end.
    if let place = bytes.firstIndex(of: 0) {
      throw Failure(
        .badInput, file: file, place: "byte \(place)", "a zero byte: neither text nor .npy, .npz or HDF5")
    }
    var text = bytes[...]
    if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
    for (index, ending) in text.split(separator: newline, omittingEmptySubsequences: false).enumerated() {
      let line = trimmed(ending)
      guard let first = line.first, first != UInt8(ascii: "#") else { continue }
      let divider = separator ?? self.separator(of: line)
      separator = divider
      let fields = split(line, by: divider)
      if columns == nil, fields.allSatisfy({ number($0) == nil }) {
        columns = fields.count
        continue
      }
      if let columns, fields.count != columns {
        report(index + 1, "\(fields.count) numbers, where the lines before have \(columns)")
        continue
      }
      columns = fields.count
      for (column, field) in fields.enumerated() {
        if let number = number(field) {
          values.append(number)
        } else {
          let shown = String(decoding: field.prefix(32), as: UTF8.self)
          report(index + 1, "'\(shown)' in column \(column + 1) is not a number")
        }
      }
      events += 1
    }
    if left > 0 { problems.append(Diagnostic(file: file, "\(left) more problems of this kind")) }
    guard problems.isEmpty else { throw Failure(.badInput, problems) }
    guard events > 0, let columns else {
      throw Failure(
        .badInput, file: file, "the file holds no events",
        hint: columns == nil
          ? nil : "its only line has no number in it and was taken for the names of columns")
    }
    return EventArray(shape: [events, columns], reals: values)
  }

  /// The names in the first line that counts; none where that has numbers.
  static func columnNames(_ bytes: [UInt8]) -> [String] {
    for ending in bytes.split(separator: newline) {
      let line = trimmed(ending)
      guard let first = line.first, first != UInt8(ascii: "#") else { continue }
      let fields = split(line, by: separator(of: line))
      guard fields.allSatisfy({ number($0) == nil }) else { return [] }
      return fields.map { field in
        let text = String(decoding: field, as: UTF8.self).replacing("\"", with: "")
        // A byte order mark.
        return text.hasPrefix("\u{feff}") ? String(text.dropFirst()) : text
      }
    }
    return []
  }

  /// One line per event.
  static func format(_ array: EventArray) -> [UInt8] {
    // Swift prints the shortest digits that read back as the same number.
    switch array.values {
    case .reals(let reals): lines(array) { reals[$0].description }
    case .words(let words): lines(array) { words[$0].description }
    }
  }

  private static func lines(_ array: EventArray, _ text: (Int) -> String) -> [UInt8] {
    let width = array.count / max(1, array.events)
    var bytes: [UInt8] = []
    for event in 0..<array.events {
      for column in 0..<width {
        if column > 0 { bytes.append(comma) }
        bytes += text(event * width + column).utf8
      }
      bytes.append(newline)
    }
    return bytes
  }

  private static let comma = UInt8(ascii: ",")
  private static let newline = UInt8(ascii: "\n")

  private static func separator(of line: ArraySlice<UInt8>) -> UInt8 {
    for candidate in [comma, UInt8(ascii: ";")] where line.contains(candidate) {
      return candidate
    }
    return UInt8(ascii: " ")
  }

  private static func split(_ line: ArraySlice<UInt8>, by separator: UInt8) -> [ArraySlice<UInt8>] {
    if separator == UInt8(ascii: " ") { return line.split { isSpace($0) } }
    return line.split(separator: separator, omittingEmptySubsequences: false).map(trimmed)
  }

  private static func number(_ field: ArraySlice<UInt8>) -> Double? {
    var field = field
    if field.count >= 2, field.first == UInt8(ascii: "\""), field.last == UInt8(ascii: "\"") {
      field = field.dropFirst().dropLast()
    }
    return Double(Substring(decoding: field, as: UTF8.self))
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop(while: isSpace)
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    return bytes
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }
}
