import CKernels
import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// What several operations on rows of lanes are made into one of, and products that are none: against the reference interpreter.
@Suite struct RowTests {
  /// The operations on rows that a plan has.
  static func codes(_ program: Program, _ options: EmulatorOptions) throws -> Set<Int> {
    let plan = try Emulator(program, options: options).plan
    return Set(
      plan.calls.flatMap { call -> [Int] in
        guard case .pairs(let step) = call else { return [] }
        return (0..<step.pointee.op_count).map { Int(step.pointee.ops[$0].code) }
      })
  }

  /// Two to five events more than a block of them, on every path that the fast one can be left by.
  static func expectEqual(_ program: Program, _ seed: UInt64, _ options: EmulatorOptions) throws {
    #expect(program.verify() == [])
    for fuses in [true, false] {
      let difference = try RandomProgramTests.difference(
        program, events: 66, seed: seed, options, fuses: fuses)
      #expect(difference == nil, "\(program)")
    }
  }

  /// Softmax as the exact policy has it: the distance from the largest of a row, looked up in two tables, the second one of words a
  /// little less than one; their sums; shares. Rows may be columns of what is stored.
  static func softmax(_ random: inout SeededGenerator) throws -> Program {
    var builder = ProgramBuilder(name: "softmax")
    let (groups, rows, length) = (
      Int.random(in: 1...2, using: &random), Int.random(in: 4...18, using: &random),
      Int.random(in: 2...17, using: &random)
    )
    let isTransposed = random.chance(0.8)
    let format = FixedFormat(random.pick([10, 14, 16]), 4, signed: true)
    let shape = isTransposed ? [groups, length, rows] : [groups, rows, length]
    var x = try builder.add("words", .requantize(format), builder.input("x", ValueType(shape, format)))
    if isTransposed { x = try builder.add("x.moved", .rearrange(.transpose([0, 2, 1])), x) }
    let top = try builder.add("top", .reduce(.maximum), x)
    let below = try builder.add("below", .elementwise(.subtract), top, x)
    let fraction = format.fractionBits
    let width = min(16, format.width + random.pick([-2, 0, 1]))
    let distance = try builder.add(
      "distance", .requantize(FixedFormat(width, width - fraction, signed: false, .trn, .sat)), below)
    let low = Int.random(in: 1..<width, using: &random)
    let high = try builder.add(
      "high", .requantize(FixedFormat(width - low, width - fraction, signed: false, .trn, .sat)), distance)
    let rest = try builder.add("rest", .elementwise(.subtract), distance, high)
    func found(_ name: String, _ value: ValueID, _ bits: Int, _ words: [Raw]) throws -> ValueID {
      let dropped = name == "high" ? low : 0
      let power = builder.constant(
        "\(name).power", ValueType([1], FixedFormat(1, fraction + 1 - dropped, signed: false)), [1])
      let index = try builder.add("\(name).scaled", .elementwise(.multiply), value, power)
      let place = try builder.add(
        "\(name).index", .requantize(FixedFormat(bits, bits, signed: false)), index)
      let table = builder.constant(
        "\(name).table", ValueType([words.count], FixedFormat(19, 1, signed: false)), words)
      return try builder.add("\(name).value", .lookup, place, table)
    }
    let (top1, top2) = (random.pick([30_000, 200_000, 262_144]), random.pick([20, 64, 200]))
    let first = try found(
      "high", high, width - low, (0..<1 << (width - low)).map { Raw(top1) / Raw(1 + $0 * $0 / 3) })
    let second = try found(
      "low", rest, low, (0..<1 << low).map { max(0, 262_144 - Raw($0 * top2)) })
    let product = try builder.add("product", .elementwise(.multiply), first, second)
    let words = try builder.add(
      "power", .requantize(FixedFormat(19, 1, signed: false, random.pick([.rnd, .trn]), .sat)), product)
    let total = try builder.add(
      "total", .reduce(.sum(accumulator: FixedFormat(24, 6, signed: false), order: .tree)), words)
    let inverse = try builder.add(
      "inverse", .requantize(FixedFormat(18, 0, signed: false, .rnd, .sat)), total)
    let share = try builder.add("share", .elementwise(.multiply), words, inverse)
    builder.output(
      try builder.add(
        "result",
        .requantize(FixedFormat(random.pick([12, 16]), 0, signed: random.chance(0.3), .rnd, .sat)), share))
    builder.output(total)
    return builder.program
  }

  @Test(arguments: InstructionSet.available) func softmaxes(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 43)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var codes: Set<Int> = []
    for _ in 0..<120 {
      let program = try Self.softmax(&random)
      try Self.expectEqual(program, random.next(), options)
      codes.formUnion(try Self.codes(program, options))
    }
    for code in [
      TF_PAIR_LOOKUP_AT, TF_PAIR_LOOKUP, TF_PAIR_AND, TF_WIDE_LESS_LOWER, TF_WIDE_LESS_UPPER, TF_WIDE_SUM,
      TF_PAIR_PRODUCTS, TF_WIDE_TABLES,
    ] {
      #expect(codes.contains(code), "\(code)")
    }
  }

  /// Sums of words in different steps, their quotients, products of words of more than 16 bits, low bits: each rounded and saturated.
  static func line(_ random: inout SeededGenerator) throws -> Program {
    var builder = ProgramBuilder(name: "line")
    let shape = [Int.random(in: 8...40, using: &random)]
    func words(_ name: String, _ width: Int) throws -> ValueID {
      let format = FixedFormat(width, Int.random(in: 2...8, using: &random), signed: random.chance(0.6))
      let read = builder.input("\(name).read", ValueType(shape, format))
      return try builder.add(name, .requantize(format), read)
    }
    func result(_ name: String, _ value: ValueID, _ most: Int) throws {
      let own = builder.program[value].type.format
      let width = random.pick([9, 15, 16, 16])
      let dropped = Int.random(in: 0...most, using: &random)
      let format = FixedFormat(
        width, width - own.fractionBits + dropped, signed: random.chance(0.6), random.pick([.rnd, .trn]),
        random.pick([.sat, .sat, .satSym, .wrap]))
      builder.output(try builder.add(name, .requantize(format), value))
    }
    let (x, y) = (try words("x", random.pick([12, 16])), try words("y", 16))
    let kind = random.pick([Elementwise.add, .subtract])
    try result("line", try builder.add("sum", .elementwise(kind), x, y), 6)
    let (p, q) = (try words("p", random.pick([17, 19])), try words("q", random.pick([12, 18, 20])))
    try result("product", try builder.add("exact", .elementwise(.multiply), p, q), 24)
    let divisor = builder.constant(
      "divisor", ValueType([], FixedFormat(12, 12, signed: false)),
      [random.chance(0.9) ? 1 << Raw(Int.random(in: 0...10, using: &random)) : 3])
    builder.output(try builder.add("quotient", .elementwise(.divide), y, divisor))
    let own = builder.program[y].type.format
    let bits = Int.random(in: 1...8, using: &random)
    let rounded = FixedFormat(
      own.width - bits + random.pick([-1, 0, 0]), own.integerBits, signed: own.isSigned,
      random.pick([.trn, .trn, .rnd]), random.pick([.sat, .wrap]))
    let coarse = try builder.add("coarse", .requantize(rounded), y)
    builder.output(try builder.add("low", .elementwise(.subtract), y, coarse))
    return builder.program
  }

  @Test(arguments: InstructionSet.available) func lines(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 44)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var codes: Set<Int> = []
    for _ in 0..<200 {
      let program = try Self.line(&random)
      try Self.expectEqual(program, random.next(), options)
      codes.formUnion(try Self.codes(program, options))
    }
    for code in [TF_PAIR_LINE, TF_PAIR_PRODUCTS, TF_PAIR_TOWARD_ZERO, TF_PAIR_AND] {
      #expect(codes.contains(code), "\(code)")
    }
  }

  /// A word's upper bits are the place of a value and of a slope, by which the lower bits are multiplied: one operation, or several
  /// where what is added is no word of a table.
  static func slopes(_ random: inout SeededGenerator, isListed: Bool) throws -> Program {
    var builder = ProgramBuilder(name: "slopes")
    let low = Int.random(in: 5...11, using: &random)
    let bits = 11
    let format = FixedFormat(bits + low, 4, signed: false)
    // Words of 32 bits lie as rows where they are sums.
    let shape = [16, 2]
    let half = FixedFormat(bits + low - 1, 3, signed: false)
    let read = builder.input("x", ValueType(shape, half))
    let terms = try builder.add("terms", .requantize(half), read)
    let total = try builder.add(
      "total", .reduce(.sum(accumulator: FixedFormat(bits + low, 4, signed: false), order: .tree)), terms)
    let x = try builder.add("x.words", .requantize(format), total)
    let segment = try builder.add("segment", .requantize(FixedFormat(bits, 4, signed: false)), x)
    let rest = try builder.add("rest", .elementwise(.subtract), x, segment)
    let narrow = try builder.add(
      "rest.words", .requantize(FixedFormat(low, 4 - bits, signed: false)), rest)
    let power = builder.constant("power", ValueType([1], FixedFormat(1, bits - 3, signed: false)), [1])
    let scaled = try builder.add("scaled", .elementwise(.multiply), segment, power)
    let place = try builder.add("place", .requantize(FixedFormat(bits, bits, signed: false)), scaled)
    func table(_ name: String, _ format: FixedFormat, _ range: ClosedRange<Raw>) -> ValueID {
      let words = (0..<1 << bits).map { _ in Raw.random(in: range, using: &random) }
      return builder.constant(name, ValueType([1 << bits], format), words)
    }
    let values = table("values", FixedFormat(22, 1, signed: false), 200_000...2_097_152)
    let slopes = table("slopes", FixedFormat(16, 1), -30_000...Raw(random.pick([0, 30_000])))
    let value = isListed ? try builder.add("value", .lookup, place, values) : x
    let slope = try builder.add("slope", .lookup, place, slopes)
    let rise = try builder.add("rise", .elementwise(.multiply), slope, narrow)
    let line = try builder.add("line", .elementwise(.add), value, rise)
    let own = builder.program[line].type.format
    let left = own.fractionBits - builder.program[value].type.format.fractionBits
    let dropped = max(0, left) + Int.random(in: 0...5, using: &random)
    builder.output(
      try builder.add(
        "result",
        .requantize(
          FixedFormat(
            24, 24 - own.fractionBits + dropped, signed: true, random.pick([.rnd, .trn]),
            random.pick([.sat, .wrap]))), line))
    return builder.program
  }

  @Test(arguments: InstructionSet.available, [true, false])
  func slopes(_ set: InstructionSet, isListed: Bool) throws {
    var random = SeededGenerator(seed: 46)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var codes: Set<Int> = []
    for _ in 0..<60 {
      let program = try Self.slopes(&random, isListed: isListed)
      try Self.expectEqual(program, random.next(), options)
      codes.formUnion(try Self.codes(program, options))
    }
    #expect(codes.contains(Int(isListed ? TF_WIDE_LINE : TF_WIDE_PRODUCT)), "\(codes)")
  }

  /// Tables of which the end is one word, whose last rise may lie between the two words that an int16 has: indices behind it, too.
  @Test(arguments: InstructionSet.available, [300, 301, 545, 546, 1023])
  func tablesThatEndAlike(_ set: InstructionSet, end: Int) throws {
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var builder = ProgramBuilder(name: "ends")
    let bits = end < 512 ? 9 : 10
    let x = builder.input("x", ValueType([64], FixedFormat(bits, bits, signed: false)))
    let words = (0..<1 << bits).map { Raw(min($0, end)) + ($0 < end ? 0 : 7) }
    let table = builder.constant("table", ValueType([words.count], FixedFormat(12, 12)), words)
    builder.output(try builder.add("found", .lookup, x, table))
    let program = builder.program
    #expect(try Self.codes(program, options).contains(Int(TF_PAIR_LOOKUP_AT)))
    try Self.expectEqual(program, UInt64(end), options)
  }

  /// A matrix that says which word is where is no product; one that nearly does so is.
  @Test(arguments: InstructionSet.available) func picks(_ set: InstructionSet) throws {
    var random = SeededGenerator(seed: 45)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    var picked = 0
    for _ in 0..<80 {
      var builder = ProgramBuilder(name: "picks")
      let (rows, depth, columns) = (
        Int.random(in: 1...4, using: &random), Int.random(in: 2...6, using: &random),
        Int.random(in: 2...12, using: &random)
      )
      let format = FixedFormat(16, 6)
      let x = builder.input("x", ValueType([rows, depth], format))
      var weights = [Raw](repeating: 0, count: depth * columns)
      for column in 0..<columns {
        weights[Int.random(in: 0..<depth, using: &random) * columns + column] = 1024
      }
      let spoilt = random.pick([0, 0, 0, 1, 2, 3, 4])
      if spoilt == 1 { weights[Int.random(in: 0..<weights.count, using: &random)] += 1 }
      if spoilt == 2 { weights[Int.random(in: 0..<weights.count, using: &random)] += 1024 }
      let w = builder.constant("w", ValueType([depth, columns], format), weights)
      let b = builder.constant(
        "b", ValueType([columns], format), (0..<columns).map { spoilt == 3 && $0 == 0 ? 5 : 0 })
      let narrow = FixedFormat(
        spoilt == 4 ? 14 : 16, spoilt == 4 ? 4 : 6, signed: true, .trn, random.pick([.wrap, .sat]))
      let sums = try builder.add(
        "sums", .affine(Affine(product: random.chance(0.5) ? narrow : nil, accumulator: narrow)), x, w, b)
      let moved = try builder.add("moved", .rearrange(.transpose([1, 0])), sums)
      let w2 = builder.constant(
        "w2", ValueType([rows, 3], format),
        (0..<rows * 3).map { _ in Raw.random(in: -2000...2000, using: &random) })
      let b2 = builder.constant("b2", ValueType([3], format), [1, 2, 3])
      builder.output(
        try builder.add("out", .affine(Affine(product: format, accumulator: format)), moved, w2, b2))
      let program = builder.program
      try Self.expectEqual(program, random.next(), options)
      if try Emulator(program, options: options).steps.count == 1 {
        picked += 1
        #expect(spoilt == 0, "\(program)")
      }
    }
    #expect(picked > 20, "\(picked)")
  }
}
