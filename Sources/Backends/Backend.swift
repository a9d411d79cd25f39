import Diagnostics
import FixedPoint
import Program
import Scheduling

/// What makes hardware of a design: files that a vendor's or an open tool builds, and a way to run what they say.
///
/// A backend prints what a design has decided (docs/scheduling.md), and decides nothing itself. It is one folder in Sources,
/// and one line in `Backends.all` of the module Triggerfish (docs/architecture.md).
public protocol Backend: Sendable {
  /// What `--backend` and project.json call it.
  static var name: String { get }

  /// What it writes, in a few words for people.
  static var summary: String { get }

  /// What it needs that a design lacks; empty where it can write the design.
  static func objections(to design: Design) -> [Diagnostic]

  /// Whether strategies, reuse factors and parallelization change what it writes: only then limits make `compile` search for
  /// them.
  static var takesStrategies: Bool { get }

  /// The project's files, by their paths inside its folder; the same design always gives the same bytes.
  ///
  /// The facade adds program.tf and report.json. There must be a project.json, which names the backend (see
  /// `BackendName`), so that `verify` finds it.
  ///
  /// - Parameters:
  ///   - design: one that `verify()` finds nothing in, and this backend has no objection to.
  ///   - name: what to call the project, untrusted.
  ///   - events: what the test bench runs.
  /// - Throws: `badInput` where the design cannot be written.
  static func files(
    of design: Design, name: String, events: TestEvents
  ) throws(Failure) -> ProjectFiles

  /// What `verify` is doing while it builds, as "compiling the emitted C++".
  static var building: String { get }

  /// What gives the words that are compared, as "the compiled C++".
  static var executable: String { get }

  /// Builds the project in a folder, which is left as it is, and runs events.
  ///
  /// - Parameters:
  ///   - events: per event, the raw words of all inputs, one after the other.
  ///   - tools: where its tools are.
  ///   - traces: whether the layers' words are wanted too.
  /// - Throws: `unavailable` where a tool is missing or fails, `badInput` where the folder holds no project of its.
  static func run(
    _ events: [[Raw]], projectIn folder: String, tools: ToolPaths, traces: Bool
  ) throws(Failure) -> EmittedWords
}

/// What a backend writes.
public struct ProjectFiles: Sendable {
  /// The texts, by their paths inside the project's folder.
  public var files: [String: String]
  /// What it counted in them; nil: the design's estimates are all there is.
  public var figures: CountedFigures?

  /// Makes a project's files.
  public init(_ files: [String: String], figures: CountedFigures? = nil) {
    (self.files, self.figures) = (files, figures)
  }
}

/// Where the tools of backends are, where their usual places do not do.
public struct ToolPaths: Sendable {
  /// The folder of the vendor's ap_fixed.h.
  public var apTypes: String?

  /// Leaves everything to the usual places.
  public init(apTypes: String? = nil) { self.apTypes = apTypes }
}

/// What a run of an emitted project gave, event by event.
public struct EmittedWords: Sendable {
  /// Per event, the raw words of all outputs, one after the other.
  public var outputs: [[Raw]]
  /// By layer number and event, the raw words of the layer; empty unless they were wanted.
  public var layers: [Int: [[Raw]]]

  /// Makes the words of a run.
  public init(outputs: [[Raw]], layers: [Int: [[Raw]]]) {
    self.outputs = outputs
    self.layers = layers
  }
}
