import Foundation
import Scheduling

/// A Pareto front of designs as data: JSON, CSV and a table for people.
public struct Exploration: Codable, Hashable, Sendable {
  /// One design.
  public struct Point: Codable, Hashable, Sendable {
    /// Cycles from the first input word to the last output word.
    public var latencyCycles: Int
    /// The same, in ns.
    public var latency: Double
    /// Cycles between two events.
    public var interval: Int
    /// The estimate.
    public var resources: Report.Amounts
    /// How far it may be off.
    public var uncertainty: Report.ErrorBars
    /// By layer: "resource 16".
    public var choices: [String: String]
  }

  /// The model's name.
  public var model: String
  /// The part number.
  public var part: String
  /// The designs, by rising latency.
  public var points: [Point]

  /// Gathers the designs `explore` found.
  public init(_ designs: [Design], model: String, part: String) {
    self.model = model
    self.part = part
    points = designs.map { design in
      var choices: [String: String] = [:]
      for (instruction, step) in zip(design.program.instructions, design.steps) {
        guard case .affine = instruction.operation, let layer = instruction.layer else { continue }
        choices[design.program.layers[layer].name] = "\(step.strategy.rawValue) \(step.reuseFactor)"
      }
      return Point(
        latencyCycles: design.latency, latency: Double(design.latency) * design.target.clockPeriod,
        interval: design.interval, resources: Report.Amounts(design.resources),
        uncertainty: Report.ErrorBars(design.uncertainty), choices: choices)
    }
  }

  /// The front as JSON: keys sorted, two spaces, a final newline.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Only strings and finite numbers are encoded, so that encoding cannot fail.
    let data = (try? encoder.encode(self)) ?? Data()
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  private static let head = ["cycles", "ns", "II", "DSP", "LUT", "FF", "BRAM18", "URAM"]

  private var cells: [[String]] {
    points.map { point in
      let amounts = point.resources
      return [
        "\(point.latencyCycles)", String(format: "%g", point.latency), "\(point.interval)", "\(amounts.dsp)",
        "\(amounts.lut)", "\(amounts.ff)", "\(amounts.bram)", "\(amounts.uram)",
      ]
    }
  }

  /// One line per design, a head first; layer names with commas, quotes or line breaks are quoted (RFC 4180).
  public var csv: String {
    func quoted(_ text: String) -> String {
      let isPlain = !text.contains { "\",\r\n".contains($0) || $0 == "\r\n" }
      return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
    let layers = Set(points.flatMap(\.choices.keys)).sorted()
    let rows = zip(cells, points).map { cells, point in
      cells + layers.map { quoted(point.choices[$0] ?? "") }
    }
    return ([Self.head + layers.map(quoted)] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  /// The front for people.
  public var text: String {
    Report.aligned([Self.head] + cells, numbersFrom: 0).joined(separator: "\n") + "\n"
  }
}
