import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Wide layers of narrow weights, which products of matrices compute where there are any, and what may follow them.
@Suite struct TileTests {
  /// A dense layer of weights of up to 8 bits, a rectifier or none, and a conversion.
  static func dense(_ random: inout SeededGenerator) throws -> Program {
    var builder = ProgramBuilder(name: "dense")
    let words = random.pick([
      FixedFormat(16, 6), FixedFormat(6, 0, signed: false), FixedFormat(8, 2),
      FixedFormat(12, 12, signed: false),
    ])
    let (depth, columns) = (Int.random(in: 1...150, using: &random), Int.random(in: 1...70, using: &random))
    let weight = FixedFormat(random.pick([4, 6, 8]), 1)
    let sum = FixedFormat.product(words, weight)
    let accumulator = FixedFormat(random.pick([16, 24, 31, sum.width + 9]), 0)
    let wide = FixedFormat(accumulator.width, accumulator.width - sum.fractionBits)
    func word(_ format: FixedFormat) -> Raw { Raw.random(in: format.minRaw...format.maxRaw, using: &random) }
    let x = builder.input("x", ValueType([depth], words))
    // Some results have no weight that is not zero.
    let firstColumn = random.chance(0.3) ? Int.random(in: 0...columns, using: &random) : 0
    var value = try builder.add(
      "dense", .affine(Affine(product: nil, accumulator: wide)), x,
      builder.constant(
        "weights", ValueType([depth, columns], weight),
        (0..<depth * columns).map { $0 % columns < firstColumn ? 0 : word(weight) }),
      builder.constant("bias", ValueType([columns], weight), (0..<columns).map { _ in word(weight) }))
    if random.chance(0.5) {
      let zero = builder.constant("zero", ValueType([], FixedFormat(1, 1, signed: false)), [0])
      value = try builder.add("relu", .elementwise(.maximum), value, zero)
    }
    let result = FixedFormat(
      random.pick([6, 8, 12, 16, 22]), Int.random(in: -1...8, using: &random), signed: random.chance(0.5),
      random.pick([.trn, .rnd, .rndConv, .rndMinInf]), random.pick([.wrap, .sat]))
    builder.output(try builder.add("result", .requantize(result), value))
    return builder.program
  }

  @Test(arguments: InstructionSet.available) func denseLayers(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 21)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var steps = ""
    for _ in 0..<150 {
      let program = try Self.dense(&random)
      let difference = try RandomProgramTests.difference(
        program, events: 70, seed: random.next(), options, fuses: true)
      #expect(difference == nil, "\(program)")
      steps += try Emulator(program, options: options).steps.joined()
    }
    // Otherwise the kernels this is about were not run.
    #expect(steps.contains("tiles of bytes") == (set == .amx))
    #expect(steps.contains("tiles of int16") == (set == .amx))
  }

  @Test(arguments: InstructionSet.available) func convolutions(_ set: InstructionSet) throws {
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var steps = ""
    for seed in UInt64(0)..<40 {
      var random = RandomProgram(seed: seed, options: RandomProgramOptions())
      let program = random.convolutionalNetwork()
      let difference = try RandomProgramTests.difference(
        program, events: 66, seed: seed, options, fuses: true)
      #expect(difference == nil, "seed \(seed)")
      steps += try Emulator(program, options: options).steps.joined()
    }
    #expect(steps.contains("tiles of bytes") == (set == .amx))
  }
}
