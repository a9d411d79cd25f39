import Foundation
import Testing

/// What a user does wrong, with the exit code and the whole message. Model files have their own suite in
/// FrontendsTests, configurations in ConfigurationTests, data files in DataFilesTests; these are the commands.
@Suite struct BadInputTests {
  private let model = DemoTests.model

  private func expect(
    _ arguments: [String], _ status: Int32, _ messages: String...,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let result = try CommandLine.run(arguments)
    #expect(result.status == status, "\(result.errors)", sourceLocation: location)
    for message in messages {
      #expect(result.errors.contains(message), "\(result.errors)", sourceLocation: location)
    }
    #expect(result.output == "", sourceLocation: location)
  }

  /// A file without events gives a result without events; ranges cannot be taken from it.
  @Test func noEvents() throws {
    let scratch = try Scratch()
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 16), }"
      .padding(toLength: 117, withPad: " ", startingAt: 0)
    let path = scratch["none.npy"]
    try (Data([0x93]) + Data("NUMPY\u{1}\u{0}\u{76}\u{0}\(header)\n".utf8)).write(
      to: URL(fileURLWithPath: path))
    let float = "models/jet_tagger/jet_tagger_float.json"
    try expect(["compare", float, "--input", path], 65, "\(path): error: there are no events in it")
    for (index, model) in [model, float].enumerated() {
      let words = scratch["words\(index).npy"]
      let result = try CommandLine.run(["emulate", model, "--input", path, "--output", words])
      #expect(result.status == 0, "\(result.errors)")
      #expect(FileManager.default.fileExists(atPath: words))
    }
  }

  @Test func aMissingModel() throws {
    try expect(["inspect", "nowhere.json"], 66, "nowhere.json: error: ")
  }

  @Test func aTruncatedModel() throws {
    let scratch = try Scratch()
    let text = try String(contentsOf: CommandLine.root.appendingPathComponent(model), encoding: .utf8)
    let path = try scratch.write(String(text.prefix(1000)), to: "model.json")
    try expect(["inspect", path, "--weights", "models/jet_tagger/jet_tagger_weights.h5"], 65, "\(path):")
  }

  @Test func anUnknownConfigurationKeyNamesTheNearest() throws {
    let scratch = try Scratch()
    let text = try String(
      contentsOf: CommandLine.root.appendingPathComponent(DemoTests.config), encoding: .utf8)
    let path = try scratch.write(
      text.replacing("    ReuseFactor: 1", with: "    ReuseFactr: 1"), to: "hls.yml")
    try expect(["inspect", model, "--config", path], 65, "\(path):", "ReuseFactr", "ReuseFactor")
  }

  /// A project that hls4ml wrote has its types in itself.
  @Test(arguments: ["compile", "inspect", "emulate"]) func aProjectTakesNoWordLength(_ command: String) throws
  {
    let project = "Tests/ConformanceTests/Projects/1.3.0_mlp"
    let scratch = try Scratch()
    let more: [String: [String]] = [
      "compile": ["-o", scratch["project"]],
      "emulate": ["--input", "\(project)/inputs.npy", "--output", scratch["words.npy"]],
    ]
    try expect(
      [command, "\(project)/firmware", "--word-length", "12"] + more[command, default: []], 64,
      "a project that hls4ml wrote has its types in itself")
  }

  @Test(arguments: [
    (["--clock", "200"], "a clock is written with its unit"),
    (["--clock", "0ns"], "--clock 0ns: a clock period is from 0.1 to 1000 ns (10000 to 1 MHz)."),
    (["--max-dsp", "200%"], "--max-dsp 200%: a limit is a number, or a share of the part from 0% to 100%."),
    (["--max-lut", "many"], "--max-lut many: a limit is a number, or a share of the part from 0% to 100%."),
    (["--budget", "13"], "a latency is written with its unit"),
    (["--word-length", "12", "--config", DemoTests.config], "--word-length has no effect"),
    (["--keep", "fc1"], "--keep needs a search"),
    (
      ["--config", DemoTests.config, "--strategy", "resource"],
      "--strategy: no effect under the hls4ml numerics"
    ),
    (["--numerics", "hls4ml", "--reuse-factor", "4"], "--reuse-factor: no effect under the hls4ml numerics"),
    (
      ["--io", "io_stream", "--parallelization-factor", "2"],
      "--parallelization-factor: no effect in io_stream"
    ),
  ])
  func anOptionThatSaysTooLittleOrChangesNothing(_ options: [String], _ message: String) throws {
    let scratch = try Scratch()
    try expect(["compile", model, "-o", scratch["project"]] + options, 64, message)
    #expect(!FileManager.default.fileExists(atPath: scratch["project"]))
  }

  @Test(arguments: [
    (["explore", DemoTests.model, "--agreement", "99%"], "--agreement needs --word-lengths"),
    (["explore", DemoTests.model, "--word-length", "9", "--word-lengths", "8-9"], "exclude each other"),
    (["inspect", DemoTests.model, "--json", "--passes"], "exclude each other"),
    (["check", "hls-output/jet_tagger", "--ii", "1", "--ap-types", "x"], "--ap-types needs --bit-exact"),
    (
      ["emulate", DemoTests.model, "-i", "x.npy", "--count-overflows", "--raw"],
      "--raw needs --output or --trace"
    ),
    (["emulate", DemoTests.model, "-i", "x.npy", "--trace", "x.csv"], "--trace x.csv"),
    (
      ["emulate", "hls-output/jet_tagger", "-c", DemoTests.config, "-i", "x.npy", "-o", "y.npy"],
      "--config: no effect on a project"
    ),
  ])
  func optionsThatDoNotGoTogether(_ arguments: [String], _ message: String) throws {
    try expect(arguments, 64, message)
  }

  /// What is wrong with the command is said before the model is read: there is none.
  @Test(arguments: [
    (
      ["emulate", "none.json", "-i", DemoTests.model, "-o", "x.txt"], 64,
      "x.txt: error: an output's name must end in"
    ),
    (["emulate", "none.json", "-i", DemoTests.model, "-o", "none/x.npy"], 73, "none/x.npy"),
    (
      ["emulate", "none.json", "-i", "a.npy", "-i", "b.npy", "-o", "x.npy"], 66,
      "b.npy: error: there is no such file"
    ),
    (["emulate", "none.json", "-i", DemoTests.model, "-o", "x.npy", "--mapping", "m.yml"], 66, "m.yml"),
    (["rates", "none.json", "-i", "a.npy", "--labels", "l.npy"], 66, "l.npy: error: there is no such file"),
    (["compare", "none.json", "-i", "a.npy"], 66, "a.npy: error: there is no such file"),
    (["compare", "none.json", "--output", "none/x.json"], 73, "none/x.json"),
    (["inspect", "none.json", "--calibrate", "a.npy"], 66, "a.npy: error: there is no such file"),
    (["compile", "none.json", "--part", "xczu"], 64, "--part: "),
    (["compile", "none.json", "--test-events", "a.npy"], 66, "a.npy: error: there is no such file"),
    (["explore", "none.json", "--part", "xczu"], 64, "--part: "),
    (["explore", "none.json", "--svg", "none/x.svg"], 73, "none/x.svg"),
    (["verify", "none", "-i", "a.npy"], 66, "a.npy: error: there is no such file"),
    (["report", "none", "--html", "none/x.html"], 73, "none/x.html"),
  ])
  func theCommandIsLookedAtFirst(_ arguments: [String], _ status: Int32, _ message: String) throws {
    let result = try CommandLine.run(arguments)
    #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
    #expect(!result.errors.contains("none.json: error") && result.output == "")
  }

  @Test func theWrongNumberOfInputs() throws {
    let scratch = try Scratch()
    let events = "models/jet_tagger/events.npy"
    try expect(
      ["emulate", model, "-c", DemoTests.config, "-i", events, "-i", events, "-o", scratch["x.npy"]], 64,
      "2 input files for 1 model inputs")
    #expect(!FileManager.default.fileExists(atPath: scratch["x.npy"]))
  }

  @Test func inputsOfTheWrongShape() throws {
    let scratch = try Scratch()
    let path = "models/jet_tagger/outputs_float.npy"
    try expect(
      ["emulate", model, "-c", DemoTests.config, "-i", path, "-o", scratch["x.npy"]], 65, path, "16")
  }

  @Test func anOutputThatCannotBeWritten() throws {
    try expect(
      [
        "emulate", model, "-c", DemoTests.config, "-i", "models/jet_tagger/events.npy", "-o",
        "/proc/nowhere/x.npy",
      ], 73, "/proc/nowhere/x.npy")
  }

  @Test func aFolderThatIsNotOurs() throws {
    let scratch = try Scratch()
    _ = try scratch.write("precious", to: "thesis.tex")
    try expect(["compile", model, "-c", DemoTests.config, "-o", scratch.url.path], 73, scratch.url.path)
    #expect(try String(contentsOfFile: scratch["thesis.tex"], encoding: .utf8) == "precious")
  }

  @Test func aFolderThatIsNoProject() throws {
    try expect(["report", "models"], 66, "models: error: is not a folder that 'triggerfish compile' wrote")
    try expect(["verify", "models"], 66, "models: error: is not a folder that 'triggerfish compile' wrote")
  }

  @Test func unknownPartsAndClocks() throws {
    let scratch = try Scratch()
    let base = ["compile", model, "-c", DemoTests.config, "-o", scratch["x"]]
    try expect(base + ["--part", "xc;foo"], 64, "xc;foo")
    try expect(
      base + ["--part", "xcfoo", "--max-dsp", "5%"], 64,
      "a limit is a share of part xcfoo, whose size is not known\nhint: write it as an amount")
    try expect(base + ["--clock", "fast"], 64, "fast")
    #expect(!FileManager.default.fileExists(atPath: scratch["x"]))
  }

  @Test func noOptionIsSilentlyIgnored() throws {
    try expect(["compile", model, "--frobnicate"], 64, "--frobnicate")
    try expect(["emulate", model], 64, "Missing --input")
    try expect(["check", "hls-output/jet_tagger", "--budget", "soon"], 64, "soon")
  }
}
