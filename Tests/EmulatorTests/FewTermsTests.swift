import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Sums of which only the largest is finished, of few weights that are not zero, and of few that need all of their parts.
@Suite struct FewTermsTests {
  /// A convolution, a rectifier, a conversion, and maxima over 2 × 2 positions.
  static func pooledConvolution(_ random: inout SeededGenerator) throws -> Program {
    var builder = ProgramBuilder(name: "pooled")
    let size = 2 * Int.random(in: 1...4, using: &random)
    let (channels, columns) = (random.pick([1, 2, 4]), random.pick([2, 4, 6, 8]))
    let words = random.pick([FixedFormat(16, 6), FixedFormat(8, 0, signed: false), FixedFormat(6, 2)])
    let weight = FixedFormat(random.pick([4, 7]), 1)
    func word(_ format: FixedFormat) -> Raw { Raw.random(in: format.minRaw...format.maxRaw, using: &random) }
    let sum = FixedFormat.product(words, weight)
    let image = builder.input("x", ValueType([size, size, channels], words))
    let ones = [1, 1]
    let windowed = try builder.add(
      "taps", .window(Window(kernel: [3, 3], strides: ones, dilation: ones, before: ones, after: ones)), image
    )
    let depth = 9 * channels
    var value = try builder.add(
      "conv", .affine(Affine(product: nil, accumulator: FixedFormat(sum.width + 8, sum.integerBits + 8))),
      windowed,
      builder.constant(
        "weights", ValueType([depth, columns], weight), (0..<depth * columns).map { _ in word(weight) }),
      builder.constant("bias", ValueType([columns], weight), (0..<columns).map { _ in word(weight) }))
    let zero = builder.constant("zero", ValueType([], FixedFormat(1, 1, signed: false)), [0])
    value = try builder.add("relu", .elementwise(.maximum), value, zero)
    let isByte = random.chance(0.6)
    value = try builder.add(
      "words",
      .requantize(
        FixedFormat(
          isByte ? 8 : 14, 4, signed: false, random.pick([.trn, .rnd, .rndConv]),
          random.pick([.sat, .sat, .wrap]))
      ), value)
    // Mostly each position once.
    let steps = random.chance(0.8) ? [2, 2] : ones
    value = try builder.add(
      "corners",
      .window(
        Window(
          kernel: [2, 2], strides: steps, dilation: ones, before: [0, 0], after: [0, 0], groups: columns)),
      value)
    builder.output(try builder.add("largest", .reduce(.maximum), value))
    return builder.program
  }

  /// A dense layer most of whose weights are zero, or small.
  static func sparseLayer(_ random: inout SeededGenerator) throws -> Program {
    var builder = ProgramBuilder(name: "sparse")
    let words = random.pick([FixedFormat(16, 6), FixedFormat(8, 0, signed: false)])
    let weight = FixedFormat(random.pick([6, 12, 16]), 1)
    let (depth, columns) = (Int.random(in: 1...60, using: &random), Int.random(in: 1...13, using: &random))
    let sum = FixedFormat.product(words, weight)
    let density = random.pick([0.05, 0.3, 0.7])
    let weights = (0..<depth * columns).map { _ -> Raw in
      if !random.chance(density) { return random.chance(0.5) ? 0 : Raw.random(in: -2...2, using: &random) }
      return Raw.random(in: weight.minRaw...weight.maxRaw, using: &random)
    }
    let value = try builder.add(
      "dense", .affine(Affine(product: nil, accumulator: FixedFormat(sum.width + 7, sum.integerBits + 7))),
      builder.input("x", ValueType([depth], words)),
      builder.constant("weights", ValueType([depth, columns], weight), weights),
      builder.constant("bias", ValueType([columns], weight), Array(repeating: 1, count: columns)))
    builder.output(
      try builder.add(
        "words", .requantize(FixedFormat(random.pick([8, 20]), 8, signed: true, .rndConv, .sat)), value))
    return builder.program
  }

  @Test(arguments: InstructionSet.available) func equalTheReference(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 41)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var steps = ""
    for _ in 0..<60 {
      for program in [try Self.pooledConvolution(&random), try Self.sparseLayer(&random)] {
        let seed = random.next()
        for fuses in [true, false] {
          let difference = try RandomProgramTests.difference(
            program, events: 70, seed: seed, options, fuses: fuses)
          #expect(difference == nil, "\(program)")
        }
        steps += try Emulator(program, options: options).steps.joined(separator: "\n")
      }
    }
    // Otherwise the kernels this is about were not run.
    #expect(steps.contains("the largest of 4"))
    #expect(steps.contains("in 2 parts"))
  }
}
