import Glibc

/// The tokens of a C++ file, one at a time: weights are too many to keep them all.
///
/// Comments are skipped; the last one of each line is kept, because hls4ml writes a layer's name behind its call.
/// Preprocessor lines are tokens of their own and nothing is done with them: both branches of an `#if` are seen.
struct CppLexer {
  enum Token: Hashable {
    case identifier(String)
    /// A number as it is written.
    case number(String)
    /// A string's content, without escapes resolved.
    case string(String)
    /// One or more of the marks that mean something together here: `::`, `==`, …
    case mark(String)
    /// A whole line that starts with #, continued lines joined.
    case directive(String)
    case end
  }

  private let bytes: [UInt8]
  private var place = 0
  /// The line of the next token, from 1.
  private(set) var line = 1
  /// The text of the last comment that ended on each line.
  private(set) var comments: [Int: String] = [:]
  private var isLineStart = true

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var byte: UInt8? { place < bytes.count ? bytes[place] : nil }
  private func byte(at offset: Int) -> UInt8? {
    place + offset < bytes.count ? bytes[place + offset] : nil
  }
  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Takes the next token.
  mutating func next() -> Token {
    skipSpace()
    guard let first = byte else { return .end }
    let start = place
    if first == UInt8(ascii: "#"), isLineStart { return directive() }
    isLineStart = false
    if isLetter(first) {
      while let byte, isLetter(byte) || isDigit(byte) { place += 1 }
      return .identifier(text(start..<place))
    }
    if isDigit(first) || (first == UInt8(ascii: ".") && isDigit(byte(at: 1) ?? 0)) {
      skipNumber()
      return .number(text(start..<place))
    }
    if first == UInt8(ascii: "\"") {
      place += 1
      while let byte, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\n") {
        place += byte == UInt8(ascii: "\\") && place + 1 < bytes.count ? 2 : 1
      }
      let content = text(start + 1..<min(place, bytes.count))
      if byte == UInt8(ascii: "\"") { place += 1 }
      return .string(content)
    }
    place += 1
    if let second = byte, Self.pairs.contains([first, second]) {
      place += 1
    }
    return .mark(text(start..<place))
  }

  // `>>` is left as two marks: it closes two template lists.
  private static let pairs: Set<[UInt8]> = Set(
    ["::", "==", "!=", "<=", ">=", "&&", "||", "->"].map { Array($0.utf8) })

  /// Numbers between braces, as array initializers and text files have them, without a token for each: commas, spaces and
  /// nested braces between them are skipped. Stops before anything else.
  ///
  /// - Parameter limit: the most numbers taken.
  /// - Returns: the numbers, and whether all that was there was taken.
  mutating func numbers(limit: Int) -> (values: [Double], isWhole: Bool) {
    var values: [Double] = []
    var depth = 0
    while true {
      skipSpace()
      guard let first = byte else { return (values, depth == 0) }
      switch first {
      case UInt8(ascii: ","): place += 1
      case UInt8(ascii: "{"):
        place += 1
        depth += 1
      case UInt8(ascii: "}"):
        if depth == 0 { return (values, true) }
        place += 1
        depth -= 1
      default:
        guard
          isDigit(first) || first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
            || first == UInt8(ascii: "."),
          values.count < limit, let value = number()
        else { return (values, false) }
        values.append(value)
      }
    }
  }

  /// The number here, as the C library reads it; nil where there is none.
  private mutating func number() -> Double? {
    let start = place
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative || byte == UInt8(ascii: "+") { place += 1 }
    let digits = place
    if let magnitude = shortDecimal() { return isNegative ? -magnitude : magnitude }
    place = digits
    skipNumber()
    guard place > digits else { return nil }
    return Self.value(text(start..<place))
  }

  /// A decimal number of at most 15 digits without exponent, as nearly all weights are: an integer and a power of ten, both
  /// exact, so that their quotient is the double nearest to it. Nil for any other.
  private mutating func shortDecimal() -> Double? {
    var (integer, count, decimals) = (UInt64(0), 0, 0)
    var hasPoint = false
    while let byte {
      if isDigit(byte) {
        integer = integer &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
        count += 1
        if hasPoint { decimals += 1 }
      } else if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else {
        break
      }
      place += 1
      guard count <= 15 else { return nil }
    }
    guard count > 0, byte.map({ !isLetter($0) && $0 != UInt8(ascii: ".") }) ?? true else { return nil }
    return Double(integer) / Self.powersOfTen[decimals]
  }

  private static let powersOfTen: [Double] = (0...15).map { (0..<$0).reduce(1.0) { power, _ in power * 10 } }

  /// A number's value; nil where the text is more or less than a number.
  static func value(_ text: String) -> Double? {
    var end: UnsafeMutablePointer<CChar>?
    return text.withCString { start in
      let value = strtod(start, &end)
      guard let end, end > UnsafeMutablePointer(mutating: start) else { return nil }
      // A suffix, as in 1.5f or 3u, belongs to the number.
      let rest = String(cString: end).lowercased()
      return ["", "f", "u", "l", "ul", "ull", "ll"].contains(rest) ? value : nil
    }
  }

  private mutating func skipNumber() {
    while let byte {
      let isSign = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
      let last = place > 0 ? bytes[place - 1] | 0x20 : 0
      guard
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".") || (isSign && last == UInt8(ascii: "e"))
      else { return }
      place += 1
    }
  }

  private mutating func skipSpace() {
    while let first = byte {
      if first == UInt8(ascii: "\n") {
        line += 1
        place += 1
        isLineStart = true
      } else if first == UInt8(ascii: " ") || (9...13).contains(first) {
        place += 1
      } else if first == UInt8(ascii: "/"), byte(at: 1) == UInt8(ascii: "/") {
        let start = place + 2
        while let byte, byte != UInt8(ascii: "\n") { place += 1 }
        comments[line] = text(start..<place).trimmed
      } else if first == UInt8(ascii: "/"), byte(at: 1) == UInt8(ascii: "*") {
        place += 2
        while let byte, !(byte == UInt8(ascii: "*") && self.byte(at: 1) == UInt8(ascii: "/")) {
          if byte == UInt8(ascii: "\n") { line += 1 }
          place += 1
        }
        place = min(place + 2, bytes.count)
      } else {
        return
      }
    }
  }

  private mutating func directive() -> Token {
    let start = place
    while let byte, byte != UInt8(ascii: "\n") {
      if byte == UInt8(ascii: "\\"), self.byte(at: 1) == UInt8(ascii: "\n") {
        line += 1
        place += 1
      }
      place += 1
    }
    return .directive(text(start..<place).trimmed)
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
  }

  private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}

extension String {
  /// Without white space at its ends.
  var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
