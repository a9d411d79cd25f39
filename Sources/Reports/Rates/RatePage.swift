import Diagnostics
import Foundation

/// The part of a report's page that shows rates and efficiencies: two plots and the thresholds that were wanted.
struct RatePanel {
  private static let size = (width: 420.0, height: 260.0, left: 70.0, top: 16.0)
  private static let colours = ["#1f4f86", "#c2622b", "#2b8a57", "#7b3fa0", "#8a6d1b", "#444c58"]
  let comparison: RateComparison

  /// The values that the template takes.
  var context: [String: Any] {
    let curves = comparison.curves
    let hasRate = curves.contains { $0.curve.points.contains { $0.rate != nil } }
    let hasSignal = curves.contains { $0.curve.points.contains { $0.efficiency != nil } }
    let level: (RatePoint) -> Double? = { hasRate ? $0.rate?.value : $0.backgroundEfficiency?.value }
    let name = hasRate ? "rate, Hz" : "background efficiency"
    var plots = [plot(name, "threshold", curves.map { $0.curve }, across: { $0.value }, level)]
    if hasSignal {
      plots.append(plot(name, "efficiency", curves.map { $0.curve }, across: { $0.efficiency?.value }, level))
    }
    return [
      "events": comparison.results.first?.provenance.events ?? 0,
      "trigger": comparison.results.first.map {
        "\($0.score.output)[\($0.score.element)], \($0.score.format)".visible
      } ?? "",
      "interval": comparison.results.first?.intervalName ?? "", "plots": plots,
      "legend": curves.enumerated().map { index, curve in
        ["name": curve.name.visible, "colour": Self.colours[index % Self.colours.count]]
      },
      "points": curves.flatMap { curve in
        (curve.result.workingPoints ?? []).filter { $0.curve == curve.kind }.map { point in
          let cells = point.cells
          return [
            "wish": point.wish, "name": curve.name.visible, "threshold": cells[0], "value": cells[1],
            "rate": cells[2], "rateInterval": cells[3], "efficiency": cells[4],
            "efficiencyInterval": cells[5],
            "background": cells[6], "backgroundInterval": cells[7],
          ] as [String: Any]
        }
      },
    ]
  }

  /// One plot: logarithmic upward, linear across.
  private func plot(
    _ upName: String, _ acrossName: String, _ curves: [RateCurve], across: (RatePoint) -> Double?,
    _ up: (RatePoint) -> Double?
  ) -> [String: Any] {
    let (width, height, left, top) = Self.size
    let points = curves.map { curve in
      curve.thinned(400).compactMap { point -> (x: Double, y: Double)? in
        guard let x = across(point), let y = up(point), y > 0 else { return nil }
        return (x, y)
      }
    }
    let xs = points.joined().map(\.x)
    let (low, high) = (xs.min() ?? 0, xs.max() ?? 1)
    let span = high > low ? high - low : 1
    let axis = Axis(points.joined().map(\.y), start: top + height, end: top)
    func place(_ x: Double) -> Double { ((left + (x - low) / span * width) * 10).rounded() / 10 }
    return [
      "name": "\(upName) against \(acrossName)", "width": left + width + 20, "height": top + height + 40,
      "left": left, "top": top, "right": left + width, "bottom": top + height, "frameWidth": width,
      "frameHeight": height, "acrossName": acrossName, "middle": left + width / 2, "nameY": top + height + 34,
      "lines": points.enumerated().map { index, points in
        [
          "colour": Self.colours[index % Self.colours.count],
          "points": points.map { "\(place($0.x)),\(axis.position($0.y))" }.joined(separator: " "),
        ]
      },
      "rows": axis.ticks.map {
        [
          "y": axis.position($0), "left": left, "right": left + width, "x": left - 6,
          "text": $0 >= 1 ? Axis.label($0) : String(format: "%g", $0),
        ] as [String: Any]
      },
      "columns": (0...4).map { tick in
        let value = low + span * Double(tick) / 4
        return [
          "x": place(value), "y": top + height + 16, "top": top, "bottom": top + height,
          "text": String(format: "%.3g", value),
        ] as [String: Any]
      },
    ]
  }
}
