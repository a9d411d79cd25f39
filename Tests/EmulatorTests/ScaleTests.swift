import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Dense layers whose words have formats of their own, as HGQ2 trains them: stored as bytes, each in its own steps, against the
/// reference interpreter.
@Suite struct ScaleTests {
  /// Formats of one rounding and overflow, some of them pruned; all words together need more than a byte.
  static func formats(_ count: Int, _ widths: ClosedRange<Int>, signed: Bool, _ random: inout SeededGenerator)
    -> FormatLayout
  {
    let overflow: Overflow = random.pick([.wrap, .wrap, .sat])
    let rounding: Rounding = random.pick([.rnd, .rnd, .trn, .rndConv])
    return FormatLayout(
      shape: [count],
      (0..<count).map { _ in
        random.chance(0.1)
          ? nil
          : FixedFormat(
            Int.random(in: widths, using: &random), Int.random(in: 1...5, using: &random),
            signed: signed && random.chance(0.9), rounding, overflow)
      })
  }

  static func network(_ random: inout SeededGenerator) throws -> Program {
    let widths = (0...3).map { _ in Int.random(in: 3...40, using: &random) }
    var builder = ProgramBuilder(name: "network")
    let input = FixedFormat(
      Int.random(in: 8...14, using: &random), 6, signed: true, random.pick([.trn, .rnd]),
      random.pick([.wrap, .sat]))
    var value = builder.input("x", ValueType([widths[0]], input))
    value = try builder.add(
      "quantized", .requantize(formats(widths[0], 1...random.pick([8, 10, 12]), signed: true, &random)), value
    )
    let zero = builder.constant("zero", ValueType([], FixedFormat(1, 1, signed: false)), [0])
    for (layer, (depth, columns)) in zip(widths, widths.dropFirst()).enumerated() {
      let weight = FixedFormat(9, 2)
      // Most have a few bits, wherever among the nine.
      func word() -> Raw {
        let bits = Raw(1) << Raw(Int.random(in: 2...8, using: &random))
        return random.chance(0.2) ? 0 : Raw.random(in: -4..<4, using: &random) * (bits / 4) % 256
      }
      let sum = FixedFormat.product(builder.type(value).format, weight)
      let accumulator = FixedFormat(sum.width + 6, sum.width + 6 - sum.fractionBits)
      value = try builder.add(
        "dense\(layer)", .affine(Affine(product: nil, accumulator: accumulator)), value,
        builder.constant(
          "weights\(layer)", ValueType([depth, columns], weight), (0..<depth * columns).map { _ in word() }),
        builder.constant("bias\(layer)", ValueType([columns], weight), (0..<columns).map { _ in word() }))
      if layer == 2 { break }
      if random.chance(0.7) { value = try builder.add("relu\(layer)", .elementwise(.maximum), value, zero) }
      value = try builder.add(
        "result\(layer)", .requantize(formats(columns, 1...8, signed: random.chance(0.3), &random)), value)
    }
    builder.output(value)
    return builder.program
  }

  @Test(arguments: InstructionSet.available) func networks(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 41)
    var (different, total, bytes) = (0, 0, 0)
    for turn in 0..<120 {
      let program = try Self.network(&random)
      let emulator = try Emulator(program, options: EmulatorOptions(instructionSet: set, threads: 1))
      let events = random.pick([15, 64, 130])
      let type = program[program.inputs[0]].type
      let numbers = InputTests.values(type.count * events, type.format, isFar: turn % 8 == 0, &random).map {
        Float($0).isFinite ? Float($0) : 0
      }
      let difference = try DenseTests.difference(emulator, numbers, different: &different)
      #expect(difference == nil, "turn \(turn): \(emulator.steps)\n\(program)")
      let doubles = try emulator.wideWords([.float64(numbers.map(Double.init))])
      #expect(try emulator.wideWords([.float32(numbers)]) == doubles, "turn \(turn)")
      total += events
      bytes += emulator.steps.count { $0.contains("by bytes") }
    }
    // Otherwise wrong words would hardly show, or these steps were not what was run.
    #expect(different > total / 8, "\(different) different results of \(total) events")
    #expect(set == .baseline || set == .amx || bytes > 150, "\(bytes) steps")
  }

  /// Inputs are taken apart into digits only where dot products read them: if a sum turns out to be none, as one that saturates
  /// step by step in more than 32 bits, the plan is made anew without.
  @Test(arguments: InstructionSet.available, [false, true])
  func digitsThatOneSumCannotRead(_ set: InstructionSet, saturates: Bool) throws {
    var random = SeededGenerator(seed: 43)
    let formats = FormatLayout(
      shape: [16], (0..<16).map { FixedFormat($0 == 5 ? 11 : 6, $0 % 4 + 2, signed: true, .rnd, .wrap) })
    let weight = FixedFormat(6, 2)
    var builder = ProgramBuilder(name: "network")
    var value = builder.input("x", ValueType([16], FixedFormat(16, 8)))
    value = try builder.add("quantized", .requantize(formats), value)
    let sum = FixedFormat.product(builder.type(value).format, weight)
    let accumulator =
      saturates
      ? FixedFormat(40, 5, signed: true, .trn, .sat)
      : FixedFormat(sum.width + 6, sum.width + 6 - sum.fractionBits)
    func words(_ count: Int) -> [Raw] { (0..<count).map { _ in Raw.random(in: -32...31, using: &random) } }
    builder.output(
      try builder.add(
        "dense", .affine(Affine(product: nil, accumulator: accumulator)), value,
        builder.constant("weights", ValueType([16, 8], weight), words(128)),
        builder.constant("bias", ValueType([8], weight), words(8))))
    let program = builder.program
    let options = EmulatorOptions(instructionSet: set, threads: 1)
    let first = PlanBuilder(program, results: program.outputs, options: options)
    #expect(first.digits.isEmpty != options.splitsInputs)
    #expect(first.unread.isEmpty == !(saturates && options.splitsInputs))
    let emulator = try Emulator(program, options: options)
    let numbers = (0..<16 * 130).map { _ in Float.random(in: -40...40, using: &random) }
    var different = 0
    #expect(try DenseTests.difference(emulator, numbers, different: &different) == nil)
    #expect(different > 100)
  }
}
