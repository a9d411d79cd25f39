import DataFiles
import Diagnostics
import FixedPoint
import Foundation
import Program
import Reports
import Storage

/// What `emulate --record` writes beside its outputs: which events they are of, and everything that tells them from others.
///
/// Field names are the JSON keys.
struct OutputRecord: Codable {
  /// What the file is, and the version of its form.
  var kind = Self.kindName
  var version = 1
  var provenance: Provenance
  /// The outputs, in the model's order.
  var outputs: [Output]

  static let kindName = "outputs"

  /// One output's file.
  struct Output: Codable {
    /// The output's name in the model, and the file beside this one.
    var name, file: String
    /// Whether the file holds words, not values.
    var words: Bool
    /// The shape of one event, and the format of its words.
    var shape: [Int]
    var format: String
    /// The digest of its numbers (`EventDigest`), whose positions count from the first event of all.
    var digest: String
  }

  /// Reads a record; nil where it is none, or not sound.
  init?(json: String) {
    guard let found = try? JSONDecoder().decode(OutputRecord.self, from: Data(json.utf8)),
      found.kind == Self.kindName, found.version == 1, found.provenance.isSound, !found.outputs.isEmpty,
      found.outputs.allSatisfy({ output in
        EventDigest(output.digest) != nil && !output.file.contains("/") && output.shape.allSatisfy { $0 > 0 }
          && Saturating.product(output.shape + [found.provenance.events]) < 1 << 47
      })
    else { return nil }
    self = found
  }

  init(provenance: Provenance, outputs: [Output]) { (self.provenance, self.outputs) = (provenance, outputs) }
}

/// A record that is wanted.
public struct RecordRequest {
  /// Its file.
  var path: String
  /// What is known before any event is run.
  var provenance: Provenance
}

/// A record while events are run.
struct PendingRecord {
  let request: RecordRequest
  let names: [String]
  var inputs: [EventDigest]
  var outputs: [PendingOutput]

  struct PendingOutput {
    var output: OutputRecord.Output
    var digest = EventDigest()

    mutating func add(_ array: EventArray, from event: Int) {
      digest.add(array.values, from: event * (array.count / max(1, array.events)))
    }
  }

  /// The record's file, complete, not in its place.
  func written() throws(Failure) -> FinishedFile? {
    var provenance = request.provenance
    provenance.setDigests(zip(names, inputs).map { ($0, $1) })
    let outputs = outputs.map { pending in
      var output = pending.output
      output.digest = pending.digest.text
      return output
    }
    let file = try AtomicFile(request.path)
    try file.write(jsonText(OutputRecord(provenance: provenance, outputs: outputs)))
    return try file.complete()
  }
}

extension Emulation {
  /// Starts a record of outputs.
  ///
  /// - Throws: `usage` where it could not be joined: outputs of text, or in another folder.
  func record(_ request: RecordRequest, _ paths: [String], raw: Bool) throws(Failure) -> PendingRecord {
    var problems: [Diagnostic] = []
    for path in paths {
      if !path.lowercased().hasSuffix(".npy") {
        problems.append(Diagnostic(file: path, "an output with a record must be .npy"))
      }
      if folder(of: path) != folder(of: request.path) {
        problems.append(
          Diagnostic(file: request.path, "a record lies beside its outputs: \(path) is in another folder"))
      }
    }
    if !problems.isEmpty { throw Failure(.usage, problems) }
    let outputs = zip(paths, program.outputs).map { path, id in
      PendingRecord.PendingOutput(
        output: OutputRecord.Output(
          name: program[id].name, file: lastName(path), words: raw, shape: program[id].type.shape,
          format: "\(program[id].type.format)", digest: ""))
    }
    return PendingRecord(
      request: request, names: program.inputs.map { "input \(program[$0].name)" },
      inputs: program.inputs.map { _ in EventDigest() }, outputs: outputs)
  }
}

extension Program {
  /// SHA-256 of the text form.
  public var digest: String { sha256(Array(description.utf8)) }
}

extension Provenance {
  /// What is known before any event is run.
  init(
    _ program: Program, numerics: String, version: String, files: [String], of total: Int, range: Range<Int>
  ) {
    self.init(
      model: program.name, modelDigest: program.digest, numerics: numerics,
      versions: [version],
      sources: [EventSource(files: files.map(lastName), of: total, range: range, digests: [:])])
  }

  /// Notes the digests of the arrays that were read.
  mutating func setDigests(_ digests: [(String, EventDigest)]) {
    sources[0].digests = Dictionary(digests.map { ($0, $1.text) }, uniquingKeysWith: { $1 })
  }
}

extension EventDigest {
  mutating func add(_ values: EventArray.Values, from position: Int) {
    switch values {
    case .reals(let reals): reals.withUnsafeBytes { add(doubles: $0, from: position) }
    case .words(let words): add(words, from: position)
    }
  }
}

/// The last name of a path.
func lastName(_ path: String) -> String {
  path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
}

/// The folder of a path, with its slash; empty for the working folder.
func folder(of path: String) -> String { String(path.dropLast(lastName(path).count)) }
