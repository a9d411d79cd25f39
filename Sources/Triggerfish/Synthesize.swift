import Backends
import Diagnostics
import Reports
import VerilogBackend

/// A Verilog project mapped to cells by Yosys, and its report held against that: `triggerfish synthesize`.
public struct Synthesize: Sendable {
  /// The project's folder.
  public var project: String

  /// Names the project.
  public init(_ project: String) { self.project = project }

  /// Runs Yosys.
  ///
  /// - Throws: `badInput` where the folder holds no project in Verilog; `unavailable` where there is no Yosys, or it fails.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> ShowReport.Outcome {
    Project.restore(project, listener)
    let found = try Project(folder: project)
    guard try found.backend() == Verilog.self else {
      throw Failure(
        .badInput, file: project, "is not a project in Verilog: Yosys has nothing to map",
        hint: "triggerfish compile MODEL --backend \(Verilog.name) --output \(project)")
    }
    let report = try loadReport(project)
    listener.progress("mapping with Yosys")
    let text = try Verilog.synthesize(projectIn: project)
    guard let synthesis = SynthesisReport(text: text) else {
      throw Failure(.unavailable, file: project, "Yosys printed no statistics: \(text.suffix(1000))")
    }
    return ShowReport.Outcome(report: report, synthesis: SynthesisComparison(report, synthesis))
  }
}
