import Foundation
import Testing

/// `--backend verilog` as a user meets it: what is refused, what is missing, what is counted.
@Suite struct VerilogCommandTests {
  private static let model = "models/jet_tagger_hgq/small.keras"

  private func compile(_ more: String..., to folder: String) throws -> CommandLine.Result {
    try CommandLine.run(["compile", Self.model, "--backend", "verilog", "-o", folder] + more)
  }

  @Test func anImpossiblePeriodNamesTheLayerAndTheLeast() throws {
    let scratch = try Scratch()
    let result = try compile("--clock", "0.3ns", to: scratch["out"])
    #expect(result.status == 64)
    #expect(result.errors.contains("error: a clock period of 0.3 ns"), "\(result.errors)")
    #expect(result.errors.contains("hint: ask for "), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch["out"]))
  }

  @Test func limitsAreHeldAgainstWhatIsCounted() throws {
    let scratch = try Scratch()
    let result = try compile("--budget", "2cycles", to: scratch["out"])
    #expect(result.status == 1)
    #expect(
      result.errors.contains("cycles (") && result.errors.contains("allowed 2 cycles; nothing was written"),
      "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch["out"]))
  }

  /// Missing tools are named with their apt packages; a full disk with the file.
  @Test func whatIsMissingIsNamed() throws {
    let scratch = try Scratch()
    let written = try compile("--clock", "5ns", "--max-lut", "5%", to: scratch["out"])
    #expect(written.status == 0, "\(written.errors)")
    for (command, tool) in [("verify", "verilator"), ("synthesize", "yosys")] {
      let result = try CommandLine.run([command, scratch["out"]], environment: ["PATH": "/nowhere"])
      #expect(result.status == 69, "\(command)")
      #expect(
        result.errors.contains("error: \(tool) not found\nhint: apt-get install \(tool)"), "\(result.errors)")
    }
    // The largest file a process may write stands for the disk.
    let line =
      "trap '' XFSZ; ulimit -f 4; \"$T\" compile \(Self.model) --backend verilog -o \(scratch["full"])"
    let full = try CommandLine.shell(line)
    #expect(full.status == 74, "\(full.errors)")
    #expect(full.errors.contains("error: "), "\(full.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch["full"]))
    let report = try CommandLine.run("report", scratch["out"])
    #expect(
      report.output.contains("carry chains of 8 bits; estimated, by the delays of UltraScale+"),
      "\(report.output)")
  }

  /// What Vivado, or Yosys elsewhere, made of a project.
  @Test func toolsFiguresAreImported() throws {
    let scratch = try Scratch()
    #expect(try compile("--clock", "5ns", to: scratch["out"]).status == 0)
    let file = try scratch.write(
      "=== small ===\n\n   Number of cells:               2010\n     CARRY8                        121\n"
        + "     FDRE                          736\n     LUT6                         1879\n",
      to: "stat.txt")
    let result = try CommandLine.run("report", scratch["out"], "--import", file)
    #expect(result.status == 0, "\(result.errors)")
    let line = try #require(result.output.split(separator: "\n").last { $0.hasPrefix("LUT ") })
    #expect(line.contains(" 1879 "), "\(line)")
    #expect(result.output.contains("counted  error bar  Yosys"), "\(result.output)")
  }

  /// The taggers of models/jet_particles with one step's gates, in Verilator: every word of every sample jet, as often as the promised
  /// interval allows.
  @Test(arguments: ["gru", "lstm"]) func recurrentLayersAreLoops(_ name: String) throws {
    let scratch = try Scratch()
    let models = "models/jet_particles"
    let compiled = try CommandLine.run(
      "compile", "\(models)/\(name).json", "--backend", "verilog", "-o", scratch["out"])
    #expect(compiled.status == 0, "\(compiled.errors)")
    let circuit = try String(contentsOfFile: scratch["out/circuit.txt"], encoding: .utf8)
    let loop = try #require(circuit.firstMatch(of: #/loop 0 = start=0 steps=16 stages=(\d+)\n/#))
    let interval = 16 * (Int(loop.1) ?? 0)
    #expect(compiled.output.contains("cycles, interval \(interval), "), "\(compiled.output)")
    let project = try String(contentsOfFile: scratch["out/project.json"], encoding: .utf8)
    #expect(project.contains("\"interval\" : \(interval),"), "\(project)")
    guard try CommandLine.shell("command -v verilator").status == 0 else { return }
    let verified = try CommandLine.run("verify", scratch["out"], "--input", "\(models)/events.npy")
    #expect(verified.status == 0 && verified.output.contains("all 2500 words of 500 events are equal"))
  }

  /// Designs in Verilog are counted, and are what `compile` writes.
  @Test func exploreCounts() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      "explore", Self.model, "--backend", "verilog", "--mul-impl", "fabric", "--table-impl", "fabric", "--csv"
    )
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].hasSuffix("URAM,products,tables"), "\(result.output)")
    let compiled = try compile("--mul-impl", "fabric", "--table-impl", "fabric", to: scratch["out"])
    let cells = lines.last?.split(separator: ",").map(String.init) ?? []
    #expect(cells.count == 10 && compiled.output.contains(": \(cells[0]) cycles"), "\(compiled.output)")
    #expect(cells.count == 10 && compiled.output.contains(" \(cells[4]) LUT"), "\(compiled.output)")
  }
}
