/// Makes identifiers of a hardware language out of names from model files, which are untrusted: the one table of the names
/// in what a backend emits.
///
/// Every identifier is unique, a plain ASCII word of at most `maximumLength` characters without doubled or
/// outer underscores, and none is reserved.
public struct Identifiers: Sendable {
  /// The most characters of an identifier, but for the number that makes it unique.
  public static let maximumLength = 48

  private var taken: Set<String>
  private let derived: [String]

  /// - Parameters:
  ///   - reserved: the language's keywords, and the names that the emitted files use themselves.
  ///   - derived: what names made from an identifier end with: they must be free as well.
  public init(reserved: Set<String>, derived: [String] = []) {
    (taken, self.derived) = (reserved, derived)
  }

  /// The identifier nearest to `name` that is still free.
  public mutating func unique(_ name: String) -> String {
    let base = Self.sanitized(name)
    var candidate = base
    var suffix = 2
    while ([""] + derived).contains(where: { taken.contains(candidate + $0) }) {
      candidate = "\(base)_\(suffix)"
      suffix += 1
    }
    taken.insert(candidate)
    return candidate
  }

  /// `name` as an identifier, not yet unique.
  public static func sanitized(_ name: String) -> String {
    var words: [String] = []
    var word = ""
    for scalar in name.unicodeScalars {
      if scalar.isASCII, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        word.unicodeScalars.append(scalar)
      } else if !word.isEmpty {
        words.append(word)
        word = ""
      }
    }
    if !word.isEmpty { words.append(word) }
    var result = String(words.joined(separator: "_").prefix(maximumLength))
    while result.hasSuffix("_") { result.removeLast() }
    if result.isEmpty { return "value" }
    if let first = result.first, first.isNumber { result = "n\(result)" }
    // Words without a lower-case letter are what macros are called.
    if result.count > 1, !result.contains(where: \.isLowercase) { result = result.lowercased() }
    return result
  }

  /// `text` on one line of plain ASCII, fit for a comment, a Tcl or make comment, or Markdown.
  public static func comment(_ text: String) -> String {
    let safe = text.unicodeScalars.prefix(120).map { scalar -> Character in
      let isPlain = scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7f
      return isPlain && !"*/\\`$<>\"'?{}[]".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
    }
    return String(safe)
  }
}
