import Circuit
import Diagnostics
import FixedPoint
import Foundation
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
      circuit = inGates ? try Circuit(program.unrolled().program, options) : try Expand()(program)
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

  /// How many programs; `TRIGGERFISH_RANDOM_CIRCUITS=10000` by hand, which takes minutes.
  static let count =
    ProcessInfo.processInfo.environment["TRIGGERFISH_RANDOM_CIRCUITS"].flatMap { UInt64($0) } ?? 200

  static func check(_ options: RandomProgramOptions, inGates: Bool) {
    for seed in 0..<count {
      let program = RandomProgram.program(seed: seed, options: options)
      guard difference(program, seed: seed, inGates: inGates) != nil else { continue }
      let small = program.minimized { difference($0, seed: seed, inGates: inGates) != nil }
      Issue.record("seed \(seed): \(difference(small, seed: seed, inGates: inGates) ?? "")\n\(small)")
      return
    }
  }

  /// A word added to itself three times is read three times: an adder that makes it does not join the one that reads it.
  @Test func threeTimesTheSameWord() throws {
    var builder = ProgramBuilder(name: "three")
    let format = FixedFormat(4, 4)
    let x = builder.input("x", ValueType([2], format))
    let ones = builder.constant("w", ValueType([2, 1], FixedFormat(2, 2)), [1, 1])
    let bias = builder.constant("b", ValueType([1], FixedFormat(2, 2)), [0])
    let sum = try builder.add(
      "sum", .affine(Affine(product: nil, accumulator: FixedFormat(8, 8))), x, ones, bias)
    let again = try builder.add("again", .rearrange(.concatenate(axis: 0)), sum, sum, sum)
    let total = try builder.add(
      "total", .reduce(.sum(accumulator: FixedFormat(8, 8), order: .sequential)), again)
    builder.output(total)
    #expect(Self.difference(builder.program, seed: 1, inGates: true) == nil)
  }

  /// A ReLU and the rounding behind it change places, so that the rounding's constant joins the sum before: every rounding and
  /// overflow, every word.
  @Test(arguments: Rounding.allCases) func rectifiedWordsAreRounded(_ rounding: Rounding) throws {
    for overflow in Overflow.allCases {
      for (number, format) in [(5, 3, true), (4, 6, false), (3, 5, false), (6, 2, true)].enumerated() {
        var builder = ProgramBuilder(name: "relu")
        let x = builder.input("x", ValueType([2], FixedFormat(5, 3)))
        let weights = builder.constant("w", ValueType([2, 2], FixedFormat(4, 4)), [3, -5, 2, 7])
        let bias = builder.constant("b", ValueType([2], FixedFormat(6, 4)), [5, -3])
        let sum = try builder.add(
          "sum", .affine(Affine(product: nil, accumulator: FixedFormat(13, 11))), x, weights, bias)
        let zero = builder.constant("zero", ValueType([1], FixedFormat(2, 2)), [0])
        let comparison = number % 2 == 0 ? Comparison.greater : .greaterOrEqual
        let positive = try builder.add("positive", .select(comparison), sum, zero, sum, zero)
        let result = FixedFormat(format.0, format.1, signed: format.2, rounding, overflow)
        builder.output(try builder.add("result", .requantize(.uniform(result)), positive))
        let program = builder.program
        var options = CircuitOptions()
        (options.effort, options.staging) = (0, .none)
        let circuit = try Circuit(program, options)
        for a in Raw(-16)..<16 {
          for b in Raw(-16)..<16 {
            let words = circuit.evaluate([[a, b]])
            let got = circuit.outputs[0].words.map { words[$0.index] }
            let expected = program.evaluate([[a, b]])[program.outputs[0].index]
            if got != expected {
              Issue.record("\(result), \(comparison): \(a), \(b): \(got), expected \(expected)")
              return
            }
          }
        }
      }
    }
  }

  /// A maximum less one of its words is never negative, a word less a minimum neither, which intervals do not say: before and
  /// after pipelining, and of words that stand elsewhere in a tree.
  @Test(arguments: [Reduction.maximum, .minimum], [0, 1500])
  func distancesFromAnExtreme(_ extreme: Reduction, period: Int) throws {
    var builder = ProgramBuilder(name: "distance")
    let x = builder.input("x", ValueType([3], FixedFormat(4, 4)))
    let most = try builder.add("most", .reduce(extreme), x)
    let distance = try builder.add(
      "distance", .elementwise(.subtract), extreme == .maximum ? most : x, extreme == .maximum ? x : most)
    let result = FixedFormat(4, 4, .rnd, .sat)
    builder.output(try builder.add("result", .requantize(.uniform(result)), distance))
    let program = builder.program
    var options = CircuitOptions()
    options.staging = period == 0 ? .none : .period(period)
    let circuit = try Circuit(program, options)
    #expect(circuit.verify(inGates: true) == [])
    // No comparison asks whether a distance is below the format's range.
    #expect(circuit.outputs[0].words.allSatisfy { circuit[$0].interval.low == 0 })
    for event in 0..<4096 {
      let words = (0..<3).map { Raw(event >> (4 * $0) & 15) - 8 }
      let found = circuit.evaluate([words])
      let got = circuit.outputs[0].words.map { found[$0.index] }
      let expected = program.evaluate([words])[program.outputs[0].index]
      if got != expected {
        Issue.record("\(words): \(got), expected \(expected)")
        return
      }
    }
  }

  @Test(arguments: [false, true]) func usualWords(inGates: Bool) {
    Self.check(RandomProgramOptions(), inGates: inGates)
  }

  @Test(arguments: [false, true]) func everythingThatIsLegal(inGates: Bool) {
    Self.check(.everything, inGates: inGates)
  }
}
