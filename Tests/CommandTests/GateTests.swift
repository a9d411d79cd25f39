import Configuration
import Foundation
import FoundationXML
import Frontends
import Model
import Testing
import Triggerfish

/// `check` as a gate: what it must not let through, and what it leaves for a server to show.
@Suite struct GateTests {
  private static let project = "hls-output/jet_tagger"
  private static let jets = "models/jet_tagger/"
  private static let golden = "Tests/ConformanceTests/Golden/jet_tagger_hls/outputs.npy"

  /// The demo model with the kernel of its second layer set to zero: every check of a project against itself passes.
  @Test func aZeroedKernelIsCaught() throws {
    let scratch = try Scratch()
    let root = CommandLine.root.path + "/"
    var model = try loadModel(path: root + DemoTests.model).model
    let index = try #require(model.layers.firstIndex { $0.name == "fc2" })
    guard case .dense(var dense) = model.layers[index].kind else {
      Issue.record("fc2 is a dense layer")
      return
    }
    dense.kernel = Weights(
      shape: dense.kernel.shape, values: Array(repeating: 0, count: dense.kernel.values.count))
    model.layers[index].kind = .dense(dense)
    let configuration = try Configuration.load(root + DemoTests.config).configuration
    let compilation = try Compilation(model, configuration, Source(model: DemoTests.model))
    let choices = DesignChoices()
    let chosen = try compilation.design(choices)
    let zeroed = scratch["zeroed"]
    try Project.write(
      chosen.design, compilation.report(chosen, choices), name: compilation.projectName, to: zeroed,
      force: false)

    let itself = try CommandLine.run(
      "check", zeroed, "--budget", "100ns", "--ii", "1", "--max-dsp", "100", "--max-lut", "10%", "--max-ff",
      "10%",
      "--max-bram", "10", "--max-uram", "0", "--baseline", Self.project)
    #expect(itself.status == 0, "\(itself.errors)")
    let known = ["--input", Self.jets + "events.npy", "--expect", Self.golden]
    let caught = try CommandLine.run(["check", zeroed] + known)
    #expect(caught.status == 1)
    #expect(
      caught.errors.contains("values of 'softmax' that differ from those expected is "), "\(caught.errors)")
    #expect(try CommandLine.run(["check", Self.project] + known).status == 0)
    // Labels and a float model's outputs tell it too.
    for reference in ["labels.npy", "outputs_float.npy"] {
      let agreement = [
        "--input", Self.jets + "events.npy", "--min-agreement", "70%", "--reference", Self.jets + reference,
      ]
      #expect(try CommandLine.run(["check", zeroed] + agreement).status == 1, "\(reference)")
      #expect(try CommandLine.run(["check", Self.project] + agreement).status == 0, "\(reference)")
    }
  }

  /// What numpy counts in the files models/jet_tagger ships and hls4ml's own outputs: 1445 and 1902 of 2000 events.
  @Test func sharesAreNumpys() throws {
    for (reference, share) in [("labels.npy", "72.25"), ("outputs_float.npy", "95.1")] {
      let result = try CommandLine.run(
        "check", Self.project, "--input", Self.jets + "events.npy", "--min-agreement", "\(share)%",
        "--reference",
        Self.jets + reference)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains(" \(share)% of 2000 events  of at least \(share)%"), "\(result.output)")
      let above = try CommandLine.run(
        "check", Self.project, "--input", Self.jets + "events.npy", "--min-agreement", "\(share)1%",
        "--reference",
        Self.jets + reference)
      #expect(above.status == 1)
    }
  }

  @Test func integersAreWords() throws {
    let scratch = try Scratch()
    let words = scratch["words.npy"]
    let made = try CommandLine.run(
      "emulate", DemoTests.model, "-c", DemoTests.config, "-i", Self.jets + "events.npy", "-o", words, "--raw"
    )
    #expect(made.status == 0, "\(made.errors)")
    let arguments = ["check", Self.project, "--input", Self.jets + "events.npy", "--expect", words]
    let same = try CommandLine.run(arguments)
    #expect(same.status == 0 && same.output.contains("words of 'softmax'"), "\(same.errors)")
    // One bit of the third number of the last event.
    var data = try Data(contentsOf: URL(fileURLWithPath: words))
    data[data.count - 3 * 8] ^= 1
    try data.write(to: URL(fileURLWithPath: words))
    let one = try CommandLine.run(arguments)
    #expect(one.status == 1)
    #expect(one.errors.contains("1 of 10000 in 2000 events (event 1999, element 2: "), "\(one.errors)")
  }

  /// Whatever happens, a server finds files that say so.
  @Test(arguments: [
    (0, ["--budget", "100ns"], "pass", 0), (1, ["--budget", "1ns"], "<failure ", 0),
    (66, ["--baseline", "nowhere.json", "--budget", "1ns"], "<failure ", 1),
    (66, ["--input", "nowhere.npy", "--expect", "nowhere.npy", "--ii", "1"], "<error ", 1),
    (
      65, ["--input", "models/jet_tagger/events.npy", "--expect", "models/jet_tagger/events.npy"], "<error ",
      1
    ),
    (65, ["--input", "models/jet_tagger/events.npy", "--expect", DemoTests.model], "<error ", 1),
  ])
  func everyOutcomeIsWritten(_ status: Int32, _ arguments: [String], _ text: String, _ errors: Int) throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      ["check", Self.project, "--junit", scratch["out.xml"], "--markdown", scratch["out.md"]] + arguments)
    #expect(result.status == status, "\(result.errors)")
    let junit = try Data(contentsOf: URL(fileURLWithPath: scratch["out.xml"]))
    #expect(XMLParser(data: junit).parse())
    let xml = String(decoding: junit, as: UTF8.self)
    #expect(xml.contains(text) || text == "pass", "\(xml)")
    #expect(xml.contains("errors=\"\(errors)\""), "\(xml)")
    let markdown = try String(contentsOfFile: scratch["out.md"], encoding: .utf8)
    #expect(markdown.hasPrefix("### hls-output/jet\\_tagger: "), "\(markdown)")
    #expect(markdown.contains("could not be checked") == (errors > 0), "\(markdown)")
    #expect(markdown.contains("**FAIL**") == xml.contains("<failure "), "\(markdown)")
  }

  @Test func aProjectThatIsNotThereIsWrittenToo() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      "check", scratch["none"], "--budget", "1us", "--junit", scratch["out.xml"])
    #expect(result.status == 66)
    let xml = try String(contentsOfFile: scratch["out.xml"], encoding: .utf8)
    #expect(xml.contains("<error type=\"exit code 66\""), "\(xml)")
  }

  @Test func errorBarsAreSaid() throws {
    struct Report: Decodable {
      struct Factors: Decodable { var latency: Double }
      var latencyCycles: Int
      var latency: Double
      var errorFactors: Factors
    }
    let path = CommandLine.root.appendingPathComponent(Self.project + "/report.json")
    let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: path))
    let factor = report.errorFactors.latency
    let bar = String(format: "%.2f", factor)
    let (cycles, time) = (report.latencyCycles, Int(report.latency))
    let within = try CommandLine.run("check", Self.project, "--budget", "\(time)ns", "--max-lut", "1000000")
    #expect(within.status == 0)
    let lines = within.output.split(separator: "\n")
    #expect(lines.first?.contains("within its error, ×/÷\(bar)") == true, "\(within.output)")
    #expect(lines.last?.contains("error") == false, "\(within.output)")
    let strict = try CommandLine.run("check", Self.project, "--budget", "\(time)ns", "--sigma", "1")
    #expect(strict.status == 1)
    #expect(strict.errors.contains("\(cycles) cycles (\(time) ns) × \(bar)"), "\(strict.errors)")
    let room = Int((report.latency * factor).rounded(.up)) + 5
    #expect(try CommandLine.run("check", Self.project, "--budget", "\(room)ns", "--sigma", "1").status == 0)
    let missed = try CommandLine.run("check", Self.project, "--budget", "\(time - 5)ns")
    #expect(missed.status == 1 && missed.errors.contains("missed by less than its error"), "\(missed.errors)")
    for arguments in [
      ["--sigma", "1"], ["--sigma", "1", "--ii", "1"], ["--sigma", "-1", "--budget", "1us"],
    ] {
      #expect(try CommandLine.run(["check", Self.project] + arguments).status == 64, "\(arguments)")
    }
  }

  /// At a faster clock the cycles grow and the time shrinks; the other way round both are told.
  @Test func baselinesCountTimeAndCycles() throws {
    let scratch = try Scratch()
    let slow = scratch["slow"]
    let made = try CommandLine.run(
      "compile", DemoTests.model, "-c", DemoTests.config, "-o", slow, "--clock", "10ns", "--part",
      "xcvu9p-flga2104-2L-e")
    #expect(made.status == 0, "\(made.errors)")
    let result = try CommandLine.run("check", slow, "--baseline", Self.project)
    #expect(result.status == 1)
    #expect(result.errors.contains("latency in ns since the baseline is "), "\(result.errors)")
    #expect(!result.errors.contains("latency since the baseline is "), "\(result.errors)")
    for changed in ["part since the baseline", "clock since the baseline          10 ns "] {
      #expect(result.output.contains(changed), "\(result.output)")
    }
    #expect(result.output.contains("was 5 ns; changed: "), "\(result.output)")
    #expect(!result.output.contains("numerics since"), "\(result.output)")
    let exact = scratch["exact"]
    #expect(try CommandLine.run("compile", DemoTests.model, "-o", exact).status == 0)
    let other = try CommandLine.run("check", exact, "--baseline", Self.project, "--allow", "lut:+900%")
    #expect(other.output.contains("numerics since the baseline"), "\(other.output)")
  }

  @Test func theAgreementOfACalibrationCounts() throws {
    let scratch = try Scratch()
    let project = scratch["float"]
    let made = try CommandLine.run(
      "compile", "models/jet_tagger/jet_tagger_float.json", "--calibrate", Self.jets + "events.npy", "-o",
      project)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try CommandLine.run("check", project, "--min-agreement", "90%").status == 0)
    let above = try CommandLine.run("check", project, "--min-agreement", "100%")
    #expect(above.output.contains("agreement with the float model when it was compiled"), "\(above.output)")
    let none = try CommandLine.run("check", Self.project, "--min-agreement", "90%")
    #expect(none.status == 64 && none.errors.contains("--reference"), "\(none.errors)")
  }

  @Test(arguments: [
    ["--expect", "a.npy"], ["--reference", "a.npy"], ["--input", "a.npy", "--budget", "1us"],
    ["--min-agreement", "101%"], ["--min-agreement", "90%", "--reference", "a.npy"],
  ])
  func optionsThatDoNothingAreRefused(_ arguments: [String]) throws {
    #expect(try CommandLine.run(["check", Self.project] + arguments).status == 64)
  }
}
