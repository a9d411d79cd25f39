import Foundation
import Testing

@testable import Configuration

/// Every setting of hls4ml's: the table of docs/configuration.md, row by row, on a model of Keras's
/// (Fixtures/make.py).
@Suite struct SettingsTests {
  /// A row of the table.
  struct Row: Sendable, CustomTestStringConvertible {
    var setting, example, verdict: String

    var testDescription: String { "\(setting): \(example)" }
  }

  static let rows: [Row] = {
    let path = CommandLine.root.appendingPathComponent("docs/configuration.md")
    let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line -> Row? in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 4, ["done", "refused", "harmless", "noted"].contains(cells[2]) else { return nil }
      return Row(
        setting: cells[0].trimmingCharacters(in: ["`"]), example: cells[1].trimmingCharacters(in: ["`"]),
        verdict: cells[2])
    }
  }()

  private static let model = "Tests/CommandTests/Fixtures/settings.keras"

  /// What a project is, by file; a report without its notes.
  private static func project(_ folder: String) throws -> [String: String] {
    var files: [String: String] = [:]
    let names = FileManager.default.enumerator(atPath: folder)
    while let name = names?.nextObject() as? String {
      // The list of files has the notes' checksum.
      guard name != ".triggerfish",
        let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      else { continue }
      if name == "report.json" {
        var report = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        report["notes"] = nil
        files[name] =
          "\(try JSONSerialization.data(withJSONObject: report, options: .sortedKeys).base64EncodedString())"
      } else {
        files[name] = text
      }
    }
    return files
  }

  private static func compile(_ configuration: String) throws -> (CommandLine.Result, [String: String]) {
    let scratch = try Scratch()
    let path = try scratch.write(configuration + "\n", to: "hls.yml")
    let result = try CommandLine.run("compile", model, "-c", path, "-o", scratch["project"])
    return (result, result.status == 0 ? try project(scratch["project"]) : [:])
  }

  private static let plain = Result { try compile("{}").1 }

  @Test func theTableIsThere() { #expect(Self.rows.count > 70) }

  @Test(arguments: rows) func isWhatTheTableSays(_ row: Row) throws {
    let (result, files) = try Self.compile(row.example)
    let plain = try Self.plain.get()
    switch row.verdict {
    case "done":
      #expect(result.status == 0, "\(result.errors)")
      #expect(files != plain)
    case "refused":
      #expect(result.status == 65, "\(result.errors)")
      #expect(result.errors.contains(row.setting), "\(result.errors)")
    case "noted":
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains(row.setting), "\(result.errors)")
      #expect(files == plain)
    default:
      #expect(result.status == 0, "\(result.errors)")
      #expect(!result.errors.contains(row.setting), "\(result.errors)")
      #expect(files == plain)
    }
  }

  /// Every key that is read has a row.
  @Test func everyKeyHasARow() {
    let keys =
      ProjectKey.allCases.map(\.rawValue) + SectionKey.allCases.map(\.rawValue)
      + ModelKey.allCases.map(\.rawValue)
      + LayerKey.allCases.map(\.rawValue) + directTensors.map { "\($0)_t" }
      + Array(ProjectKey.formerNames.keys)
    let settings = Set(Self.rows.map(\.setting))
    for key in Set(keys).sorted() { #expect(settings.contains(key), "\(key)") }
  }

  /// Types are derived from HGQ's quantizers where there are some: asked for or not, that is the same; asked not to be, refused.
  @Test func bitExactIsWhatIsDone() throws {
    let scratch = try Scratch()
    let proxy = "Tests/FrontendsTests/Fixtures/proxies/proxy.h5"
    func inspect(_ settings: String) throws -> CommandLine.Result {
      try CommandLine.run(
        "inspect", proxy, "-c", scratch.write("Model: {\(settings)}\n", to: "hls.yml"), "--json")
    }
    let plain = try inspect("ReuseFactor: 1")
    #expect(plain.status == 0, "\(plain.errors)")
    #expect(try inspect("BitExact: true").output == plain.output)
    let refused = try inspect("BitExact: false")
    #expect(refused.status == 65)
    #expect(
      refused.errors.hasSuffix(
        "hls.yml:line 1, Model.BitExact: error: BitExact: the types of this model follow from its quantizers of fixed point, "
          + "and from nothing else\nhint: leave it out\n"), "\(refused.errors)")
  }

  /// Notes have no more digits than anybody reads.
  @Test(arguments: [("act_softplus", "is possible"), ("act_softsign", " steps of ")])
  func notesAreShort(_ name: String, _ text: String) throws {
    let result = try CommandLine.run("inspect", "Tests/ConformanceTests/Golden/\(name)/model.json")
    #expect(result.status == 0 && result.errors.contains(text), "\(result.errors)")
    #expect(!result.errors.contains(#/\.\d{7}/#), "\(result.errors)")
  }

  /// The examples of ../shared/cases/settings_without_effect_silent, and what the hint promises.
  @Test func aPipelineIntervalIsMadeByAReuseFactor() throws {
    let interval = "Model: {PipelineStyle: pipeline, PipelineInterval: 4, ReuseFactor: 4}"
    let scratch = try Scratch()
    let path = try scratch.write(interval + "\n", to: "hls.yml")
    let model = "models/jet_tagger/jet_tagger.json"
    let done = try CommandLine.run("compile", model, "-c", path, "-o", scratch["x"])
    #expect(done.status == 0, "\(done.errors)")
    let refused = try CommandLine.run(
      "compile", model, "-c", try scratch.write("Model: {PipelineInterval: 4}\n", to: "b.yml"), "-o",
      scratch["y"])
    #expect(refused.status == 65)
    #expect(
      refused.errors.hasSuffix(
        """
        b.yml: error: PipelineInterval: 4: this design takes an event every 1 cycles, and no multipliers are shared to \
        make that 4
        hint: ReuseFactor: 4 shares each multiplier 4 times, which gives this interval; or leave PipelineInterval out\n
        """))
    #expect(!FileManager.default.fileExists(atPath: scratch["y"]))
  }

  /// A strategy that nothing builds is refused under both policies; its bits are computed under hls4ml's.
  @Test(arguments: ["hls4ml", "exact"])
  func aStrategyThatNothingBuildsIsRefused(_ numerics: String) throws {
    let scratch = try Scratch()
    let path = try scratch.write("Model: {Strategy: ResourceUnrolled, ReuseFactor: 4}\n", to: "hls.yml")
    let refused = try CommandLine.run(
      "compile", Self.model, "-c", path, "--numerics", numerics, "-o", scratch["x"])
    #expect(refused.status == 65)
    // In the convolution hls4ml takes resource in its place, and says so.
    let layers = numerics == "hls4ml" ? "fc, out" : "conv, fc, out"
    #expect(
      refused.errors.contains(
        """
        hls.yml: error: Strategy: resource_unrolled is not built by any backend (asked of \(layers))
        hint: there are latency, resource, distributed_arithmetic; emulate and inspect take it: its bits are hls4ml's
        """), "\(refused.errors)")
    let inspected = try CommandLine.run("inspect", Self.model, "-c", path, "--numerics", numerics)
    #expect(inspected.status == 0)
  }

  /// Distributed arithmetic, by every spelling: adders in the C++, which gives the emulator's words under g++.
  @Test(arguments: ["distributed_arithmetic", "DistributedArithmetic", "da"])
  func distributedArithmeticIsBuilt(_ strategy: String) throws {
    let scratch = try Scratch()
    let path = try scratch.write("Model: {Strategy: \(strategy), ReuseFactor: 1}\n", to: "hls.yml")
    let compiled = try CommandLine.run(
      "compile", Self.model, "-c", path, "--numerics", "exact", "-o", scratch["x"])
    #expect(compiled.status == 0, "\(compiled.errors)")
    let report = try CommandLine.run("report", scratch["x"])
    let row = try #require(report.output.split(separator: "\n").first { $0.hasPrefix("fc ") })
    #expect(row.contains("distributed_arithmetic"), "\(row)")
    if strategy != "da" { return }
    let verified = try CommandLine.run("verify", scratch["x"])
    #expect(verified.status == 0, "\(verified.errors)")
  }

  /// Where the order of a sum shows there are none, in C++ nor in Verilog; and what was asked for is said where it is not built.
  @Test func distributedArithmeticOfRoundedSumsIsRefused() throws {
    let scratch = try Scratch()
    func compile(_ text: String, _ more: String...) throws -> CommandLine.Result {
      let path = try scratch.write(text + "\n", to: "hls.yml")
      return try CommandLine.run(
        ["compile", Self.model, "-c", path, "-o", scratch["x"], "--force"] + more)
    }
    let reused = try compile("Model: {Strategy: da, ReuseFactor: 4}", "--numerics", "exact")
    #expect(reused.status == 65)
    #expect(reused.errors.contains("fc: error: reuse factor 4 is not possible: adders"), "\(reused.errors)")
    let verilog = try compile(
      "Model: {Strategy: Latency}", "--backend", "verilog", "--numerics", "exact", "--clock", "10ns")
    #expect(verilog.status == 0, "\(verilog.errors)")
    #expect(verilog.output.contains("Strategy latency is asked of"), "\(verilog.output)")
  }

  /// Strategies and reuse factors of a configuration count under the exact policy too; its types do not, with a note.
  @Test func theExactPolicyTakesTheHardwareOfAConfiguration() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
      "LayerName: {fc: {Strategy: Resource, ReuseFactor: 4, Precision: {weight: 'fixed<4,2>'}}}\n",
      to: "hls.yml")
    let result = try CommandLine.run(
      "compile", Self.model, "-c", path, "--numerics", "exact", "-o", scratch["x"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("--numerics exact: the configuration's types and tables are not used"))
    let report = try CommandLine.run("report", scratch["x"])
    let row = try #require(report.output.split(separator: "\n").first { $0.hasPrefix("fc ") })
    #expect(row.split(separator: " ").prefix(6).suffix(2) == ["resource", "4"], "\(row)")
  }

  /// The reuse factor of a batch normalization limits its multipliers: ⌈inputs / reuse⌉ of them, and the interval that
  /// these take; in the emitted C++ and in the report, with the same words.
  @Test(arguments: [
    ("io_parallel", 4, 4, 4), ("io_stream", 4, 4, 4), ("io_stream", 64, 1, 16), ("io_parallel", 5, 4, 4),
  ])
  func theReuseFactorOfANormalizationLimitsItsMultipliers(
    _ io: String, _ reuse: Int, _ multipliers: Int, _ interval: Int
  ) throws {
    let scratch = try Scratch()
    func compile(_ reuse: Int, _ name: String) throws -> (report: [Substring], text: String) {
      let path = try scratch.write(
        "IOType: \(io)\nModel: {Precision: 'ap_fixed<24,10>'}\nLayerName: {bn: {ReuseFactor: \(reuse)}}\n",
        to: "\(name).yml")
      let result = try CommandLine.run(
        "compile", "Tests/CommandTests/Fixtures/normalization.keras", "-c", path, "-o", scratch[name])
      #expect(result.status == 0, "\(result.errors)")
      let report = try CommandLine.run("report", scratch[name]).output
      let row = try #require(report.split(separator: "\n").first { $0.hasPrefix("bn ") })
      let text = try String(
        contentsOfFile: scratch["\(name)/firmware/normalization_layers.h"], encoding: .utf8)
      return (row.split(separator: " "), text)
    }
    let (one, shared) = (try compile(1, "one"), try compile(reuse, "shared"))
    // layer, class, shape, format, strategy, reuse, start, cycles, II, DSP
    #expect(shared.report[5] == "\(interval)" && one.report[5] == "1")
    let (few, many) = (Int(shared.report[9]) ?? 0, Int(one.report[9]) ?? 0)
    #expect(few * 16 == many * multipliers, "\(few) of \(many) DSP")
    #expect(shared.text.contains("#pragma HLS ALLOCATION operation instances=mul limit=\(multipliers)\n"))
    #expect(!one.text.contains("ALLOCATION"))
    let verified = try CommandLine.run("verify", scratch["shared"])
    #expect(verified.status == 0, "\(verified.errors)")
  }

  /// hls4ml's ternary_tanh: −1 up to −0.5, +1 above 0.5, 0 between, under both policies.
  @Test(arguments: ["hls4ml", "exact"]) func ternaryTanhHasItsSteps(_ numerics: String) throws {
    let scratch = try Scratch()
    let model = """
      {"class_name": "Sequential", "config": {"name": "t", "layers": [{"class_name": "Activation", "config":
      {"name": "act", "batch_input_shape": [null, 7], "activation": "ternary_tanh"}}]}, "keras_version": "2.15.0"}
      """
    let path = try scratch.write(model, to: "t.json")
    let events = try scratch.write("-2,-0.53125,-0.5,-0.46875,0.5,0.53125,2\n", to: "x.csv")
    let weights = "Tests/FrontendsTests/Fixtures/keras2/sequential_weights.h5"
    let result = try CommandLine.run(
      "emulate", path, "--weights", weights, "--numerics", numerics, "-i", events, "-o", scratch["y.csv"])
    #expect(result.status == 0, "\(result.errors)")
    let line = try String(contentsOfFile: scratch["y.csv"], encoding: .utf8).split(separator: "\n").last ?? ""
    #expect(line.split(separator: ",").compactMap { Double($0) } == [-1, -1, -1, 0, 0, 1, 1])
  }
}
