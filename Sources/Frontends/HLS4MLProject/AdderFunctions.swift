import Diagnostics
import FixedPoint
import Model

/// A dense layer as da4ml writes it: a function of additions and shifts, `dense_da_3`, in nnet_code_gen.h.
///
///     template <typename inp_t, typename out_t> void dense_da_3(inp_t inp[2], out_t out[1]) {
///         ap_fixed<16, 5> v0 = inp[0] - bit_shift<-3>(inp[1]);
///         out[0] = v0 + ap_ufixed<1, 0>(0.5);
///     }
struct AdderFunction: Sendable {
  var name: String
  /// What stands between the function's parentheses, split at commas.
  var parameters: [[CppLexer.Token]]
  var statements: [ProjectText.Statement]

  /// How their names begin.
  static let prefix = "dense_da_"

  /// The functions in a header, by name. Everything else in it is passed over; a declaration or a call is no function.
  static func read(_ bytes: [UInt8], file: String) -> [String: AdderFunction] {
    var lexer = CppLexer(bytes)
    var functions: [String: AdderFunction] = [:]
    var last = CppLexer.Token.end
    while case let token = lexer.next(), token != .end {
      if case .identifier(let name) = last, name.hasPrefix(prefix), token == .mark("(") {
        if let function = body(name, &lexer, file) { functions[name] = function }
      }
      last = token
    }
    return functions
  }

  /// Parameters and statements of a function whose opening parenthesis is taken.
  private static func body(_ name: String, _ lexer: inout CppLexer, _ file: String) -> AdderFunction? {
    var parameters: [CppLexer.Token] = []
    while case let token = lexer.next(), token != .mark(")") {
      guard token != .end, parameters.count < 1000 else { return nil }
      parameters.append(token)
    }
    guard lexer.next() == .mark("{") else { return nil }
    var function = AdderFunction(name: name, parameters: TokenCursor.split(parameters[...]), statements: [])
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

/// A sum of inputs times constants, exact: what a variable of an adder function holds.
private struct LinearForm {
  /// By input, in units of 2^-fractionBits. None is zero.
  var terms: [Int: Raw] = [:]
  var constant: Raw = 0

  /// The unit that everything here is a multiple of.
  static let fractionBits = 48
  /// Coefficients stay below this, so that no sum of them overflows.
  static let limit = Raw(1) << 96

  /// Times 2^shift.
  func shifted(_ shift: Int) throws(Refusal) -> LinearForm {
    guard abs(shift) <= 64 else { throw Refusal("shifts by \(shift)") }
    func moved(_ value: Raw) throws(Refusal) -> Raw {
      if shift < 0 {
        guard value & ((Raw(1) << Raw(-shift)) - 1) == 0 else {
          throw Refusal("has more than \(Self.fractionBits) fraction bits")
        }
        return value >> Raw(-shift)
      }
      guard abs(value) < Self.limit >> Raw(shift) else {
        throw Refusal("has coefficients that are too large")
      }
      return value << Raw(shift)
    }
    var result = LinearForm(constant: try moved(constant))
    for (input, value) in terms { result.terms[input] = try moved(value) }
    return result
  }

  func adding(_ other: LinearForm, negated: Bool) throws(Refusal) -> LinearForm {
    var result = self
    result.constant += negated ? -other.constant : other.constant
    for (input, value) in other.terms {
      let sum = result.terms[input, default: 0] + (negated ? -value : value)
      result.terms[input] = sum == 0 ? nil : sum
    }
    guard abs(result.constant) < Self.limit, result.terms.values.allSatisfy({ abs($0) < Self.limit }) else {
      throw Refusal("has coefficients that are too large")
    }
    return result
  }

  /// Whether a type holds every value that there can be.
  ///
  /// - Parameter x: the type of all inputs.
  func fits(_ format: FixedFormat, over x: FixedFormat) -> Bool {
    // In units of 2^-(fractionBits + x's fraction bits); what does not fit 128 bits does not fit the type.
    var (low, high): (Raw, Raw) = (0, 0)
    func add(_ value: Raw, _ word: Raw, to sum: inout Raw) -> Bool {
      let (product, overflow) = value.multipliedReportingOverflow(by: word)
      guard !overflow, product.magnitude < UInt128(1) << 125, sum.magnitude < UInt128(1) << 125 else {
        return false
      }
      sum += product
      return true
    }
    for value in terms.values {
      guard add(value, value < 0 ? x.maxRaw : x.minRaw, to: &low),
        add(value, value < 0 ? x.minRaw : x.maxRaw, to: &high)
      else { return false }
    }
    guard x.width <= 64, format.width <= 100, (0..<32).contains(x.fractionBits),
      add(constant, Raw(1) << Raw(x.fractionBits), to: &low),
      add(constant, Raw(1) << Raw(x.fractionBits), to: &high)
    else { return false }
    let shift = Self.fractionBits + x.fractionBits - format.fractionBits
    guard (0..<100).contains(shift), format.width + shift < 126,
      low >= format.minRaw << Raw(shift), high <= format.maxRaw << Raw(shift)
    else { return false }
    // The lowest bit of every term is one of the type's.
    let isConstantHeld =
      constant == 0 || constant.trailingZeroBitCount - Self.fractionBits >= -format.fractionBits
    return isConstantHeld
      && terms.values.allSatisfy {
        $0.trailingZeroBitCount - Self.fractionBits - x.fractionBits >= -format.fractionBits
      }
  }
}

private func scaled(_ value: Double, _ exponent: Int) -> Double {
  value * Double(sign: .plus, exponent: exponent, significand: 1)
}

/// Works out what an adder function computes.
private struct AdderReader {
  let text: ProjectText
  let x: FixedFormat
  let inputName: String
  let inputs: Int
  var variables: [String: LinearForm] = [:]
  var depth = 0

  /// `a - bit_shift<2>(b) + …`, up to the end or a closing parenthesis.
  mutating func sum(_ cursor: inout TokenCursor) throws(Refusal) -> LinearForm {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw Refusal("nests too deep") }
    var isNegative = cursor.take(mark: "-")
    var result = try LinearForm().adding(try term(&cursor), negated: isNegative)
    while cursor.first == .mark("+") || cursor.first == .mark("-") {
      isNegative = cursor.take(mark: "-")
      if !isNegative { _ = cursor.take(mark: "+") }
      result = try result.adding(try term(&cursor), negated: isNegative)
    }
    return result
  }

  private mutating func term(_ cursor: inout TokenCursor) throws(Refusal) -> LinearForm {
    if cursor.take(mark: "(") { return try closed(&cursor) }
    if case .number(let number)? = cursor.first {
      _ = cursor.taken()
      guard let value = Double(number) else { throw Refusal("'\(number)' is not a number") }
      let word = scaled(value, LinearForm.fractionBits)
      guard word == word.rounded(), abs(word) < 0x1p96 else { throw Refusal("'\(number)' is not exact") }
      return LinearForm(constant: Raw(word))
    }
    guard let type = cursor.type() else { throw Refusal("an addition is not understood") }
    if type.lastName == "bit_shift", type.arguments.count == 1 {
      let value: CppExpression.Value
      do { value = try CppExpression(tokens: type.arguments[0]).value { [text] in text.constants[$0] } } catch
      {
        throw Refusal(error.message)
      }
      guard case .integer(let shift) = value, cursor.take(mark: "(") else {
        throw Refusal("a shift is not understood")
      }
      return try closed(&cursor).shifted(shift)
    }
    if cursor.take(mark: "(") {
      // A number, or a sum, in a type.
      let format = try text.format(type)
      let value = try closed(&cursor)
      try check(value, format, type.text)
      return value
    }
    if type.name == inputName, let place = cursor.brackets() {
      let index = try text.integer(place)
      guard index < inputs else { throw Refusal("reads \(inputName)[\(index)] of \(inputs)") }
      return LinearForm(terms: [index: Raw(1) << Raw(LinearForm.fractionBits)])
    }
    guard let known = variables[type.name], type.arguments.isEmpty else {
      throw Refusal("'\(type.text)' has no value here")
    }
    return known
  }

  private mutating func closed(_ cursor: inout TokenCursor) throws(Refusal) -> LinearForm {
    let value = try sum(&cursor)
    guard cursor.take(mark: ")") else { throw Refusal("an addition is not understood") }
    return value
  }

  /// Refuses a conversion that may lose something: the function is then no sum of products.
  func check(_ value: LinearForm, _ format: FixedFormat, _ what: String) throws(Refusal) {
    guard value.fits(format, over: x) else {
      throw Refusal(
        "'\(what)' does not hold all that its sum can be",
        hint: "adder functions are read where only their results lose bits")
    }
  }
}

extension ProjectBuilder {
  /// The dense layer that an adder function is: the sums of its results, exact, in its result's type.
  mutating func adders(_ call: KernelCall) throws(Refusal) {
    guard let function = files.adders[call.kernel] else {
      throw Refusal("'\(call.kernel)' is not in nnet_utils/nnet_code_gen.h")
    }
    guard function.parameters.count == 2, let (input, inputs) = try array(function.parameters[0]),
      let (output, outputs) = try array(function.parameters[1]), outputs > 0, inputs > 0
    else { throw Refusal("the parameters of '\(call.kernel)' are not understood") }
    let x = try operand(call, shape: [inputs])
    let result = try format(of: call, 1)
    var reader = AdderReader(text: text, x: x.format, inputName: input, inputs: inputs)
    var sums = [LinearForm?](repeating: nil, count: outputs)
    for statement in function.statements {
      do throws(Refusal) {
        var cursor = TokenCursor(statement.tokens)
        if cursor.take(output) {
          guard let place = cursor.brackets(), cursor.take(mark: "=") else {
            throw Refusal("'\(statement.tokens.text)' is not understood")
          }
          let index = try text.integer(place)
          guard index < outputs, sums[index] == nil else {
            throw Refusal("writes \(output)[\(index)] of \(outputs)")
          }
          sums[index] = try reader.sum(&cursor)
        } else {
          _ = cursor.take("const")
          guard let type = cursor.type(), let name = cursor.identifier(), cursor.take(mark: "=") else {
            throw Refusal("'\(statement.tokens.text)' is not understood")
          }
          let value = try reader.sum(&cursor)
          try reader.check(value, try text.format(type), name)
          reader.variables[name] = value
        }
        guard cursor.isAtEnd else { throw Refusal("'\(statement.tokens.text)' is not understood") }
      } catch {
        refuse(statement.place, error)
        var consequence = Refusal("'\(call.kernel)' is not understood")
        consequence.isConsequence = true
        throw consequence
      }
    }
    let rows = sums.compactMap { $0 }
    guard rows.count == outputs else {
      throw Refusal("'\(call.kernel)' does not write all of its \(outputs) results")
    }
    try addDense(call, x, rows, inputs, result)
  }

  private mutating func addDense(
    _ call: KernelCall, _ x: Tensor, _ rows: [LinearForm], _ inputs: Int, _ result: FixedFormat
  ) throws(Refusal) {
    let outputs = rows.count
    var kernel = [Raw](repeating: 0, count: try size(inputs, outputs))
    for (output, row) in rows.enumerated() {
      for (input, value) in row.terms { kernel[input * outputs + output] = value }
    }
    let bias = rows.map(\.constant)
    let (weight, offset) = (try Self.format(kernel), try Self.format(bias))
    // A type that holds every sum, in whatever order.
    let fractionBits = max(weight.fractionBits + x.format.fractionBits, offset.fractionBits)
    var largest = 0.0
    for row in rows {
      let span = max(abs(Double(x.format.minRaw)), Double(x.format.maxRaw))
      let reach = row.terms.values.reduce(0.0) { $0 + abs(Double($1)) } * scaled(span, -x.format.fractionBits)
      largest = max(largest, scaled(reach + abs(Double(row.constant)), -LinearForm.fractionBits))
    }
    let integerBits = max(1, Int(largest.exponent) + 3)
    guard largest.isFinite, (1...120).contains(integerBits + fractionBits) else {
      throw Refusal("the sums of '\(call.kernel)' have more than 120 bits")
    }
    let accumulator = FixedFormat(integerBits + fractionBits, integerBits)
    func values(_ words: [Raw]) -> [Double] { words.map { scaled(Double($0), -LinearForm.fractionBits) } }
    try add(
      call, to: 1, "Dense",
      .dense(
        Dense(
          kernel: Weights(shape: [inputs, outputs], values: values(kernel)),
          bias: Weights(shape: [outputs], values: values(bias)), activation: .linear)),
      inputs: [x], shape: [outputs],
      ["weight": weight, "bias": offset, "accum": accumulator, "result": result]
    ) { $0.strategy = .distributedArithmetic }
  }

  /// The smallest signed type that holds numbers in units of 2^-`LinearForm.fractionBits`.
  private static func format(_ words: [Raw]) throws(Refusal) -> FixedFormat {
    let used = words.filter { $0 != 0 }
    guard !used.isEmpty else { return FixedFormat(1, 1) }
    let low = used.map(\.trailingZeroBitCount).min() ?? 0
    let high = used.map { Raw.bitWidth - abs($0).leadingZeroBitCount }.max() ?? 1
    guard high - low + 1 <= 53 else { throw Refusal("has constants of \(high - low + 1) bits") }
    return FixedFormat(high - low + 1, high + 1 - LinearForm.fractionBits)
  }

  /// Name and length of a parameter `inp_t inp[57]`.
  private func array(_ tokens: [CppLexer.Token]) throws(Refusal) -> (String, Int)? {
    var cursor = TokenCursor(tokens)
    guard cursor.type() != nil, let name = cursor.identifier(), let count = cursor.brackets() else {
      return nil
    }
    return (name, try text.integer(count))
  }
}
