import Diagnostics

/// A JSON value with the place it was read from, so that a complaint can say where.
///
/// Reading never traps: an accessor of the wrong kind gives nil, and `diagnostic(_:hint:)` makes the error.
public struct JSONNode: Hashable, Sendable {
  /// The value.
  public let value: JSONValue
  /// The file, as the user named it.
  public let file: String
  /// The place in the file: `config.layers[2].name`; empty at the root.
  public let path: String

  /// Makes a node.
  public init(_ value: JSONValue, file: String, path: String = "") {
    self.value = value
    self.file = file
    self.path = path
  }

  /// A member of an object; nil if this is no object, or has no such key. A member that is null is a node.
  public subscript(key: String) -> JSONNode? {
    guard case .object(let object) = value, let member = object[key] else { return nil }
    return JSONNode(member, file: file, path: memberPath(key))
  }

  /// An element of an array; nil if this is no array, or has no such element.
  public subscript(index: Int) -> JSONNode? {
    guard case .array(let elements) = value, elements.indices.contains(index) else { return nil }
    return JSONNode(elements[index], file: file, path: "\(path)[\(index)]")
  }

  /// The elements of an array; nil if this is no array.
  public var elements: [JSONNode]? {
    guard case .array(let elements) = value else { return nil }
    return elements.enumerated().map { JSONNode($1, file: file, path: "\(path)[\($0)]") }
  }

  /// The members of an object in the order of the file; nil if this is no object.
  public var members: [(key: String, node: JSONNode)]? {
    guard case .object(let object) = value else { return nil }
    return object.keys.compactMap { key in self[key].map { (key, $0) } }
  }

  /// The string; nil if this is none.
  public var string: String? {
    guard case .string(let string) = value else { return nil }
    return string
  }

  /// The boolean; nil if this is none.
  public var bool: Bool? {
    guard case .bool(let bool) = value else { return nil }
    return bool
  }

  /// The integer; nil if this is no number or has a fraction (2.0 is the integer 2).
  public var integer: Int? {
    switch value {
    case .integer(let integer): integer
    case .number(let number): Int(exactly: number)
    default: nil
    }
  }

  /// The number, integers included; nil if this is none.
  public var number: Double? {
    switch value {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  /// Whether this is null.
  public var isNull: Bool { value == .null }

  /// A problem at this place.
  public func diagnostic(_ message: String, hint: String? = nil) -> Diagnostic {
    Diagnostic(file: file, place: path.isEmpty ? nil : path, message, hint: hint)
  }

  /// The path of a member: keys that are not plain words are quoted.
  private func memberPath(_ key: String) -> String {
    let isWord =
      !key.isEmpty && key.utf8.count <= 64
      && key.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
      }
    let shown = key.utf8.count <= 64 ? key : String(key.prefix(60)) + "…"
    if isWord { return path.isEmpty ? key : "\(path).\(key)" }
    return "\(path)[\"\(shown)\"]"
  }
}
