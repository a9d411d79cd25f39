import Backends
import Diagnostics
import FixedPoint
import Scheduling

/// The backend `hls`: a Vitis HLS project, verified by compiling its C++ with g++ on the vendor's ap_types.
public enum HLS: Backend {
  /// `hls`.
  public static let name = "hls"
  /// A Vitis HLS project.
  public static let summary = "a Vitis HLS project in C++"
  /// What `verify` is doing.
  public static let building = "compiling the emitted C++"
  /// What gives the words.
  public static let executable = "the compiled C++"

  /// They do.
  public static let takesStrategies = true

  /// None: every design that is one has a C++ text.
  public static func objections(to design: Design) -> [Diagnostic] { [] }

  /// The project's files (docs/hls-backend.md).
  public static func files(
    of design: Design, name: String, events: TestEvents
  ) throws(Failure) -> ProjectFiles {
    ProjectFiles(try HLSProject(design, name: name, events: events).files)
  }

  /// Compiles the C++ with g++, or $CXX, and runs it.
  public static func run(
    _ events: [[Raw]], projectIn folder: String, tools: ToolPaths, traces: Bool
  ) throws(Failure) -> EmittedWords {
    let compiled = try CompiledProject(
      folder: folder, topName: try HLSProject.topName(ofProjectIn: folder),
      apTypes: try APTypes.find(option: tools.apTypes), traces: traces)
    return try compiled.run(events)
  }
}
