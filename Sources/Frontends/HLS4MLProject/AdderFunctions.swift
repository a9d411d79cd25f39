import Diagnostics
import FixedPoint

/// A sum of inputs times constants, exact: what a variable of an adder function holds.
struct LinearForm {
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
  /// - Parameter x: the words of every input.
  func fits(_ format: FixedFormat, over x: [FixedFormat?]) -> Bool {
    // In units of 2^-(fractionBits + most); what does not fit 128 bits does not fit the type.
    let most = max(0, x.compactMap { $0?.fractionBits }.max() ?? 0)
    guard format.width <= 100, most < 32 else { return false }
    var (low, high): (Raw, Raw) = (0, 0)
    func add(_ value: Raw, _ word: Raw, to sum: inout Raw) -> Bool {
      let (product, overflow) = value.multipliedReportingOverflow(by: word)
      guard !overflow, product.magnitude < UInt128(1) << 125, sum.magnitude < UInt128(1) << 125 else {
        return false
      }
      sum += product
      return true
    }
    let one = Raw(1) << Raw(most)
    guard add(constant, one, to: &low), add(constant, one, to: &high) else { return false }
    // The lowest bit of every term is one of the type's.
    var lowest = constant == 0 ? Int.max : constant.trailingZeroBitCount - Self.fractionBits
    for (input, value) in terms {
      guard let x = x[input] else { continue }
      guard x.width <= 64, most - x.fractionBits <= 48 else { return false }
      let unit = Raw(1) << Raw(most - x.fractionBits)
      guard add(value, (value < 0 ? x.maxRaw : x.minRaw) * unit, to: &low),
        add(value, (value < 0 ? x.minRaw : x.maxRaw) * unit, to: &high)
      else { return false }
      lowest = min(lowest, value.trailingZeroBitCount - Self.fractionBits - x.fractionBits)
    }
    let shift = Self.fractionBits + most - format.fractionBits
    guard (0..<100).contains(shift), format.width + shift < 126 else { return false }
    return low >= format.minRaw << Raw(shift) && high <= format.maxRaw << Raw(shift)
      && lowest >= -format.fractionBits
  }
}

/// Works out what an adder function computes.
struct AdderReader {
  let text: ProjectText
  /// The words of every input; nil: it is 0.
  var x: [FixedFormat?]
  let inputName: String
  /// How often every input is read.
  var reads: [Int: Int] = [:]
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
      let word = scaled(value, by: LinearForm.fractionBits)
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
      guard index < x.count else { throw Refusal("reads \(inputName)[\(index)] of \(x.count)") }
      return read(index)
    }
    guard let known = variables[type.name], type.arguments.isEmpty else {
      throw Refusal("'\(type.text)' has no value here")
    }
    return known
  }

  private mutating func read(_ index: Int) -> LinearForm {
    reads[index, default: 0] += 1
    return LinearForm(terms: [index: Raw(1) << Raw(LinearForm.fractionBits)])
  }

  /// An input that a variable converts, `ap_ufixed<2, 2, AP_RND, AP_WRAP> v = inp[3]`; nil where its type holds every word.
  mutating func conversion(_ cursor: TokenCursor, to format: FixedFormat) throws(Refusal) -> (
    Int, LinearForm
  )? {
    var cursor = cursor
    guard cursor.take(inputName), let place = cursor.brackets(), cursor.isAtEnd else { return nil }
    let index = try text.integer(place)
    guard index < x.count, let words = x[index], !format.contains(words) else { return nil }
    x[index] = format
    return (index, read(index))
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
