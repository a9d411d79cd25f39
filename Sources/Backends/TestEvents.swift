import FixedPoint
import Program

/// Events for a project's test bench, as raw words.
public struct TestEvents: Sendable {
  /// Per event and input, the words.
  public var inputs: [[[Raw]]]
  /// Per event and output, the words expected; nil: the test bench says that it cannot compare.
  public var outputs: [[[Raw]]]?

  /// Makes a set of events.
  public init(inputs: [[[Raw]]], outputs: [[[Raw]]]? = nil) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Random words over all of the inputs' formats, the same for the same program; nothing is expected of them.
  ///
  /// - Parameters:
  ///   - count: how many events.
  ///   - words: the most words of all inputs together: of inputs so large that they would fill the disk there are fewer
  ///     events, but one.
  public static func random(_ program: Program, count: Int = 20, words: Int = 1 << 20) -> TestEvents {
    let size = program.inputs.reduce(0) { $0 + program[$1].type.count }
    let count = max(1, min(count, words / max(1, size)))
    var generator = SplitMix64(seed: 0x7472_6967_6765_7266)
    return TestEvents(
      inputs: (0..<count).map { _ in
        program.inputs.map { id in
          let type = program[id].type
          let wide = FixedFormat(type.format.width, type.format.width, signed: type.format.isSigned)
          return (0..<type.count).map { _ in
            let bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
            return wide.quantize(Raw(truncatingIfNeeded: bits), fractionBits: 0)
          }
        }
      })
  }
}
