import DataFiles
import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Program
import Reports
import Storage

/// What a project was compiled from, as `source.json` in its folder says: so that what needs the trained model, the
/// comparison with its answers, can find it again. Paths are relative to the project's folder.
struct ProjectSource: Codable {
  static let file = "source.json"

  private var version = 1
  private var model: String
  private var weights, configuration: String?
  private var numerics: String
  private var wordLength: Int
  private var calibration: [String]
  private var transform: String?
  private var missing: Bool?

  /// - Parameter folder: the project's folder, which need not be there yet.
  init(_ source: Source, _ numerics: Numerics, folder: String) {
    func relative(_ path: String) -> String { path.relative(to: folder) }
    model = relative(source.model)
    weights = source.weights.map(relative)
    configuration = source.configuration.map(relative)
    self.numerics = numerics.rawValue
    wordLength = source.wordLength ?? Source.standardWordLength
    calibration = source.calibration.map(relative)
    transform = source.transform?.rawValue
    missing = source.takesMissing ? true : nil
  }

  var json: String { jsonText(self) }

  /// Reads a project's; nil where it does not say what it was compiled from.
  ///
  /// - Throws: `badInput` for a file of another version, or a damaged one.
  static func read(folder: String) throws(Failure) -> Source? {
    let file = "\(folder)/\(Self.file)"
    guard fileExists(file) else { return nil }
    guard let found = try? JSONDecoder().decode(Self.self, from: Data(readFile(file, limit: 1 << 20))),
      found.version == 1, let numerics = Numerics(rawValue: found.numerics),
      (2...64).contains(found.wordLength)
    else { throw Failure(.badInput, file: file, "not what this version of Triggerfish wrote") }
    func path(_ relative: String) -> String { "\(folder)/\(relative)".withoutDetours }
    var source = Source(model: path(found.model))
    source.weights = found.weights.map(path)
    source.configuration = found.configuration.map(path)
    source.numerics = numerics
    if found.wordLength != Source.standardWordLength { source.wordLength = found.wordLength }
    source.calibration = found.calibration.map(path)
    source.takesMissing = found.missing ?? false
    if let transform = found.transform {
      guard let known = MarginTransform(rawValue: transform) else {
        throw Failure(.badInput, file: file, place: "transform", "'\(transform.prefix(40))' is not known")
      }
      source.transform = known
    }
    return source
  }
}

extension Project {
  /// The files a project was compiled from, as far as it says.
  public static func sourceFiles(_ folder: String) -> [String] {
    (try? ProjectSource.read(folder: folder))?.files ?? []
  }

  /// How the project's numbers compare with those of the model it was compiled from, on events of files.
  ///
  /// - Parameter inputs: event files, one per input in the model's order.
  /// - Throws: where the project does not say which model that was, or the model there is now is another one: one that
  ///   gives other words for these events.
  public func comparison(inputs: [String]) throws(Failure) -> ModelComparison {
    guard let source = try ProjectSource.read(folder: folder) else {
      throw Failure(.missingInput, file: folder, "the project does not say which model it was compiled from")
    }
    let compilation = try Compilation(source)
    let events = try compilation.readEvents(inputs)
    func words(_ program: Program) throws(Failure) -> [[Raw]] {
      let inputs = zip(program.inputs, events).map { id, numbers in
        EventData.wide(numbers.map { program.word($0, of: id) })
      }
      return try Emulator(program).wideWords(inputs)
    }
    guard try words(compilation.program) == words(program) else {
      throw Failure(
        .badInput, file: source.model, "gives other words than the project: it changed since it was compiled",
        hint: "compile the model again")
    }
    return try ModelComparison(compilation, events: events)
  }
}

extension String {
  /// This path as seen from a folder. Symbolic links of both are followed, as far as they are there.
  fileprivate func relative(to folder: String) -> String {
    let own = resolved.split(separator: "/")
    let base = folder.resolved.split(separator: "/")
    let shared = zip(own, base).prefix { $0 == $1 }.count
    return (base.dropFirst(shared).map { _ in ".." } + own.dropFirst(shared)).joined(separator: "/")
  }

  /// The absolute path, without symbolic links in the part of it that is there.
  private var resolved: String {
    var there = hasPrefix("/") ? self : FileManager.default.currentDirectoryPath + "/" + self
    var rest: [Substring] = []
    while realPath(there) == nil, let slash = there.lastIndex(of: "/") {
      rest.insert(there[there.index(after: slash)...], at: 0)
      there = String(there[..<slash])
    }
    return ([Substring(realPath(there) ?? "")] + rest.filter { !$0.isEmpty && $0 != "." }).joined(
      separator: "/")
  }

  /// The path without `folder/..`, where the folder is no symbolic link.
  fileprivate var withoutDetours: String {
    let base = realPath(self) ?? self
    let here = FileManager.default.currentDirectoryPath + "/"
    return base.hasPrefix(here) ? String(base.dropFirst(here.count)) : base
  }
}
