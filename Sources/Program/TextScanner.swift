import Diagnostics
import FixedPoint

/// Reads the tokens of one program's or circuit's text. Byte by byte: programs hold millions of constant words.
package struct TextScanner {
  private let bytes: [UInt8]
  private var at = 0
  private(set) var line = 1
  private let file: String?

  /// How much a program may ask for.
  let limits: WorkLimits

  /// Starts at the beginning; `file` is named in errors.
  package init(_ text: String, file: String?, limits: WorkLimits) {
    bytes = Array(text.utf8)
    self.file = file
    self.limits = limits
  }

  /// Whether nothing but white space is left.
  package var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return at == bytes.count
    }
  }

  /// What to throw: `badInput` at the line reached.
  package func error(_ message: String) -> Failure {
    Failure(.badInput, file: file, place: "line \(line)", message, hint: "the file is damaged; compile again")
  }

  /// Takes `literal` if it comes next.
  package mutating func take(_ literal: String) -> Bool {
    skipSpace()
    let wanted = literal.utf8
    guard at + wanted.count <= bytes.count, bytes[at..<at + wanted.count].elementsEqual(wanted) else {
      return false
    }
    at += wanted.count
    return true
  }

  /// Takes `literal`, or throws.
  package mutating func expect(_ literal: String) throws(Failure) {
    if !take(literal) { throw error("'\(literal)' expected") }
  }

  /// Letters, digits and underscores.
  package mutating func word() throws(Failure) -> String {
    skipSpace()
    let start = at
    while at < bytes.count, isWord(bytes[at]) { at += 1 }
    if at == start { throw error("a word expected") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  /// A whole number below 2^30, either sign.
  package mutating func integer() throws(Failure) -> Int {
    // Lengths and places: the product of two of them, or of one and a tensor's count, does not overflow.
    guard let value = Int(exactly: try raw()), abs(value) < 1 << 30 else {
      throw error("a number out of range")
    }
    return value
  }

  /// Any raw word.
  package mutating func raw() throws(Failure) -> Raw {
    skipSpace()
    let isNegative = at < bytes.count && bytes[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    let start = at
    var value: Raw = 0
    while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) {
      let (scaled, over) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = scaled.subtractingReportingOverflow(Raw(bytes[at] - UInt8(ascii: "0")))
      if over || carry { throw error("a number out of range") }
      value = next  // Built downwards, as the range is larger below zero.
      at += 1
    }
    if at == start { throw error("a number expected") }
    if !isNegative && value == Raw.min { throw error("a number out of range") }
    return isNegative ? value : -value
  }

  /// `[a, b, …]`.
  package mutating func list<Element>(_ element: (inout TextScanner) throws(Failure) -> Element)
    throws(Failure) -> [Element]
  {
    try expect("[")
    var elements: [Element] = []
    if take("]") { return elements }
    repeat { elements.append(try element(&self)) } while take(",")
    try expect("]")
    return elements
  }

  /// `[1, 2]`.
  package mutating func integers() throws(Failure) -> [Int] {
    try list { (scanner: inout TextScanner) throws(Failure) in try scanner.integer() }
  }

  /// A text in quotes, as `quoted` writes it.
  package mutating func string() throws(Failure) -> String {
    try expect("\"")
    var scalars = String.UnicodeScalarView()
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      if bytes[at] != UInt8(ascii: "\\") {
        scalars.append(Unicode.Scalar(bytes[at]))
        at += 1
      } else if at + 1 < bytes.count, bytes[at + 1] != UInt8(ascii: "u") {
        scalars.append(Unicode.Scalar(bytes[at + 1]))
        at += 2
      } else {
        let end = bytes[at...].firstIndex(of: UInt8(ascii: "}")) ?? bytes.count
        let digits = String(decoding: bytes[min(at + 3, end)..<end], as: UTF8.self)
        guard end < bytes.count, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw error("a bad escape") }
        scalars.append(scalar)
        at = end + 1
      }
    }
    if at >= bytes.count { throw error("a string without an end") }
    at += 1
    return String(scalars)
  }

  /// A format, as its description.
  package mutating func format() throws(Failure) -> FixedFormat {
    skipSpace()
    guard let end = bytes[at...].firstIndex(of: UInt8(ascii: ">")) else { throw error("a format expected") }
    let text = String(decoding: bytes[at...end], as: UTF8.self)
    at = end + 1
    guard let format = try? FixedFormat(parsing: text) else { throw error("a format expected") }
    return format
  }

  mutating func value() throws(Failure) -> ValueID {
    try expect("%")
    return ValueID(try integer())
  }

  /// Whether the next token starts with `character`.
  package mutating func isNext(_ character: Character) -> Bool {
    skipSpace()
    return at < bytes.count && bytes[at] == character.asciiValue
  }

  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] <= UInt8(ascii: " ") {
      if bytes[at] == UInt8(ascii: "\n") { line += 1 }
      at += 1
    }
  }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
