import Foundation
import Testing

/// Figures out of reports and tables that no design has, and outputs that would destroy what is read.
@Suite struct HostileFigureTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try SmallModel.write(to: scratch)
    let result = try CommandLine.run(["compile", "m.json", "-o", "p"], in: scratch.url)
    try #require(result.status == 0, "\(result.errors)")
  }

  /// Shares, charts and comparisons are computed from a report's figures, which a damaged file may have any of.
  @Test(arguments: [
    ("clockPeriod", "0"), ("clockPeriod", "1e308"), ("clockPeriod", "-5"),
    ("latencyCycles", "9223372036854775807"),
    ("latencyCycles", "-1"), ("interval", "4611686018427387904"), ("lut", "9223372036854775807"),
    ("lut", "-9223372036854775808"), ("latency", "1e300"), ("latency", "\"inf\""),
    ("start", "9223372036854775807"),
  ])
  func aReportsFigures(_ key: String, _ value: String) throws {
    let path = scratch["p/report.json"]
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let changed = text.replacing(try Regex("\"\(key)\" : [0-9.]+"), with: "\"\(key)\" : \(value)")
    #expect(changed != text)
    try changed.write(toFile: path, atomically: true, encoding: .utf8)
    for command in [
      ["report", "p"], ["report", "p", "--html", "r.html"],
      ["check", "p", "--budget", "1us", "--max-lut", "5%"],
      ["check", "p", "--baseline", "p", "--allow", "lut:+5%"],
    ] {
      let result = try CommandLine.run(command, in: scratch.url)
      #expect(result.status == 65)
      #expect(
        result.errors
          == "p/report.json: error: is not a report of this version of Triggerfish\nhint: compile again\n")
    }
  }

  /// Latencies of any length have a chart of a few ticks.
  @Test func aLongLatencyHasFewTicks() throws {
    let path = scratch["p/report.json"]
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing(/"latencyCycles" : [0-9]+,/, with: "\"latencyCycles\" : 900000000000,")
      .write(toFile: path, atomically: true, encoding: .utf8)
    #expect(try CommandLine.run(["report", "p", "--html", "r.html"], in: scratch.url).status == 0)
    let page = try String(contentsOfFile: scratch["r.html"], encoding: .utf8)
    #expect(page.utf8.count < 100_000 && page.contains(">900000000000<"))
  }

  @Test(arguments: [
    "1e300", "nan", "inf", "-inf", "-9223372036854775808", "9223372036854775807", "1e13",
  ])
  func aSynthesisReportsFigures(_ value: String) throws {
    let xml = """
      <profile><AreaEstimates><Resources><LUT>\(value)</LUT><FF>7</FF></Resources></AreaEstimates>
      <PerformanceEstimates><SummaryOfOverallLatency><Worst-caseLatency>\(value)</Worst-caseLatency>
      </SummaryOfOverallLatency></PerformanceEstimates></profile>
      """
    _ = try scratch.write(xml, to: "c.xml")
    for more in [[], ["--json"], ["--html", "r.html"]] {
      let result = try CommandLine.run(["report", "p", "--import", "c.xml"] + more, in: scratch.url)
      #expect(result.status == 0, "\(result.errors)")
      #expect(!result.output.contains(value))
    }
  }

  @Test func anOutputThatIsAnInput() throws {
    let link = scratch["link.csv"]
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "e.csv")
    let before = try scratch.contents.map { FileManager.default.contents(atPath: scratch[$0]) }
    for (command, file) in [
      ("emulate m.json -i e.csv -o e.csv", "e.csv"), ("emulate m.json -i e.csv -o link.csv", "link.csv"),
      ("explore m.json --svg m.json", "m.json"), ("explore m.json --svg m_weights.h5", "m_weights.h5"),
      ("explore m.json --calibrate e.csv --svg ./e.csv", "./e.csv"),
      ("report p --html p/report.json", "p/report.json"), ("report p --html p/program.tf", "p/program.tf"),
      ("check p --budget 1us --junit p/project.json", "p/project.json"),
    ] {
      let result = try CommandLine.shell("$T \(command)", in: scratch.url)
      #expect(result.status == 64, "\(command)")
      #expect(
        result.errors.hasSuffix(
          "\(file): error: an output that would replace an input\nhint: choose another file\n"),
        "\(result.errors)")
    }
    #expect(try scratch.contents.map { FileManager.default.contents(atPath: scratch[$0]) } == before)
  }

  @Test func anEndlessInputIsNoText() throws {
    let result = try CommandLine.shell(
      "head -c 1000000 /dev/zero | $T emulate m.json -i /dev/stdin -o y.csv", in: scratch.url)
    #expect(result.status == 65)
    #expect(
      result.errors.hasSuffix(
        "/dev/stdin:byte 0: error: a zero byte: neither text nor .npy, .npz or HDF5\n"), "\(result.errors)")
  }

  /// There is one design of a model with nothing to choose.
  @Test func aModelWithoutWeightsHasOneDesign() throws {
    let result = try CommandLine.run(["explore", "m.json", "--csv"], in: scratch.url)
    #expect(result.status == 0)
    #expect(result.output == "cycles,ns,II,DSP,LUT,FF,BRAM18,URAM\n0,0,1,0,156,64,0,0\n")
    #expect(try CommandLine.run(["explore", "m.json", "--max-lut", "0"], in: scratch.url).status == 1)
  }
}
