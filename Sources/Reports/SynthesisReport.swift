import FixedPoint
import Foundation
import FoundationXML
import Scheduling

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
  /// The clock period asked for and what of it is kept back, in ns.
  public var targetPeriod, targetUncertainty: Double?
  /// The arguments of the top function, as they were written in C++.
  public var arguments: [Argument] = []
  /// Amounts by the names of `Budget.resources`; those the report lacks are missing.
  public var amounts: [String: Int] = [:]
  /// Blocks of eight bits of carry chain; nil where the report has none.
  var carry: Int?
  /// What gave the figures, where that is neither C synthesis nor an implementation.
  var stage: String?
  /// How much earlier than asked the slowest signal arrives, in ns; negative: later.
  var slack: Double?
  /// Whether it counts what was built, rather than what C synthesis expects.
  public var isImplementation = false

  /// An argument of the top function.
  public struct Argument: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Whether it is an input.
    public var isInput: Bool
    /// Its words' format; nil where they are no ap_fixed numbers.
    public var format: FixedFormat?
  }

  /// What the design was built for; nil where the report does not say.
  public var target: Target? {
    guard let part, let targetPeriod, targetPeriod > 0 else { return nil }
    let share = (targetUncertainty ?? 0) / targetPeriod
    return Target(part: part, clockPeriod: targetPeriod, clockUncertainty: min(max(0, share), 0.99))
  }

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

  init() {}

  private final class Reader: NSObject, XMLParserDelegate {
    var report = SynthesisReport()
    private var path: [String] = []
    private var text = ""
    // The name of the table being read, and of the column in it.
    private var item = ""
    private var column = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      path.append(name)
      text = ""
      if name == "item" { item = attributes["name"] ?? "" }
      if name == "column" { column = attributes["name"] ?? "" }
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
      case ("UserAssignments", "TargetClockPeriod"): report.targetPeriod = Double(value)
      case ("UserAssignments", "ClockUncertainty"): report.targetUncertainty = Double(value)
      case (_, "column") where item == "Top Function Arguments": add(argument: value)
      case ("UserAssignments", "Part"), ("RunData", "PART"): report.part = value
      case ("Resources", _):
        if path.contains("AreaReport") { report.isImplementation = true }
        if let resource = Self.names[name] { report.amounts[resource] = Self.amount(value) }
      default: return
      }
    }

    /// Reads an argument's row: "in, ap_fixed<8 2 AP_TRN AP_WRAP 0>*".
    private func add(argument text: String) {
      let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }.map(String.init)
      // A thousand arguments are more than any network has.
      guard report.arguments.count < 1000, words.count >= 2 else { return }
      var format: FixedFormat?
      if words.count >= 4, ["ap_fixed", "ap_ufixed"].contains(words[1]) {
        let modes = words[4...].filter { $0.hasPrefix("AP_") }.map { String($0.dropFirst(3)) }
        let spelling =
          "\(words[1].dropFirst(3))<" + ([words[2], words[3]] + modes).joined(separator: ",") + ">"
        format = try? FixedFormat(parsing: spelling)
      }
      report.arguments.append(Argument(name: column, isInput: words[0] == "in", format: format))
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
    /// The factor two designs in three are within; nil where there is none.
    public var errorFactor: Double?
    /// The tool's.
    public var synthesis: Int
    /// Ours beyond the tool's, relative to the tool's; nil where the tool has none.
    public var error: Double? {
      synthesis == 0 ? (estimate == 0 ? 0 : nil) : Double(estimate) / Double(synthesis) - 1
    }
    /// Whether the tool's figure is within two error bars: the factor's square, up or down.
    public var isWithinBars: Bool {
      Uncertainty.covers(estimate, synthesis, factor: (errorFactor ?? 1) * (errorFactor ?? 1))
    }
  }

  /// "C synthesis", "synthesis", "implementation", "Yosys".
  public var stage: String
  /// The figures both sides have.
  public var rows: [Row]
  /// Whether our figures were counted in the hardware; nil: estimated.
  var counted: Bool?
  /// The period the tool reached, in ns, where it says.
  var reachedPeriod: Double?
  /// What the delay model says of it.
  var expectedPeriod: Double?
  /// Where the tool's report is of another part or clock period than the design; nil where they agree.
  public var mismatch: String?

  /// Compares.
  public init(_ report: Report, _ synthesis: SynthesisReport) {
    stage = synthesis.stage ?? (synthesis.isImplementation ? "implementation" : "C synthesis")
    counted = report.counted
    if synthesis.slack != nil { reachedPeriod = synthesis.clockPeriod }
    var rows: [Row] = []
    func add(_ name: String, _ estimate: Int, _ found: Int?, _ factor: Double?) {
      guard let found else { return }
      rows.append(Row(name: name, estimate: estimate, errorFactor: factor, synthesis: found))
    }
    let bars = report.errorFactors
    add("latency cycles", report.latencyCycles, synthesis.worstLatency, bars?.latency)
    add("interval", report.interval, synthesis.interval, nil)
    let factors = ["DSP": bars?.dsp, "LUT": bars?.lut, "FF": bars?.ff, "BRAM18": bars?.bram]
    for (name, path) in Budget.resources {
      add(name, report.resources[keyPath: path], synthesis.amounts[name], factors[name] ?? nil)
    }
    if let timing = report.timing {
      // A counter's figure, which the tool's may be within a block of each chain's.
      add("carry chains", timing.carry, synthesis.carry, 1.05)
      expectedPeriod = timing.slowestPath
    }
    self.rows = rows
    let part = synthesis.part ?? report.part
    let period = synthesis.targetPeriod ?? report.clockPeriod
    // Dashes are written or left out.
    let isSame = Self.plain(part) == Self.plain(report.part) && abs(period - report.clockPeriod) < 0.005
    if !isSame {
      mismatch =
        "the tool's report is of \(part.visible) at \(period) ns, the estimates are for \(report.part.visible) at "
        + "\(report.clockPeriod) ns"
    }
  }

  private static func plain(_ part: String) -> String { part.lowercased().filter { $0 != "-" } }

  /// The comparison for people.
  public var lines: [String] {
    let head = [
      "", counted == true ? "counted" : "estimate", "error bar", stage,
      counted == true ? "counted is" : "estimate is", "",
    ]
    let cells = rows.map { row in
      let bar = Report.factor(row.errorFactor)
      let error = row.error.map { String(format: "%+.1f%%", 100 * $0) } ?? "-"
      return [
        row.name, "\(row.estimate)", bar, "\(row.synthesis)", error,
        row.isWithinBars ? "within 2 sigma" : "outside 2 sigma",
      ]
    }
    let expected = expectedPeriod.map { String(format: "; estimated: %.3f ns", $0) } ?? ""
    let reached = reachedPeriod.map { String(format: "the slowest path takes %.3f ns", $0) + expected }
    return Report.aligned([head] + cells, numbersFrom: 1) + [reached, mismatch].compactMap { $0 }
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
