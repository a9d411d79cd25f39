/// Takes the tokens of one declaration or statement from left to right.
struct TokenCursor {
  typealias Token = CppLexer.Token

  private var rest: ArraySlice<Token>

  init(_ tokens: [Token]) { rest = tokens[...] }
  init(_ tokens: ArraySlice<Token>) { rest = tokens }

  var isAtEnd: Bool { rest.isEmpty }
  var first: Token? { rest.first }
  var remaining: [Token] { Array(rest) }

  /// Takes whatever is next.
  mutating func taken() -> Token? { rest.popFirst() }

  /// Takes a word if it is next.
  mutating func take(_ word: String) -> Bool {
    guard rest.first == .identifier(word) else { return false }
    rest.removeFirst()
    return true
  }

  /// Takes a mark if it is next.
  mutating func take(mark: String) -> Bool {
    guard rest.first == .mark(mark) else { return false }
    rest.removeFirst()
    return true
  }

  /// Takes a word if it is next; always true.
  mutating func skip(_ word: String) -> Bool {
    _ = take(word)
    return true
  }

  /// Takes a name without namespaces.
  mutating func identifier() -> String? {
    guard case .identifier(let name)? = rest.first else { return nil }
    rest.removeFirst()
    return name
  }

  /// Takes a name with its namespaces.
  mutating func qualifiedName() -> String? {
    guard var name = identifier() else { return nil }
    while rest.first == .mark("::"), case .identifier(let next)? = rest.dropFirst().first {
      rest.removeFirst(2)
      name += "::" + next
    }
    return name
  }

  /// Takes a type: a name, and the arguments of a template.
  mutating func type() -> ProjectText.TypeName? {
    _ = take("struct")
    _ = take("typename")
    guard var name = qualifiedName() else { return nil }
    if name == "unsigned" || name == "signed" || name == "long" || name == "short" {
      while ["int", "long", "short", "char"].contains(where: { take($0) }) {}
      name = "int"
    }
    guard rest.first == .mark("<") else { return .init(name: name) }
    guard let arguments = angles() else { return nil }
    return .init(name: name, arguments: arguments)
  }

  /// Takes `<…>`: what stands between, split at its commas.
  private mutating func angles() -> [[Token]]? {
    let tokens = rest
    guard take(mark: "<") else { return nil }
    var depth = 1
    var count = 1
    for token in rest {
      if token == .mark("<") { depth += 1 }
      if token == .mark(">") { depth -= 1 }
      count += 1
      if depth == 0 { break }
    }
    guard depth == 0 else { return nil }
    let inside = tokens.dropFirst().prefix(count - 2)
    rest = tokens.dropFirst(count)
    return Self.split(inside)
  }

  /// Takes `<…>` if it is next.
  mutating func skipAngles() -> Bool { angles() != nil }

  /// Takes `(…)`: what stands between, split at its commas.
  mutating func arguments() -> [[Token]]? {
    guard rest.first == .mark("("), rest.last == .mark(")") else { return nil }
    let inside = rest.dropFirst().dropLast()
    rest = []
    return Self.split(inside)
  }

  /// Takes `[const] type name[count][…]` if it is all there is.
  mutating func array(_ place: ProjectText.Place) -> (name: String, array: ProjectText.Array)? {
    var cursor = self
    while cursor.take("extern") || cursor.take("static") || cursor.take("const") || cursor.take("constexpr") {
    }
    guard let type = cursor.type(), let name = cursor.identifier() else { return nil }
    guard let counts = cursor.brackets(), cursor.isAtEnd else { return nil }
    self = cursor
    return (name, .init(type: type, count: counts, values: nil, place: place))
  }

  /// Takes `[a][b]…`: the product of all of them.
  mutating func brackets() -> CppExpression? {
    var product: [Token] = []
    while take(mark: "[") {
      guard let end = rest.firstIndex(of: .mark("]")) else { return nil }
      if !product.isEmpty { product.append(.mark("*")) }
      product += rest[..<end]
      rest = rest[(end + 1)...]
    }
    return product.isEmpty ? nil : CppExpression(tokens: product)
  }

  /// Tokens split at the commas that stand in no brackets.
  static func split(_ tokens: ArraySlice<Token>) -> [[Token]] {
    var parts: [[Token]] = []
    var part: [Token] = []
    var depth = 0
    for token in tokens {
      if case .mark(let mark) = token {
        if "<([{".contains(mark) { depth += 1 }
        if ">)]}".contains(mark) { depth -= 1 }
        if mark == ",", depth == 0 {
          parts.append(part)
          part = []
          continue
        }
      }
      part.append(token)
    }
    if !part.isEmpty || !parts.isEmpty { parts.append(part) }
    return parts
  }
}
