import Backends
import Diagnostics
import Foundation
import Storage

/// project.json of a Verilog project: what it takes to simulate it from its folder alone. The arithmetic is in program.tf.
struct ProjectFile: Codable {
  struct Port: Codable {
    var name: String
    /// How many words, of how many bits each.
    var words, width: Int
    var isSigned: Bool
  }

  /// Grows when the meaning of a field changes.
  static let currentVersion = 1

  var version = Self.currentVersion
  var backend = Verilog.name
  var top: String
  var part: String
  var clockPeriod: Double
  /// Clock edges from an event's words to its results.
  var latency: Int
  /// Cycles between two events.
  var interval = 1
  /// The parameter FAMILY that the scripts set.
  var family: Int
  var inputs: [Port]
  var outputs: [Port]
  /// By layer: its module, if it has one.
  var layers: [String?]

  /// The file's text.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

/// What simulating needs to know of a project.
struct StoredProject {
  var top: String
  var latency: Int
  var inputs: [ProjectFile.Port]
  var outputs: [ProjectFile.Port]

  /// Reads project.json, which anybody may have changed.
  init(folder: String) throws(Failure) {
    let file = "\(folder)/project.json"
    let node = try JSONNode(contentsOf: file)
    guard let version = node["version"]?.integer, version == ProjectFile.currentVersion else {
      throw Failure(
        .badInput, file: file, place: "version", "not a project of this version of Triggerfish",
        hint: "compile the model again")
    }
    // Names become part of commands and of Verilog.
    guard let top = node["top"]?.string, top == Identifiers.sanitized(top) else {
      throw Failure(.badInput, file: file, place: "top", "not the name of a top module")
    }
    guard let latency = node["latency"]?.integer, (0...100_000).contains(latency) else {
      throw Failure(.badInput, file: file, place: "latency", "not a number of cycles")
    }
    func ports(_ key: String) throws(Failure) -> [ProjectFile.Port] {
      var ports: [ProjectFile.Port] = []
      for (index, port) in (node[key]?.elements ?? []).enumerated() {
        guard let name = port["name"]?.string, let words = port["words"]?.integer,
          let width = port["width"]?.integer, let isSigned = port["isSigned"]?.bool,
          (1...1 << 24).contains(words), (1...128).contains(width)
        else {
          throw Failure(.badInput, file: file, place: "\(key)[\(index)]", "is not a port")
        }
        ports.append(ProjectFile.Port(name: name, words: words, width: width, isSigned: isSigned))
      }
      return ports
    }
    (self.top, self.latency) = (top, latency)
    (inputs, outputs) = (try ports("inputs"), try ports("outputs"))
  }
}
