import Diagnostics
import FixedPoint

/// What a result was computed from, so that two can be compared years later.
///
/// Field names are the JSON keys.
public struct Provenance: Codable, Hashable, Sendable {
  /// The model's name.
  public var model: String
  /// SHA-256 of the arithmetic in its text form: what `triggerfish inspect --program MODEL | sha256sum` prints.
  public var modelDigest: String
  /// "hls4ml", "exact", or "compiled" for a project.
  public var numerics: String
  /// The versions of Triggerfish that computed parts of it, in order.
  public var versions: [String]
  /// The events, by the files they are from.
  public var sources: [EventSource]

  /// Gathers what is known.
  public init(
    model: String, modelDigest: String, numerics: String, versions: [String], sources: [EventSource]
  ) {
    (self.model, self.modelDigest, self.numerics) = (model, modelDigest, numerics)
    (self.versions, self.sources) = (versions, sources)
  }

  /// How many events were worked through.
  public var events: Int { sources.reduce(0) { $0 + $1.events } }

  /// Whether it can be what this library wrote: files are not trusted.
  public var isSound: Bool {
    // Together below any overflow of sums.
    sources.allSatisfy { $0.isSound && $0.of < 1 << 46 } && sources.count < 1 << 16
  }

  /// Adds another part's events.
  ///
  /// - Parameter file: that part, as messages name it.
  /// - Returns: what does not fit together; then nothing was added.
  public mutating func add(_ other: Provenance, file: String) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for (what, mine, theirs) in [
      ("model", modelDigest, other.modelDigest), ("numerics", numerics, other.numerics),
    ] where mine != theirs {
      problems.append(
        Diagnostic(
          file: file, "a part of another \(what): \(theirs), where the parts before have \(mine)"))
    }
    var sources = sources
    for source in other.sources {
      if let place = sources.firstIndex(where: { $0.files == source.files }) {
        problems += sources[place].add(source, file: file)
      } else {
        sources.append(source)
      }
    }
    guard problems.isEmpty else { return problems }
    self.sources = sources
    versions = Array(Set(versions + other.versions)).sorted()
    return []
  }

  /// Events of the files that no part has, and files that are the same under two names.
  ///
  /// - Parameter expected: how many events there are to be in all, if that is known.
  public func incompleteness(expected: Int? = nil) -> [Diagnostic] {
    var problems = sources.flatMap(\.gaps)
    for (index, source) in sources.enumerated() {
      if let twin = sources[..<index].first(where: { $0.of == source.of && $0.digests == source.digests }) {
        problems.append(
          Diagnostic(file: source.name, "holds the same events as \(twin.name): they would count twice"))
      }
    }
    if let expected, expected != events {
      problems.append(Diagnostic("the parts have \(events) events, not \(expected)"))
    }
    return problems
  }
}

/// Events of a file, or of files read together (one per input).
public struct EventSource: Codable, Hashable, Sendable {
  /// The files' names, without folders, which differ between machines.
  public var files: [String]
  /// How many events they have.
  public var of: Int
  /// Which events of them were worked through: [first, end], in order, apart from each other.
  public var ranges: [[Int]]
  /// The digest (`EventDigest`) of these events of every array: inputs by name, "labels", "weights", "reference".
  public var digests: [String: String]

  /// Names events of files.
  public init(files: [String], of: Int, range: Range<Int>, digests: [String: String]) {
    (self.files, self.of, self.digests) = (files, of, digests)
    ranges = [[range.lowerBound, range.upperBound]]
  }

  /// How many events were worked through.
  public var events: Int { ranges.reduce(0) { $0 + $1[1] - $1[0] } }

  /// The files, for people.
  public var name: String { files.joined(separator: ", ") }

  /// Whether it can be what this library wrote: files are not trusted.
  var isSound: Bool {
    of >= 0 && ranges.allSatisfy { $0.count == 2 && 0 <= $0[0] && $0[0] < $0[1] && $0[1] <= of }
      && zip(ranges, ranges.dropFirst()).allSatisfy { $0[1] < $1[0] }
      && digests.values.allSatisfy { EventDigest($0) != nil }
  }

  mutating func add(_ other: EventSource, file: String) -> [Diagnostic] {
    guard of == other.of, Set(digests.keys) == Set(other.digests.keys) else {
      return [
        Diagnostic(
          file: file,
          "a part of other files called \(name): \(other.of) events with \(other.digests.keys.sorted().joined(separator: ", ")), "
            + "where the parts before say \(of) with \(digests.keys.sorted().joined(separator: ", "))")
      ]
    }
    for theirs in other.ranges {
      for mine in ranges where theirs[0] < mine[1] && mine[0] < theirs[1] {
        let (first, end) = (max(theirs[0], mine[0]), min(theirs[1], mine[1]))
        return [Diagnostic(file: file, "events \(first):\(end) of \(name) are in another part already")]
      }
    }
    var joined: [[Int]] = []
    for range in (ranges + other.ranges).sorted(by: { $0[0] < $1[0] }) {
      if let last = joined.last, last[1] == range[0] {
        joined[joined.count - 1][1] = range[1]
      } else {
        joined.append(range)
      }
    }
    ranges = joined
    for (key, text) in other.digests {
      guard var sum = digests[key].flatMap({ EventDigest($0) }), let more = EventDigest(text) else {
        continue
      }
      sum.add(more)
      digests[key] = sum.text
    }
    return []
  }

  fileprivate var gaps: [Diagnostic] {
    let ends = [0] + ranges.map { $0[1] }
    let starts = ranges.map { $0[0] } + [of]
    return zip(ends, starts).filter { $0 < $1 }.map {
      Diagnostic("events \($0):\($1) of \(name) are in no part")
    }
  }
}
