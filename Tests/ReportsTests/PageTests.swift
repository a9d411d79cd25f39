import FoundationXML
import Foundation
import Program
import Reports
import Scheduling
import Testing

@Suite struct PageTests {
  private static let hostile = "<script>alert('x')</script>&\"\u{1b}[31m"

  @Test func everyNameIsEscaped() throws {
    let design = try twoLayers(Self.hostile)
    var report = Report(design, numerics: "exact", notes: [Self.hostile])
    report.model = Self.hostile
    let html = try ReportPage(report, design.program).html()
    #expect(!html.contains("<script"))
    #expect(!html.contains("alert('x')"))
    #expect(!html.contains("\u{1b}"))
    #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"))
    let text = report.text(.coloured)
    #expect(!text.contains("\u{1b}[31m["), "control characters of a name reach no terminal")
    let front = Exploration([design], model: Self.hostile, part: "<p>")
    let svg = try front.svg()
    #expect(!svg.contains("<script"))
    #expect(XMLParser(data: Data(svg.utf8)).parse())
  }

  @Test func thePageShowsEveryPart() throws {
    let design = try twoLayers("fc")
    let report = Report(
      design, numerics: "exact", agreement: .init(events: 10, argmax: 0.5, maximumError: 0.25),
      budget: Budget(interval: 1, limits: [\.lut: .amount(1)]))
    let result = try #require(design.program.layers.last?.result)
    let span = try #require(TensorSpan([-1.5, 0, 0.25]))
    let synthesis = SynthesisComparison(report, try #require(SynthesisReport(xml: Data(csynth.utf8))))
    let html = try ReportPage(report, design.program, observed: [result: span], synthesis: synthesis).html()
    for part in ["resources", "verdict", "synthesis", "layers", "timeline", "ranges", "agreement", "graph"] {
      #expect(html.contains("id=\"\(part)\""), "\(part)")
    }
    #expect(html.contains("on the events -1.5…0.25"))
    #expect(html.ranges(of: "class=\"box\"").count == 3)
    #expect(html.ranges(of: "class=\"arrow\"").count == 2)
    #expect(html.contains(">FAIL</td>"))
    #expect(!html.contains("{{") && !html.contains("src=") && !html.contains("<script"))
  }

  @Test func thePageShowsAComparison() throws {
    let design = try twoLayers("fc")
    let report = Report(design, numerics: "hls4ml")
    let near = ModelComparison.Distance(argmax: 0.99, largestError: 0.01, relativeError: 0.02)
    let far = ModelComparison.Distance(argmax: 0.21, largestError: 0.8, relativeError: 1.5)
    let comparison = ModelComparison(
      model: "m", numerics: "hls4ml", events: 100, isSynthetic: false,
      inputs: [
        .init(
          name: "x", format: "fixed<16,6>", words: 1600, saturated: 0, wrapped: 12, underflowed: 0, low: 0,
          high: 99)
      ],
      layers: [
        .init(
          name: Self.hostile, className: "Dense", format: "fixed<8,7>", words: 100, errors: .init([1], [2]),
          ownError: 0.5, exactError: nil, saturated: 0, wrapped: 34567, underflowed: 3, weights: [],
          tables: [],
          output: far)
      ], output: far, exact: near, isConstant: false,
      faults: [
        .init(
          layer: Self.hostile, reasons: ["its weight <b>"],
          settings: [.init(layer: Self.hostile, tensor: "weight", type: "fixed<8,1>")], mended: near)
      ])
    let html = try ReportPage(report, design.program, comparison: comparison).html()
    for text in [
      "id=\"comparison\"", "id=\"accuracy\"", "34567", "12 of 1600 words of input x lie outside",
      "fixed&lt;8,7&gt;",
      "same argmax on 99%", "At fault: ",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    #expect(!html.contains("<script") && !html.contains("<b>\u{1b}") && !html.contains("{{"))
    let text = comparison.text(.coloured)
    #expect(!text.contains("\u{1b}[31m["), "control characters of a name reach no terminal")
  }

  @Test func coloursAreForTerminals() throws {
    let report = Report(
      try twoLayers("fc"), numerics: "exact", budget: Budget(interval: 1, limits: [\.lut: .amount(1)]))
    #expect(!report.text.contains("\u{1b}"))
    let coloured = report.text(.coloured)
    #expect(coloured.contains("\u{1b}[31mFAIL") && coloured.contains("\u{1b}[32mpass"))
    let plain = coloured.replacing(try Regex("\u{1b}\\[[0-9]+m"), with: "")
    #expect(plain == report.text)
  }

  @Test func junitTellsEveryFailure() throws {
    let verdicts = [
      Budget.Verdict(name: "LUT", actual: "5 <&", allowed: "4", passed: false),
      Budget.Verdict(name: "FF", actual: "1", allowed: "4", passed: true),
    ]
    let xml = try Budget.Verdict.junit(verdicts, suite: "out/<x>\u{1}")
    #expect(XMLParser(data: Data(xml.utf8)).parse())
    #expect(xml.contains("tests=\"2\" failures=\"1\""))
    #expect(xml.ranges(of: "<failure ").count == 1)
    #expect(xml.contains("LUT is 5 &lt;&amp;, allowed 4"))
  }

  @Test(
    arguments: [
      ("lut:+2%", true), ("LUT:+2%", true), ("latency:+1", true), ("lut:2%", false), ("lut", false),
      ("luts:+1", false), ("lut:+-1", false), ("", false),
    ])
  func readsAllowances(text: String, isOne: Bool) {
    #expect((Allowance(text) != nil) == isOne)
  }

  @Test func figuresMayGrowAsMuchAsAllowed() throws {
    let before = Report(try twoLayers("fc"), numerics: "exact")
    var now = before
    let unchanged = now.regressions(since: before, allowing: [])
    #expect(unchanged.allSatisfy { $0.passed })
    now.resources.lut = before.resources.lut + before.resources.lut / 100
    now.latencyCycles += 1
    func failing(_ allowances: [String]) -> [String] {
      now.regressions(since: before, allowing: allowances.compactMap { Allowance($0) })
        .filter { !$0.passed }.map(\.name)
    }
    #expect(failing([]) == ["latency since the baseline", "lut since the baseline"])
    #expect(failing(["lut:+1%", "latency:+1"]) == [])
    #expect(
      failing(["lut:+0.5%", "latency:+0"]) == ["latency since the baseline", "lut since the baseline"])
  }
}
