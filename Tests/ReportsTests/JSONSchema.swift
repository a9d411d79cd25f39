import Foundation

/// Any JSON, for comparing with a schema.
enum JSON: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  init(_ text: String) throws { self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }

  subscript(key: String) -> JSON? {
    if case .object(let members) = self { return members[key] }
    return nil
  }

  var number: Double? {
    if case .number(let value) = self { return value }
    return nil
  }
}

/// The part of JSON Schema that docs/report.schema.json uses. A keyword it does not know is a problem, so that the
/// schema cannot come to say more than is tested.
struct JSONSchema {
  let root: JSON

  /// Everything in which a value differs from the schema, each with its path.
  func problems(_ value: JSON) -> [String] { problems(value, root, "$") }

  private func problems(_ value: JSON, _ schema: JSON, _ path: String) -> [String] {
    guard case .object(let keywords) = schema else { return ["\(path): the schema is no object"] }
    return keywords.flatMap { keyword, argument in
      self.problems(value, keyword, argument, schema, path)
    }
  }

  private func problems(
    _ value: JSON, _ keyword: String, _ argument: JSON, _ schema: JSON, _ path: String
  ) -> [String] {
    switch (keyword, argument) {
    case ("$schema", _), ("$id", _), ("$defs", _), ("title", _), ("description", _): return []
    case ("type", .string(let type)): return has(value, type) ? [] : ["\(path): is no \(type)"]
    case ("const", _): return value == argument ? [] : ["\(path): is not the constant"]
    case ("enum", .array(let cases)): return cases.contains(value) ? [] : ["\(path): is none of the cases"]
    case ("$ref", .string(let reference)):
      let name = String(reference.dropFirst("#/$defs/".count))
      guard let target = root["$defs"]?[name] else { return ["\(path): unknown reference \(reference)"] }
      return problems(value, target, path)
    case ("minimum", .number(let least)): return value.number ?? least >= least ? [] : ["\(path): too small"]
    case ("maximum", .number(let most)): return value.number ?? most <= most ? [] : ["\(path): too large"]
    case ("exclusiveMinimum", .number(let least)):
      return value.number.map { $0 > least } ?? true ? [] : ["\(path): too small"]
    case ("items", _):
      guard case .array(let items) = value else { return [] }
      return items.enumerated().flatMap { problems($1, argument, "\(path)[\($0)]") }
    case ("required", .array(let names)):
      return names.compactMap { name in
        guard case .string(let key) = name, value[key] == nil else { return nil }
        return "\(path): lacks \(key)"
      }
    case ("properties", .object(let properties)):
      return properties.flatMap { key, property in
        value[key].map { problems($0, property, "\(path).\(key)") } ?? []
      }
    case ("additionalProperties", .bool(false)):
      guard case .object(let members) = value, case .object(let known) = schema["properties"] else {
        return []
      }
      return members.keys.filter { known[$0] == nil }.map { "\(path): unknown property \($0)" }
    default: return ["\(path): the schema says '\(keyword)', which is not tested"]
    }
  }

  private func has(_ value: JSON, _ type: String) -> Bool {
    switch (value, type) {
    case (.object, "object"), (.array, "array"), (.string, "string"), (.bool, "boolean"), (.number, "number"):
      true
    case (.number(let value), "integer"): value == value.rounded()
    default: false
    }
  }
}
