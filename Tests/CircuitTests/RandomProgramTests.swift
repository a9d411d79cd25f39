import Circuit
import Diagnostics
import FixedPoint
import Program
import TestSupport
import Testing

/// Circuits of random programs against the program's reference interpreter, which defines what they compute.
@Suite struct RandomProgramTests {
  /// The first difference, every value of every event compared; nil if there is none.
  static func difference(_ original: Program, seed: UInt64) -> String? {
    var program = original
    program.outputs = program.instructions.indices.map { ValueID($0) }.filter { program.constant($0) == nil }
    let circuit: Circuit
    do {
      circuit = try Expand()(program)
    } catch {
      // Quotients of words that are too wide are refused by name.
      return "\(error)".contains("divides words") ? nil : "\(error)"
    }
    if let error = circuit.verify().first { return "\(error)" }
    for (number, event) in RandomProgram.events(12, for: program, seed: seed).enumerated() {
      let expected = program.evaluate(event)
      let words = circuit.evaluate(event)
      for (index, node) in circuit.nodes.enumerated()
      where words[index] < node.interval.low || words[index] > node.interval.high {
        return "event \(number): %\(index)\(node) is \(words[index])"
      }
      for (value, output) in zip(program.outputs, circuit.outputs) {
        let got = output.words.map { words[$0.index] }
        if got != expected[value.index] {
          return "event \(number), \(output.name): \(got), expected \(expected[value.index])"
        }
      }
    }
    return nil
  }

  @Test(arguments: [RandomProgramOptions(), .everything])
  func circuitsComputeTheProgramsWords(_ options: RandomProgramOptions) {
    for seed in UInt64(0)..<200 {
      let program = RandomProgram.program(seed: seed, options: options)
      guard Self.difference(program, seed: seed) != nil else { continue }
      let small = program.minimized { Self.difference($0, seed: seed) != nil }
      Issue.record("seed \(seed): \(Self.difference(small, seed: seed) ?? "")\n\(small)")
      return
    }
  }
}
