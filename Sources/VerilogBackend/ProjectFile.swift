import Backends
import Diagnostics
import Foundation
import Program
import Scheduling
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
  /// The share of it that is kept back.
  var clockUncertainty: Double
  /// Clock edges from an event's words to its results.
  var latency: Int
  /// Cycles between two events.
  var interval: Int
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
  private let folder: String
  var target: Target
  var top: String
  var latency: Int
  var interval: Int
  var inputs: [ProjectFile.Port]
  var outputs: [ProjectFile.Port]

  /// Reads project.json, which anybody may have changed.
  init(folder: String) throws(Failure) {
    self.folder = folder
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
    guard let interval = node["interval"]?.integer, (1...100_000).contains(interval) else {
      throw Failure(.badInput, file: file, place: "interval", "not a number of cycles")
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
    guard let part = node["part"]?.string, let period = node["clockPeriod"]?.number,
      let uncertainty = node["clockUncertainty"]?.number, (0.1...1000).contains(period),
      (0..<1).contains(uncertainty)
    else {
      throw Failure(.badInput, file: file, place: "clockPeriod", "no part, or no clock that hardware has")
    }
    target = Target(part: part, clockPeriod: period, clockUncertainty: uncertainty)
    (self.top, self.latency, self.interval) = (top, latency, interval)
    (inputs, outputs) = (try ports("inputs"), try ports("outputs"))
  }

  /// The modules' files, as seen from the folder.
  func sources() throws(Failure) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: "\(folder)/rtl").sorted()
        .filter { name in
          name.hasSuffix(".v")
            && name.dropLast(2).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        }
        .map { "rtl/\($0)" }
    } catch {
      throw Failure(.badInput, file: "\(folder)/rtl", "cannot be listed: \(error.localizedDescription)")
    }
  }

  /// The arithmetic.
  func program() throws(Failure) -> Program {
    let file = "\(folder)/program.tf"
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Failure(.missingInput, file: file, "no such file", hint: "compile the model again")
    }
    return try Program(parsing: String(decoding: data, as: UTF8.self), file: file, limits: try .environment())
  }
}
