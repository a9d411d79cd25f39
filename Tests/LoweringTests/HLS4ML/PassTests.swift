import Configuration
import Diagnostics
import FixedPoint
import Model
import Testing

@testable import Lowering

@Suite("hls4ml's passes, text in and text out")
struct PassTests {
  @Test func activationsAreLayersOfTheirOwn() throws {
    var small = SmallModel([3])
    small.dense("d", 2, .relu(maximum: nil, negativeSlope: 0, threshold: 0), called: "relu")
    let type = "fixed<16,6,TRN,WRAP,0>"
    #expect(
      try graph(small, .flat).description == """
        inp: Input() [3] result=\(type)
        d: Dense(inp) [2] result=\(type) accum=\(type) weight=\(type) bias=\(type)
        d_relu: Activation(d) [2] result=\(type) table=fixed<18,8,TRN,WRAP,0> out
        """)
  }

  /// Names are no part of what is computed: an activation without a name in its source is not left out.
  @Test func activationsNeedNoName() throws {
    var small = SmallModel([3])
    small.dense("d", 2, .relu(maximum: nil, negativeSlope: 0, threshold: 0), called: nil)
    #expect(try graph(small, .flat).layers.map(\.name) == ["inp", "d", "d_activation"])
    var linear = SmallModel([3])
    linear.dense("d", 2, called: nil)
    #expect(try graph(linear, .flat).layers.map(\.name) == ["inp", "d"])
  }

  /// hls4ml's graph goes by names. A layer with the name of one that it makes was wired to the wrong readers: here the sigmoid
  /// went with the linear activation of the same name.
  @Test func layersOfOneNameAreRefused() throws {
    var small = SmallModel([3])
    small.dense("d", 2)
    small.add("d_linear", "Activation", .activation(.sigmoid))
    let failure = #expect(throws: Failure.self) { try lowerAsHLS4ML(small.model, .flat) }
    #expect(failure?.kind.rawValue == 65)
    #expect(
      failure?.description.hasPrefix(
        "m.json:layers[2]: error: hls4ml would make two layers of the name 'd_linear'") == true)
    #expect(failure?.description.hasSuffix("hint: rename one of them, or --numerics exact") == true)
    // Under the exact policy the layer of the owner keeps its name.
    #expect(try lowerExactly(small.model).layers.map(\.name) == ["inp", "d", "d_linear"])
  }

  /// A pass's layers too.
  @Test func layersOfOneNameFromPassesAreRefused() throws {
    var small = SmallModel([3])
    small.dense(
      "d", 2, className: "QDense",
      kernel: QKerasQuantizer(
        kind: .bits(bits: 4, integer: 0, symmetric: true, keepNegative: true), scale: .auto,
        className: .quantizedBits))
    small.add("d_alpha", "Activation", .activation(.sigmoid))
    let failure = #expect(throws: Failure.self) { try lowerAsHLS4ML(small.model, .flat) }
    #expect(failure?.description.contains("two layers of the name 'd_alpha'") == true)
  }

  @Test func linearActivationsGoWhereTheyChangeNoType() throws {
    var small = SmallModel([3])
    small.dense("d", 2)
    #expect(try graph(small, .flat, .eliminateLinearActivation).layers.map(\.name) == ["inp", "d"])
    #expect(try graph(small, .flat, .eliminateLinearActivation).outputs == ["d"])
    // The unchanged case: another type is a conversion.
    var configuration = Configuration.flat
    configuration.setLayer(
      "d_linear", LayerSettings(precision: ["result": .format(FixedFormat(8, 3, .rnd, .sat))]))
    let kept = try graph(small, configuration, .eliminateLinearActivation, .mergeLinearActivation)
    #expect(kept.layers.map(\.name) == ["inp", "d", "d_linear"])
  }

  @Test func aLinearActivationBehindAnInferredTypeGoesWithAWarning() throws {
    var small = SmallModel([3])
    small.dense("d", 2)
    var configuration = Configuration.automatic
    configuration.setLayer("d_linear", LayerSettings(precision: ["result": .format(FixedFormat(8, 3))]))
    let merged = try graph(small, configuration, .mergeLinearActivation)
    #expect(merged.layers.map(\.name) == ["inp", "d"])
    #expect(merged.warnings.count == 1)
    #expect(merged.warnings.first?.message.contains("fixed<8,3,TRN,WRAP,0>") == true)
  }

  @Test func batchNormalizationIsFusedOnlyIntoInferredTypes() throws {
    var small = SmallModel([3])
    small.dense("d", 2)
    small.batchNormalization("b")
    let passes: [HLSPass] = [.fuseBatchNormalization, .eliminateLinearActivation]
    var fused = try graph(small, .automatic)
    try HLSFlow(name: "test", passes: passes).run(&fused) { _, _ in }
    #expect(fused.layers.map(\.name) == ["inp", "d"])
    // Scale 2, bias 0.5 − 2 · 0.25 = 0.
    #expect(fused.layers[1].weights[.weight]?.data.values.first == -0.75)
    #expect(fused.layers[1].weights[.bias]?.data.values == [1, 1])
    var kept = try graph(small, .flat)
    try HLSFlow(name: "test", passes: passes).run(&kept) { _, _ in }
    #expect(kept.layers.map(\.name) == ["inp", "d", "b"])
  }

  @Test func consecutiveNormalizationsBecomeOne() throws {
    var small = SmallModel([3])
    small.batchNormalization("b1", gamma: 2, mean: 0)
    small.batchNormalization("b2", gamma: 3, mean: 0)
    let fused = try graph(small, .automatic, .fuseConsecutiveBatchNormalization)
    #expect(fused.layers.map(\.name) == ["inp", "b2"])
    #expect(fused.layers[1].weights[.scale]?.data.values == [6, 6, 6])
    #expect(fused.layers[1].weights[.bias]?.data.values == [2, 2, 2])
    #expect(fused.layers[1].inputs == ["inp"])
  }

  @Test func aNormalizationThatDoesNothingGoes() throws {
    var small = SmallModel([3])
    small.batchNormalization("b1", gamma: 1, mean: 0.5)
    small.batchNormalization("b2")
    let left = try graph(small, .flat, .removeNopBatchNormalization)
    #expect(left.layers.map(\.name) == ["inp", "b2"])
  }

  @Test func denseLayersOverPositionsBecomePointwiseConvolutions() throws {
    var small = SmallModel([4, 3])
    small.dense("d", 2)
    let type = "fixed<16,6,TRN,WRAP,0>"
    #expect(
      try graph(small, .flat, .denseToConvolution, .optimizePointwise, .eliminateLinearActivation).description
        == """
        inp: Input() [4, 3] result=\(type)
        d: PointwiseConv1D(inp) [4, 2] result=\(type) accum=\(type) weight=\(type) bias=\(type) out
        """)
  }

  @Test func ternaryThresholdsMoveIntoAScaling() throws {
    var small = SmallModel([3])
    small.add(
      "t", "QActivation",
      .activation(
        .quantizer(
          .qkeras(
            QKerasQuantizer(kind: .ternary(threshold: 0.25, iterations: 5), scale: .one, className: .ternary))
        )))
    let extracted = try graph(small, .flat, .extractTernaryThreshold)
    #expect(extracted.layers.map(\.className) == ["Input", "ApplyAlpha", "TernaryTanh"])
    #expect(extracted.layers.map(\.name) == ["inp", "t_scale", "t"])
    #expect(extracted.layers[1].weights[.scale]?.data.values == [2, 2, 2])
    let merged = try graph(small, .flat, .extractTernaryThreshold, .mergeQuantizedTanh)
    #expect(merged.layers.map(\.name) == ["inp", "bnbt_t_scale"])
    #expect(merged.layers[1].weights[.thresholdHigh]?.data.values == [0.25, 0.25, 0.25])
    #expect(merged.layers[1].weights[.thresholdLow]?.data.values == [-0.25, -0.25, -0.25])
    #expect(merged.layers[1].result == .integer(2))
  }

  @Test func quantizedTanhAndBinaryDenseCountBits() throws {
    var small = SmallModel([3])
    small.batchNormalization("b", gamma: 2, mean: 0.5)
    small.add(
      "t", "Activation",
      .activation(
        .quantizer(.qkeras(QKerasQuantizer(kind: .binaryTanh, scale: .one, className: .binaryTanh)))))
    small.dense(
      "d", 4, className: "BinaryDense",
      kernel: QKerasQuantizer(kind: .binary(useZeroOne: false), scale: .one, className: .binaryDense),
      bias: false)
    let merged = try graph(
      small, .flat, .mergeQuantizedTanh, .quantizeDenseOutput, .eliminateLinearActivation)
    #expect(merged.layers.map(\.name) == ["inp", "bnbt_b", "d", "d_linear"])
    #expect(merged.layers[1].result == .xnor)
    // −bias / scale = −(0.5 − 2 · 0.5) / 2.
    #expect(merged.layers[1].weights[.threshold]?.data.values == [0.25, 0.25, 0.25])
    #expect(merged.layers[2].types[.accum] == .integer(4))
    #expect(merged.layers[2].types[.weight] == .xnor)
    #expect(merged.layers[2].weights[.weight]?.data.values.allSatisfy { $0 == 0 || $0 == 1 } == true)
  }

  @Test func scaledWeightsGetALayerForTheirScale() throws {
    var small = SmallModel([3])
    small.dense(
      "d", 2, className: "QDense",
      kernel: QKerasQuantizer(
        kind: .bits(bits: 4, integer: 0, symmetric: true, keepNegative: true), scale: .auto,
        className: .quantizedBits))
    let factored = try graph(small, .automatic, .factorizeAlpha)
    #expect(factored.layers.map(\.name) == ["inp", "d", "d_alpha", "d_linear"])
    #expect(factored.layers[2].className == "ApplyAlpha")
    // What is left of the kernel lies on the quantizer's grid, and the bias has moved.
    let kernel = factored.layers[1].weights[.weight]?.data.values ?? []
    #expect(kernel.allSatisfy { ($0 * 8).rounded() == $0 * 8 } && !kernel.isEmpty)
    #expect(factored.layers[1].weights[.bias]?.data.isZeros == true)
    #expect(factored.layers[2].weights[.bias]?.data.values == [0.5, 0.5])
    #expect(factored.layers[1].weights[.weight]?.quantizer?.hasScale == false)
    // The unchanged case: alpha is 1.
    var plain = SmallModel([3])
    plain.dense(
      "d", 2, className: "QDense",
      kernel: QKerasQuantizer(
        kind: .bits(bits: 4, integer: 0, symmetric: true, keepNegative: true), scale: .one,
        className: .quantizedBits))
    #expect(try graph(plain, .automatic, .factorizeAlpha).layers.count == 3)
  }

  @Test func softmaxTablesAreNoLargerThanTheirIndex() throws {
    var small = SmallModel([3])
    small.add("s", "Activation", .activation(.softmax(axis: 0)))
    var configuration = Configuration.flat
    configuration.setLayer("inp", LayerSettings(precision: ["result": .format(FixedFormat(6, 3))]))
    let fixed = try graph(small, configuration, .fixSoftmaxTableSize)
    #expect(fixed.layers[1].tableSize == 64)
    #expect(fixed.warnings.count == 1)
    #expect(try graph(small, .flat, .fixSoftmaxTableSize).layers[1].tableSize == 1024)
  }

  @Test func aSkippedSoftmaxGoes() throws {
    var small = SmallModel([3])
    small.add("s", "Activation", .activation(.softmax(axis: 0)))
    var settings = LayerSettings()
    settings.skip = true
    var configuration = Configuration.flat
    configuration.setLayer("s", settings)
    #expect(try graph(small, configuration, .skipSoftmax).outputs == ["inp"])
    #expect(try graph(small, .flat, .skipSoftmax).outputs == ["s"])
  }

  @Test func reuseFactorsMoveToTheNearestLegalOneWithAWarning() throws {
    var small = SmallModel([6])
    small.dense("d", 4)
    var configuration = Configuration.flat
    configuration.model.strategy = .resource
    configuration.model.reuseFactor = 5
    let resolved = try graph(small, configuration, .resolveReuse)
    #expect(resolved.layers[1].reuseFactor == 5)
    #expect(resolved.layers[1].resolvedReuseFactor == 6)
    #expect(resolved.warnings.map(\.place) == ["layers[1]"])
    configuration.model.strategy = .latency
    #expect(try graph(small, configuration, .resolveReuse).warnings.isEmpty)
  }

  @Test func streamsArePaddedCopiedAndRepacked() throws {
    var small = SmallModel([4, 2])
    let kernel = Weights(shape: [3, 2, 2], values: Array(repeating: 0.5, count: 12))
    small.add(
      "c", "Conv1D",
      .convolution(
        Convolution(
          kind: .standard(groups: 1), kernel: kernel, bias: nil, strides: [1], dilation: [1], padding: .same,
          activation: .linear)))
    small.add("m", "Add", .merge(.add), inputs: [0, 1])
    small.add("r", "Reshape", .reshape, [2, 4])
    var configuration = Configuration.flat
    configuration.ioType = .stream
    var streamed = try graph(small, configuration)
    try HLSPipeline.run(&streamed)
    #expect(
      streamed.layers.map { "\($0.name): \($0.className)" } == [
        "inp: Input", "clone_inp: Clone", "zp1d_c: ZeroPadding1D", "c: Conv1D", "m: Merge",
        "repack_r: Repack",
      ])
    #expect(streamed.layers[4].inputs == ["clone_inp", "c"])
    #expect(streamed.outputs == ["repack_r"])
    var parallel = try graph(small, .flat)
    try HLSPipeline.run(&parallel)
    #expect(parallel.layers.map(\.name) == ["inp", "c", "m", "r"])
  }
}
