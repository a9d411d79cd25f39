import Emulator
import FixedPoint
import Foundation
import Model
import Program
import Testing

@testable import Lowering

/// Layers for sequences under the exact policy, against their formulas in double precision.
@Suite struct SequenceTests {
  private func model(_ kind: LayerKind, from input: [Int], to output: [Int]) -> Model {
    let origin = Origin(file: "made.json", path: "config")
    return Model(
      name: "sequence",
      layers: [
        Layer(name: "x", kind: .input(integerType: nil), inputs: [], outputShape: input, origin: origin),
        Layer(name: "f", kind: kind, inputs: [0], outputShape: output, origin: origin),
      ], inputs: [0], outputs: [1])
  }

  private func run(_ model: Model, _ events: [[Double]], _ format: FixedFormat) throws -> ([Double], Double) {
    let lowered = try lowerExactly(
      model, ExactOptions(wordLength: 16, calibration: [events.flatMap { $0 }], inputFormats: [format]))
    let words = events.flatMap { $0 }.map { Int64(format.quantize($0)) }
    let values = try Emulator(lowered.program).values([.raw(words)])[0]
    return (values, lowered.program[lowered.program.outputs[0]].type.format.step)
  }

  /// Inputs of all sizes, from some lowest bits to the whole range; the mean far from zero; all alike.
  @Test(arguments: [1, 2], [true, false])
  func layerNormalizationIsWithinTwoSteps(axes: Int, isCentered: Bool) throws {
    var random = SplitMix64(seed: 7)
    let (rows, columns) = (3, 8)
    let count = axes == 1 ? columns : rows * columns
    let shape = axes == 1 ? [columns] : [rows, columns]
    func numbers(_ count: Int) -> [Double] {
      (0..<count).map { _ in Double.random(in: -1...1, using: &random) }
    }
    var layer = LayerNormalization(
      axes: axes, gamma: Weights(shape: shape, values: numbers(count)),
      beta: Weights(shape: shape, values: numbers(count)), epsilon: 1e-3)
    layer.isCentered = isCentered
    let format = FixedFormat(14, 4)
    var events: [[Double]] = [Array(repeating: 1.5, count: rows * columns)]
    for scale in [0.01, 0.1, 1, 7] {
      for offset in [0, -0.9, 0.5] {
        events.append(
          numbers(rows * columns).map { format.value(of: format.quantize($0 * scale + offset)) })
      }
    }
    let model = model(.layerNormalization(layer), from: [rows, columns], to: [rows, columns])
    let (got, step) = try run(model, events, format)
    var worst = 0.0
    for (event, x) in events.enumerated() {
      for start in stride(from: 0, to: x.count, by: count) {
        let terms = x[start..<start + count]
        let mean = isCentered ? terms.reduce(0, +) / Double(count) : 0
        let variance = terms.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(count)
        for place in 0..<count {
          let normal = (x[start + place] - mean) / (variance + 1e-3).squareRoot()
          let expected = normal * (layer.gamma?.values[place] ?? 1) + (layer.beta?.values[place] ?? 0)
          worst = max(worst, abs(got[event * x.count + start + place] - expected) / step)
        }
      }
    }
    #expect(worst <= 2, "\(worst) steps of \(step)")
  }

  /// The row an index says, toward zero; the first or the last for those outside.
  @Test func embeddingsAreTheTablesRows() throws {
    let rows = (0..<15).map { Double($0) / 8 - 1 }
    let model = model(
      .embedding(Embedding(rows: Weights(shape: [5, 3], values: rows))), from: [4], to: [4, 3])
    let (got, _) = try run(model, [[0, 1, 4, 3], [-2, 2.75, 6, 0.5]], FixedFormat(8, 5))
    let expected = [0, 1, 4, 3, 0, 2, 4, 0].flatMap { rows[3 * $0..<3 * $0 + 3] }
    #expect(got == expected)
  }
}
