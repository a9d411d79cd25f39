import FixedPoint
import Model

/// A function that was written for one layer of one project, in nnet_code_gen.h.
struct GeneratedFunction: Sendable {
  var name: String
  /// What stands between the function's parentheses, split at commas.
  var parameters: [[CppLexer.Token]]
  var statements: [ProjectText.Statement]

  /// How the names of dense layers begin that da4ml wrote as additions.
  static let adders = "dense_da_"
  /// How the names of structs begin that call such a function of the same number.
  static let wrapper = "dense_da_wrapper_"
  /// What all of da4ml's functions have in their names.
  private static let mark = "_da_"

  /// The functions of these names in a header, and those of additions. Everything else in it is passed over; a declaration or a call is no function.
  static func read(_ bytes: [UInt8], file: String, named names: Set<String>) -> [String: GeneratedFunction] {
    var lexer = CppLexer(bytes)
    var functions: [String: GeneratedFunction] = [:]
    var last = CppLexer.Token.end
    while case let token = lexer.next(), token != .end {
      if case .identifier(let name) = last, names.contains(name) || name.contains(mark), token == .mark("(") {
        if let function = body(name, &lexer, file) { functions[name] = function }
      }
      last = token
    }
    return functions
  }

  /// Parameters and statements of a function whose opening parenthesis is taken.
  private static func body(_ name: String, _ lexer: inout CppLexer, _ file: String) -> GeneratedFunction? {
    var parameters: [CppLexer.Token] = []
    while case let token = lexer.next(), token != .mark(")") {
      guard token != .end, parameters.count < 1000 else { return nil }
      parameters.append(token)
    }
    guard lexer.next() == .mark("{") else { return nil }
    var function = GeneratedFunction(
      name: name, parameters: TokenCursor.split(parameters[...]), statements: [])
    var tokens: [CppLexer.Token] = []
    while true {
      let token = lexer.next()
      switch token {
      case .end: return nil
      case .directive: continue
      case .mark("}"): return tokens.isEmpty ? function : nil
      case .mark(";"):
        if !tokens.isEmpty {
          function.statements.append(.init(tokens: tokens, place: .init(file: file, line: lexer.line)))
        }
        tokens = []
      default: tokens.append(token)
      }
    }
  }
}

extension ProjectBuilder {
  /// The layer of a function that was written for this project.
  mutating func convert(_ call: KernelCall, _ function: GeneratedFunction) throws(Refusal) {
    if call.kernel.hasPrefix(GeneratedFunction.adders) { return try adders(call, function) }
    try conversions(call, function)
  }

  /// Reads every statement of a function, and reports the first that `read` does not understand where it stands.
  ///
  /// - Parameter read: takes a statement; false where it is not understood.
  mutating func understand(
    _ function: GeneratedFunction, _ read: (inout TokenCursor) throws(Refusal) -> Bool
  ) throws(Refusal) {
    for statement in function.statements {
      do throws(Refusal) {
        var cursor = TokenCursor(statement.tokens)
        guard try read(&cursor), cursor.isAtEnd else {
          throw Refusal("'\(statement.tokens.text)' is not understood")
        }
      } catch {
        refuse(statement.place, error)
        var consequence = Refusal("'\(function.name)' is not understood")
        consequence.isConsequence = true
        throw consequence
      }
    }
  }

  /// The quantizer of a model of HGQ's: a conversion for every element.
  ///
  ///     template <typename input_t, typename output_t> void fc1_iq(input_t *inp, output_t *out) {
  ///         out[0] = ap_fixed<4, 2, AP_RND, AP_SAT>(inp[0]);
  ///         out[1] = 0;
  ///     }
  private mutating func conversions(_ call: KernelCall, _ function: GeneratedFunction) throws(Refusal) {
    let names = function.parameters.compactMap(\.last)
    guard names.count == 2, case .identifier(let input) = names[0], case .identifier(let output) = names[1]
    else { throw Refusal("the parameters of '\(call.kernel)' are not understood") }
    let count = function.statements.count
    let x = try operand(call, otherwise: [count])
    guard x.shape.reduce(1, *) == count else {
      throw Refusal("'\(call.kernel)' writes \(count) of \(x.shape.reduce(1, *)) elements")
    }
    var formats = [FixedFormat?](repeating: nil, count: count)
    var isWritten = [Bool](repeating: false, count: count)
    let text = text
    try understand(function) { (cursor) throws(Refusal) in
      guard cursor.take(output), let place = cursor.brackets(), cursor.take(mark: "=") else { return false }
      let index = try text.integer(place)
      guard index < count, !isWritten[index] else { throw Refusal("writes \(output)[\(index)] of \(count)") }
      isWritten[index] = true
      if case .number("0")? = cursor.first {
        _ = cursor.taken()
        return true
      }
      guard let type = cursor.type(), cursor.take(mark: "("), cursor.take(input),
        let source = cursor.brackets(), cursor.take(mark: ")")
      else { return false }
      guard try text.integer(source) == index else { throw Refusal("reads another element than \(index)") }
      formats[index] = try text.format(type)
      return true
    }
    let quantizer = try quantizer(of: call, formats, shape: x.shape, converting: formats.compactMap { $0 })
    try add(
      call, to: 1, "FixedPointQuantizer", .activation(.quantizer(.fixed(quantizer))), inputs: [x],
      shape: x.shape, ["result": try format(of: call, 1)])
  }

  /// The quantizer to a format for each element; nil: it is 0.
  ///
  /// - Parameter converting: those of the formats that change words.
  func quantizer(
    of call: KernelCall, _ formats: [FixedFormat?], shape: [Int], converting: [FixedFormat]
  ) throws(Refusal) -> FixedQuantizer {
    let modes = converting.first ?? FixedFormat(1, 1)
    guard
      converting.allSatisfy({
        $0.rounding == modes.rounding && $0.overflow == modes.overflow && $0.saturatedBits == 0
      })
    else { throw Refusal("'\(call.kernel)' rounds its elements in several ways") }
    func elements<Value: Hashable>(_ value: (FixedFormat) -> Value, _ none: Value) -> Elements<Value> {
      Elements(shape: shape, values: formats.map { $0.map(value) ?? none })
    }
    return FixedQuantizer(
      isSigned: elements(\.isSigned, false),
      integerBits: elements({ $0.integerBits - ($0.isSigned ? 1 : 0) }, 0),
      fractionBits: elements(\.fractionBits, 0), rounding: modes.rounding, overflow: modes.overflow)
  }
}
