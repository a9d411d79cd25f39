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
    try expect(base + ["--part", "xcfoo"], 65, "unknown part 'xcfoo'", "known devices: xcvu9p")
    try expect(base + ["--clock", "fast"], 64, "fast")
    #expect(!FileManager.default.fileExists(atPath: scratch["x"]))
  }

  @Test func noOptionIsSilentlyIgnored() throws {
    try expect(["compile", model, "--frobnicate"], 64, "--frobnicate")
    try expect(["emulate", model], 64, "Missing --input")
    try expect(["check", "hls-output/jet_tagger", "--budget", "soon"], 64, "soon")
  }
}
