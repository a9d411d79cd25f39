import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Elementwise work on rows of lanes, and dot products of two tensors.
@Suite struct PairTests {
  /// Two to five instructions, each on results of the ones before and on inputs, of words of 8 to 18 bits.
  static func elementwise(_ random: inout SeededGenerator) throws -> Program {
    var builder = ProgramBuilder(name: "pairs")
    let shape = [Int.random(in: 8...40, using: &random)]
    func format() -> FixedFormat {
      let width = random.pick([8, 12, 16, 16, 16, 18])
      return FixedFormat(
        width, Int.random(in: 1...width, using: &random), signed: random.chance(0.75),
        random.pick([.trn, .trn, .rnd, .trnZero, .rndConv]), random.pick([.wrap, .wrap, .sat, .satSym]))
    }
    let inputs = try (0..<3).map { number in
      let read = builder.input("x\(number)", ValueType(shape, format()))
      // Words that are stored as they are: what the inputs' formats hold is no more than that.
      return try builder.add("word\(number)", .requantize(format()), read)
    }
    var values = inputs
    for step in 0..<Int.random(in: 2...5, using: &random) {
      let (a, b) = (values[values.count - 1], random.pick(values))
      let kind = random.pick([Elementwise.add, .add, .subtract, .multiply, .multiply, .maximum, .minimum])
      let exact = try builder.add("exact\(step)", .elementwise(kind), a, b)
      var value = try builder.add("value\(step)", .requantize(format()), exact)
      if random.chance(0.4) {
        let index = try builder.add(
          "index\(step)", .requantize(FixedFormat.integer(Int.random(in: 5...13, using: &random))), value)
        let length = random.pick([20, 100, 300, 1024, 2000])
        let limit = random.pick([100, 30_000, 250_000])
        let rising = random.chance(0.5)
        let words = (0..<length).map { place in
          Raw(rising ? place * limit / length : Int.random(in: -limit...limit, using: &random))
        }
        let table = builder.constant("table\(step)", ValueType([length], FixedFormat(20, 6)), words)
        value = try builder.add("found\(step)", .lookup, index, table)
      }
      values.append(value)
    }
    builder.output(values[values.count - 1])
    return builder.program
  }

  @Test(arguments: InstructionSet.available) func elementwiseChains(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 41)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var rows = 0
    for _ in 0..<300 {
      let program = try Self.elementwise(&random)
      let difference = try RandomProgramTests.difference(
        program, events: 66, seed: random.next(), options, fuses: true)
      #expect(difference == nil, "\(program)")
      if try Emulator(program, options: options).steps.contains(where: { $0.contains("pairs of int16") }) {
        rows += 1
      }
    }
    // Otherwise the kernel this is about was not run.
    #expect(rows > 100, "\(rows)")
  }

  /// A contraction, its result converted, transposed or not.
  static func contraction(_ random: inout SeededGenerator) throws -> Program {
    var builder = ProgramBuilder(name: "contraction")
    let (groups, rows, columns, depth) = (
      Int.random(in: 1...3, using: &random), Int.random(in: 1...6, using: &random),
      Int.random(in: 1...9, using: &random), Int.random(in: 1...11, using: &random)
    )
    func words(_ name: String, _ count: Int) throws -> ValueID {
      let format = FixedFormat(
        random.pick([9, 12, 16]), Int.random(in: 1...5, using: &random), signed: random.chance(0.7))
      let read = builder.input("\(name).read", ValueType([groups, count, depth], format))
      return try builder.add("\(name).words", .requantize(format), read)
    }
    let (x, y) = (try words("x", rows), try words("y", columns))
    let fraction = builder.program[x].type.format.fractionBits + builder.program[y].type.format.fractionBits
    let sums = try builder.add(
      "sums", .contract(Contract(product: nil, accumulator: FixedFormat(48, 48 - fraction))), x, y)
    let result = FixedFormat(
      random.pick([8, 16, 24]), Int.random(in: 1...12, using: &random), signed: random.chance(0.7),
      random.pick([.trn, .rnd, .rndConv]), random.pick([.sat, .wrap]))
    builder.output(try builder.add("result", .requantize(result), sums))
    return builder.program
  }

  @Test(arguments: InstructionSet.available) func contractions(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 42)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var seen = ""
    for _ in 0..<150 {
      let program = try Self.contraction(&random)
      let difference = try RandomProgramTests.difference(
        program, events: 66, seed: random.next(), options, fuses: true)
      #expect(difference == nil, "\(program)")
      seen += try Emulator(program, options: options).steps.joined()
    }
    for parts in 1...2 { #expect(seen.contains("pairs of words") && seen.contains("in \(parts) parts")) }
  }
}
