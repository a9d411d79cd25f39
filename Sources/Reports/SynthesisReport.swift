import Foundation
import FoundationXML

/// What the vendor's tool reports of a design: a `csynth.xml` of C synthesis, or the report of an export
/// (`export_impl.xml`, `export_syn.xml`) after logic synthesis or placement.
public struct SynthesisReport: Hashable, Sendable {
  /// Cycles at best and at worst; nil where the report has none (exports, or "undef").
  public var bestLatency, worstLatency: Int?
  /// Cycles between two events.
  public var interval: Int?
  /// The clock period the tool expects or reached, in ns.
  public var clockPeriod: Double?
  /// The part number.
  public var part: String?
  /// Amounts by the names of `Budget.resources`; those the report lacks are missing.
  public var amounts: [String: Int] = [:]
  /// Whether it counts what was built, rather than what C synthesis expects.
  public var isImplementation = false

  /// Reads the XML; nil where it is none of these reports.
  ///
  /// Entities that point outside the file are not followed.
  public init?(xml: Data) {
    let reader = Reader()
    let parser = XMLParser(data: xml)
    parser.shouldResolveExternalEntities = false
    parser.delegate = reader
    guard parser.parse(), !reader.report.amounts.isEmpty else { return nil }
    self = reader.report
  }

  private init() {}

  private final class Reader: NSObject, XMLParserDelegate {
    var report = SynthesisReport()
    private var path: [String] = []
    private var text = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      path.append(name)
      text = ""
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      // No figure is longer; a hostile file must not fill the memory.
      if text.utf8.count < 200 { text += string }
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      defer {
        path.removeLast()
        text = ""
      }
      // Reports of modules repeat all of this further down.
      if path.contains("ModuleInformation") { return }
      let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
      let parent = path.dropLast().last
      switch (parent, name) {
      case ("SummaryOfOverallLatency", "Best-caseLatency"): report.bestLatency = Self.amount(value)
      case ("SummaryOfOverallLatency", "Worst-caseLatency"): report.worstLatency = Self.amount(value)
      case ("SummaryOfOverallLatency", "Interval-max"): report.interval = Self.amount(value)
      case ("SummaryOfTimingAnalysis", "EstimatedClockPeriod"): report.clockPeriod = Double(value)
      case ("TimingReport", "AchievedClockPeriod"), ("TimingReport", "CP_FINAL"):
        report.clockPeriod = Double(value)
        report.isImplementation = true
      case ("UserAssignments", "Part"), ("RunData", "PART"): report.part = value
      case ("Resources", _):
        if path.contains("AreaReport") { report.isImplementation = true }
        if let resource = Self.names[name] { report.amounts[resource] = Self.amount(value) }
      default: return
      }
    }

    /// A count, which exports give as a decimal; nil for what no design has.
    private static func amount(_ text: String) -> Int? {
      Double(text).flatMap { (0...1e12).contains($0) ? Int($0) : nil }
    }

    /// The tools' names for what they count.
    private static let names = [
      "LUT": "LUT", "FF": "FF", "DSP": "DSP", "DSP48E": "DSP", "BRAM_18K": "BRAM18", "BRAM": "BRAM18",
      "URAM": "URAM",
    ]
  }
}

/// A report's estimates beside what the vendor's tool reports.
public struct SynthesisComparison: Codable, Hashable, Sendable {
  /// One figure.
  public struct Row: Codable, Hashable, Sendable {
    /// "LUT", "latency cycles", ….
    public var name: String
    /// Ours.
    public var estimate: Int
    /// Our relative standard deviation; nil where there is none.
    public var uncertainty: Double?
    /// The tool's.
    public var synthesis: Int
    /// Ours beyond the tool's, relative to the tool's; nil where the tool has none.
    public var error: Double? {
      synthesis == 0 ? (estimate == 0 ? 0 : nil) : Double(estimate) / Double(synthesis) - 1
    }
    /// Whether the tool's figure is within twice the error bar.
    public var isWithinBars: Bool {
      abs(Double(synthesis - estimate)) <= max(0.5, 2 * (uncertainty ?? 0) * Double(estimate))
    }
  }

  /// "C synthesis" or "implementation".
  public var stage: String
  /// The figures both sides have.
  public var rows: [Row]

  /// Compares.
  public init(_ report: Report, _ synthesis: SynthesisReport) {
    stage = synthesis.isImplementation ? "implementation" : "C synthesis"
    var rows: [Row] = []
    func add(_ name: String, _ estimate: Int, _ found: Int?, _ sigma: Double?) {
      guard let found else { return }
      rows.append(Row(name: name, estimate: estimate, uncertainty: sigma, synthesis: found))
    }
    let bars = report.uncertainty
    add("latency cycles", report.latencyCycles, synthesis.worstLatency, bars?.latency)
    add("interval", report.interval, synthesis.interval, nil)
    let sigmas = ["DSP": bars?.dsp, "LUT": bars?.lut, "FF": bars?.ff, "BRAM18": bars?.bram]
    for (name, path) in Budget.resources {
      add(name, report.resources[keyPath: path], synthesis.amounts[name], sigmas[name] ?? nil)
    }
    self.rows = rows
  }

  /// The comparison for people.
  public var lines: [String] {
    let head = ["", "estimate", "error bar", stage, "estimate is", ""]
    let cells = rows.map { row in
      let bar = row.uncertainty.map { "±\(Int((Double(row.estimate) * $0).rounded()))" } ?? ""
      let error = row.error.map { String(format: "%+.1f%%", 100 * $0) } ?? "-"
      return [
        row.name, "\(row.estimate)", bar, "\(row.synthesis)", error,
        row.isWithinBars ? "within 2 sigma" : "outside 2 sigma",
      ]
    }
    return Report.aligned([head] + cells, numbersFrom: 1)
  }
}

extension Report {
  /// The report's JSON with the comparison as `synthesis`.
  public func json(with comparison: SynthesisComparison) -> String {
    struct Both: Encodable {
      var report: Report
      var synthesis: SynthesisComparison

      func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(synthesis, forKey: .synthesis)
      }
      enum Key: String, CodingKey { case synthesis }
    }
    return jsonText(Both(report: self, synthesis: comparison))
  }
}
