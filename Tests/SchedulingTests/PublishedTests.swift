import FixedPoint
import Program
import Scheduling
import TestSupport
import Testing

/// The cost model against figures of others, on networks of the same shape with random weights
/// (docs/cost-model.md has the table). `swift test --filter PublishedTests` prints the estimates.
@Suite struct PublishedTests {
  /// Dense layers with ReLU between; weights uniform as before training, truncated to `weight`.
  private func network(
    _ sizes: [Int], weight: FixedFormat, activation: FixedFormat, keep: Double = 1
  ) throws -> Program {
    var generator = SeededGenerator(seed: 16)
    var builder = ProgramBuilder(name: "net")
    builder.beginLayer("x", className: "Input")
    var value = builder.input("x", ValueType([sizes[0]], FixedFormat(16, 6)))
    builder.endLayer(value)
    let sum = FixedFormat(16, 6)
    for (index, (inputs, outputs)) in zip(sizes, sizes.dropFirst()).enumerated() {
      builder.beginLayer("fc\(index + 1)", className: "Dense")
      let limit = (3 / Double(inputs)).squareRoot() * Double(1 << weight.fractionBits)
      let words = (0..<(inputs * outputs)).map { _ -> Raw in
        let word = Raw(Double.random(in: -limit..<limit, using: &generator).rounded(.down))
        return generator.chance(keep) ? min(max(word, weight.minRaw), weight.maxRaw) : 0
      }
      let weights = builder.constant("w\(index)", ValueType([inputs, outputs], weight), words)
      let bias = builder.constant(
        "b\(index)", ValueType([outputs], weight), Array(repeating: 0, count: outputs))
      value = try builder.add(
        "sums\(index)", .affine(Affine(product: nil, accumulator: sum)), value, weights, bias)
      builder.endLayer(value)
      if index + 2 == sizes.count { break }
      builder.beginLayer("relu\(index + 1)", className: "Activation")
      let zero = builder.constant("zero\(index)", ValueType([], FixedFormat(1, 1, signed: false)), [0])
      value = try builder.add("relu\(index)", .elementwise(.maximum), value, zero)
      value = try builder.add("cast\(index)", .requantize(activation), value)
      builder.endLayer(value)
    }
    builder.output(value)
    return builder.program
  }

  private func estimate(_ name: String, _ program: Program, uncertainty: Double = 0.125) throws -> Design {
    let target = Target(part: "xcvu9p-flga2104-2L-e", clockPeriod: 5, clockUncertainty: uncertainty)
    let design = try schedule(program, ScheduleRequest(target: target))
    let (amounts, bars) = (design.resources, design.uncertainty)
    print(
      "\(name): \(design.latency) cycles, DSP \(amounts.dsp) ±\(bars.dsp), LUT \(amounts.lut) ±\(bars.lut), "
        + "FF \(amounts.ff) ±\(bars.ff)")
    return design
  }

  private let tagger = [16, 64, 32, 32, 5]

  @Test func sixteenBitTaggerTakesThePublishedDSPs() throws {
    let full = try estimate(
      "16-64-32-32-5, 16 bits",
      network(tagger, weight: FixedFormat(16, 6), activation: FixedFormat(16, 6)))
    // 1804.06913: 3,329 DSP.
    #expect(abs(full.resources.dsp - 3329) <= 3329 / 10)
    let pruned = try estimate(
      "the same, 70% pruned",
      network(tagger, weight: FixedFormat(16, 6), activation: FixedFormat(16, 6), keep: 0.3))
    // 954 DSP.
    #expect(abs(pruned.resources.dsp - 954) <= 954 / 5)
  }

  @Test func narrowWeightsTakeFewDSPs() throws {
    let activation = FixedFormat(6, 0, signed: false)
      .with(.rnd, .sat)
    let design = try estimate(
      "16-64-32-32-5, 6 bits", network(tagger, weight: FixedFormat(6, 1), activation: activation))
    // 2006.10159: 124 DSP of 4,256 products.
    #expect(design.resources.dsp <= 4256 / 20)
  }

  /// layer_csynth.csv: Dense(64) on one 16-bit input and ReLU take 57 to 63 DSP, 18 FF and no cycle.
  @Test func oneInputLayerAgreesWithTheLayerReports() throws {
    let design = try estimate(
      "1-64 + ReLU",
      network([1, 64, 1], weight: FixedFormat(16, 6), activation: FixedFormat(16, 6)))
    let dense = design.steps.filter { $0.resources.dsp > 0 }
    #expect((55...64).contains(dense[0].resources.dsp))
    #expect(dense[0].resources.ff == 18)
  }
}
