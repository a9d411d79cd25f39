import Foundation
import Testing

/// Names out of model files, configurations and projects, which may mean harm.
@Suite struct HostileNameTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  // MARK: Paths

  /// Without `--output` the folder is one step below hls-output, whatever the model is called.
  @Test(arguments: [
    ("../../x", "_._.._x"), ("", "_"), (".", "_"), ("..", "_."), ("a/b", "a_b"), ("/etc/x", "_etc_x"),
    ("-rf", "_rf"), (".git", "_git"), ("nul\0x", "nul_x"), ("ü\u{1b}[2J\n", "___2J_"),
    ("plain-1.2_x", "plain-1.2_x"),
    (String(repeating: "n", count: 1000), String(repeating: "n", count: 200)),
  ])
  func aModelsNameIsNoPath(_ name: String, _ folder: String) throws {
    let work = try Scratch()
    try SmallModel.write(to: scratch, name: name)
    let result = try CommandLine.run(["compile", scratch["m.json"]], in: work.url)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("hls-output/\(folder): "), "\(result.output)")
    #expect(try work.contents.prefix(2) == ["hls-output", "hls-output/\(folder)"])
    #expect(try work.contents.allSatisfy { $0 == "hls-output" || $0.hasPrefix("hls-output/\(folder)") })
    #expect(try FileManager.default.contentsOfDirectory(atPath: work["hls-output"]) == [folder])
  }

  @Test func norIsAConfigurationsProjectName() throws {
    let work = try Scratch()
    let text = try String(
      contentsOf: CommandLine.root.appendingPathComponent(DemoTests.config), encoding: .utf8)
    let config = try work.write(
      "ProjectName: ../../x\n" + text.replacing(/ProjectName: .*\n/, with: ""), to: "hls.yml")
    let model = CommandLine.root.appendingPathComponent(DemoTests.model).path
    let result = try CommandLine.run(["compile", model, "-c", config], in: work.url)
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: work.url.path).sorted() == [
        "hls-output", "hls.yml",
      ])
    #expect(try FileManager.default.contentsOfDirectory(atPath: work["hls-output"]) == ["_._.._x"])
  }

  /// A project's top function names the files that `verify` compiles.
  @Test func norIsAProjectsTopFunction() throws {
    try SmallModel.write(to: scratch)
    #expect(try CommandLine.run(["compile", scratch["m.json"], "-o", scratch["p"]]).status == 0)
    let path = scratch["p/project.json"]
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("\"small\"", with: "\"../../../x\"").write(
      toFile: path, atomically: true, encoding: .utf8)
    let result = try CommandLine.run(["verify", scratch["p"]])
    #expect(result.status == 65)
    #expect(result.errors == "\(path):top: error: not the name of a top function\n")
  }

  /// The arrays of a trace are entries of an archive, which somebody may unpack.
  @Test func norIsALayersName() throws {
    try SmallModel.write(to: scratch, layers: ["../../a", "/etc/b"])
    let result = try CommandLine.run([
      "emulate", scratch["m.json"], "-i", scratch["e.csv"], "--trace", scratch["t.npz"],
    ])
    #expect(result.status == 0, "\(result.errors)")
    let bytes = try Data(contentsOf: URL(filePath: scratch["t.npz"]))
    #expect(bytes.range(of: Data("../".utf8)) == nil && bytes.range(of: Data("/etc".utf8)) == nil)
    #expect(
      bytes.range(of: Data("_._.._a.npy".utf8)) != nil && bytes.range(of: Data("_etc_b.npy".utf8)) != nil)
  }

  // MARK: Terminals and spreadsheets

  private static let escape = "a\u{1b}[31m\r\nFAKE: ok\u{9b}2J\u{202e}"
  private static let escaped = "a\\u{1b}[31m\\u{d}\\u{a}FAKE: ok\\u{9b}2J\\u{202e}"

  /// No command prints a character that moves the cursor or starts a line of its own.
  @Test func namesCannotRewriteATerminal() throws {
    let model = try SmallModel.write(to: scratch, name: Self.escape, layers: [Self.escape, "=1+1"])
    let folder = scratch["p"]
    #expect(try CommandLine.run(["compile", model, "-o", folder]).status == 0)
    // What a report says of its budget is a text like any other.
    let report = try String(contentsOfFile: "\(folder)/report.json", encoding: .utf8)
    try report.replacing(
      "\"part\" :",
      with:
        "\"budget\" : [{\"name\":\"x\\u001b\\nFAKE\",\"actual\":\"\",\"allowed\":\"\",\"passed\":true}],\n\"part\" :"
    )
    .write(toFile: "\(folder)/report.json", atomically: true, encoding: .utf8)
    let commands: [[String]] = [
      ["inspect", model], ["inspect", model, "--json"], ["inspect", model, "--program"],
      ["inspect", model, "--passes"], ["inspect", model, "-c", DemoTests.config, "--passes"],
      ["compile", model, "-o", scratch["q"]], ["compile", model, "-o", scratch["q"], "--budget", "1us"],
      ["report", folder], ["report", folder, "--json"], ["report", folder, "--html", scratch["r.html"]],
      ["check", folder, "--budget", "1us", "--junit", scratch["c.xml"]],
      ["check", folder, "--budget", "1us", "--json"], ["check", folder, "--baseline", folder],
      ["explore", model, "--svg", scratch["x.svg"]], ["explore", model, "--json"],
      ["explore", model, "--csv"],
      ["emulate", model, "-i", scratch["e.csv"], "--count-overflows"],
      ["emulate", model, "-i", scratch["m.json"], "-o", scratch["y.npy"]],
      ["inspect", "\u{1b}[2J\nFAKE"], ["report", "\u{1b}[2J\nFAKE"], ["check", folder, "--\u{1b}\nFAKE"],
    ]
    for command in commands {
      let result = try CommandLine.run(command)
      for text in [result.output, result.errors] {
        Self.expectPlain(text, "\(command)")
        if !command.contains("--csv") { #expect(!text.contains("\nFAKE"), "\(command): \(text)") }
      }
    }
    for file in [
      "r.html", "c.xml", "x.svg", "p/report.json", "p/README.md", "p/build_prj.tcl", "p/program.tf",
    ] {
      Self.expectPlain(try String(contentsOfFile: scratch[file], encoding: .utf8), file)
    }
    let text = try CommandLine.run(["inspect", model]).output
    #expect(text.hasPrefix("\(Self.escaped): exact numerics\nlayer "), "\(text)")
    #expect(text.contains("\n\(Self.escaped)  Activation"))
    #expect(try CommandLine.run(["report", folder]).output.hasPrefix("\(Self.escaped): exact numerics"))
  }

  private static func expectPlain(_ text: String, _ what: String) {
    let bad = text.unicodeScalars.first { scalar in
      (scalar.properties.generalCategory == .control && scalar != "\n")
        || [.format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
    #expect(bad == nil, "\(what): U+\(String(bad?.value ?? 0, radix: 16))")
  }

  @Test func countedOverflowsNameTheirLayerSafely() throws {
    // Of an input of few bits: 1000 is too much for any of them.
    let model = try SmallModel.write(to: scratch, layers: [Self.escape])
    _ = try scratch.write("1000,1000,1000,1000\n", to: "e.csv")
    let result = try CommandLine.run([
      "emulate", model, "--numerics", "hls4ml", "-i", scratch["e.csv"], "--count-overflows",
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("overflowed"))
    Self.expectPlain(result.output, result.output)
  }

  // MARK: Parts

  /// A part number goes into a Tcl script.
  @Test(arguments: [
    "xcvu13p; exec rm -rf /", "xcvu13p\nexit", "xcvu13p[exit]", "xcvu13p $x", "xcvu13pé", "", "xcvu13p/..",
    String(repeating: "x", count: 65),
  ])
  func aPartHasThePartsCharacters(_ part: String) throws {
    let model = try SmallModel.write(to: scratch)
    for command in ["compile", "explore"] {
      let output = command == "compile" ? ["-o", scratch["p"]] : []
      let result = try CommandLine.run([command, model, "--part", part] + output)
      #expect(result.status == 64)
      #expect(result.errors.contains("The value '") && result.errors.contains("--part"), "\(result.errors)")
    }
    let text = try String(
      contentsOf: CommandLine.root.appendingPathComponent(DemoTests.config), encoding: .utf8)
    let config = try scratch.write(
      text.replacing(/Part: .*\n/, with: "Part: \"\(part.replacing("\n", with: "\\n"))\"\n"), to: "c.yml")
    let result = try CommandLine.run(["compile", DemoTests.model, "-c", config, "-o", scratch["p"]])
    #expect(result.status == 65, "\(result.errors)")
    #expect(result.errors.contains("is no part number"), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch["p"]))
  }

  @Test func anyPartOfAKnownDeviceIsTaken() throws {
    let model = try SmallModel.write(to: scratch)
    for part in ["xcvu13p-flga2577-2-e", "XCVU9P-FLGA2104-2L-E", "xc7z020clg400-1", "xcu50_CIV-fsvh2104-2-e"]
    {
      let result = try CommandLine.run(["compile", model, "--part", part, "-o", scratch["p"]])
      #expect(result.status == 0, "\(result.errors)")
      let script = try String(contentsOfFile: scratch["p/build_prj.tcl"], encoding: .utf8)
      #expect(script.contains("\nset_part \(part)\n"))
    }
  }
}
