import Configuration
import DataFiles
import Diagnostics
import Frontends
import Model
import Storage

#if canImport(Glibc)
  import Glibc
#endif

/// One folder of golden vectors: a model, a configuration, and what hls4ml's C simulation made of them.
public struct GoldenCase: Sendable {
  /// The folder's name.
  public let name: String
  /// The folder.
  public let folder: String
  /// Input files and the outputs expected of them; the second set, if any, is the stress set.
  public let sets: [EventFiles]
  /// The outputs of every layer for the first events, if there are any.
  public let trace: String?

  /// Files of events and of the answers to them.
  public struct EventFiles: Sendable {
    /// One per model input.
    public let inputs: [String]
    /// One per model output.
    public let outputs: [String]
  }

  private let modelFile: String
  private let weightsFile: String?
  private let configurationFile: String

  /// The folders that cases are looked for in: `$TRIGGERFISH_SHARED/golden` (`../shared/golden` beside the
  /// package), and the vectors of this repository.
  public static let roots: [String] = {
    let package = String(#filePath.dropLast("/Tests/GoldenSupport/GoldenCase.swift".count))
    let shared = getenv("TRIGGERFISH_SHARED").map { String(cString: $0) } ?? "\(package)/../shared"
    return ["\(shared)/golden", "\(package)/Tests/ConformanceTests/Golden"]
  }()

  /// Whether the shared vectors are there.
  public static var hasShared: Bool { access(roots[0], R_OK) == 0 }

  /// The names of all cases, sorted within each root.
  public static let names: [String] = roots.flatMap { names(in: $0) }

  /// The names of the cases in a folder, sorted.
  static func names(in root: String) -> [String] {
    guard let directory = opendir(root) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if access("\(root)/\(name)/case.json", R_OK) == 0 { names.append(name) }
    }
    return names.sorted()
  }

  /// Reads a case's description.
  public init(_ name: String) throws(Failure) {
    guard let root = Self.roots.first(where: { access("\($0)/\(name)/case.json", R_OK) == 0 }) else {
      throw Failure(.missingInput, "there is no golden case '\(name)'")
    }
    self.name = name
    folder = "\(root)/\(name)"
    let folder = folder
    let node = try JSONNode(contentsOf: "\(folder)/case.json")
    func files(_ key: String) -> [String] {
      (node[key]?.elements ?? []).compactMap { $0.string.map { "\(folder)/\($0)" } }
    }
    modelFile = "\(folder)/\(node["model"]?.string ?? "")"
    weightsFile = node["weights"]?.string.map { "\(folder)/\($0)" }
    configurationFile = "\(folder)/\(node["config"]?.string ?? "")"
    trace = node["trace"]?.string.map { "\(folder)/\($0)" }
    let sets = [
      EventFiles(inputs: files("inputs"), outputs: files("outputs")),
      EventFiles(inputs: files("stress_inputs"), outputs: files("stress_outputs")),
    ]
    self.sets = sets.filter { !$0.inputs.isEmpty && !$0.outputs.isEmpty }
  }

  /// The case's model.
  public func model() throws(Failure) -> Model { try loadModel(path: modelFile, weights: weightsFile).model }

  /// The case's configuration.
  public func configuration() throws(Failure) -> Configuration {
    try Configuration.load(configurationFile).configuration
  }

  /// What hls4ml resolved for every layer; nil where the case does not say.
  public func resolvedTypes() throws(Failure) -> [JSONNode]? {
    let file = "\(folder)/resolved_types.json"
    return access(file, R_OK) == 0 ? try JSONNode(contentsOf: file).elements : nil
  }

  /// All numbers of an array, and how many events it has.
  public static func read(_ reference: String) throws(Failure) -> (events: Int, values: [Double]) {
    let array = try EventReader(reference).readAll(allowingNonFinite: true)
    return (array.events, array.reals)
  }
}
