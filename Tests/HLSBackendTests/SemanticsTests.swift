import FixedPoint
import Program
import Scheduling
import Testing

@testable import HLSBackend

/// The emitted C++, compiled against the vendor's ap_types, computes what the reference interpreter does.
@Suite(.enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"))
struct SemanticsTests {
  @Test(arguments: [UInt64](0..<2))
  func randomPrograms(_ seed: UInt64) throws {
    var random = RandomPrograms(seed: seed)
    let programs = (0..<10).map { random.program("p\($0)", length: 10) }
    for program in programs { #expect(program.verify() == []) }
    let batch = try Batch(programs.map { design($0) }, apTypes: try #require(apTypes))
    for (number, program) in programs.enumerated() {
      let events = (0..<25).map { _ in program.inputs.map { random.words(program[$0].type) } }
      let verification = try batch.check(number, events)
      #expect(verification.passes, "seed \(seed), \(verification.first.map(\.description) ?? "")\n\(program)")
    }
  }
}
