import Foundation
import Testing

/// Every example in the help texts and in the docs' indented blocks runs as written, in a folder that holds the files they
/// name, one after the other as a reader would type them.
@Suite struct ExamplesTests {
  private static let commands = [
    "compile", "explore", "evaluate", "emulate", "verify", "report", "check", "inspect",
    "compare", "parts", "rates", "join",
  ]
  private static let pages = ["scheduling.md", "report.md", "accuracy.md", "parts.md", "../README.md"]

  @Test func helpTexts() throws {
    for command in Self.commands {
      // Others' examples write over what these name.
      let folder = try Folder()
      // Wide enough that no example is wrapped.
      let help = try CommandLine.run(["help", command], environment: ["COLUMNS": "400"]).output
      let examples = Self.examples(in: help)
      #expect(!examples.isEmpty, "'triggerfish help \(command)' has no example")
      for example in examples { try folder.run(example) }
    }
  }

  @Test(arguments: pages) func docs(_ page: String) throws {
    let folder = try Folder()
    let text = try String(
      contentsOf: CommandLine.root.appendingPathComponent("docs/\(page)"), encoding: .utf8)
    let examples = Self.examples(in: text)
    #expect(!examples.isEmpty, "\(page) has no example")
    for example in examples { try folder.run(example) }
  }

  /// The words of each line that is indented and begins with the program's name; comments are left out.
  private static func examples(in text: String) -> [[String]] {
    text.components(separatedBy: "\n").compactMap { line in
      let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
      return line.hasPrefix("  ") && words.first == "triggerfish" ? Array(words.dropFirst()) : nil
    }
  }

  /// A folder with the models, events, projects and reports that the examples name.
  private final class Folder {
    private let scratch: Scratch

    init() throws {
      scratch = try Scratch()
      let models = CommandLine.root.appendingPathComponent("models/jet_tagger")
      for name in ["jet_tagger.json", "jet_tagger_weights.h5", "events.npy", "labels.npy"] {
        try link(models.appendingPathComponent(name), as: name)
      }
      try link(models.appendingPathComponent("jet_tagger_float.json"), as: "jet_tagger_float.json")
      try link(
        models.appendingPathComponent("jet_tagger_float_weights.h5"), as: "jet_tagger_float_weights.h5")
      try link(models.appendingPathComponent("hls.yml"), as: "hls.yml")
      // What hls4ml answers with hls.yml: the project of that configuration must too.
      try link(
        CommandLine.root.appendingPathComponent("Tests/ConformanceTests/Golden/jet_tagger_hls/outputs.npy"),
        as: "outputs.npy")
      // The file that docs/parts.md shows.
      let manual = try String(
        contentsOf: CommandLine.root.appendingPathComponent("docs/parts.md"), encoding: .utf8)
      let parts = try #require(manual.firstMatch(of: /```yaml\n((?s).*?)```/))
      _ = try scratch.write(String(parts.1), to: "my_parts.yml")
      for name in ["a.npy", "b.npy"] { try link(models.appendingPathComponent("events.npy"), as: name) }
      let report = scratch.url.appendingPathComponent("solution1/syn/report")
      try FileManager.default.createDirectory(at: report, withIntermediateDirectories: true)
      try Self.synthesis.write(
        to: report.appendingPathComponent("csynth.xml"), atomically: true, encoding: .utf8)
      let compiled = try CommandLine.run(
        ["compile", "jet_tagger.json", "--config", "hls.yml", "-o", "hls-output/jet_tagger"], in: scratch.url)
      #expect(compiled.status == 0, "\(compiled.errors)")
      try FileManager.default.copyItem(
        atPath: scratch["hls-output/jet_tagger/report.json"], toPath: scratch["report.json"])
    }

    func run(_ words: [String]) throws {
      if let table = words.first(where: { $0.hasPrefix("../shared/") || $0 == "new_results.csv" }) {
        print("skipped: 'triggerfish \(words.joined(separator: " "))': \(table) is not in a user's clone")
        return
      }
      let result = try CommandLine.run(words, in: scratch.url)
      if result.status == 69 {
        print("skipped: 'triggerfish \(words.joined(separator: " "))': no g++ or no ap_types (make ap-types)")
        return
      }
      #expect(result.status == 0, "triggerfish \(words.joined(separator: " ")): \(result.errors)")
    }

    private func link(_ file: URL, as name: String) throws {
      try FileManager.default.createSymbolicLink(
        at: scratch.url.appendingPathComponent(name), withDestinationURL: file)
    }

    private static let synthesis = """
      <profile><PerformanceEstimates><SummaryOfOverallLatency><Worst-caseLatency>10</Worst-caseLatency>
      <Interval-max>1</Interval-max></SummaryOfOverallLatency></PerformanceEstimates>
      <AreaEstimates><Resources><LUT>100000</LUT><DSP48E>28</DSP48E></Resources></AreaEstimates></profile>
      """
  }
}
