import Diagnostics

/// Reads the declarations of one file.
struct DeclarationReader {
  typealias Token = CppLexer.Token

  private var lexer: CppLexer
  private let file: String
  private let limit: Int
  private var token: Token = .end
  private var line = 1
  /// The blocks that are open around what is read: namespaces by their names, others without.
  private var namespaces: [String?] = []
  /// Where the conditions are that are open (`#ifndef`).
  private var conditions: [Int] = []

  init(_ bytes: [UInt8], file: String, limit: Int) {
    lexer = CppLexer(bytes)
    self.file = file
    self.limit = limit
    advance()
  }

  private var place: ProjectText.Place { .init(file: file, line: line) }

  private mutating func advance() {
    token = lexer.next()
    line = lexer.line
    guard case .directive(let directive) = token else { return }
    let first = directive.dropFirst().drop { $0.isWhitespace }
    if first.hasPrefix("if") { conditions.append(line) }
    if first.hasPrefix("endif") { _ = conditions.popLast() }
  }

  mutating func read(into text: inout ProjectText) {
    while token != .end {
      if case .directive(let directive) = token {
        read(directive, &text)
        advance()
      } else if token == .mark("}") || token == .mark(";") {
        if token == .mark("}") { _ = namespaces.popLast() }
        advance()  // the end of a namespace
      } else {
        declaration(&text)
      }
    }
    if let first = conditions.first {
      text.refuse(.init(file: file, line: first), "the condition here has no #endif: the file is cut off")
    }
  }

  private func read(_ directive: String, _ text: inout ProjectText) {
    let words = directive.dropFirst().split(maxSplits: 2, omittingEmptySubsequences: true) { $0.isWhitespace }
    guard let first = words.first else { return }
    if first == "include", words.count > 1 {
      let name = words[1...].joined(separator: " ")
      guard name.hasPrefix("\"") else { return }
      text.includes.append((String(name.dropFirst().prefix { $0 != "\"" }), place))
    } else if first == "define", words.count == 3, !words[1].contains("(") {
      var value = CppLexer([UInt8](words[2].utf8))
      var tokens: [Token] = []
      while case let next = value.next(), next != .end { tokens.append(next) }
      text.constants[String(words[1])] = CppExpression(tokens: tokens)
    }
  }

  /// One declaration at the outermost level, or in a namespace.
  private mutating func declaration(_ text: inout ProjectText) {
    let start = place
    var tokens: [Token] = []
    while true {
      switch token {
      case .end:
        text.refuse(start, "'\(tokens.text)' ends with the file")
        return
      case .directive: advance()
      case .mark(";"):
        advance()
        return declare(tokens, start, &text)
      case .mark("="):
        advance()
        if token == .mark("{") {
          return initializer(tokens, start, &text)
        }
        let value = rest()
        guard case .identifier(let name)? = tokens.last else {
          return text.refuse(start, "'\(tokens.text) = …' is not understood")
        }
        text.constants[Self.qualified(name, tokens)] = CppExpression(tokens: value)
        return
      case .mark("{"):
        return block(tokens, start, &text)
      default:
        tokens.append(token)
        advance()
        guard tokens.count < 10_000 else {
          text.refuse(start, "'\(tokens.text)' is too long")
          skipStatement()
          return
        }
      }
    }
  }

  /// `config6::slope` for a member that is given its value outside its struct; else the name.
  private static func qualified(_ name: String, _ tokens: [Token]) -> String {
    guard tokens.count >= 3, tokens[tokens.count - 2] == .mark("::"),
      case .identifier(let scope) = tokens[tokens.count - 3]
    else { return name }
    return "\(scope)::\(name)"
  }

  /// The tokens up to the next semicolon.
  private mutating func rest() -> [Token] {
    var tokens: [Token] = []
    while token != .end, token != .mark(";"), tokens.count < 10_000 {
      tokens.append(token)
      advance()
    }
    advance()
    return tokens
  }

  private mutating func skipStatement() {
    var depth = 0
    while token != .end {
      if token == .mark("{") { depth += 1 }
      if token == .mark("}") { depth -= 1 }
      let isEnd = depth <= 0 && (token == .mark(";") || token == .mark("}"))
      advance()
      if isEnd { return }
    }
  }

  /// A declaration that ends in a semicolon.
  private func declare(_ tokens: [Token], _ place: ProjectText.Place, _ text: inout ProjectText) {
    var cursor = TokenCursor(tokens)
    if cursor.take("typedef") {
      guard let type = cursor.type(), let name = cursor.identifier(), cursor.isAtEnd else {
        return text.refuse(place, "'\(tokens.text)' is not understood")
      }
      text.define(name, as: type, place)
    } else if cursor.take("using") {
      if cursor.take("namespace") {
        text.usesNamespace = true
        return
      }
      guard let name = cursor.identifier(), cursor.take(mark: "="), let type = cursor.type(), cursor.isAtEnd
      else { return text.refuse(place, "'\(tokens.text)' is not understood") }
      text.define(name, as: type, place)
    } else if let array = cursor.array(place) {
      if text.arrays[array.name]?.values == nil { text.arrays[array.name] = array.array }
    } else if !tokens.contains(.mark("(")), tokens.first != .identifier("struct") {
      // Functions and structs are declared in headers, and defined or not: nothing follows from it.
      text.refuse(place, "'\(tokens.text)' is not understood")
    }
  }

  /// `type name[count] = {numbers};`
  private mutating func initializer(
    _ tokens: [Token], _ start: ProjectText.Place, _ text: inout ProjectText
  ) {
    var cursor = TokenCursor(tokens)
    // `pixels` of a convolution's configuration is a member that no arithmetic depends on.
    guard var found = cursor.array(start) else {
      skipStatement()
      if !tokens.contains(.identifier("pixels")) {
        text.refuse(start, "'\(tokens.text) = {…}' is not understood")
      }
      return
    }
    let (values, isWhole) = lexer.numbers(limit: limit)
    advance()
    guard isWhole, token == .mark("}") else {
      text.refuse(
        place, "'\(token.text)' stands where number \(values.count + 1) of '\(found.name)' should")
      return skipStatement()
    }
    advance()
    found.array.values = values
    if let known = text.arrays[found.name]?.values, known != values {
      text.refuse(start, "'\(found.name)' has two initializers")
    }
    text.arrays[found.name] = found.array
  }

  /// What has braces: a namespace, a struct, a function.
  private mutating func block(_ tokens: [Token], _ start: ProjectText.Place, _ text: inout ProjectText) {
    var cursor = TokenCursor(tokens)
    if cursor.take("namespace") {
      namespaces.append(cursor.qualifiedName())
      advance()
      return
    }
    let isTypedef = cursor.take("typedef")
    if cursor.take("struct") {
      let name = cursor.identifier()
      var made = ProjectText.Struct(name: name ?? "", namespace: namespaces.last ?? nil, place: start)
      if cursor.take(mark: ":") { made.base = cursor.type()?.name }
      advance()
      members(&made, &text)
      let names = rest()
      if isTypedef, case .identifier(let alias)? = names.last { text.structs[alias] = made }
      if let name { text.structs[name] = made }
      return
    }
    if cursor.skip("extern"), case .string? = cursor.first {
      namespaces.append(namespaces.last ?? nil)
      advance()  // extern "C" {
      return
    }
    guard let open = tokens.firstIndex(of: .mark("(")), tokens.last == .mark(")"), open > 0,
      case .identifier(let name) = tokens[open - 1]
    else {
      text.refuse(start, "'\(tokens.text) {…}' is not understood")
      return skipStatement()
    }
    advance()
    let parameters = TokenCursor.split(tokens[(open + 1)..<(tokens.count - 1)])
    text.functions.append(
      .init(
        name: name, parameters: parameters, statements: statements(), namespace: namespaces.last ?? nil,
        place: start))
  }

  /// The members of a struct, up to its closing brace.
  private mutating func members(_ made: inout ProjectText.Struct, _ text: inout ProjectText) {
    var tokens: [Token] = []
    var start = place
    while token != .end, token != .mark("}") {
      if case .directive = token {
        advance()
      } else if token == .mark(";") {
        advance()
        member(tokens, start, &made, &text)
        tokens = []
      } else if token == .mark("{"), tokens.last == .mark("=") {
        // An array's numbers: a permutation.
        while token != .end, token != .mark(";"), tokens.count < 10_000 {
          tokens.append(token)
          advance()
        }
      } else if token == .mark("{") {
        text.refuse(place, "'\(tokens.text) {…}' in '\(made.name)' is not understood")
        skipStatement()
        tokens = []
      } else {
        if tokens.isEmpty { start = place }
        if tokens.count < 10_000 { tokens.append(token) }
        advance()
      }
    }
    if token == .end { text.refuse(made.place, "'struct \(made.name)' has no end: the file is cut off") }
    advance()
  }

  private func member(
    _ tokens: [Token], _ place: ProjectText.Place, _ made: inout ProjectText.Struct, _ text: inout ProjectText
  ) {
    var cursor = TokenCursor(tokens)
    if cursor.take("template"), !cursor.skipAngles() {
      return text.refuse(place, "'\(tokens.text)' is not understood")
    }
    if cursor.take("using") {
      guard let name = cursor.identifier(), cursor.take(mark: "="), let type = cursor.type() else {
        return text.refuse(place, "'\(tokens.text)' is not understood")
      }
      made.types[name] = type
    } else if cursor.take("typedef") {
      guard let type = cursor.type(), let name = cursor.identifier() else {
        return text.refuse(place, "'\(tokens.text)' is not understood")
      }
      made.types[name] = type
    } else if let equals = tokens.firstIndex(of: .mark("=")),
      case .identifier(let name)? = tokens[..<(tokens[..<equals].firstIndex(of: .mark("[")) ?? equals)].last
    {
      made.values[name] = CppExpression(tokens: Array(tokens[(equals + 1)...]))
    } else if !tokens.isEmpty {
      // A member without a value: `static const ap_uint<9> pixels[…]`, the fields of a power of two, a struct whose
      // constructor is its value (`static const slope_t slope`).
      var cursor = TokenCursor(tokens)
      while cursor.take("static") || cursor.take("const") || cursor.take("constexpr") {}
      let type = cursor.type()
      while cursor.take(mark: "*") || cursor.take("const") {}
      guard let type, let name = cursor.identifier() else {
        return text.refuse(place, "'\(tokens.text)' in '\(made.name)' is not understood")
      }
      made.types[name] = type
    }
  }

  /// The statements of a function's body, those of blocks inside it among them.
  private mutating func statements() -> [ProjectText.Statement] {
    var statements: [ProjectText.Statement] = []
    var tokens: [Token] = []
    var depth = 1
    var start = place
    // For each `#if` that is open, whether what follows needs a macro that is not defined.
    var conditions: [Bool] = []
    while token != .end, depth > 0 {
      switch token {
      case .directive(let directive):
        let words = directive.dropFirst().split { $0.isWhitespace }
        switch words.first {
        case "ifdef": conditions.append(true)
        case "ifndef", "if": conditions.append(false)
        case "else": if let last = conditions.popLast() { conditions.append(!last) }
        case "endif": _ = conditions.popLast()
        default: break
        }
        advance()
      case .mark(";"), .mark("{"), .mark("}"):
        let outer = depth
        if token == .mark("{") { depth += 1 }
        if token == .mark("}") { depth -= 1 }
        let last = line
        advance()
        if !tokens.isEmpty {
          statements.append(
            .init(
              tokens: tokens, comment: lexer.comments[last], isOptional: conditions.contains(true),
              depth: outer, place: start))
        }
        tokens = []
      default:
        if tokens.isEmpty { start = place }
        if tokens.count < 10_000 { tokens.append(token) }
        advance()
      }
    }
    return statements
  }
}
