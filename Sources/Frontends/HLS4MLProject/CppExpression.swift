/// A constant expression of the C++ hls4ml writes: integers, names, + − * / %, comparisons, `?:`, parentheses.
struct CppExpression: Hashable, Sendable {
  /// Its tokens, as read.
  var tokens: [CppLexer.Token]

  enum Value: Hashable, Sendable {
    case integer(Int)
    case number(Double)
    /// A name that stands for itself: an enumerator like `nnet::latency`.
    case symbol(String)
  }

  /// Why it has no value.
  struct Failed: Error { let message: String }

  /// Its value.
  ///
  /// - Parameter constants: the expression a name stands for; nil where it stands for itself.
  func value(_ constants: @escaping (String) -> CppExpression?) throws(Failed) -> Value {
    var evaluation = Evaluation(constants: constants)
    return try evaluation.value(of: self)
  }

  /// The factors of a product, each a whole expression: `8*8*2` is the shape [8, 8, 2] to hls4ml.
  var factors: [CppExpression] {
    guard !tokens.contains(where: { $0 != .mark("*") && $0.isOperator }) else { return [self] }
    return tokens.split(separator: .mark("*")).map { CppExpression(tokens: Array($0)) }
  }
}

extension CppLexer.Token {
  fileprivate var isOperator: Bool { if case .mark(let mark) = self { mark != "::" } else { false } }

  /// Its text, for messages.
  var text: String {
    switch self {
    case .identifier(let text), .number(let text), .mark(let text), .directive(let text): text
    case .string(let text): "\"\(text)\""
    case .end: "the end of the file"
    }
  }
}

extension [CppLexer.Token] {
  /// The text, for messages: a space wherever two names meet.
  var text: String {
    var text = ""
    for token in self {
      if let last = text.last, last.isLetter || last.isNumber || last == "_", let next = token.text.first,
        next.isLetter || next.isNumber || next == "_"
      {
        text += " "
      }
      text += token.text
      if text.count > 200 { return text.prefix(200) + "…" }
    }
    return text
  }
}

/// One evaluation: names are followed to their constants, a limited number of them in all.
private struct Evaluation {
  let constants: (String) -> CppExpression?
  private var steps = 10_000
  private var depth = 0
  private var tokens: ArraySlice<CppLexer.Token> = []

  typealias Value = CppExpression.Value
  typealias Failed = CppExpression.Failed

  init(constants: @escaping (String) -> CppExpression?) { self.constants = constants }

  mutating func value(of expression: CppExpression) throws(Failed) -> Value {
    let outer = tokens
    depth += 1
    guard depth < 64 else { throw Failed(message: "is nested too deep") }
    tokens = expression.tokens[...]
    let value = try conditional()
    guard tokens.isEmpty else { throw Failed(message: "'\(expression.tokens.text)' is not understood") }
    tokens = outer
    depth -= 1
    return value
  }

  private mutating func take(_ mark: String) -> Bool {
    guard tokens.first == .mark(mark) else { return false }
    tokens.removeFirst()
    return true
  }

  private mutating func conditional() throws(Failed) -> Value {
    let condition = try binary(0)
    guard take("?") else { return condition }
    let first = try conditional()
    guard take(":") else { throw Failed(message: "a ? without its :") }
    let second = try conditional()
    return try integer(condition) != 0 ? first : second
  }

  private static let levels: [[String]] = [
    ["==", "!="], ["<", ">", "<=", ">="], ["+", "-"], ["*", "/", "%"],
  ]

  private mutating func binary(_ level: Int) throws(Failed) -> Value {
    guard level < Self.levels.count else { return try unary() }
    var left = try binary(level + 1)
    while case .mark(let mark)? = tokens.first, Self.levels[level].contains(mark) {
      tokens.removeFirst()
      let right = try binary(level + 1)
      left = try apply(mark, left, right)
    }
    return left
  }

  private mutating func unary() throws(Failed) -> Value {
    steps -= 1
    guard steps > 0 else { throw Failed(message: "takes too long to work out") }
    if take("-") {
      switch try unary() {
      case .integer(let value): return .integer(0 &- value)
      case .number(let value): return .number(-value)
      case .symbol(let name): throw Failed(message: "'-\(name)' is not understood")
      }
    }
    if take("(") {
      depth += 1
      guard depth < 64 else { throw Failed(message: "is nested too deep") }
      let value = try conditional()
      depth -= 1
      guard take(")") else { throw Failed(message: "a ( without its )") }
      return value
    }
    switch tokens.popFirst() {
    case .number(let text)?:
      let digits = text.prefix { !"uUlL".contains($0) }
      // A leading zero makes a number octal.
      let isOctal = digits.count > 1 && digits.hasPrefix("0") && digits.allSatisfy(\.isNumber)
      if let value = Int(digits, radix: isOctal ? 8 : 10) { return .integer(value) }
      if isOctal { throw Failed(message: "'\(text)' is not an octal number") }
      guard let value = CppLexer.value(text) else { throw Failed(message: "'\(text)' is not a number") }
      return .number(value)
    case .identifier(var name)?:
      if name == "true" || name == "false" { return .integer(name == "true" ? 1 : 0) }
      while tokens.first == .mark("::"), case .identifier(let next)? = tokens.dropFirst().first {
        tokens.removeFirst(2)
        name += "::" + next
      }
      if take("(") || take("<") { throw Failed(message: "'\(name)(…)' is not understood") }
      guard let constant = constants(name) else { return .symbol(name) }
      return try value(of: constant)
    case let other?: throw Failed(message: "'\(other.text)' is not understood")
    case nil: throw Failed(message: "is empty")
    }
  }

  private func integer(_ value: Value) throws(Failed) -> Int {
    guard case .integer(let value) = value else { throw Failed(message: "is not a whole number") }
    return value
  }

  private func apply(_ mark: String, _ left: Value, _ right: Value) throws(Failed) -> Value {
    if mark == "==" { return .integer(left == right ? 1 : 0) }
    if mark == "!=" { return .integer(left != right ? 1 : 0) }
    let (a, b) = (try integer(left), try integer(right))
    let result: (partialValue: Int, overflow: Bool)
    switch mark {
    case "<": return .integer(a < b ? 1 : 0)
    case ">": return .integer(a > b ? 1 : 0)
    case "<=": return .integer(a <= b ? 1 : 0)
    case ">=": return .integer(a >= b ? 1 : 0)
    case "+": result = a.addingReportingOverflow(b)
    case "-": result = a.subtractingReportingOverflow(b)
    case "*": result = a.multipliedReportingOverflow(by: b)
    case "/": result = a.dividedReportingOverflow(by: b)
    default: result = a.remainderReportingOverflow(dividingBy: b)
    }
    guard !result.overflow else { throw Failed(message: "has no value") }
    return .integer(result.partialValue)
  }
}
