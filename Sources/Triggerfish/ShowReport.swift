import DataFiles
import Diagnostics
import Foundation
import Reports
import Storage

/// The report of a compiled project, with what it is compared with: `triggerfish report`.
public struct ShowReport: Sendable {
  /// The project's folder.
  public var project: String
  /// Limits to hold the design against, instead of those it was compiled with.
  public var limits = Budget()
  /// A synthesis report of Vitis or Vivado HLS, Vivado or Yosys to show beside the estimates.
  public var synthesis: String?
  /// The file of the page that shows it, if it is wanted.
  public var html: String?
  /// Event files, one per model input: the page shows the range of every layer on them, and compares with the float model.
  public var events: [String] = []
  /// What `compare` wrote, which the page shows instead of comparing itself.
  public var comparison: String?
  /// What `rates --output` wrote, of this model first, which the page shows side by side.
  public var rates: [String] = []

  /// Names the project.
  public init(_ project: String) { self.project = project }

  /// A report, and the synthesis it is held against.
  public struct Outcome: Sendable {
    /// The report.
    public var report: Report
    /// How its estimates compare with the synthesis.
    public var synthesis: SynthesisComparison?

    /// Both as JSON.
    public var json: String { synthesis.map { report.json(with: $0) } ?? report.json }
  }

  /// Reads the report, and writes the page.
  ///
  /// - Throws: where a file is missing or damaged, or the comparison is of another model.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> Outcome {
    if let html {
      try checkDistinct(
        outputs: [html],
        inputs: Project.files(project) + Project.sourceFiles(project) + [project] + events
          + [synthesis, comparison].compactMap { $0 } + rates)
    }
    try checkPresent(events)
    if let html { try checkPlaces([html]) }
    Project.restore(project, listener)
    var report = try loadReport(project)
    if !limits.isEmpty { report.budget = limits.verdicts(report) }
    let beside = try synthesis.map { path throws(Failure) in
      SynthesisComparison(report, try loadSynthesis(path))
    }
    if let html {
      listener.progress("writing \(html)")
      let project = try Project(folder: project)
      let observed = events.isEmpty ? [:] : try project.observedRanges(inputs: events)
      let compared =
        try comparison.map { path throws(Failure) in try loadComparison(path, of: report) }
        ?? (events.isEmpty ? nil : compare(project, listener))
      let page = ReportPage(
        report, project.program, observed: observed, synthesis: beside, comparison: compared,
        rates: try loadRates(of: report))
      try writeAtomically(page.html(), to: html)
    }
    return Outcome(report: report, synthesis: beside)
  }

  /// The comparison with the project's float model. Where that cannot be had, a note says why, and the page goes without.
  private func compare(_ project: Project, _ listener: Listener) -> ModelComparison? {
    listener.progress("comparing with the float model")
    do throws(Failure) {
      return try project.comparison(inputs: events)
    } catch {
      listener.note("\(self.project): note: the page does not compare the answers with the float model's:")
      error.diagnostics.map { $0.described(as: "note") }.forEach(listener.note)
      return nil
    }
  }

  private func loadRates(of report: Report) throws(Failure) -> RateComparison? {
    var results: [(file: String, result: RateResult)] = []
    for path in rates { results.append((path, try RateResult(file: path))) }
    guard let first = results.first else { return nil }
    guard first.result.provenance.model == report.model else {
      throw Failure(
        .badInput, file: first.file,
        "has rates of \(first.result.provenance.model), the project is \(report.model)",
        hint: "name this model's rates first")
    }
    return try RateComparison(results)
  }

  private func loadComparison(_ path: String, of report: Report) throws(Failure) -> ModelComparison {
    guard fileExists(path) else { throw Failure(.missingInput, file: path, "no such file") }
    guard let found = ModelComparison(json: String(decoding: try readFile(path), as: UTF8.self)) else {
      throw Failure(
        .badInput, file: path, "is not a comparison of this version of Triggerfish",
        hint: "triggerfish compare MODEL --output \(path)")
    }
    guard found.model == report.model, found.numerics == report.numerics else {
      throw Failure(
        .badInput, file: path,
        "compares \(found.model) under \(found.numerics) numerics, the project is \(report.model) under "
          + "\(report.numerics)")
    }
    return found
  }

  private func loadSynthesis(_ path: String) throws(Failure) -> SynthesisReport {
    guard fileExists(path) else { throw Failure(.missingInput, file: path, "no such file") }
    let data = Data(try readFile(path))
    guard
      let found = SynthesisReport(xml: data) ?? SynthesisReport(text: String(decoding: data, as: UTF8.self))
    else {
      throw Failure(
        .badInput, file: path,
        "is not a synthesis report of Vitis or Vivado HLS, of Vivado (utilization, timing summary), or of Yosys (stat)",
        hint:
          "csynth.xml is in solution1/syn/report, reports of exports in solution1/impl/report, those of a Verilog project in vivado"
      )
    }
    return found
  }
}
