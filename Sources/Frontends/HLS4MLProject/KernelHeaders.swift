/// Which of the behaviours that releases of hls4ml gave a kernel a project has. Its configuration structs tell where only one
/// release's kernels compile with them; otherwise hls4ml's own headers in the project do.
struct KernelHeaders {
  let files: ProjectFiles

  /// A release in which kernels changed.
  enum Release: Hashable, Sendable { case release07, release08, release10, release12 }

  /// Whether the project's kernels are of a release or later ones; nil where its structs do not tell.
  private func isSince(_ release: Release) -> Bool? {
    let structs = files.text.structs.values
    // Kernels of dense layers: a type of the struct since 1.0, without which they do not compile.
    let dense = structs.filter { $0.base == "nnet::dense_config" }
    let is10 = dense.isEmpty ? nil : dense.contains { $0.types["kernel"] != nil }
    // Products have the type of their result as an argument before 0.7.
    let products = structs.compactMap { $0.types["product"] }
    let is07 = products.isEmpty ? nil : products.contains { $0.arguments.count < 3 }
    let softmaxes = structs.filter { $0.types["exp_table_t"] != nil }
    let is12 = softmaxes.isEmpty ? nil : softmaxes.contains { $0.types["inv_inp_t"] != nil }
    switch release {
    case .release07: return is12 == true || is10 == true ? true : is07
    case .release08: return is12 == true || is10 == true ? true : is07 == false ? false : nil
    case .release10: return is12 == true ? true : is07 == false ? false : is10
    case .release12: return is10 == false || is07 == false ? false : is12
    }
  }

  /// Whether products are of hls4ml before 0.7, which puts them in the type of the sum or of the result by themselves.
  var isBefore07: Bool { isSince(.release07) == false }

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
  ///   - release: the first that has it as now.
  ///   - now: what hls4ml 1.3.0 has there, and before: what older releases have. Neither contains the other.
  /// - Returns: whether it is as now.
  /// - Throws: where the header is not in the project, or has neither.
  func isCurrent(
    _ function: String, since release: Release, _ header: String, now: String, before: String
  ) throws(Refusal) -> Bool {
    if let isSince = isSince(release) { return isSince }
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
