import FixedPoint
import Foundation
import Program
import Reports
import Scheduling
import Testing

@Suite struct ReportSchemaTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private let schema: JSONSchema

  init() throws {
    let file = Self.folder.appending(path: "../../docs/report.schema.json")
    schema = JSONSchema(root: try JSON(String(contentsOf: file, encoding: .utf8)))
  }

  @Test func reportsAreWhatTheSchemaSays() throws {
    let design = try twoLayers("fc <1>")
    let full = Report(
      design, numerics: "exact", notes: ["a note"],
      agreement: .init(events: 10, argmax: 0.5, maximumError: 0.25),
      budget: Budget(latency: .nanoseconds(100), interval: 1, limits: [\.lut: .percent(10)]))
    #expect(full.budget?.count == 3)
    #expect(schema.problems(try JSON(full.json)) == [])
    #expect(schema.problems(try JSON(Report(design, numerics: "hls4ml").json)) == [])
    let synthesis = try #require(SynthesisReport(xml: Data(csynth.utf8)))
    let both = full.json(with: SynthesisComparison(full, synthesis))
    #expect(schema.problems(try JSON(both)) == [])
    #expect(try JSON(both)["synthesis"] != nil)
    // Older readers still understand it.
    #expect(Report(json: both) == full)
    let committed = Self.folder.appending(path: "../../hls-output/jet_tagger/report.json")
    #expect(schema.problems(try JSON(String(contentsOf: committed, encoding: .utf8))) == [])
  }

  @Test(
    arguments: [
      ("\"version\" : 1", "\"version\" : 2"), ("\"model\" : \"net\",", ""),
      ("\"latencyCycles\"", "\"cycles\""), ("\"ioType\" : \"io_parallel\"", "\"ioType\" : \"io\""),
      ("\"interval\" : 1", "\"interval\" : 0"), ("\"notes\" : [", "\"notes\" : [ 1 ], \"more\" : ["),
    ])
  func otherThingsAreNot(from: String, to: String) throws {
    let json = Report(try twoLayers("fc"), numerics: "exact").json
    let changed = json.replacingOccurrences(of: from, with: to)
    #expect(changed != json)
    #expect(schema.problems(try JSON(changed)) != [])
  }
}

/// Two dense layers of 8 × 8, the first of which has this name.
func twoLayers(_ name: String) throws -> Design {
  var builder = ProgramBuilder(name: "net")
  builder.beginLayer("x", className: "Input")
  var value = builder.input("x", ValueType([8], FixedFormat(16, 6)))
  builder.endLayer(value)
  for layer in [name, "last"] {
    builder.beginLayer(layer, className: "Dense")
    let weights = builder.constant(
      "w", ValueType([8, 8], FixedFormat(8, 1)), (0..<64).map { Raw(37 * $0 % 251 - 125) })
    let bias = builder.constant("b", ValueType([8], FixedFormat(8, 1)), Array(repeating: 0, count: 8))
    let affine = Affine(product: nil, accumulator: FixedFormat(16, 6))
    value = try builder.add("sums", .affine(affine), value, weights, bias)
    builder.endLayer(value)
  }
  builder.output(value)
  let target = Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125)
  return try schedule(builder.program, ScheduleRequest(target: target))
}

/// A C-synthesis report as Vitis HLS writes it, modules and all.
let csynth = """
  <?xml version="1.0" encoding="UTF-8"?>
  <profile>
    <UserAssignments><unit>ns</unit><Part>xcvu13p-flga2577-2-e</Part>
      <TargetClockPeriod>5.00</TargetClockPeriod></UserAssignments>
    <PerformanceEstimates>
      <SummaryOfTimingAnalysis><EstimatedClockPeriod>4.123</EstimatedClockPeriod></SummaryOfTimingAnalysis>
      <SummaryOfOverallLatency><Best-caseLatency>3</Best-caseLatency><Worst-caseLatency>4</Worst-caseLatency>
        <Interval-min>1</Interval-min><Interval-max>1</Interval-max></SummaryOfOverallLatency>
    </PerformanceEstimates>
    <AreaEstimates>
      <Resources><BRAM_18K>0</BRAM_18K><DSP>70</DSP><FF>900</FF><LUT>3000</LUT><URAM>0</URAM></Resources>
      <AvailableResources><DSP>12288</DSP><LUT>1728000</LUT></AvailableResources>
    </AreaEstimates>
    <ModuleInformation><Module><Name>dense</Name><AreaEstimates>
      <Resources><LUT>7</LUT><DSP>7</DSP></Resources></AreaEstimates></Module></ModuleInformation>
  </profile>
  """

@Suite struct SynthesisReportTests {
  @Test func readsCSynthesis() throws {
    let report = try #require(SynthesisReport(xml: Data(csynth.utf8)))
    #expect(report.amounts == ["LUT": 3000, "FF": 900, "DSP": 70, "BRAM18": 0, "URAM": 0])
    #expect(report.bestLatency == 3 && report.worstLatency == 4 && report.interval == 1)
    #expect(report.clockPeriod == 4.123 && report.part == "xcvu13p-flga2577-2-e")
    #expect(!report.isImplementation)
    #expect(report.target == Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0))
  }

  /// What a report says it was asked for: the clock and the formats of the top function's arguments.
  @Test func readsWhatWasAsked() throws {
    let asked = """
      <profile><UserAssignments><Part>xc7z007s-clg225-2</Part><TargetClockPeriod>4.00</TargetClockPeriod>
      <ClockUncertainty>0.50</ClockUncertainty></UserAssignments>
      <AreaEstimates><Resources><LUT>5</LUT></Resources></AreaEstimates>
      <section name="SW I/O Information"><item name="Top Function Arguments"><table><keys size="3">Argument</keys>
      <column name="x">in, ap_fixed&lt;8 2 AP_TRN AP_WRAP 0&gt;*</column>
      <column name="y">out, ap_ufixed&lt;16 4 AP_RND_CONV AP_SAT 0&gt;*</column>
      <column name="n">in, int*</column></table></item>
      <item name="SW-to-HW Mapping"><table><column name="x">x, port</column></table></item></section></profile>
      """
    let report = try #require(SynthesisReport(xml: Data(asked.utf8)))
    #expect(
      report.target == Target(part: "xc7z007s-clg225-2", clockPeriod: 4, clockUncertainty: 0.125))
    #expect(report.arguments.map(\.name) == ["x", "y", "n"])
    #expect(report.arguments.map(\.isInput) == [true, false, true])
    #expect(
      report.arguments.map(\.format) == [
        FixedFormat(8, 2), FixedFormat(16, 4, signed: false).with(.rndConv, .sat), nil,
      ])
  }

  @Test func readsExports() throws {
    let export = """
      <profile><RunData><PART>xcvu13p-flga2577-2-e</PART></RunData>
      <TimingReport><TargetClockPeriod>5.000</TargetClockPeriod><AchievedClockPeriod>3.9</AchievedClockPeriod>
      </TimingReport><AreaReport><Resources><SLICE>0</SLICE><LUT>1200</LUT><FF>700</FF><DSP>70</DSP><BRAM>2</BRAM>
      <URAM>0</URAM><SRL>4</SRL></Resources></AreaReport></profile>
      """
    let report = try #require(SynthesisReport(xml: Data(export.utf8)))
    #expect(report.isImplementation && report.clockPeriod == 3.9 && report.interval == nil)
    #expect(report.amounts["LUT"] == 1200 && report.amounts["BRAM18"] == 2)
  }

  @Test func comparesWhatBothSidesHave() throws {
    let report = Report(try twoLayers("fc"), numerics: "exact")
    let comparison = SynthesisComparison(report, try #require(SynthesisReport(xml: Data(csynth.utf8))))
    #expect(
      comparison.rows.map(\.name) == ["latency cycles", "interval", "DSP", "LUT", "FF", "BRAM18", "URAM"])
    let lut = try #require(comparison.rows.first { $0.name == "LUT" })
    #expect(lut.estimate == report.resources.lut && lut.synthesis == 3000)
    #expect(comparison.lines.count == 8)
    let elsewhere = csynth.replacingOccurrences(of: "xcvu13p-flga2577-2-e", with: "xc7z007s-clg225-2")
    let other = SynthesisComparison(report, try #require(SynthesisReport(xml: Data(elsewhere.utf8))))
    #expect(other.mismatch?.contains("xc7z007s-clg225-2 at 5.0 ns") == true)
  }

  /// Bars are factors: an estimate of many times the figure is never within them.
  @Test func aManifoldEstimateIsOutside() throws {
    var report = Report(try twoLayers("fc"), numerics: "exact")
    report.errorFactors?.lut = 1.8
    report.resources.lut = 17 * 3000
    let over = SynthesisComparison(report, try #require(SynthesisReport(xml: Data(csynth.utf8))))
    #expect(over.rows.first { $0.name == "LUT" }?.isWithinBars == false)
    report.resources.lut = 3000 / 17
    let under = SynthesisComparison(report, try #require(SynthesisReport(xml: Data(csynth.utf8))))
    #expect(under.rows.first { $0.name == "LUT" }?.isWithinBars == false)
    report.resources.lut = 3 * 3000
    let near = SynthesisComparison(report, try #require(SynthesisReport(xml: Data(csynth.utf8))))
    #expect(near.rows.first { $0.name == "LUT" }?.isWithinBars == true)
  }

  @Test(
    arguments: [
      "", "<profile>", "<html><body>no</body></html>",
      "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>",
    ])
  func otherFilesAreRefused(text: String) {
    #expect(SynthesisReport(xml: Data(text.utf8)) == nil)
  }
}
