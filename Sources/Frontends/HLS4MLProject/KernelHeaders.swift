/// What hls4ml's own headers in a project say of its kernels, where releases differ.
struct KernelHeaders {
  let files: ProjectFiles

  /// The text of the functions of one name in a header, without comments, directives and spaces; nil without the header.
  private func body(_ function: String, _ header: String) throws(Refusal) -> String? {
    let bytes: [UInt8]
    do {
      guard let found = try files.kernelHeader(header) else { return nil }
      bytes = found.bytes
    } catch {
      throw Refusal("nnet_utils/\(header) cannot be read")
    }
    var lexer = CppLexer(bytes)
    var text = ""
    var last = CppLexer.Token.end
    while case let token = lexer.next(), token != .end {
      if last == .identifier(function), token == .mark("(") { text += Self.rest(&lexer) }
      last = token
    }
    return text
  }

  /// Parameters and body of a function, up to its closing brace; nothing for a call or a declaration.
  private static func rest(_ lexer: inout CppLexer) -> String {
    var tokens: [CppLexer.Token] = [.mark("(")]
    var (braces, parentheses) = (0, 1)
    while case let token = lexer.next(), token != .end, tokens.count < 100_000 {
      if case .directive = token { continue }
      if token == .mark("(") { parentheses += 1 }
      if token == .mark(")") { parentheses -= 1 }
      if token == .mark("{") { braces += 1 }
      if token == .mark("}") { braces -= 1 }
      if token == .mark(";"), braces == 0 { return "" }
      tokens.append(token)
      if token == .mark("}"), braces == 0 { break }
    }
    return tokens.map(\.text).joined()
  }

  /// Which of two behaviours a kernel has, told by what stands in its function.
  ///
  /// - Parameters:
  ///   - now: what hls4ml 1.3.0 has there, and before: what older releases have. Neither contains the other.
  /// - Returns: whether it is as now.
  /// - Throws: where the header is not in the project, or has neither.
  func isCurrent(_ function: String, _ header: String, now: String, before: String) throws(Refusal) -> Bool {
    guard let text = try body(function, header) else {
      throw Refusal(
        "nnet::\(function) differs between releases of hls4ml, and nnet_utils/\(header) is not in the project to tell",
        hint: "copy nnet_utils of the hls4ml that the project is compiled with into the project's folder")
    }
    let (isNow, isBefore) = (text.contains(now), text.contains(before))
    guard isNow != isBefore else {
      throw Refusal("nnet::\(function) in nnet_utils/\(header) is that of no release of hls4ml known here")
    }
    return isNow
  }
}
