import Diagnostics
import Foundation

extension Exploration {
  private static let panel = (width: 300.0, height: 260.0, left: 64.0, top: 46.0, gap: 76.0)

  /// The front as a picture: resources over latency, one panel each; colours tell the interval.
  ///
  /// - Throws: `Failure(.bug)` for a damaged template.
  public func svg() throws(Failure) -> String {
    let shown: [(name: String, path: KeyPath<Report.Amounts, Int>)] = [
      ("DSP", \.dsp), ("LUT", \.lut), ("FF", \.ff), ("BRAM18", \.bram),
    ]
    let used = shown.filter { _, path in points.contains { $0.resources[keyPath: path] > 0 } }
    let panels = used.isEmpty ? Array(shown.prefix(1)) : used
    let (size, step) = (Self.panel, Self.panel.width + Self.panel.gap)
    let intervals = Set(points.map(\.interval)).sorted()
    let legend = intervals.enumerated().map { index, interval in
      [
        "x": size.left + 60 * Double(index), "colour": Self.colour(index, of: intervals.count),
        "text": "II \(interval)",
      ] as [String: Any]
    }
    let width = max(step * Double(panels.count) + 20, size.left + 60 * Double(intervals.count) + 20)
    let words = points.compactMap(\.wordLength)
    let subtitle =
      words.isEmpty
      ? "\(points.count) designs"
      : "\(points.count) designs of \(words.min() ?? 0) to \(words.max() ?? 0) bits"
    return try Pages.render(
      "front.svg",
      [
        "width": width, "height": size.top + size.height + 90, "legendY": size.top + size.height + 64,
        "title": "\(model) on \(part): \(subtitle)".visible, "legend": legend,
        "panels": panels.enumerated().map { index, resource in
          panel(resource.name, resource.path, left: size.left + step * Double(index), intervals)
        },
      ])
  }

  private func panel(
    _ name: String, _ path: KeyPath<Report.Amounts, Int>, left: Double, _ intervals: [Int]
  ) -> [String: Any] {
    let size = Self.panel
    let bottom = size.top + size.height
    let across = Axis(points.map(\.latency), start: left, end: left + size.width)
    let upward = Axis(points.map { Double($0.resources[keyPath: path]) }, start: bottom, end: size.top)
    let dots = points.map { point in
      let place = intervals.firstIndex(of: point.interval) ?? 0
      return [
        "x": across.position(point.latency), "y": upward.position(Double(point.resources[keyPath: path])),
        "colour": Self.colour(place, of: intervals.count), "text": point.summary.visible,
      ] as [String: Any]
    }
    return [
      "name": name, "left": left, "right": left + size.width, "top": size.top, "bottom": bottom,
      "width": size.width, "height": size.height, "middle": left + size.width / 2, "nameY": size.top - 10,
      "labelY": bottom + 16, "axisY": bottom + 36, "labelX": left - 6, "dots": dots,
      "columns": across.ticks.map { ["x": across.position($0), "text": Axis.label($0)] as [String: Any] },
      "rows": upward.ticks.map { ["y": upward.position($0), "text": Axis.label($0)] as [String: Any] },
    ]
  }

  /// From blue (a new event often) to orange.
  private static func colour(_ index: Int, of count: Int) -> String {
    let share = count > 1 ? Double(index) / Double(count - 1) : 0
    return String(format: "hsl(%.0f,70%%,45%%)", 220 - 195 * share)
  }
}

extension Exploration.Point {
  /// The design in a line, for people.
  var summary: String {
    let words = wordLength.map { "\($0) bits, " } ?? ""
    let match = agreement?.argmax.map { String(format: "%.2f%% agreement, ", 100 * $0) } ?? ""
    return words + match + "\(latencyCycles) cycles, II \(interval), \(resources.dsp) DSP, "
      + "\(resources.lut) LUT, \(resources.ff) FF, \(resources.bram) BRAM18: "
      + choices.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}
