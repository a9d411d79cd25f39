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
      "\(name): \(design.latency) cycles, DSP \(amounts.dsp) ×/÷\(bars.dsp), LUT \(amounts.lut) ×/÷\(bars.lut), "
        + "FF \(amounts.ff) ×/÷\(bars.ff)")
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

  /// The C-synthesis report of a trained tagger, 6 bits, 75% of the weights zero (Hector-Plata/hls4ml-tutorial, model_3:
  /// Vivado HLS 2019.2, xcu250, 5 ns): without its softmax 23 DSP, 31,743 LUT, 2,901 FF and 7 cycles. All DSPs are in
  /// the first layer, whose inputs have 16 bits.
  @Test func aTrainedSparseTaggerIsNear() throws {
    let activation = FixedFormat(6, 0, signed: false).with(.rndConv, .sat)
    let design = try estimate(
      "16-64-32-32-5, 6 bits, 75% zero",
      network(tagger, weight: FixedFormat(6, 1), activation: activation, keep: 0.25))
    #expect((10...40).contains(design.resources.dsp))
    #expect(design.steps.count { $0.estimate.resources.dsp > 0 } == 1)
    #expect(abs(design.resources.lut - 31_743) <= 31_743 / 4)
    #expect((5...8).contains(design.latency))
  }

  /// Of 4,256 products of 6-bit words: 124 DSP in 2006.10159.
  @Test func narrowWeightsTakeFewDSPs() throws {
    let activation = FixedFormat(6, 0, signed: false).with(.rndConv, .sat)
    let design = try estimate(
      "16-64-32-32-5, 6 bits", network(tagger, weight: FixedFormat(6, 1), activation: activation))
    #expect(design.resources.dsp <= 4256 / 20)
  }

  /// 2108.03986: an autoencoder of 57-32-16-3-16-32-57 takes 80 ns and less than 3% of a VU9P's logic at 200 MHz.
  @Test func theAnomalyAutoencoderFits() throws {
    let activation = FixedFormat(8, 2, signed: false).with(.rndConv, .sat)
    let design = try estimate(
      "57-32-16-3-16-32-57, 6 bits, half zero",
      network([57, 32, 16, 3, 16, 32, 57], weight: FixedFormat(6, 1), activation: activation, keep: 0.5))
    #expect(design.latency <= 16)
  }

  /// da4ml 0.6.0's figures of uniform random matrices, inputs of 8 bits: distributed arithmetic shares more terms than
  /// the vendor's tool, and counts no overhead per adder, so that ours are above.
  @Test func sharedTermsCostLessThanOurs() throws {
    for (size, bits, lut, adders) in [
      (8, 4, 522, 52), (8, 8, 1121, 96), (16, 4, 2174, 216), (16, 8, 4237, 358), (32, 4, 7775, 731),
      (32, 8, 15718, 1320), (64, 4, 29202, 2741), (64, 8, 57342, 4855),
    ] {
      let design = try estimate(
        "\(size) × \(size), \(bits) bits (da4ml: \(lut) LUT, \(adders) adders)",
        matrix(size, bits, input: FixedFormat(8, 8)))
      #expect(design.resources.lut + 100 * design.resources.dsp > lut)
    }
  }

  /// A layer of `size` × `size` uniform random words of these bits, with exact sums.
  private func matrix(_ size: Int, _ bits: Int, input: FixedFormat) throws -> Program {
    var generator = SeededGenerator(seed: 4)
    var builder = ProgramBuilder(name: "matrix")
    builder.beginLayer("x", className: "Input")
    let x = builder.input("x", ValueType([size], input))
    builder.endLayer(x)
    builder.beginLayer("dense", className: "Dense")
    let format = FixedFormat(bits, bits)
    let words = (0..<(size * size)).map { _ in
      Raw.random(in: format.minRaw...format.maxRaw, using: &generator)
    }
    let weights = builder.constant("w", ValueType([size, size], format), words)
    let bias = builder.constant("b", ValueType([size], format), Array(repeating: 0, count: size))
    let sums = try builder.add(
      "sums", .affine(Affine(product: nil, accumulator: FixedFormat(24, 24))), x, weights, bias)
    builder.endLayer(sums)
    builder.output(sums)
    return builder.program
  }

  /// layer_csynth.csv: Dense(64) on one 16-bit input and ReLU take 57 to 63 DSP, 18 FF and no cycle.
  @Test func oneInputLayerAgreesWithTheLayerReports() throws {
    let design = try estimate(
      "1-64",
      network([1, 64], weight: FixedFormat(16, 6), activation: FixedFormat(16, 6)))
    let dense = design.steps.filter { $0.estimate.resources.dsp > 0 }
    #expect((55...64).contains(dense[0].estimate.resources.dsp))
    #expect(dense[0].estimate.resources.ff == 18)
  }
}
