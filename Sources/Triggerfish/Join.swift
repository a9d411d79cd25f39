import DataFiles
import Diagnostics
import FixedPoint
import Foundation
import Reports
import Storage

/// Parts put together, of rates or of outputs: `triggerfish join`. Parts that overlap, leave gaps, or are of another model are
/// refused by name, all at once.
public struct Join: Sendable {
  /// What `rates --output` or `emulate --record` wrote.
  public var parts: [String]
  /// Outputs: where they go, one file each in the model's order.
  public var outputs: [String] = []
  /// Where the joined result (rates) or record (outputs) goes; nil: nowhere.
  public var result: String?
  /// How many events there are to be in all; nil: as many as the files of the parts have.
  public var expectedEvents: Int?

  /// Names the parts.
  public init(_ parts: [String]) { self.parts = parts }

  /// What was put together.
  public enum Outcome: Sendable {
    /// Rates of all events.
    case rates(RateResult)
    /// Outputs of so many events.
    case outputs(events: Int)
  }

  private enum Part {
    case rates(RateResult)
    case outputs(OutputRecord)
  }

  /// Joins. Files appear at the end, whole, or not at all.
  ///
  /// - Throws: everything that does not fit together.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> Outcome {
    guard !parts.isEmpty else { throw Failure(.usage, "there are no parts to join") }
    let read = try readParts()
    let rates = read.compactMap { part in
      if case .rates(let result) = part.part { (part.file, result) } else { nil }
    }
    let records = read.compactMap { part in
      if case .outputs(let record) = part.part { (part.file, record) } else { nil }
    }
    guard rates.isEmpty || records.isEmpty else {
      throw Failure(
        .usage, "\(rates[0].0) has rates, \(records[0].0) is a record of outputs: join one kind at a time")
    }
    if records.isEmpty { return .rates(try joinRates(rates)) }
    return .outputs(events: try joinOutputs(records, listener))
  }

  private func readParts() throws(Failure) -> [(file: String, part: Part)] {
    var read: [(file: String, part: Part)] = []
    var problems: [Diagnostic] = []
    var kind = Failure.Kind.badInput
    for file in parts {
      do throws(Failure) {
        guard fileExists(file) else { throw Failure(.missingInput, file: file, "there is no such file") }
        let text = String(decoding: try readFile(file, limit: 1 << 28), as: UTF8.self)
        if let result = RateResult(json: text) {
          read.append((file, .rates(result)))
        } else if let record = OutputRecord(json: text) {
          read.append((file, .outputs(record)))
        } else {
          throw Failure(
            .badInput, file: file, "is neither rates nor a record of outputs, or it is damaged",
            hint: "parts are what 'triggerfish rates --output' and 'triggerfish emulate --record' write")
        }
      } catch {
        kind = error.kind
        problems += error.diagnostics
      }
    }
    if !problems.isEmpty { throw Failure(kind, problems) }
    return read
  }

  // MARK: Rates

  private func joinRates(_ parts: [(file: String, result: RateResult)]) throws(Failure) -> RateResult {
    guard outputs.isEmpty else {
      throw Failure(.usage, "several outputs were named, but the parts are rates, which join to one")
    }
    let joined = try RateResult.sum(parts, complete: true, expectedEvents: expectedEvents)
    if let result {
      try checkDistinct(outputs: [result], inputs: self.parts)
      try writeAtomically(joined.json, to: result)
    }
    return joined
  }

  // MARK: Outputs

  private func joinOutputs(
    _ parts: [(file: String, record: OutputRecord)], _ listener: Listener
  ) throws(Failure) -> Int {
    guard let first = parts.first?.record else { return 0 }
    guard outputs.count == first.outputs.count else {
      throw Failure(
        .usage, "\(outputs.count) files for \(first.outputs.count) model outputs",
        hint: "repeat --output once per output, in the model's order")
    }
    var joined = first
    var problems: [Diagnostic] = []
    for (file, record) in parts
    where record.provenance.sources.count != 1 || record.provenance.sources[0].ranges.count != 1 {
      problems.append(
        Diagnostic(file: file, "is joined of several files already: join the parts it was made of"))
    }
    for (file, record) in parts.dropFirst() {
      if !record.isLike(first) {
        problems.append(Diagnostic(file: file, "has other outputs, or words instead of values"))
      }
      problems += joined.provenance.add(record.provenance, file: file)
    }
    if problems.isEmpty { problems = joined.provenance.incompleteness(expected: expectedEvents) }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    let files = parts.flatMap { file, record in record.outputs.map { folder(of: file) + $0.file } }
    try checkDistinct(outputs: outputs + [result].compactMap { $0 }, inputs: self.parts + files)

    listener.progress("joining \(joined.provenance.events) events")
    let order = joined.order(parts)
    var finished: [FinishedFile] = []
    for (slot, path) in outputs.enumerated() {
      let output = first.outputs[slot]
      let writer = try EventWriter(
        path, shape: [joined.provenance.events] + output.shape, words: output.words)
      var (digest, event) = (EventDigest(), 0)
      for (file, record, place) in order {
        try copy(
          folder(of: file) + record.outputs[slot].file, record, slot, place, to: writer, &digest, &event)
      }
      joined.outputs[slot].digest = digest.text
      joined.outputs[slot].file = lastName(path)
      if let file = try writer.complete() { finished.append(file) }
    }
    if let result {
      guard outputs.allSatisfy({ folder(of: $0) == folder(of: result) }) else {
        throw Failure(.usage, file: result, "a record lies beside its outputs")
      }
      let file = try AtomicFile(result)
      try file.write(jsonText(joined))
      if let file = try file.complete() { finished.append(file) }
    }
    try commit(finished)
    return joined.provenance.events
  }

  /// Copies one part's output.
  ///
  /// - Parameters:
  ///   - place: the part's first event, of those of its file.
  ///   - digest: of the joined output, whose next event is `event`.
  /// - Throws: `badInput` where it is not what its record says.
  private func copy(
    _ path: String, _ record: OutputRecord, _ slot: Int, _ place: Int, to writer: EventWriter,
    _ digest: inout EventDigest, _ event: inout Int
  ) throws(Failure) {
    let output = record.outputs[slot]
    let reader = try EventReader(path)
    let events = record.provenance.events
    guard reader.shape == [events] + output.shape else {
      throw Failure(
        .badInput, file: path, "has the shape \(reader.shape), its record says \([events] + output.shape)")
    }
    guard try reader.read(0..<min(1, events), allowingNonFinite: true).isWords == output.words else {
      throw Failure(
        .badInput, file: path, "does not hold \(output.words ? "words" : "values"), as its record says")
    }
    let width = output.shape.reduce(1, *)
    var found = EventDigest()
    let size = max(1, 4_000_000 / width)
    for start in stride(from: 0, to: events, by: size) {
      let array = try reader.read(start..<min(events, start + size), allowingNonFinite: true)
      found.add(array.values, from: (place + start) * width)
      digest.add(array.values, from: (event + start) * width)
      try writer.append(array)
    }
    guard found.text == output.digest else {
      throw Failure(
        .badInput, file: path,
        "is not what its record says: digest \(found.text), where there was \(output.digest)",
        hint: "compute this part again")
    }
    event += events
  }
}

extension OutputRecord {
  func isLike(_ other: OutputRecord) -> Bool {
    outputs.count == other.outputs.count
      && zip(outputs, other.outputs).allSatisfy {
        $0.name == $1.name && $0.words == $1.words && $0.shape == $1.shape && $0.format == $1.format
      }
  }

  /// The parts in the order of their events: files as they were named first, then by first event.
  func order(
    _ parts: [(file: String, record: OutputRecord)]
  ) -> [(file: String, record: OutputRecord, first: Int)] {
    let placed = parts.map { file, record in
      let source = record.provenance.sources[0]
      return (
        file, record, source.ranges[0][0], provenance.sources.firstIndex { $0.files == source.files } ?? 0
      )
    }
    return placed.sorted { ($0.3, $0.2) < ($1.3, $1.2) }.map { ($0.0, $0.1, $0.2) }
  }
}

extension RateResult {
  /// Reads what `rates --output` wrote.
  ///
  /// - Throws: `missingInput`; `badInput` for anything else.
  public init(file: String) throws(Failure) {
    guard fileExists(file) else { throw Failure(.missingInput, file: file, "there is no such file") }
    guard let found = RateResult(json: String(decoding: try readFile(file, limit: 1 << 28), as: UTF8.self))
    else {
      throw Failure(
        .badInput, file: file, "has no rates of this version of Triggerfish, or is damaged",
        hint: "triggerfish rates MODEL --input EVENTS --output \(file)")
    }
    self = found
  }

  /// The sum of parts.
  ///
  /// - Parameters:
  ///   - complete: whether every event of every file must be in a part.
  ///   - expectedEvents: how many there are to be in all, if that is known.
  /// - Throws: `badInput` with everything that does not fit together.
  public static func sum(
    _ parts: [(file: String, result: RateResult)], complete: Bool, expectedEvents: Int? = nil
  ) throws(Failure) -> RateResult {
    guard var sum = parts.first?.result else { throw Failure(.usage, "there are no parts to join") }
    sum.workingPoints = nil
    var problems: [Diagnostic] = []
    for (file, result) in parts.dropFirst() { problems += sum.add(result, file: file) }
    // What was left out is missing: that is no news.
    if problems.isEmpty, complete { problems = sum.provenance.incompleteness(expected: expectedEvents) }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    return sum
  }
}
