import Diagnostics
import FixedPoint

/// Why something in a project cannot be read: reported with the line it stands in.
struct Refusal: Error {
  var message: String
  var hint: String?
  /// Whether it follows from another one and says nothing new.
  var isConsequence = false

  init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }
}

/// A call of one of hls4ml's kernels, or of a function that it made: `nnet::dense<input_t, layer2_t, config2>(x, layer2_out, w2, b2); // fc1`.
struct KernelCall {
  /// Without `nnet::`.
  var kernel: String
  /// Whether it may be a function that was written for the project (`GeneratedFunction`).
  var isGenerated: Bool
  /// What stands between `<` and `>`.
  var templateArguments: [[CppLexer.Token]]
  /// What stands between `(` and `)`.
  var arguments: [[CppLexer.Token]]
  /// The comment behind it: the layer's name.
  var comment: String?
  /// See `ProjectText.Statement`.
  var isOptional: Bool
  var place: ProjectText.Place

  /// The call in a statement; nil where it is none.
  init?(_ statement: ProjectText.Statement) {
    var cursor = TokenCursor(statement.tokens)
    guard let type = cursor.type(), let arguments = cursor.arguments() else { return nil }
    // Functions made for the project are in a namespace of its own, if it has one: an array from an array.
    isGenerated =
      type.lastName.hasPrefix(GeneratedFunction.adders)
      || type.name.contains("::") && type.arguments.count == 2 && arguments.count == 2
    guard isGenerated || type.name.hasPrefix("nnet::") else { return nil }
    kernel = isGenerated ? type.lastName : String(type.name.dropFirst(6))
    templateArguments = type.arguments
    self.arguments = arguments
    comment = statement.comment
    isOptional = statement.isOptional
    place = statement.place
  }

  /// An argument that is a name.
  func name(_ position: Int) throws(Refusal) -> String {
    guard arguments.indices.contains(position), arguments[position].count == 1,
      case .identifier(let name) = arguments[position][0]
    else { throw Refusal("argument \(position + 1) of nnet::\(kernel) is not a name") }
    return name
  }
}

/// The configuration of a layer: a struct of parameters.h.
struct KernelConfiguration {
  let text: ProjectText
  let made: ProjectText.Struct

  /// The expression a name stands for here: a member before a constant.
  private func constant(_ name: String) -> CppExpression? {
    let last = name.split(separator: ":").last.map(String.init) ?? name
    return made.values[last] ?? text.constants[name]
  }

  /// A member's value; nil where there is no such member.
  func value(_ name: String) throws(Refusal) -> CppExpression.Value? {
    guard let expression = made.values[name] else { return nil }
    do { return try expression.value(constant) } catch {
      throw Refusal("\(made.name)::\(name) \(error.message)")
    }
  }

  /// A whole number at least `least`.
  func integer(_ name: String, least: Int = 1, otherwise: Int? = nil) throws(Refusal) -> Int {
    switch try value(name) {
    case .integer(let value)?:
      guard value >= least, value <= ModelBuilder.elementLimit else {
        throw Refusal("\(made.name)::\(name) is \(value)")
      }
      return value
    case nil:
      if let otherwise { return otherwise }
      throw Refusal("\(made.name) has no \(name)")
    default: throw Refusal("\(made.name)::\(name) is not a whole number")
    }
  }

  /// An enumerator's name without its namespaces: `latency`; nil where there is no such member.
  func symbol(_ name: String) throws(Refusal) -> String? {
    guard case .symbol(let symbol)? = try value(name) else { return nil }
    return symbol.split(separator: ":").last.map(String.init)
  }

  /// The name of a type without namespaces or arguments, as `kernel` and `product` are: `mult`.
  func typeName(_ name: String) -> String? {
    made.types[name].flatMap { $0.name.split(separator: ":").last.map(String.init) }
  }

  /// A type.
  func format(_ name: String) throws(Refusal) -> FixedFormat {
    guard let type = made.types[name] else { throw Refusal("\(made.name) has no type \(name)") }
    return try text.format(type)
  }

  func hasType(_ name: String) -> Bool { made.types[name] != nil }

  /// Another struct that a type of this one names.
  func inner(_ name: String) -> KernelConfiguration? {
    made.types[name].flatMap { text.structs[$0.lastName] }.map { KernelConfiguration(text: text, made: $0) }
  }
}

extension ProjectText.TypeName {
  /// Without its namespaces.
  var lastName: String { name.split(separator: ":").last.map(String.init) ?? name }
}

extension ProjectText {
  /// A constant expression's whole number.
  func integer(_ expression: CppExpression) throws(Refusal) -> Int {
    let value: CppExpression.Value
    do { value = try expression.value { constants[$0] } } catch {
      throw Refusal("'\(expression.tokens.text)' \(error.message)")
    }
    guard case .integer(let integer) = value, integer >= 0, integer <= ModelBuilder.elementLimit else {
      throw Refusal("'\(expression.tokens.text)' is not a size")
    }
    return integer
  }

  /// What a name of a type stands for, names followed.
  func resolved(_ type: TypeName) throws(Refusal) -> TypeName {
    var type = type
    for _ in 0..<64 {
      guard type.arguments.isEmpty, let next = types[type.lastName] else { return type }
      type = next
    }
    throw Refusal("the type '\(type.text)' goes round in circles")
  }

  /// A fixed-point type; of an `nnet::array`, of its elements.
  func format(_ type: TypeName) throws(Refusal) -> FixedFormat {
    let type = try resolved(type)
    if type.lastName == "array" || type.lastName == "stream", let first = type.arguments.first {
      var cursor = TokenCursor(first)
      guard let element = cursor.type(), cursor.isAtEnd else { throw Refusal("'\(type.text)' is not a type") }
      return try format(element)
    }
    guard ["ap_fixed", "ap_ufixed", "ap_int", "ap_uint"].contains(type.lastName) else {
      throw Refusal("the type '\(type.text)' is not a fixed-point type")
    }
    var spelling: [String] = []
    for (position, argument) in type.arguments.enumerated() {
      if position < 2 {
        // The number of integer bits may be negative.
        let value: CppExpression.Value
        do { value = try CppExpression(tokens: argument).value { constants[$0] } } catch {
          throw Refusal("'\(type.text)': \(error.message)")
        }
        guard case .integer(let bits) = value else { throw Refusal("'\(type.text)' is not a type") }
        spelling.append("\(bits)")
      } else {
        spelling.append(argument.text)
      }
    }
    // The number of saturated bits is given by an enumerator in some published projects (AP_SAT twice): it matters in
    // wrapping types only.
    if spelling.count == 5, Int(spelling[4]) == nil {
      guard !spelling[3].contains("WRAP") else { throw Refusal("'\(type.text)' is not a type") }
      spelling.removeLast()
    }
    do {
      return try FixedFormat(parsing: "\(type.lastName)<\(spelling.joined(separator: ","))>")
    } catch {
      throw Refusal(error.message, hint: error.hint)
    }
  }

  /// How many elements an `nnet::array` has; nil where the type is none.
  func packSize(_ type: TypeName) throws(Refusal) -> Int? {
    let type = try resolved(type)
    guard type.lastName == "array", type.arguments.count == 2 else { return nil }
    return max(1, try integer(CppExpression(tokens: type.arguments[1])))
  }
}
