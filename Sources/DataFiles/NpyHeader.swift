import Diagnostics

/// What the header of an .npy file says.
///
/// Format: numpy's NEP 1 — a magic string, a version, a length, and a Python dictionary literal.
struct NpyHeader {
  let element: NpyElement
  let isFortranOrder: Bool
  let shape: [Int]
  /// Where the data begin.
  let dataOffset: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads a header and checks the number of bytes behind it.
  ///
  /// - Parameters:
  ///   - file, place: for messages.
  init(_ source: ByteSource, file: String, place: String?) throws(Failure) {
    func bad(_ message: String, hint: String? = nil) -> Failure {
      Failure(.badInput, file: file, place: place, message, hint: hint)
    }
    let start = Array(try source.read(0..<12))
    guard start.starts(with: Self.magic) else { throw bad("not an .npy file") }
    guard start.count == 12 else { throw bad("the file ends in its header") }
    guard (1...3).contains(start[6]) else {
      throw bad("version \(start[6]).\(start[7]) of the .npy format is not known")
    }
    let isShort = start[6] == 1
    let length =
      Int(start[8]) | Int(start[9]) << 8 | (isShort ? 0 : Int(start[10]) << 16 | Int(start[11]) << 24)
    guard length <= 1 << 20 else { throw bad("the header claims \(length) bytes") }
    let textStart = isShort ? 10 : 12
    let text = try source.read(textStart..<(textStart + length))
    guard text.count == length else { throw bad("the file ends in its header") }
    guard var literal = PythonLiteral(text), let entries = literal.dictionary() else {
      throw bad("the header is damaged")
    }
    guard case .tuple(let lengths)? = entries["shape"],
      case .bool(let isFortranOrder)? = entries["fortran_order"],
      let description = entries["descr"]
    else { throw bad("the header is damaged") }
    guard case .string(let name) = description else { throw bad("the array holds records, not numbers") }
    guard let element = NpyElement(name) else {
      throw bad(
        "the array's type '\(name)' is not a number", hint: "save it as float32, float64 or an integer type")
    }
    self.element = element
    self.isFortranOrder = isFortranOrder
    shape = lengths
    dataOffset = textStart + length

    guard let count = elementCount(shape), let bytes = elementCount([count, element.size]) else {
      throw bad("the array's shape \(shape) is too large")
    }
    guard source.count - dataOffset == bytes else {
      throw bad(
        "the header promises \(bytes) bytes (shape \(shape), \(name)), and \(source.count - dataOffset) follow"
      )
    }
  }
}

/// Just enough of Python's syntax for the dictionary in an .npy header.
private struct PythonLiteral {
  enum Value {
    case string(String)
    case bool(Bool)
    case tuple([Int])
    case other
  }

  private var rest: Substring.UTF8View

  init?(_ bytes: some Collection<UInt8>) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    rest = text[...].utf8
  }

  /// The entries of a dictionary that is all there is; nil if it is anything else, or a key comes twice.
  mutating func dictionary() -> [String: Value]? {
    guard take("{") else { return nil }
    var entries: [String: Value] = [:]
    while !take("}") {
      guard let key = string(), take(":"), let value = value(), entries.updateValue(value, forKey: key) == nil
      else { return nil }
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipSpaces()
    return rest.isEmpty ? entries : nil
  }

  private mutating func value() -> Value? {
    if let string = string() { return .string(string) }
    if takeWord("True") { return .bool(true) }
    if takeWord("False") { return .bool(false) }
    if take("(") { return tuple() }
    // The type of records is a list of tuples. Its contents do not matter, only that it is one.
    guard take("[") else { return nil }
    var depth = 1
    while depth > 0, let byte = rest.popFirst() {
      if byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: "]") { depth -= 1 }
    }
    return depth == 0 ? .other : nil
  }

  private mutating func tuple() -> Value? {
    var lengths: [Int] = []
    while !take(")") {
      skipSpaces()
      let digits = rest.prefix { (48...57).contains($0) }
      guard let length = Int(Substring(digits)) else { return nil }
      rest = rest.dropFirst(digits.count)
      _ = takeWord("L")  // Python 2 wrote long integers so.
      lengths.append(length)
      guard lengths.count <= 64 else { return nil }
      if !take(",") {
        guard take(")") else { return nil }
        break
      }
    }
    return .tuple(lengths)
  }

  private mutating func string() -> String? {
    skipSpaces()
    guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      return nil
    }
    let contents = rest.dropFirst().prefix { $0 != quote && $0 != UInt8(ascii: "\\") }
    let text = String(Substring(contents))
    let after = rest.dropFirst(1 + contents.count)
    guard after.first == quote else { return nil }
    rest = after.dropFirst()
    return text
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard rest.first == UInt8(ascii: character) else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func takeWord(_ word: StaticString) -> Bool {
    skipSpaces()
    let bytes = Array("\(word)".utf8)
    guard rest.starts(with: bytes) else { return false }
    rest = rest.dropFirst(bytes.count)
    return true
  }

  private mutating func skipSpaces() {
    rest = rest.drop { $0 == 32 || (9...13).contains($0) }
  }
}
