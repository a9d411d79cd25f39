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
    // Every tree for itself; hardware for several of them, one after the other; for all of an output's.
    var names: [String] = []
    var programs: [Program] = []
    var intervals: [Int] = []
    for file in Self.files {
      let model = try loadModel(path: "\(Self.folder)/\(file)").model
      let ensemble = try #require(model.layers.compactMap(\.kind.ensemble).first)
      let isPlain = !file.contains("categories") && !file.contains("oblique")
      for reuse in isPlain ? Set([1, min(4, ensemble.mostTrees), ensemble.mostTrees]).sorted() : [1] {
        var options = ExactOptions(wordLength: 12)
        options.treeReuse = reuse
        names.append("\(file), reuse \(reuse)")
        programs.append(try lowerExactly(model, options).program)
        let atOnce = (ensemble.mostTrees + reuse - 1) / reuse
        intervals.append((ensemble.mostTrees + atOnce - 1) / atOnce)
      }
    }
    var request = ScheduleRequest(
      target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125))
    request.defaults.parallelizationFactor = 1
    let designs = try programs.map { try schedule($0, request) }
    let batch = try Batch(designs, apTypes: try #require(ExecutorVectorTests.apTypes))
    var random = SeededGenerator(seed: 4)
    for (number, program) in programs.enumerated() {
      #expect(designs[number].interval == intervals[number], "\(names[number])")
      #expect(designs[number].verify().isEmpty, "\(names[number]): \(designs[number].verify())")
      if intervals[number] > 1 {
        let text = try #require(HLSProject(designs[number], name: "p").files["firmware/p_layers.h"])
        #expect(text.contains("p0 < \(intervals[number]); p0++") && text.contains("PIPELINE II=1 rewind"))
      }
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
        #expect(found[event] == expected, "\(names[number]): event \(event)")
      }
    }
  }
}
