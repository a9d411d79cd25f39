import DataFiles
import Foundation
import Testing

/// `emulate --trace`: every layer's results, written while the events pass.
@Suite struct TraceTests {
  private static let layers = ["fc1", "relu1", "fc2", "relu2", "fc3", "relu3", "output", "softmax"]
  private static let events = "models/jet_tagger/events.npy"

  private func emulate(_ arguments: String...) throws -> CommandLine.Result {
    try CommandLine.run(["emulate", DemoTests.model, "-c", DemoTests.config] + arguments)
  }

  private func layer(_ name: String, of path: String) throws -> EventArray {
    try EventReader("\(path):\(name)").readAll()
  }

  @Test func isHls4mlsTrace() throws {
    let scratch = try Scratch()
    let result = try emulate("-i", Self.events, "--trace", scratch["t.npz"])
    #expect(result.status == 0, "\(result.errors)")
    let golden = CommandLine.root.appendingPathComponent(
      "Tests/ConformanceTests/Golden/jet_tagger_hls/trace.npz"
    ).path
    for name in Self.layers {
      let made = try EventReader("\(scratch["t.npz"]):\(name)")
      #expect(made.events == 2000)
      #expect(try made.read(0..<10) == layer(name, of: golden), "\(name)")
    }
  }

  /// More events than are worked on at once: the same events eight times over give the same results eight times over.
  @Test(arguments: [false, true]) func isTheSameInParts(_ raw: Bool) throws {
    let scratch = try Scratch()
    let small = try EventReader(Self.events).readAll()
    let reals = Array(repeatElement(small.reals, count: 8).joined())
    try writeEvents(EventArray(shape: [16000, 16], reals: reals), to: scratch["large.npy"])
    let options = raw ? ["--raw"] : []
    for (input, name) in [(Self.events, "small"), (scratch["large.npy"], "large")] {
      let result = try CommandLine.run(
        [
          "emulate", DemoTests.model, "-c", DemoTests.config, "-i", input, "-o", scratch["\(name)_out.npy"],
          "--trace", scratch["\(name).npz"],
        ] + options)
      #expect(result.status == 0, "\(result.errors)")
    }
    func repeated(_ array: EventArray) -> EventArray {
      let shape = [array.events * 8] + array.shape.dropFirst()
      switch array.values {
      case .reals(let reals):
        return EventArray(shape: shape, reals: Array(repeatElement(reals, count: 8).joined()))
      case .words(let words):
        return EventArray(shape: shape, words: Array(repeatElement(words, count: 8).joined()))
      }
    }
    for name in Self.layers {
      let once = try layer(name, of: scratch["small.npz"])
      if case .words = once.values { #expect(raw) } else { #expect(!raw) }
      #expect(try layer(name, of: scratch["large.npz"]) == repeated(once), "\(name)")
    }
    let outputs = try EventReader(scratch["large_out.npy"]).readAll()
    #expect(try outputs == repeated(EventReader(scratch["small_out.npy"]).readAll()))
    #expect(try outputs == layer("softmax", of: scratch["large.npz"]))
  }

  @Test func rawWordsAreTheValuesWithoutTheirPoint() throws {
    let scratch = try Scratch()
    #expect(try emulate("-i", Self.events, "--trace", scratch["t.npz"]).status == 0)
    #expect(try emulate("-i", Self.events, "--trace", scratch["w.npz"], "--raw").status == 0)
    for name in Self.layers {
      let values = try layer(name, of: scratch["t.npz"]).reals
      let words = try layer(name, of: scratch["w.npz"]).reals
      let scale = try #require(zip(values, words).first { $0.0 != 0 }.map { $0.1 / $0.0 })
      #expect(scale.significand == 1 && scale >= 1)
      #expect(values.map { $0 * scale } == words, "\(name)")
    }
  }

  @Test func anArchiveIsNoPipe() throws {
    let scratch = try Scratch()
    let path = scratch["device.npz"]
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
    let result = try emulate("-i", Self.events, "-o", scratch["x.npy"], "--trace", path)
    #expect(result.status == 73)
    #expect(result.errors == "\(path): error: an archive cannot be written to a pipe or device\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == ["device.npz"])
  }

  /// Numbers that end an emulation half way end the trace too.
  @Test func nothingIsLeftOfEventsThatAreRefused() throws {
    let scratch = try Scratch()
    var reals = [Double](repeating: 0, count: 16000 * 16)
    reals[15999 * 16] = .nan
    try writeEvents(EventArray(shape: [16000, 16], reals: reals), to: scratch["e.npy"])
    let result = try emulate("-i", scratch["e.npy"], "-o", scratch["x.npy"], "--trace", scratch["t.npz"])
    #expect(result.status == 65)
    #expect(
      result.errors.hasSuffix(
        "e.npy:event 15999, element [0]: error: NaN is not a number hardware can be given\n"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == ["e.npy"])
  }

  /// Counted in parts too.
  @Test func overflowsAddUp() throws {
    let scratch = try Scratch()
    // Sums of large inputs wrap.
    let once = (0..<400_000).map { Double(($0 * 7919) % 60 - 30) }
    try writeEvents(EventArray(shape: [25000, 16], reals: once), to: scratch["once.npy"])
    let many = Array(repeatElement(once, count: 10).joined())
    try writeEvents(EventArray(shape: [250_000, 16], reals: many), to: scratch["many.npy"])
    func counts(_ name: String) throws -> [Int] {
      let result = try emulate("-i", scratch[name], "--count-overflows")
      #expect(result.status == 0, "\(result.errors)")
      return try result.output.split(separator: "\n").map { line in
        try #require(line.split(separator: ": ").last?.split(separator: " ").first.flatMap { Int($0) })
      }
    }
    let few = try counts("once.npy")
    #expect(!few.isEmpty)
    #expect(try counts("many.npy") == few.map { $0 * 10 })
  }
}
