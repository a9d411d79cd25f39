import Emulator
import FixedPoint
import Foundation
import Frontends
import HLSBackend
import HLSTestSupport
import Lowering
import Program
import Scheduling
import TestSupport
import Testing

/// Trees in C++: the emitted projects under g++ on the vendor's headers, with events on thresholds.
@Suite("Trees in C++")
struct TreeProjectTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("FrontendsTests/Fixtures/trees").path
  /// Balanced and unbalanced trees, several outputs, categories.
  static let files = [
    "xgb_logistic.json", "xgb_softprob.json", "lgb_multiclass.txt", "lgb_categories.txt", "lgb_zero.txt",
    "conifer_oblique.json",
  ]

  @Test(
    "The emitted C++ computes the program's words",
    .enabled(if: ExecutorVectorTests.apTypes != nil, "no ap_types headers: make ap-types"))
  func compiled() throws {
    let programs = try Self.files.map { file in
      try lowerExactly(
        try loadModel(path: "\(Self.folder)/\(file)").model, ExactOptions(wordLength: 12)
      ).program
    }
    let request = ScheduleRequest(
      target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125))
    let designs = try programs.map { try schedule($0, request) }
    let batch = try Batch(designs, apTypes: try #require(ExecutorVectorTests.apTypes))
    var random = SeededGenerator(seed: 4)
    for (number, program) in programs.enumerated() {
      #expect(designs[number].interval == 1)
      let type = program[program.inputs[0]].type
      let events = (0..<64).map { event in
        // Whole words, and words near zero, where most thresholds are.
        let reach = event % 2 == 0 ? type.format.maxRaw : type.format.maxRaw / 8
        return [
          (0..<type.count).map { _ in max(type.format.minRaw, Raw.random(in: -reach...reach, using: &random))
          }
        ]
      }
      let found = try batch.run(number, events)
      for (event, words) in events.enumerated() {
        let expected = program.evaluate(words)[program.outputs[0].index]
        #expect(found[event] == expected, "\(Self.files[number]): event \(event)")
      }
    }
  }
}
