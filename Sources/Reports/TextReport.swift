import Diagnostics
import Foundation

extension Report {
  /// The report for people, plainly.
  public var text: String { text(.plain) }

  /// The report for people: a head, one line per layer, totals with shares of the part, verdicts.
  public func text(_ style: TextStyle) -> String {
    var lines = [
      "\(model.visible): \(numerics.visible) numerics, \(ioType.visible), \(part.visible), \(number(clockPeriod)) ns clock",
      "latency \(latencyCycles) cycles\(Self.factor(errorFactors?.latency, " (", ")")) = \(number(latency)) ns, "
        + "initiation interval \(interval) cycle\(interval == 1 ? "" : "s"); "
        + (counted == true ? "cycles and resources are counted in the circuit" : "resources are estimates"),
    ]
    if let timing { lines.append(timing.text) }
    lines.append("")
    let head = ["layer", "class", "shape", "result", "strategy", "reuse", "start", "cycles", "II"]
    var rows = [head + ["DSP", "LUT", "FF", "BRAM18", "URAM"]]
    for layer in layers {
      let shape = layer.shape.map { "\($0)" }.joined(separator: "×")
      let plan = [layer.reuseFactor, layer.start, layer.latencyCycles, layer.interval].map { "\($0)" }
      let words = [
        layer.name.visible, layer.className.visible, shape, layer.format.visible, layer.strategy.visible,
      ]
      rows.append(words + plan + list(layer.resources).map { "\($0)" })
    }
    let blank = Array(repeating: "", count: head.count - 1)
    let shares = zip(list(resources), list(available)).map { used, all in
      all == 0 ? "-" : number(100 * Double(used) / Double(all)) + "%"
    }
    rows.append(["total"] + blank + list(resources).map { "\($0)" })
    if let errorFactors {
      let factors = [errorFactors.dsp, errorFactors.lut, errorFactors.ff, errorFactors.bram]
      rows.append(
        ["2 in 3 within"] + blank
          + zip(list(resources), factors).map { $0 == 0 || $1 <= 1 ? "-" : Self.factor($1) }
          + ["-"])
    }
    rows.append(["available"] + blank + list(available).map { knowsPart ? "\($0)" : "-" })
    rows.append(["used"] + blank + shares)
    let table = Self.aligned(rows, numbersFrom: 5)
    let marked = Set([critical?.latency, critical?.interval, critical?.resources].compactMap { $0 })
    lines += table.enumerated().map { index, line in
      let isLayer = index > 0 && index <= layers.count
      if isLayer { return marked.contains(layers[index - 1].name) ? style.paint(line, .yellow) : line }
      return index == 0 || rows[index][0] == "total" ? style.paint(line, .bold) : line
    }
    if let line = criticalLine { lines += ["", line] }
    if let budget {
      lines += [""] + Budget.Verdict.lines(budget, style: style)
    }
    if let agreement {
      lines.append("")
      let argmax = agreement.argmax.map { "same argmax on \(number(100 * $0))%, " } ?? ""
      lines.append(
        "agreement with the float model on \(agreement.events) events: \(argmax)"
          + "largest error \(number(agreement.maximumError))")
    }
    if !notes.isEmpty { lines += [""] + notes.flatMap(\.visibleLines) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Where the figures come from, in a sentence.
  var basis: String {
    counted == true
      ? "Cycles and resources are counted in the circuit" + (timing.map { "; \($0.text)." } ?? ".")
      : "Resources and cycles are estimates of C synthesis."
  }

  /// Where to look first: "critical: fc2 (3 of 15 cycles), fc2 (2.31% of the part)".
  private var criticalLine: String? {
    guard let critical else { return nil }
    func layer(_ name: String?) -> Layer? { name.flatMap { name in layers.first { $0.name == name } } }
    let parts = [
      layer(critical.latency).map { "\($0.name.visible) (\($0.latencyCycles) of \(latencyCycles) cycles)" },
      layer(critical.interval).map { "\($0.name.visible) (interval \($0.interval))" },
      layer(critical.resources).map {
        "\($0.name.visible) (\(number(100 * $0.resources.largestShare(of: available)))% of the part)"
      },
    ].compactMap { $0 }
    return parts.isEmpty ? nil : "critical: " + parts.joined(separator: ", ")
  }

  private func list(_ amounts: Amounts) -> [Int] {
    [amounts.dsp, amounts.lut, amounts.ff, amounts.bram, amounts.uram]
  }

  /// "×/÷1.25", or nothing where there is no error.
  static func factor(_ factor: Double?, _ before: String = "", _ after: String = "") -> String {
    guard let factor, factor > 1 else { return "" }
    return before + "×/÷" + String(format: "%.2f", factor) + after
  }

  private func number(_ value: Double) -> String { Self.number(value) }

  /// At most four significant digits, no trailing zeros.
  static func number(_ value: Double) -> String { String(format: "%.4g", value) }

  /// Columns padded to one width: text to the left, from column `numbersFrom` on to the right.
  public static func aligned(_ rows: [[String]], numbersFrom: Int) -> [String] {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column < numbersFrom ? cell + space : space + cell
      }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
  }
}

extension Report.Timing {
  /// What of it is counted, and what the delay model says.
  var text: String {
    "counted: \(carry) carry chain\(carry == 1 ? "" : "s") of 8 bits; estimated, by the delays of \(delays.visible): "
      + "\(levels) level\(levels == 1 ? "" : "s") of logic, slowest path \(Report.number(slowestPath)) ns, "
      + "Fmax \(Report.number(fmax)) MHz"
  }
}
