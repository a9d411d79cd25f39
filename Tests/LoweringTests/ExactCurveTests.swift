import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Model
import Program
import Testing

@testable import Lowering

/// Activations on every word of an input, against the C library's functions in double precision.
@Suite struct ExactCurveTests {
  private static let curves: [(String, Activation, @Sendable (Double) -> Double)] = [
    ("sigmoid", .sigmoid, { 1 / (1 + exp(-$0)) }),
    ("tanh", .tanh, { Foundation.tanh($0) }),
    ("softplus", .softplus, { log1p(exp(-abs($0))) + max($0, 0) }),
    ("swish", .swish, { $0 / (1 + exp(-$0)) }),
    ("gelu", .gelu(approximate: false), { $0 * 0.5 * erfc(-$0 / 2.0.squareRoot()) }),
    (
      "gelu approximated", .gelu(approximate: true),
      { $0 * 0.5 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
    ),
    ("elu", .elu(alpha: 0.7), { $0 > 0 ? $0 : 0.7 * expm1($0) }),
    ("exponential", .exponential, { exp($0) }),
    ("mish", .mish, { $0 * Foundation.tanh(log1p(exp($0))) }),
    ("softsign", .softsign, { $0 / (1 + abs($0)) }),
    ("logarithm", .logarithm(least: 1), { log(max($0, 1)) }),
  ]

  /// A model of one activation of one number.
  private func model(_ activation: Activation, shape: [Int] = [1]) -> Model {
    let origin = Origin(file: "made.json", path: "config")
    return Model(
      name: "curve",
      layers: [
        Layer(
          name: "x", kind: .input(integerType: nil), inputs: [], outputShape: shape, origin: origin),
        Layer(
          name: "f", kind: .activation(activation), inputs: [0], outputShape: shape, origin: origin),
      ], inputs: [0], outputs: [1])
  }

  /// Less than one step of the result from the true value, all the way; a few more where a table of 4,096
  /// entries is too short (softsign), and then a note says so.
  @Test(arguments: 0..<11, [8, 12, 16])
  func everyWordIsWithinAStep(_ index: Int, wordLength: Int) throws {
    let (name, activation, function) = Self.curves[index]
    let format = FixedFormat(wordLength, 4)
    // The ends as sample events: every result is then within twice the range seen.
    let words = (format.minRaw...format.maxRaw).map { Int64($0) }
    let values = words.map { format.value(of: Raw($0)) }
    let options = ExactOptions(
      wordLength: wordLength, calibration: [[values[0], values[values.count - 1]]], inputFormats: [format])
    let lowered = try lowerExactly(model(activation), options)
    let step = lowered.program[lowered.program.outputs[0]].type.format.step
    let got = try Emulator(lowered.program).values([.raw(words)])[0]
    let errors = zip(values, got).map { abs($1 - function($0)) / step }
    let isNoted = lowered.warnings.contains { $0.message.contains("interpolated") }
    let worst = errors.max() ?? 0
    #expect(worst <= (isNoted ? 5 : 1), "\(name): \(worst) steps of \(step)")
    #expect(!isNoted || (name == "softsign" && wordLength == 16), "\(name)")
  }

  /// Roots and reciprocals of every word from the least to the largest, by table and aligned.
  @Test(arguments: [Activation.squareRoot, .inverseSquareRoot, .reciprocal(offset: 0)], [8, 12, 16])
  func rootsAreWithinAStep(_ activation: Activation, wordLength: Int) throws {
    let isReciprocal = activation == .reciprocal(offset: 0)
    let format = FixedFormat(wordLength, 4, signed: isReciprocal)
    let words = (format.minRaw...format.maxRaw).map { Int64($0) }
    let values = words.map { format.value(of: Raw($0)) }
    let lowered = try lowerExactly(
      model(activation), ExactOptions(wordLength: wordLength, calibration: [values], inputFormats: [format]))
    let step = lowered.program[lowered.program.outputs[0]].type.format.step
    let got = try Emulator(lowered.program).values([.raw(words)])[0]
    let worst = zip(values, got).map { x, y -> Double in
      if x == 0 { return activation == .squareRoot ? abs(y) / step : 0 }
      let root = abs(x).squareRoot()
      return abs(y - (isReciprocal ? 1 / x : activation == .squareRoot ? root : 1 / root)) / step
    }.max()
    #expect((worst ?? 9) <= 1, "\(activation): \(worst ?? 9) steps of \(step)")
  }

  /// Curves of a wide range do not spread their table over it.
  @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 8])
  func wideRangesStayAccurate(_ index: Int) throws {
    let (name, activation, function) = Self.curves[index]
    let format = FixedFormat(20, 11)
    let words = stride(from: format.minRaw, through: format.maxRaw, by: 37).map { Int64($0) }
    let values = words.map { format.value(of: Raw($0)) }
    let lowered = try lowerExactly(
      model(activation), ExactOptions(calibration: [[-1000, 1000]], inputFormats: [format]))
    let step = lowered.program[lowered.program.outputs[0]].type.format.step
    let got = try Emulator(lowered.program).values([.raw(words)])[0]
    let worst = zip(values, got).map { abs($1 - function($0)) / step }.max() ?? 0
    #expect(worst <= 3, "\(name): \(worst) steps of \(step)")
  }

  /// Softmax: within a step and a half, and the first largest input has a largest result.
  @Test(arguments: [2, 5, 10, 100])
  func softmaxIsWithinAStep(_ count: Int) throws {
    var random = SplitMix64(seed: UInt64(count))
    let format = FixedFormat(20, 7)
    let events = 400
    let words = (0..<events * count).map { _ in Int64.random(in: -60_000...60_000, using: &random) }
    let lowered = try lowerExactly(
      model(.softmax(axis: 0), shape: [count]), ExactOptions(inputFormats: [format]))
    let got = try Emulator(lowered.program).values([.raw(words)])[0]
    for event in 0..<events {
      let x = words[event * count..<(event + 1) * count].map { format.value(of: Raw($0)) }
      let powers = x.map { exp($0 - (x.max() ?? 0)) }
      let total = powers.reduce(0, +)
      let result = Array(got[event * count..<(event + 1) * count])
      let error = zip(powers, result).map { abs($0 / total - $1) }.max() ?? 0
      #expect(error <= 1.5 * 0x1p-16)
      #expect(result[x.firstIndex(of: x.max() ?? 0) ?? 0] == result.max())
    }
  }

  /// One logit far above all others: the result saturates at the largest word, nothing wraps.
  @Test func softmaxOfExtremes() throws {
    let lowered = try lowerExactly(
      model(.softmax(axis: 0), shape: [3]), ExactOptions(inputFormats: [FixedFormat(20, 12)]))
    let got = try Emulator(lowered.program).values([.float64([2047, -2048, 0, -2048, -2048, -2048])])[0]
    #expect(Array(got[..<3]) == [1 - 0x1p-16, 0, 0])
    #expect(Array(got[3...]).allSatisfy { abs($0 - 1.0 / 3) < 0x1p-16 })
  }
}
