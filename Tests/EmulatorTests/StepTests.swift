import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Sums whose products and partial sums are rounded and saturate one by one, in every mode.
@Suite struct StepTests {
  /// A dense layer all of whose words have one format, narrow enough to overflow often.
  ///
  /// - Parameter accumulator: nil for that format too.
  static func dense(
    _ format: FixedFormat, accumulator: FixedFormat? = nil, _ random: inout SeededGenerator
  ) throws -> Program {
    var builder = ProgramBuilder(name: "dense")
    let (depth, columns) = (Int.random(in: 1...40, using: &random), Int.random(in: 1...9, using: &random))
    func words(_ count: Int) -> [Raw] {
      (0..<count).map { _ in Raw.random(in: format.minRaw...format.maxRaw, using: &random) }
    }
    // Products of words of half the fraction have the fraction of the format.
    let plain = FixedFormat(
      format.width, accumulator == nil ? format.integerBits : format.width - format.fractionBits / 2)
    builder.output(
      try builder.add(
        "dense",
        .affine(Affine(product: random.chance(0.8) ? format : nil, accumulator: accumulator ?? format)),
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
        func check(_ program: Program, _ format: FixedFormat) throws {
          let difference = try RandomProgramTests.difference(
            program, events: 70, seed: random.next(), options, fuses: true)
          #expect(difference == nil, "\(format)")
          steps += try Emulator(program, options: options).steps.joined()
        }
        for _ in 0..<12 {
          let width = Int.random(in: 4...16, using: &random)
          var format = FixedFormat(
            width, Int.random(in: 1...width, using: &random), signed: true, rounding, overflow)
          if random.chance(0.4) { format.saturatedBits = Int.random(in: 0...3, using: &random) }
          try check(try Self.dense(format, &random), format)
        }
        // Words that are too wide for dot products, products that lose no fraction, sums that never overflow.
        for _ in 0..<12 {
          let width = Int.random(in: 12...26, using: &random)
          let integer = width - 2 * Int.random(in: 0...width / 2, using: &random)
          let format = FixedFormat(width, integer, signed: true, rounding, overflow)
          let wide = FixedFormat(60, 60 - format.fractionBits)
          try check(try Self.dense(format, accumulator: wide, &random), format)
        }
        // Otherwise the kernels this is about were not run.
        if [.sat, .satSym, .satZero].contains(overflow) {
          #expect(steps.contains("by steps"), "\(rounding), \(overflow)")
        }
        #expect(!steps.contains("reference interpreter"), "\(rounding), \(overflow)")
      }
    }
  }
}
