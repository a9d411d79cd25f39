import Configuration
import Diagnostics
import Foundation
import Frontends
import Model
import Program
import Reports
import Scheduling
import Storage

/// A C-synthesis report of a whole network beside the model and the hls4ml configuration it was made from.
public struct SynthesizedNetwork: Sendable {
  /// The report's name without `_csynth.xml`.
  public let name: String
  /// The network: designs of one differ in reuse factor and in what multipliers are built of.
  public let network: String
  /// What the tool reported.
  public let report: SynthesisReport
  /// What it was built for, by the report; multipliers by the name and the DSPs of the report.
  public let target: Target
  /// The reuse factor the name says; nil: the configuration's.
  public let reuseFactor: Int?
  private let model, configuration: String

  /// The reports of a folder, by name: `NAME_csynth.xml` beside a model `NAME_….h5`, `.keras` or `.json` and a
  /// configuration `NAME_….yml`. A name may say `_reuse16`, and `_DSP` or `_LUT` for what multipliers are built of; what
  /// stands before names the network.
  ///
  /// - Throws: `Failure` with every report that cannot be read or has no model or configuration beside it.
  public static func read(folder: String) throws(Failure) -> [SynthesizedNetwork] {
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    let suffix = "_csynth.xml"
    var problems: [Diagnostic] = []
    var networks: [SynthesizedNetwork] = []
    for file in files where file.hasSuffix(suffix) {
      let path = folder + "/" + file
      let name = String(file.dropLast(suffix.count))
      func beside(_ endings: [String]) -> String? {
        files.first { $0.hasPrefix(name + "_") && endings.contains(($0 as NSString).pathExtension) }
      }
      guard let report = SynthesisReport(xml: Data(try readFile(path))), let target = report.target else {
        problems.append(Diagnostic(file: path, "is not a C-synthesis report of Vitis or Vivado HLS"))
        continue
      }
      guard let model = beside(["h5", "keras", "json"]), let configuration = beside(["yml", "yaml"]) else {
        problems.append(
          Diagnostic(
            file: path, "has no model and hls4ml configuration beside it",
            hint: "\(name)_keras_model.h5 and \(name)_hls4ml_config.yml"))
        continue
      }
      networks.append(
        SynthesizedNetwork(
          name: name, report: report, target: target, model: folder + "/" + model,
          configuration: folder + "/" + configuration))
    }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    return networks
  }

  private init(
    name: String, report: SynthesisReport, target: Target, model: String, configuration: String
  ) {
    let words = name.split(separator: "_")
    (self.name, self.report, self.model, self.configuration) = (name, report, model, configuration)
    let reuse = words.last { $0.hasPrefix("reuse") }
    reuseFactor = reuse.flatMap { Int($0.dropFirst("reuse".count)) }
    let binding = words.last { $0 == "DSP" || $0 == "LUT" }
    network = words.filter { $0 != reuse && $0 != binding }.joined(separator: "_")
    var target = target
    // Of a design that asked for LUTs and was given DSPs, the report tells the truth.
    if binding != nil { target.multipliers = report.amounts["DSP"] == 0 ? .fabric : .dsp }
    self.target = target
  }

  /// The design of this network by Triggerfish: the report's part, clock, and formats of its inputs; the rest is as the
  /// configuration says.
  public func design() throws(Failure) -> Design {
    let loaded = try Configuration.load(configuration)
    var settings = loaded.configuration
    for argument in report.arguments where argument.isInput {
      guard let format = argument.format else { continue }
      var layer = settings.layerNames[argument.name] ?? LayerSettings()
      layer.precision["result"] = .format(format)
      settings.setLayer(argument.name, layer)
    }
    let source = Source(model: model)
    let compilation = try Compilation(
      try loadModel(path: model).model, settings, source, warnings: loaded.warnings)
    var request = try compilation.scheduleRequest()
    request.target = target
    let program = compilation.program
    for instruction in program.instructions {
      guard let reuseFactor, case .affine = instruction.operation, let layer = instruction.layer else {
        continue
      }
      // A layer of fewer products uses its multiplier for each of them.
      let products = program[instruction.operands[1]].type.count
      request.layers[program.layers[layer].name, default: .init()].reuseFactor = min(reuseFactor, products)
    }
    return try schedule(program, request)
  }

  /// The estimate beside the report, to be gathered into a `CostEvaluation`.
  public func sample() throws(Failure) -> CostEvaluation.Sample {
    let reuse = reuseFactor ?? 1
    return CostEvaluation.Sample(
      name: name, groups: [reuse == 1 ? "reuse 1" : "reuse above 1", network], network: network,
      design: try design(),
      measured: ["LUT", "FF", "DSP", "BRAM18"].map { report.amounts[$0] ?? 0 }
        + [report.worstLatency ?? 0, report.interval ?? 0])
  }
}
