import Circuit
import Diagnostics
import FixedPoint
import Program
import TestSupport
import Testing

/// Circuits of random programs against the program's reference interpreter, which defines what they compute.
@Suite struct RandomProgramTests {
  /// The first difference, every value of every event compared; nil if there is none.
  ///
  /// - Parameter inGates: whether the circuit goes through all passes.
  static func difference(_ original: Program, seed: UInt64, inGates: Bool) -> String? {
    var program = original
    program.outputs = program.instructions.indices.map { ValueID($0) }.filter { program.constant($0) == nil }
    let circuit: Circuit
    do {
      var options = CircuitOptions()
      options.effort = 0
      circuit = inGates ? try Circuit(program, options) : try Expand()(program)
    } catch {
      // Quotients of words that are too wide are refused by name.
      return "\(error)".contains("divides words") ? nil : "\(error)"
    }
    if let error = circuit.verify(inGates: inGates).first { return "\(error)" }
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

  static func check(_ options: RandomProgramOptions, inGates: Bool) {
    for seed in UInt64(0)..<200 {
      let program = RandomProgram.program(seed: seed, options: options)
      guard difference(program, seed: seed, inGates: inGates) != nil else { continue }
      let small = program.minimized { difference($0, seed: seed, inGates: inGates) != nil }
      Issue.record("seed \(seed): \(difference(small, seed: seed, inGates: inGates) ?? "")\n\(small)")
      return
    }
  }

  @Test(arguments: [false, true]) func usualWords(inGates: Bool) {
    Self.check(RandomProgramOptions(), inGates: inGates)
  }

  @Test(arguments: [false, true]) func everythingThatIsLegal(inGates: Bool) {
    Self.check(.everything, inGates: inGates)
  }
}
