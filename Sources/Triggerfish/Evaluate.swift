import Diagnostics
import Reports
import Scheduling
import Storage

/// The cost model held against synthesis results: `triggerfish evaluate`.
public struct Evaluate: Sendable {
  /// A table of dense layers, or a folder of reports of whole networks beside their models.
  public var results: String
  /// Whether every row of a table is taken, not only those of models held out from the fit.
  public var all = false

  /// Names the table or folder.
  public init(_ results: String) { self.results = results }

  /// Estimates every design and compares.
  ///
  /// - Throws: `missingInput`; `badInput` with everything that cannot be read, or where there is nothing to compare with.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> CostEvaluation {
    guard fileExists(results) else { throw Failure(.missingInput, file: results, "no such file") }
    if isFolder(results) {
      let networks = try SynthesizedNetwork.read(folder: results)
      if networks.isEmpty {
        throw Failure(.badInput, file: results, "has no report", hint: "reports are called NAME_csynth.xml")
      }
      listener.progress("estimating \(networks.count) designs")
      var samples: [CostEvaluation.Sample] = []
      for network in networks { samples.append(try network.sample()) }
      return CostEvaluation(networks: samples)
    }
    let text = String(decoding: try readFile(results), as: UTF8.self)
    let layers = try SynthesizedLayer.read(csv: text, file: results).filter { all || $0.isHeldOut }
    if layers.isEmpty {
      throw Failure(
        .badInput, file: results, "has no successful result" + (all ? "" : " of a held-out model"),
        hint: all ? nil : "--all takes every row")
    }
    listener.progress("estimating \(layers.count) designs")
    return try CostEvaluation(layers)
  }
}
