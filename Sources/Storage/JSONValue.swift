/// A JSON value, copied out of the parser.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number written without fraction and exponent that fits 64 bits.
  case integer(Int)
  /// Any other number; NaN and ±infinity, as Python writes them, are accepted.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// What kind of value this is, for messages: "a string".
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// The members of a JSON object in the order of the file. (A text with a key twice in one object is refused.)
public struct JSONObject: Hashable, Sendable {
  /// The keys, in the order of the file.
  public private(set) var keys: [String] = []
  private var values: [String: JSONValue] = [:]

  /// Makes an empty object.
  public init() {}

  /// The value of a key; nil if there is none. Setting nil removes the key.
  public subscript(key: String) -> JSONValue? {
    get { values[key] }
    set {
      if values[key] == nil, newValue != nil {
        keys.append(key)
      } else if values[key] != nil, newValue == nil {
        keys.removeAll { $0 == key }
      }
      values[key] = newValue
    }
  }
}
