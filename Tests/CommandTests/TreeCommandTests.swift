import Foundation
import Testing

/// Models of trees on the command line: what only they are asked, and what is refused by name.
@Suite struct TreeCommandTests {
  private static let folder = "Tests/FrontendsTests/Fixtures/trees"

  /// A model, options, and what standard error says at the end.
  @Test(arguments: [
    (
      "xgb_softprob.json", ["--transform", "logistic"],
      "training put the softmax behind the margins\nhint: --transform softmax"
    ),
    (
      "xgb_logistic.json", ["--transform", "softmax"], "training put the logistic function behind the margins"
    ),
    (
      "xgb_missing.json", ["--transform", "logistic"],
      "the objective is reg:squarederror: there is no such function"
    ),
    ("lgb_forest.txt", ["--transform", "logistic"], "there is no such function behind these margins"),
    ("lgb_zero.json", ["--transform", "logistic"], "the objective is regression: there is no such function"),
    ("conifer_oblique.json", ["--transform", "softmax"], "the softmax of one margin is 1"),
    ("conifer_oblique.json", ["--missing"], "oblique splits add features, of which none may be missing"),
    ("../keras2/functional.h5", ["--missing"], "--missing: the model has no trees"),
    ("../keras2/functional.h5", ["--transform", "softmax"], "--transform softmax: the model has no trees"),
    (
      "xgb_logistic.json", ["--transform", "logistic", "--missing", "--numerics", "hls4ml"],
      "--transform, --missing: conifer's numerics give margins, and know no missing numbers"
    ),
  ]) func refused(_ model: String, _ options: [String], _ message: String) throws {
    let result = try CommandLine.run(["inspect", "\(Self.folder)/\(model)"] + options)
    #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
  }

  @Test(arguments: [
    (["--strategy", "resource"], 64, "--strategy resource: trees have no multipliers"),
    (["--reuse-factor", "4", "--backend", "verilog"], 64, "reuse factor 4 of trees: this backend computes"),
    (["--reuse-factor", "9"], 65, "reuse factor 9 of trees is not possible: no output is the sum of more"),
  ]) func refusedDesigns(_ options: [String], _ status: Int32, _ message: String) throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      ["compile", "\(Self.folder)/xgb_logistic.json", "-o", scratch["p"]] + options)
    #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
  }

  /// Hardware for several trees, one after the other: its interval is the reuse factor, in the report, in a search and in `explore`; under
  /// conifer's numerics too.
  @Test func reuse() throws {
    let scratch = try Scratch()
    let model = "\(Self.folder)/xgb_logistic.json"
    let config = try scratch.write("Precision: ap_fixed<18,8>\n", to: "c.yml")
    for options in [[], ["-c", config]] {
      let compiled = try CommandLine.run(
        ["compile", model, "--reuse-factor", "4", "-o", scratch["p"], "--force"] + options)
      try #require(compiled.status == 0, "\(compiled.errors)")
      #expect(compiled.output.contains("interval 4"), "\(compiled.output)")
    }
    let searched = try CommandLine.run(["compile", model, "--ii", "8", "--max-dsp", "0", "-o", scratch["q"]])
    try #require(searched.status == 0, "\(searched.errors)")
    #expect(searched.output.contains("Trees: reuse factor"), "\(searched.output)")
    let explored = try CommandLine.run(["explore", model, "--json"])
    try #require(explored.status == 0, "\(explored.errors)")
    for interval in [1, 4] {
      #expect(explored.output.contains("\"interval\" : \(interval),"), "\(explored.output)")
    }
  }

  /// What `inspect` shows, as JSON and as text.
  @Test func inspected() throws {
    let path = "\(Self.folder)/xgb_softprob.json"
    let text = try CommandLine.run(["inspect", path, "--transform", "softmax"]).output
    #expect(text.contains("trees: trees: 9 of depth 3"), "\(text)")
    #expect(text.contains("trees: different thresholds by feature: 0 9, 1 14, 2 12, 3 4"))
    #expect(text.contains("trees: 39 different comparisons, of which 39 are built for these words"))
    #expect(text.contains("softmax"))
    let json = try CommandLine.run(["inspect", path, "--json"]).output
    let layers = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
    let trees = try #require(layers.last?["trees"] as? [String: Any])
    #expect(trees["depths"] as? [Int] == [0, 0, 0, 9])
    #expect(trees["transform"] as? String == "softmax")
    let formats = try #require(layers.last?["formats"] as? [String: String])
    #expect(Set(formats.keys) == ["result", "threshold", "table", "accum"])
  }

  /// Missing numbers: the library's margins for events with NaN, from the model and from the project made of it; infinity is no number
  /// in either, and NaN is none where it was not asked for.
  @Test func missingNumbers() throws {
    let scratch = try Scratch()
    struct Case: Decodable {
      var events: [[Double?]]
      var margins: [[Double]]
    }
    let expected = try #require(
      try JSONDecoder().decode(
        [String: Case].self,
        from: Data(contentsOf: CommandLine.root.appendingPathComponent("\(Self.folder)/expected.json")))[
          "xgb_missing"])
    // Every 16th event: numbers that 32 bits hold, NaN among them.
    func text(_ events: [[Double?]]) -> String {
      events.map { $0.map { $0.map { "\($0)" } ?? "nan" }.joined(separator: ",") }.joined(separator: "\n")
        + "\n"
    }
    let model = "\(Self.folder)/xgb_missing.json"
    let events = try scratch.write(text(expected.events), to: "e.csv")
    let options = [model, "--missing", "--word-length", "32"]
    let first = try CommandLine.run(
      ["emulate"] + options + ["--input", events, "--output", scratch["a.csv"]])
    try #require(first.status == 0, "\(first.errors)")
    let compiled = try CommandLine.run(["compile"] + options + ["-o", scratch["p"], "--test-events", events])
    try #require(compiled.status == 0, "\(compiled.errors)")
    #expect(compiled.errors.contains("stands for a missing number (NaN)"))
    let second = try CommandLine.run(
      ["emulate", scratch["p"], "--input", events, "--output", scratch["b.csv"]])
    try #require(second.status == 0, "\(second.errors)")
    let found = try String(contentsOfFile: scratch["a.csv"], encoding: .utf8)
    #expect(try String(contentsOfFile: scratch["b.csv"], encoding: .utf8) == found)
    let numbers = found.split(separator: "\n").compactMap { Double($0) }
    try #require(numbers.count == expected.margins.count)
    for (mine, theirs) in zip(numbers, expected.margins) { #expect(abs(mine - theirs[0]) < 1e-5) }

    let infinite = try scratch.write(text([[1, .infinity, nil, 0, 0]]), to: "i.csv")
    let refused = try CommandLine.run(
      ["emulate"] + options + ["--input", infinite, "--output", scratch["c.csv"]])
    #expect(refused.status == 65 && refused.errors.contains("element [1]: error: inf is not a number"))
    let plain = try CommandLine.run(["emulate", model, "--input", events, "--output", scratch["c.csv"]])
    #expect(plain.status == 65 && plain.errors.contains("NaN is not a number hardware can be given"))
  }

  /// Reports of conifer's numerics say so.
  @Test func coniferNumerics() throws {
    let scratch = try Scratch()
    let config = try scratch.write("Precision: ap_fixed<18,8>\n", to: "c.yml")
    let model = "\(Self.folder)/xgb_logistic.json"
    let compiled = try CommandLine.run(["compile", model, "-c", config, "-o", scratch["p"]])
    try #require(compiled.status == 0, "\(compiled.errors)")
    let report = try CommandLine.run(["report", scratch["p"]])
    #expect(report.output.contains("xgb_logistic: conifer numerics"), "\(report.output)")
    #expect(try CommandLine.run(["inspect", model, "-c", config]).output.contains("conifer numerics"))
  }
}
