import FixedPoint
import Foundation
import Program
import Reports
import Scheduling
import Testing

/// Reports of hardware that was counted, and tools' figures of it beside theirs.
@Suite struct CountedReportTests {
  private static func report() throws -> Report {
    let design = try twoLayers("fc")
    var report = Report(design, numerics: "exact")
    let figures = CountedFigures(
      latency: 3, interval: 1, resources: Resources(dsp: 2, lut: 1000, ff: 200, bram: 1),
      layers: [1: .init(start: 0, latency: 2, resources: Resources(dsp: 2, lut: 600, ff: 120))],
      uncertainty: Uncertainty(lut: 1.02),
      timing: .init(carry: 40, levels: 5, slowestPath: 3200, delays: "UltraScale+"))
    report.count(figures, of: design)
    return report
  }

  @Test func itSaysWhatIsCountedAndWhatIsEstimated() throws {
    let report = try Self.report()
    #expect(report.text.contains("cycles and resources are counted in the circuit"))
    #expect(
      report.text.contains(
        "counted: 40 carry chains of 8 bits; estimated, by the delays of UltraScale+: 5 levels of logic, slowest path 3.2 ns, Fmax 312.5 MHz"
      ), "\(report.text)")
    #expect(report.timing?.counted.contains("lut") == true)
    #expect(report.timing?.estimated == ["levels", "slowestPath", "fmax"])
    let schema = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/report.schema.json")
    let problems = JSONSchema(root: try JSON(String(contentsOf: schema, encoding: .utf8)))
      .problems(try JSON(report.json))
    #expect(problems == [])
    #expect(Report(json: report.json) == report)
    #expect(Report(json: report.json.replacing("\"carry\" : 40", with: "\"carry\" : -1")) == nil)
  }

  /// Yosys 0.23's and 0.33's `stat`.
  @Test(arguments: [
    """
    2. Printing statistics.

    === net ===

       Number of wires:                100
       Number of cells:                1268
         CARRY8                         41
         DSP48E2                         2
         FDRE                          190
         INV                             4
         LUT2                          400
         LUT6                          580
         LUT6_2                         20
         RAMB18E2                        1
         SRL16E                          3

    """,
    """
    2. Printing statistics.

    === net ===

          100 wires
         1268 cells
           41   CARRY8
            2   DSP48E2
          190   FDRE
            4   INV
          400   LUT2
          580   LUT6
           20   LUT6_2
            1   RAMB18E2
            3   SRL16E

    """,
  ]) func yosysStandsBesideIt(_ text: String) throws {
    let synthesis = try #require(SynthesisReport(text: text))
    let comparison = SynthesisComparison(try Self.report(), synthesis)
    let found = Dictionary(uniqueKeysWithValues: comparison.rows.map { ($0.name, $0.synthesis) })
    #expect(
      found == ["LUT": 1007, "FF": 190, "DSP": 2, "BRAM18": 1, "URAM": 0, "carry chains": 41],
      "\(found)")
    #expect(comparison.rows.first { $0.name == "LUT" }?.isWithinBars == true)
    #expect(comparison.lines[0].contains("counted"))
  }

  /// `report_utilization` and `report_timing_summary` of the project's vivado.tcl.
  @Test func vivadoStandsBesideIt() throws {
    let utilization = """
      | Tool Version : Vivado v.2023.2
      | Device       : xcvu13p-flga2577-2-e
      | Design State : Routed
      Utilization Design Information

      1. CLB Logic
      +----------------------------+------+-------+
      |          Site Type         | Used | Fixed |
      +----------------------------+------+-------+
      | CLB LUTs                   |  990 |     0 |
      |   LUT as Logic             |  987 |     0 |
      | CLB Registers              |  195 |     0 |
      | CARRY8                     |   39 |     0 |
      | Block RAM Tile             |  0.5 |     0 |
      | DSPs                       |    2 |     0 |
      """
    let report = try Self.report()
    let comparison = SynthesisComparison(report, try #require(SynthesisReport(text: utilization)))
    let found = Dictionary(uniqueKeysWithValues: comparison.rows.map { ($0.name, $0.synthesis) })
    #expect(found == ["LUT": 990, "FF": 195, "DSP": 2, "BRAM18": 1, "carry chains": 39], "\(found)")
    #expect(comparison.stage == "implementation" && comparison.mismatch == nil)
    let timing = """
      | Device       : xcvu13p-flga2577-2-e
      | Design State : Routed
      | Design Timing Summary
          WNS(ns)      TNS(ns)  TNS Failing Endpoints
          -------      -------  ---------------------
            1.500        0.000                      0

      Clock  Waveform(ns)       Period(ns)      Frequency(MHz)
      -----  ------------       ----------      --------------
      clk    {0.000 2.500}      5.000           200.000
      """
    let speed = SynthesisComparison(report, try #require(SynthesisReport(text: timing)))
    #expect(speed.lines.contains("the slowest path takes 3.500 ns; estimated: 3.200 ns"), "\(speed.lines)")
  }
}
