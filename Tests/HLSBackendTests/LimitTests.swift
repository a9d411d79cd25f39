import Backends
import FixedPoint
import HLSTestSupport
import Program
import Scheduling
import TestSupport
import Testing

@testable import HLSBackend

/// Vitis HLS builds no words of more than 4,096 bits: tokens of streams, rows of memories, ports.
@Suite struct LimitTests {
  /// Two dense layers on a long vector, 16 bits a word.
  private func wide() throws -> Program {
    var generator = SeededGenerator(seed: 11)
    let format = FixedFormat(16, 6)
    var builder = ProgramBuilder(name: "wide")
    var value = builder.input("x", ValueType([600], format))
    for (number, (inputs, outputs)) in [(600, 20), (20, 520)].enumerated() {
      builder.beginLayer("fc\(number)", className: "Dense")
      func constant(_ name: String, _ shape: [Int]) -> ValueID {
        let words = (0..<shape.reduce(1, *)).map { _ in Raw(Int.random(in: -300...300, using: &generator)) }
        return builder.constant(name, ValueType(shape, FixedFormat(12, 2)), words)
      }
      let (w, b) = (constant("w", [inputs, outputs]), constant("b", [outputs]))
      let sum = try builder.add(
        "sum", .affine(Affine(product: nil, accumulator: FixedFormat(32, 14))), value, w, b)
      value = try builder.add("cast", .requantize(format), sum)
      builder.endLayer(value)
    }
    builder.output(value)
    return builder.program
  }

  private func designs() throws -> [Design] {
    let program = try wide()
    return [
      design(program, strategy: .resource) { _ in 4 },
      design(program, io: .stream, strategy: .resource) { _ in 4 },
      design(program, io: .stream),
    ]
  }

  /// The bits of every token, of every row of a memory, and of every port that is one word.
  static func widths(_ project: HLSProject) throws -> [String: Int] {
    var widths: [String: Int] = [:]
    let name = project.topName
    let types = project.files["firmware/\(name)_types.h"] ?? ""
    for match in types.matches(of: /typedef ap_uint<(\d+)> (\w+);/) { widths[String(match.2)] = Int(match.1) }
    var bits: [String: Int] = [:]
    for match in types.matches(of: /typedef ap_u?fixed<(\d+),[^>]*> (\w+);/) {
      bits[String(match.2)] = Int(match.1)
    }
    let tables = project.files.filter { $0.key.hasPrefix("firmware/weights/") }.values.joined()
    let firmware =
      (project.files["firmware/\(name)_layers.h"] ?? "") + (project.files["firmware/\(name).cpp"] ?? "")
    for match in firmware.matches(of: /ARRAY_RESHAPE variable=(\w+) type=complete( dim=\d)?/)
    where match.1 != "lines" {
      if match.2 != nil {
        let definition = try Regex(
          "static const tf::u?stored<(\\d+)> \(match.1)\\[\\d+\\]\\[\\d+\\]\\[(\\d+)\\]")
        let table = try #require(tables.firstMatch(of: definition)).output
        let (width, row) = (Int(table[1].substring ?? ""), Int(table[2].substring ?? ""))
        widths[String(match.1)] = try #require(width) * (try #require(row))
      } else {
        let definition = try Regex("const (\\w+) \(match.1)\\[(\\d+)\\]")
        let port = try #require(firmware.firstMatch(of: definition)).output
        let width = try #require(bits[String(port[1].substring ?? "")])
        widths[String(match.1)] = try width * #require(Int(port[2].substring ?? ""))
      }
    }
    return widths
  }

  @Test func nothingIsWider() throws {
    for design in try designs() {
      let widths = try Self.widths(HLSProject(design, name: "net"))
      #expect(widths.values.allSatisfy { $0 <= 4096 }, "\(widths)")
      // Cut no finer than need be.
      #expect(widths.values.contains { $0 > 2048 })
    }
    // Where nothing is too wide, nothing is cut: a token is a tensor's last axis, a port is one word.
    let program = layered(RandomProgram.program(seed: 3))
    let small = try Self.widths(HLSProject(design(program), name: "net"))
    for input in program.inputs {
      let type = program[input].type
      #expect(small.values.contains(type.count * type.format.width))
    }
  }

  /// Cut up, words are the same.
  @Test(.enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"))
  func wordsAreTheSame() throws {
    let designs = try designs()
    let batch = try Batch(designs, apTypes: try #require(apTypes), traces: false)
    for (number, design) in designs.enumerated() {
      let events = RandomProgram.events(5, for: design.program, seed: 7)
      let expected = events.map { words -> [Raw] in
        let values = design.program.evaluate(words)
        return design.program.outputs.flatMap { values[$0.index] }
      }
      #expect(try batch.run(number, events) == expected)
    }
  }
}
