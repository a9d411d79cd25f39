import Diagnostics
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
    public var errorFactors: Report.ErrorFactors
    /// By layer: "resource 16".
    public var choices: [String: String]
    /// Bits per word, where they are chosen too.
    public var wordLength: Int?
    /// How the answers compare with the float model's, where that was measured.
    public var agreement: Report.Agreement?
  }

  /// The model's name.
  public var model: String
  /// The part number.
  public var part: String
  /// The designs, by rising latency.
  public var points: [Point]
  /// Of every word length that was tried, also those no design of the front has; by bits per word.
  public var agreements: [String: Report.Agreement]?

  /// Gathers the designs `explore` found.
  ///
  /// - Parameters:
  ///   - wordLength: bits per word, where they are chosen too.
  ///   - agreement: of all these designs, which compute the same.
  public init(
    _ designs: [Design], model: String, part: String, wordLength: Int? = nil,
    agreement: Report.Agreement? = nil
  ) {
    self.model = model
    self.part = part
    points = designs.map { design in
      let choices = Dictionary(
        design.layerChoices.map { ($0.layer, "\($0.strategy.rawValue) \($0.reuseFactor)") },
        uniquingKeysWith: { first, _ in first })
      return Point(
        latencyCycles: design.latency, latency: Double(design.latency) * design.target.clockPeriod,
        interval: design.interval, resources: Report.Amounts(design.resources),
        errorFactors: Report.ErrorFactors(design.uncertainty), choices: choices, wordLength: wordLength,
        agreement: agreement)
    }
  }

  /// A design that was counted.
  ///
  /// - Parameter choices: what it is built of, by name.
  public init(
    _ report: Report, choices: [String: String], wordLength: Int? = nil, agreement: Report.Agreement? = nil
  ) {
    (model, part) = (report.model, report.part)
    points = [
      Point(
        latencyCycles: report.latencyCycles, latency: report.latency, interval: report.interval,
        resources: report.resources,
        errorFactors: report.errorFactors ?? Report.ErrorFactors(Uncertainty()), choices: choices,
        wordLength: wordLength, agreement: agreement)
    ]
  }

  /// The front as JSON: keys sorted, two spaces, a final newline.
  public var json: String { jsonText(self) }

  /// The front of several fronts together: agreement is one more axis. Of equal designs the first stays.
  public init(merging fronts: [Exploration]) {
    model = fronts.first?.model ?? ""
    part = fronts.first?.part ?? ""
    let all = fronts.flatMap(\.points)
    points = all.indices.filter { index in
      !all.indices.contains { other in
        other != index && all[other].beats(all[index]) && (!all[index].beats(all[other]) || other < index)
      }
    }.map { all[$0] }.sorted {
      ($0.latencyCycles, $0.interval, $0.resources.lut) < ($1.latencyCycles, $1.interval, $1.resources.lut)
    }
  }

  private var hasWordLengths: Bool { points.contains { $0.wordLength != nil } }
  private var hasAgreement: Bool { points.contains { $0.agreement != nil } }

  private var head: [String] {
    (hasWordLengths ? ["bits"] : []) + (hasAgreement ? ["agreement %", "largest error"] : []) + [
      "cycles", "ns", "II", "DSP", "LUT", "FF", "BRAM18", "URAM",
    ]
  }

  private var cells: [[String]] {
    points.map { point in
      let amounts = point.resources
      let words = hasWordLengths ? [point.wordLength.map { "\($0)" } ?? ""] : []
      let agreement =
        hasAgreement
        ? [
          point.agreement?.argmax.map { String(format: "%.2f", 100 * $0) } ?? "",
          point.agreement.map { String(format: "%.3g", $0.maximumError) } ?? "",
        ] : []
      return words + agreement + [
        "\(point.latencyCycles)", String(format: "%g", point.latency), "\(point.interval)", "\(amounts.dsp)",
        "\(amounts.lut)", "\(amounts.ff)", "\(amounts.bram)", "\(amounts.uram)",
      ]
    }
  }

  /// One line per design, a head first.
  ///
  /// Layer names with separators, quotes or line breaks are quoted (RFC 4180). One that a spreadsheet would take for a
  /// formula, as it begins with `=`, `+`, `-`, `@`, a tab or a line break, gets a `'` before it; control characters besides
  /// these are escaped.
  public var csv: String {
    func quoted(_ name: String) -> String {
      let text = name.unicodeScalars.map { "\t\r\n".unicodeScalars.contains($0) ? "\($0)" : "\($0)".visible }
        .joined()
      let isFormula = text.unicodeScalars.first.map { "=+-@\t\r\n＝＋－＠".unicodeScalars.contains($0) } ?? false
      let cell = isFormula ? "'" + text : text
      let isPlain = !cell.unicodeScalars.contains { "\",;\t\r\n".unicodeScalars.contains($0) }
      return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
    let layers = Set(points.flatMap(\.choices.keys)).sorted()
    let rows = zip(cells, points).map { cells, point in
      cells + layers.map { quoted(point.choices[$0] ?? "") }
    }
    return ([head + layers.map(quoted)] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  /// The front for people.
  public var text: String {
    Report.aligned([head] + cells, numbersFrom: 0).joined(separator: "\n") + "\n"
  }
}

extension Exploration.Point {
  /// Whether this is as good in every respect.
  fileprivate func beats(_ other: Self) -> Bool {
    let (a, b) = (resources, other.resources)
    return latencyCycles <= other.latencyCycles && interval <= other.interval && a.dsp <= b.dsp
      && a.lut <= b.lut && a.ff <= b.ff && a.bram <= b.bram && a.uram <= b.uram
      && agreement?.argmax ?? 0 >= other.agreement?.argmax ?? 0
      && agreement?.maximumError ?? 0 <= other.agreement?.maximumError ?? 0
  }
}
