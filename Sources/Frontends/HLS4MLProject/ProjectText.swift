import Diagnostics

/// What the C++ files of a project declare, by name and not yet looked at: types, constants, structs, arrays, functions.
///
/// Names are not told apart by their namespaces: a project has one, around everything.
struct ProjectText: Sendable {
  struct Place: Hashable, Sendable {
    var file: String
    var line: Int
  }

  /// A type as it is written.
  struct TypeName: Hashable, Sendable {
    /// With its namespaces: `nnet::array`.
    var name: String
    /// What stands between `<` and `>`, split at commas.
    var arguments: [[CppLexer.Token]] = []

    var text: String {
      arguments.isEmpty ? name : "\(name)<\(arguments.map(\.text).joined(separator: ","))>"
    }
  }

  /// A struct: a layer's configuration, or the type of a power of two.
  struct Struct: Sendable {
    var name: String
    var base: String?
    var values: [String: CppExpression] = [:]
    var types: [String: TypeName] = [:]
    /// The innermost namespace it is in; nil in none.
    var namespace: String?
    var place: Place
  }

  /// An array of weights.
  struct Array: Sendable {
    var type: TypeName
    var count: CppExpression
    /// Its initializer's numbers; nil without one.
    var values: [Double]?
    var place: Place
  }

  /// One statement of a function: what stands before its semicolon.
  struct Statement: Sendable {
    var tokens: [CppLexer.Token]
    /// The comment at the end of its last line.
    var comment: String?
    /// Whether it is only compiled where a macro is defined (`#ifdef`), which none is here.
    var isOptional = false
    /// The number of blocks it stands in, the function's own among them.
    var depth = 1
    var place: Place
  }

  struct Function: Sendable {
    var name: String
    var parameters: [[CppLexer.Token]]
    var statements: [Statement]
    /// The innermost namespace it is in; nil in none.
    var namespace: String?
    var place: Place
  }

  var types: [String: TypeName] = [:]
  var constants: [String: CppExpression] = [:]
  var structs: [String: Struct] = [:]
  var arrays: [String: Array] = [:]
  var functions: [Function] = []
  /// The files named by `#include "…"`, in order.
  var includes: [(name: String, place: Place)] = []
  /// What was not understood.
  var problems = Problems()
  /// What was not understood in headers of the project's own: of no account where everything else is found.
  var doubts = Problems()
  /// Whether a file has `using namespace`.
  var usesNamespace = false

  /// The most numbers of one array.
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Reads one file.
  mutating func read(_ bytes: [UInt8], file: String) {
    var reader = DeclarationReader(bytes, file: file, limit: limit)
    reader.read(into: &self)
  }

  /// Gives a name to a type. Two types of one name are refused: which one counts, the text alone does not tell.
  mutating func define(_ name: String, as type: TypeName, _ place: Place) {
    if let known = types[name], known != type {
      refuse(place, "the type '\(name)' is \(known.text) already")
    }
    types[name] = type
  }

  /// Notes something that is not understood.
  mutating func refuse(_ place: Place, _ message: String, hint: String? = nil) {
    problems.add(Diagnostic(file: place.file, place: "\(place.line)", message, hint: hint))
  }
}
