import Foundation
import Testing

/// Descriptors that are closed or full, and files that may not grow.
@Suite struct LostOutputTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try SmallModel.write(to: scratch)
    _ = try scratch.write(
      """
      model_name,d_in,d_out,prec,rf,strategy,hls_synth_success,TargetClockPeriod,BestLatency,IntervalMax,FF,LUT,BRAM_18K,DSP
      m,32,32,4,1,latency,true,5.0,1.0,1.0,1860.0,15357.0,0.0,0.0

      """, to: "t.csv")
    let result = try CommandLine.run(["compile", "m.json", "-o", "p"], in: scratch.url)
    try #require(result.status == 0, "\(result.errors)")
  }

  private func shell(_ line: String) throws -> CommandLine.Result {
    try CommandLine.shell(line, in: scratch.url)
  }

  private static let jets = CommandLine.root.appendingPathComponent(DemoTests.model).path

  /// Everything that prints results.
  private static let printing = [
    "inspect m.json", "inspect m.json --json", "inspect m.json --program", "inspect m.json --passes",
    "compile m.json -o p", "explore \(jets)", "explore \(jets) --json", "explore \(jets) --csv", "report p",
    "report p --json", "report p --html r.html", "check p --budget 1us", "check p --budget 1us --json",
    "emulate m.json -i e.csv --count-overflows", "--help", "--version", "compile --help",
    "--generate-completion-script bash", "evaluate t.csv --all",
  ]

  @Test(arguments: printing) func lostResultsAreNoSuccess(_ command: String) throws {
    let well = try shell("$T \(command)")
    #expect(well.status == 0 && !well.output.isEmpty, "\(well.errors)")
    for (end, reason) in [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")] {
      let result = try shell("$T \(command) \(end)")
      #expect(result.status == 74, "\(command) \(end): \(result.errors)")
      #expect(
        result.errors.hasSuffix("standard output: error: writing failed: \(reason)\n"), "\(result.errors)")
      #expect(try shell("$T \(command) \(end) 2>&-").status == 74)
    }
    // Messages have nobody to read them, which is no fault of the command's.
    for end in ["2>/dev/full", "2>&-", "<&-", "2>&- <&-"] {
      let result = try shell("$T \(command) \(end)")
      #expect(result.status == 0 && result.output == well.output, "\(command) \(end)")
    }
  }

  /// Whoever closes a pipe early, as `head` does, wants no more: no message, but no success either.
  @Test func aClosedPipeIsQuiet() throws {
    let result = try shell("set -o pipefail; (sleep 0.3; $T report p; echo $? >status) | true")
    #expect(result.errors == "")
    #expect(try String(contentsOfFile: scratch["status"], encoding: .utf8) == "74\n")
  }

  /// What failed is what the exit code says, wherever the messages go.
  @Test(arguments: ["2>/dev/full", "2>&-", "2>&1", "</dev/null 2>/dev/full"])
  func failuresKeepTheirCodes(_ end: String) throws {
    for (command, code) in [
      ("check p --max-lut 0", 1), ("compile m.json -o q --max-lut 0", 1), ("inspect --nonsense", 64),
      ("inspect e.csv", 65), ("inspect nowhere.json", 66), ("report nowhere", 66), ("verify nowhere", 66),
      ("verify p --ap-types /nowhere", 69), ("emulate m.json -i e.csv -o /proc/x.npy", 73),
      ("emulate m.json -i e.csv -o full.csv", 74), ("evaluate nowhere", 66), ("explore nowhere", 66),
    ] {
      try? FileManager.default.createSymbolicLink(
        atPath: scratch["full.csv"], withDestinationPath: "/dev/full")
      #expect(try shell("$T \(command) \(end)").status == code, "\(command) \(end)")
    }
  }

  /// The results of a check are lost, and that it failed too; messages say both.
  @Test func aFailedCheckWithoutItsResults() throws {
    let result = try shell("$T check p --max-lut 0 >/dev/full")
    #expect(result.status == 74)
    #expect(result.errors.hasPrefix("p: error: LUT is "), "\(result.errors)")
    #expect(result.errors.hasSuffix("\nstandard output: error: writing failed: No space left on device\n"))
  }

  /// A command without results needs no standard output. The files it opens do not take its place.
  @Test func aClosedOutputIsNotTakenForAFile() throws {
    #expect(try shell("$T emulate m.json -i e.csv -o y.csv >&- 2>&- <&-").status == 0)
    #expect(
      try String(contentsOfFile: scratch["y.csv"], encoding: .utf8) == "1.0,2.0,3.0,0.0\n0.5,1.0,2.0,3.0\n")
    #expect(try shell("$T report p --html r.html >&-").status == 74)
    #expect(try String(contentsOfFile: scratch["r.html"], encoding: .utf8).hasSuffix("</html>\n"))
  }

  /// `ulimit -f` counts blocks of 1024 bytes.
  @Test(arguments: [
    "compile m.json -o q", "explore \(jets) --svg q.svg", "report p --html q.html",
    "emulate m.json -i long.csv -o q.npy", "emulate m.json -i long.csv -o q.csv",
    "emulate m.json -i long.csv --trace q.npz",
    "inspect m.json >q", "inspect m.json --json >q", "check p --budget 1us --junit q.xml",
  ])
  func aLimitOnFilesIsAFullDisk(_ command: String) throws {
    try SmallModel.write(to: scratch, layers: (0..<40).map { "layer\($0)" })
    let zeros = Array(repeating: "1,2,3,4", count: 200).joined(separator: "\n")
    _ = try scratch.write(zeros, to: "long.csv")
    let before = try scratch.contents
    let blocks = command.contains("junit") ? 0 : 1
    let result = try shell(
      "(ulimit -f \(blocks); $T \(command)) 2>&1 >/dev/null | cat >&2; exit ${PIPESTATUS[0]}")
    #expect(result.status == 74, "\(result.errors)")
    #expect(result.errors.hasSuffix("error: writing failed: File too large\n"), "\(result.errors)")
    let redirected = command.hasSuffix(">q") ? ["q"] : []
    #expect(try scratch.contents == (before + redirected).sorted())
  }
}
