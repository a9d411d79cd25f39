import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Dense layers run one after the other from float32 numbers on, against the reference interpreter.
@Suite struct DenseTests {
  /// Dense layers of narrow weights, most with a rectifier, every one with a conversion; mostly to bytes.
  static func network(_ random: inout SeededGenerator, widths: [Int], input: FixedFormat) throws -> Program {
    var builder = ProgramBuilder(name: "network")
    var value = builder.input("x", ValueType([widths[0]], input))
    var words = input
    let zero = builder.constant("zero", ValueType([], FixedFormat(1, 1, signed: false)), [0])
    for (layer, (depth, columns)) in zip(widths, widths.dropFirst()).enumerated() {
      let weight = FixedFormat(random.pick([2, 4, 6, 8]), random.pick([0, 1, 2]))
      func word() -> Raw { Raw.random(in: weight.minRaw...weight.maxRaw, using: &random) }
      let sum = FixedFormat.product(words, weight)
      let accumulator = FixedFormat(sum.width + 9, sum.width + 9 - sum.fractionBits)
      value = try builder.add(
        "dense\(layer)", .affine(Affine(product: nil, accumulator: accumulator)), value,
        builder.constant(
          "weights\(layer)", ValueType([depth, columns], weight), (0..<depth * columns).map { _ in word() }),
        builder.constant("bias\(layer)", ValueType([columns], weight), (0..<columns).map { _ in word() }))
      if random.chance(0.6) { value = try builder.add("relu\(layer)", .elementwise(.maximum), value, zero) }
      let isSigned = random.chance(0.2)
      let isLast = layer == widths.count - 2
      let width = isLast ? random.pick([5, 8, 12, 16, 22]) : random.pick([3, 6, 8])
      // Results about as large as sums are: most keep what tells events apart.
      let typical =
        words.integerBits + weight.integerBits - 2 + (Int.bitWidth - depth.leadingZeroBitCount) / 2
      let integer = typical + Int.random(in: -1...1, using: &random)
      words = FixedFormat(
        width, integer, signed: isSigned, random.pick([.trn, .rnd, .rndConv, .rndMinInf]),
        random.pick([.wrap, .sat, .sat, .satSym]))
      value = try builder.add("result\(layer)", .requantize(words), value)
    }
    builder.output(value)
    return builder.program
  }

  static let inputs = [
    FixedFormat(16, 6), FixedFormat(16, 6, signed: true, .trn, .sat), FixedFormat(8, 3, signed: false),
    FixedFormat(16, 10, signed: false, .trn, .sat), FixedFormat(9, 2, signed: true, .trn, .satSym),
    FixedFormat(12, 4, signed: true, .trn, .satZero),
  ]

  /// A network that dense layers are fused of.
  static func fused(_ random: inout SeededGenerator, widths: [Int]) throws -> Emulator {
    while true {
      let program = try network(&random, widths: widths, input: FixedFormat(16, 6))
      let emulator = try Emulator(program, options: EmulatorOptions(threads: 1))
      if emulator.plan.dense?.steps == widths.count - 1 { return emulator }
    }
  }

  /// The first result that is not the reference's; nil if there is none.
  ///
  /// - Parameter different: grows by how many different results there are.
  static func difference(_ emulator: Emulator, _ numbers: [Float], different: inout Int) throws -> String? {
    let program = emulator.program
    let format = program[program.inputs[0]].type.format, size = program[program.inputs[0]].type.count
    let results = program[program.outputs[0]].type.count
    let actual = try emulator.wideWords([.float32(numbers)])[0]
    var seen: Set<[Raw]> = []
    for event in 0..<numbers.count / size {
      let words = numbers[event * size..<(event + 1) * size].map { format.quantize(Double($0)) }
      let expected = program.evaluate([words])[program.outputs[0].index]
      let got = Array(actual[event * results..<(event + 1) * results])
      if got != expected { return "event \(event): \(got), expected \(expected)" }
      seen.insert(got)
    }
    different += seen.count
    return nil
  }

  @Test func networks() throws {
    var random = SeededGenerator(seed: 30)
    let hasTiles = InstructionSet.available.contains(.amx)
    var (fused, total, different) = (0, 0, 0)
    for turn in 0..<160 {
      let depth = Int.random(in: 2...5, using: &random)
      let widths = (0...depth).map { _ in
        random.chance(0.3)
          ? random.pick([16, 32, 64, 128])
          : Int.random(in: 1...random.pick([8, 20, 70, 150]), using: &random)
      }
      let program = try Self.network(&random, widths: widths, input: random.pick(Self.inputs))
      let emulator = try Emulator(program, options: EmulatorOptions(threads: 1))
      let events = random.pick([1, 15, 64, 130, 1100])
      let format = program[program.inputs[0]].type.format
      let numbers = InputTests.values(widths[0] * events, format, isFar: turn % 8 == 0, &random).map {
        Float($0).isFinite ? Float($0) : 0
      }
      let difference = try Self.difference(emulator, numbers, different: &different)
      total += events
      #expect(difference == nil, "\(widths), \(format), \(emulator.steps)")
      if emulator.denseLayers != nil { fused += 1 }
    }
    // Otherwise the kernel this is about was hardly run, or wrong words would hardly show.
    #expect(different > total / 4, "\(different) different results of \(total) events")
    #expect(hasTiles ? fused > 80 : fused == 0)
  }

  /// Numbers beyond the kernels go the ordinary way, with all of their tile.
  @Test(.enabled(if: InstructionSet.available.contains(.amx), "this machine has no AMX")) func farNumbers()
    throws
  {
    var random = SeededGenerator(seed: 31)
    let emulator = try Self.fused(&random, widths: [16, 64, 32, 5])
    #expect(emulator.denseLayers?.contains("16-64-32-5") == true)
    func steps(_ numbers: [Float]) -> Int {
      numbers.withUnsafeBytes { bytes in
        let job = Job(inputs: [BorrowedEvents(bytes, .float32)], outputs: [], events: numbers.count / 16)
        let workspace = Workspace(emulator.plan, kernels: emulator.kernels, events: 128)
        return workspace.begin(job, start: 0, valid: numbers.count / 16)
      }
    }
    var different = 0
    // One number of its tile beyond the range, or at its ends.
    for number in [Float(31.999), 32, 33, 63, 64, 4000, -32, -32.001, -33, -64, -4000] {
      var numbers = (0..<100 * 16).map { _ in Float.random(in: -31...31, using: &random) }
      numbers[77 * 16 + 3] = number
      #expect(try Self.difference(emulator, numbers, different: &different) == nil, "\(number)")
    }
    var numbers = (0..<100 * 16).map { _ in Float.random(in: -40...40, using: &random) }
    #expect(steps(numbers) == 3)
    #expect(try Self.difference(emulator, numbers, different: &different) == nil)
    for far in [Float.nan, .infinity, -.infinity, 1e30, -3e6] {
      numbers[77 * 16 + 3] = far
      #expect(steps(numbers) == 0, "\(far)")
    }
    #expect(different > 600, "\(different) different results of 1,200 events")
    numbers[77 * 16 + 3] = -1e30
    #expect(try Self.difference(emulator, numbers, different: &different) == nil)
  }

  /// Sums in floats up to where they are exact, of which the lowest bits are kept; none beyond.
  @Test(arguments: [Raw(31), 32, 33, 127]) func largestSums(_ weight: Raw) throws {
    var builder = ProgramBuilder(name: "largest")
    let input = FixedFormat(16, 16), weights = FixedFormat(8, 8), sum = FixedFormat(40, 40)
    var value = builder.input("x", ValueType([16], input))
    var depth = 16
    for (layer, columns) in [5, 3].enumerated() {
      let signs = (0..<depth * columns).map { layer == 0 ? weight : Raw($0 % 3 - 1) }
      value = try builder.add(
        "dense\(layer)", .affine(Affine(product: nil, accumulator: sum)), value,
        builder.constant("weights\(layer)", ValueType([depth, columns], weights), signs),
        builder.constant("bias\(layer)", ValueType([columns], weights), (0..<columns).map { Raw($0) }))
      let kept = FixedFormat(layer == 0 ? 8 : 16, layer == 0 ? 8 : 16, signed: layer > 0)
      value = try builder.add("result\(layer)", .requantize(kept), value)
      depth = columns
    }
    builder.output(value)
    let emulator = try Emulator(builder.program, options: EmulatorOptions(threads: 1))
    // 16 · 31 · 2^15 is just below 2^24.
    let hasTiles = InstructionSet.available.contains(.amx)
    #expect((emulator.denseLayers != nil) == (hasTiles && weight == 31))
    var random = SeededGenerator(seed: 33)
    var different = 0
    let numbers = (0..<200 * 16).map { place -> Float in
      let low = Float(Int.random(in: 0...300, using: &random))
      return place / 16 % 2 == 0 ? 32767 - low : low - 32768
    }
    #expect(try Self.difference(emulator, numbers, different: &different) == nil)
  }

  /// What is asked for in between, or read twice, keeps layers apart.
  @Test(.enabled(if: InstructionSet.available.contains(.amx), "this machine has no AMX"))
  func tracesAreNotFused() throws {
    var random = SeededGenerator(seed: 32)
    let program = try Self.fused(&random, widths: [16, 64, 32, 5]).program
    let hidden = try #require(
      program.instructions.indices.map(ValueID.init).first { program[$0].name == "result0" })
    let emulator = try Emulator(
      program, results: [hidden] + program.outputs, options: EmulatorOptions(threads: 1))
    #expect(emulator.denseLayers == nil)
  }
}
