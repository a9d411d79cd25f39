import Diagnostics
import FixedPoint
import Program
import TestSupport
import Testing

@testable import Scheduling

/// Scans with one hardware for all steps: what they take, and how long.
@Suite struct StepLoopTests {
  private func design(
    _ program: Program, _ io: IOType = .parallel, strategy: Strategy = .latency, reuse: Int = 1,
    isStatic: Bool = true
  ) throws -> Design {
    try schedule(
      program,
      ScheduleRequest(
        target: DesignVerifierTests.target, ioType: io,
        defaults: .init(strategy: strategy, reuseFactor: reuse, isStatic: isStatic)))
  }

  /// The steps of a loop follow one another at its interval; its hardware is that of one step.
  @Test(arguments: IOType.allCases) func oneStepForAll(_ io: IOType) throws {
    for seed in 0..<20 as Range<UInt64> {
      let designs = try [4, 40].map {
        try design(try RandomProgram.recurrent(seed: seed, steps: $0, keeps: .last), io)
      }
      let loops = try designs.map { try #require($0.stepLoops.values.first) }
      #expect(loops[0].step.resources == loops[1].step.resources)
      #expect(loops.map(\.count) == [4, 40])
      #expect(loops[0].interval == loops[1].interval && loops[0].latency == loops[1].latency)
      #expect(designs[1].latency - designs[0].latency >= 36 * loops[0].interval)
      for design in designs { #expect(design.verify() == []) }
      #expect(designs[0].resources.dsp == designs[1].resources.dsp)
    }
  }

  /// Two loops of a layer, as Bidirectional's, are processes beside each other: events do not wait for both, one after the other.
  @Test func twoLoopsOfALayer() throws {
    let one = try RandomProgram.recurrent(seed: 3, steps: 12, keeps: .last)
    var two = one
    let index = try #require(
      one.instructions.lastIndex { if case .scan = $0.operation { true } else { false } })
    two.instructions.append(one.instructions[index])
    two.outputs.append(ValueID(one.instructions.count))
    let designs = try [one, two].map { try design($0) }
    #expect(designs[1].stepLoops.count == 2)
    #expect(2 * designs[1].interval < 3 * designs[0].interval)
  }

  /// Unrolled, an event enters every cycle, and every step takes its own.
  @Test func unrolledByChoice() throws {
    let program = try RandomProgram.recurrent(seed: 3, steps: 8)
    let designs = try [true, false].map { try design(program, isStatic: $0) }
    #expect(designs[1].stepLoops.isEmpty && !designs[1].program.hasScans)
    #expect(designs[1].interval == 1 && designs[0].interval > 8)
    func size(_ design: Design) -> Int { design.resources.dsp + design.resources.lut }
    #expect(size(designs[1]) > size(designs[0]))
  }

  /// Features that only the steps read are made in them, where the steps have one hardware.
  @Test func featuresBelongToTheStep() throws {
    let program = try RandomProgram.recurrent(seed: 0, steps: 5)
    let moved = program.withFeaturesInSteps()
    #expect(moved.verify() == [])
    for event in RandomProgram.events(20, for: program, seed: 1) {
      let (a, b) = (program.evaluate(event), moved.evaluate(event))
      #expect(program.outputs.map { a[$0.index] } == moved.outputs.map { b[$0.index] })
    }
    func products(_ design: Design) -> Int {
      design.program.instructions.count { if case .affine = $0.operation { true } else { false } }
    }
    #expect(try products(design(program)) == 1)
    #expect(try products(design(program, .stream)) == 2)
  }

  /// Reuse factors hold inside a step, and illegal ones are said once, by the layer's name.
  @Test func reuseInside() throws {
    let program = try RandomProgram.recurrent(seed: 2, steps: 6)
    let shared = try #require(try design(program, reuse: 2).stepLoops.values.first)
    #expect(shared.interval >= 2 && !shared.isNested)
    #expect(shared.step.multipliers.values.contains { $0.limit != nil })
    let failure = #expect(throws: Failure.self) {
      _ = try design(program, strategy: .resource, reuse: 9973)
    }
    let ofSteps = (failure?.diagnostics ?? []).filter { $0.place == "rnn" }
    #expect(!ofSteps.isEmpty && Set(ofSteps.map { "\($0)" }).count == ofSteps.count)
  }

  /// Every invariant of a loop, broken.
  @Test func brokenLoopsAreFound() throws {
    let sound = try design(try RandomProgram.recurrent(seed: 1, steps: 5))
    let index = try #require(sound.stepLoops.keys.first)
    func found(_ change: (inout Design) -> Void) -> [String] {
      var broken = sound
      change(&broken)
      return broken.verify().map(\.message)
    }
    #expect(found { $0.stepLoops = [:] }.contains("no loop over its steps"))
    #expect(found { $0.stepLoops[index]?.count = 6 }.contains { $0.hasPrefix("6 steps of") })
    let other = found { $0.stepLoops[index]?.step.program.outputs = [] }
    #expect(other.contains("its step is another one's"))
    #expect(found { $0.stepLoops[0] = $0.stepLoops[index] }.contains("a loop over steps, but it has none"))
    #expect(found { $0.stepLoops[index]?.step.steps.removeLast() }.contains { $0.contains("steps for") })
  }
}
