import Model
import Program

/// The windows of a convolution as hls4ml lists them, element by element: `fill_buffer_3` in nnet_code_gen.h.
///
///     if (partition == 1) {
///         buffer[0][0] = data[3]; buffer[0][1] = 0;
struct FillBuffer {
  /// For every place of every window the element it reads, or −1 for a zero: positions row major.
  private(set) var map: [Int] = []

  /// Reads the class of a name; nil where the header has none, or it says something else.
  ///
  /// - Parameters:
  ///   - pixels: how many windows a partition has.
  ///   - places: how many elements a window has.
  ///   - count: of all of them.
  init?(_ bytes: [UInt8], named name: String, pixels: Int, places: Int, count: Int) {
    var lexer = CppLexer(bytes)
    var last = CppLexer.Token.end
    while case let token = lexer.next(), !(last == .identifier("class") && token == .identifier(name)) {
      if token == .end { return nil }
      last = token
    }
    map = Array(repeating: -2, count: count)
    var partition = 0
    var tokens: [CppLexer.Token] = []
    var depth = 0
    while case let token = lexer.next(), token != .end {
      if token == .mark("{") || token == .mark("}") {
        depth += token == .mark("{") ? 1 : -1
        if depth == 0 { break }
        tokens = []
        continue
      }
      if case .number(let number) = token, tokens.first == .identifier("if"),
        tokens.contains(.identifier("partition"))
      {
        guard let value = Int(number), (0..<count).contains(value) else { return nil }
        partition = value
      }
      guard token == .mark(";") else {
        tokens.append(token)
        continue
      }
      guard take(tokens, partition * pixels, places) else { return nil }
      tokens = []
    }
    if map.contains(-2) { return nil }
  }

  /// `buffer[0][1] = data[3]`, or `= 0`.
  private mutating func take(_ tokens: [CppLexer.Token], _ first: Int, _ places: Int) -> Bool {
    var cursor = TokenCursor(tokens)
    func number(_ cursor: inout TokenCursor) -> Int? {
      guard cursor.take(mark: "["), case .number(let number)? = cursor.taken(), cursor.take(mark: "]") else {
        return nil
      }
      return Int(number)
    }
    guard cursor.take("buffer"), let pixel = number(&cursor), let place = number(&cursor), place < places,
      pixel < map.count,
      cursor.take(mark: "=")
    else { return false }
    let target = (first + pixel) * places + place
    guard map.indices.contains(target), map[target] == -2 else { return false }
    if cursor.take("data") {
      guard let source = number(&cursor), cursor.isAtEnd else { return false }
      map[target] = source
      return true
    }
    map[target] = -1
    return cursor.taken() == .number("0") && cursor.isAtEnd
  }
}

extension ProjectBuilder {
  /// Refuses a convolution whose windows in nnet_code_gen.h are others than those of its configuration; what the header does not
  /// define is not looked for, as experiments leave it out.
  func checkWindows(_ configuration: KernelConfiguration, _ input: [Int], _ window: Window) throws(Refusal) {
    guard let header = try? files.kernelHeader("nnet_code_gen.h"),
      let name = configuration.typeName("fill_buffer"), GeneratedClass.body(of: name, header.bytes) != nil
    else { return }
    let places = try size(window.kernel.reduce(1, *), input[input.count - 1])
    let buffer = FillBuffer(
      header.bytes, named: name, pixels: try configuration.integer("n_pixels"), places: places,
      count: try size(window.positions(input).reduce(1, *), places))
    guard let buffer, window.elementMap(input) == buffer.map else {
      throw Refusal(
        "'\(name)' in \(header.path) does not list the windows that \(configuration.made.name) says",
        hint: "the header belongs to another version of the project")
    }
  }

  /// The zeros around what a convolution reads, which its configuration does not tell: those of `valid`, or of Keras's `same`.
  func padding(
    _ call: KernelCall, _ configuration: KernelConfiguration, _ input: [Int], channels: Int, _ window: Window,
    output: [Int]
  ) throws(Refusal) -> [Span] {
    guard let header = try? files.kernelHeader("nnet_code_gen.h"),
      let name = configuration.typeName("fill_buffer")
    else { throw Refusal("\(configuration.made.name) has no fill_buffer in nnet_utils/nnet_code_gen.h") }
    let places = try size(window.kernel.reduce(1, *), channels)
    let count = try size(output.reduce(1, *), places)
    let pixels = try configuration.integer("n_pixels")
    guard
      let buffer = FillBuffer(header.bytes, named: name, pixels: pixels, places: places, count: count)
    else { throw Refusal("'\(name)' is not understood") }
    let missing = input.indices.map { axis in
      (output[axis] - 1) * window.strides[axis] + (window.kernel[axis] - 1) * window.dilation[axis] + 1
        - input[axis]
    }
    // Behind the last window there may be elements that none reads.
    var padded = window
    padded.before = missing.map { max($0, 0) / 2 }
    padded.after = zip(missing, padded.before).map { max($0, 0) - $1 }
    guard padded.positions(input + [channels]) == output, padded.elementMap(input + [channels]) == buffer.map
    else { throw Refusal("'\(name)' reads other windows than those of padding valid or same") }
    return zip(padded.before, padded.after).map { Span(before: $0, after: $1) }
  }
}

extension ProjectBuilder {
  /// Refuses a convolution by a class that was written for the project and computes something else than all of its result.
  ///
  /// hls4ml 1.0 and 1.1 write one for a pointwise convolution of arrays, which computes a part of the positions in each of its
  /// statements, as many as the reuse factor:
  ///
  ///     class pointwise_conv_3 : public Conv1DKernel<data_T, res_T, CONFIG_T> { …
  ///         pointwise_conv_1d_latency_cl<data_T, res_T, CONFIG_T>(data_tmp[0], res_tmp[0], weights, biases);
  func checkGeneratedKernel(_ configuration: KernelConfiguration) throws(Refusal) {
    guard let name = configuration.typeName("conv_kernel"),
      let header = try? files.kernelHeader("nnet_code_gen.h"),
      let body = GeneratedClass.body(of: name, header.bytes)
    else { return }
    var parts: Set<Int> = []
    for statement in body {
      guard let start = statement.firstIndex(where: { $0 == .identifier("pointwise_conv_1d_latency_cl") })
      else {
        continue
      }
      var cursor = TokenCursor(statement[start...])
      guard let type = cursor.type(), type.arguments.count == 3, let arguments = cursor.arguments(),
        arguments.count == 4,
        let data = Self.part(arguments[0], of: "data_tmp"), data == Self.part(arguments[1], of: "res_tmp"),
        arguments[2] == [.identifier("weights")], arguments[3] == [.identifier("biases")]
      else { throw Refusal("'\(name)' in \(header.path) is not understood: '\(statement.text)'") }
      parts.insert(data)
    }
    guard !parts.isEmpty else { throw Refusal("'\(name)' in \(header.path) is not understood") }
    let reuseFactor = try configuration.integer("reuse_factor", otherwise: 1)
    guard parts == Set(0..<reuseFactor) else {
      throw Refusal(
        "'\(name)' in \(header.path) computes \(parts.count) of the \(reuseFactor) parts of its result that "
          + "\(configuration.made.name)::reuse_factor makes: what the others hold is not defined",
        hint: "write the project again with hls4ml, whose reuse factors are those of its nnet_code_gen.h")
    }
  }

  /// The number in `name[3]`.
  private static func part(_ tokens: [CppLexer.Token], of name: String) -> Int? {
    guard tokens.count == 4, tokens[0] == .identifier(name), tokens[1] == .mark("["), tokens[3] == .mark("]"),
      case .number(let number) = tokens[2]
    else { return nil }
    return Int(number)
  }
}

/// A class that was written for one layer of one project, in nnet_code_gen.h.
private enum GeneratedClass {
  /// The statements of its functions; nil where the header does not define it.
  static func body(of name: String, _ bytes: [UInt8]) -> [[CppLexer.Token]]? {
    var lexer = CppLexer(bytes)
    var last = CppLexer.Token.end
    while case let token = lexer.next(), !(last == .identifier("class") && token == .identifier(name)) {
      if token == .end { return nil }
      last = token
    }
    var statements: [[CppLexer.Token]] = []
    var tokens: [CppLexer.Token] = []
    var depth = 0
    while case let token = lexer.next(), token != .end {
      if case .directive = token { continue }
      if token == .mark("{") || token == .mark("}") || token == .mark(";") {
        if token != .mark(";") { depth += token == .mark("{") ? 1 : -1 }
        if !tokens.isEmpty { statements.append(tokens) }
        tokens = []
        if depth <= 0 { break }
      } else {
        tokens.append(token)
      }
    }
    return statements
  }
}
