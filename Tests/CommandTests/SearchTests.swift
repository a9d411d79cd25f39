import Foundation
import FoundationXML
import Testing

/// `compile` with limits, and `explore`: what a user sees of the search.
@Suite struct SearchCommandTests {
  private static let model = "models/jet_tagger/jet_tagger.json"
  private static let float = "models/jet_tagger/jet_tagger_float.json"
  private static let events = "models/jet_tagger/events.npy"

  private struct Chosen: Decodable {
    struct Resources: Decodable { var dsp, lut: Int }
    struct Layer: Decodable {
      var name, strategy: String
      var reuseFactor: Int
    }
    var latencyCycles, interval: Int
    var resources: Resources
    var layers: [Layer]
    var notes: [String]
  }

  private func report(_ folder: String) throws -> Chosen {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/report.json"))
    return try JSONDecoder().decode(Chosen.self, from: data)
  }

  @Test func aBudgetChoosesWhatTheConfigurationDidNot() throws {
    let scratch = try Scratch()
    let arguments = [
      "compile", Self.model, "--config", DemoTests.config, "--budget", "1us", "--max-dsp", "100", "--max-lut",
      "5%",
    ]
    let result = try CommandLine.run(arguments + ["-o", scratch["small"]])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("(proven)"))
    let small = try report(scratch["small"])
    #expect(small.latencyCycles <= 200 && small.resources.dsp <= 100 && small.resources.lut <= 86_400)
    #expect(small.layers.contains { $0.reuseFactor > 1 })
    #expect(small.notes.contains { $0.hasPrefix("chosen: fc1 ") })
    // The configuration says latency 1 for every layer; only the layer to keep has it.
    let kept = try CommandLine.run(arguments + ["--keep", "fc1", "-o", scratch["kept"]])
    #expect(kept.status == 0, "\(kept.errors)")
    let fc1 = try #require(try report(scratch["kept"]).layers.first { $0.name == "fc1" })
    #expect(fc1.strategy == "latency" && fc1.reuseFactor == 1)
    let unknown = try CommandLine.run(arguments + ["--keep", "fc9", "-o", scratch["none"]])
    #expect(unknown.status == 64)
    #expect(unknown.errors.contains("did you mean 'fc1'?"), "\(unknown.errors)")
  }

  @Test func whatDoesNotFitNamesTheNearestDesigns() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      "compile", Self.model, "--budget", "25ns", "--max-dsp", "20", "--ii", "1", "-o", scratch["none"])
    #expect(result.status == 1)
    #expect(result.errors.contains("no design keeps the limits (proven)"), "\(result.errors)")
    #expect(result.errors.contains("nearest: error: needs "), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch["none"]))
  }

  @Test func theFrontIsATableCSVJSONAndAPlot() throws {
    let scratch = try Scratch()
    let arguments = ["explore", Self.model, "--ii", "8", "--max-lut", "10%"]
    let text = try CommandLine.run(arguments + ["--svg", scratch["front.svg"]])
    #expect(text.status == 0, "\(text.errors)")
    let csv = try CommandLine.run(arguments + ["--csv"])
    #expect(csv.output.hasPrefix("cycles,ns,II,DSP,LUT,FF,BRAM18,URAM,fc1,"))
    #expect(text.output.split(separator: "\n").count == csv.output.split(separator: "\n").count)
    let json = try CommandLine.run(arguments + ["--json"])
    let parsed = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let points = try #require(parsed?["points"] as? [[String: Any]])
    #expect(points.count == text.output.split(separator: "\n").count - 1)
    let plot = try Data(contentsOf: URL(fileURLWithPath: scratch["front.svg"]))
    #expect(XMLParser(data: plot).parse())
    let dots = String(decoding: plot, as: UTF8.self).ranges(of: " DSP, ").count
    #expect(dots % points.count == 0 && dots > 0, "every panel shows every design")
  }

  @Test func wordLengthsNameTheShortestThatAgrees() throws {
    let result = try CommandLine.run(
      "explore", Self.float, "--word-lengths", "8,14-16", "--calibrate", Self.events, "--ii", "1",
      "--budget", "30cycles")
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("14 bits: same argmax on ") })
    #expect(lines.last == "15 bits are the shortest words that agree on 99.9% of the events")
    let none = try CommandLine.run("explore", Self.float, "--word-lengths", "8")
    #expect(none.status == 64)
  }

  @Test func streamsAreSearchedToo() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      "compile", "models/jet_images/jet_images.json", "--config", "models/jet_images/hls_stream.yml",
      "--budget",
      "20us", "--max-dsp", "10%", "-o", scratch["stream"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("the best that was tried (io_stream: not proven)"), "\(result.output)")
    let chosen = try report(scratch["stream"])
    #expect(chosen.latencyCycles <= 4000 && chosen.resources.dsp <= 1228)
  }
}
