import Configuration
import Diagnostics
import FixedPoint
import Foundation
import Frontends
import Model
import Program
import Testing

@testable import Lowering

/// ONNX models against ONNX Runtime and QONNX's executor: Fixtures/onnx, made by Fixtures/onnx/make_onnx.py.
@Suite struct ONNXTests {
  /// What is read means what ONNX Runtime computes, up to its float32 rounding.
  @Test(
    arguments: [
      "convolutions", "pools", "uneven", "moves", "functions", "opset11", "external", "reductions",
      "attention",
      "groups", "graphs", "recurrent", "normalizations", "rms_normalization", "minifloats",
    ] + (11...21).map { "opset_\($0)" })
  func floatOperations(_ name: String) throws {
    let example = try Example(onnx: name)
    let float = try FloatModel(example.model)
    for event in 0..<example.events {
      let values = float.evaluate(example.event(event))
      for (slot, output) in float.outputs.enumerated() {
        let wanted = example.output(slot, event)
        let got = values[output.index]
        try #require(got.count == wanted.count, "output \(slot)")
        let worst = zip(got, wanted).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
        #expect(worst < 1e-5, "output \(slot) of event \(event): \(worst)")
      }
    }
  }

  /// Quantizers by every rounding mode, width, sign and zero point: every word of every output equal to QONNX's.
  @Test(arguments: ["rounding", "trunc1", "trunc2", "odd_zero", "odd_zeros"])
  func quantizersAreExact(_ name: String) throws {
    let example = try Example(onnx: name)
    let lowered = try lowerExactly(
      example.model, ExactOptions(inputFormats: [FixedFormat(16, 8, .trn, .sat)]))
    let results = try example.run(lowered.program)
    for (slot, output) in example.outputs.enumerated() {
      let wrong = output.indices.filter { results[slot][$0] != output[$0] }
      #expect(
        wrong.isEmpty,
        "output \(slot): \(wrong.count) of \(output.count), first \(wrong.first.map { (results[slot][$0], output[$0]) } as Any)"
      )
    }
  }

  /// Scales that are no powers of two: integers are those of exact arithmetic, and outputs their float32 numbers.
  @Test(arguments: [("scales", 0), ("qdq", 0)])
  func scalesAreExact(_ name: String, _ ties: Int) throws {
    let example = try Example(onnx: name)
    let lowered = try lowerExactly(example.model)
    let results = try example.run(lowered.program)
    for (slot, output) in example.outputs.enumerated() {
      let wrong = output.indices.filter {
        abs(results[slot][$0] - output[$0]) > 1e-6 * max(1, abs(output[$0]))
      }
      #expect(
        wrong.count <= ties,
        "output \(slot): \(wrong.count) of \(output.count), first \(wrong.first.map { (results[slot][$0], output[$0]) } as Any)"
      )
    }
    // No word is as wide as a product of scales would make it.
    let widest = lowered.program.layers.dropLast(example.outputs.count).compactMap(\.result).map {
      lowered.program[$0].type.format.width
    }
    #expect(widest.max() ?? 0 <= 32)
  }

  /// Networks as Brevitas and ONNX Runtime's quantize_static export them (Fixtures/trainers/make_trainers.py). Integers of 16 bits
  /// are more than a float32 executor's sums hold: it is off by a step of them here and there.
  @Test(arguments: [
    ("brevitas_qonnx", 1e-6), ("brevitas_shifted_qonnx", 1e-6), ("brevitas_qcdq", 1e-6),
    ("brevitas_average", 1e-6), ("brevitas_average_of_nine", 1e-6), ("brevitas_average_of_nine_qcdq", 1e-6),
    ("static_per_channel", 1e-6), ("static_symmetric", 1e-6), ("static_asymmetric_weights", 1e-6),
    ("static_16_bits", 1.2e-5),
  ])
  func trainers(_ name: String, _ tolerance: Double) throws {
    let base = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Fixtures/trainers"
    ).path
    let example = try Example(
      name: name, model: loadModel(path: "\(base)/\(name).onnx").model, vectors: "\(base)/\(name).npz")
    #expect(example.model.isQuantized)
    let lowered = try lowerExactly(example.model)
    // Where an executor divides words that may lie halfway, it is said.
    #expect(lowered.warnings.contains { $0.message.contains("ties are those") } == name.contains("nine_qcdq"))
    let results = try example.run(lowered.program)
    for (slot, output) in example.outputs.enumerated() {
      let worst = output.indices.map { abs(results[slot][$0] - output[$0]) }.max() ?? 1
      #expect(worst <= tolerance * max(1, output.map(abs).max() ?? 1), "output \(slot): \(worst)")
    }
  }

  /// Multipliers step where exact arithmetic does, on every word, ties included.
  @Test func multipliersAreProven() throws {
    for (scale, zero, mode) in [
      (0.0297, 0.0, UniformQuantizer.Rounding.halfEven), (0.1, 3, .ceiling), (1.5, 0, .floor),
    ] {
      let levels = -20...20
      let factor = ExactReal(0.0371) * ExactReal(0.011)
      let steps = UniformSteps(
        levels: levels, rounding: mode, scale: scale, zero: zero, factor: factor, offset: ExactReal(0.0123),
        clamp: -.infinity...(.infinity), words: -3000...3000)
      let plan = try #require(
        UniformMultiplier.coarsest([steps], ratios: [factor.approximation / scale], levels: levels))
      for word in Raw(-3000)...3000 {
        let exact = Int(mode.rounded((factor.approximation * Double(word) + 0.0123) / scale + zero))
        let shifted = (word * plan.multipliers[0] + plan.addends[0]) >> Raw(plan.shift)
        #expect(Int(min(20, max(-20, shifted))) == min(20, max(-20, exact)), "\(word) \(mode)")
      }
    }
  }

  /// What hls4ml fails on or gets wrong has no bits to follow: every node of it is named, at once.
  @Test(arguments: [
    ("rounding", 14, "rounding modes ROUND and FLOOR"), ("trunc1", 1, "Trunc"),
    ("odd_zero", 4, "zero points"),
    ("groups", 5, "ConvTranspose"), ("attention", 8, "LayerNormalization"),
  ])
  func hls4mlRefuses(_ name: String, _ least: Int, _ what: String) throws {
    let model = try Example(onnx: name).model
    do {
      _ = try lowerAsHLS4ML(model, Configuration())
      Issue.record("it is lowered")
    } catch {
      #expect(error.kind == .badInput && error.diagnostics.count >= least, "\(error)")
      #expect(error.diagnostics.contains { $0.message.contains(what) }, "\(error)")
    }
  }

  /// Ties that go to either side in turn, which no multiplier can do: comparisons do.
  @Test func alternatingTies() {
    let steps = UniformSteps(
      levels: 0...7, rounding: .halfEven, scale: 1.5, zero: 0, factor: ExactReal(0.25), offset: ExactReal(0),
      clamp: -.infinity...(.infinity), words: 0...60)
    // Ties at words 3, 9, 15, 21, …: to 0, 2, 2, 4.
    #expect(steps.thresholds == [4, 9, 16, 21, 28, 33, 40])
    #expect(UniformMultiplier.coarsest([steps], ratios: [0.25 / 1.5], levels: 0...7) == nil)
  }
}

extension UniformQuantizer.Rounding {
  /// The definition, for numbers that are no ties.
  fileprivate func rounded(_ x: Double) -> Double {
    switch self {
    case .halfEven, .halfUp, .halfDown: x.rounded()
    case .ceiling: x.rounded(.up)
    case .floor: x.rounded(.down)
    case .up: x.rounded(.awayFromZero)
    case .down: x.rounded(.towardZero)
    }
  }
}

extension Example {
  /// One of Fixtures/onnx.
  init(onnx name: String) throws {
    let base = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/onnx/\(name)").path
    try self.init(name: name, model: loadModel(path: base + ".onnx").model, vectors: base + ".npz")
  }

  /// One event's inputs.
  func event(_ event: Int) -> [[Double]] {
    inputs.map { Array($0[event * $0.count / events..<(event + 1) * $0.count / events]) }
  }

  /// What is expected of one event.
  func output(_ slot: Int, _ event: Int) -> [Double] {
    let all = outputs[slot]
    return Array(all[event * all.count / events..<(event + 1) * all.count / events])
  }
}
