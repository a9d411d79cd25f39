import Foundation
import Testing

/// A command that is interrupted half way.
@Suite struct InterruptionTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Starts an emulation, with a trace, of events that are a sparse file.
  private func start(events: Int) throws -> Process {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(events), 16), }"
    let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
    let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(padded.utf8.count), 0] + Array(padded.utf8)
    try Data(start).write(to: URL(fileURLWithPath: scratch["events.npy"]))
    try #require(truncate(scratch["events.npy"], start.count + events * 64) == 0)
    let process = Process()
    process.executableURL = CommandLine.binary
    process.currentDirectoryURL = CommandLine.root
    process.arguments = [
      "emulate", DemoTests.model, "-c", DemoTests.config, "-i", scratch["events.npy"], "-o", scratch["x.npy"],
      "--trace", scratch["t.npz"],
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// All that is there besides the events; the outputs are under other names until they are whole.
  private func others() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: scratch.url.path).filter { $0 != "events.npy" }
  }

  private func endsCleanly(_ process: Process, by signal: Int32) throws {
    #expect(try others().allSatisfy { $0.hasPrefix(".x.npy.") || $0.hasPrefix(".t.npz.") })
    kill(process.processIdentifier, signal)
    for _ in 0..<30_000 where process.isRunning { usleep(1000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == signal)
    #expect(try others() == [])
  }

  @Test(arguments: [SIGINT, SIGTERM]) func nothingIsLeftBehind(_ signal: Int32) throws {
    // Events without end, as far as this test goes.
    let process = try start(events: 2_000_000_000)
    // Until the layers' files are written to.
    func isWriting() throws -> Bool {
      try others().contains { name in
        let size = try? FileManager.default.attributesOfItem(atPath: scratch[name])[.size] as? Int
        return name.hasSuffix(".npy") && name.hasPrefix(".t.npz.") && (size ?? 0) > 1 << 20
      }
    }
    while process.isRunning, try !isWriting() { usleep(1000) }
    try endsCleanly(process, by: signal)
  }

  /// All events are done, and the layers' files are being joined.
  @Test func norOfAnArchiveBeingWritten() throws {
    let process = try start(events: 100_000)
    while process.isRunning, try !others().contains(where: { $0.contains("/archive") }) { usleep(500) }
    try endsCleanly(process, by: SIGTERM)
  }
}
