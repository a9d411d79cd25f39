import FixedPoint
import HLSTestSupport
import Program
import Scheduling
import TestSupport
import Testing

@testable import HLSBackend

/// Scans in C++: one hardware for all steps, against the reference interpreter under the vendor's headers.
@Suite struct ScanTests {
  static func design(
    _ program: Program, _ io: IOType, _ strategy: Strategy = .latency, reuse: Int = 1, isStatic: Bool = true
  ) throws -> Design {
    try schedule(
      program,
      ScheduleRequest(
        target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125), ioType: io,
        defaults: .init(strategy: strategy, reuseFactor: reuse, isStatic: isStatic)))
  }

  private func check(_ designs: [Design], _ label: String) throws {
    for design in designs {
      #expect(design.verify() == [], "\(label)")
      #expect(!design.stepLoops.isEmpty)
    }
    let batch = try Batch(designs, apTypes: try #require(apTypes))
    for (number, design) in designs.enumerated() {
      let events = RandomProgram.events(20, for: design.program, seed: UInt64(number))
      let verification = try batch.check(number, events)
      #expect(
        verification.passes,
        "\(label) \(number): \(verification.first.map(\.description) ?? "")\n\(design.program)")
    }
  }

  @Test(
    .enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"),
    arguments: IOType.allCases)
  func recurrentLayers(_ io: IOType) throws {
    var designs: [Design] = []
    for seed in 0..<8 as Range<UInt64> {
      let program = try RandomProgram.recurrent(seed: seed)
      let (strategy, reuse) = [(Strategy.latency, 1), (.latency, 2), (.resource, 2), (.resource, 1)][
        Int(seed % 4)]
      if let design = try? Self.design(program, io, strategy, reuse: reuse) { designs.append(design) }
    }
    #expect(designs.count > 4)
    try check(designs, "recurrent, \(io)")
  }

  /// Any operations in a step, in layers and in none.
  @Test(
    .enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"),
    arguments: IOType.allCases)
  func randomScans(_ io: IOType) throws {
    var designs: [Design] = []
    for seed in 0..<2000 as Range<UInt64> where designs.count < 6 {
      let program = RandomProgram.program(seed: seed)
      guard program.hasScans else { continue }
      let design = try Self.design(seed % 2 == 0 ? layered(program) : program, io)
      if !design.stepLoops.isEmpty { designs.append(design) }
    }
    #expect(designs.count == 6)
    try check(designs, "random, \(io)")
  }

  /// One step's functions, however many steps there are; every promise is kept in the text.
  @Test(arguments: IOType.allCases) func theTextDoesNotGrow(_ io: IOType) throws {
    for seed in 0..<6 as Range<UInt64> {
      let texts = try [3, 60].map { steps -> String in
        let design = try Self.design(try RandomProgram.recurrent(seed: seed, steps: steps, keeps: .last), io)
        let loop = try #require(design.stepLoops.values.first)
        let text = try #require(
          try HLSProject(design, name: "net").files["firmware/net_layers.h"])
        #expect(text.contains("t < \(steps); t++) {"))
        if loop.interval > 1 { #expect(text.contains("#pragma HLS PIPELINE II=\(loop.interval)")) }
        return text
      }
      let counts = texts.map { $0.split(separator: "\n").count }
      // A window of indices is a line for each element, where a sequence is read backwards.
      #expect(counts[1] <= counts[0] + 60, "seed \(seed): \(counts)")
    }
  }
}
