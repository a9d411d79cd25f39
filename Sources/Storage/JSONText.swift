// What is looked for in a JSON text itself, as json-c does not tell it.

extension JSONNode {
  /// The number of digits from which on a whole number fits no 64 bits.
  static let longNumber = 20

  /// The name of the encoding of a text that is not UTF-8, as its first bytes tell; nil for UTF-8.
  static func otherEncoding(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xff, 0xfe, 0, 0]) || bytes.starts(with: [0, 0, 0xfe, 0xff]) { return "UTF-32" }
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) { return "UTF-16" }
    // JSON starts with ASCII: a zero beside the first character is half of a wider one.
    guard bytes.count >= 2, (bytes[0] == 0) != (bytes[1] == 0) else { return nil }
    return bytes[0] == 0 ? "UTF-16BE" : "UTF-16LE"
  }

  /// The text with whole numbers of `longNumber` and more digits written with a fraction: json-c would make them the largest
  /// number of 64 bits, and not the nearest Double.
  static func withLongNumbersAsReals(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + 16)
    var strings = StringScanner()
    var digits = 0
    var isWhole = true
    for byte in text + [UInt8(ascii: " ")] {
      let isOutside = !strings.isInString
      strings.advance(byte)
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9") where isOutside: digits += 1
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
        if isOutside { isWhole = isWhole && digits == 0 && byte == UInt8(ascii: "-") }
        digits = 0
      default:
        if isOutside, isWhole, digits >= longNumber { result += Array(".0".utf8) }
        (digits, isWhole) = (0, true)
      }
      result.append(byte)
    }
    return result.dropLast()
  }

  /// The first key that stands a second time in its object, and the byte its second string starts at.
  ///
  /// - Parameter text: sound JSON.
  static func firstRepeatedKey(_ text: [UInt8]) -> (key: String, offset: Int)? {
    // Of every open object its keys; empty for arrays, whose strings no colon follows.
    var open: [Set<String>] = []
    var strings = StringScanner()
    var start = 0
    var last = 0..<0
    for (place, byte) in text.enumerated() {
      let wasInString = strings.isInString
      strings.advance(byte)
      if strings.isInString != wasInString {
        if strings.isInString { start = place } else { last = start..<place }
      }
      guard !strings.isInString, !wasInString else { continue }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["): open.append([])
      case UInt8(ascii: "}"), UInt8(ascii: "]"): if !open.isEmpty { open.removeLast() }
      case UInt8(ascii: ":"):
        let key = String(decoding: text[last].dropFirst(), as: UTF8.self)
        if !open.isEmpty, !open[open.count - 1].insert(key).inserted { return (key, last.lowerBound) }
      default: break
      }
    }
    return nil
  }
}

/// Tells where strings are while a JSON text is gone through byte by byte.
private struct StringScanner {
  /// Whether the next byte is inside a string, its closing quote included.
  private(set) var isInString = false
  private var isEscaped = false

  mutating func advance(_ byte: UInt8) {
    if isInString, isEscaped {
      isEscaped = false
    } else if isInString, byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") {
      isInString.toggle()
    }
  }
}
