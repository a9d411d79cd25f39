import Diagnostics
import FixedPoint
import Program
import Scheduling

/// A Vitis HLS project as text: the same design always gives the same bytes.
public struct HLSProject: Sendable {
  /// The files, by path inside the project.
  public var files: [String: String]
  /// The name of the top function and of its files.
  public var topName: String

  /// The most bits of a word that Vitis HLS builds: of a stream's token, a memory, a port.
  static let widestWord = Dataflow.widestToken

  /// Events for the test bench, as raw words.
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

    /// Random words over all of the inputs' formats, the same for the same program; nothing is expected of them. Of inputs so
    /// large that they would fill the disk there are fewer than `count`, but one.
    public static func random(_ program: Program, count: Int = 20) -> TestEvents {
      let words = program.inputs.reduce(0) { $0 + program[$1].type.count }
      return TestEvents(
        inputs: RandomEvents.make(program, count: max(1, min(count, (1 << 20) / max(1, words)))))
    }
  }

  /// Writes `design` as C++.
  ///
  /// - Parameters:
  ///   - name: the project's name, untrusted; the top function is called after it.
  ///   - events: what the test bench runs; random events if nil, with nothing to compare.
  /// - Throws: `Failure(.badInput)` where the design cannot be written.
  public init(_ design: Design, name: String, events: TestEvents? = nil) throws(Failure) {
    let writer = try ProjectWriter(design, name: name)
    topName = writer.ports.top
    files = try writer.files(events ?? .random(design.program))
  }
}

/// Words for a test bench nobody gave events to: splitmix64 from a fixed seed.
enum RandomEvents {
  static func make(_ program: Program, count: Int) -> [[[Raw]]] {
    var state: UInt64 = 0x7472_6967_6765_7266
    func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    return (0..<count).map { _ in
      program.inputs.map { id in
        let type = program[id].type
        let wide = FixedFormat(type.format.width, type.format.width, signed: type.format.isSigned)
        return (0..<type.count).map { _ in
          wide.quantize(Raw(truncatingIfNeeded: UInt128(next()) << 64 | UInt128(next())), fractionBits: 0)
        }
      }
    }
  }
}
