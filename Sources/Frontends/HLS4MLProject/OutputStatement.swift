/// A statement that only prints, as experiments leave them between the layers: it computes nothing.
///
///     std::cout << "fc1" << std::endl;
///     for (int i = 0; i < N_LAYER_2; ++i) { std::cout << layer2_out[i] << ", "; }
enum OutputStatement {
  /// Takes the first statement, or the whole of a loop, where that only prints.
  static func skip(_ rest: inout ArraySlice<ProjectText.Statement>) -> Bool {
    guard let first = rest.first else { return false }
    if isOutput(first.tokens) {
      rest.removeFirst()
      return true
    }
    guard first.tokens.first == .identifier("for"), first.tokens.count > 3, rest.count > 2 else {
      return false
    }
    // A semicolon ends a statement, so that a head is three of them.
    guard ["int", "unsigned", "size_t", "auto"].contains(where: { first.tokens[2] == .identifier($0) }),
      !contains(first.tokens.dropFirst(3), assignments: 1)
    else { return false }
    let step = rest[rest.startIndex + 2].tokens
    let body = rest.dropFirst(3).prefix { $0.depth > first.depth }
    let isWhole: Bool
    if let end = step.firstIndex(of: .mark(")")), end + 1 < step.count {
      isWhole = body.isEmpty && isOutput(Array(step[(end + 1)...]))
    } else {
      isWhole = !body.isEmpty && body.allSatisfy { isOutput($0.tokens) }
    }
    if isWhole { rest = rest.dropFirst(3 + body.count) }
    return isWhole
  }

  /// Functions that only look at what they are given.
  private static let harmless: Set<String> = [
    "to_double", "to_float", "to_int", "float", "double", "int", "setprecision", "setw", "printf",
  ]

  private static func isOutput(_ tokens: [CppLexer.Token]) -> Bool {
    var cursor = TokenCursor(tokens)
    guard let name = cursor.qualifiedName(),
      ["std::cout", "std::cerr", "cout", "cerr", "printf", "std::printf"].contains(name),
      name.hasSuffix("printf") == (cursor.first == .mark("("))
    else { return false }
    return !contains(tokens[...], assignments: 0)
  }

  /// Whether tokens change a variable: more assignments than these, `++`, `--`, or a call of some function.
  private static func contains(_ tokens: ArraySlice<CppLexer.Token>, assignments: Int) -> Bool {
    var found = 0
    var last = CppLexer.Token.end
    for token in tokens {
      if token == .mark("=") { found += 1 }
      if token == last, token == .mark("+") || token == .mark("-") { return true }
      if token == .mark("("), case .identifier(let name) = last, !harmless.contains(name) { return true }
      if token == .mark("("), last == .mark(">") || last == .mark("]") { return true }
      last = token
    }
    return found > assignments
  }
}
