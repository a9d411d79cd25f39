import Backends
import Diagnostics
import HLSBackend
import VerilogBackend

/// The backends there are, one line each.
public enum Registry {
  /// In the order they are listed to users; the first is the one used where none is named.
  public static let backends: [any Backend.Type] = [
    HLS.self, Verilog.self,
  ]

  /// The backend that is used where none is named.
  public static let standard = backends[0]

  /// The backend of a name.
  ///
  /// - Parameter option: what the name was given with, for the message.
  /// - Throws: `usage`, with the names there are.
  public static func backend(
    named name: String, _ option: String = "--backend"
  ) throws(Failure) -> any Backend.Type {
    if let backend = backends.first(where: { $0.name == name }) { return backend }
    throw Failure(.usage, "\(option) \(name): there is no such backend", hint: hint)
  }

  /// What there is, for people.
  public static var list: String { backends.map { "\($0.name) (\($0.summary))" }.joined(separator: ", ") }

  /// The same as a hint.
  static var hint: String { "there \(backends.count == 1 ? "is" : "are") \(list)" }
}
