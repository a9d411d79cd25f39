import Diagnostics
import FixedPoint

/// Takes values of one kind out of nodes. A null is nothing, silently; a value of another kind is nothing, and a problem.
struct ValueReader {
  private(set) var problems: [Diagnostic] = []

  // MARK: Problems

  mutating func report(_ node: SettingNode, _ message: String, hint: String? = nil) {
    problems.append(node.problem(message, hint: hint))
  }

  mutating func unknown(
    _ key: String, _ node: SettingNode, called kind: String = "key", known: some Sequence<String>
  ) {
    let hint = nearest(to: key, in: known).map { "did you mean '\($0)'?" }
    report(
      node, "unknown \(kind) '\(shortened(key))'",
      hint: hint
        ?? nearest(to: key, in: known, withinReach: false).map { "the nearest known \(kind) is '\($0)'" })
  }

  mutating func unknownValue(_ value: String, _ node: SettingNode, known: [String]) {
    let hint = nearest(to: value, in: known).map { "did you mean '\($0)'?" }
    report(node, "'\(shortened(value))' is not one of \(known.joined(separator: ", "))", hint: hint)
  }

  /// Whether a condition holds; a problem if it does not.
  mutating func check(_ holds: Bool, _ node: SettingNode, _ rule: String) -> Bool {
    if !holds { report(node, "the value \(rule)") }
    return holds
  }

  private mutating func expected(_ what: String, _ node: SettingNode) {
    if case .null = node.value { return }
    report(node, "expected \(what), not \(node.kindName)")
  }

  // MARK: Values

  mutating func entries(_ node: SettingNode) -> [(key: String, node: SettingNode)] {
    guard case .map(let entries) = node.value else {
      expected("a mapping", node)
      return []
    }
    return entries
  }

  mutating func text(_ node: SettingNode) -> String? {
    guard case .text(let text) = node.value else {
      expected("text", node)
      return nil
    }
    return text
  }

  mutating func bool(_ node: SettingNode) -> Bool? {
    switch node.value {
    case .bool(let bool): return bool
    case .number(0): return false
    case .number(1): return true
    default:
      expected("true or false", node)
      return nil
    }
  }

  mutating func integer(_ node: SettingNode, in range: ClosedRange<Int>) -> Int? {
    guard case .number(let number) = node.value, let integer = Int(exactly: number), range.contains(integer)
    else {
      let shown: String
      switch node.value {
      case .number(let number): shown = Int(exactly: number).map { "\($0)" } ?? "\(number)"
      case .null: return nil
      default: shown = node.kindName
      }
      report(node, "expected a whole number from \(range.lowerBound) to \(range.upperBound), not \(shown)")
      return nil
    }
    return integer
  }

  mutating func count(_ node: SettingNode, atMost limit: Int = 1_000_000_000) -> Int? {
    integer(node, in: 1...limit)
  }

  /// A number, alone or as text with a unit. A number without unit is in the second unit, if there is one.
  mutating func number(
    _ node: SettingNode, unit: String, scale: Double = 1, otherwise: (unit: String, scale: Double)? = nil
  ) -> Double? {
    if case .number(let number) = node.value { return number * (otherwise?.scale ?? scale) }
    if case .text(let text) = node.value {
      for (unit, scale) in [(unit, scale)] + (otherwise.map { [($0.unit, $0.scale)] } ?? [])
      where text.hasSuffix(unit) {
        let digits = text.dropLast(unit.count)
        if let number = Double(digits.last == " " ? digits.dropLast() : digits) { return number * scale }
      }
    }
    expected(
      "a number" + (otherwise == nil ? " (in \(unit))" : " in \(unit) or \(otherwise?.unit ?? "")"), node)
    return nil
  }

  /// A value of an enumeration, by its raw value, letter case aside.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ node: SettingNode, of type: Choice.Type
  ) -> Choice? where Choice.RawValue == String {
    guard let text = text(node) else { return nil }
    if let choice = Choice.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) {
      return choice
    }
    unknownValue(text, node, known: Choice.allCases.map(\.rawValue))
    return nil
  }

  mutating func precision(_ node: SettingNode) -> PrecisionChoice? {
    guard let text = text(node) else { return nil }
    if text.lowercased() == "auto" { return .auto }
    guard text.utf8.count <= 256 else {
      report(node, "'\(shortened(text))' is not a type")
      return nil
    }
    do {
      return .format(try FixedFormat(parsing: text))
    } catch {
      report(node, error.message, hint: error.hint)
      return nil
    }
  }
}
