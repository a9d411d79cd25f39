import FixedPoint
import Program
import TestSupport
import Testing

@Suite struct KnownWordsTests {
  /// Soundness: every word the interpreter computes lies in its interval and has its zeros.
  @Test(arguments: [WordDetail.channels, .words, .words(upTo: 6)])
  func wordsOfRandomProgramsAreAsKnown(_ detail: WordDetail) {
    var (words, zeros, isNarrower) = (0, 0, 0)
    for seed in 0..<600 as Range<UInt64> {
      let program = RandomProgram.program(seed: seed, options: seed % 4 == 0 ? .everything : .init())
      #expect(program.verify() == [], "seed \(seed)")
      let known = program.knownWords(detail: detail)
      for (event, input) in RandomProgram.events(8, for: program, seed: seed).enumerated() {
        for (index, value) in program.evaluate(input).enumerated() {
          let wrong = value.indices.filter { !known[index][$0].holds(value[$0]) }
          #expect(
            wrong.isEmpty,
            "seed \(seed), event \(event): \(program.instructions[index]), \(known[index].pattern)")
          words += value.count
        }
      }
      for (known, instruction) in zip(known, program.instructions) {
        #expect(instruction.type.count % known.pattern.count == 0, "seed \(seed): \(instruction)")
        #expect(Interval(instruction.type.format).contains(known.interval), "seed \(seed): \(instruction)")
        if instruction.operands.isEmpty { continue }
        zeros += known.pattern.count { $0.trailingZeros > 0 && $0.constant == nil }
        isNarrower += known.interval == Interval(instruction.type.format) ? 0 : 1
      }
    }
    #expect(words > 40_000)
    #expect(isNarrower > 1000)
    #expect(zeros > 500)
  }

  /// What is known word by word is never less than what is known by position of the last axis, and often more.
  @Test func wordsAreKnownBetterThanChannels() {
    var better = 0
    for seed in 0..<300 as Range<UInt64> {
      let program = RandomProgram.program(seed: seed)
      let (fine, coarse) = (program.knownWords(), program.knownWords(detail: .channels))
      for (index, instruction) in program.instructions.enumerated() {
        for word in 0..<instruction.type.count {
          let (a, b) = (fine[index][word], coarse[index][word])
          #expect(b.interval.contains(a.interval), "seed \(seed): \(instruction), word \(word)")
          #expect(a.trailingZeros >= b.trailingZeros, "seed \(seed): \(instruction), word \(word)")
          better += a == b ? 0 : 1
        }
      }
    }
    #expect(better > 1000)
  }

  /// Tightness: for one operation on all words that three inputs of three bits can have, the facts are exactly what is
  /// seen (by the interpreter, on all 512 events).
  @Test(arguments: [
    "add %0 %1 : [3] fixed<5,4>",
    "subtract %0 %1 : [3] fixed<5,4>",
    "multiply %0 %1 : [3] fixed<7,6>",
    "maximum %0 %2 : [3] fixed<4,3>",
    "minimum %0 %2 : [3] fixed<4,3>",
    "divide %0 %3 : [3] fixed<3,3>",
    "requantize fixed<2,2,TRN,SAT> %0 : [3] fixed<2,2,TRN,SAT>",
    "requantize ufixed<3,4,RND,SAT> %0 : [3] ufixed<3,4,RND,SAT>",
    "requantize fixed<7,4> %0 : [3] fixed<7,4>",
    "requantize fixed<8,4> %1 : [3] fixed<8,4>",
    "requantize shape=[3] formats=[fixed<2,2,RND,SAT>, zero, fixed<4,3>] places=[0, 1, 2] %0 : [3] fixed<4,3>",
    "select greater %0 %2 %0 %2 : [3] fixed<4,3>",
    "affine accumulator=fixed<9,8> %0 %4 %1 : [2] fixed<9,8>",
    "affine accumulator=fixed<4,4,TRN,SAT> product=fixed<4,4,TRN,SAT> %0 %4 %1 : [2] fixed<4,4,TRN,SAT>",
    "affine accumulator=fixed<5,5,RND,SAT> %0 %4 %1 : [2] fixed<5,5,RND,SAT>",
    "reduce sum accumulator=fixed<5,5> order=tree %0 : [1] fixed<5,5>",
    "reduce maximum %0 : [1] fixed<3,3>",
    "lookup %0 %3 : [3] ufixed<3,3>",
    "gather axis=0 indices=[2, 2, 0] %0 : [3] fixed<3,3>",
    "pad before=[1] after=[0] interior=[1] word=3 %0 : [6] fixed<3,3>",
    "concatenate axis=0 %0 %1 : [6] fixed<4,3>",
  ]) func oneOperation(_ operation: String) throws {
    // %1 has two operands' facts: constants, of which one is even. %5 is what is looked at.
    let bias = operation.hasPrefix("affine") ? "[3, -4] : [2] fixed<4,3>" : "[3, -4, 0] : [3] fixed<4,3>"
    let program = try Program(
      parsing: """
        format 1
        program "one"
        %0 "x" = input : [3] fixed<3,3>
        %1 "constants" = constant \(bias)
        %2 "middle" = constant [1, 0, -3] : [3] fixed<4,3>
        %3 "table" = constant [1, 4, 2] : [3] ufixed<3,3>
        %4 "weights" = constant [1, -2, 2, 2, 0, -4] : [3, 2] fixed<4,4>
        %5 "y" = \(operation)
        inputs %0
        outputs %5
        """)
    #expect(program.verify() == [])
    let known = program.knownWords()[5]
    let count = program[ValueID(5)].type.count
    var seen = [[Raw]](repeating: [], count: count)
    for event in 0..<512 {
      let x = [event & 7, event >> 3 & 7, event >> 6].map { Raw($0) - 4 }
      for (word, value) in program.evaluate([x])[5].enumerated() { seen[word].append(value) }
    }
    for word in 0..<count {
      #expect(known[word].interval == Interval(seen[word]), "word \(word)")
      #expect(known[word].trailingZeros == seen[word].map(\.trailingZeroBitCount).min(), "word \(word)")
    }
  }

  /// Tightness where hardware depends on it.
  @Test func knownRanges() throws {
    let program = try Program(
      parsing: """
        format 1
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
    let known = program.knownWords(inputs: [KnownWords(Interval(-10, 7))], detail: .channels)
    func intervals(_ value: Int) -> [Interval] { known[value].pattern.map(\.interval) }
    #expect(intervals(3) == [Interval(-49, 36), Interval(-7, 10)])
    #expect(intervals(5) == [Interval(0, 36), Interval(0, 10)])
    #expect(intervals(6) == [Interval(0, 36), Interval(0, 10)])
    // −10…7 does not fit fixed<4,4>, which wraps: nothing is known but the format.
    #expect(intervals(7) == [Interval(-8, 7)])
    #expect(intervals(8) == [Interval(0, 18), Interval(0, 5)])
    #expect(known[9].interval == Interval(0, 36))
    #expect(program.knownWords()[0].interval == Interval(-128, 127))
  }

  /// Wrapping partial sums cancel; the total is what counts.
  @Test func wrapsCancel() throws {
    let program = try Program(
      parsing: """
        format 1
        program "wraps"
        %0 "x" = input : [1, 3] fixed<4,4>
        %1 "c" = constant [7, 7, -8] : [1, 3] fixed<4,4>
        %2 "sum" = reduce sum accumulator=fixed<4,4> order=sequential %1 : [1, 1] fixed<4,4>
        inputs %0
        outputs %2
        """)
    #expect(program.knownWords()[2].interval == Interval(6, 6))
  }

  /// Each word of an image's border, and no position of its middle, is padding; a large image is known by channel.
  @Test(arguments: [(4, true), (400, false)]) func padding(_ side: Int, _ isWordByWord: Bool) throws {
    let program = try Program(
      parsing: """
        format 1
        program "window"
        %0 "x" = input : [\(side), 2] ufixed<4,4>
        %1 "even" = constant [6, 4] : [2] ufixed<3,3>
        %2 "above" = maximum %0 %1 : [\(side), 2] ufixed<4,4>
        %3 "seen" = window kernel=[3] strides=[1] dilation=[1] before=[1] after=[1] groups=0 padding=0 %2 : [\(side), 6] ufixed<4,4>
        inputs %0
        outputs %3
        """)
    #expect(program.verify() == [])
    let known = program.knownWords(detail: .words(upTo: 1000))[3]
    #expect(known.pattern.count == (isWordByWord ? 24 : 2))
    #expect(known[0].constant == (isWordByWord ? 0 : nil))
    #expect(known[8].interval == (isWordByWord ? Interval(6, 15) : Interval(0, 15)))
  }

  /// A shift left, a sum of multiples and a wrap keep zeros; a clamp does not.
  @Test func zeros() throws {
    let program = try Program(
      parsing: """
        format 1
        program "zeros"
        %0 "x" = input : [2] fixed<8,8>
        %1 "fine" = requantize fixed<12,8> %0 : [2] fixed<12,8>
        %2 "w" = constant [2, 6, 4, 12] : [2, 2] fixed<5,5>
        %3 "b" = constant [64, 32] : [2] fixed<12,8>
        %4 "sum" = affine accumulator=fixed<10,6> %1 %2 %3 : [2] fixed<10,6>
        %5 "low" = requantize ufixed<6,2> %4 : [2] ufixed<6,2>
        %6 "clamped" = requantize fixed<8,4,TRN,SAT> %4 : [2] fixed<8,4,TRN,SAT>
        %7 "coarse" = requantize fixed<7,6> %4 : [2] fixed<7,6>
        inputs %0
        outputs %7
        """)
    #expect(program.verify() == [])
    let known = program.knownWords()
    func zeros(_ value: Int) -> [Int] { (0..<2).map { known[value][$0].trailingZeros } }
    #expect(zeros(1) == [4, 4])
    #expect(zeros(4) == [5, 5])
    #expect(zeros(5) == [5, 5])
    #expect(known[5].interval == Interval(0, 32), "of 0…63 only 0 and 32 have five zeros")
    #expect(zeros(6) == [0, 0], "127 has none")
    #expect(zeros(7) == [2, 2], "three bits dropped")
  }
}

extension WordFacts {
  fileprivate func holds(_ word: Raw) -> Bool {
    interval.contains(Interval(word, word)) && word.trailingZeroBitCount >= trailingZeros
  }
}
