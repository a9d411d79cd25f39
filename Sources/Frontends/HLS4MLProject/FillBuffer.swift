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
