import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Numbers on their way into words: every conversion equals `FixedFormat.quantize`.
@Suite struct InputTests {
  /// Values around the format's grid: ties, neighbours of ties, ends of the range, and far beyond.
  ///
  /// - Parameter isFar: whether there are values that the kernels leave to Swift, and with them all of their tile.
  static func values(_ count: Int, _ format: FixedFormat, isFar: Bool, _ random: inout SeededGenerator)
    -> [Double]
  {
    let step = format.value(of: 1)
    let most = 0x1p29 * step
    let values = (0..<count).map { _ -> Double in
      let word = Double(Int.random(in: -70_000...70_000, using: &random))
      switch Int.random(in: 0..<10, using: &random) {
      case 0: return (word + 0.5) * step
      case 1: return ((word + 0.5) * step).nextUp
      case 2: return ((word + 0.5) * step).nextDown
      case 3: return word * step
      case 4: return Double.random(in: -1e30...1e30, using: &random)
      case 5: return Double.random(in: -1e-30...1e-30, using: &random)
      case 6:
        return random.pick([0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -0x1p31, 0x1p30])
      default: return Double.random(in: -4...4, using: &random) * format.value(of: max(1, format.maxRaw))
      }
    }
    return isFar ? values : values.map { min(max($0, -most), most) }
  }

  @Test(arguments: InstructionSet.available) func everyFormat(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 7)
    for turn in 0..<400 {
      var generator = RandomProgram(seed: random.next(), options: .everything)
      var format = generator.format()
      if turn % 8 == 5 {
        // As wide as the kernels convert to, and one wider.
        format = FixedFormat(
          random.pick([30, 31, 32, 33]), Int.random(in: 10...20, using: &random), signed: random.chance(0.7),
          random.pick([.trn, .rnd, .rndConv]), random.pick([.wrap, .sat, .satSym]))
      }
      let width = random.pick([1, 3, 4, 5, 16, 17, 33])
      var builder = ProgramBuilder(name: "input")
      builder.output(builder.input("x", ValueType([width], format)))
      let program = builder.program
      let numbers = Self.values(width * 70, format, isFar: turn % 4 == 0, &random)
      let singles = numbers.map { Float($0) }.map { $0.isFinite ? $0 : 0 }
      let emulator = try Emulator(program, options: EmulatorOptions(instructionSet: set, threads: 1))
      let found = try emulator.wideWords([.float64(numbers)])[0]
      #expect(found == numbers.map { format.quantize($0) }, "\(format) from float64")
      let foundSingles = try emulator.wideWords([.float32(singles)])[0]
      #expect(foundSingles == singles.map { format.quantize(Double($0)) }, "\(format) from float32")
    }
  }

  /// An input's words converted once more, each element to a format of its own, as they are read.
  @Test(arguments: InstructionSet.available) func everyConversion(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 9)
    for turn in 0..<150 {
      let count = random.pick([1, 3, 16, 19])
      let own = FixedFormat(
        random.pick([8, 12, 16, 20]), random.pick([3, 5]), signed: random.chance(0.7),
        random.pick([.trn, .rndConv]), random.pick([.wrap, .sat]))
      let rounding = random.pick([Rounding.trn, .rnd, .rndMinInf, .rndConv])
      let overflow = random.pick([Overflow.wrap, .wrap, .sat, .satZero])
      let formats = (0..<count).map { _ -> FixedFormat? in
        if random.chance(0.2) { return nil }
        return FixedFormat(
          Int.random(in: 2...9, using: &random), Int.random(in: -1...5, using: &random),
          signed: random.chance(0.5), rounding, overflow)
      }
      let layout = FormatLayout(shape: [count], formats)
      var builder = ProgramBuilder(name: "input")
      let input = builder.input("x", ValueType([count], own))
      builder.output(try builder.add("words", .requantize(layout), input))
      let numbers = Self.values(count * 70, own, isFar: turn % 8 == 0, &random)
      let singles = numbers.map { Float($0) }.map { $0.isFinite ? $0 : 0 }
      let emulator = try Emulator(builder.program, options: EmulatorOptions(instructionSet: set, threads: 1))
      let words = singles.map { own.quantize(Double($0)) }
      let expected = stride(from: 0, to: words.count, by: count).flatMap { start in
        layout.convert(
          Array(words[start..<start + count]), shape: [count], fractionBits: own.fractionBits)
      }
      #expect(try emulator.wideWords([.float32(singles)])[0] == expected, "\(own), \(formats)")
    }
  }

  /// Results of any count leave as the values of their words, in every type.
  @Test(arguments: InstructionSet.available) func everyCount(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 8)
    for count in Array(1...18) + [64, 129] {
      let format = FixedFormat(random.pick([6, 16, 24, 30, 40, 62]), Int.random(in: -2...9, using: &random))
      var builder = ProgramBuilder(name: "output")
      builder.output(builder.input("x", ValueType([count], format)))
      let emulator = try Emulator(builder.program, options: EmulatorOptions(instructionSet: set, threads: 1))
      let words = (0..<count * 131).map { _ in
        Int64(Raw.random(in: format.minRaw...format.maxRaw, using: &random))
      }
      #expect(try emulator.words([.raw(words)])[0] == words)
      let values = words.map { format.value(of: Raw($0)) }
      #expect(try emulator.values([.raw(words)])[0] == values, "\(count) of \(format)")
      var room = [Float](repeating: .nan, count: words.count + 1)
      try words.withUnsafeBytes { input in
        try room.withUnsafeMutableBytes { bytes in
          let output = UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(4 * words.count))
          try emulator.run(
            [BorrowedEvents(input, .raw)], into: [ResultBuffer(output, .float32)].compactMap { $0 })
        }
      }
      #expect(Array(room.dropLast()) == values.map { Float($0) }, "\(count) of \(format)")
      #expect(room[words.count].isNaN)
    }
  }

  @Test func lentMemoryNeedsRoom() throws {
    var builder = ProgramBuilder(name: "input")
    builder.output(builder.input("x", ValueType([2], FixedFormat(8, 4))))
    let emulator = try Emulator(builder.program)
    var room = [Double](repeating: 0, count: 5)
    #expect(throws: (any Error).self) {
      try EventData.float64([1, 2, 3, 4, 5, 6]).withBorrowed { input in
        try room.withUnsafeMutableBytes {
          try emulator.run([input], into: [ResultBuffer($0, .float64)].compactMap { $0 })
        }
      }
    }
  }
}
