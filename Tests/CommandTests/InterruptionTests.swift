import Foundation
import Testing

/// A command that is interrupted half way.
@Suite struct InterruptionTests {
  @Test(arguments: [SIGINT, SIGTERM]) func nothingIsLeftBehind(_ signal: Int32) throws {
    let scratch = try Scratch()
    // Events without end, as far as this test goes: a sparse file.
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2000000000, 16), }"
    let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
    let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(padded.utf8.count), 0] + Array(padded.utf8)
    try Data(start).write(to: URL(fileURLWithPath: scratch["events.npy"]))
    try #require(truncate(scratch["events.npy"], start.count + 2_000_000_000 * 64) == 0)
    let process = Process()
    process.executableURL = CommandLine.binary
    process.currentDirectoryURL = CommandLine.root
    process.arguments = [
      "emulate", DemoTests.model, "-c", DemoTests.config, "-i", scratch["events.npy"], "-o", scratch["x.npy"],
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The output is under another name until it is whole.
    func others() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).filter { $0 != "events.npy" }
    }
    while process.isRunning, try others().isEmpty { usleep(1000) }
    #expect(try others().allSatisfy { $0.hasPrefix(".x.npy.") })
    kill(process.processIdentifier, signal)
    for _ in 0..<30_000 where process.isRunning { usleep(1000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == signal)
    #expect(try others() == [])
  }
}
