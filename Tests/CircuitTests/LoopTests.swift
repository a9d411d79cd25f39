import Diagnostics
import FixedPoint
import Program
import TestSupport
import Testing

@testable import Circuit

/// Loops over steps: what they compute, cycle by cycle, against the program's reference interpreter, which knows steps and no clock.
@Suite struct LoopTests {
  private static func circuit(_ program: Program, period: Int = 4000) throws -> Circuit {
    var options = CircuitOptions()
    (options.effort, options.staging) = (0, .period(period))
    return try Circuit(program, options)
  }

  /// The first cycle that is not as promised; nil: there is none. Events enter as often as they may, or with pauses.
  ///
  /// - Parameter reset: the cycle after which a reset comes.
  static func difference(_ program: Program, _ circuit: Circuit, seed: UInt64, reset: Int? = nil) -> String? {
    let events = RandomProgram.events(7, for: program, seed: seed)
    var entering: [Int?] = []
    for number in events.indices {
      entering += [number] + Array(repeating: nil, count: circuit.interval - 1)
      if number % 3 == 2 { entering += Array(repeating: nil, count: 1 + Int(seed % 5)) }
    }
    entering += Array(repeating: nil, count: circuit.latency + 1)
    var simulation = Simulation(circuit, seed: seed)
    for cycle in entering.indices {
      let seen = simulation.clock(entering[cycle].map { events[$0] })
      let entered = cycle - circuit.latency
      let isLost = reset.map { entered <= $0 && cycle > $0 } ?? false
      let leaving = entered < 0 || isLost ? nil : entering[entered]
      if seen.valid != (leaving != nil) { return "cycle \(cycle): valid is \(seen.valid)" }
      if let leaving {
        let words = program.evaluate(events[leaving])
        let expected = program.outputs.map { words[$0.index] }
        if seen.outputs != expected { return "event \(leaving): \(seen.outputs), expected \(expected)" }
      }
      if cycle == reset { simulation.reset() }
    }
    return nil
  }

  @Test func recurrentLayersGiveTheProgramsWordsInTheirCycle() throws {
    for seed in UInt64(0)..<60 {
      let program = try RandomProgram.recurrent(seed: seed)
      let moved = seed % 2 == 0 ? program.withFeaturesInSteps() : program
      let circuit = try Self.circuit(moved, period: [2500, 4000, 9000][Int(seed) % 3])
      #expect(circuit.verify(inGates: true) == [], "seed \(seed)")
      let loop = try #require(circuit.loops.first)
      #expect(circuit.loops.count == 1 && circuit.interval == loop.steps * loop.stages)
      #expect(Self.difference(program, circuit, seed: seed) == nil, "seed \(seed)")
      let middle = loop.start + loop.length / 2
      #expect(Self.difference(program, circuit, seed: seed, reset: middle) == nil, "seed \(seed)")
    }
  }

  /// Scans of random operations, and values that pass by.
  @Test func anyScansGiveTheProgramsWordsInTheirCycle() throws {
    var compared = 0
    for seed in UInt64(0)..<1000 {
      let program = RandomProgram.program(seed: seed, options: seed % 2 == 0 ? .everything : .init())
      guard program.hasScans else { continue }
      var all = program
      all.outputs = all.instructions.indices.map { ValueID($0) }.filter { all.constant($0) == nil }
      guard let circuit = try? Self.circuit(all, period: 6000), !circuit.loops.isEmpty else { continue }
      compared += 1
      #expect(Self.difference(all, circuit, seed: seed) == nil, "seed \(seed)\n\(all)")
    }
    #expect(compared > 15, "\(compared)")
  }

  /// Loops that begin together: of as many steps, and of others, whose results wait.
  @Test func loopsSideBySide() throws {
    for seed in UInt64(0)..<12 {
      let program = Program(
        sideBySide: [
          try RandomProgram.recurrent(seed: seed, steps: 4),
          try RandomProgram.recurrent(seed: seed + 50, steps: 4),
          try RandomProgram.recurrent(seed: seed + 100, steps: Int(seed % 3) + 2),
        ].map { $0.withFeaturesInSteps() })
      let circuit = try Self.circuit(program)
      #expect(circuit.loopGroups.count == 1)
      let stages = circuit.loops.filter { $0.steps == 4 }.map(\.stages)
      #expect(Set(stages).count == 1)
      #expect(Self.difference(program, circuit, seed: seed) == nil, "seed \(seed)")
    }
  }

  /// Two layers one behind the other, and a sum of what passes by the second.
  static let stacked = """
    format 1
    program "stacked"
    layer "first" "SimpleRNN" -> %2
    layer "second" "SimpleRNN" -> %3
    %0 "x" = input : [3, 2] fixed<6,6,TRN,WRAP,0>
    %1 "h" = constant [1, -2] : [2] fixed<8,8,TRN,WRAP,0>
    %2 "a" @0 = scan sequences=1 keeps=all "step" {
        %0 "x" = input : [2] fixed<6,6,TRN,WRAP,0>
        %1 "h" = input : [2] fixed<8,8,TRN,WRAP,0>
        %2 "s" = add %0 %1 : [2] fixed<9,9,TRN,WRAP,0>
        %3 "n" = requantize fixed<8,8,TRN,WRAP,0> %2 : [2] fixed<8,8,TRN,WRAP,0>
        inputs %0 %1
        outputs %3 %3
      } %0 %1 : [3, 2] fixed<8,8,TRN,WRAP,0>
    %3 "b" @1 = scan sequences=1 keeps=last "step" {
        %0 "x" = input : [2] fixed<8,8,TRN,WRAP,0>
        %1 "h" = input : [2] fixed<8,8,TRN,WRAP,0>
        %2 "s" = subtract %0 %1 : [2] fixed<9,9,TRN,WRAP,0>
        %3 "n" = requantize fixed<8,8,TRN,WRAP,0> %2 : [2] fixed<8,8,TRN,WRAP,0>
        inputs %0 %1
        outputs %3 %3
      } %2 %1 : [2] fixed<8,8,TRN,WRAP,0>
    %4 "last" = reduce sum accumulator=fixed<8,8,TRN,WRAP,0> order=tree %0 : [3, 1] fixed<8,8,TRN,WRAP,0>
    inputs %0
    outputs %3 %2 %4

    """

  @Test func loopsOneBehindTheOther() throws {
    let program = try Program(parsing: Self.stacked, file: nil)
    let circuit = try Self.circuit(program)
    #expect(
      circuit.loops == [
        CircuitLoop(start: 0, steps: 3, stages: 1), CircuitLoop(start: 4, steps: 3, stages: 1),
      ])
    #expect(circuit.latency == 8 && circuit.interval == 3)
    #expect(Self.difference(program, circuit, seed: 1) == nil)
  }

  /// An event that comes too early takes the place of the one before.
  @Test func anEarlyEventTakesThePlaceOfTheOneBefore() throws {
    let program = try RandomProgram.recurrent(seed: 3, steps: 5)
    let circuit = try Self.circuit(program)
    let events = RandomProgram.events(2, for: program, seed: 3)
    for early in 1..<circuit.interval {
      var simulation = Simulation(circuit)
      var seen: [(cycle: Int, outputs: [[Raw]])] = []
      for cycle in 0..<early + circuit.latency + 2 {
        let found = simulation.clock(cycle == 0 ? events[0] : cycle == early ? events[1] : nil)
        if found.valid { seen.append((cycle, found.outputs)) }
      }
      let words = program.evaluate(events[1])
      #expect(seen.map(\.cycle) == [early + circuit.latency])
      #expect(seen.first?.outputs == program.outputs.map { words[$0.index] })
    }
  }

  @Test func textIsReadBack() throws {
    for seed in UInt64(0)..<20 {
      let circuit = try Self.circuit(RandomProgram.recurrent(seed: seed))
      #expect(try Circuit(parsing: circuit.description) == circuit)
    }
  }

  static let example = """
    format 1
    circuit "net" latency=7
    loop 0 = start=0 steps=3 stages=2
    %0 = input : -4…3
    %1 = constant 0 : 0…0
    %2 = state 0 first=%0 next=%2 : -4…3 cycle=1
    %3 = state 0 first=%1 next=%5 : -8…7 cycle=1
    %4 = sum %2 + %3 : -8…7 cycle=1
    %5 = register %4 : -8…7 cycle=2
    %6 = state 0 next=%5 : -8…7 cycle=7
    input "x" [1] fixed<3,3,TRN,WRAP,0> %0
    output "y" [1] fixed<4,4,TRN,WRAP,0> %6

    """

  @Test func theExampleIsACircuit() throws {
    let circuit = try Circuit(parsing: Self.example)
    #expect(circuit.description == Self.example)
    var simulation = Simulation(circuit)
    let seen = (0..<8).map { simulation.clock($0 == 0 ? [[3]] : nil) }
    #expect(seen.map(\.valid) == (0..<8).map { $0 == 7 })
    // 3, 6, 9 − 16.
    #expect(seen[7].outputs == [[-7]])
  }

  /// A change of the example, and what the verifier says of it.
  static let faults: [(String, String, String)] = [
    ("steps=3", "steps=0", "not a start, and numbers of steps and stages"),
    ("latency=7", "latency=6", "loop 0 ends after the latency"),
    ("stages=2", "stages=2\nloop 1 = start=2 steps=1 stages=1", "loops 0 and 1 overlap"),
    ("state 0 next", "state 1 next", "no loop 1"),
    ("next=%5 : -8…7 cycle=1", "next=%9 : -8…7 cycle=1", "not made before"),
    ("next=%2 : -4…3 cycle=1", "next=%2 : -4…3 cycle=2", "a state that does not stand in cycle 1"),
    ("next=%2 : -4…3", "next=%2 : -4…2", "gives more than -4…2"),
    ("first=%1", "first=%2", "a first word that does not stand in cycle 0"),
    ("next=%5 : -8…7 cycle=7", "next=%5 : -8…7 cycle=6", "a result that does not stand in cycle 7"),
    ("next=%5 : -8…7 cycle=7", "next=%4 : -8…7 cycle=7", "a next word that does not stand in cycle 2"),
    ("first=%1 next=%5", "first=%1 next=%6", "a next word that does not stand in cycle 2"),
    ("sum %2 + %3", "sum %0 + %3", "its operand %0"),
    ("register %4 : -8…7 cycle=2", "register %2 : -8…7 cycle=3", "a word of loop 0 outside its step"),
    ("TRN,WRAP,0> %6", "TRN,WRAP,0> %5", "a word of a loop at a port"),
  ]

  @Test(arguments: faults) func theVerifierFindsIt(_ before: String, _ after: String, _ message: String)
    throws
  {
    let text = Self.example.replacing(before, with: after)
    #expect(text != Self.example)
    let failure = #expect(throws: Failure.self) { try Circuit(parsing: text) }
    #expect(failure?.description.contains(message) == true, "\(failure?.description ?? "")")
  }

  /// States and the registers of a step, counted; what a step reads takes none.
  @Test func statesAreRegistersAndTheirChoicesTables() throws {
    let circuit = try Circuit(parsing: Self.example)
    // Three bits of the element, four of the state, of the register between, and of the result.
    #expect(circuit.counts.ff == 3 + 4 + 4 + 4)
    // A busy bit, one bit for two stages, two for three steps; and one for the results' cycle.
    #expect(circuit.controlBits == 1 + 1 + 2 + 1)
  }
}
