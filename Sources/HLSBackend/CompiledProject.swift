import Backends
import Diagnostics
import FixedPoint
import Foundation

/// An emitted project compiled with the system's C++ compiler against the vendor's ap_types.
public struct CompiledProject: ~Copyable {
  private let folder: TemporaryFolder
  private let traces: Bool

  /// Compiles the project in `projectFolder`, which is left as it is.
  ///
  /// - Parameters:
  ///   - topName: the project's top function.
  ///   - apTypes: the folder of ap_fixed.h (`APTypes.find`).
  ///   - traces: whether runs record every layer.
  /// - Throws: `Failure(.unavailable)` where there is no compiler or it refuses the code.
  public init(folder projectFolder: String, topName: String, apTypes: String, traces: Bool = false)
    throws(Failure)
  {
    let folder = try TemporaryFolder()
    // One translation unit: the headers are most of the compile time.
    try folder.write(
      "#include \"\(topName)_test.cpp\"\n#include \"firmware/\(topName).cpp\"\n", to: "all.cpp")
    let absolute = URL(fileURLWithPath: projectFolder).path
    try Self.compile(
      folder.path, source: "all.cpp", includes: [absolute], apTypes: apTypes, traces: traces)
    self.traces = traces
    self.folder = folder
  }

  /// - Parameter takesCompiled: whether the vendor's headers may come first, compiled before.
  static func compile(
    _ folder: String, source: String, includes: [String], apTypes: String, traces: Bool,
    with tool: String? = nil, takesCompiled: Bool = true
  ) throws(Failure) {
    let headers = URL(fileURLWithPath: apTypes)
    // What scripts/precompile-ap-types.sh made, if it did, with the first four options here.
    let all = headers.appendingPathComponent("all.h").path
    let isCompiled = takesCompiled && tool == nil && FileManager.default.fileExists(atPath: all + ".gch")
    var arguments = ["-std=c++14", "-O1", "-DNDEBUG", "-w", "-o", "bench", source]
    if isCompiled { arguments += ["-include", all] }
    for folder in includes { arguments += ["-I", folder] }
    arguments += ["-isystem", headers.path]
    if traces { arguments.append("-DTF_TRACE") }
    let compiler = tool ?? ProcessInfo.processInfo.environment["CXX"] ?? "g++"
    let (status, output) = try runTool(compiler, arguments, in: folder)
    if status == 127 {
      throw Failure(.unavailable, "\(compiler) not found", hint: "install g++, or set CXX")
    }
    if status != 0 {
      throw Failure(
        .unavailable, "\(compiler) cannot compile the emitted C++: \(output.prefix(2000))")
    }
  }

  /// Runs events.
  ///
  /// - Parameter events: per event, the raw words of all inputs, one after the other.
  /// - Throws: `Failure(.unavailable)` where the compiled program fails.
  public borrowing func run(_ events: [[Raw]]) throws(Failure) -> EmittedWords {
    let text = events.map { $0.map(String.init).joined(separator: " ") + "\n" }.joined()
    try folder.write(text, to: "inputs.dat")
    let files = ["inputs.dat", "results.dat"] + (traces ? ["trace.dat"] : [])
    let (status, output) = try runTool("./bench", files, in: folder.path)
    guard status == 0 else {
      throw Failure(
        .unavailable, "the compiled project stopped with status \(status): \(output.prefix(2000))")
    }
    let outputs = RawText.lines(try folder.read("results.dat"))
    let layers = traces ? RawText.layers(try folder.read("trace.dat"), events: events.count) : [:]
    return EmittedWords(outputs: outputs, layers: layers)
  }
}

/// Lines of decimal integers, as the test bench writes them.
enum RawText {
  /// The words of each layer, event by event. A line holds a layer's number, then some of its words: all of
  /// an event, or in a stream those of one position.
  static func layers(_ data: Data, events: Int) -> [Int: [[Raw]]] {
    var words: [Int: [Raw]] = [:]
    for line in lines(data) {
      if let number = line.first { words[Int(number), default: []] += line.dropFirst() }
    }
    return words.mapValues { all in
      let count = max(1, all.count / max(1, events))
      return stride(from: 0, to: all.count, by: count).map { Array(all[$0..<min($0 + count, all.count)]) }
    }
  }

  static func lines(_ data: Data) -> [[Raw]] {
    var lines: [[Raw]] = []
    var line: [Raw] = []
    var value: Raw = 0
    var isNegative = false
    var isNumber = false
    func end(_ value: Raw, _ isNegative: Bool) -> Raw { isNegative ? 0 &- value : value }
    for byte in data {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = value &* 10 &+ Raw(byte - UInt8(ascii: "0"))
        isNumber = true
      case UInt8(ascii: "-"): isNegative = true
      default:
        if isNumber { line.append(end(value, isNegative)) }
        (value, isNegative, isNumber) = (0, false, false)
        if byte == UInt8(ascii: "\n") {
          lines.append(line)
          line = []
        }
      }
    }
    return lines
  }
}
