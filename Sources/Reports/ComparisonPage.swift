import Diagnostics
import FixedPoint

/// The part of a report's page that shows how its numbers compare with the float model's.
extension ReportPage {
  func accuracy(_ comparison: ModelComparison) -> [String: Any] {
    let atFault = Set(comparison.faults.map(\.layer))
    return [
      "numerics": comparison.numerics, "events": comparison.events,
      "kind": comparison.isSynthetic ? "events made up from the inputs' formats" : "events",
      "policies":
        ([(comparison.numerics, comparison.output)] + (comparison.exact.map { [("exact", $0)] } ?? []))
        .map { name, distance in
          [
            "name": name, "argmax": distance.argmax.map(percent) ?? "–",
            "width": 200 * (distance.argmax ?? 0),
            "relative": percent(distance.relativeError), "largest": number(distance.largestError),
          ] as [String: Any]
        },
      "rows": comparison.layers.map { layer in
        [
          "name": layer.name.visible, "format": layer.format, "largest": number(layer.largestError),
          "mean": number(layer.meanError), "relative": percent(layer.relativeError),
          "own": percent(layer.ownError), "exact": layer.exactError.map(percent) ?? "–",
          "saturated": layer.saturated, "wrapped": layer.wrapped, "underflowed": layer.underflowed,
          "misfits": layer.weights.map(\.misfits).reduce(0, +), "tables": layer.tables.count,
          "argmax": layer.output.argmax.map(percent) ?? "–", "outputs": percent(layer.output.relativeError),
          "class": atFault.contains(layer.name) ? "critical" : "",
        ] as [String: Any]
      },
      "inputs": comparison.inputs.filter { $0.saturated + $0.wrapped > 0 }.map {
        [
          "name": $0.name.visible, "format": $0.format, "words": $0.words,
          "outside": $0.saturated + $0.wrapped,
        ]
          as [String: Any]
      },
      "faults": comparison.faults.map { fault in
        [
          "layer": fault.layer.visible, "reasons": fault.reasons.map { ["text": $0.visible] },
          "mended": fault.mended.map { ["setting": fault.configuration, "text": $0.text] } ?? [:],
          "hasMended": fault.mended != nil,
        ] as [String: Any]
      },
      "hasFaults": !comparison.faults.isEmpty,
      "roundings": comparison.output.relativeError > 0.01 ? comparison.roundings : "No layer is at fault.",
    ]
  }
}
