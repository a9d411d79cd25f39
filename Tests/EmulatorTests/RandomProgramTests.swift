import FixedPoint
import Program
import TestSupport
import Testing

@testable import Emulator

/// The emulator against the reference interpreter, which defines what a program computes.
@Suite struct RandomProgramTests {
  /// The first difference, every value of every event compared; nil if there is none.
  ///
  /// - Parameter fuses: whether only the program's outputs are asked for, so that steps may be fused.
  static func difference(
    _ program: Program, events count: Int, seed: UInt64, _ options: EmulatorOptions, fuses: Bool
  ) throws -> String? {
    let events = RandomProgram.events(count, for: program, seed: seed)
    let values = fuses ? program.outputs : program.instructions.indices.map(ValueID.init)
    let emulator = try Emulator(program, results: values, options: options)
    let inputs = program.inputs.indices.map { slot in EventData.wide(events.flatMap { $0[slot] }) }
    let actual = try emulator.wideWords(inputs)
    for (event, words) in events.enumerated() {
      let expected = program.evaluate(words)
      for (slot, value) in values.enumerated() {
        let size = program[value].type.count
        let got = Array(actual[slot][event * size..<(event + 1) * size])
        if got != expected[value.index] {
          let at = got.indices.first { got[$0] != expected[value.index][$0] } ?? 0
          return
            "event \(event), \(program[value].name)[\(at)]: \(got[at]), expected \(expected[value.index][at])"
        }
      }
    }
    return nil
  }

  static func check(_ range: Range<UInt64>, _ options: EmulatorOptions, _ kind: RandomProgramOptions) throws {
    for seed in range {
      let program = RandomProgram.program(seed: seed, options: kind)
      #expect(program.verify() == [])
      for fuses in options.path == .fast ? [true, false] : [false] {
        func found(_ program: Program) throws -> String? {
          try difference(program, events: 70, seed: seed, options, fuses: fuses)
        }
        guard try found(program) != nil else { continue }
        let small = program.minimized { (try? found($0)) != nil }
        let text = try found(small) ?? ""
        Issue.record("seed \(seed), \(options.path), \(options.instructionSet as Any): \(text)\n\(small)")
        return
      }
    }
  }

  @Test(arguments: InstructionSet.available) func generalPath(_ set: InstructionSet) throws {
    let options = EmulatorOptions(path: .general, instructionSet: set, threads: 1)
    try Self.check(0..<60, options, RandomProgramOptions())
    try Self.check(1000..<1060, options, .everything)
  }

  @Test(arguments: InstructionSet.available) func fastPath(_ set: InstructionSet) throws {
    let options = EmulatorOptions(path: .fast, instructionSet: set, threads: 1)
    try Self.check(0..<150, options, RandomProgramOptions())
    try Self.check(1000..<1150, options, .everything)
  }
}
