import Diagnostics
import FixedPoint
import Foundation
import Program

/// A report as one HTML page without scripts or outside references; every name is escaped.
public struct ReportPage {
  let report: Report
  let program: Program
  let observed: [ValueID: TensorSpan]
  let synthesis: SynthesisComparison?
  let comparison: ModelComparison?
  let rates: RateComparison?

  /// - Parameters:
  ///   - program: what the report is of.
  ///   - observed: what layers' results were on given events, where there are any.
  ///   - synthesis: what the vendor's tool says, where that is known.
  ///   - comparison: how its numbers compare with the float model's, where that was looked at.
  ///   - rates: trigger rates and efficiencies, where they were counted.
  public init(
    _ report: Report, _ program: Program, observed: [ValueID: TensorSpan] = [:],
    synthesis: SynthesisComparison? = nil, comparison: ModelComparison? = nil,
    rates: RateComparison? = nil
  ) {
    self.rates = rates
    self.comparison = comparison
    self.report = report
    self.program = program
    self.observed = observed
    self.synthesis = synthesis
  }

  /// The page.
  ///
  /// - Throws: `Failure(.bug)` for a damaged template.
  public func html() throws(Failure) -> String {
    var context: [String: Any] = [
      "basis": report.basis, "model": report.model.visible, "numerics": report.numerics.visible,
      "part": report.part.visible,
      "ioType": report.ioType.visible, "clock": number(report.clockPeriod), "cycles": report.latencyCycles,
      "latency": number(report.latency), "interval": report.interval,
      "latencyBar": Report.factor(report.errorFactors?.latency), "resources": resourceRows,
      "layers": layerRows,
      "graph": graph, "timeline": timeline, "bars": bars, "ranges": ranges,
      "hasObserved": !observed.isEmpty,
      "notes": report.notes.map { ["text": $0.visibleLines.joined(separator: " ")] },
      "hasNotes": !report.notes.isEmpty,
    ]
    if let budget = report.budget { context["verdict"] = verdict(budget) }
    if let agreement = report.agreement {
      context["agreement"] =
        [
          "events": agreement.events, "error": number(agreement.maximumError),
          "argmax": agreement.argmax.map { number(100 * $0) + "%" } ?? "",
          "hasArgmax": agreement.argmax != nil,
          "width": 300 * (agreement.argmax ?? 0),
        ] as [String: Any]
    }
    if let comparison { context["comparison"] = accuracy(comparison) }
    if let rates { context["rates"] = RatePanel(comparison: rates).context }
    if let synthesis { context["synthesis"] = comparison(synthesis) }
    return try Pages.render("report.html", context)
  }

  private func verdict(_ budget: [Budget.Verdict]) -> [String: Any] {
    let passed = budget.allSatisfy(\.passed)
    return [
      "class": passed ? "pass" : "fail", "text": passed ? "within its limits" : "breaks its limits",
      "rows": budget.map {
        [
          "name": $0.name.visible, "actual": $0.actual.visible, "allowed": $0.allowed.visible,
          "class": $0.passed ? "pass" : "fail",
          "text": $0.passed ? "pass" : "FAIL",
        ]
      },
    ]
  }

  private func comparison(_ synthesis: SynthesisComparison) -> [String: Any] {
    [
      "stage": synthesis.stage, "ours": synthesis.counted == true ? "counted" : "estimate",
      "rows": synthesis.rows.map { row in
        [
          "name": row.name, "estimate": row.estimate, "bar": Report.factor(row.errorFactor),
          "found": row.synthesis, "error": row.error.map { String(format: "%+.1f%%", 100 * $0) } ?? "–",
          "class": row.isWithinBars ? "pass" : "fail",
        ] as [String: Any]
      },
    ]
  }

  private var resourceRows: [[String: Any]] {
    let factors = report.errorFactors
    let bars = [factors?.dsp, factors?.lut, factors?.ff, factors?.bram, nil]
    return zip(Budget.resources, bars).map { resource, factor in
      let used = report.resources[keyPath: resource.path]
      let all = report.available[keyPath: resource.path]
      let share = all == 0 ? 0 : Double(used) / Double(all)
      return [
        "name": resource.name, "used": used, "bar": Report.factor(factor), "available": all,
        "share": all == 0 ? "–" : number(100 * share) + "%",
        // A sliver stays visible; what does not fit fills the bar.
        "width": used == 0 ? 0 : min(200, max(1.5, 200 * share)), "class": share > 1 ? "over" : "within",
      ]
    }
  }

  private var layerRows: [[String: Any]] {
    let critical = Set(
      [report.critical?.latency, report.critical?.interval, report.critical?.resources].compactMap { $0 })
    return report.layers.map { layer in
      [
        "name": layer.name.visible, "type": layer.className.visible,
        "shape": layer.shape.map { "\($0)" }.joined(separator: "×"), "format": layer.format.visible,
        "strategy": layer.strategy.visible, "reuse": layer.reuseFactor, "start": layer.start,
        "cycles": layer.latencyCycles, "interval": layer.interval, "dsp": layer.resources.dsp,
        "lut": layer.resources.lut, "ff": layer.resources.ff, "bram": layer.resources.bram,
        "uram": layer.resources.uram, "class": critical.contains(layer.name) ? "critical" : "",
      ] as [String: Any]
    }
  }

  private var graph: [String: Any] {
    let graph = ReportGraph(program)
    let (width, height) = (ReportGraph.boxWidth, ReportGraph.boxHeight)
    return [
      "width": graph.width, "height": graph.height,
      "boxes": graph.layers.enumerated().map { position, index in
        let (layer, corner) = (program.layers[index], graph.corner(position))
        let type = layer.result.map { program[$0].type }
        let shape = type.map { $0.shape.map { "\($0)" }.joined(separator: "×") } ?? ""
        return [
          "x": corner.x, "y": corner.y, "width": width, "height": height, "middle": corner.x + width / 2,
          "first": corner.y + 17, "second": corner.y + 32, "name": short(layer.name),
          "detail": short("\(layer.className) \(shape)"),
          "title": "\(layer.name) \(type.map { "\($0.format)" } ?? "")".visible,
        ] as [String: Any]
      },
      "arrows": graph.edges.map { edge in
        let (from, to) = (graph.corner(edge.from), graph.corner(edge.to))
        return [
          "x1": from.x + width / 2, "y1": from.y + height, "x2": to.x + width / 2, "y2": to.y,
        ]
      },
    ]
  }

  /// A name that fits its box.
  func short(_ name: String) -> String {
    let plain = name.visible
    return plain.count > 30 ? plain.prefix(29) + "…" : plain
  }

  /// At most four significant digits.
  func number(_ value: Double) -> String { String(format: "%.4g", value) }
}
