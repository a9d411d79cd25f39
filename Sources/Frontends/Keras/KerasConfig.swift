import Diagnostics
import Storage

/// The settings of a layer, read with checks. Every accessor's failure names the place in the file.
struct KerasConfig {
  /// The object; a missing or wrong one behaves as empty.
  let node: JSONNode
  /// The keys that were asked for; copies share them.
  let asked: AskedKeys

  init(node: JSONNode, asked: AskedKeys = AskedKeys()) {
    self.node = node
    self.asked = asked
  }

  /// The value of a key; nil if it is missing or null.
  subscript(key: String) -> JSONNode? {
    guard let value = written(key), !value.isNull else { return nil }
    return value
  }

  /// The value of a key as it is written, null included; nil if it is missing.
  func written(_ key: String) -> JSONNode? {
    asked.keys.insert(key)
    return node[key]
  }

  /// The value of a key that must be there.
  func required(_ key: String) throws(Failure) -> JSONNode {
    guard let value = self[key] else {
      let others = (node.members ?? []).map(\.key).filter { !isTrainingSetting($0) }
      throw Failure(
        node.diagnostic(
          "the setting \(key) is missing", hint: nearest(to: key, in: others).map { "there is \($0)" }))
    }
    return value
  }

  func boolean(_ key: String, default fallback: Bool) throws(Failure) -> Bool {
    guard let value = self[key] else { return fallback }
    return try value.boolean()
  }

  func number(_ key: String, default fallback: Double? = nil) throws(Failure) -> Double {
    guard let value = self[key] else {
      if let fallback { return fallback }
      return try required(key).finite()
    }
    return try value.finite()
  }

  /// A whole number ≥ 1.
  func positive(_ key: String, default fallback: Int? = nil) throws(Failure) -> Int {
    if self[key] == nil, let fallback { return fallback }
    return try required(key).whole(atLeast: 1)
  }

  /// A whole number ≥ 0.
  func whole(_ key: String, default fallback: Int) throws(Failure) -> Int {
    guard let value = self[key] else { return fallback }
    return try value.whole(atLeast: 0)
  }

  /// Whole numbers, one per spatial axis; a single one stands for all.
  func perAxis(
    _ key: String, _ count: Int, default fallback: [Int]? = nil, atLeast minimum: Int = 1
  ) throws(Failure) -> [Int] {
    if self[key] == nil, let fallback { return fallback }
    let value = try required(key)
    guard let elements = value.elements else {
      return [Int](repeating: try value.whole(atLeast: minimum), count: count)
    }
    guard elements.count == count else {
      throw Failure(value.diagnostic("\(key) has \(elements.count) numbers; \(count) are needed"))
    }
    return try elements.map { element throws(Failure) in try element.whole(atLeast: minimum) }
  }

  /// One of some words.
  func choice(_ key: String, _ choices: [String], default fallback: String) throws(Failure) -> String {
    guard let value = self[key] else { return fallback }
    guard let word = value.string?.lowercased(), choices.contains(word) else {
      throw Failure(
        value.diagnostic("\(key) is \(value.short); supported: \(choices.joined(separator: ", "))"))
    }
    return word
  }
}

extension JSONNode {
  func boolean() throws(Failure) -> Bool {
    // QKeras writes 0 and 1 for some.
    if let bool { return bool }
    if let integer, integer == 0 || integer == 1 { return integer == 1 }
    throw Failure(diagnostic("this must be true or false, not \(short)"))
  }

  func finite() throws(Failure) -> Double {
    guard let number, number.isFinite else {
      throw Failure(diagnostic("this must be a finite number, not \(short)"))
    }
    return number
  }

  /// The largest number accepted for a size: far beyond any trigger, small enough to multiply.
  static let sizeLimit = 1 << 30

  func whole(atLeast minimum: Int) throws(Failure) -> Int {
    guard let integer else { throw Failure(diagnostic("this must be a whole number, not \(short)")) }
    guard integer >= minimum else {
      throw Failure(diagnostic("this must be at least \(minimum), not \(short)"))
    }
    guard integer <= JSONNode.sizeLimit else {
      throw Failure(diagnostic("this must be at most \(JSONNode.sizeLimit), not \(short)"))
    }
    return integer
  }

  /// The value in a few characters, for messages.
  var short: String {
    switch value {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .string(let string): "\"\(string.count > 40 ? string.prefix(39) + "…" : string[...])\""
    case .array(let elements): "a list of \(elements.count)"
    case .object: "an object"
    }
  }
}
