/// One problem in a user's input: where it is, what is wrong, and what to do about it.
///
/// Printed as `file:path.to.element: error: message`, followed by `hint: …` where there is one.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file the problem is in, as the user named it; nil where there is no file.
  public var file: String?
  /// The place inside the file: a JSON path (`config.layers[2].name`), an HDF5 path, or a line.
  public var place: String?
  /// What is wrong, in one sentence without a final full stop.
  public var message: String
  /// What to do about it, if that is known.
  public var hint: String?

  /// Makes a diagnostic.
  public init(file: String? = nil, place: String? = nil, _ message: String, hint: String? = nil) {
    self.file = file
    self.place = place
    self.message = message
    self.hint = hint
  }

  /// The printed form, without a final newline: every part safe for a terminal (`String.visible`).
  public var description: String { described(as: "error") }

  /// The same of a problem that stopped nothing: "warning", "note".
  public func described(as severity: String) -> String {
    let location = [file, place].compactMap { $0?.visible }.filter { !$0.isEmpty }.joined(separator: ":")
    // Further lines, as a compiler's messages have, are indented: none can be taken for a problem of its own.
    let text = message.visibleLines.joined(separator: "\n  ")
    let head = location.isEmpty ? "\(severity): \(text)" : "\(location): \(severity): \(text)"
    return hint.map { "\(head)\nhint: \($0.visible)" } ?? head
  }
}

/// Why a command stopped: a kind, which fixes the exit code, and every problem of that kind found.
public struct Failure: Error, Sendable, CustomStringConvertible {
  /// The class of failure. Codes follow sysexits.h, except 1, which means "the check ran and failed".
  public enum Kind: Int32, Sendable {
    /// The check ran and failed: bits differ, a budget is missed.
    case checkFailed = 1
    /// The command line is wrong.
    case usage = 64
    /// An input file's contents are wrong or unsupported.
    case badInput = 65
    /// An input file is missing or unreadable.
    case missingInput = 66
    /// A tool the command needs (a C++ compiler, vendor headers) is missing or failed.
    case unavailable = 69
    /// A bug in Triggerfish itself.
    case bug = 70
    /// An output cannot be created.
    case cannotCreate = 73
    /// Reading or writing failed part way (a full disk, an I/O error).
    case inputOutput = 74
  }

  /// The class of failure, whose raw value is the exit code.
  public let kind: Kind
  /// The problems, in the order they are printed: by file, then by place.
  public let diagnostics: [Diagnostic]

  /// Makes a failure out of one or more problems of one kind.
  public init(_ kind: Kind, _ diagnostics: [Diagnostic]) {
    self.kind = kind
    self.diagnostics = diagnostics
  }

  /// Makes a failure of one problem.
  public init(
    _ kind: Kind, file: String? = nil, place: String? = nil, _ message: String, hint: String? = nil
  ) {
    self.init(kind, [Diagnostic(file: file, place: place, message, hint: hint)])
  }

  /// All problems, one after the other, one per line (hints on their own lines).
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
