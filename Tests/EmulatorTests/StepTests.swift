import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Sums whose products and partial sums are rounded and saturate one by one, in every mode.
@Suite struct StepTests {
  /// A dense layer all of whose words have one format, narrow enough to overflow often.
  static func dense(_ format: FixedFormat, _ random: inout SeededGenerator) throws -> Program {
    var builder = ProgramBuilder(name: "dense")
    let (depth, columns) = (Int.random(in: 1...40, using: &random), Int.random(in: 1...9, using: &random))
    func words(_ count: Int) -> [Raw] {
      (0..<count).map { _ in Raw.random(in: format.minRaw...format.maxRaw, using: &random) }
    }
    let plain = FixedFormat(format.width, format.integerBits)
    builder.output(
      try builder.add(
        "dense",
        .affine(Affine(product: random.chance(0.8) ? format : nil, accumulator: format)),
        builder.input("x", ValueType([depth], plain)),
        builder.constant("weights", ValueType([depth, columns], plain), words(depth * columns)),
        builder.constant("bias", ValueType([columns], plain), words(columns))))
    return builder.program
  }

  @Test(arguments: InstructionSet.available) func everyMode(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 31)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    for rounding in Rounding.allCases {
      for overflow in Overflow.allCases {
        var steps = ""
        for _ in 0..<12 {
          let width = Int.random(in: 4...16, using: &random)
          let format = FixedFormat(
            width, Int.random(in: 1...width, using: &random), signed: true, rounding, overflow)
          let program = try Self.dense(format, &random)
          let difference = try RandomProgramTests.difference(
            program, events: 70, seed: random.next(), options, fuses: true)
          #expect(difference == nil, "\(format)")
          steps += try Emulator(program, options: options).steps.joined()
        }
        // Otherwise the kernel this is about was not run.
        if [.sat, .satSym, .satZero].contains(overflow) {
          #expect(steps.contains("by steps"), "\(rounding), \(overflow)")
        }
      }
    }
  }
}
