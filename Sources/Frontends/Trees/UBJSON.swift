import Diagnostics
import Storage

/// Reads UBJSON (https://ubjson.org, draft 12) as XGBoost writes it: JSON's values with types and lengths in front, numbers big-endian.
///
/// What a file claims is held against its size before anything is allocated: an element takes at least a byte, unless it is of a
/// type without any, of which none is accepted in typed arrays.
struct UBJSONParser {
  private let bytes: [UInt8]
  private let file: String
  private var place = 0
  private var values = 0

  /// The most values accepted: each takes some 40 bytes.
  private static let valueLimit = 1 << 24

  private init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// - Throws: `badInput` with the byte offset if the bytes are not UBJSON, nest deeper than `jsonDepthLimit`, or hold too much.
  static func parse(_ bytes: [UInt8], file: String) throws(Failure) -> JSONNode {
    var parser = UBJSONParser(bytes, file: file)
    let value = try parser.value(try parser.byte(), depth: 0)
    guard parser.place == bytes.count else {
      throw parser.fault("\(bytes.count - parser.place) bytes behind the end")
    }
    return JSONNode(value, file: file)
  }

  private func fault(_ message: String) -> Failure {
    Failure(.badInput, file: file, place: "byte \(place)", "not UBJSON: \(message)")
  }

  private mutating func byte() throws(Failure) -> UInt8 {
    guard place < bytes.count else { throw fault("the file ends too early") }
    place += 1
    return bytes[place - 1]
  }

  private mutating func word(_ count: Int) throws(Failure) -> UInt64 {
    guard count <= bytes.count - place else { throw fault("the file ends too early") }
    var word: UInt64 = 0
    for byte in bytes[place..<place + count] { word = word << 8 | UInt64(byte) }
    place += count
    return word
  }

  private mutating func integer(_ marker: UInt8) throws(Failure) -> Int? {
    switch marker {
    case UInt8(ascii: "i"): Int(Int8(truncatingIfNeeded: try word(1)))
    case UInt8(ascii: "U"): Int(try word(1))
    case UInt8(ascii: "I"): Int(Int16(truncatingIfNeeded: try word(2)))
    case UInt8(ascii: "l"): Int(Int32(truncatingIfNeeded: try word(4)))
    case UInt8(ascii: "L"): Int(Int64(bitPattern: try word(8)))
    default: nil
    }
  }

  private mutating func length() throws(Failure) -> Int {
    guard let length = try integer(try byte()), length >= 0 else { throw fault("no length") }
    guard length <= bytes.count - place else {
      throw fault("a length of \(length), more than there are bytes")
    }
    return length
  }

  private mutating func string() throws(Failure) -> String {
    let length = try length()
    defer { place += length }
    return String(decoding: bytes[place..<place + length], as: UTF8.self)
  }

  private mutating func value(_ marker: UInt8, depth: Int) throws(Failure) -> JSONValue {
    values += 1
    guard depth <= jsonDepthLimit else { throw fault("nested deeper than \(jsonDepthLimit) levels") }
    guard values <= Self.valueLimit else { throw fault("more than \(Self.valueLimit) values") }
    if let integer = try integer(marker) { return .integer(integer) }
    switch marker {
    case UInt8(ascii: "Z"): return .null
    case UInt8(ascii: "T"): return .bool(true)
    case UInt8(ascii: "F"): return .bool(false)
    case UInt8(ascii: "d"): return .number(Double(Float(bitPattern: UInt32(try word(4)))))
    case UInt8(ascii: "D"): return .number(Double(bitPattern: try word(8)))
    case UInt8(ascii: "S"), UInt8(ascii: "H"): return .string(try string())
    case UInt8(ascii: "C"): return .string(String(decoding: [try byte()], as: UTF8.self))
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "{"): return try object(depth: depth)
    default: throw fault("the type \(marker)")
    }
  }

  /// The type of all elements, and how many there are, where a container says so.
  private mutating func header() throws(Failure) -> (type: UInt8?, count: Int?) {
    var type: UInt8?
    if place < bytes.count, bytes[place] == UInt8(ascii: "$") {
      place += 1
      type = try byte()
      guard ["N", "Z", "T", "F"].allSatisfy({ UInt8(ascii: $0) != type }) else {
        throw fault("an array of elements without bytes")
      }
    }
    guard place < bytes.count, bytes[place] == UInt8(ascii: "#") else {
      if type != nil { throw fault("a type without a count") }
      return (nil, nil)
    }
    place += 1
    return (type, try length())
  }

  /// An element's type: that of all elements, or the one in front of it.
  private mutating func marker(_ common: UInt8?) throws(Failure) -> UInt8 {
    if let common { return common }
    return try byte()
  }

  private mutating func array(depth: Int) throws(Failure) -> JSONValue {
    let (type, count) = try header()
    var elements: [JSONValue] = []
    elements.reserveCapacity(min(count ?? 0, Self.valueLimit))
    if let count {
      for _ in 0..<count { elements.append(try value(try marker(type), depth: depth + 1)) }
      return .array(elements)
    }
    while true {
      let marker = try byte()
      if marker == UInt8(ascii: "]") { return .array(elements) }
      elements.append(try value(marker, depth: depth + 1))
    }
  }

  private mutating func object(depth: Int) throws(Failure) -> JSONValue {
    let (type, count) = try header()
    var object = JSONObject()
    var left = count
    while true {
      if let remaining = left {
        if remaining == 0 { return .object(object) }
        left = remaining - 1
      } else if place < bytes.count, bytes[place] == UInt8(ascii: "}") {
        place += 1
        return .object(object)
      }
      let key = try string()
      object[key] = try value(try marker(type), depth: depth + 1)
    }
  }
}
