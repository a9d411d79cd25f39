import DataFiles
import Foundation
import Testing

/// `compare`, and what the other commands say of events and types, as a user sees it.
@Suite struct CompareTests {
  private static let folder = "models/jet_tagger"

  /// Fifty events of the example tagger times a hundred, and how many of their numbers are at least `limit` or below its
  /// negative.
  private func scaledEvents(_ scratch: Scratch, limit: Double) throws -> (
    file: String, words: Int, outside: Int
  ) {
    let all = try EventReader(CommandLine.root.appendingPathComponent("\(Self.folder)/events.npy").path)
      .readAll().reals
    let numbers = all.prefix(50 * 16).map { 100 * $0 }
    let lines = stride(from: 0, to: numbers.count, by: 16).map { start in
      numbers[start..<start + 16].map { "\($0)" }.joined(separator: ",")
    }
    let file = try scratch.write(lines.joined(separator: "\n") + "\n", to: "events.csv")
    return (file, numbers.count, numbers.count { $0 >= limit || $0 < -limit })
  }

  @Test func whoeverHasTheEventsSaysWhichDoNotFit() throws {
    let scratch = try Scratch()
    let (file, words, outside) = try scaledEvents(scratch, limit: 32)
    try #require(outside > 100)
    let config = "\(Self.folder)/hls.yml"
    let model = "\(Self.folder)/jet_tagger.json"
    let expected = "\(outside) of \(words) words of input 'fc1_input' wrap"
    let emulated = try CommandLine.run(
      "emulate", model, "--config", config, "--input", file, "--output", scratch["o.npy"])
    #expect(emulated.status == 0)
    #expect(emulated.errors.contains(expected), "\(emulated.errors)")
    #expect(emulated.errors.contains("LayerName: {fc1_input: {Precision: {result: 'fixed<"))
    let compiled = try CommandLine.run(
      "compile", model, "--config", config, "--calibrate", file, "-o", scratch["project"])
    #expect(compiled.status == 0)
    #expect(compiled.errors.contains(expected), "\(compiled.errors)")
    let compared = try CommandLine.run("compare", model, "--config", config, "--input", file)
    #expect(compared.status == 0)
    #expect(compared.errors.contains(expected))
    #expect(compared.output.contains("first layer at fault: fc1_input"))
    let again = try CommandLine.run(
      "emulate", scratch["project"], "--input", file, "--output", scratch["p.npy"])
    #expect(again.errors.contains(expected), "\(again.errors)")
    #expect(
      again.errors.contains(
        "compile again with a wider type for the input, in the configuration LayerName: {"))
    let verified = try CommandLine.run("verify", scratch["project"], "--input", file)
    #expect(verified.errors.contains(expected), "\(verified.errors)")
  }

  /// Without a configuration the option is another one, and it does what is said.
  @Test func anAssumedInputNamesCalibrate() throws {
    let scratch = try Scratch()
    let (file, words, _) = try scaledEvents(scratch, limit: 16)
    let model = "\(Self.folder)/jet_tagger_float.json"
    let assumed = try CommandLine.run("emulate", model, "--input", file, "--output", scratch["o.npy"])
    #expect(assumed.errors.contains(" of \(words) words of input 'fc1_input' saturate"), "\(assumed.errors)")
    #expect(assumed.errors.contains("--calibrate"))
    let calibrated = try CommandLine.run(
      "emulate", model, "--input", file, "--calibrate", file, "--output", scratch["o.npy"])
    #expect(calibrated.status == 0)
    #expect(!calibrated.errors.contains("words of input"), "\(calibrated.errors)")
    // Of its project, too, where no configuration has any effect.
    #expect(try CommandLine.run("compile", model, "-o", scratch["project"]).status == 0)
    let again = try CommandLine.run(
      "emulate", scratch["project"], "--input", file, "--output", scratch["p.npy"])
    #expect(again.errors.contains("compile again with --calibrate"), "\(again.errors)")
    #expect(!again.errors.contains("LayerName"))
  }

  @Test func theReportsPageShowsTheComparison() throws {
    let scratch = try Scratch()
    let config = try scratch.write(
      "HLSConfig:\n  Model: {Precision: 'fixed<18,8>', ReuseFactor: 1}\n  LayerName:\n    fc2: {Precision: {weight: 'fixed<8,7>'}}\n",
      to: "hls.yml")
    let model = "\(Self.folder)/jet_tagger_float.json"
    let inspected = try CommandLine.run("inspect", model, "--config", config, "--json")
    #expect(
      inspected.errors.contains("layer 'fc2': fixed<8,7>, whose step is 0.5, is too coarse for its weight"))
    #expect(inspected.errors.contains("layer 'fc2': here hls4ml numerics part from the model"))
    let compiled = try CommandLine.run("compile", model, "--config", config, "-o", scratch["project"])
    #expect(compiled.errors.contains("layer 'fc2': here hls4ml numerics part from the model"))
    let compared = try CommandLine.run(
      "compare", model, "--config", config, "--input", "\(Self.folder)/events.npy", "--json", "--output",
      scratch["c.json"])
    #expect(compared.status == 0)
    #expect(compared.output == (try String(contentsOfFile: scratch["c.json"], encoding: .utf8)))
    let page = try CommandLine.run(
      "report", scratch["project"], "--html", scratch["page.html"], "--compare", scratch["c.json"])
    #expect(page.status == 0, "\(page.errors)")
    let html = try String(contentsOfFile: scratch["page.html"], encoding: .utf8)
    #expect(html.contains("At fault: fc2"))
    // Of another model: refused.
    let other = try CommandLine.run("compile", "\(Self.folder)/jet_tagger.json", "-o", scratch["other"])
    #expect(other.status == 0)
    let refused = try CommandLine.run(
      "report", scratch["other"], "--html", scratch["page.html"], "--compare", scratch["c.json"])
    #expect(refused.status == 65)
    #expect(refused.errors.contains("the project is jet_tagger under exact"))
  }
}
