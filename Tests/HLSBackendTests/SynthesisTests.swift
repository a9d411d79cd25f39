import Backends
import Diagnostics
import FixedPoint
import Foundation
import HLSTestSupport
import Program
import Scheduling
import TestSupport
import Testing

@testable import HLSBackend

/// What Vitis HLS compiles of a project, the branches of `__SYNTHESIS__`, compiled by clang as it does: constants of
/// exactly their bits, pragmas inside loops. They compute what the reference interpreter does, as the plain build.
@Suite(.enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"))
struct SynthesisTests {
  private static let clang: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (folders + ["/opt/swift/usr/bin"]).map { "\($0)/clang++" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  private func designs() throws -> [Design] {
    var designs: [Design] = []
    for seed in UInt64(0)..<8 {
      let program = layered(RandomProgram.program(seed: 9000 + seed))
      let strategy: Strategy = seed % 2 == 0 ? .latency : .resource
      designs.append(design(program, io: seed % 4 < 2 ? .parallel : .stream, strategy: strategy) { _ in 2 })
    }
    var options = RandomProgramOptions()
    options.maximumCount = 200
    for seed in UInt64(0)..<2 {
      var random = RandomProgram(seed: 40 + seed, options: options)
      let program = random.convolutionalNetwork()
      designs.append(design(program, strategy: .resource, factor: 1) { _ in 2 })
      designs.append(design(program, io: .stream, strategy: .resource) { _ in 2 })
    }
    return designs
  }

  @Test(.enabled(if: clang != nil, "clang++ is absent, which compiles as Vitis HLS does"))
  func branchesForVitis() throws {
    let designs = try designs()
    let clang = try #require(Self.clang, "enabled only where it is")
    let batch = try Batch(designs, apTypes: try #require(apTypes), compiler: clang, isSynthesis: true)
    for (number, design) in designs.enumerated() {
      let events = RandomProgram.events(12, for: design.program, seed: UInt64(number))
      let verification = try batch.check(number, events)
      #expect(verification.passes, "\(number): \(verification.first.map(\.description) ?? "")")
    }
  }

  /// They are what is compiled: without the macro the same change goes unseen.
  @Test(
    .enabled(if: clang != nil, "clang++ is absent, which compiles as Vitis HLS does"),
    arguments: [true, false])
  func branchesForVitisAreCompiled(_ isSynthesis: Bool) throws {
    func compile() throws {
      let clang = try #require(Self.clang, "enabled only where it is")
      _ = try Batch(
        [design(layered(RandomProgram.program(seed: 9000)))], apTypes: try #require(apTypes),
        compiler: clang, isSynthesis: isSynthesis
      ) { files in
        files["firmware/tf_kernels.h"] = files["firmware/tf_kernels.h"]?.replacing(
          "typedef ap_int<W> signed_word;", with: "typedef no_such_type signed_word;")
      }
    }
    if isSynthesis { #expect(throws: Failure.self, performing: compile) } else { try compile() }
  }
}

/// The test bench as Vitis HLS and the Makefile run it: without arguments, in the project's folder.
@Suite(.enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"))
struct TestBenchTests {
  private func events(_ program: Program) -> TestEvents {
    var events = TestEvents.random(program, count: 6)
    events.outputs = events.inputs.map { words in
      let values = program.evaluate(words)
      return program.outputs.map { values[$0.index] }
    }
    return events
  }

  /// Runs the bench on events; returns its status and what it says.
  private func run(_ design: Design, _ events: TestEvents) throws -> (Int32, String) {
    let project = try HLSProject(design, name: "net", events: events)
    let folder = try TemporaryFolder()
    for (path, text) in project.files { try folder.write(text, to: path) }
    return try runTool(
      "make", ["-s", "AP_TYPES=\(try #require(apTypes))", "CXXFLAGS=-O0 -w", "test"], in: folder.path)
  }

  @Test(arguments: IOType.allCases) func oneWrongWordFails(_ io: IOType) throws {
    let program = layered(RandomProgram.program(seed: 12))
    let design = design(program, io: io)
    var events = events(program)
    let count =
      try #require(events.outputs).count * program.outputs.map { program[$0].type.count }.reduce(0, +)
    let (status, output) = try run(design, events)
    #expect(status == 0 && output.contains("6 events, 0 of \(count) words differ"), "\(output)")
    events.outputs?[4][0][0] ^= 1
    let (wrong, report) = try run(design, events)
    #expect(wrong != 0 && report.contains("6 events, 1 of \(count) words differ"), "\(report)")
  }

  @Test func nothingToCompareWithFails() throws {
    let program = layered(RandomProgram.program(seed: 12))
    let (status, output) = try run(design(program), .random(program))
    #expect(status != 0 && output.contains("cannot open tb_data/expected.dat"), "\(output)")
    var events = events(program)
    events.outputs?.removeLast()
    let (short, report) = try run(design(program), events)
    #expect(short != 0 && report.contains("expected.dat has no"), "\(report)")
  }

  /// -Wall finds nothing in the firmware or the test bench.
  @Test(arguments: IOType.allCases) func noWarnings(_ io: IOType) throws {
    let program = layered(RandomProgram.program(seed: 12))
    let project = try HLSProject(design(program, io: io), name: "net", events: events(program))
    let folder = try TemporaryFolder()
    for (path, text) in project.files { try folder.write(text, to: path) }
    let (status, output) = try runTool(
      "make",
      ["AP_TYPES=\(try #require(apTypes))", "CXXFLAGS=-O0 -Wall -Wno-unknown-pragmas -Wno-unused-label"],
      in: folder.path)
    #expect(status == 0 && !output.contains("warning"), "\(output)")
  }
}

/// build_prj.tcl, run by tclsh with the tool's commands replaced by ones that print their names.
@Suite struct ScriptTests {
  private func steps(_ arguments: [String], options: String? = nil) throws -> [String] {
    let project = try HLSProject(design(layered(RandomProgram.program(seed: 2))), name: "net")
    let folder = try TemporaryFolder()
    for (path, text) in project.files { try folder.write(text, to: path) }
    if let options { try folder.write(options, to: "build_opt.tcl") }
    // vitis-run gives the script no arguments: there is no argv at all.
    let stub = """
      foreach name {open_project set_top add_files open_solution set_part create_clock set_clock_uncertainty
        config_compile csim_design csynth_design cosim_design export_design} {
        proc $name args "puts $name"
      }
      \(arguments.isEmpty ? "unset ::argv" : "")
      source build_prj.tcl
      """
    try folder.write(stub, to: "stub.tcl")
    let (status, output) = try runTool("tclsh", ["stub.tcl"] + arguments, in: folder.path)
    #expect(status == 0, "\(output)")
    return output.split(separator: "\n").map(String.init).filter { $0.hasSuffix("_design") }
  }

  private static let hasTcl = (try? runTool("tclsh", ["/dev/null"], in: "/").0) == 0

  @Test(.enabled(if: hasTcl, "tclsh is absent")) func stepsAreChosenByFileOrArguments() throws {
    #expect(try steps([]) == ["csim_design", "csynth_design"])
    #expect(try steps(["csim=0 cosim=1"]) == ["csynth_design", "cosim_design"])
    let file = "array set run {csim 0 csynth 1 cosim 1 export 1}\n"
    #expect(try steps([], options: file) == ["csynth_design", "cosim_design", "export_design"])
    #expect(try steps(["csynth=0"], options: file) == ["cosim_design", "export_design"])
  }
}
