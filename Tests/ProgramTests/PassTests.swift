import FixedPoint
import Program
import TestSupport
import Testing

/// Text in, text out: what each pass makes of a small program, and that it leaves alone what is not its own.
@Suite struct PassTests {
  private func program(_ lines: String, layers: String = "", outputs: String) throws -> Program {
    try Program(
      parsing: "format 1\nprogram \"p\"\n\(layers)\n\(lines)\ninputs %0\noutputs \(outputs)")
  }

  /// Runs a pass and compares; the verifier has nothing to say in between.
  private func expect(
    _ pass: ProgramPass, _ before: Program, _ after: Program, _ location: SourceLocation = #_sourceLocation
  ) {
    let result = pass.run(before)
    #expect(result.verify() == [], sourceLocation: location)
    #expect(result.description == after.description, sourceLocation: location)
    #expect(pass.run(result) == result, "twice is once", sourceLocation: location)
  }

  private func expectUnchanged(
    _ pass: ProgramPass, _ program: Program, _ location: SourceLocation = #_sourceLocation
  ) {
    expect(pass, program, program, location)
  }

  // MARK: Dead code

  @Test func deadCode() throws {
    try expect(
      .deadCode,
      program(
        """
        %0 "x" = input : [2] fixed<8,8>
        %1 "w" = constant [1, 2] : [2] fixed<4,4>
        %2 "unread" = multiply %0 %1 : [2] fixed<12,12>
        %3 "shown" = add %0 %0 : [2] fixed<9,9>
        %4 "unread too" = add %2 %3 : [2] fixed<13,13>
        %5 "y" = maximum %0 %3 : [2] fixed<9,9>
        """, layers: "layer \"a\" \"A\" -> %3", outputs: "%5"),
      program(
        """
        %0 "x" = input : [2] fixed<8,8>
        %1 "shown" = add %0 %0 : [2] fixed<9,9>
        %2 "y" = maximum %0 %1 : [2] fixed<9,9>
        """, layers: "layer \"a\" \"A\" -> %1", outputs: "%2"))
  }

  /// An input that nothing reads stays, and so does what only a layer shows.
  @Test func liveCode() throws {
    try expectUnchanged(
      .deadCode,
      program(
        """
        %0 "x" = input : [2] fixed<8,8>
        %1 "y" = constant [1, 2] : [2] fixed<4,4>
        %2 "z" = add %1 %1 : [2] fixed<5,5>
        """, layers: "layer \"a\" \"A\" -> %2", outputs: "%1"))
  }

  // MARK: Common subexpressions

  @Test func commonSubexpressions() throws {
    try expect(
      .commonSubexpressions,
      program(
        """
        %0 "x" = input : [2] fixed<8,8>
        %1 "a" = constant [1, 2] : [2] fixed<4,4>
        %2 "b" = constant [1, 2] : [2] fixed<4,4>
        %3 "p" = multiply %0 %1 : [2] fixed<12,12>
        %4 "q" = multiply %0 %2 : [2] fixed<12,12>
        %5 "y" = add %3 %4 : [2] fixed<13,13>
        """, layers: "layer \"a\" \"A\" -> %4", outputs: "%5"),
      program(
        """
        %0 "x" = input : [2] fixed<8,8>
        %1 "a" = constant [1, 2] : [2] fixed<4,4>
        %2 "p" = multiply %0 %1 : [2] fixed<12,12>
        %3 "y" = add %2 %2 : [2] fixed<13,13>
        """, layers: "layer \"a\" \"A\" -> %2", outputs: "%3"))
  }

  /// Other words, another format of the same words, operands in another order, and an output of its own.
  @Test func differentExpressions() throws {
    try expectUnchanged(
      .commonSubexpressions,
      program(
        """
        %0 "x" = input : [2] fixed<8,8>
        %1 "a" = constant [1, 2] : [2] fixed<4,4>
        %2 "b" = constant [1, 3] : [2] fixed<4,4>
        %3 "c" = constant [1, 2] : [2] fixed<4,3>
        %4 "d" = subtract %0 %1 : [2] fixed<9,9>
        %5 "e" = subtract %1 %0 : [2] fixed<9,9>
        %6 "f" = subtract %1 %0 : [2] fixed<9,9>
        """, outputs: "%5 %6"))
  }

  // MARK: Constant folding

  @Test func constantFolding() throws {
    try expect(
      .constantFolding,
      program(
        """
        %0 "x" = input : [2] ufixed<4,4>
        %1 "a" = constant [1, 2] : [2] fixed<4,4>
        %2 "b" = multiply %1 %1 : [2] fixed<8,8>
        %3 "big" = constant [20] : [1] fixed<6,6>
        %4 "never" = select greater %0 %3 %0 %2 : [2] fixed<8,8>
        %5 "y" = add %0 %4 : [2] fixed<9,9>
        """, outputs: "%5"),
      program(
        """
        %0 "x" = input : [2] ufixed<4,4>
        %1 "a" = constant [1, 2] : [2] fixed<4,4>
        %2 "b" = constant [1, 4] : [2] fixed<8,8>
        %3 "big" = constant [20] : [1] fixed<6,6>
        %4 "never" = constant [1, 4] : [2] fixed<8,8>
        %5 "y" = add %0 %4 : [2] fixed<9,9>
        """, outputs: "%5"))
  }

  /// One word of two depends on the input.
  @Test func inputsAreNotFolded() throws {
    try expectUnchanged(
      .constantFolding,
      program(
        """
        %0 "x" = input : [2] ufixed<4,4>
        %1 "a" = constant [0, 2] : [2] fixed<4,4>
        %2 "b" = multiply %0 %1 : [2] fixed<8,8>
        """, outputs: "%2"))
  }

  // MARK: Idle conversions

  @Test func idleConversions() throws {
    try expect(
      .idleConversions,
      program(
        """
        %0 "x" = input : [2] ufixed<4,4>
        %1 "wide" = requantize fixed<9,5> %0 : [2] fixed<9,5>
        %2 "low" = requantize ufixed<3,3,RND,SAT> %1 : [2] ufixed<3,3,RND,SAT>
        %3 "sat" = requantize ufixed<3,3,TRN,SAT> %2 : [2] ufixed<3,3,TRN,SAT>
        %4 "y" = add %3 %3 : [2] ufixed<4,4>
        """, outputs: "%4"),
      program(
        """
        %0 "x" = input : [2] ufixed<4,4>
        %1 "wide" = requantize fixed<9,5> %0 : [2] fixed<9,5>
        %2 "low" = requantize ufixed<3,3,RND,SAT> %0 : [2] ufixed<3,3,RND,SAT>
        %3 "y" = add %2 %2 : [2] ufixed<4,4>
        """, outputs: "%3"))
  }

  /// One that saturates, one whose reader's format would change, one that takes wires away, one that is put out.
  @Test func conversionsAtWork() throws {
    try expectUnchanged(
      .idleConversions,
      program(
        """
        %0 "x" = input : [2] ufixed<4,4>
        %1 "sat" = requantize ufixed<3,3,TRN,SAT> %0 : [2] ufixed<3,3,TRN,SAT>
        %2 "wide" = requantize ufixed<6,6> %1 : [2] ufixed<6,6>
        %3 "sum" = add %2 %2 : [2] ufixed<7,7>
        %4 "narrow" = requantize ufixed<4,4> %3 : [2] ufixed<4,4>
        %5 "twice" = add %4 %4 : [2] ufixed<5,5>
        %6 "y" = requantize ufixed<9,9> %5 : [2] ufixed<9,9>
        """, outputs: "%6"))
  }

  // MARK: Wiring of wiring

  @Test func wiringOfWiring() throws {
    try expect(
      .wiringOfWiring,
      program(
        """
        %0 "x" = input : [2, 6] fixed<8,8>
        %1 "a" = reshape [12] %0 : [12] fixed<8,8>
        %2 "b" = reshape [3, 4] %1 : [3, 4] fixed<8,8>
        %3 "c" = transpose [1, 0] %2 : [4, 3] fixed<8,8>
        %4 "d" = transpose [1, 0] %3 : [3, 4] fixed<8,8>
        %5 "e" = slice start=[0, 1] count=[3, 2] step=[1, 2] %4 : [3, 2] fixed<8,8>
        %6 "f" = slice start=[1, 1] count=[2, 1] step=[1, 1] %5 : [2, 1] fixed<8,8>
        %7 "g" = gather axis=0 indices=[1, 1, 0] %6 : [3, 1] fixed<8,8>
        %8 "h" = gather axis=0 indices=[2, 0] %7 : [2, 1] fixed<8,8>
        %9 "y" = add %8 %8 : [2, 1] fixed<9,9>
        """, outputs: "%9"),
      program(
        """
        %0 "x" = input : [2, 6] fixed<8,8>
        %1 "a" = reshape [12] %0 : [12] fixed<8,8>
        %2 "b" = reshape [3, 4] %0 : [3, 4] fixed<8,8>
        %3 "c" = transpose [1, 0] %2 : [4, 3] fixed<8,8>
        %4 "e" = slice start=[0, 1] count=[3, 2] step=[1, 2] %2 : [3, 2] fixed<8,8>
        %5 "f" = slice start=[1, 3] count=[2, 1] step=[1, 2] %2 : [2, 1] fixed<8,8>
        %6 "g" = gather axis=0 indices=[1, 1, 0] %5 : [3, 1] fixed<8,8>
        %7 "y" = add %5 %5 : [2, 1] fixed<9,9>
        """, outputs: "%7"))
  }

  /// A padding between, another axis, and an output that is its input's words in its own right.
  @Test func wiringThatStays() throws {
    try expectUnchanged(
      .wiringOfWiring,
      program(
        """
        %0 "x" = input : [2, 6] fixed<8,8>
        %1 "same" = reshape [2, 6] %0 : [2, 6] fixed<8,8>
        %2 "padded" = pad before=[0, 1] after=[0, 0] interior=[0, 0] %0 : [2, 7] fixed<8,8>
        %3 "part" = slice start=[0, 1] count=[2, 6] step=[1, 1] %2 : [2, 6] fixed<8,8>
        %4 "rows" = gather axis=0 indices=[1, 0] %3 : [2, 6] fixed<8,8>
        %5 "columns" = gather axis=1 indices=[1, 0] %4 : [2, 2] fixed<8,8>
        %6 "turned" = transpose [1, 0] %5 : [2, 2] fixed<8,8>
        %7 "flat" = reshape [4] %6 : [4] fixed<8,8>
        """, outputs: "%1 %7"))
  }

  // MARK: Late wiring

  @Test func lateWiring() throws {
    try expect(
      .lateWiring,
      program(
        """
        %0 "x" = input : [4, 2] fixed<8,8>
        %1 "flat" = reshape [8] %0 : [8] fixed<8,8>
        %2 "zero" = constant [0] : [1] ufixed<1,1>
        %3 "relu" = maximum %1 %2 : [8] fixed<8,8>
        %4 "y" = reduce maximum %3 : [1] fixed<8,8>
        """, layers: "layer \"relu\" \"ReLU\" -> %3", outputs: "%4"),
      program(
        """
        %0 "x" = input : [4, 2] fixed<8,8>
        %1 "flat" = reshape [8] %0 : [8] fixed<8,8>
        %2 "zero" = constant [0] : [1] ufixed<1,1>
        %3 "relu" = maximum %0 %2 : [4, 2] fixed<8,8>
        %4 "relu.shaped" = reshape [8] %3 : [8] fixed<8,8>
        %5 "y" = reduce maximum %4 : [1] fixed<8,8>
        """, layers: "layer \"relu\" \"ReLU\" -> %4", outputs: "%5"))
  }

  /// The shape before the reshape is coarser.
  @Test func wiringBeforeActivations() throws {
    try expectUnchanged(
      .lateWiring,
      program(
        """
        %0 "x" = input : [8] fixed<8,8>
        %1 "rows" = reshape [4, 2] %0 : [4, 2] fixed<8,8>
        %2 "zero" = constant [0] : [1] ufixed<1,1>
        %3 "relu" = maximum %1 %2 : [4, 2] fixed<8,8>
        """, outputs: "%3"))
  }

  // MARK: All of them

  /// Random programs give the same words after each pass and after all, and the verifier has nothing to say in between.
  @Test func wordsStay() {
    var changes: [String: Int] = [:]
    for seed in 0..<1200 as Range<UInt64> {
      let original = RandomProgram.program(seed: seed, options: seed % 4 == 0 ? .everything : .init())
      let events = RandomProgram.events(4, for: original, seed: seed)
      let words = events.map { Self.shown(original, $0) }
      var program = original
      for pass in ProgramPass.all {
        let alone = pass.run(original)
        #expect(alone.verify() == [], "\(pass.name), seed \(seed)")
        #expect(events.map { Self.shown(alone, $0) } == words, "\(pass.name), seed \(seed)")
        if alone != original { changes[pass.name, default: 0] += 1 }
        program = pass.run(program)
        #expect(program.verify() == [], "up to \(pass.name), seed \(seed)")
      }
      #expect(events.map { Self.shown(program, $0) } == words, "all, seed \(seed)")
      #expect(program.outputs.map { program[$0].type } == original.outputs.map { original[$0].type })
    }
    #expect(ProgramPass.all.allSatisfy { changes[$0.name, default: 0] >= 5 }, "\(changes)")
  }

  /// The words of the outputs and of the layers' results.
  private static func shown(_ program: Program, _ event: [[Raw]]) -> [[Raw]] {
    let values = program.evaluate(event)
    return (program.outputs + program.layers.compactMap(\.result)).map { values[$0.index] }
  }
}
