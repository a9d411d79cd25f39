import Diagnostics
import FixedPoint
import Program
import TestSupport
import Testing

@Suite struct WindowTests {
  /// The closed form of how many words a window sees, and the windows one by one, against the definition.
  @Test func windowsSeeWhatTheDefinitionSays() {
    var generator = SeededGenerator(seed: 21)
    for _ in 0..<300 {
      let rank = generator.pick([1, 2])
      func each(_ range: ClosedRange<Int>) -> [Int] {
        (0..<rank).map { _ in Int.random(in: range, using: &generator) }
      }
      let groups = generator.pick([0, 1, 2])
      let window = Window(
        kernel: each(1...4), strides: each(1...3), dilation: each(1...3), before: each(0...9),
        after: each(0...9), groups: groups)
      let shape = each(1...6) + [2]
      guard window.positions(shape).allSatisfy({ $0 > 0 }) else { continue }
      func coordinates(_ lengths: [Int]) -> [[Int]] {
        lengths.reduce([[]]) { partial, length in
          partial.flatMap { head in (0..<length).map { head + [$0] } }
        }
      }
      var counts: [Int] = []
      var map: [Int] = []
      for spot in coordinates(window.positions(shape)) {
        var seen = 0
        for group in 0..<max(1, groups) {
          for tap in coordinates(window.kernel) {
            let at = (0..<rank).map {
              spot[$0] * window.strides[$0] + tap[$0] * window.dilation[$0] - window.before[$0]
            }
            let isInside = zip(at, shape).allSatisfy { $0 >= 0 && $0 < $1 }
            if group == 0, isInside { seen += 1 }
            let channels = groups == 2 ? [group] : [0, 1]
            let place = zip(at, shape).reduce(0) { $0 * $1.1 + $1.0 }
            map += channels.map { isInside ? place * 2 + $0 : -1 }
          }
        }
        counts.append(seen)
      }
      #expect(window.counts(shape) == counts, "\(window) on \(shape)")
      #expect(window.elementMap(shape) == map, "\(window) on \(shape)")
    }
  }

  /// Geometry whose products overflow: refused, whatever the file says.
  @Test(arguments: [
    "window kernel=[1073741823, 1073741823, 1073741823] strides=[1, 1, 1] dilation=[1, 1, 1] before=[0, 0, 0] "
      + "after=[1073741823, 1073741823, 1073741823]",
    "window kernel=[1073741823, 1, 1] strides=[1, 1, 1] dilation=[1073741823, 1, 1] before=[1073741823, 0, 0] "
      + "after=[1073741823, 0, 0]",
    "pad before=[0, 0, 0, 0] after=[0, 0, 0, 0] interior=[1073741823, 1073741823, 1073741823, 0]",
    "slice start=[0, 0, 0, 0] count=[1073741823, 1, 1, 1] step=[1073741823, 1, 1, 1]",
  ])
  func overflowingGeometryIsRefused(_ operation: String) {
    let text = """
      format 1
      program "p"
      %0 "x" = input : [4, 4, 4, 2] fixed<8,4>
      %1 "y" = \(operation) %0 : [4, 4, 4, 2] fixed<8,4>
      inputs %0
      outputs %1
      """
    #expect { try Program(parsing: text) } throws: { ($0 as? Failure)?.kind == .badInput }
  }
}
