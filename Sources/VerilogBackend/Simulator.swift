import Backends
import Diagnostics
import FixedPoint
import Foundation

/// What runs a project's test bench.
public enum Simulator: String, Sendable, CaseIterable {
  /// Compiles it to C++: quick for many events.
  case verilator
  /// Interprets it, undefined bits among the words.
  case icarus

  /// Its apt package.
  var package: String {
    switch self {
    case .verilator: "verilator"
    case .icarus: "iverilog"
    }
  }

  /// Builds the test bench of the project in a folder, which is left as it is, and runs events.
  ///
  /// - Parameters:
  ///   - events: per event, the raw words of all inputs, one after the other.
  ///   - objects: a folder in which Verilator's own library is kept, compiled once for many test benches; nil: it is compiled.
  /// - Returns: per event, the raw words of all outputs.
  /// - Throws: `unavailable` where the simulator is missing or refuses the text; `checkFailed` where latency or `valid_out`
  ///   is not as promised.
  public func run(
    _ events: [[Raw]], projectIn folder: String, objects: String? = nil
  ) throws(Failure) -> [[Raw]] {
    let project = try StoredProject(folder: folder)
    let words = project.inputs.reduce(0) { $0 + $1.words }
    guard events.allSatisfy({ $0.count == words }) else {
      throw Failure(
        .badInput, file: "\(folder)/project.json", place: "inputs",
        "the ports take \(words) words per event, the program \(events.first?.count ?? 0)",
        hint: "compile the model again")
    }
    let place = try TemporaryFolder()
    let stimulus = Stimulus(
      events: events, ports: project.inputs, latency: project.latency, interval: project.interval)
    try place.write(stimulus.text, to: "tb_data/stimulus.dat")
    try build(
      project, URL(fileURLWithPath: folder).path, in: place.path, events: events.count, objects: objects)
    let (status, output) = try runTool(
      self == .verilator ? "./build/Vbench" : "vvp", self == .verilator ? [] : ["-n", "bench"], in: place.path
    )
    guard status == 0 else {
      throw Failure(.unavailable, "the simulation stopped with status \(status): \(output.prefix(2000))")
    }
    let text = String(decoding: try place.read("results.dat"), as: UTF8.self)
    return try stimulus.outputs(text.split(separator: "\n").map(\.utf8), ports: project.outputs)
  }

  /// From so many events on optimized C++ makes up for the time that it takes to compile.
  private static let manyEvents = 20_000

  private func build(
    _ project: StoredProject, _ folder: String, in place: String, events: Int, objects: String?
  ) throws(Failure) {
    let rtl = try project.sources().map { "\(folder)/\($0)" }
    let bench = "\(folder)/testbench/bench.v"
    switch self {
    case .verilator:
      // Words that nothing has set yet are random: what would depend on them differs.
      try tool(
        "verilator",
        [
          "--cc", "--exe", "-O3", "--x-initial", "unique", "-Wno-fatal", "--top-module", "bench",
          "--Mdir", "build",
          // One file of C++: the headers of Verilator are most of what is in a small one.
          "--output-split", "1000000000", "\(folder)/testbench/main.cpp", bench,
        ] + rtl, in: place)
      // Objects that are newer than their sources are not compiled again.
      for file in objects.map({ Self.kept(in: $0) }) ?? [] {
        try? FileManager.default.copyItem(
          atPath: file, toPath: "\(place)/build/\(URL(filePath: file).lastPathComponent)")
      }
      // Verilator's own choice, -Os, takes longer than it saves on events that are not many.
      let level = events > Self.manyEvents ? "-O1" : "-O0"
      try tool(
        "make",
        ["-C", "build", "-f", "Vbench.mk", "-j", "2", "OPT_FAST=\(level)", "OPT_SLOW=-O0", "OPT_GLOBAL=-O0"],
        in: place)
      if let objects {
        for file in Self.kept(in: "\(place)/build") {
          // Whole or not at all: another test bench may look for it right now.
          let (kept, half) = ("\(objects)/\(URL(filePath: file).lastPathComponent)", "\(objects)/\(UUID())")
          if FileManager.default.fileExists(atPath: kept) { continue }
          try? FileManager.default.copyItem(atPath: file, toPath: half)
          rename(half, kept)
        }
      }
    case .icarus:
      try tool(
        "iverilog", ["-g2001", "-s", "clock", "-o", "bench", "\(folder)/testbench/clock.v", bench] + rtl,
        in: place)
    }
  }

  /// The objects of Verilator's own library in a folder.
  private static func kept(in folder: String) -> [String] {
    ["verilated.o", "verilated_threads.o"].map { "\(folder)/\($0)" }
  }

  private func tool(_ name: String, _ arguments: [String], in folder: String) throws(Failure) {
    let (status, output) = try runTool(name, arguments, in: folder)
    if status == 127 {
      throw Failure(
        .unavailable, "\(name) not found",
        hint: "apt-get install \(name == "make" ? name : package), or scripts/setup.sh --rtl")
    }
    if status != 0 {
      try Verilog.checkForRoom(name, output)
      throw Failure(.unavailable, "\(name) refuses the emitted Verilog: \(output.prefix(2000))")
    }
  }
}
