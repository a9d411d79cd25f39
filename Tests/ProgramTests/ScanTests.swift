import FixedPoint
import Program
import TestSupport
import Testing

/// The loop operation: what it means, what the verifier says of it, its text, and its unrolled form.
@Suite struct ScanTests {
  /// A running sum that wraps, whose result is the sum less the element: worked out by hand below.
  private func running(keeps: String, type: String) -> String {
    """
    format 1
    program "p"
    layer "loop" "Loop" -> %2
    %0 "x" = input : [3, 2] fixed<4,4>
    %1 "start" = constant [1, -1] : [2] fixed<5,5>
    %2 "sums" @0 = scan sequences=1 keeps=\(keeps) "step" {
        %0 "x" = input : [2] fixed<4,4>
        %1 "sum" = input : [2] fixed<5,5>
        %2 "one" = constant [2] : [1] fixed<3,3>
        %3 "twice" = multiply %0 %2 : [2] fixed<7,7>
        %4 "exact" = add %1 %3 : [2] fixed<8,8>
        %5 "next" = requantize fixed<5,5> %4 : [2] fixed<5,5>
        %6 "result" = subtract %1 %0 : [2] fixed<6,6>
        inputs %0 %1
        outputs %6 %5
      } %0 %1 : \(type) fixed<6,6>
    inputs %0
    outputs %2

    """
  }

  private let event: [[Raw]] = [[1, 2, 7, -8, 3, 5]]

  /// Sums before each step: (1, −1), (3, 3), (3 + 14 = 17 → −15, 3 − 16 = −13); results are those less the elements.
  @Test func stepsInOrder() throws {
    let program = try Program(parsing: running(keeps: "all", type: "[3, 2]"))
    #expect(program.evaluate(event)[2] == [0, -3, -4, 11, -18, -18])
    let last = try Program(parsing: running(keeps: "last", type: "[2]"))
    #expect(last.evaluate(event)[2] == [-18, -18])
  }

  @Test(arguments: [("all", "[3, 2]"), ("last", "[2]")])
  func textIsReadBack(keeps: String, type: String) throws {
    let program = try Program(parsing: running(keeps: keeps, type: type))
    #expect(
      program.description.contains(
        "%2 \"sums\" @0 = scan sequences=1 keeps=\(keeps) \"step\" {\n    %0 \"x\" = input"))
    #expect(try Program(parsing: program.description) == program)
  }

  @Test(arguments: [("all", "[3, 2]"), ("last", "[2]")])
  func unrolledComputesTheSame(keeps: String, type: String) throws {
    let program = try Program(parsing: running(keeps: keeps, type: type))
    let unrolled = program.unrolled()
    #expect(unrolled.program.verify() == [] && !unrolled.program.hasScans)
    let (place, values) = (unrolled.places[2].index, unrolled.program.evaluate(event))
    #expect(values[place] == program.evaluate(event)[2])
    #expect(unrolled.program.layers[0].result == unrolled.places[2])
    #expect(unrolled.origins.count == unrolled.program.instructions.count)
    #expect(unrolled.program.instructions[place].layer == 0)
    // The step's constant is there once.
    #expect(unrolled.program.instructions.count { $0.name.hasPrefix("sums.one") } == 1)
    #expect(ProgramPass.unrolling.run(unrolled.program) == unrolled.program)
  }

  /// What is known of the results holds, and settles: a sum that saturates can be any word, a maximum cannot.
  @Test func knownWordsSettle() throws {
    let text = """
      format 1
      program "p"
      %0 "x" = input : [40, 1] ufixed<3,3>
      %1 "start" = constant [1] : [1] fixed<8,8>
      %2 "highest" = scan sequences=1 keeps=all "step" {
        %0 "x" = input : [1] ufixed<3,3>
        %1 "h" = input : [1] fixed<8,8>
        %2 "larger" = maximum %0 %1 : [1] fixed<8,8>
        inputs %0 %1
        outputs %2 %2
      } %0 %1 : [40, 1] fixed<8,8>
      %3 "sums" = scan sequences=1 keeps=last "step" {
        %0 "x" = input : [1] ufixed<3,3>
        %1 "h" = input : [1] fixed<8,8>
        %2 "exact" = add %0 %1 : [1] fixed<9,9>
        %3 "sum" = requantize fixed<8,8> %2 : [1] fixed<8,8>
        inputs %0 %1
        outputs %3 %3
      } %0 %1 : [1] fixed<8,8>
      inputs %0
      outputs %2 %3
      """
    let program = try Program(parsing: text)
    for detail in [WordDetail.words, .channels] {
      let known = program.knownWords(detail: detail)
      #expect(known[2].interval == Interval(1, 7))
      #expect(known[3].interval == Interval(-128, 127))
    }
  }

  /// Everything that is wrong with a scan is said, and nothing traps.
  @Test(arguments: [
    ("sequences=1", "sequences=3", "3 sequences of 2 inputs"),
    (
      "[3, 2] fixed<4,4>\n%1 \"start\"", "[3, 3] fixed<4,4>\n%1 \"start\"",
      "elements of [2] fixed<4,4,TRN,WRAP,0> are needed"
    ),
    (
      "constant [1, -1] : [2] fixed<5,5>", "constant [1, -1] : [2] fixed<6,6>",
      "a state is [2] fixed<6,6,TRN,WRAP,0> where"
    ),
    (
      "outputs %6 %5", "outputs %6 %4",
      "the step makes a state of [2] fixed<5,5,TRN,WRAP,0> one of [2] fixed<8,8,TRN,WRAP,0>"
    ),
    ("outputs %6 %5", "outputs %6", "a step of 1 states has 1 outputs"),
    ("add %1 %3 : [2] fixed<8,8>", "add %1 %3 : [2] fixed<9,9>", "the step is not well formed: exact"),
  ])
  func whatIsWrongIsSaid(part: String, other: String, message: String) {
    let text = running(keeps: "all", type: "[3, 2]").replacing(part, with: other)
    do {
      _ = try Program(parsing: text)
      Issue.record("it is read")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }

  @Test func scansInsideStepsAreRefused() {
    let inner = "%3 \"twice\" = scan sequences=1 keeps=last \"in\" { inputs outputs } %0 : [2] fixed<7,7>"
    let text = running(keeps: "all", type: "[3, 2]").replacing(
      "%3 \"twice\" = multiply %0 %2 : [2] fixed<7,7>", with: inner)
    do {
      _ = try Program(parsing: text)
      Issue.record("it is read")
    } catch {
      #expect("\(error)".contains("a scan inside the step of a scan"))
    }
  }

  /// Random programs have scans in them, and their unrolled form computes the same.
  @Test func randomScans() {
    var scans = 0
    for seed in UInt64(0)..<300 {
      let program = RandomProgram.program(seed: seed, options: .everything)
      guard program.hasScans else { continue }
      scans += 1
      let unrolled = program.unrolled()
      #expect(unrolled.program.verify() == [])
      for event in RandomProgram.events(4, for: program, seed: seed) {
        let (all, expanded) = (program.evaluate(event), unrolled.program.evaluate(event))
        #expect(program.outputs.map { all[$0.index] } == unrolled.program.outputs.map { expanded[$0.index] })
      }
    }
    #expect(scans > 5)
  }
}
