import Diagnostics
import Foundation
import Reports
import Testing
import Triggerfish

/// The library's calls do what the commands do: the same files, figures and messages.
@Suite struct FacadeTests {
  private let model = CommandLine.root.path + "/models/jet_tagger/jet_tagger.json"
  private let events = CommandLine.root.path + "/models/jet_tagger/events.npy"

  private func source() -> Source {
    var source = Source(model: model)
    source.configuration = CommandLine.root.path + "/models/jet_tagger/hls.yml"
    return source
  }

  @Test func compileWritesWhatTheCommandWrites() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      "compile", model, "--config", source().configuration ?? "", "-o", scratch["a"], "--clock", "4ns")
    #expect(result.status == 0, "\(result.errors)")
    var project = ProjectRequest()
    project.choices.clockPeriod = 4
    project.folder = scratch["b"]
    var notes: [String] = []
    let written = try Compile(source(), project).run(Listener(note: { notes.append($0) }))
    #expect(try CommandLine.shell("diff -r a b", in: URL(fileURLWithPath: scratch["a"] + "/..")).status == 0)
    #expect(result.output == written.summary.replacing(scratch["b"], with: scratch["a"]) + "\n")
    #expect(result.errors == notes.map { $0 + "\n" }.joined())
    #expect(
      try ShowReport(scratch["b"]).run().json == CommandLine.run("report", scratch["a"], "--json").output)
  }

  @Test func exploreFindsWhatTheCommandFinds() throws {
    let result = try CommandLine.run(
      "explore", model, "--config", source().configuration ?? "", "--ii", "4", "--json")
    var explore = Explore(source())
    explore.choices.limits = Budget(latency: nil, interval: 4)
    #expect(try explore.run().front.json == result.output)
  }

  @Test func emulateWritesWhatTheCommandWrites() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run(
      "emulate", model, "--config", source().configuration ?? "", "--input", events, "--output",
      scratch["a.npy"],
      "--trace", scratch["a.npz"], "--raw", "--count-overflows")
    #expect(result.status == 0, "\(result.errors)")
    var emulate = Emulate(source(), inputs: [events])
    (emulate.outputs, emulate.trace, emulate.raw) = ([scratch["b.npy"]], scratch["b.npz"], true)
    emulate.countsOverflows = true
    var notes: [String] = []
    let outcome = try emulate.run(Listener(note: { notes.append($0) }))
    for name in ["npy", "npz"] {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: scratch["a.\(name)"]))
          == Data(contentsOf: URL(fileURLWithPath: scratch["b.\(name)"])))
    }
    let overflows = try #require(outcome.overflows)
    #expect(!overflows.isEmpty && result.output == overflows.map { $0 + "\n" }.joined())
    #expect(result.errors == notes.map { $0 + "\n" }.joined())
    // A project takes no options of the lowering, not even what it would be without them.
    var project = ProjectRequest()
    project.folder = scratch["p"]
    _ = try Compile(source(), project).run()
    var again = Source(model: scratch["p"])
    let words = Emulate(again, inputs: [events])
    #expect(try words.run().events == outcome.events)
    again.wordLength = Source.standardWordLength
    let failure = #expect(throws: Failure.self) { try Emulate(again, inputs: [events]).run() }
    #expect(failure?.kind == .usage && failure?.description.contains("--word-length: no effect") == true)
  }

  @Test func compareAndInspectFindWhatTheCommandsFind() throws {
    let options = [model, "--config", source().configuration ?? ""]
    var compare = Compare(source())
    compare.inputs = [events]
    #expect(
      try compare.run().json == CommandLine.run(["compare"] + options + ["--input", events, "--json"]).output)
    let inspect = Inspect(source())
    let found = try inspect.run()
    #expect(try found.json == CommandLine.run(["inspect"] + options + ["--json"]).output)
    #expect(try found.lines.map { $0 + "\n" }.joined() == CommandLine.run(["inspect"] + options).output)
    #expect(
      try inspect.program().description == CommandLine.run(["inspect"] + options + ["--program"]).output)
    var passes: [String] = []
    _ = try inspect.program { pass, _ in passes.append(pass) }
    #expect(passes.first == "build" && passes.count > 3)
  }

  @Test func evaluateFailsAsTheCommandDoes() throws {
    let scratch = try Scratch()
    let result = try CommandLine.run("evaluate", scratch.url.path)
    let failure = #expect(throws: Failure.self) { try Evaluate(scratch.url.path).run() }
    #expect(result.status == failure?.kind.rawValue)
    #expect(failure.map { $0.description + "\n" } == result.errors)
  }

  @Test func failuresAreTheCommandsMessages() throws {
    let scratch = try Scratch()
    var project = ProjectRequest()
    project.folder = scratch["x"]
    project.choices.limits = Budget(latency: Budget.Latency("1ns"), interval: nil)
    let result = try CommandLine.run("compile", model, "-o", scratch["x"], "--budget", "1ns")
    #expect(result.status == 1)
    let failure = #expect(throws: Failure.self) { try Compile(Source(model: model), project).run() }
    // Behind the notes on the model.
    #expect(failure.map { result.errors.hasSuffix($0.description + "\n") } == true, "\(result.errors)")
    let missing = #expect(throws: Failure.self) { try Verify(scratch["nothing"]).run() }
    let verified = try CommandLine.run("verify", scratch["nothing"])
    #expect(verified.status == missing?.kind.rawValue)
    #expect(missing.map { $0.description + "\n" } == verified.errors)
  }
}
