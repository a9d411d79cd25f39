import FixedPoint
import Program
import TestSupport
import Testing

@Suite struct RangesTests {
  /// Soundness: no word the interpreter computes is outside its range.
  @Test func wordsOfRandomProgramsStayInTheirRanges() {
    var isNarrower = 0
    var words = 0
    for seed in 0..<300 as Range<UInt64> {
      let program = RandomProgram.program(seed: seed)
      #expect(program.verify() == [], "seed \(seed)")
      let ranges = program.ranges()
      for (event, input) in RandomProgram.events(8, for: program, seed: seed).enumerated() {
        for (index, value) in program.evaluate(input).enumerated() {
          let instruction = program.instructions[index]
          let lastAxis = instruction.type.shape.last ?? 1
          let outside = value.indices.filter { !ranges[index][$0 % lastAxis].contains(value[$0]) }
          #expect(
            outside.isEmpty, "seed \(seed), event \(event): \(instruction.name) = \(instruction.operation)")
          words += value.count
        }
      }
      for (range, instruction) in zip(ranges, program.instructions) {
        let format = instruction.type.format
        #expect(
          range.hull.lowerBound >= format.minRaw && range.hull.upperBound <= format.maxRaw, "seed \(seed)")
        if instruction.operands.isEmpty { continue }
        isNarrower += range.hull == format.minRaw...format.maxRaw ? 0 : 1
      }
    }
    #expect(words > 20_000)
    #expect(isNarrower > 500)
  }

  /// Tightness where hardware depends on it.
  @Test func knownRanges() throws {
    let program = try Program(
      parsing: """
        program "known"
        %0 "x" = input : [2] fixed<8,8>
        %1 "w" = constant [3, -1, 2, 0] : [2, 2] fixed<4,4>
        %2 "b" = constant [1, 0] : [2] fixed<4,4>
        %3 "acc" = affine accumulator=fixed<12,12> %0 %1 %2 : [2] fixed<12,12>
        %4 "zero" = constant [0] : [1] fixed<1,1>
        %5 "relu" = select greater %3 %4 %3 %4 : [2] fixed<12,12>
        %6 "relu2" = maximum %3 %4 : [2] fixed<12,12>
        %7 "low" = requantize fixed<4,4> %0 : [2] fixed<4,4>
        %8 "sat" = requantize ufixed<6,7,RND,SAT> %3 : [2] ufixed<6,7,RND,SAT>
        %9 "all" = reduce maximum %6 : [1] fixed<12,12>
        inputs %0
        outputs %9
        """)
    #expect(program.verify() == [])
    let ranges = program.ranges(inputs: [-10...7])
    #expect(ranges[3].channels == [-49...36, -7...10])
    #expect(ranges[5].channels == [0...36, 0...10])
    #expect(ranges[6].channels == [0...36, 0...10])
    // −10…7 does not fit fixed<4,4>, which wraps: nothing is known but the format.
    #expect(ranges[7].channels == [-8...7])
    #expect(ranges[8].channels == [0...18, 0...5])
    #expect(ranges[9].hull == 0...36)
    #expect(program.ranges()[0].hull == -128...127)
  }

  /// Wrapping partial sums cancel; the total is what counts.
  @Test func wrapsCancel() throws {
    let program = try Program(
      parsing: """
        program "wraps"
        %0 "x" = input : [1, 3] fixed<4,4>
        %1 "c" = constant [7, 7, -8] : [1, 3] fixed<4,4>
        %2 "sum" = reduce sum accumulator=fixed<4,4> order=sequential %1 : [1, 1] fixed<4,4>
        inputs %0
        outputs %2
        """)
    #expect(program.ranges()[2].hull == 6...6)
  }
}
