import Foundation
import Program
import Testing

/// The README's commands on the demo model.
@Suite struct DemoTests {
  static let model = "models/jet_tagger/jet_tagger.json"
  static let config = "models/jet_tagger/hls.yml"

  @Test func theReferenceIsRegeneratedByteForByte() throws {
    // As deep in the package as hls-output/jet_tagger: source.json has the way from there to the model.
    let folder = ".build/reference-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(at: CommandLine.root.appendingPathComponent(folder)) }
    let result = try CommandLine.run("compile", Self.model, "--config", Self.config, "--output", folder)
    #expect(result.status == 0, "\(result.errors)")
    let made = try files(in: CommandLine.root.appendingPathComponent(folder))
    let committed = try files(in: CommandLine.root.appendingPathComponent("hls-output/jet_tagger"))
    #expect(made.keys.sorted() == committed.keys.sorted(), "make reference re-records it")
    for (name, contents) in committed {
      #expect(made[name] == contents, "\(name) differs; make reference re-records it")
    }
  }

  /// nil: the best this machine has.
  @Test(arguments: [nil, "baseline", "avx2", "avxvnni", "avx512bw", "avx512", "amx", "dotprod", "i8mm"])
  func emulationIsHls4mlsWordForWord(_ instructionSet: String?) throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      [
        "emulate", Self.model, "--config", Self.config, "--input", "models/jet_tagger/events.npy", "--output",
        scratch["out.npy"],
      ] + (instructionSet.map { ["--instruction-set", $0] } ?? []))
    if result.status == 69, let instructionSet {
      #expect(result.errors.contains("error: this machine has no \(instructionSet) instructions"))
      return
    }
    #expect(result.status == 0, "\(result.errors)")
    try expectHls4mlsWords(scratch["out.npy"])
  }

  @Test func aCompiledProjectIsEmulatedWordForWord() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      "emulate", "hls-output/jet_tagger", "--input", "models/jet_tagger/events.npy", "--output",
      scratch["out.npy"])
    #expect(result.status == 0, "\(result.errors)")
    try expectHls4mlsWords(scratch["out.npy"])
  }

  private func expectHls4mlsWords(_ path: String) throws {
    let made = try Data(contentsOf: URL(fileURLWithPath: path))
    let golden = CommandLine.root.appendingPathComponent(
      "Tests/ConformanceTests/Golden/jet_tagger_hls/outputs.npy")
    // Headers may be spelled differently; the numbers are the last 2000 · 5 doubles.
    #expect(made.suffix(2000 * 5 * 8) == (try Data(contentsOf: golden)).suffix(2000 * 5 * 8))
  }

  @Test func verifySeesASingleWrongWord() throws {
    let scratch = try Scratch()
    let folder = scratch["jet_tagger"]
    #expect(try CommandLine.run("compile", Self.model, "-c", Self.config, "-o", folder).status == 0)
    let arguments = ["verify", folder, "--input", "models/jet_tagger/events.npy", "--trace"]
    let intact = try CommandLine.run(arguments)
    if intact.status == 69 {
      print("skipped: no g++ or no ap_types headers (make ap-types)")
      return
    }
    #expect(intact.status == 0, "\(intact.errors)")
    #expect(intact.output.contains("are equal, every layer's among them"))
    // One weight of the C++ changed by one step.
    let path = folder + "/firmware/weights/output.h"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let start = try #require(text.range(of: "{"))
    let digits = try #require(
      text[start.upperBound...].range(of: "-?[0-9]+", options: .regularExpression))
    let changed = (Int(text[digits]) ?? 0) == 5 ? "4" : "5"
    try text.replacingCharacters(in: digits, with: changed).write(
      toFile: path, atomically: true, encoding: .utf8)
    let broken = try CommandLine.run(arguments)
    #expect(broken.status == 1)
    #expect(broken.errors.contains(": expected raw word "), "\(broken.errors)")
  }

  @Test func checkPassesAndFails() throws {
    let folder = "hls-output/jet_tagger"
    let good = try CommandLine.run("check", folder, "--budget", "1us", "--max-dsp", "100%", "--ii", "1")
    #expect(good.status == 0, "\(good.errors)")
    #expect(good.output.split(separator: "\n").count == 3)
    let bad = try CommandLine.run("check", folder, "--budget", "1ns", "--max-lut", "0")
    #expect(bad.status == 1)
    #expect(bad.errors.split(separator: "\n").count == 2, "\(bad.errors)")
    #expect(try CommandLine.run("check", folder).status == 64)
  }

  @Test func reportAndInspectAreReadableByPrograms() throws {
    for arguments in [
      ["report", "hls-output/jet_tagger", "--json"], ["inspect", Self.model, "-c", Self.config, "--json"],
    ] {
      let result = try CommandLine.run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors == "")
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(result.output.utf8)) }
    }
  }

  @Test func aLayersStrategyIsThatOfItsMultipliers() throws {
    let scratch = try Scratch()
    let compiled = try CommandLine.run(
      "compile", Self.model, "--strategy", "resource", "--reuse-factor", "8", "-o", scratch["project"])
    #expect(compiled.status == 0, "\(compiled.errors)")
    let table = try CommandLine.run("report", scratch["project"]).output
    let row = try #require(table.split(separator: "\n").first { $0.hasPrefix("fc1 ") })
    let columns = row.split(separator: " ")
    #expect(columns.contains("resource") && columns.contains("8"), "\(row)")
  }

  @Test func aMissedBudgetWritesNothing() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      "compile", Self.model, "-c", Self.config, "-o", scratch["x"], "--budget", "1ns")
    #expect(result.status == 1)
    #expect(result.errors.contains("no design keeps the limits"))
    #expect(!FileManager.default.fileExists(atPath: scratch["x"]))
  }

  private func files(in folder: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    for name in names {
      let url = folder.appendingPathComponent(name)
      if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
        files[name] = try Data(contentsOf: url)
      }
    }
    return files
  }

  /// `inspect --passes` shows the state after every pass, whatever the policy.
  @Test func passesOfBothPoliciesAreShown() throws {
    func passes(_ arguments: String...) throws -> [String] {
      let result = try CommandLine.run(["inspect", Self.model, "--passes"] + arguments)
      #expect(result.status == 0)
      var seen: Set<String> = []
      return result.output.split(separator: "\n").filter { $0.hasPrefix("== ") }.map(String.init).filter {
        seen.insert($0).inserted
      }
    }
    let ofPrograms =
      ["== program"]
      + ProgramPass.all.map { pass in
        let isRun = ProgramPass.scheduled.contains { $0.name == pass.name }
        return "== \(pass.name): \(pass.summary)" + (isRun ? "" : " (not run)")
      }
    #expect(try passes() == ["== read", "== split activations", "== input formats"] + ofPrograms)
    #expect(
      try passes("--config", Self.config) == [
        "== build", "== convert: eliminate_linear_activation", "== convert: infer_precision_types",
        "== init_layers: init_layers",
      ] + ofPrograms)
  }
}
