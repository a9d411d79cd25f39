import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// Scans on the emulator, which runs them as they are: against the reference interpreter.
@Suite struct ScanTests {
  @Test(arguments: InstructionSet.available) func recurrentLayers(_ set: InstructionSet) throws {
    for path in EmulatorOptions.Path.allCases {
      let options = EmulatorOptions(path: path, instructionSet: set, threads: 1)
      for seed in 0..<80 as Range<UInt64> {
        let program = try RandomProgram.recurrent(seed: seed)
        #expect(program.verify() == [])
        for fuses in [true, false] {
          let difference = try RandomProgramTests.difference(
            program, events: 70, seed: seed, options, fuses: fuses)
          #expect(difference == nil, "seed \(seed), \(path), \(set)\n\(program)")
        }
      }
    }
  }

  /// A plan has the step once, however many there are.
  @Test func plansDoNotGrow() throws {
    for seed in 0..<6 as Range<UInt64> {
      let lengths = try [3, 60].map { steps in
        try Emulator(try RandomProgram.recurrent(seed: seed, steps: steps, keeps: .last)).steps.map {
          $0.split(separator: ";").count
        }
      }
      #expect(lengths[0] == lengths[1], "seed \(seed)")
    }
  }

  /// A sum of element and state, halves of which are multiplied. What a step gives or leaves may be the element itself.
  static func halves(_ units: Int, gives: Bool, leaves: Bool, keeps: Scan.Kept) throws -> Program {
    let word = FixedFormat(16, 6)
    var step = ProgramBuilder(name: "step")
    let (f, s) = (
      step.input("f", ValueType([2 * units], word)), step.input("s", ValueType([2 * units], word))
    )
    let exact = try step.add("exact", .elementwise(.add), f, s)
    let sum = try step.add("sum", .requantize(word), exact)
    let halves = try [0, units].map { start in
      try step.add("half\(start)", .rearrange(.slice(start: [start], count: [units], step: [1])), sum)
    }
    let product = try step.add("product", .elementwise(.multiply), halves)
    let new = try step.add("new", .requantize(word), product)
    step.output(gives ? f : new)
    step.output(leaves ? f : try step.add("next", .rearrange(.concatenate(axis: 0)), new, halves[0]))
    var builder = ProgramBuilder(name: "halves")
    let read = builder.input("x", ValueType([5, 2 * units], word))
    let x = try builder.add("words", .requantize(word), read)
    let start = builder.constant(
      "start", ValueType([2 * units], word), (0..<2 * units).map { Raw($0 * 700 - 3000) })
    builder.output(try builder.add("steps", .scan(Scan(step.program, keeps: keeps)), x, start))
    return builder.program
  }

  /// Elements that rows alone read stay where they are, and the sum of both halves is made as these are multiplied.
  @Test(arguments: InstructionSet.available) func elementsInPlace(_ set: InstructionSet) throws {
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    for units in [7, 8, 16, 24] {
      for (gives, leaves) in [(false, false), (true, false), (false, true), (true, true)] {
        for keeps in Scan.Kept.allCases {
          let program = try Self.halves(units, gives: gives, leaves: leaves, keeps: keeps)
          #expect(program.verify() == [])
          for events in [3, 200] {
            let difference = try RandomProgramTests.difference(
              program, events: events, seed: 9, options, fuses: true)
            #expect(difference == nil, "\(units), \(gives), \(leaves), \(keeps)")
          }
          let steps = try Emulator(program, options: options).steps.joined()
          let isInPlace = steps.contains("elements where they are")
          #expect(isInPlace == !(gives || leaves) || units == 7, "\(steps)")
        }
      }
    }
  }

  /// What a layer multiplies of the elements, before all steps, and of the state, in each, added and made the next state.
  static func addedProducts(_ random: inout SeededGenerator, isAlike: Bool) throws -> Program {
    let (depth, units, steps) = (
      Int.random(in: 1...5, using: &random), Int.random(in: 2...9, using: &random),
      Int.random(in: 2...6, using: &random)
    )
    let word = FixedFormat(random.pick([10, 16]), 6)
    let product = FixedFormat(16, 6, signed: true, random.pick([.trn, .rnd]), random.pick([.wrap, .sat]))
    let sum = FixedFormat(word.width, 6)
    let exact = FixedFormat(16, 16 - word.fractionBits, signed: true, product.rounding, product.overflow)
    // Saturated sums are none of all terms; nor are those of products of which no one is converted alike.
    let saturating = FixedFormat(word.width, 6, signed: true, .trn, .sat)
    let other = isAlike ? 0 : Int.random(in: 1...3, using: &random)
    let affine = Operation.affine(Affine(product: exact, accumulator: other == 1 ? saturating : sum))
    let second = Operation.affine(
      Affine(product: other == 2 ? nil : exact, accumulator: other == 1 ? saturating : sum))
    func constant(_ builder: inout ProgramBuilder, _ name: String, _ shape: [Int], _ format: FixedFormat)
      -> ValueID
    {
      let words = (0..<shape.reduce(1, *)).map { _ in
        Raw.random(in: format.minRaw...format.maxRaw, using: &random)
      }
      return builder.constant(name, ValueType(shape, format), words)
    }
    var step = ProgramBuilder(name: "step")
    let (f, h) = (step.input("f", ValueType([units], sum)), step.input("h", ValueType([units], word)))
    let weights = constant(&step, "state.weights", [units, units], word)
    let biases = constant(&step, "state.bias", [units], sum)
    let state = try step.add("state", second, h, weights, biases)
    let total = try step.add("exact", .elementwise(.add), f, state)
    let next = try step.add(
      "next", .requantize(other == 3 ? FixedFormat(word.width, 6, signed: true, .trn, .sat) : word), total)
    let result = other == 3 ? try step.add("next.words", .requantize(word), next) : next
    step.output(result)
    step.output(result)
    var builder = ProgramBuilder(name: "added")
    let x = builder.input("x", ValueType([steps, depth], word))
    let kernel = constant(&builder, "weights", [depth, units], word)
    let bias = constant(&builder, "bias", [units], sum)
    let features = try builder.add("features", affine, x, kernel, bias)
    // With what overflows in them the element's format is that of the sums.
    let taken = other == 1 ? try builder.add("taken", .requantize(sum), features) : features
    let start = constant(&builder, "start", [units], word)
    builder.output(try builder.add("steps", .scan(Scan(step.program, keeps: .last)), taken, start))
    return builder.program
  }

  /// Products that a step adds are one where sums wrap.
  @Test(arguments: InstructionSet.available, [true, false])
  func addedProducts(_ set: InstructionSet, isAlike: Bool) throws {
    var random = SeededGenerator(seed: 47)
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    for turn in 0..<40 as Range<UInt64> {
      let program = try Self.addedProducts(&random, isAlike: isAlike)
      #expect(program.verify() == [])
      let joined = program.joiningFeatures()
      #expect((joined != program) == isAlike, "\(program)")
      #expect(joined.verify() == [])
      for fuses in [true, false] {
        let difference = try RandomProgramTests.difference(
          program, events: 70, seed: turn, options, fuses: fuses)
        #expect(difference == nil, "\(program)")
      }
    }
  }

  /// Many steps, more events than a tile has, several threads.
  @Test func manySteps() throws {
    let program = try RandomProgram.recurrent(seed: 5, steps: 100)
    let difference = try RandomProgramTests.difference(
      program, events: 1100, seed: 5, EmulatorOptions(threads: 2), fuses: true)
    #expect(difference == nil)
  }

  /// What overflows is counted as in the unrolled program, all steps together; there what the last step makes for nobody is left
  /// out.
  @Test func overflowsOfAllSteps() throws {
    var found = 0
    for seed in 0..<20 as Range<UInt64> {
      let program = try RandomProgram.recurrent(seed: seed)
      let unrolled = program.unrolled()
      let events = RandomProgram.events(50, for: program, seed: seed)
      let inputs = program.inputs.indices.map { slot in EventData.wide(events.flatMap { $0[slot] }) }
      let options = EmulatorOptions(countsOverflows: true)
      let counts = try Emulator(program, options: options).overflows(inputs)
      var expected: [ValueID: (Int, Int)] = [:]
      for count in try Emulator(unrolled.program, options: options).overflows(inputs) {
        let before = expected[unrolled.origins[count.value.index]] ?? (0, 0)
        expected[unrolled.origins[count.value.index]] = (
          before.0 + count.products, before.1 + count.words
        )
      }
      #expect(counts.count == expected.count)
      for count in counts {
        let (products, words) = expected[count.value] ?? (0, 0)
        if case .scan = program[count.value].operation {
          found += 1
          #expect(count.products >= products && count.words >= words, "seed \(seed)")
        } else {
          #expect(count.products == products && count.words == words, "seed \(seed)")
        }
      }
    }
    #expect(found > 0)
  }
}
