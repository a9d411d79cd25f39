import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Long sums of 16-bit words, which leave 32 bits: weights in several parts, conversions of what is left.
@Suite struct WideSumTests {
  /// A dense layer with exact sums and a conversion that drops bits.
  ///
  /// - Parameter zeros: zero bits at the end of every weight, so that ties occur.
  static func program(
    depth: Int, zeros: Int, _ words: FixedFormat, _ result: FixedFormat, _ random: inout SeededGenerator
  ) throws -> Program {
    var builder = ProgramBuilder(name: "wide")
    let x = builder.input("x", ValueType([depth], words))
    let columns = 6
    let limit = Int32(1) << Int32(15 - zeros)
    let weights = (0..<depth * columns).map { _ in
      Raw(Int32.random(in: -limit..<limit, using: &random) << zeros)
    }
    let largest = random.pick([1000, 1 << 45])
    let bias = (0..<columns).map { _ in Raw(Int.random(in: -largest...largest, using: &random)) << Raw(zeros)
    }
    let weight = FixedFormat(16, 1)
    let exact = FixedFormat.product(words, weight)
    let sum = FixedFormat(62, 62 - exact.fractionBits)
    let dense = try builder.add(
      "dense", .affine(Affine(product: nil, accumulator: sum)), x,
      builder.constant("weights", ValueType([depth, columns], weight), weights),
      builder.constant("bias", ValueType([columns], FixedFormat(60, 60 - exact.fractionBits)), bias))
    builder.output(try builder.add("result", .requantize(result), dense))
    return builder.program
  }

  @Test(arguments: InstructionSet.available) func manyParts(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 11)
    var seen: Set<String> = []
    for depth in [20, 90, 300] {
      for zeros in [0, 7, 13] {
        for rounding in [Rounding.trn, .rnd, .rndConv, .rndMinInf] {
          for (words, width) in [
            (FixedFormat(16, 6), 16), (FixedFormat(16, 4, signed: false), 12), (FixedFormat(8, 2), 8),
          ] {
            let integer = Int.random(in: 2...28, using: &random)
            let result = FixedFormat(width, integer, signed: random.chance(0.6), rounding, .sat)
            let program = try Self.program(depth: depth, zeros: zeros, words, result, &random)
            let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
            seen.formUnion(try Emulator(program, options: options).steps)
            let difference = try RandomProgramTests.difference(
              program, events: 66, seed: random.next(), options, fuses: true)
            #expect(difference == nil, "depth \(depth), \(zeros) zeros, \(words) to \(result)")
          }
        }
      }
    }
    // Otherwise the kernels this is about were not run.
    for parts in 2...3 { #expect(seen.contains { $0.contains("in \(parts) parts") }) }
  }
}
