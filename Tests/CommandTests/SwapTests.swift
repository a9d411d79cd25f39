import DataFiles
import Foundation
import Testing

/// A command killed at any moment of putting its outputs in place, on file systems that can exchange two folders in one
/// step and on those that cannot.
///
/// A small library is loaded before the system's: it counts the calls that change a folder, kills the process before or after
/// the one it is told, and can refuse the exchange as an old file system does.
@Suite struct SwapTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try SmallModel.write(to: scratch)
  }

  /// Counts `rename`, `renameat2`, `mkdir`, `rmdir`, `unlink` and `unlinkat`. TF_CALL: the number of the call; TF_SIGNAL: what is
  /// raised after it; TF_NO_EXCHANGE: renameat2 gives EINVAL.
  private static let source = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <signal.h>
    #include <stdatomic.h>
    #include <stdlib.h>
    #include <sys/stat.h>
    #include <sys/types.h>
    #include <unistd.h>
    static atomic_int calls;
    static void strike(int now) {
      const char *call = getenv("TF_CALL"), *number = getenv("TF_SIGNAL");
      if (!call || now != atoi(call)) return;
      kill(getpid(), atoi(number));
      // Whatever is waited for happens now.
      if (atoi(number) != SIGKILL) usleep(50000);
    }
    #define WRAP(name, result, parameters, arguments) \
      result name parameters { \
        static result (*real) parameters; \
        if (!real) real = (result (*) parameters)dlsym(RTLD_NEXT, #name); \
        int now = atomic_fetch_add(&calls, 1) + 1; \
        result value = REFUSED ? (errno = EINVAL, -1) : real arguments; \
        int code = errno; \
        strike(now); \
        errno = code; \
        return value; \
      }
    #define REFUSED 0
    WRAP(rename, int, (const char *a, const char *b), (a, b))
    WRAP(mkdir, int, (const char *a, mode_t b), (a, b))
    WRAP(rmdir, int, (const char *a), (a))
    WRAP(unlink, int, (const char *a), (a))
    WRAP(unlinkat, int, (int a, const char *b, int c), (a, b, c))
    #undef REFUSED
    #define REFUSED (getenv("TF_NO_EXCHANGE") != NULL)
    WRAP(renameat2, int, (int a, const char *b, int c, const char *d, unsigned e), (a, b, c, d, e))
    """#

  private func library() throws -> String {
    let source = try scratch.write(Self.source, to: "strike.c")
    let built = try CommandLine.shell("gcc -shared -fPIC -O1 -o strike.so strike.c -ldl", in: scratch.url)
    try #require(built.status == 0, "\(built.errors)")
    try FileManager.default.removeItem(atPath: source)
    return scratch["strike.so"]
  }

  /// The bytes of every file of a folder.
  private func contents(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      files[name] = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
    }
    return files
  }

  static let hasCompiler = (try? CommandLine.shell("gcc --version"))?.status == 0

  @Test(.enabled(if: hasCompiler, "no gcc"), arguments: [false, true])
  func aKilledCompileLeavesOldOrNew(_ hasNoExchange: Bool) throws {
    let library = try library()
    func compile(_ clock: String, to folder: String, _ environment: [String: String] = [:]) throws
      -> CommandLine.Result
    {
      var environment = environment
      if hasNoExchange { environment["TF_NO_EXCHANGE"] = "1" }
      environment["LD_PRELOAD"] = library
      return try CommandLine.shell(
        "$T compile m.json --clock \(clock) -o \(folder)", in: scratch.url, environment: environment)
    }
    // As deep as what they are compared with: source.json has the way to the model.
    #expect(try compile("5ns", to: "g/old").status == 0)
    #expect(try compile("4ns", to: "g/new").status == 0)
    let (old, new) = (try contents(scratch["g/old"]), try contents(scratch["g/new"]))
    #expect(old != new)
    var states: Set<String> = []
    var call = 0
    var isOver = false
    while !isOver {
      call += 1
      try? FileManager.default.removeItem(atPath: scratch["f"])
      try FileManager.default.createDirectory(atPath: scratch["f"], withIntermediateDirectories: false)
      #expect(try compile("5ns", to: "f/p").status == 0)
      let killed = try compile(
        "4ns", to: "f/p", ["TF_CALL": "\(call)", "TF_SIGNAL": "\(SIGKILL)"])
      isOver = killed.status == 0
      if isOver {
        #expect(try contents(scratch["f/p"]) == new)
        break
      }
      #expect(killed.status == 137, "\(call): \(killed.status)")
      let isThere = FileManager.default.fileExists(atPath: scratch["f/p"])
      if isThere {
        let found = try contents(scratch["f/p"])
        #expect(found == old || found == new, "call \(call)")
        states.insert(found == old ? "old" : "new")
      } else {
        // Between two renames: what was there is found by whoever asks for it.
        #expect(hasNoExchange, "call \(call)")
        states.insert("moved")
        let report = try CommandLine.run(["report", "f/p"], in: scratch.url)
        #expect(report.status == 0, "\(report.errors)")
        #expect(
          report.errors
            == "f/p: note: put back; a run of triggerfish that was killed had moved it away\n")
        #expect(try contents(scratch["f/p"]) == old)
      }
      // The next one leaves nothing else.
      let next = try compile("4ns", to: "f/p")
      #expect(next.status == 0, "\(next.errors)")
      #expect(try contents(scratch["f/p"]) == new)
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch["f"]) == ["p"], "call \(call)")
    }
    #expect(call > 5)
    #expect(states == (hasNoExchange ? ["old", "new", "moved"] : ["old", "new"]))
  }

  /// A killed command's folder is put back by the next `compile` too, and then replaced.
  @Test(.enabled(if: hasCompiler, "no gcc"))
  func aFolderMovedAwayIsNotLostToTheNextCompile() throws {
    let moved = scratch["f/.p.0123456789abc.triggerfish-old"]
    let compiled = try CommandLine.shell(
      "$T compile m.json -o f/p && mv f/p \(moved) && mkdir f/.p.0123456789abc.triggerfish", in: scratch.url)
    #expect(compiled.status == 0, "\(compiled.errors)")
    _ = FileManager.default.createFile(atPath: "\(moved)/mine.txt", contents: Data())
    let next = try CommandLine.run(["compile", "m.json", "-o", "f/p"], in: scratch.url)
    #expect(next.status == 73)
    #expect(
      next.errors.contains("f/p: note: put back; ") && next.errors.contains("did not write: mine.txt\n"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch["f"]).contains("p"))
    #expect(FileManager.default.fileExists(atPath: scratch["f/p/mine.txt"]))
  }

  /// An exit by a signal says that the old outputs stand; once the new ones do, the command ends well.
  @Test(.enabled(if: hasCompiler, "no gcc"), arguments: [SIGTERM])
  func aSignalInTheSwap(_ signal: Int32) throws {
    let library = try library()
    for (setting, isExchange) in [([:], true), (["TF_NO_EXCHANGE": "1"], false)] {
      var seen: Set<Int32> = []
      for call in 1...14 {
        #expect(
          try CommandLine.shell("$T compile m.json --clock 5ns -o p --force", in: scratch.url).status == 0)
        let old = try contents(scratch["p"])
        let environment = [
          "LD_PRELOAD": library, "TF_CALL": "\(call)", "TF_SIGNAL": "\(signal)",
        ].merging(setting) { $1 }
        let result = try CommandLine.shell(
          "$T compile m.json --clock 4ns -o p", in: scratch.url, environment: environment)
        let isOld = try contents(scratch["p"]) == old
        #expect(result.status == (isOld ? 128 + signal : 0), "\(isExchange) \(call)")
        #expect(result.output.isEmpty == isOld)
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path)
        #expect(left.allSatisfy { !$0.hasPrefix(".") }, "\(left)")
        seen.insert(result.status)
      }
      #expect(seen == [0, 128 + signal])
    }
  }

  /// Several files are put in place as one.
  @Test(.enabled(if: hasCompiler, "no gcc")) func aSignalBetweenTwoFiles() throws {
    let library = try library()
    var seen: Set<Int32> = []
    for call in 1...8 {
      for name in ["y.npy", "t.npz"] { _ = try scratch.write("old", to: name) }
      let result = try CommandLine.shell(
        "$T emulate m.json -i e.csv -o y.npy --trace t.npz", in: scratch.url,
        environment: ["LD_PRELOAD": library, "TF_CALL": "\(call)", "TF_SIGNAL": "\(SIGTERM)"])
      let isOld = try ["y.npy", "t.npz"].map {
        try Data(contentsOf: URL(filePath: scratch[$0])) == Data("old".utf8)
      }
      #expect(isOld == [result.status != 0, result.status != 0], "\(call): \(result.status)")
      let left = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path)
      #expect(left.allSatisfy { !$0.hasPrefix(".") }, "\(left)")
      seen.insert(result.status)
    }
    #expect(seen == [0, 143])
  }

  // MARK: Leftovers

  /// What a killed emulation left is removed by the next one in the folder, and what one that runs has is not.
  @Test func leftoversOfTheKilledAreRemoved() throws {
    let zeros = String(repeating: "1,2,3,4\n", count: 200_000)
    _ = try scratch.write(zeros, to: "long.csv")
    func start() throws -> Process {
      let process = Process()
      process.executableURL = CommandLine.binary
      process.currentDirectoryURL = scratch.url
      process.arguments = ["emulate", "m.json", "-i", "fifo", "-o", "y.csv", "--trace", "t.npz"]
      process.standardError = FileHandle.nullDevice
      return process
    }
    let before = try scratch.contents
    // Kept half way for good by a pipe nobody reads.
    try #require(mkfifo(scratch["fifo.npy"], 0o600) == 0)
    let process = try start()
    process.arguments = ["emulate", "m.json", "-i", "long.csv", "--trace", "t.npz", "-o", "fifo.npy"]
    let reader = open(scratch["fifo.npy"], O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try process.run()
    func hidden() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).filter { $0.hasPrefix(".") }
    }
    while process.isRunning, try hidden().isEmpty { usleep(1000) }
    let theirs = try hidden()
    #expect(theirs.count == 1 && theirs[0].hasPrefix(".t.npz.") && theirs[0].hasSuffix(".triggerfish"))
    let another = ["emulate", "m.json", "-i", "e.csv", "-o", "y.csv"]
    #expect(try CommandLine.run(another, in: scratch.url).status == 0)
    #expect(process.isRunning)
    #expect(try hidden() == theirs)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(try hidden() == theirs)
    // Names that are not ours stay.
    for name in [".t.npz.triggerfish", ".t.short.triggerfish", ".mine"] {
      _ = try scratch.write("", to: name)
    }
    #expect(try CommandLine.run(another, in: scratch.url).status == 0)
    #expect(
      try scratch.contents
        == (before + ["fifo.npy", "y.csv", ".t.npz.triggerfish", ".t.short.triggerfish", ".mine"]).sorted())
  }

  /// A descriptor per layer is more than a process may have.
  @Test func aTraceOfManyLayers() throws {
    try SmallModel.write(to: scratch, layers: (0..<1100).map { "layer\($0)" })
    let result = try CommandLine.shell(
      "ulimit -n 64; $T emulate m.json -i e.csv -o y.csv --trace t.npz", in: scratch.url)
    #expect(result.status == 0, "\(result.errors)")
    for name in ["layer0", "layer1099"] {
      let layer = try EventReader("\(scratch["t.npz"]):\(name)").readAll()
      #expect(layer.shape == [2, 4] && layer.reals == [1, 2, 3, 0, 0.5, 1, 2, 3])
    }
    #expect(try scratch.contents == ["e.csv", "m.json", "m_weights.h5", "t.npz", "y.csv"])
  }
}
