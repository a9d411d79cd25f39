import Configuration
import DataFiles
import Diagnostics
import Frontends
import Lowering
import Model
import Program
import Reports
import Storage

/// Which arithmetic a model is compiled to.
public enum Numerics: String, CaseIterable, Sendable {
  /// hls4ml 1.3.0's, bit for bit, with the same configuration.
  case hls4ml
  /// Formats by range analysis: nothing overflows, nothing is rounded but where the model's quantizers say so.
  case exact
}

/// A model and how its owner wants it compiled.
public struct Source: Sendable {
  /// The model file: Keras JSON, whole-model HDF5, or a .keras archive.
  public var model: String
  /// The weights file, where it is not found beside the model.
  public var weights: String?
  /// An hls4ml configuration file, YAML or JSON.
  public var configuration: String?
  /// The policy; nil: `hls4ml` with a configuration, else `exact`.
  public var numerics: Numerics?
  /// For float models under `exact`: bits per word; nil: `standardWordLength`.
  public var wordLength: Int?
  /// The bits per word where none are asked for.
  public static let standardWordLength = 16
  /// For float models under `exact`: event files, one per input, whose ranges sharpen the formats.
  public var calibration: [String] = []
  /// For models of trees under `exact`: what is computed behind the margins; nil: nothing.
  public var transform: MarginTransform?
  /// For models of trees under `exact`: whether NaN in events is a missing number, for which the input's lowest word stands.
  public var takesMissing = false

  /// A folder whose files notes call by their names alone: one made for the moment, which nobody could look into.
  public var hiddenFolder: String?

  /// All files that are read, or may be.
  public var files: [String] {
    [model, configuration].compactMap { $0 } + (weights.map { [$0] } ?? weightsFiles(beside: model))
      + calibration
  }

  /// Names a model.
  public init(model: String) { self.model = model }
}

extension Source {
  /// A problem as the user is to see it: without `hiddenFolder`.
  public func shown(_ problem: Diagnostic) -> Diagnostic {
    var problem = problem
    problem.file = problem.file.map(shown)
    problem.message = shown(problem.message)
    problem.hint = problem.hint.map(shown)
    return problem
  }

  /// A text without `hiddenFolder`.
  public func shown(_ text: String) -> String {
    hiddenFolder.map { text.replacing($0 + "/", with: "") } ?? text
  }
}

/// A model read and lowered to a program.
public struct Compilation: Sendable {
  /// What was trained.
  public let model: Model
  /// Where it is from, with the policy that was taken.
  public let source: Source
  /// The arithmetic, and the layers with their formats as the policy resolved them.
  public let lowered: Lowered
  /// The policy the program follows.
  public let numerics: Numerics
  /// The configuration, if one was given.
  public let configuration: Configuration?
  /// What the user should know: settings without effect, formats that round, factors that were moved.
  public let notes: [String]
  /// How fixed point compares with the float model on the calibration events, where there are any.
  public let agreement: Report.Agreement?

  /// The arithmetic.
  public var program: Program { lowered.program }

  /// What reports call the policy: of trees with a configuration the numerics are conifer's.
  public var numericsName: String {
    numerics == .hls4ml && model.layers.contains { $0.kind.ensemble != nil } ? "conifer" : numerics.rawValue
  }

  /// Reads and lowers a model.
  ///
  /// - Parameter observe: called after every pass with its name and what prints the state.
  /// - Throws: every problem of the model's files, of the configuration, or of the lowering.
  public init(_ source: Source, observe: (String, () -> String) -> Void = { _, _ in }) throws(Failure) {
    try checkPresent(source.calibration)
    let loaded = try source.configuration.map { path throws(Failure) in try Configuration.load(path) }
    let imported = try loadModel(path: source.model, weights: source.weights, limits: try .environment())
    if let file = source.configuration, imported.configuration?.isWritten == true {
      throw Failure(
        .usage, file: file, "a project that hls4ml wrote has its types in itself: it takes no configuration",
        hint: "part and clock are options of their own (--part, --clock)")
    }
    try self.init(
      imported.model, loaded?.configuration ?? imported.configuration, source,
      warnings: imported.notes + (loaded?.warnings ?? []), observe: observe)
  }

  /// Lowers a model that is in memory already, as its configuration is.
  ///
  /// - Parameters:
  ///   - source: the policy and its options; no file but those for calibration is read.
  ///   - treeReuse: how many trees the same hardware computes, one after the other; it shows in no word.
  ///   - observe: called after every pass with its name and what prints the state.
  /// - Throws: every problem of the lowering.
  public init(
    _ model: Model, _ configuration: Configuration?, _ source: Source, treeReuse: Int = 1,
    warnings: [Diagnostic] = [], observe: (String, () -> String) -> Void = { _, _ in }
  ) throws(Failure) {
    var warnings = warnings
    var model = model.withSingleResults()
    if let transform = source.transform { model = try model.with(transform) }
    self.model = model
    self.configuration = configuration
    let limits = try WorkLimits.environment()
    try model.checkWork(limits)
    numerics = source.numerics ?? (configuration == nil ? .exact : .hls4ml)
    var taken = source
    taken.numerics = numerics
    self.source = taken
    if numerics == .exact, configuration?.isWritten == true {
      throw Failure(
        .usage, file: source.model,
        "--numerics exact: the types of a project that hls4ml wrote are the network; there are no others to find",
        hint: "leave out --numerics: the project's own bits are computed")
    }
    if configuration?.isWritten == true, source.wordLength != nil || !source.calibration.isEmpty {
      throw Failure(
        .usage, file: source.model,
        "a project that hls4ml wrote has its types in itself, and no float model: --word-length and --calibrate have no effect",
        hint: "leave them out")
    }
    try Self.checkTrees(model, taken)
    if source.transform == nil { warnings += model.marginNotes }
    let calibration =
      source.calibration.isEmpty
      ? nil : try FloatReference.read(source.calibration, model, allowingMissing: source.takesMissing)
    switch numerics {
    case .hls4ml:
      lowered = try lowerAsHLS4ML(
        model, configuration ?? Configuration(), treeReuse: treeReuse, limits: limits, observe: observe)
    case .exact:
      let wordLength = source.wordLength ?? Source.standardWordLength
      var options = ExactOptions(wordLength: wordLength, calibration: calibration)
      if let conifer = configuration?.conifer {
        options.inputFormats = [conifer.threshold]
        warnings.append(
          Diagnostic(
            file: configuration?.file,
            "--numerics exact: of conifer's precisions that of the inputs is used; leaves have words of \(wordLength) bits"
          ))
      } else if let configuration, configuration.setsTypes {
        warnings.append(
          Diagnostic(
            file: configuration.file,
            "--numerics exact: the configuration's types and tables are not used, its strategies and reuse factors are"
          ))
      }
      options.limits = limits
      options.isMissingLowest = source.takesMissing
      options.treeReuse = treeReuse
      lowered = try lowerExactly(model, options, observe: observe)
    }
    let program = lowered.program
    agreement = try calibration.map { events throws(Failure) in
      try FloatReference(model, events).agreement(program)
    }
    notes = (warnings + lowered.warnings).map { source.shown($0).described(as: "note") }
  }

  /// Refuses what is said of trees where it says nothing.
  private static func checkTrees(_ model: Model, _ source: Source) throws(Failure) {
    let given = [
      ("--transform", source.transform != nil), ("--missing", source.takesMissing),
    ].filter(\.1).map(\.0).joined(separator: ", ")
    guard !given.isEmpty else { return }
    guard model.layers.contains(where: { $0.kind.ensemble != nil }) else {
      throw Failure(
        .usage, file: source.model, "\(given): the model has no trees",
        hint: "leave it out: networks know no missing numbers")
    }
    guard source.numerics == .exact else {
      throw Failure(
        .usage, file: source.model,
        "\(given): conifer's numerics give margins, and know no missing numbers", hint: "--numerics exact")
    }
  }

  /// The numbers of event files, one file per model input: row major, the event first.
  ///
  /// - Throws: where a file is missing, damaged, or of the wrong shape.
  public func readEvents(_ files: [String]) throws(Failure) -> [[Double]] {
    try FloatReference.read(files, model, allowingMissing: source.takesMissing)
  }

  /// What to call the project: the configuration's name for it, else the model's.
  public var projectName: String { configuration?.projectName ?? model.name }

  /// Where a project goes that was given no folder: one step below `hls-output`, whatever the name is.
  public var projectFolder: String { "hls-output/\(projectName.fileName())" }
}

extension Model {
  /// What exporters put into the graph of a model of trees and is left out unless it is asked for.
  fileprivate var marginNotes: [Diagnostic] {
    guard framework == .onnx else { return [] }
    return layers.compactMap { layer in
      guard let ensemble = layer.kind.ensemble else { return nil }
      let name: String
      switch ensemble.transform {
      case .logistic: name = "logistic"
      case .softmax: name = "softmax"
      case .other, .unknown: return nil
      }
      return Diagnostic(
        file: layer.origin.file, place: layer.origin.path.isEmpty ? nil : layer.origin.path,
        "the margins are given, without post_transform \(name.uppercased())",
        hint: "--transform \(name) computes it")
    }
  }
}
