import Foundation
import FoundationXML
import Testing

/// `report` and `check` as a user and a CI server see them.
@Suite struct ReportCommandTests {
  private static let project = "hls-output/jet_tagger"

  @Test func aBaselineCatchesRegressions() throws {
    let scratch = try Scratch()
    let path = CommandLine.root.appendingPathComponent(Self.project + "/report.json")
    let report = try String(contentsOf: path, encoding: .utf8)
    let same = try CommandLine.run("check", Self.project, "--baseline", Self.project)
    #expect(same.status == 0, "\(same.errors)")
    let lut = try #require(
      try number("\"lut\" : ", in: report.components(separatedBy: "\"resources\"").last ?? ""))
    // One percent less than it is now.
    let less = try scratch.write(
      report.replacingOccurrences(of: "\"lut\" : \(lut)", with: "\"lut\" : \(lut * 100 / 101)"),
      to: "report.json")
    let arguments = ["check", Self.project, "--baseline", less, "--junit", scratch["junit.xml"]]
    let worse = try CommandLine.run(arguments)
    #expect(worse.status == 1)
    #expect(worse.errors.contains("lut since the baseline is \(lut)"), "\(worse.errors)")
    let junit = try Data(contentsOf: URL(fileURLWithPath: scratch["junit.xml"]))
    #expect(XMLParser(data: junit).parse())
    #expect(String(decoding: junit, as: UTF8.self).contains("failures=\"1\""))
    let allowed = try CommandLine.run(arguments + ["--allow", "lut:+2%"])
    #expect(allowed.status == 0, "\(allowed.errors)")
    #expect(try CommandLine.run("check", Self.project, "--allow", "lut:+2%").status == 64)
    #expect(try CommandLine.run("check", Self.project, "--baseline", scratch["none.json"]).status == 66)
  }

  @Test func bitExactnessIsAVerdict() throws {
    let result = try CommandLine.run("check", Self.project, "--bit-exact", "--json")
    if result.status == 69 {
      print("skipped: no g++ or no ap_types headers (make ap-types)")
      return
    }
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\"actual\" : \"0 of 5000 in 1000 events\""), "\(result.output)")
  }

  @Test func synthesisStandsBesideTheEstimate() throws {
    let scratch = try Scratch()
    let xml = """
      <profile><PerformanceEstimates><SummaryOfOverallLatency><Worst-caseLatency>10</Worst-caseLatency>
      <Interval-max>1</Interval-max></SummaryOfOverallLatency></PerformanceEstimates>
      <AreaEstimates><Resources><LUT>100000</LUT><DSP48E>28</DSP48E></Resources></AreaEstimates></profile>
      """
    let path = try scratch.write(xml, to: "csynth.xml")
    let result = try CommandLine.run("report", Self.project, "--import", path)
    #expect(result.status == 0, "\(result.errors)")
    let line = try #require(result.output.split(separator: "\n").first { $0.hasPrefix("LUT ") })
    #expect(line.contains(" 100000 "), "\(line)")
    let json = try CommandLine.run("report", Self.project, "--import", path, "--json")
    #expect(json.output.contains("\"stage\" : \"C synthesis\""))
    let wrong = try scratch.write("<html/>", to: "wrong.xml")
    let refused = try CommandLine.run("report", Self.project, "--import", wrong)
    #expect(refused.status == 65)
    #expect(refused.errors.hasPrefix("\(wrong): error: is not a synthesis report"), "\(refused.errors)")
  }

  // MARK: Accuracy

  /// A project knows its model: given events, the page compares with it, under both numerics.
  @Test func thePageComparesWithTheFloatModel() throws {
    let scratch = try Scratch()
    let page = scratch["page.html"]
    let arguments = ["--html", page, "--input", "models/jet_tagger/events.npy"]
    let shown = try CommandLine.run(["report", Self.project] + arguments)
    #expect(shown.status == 0 && shown.errors == "", "\(shown.errors)")
    let html = try String(contentsOfFile: page, encoding: .utf8)
    // What compare finds on these events, and what the trainer's own outputs say (GateTests: 95.1% with the float outputs).
    let compared = try CommandLine.run(
      "compare", DemoTests.model, "-c", DemoTests.config, "-i", "models/jet_tagger/events.npy", "--json")
    let found = try #require(
      JSONSerialization.jsonObject(with: Data(compared.output.utf8)) as? [String: Any])
    for key in ["output", "exact"] {
      let argmax = try #require((found[key] as? [String: Any])?["argmax"] as? Double)
      let name = key == "output" ? "hls4ml" : "exact"
      let row = try #require(
        html.split(separator: "\n").first { $0.contains("<td class=\"text\">\(name)</td>") })
      let cell = try #require(row.firstMatch(of: /<\/td><td>([0-9.]+)%<\/td>/))
      #expect(abs((Double(cell.1) ?? 0) / 100 - argmax) < 0.0006, "\(row)")
    }
    // Without events there is nothing to compare on.
    #expect(try CommandLine.run("report", Self.project, "--html", page).status == 0)
    #expect(try !String(contentsOfFile: page, encoding: .utf8).contains("id=\"accuracy\""))
  }

  @Test func aPageWithoutItsModelSaysSo() throws {
    let scratch = try Scratch()
    let (model, page) = (try SmallModel.write(to: scratch), scratch["page.html"])
    let arguments = ["report", scratch["p"], "--html", page, "--input", scratch["e.csv"]]
    func expectNote(_ reason: String) throws {
      let result = try CommandLine.run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.errors.contains("note: the page does not compare the answers with the float model's:\n")
          && result.errors.contains(reason), "\(result.errors)")
      #expect(try !String(contentsOfFile: page, encoding: .utf8).contains("id=\"accuracy\""))
    }
    #expect(try CommandLine.run("compile", model, "-o", scratch["p"]).status == 0)
    #expect(try CommandLine.run(arguments).errors == "")
    #expect(try String(contentsOfFile: page, encoding: .utf8).contains("id=\"accuracy\""))
    // The model is never written over.
    let over = try CommandLine.run("report", scratch["p"], "--html", model)
    #expect(over.status == 64 || over.status == 73, "\(over.errors)")
    let text = try String(contentsOfFile: model, encoding: .utf8)
    _ = try scratch.write(text.replacing("\"relu\"", with: "\"sigmoid\""), to: "m.json")
    try expectNote("gives other words than the project")
    try FileManager.default.removeItem(atPath: model)
    try expectNote("m.json")
    try "{\"version\": 1}".write(toFile: scratch["p/source.json"], atomically: true, encoding: .utf8)
    try expectNote("p/source.json: note: not what this version of Triggerfish wrote")
    try FileManager.default.removeItem(atPath: scratch["p/source.json"])
    try expectNote("the project does not say which model it was compiled from")
  }

  @Test func limitsAreHeldAgainstTheReport() throws {
    let result = try CommandLine.run("report", Self.project, "--budget", "1ns", "--max-lut", "100%")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\nFAIL  latency") && result.output.contains("\npass  LUT"))
    #expect(result.output.contains("\ncritical: "))
    #expect(!result.output.contains("\u{1b}"), "no colours in a pipe")
  }

  /// The page in a real browser: it parses, keeps its parts, and lays them out.
  @Test func aBrowserShowsThePage() throws {
    let scratch = try Scratch()
    let page = scratch["report.html"]
    let made = try CommandLine.run(
      "report", Self.project, "--html", page, "--input", "models/jet_tagger/events.npy", "--budget", "100ns")
    #expect(made.status == 0, "\(made.errors)")
    guard let browser = Self.browser else {
      print("skipped: no chromium (apt-get install chromium)")
      return
    }
    let dom = try Self.dom(of: page, width: 1200, browser, scratch)
    for part in ["resources", "verdict", "layers", "timeline", "ranges", "graph"] {
      #expect(dom.contains("id=\"\(part)\""), "\(part)")
    }
    #expect(dom.contains("<title>jet_tagger: Triggerfish report</title>"))
    #expect(dom.hasSuffix("</body></html>\n"), "nothing is left open")
    #expect(dom.ranges(of: "class=\"observed\"").count == 8, "a range seen for every layer")
  }

  /// At the widths of a laptop's and half a screen's window, no part of the page is wider than the window.
  @Test(arguments: [1080, 800]) func thePageKeepsWithinItsWindow(_ width: Int) throws {
    guard let browser = Self.browser else {
      print("skipped: no chromium (apt-get install chromium)")
      return
    }
    let scratch = try Scratch()
    let page = scratch["report.html"]
    let result = try CommandLine.run("report", Self.project, "--html", page)
    #expect(result.status == 0, "\(result.errors)")
    // The page's own policy forbids scripts; this copy measures itself. Boxes with a scroll bar of their own count as
    // wider too: nothing of a table is hidden.
    let measure = """
      <script>
      let widest = document.documentElement.scrollWidth
      for (const box of document.querySelectorAll("div, svg, table"))
        widest = Math.max(widest, box.getBoundingClientRect().right, box.getBoundingClientRect().left + box.scrollWidth)
      document.title = "widest " + Math.ceil(widest) + " of " + window.innerWidth
      </script></body>
      """
    let html = try String(contentsOfFile: page, encoding: .utf8)
      .replacing(try Regex("<meta http-equiv=\"Content-Security-Policy\"[^>]*>"), with: "")
      .replacing("</body>", with: measure)
    let copy = try scratch.write(html, to: "measured.html")
    let dom = try Self.dom(of: copy, width: width, browser, scratch)
    let title = try #require(dom.firstMatch(of: try Regex("<title>widest ([0-9]+) of ([0-9]+)</title>")))
    let numbers = (1...2).map { title.output[$0].substring.flatMap { Int($0) } ?? 0 }
    #expect(numbers[0] > 0 && numbers[0] <= numbers[1], "\(numbers[0]) of \(numbers[1]) pixels")
  }

  /// The page as a browser has it once it is loaded.
  private static func dom(of page: String, width: Int, _ browser: URL, _ scratch: Scratch) throws -> String {
    let process = Process()
    process.executableURL = browser
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--user-data-dir=\(scratch["profile"])", "--window-size=\(width),2400", "--dump-dom", "file://\(page)",
    ]
    let out = scratch["dom.html"]
    try Data().write(to: URL(fileURLWithPath: out))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return try String(contentsOfFile: out, encoding: .utf8)
  }

  private static let browser: URL? = ["chromium", "chromium-browser", "google-chrome"]
    .map { URL(fileURLWithPath: "/usr/bin/\($0)") }
    .first { FileManager.default.isExecutableFile(atPath: $0.path) }

  private func number(_ key: String, in text: String) throws -> Int? {
    text.components(separatedBy: key).dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) }
  }
}
