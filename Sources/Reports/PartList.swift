import Diagnostics
import Scheduling

extension PartCatalogue {
  /// The parts as a table for people.
  public var text: String {
    let rows = [Self.head + ["name"]] + parts.map { row($0) + [$0.name.visible] }
    // The name second.
    let named = rows.map { [$0[0], $0[$0.count - 1]] + $0[1..<$0.count - 1] }
    return Report.aligned(named, numbersFrom: 3).joined(separator: "\n") + "\n"
  }

  /// The parts as tables of Markdown, family by family: what docs/parts.md has.
  public var markdown: String {
    var lines: [String] = []
    var family: String?
    for part in parts {
      let name = part.name.split(separator: " ").dropLast().joined(separator: " ")
      if name != family {
        lines += ["", "**\(name.isEmpty ? part.name : name)** (\(part.source))", ""]
        lines += [Self.line(Self.head), "|---|---|" + String(repeating: "---:|", count: Self.head.count - 2)]
        family = name
      }
      lines.append(Self.line(row(part)))
    }
    return lines.dropFirst().joined(separator: "\n") + "\n"
  }

  /// The parts as JSON.
  public var json: String {
    struct Entry: Encodable {
      var device, name, source: String
      var number: String?
      var dsp, lut, ff, bram36, uram, dies: Int
      var slowness: Double
    }
    return jsonText(
      parts.map {
        Entry(
          device: $0.device, name: $0.name, source: $0.source, number: $0.fullNumber, dsp: $0.available.dsp,
          lut: $0.available.lut, ff: $0.available.ff, bram36: $0.available.bram / 2, uram: $0.available.uram,
          dies: $0.dies, slowness: $0.slowness)
      })
  }

  private static let head = [
    "device", "stands for", "DSP", "LUT", "FF", "BRAM36", "URAM", "dies", "slowness",
  ]

  private func row(_ part: Part) -> [String] {
    let has = part.available
    let amounts = [has.dsp, has.lut, has.ff, has.bram / 2, has.uram, part.dies].map { "\($0)" }
    return [part.device.visible, (part.fullNumber ?? "").visible] + amounts + [part.slowness.formatted]
  }

  private static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
