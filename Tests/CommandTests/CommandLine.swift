import Foundation
import Testing

/// The built `triggerfish`, run as a user runs it.
struct CommandLine {
  /// The exit code and what was printed.
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The package's root, which relative paths of the tests start from.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The binary lies beside the test bundle.
  static let binary = URL(fileURLWithPath: Swift.CommandLine.arguments[0]).resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("triggerfish")

  static func run(_ arguments: String..., in folder: URL = root) throws -> Result {
    try run(arguments, in: folder)
  }

  /// - Parameters:
  ///   - environment: what it has beyond this process's own.
  ///   - tool: what is run: the command, or a shell that runs it.
  static func run(
    _ arguments: [String], in folder: URL = root, environment: [String: String] = [:], tool: URL = binary
  ) throws -> Result {
    try run(tool, arguments, in: folder, environment)
  }

  /// Runs a line of the shell, in which `$T` is the command.
  static func shell(
    _ line: String, in folder: URL = root, environment: [String: String] = [:]
  ) throws -> Result {
    try run(
      URL(filePath: "/bin/bash"), ["-c", line], in: folder, environment.merging(["T": binary.path]) { $1 })
  }

  private static func run(
    _ program: URL, _ arguments: [String], in folder: URL, _ environment: [String: String]
  ) throws -> Result {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Files rather than pipes: a full pipe would stop the child.
    let out = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let err = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    for url in [out, err] { try Data().write(to: url) }
    defer { for url in [out, err] { try? FileManager.default.removeItem(at: url) } }
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    // As a shell has it.
    let bySignal = process.terminationReason == .uncaughtSignal
    return Result(
      status: process.terminationStatus + (bySignal ? 128 : 0),
      output: try String(contentsOf: out, encoding: .utf8),
      errors: try String(contentsOf: err, encoding: .utf8))
  }
}

/// A folder of this test's own, removed with it.
final class Scratch {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "triggerfish-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A path inside the folder.
  subscript(name: String) -> String { url.appendingPathComponent(name).path }

  func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: self[name], atomically: true, encoding: .utf8)
    return self[name]
  }

  /// All that is in the folder, hidden files too.
  var contents: [String] {
    get throws { try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted() }
  }
}

/// A model of one input and a chain of relus: nothing to train, and done in no time.
enum SmallModel {
  /// Writes the model, with a file of weights that it does not need beside it, and a file of two events, `e.csv`.
  ///
  /// - Parameters:
  ///   - name: the model's name.
  ///   - layers: the names of the relus.
  /// - Returns: the model's path.
  @discardableResult static func write(
    to scratch: Scratch, name: String = "small", layers: [String] = ["a", "b"]
  ) throws -> String {
    let input: [String: Any] = [
      "class_name": "InputLayer",
      "config": ["batch_input_shape": [NSNull(), 4], "dtype": "float32", "name": "x"],
    ]
    let relus = layers.map { name -> [String: Any] in
      ["class_name": "Activation", "config": ["name": name, "activation": "relu"]]
    }
    let model: [String: Any] = [
      "class_name": "Sequential", "keras_version": "2.15.0", "backend": "tensorflow",
      "config": ["name": name, "layers": [input] + relus],
    ]
    try JSONSerialization.data(withJSONObject: model).write(to: URL(filePath: scratch["m.json"]))
    try? FileManager.default.copyItem(
      atPath: CommandLine.root.appendingPathComponent("models/jet_tagger/jet_tagger_weights.h5").path,
      toPath: scratch["m_weights.h5"])
    _ = try scratch.write("1,2,3,-4\n0.5,1,2,3\n", to: "e.csv")
    return scratch["m.json"]
  }
}
