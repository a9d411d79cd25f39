import Foundation
import Testing

/// Backends by name.
@Suite struct BackendTests {
  private let model = "models/jet_tagger/jet_tagger.json"

  @Test func anUnknownBackendIsRefused() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run("compile", model, "-o", scratch["out"], "--backend", "vhdl")
    #expect(result.status == 64)
    #expect(
      result.errors
        == "error: --backend vhdl: there is no such backend\nhint: there are hls (a Vitis HLS project in C++), verilog (a Verilog project, every operation in gates of its own)\n"
    )
    #expect(!FileManager.default.fileExists(atPath: scratch["out"]))
  }

  @Test func hlsIsWhatIsWrittenUnlessToldOtherwise() throws {
    let scratch = try Scratch()
    for (name, options) in [("a", []), ("b", ["--backend", "hls"])] {
      let result = try CommandLine.run(["compile", model, "-o", scratch[name]] + options)
      #expect(result.status == 0)
    }
    let same = try CommandLine.shell(
      "diff -r a b", in: URL(fileURLWithPath: scratch["a"]).deletingLastPathComponent())
    #expect(same.status == 0, "\(same.output)")
  }

  /// How long adders are searched for says nothing where there are none; each effort gives the same project every time.
  @Test func effort() throws {
    let scratch = try Scratch()
    let model = "Tests/CommandTests/Fixtures/settings.keras"
    func compile(_ folder: String, _ more: String...) throws -> CommandLine.Result {
      try CommandLine.run(["compile", model, "-o", scratch[folder], "--numerics", "exact"] + more)
    }
    let without = try compile("x", "--strategy", "latency", "--effort", "less")
    #expect(without.status == 64)
    #expect(
      without.errors.contains(
        "--effort: no effect, as no layer is built in distributed arithmetic\nhint: leave it out, or ask for"),
      "\(without.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch["x"]))
    #expect(try compile("x", "--effort", "much").status == 64)
    #expect(try compile("cpp", "--strategy", "distributed_arithmetic", "--effort", "less").status == 0)
    for folder in ["a", "b"] {
      let result = try compile(folder, "--backend", "verilog", "--clock", "10ns", "--effort", "less")
      #expect(result.status == 0, "\(result.errors)")
    }
    let same = try CommandLine.shell(
      "diff -r a b", in: URL(fileURLWithPath: scratch["a"]).deletingLastPathComponent())
    #expect(same.status == 0, "\(same.output)")
  }

  @Test func aProjectOfAnotherBackendIsNotVerified() throws {
    let scratch = try Scratch()
    #expect(try CommandLine.run("compile", model, "-o", scratch["out"]).status == 0)
    let file = URL(fileURLWithPath: scratch["out"] + "/project.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    try text.replacing("{\n", with: "{\n  \"backend\" : \"vhdl\",\n", maxReplacements: 1)
      .write(to: file, atomically: true, encoding: .utf8)
    let result = try CommandLine.run("verify", scratch["out"])
    #expect(result.status == 65)
    #expect(
      result.errors.hasSuffix(
        "project.json:backend: error: there is no backend 'vhdl'\nhint: there are hls (a Vitis HLS project in C++), verilog (a Verilog project, every operation in gates of its own)\n"
      ), "\(result.errors)")
  }
}
