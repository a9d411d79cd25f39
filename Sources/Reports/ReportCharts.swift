import Diagnostics
import FixedPoint
import Foundation

/// The charts of a report's page, as coordinates for its template.
extension ReportPage {
  private static let (chartLeft, chartWidth, rowHeight) = (190.0, 560.0, 22.0)

  /// A bar per layer, from the cycle it starts at to the cycle its result is there.
  var timeline: [String: Any] {
    let cycles = max(1, report.latencyCycles)
    let scale = Self.chartWidth / Double(cycles)
    let height = Self.rowHeight * Double(report.layers.count)
    // 1, 2, 5, 10, 20, …
    var step = 1
    while cycles / step > 16 { step = "\(step)".hasPrefix("2") ? step / 2 * 5 : step * 2 }
    return [
      "width": Self.chartLeft + Self.chartWidth + 60, "height": height + 40, "bottom": height + 4,
      "labelY": height + 18, "axisY": height + 34, "axisX": Self.chartLeft,
      "ticks": stride(from: 0, through: cycles, by: step).map {
        ["x": rounded(Self.chartLeft + Double($0) * scale), "text": "\($0)"] as [String: Any]
      },
      "rows": report.layers.enumerated().map { index, layer in
        let top = Self.rowHeight * Double(index) + 4
        let width = Double(layer.latencyCycles) * scale
        return [
          "name": short(layer.name), "textY": top + 13, "y": top + 2,
          "x": rounded(Self.chartLeft + Double(layer.start) * scale),
          // Logic within a cycle takes no cycle of its own, and is a line.
          "width": rounded(max(2, width)), "height": Self.rowHeight - 6,
          "title":
            "\(layer.name): from cycle \(layer.start), \(layer.latencyCycles) cycles, interval \(layer.interval)"
            .visible,
        ] as [String: Any]
      },
    ]
  }

  /// For every resource that is used, a bar per layer: its share of the whole.
  var bars: [[String: Any]] {
    Budget.resources.compactMap { name, path in
      let total = report.resources[keyPath: path]
      let rows = report.layers.filter { $0.resources[keyPath: path] > 0 }
      guard total > 0, let most = rows.map({ $0.resources[keyPath: path] }).max() else { return nil }
      return [
        "name": name, "total": total, "width": 520.0, "height": 18 * Double(rows.count) + 6,
        "rows": rows.enumerated().map { index, layer in
          let amount = layer.resources[keyPath: path]
          let width = rounded(220 * Double(amount) / Double(most))
          return [
            "name": short(layer.name), "amount": amount, "y": 18 * Double(index) + 3,
            "textY": 18 * Double(index) + 14, "width": width, "labelX": 196 + width,
            "share": number(100 * Double(amount) / Double(total)),
          ] as [String: Any]
        },
      ] as [String: Any]
    }
  }

  /// Per tensor: the bits its format has, and the bits its values reach, on one scale of powers of two.
  var ranges: [String: Any] {
    let tensors = TensorRanges.all(program, observed: observed)
    // Magnitudes from the last fraction bit to the first integer bit.
    func format(_ tensor: TensorRanges) -> (low: Double, high: Double) {
      let low = -Double(tensor.format.fractionBits)
      let bits = tensor.format.width - (tensor.format.isSigned ? 1 : 0)
      return (low, low + Double(max(1, bits)))
    }
    let lows = tensors.map { format($0).low }
    let highs = tensors.map { format($0).high }
    let (low, high) = ((lows.min() ?? 0) - 1, (highs.max() ?? 1) + 1)
    let scale = 480 / max(1, high - low)
    func x(_ exponent: Double) -> Double { rounded(260 + (min(max(exponent, low), high) - low) * scale) }
    let step = high - low > 40 ? 8 : high - low > 20 ? 4 : 2
    let ticks = Array(stride(from: Int(low.rounded(.up)), through: Int(high), by: 1)).filter {
      $0 % step == 0
    }
    let height = 20 * Double(tensors.count)
    return [
      "width": 760.0, "height": height + 34, "bottom": height + 2, "labelY": height + 16,
      "axisY": height + 31,
      "ticks": ticks.map { ["x": x(Double($0)), "text": "2^\($0)"] as [String: Any] },
      "rows": tensors.enumerated().map { index, tensor in
        let span = format(tensor)
        let top = 20 * Double(index) + 2
        var row: [String: Any] = [
          "name": short("\(tensor.layer) \(tensor.name)"), "textY": top + 12, "y": top, "x": x(span.low),
          "width": rounded(x(span.high) - x(span.low)), "title": title(tensor),
        ]
        row["possible"] = bar(tensor.possible, x, y: top + 3, tensor)
        row["observed"] = tensor.observed.map { bar($0, x, y: top + 6, tensor) }
        return row
      },
    ]
  }

  private func bar(
    _ span: TensorSpan, _ x: (Double) -> Double, y: Double, _ tensor: TensorRanges
  ) -> [String: Any] {
    // Of what is not known, the smallest magnitude is a step of the format.
    let lowest = span.smallest.map { log2($0) } ?? -Double(tensor.format.fractionBits)
    let highest = span.largest > 0 ? log2(span.largest) : lowest
    let (left, right) = (x(min(lowest, highest)), x(highest))
    return ["x": left, "y": y, "width": max(2, rounded(right - left))]
  }

  private func title(_ tensor: TensorRanges) -> String {
    let words = tensor.isConstant ? "from" : "can be"
    let seen = tensor.observed.map { ", on the events \(number($0.low))…\(number($0.high))" } ?? ""
    return
      "\(tensor.layer) \(tensor.name): \(tensor.format), \(words) \(number(tensor.possible.low))…\(number(tensor.possible.high))\(seen)"
      .visible
  }

  private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
