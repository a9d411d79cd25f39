import Glibc

/// How much a model may ask for, so that a small file cannot take all memory or hours: counted before the work is done.
///
/// docs/limits.md says what is counted; the environment variable `TRIGGERFISH_LIMITS` sets other limits.
public struct WorkLimits: Hashable, Sendable {
  /// What is counted. The raw values are the names in `TRIGGERFISH_LIMITS`.
  public enum Kind: String, CaseIterable, Sendable {
    /// Words of all tensors of one event together, windows and constants apart.
    case words
    /// Words that the windows of convolutions and poolings see: positions × kernel taps × channels, of all together.
    case windowWords = "window-words"
    /// Weights, biases, tables and other constant words together.
    case constants
  }

  /// The name of the environment variable: `words=2^26,window-words=2^30`, numbers plain or as powers of two.
  public static let variable = "TRIGGERFISH_LIMITS"

  // Defaults: the largest part of the catalogue has 455 Mbit of memory on the chip, which is 2^25 words of 14 bits. What
  // a model holds and moves per event beyond that is no trigger firmware.
  private var limits: [Kind: Int] = [.words: 1 << 24, .windowWords: 1 << 26, .constants: 1 << 25]

  /// The default limits.
  public init() {}

  /// The limit of a kind.
  public subscript(kind: Kind) -> Int {
    get { limits[kind] ?? 0 }
    set { limits[kind] = newValue }
  }

  /// The limits that `TRIGGERFISH_LIMITS` sets; the default ones for what it does not name.
  ///
  /// - Throws: `usage` where it is not of this form.
  public static func environment() throws(Failure) -> WorkLimits {
    guard let text = getenv(variable) else { return WorkLimits() }
    return try WorkLimits(parsing: String(cString: text))
  }

  /// Reads the form of `TRIGGERFISH_LIMITS`.
  ///
  /// - Throws: `usage` where the text is not of this form.
  public init(parsing text: String) throws(Failure) {
    for item in text.split(separator: ",") {
      let sides = item.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, let kind = Kind(rawValue: String(sides[0])), let value = Self.number(sides[1])
      else {
        throw Failure(
          .usage, "\(Self.variable): \"\(item)\" is no limit",
          hint: "limits are \(Kind.allCases.map { "\($0.rawValue)=2^26" }.joined(separator: ", "))")
      }
      self[kind] = value
    }
  }

  private static func number(_ text: Substring) -> Int? {
    if text.hasPrefix("2^") {
      guard let exponent = Int(text.dropFirst(2)), (0...40).contains(exponent) else { return nil }
      return 1 << exponent
    }
    return Int(text).flatMap { (1...(1 << 40)).contains($0) ? $0 : nil }
  }

  /// What to say where `count` is over the limit of `kind`; nil where it is not.
  public func excess(_ kind: Kind, _ count: Int) -> String? {
    guard count > self[kind] else { return nil }
    let what =
      switch kind {
      case .words: "tensors of \(count) words"
      case .windowWords: "windows of \(count) words (positions x kernel taps x channels)"
      case .constants: "\(count) constant words"
      }
    return "\(what); at most \(self[kind]) are accepted"
  }

  /// What to do about it.
  public static func hint(_ kind: Kind) -> String {
    "\(variable)=\(kind.rawValue)=N in the environment accepts more (docs/limits.md)"
  }
}

/// Numbers multiplied or added, `Int.max` where that overflows: counts that are only compared with limits.
public enum Saturating {
  /// The product of counts that are not negative.
  public static func product(_ counts: some Sequence<Int>) -> Int {
    var product = 1
    var overflows = false
    for count in counts {
      if count == 0 { return 0 }
      let (next, overflow) = product.multipliedReportingOverflow(by: count)
      overflows = overflows || overflow
      if !overflow { product = next }
    }
    return overflows ? .max : product
  }

  /// The sum of counts that are not negative.
  public static func sum(_ counts: some Sequence<Int>) -> Int {
    counts.reduce(0) { total, count in
      let (next, overflow) = total.addingReportingOverflow(count)
      return overflow ? .max : next
    }
  }
}
