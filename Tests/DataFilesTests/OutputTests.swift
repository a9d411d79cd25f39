import DataFiles
import Diagnostics
import Foundation
import Storage
import Testing

@Suite struct OutputTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
  }

  // MARK: Files

  @Test func replacesAFileWhole() throws {
    let path = try folder.file("a.txt", Array("old".utf8))
    let file = try AtomicFile(path)
    try file.write("new")
    #expect(try text("a.txt") == "old")
    try file.commit()
    #expect(try text("a.txt") == "new")
    #expect(try folder.contents == ["a.txt"])
  }

  @Test func leavesNothingWhenGivenUp() throws {
    do {
      let file = try AtomicFile("\(folder.path)/a.txt")
      try file.write("half")
      #expect(try folder.contents.count == 1)
    }
    #expect(try folder.contents == [])
  }

  @Test func writesThroughLinks() throws {
    _ = try folder.file("real.txt", Array("old".utf8))
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/link.txt", withDestinationPath: "real.txt")
    try writeAtomically("new", to: "\(folder.path)/link.txt")
    #expect(try text("real.txt") == "new")
    #expect(try folder.contents == ["link.txt", "real.txt"])
  }

  @Test func refusesPlacesForFiles() throws {
    #expect(
      complaint(in: folder) { try writeAtomically("x", to: "\(folder.path)/none/a.txt") }
        == "73 none/a.txt: error: cannot be created: No such file or directory")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/d", withIntermediateDirectories: false)
    #expect(
      complaint(in: folder) { try writeAtomically("x", to: "\(folder.path)/d") }
        == "73 d: error: this is a folder, not a file")
    #expect(
      complaint(in: folder) {
        try writeEvents(EventArray(shape: [1], reals: [1]), to: "\(folder.path)/a.xlsx")
      } == "64 a.xlsx: error: an output's name must end in .npy or .csv")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full"))
  func reportsAFullDisk() throws {
    let full = "/dev/full: error: writing failed: No space left on device"
    #expect(complaint(in: folder) { try writeAtomically("x", to: "/dev/full") } == "74 \(full)")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/a.csv", withDestinationPath: "/dev/full")
    #expect(
      complaint(in: folder) {
        try writeEvents(EventArray(shape: [1], reals: [1]), to: "\(folder.path)/a.csv")
      }
        == "74 a.csv: error: writing failed: No space left on device")
    #expect(try folder.contents == ["a.csv"])
  }

  /// A disk that fills up on the way: nothing half written stays, what was there stays.
  @Test(.enabled(if: TinyDisk.isPossible, "a small disk cannot be mounted here: not root"))
  func leavesNothingOnAFullDisk() throws {
    let disk = try TinyDisk(at: folder.path, kilobytes: 64)
    defer { disk.unmount() }
    try OutputFolder.write([("a.txt", Array("old".utf8))], to: "\(folder.path)/out")
    let before = try folder.contents
    let large = [UInt8](repeating: 0, count: 1 << 20)
    #expect(
      complaint(in: folder) { try writeAtomically(large, to: "\(folder.path)/large.bin") }
        == "74 large.bin: error: writing failed: No space left on device")
    #expect(
      complaint(in: folder) {
        try OutputFolder.write([("a.txt", []), ("w/b.bin", large)], to: "\(folder.path)/out")
      }
        == "74 out/w/b.bin: error: writing failed: No space left on device")
    #expect(
      complaint(in: folder) {
        let array = EventArray(shape: [1 << 17], reals: Array(repeating: 0, count: 1 << 17))
        try writeArchive([("x", array)], to: "\(folder.path)/t.npz")
      } == "74 t.npz: error: writing failed: No space left on device")
    // Room for the array, not for the archive of it too.
    #expect(
      complaint(in: folder) {
        let array = EventArray(shape: [5000], reals: Array(repeating: 0, count: 5000))
        try writeArchive([("x", array)], to: "\(folder.path)/t.npz")
      }.hasPrefix("74 t.npz: error: writing failed: the archive cannot be written: "))
    #expect(try folder.contents == before)
    #expect(try text("out/a.txt") == "old")
  }

  // MARK: Archives

  @Test func writesArchives() throws {
    let arrays: [(String, EventArray)] = [
      ("fc1_relu", EventArray(shape: [2, 2], reals: [1, 2, 3, 4])),
      ("../../x", EventArray(shape: [1], words: [7])),
      ("a/b", EventArray(shape: [1], words: [1])), ("a_b", EventArray(shape: [1], words: [2])),
      ("", EventArray(shape: [1], words: [3])), ("fc1_relu", EventArray(shape: [1], words: [4])),
    ]
    let path = "\(folder.path)/t.npz"
    try writeArchive(arrays, to: path)
    let first = try Data(contentsOf: URL(filePath: path))
    try writeArchive(arrays, to: path)
    #expect(try Data(contentsOf: URL(filePath: path)) == first)
    #expect(try folder.contents == ["t.npz"])
    for (name, (_, array)) in zip(["fc1_relu", "_._.._x", "a_b", "a_b_2", "_", "fc1_relu_2"], arrays) {
      #expect(try EventReader("\(path):\(name)").readAll() == array, "\(name)")
    }
  }

  @Test func writesArchivesPartByPart() throws {
    let reals = EventArray(shape: [5, 2], reals: (0..<10).map(Double.init))
    let words = EventArray(shape: [5], words: [1, 2, 3, 4, 5])
    try writeArchive([("a", reals), ("b", words)], to: "\(folder.path)/whole.npz")
    try writeEvents(reals, to: "\(folder.path)/a.npy")
    try writeEvents(words, to: "\(folder.path)/b.npy")
    let whole = try ["a", "b"].map { try EventReader("\(folder.path)/\($0).npy") }
    let path = "\(folder.path)/parts.npz"
    let writer = try ArchiveWriter(path, arrays: [("a", [5, 2], false), ("b", [5], true)])
    for part in [0..<2, 2..<2, 2..<5] { try writer.append(whole.map { try $0.read(part) }) }
    let hidden = try folder.contents.filter { $0.hasPrefix(".parts.npz.") }
    // The folder, and a file per array.
    #expect(hidden.count == 3)
    try writer.finish()
    #expect(
      try Data(contentsOf: URL(filePath: path))
        == Data(contentsOf: URL(filePath: "\(folder.path)/whole.npz")))
    for (name, array) in zip(["a", "b"], whole) {
      let bytes = try ZipArchive(path: path).read("\(name).npy")
      #expect(try Data(bytes) == Data(contentsOf: URL(filePath: array.file)))
    }
  }

  @Test func archivesGivenUpLeaveNothing() throws {
    let path = try folder.file("t.npz", Array("old".utf8))
    do {
      let writer = try ArchiveWriter(path, arrays: [("a", [2], false)])
      try writer.append([EventArray(shape: [1], reals: [1])])
      #expect(
        complaint(in: folder) { try writer.finish() } == "70 t.npz: error: 1 events written, of 2")
    }
    #expect(try folder.contents == ["t.npz"])
    #expect(try text("t.npz") == "old")
  }

  @Test func refusesPlacesForArchives() throws {
    let array = EventArray(shape: [1], reals: [1])
    #expect(
      complaint(in: folder) { try writeArchive([("x", array)], to: "\(folder.path)/none/t.npz") }
        == "73 none/t.npz: error: cannot be created: No such file or directory")
    #expect(
      complaint(in: folder) { try writeArchive([("x", array)], to: "/dev/null") }
        == "73 /dev/null: error: an archive cannot be written to a pipe or device")
    #expect(try folder.contents == [])
  }

  /// numpy reads what we write.
  @Test(.enabled(if: Numpy.python != nil, "no python3 with numpy (TRIGGERFISH_PYTHON names one)"))
  func numpyReadsWhatWeWrite() throws {
    let python = try #require(Numpy.python)
    let reals = EventArray(shape: [2, 3], reals: [0.1, -2, 1e300, .leastNonzeroMagnitude, 0, 7.5])
    let words = EventArray(shape: [2, 1, 2], words: [-1, 1 << 62, 3, 0])
    try writeEvents(reals, to: "\(folder.path)/a.npy")
    try writeEvents(words, to: "\(folder.path)/w.npy")
    try writeEvents(reals, to: "\(folder.path)/a.csv")
    try writeArchive([("fc1", reals), ("out", words)], to: "\(folder.path)/t.npz")
    let script = """
      import numpy as np, sys
      f = sys.argv[1] + '/'
      a, w, t, c = np.load(f + 'a.npy'), np.load(f + 'w.npy'), np.load(f + 't.npz'), np.loadtxt(f + 'a.csv', delimiter=',')
      for x in (a, t['fc1'], c):
          assert x.dtype == np.float64 and x.tolist() == [[0.1, -2, 1e300], [5e-324, 0, 7.5]], x
      for x in (w, t['out']):
          assert x.dtype == np.int64 and x.tolist() == [[[-1, 2**62]], [[3, 0]]], x
      assert t.files == ['fc1', 'out']
      """
    #expect(try Numpy.run(python, ["-c", script, folder.path]) == 0)
  }
}

/// A python3 with numpy, if there is one.
enum Numpy {
  static let python: String? = {
    let environment = ProcessInfo.processInfo.environment
    let candidates =
      [environment["TRIGGERFISH_PYTHON"]].compactMap { $0 }
      + (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/python3" }
    return candidates.first {
      FileManager.default.isExecutableFile(atPath: $0) && (try? run($0, ["-c", "import numpy"])) == 0
    }
  }()

  static func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

/// A disk of a few kilobytes mounted over a folder.
struct TinyDisk {
  static let isPossible: Bool = {
    guard let folder = try? TemporaryFolder(), let disk = try? TinyDisk(at: folder.path, kilobytes: 64) else {
      return false
    }
    disk.unmount()
    return true
  }()

  private let path: String

  init(at path: String, kilobytes: Int) throws {
    self.path = path
    let status = try Numpy.run(
      "/bin/mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path])
    guard status == 0 else { throw Failure(.unavailable, "mount failed") }
  }

  func unmount() { _ = try? Numpy.run("/bin/umount", [path]) }
}
