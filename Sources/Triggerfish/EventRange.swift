import Diagnostics

/// Some events of a file, as `1000:2000` (the first, and the first that is no longer meant), `1000:` or `:2000`.
public struct EventRange: Hashable, Sendable {
  let first: Int?
  let end: Int?

  /// Events from `first` up to, not with, `end`.
  public init(_ range: Range<Int>) { (first, end) = (range.lowerBound, range.upperBound) }

  /// Reads `A:B`, `A:` or `:B`; nil for anything else, and where there would be no event.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
    let numbers = parts.map { Int($0) }
    guard zip(parts, numbers).allSatisfy({ $0.isEmpty || ($1 ?? -1) >= 0 }) else { return nil }
    (first, end) = (numbers[0], numbers[1])
    if let end, end <= first ?? 0 { return nil }
  }

  /// The events meant, of so many.
  ///
  /// - Throws: `usage` where the file has not all of them.
  func resolved(of total: Int, file: String) throws(Failure) -> Range<Int> {
    let (first, end) = (first ?? 0, end ?? total)
    guard first < end, end <= total else {
      throw Failure(
        .usage, file: file, "has \(total) events, not the events \(first):\(end == total ? "" : "\(end)")")
    }
    return first..<end
  }
}
