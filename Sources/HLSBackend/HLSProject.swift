import Backends
import Diagnostics
import FixedPoint
import Program
import Scheduling

/// A Vitis HLS project as text: the same design always gives the same bytes.
public struct HLSProject: Sendable {
  /// The files, by path inside the project.
  public var files: [String: String]
  /// The name of the top function and of its files.
  public var topName: String

  /// The most bits of a word that Vitis HLS builds: of a stream's token, a memory, a port.
  static let widestWord = Dataflow.widestToken

  /// Writes `design` as C++.
  ///
  /// - Parameters:
  ///   - name: the project's name, untrusted; the top function is called after it.
  ///   - events: what the test bench runs; random events if nil, with nothing to compare.
  /// - Throws: `Failure(.badInput)` where the design cannot be written.
  public init(_ design: Design, name: String, events: TestEvents? = nil) throws(Failure) {
    let writer = try ProjectWriter(design, name: name)
    topName = writer.ports.top
    files = try writer.files(events ?? .random(design.program))
  }
}
